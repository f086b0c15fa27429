//! Progress of a check, and the wish to stop it.

use std::sync::atomic::{AtomicU64, Ordering};

use exhibit_evidence::{Cancel, Event, Observer, Phase};

/// The check was asked to stop; there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the check was interrupted; there is no verdict")]
pub struct Interrupted;

/// Who watches the check, and who may stop it.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Told of progress, in bytes read.
    pub observer: &'a dyn Observer,
    /// Looked at between blocks.
    pub cancel: &'a Cancel,
}

/// The progress of one check: begins when made, ends when dropped.
pub(crate) struct Progress<'a> {
    watch: Watch<'a>,
    done_bytes: AtomicU64,
    faults: AtomicU64,
}

impl<'a> Progress<'a> {
    pub(crate) fn start(watch: Watch<'a>, total_bytes: u64) -> Self {
        watch.observer.on(&Event::Started { phase: Phase::Verify, total_bytes });
        Self { watch, done_bytes: AtomicU64::new(0), faults: AtomicU64::new(0) }
    }

    /// So many bytes more; returns whether to go on.
    pub(crate) fn advance(&self, bytes: usize) -> bool {
        let before = self.done_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let (done_bytes, faults) = (before.saturating_add(bytes as u64), self.faults.load(Ordering::Relaxed));
        self.watch.observer.on(&Event::Progress { phase: Phase::Verify, done_bytes, faults });
        !self.watch.cancel.is_cancelled()
    }

    /// Something did not match or could not be read.
    pub(crate) fn fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }

    /// # Errors
    /// If somebody wishes to stop.
    pub(crate) fn check(&self) -> Result<(), Interrupted> {
        if self.watch.cancel.is_cancelled() { Err(Interrupted) } else { Ok(()) }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.watch.observer.on(&Event::Finished { phase: Phase::Verify });
    }
}
