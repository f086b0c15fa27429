//! A store that keeps its files in memory.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use exhibit_evidence::{Class, Segment, Store, StoreError};

/// Files by name. A segment is seen as `name.partial` until it is sealed, then as `name`. Clones share the files.
#[derive(Debug, Clone)]
pub struct MemoryStore(Arc<Mutex<Shelf>>);

#[derive(Debug)]
struct Shelf {
    files: BTreeMap<String, Vec<u8>>,
    /// Bytes that can still be appended before the disk is "full".
    room: u64,
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
        Self(Arc::new(Mutex::new(Shelf { files: BTreeMap::new(), room: bytes })))
    }

    /// Every file with its bytes, sealed or partial.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.shelf().files.clone()
    }

    /// The names alone, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.shelf().files.keys().cloned().collect()
    }

    /// The bytes of one file, under the name it has now.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.shelf().files.get(name).cloned()
    }

    /// Puts a file there, or replaces one, past all rules: for tests that tamper.
    pub fn tamper(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.shelf().files.insert(name.to_owned(), bytes.into());
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.shelf().files.insert(partial(name), Vec::new());
        Ok(Box::new(MemorySegment { store: self.clone(), name: name.to_owned(), length: 0 }))
    }

    fn exists(&self, name: &str) -> bool {
        let shelf = self.shelf();
        shelf.files.contains_key(name) || shelf.files.contains_key(&partial(name))
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
        let mut shelf = self.store.shelf();
        let fitting = bytes.len().min(usize::try_from(shelf.room).unwrap_or(usize::MAX));
        let Some(file) = shelf.files.get_mut(&partial(&self.name)) else {
            return Err(failure("write", &self.name, Class::Io, ErrorKind::NotFound));
        };
        file.extend_from_slice(bytes.get(..fitting).unwrap_or(bytes));
        self.length = file.len() as u64;
        shelf.room = shelf.room.saturating_sub(fitting as u64);
        if fitting < bytes.len() {
            return Err(failure("write", &self.name, Class::Io, ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let mut shelf = self.store.shelf();
        let file = shelf.files.get_mut(&partial(&self.name));
        let start = usize::try_from(at).ok();
        let range = start.and_then(|start| Some(start..start.checked_add(bytes.len())?));
        match file.zip(range).and_then(|(file, range)| file.get_mut(range)) {
            Some(there) => {
                there.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(failure("write", &self.name, Class::Usage, ErrorKind::InvalidInput)),
        }
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn seal(self: Box<Self>) -> Result<(), StoreError> {
        let mut shelf = self.store.shelf();
        let Some(bytes) = shelf.files.remove(&partial(&self.name)) else {
            return Err(failure("seal", &self.name, Class::Io, ErrorKind::NotFound));
        };
        shelf.files.insert(self.name.clone(), bytes);
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
}
