//! A recorder over a store: each fact becomes a sealed segment with its checkpoint before `record` returns.

use std::sync::Arc;

use exhibit_evidence::{Clock, Fact, RecordError, Recorder, Store};

use crate::layout::FOLDER;
use crate::log::{Context, Log, NewFile};
use crate::signer::Signer;

/// Writes facts to the log of one case folder. The caller holds the folder's lock for as long as the session lives.
///
/// Should somebody write to the log all the same, the next segment's name is taken and recording fails: nothing is
/// overwritten and nothing is lost unnoticed.
pub struct Session {
    log: Log,
    context: Context,
    key: Arc<dyn Signer>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    failed: bool,
}

impl Session {
    /// A session that continues `log` in the case folder behind `store`. The context's `now` is replaced at each fact.
    #[must_use]
    pub fn new(log: Log, context: Context, key: Arc<dyn Signer>, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { log, context, key, store, clock, failed: false }
    }

    /// The log as stored so far.
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// Records several facts as one segment and returns the number of the last.
    ///
    /// # Errors
    /// If they cannot be written; after a failure of the store the session records nothing more.
    pub fn record_all(&mut self, facts: Vec<Fact>) -> Result<u64, RecordError> {
        if self.failed {
            return Err(RecordError("an earlier fact could not be stored".to_owned()));
        }
        self.context.now = self.clock.now();
        let segment = self.log.append(facts, &self.context).map_err(|error| RecordError(error.to_string()))?;
        // From here on the value is ahead of the disk until everything is stored.
        self.failed = true;
        self.publish(&segment)?;
        let checkpoint = self.log.checkpoint(self.key.as_ref()).map_err(|error| RecordError(error.to_string()))?;
        self.publish(&checkpoint)?;
        self.failed = false;
        Ok(self.log.entries().last().map_or(0, |entry| entry.record.seq))
    }

    fn publish(&self, file: &NewFile) -> Result<(), RecordError> {
        let path = format!("{FOLDER}/{}", file.name);
        self.store.publish(&path, &file.bytes).map_err(|error| RecordError(error.to_string()))
    }
}

impl Recorder for Session {
    fn record(&mut self, fact: Fact) -> Result<u64, RecordError> {
        self.record_all(vec![fact])
    }
}
