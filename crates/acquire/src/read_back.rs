//! Reading a written image back, with fresh eyes: opened like anybody's image, before it gets its final name.

use std::sync::Arc;

use exhibit_evidence::{Cancel, Observer, Phase, Severity, Source, to_hex};
use exhibit_hash::{Algorithm, MediaError, StoredTree, Want, media_digests};
use exhibit_image::{Format, Part};

use crate::AcquireError;
use crate::pipeline::Read;
use crate::record::{Reopen, differs, digest};

/// What reading back needs.
pub(crate) struct Back<'a> {
    pub(crate) format: &'static dyn Format,
    pub(crate) algorithms: &'a [&'static dyn Algorithm],
    pub(crate) names: Vec<String>,
    pub(crate) reopen: &'a dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
    pub(crate) jobs: usize,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) cancel: &'a Cancel,
}

/// Opens the image again and compares its medium with what was read from the source.
///
/// # Errors
/// [`AcquireError::ReadBack`] if anything differs, cannot be read, or the container reports damage.
pub(crate) fn compare(back: &Back<'_>, read: &Read) -> Result<(), AcquireError> {
    let differs = |text: String| AcquireError::ReadBack { text, ranges: Vec::new() };
    let mut parts = Vec::new();
    for name in &back.names {
        let source = (back.reopen)(name).map_err(|error| differs(format!("{name} cannot be opened: {error}")))?;
        parts.push(Part { name: name.clone(), source });
    }
    let opened = back.format.open(parts)?;
    let mut findings = opened.findings;
    let image = opened.value;
    image.check_structure(&mut |finding| findings.push(finding));
    findings.retain(|finding| finding.severity > Severity::Note);
    if let Some(finding) = findings.first() {
        return Err(differs(format!("{} findings, the first: {finding}", findings.len())));
    }
    if image.size() != read.size {
        return Err(differs(format!("{} bytes instead of {}", image.size(), read.size)));
    }
    let padding = usize::try_from(image.description().padding_bytes).unwrap_or(0);
    let want = Want {
        algorithms: back.algorithms,
        tree: true,
        padding,
        jobs: back.jobs,
        files: None,
        phase: Some(Phase::Verify),
    };
    let media =
        media_digests(&*image, &want, back.observer, back.cancel, &mut |_, _| ()).map_err(|error| match error {
            MediaError::Interrupted => AcquireError::Interrupted { done_bytes: read.size },
            MediaError::LaneDied => AcquireError::Internal("a digest thread died"),
        })?;
    if let Some((range, fault)) = media.faults.first() {
        return Err(AcquireError::ReadBack { text: fault.to_string(), ranges: vec![*range] });
    }
    let root = media.root.ok_or(AcquireError::Internal("no hash tree"))?;
    if root != read.root {
        return Err(differs(format!("hash tree root {} instead of {}", to_hex(&root), to_hex(&read.root))));
    }
    if media.digests.as_ref() != Some(&read.digests) || media.padded.as_ref() != Some(&read.stored) {
        return Err(differs("the digests differ although the hash tree does not".to_owned()));
    }
    Ok(())
}

/// Size and SHA-256 of the tree file as it lies on the disk, after its nodes were found to give its root.
///
/// # Errors
/// [`AcquireError::ReadBack`] if it is not the tree that was written.
pub(crate) fn tree(reopen: Reopen<'_>, name: &str, read: &Read) -> Result<(u64, String), AcquireError> {
    let source = reopen(name).map_err(|error| differs(name, &error.to_string()))?;
    let mut stored = StoredTree::open(source.as_ref()).map_err(|error| differs(name, &error.to_string()))?;
    stored.check_root().map_err(|error| differs(name, &error.to_string()))?;
    if stored.root() != read.root || stored.size() != read.size {
        return Err(differs(name, "not the tree that was written"));
    }
    digest(reopen, name)
}
