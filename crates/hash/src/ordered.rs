//! Reads a source on several threads and hands the blocks on in order.
//!
//! Reading an E01 means inflating it, so reading wants all cores; linear digests want order. Workers take a buffer and
//! the next block number under one lock: whoever has the lowest number always has a buffer, so the bounded pool cannot
//! lock up.

use std::collections::BTreeMap;
use std::sync::Mutex;

use exhibit_evidence::{ByteRange, Cancel, ReadFault, Source};

use crate::{BLOCK_BYTES, Block, Pool};

/// One block as it was read.
pub struct Piece<R> {
    /// Where it lies on the medium.
    pub range: ByteRange,
    /// The block; after a fault its bytes are unspecified.
    pub block: Block,
    /// What `work` made of it, or why it could not be read.
    pub result: Result<R, ReadFault>,
}

/// Reads `range` of `source` in blocks on `jobs` threads, lets each thread do `work` on its block, and calls `each` with
/// the pieces in order, on the calling thread. Stops early when `cancel` is set or `each` says `false`.
///
/// `work` sees the block and its position. Blocks begin at multiples of [`BLOCK_BYTES`] from the start of `range`.
pub fn read<R: Send>(
    source: &dyn Source,
    range: ByteRange,
    pool: &Pool,
    jobs: usize,
    cancel: &Cancel,
    work: impl Fn(u64, &[u8]) -> R + Sync,
    mut each: impl FnMut(Piece<R>) -> bool,
) {
    let next = Mutex::new(0_u64);
    let stop = Cancel::new();
    let (sender, receiver) = crossbeam_channel::unbounded();
    let blocks = range.length.div_ceil(BLOCK_BYTES as u64);
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (sender, next, stop, work) = (sender.clone(), &next, &stop, &work);
            scope.spawn(move || {
                loop {
                    let (number, mut buffer, piece) = {
                        // A poisoned lock means another worker died; its panic ends the scope anyway.
                        let Ok(mut number) = next.lock() else { return };
                        if *number >= blocks || cancel.is_cancelled() || stop.is_cancelled() {
                            return;
                        }
                        let start = range.offset.saturating_add(number.saturating_mul(BLOCK_BYTES as u64));
                        let piece =
                            ByteRange::between(start, start.saturating_add(BLOCK_BYTES as u64).min(range.end()));
                        let buffer = pool.take(usize::try_from(piece.length).unwrap_or(BLOCK_BYTES));
                        *number = number.saturating_add(1);
                        (number.saturating_sub(1), buffer, piece)
                    };
                    let read = source.read_at(piece.offset, &mut buffer);
                    let result = read.map(|()| work(piece.offset, &buffer));
                    if sender.send((number, Piece { range: piece, block: buffer.share(), result })).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let (mut waiting, mut expected) = (BTreeMap::new(), 0_u64);
        'all: for (number, piece) in &receiver {
            waiting.insert(number, piece);
            while let Some(piece) = waiting.remove(&expected) {
                expected = expected.saturating_add(1);
                if !each(piece) {
                    break 'all;
                }
            }
        }
        // Workers may wait for a buffer held in `waiting` or in the channel: let go of both before the scope joins them.
        stop.cancel();
        waiting.clear();
        receiver.iter().for_each(drop);
    });
}
