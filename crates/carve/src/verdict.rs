//! What a judge says about a candidate.

use serde::{Deserialize, Serialize};

/// How well a recovered file is known. The order is from strong to weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Checksums or a complete decode vouch for the bytes from the first to the last.
    Proven,
    /// The whole structure holds, from the first byte to the last; nothing vouches for each byte.
    Consistent,
    /// Good up to a byte, then broken, cut off or unreadable.
    Partial,
    /// A believable header and nothing more.
    HeaderOnly,
}

impl Class {
    /// The lower-case name, as in `carved.jsonl`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Consistent => "consistent",
            Self::Partial => "partial",
            Self::HeaderOnly => "header-only",
        }
    }
}

/// A type of file as people know it. One kind may find several: a ZIP archive may be a Word document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileType {
    /// Lower-case id; also the folder of the results and the word of `--types`.
    pub id: &'static str,
    /// Extension of the results, without dot.
    pub extension: &'static str,
}

/// How much of a broken file was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not even a believable header.
    Nothing,
    /// The header.
    Header,
    /// Content after the header.
    Body,
}

/// The judgement of one candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The signature was an accident. `cut` names the limit that ended the look, if one did.
    NotThis {
        /// Limit reached, if any.
        cut: Option<&'static str>,
    },
    /// A file from its first to its last byte.
    Whole(Whole),
    /// The beginning of a file.
    Broken(Broken),
}

/// A file that was followed to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// What it is.
    pub file_type: FileType,
    /// Its exact length in bytes.
    pub length: u64,
    /// [`Class::Proven`] or [`Class::Consistent`].
    pub class: Class,
    /// The bytes before this one are vouched for, or were met where earlier ones said that they are. Behind it nothing but a
    /// number says how far the file goes.
    pub anchored: u64,
    /// What was checked, in plain words.
    pub reasons: Vec<String>,
}

impl Whole {
    /// The same, of which nothing behind `at` was met where it should be.
    pub(crate) fn anchored_to(mut self, at: u64) -> Self {
        self.anchored = at.min(self.length);
        self
    }
}

/// A file that could not be followed to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What it seems to be.
    pub file_type: FileType,
    /// How much was recognised; never [`Level::Nothing`].
    pub level: Level,
    /// A checksum or decoder vouches for the bytes before this one: a break cannot lie earlier.
    pub sure: u64,
    /// The bytes before this one hold no contradiction.
    pub good: u64,
    /// Where the contradiction was seen; the break lies between `sure` and here.
    pub seen: u64,
    /// Whether an unreadable range ended it.
    pub unreadable: bool,
    /// The limit of ours that ended it, if one did.
    pub cut: Option<&'static str>,
    /// What was checked and what broke, in plain words.
    pub reasons: Vec<String>,
    /// Offsets in the candidate that begin with the kind's own signature but are parts of this file (members of an
    /// archive): not to be judged again as files of their own.
    pub parts: Vec<u64>,
}

impl Broken {
    /// The class it is reported under.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self.level {
            Level::Body => Class::Partial,
            Level::Nothing | Level::Header => Class::HeaderOnly,
        }
    }
}
