//! What a carvable kind has to know about itself.

use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::fragments::Gaps;
use crate::verdict::{Broken, FileType, Verdict, Whole};

/// Bytes of a candidate's beginning that [`Kind::plausible`] gets to see.
pub const HEAD_BYTES: usize = 512;

/// A kind of file that can be recognised and followed to its end by its content.
pub trait Kind: Sync {
    /// Lower-case id, also the word of `--types` that selects everything this kind finds.
    fn id(&self) -> &'static str;

    /// The types this kind can find; the first one has the kind's own id.
    fn types(&self) -> &'static [FileType];

    /// Bytes that stand [`Kind::signature_at`] bytes behind the beginning of a file, any of them.
    fn signatures(&self) -> &'static [&'static [u8]];

    /// Where in a file its signature stands, in bytes. The farthest one decides how much each block is read beyond its end.
    fn signature_at(&self) -> usize {
        0
    }

    /// A look at the first [`HEAD_BYTES`] bytes (fewer where the medium ends or is unreadable), without reading more.
    /// `false` only for what can be no file of this kind: bait must be cheap.
    fn plausible(&self, head: &[u8]) -> bool {
        let _ = head;
        true
    }

    /// Whether a file that begins like `head` is looked for at the beginnings of sectors only: elsewhere its first bytes could
    /// as well be the last ones of what lies before it.
    fn only_at_sectors(&self, head: &[u8]) -> bool {
        let _ = head;
        false
    }

    /// Whether parts of a file begin with the kind's own signature, as the members of an archive do. Candidates of such a
    /// kind are judged one after another, because most of them turn out to be parts of the one before.
    fn parts_look_alike(&self) -> bool {
        false
    }

    /// Follows the candidate from its first byte and says how far it is convincing.
    ///
    /// # Errors
    /// Only if the source failed in a way that is no property of the medium. Unreadable ranges, the end of the
    /// medium and an empty budget are verdicts.
    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault>;

    /// Whether data of another file of the same look may lie in a file, whole by its structure, without showing: text has no
    /// checksum and no places that say where something else is. Such a file is not believed where most others lie in pieces.
    fn may_hide_others(&self) -> bool {
        false
    }

    /// Whether a proven file may consist of pieces. Not where only a decode vouches for it, which other data might pass.
    fn proves_joins(&self) -> bool {
        true
    }

    /// Whether the gaps of this kind are looked for last, when those of all others are known: because no checksum decides,
    /// or because its files lie in other files more often than not.
    fn bridges_late(&self) -> bool {
        false
    }

    /// Looks for one gap that, left out, makes the broken candidate whole. Kinds whose judge cannot tell a right join
    /// from a wrong one do not try.
    ///
    /// # Errors
    /// As [`Kind::validate`].
    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        let _ = (candidate, broken, gaps, budget);
        Ok(None)
    }
}

/// A file in two fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Length of the first fragment in bytes.
    pub split: u64,
    /// Bytes left out between the fragments.
    pub gap: u64,
    /// The verdict on the joined file.
    pub whole: Whole,
}
