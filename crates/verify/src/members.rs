//! Files by name: a folder, a case, or the inside of an archive, handed in by the caller.

use std::collections::BTreeMap;
use std::sync::Arc;

use exhibit_evidence::{Cause, Finding, MemorySource, ReadFault, Severity, Source};

/// Bytes read at a time: large enough for a disk to stream, small enough for many threads.
pub const BLOCK_BYTES: usize = 1 << 20;

/// One file as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path relative to the top, `/` between parts.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Why this is not an ordinary file with a usable name (a symbolic link, a device, a name that is not UTF-8).
    pub oddity: Option<String>,
}

/// Files that can be listed and opened by name. Implementations never follow a link out of the top.
pub trait Members: Send + Sync {
    /// All files, in any order; folders are not listed.
    ///
    /// # Errors
    /// If the listing could not be read to its end.
    fn list(&self) -> Result<Vec<Entry>, ReadFault>;

    /// The bytes of one file.
    ///
    /// # Errors
    /// If there is no such file, or it could not be opened.
    fn open(&self, name: &str) -> Result<Arc<dyn Source>, ReadFault>;

    /// Reads one file from its beginning to its end, a block at a time, checking what its container says about it.
    ///
    /// `sink` returns `false` to stop early. The findings are about the container, not about the bytes.
    ///
    /// # Errors
    /// If the bytes could not be read to the end.
    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<Vec<Finding>, ReadFault> {
        stream_source(&*self.open(name)?, sink)?;
        Ok(Vec::new())
    }
}

/// Reads `source` from its beginning to its end in blocks.
pub(crate) fn stream_source(source: &dyn Source, sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), ReadFault> {
    let mut block = vec![0; BLOCK_BYTES.min(usize::try_from(source.size()).unwrap_or(BLOCK_BYTES))];
    let mut at = 0_u64;
    while at < source.size() {
        let left = usize::try_from(source.size() - at).unwrap_or(usize::MAX);
        let Some(part) = block.get_mut(..left.min(BLOCK_BYTES)) else { break };
        source.read_at(at, part)?;
        if !sink(part) {
            break;
        }
        at = at.saturating_add(part.len() as u64);
    }
    Ok(())
}

/// The whole of a small file.
///
/// # Errors
/// If it is larger than `limit_bytes`, is missing, or cannot be read.
pub(crate) fn read_small(members: &dyn Members, name: &str, limit_bytes: u64) -> Result<Vec<u8>, Finding> {
    let fault = |fault: ReadFault| unreadable(name, &fault);
    let source = members.open(name).map_err(fault)?;
    if source.size() > limit_bytes {
        let text = format!("{} bytes; this version reads such a file up to {limit_bytes} bytes", source.size());
        return Err(Finding::new(Severity::Incomplete, "limit-file-size", name, text));
    }
    let mut bytes = vec![0; usize::try_from(source.size()).unwrap_or(0)];
    source.read_at(0, &mut bytes).map_err(fault)?;
    Ok(bytes)
}

/// A read that failed, as a finding: damage is a mismatch, a failing disk leaves the file unchecked.
#[must_use]
pub fn unreadable(place: &str, fault: &ReadFault) -> Finding {
    let severity = match fault.cause {
        Cause::Corrupt(_) | Cause::PastEnd => Severity::Mismatch,
        Cause::Medium(_) | Cause::Unreadable(_) | Cause::Io(_) => Severity::Incomplete,
    };
    let at = fault.at.saturating_add(fault.good as u64);
    Finding::new(severity, "unreadable", place, format!("could not be read: {}", fault.cause)).at(at)
}

/// The fault of asking for a file that is not there.
pub(crate) fn absent(name: &str) -> ReadFault {
    let text = format!("no file named {name}");
    ReadFault::new(0, Cause::Io(std::io::Error::new(std::io::ErrorKind::NotFound, text)))
}

/// The files below one folder of other members, named relative to it.
pub struct Below<'a> {
    inner: &'a dyn Members,
    prefix: String,
}

impl<'a> Below<'a> {
    /// The files of `inner` below `folder` (no `/` at the end; empty for all of them).
    #[must_use]
    pub fn new(inner: &'a dyn Members, folder: &str) -> Self {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { inner, prefix }
    }

    /// The name among the inner members.
    pub(crate) fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

impl Members for Below<'_> {
    fn list(&self) -> Result<Vec<Entry>, ReadFault> {
        let inside = |mut entry: Entry| {
            entry.name = entry.name.strip_prefix(&self.prefix)?.to_owned();
            Some(entry)
        };
        Ok(self.inner.list()?.into_iter().filter_map(inside).collect())
    }

    fn open(&self, name: &str) -> Result<Arc<dyn Source>, ReadFault> {
        self.inner.open(&self.full(name))
    }

    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<Vec<Finding>, ReadFault> {
        self.inner.stream(&self.full(name), sink)
    }
}

/// Files in memory, for tests and for callers that already hold them.
#[derive(Debug, Clone, Default)]
pub struct MemoryMembers(BTreeMap<String, Arc<[u8]>>);

impl MemoryMembers {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) {
        self.0.insert(name.into(), bytes.into());
    }

    /// Takes a file away and returns its bytes.
    pub fn remove(&mut self, name: &str) -> Option<Arc<[u8]>> {
        self.0.remove(name)
    }

    /// Names and bytes, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, bytes)| (name.as_str(), &**bytes))
    }
}

impl Members for MemoryMembers {
    fn list(&self) -> Result<Vec<Entry>, ReadFault> {
        let entry =
            |(name, bytes): (&String, &Arc<[u8]>)| Entry { name: name.clone(), size: bytes.len() as u64, oddity: None };
        Ok(self.0.iter().map(entry).collect())
    }

    fn open(&self, name: &str) -> Result<Arc<dyn Source>, ReadFault> {
        let bytes = self.0.get(name).ok_or_else(|| absent(name))?;
        Ok(Arc::new(MemorySource::new(Arc::clone(bytes))))
    }
}
