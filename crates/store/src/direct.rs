//! Large writes past the page cache, on a thread of their own.
//!
//! An image is written once and not read again soon. Through the page cache every byte is copied once more (a fifth of the
//! processor time of an acquisition, measured) and lies in memory until the sync at the end, which then takes as long as
//! the disk does. With `O_DIRECT` the disk works while the rest of the pipeline does, and reading back reads the disk and
//! not the memory.
//!
//! Linux wants offset, length and address aligned to the sectors of the disk; 4096 bytes satisfy every disk in use. Where
//! a file system cannot do it at all, everything goes through the cache as before.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// Alignment of offset, length and address, bytes.
const ALIGNMENT: usize = 4096;
/// Bytes handed to the disk at once, a multiple of the alignment: enough to keep a disk busy.
const BUFFER_BYTES: usize = 2 << 20;
/// One is filled, one is written, one waits.
const BUFFERS: usize = 3;

/// Bytes appended without a sync from which on it is worth it: below are logs and records, which are synced line by line.
pub(crate) const LARGE: u64 = 1 << 20;

/// Memory that begins where the disk wants it.
struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    filled: usize,
    /// Where it goes in the file.
    at: u64,
}

impl Buffer {
    fn new() -> Self {
        let bytes = vec![0; BUFFER_BYTES.saturating_add(ALIGNMENT)];
        let start = bytes.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        Self { bytes, start, filled: 0, at: 0 }
    }

    fn all(&self) -> &[u8] {
        self.bytes.get(self.start..self.start.saturating_add(self.filled)).unwrap_or_default()
    }

    /// Takes from the front of `bytes` what there is room for, and gives back the rest.
    fn take<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let room = BUFFER_BYTES.saturating_sub(self.filled);
        let (now, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        let from = self.start.saturating_add(self.filled);
        if let Some(place) = self.bytes.get_mut(from..from.saturating_add(now.len())) {
            place.copy_from_slice(now);
        }
        self.filled = self.filled.saturating_add(now.len());
        rest
    }
}

/// The end of a file being written directly.
pub(crate) struct Direct {
    /// The usual way into the same file, for what is not aligned.
    cached: Arc<File>,
    full: Option<Sender<Buffer>>,
    back: Receiver<io::Result<Buffer>>,
    thread: Option<JoinHandle<()>>,
    current: Buffer,
    spare: Vec<Buffer>,
    /// Buffers that are on their way to the disk.
    under_way: usize,
    /// Why writing failed: nothing more can be made durable.
    failed: Option<(io::ErrorKind, String)>,
}

/// How many bytes must come after `length`, so that what follows is aligned.
pub(crate) fn unaligned(length: u64) -> usize {
    usize::try_from(length.next_multiple_of(ALIGNMENT as u64).saturating_sub(length)).unwrap_or(0)
}

impl Direct {
    /// Goes on directly behind the `length` bytes of `file`, which was opened at `path`. `None` where the file system has
    /// no direct way, or `length` is not aligned.
    pub(crate) fn begin(file: &Arc<File>, path: &Path, length: u64) -> Option<Self> {
        let flags = rustix::fs::OFlags::DIRECT | rustix::fs::OFlags::NOFOLLOW;
        let direct = OpenOptions::new().write(true).custom_flags(flags.bits().cast_signed()).open(path).ok()?;
        let (ours, there) = (file.metadata().ok()?, direct.metadata().ok()?);
        // The name may have been given to something else since.
        if (ours.dev(), ours.ino()) != (there.dev(), there.ino()) || unaligned(length) != 0 {
            return None;
        }
        let (full, to_write) = channel();
        let (give_back, back) = channel();
        let cached = file.clone();
        let work = move || {
            let mut buffers = to_write.iter();
            while buffers.next().is_some_and(|buffer| give_back.send(write(&direct, &cached, buffer)).is_ok()) {}
        };
        let thread = std::thread::Builder::new().name("write".to_owned()).spawn(work).ok()?;
        Some(Self {
            cached: file.clone(),
            full: Some(full),
            back,
            thread: Some(thread),
            current: Buffer { at: length, ..Buffer::new() },
            spare: (1..BUFFERS).map(|_| Buffer::new()).collect(),
            under_way: 0,
            failed: None,
        })
    }

    /// Takes bytes; they are in the file when [`Direct::flush`] returns.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.check()?;
        let mut rest = self.current.take(bytes);
        while self.current.filled == BUFFER_BYTES {
            let mut next = match self.spare.pop() {
                Some(buffer) => buffer,
                None => self.returned()?,
            };
            (next.filled, next.at) = (0, self.current.at.saturating_add(BUFFER_BYTES as u64));
            let full = std::mem::replace(&mut self.current, next);
            // If the thread is gone, nothing comes back, and that is reported.
            let sent = self.full.as_ref().is_some_and(|queue| queue.send(full).is_ok());
            self.under_way = self.under_way.saturating_add(usize::from(sent));
            rest = self.current.take(rest);
        }
        Ok(())
    }

    /// Everything that was appended is in the file, though not yet durable.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while self.under_way > 0 {
            let buffer = self.returned()?;
            self.spare.push(buffer);
        }
        self.check()?;
        // The buffer stays as it is: when it is full, all of it is written once more.
        self.cached.write_all_at(self.current.all(), self.current.at)
    }

    /// A buffer that was written.
    fn returned(&mut self) -> io::Result<Buffer> {
        let result = self.back.recv().unwrap_or_else(|_| Err(io::Error::other("the writing thread died")));
        self.under_way = self.under_way.saturating_sub(1);
        result.inspect_err(|error| self.failed = Some((error.kind(), error.to_string())))
    }

    fn check(&self) -> io::Result<()> {
        match &self.failed {
            Some((kind, text)) => Err(io::Error::new(*kind, text.clone())),
            None => Ok(()),
        }
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        // What was appended is in the file even if nobody asks any more, as if it had been written at once.
        let _ = self.flush();
        self.full = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Writes a full buffer: directly, and what the file system will not take that way (all of it, or what is left of a short
/// write) through the cache, which then also says why it cannot be written.
fn write(direct: &File, cached: &File, buffer: Buffer) -> io::Result<Buffer> {
    let bytes = buffer.all();
    let mut done = 0_usize;
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match direct.write_at(rest, buffer.at.saturating_add(done as u64)) {
            Ok(written) if written > 0 && written % ALIGNMENT == 0 => done = done.saturating_add(written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => break,
        }
    }
    cached.write_all_at(bytes.get(done..).unwrap_or_default(), buffer.at.saturating_add(done as u64))?;
    Ok(buffer)
}
