//! Blocks of the medium, shared between threads, and the bounded pool they come from.
//!
//! The pool is the one bound of every pipeline: nobody can read further ahead than there are blocks, so queues need no
//! sizes of their own and memory does not depend on the medium. Buffers are used again, which saves the page faults of
//! fresh memory (measured: 256 faults for each MiB).

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

/// Bytes in a full block: 1 MiB, which is one stored node of the hash tree and 32 chunks of an E01.
pub const BLOCK_BYTES: usize = 1 << 20;

/// A bounded set of equal buffers.
#[derive(Clone)]
pub struct Pool {
    free: Receiver<Vec<u8>>,
    back: Sender<Vec<u8>>,
}

impl Pool {
    /// A pool of `blocks` buffers of [`BLOCK_BYTES`] each.
    #[must_use]
    pub fn new(blocks: usize) -> Self {
        let (back, free) = crossbeam_channel::bounded(blocks);
        for _ in 0..blocks {
            // The channel has room for exactly these, and its other end is alive: this cannot fail.
            let _ = back.send(Vec::new());
        }
        Self { free, back }
    }

    /// A buffer of `length` bytes (at most [`BLOCK_BYTES`]), contents unspecified; waits until one is free.
    #[must_use]
    pub fn take(&self, length: usize) -> BlockMut {
        // `self` holds the sending end, so the channel cannot be closed.
        let mut bytes = self.free.recv().unwrap_or_default();
        bytes.resize(length.min(BLOCK_BYTES), 0);
        BlockMut(Buffer { bytes, back: self.back.clone() })
    }
}

struct Buffer {
    bytes: Vec<u8>,
    back: Sender<Vec<u8>>,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // Never full: a buffer that comes back was taken. If the pool is gone, the buffer goes too.
        let _ = self.back.try_send(std::mem::take(&mut self.bytes));
    }
}

/// A block being filled by its one owner.
pub struct BlockMut(Buffer);

impl BlockMut {
    /// The block as it is now, from here on shared and unchangeable.
    #[must_use]
    pub fn share(self) -> Block {
        Block(Arc::new(self.0))
    }

    /// Takes the bytes out, so that another thread can fill them; the block is empty until [`BlockMut::put`].
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0.bytes)
    }

    /// Puts bytes in, those taken out or others, at most [`BLOCK_BYTES`].
    pub fn put(&mut self, mut bytes: Vec<u8>) {
        bytes.truncate(BLOCK_BYTES);
        self.0.bytes = bytes;
    }
}

impl Deref for BlockMut {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl DerefMut for BlockMut {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0.bytes
    }
}

/// A block shared by all lanes; its buffer returns to the pool when the last one lets go.
#[derive(Clone)]
pub struct Block(Arc<Buffer>);

impl Deref for Block {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0.bytes
    }
}
