//! Reading the source a second time, when the image is complete: does it still say what it said?

use exhibit_evidence::acquisition::SourceAgain;
use exhibit_evidence::{ByteRange, Phase, to_hex};
use exhibit_hash::tree::NODE_BYTES;
use exhibit_hash::{Algorithm, MediaError, StoredTree, Want, media_digests};
use exhibit_image::Fill;

use crate::gaps::Filled;
use crate::pipeline::Read;
use crate::{AcquireError, Doors, Job};

/// Reads `job`'s source again and compares it with what was `read` the first time. Gaps are not tried again: they count as
/// what they were filled with. A source that differs is no error: the image holds what was read first, and the record says both.
///
/// # Errors
/// If asked to stop.
pub(crate) fn compare(
    job: &Job,
    doors: &Doors<'_>,
    algorithms: &[&'static dyn Algorithm],
    (read, fill, tree_name): (&Read, Fill, &str),
) -> Result<SourceAgain, AcquireError> {
    let tree = (doors.reopen)(tree_name).map_err(|error| crate::record::differs(tree_name, &error.to_string()))?;
    let mut stored =
        StoredTree::open(tree.as_ref()).map_err(|error| crate::record::differs(tree_name, &error.to_string()))?;
    let filled = Filled { source: job.source.as_ref(), gaps: &read.gaps, fill };
    let padding = 0;
    let want = Want { algorithms, tree: true, padding, jobs: job.jobs, files: None, phase: Some(Phase::Verify) };
    let (mut first, mut count) = (None, 0_u64);
    let mut each = |index: u64, node: Option<exhibit_hash::merkle::Hash>| {
        let before = stored.node(index).ok().flatten();
        if node.is_some() && node != before {
            first = first.or(Some(index.saturating_mul(NODE_BYTES as u64)));
            count = count.saturating_add(1);
        }
    };
    let media = media_digests(&filled, &want, doors.observer, doors.cancel, &mut each);
    let media = media.map_err(|error| match error {
        MediaError::Interrupted => AcquireError::Interrupted { done_bytes: read.size },
        MediaError::LaneDied => AcquireError::Internal("a digest thread died"),
    })?;
    let mut problems = Vec::new();
    if let Some(first) = first {
        let place = ByteRange::new(first, NODE_BYTES as u64);
        problems
            .push(format!("{count} MiB hold something else than at the first reading, the first of them at {place}"));
    }
    if let Some((range, fault)) = media.faults.first() {
        problems.push(format!(
            "{} blocks could not be read again, the first of them at {range}: {fault}",
            media.faults.len()
        ));
    }
    Ok(SourceAgain {
        matches: problems.is_empty() && media.digests.as_ref() == Some(&read.digests),
        finished: doors.clock.now().to_string(),
        digests: media.digests,
        tree_root: media.root.map(|root| to_hex(&root)),
        problem: (!problems.is_empty()).then(|| problems.join("; ")),
    })
}
