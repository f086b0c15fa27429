//! What one judgement may cost.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, PoisonError};

use exhibit_evidence::Cancel;

use crate::stop::Stop;

/// Memory shared by all judges. Who asks for more than is free waits, so the sum stays bounded and no verdict
/// depends on who came first.
#[derive(Debug)]
pub struct MemoryPool {
    free: Mutex<u64>,
    returned: Condvar,
    /// The most one judge may ask for, in bytes.
    most: u64,
}

impl MemoryPool {
    /// A pool of `total` bytes of which one judge may have `most` (at most the whole pool).
    #[must_use]
    pub fn new(total: u64, most: u64) -> Self {
        Self { free: Mutex::new(total), returned: Condvar::new(), most: most.min(total) }
    }

    /// Waits until `bytes` are free, then holds them. `None` if one judge may not have that many.
    pub(crate) fn take(&self, bytes: u64) -> Option<Held<'_>> {
        if bytes > self.most {
            return None;
        }
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = self.returned.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free = free.saturating_sub(bytes);
        Some(Held { pool: Some(self), bytes })
    }
}

/// Memory held until dropped. A judge holds at most one at a time, so nobody waits for somebody who waits.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    pool: Option<&'a MemoryPool>,
    bytes: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(pool) = self.pool {
            let mut free = pool.free.lock().unwrap_or_else(PoisonError::into_inner);
            *free = free.saturating_add(self.bytes);
            pool.returned.notify_all();
        }
    }
}

/// The work, memory and patience left for one candidate.
#[derive(Debug)]
pub struct Budget<'a> {
    left: Cell<u64>,
    spent: Cell<u64>,
    exhausted: Cell<bool>,
    pool: Option<&'a MemoryPool>,
    cancel: Option<&'a Cancel>,
}

impl<'a> Budget<'a> {
    /// `work` units (a byte read, a byte decoded, a step), memory from `pool`, until `cancel`.
    #[must_use]
    pub const fn new(work: u64, pool: &'a MemoryPool, cancel: &'a Cancel) -> Self {
        Self {
            left: Cell::new(work),
            spent: Cell::new(0),
            exhausted: Cell::new(false),
            pool: Some(pool),
            cancel: Some(cancel),
        }
    }

    /// A budget of `work` units for a single judgement outside a run, for tests and fuzzing.
    #[must_use]
    pub const fn alone(work: u64) -> Budget<'static> {
        Budget { left: Cell::new(work), spent: Cell::new(0), exhausted: Cell::new(false), pool: None, cancel: None }
    }

    /// Units of work done so far.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.spent.get()
    }

    /// Whether something was left undone for want of work.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.exhausted.get()
    }

    /// Notes that something is left undone because it would cost too much.
    pub(crate) fn give_up(&self) {
        self.exhausted.set(true);
    }

    /// Pays `work` units before doing them.
    pub(crate) fn pay(&self, work: u64) -> Result<(), Stop> {
        if self.cancel.is_some_and(Cancel::is_cancelled) {
            return Err(Stop::Spent("interrupted"));
        }
        let Some(left) = self.left.get().checked_sub(work) else {
            self.exhausted.set(true);
            return Err(Stop::Spent("limit of work for one candidate"));
        };
        self.left.set(left);
        self.spent.set(self.spent.get().saturating_add(work));
        Ok(())
    }

    /// Holds `bytes` of memory for tables that grow with the file; small fixed tables are free.
    pub(crate) fn memory(&self, bytes: u64) -> Result<Held<'a>, Stop> {
        /// A judge outside a run may have this much.
        const ALONE: u64 = 64 << 20;
        let held = match self.pool {
            Some(pool) => pool.take(bytes),
            None => (bytes <= ALONE).then_some(Held { pool: None, bytes }),
        };
        held.ok_or(Stop::Spent("limit of memory for one candidate"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_paid_until_nothing_is_left() {
        let budget = Budget::alone(10);
        assert!(budget.pay(7).is_ok());
        assert!(budget.pay(4).is_err());
        assert!(budget.pay(3).is_ok());
        assert_eq!(budget.spent(), 10);
    }

    #[test]
    fn memory_comes_back_when_dropped_and_too_much_is_refused() {
        let (pool, cancel) = (MemoryPool::new(100, 80), Cancel::new());
        let budget = Budget::new(1, &pool, &cancel);
        assert!(budget.memory(81).is_err());
        for _ in 0..3 {
            let _held = budget.memory(80).unwrap();
            assert_eq!(*pool.free.lock().unwrap(), 20);
        }
        assert_eq!(*pool.free.lock().unwrap(), 100);
    }
}
