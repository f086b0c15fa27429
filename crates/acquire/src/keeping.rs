//! What happens beside the writing: marks in the journal, and an eye on the room that is left.

use std::collections::VecDeque;
use std::sync::Arc;

use exhibit_evidence::{ByteRange, Clock, Gap, Instant, Store};
use exhibit_hash::BLOCK_BYTES;
use exhibit_hash::merkle::{Hash, RootBuilder};
use exhibit_image::ImageWriter;

use crate::gaps::within;
use crate::journal::Journal;
use crate::{AcquireError, space};

/// Bytes of medium between two looks at the room that is left.
const LOOK_BYTES: u64 = 16 << 20;

/// How often what was written is made durable, so that it can be gone on from: whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoints {
    /// Bytes of medium between two checkpoints.
    pub every_bytes: u64,
    /// Seconds between two checkpoints.
    pub every_seconds: u64,
}

impl Default for Checkpoints {
    /// 256 MiB and 10 seconds: little is read twice, and the destination is not kept busy with syncing.
    fn default() -> Self {
        Self { every_bytes: 256 << 20, every_seconds: 10 }
    }
}

/// Follows the writer.
pub(crate) struct Keeping<'a> {
    /// `None` if nobody wants to go on later.
    journal: Option<(Journal, Checkpoints)>,
    clock: &'a dyn Clock,
    store: Arc<dyn Store>,
    size: u64,
    /// The tree over what is marked, and the nodes that came since.
    marked: RootBuilder,
    marked_bytes: u64,
    nodes: VecDeque<Hash>,
    asked_bytes: u64,
    asked: Instant,
    looked_bytes: Option<u64>,
}

impl<'a> Keeping<'a> {
    /// Begins at byte `at` of a medium of `size` bytes, with the tree over what lies before.
    pub(crate) fn new(
        journal: Option<(Journal, Checkpoints)>,
        clock: &'a dyn Clock,
        store: Arc<dyn Store>,
        (at, size): (u64, u64),
        marked: RootBuilder,
    ) -> Self {
        let (nodes, asked) = (VecDeque::new(), clock.now());
        Self {
            journal,
            clock,
            store,
            size,
            marked,
            marked_bytes: at,
            nodes,
            asked_bytes: at,
            asked,
            looked_bytes: None,
        }
    }

    /// A block was written: `done` bytes of the medium are, and `gaps` are in them.
    pub(crate) fn written(
        &mut self,
        node: &Hash,
        done: u64,
        gaps: &[Gap],
        writer: &mut dyn ImageWriter,
    ) -> Result<(), AcquireError> {
        if let Some((_, every)) = &self.journal {
            let every = *every;
            self.nodes.push_back(*node);
            let waited = self.clock.now().unix_seconds().saturating_sub(self.asked.unix_seconds());
            let is_late = u64::try_from(waited).is_ok_and(|waited| waited >= every.every_seconds.max(1));
            if is_late || done.saturating_sub(self.asked_bytes) >= every.every_bytes {
                (self.asked_bytes, self.asked) = (done, self.clock.now());
                self.mark(gaps, writer)?;
            }
        }
        if self.looked_bytes.is_none_or(|looked| done.saturating_sub(looked) >= LOOK_BYTES) {
            self.looked_bytes = Some(done);
            if let Some(free) = self.store.free_bytes().filter(|free| space::runs_out(*free, done, self.size)) {
                return Err(AcquireError::SpaceEnds { done_bytes: done, free_bytes: free });
            }
        }
        Ok(())
    }

    /// The work stops early: whatever can be gone on from is marked.
    ///
    /// # Errors
    /// If it could not be made durable; then an earlier mark holds.
    pub(crate) fn mark(&mut self, gaps: &[Gap], writer: &mut dyn ImageWriter) -> Result<(), AcquireError> {
        let Some((journal, _)) = &mut self.journal else { return Ok(()) };
        let Some(checkpoint) = writer.checkpoint()? else { return Ok(()) };
        let (before, now) = (self.marked_bytes, checkpoint.medium_bytes);
        if now <= before {
            return Ok(());
        }
        while self.marked.count() < now.div_ceil(BLOCK_BYTES as u64) {
            let node =
                self.nodes.pop_front().ok_or(AcquireError::Internal("the format sealed more than was written"))?;
            self.marked.push(&node);
        }
        self.marked_bytes = now;
        journal.mark(&checkpoint, &self.marked.root(), within(gaps, ByteRange::between(before, now)))
    }

    /// Gives the journal back.
    pub(crate) fn into_journal(self) -> Option<Journal> {
        self.journal.map(|(journal, _)| journal)
    }
}
