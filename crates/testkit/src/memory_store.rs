//! A store that keeps its files in memory.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use exhibit_evidence::{Cause, Class, ReadFault, Scratch, Segment, Source, Store, StoreError};

/// Files by name. A segment is seen as `name.partial` until it is sealed, then as `name`. Clones share the files.
///
/// It can be full ([`MemoryStore::failing_after`]), and its machine can die in the middle of the work
/// ([`MemoryStore::dying_after`]); [`MemoryStore::revived`] is then what the next start finds on the disk.
#[derive(Debug, Clone)]
pub struct MemoryStore(Arc<Mutex<Shelf>>);

#[derive(Debug)]
struct Shelf {
    files: BTreeMap<String, File>,
    /// Bytes that can still be appended before the disk is "full".
    room: u64,
    /// What is still done before the machine dies.
    operations_left: u64,
    operations: u64,
}

/// A file, and what of it would survive a power cut.
#[derive(Debug, Clone, Default)]
struct File {
    bytes: Vec<u8>,
    /// Bytes at its beginning that were made durable.
    synced: usize,
    /// What stood where durable bytes were written over since.
    before: Vec<(usize, Vec<u8>)>,
}

impl File {
    fn overwrite(&mut self, at: u64, bytes: &[u8]) -> Option<()> {
        let start = usize::try_from(at).ok()?;
        let there = self.bytes.get_mut(start..start.checked_add(bytes.len())?)?;
        self.before.push((start, there.to_vec()));
        there.copy_from_slice(bytes);
        Some(())
    }

    fn sync(&mut self) {
        self.synced = self.bytes.len();
        self.before.clear();
    }

    /// The file as a power cut may leave it: what was not synced has its old bytes; `kept_bytes` of what was appended since
    /// are there by their length, and hold zeros.
    fn after_power_cut(mut self, kept_bytes: usize) -> Self {
        for (at, old) in self.before.drain(..).rev() {
            let place = self.bytes.iter_mut().skip(at);
            place.zip(old).for_each(|(byte, old)| *byte = old);
        }
        self.bytes.truncate(self.synced.saturating_add(kept_bytes));
        self.bytes.iter_mut().skip(self.synced).for_each(|byte| *byte = 0);
        self.sync();
        self
    }
}

/// How a machine dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// The process was killed: everything that was written is there.
    Killed,
    /// The power was cut: of what was not synced, up to `kept_bytes` of each file are there by length and are zeros.
    PowerCut {
        /// Bytes of each file.
        kept_bytes: usize,
    },
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store without limit.
    #[must_use]
    pub fn new() -> Self {
        Self::failing_after(u64::MAX)
    }

    /// An empty store that takes `bytes` bytes in all files together and is full then: the append that would cross
    /// the limit writes what fits, as a disk does, and fails with [`ErrorKind::StorageFull`].
    #[must_use]
    pub fn failing_after(bytes: u64) -> Self {
        Self::with(BTreeMap::new(), bytes, u64::MAX)
    }

    /// An empty store whose machine dies after `operations` (each append, patch, sync, seal, … is one): the append in which
    /// it dies writes half, everything after it fails.
    #[must_use]
    pub fn dying_after(operations: u64) -> Self {
        Self::with(BTreeMap::new(), u64::MAX, operations)
    }

    fn with(files: BTreeMap<String, File>, room: u64, operations_left: u64) -> Self {
        Self(Arc::new(Mutex::new(Shelf { files, room, operations_left, operations: 0 })))
    }

    /// What is there when the machine is started again; it dies after `operations` more.
    #[must_use]
    pub fn revived(&self, death: Death, operations: u64) -> Self {
        let files = self.shelf().files.clone().into_iter().map(|(name, file)| match death {
            Death::Killed => (name, file),
            Death::PowerCut { kept_bytes } => (name, file.after_power_cut(kept_bytes)),
        });
        Self::with(files.collect(), u64::MAX, operations)
    }

    /// Operations done so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.shelf().operations
    }

    /// Every file with its bytes, sealed or partial.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.shelf().files.iter().map(|(name, file)| (name.clone(), file.bytes.clone())).collect()
    }

    /// The names alone, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.shelf().files.keys().cloned().collect()
    }

    /// The bytes of one file, under the name it has now.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.shelf().files.get(name).map(|file| file.bytes.clone())
    }

    /// Puts a file there, or replaces one, past all rules: for tests that tamper.
    pub fn tamper(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        let bytes: Vec<u8> = bytes.into();
        let synced = bytes.len();
        self.shelf().files.insert(name.to_owned(), File { bytes, synced, before: Vec::new() });
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The shelf for one more operation.
    ///
    /// # Errors
    /// If the machine is dead. Whoever is to die in the middle of it looks at `operations_left` first.
    fn operate(&self, action: &'static str, name: &str) -> Result<MutexGuard<'_, Shelf>, StoreError> {
        let mut shelf = self.shelf();
        if shelf.operations_left == 0 {
            return Err(failure(action, name, Class::Io, ErrorKind::BrokenPipe));
        }
        shelf.operations_left = shelf.operations_left.saturating_sub(1);
        shelf.operations = shelf.operations.saturating_add(1);
        Ok(shelf)
    }
}

impl Store for MemoryStore {
    fn create(&self, name: &str) -> Result<Box<dyn Segment>, StoreError> {
        if name.is_empty() {
            return Err(failure("create", name, Class::Usage, ErrorKind::InvalidInput));
        }
        if self.exists(name) {
            return Err(failure("create", name, Class::Usage, ErrorKind::AlreadyExists));
        }
        self.operate("create", name)?.files.insert(partial(name), File::default());
        Ok(Box::new(MemorySegment { store: self.clone(), name: name.to_owned(), length: 0 }))
    }

    fn exists(&self, name: &str) -> bool {
        let shelf = self.shelf();
        shelf.files.contains_key(name) || shelf.files.contains_key(&partial(name))
    }

    fn resume(&self, name: &str, length: u64) -> Result<Box<dyn Segment>, StoreError> {
        let mut shelf = self.operate("resume", name)?;
        let Some(file) = shelf.files.get_mut(&partial(name)) else {
            return Err(failure("resume", name, Class::Io, ErrorKind::NotFound));
        };
        let cut = usize::try_from(length).ok().filter(|cut| *cut <= file.bytes.len());
        let cut = cut.ok_or_else(|| failure("resume", name, Class::Io, ErrorKind::InvalidData))?;
        file.bytes.truncate(cut);
        file.synced = file.synced.min(cut);
        // What is cut off does not come back, so what stood there before need not be kept.
        file.before.retain(|(at, old)| at.saturating_add(old.len()) <= cut);
        Ok(Box::new(MemorySegment { store: self.clone(), name: name.to_owned(), length }))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let mut shelf = self.operate("replace", name)?;
        let file = File { bytes: bytes.to_vec(), synced: bytes.len(), before: Vec::new() };
        shelf.files.insert(partial(name), file);
        Ok(())
    }

    fn scratch(&self, name: &str, size: u64) -> Result<Box<dyn Scratch>, StoreError> {
        let mut shelf = self.operate("create", name)?;
        let file = shelf.files.entry(partial(name)).or_default();
        let wanted = usize::try_from(size).ok().filter(|wanted| *wanted >= file.bytes.len());
        let wanted = wanted.ok_or_else(|| failure("create", name, Class::Io, ErrorKind::InvalidData))?;
        file.bytes.resize(wanted, 0);
        Ok(Box::new(MemoryScratch { store: self.clone(), name: name.to_owned(), size }))
    }

    fn discard(&self, name: &str) -> Result<(), StoreError> {
        self.operate("remove", name)?.files.remove(&partial(name));
        Ok(())
    }

    fn free_bytes(&self) -> Option<u64> {
        Some(self.shelf().room)
    }
}

/// A segment not yet sealed. Its bytes are on the shelf already, so that dropping it leaves them there.
struct MemorySegment {
    store: MemoryStore,
    name: String,
    length: u64,
}

impl Segment for MemorySegment {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let mut shelf = self.store.operate("write", &self.name)?;
        let dying = shelf.operations_left == 0;
        let whole = if dying { bytes.len() / 2 } else { bytes.len() };
        let fitting = whole.min(usize::try_from(shelf.room).unwrap_or(usize::MAX));
        let Some(file) = shelf.files.get_mut(&partial(&self.name)) else {
            return Err(failure("write", &self.name, Class::Io, ErrorKind::NotFound));
        };
        file.bytes.extend_from_slice(bytes.get(..fitting).unwrap_or(bytes));
        self.length = file.bytes.len() as u64;
        shelf.room = shelf.room.saturating_sub(fitting as u64);
        match (dying, fitting < bytes.len()) {
            (true, _) => Err(failure("write", &self.name, Class::Io, ErrorKind::BrokenPipe)),
            (false, true) => Err(failure("write", &self.name, Class::Io, ErrorKind::StorageFull)),
            (false, false) => Ok(()),
        }
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let mut shelf = self.store.operate("write", &self.name)?;
        let file = shelf.files.get_mut(&partial(&self.name));
        let written = file.and_then(|file| file.overwrite(at, bytes));
        written.ok_or_else(|| failure("write", &self.name, Class::Usage, ErrorKind::InvalidInput))
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        let mut shelf = self.store.operate("sync", &self.name)?;
        shelf.files.get_mut(&partial(&self.name)).into_iter().for_each(File::sync);
        Ok(())
    }

    fn seal(self: Box<Self>) -> Result<(), StoreError> {
        let mut shelf = self.store.operate("seal", &self.name)?;
        let Some(mut file) = shelf.files.remove(&partial(&self.name)) else {
            return Err(failure("seal", &self.name, Class::Io, ErrorKind::NotFound));
        };
        file.sync();
        shelf.files.insert(self.name.clone(), file);
        Ok(())
    }
}

/// A working file on the shelf.
struct MemoryScratch {
    store: MemoryStore,
    name: String,
    size: u64,
}

impl Source for MemoryScratch {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let shelf = self.store.shelf();
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let file = shelf.files.get(&partial(&self.name));
        let bytes = file.and_then(|file| file.bytes.get(start..start.checked_add(buf.len())?));
        buf.copy_from_slice(bytes.ok_or_else(|| ReadFault::new(at, Cause::Io(ErrorKind::NotFound.into())))?);
        Ok(())
    }
}

impl Scratch for MemoryScratch {
    fn write_at(&self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let mut shelf = self.store.operate("write", &self.name)?;
        let file = shelf.files.get_mut(&partial(&self.name));
        let written = file.and_then(|file| file.overwrite(at, bytes));
        written.ok_or_else(|| failure("write", &self.name, Class::Usage, ErrorKind::InvalidInput))
    }

    fn sync(&self) -> Result<(), StoreError> {
        let mut shelf = self.store.operate("sync", &self.name)?;
        shelf.files.get_mut(&partial(&self.name)).into_iter().for_each(File::sync);
        Ok(())
    }
}

/// The name of a segment that is not sealed yet.
fn partial(name: &str) -> String {
    format!("{name}.partial")
}

fn failure(action: &'static str, path: &str, class: Class, kind: ErrorKind) -> StoreError {
    StoreError { class, action, path: path.to_owned(), cause: Error::from(kind) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_partial_until_sealed_and_never_made_twice() {
        let store = MemoryStore::new();
        let mut segment = store.create("disk.E01").unwrap();
        segment.append(b"0123456789").unwrap();
        segment.patch(2, b"ab").unwrap();
        assert_eq!(segment.len(), 10);
        assert_eq!(store.names(), ["disk.E01.partial"]);
        assert!(store.exists("disk.E01") && store.create("disk.E01").is_err());
        segment.seal().unwrap();
        assert_eq!(store.get("disk.E01").unwrap(), b"01ab456789");
        assert_eq!(store.names(), ["disk.E01"]);
        assert!(store.publish("disk.E01", b"").is_err());
    }

    #[test]
    fn a_dropped_segment_leaves_its_unfinished_bytes() {
        let store = MemoryStore::new();
        store.create("a").unwrap().append(b"half").unwrap();
        assert_eq!(store.get("a.partial").unwrap(), b"half");
        assert!(store.exists("a") && store.get("a").is_none());
    }

    #[test]
    fn patching_what_was_not_written_is_refused() {
        let store = MemoryStore::new();
        let mut segment = store.create("a").unwrap();
        segment.append(b"1234").unwrap();
        assert!(segment.patch(3, b"xy").is_err());
        assert!(segment.patch(u64::MAX, b"x").is_err());
        assert_eq!(store.get("a.partial").unwrap(), b"1234");
    }

    #[test]
    fn a_full_store_takes_what_fits_and_says_so_with_the_right_kind() {
        let store = MemoryStore::failing_after(6);
        store.publish("a", b"1234").unwrap();
        let error = store.publish("b", b"5678").unwrap_err();
        assert_eq!((error.cause.kind(), error.class), (ErrorKind::StorageFull, Class::Io));
        assert_eq!(store.get("b.partial").unwrap(), b"56");
        assert!(store.create("c").unwrap().append(b"x").is_err());
    }

    #[test]
    fn a_killed_process_keeps_what_it_wrote_and_a_power_cut_what_it_synced() {
        // create, append, sync, patch, append: the fifth operation is the one in which it dies.
        let store = MemoryStore::dying_after(5);
        let mut segment = store.create("a").unwrap();
        segment.append(b"0123").unwrap();
        segment.sync().unwrap();
        segment.patch(1, b"xy").unwrap();
        segment.append(b"4567").unwrap_err();
        segment.append(b"89").unwrap_err();
        let found = |death| store.revived(death, u64::MAX).get("a.partial").unwrap();
        assert_eq!(found(Death::Killed), b"0xy345");
        assert_eq!(found(Death::PowerCut { kept_bytes: 1 }), b"0123\0");
        let revived = store.revived(Death::PowerCut { kept_bytes: 0 }, u64::MAX);
        assert!(revived.resume("a", 5).is_err(), "it is shorter");
        revived.resume("a", 2).unwrap().append(b"!").unwrap();
        assert_eq!(revived.get("a.partial").unwrap(), b"01!");
    }

    #[test]
    fn state_and_working_files_are_unfinished_names_that_can_be_removed() {
        let store = MemoryStore::new();
        store.publish("map", b"sealed").unwrap();
        store.replace("map", b"one").unwrap();
        let scratch = store.scratch("work", 8).unwrap();
        scratch.write_at(6, b"ab").unwrap();
        assert!(scratch.write_at(7, b"ab").is_err());
        let mut bytes = [1; 3];
        scratch.read_at(5, &mut bytes).unwrap();
        assert_eq!(&bytes, b"\0ab");
        assert_eq!(store.names(), ["map", "map.partial", "work.partial"]);
        store.discard("map").unwrap();
        store.discard("work").unwrap();
        assert_eq!(store.names(), ["map"]);
    }
}
