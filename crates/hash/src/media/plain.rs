//! The same digests by one plain loop on the calling thread: for machines without threads (a browser), and the reference
//! that the threads are compared with.

use exhibit_evidence::{ByteRange, Cancel, Event, Observer, Source};

use super::{FAULTS_MAX, MediaDigests, MediaError, Want};
use crate::merkle::{Hash, RootBuilder};
use crate::{BLOCK_BYTES, Digester, tree};

/// As [`super::media_digests`], block after block.
pub(super) fn media_digests(
    source: &dyn Source,
    want: &Want<'_>,
    observer: &dyn Observer,
    cancel: &Cancel,
    each_node: &mut dyn FnMut(u64, Option<Hash>),
) -> Result<MediaDigests, MediaError> {
    let size = source.size();
    let mut digesters: Vec<Box<dyn Digester>> = want.algorithms.iter().map(|algorithm| algorithm.start()).collect();
    let mut out = MediaDigests { digests: None, padded: None, root: None, faults: Vec::new() };
    let mut builder = RootBuilder::new();
    let mut block = vec![0; BLOCK_BYTES];
    let (mut at, mut broken) = (0_u64, 0_u64);
    while at < size && !cancel.is_cancelled() {
        let range = ByteRange::between(at, at.saturating_add(BLOCK_BYTES as u64).min(size));
        let Some(part) = block.get_mut(..usize::try_from(range.length).unwrap_or(BLOCK_BYTES)) else { break };
        let read = source.read_at(at, part);
        let node = (want.tree && read.is_ok()).then(|| tree::node(part));
        if want.tree {
            each_node(at / BLOCK_BYTES as u64, node);
        }
        match read {
            Ok(()) if broken == 0 => {
                digesters.iter_mut().for_each(|digester| digester.update(part));
                node.iter().for_each(|node| builder.push(node));
            }
            Ok(()) => {}
            Err(fault) => {
                broken = broken.saturating_add(1);
                if out.faults.len() < FAULTS_MAX {
                    out.faults.push((range, fault));
                }
            }
        }
        at = range.end();
        if let Some(phase) = want.phase {
            observer.on(&Event::Progress { phase, done_bytes: at, faults: broken });
        }
    }
    if cancel.is_cancelled() {
        return Err(MediaError::Interrupted);
    }
    if broken == 0 {
        out.digests = Some(digesters.iter_mut().map(|digester| digester.digest()).collect());
        let padding = vec![0; want.padding.min(BLOCK_BYTES)];
        digesters.iter_mut().for_each(|digester| digester.update(&padding));
        out.padded = Some(digesters.iter_mut().map(|digester| digester.digest()).collect());
        out.root = want.tree.then(|| builder.root());
    }
    Ok(out)
}
