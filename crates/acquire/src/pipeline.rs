//! The read loop: one reader, digest lanes, tree and compression on all cores, one ordered writer.
//!
//! ```text
//! reader ──► block ──┬─► lane MD5, lane SHA-256, …          (one thread each)
//!   │ gaps           └─► tree node + compression (rayon) ──► reorder ──► writer (this thread)
//! ```
//!
//! The block pool is the only bound: when every block is waiting for the slowest lane or the writer, the reader waits.

use std::collections::BTreeMap;

use crossbeam_channel::{Receiver, Sender};
use exhibit_evidence::{ByteRange, Cancel, DigestSet, Event, Gap, Observer, Phase, Source};
use exhibit_hash::{Algorithm, BLOCK_BYTES, Block, Lanes, Pool, merkle, tree};
use exhibit_image::{Encoded, Encoder, ImageWriter};

use crate::reader::Reader;
use crate::tree_file::TreeFile;
use crate::{AcquireError, ReadPolicy};

/// Blocks in flight: 48 MiB. Enough for the lanes to drift apart by the 32 MiB that the E01 writer puts out in one go.
const POOL_BLOCKS: usize = 48;

/// What the read loop is given.
pub(crate) struct Loop<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) policy: Box<dyn ReadPolicy>,
    pub(crate) algorithms: &'a [&'static dyn Algorithm],
    /// Zero bytes the container stores after the medium.
    pub(crate) padding: usize,
    pub(crate) jobs: usize,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) cancel: &'a Cancel,
}

/// What the read loop found out.
pub(crate) struct Read {
    pub(crate) digests: DigestSet,
    pub(crate) stored: DigestSet,
    pub(crate) size: u64,
    pub(crate) root: merkle::Hash,
    pub(crate) gaps: Vec<Gap>,
}

/// A block on its way to the writer.
struct Made {
    number: u64,
    block: Block,
    node: merkle::Hash,
    encoded: Encoded,
}

/// What the reader thread reports when it is through.
struct ReaderEnd {
    gaps: Vec<Gap>,
    error: Option<AcquireError>,
}

/// Reads all of the source into `writer`, and the nodes of its hash tree into `tree_file`.
pub(crate) fn run(
    given: Loop<'_>,
    writer: &mut dyn ImageWriter,
    tree_file: &mut TreeFile,
) -> Result<Read, AcquireError> {
    let Loop { source, policy, algorithms, padding, jobs, observer, cancel } = given;
    let size = source.size();
    let workers = rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).build();
    let workers = workers.map_err(|_| AcquireError::Internal("no worker threads"))?;
    let pool = Pool::new(POOL_BLOCKS);
    let lanes = Lanes::start(algorithms);
    let (sender, receiver) = crossbeam_channel::unbounded();
    let stop = Cancel::new();
    observer.on(&Event::Started { phase: Phase::Acquire, total_bytes: size });

    let (end, written) = std::thread::scope(|scope| {
        let encoder = writer.encoder();
        let (lanes, workers, pool, stop) = (&lanes, &workers, &pool, &stop);
        let reader = scope.spawn(move || {
            let hand_on = |number, block: Block| {
                lanes.update(&block);
                let (sender, encoder) = (sender.clone(), encoder.clone());
                workers.spawn(move || make(number, block, encoder.as_ref(), &sender));
            };
            let reader = Reader::new(source, policy);
            read_all(reader, size, pool, &|| cancel.is_cancelled() || stop.is_cancelled(), observer, hand_on)
        });
        let written = write_in_order(&receiver, writer, tree_file, size);
        stop.cancel();
        // The reader may wait for a block that lies in the queue: empty it until the reader has let go of its end.
        receiver.iter().for_each(drop);
        (reader.join(), written)
    });
    let end = end.map_err(|_| AcquireError::Internal("the reader died"))?;
    let done_bytes = written?;
    if let Some(error) = end.error {
        return Err(error);
    }
    if cancel.is_cancelled() && done_bytes < size {
        return Err(AcquireError::Interrupted { done_bytes });
    }
    if done_bytes != size {
        return Err(AcquireError::Internal("a block was lost"));
    }
    let lanes = lanes.finish(&vec![0; padding]).map_err(|_| AcquireError::Internal("a digest thread died"))?;
    let root = tree_file.end(size)?;
    observer.on(&Event::Finished { phase: Phase::Acquire });
    Ok(Read { digests: lanes.0, stored: lanes.1, size, root, gaps: end.gaps })
}

/// Everything about a block that needs no order.
fn make(number: u64, block: Block, encoder: &dyn Encoder, sender: &Sender<Made>) {
    let node = tree::node(&block);
    let encoded = encoder.encode(&block);
    // If the writer is gone it has said why; the block is then not needed.
    let _ = sender.send(Made { number, block, node, encoded });
}

/// Writes blocks in order until all senders are gone. Returns the bytes of medium written.
fn write_in_order(
    receiver: &Receiver<Made>,
    writer: &mut dyn ImageWriter,
    tree_file: &mut TreeFile,
    size: u64,
) -> Result<u64, AcquireError> {
    let (mut waiting, mut expected, mut done_bytes) = (BTreeMap::new(), 0_u64, 0_u64);
    for made in receiver {
        waiting.insert(made.number, made);
        while let Some(made) = waiting.remove(&expected) {
            expected = expected.saturating_add(1);
            done_bytes = done_bytes.saturating_add(made.block.len() as u64);
            if done_bytes > size {
                return Err(AcquireError::Internal("more came out of the source than is in it"));
            }
            writer.write(&made.block, made.encoded)?;
            tree_file.push(&made.node)?;
        }
    }
    Ok(done_bytes)
}

/// The reader thread: reads block after block, as the policy says, and hands them on.
fn read_all(
    mut reader: Reader<'_>,
    size: u64,
    pool: &Pool,
    stopped: &dyn Fn() -> bool,
    observer: &dyn Observer,
    hand_on: impl Fn(u64, Block),
) -> ReaderEnd {
    let mut error = None;
    for number in 0..size.div_ceil(BLOCK_BYTES as u64) {
        if stopped() {
            break;
        }
        let start = number.saturating_mul(BLOCK_BYTES as u64);
        let range = ByteRange::between(start, start.saturating_add(BLOCK_BYTES as u64).min(size));
        let mut block = pool.take(usize::try_from(range.length).unwrap_or(BLOCK_BYTES));
        if let Err(failed) = reader.read_block(range, &mut block, stopped) {
            error = Some(failed);
            break;
        }
        hand_on(number, block.share());
        let faults = reader.gaps().len() as u64;
        observer.on(&Event::Progress { phase: Phase::Acquire, done_bytes: range.end(), faults });
    }
    ReaderEnd { gaps: reader.into_gaps(), error }
}
