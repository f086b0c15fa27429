//! A file system of one folder with one file in it: the medium.

use std::ffi::OsStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use exhibit_evidence::{ByteRange, Instant, Known, ReadFault, Source};
use fuser::{
    AccessFlags, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner,
    OpenAccMode, OpenFlags, ReplyAttr, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs,
    Request,
};

use crate::gaps::Honest;

/// What a read gives where the medium was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    /// EIO.
    Fail,
    /// Zeros.
    Zeros,
}

/// The one file.
const FILE: INodeNo = INodeNo(2);

/// How long the kernel may remember names and attributes: nothing ever changes.
const FOREVER: Duration = Duration::from_secs(86_400);

/// Longest read answered: what the kernel asks for is at most 1 MiB.
const READ_BYTES_MAX: u32 = 16 << 20;

pub(super) struct RawFile {
    source: Honest,
    name: String,
    gaps: Gaps,
    /// Whether reads go past the page cache: where some fail, a page of 4 KiB would fail for one sector in it.
    exact: bool,
    mounted: SystemTime,
    owner: (u32, u32),
    /// Reads that met a gap or damage.
    touched: Arc<AtomicU64>,
}

impl RawFile {
    pub(super) fn new(
        source: Honest,
        name: String,
        gaps: Gaps,
        has_gaps: bool,
        now: Instant,
        touched: Arc<AtomicU64>,
    ) -> Self {
        let since = Duration::from_secs(u64::try_from(now.unix_seconds()).unwrap_or(0));
        let mounted = UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH);
        let exact = has_gaps && gaps == Gaps::Fail;
        Self { source, name, gaps, exact, mounted, owner: (0, 0), touched }
    }

    fn attributes(&self, node: INodeNo) -> FileAttr {
        let is_file = node == FILE;
        let size = if is_file { self.source.size() } else { 0 };
        FileAttr {
            ino: node,
            size,
            blocks: size.div_ceil(512),
            atime: self.mounted,
            mtime: self.mounted,
            ctime: self.mounted,
            crtime: self.mounted,
            kind: if is_file { FileType::RegularFile } else { FileType::Directory },
            perm: if is_file { 0o444 } else { 0o555 },
            nlink: if is_file { 1 } else { 2 },
            uid: self.owner.0,
            gid: self.owner.1,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }

    /// All of `buf`, or an error: a short answer would be filled with zeros by the kernel or by a loop device.
    fn fill(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        if self.gaps == Gaps::Fail {
            return self.source.read_at(at, buf);
        }
        let mut done = 0_usize;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(done as u64);
            let wanted = ByteRange::new(here, rest.len() as u64);
            let (run, known) = self.source.known(wanted);
            let length = usize::try_from(run.length).unwrap_or(rest.len()).clamp(1, rest.len());
            let Some(piece) = rest.get_mut(..length) else { break };
            if known == Known::Unreadable {
                self.touched.fetch_add(1, Ordering::Relaxed);
                piece.fill(0);
            } else {
                self.source.read_at(here, piece)?;
            }
            done = done.saturating_add(length);
        }
        Ok(())
    }
}

impl Filesystem for RawFile {
    fn init(&mut self, request: &Request, config: &mut fuser::KernelConfig) -> std::io::Result<()> {
        self.owner = (request.uid(), request.gid());
        // Larger requests, fewer of them; the kernel takes what it can of this.
        if let Err(most) = config.set_max_readahead(1 << 20) {
            let _ = config.set_max_readahead(most);
        }
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        if parent == INodeNo::ROOT && name == OsStr::new(&self.name) {
            reply.entry(&FOREVER, &self.attributes(FILE), Generation(0));
        } else {
            reply.error(Errno::ENOENT);
        }
    }

    fn getattr(&self, _: &Request, node: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        if node == INodeNo::ROOT || node == FILE {
            reply.attr(&FOREVER, &self.attributes(node));
        } else {
            reply.error(Errno::ENOENT);
        }
    }

    fn open(&self, _: &Request, node: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        if node != FILE {
            return reply.error(Errno::EISDIR);
        }
        if flags.acc_mode() != OpenAccMode::O_RDONLY {
            return reply.error(Errno::EROFS);
        }
        let how = if self.exact { FopenFlags::FOPEN_DIRECT_IO } else { FopenFlags::FOPEN_KEEP_CACHE };
        reply.opened(FileHandle(0), how);
    }

    fn read(
        &self,
        _: &Request,
        node: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        if node != FILE {
            return reply.error(Errno::EISDIR);
        }
        let left = self.source.size().saturating_sub(offset);
        let length = u64::from(size.min(READ_BYTES_MAX)).min(left);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        match self.fill(offset, &mut bytes) {
            Ok(()) => reply.data(&bytes),
            Err(_) => {
                self.touched.fetch_add(1, Ordering::Relaxed);
                reply.error(Errno::EIO);
            }
        }
    }

    fn readdir(&self, _: &Request, node: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        if node != INodeNo::ROOT {
            return reply.error(Errno::ENOTDIR);
        }
        let entries = [
            (INodeNo::ROOT, FileType::Directory, "."),
            (INodeNo::ROOT, FileType::Directory, ".."),
            (FILE, FileType::RegularFile, self.name.as_str()),
        ];
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        for (next, (node, kind, name)) in (1_u64..).zip(entries).skip(start) {
            if reply.add(node, next, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        reply.statfs(self.source.size().div_ceil(512), 0, 0, 1, 0, 512, 255, 512);
    }

    fn access(&self, _: &Request, _: INodeNo, mask: AccessFlags, reply: ReplyEmpty) {
        if mask.contains(AccessFlags::W_OK) { reply.error(Errno::EROFS) } else { reply.ok() }
    }
}
