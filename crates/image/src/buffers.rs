//! Memory for encoded blocks, used again: fresh memory costs a page fault for each 4 KiB, and gives as many back.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers kept for the next blocks; what an E01 or AFF4 gathers before it writes (32 blocks), and some under way.
const KEPT_MAX: usize = 48;

/// Where buffers come from and go back to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    /// An empty buffer with room for `bytes`.
    pub(crate) fn take(&self, bytes: usize) -> Vec<u8> {
        let mut buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        buffer.reserve(bytes);
        buffer
    }

    /// Shares a filled buffer; when the last one lets go of it, it can be taken again.
    pub(crate) fn share(&self, bytes: Vec<u8>) -> Arc<Buffer> {
        Arc::new(Buffer { bytes, home: self.clone() })
    }
}

/// A filled buffer.
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    home: Buffers,
}

impl Deref for Buffer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut kept = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_MAX {
            kept.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_taken_again_when_nobody_has_it_any_more() {
        let buffers = Buffers::default();
        let mut first = buffers.take(1000);
        first.extend_from_slice(&[1, 2, 3]);
        let place = first.as_ptr();
        let shared = buffers.share(first);
        let other = shared.clone();
        drop(shared);
        let second = buffers.take(10);
        assert_ne!(second.as_ptr(), place, "somebody has it");
        assert_eq!(&**other, &[1, 2, 3][..]);
        drop(other);
        let again = buffers.take(1000);
        assert!(again.is_empty() && again.as_ptr() == place);
    }
}
