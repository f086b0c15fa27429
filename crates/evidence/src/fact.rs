//! Facts: what was done, to whom it was done, and why. They go to the custody log and are never dropped.

use serde_json::{Map, Value};

/// Something that was done, before the custody log gives it a number, a time and a place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The event of the chain of custody: `acquired`, `verified`, `derived`, `packaged`, `note`, …
    pub action: String,
    /// What it concerns: usually `item`, `name`, `sha256`, `size`.
    pub object: Map<String, Value>,
    /// Why, in the words of the person who did it; required whenever the safe path was left.
    pub reason: Option<String>,
    /// Parameters and results, as the tool knows them.
    pub details: Map<String, Value>,
}

impl Fact {
    /// A fact without object, reason or details.
    #[must_use]
    pub fn new(action: &str) -> Self {
        Self { action: action.to_owned(), object: Map::new(), reason: None, details: Map::new() }
    }

    /// The same fact with one more entry about its object.
    #[must_use]
    pub fn object(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.object.insert(key.to_owned(), value.into());
        self
    }

    /// The same fact with one more detail.
    #[must_use]
    pub fn detail(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// The same fact with its reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// Why a fact could not be recorded. The work must stop then: nothing happens off the record.
#[derive(Debug, thiserror::Error)]
#[error("the fact could not be recorded: {0}")]
pub struct RecordError(pub String);

/// Somebody who records facts and does not lose them.
pub trait Recorder: Send {
    /// Records `fact` durably before returning its sequence number.
    ///
    /// # Errors
    /// If it could not be recorded; the caller must not go on.
    fn record(&mut self, fact: Fact) -> Result<u64, RecordError>;
}
