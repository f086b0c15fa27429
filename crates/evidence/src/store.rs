//! Writing results: segments are created, appended, sealed; a sealed name never changes.

use crate::Class;

/// A place for results. Names are relative, with `/` between parts.
pub trait Store: Send + Sync {
    /// Begins a new segment. Until it is sealed it exists only under a name that says it is unfinished.
    ///
    /// # Errors
    /// If the name exists, sealed or unfinished, or cannot be created.
    fn create(&self, name: &str) -> Result<Box<dyn Segment>, StoreError>;

    /// Whether the name exists, sealed or unfinished.
    fn exists(&self, name: &str) -> bool;

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
