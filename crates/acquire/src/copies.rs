//! Two places for one image: the second may fail without spoiling the first.

use std::sync::{Arc, Mutex, PoisonError};

use exhibit_evidence::{Scratch, Segment, Store, StoreError};

/// What became of the second place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Health(Arc<Mutex<Option<String>>>);

impl Health {
    /// Why the second place is out of the race; `None` while it is not.
    pub(crate) fn problem(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The second place is out of the race from now on. The first reason counts.
    pub(crate) fn fail(&self, why: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| why.into());
    }

    /// The result, if there is one; a failure ends the second place.
    fn keep<T>(&self, result: Result<T, StoreError>) -> Option<T> {
        result.map_err(|error| self.fail(error.to_string())).ok()
    }
}

/// The second place, for a file of state that is written in both.
#[derive(Clone)]
pub(crate) struct Mirror {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) health: Health,
}

impl Mirror {
    /// Begins a file there, anew if an earlier run left one; `None` if the place has failed, or does now.
    pub(crate) fn begin(&self, name: &str) -> Option<Box<dyn Segment>> {
        match self.health.problem() {
            None => self.keep(Anew(self.store.clone()).create(name)),
            Some(_) => None,
        }
    }

    /// The result, if there is one; a failure ends the second place.
    pub(crate) fn keep<T>(&self, result: Result<T, StoreError>) -> Option<T> {
        self.health.keep(result)
    }

    /// Removes a file of state, unless the place has failed: then it may be gone on with from there. All else is done by then,
    /// so that a file that cannot be removed says nothing against the copy.
    pub(crate) fn discard(&self, name: &str) {
        if self.health.problem().is_none() {
            let _ = self.store.discard(name);
        }
    }
}

/// Writes everything twice. Maps and working files of a rescue are kept in the first place only.
pub(crate) struct Tee {
    pub(crate) first: Arc<dyn Store>,
    pub(crate) second: Arc<dyn Store>,
    pub(crate) health: Health,
}

impl Tee {
    fn both(
        &self,
        open: impl Fn(&dyn Store) -> Result<Box<dyn Segment>, StoreError>,
    ) -> Result<Box<dyn Segment>, StoreError> {
        let first = open(self.first.as_ref())?;
        let second = match self.health.problem() {
            None => self.health.keep(open(self.second.as_ref())),
            Some(_) => None,
        };
        Ok(Box::new(TeeSegment { first, second, health: self.health.clone() }))
    }
}

impl Store for Tee {
    fn create(&self, name: &str) -> Result<Box<dyn Segment>, StoreError> {
        self.both(|store| store.create(name))
    }

    fn exists(&self, name: &str) -> bool {
        self.first.exists(name)
    }

    fn resume(&self, name: &str, length: u64) -> Result<Box<dyn Segment>, StoreError> {
        self.both(|store| store.resume(name, length))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.first.replace(name, bytes)
    }

    fn scratch(&self, name: &str, size: u64) -> Result<Box<dyn Scratch>, StoreError> {
        self.first.scratch(name, size)
    }

    fn discard(&self, name: &str) -> Result<(), StoreError> {
        self.first.discard(name)
    }

    fn free_bytes(&self) -> Option<u64> {
        self.first.free_bytes()
    }
}

/// A file in two places.
struct TeeSegment {
    first: Box<dyn Segment>,
    /// `None` when the second place has failed; what it has keeps its unfinished name.
    second: Option<Box<dyn Segment>>,
    health: Health,
}

impl TeeSegment {
    /// Does the same to the second file, unless its place has failed.
    fn second(&mut self, work: impl FnOnce(&mut dyn Segment) -> Result<(), StoreError>) {
        let healthy = self.second.as_mut().filter(|_| self.health.problem().is_none());
        if healthy.and_then(|second| self.health.keep(work(second.as_mut()))).is_none() {
            self.second = None;
        }
    }
}

impl Segment for TeeSegment {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.first.append(bytes)?;
        self.second(|second| second.append(bytes));
        Ok(())
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.first.patch(at, bytes)?;
        self.second(|second| second.patch(at, bytes));
        Ok(())
    }

    fn len(&self) -> u64 {
        self.first.len()
    }

    fn rest(&mut self) -> Result<(), StoreError> {
        self.first.rest()?;
        self.second(|second| second.rest());
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.first.sync()?;
        self.second(|second| second.sync());
        Ok(())
    }

    fn seal(self: Box<Self>) -> Result<(), StoreError> {
        let Self { first, second, health } = *self;
        first.seal()?;
        if let Some(second) = second.filter(|_| health.problem().is_none()) {
            health.keep(second.seal());
        }
        Ok(())
    }
}

/// A store in which what an earlier run left unfinished is begun anew instead of being in the way.
pub(crate) struct Anew(pub(crate) Arc<dyn Store>);

impl Store for Anew {
    fn create(&self, name: &str) -> Result<Box<dyn Segment>, StoreError> {
        if self.0.exists(name) { self.0.resume(name, 0) } else { self.0.create(name) }
    }

    fn exists(&self, name: &str) -> bool {
        self.0.exists(name)
    }

    fn resume(&self, name: &str, length: u64) -> Result<Box<dyn Segment>, StoreError> {
        self.0.resume(name, length)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.replace(name, bytes)
    }

    fn scratch(&self, name: &str, size: u64) -> Result<Box<dyn Scratch>, StoreError> {
        self.0.scratch(name, size)
    }

    fn discard(&self, name: &str) -> Result<(), StoreError> {
        self.0.discard(name)
    }

    fn free_bytes(&self) -> Option<u64> {
        self.0.free_bytes()
    }
}
