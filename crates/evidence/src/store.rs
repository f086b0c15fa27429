//! Writing results: segments are created, appended, sealed; a sealed name never changes.

use crate::{Class, Source};

/// A place for results. Names are relative, with `/` between parts.
pub trait Store: Send + Sync {
    /// Begins a new segment. Until it is sealed it exists only under a name that says it is unfinished.
    ///
    /// # Errors
    /// If the name exists, sealed or unfinished, or cannot be created.
    fn create(&self, name: &str) -> Result<Box<dyn Segment>, StoreError>;

    /// Whether the name exists, sealed or unfinished.
    fn exists(&self, name: &str) -> bool;

    /// Opens an unfinished segment again and cuts it to `length` bytes. Sealed ones are out of reach.
    ///
    /// # Errors
    /// If there is no unfinished segment of that name, it is shorter, or the store cannot.
    fn resume(&self, name: &str, length: u64) -> Result<Box<dyn Segment>, StoreError> {
        let _ = length;
        Err(StoreError::unsupported("resume", name))
    }

    /// Puts a small file of state in the place of the one before, so that after a crash either is there, whole. For
    /// pointers and maps of work under way, never for evidence; [`Store::discard`] removes it.
    ///
    /// # Errors
    /// If it cannot be written.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let _ = bytes;
        Err(StoreError::unsupported("replace", name))
    }

    /// A working file of `size` bytes that can be written anywhere; opened again if it is there under its unfinished name.
    ///
    /// # Errors
    /// If it cannot be made.
    fn scratch(&self, name: &str, size: u64) -> Result<Box<dyn Scratch>, StoreError> {
        let _ = size;
        Err(StoreError::unsupported("create", name))
    }

    /// Removes a state file or a working file of ours. What was sealed is out of reach.
    ///
    /// # Errors
    /// If it is there and cannot be removed.
    fn discard(&self, name: &str) -> Result<(), StoreError> {
        Err(StoreError::unsupported("remove", name))
    }

    /// Bytes that can still be written; `None` if nobody knows.
    fn free_bytes(&self) -> Option<u64> {
        None
    }

    /// A small file at once: written, synced, sealed.
    ///
    /// # Errors
    /// As [`Store::create`], and if writing fails.
    fn publish(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let mut segment = self.create(name)?;
        segment.append(bytes)?;
        segment.seal()
    }
}

/// A file being made. Dropping it without sealing leaves the unfinished name behind, on purpose.
pub trait Segment: Send {
    /// Adds bytes at the end.
    ///
    /// # Errors
    /// If they could not be written, for example because the disk is full.
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Replaces bytes that were appended before: sizes known late.
    ///
    /// # Errors
    /// If the range was not written yet, or writing fails.
    fn patch(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError>;

    /// Bytes appended so far.
    fn len(&self) -> u64;

    /// Whether nothing was appended yet.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Nothing is appended for a while: what is held back for larger writes is handed to the system.
    ///
    /// # Errors
    /// If it could not be written.
    fn rest(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Makes what was appended durable, still under the unfinished name.
    ///
    /// # Errors
    /// If the bytes could not be made durable.
    fn sync(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Synced and given its final name; from here on nothing of ours can change it.
    ///
    /// # Errors
    /// If it could not be synced or named.
    fn seal(self: Box<Self>) -> Result<(), StoreError>;
}

/// A working file: what it holds is not evidence until it was copied into some. Unwritten ranges read as zeros.
pub trait Scratch: Source {
    /// Writes `bytes` at `at`, inside the size.
    ///
    /// # Errors
    /// If they could not be written.
    fn write_at(&self, at: u64, bytes: &[u8]) -> Result<(), StoreError>;

    /// Makes what was written durable.
    ///
    /// # Errors
    /// If it could not be made durable.
    fn sync(&self) -> Result<(), StoreError>;
}

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{action} {path}: {cause}")]
pub struct StoreError {
    /// Class for callers.
    pub class: Class,
    /// What was tried: `create`, `write`, `sync`, `seal`.
    pub action: &'static str,
    /// The file concerned.
    pub path: String,
    /// Why it failed.
    pub cause: std::io::Error,
}

impl StoreError {
    /// The store has no such ability.
    fn unsupported(action: &'static str, name: &str) -> Self {
        let cause = std::io::Error::new(std::io::ErrorKind::Unsupported, "this store cannot do that");
        Self { class: Class::Unsupported, action, path: name.to_owned(), cause }
    }
}
