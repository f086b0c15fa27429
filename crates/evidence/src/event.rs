//! Events: progress for people and programs, allowed to drop. And the wish to stop.

use std::sync::atomic::{AtomicBool, Ordering};

/// A stretch of work with its own progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Reading the source and writing the image.
    Acquire,
    /// Saving what a failing source still gives, while the image waits.
    Rescue,
    /// Reading an image or package back and comparing.
    Verify,
    /// Searching for signatures and judging candidates.
    Carve,
    /// Hashing files.
    Hash,
    /// Writing a package.
    Package,
    /// Converting or cutting.
    Export,
    /// Making a practice disk.
    Forge,
}

impl Phase {
    /// Lower-case id, as `--events` prints it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Acquire => "acquire",
            Self::Rescue => "rescue",
            Self::Verify => "verify",
            Self::Carve => "carve",
            Self::Hash => "hash",
            Self::Package => "package",
            Self::Export => "export",
            Self::Forge => "forge",
        }
    }
}

/// Something to show while it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A phase begins.
    Started {
        /// Which.
        phase: Phase,
        /// Bytes to do.
        total_bytes: u64,
    },
    /// So much is done, out of the total announced.
    Progress {
        /// Which.
        phase: Phase,
        /// Bytes done since the phase began.
        done_bytes: u64,
        /// Unreadable or damaged ranges met so far.
        faults: u64,
    },
    /// A phase is over.
    Finished {
        /// Which.
        phase: Phase,
    },
    /// A sentence for the person waiting.
    Message(String),
}

/// Somebody who watches. Must return quickly and must not fail.
pub trait Observer: Send + Sync {
    /// Called from any thread.
    fn on(&self, event: &Event);
}

/// An observer that watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _event: &Event) {}
}

/// The wish to stop, set once (by Ctrl-C) and looked at between blocks.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// Nobody wishes to stop yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Wishes to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody wishes to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
