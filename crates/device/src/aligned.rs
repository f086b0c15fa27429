//! Buffers whose address suits direct I/O.

/// Page size on every platform this runs on; direct I/O wants addresses, lengths and offsets in logical sectors, and a
/// page is a multiple of every logical sector size in use.
const PAGE: usize = 4096;

/// A buffer of at least `length` bytes that begins on a page.
pub(crate) struct AlignedBuffer {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

impl AlignedBuffer {
    pub(crate) fn new(length: usize) -> Self {
        let bytes = vec![0; length.saturating_add(PAGE)];
        let start = bytes.as_ptr().addr().next_multiple_of(PAGE).saturating_sub(bytes.as_ptr().addr());
        Self { bytes, start, length }
    }

    pub(crate) fn as_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..).and_then(|tail| tail.get_mut(..self.length)).unwrap_or_default()
    }
}
