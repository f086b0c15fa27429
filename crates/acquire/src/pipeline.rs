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
use exhibit_evidence::{ByteRange, Cancel, DigestSet, Event, Gap, Observer, Phase};
use exhibit_hash::{Algorithm, BLOCK_BYTES, Block, Lanes, Pool, Threads, merkle, sha256, tree};
use exhibit_image::{Encoded, Encoder, ImageWriter};

use crate::AcquireError;
use crate::gaps::{join, within};
use crate::keeping::Keeping;
use crate::reader::{Reader, Reading};
use crate::tree_file::TreeFile;

/// Blocks in flight: 48 MiB. Enough for the lanes to drift apart by the 32 MiB that the E01 writer puts out in one go.
const POOL_BLOCKS: usize = 48;

/// So many threads or fewer are few. The tree of a raw image is then computed on that of the SHA-256; and where blocks are
/// encoded, all work together takes longer than the slowest lane.
const FEW_JOBS: usize = 2;

/// How many threads lanes may have beside `jobs` that encode for `writer`.
pub(crate) fn threads(jobs: usize, writer: &dyn ImageWriter) -> Threads {
    if jobs <= FEW_JOBS && !writer.is_medium() { Threads::Few } else { Threads::Each }
}

/// What the read loop is given.
pub(crate) struct Loop<'a> {
    pub(crate) reading: Reading<'a>,
    /// Zero bytes the container stores after the medium.
    pub(crate) padding: usize,
    pub(crate) jobs: usize,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) cancel: &'a Cancel,
}

/// What is done already: nothing, or the sealed part of an unfinished image, read again.
pub(crate) struct SoFar {
    pub(crate) lanes: Lanes,
    pub(crate) tree: TreeFile,
    pub(crate) gaps: Vec<Gap>,
    /// A multiple of [`BLOCK_BYTES`], or all.
    pub(crate) medium_bytes: u64,
}

impl SoFar {
    /// Nothing.
    pub(crate) fn nothing(algorithms: &[&'static dyn Algorithm], threads: Threads, tree: TreeFile) -> Self {
        Self { lanes: Lanes::start(algorithms, threads), tree, gaps: Vec::new(), medium_bytes: 0 }
    }
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
    /// What in it is fill.
    gaps: Vec<Gap>,
    node: merkle::Hash,
    encoded: Encoded,
}

/// Reads what is left of the source into `writer`, and the nodes of its hash tree into the tree file.
pub(crate) fn run(
    given: Loop<'_>,
    so_far: SoFar,
    writer: &mut dyn ImageWriter,
    keeping: &mut Keeping<'_>,
) -> Result<(Read, TreeFile), AcquireError> {
    let Loop { reading, padding, jobs, observer, cancel } = given;
    let size = reading.source.size();
    let workers = rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).build();
    let workers = workers.map_err(|_| AcquireError::Internal("no worker threads"))?;
    let pool = Pool::new(POOL_BLOCKS);
    let SoFar { lanes, tree, gaps, medium_bytes } = so_far;
    let mut out = Out { writer, keeping, tree, gaps, done_bytes: medium_bytes, size };
    let (sender, receiver) = crossbeam_channel::unbounded();
    let stop = Cancel::new();
    // Where nothing is encoded, and cores are few, the tree can be nearly free beside the SHA-256; with many cores it is
    // faster by itself.
    let beside =
        out.writer.is_medium() && lanes.has_room_for_tree() && jobs <= FEW_JOBS && sha256::pairs_are_nearly_free();
    out.writer.hash_files_on(&lanes.files(), lanes.has_sha256_beside_files());
    observer.on(&Event::Started { phase: Phase::Acquire, total_bytes: size });

    let (end, written) = std::thread::scope(|scope| {
        let encoder = out.writer.encoder();
        let (lanes, workers, pool, stop) = (&lanes, &workers, &pool, &stop);
        let reader = scope.spawn(move || {
            let hand_on = |number, block: Block, gaps| {
                let (sender, encoder) = (sender.clone(), encoder.clone());
                if beside {
                    let made = block.clone();
                    let done = move |node| {
                        let encoded = Encoded::default();
                        let _ = sender.send(Made { number, block: made, gaps, node, encoded });
                    };
                    return lanes.update_for_node(&block, done);
                }
                lanes.update(&block);
                workers.spawn(move || make(number, block, gaps, encoder.as_ref(), &sender));
            };
            let reader = Reader::new(reading);
            let blocks = medium_bytes.div_ceil(BLOCK_BYTES as u64)..size.div_ceil(BLOCK_BYTES as u64);
            let stopped = || cancel.is_cancelled() || stop.is_cancelled();
            read_all(reader, (blocks, size), pool, &stopped, observer, hand_on)
        });
        let written = out.write_in_order(&receiver);
        stop.cancel();
        // The reader may wait for a block that lies in the queue: empty it until the reader has let go of its end.
        receiver.iter().for_each(drop);
        (reader.join(), written)
    });
    let end = end.map_err(|_| AcquireError::Internal("the reader died"))?;
    written?;
    if let Some(error) = end.err().or_else(|| out.interrupted(cancel)) {
        // What was read must not be read again. If that fails as well, an earlier mark holds and the first error counts.
        let _ = out.keeping.mark(&out.gaps, out.writer);
        return Err(error);
    }
    if out.done_bytes != size {
        return Err(AcquireError::Internal("a block was lost"));
    }
    let lanes = lanes.finish(&vec![0; padding]).map_err(|_| AcquireError::Internal("a digest thread died"))?;
    let root = out.tree.end(size)?;
    observer.on(&Event::Finished { phase: Phase::Acquire });
    Ok((Read { digests: lanes.0, stored: lanes.1, size, root, gaps: out.gaps }, out.tree))
}

/// Everything about a block that needs no order.
fn make(number: u64, block: Block, gaps: Vec<Gap>, encoder: &dyn Encoder, sender: &Sender<Made>) {
    let node = tree::node(&block);
    let encoded = encoder.encode(&block);
    // If the writer is gone it has said why; the block is then not needed.
    let _ = sender.send(Made { number, block, gaps, node, encoded });
}

/// Where blocks go, in order.
struct Out<'a, 'k> {
    writer: &'a mut dyn ImageWriter,
    keeping: &'a mut Keeping<'k>,
    tree: TreeFile,
    gaps: Vec<Gap>,
    done_bytes: u64,
    size: u64,
}

impl Out<'_, '_> {
    /// Writes blocks in order until all senders are gone.
    fn write_in_order(&mut self, receiver: &Receiver<Made>) -> Result<(), AcquireError> {
        let (mut waiting, mut expected) = (BTreeMap::new(), self.done_bytes.div_ceil(BLOCK_BYTES as u64));
        for made in receiver {
            waiting.insert(made.number, made);
            while let Some(made) = waiting.remove(&expected) {
                expected = expected.saturating_add(1);
                self.write(made)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, made: Made) -> Result<(), AcquireError> {
        let done_bytes = self.done_bytes.saturating_add(made.block.len() as u64);
        if done_bytes > self.size {
            return Err(AcquireError::Internal("more came out of the source than is in it"));
        }
        self.writer.write(&made.block, made.encoded)?;
        self.tree.push(&made.node)?;
        self.done_bytes = done_bytes;
        made.gaps.into_iter().for_each(|gap| join(&mut self.gaps, gap));
        match self.keeping.written(&made.node, done_bytes, &self.gaps, self.writer) {
            Err(error @ AcquireError::SpaceEnds { .. }) => {
                let _ = self.keeping.mark(&self.gaps, self.writer);
                Err(error)
            }
            other => other,
        }
    }

    /// The error of being asked to stop before the end.
    fn interrupted(&self, cancel: &Cancel) -> Option<AcquireError> {
        let early = cancel.is_cancelled() && self.done_bytes < self.size;
        early.then_some(AcquireError::Interrupted { done_bytes: self.done_bytes })
    }
}

/// The reader thread: reads block after block, as the policy says, and hands them on with their gaps.
fn read_all(
    mut reader: Reader<'_>,
    (blocks, size): (std::ops::Range<u64>, u64),
    pool: &Pool,
    stopped: &dyn Fn() -> bool,
    observer: &dyn Observer,
    hand_on: impl Fn(u64, Block, Vec<Gap>),
) -> Result<(), AcquireError> {
    for number in blocks {
        if stopped() {
            break;
        }
        let start = number.saturating_mul(BLOCK_BYTES as u64);
        let range = ByteRange::between(start, start.saturating_add(BLOCK_BYTES as u64).min(size));
        let mut block = pool.take(usize::try_from(range.length).unwrap_or(BLOCK_BYTES));
        reader.read_block(range, &mut block, stopped)?;
        hand_on(number, block.share(), within(reader.gaps(), range));
        let faults = reader.gaps().len() as u64;
        observer.on(&Event::Progress { phase: Phase::Acquire, done_bytes: range.end(), faults });
    }
    Ok(())
}
