//! All digests of a medium in one pass: linear lanes and hash tree side by side.

mod plain;

use exhibit_evidence::{ByteRange, Cancel, DigestSet, Event, Observer, Phase, ReadFault, Source};

use crate::merkle::{Hash, RootBuilder};
use crate::{Algorithm, BLOCK_BYTES, FileLane, Lanes, Pool, Threads, ordered, tree};

/// What to compute.
pub struct Want<'a> {
    /// Linear digests.
    pub algorithms: &'a [&'static dyn Algorithm],
    /// Whether to compute the hash tree.
    pub tree: bool,
    /// Zero bytes to append for a second set of digests (E01 pads to a sector).
    pub padding: usize,
    /// Threads that read and hash the tree; 0: everything on the calling thread, and no other is started.
    pub jobs: usize,
    /// Where files are hashed beside the medium; `None` if there are none.
    pub files: Option<&'a FileLane>,
    /// Under which name progress is announced; `None` for silence.
    pub phase: Option<Phase>,
}

/// What was computed.
#[derive(Debug)]
pub struct MediaDigests {
    /// Linear digests; `None` if a part could not be read: a digest of less than all is not given.
    pub digests: Option<DigestSet>,
    /// The same followed by the padding.
    pub padded: Option<DigestSet>,
    /// Root of the hash tree, if wanted and all was read.
    pub root: Option<Hash>,
    /// Every block that could not be read, with the reason.
    pub faults: Vec<(ByteRange, ReadFault)>,
}

/// Why there are no digests.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// Asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A thread died.
    #[error("a digest thread died")]
    LaneDied,
}

/// Faults that are listed one by one; more are counted in the last one's place only, to bound memory on a broken image.
const FAULTS_MAX: usize = 10_000;
/// Blocks in flight: enough to keep the slowest lane busy while others run ahead; 32 MiB.
const POOL_BLOCKS: usize = 32;
/// So many cores are few: all work together takes longer than the slowest lane.
const FEW_JOBS: usize = 2;

/// Reads all of `source` and computes what is wanted. `each_node` is told the node over each MiB in order; `None` where it
/// could not be read. It is not called if no tree is wanted.
///
/// # Errors
/// If interrupted. Unreadable blocks are not errors: they are listed, and digests of the whole are then absent.
pub fn media_digests(
    source: &dyn Source,
    want: &Want<'_>,
    observer: &dyn Observer,
    cancel: &Cancel,
    each_node: &mut dyn FnMut(u64, Option<Hash>),
) -> Result<MediaDigests, MediaError> {
    let size = source.size();
    let started = |phase| observer.on(&Event::Started { phase, total_bytes: size });
    want.phase.into_iter().for_each(started);
    if want.jobs == 0 {
        let out = plain::media_digests(source, want, observer, cancel, each_node)?;
        want.phase.into_iter().for_each(|phase| observer.on(&Event::Finished { phase }));
        return Ok(out);
    }
    let pool = Pool::new(POOL_BLOCKS);
    // Reading an image and hashing its tree is as much work as the lanes.
    let threads = if want.tree && want.jobs <= FEW_JOBS { Threads::Few } else { Threads::Each };
    let lanes = match want.files {
        Some(files) => Lanes::start_beside(want.algorithms, threads, files.clone()),
        None => Lanes::start(want.algorithms, threads),
    };
    let mut out = MediaDigests { digests: None, padded: None, root: None, faults: Vec::new() };
    let (mut builder, mut index) = (RootBuilder::new(), 0_u64);
    let work = |_, block: &[u8]| want.tree.then(|| tree::node(block));
    let mut broken = 0_u64;
    ordered::read(source, ByteRange::new(0, size), &pool, want.jobs, cancel, work, |piece| {
        let node = piece.result.as_ref().ok().copied().flatten();
        if want.tree {
            each_node(index, node);
        }
        index = index.saturating_add(1);
        match piece.result {
            Ok(node) => {
                if broken == 0 {
                    lanes.update(&piece.block);
                    node.iter().for_each(|node| builder.push(node));
                }
            }
            Err(fault) => {
                broken = broken.saturating_add(1);
                if out.faults.len() < FAULTS_MAX {
                    out.faults.push((piece.range, fault));
                }
            }
        }
        if let Some(phase) = want.phase {
            observer.on(&Event::Progress { phase, done_bytes: piece.range.end(), faults: broken });
        }
        true
    });
    if cancel.is_cancelled() {
        return Err(MediaError::Interrupted);
    }
    let (digests, padded) = lanes.finish(&vec![0; want.padding.min(BLOCK_BYTES)]).map_err(|_| MediaError::LaneDied)?;
    if broken == 0 {
        (out.digests, out.padded) = (Some(digests), Some(padded));
        out.root = want.tree.then(|| builder.root());
    }
    want.phase.into_iter().for_each(|phase| observer.on(&Event::Finished { phase }));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{MemorySource, Silent};

    use super::*;
    use crate::ALGORITHMS;

    #[test]
    fn any_number_of_threads_gives_the_digests_of_one_plain_loop() {
        let bytes: Vec<u8> = (0..5 * BLOCK_BYTES + 77).map(|n| (n / 3 % 251) as u8).collect();
        let expected: DigestSet = ALGORITHMS
            .iter()
            .map(|algorithm| {
                let mut digester = algorithm.start();
                digester.update(&bytes);
                digester.digest()
            })
            .collect();
        for jobs in [0, 1, 2, 7] {
            let want = Want { algorithms: ALGORITHMS, tree: true, padding: 0, jobs, files: None, phase: None };
            let mut nodes = Vec::new();
            let mut each = |_, node: Option<Hash>| nodes.extend(node);
            let source = MemorySource::new(bytes.clone());
            let got = media_digests(&source, &want, &Silent, &Cancel::new(), &mut each).unwrap();
            assert_eq!(got.digests.as_ref(), Some(&expected), "{jobs} threads");
            let expected: Vec<Hash> = bytes.chunks(tree::NODE_BYTES).map(tree::node).collect();
            assert_eq!((got.root, &nodes), (Some(crate::merkle::root(&expected)), &expected), "{jobs} threads");
        }
    }
}
