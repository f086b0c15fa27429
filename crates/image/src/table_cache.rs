//! Loaded chunk tables, a bounded number of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Loaded tables kept: the readers of all cores work within a few neighbouring tables. 16 tables of the largest usual
/// size (65534 entries) are 24 MiB.
const TABLES_KEPT: usize = 16;
/// Entries of loaded tables kept, up to 24 bytes each; the newest table is kept whatever its size, which the table limit
/// bounds.
const ENTRIES_KEPT: usize = 4_000_000;

/// Entries of a loaded table, or the sentence why there are none.
pub(crate) type Loaded<E> = Arc<Result<Vec<E>, String>>;

/// Tables by their index, the newest last.
pub(crate) struct TableCache<E> {
    loaded: Mutex<VecDeque<(usize, Loaded<E>)>>,
}

impl<E> TableCache<E> {
    pub(crate) fn new() -> Self {
        Self { loaded: Mutex::default() }
    }

    /// Table `index`, loaded by `load` if it is not there.
    pub(crate) fn get(&self, index: usize, load: impl FnOnce() -> Result<Vec<E>, String>) -> Loaded<E> {
        let lock = || self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, loaded)) = lock().iter().find(|(kept, _)| *kept == index) {
            return loaded.clone();
        }
        let loaded = Arc::new(load());
        let mut kept = lock();
        kept.push_back((index, loaded.clone()));
        let length = |loaded: &Loaded<E>| loaded.as_ref().as_ref().map_or(0, Vec::len);
        let mut total: usize = kept.iter().map(|(_, loaded)| length(loaded)).sum();
        while kept.len() > 1 && (kept.len() > TABLES_KEPT || total > ENTRIES_KEPT) {
            let oldest = kept.pop_front().map_or(0, |(_, loaded)| length(&loaded));
            total = total.saturating_sub(oldest);
        }
        loaded
    }
}
