//! Why a walk through a candidate ended before the end of the file.

use exhibit_evidence::ReadFault;

use crate::verdict::{Broken, FileType, Level, Verdict};

/// What ends a walk early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The bytes contradict the format at this byte of the candidate.
    Bad(u64, String),
    /// The medium (or the largest size asked for) ends here.
    End(u64),
    /// The medium could not be read here.
    Unreadable(u64),
    /// A limit of ours was reached; names which.
    Spent(&'static str),
    /// The source failed in a way that is no property of the medium.
    Io(ReadFault),
}

impl Stop {
    /// A contradiction at byte `at`.
    pub(crate) fn bad(at: u64, what: impl Into<String>) -> Self {
        Self::Bad(at, what.into())
    }
}

/// How far a walk has come; becomes a [`Broken`] when it stops.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// What the candidate is taken for so far.
    pub(crate) file_type: FileType,
    /// How much has been recognised.
    pub(crate) level: Level,
    /// Bytes a checksum or decoder vouches for: a break cannot lie before.
    pub(crate) sure: u64,
    /// Bytes without contradiction.
    pub(crate) good: u64,
    /// What was checked, in plain words.
    pub(crate) reasons: Vec<String>,
    /// Offsets of parts that begin with the kind's own signature and belong to this candidate.
    pub(crate) parts: Vec<u64>,
}

impl Progress {
    pub(crate) const fn new(file_type: FileType) -> Self {
        Self { file_type, level: Level::Nothing, sure: 0, good: 0, reasons: Vec::new(), parts: Vec::new() }
    }

    /// Everything before `at` is vouched for.
    pub(crate) fn sure(&mut self, at: u64) {
        self.sure = self.sure.max(at);
        self.good = self.good.max(at);
    }

    /// The verdict after `stop`.
    pub(crate) fn stopped(mut self, stop: Stop) -> Result<Verdict, ReadFault> {
        let (seen, cut, unreadable, why) = match stop {
            Stop::Io(fault) => return Err(fault),
            Stop::Bad(at, what) => (at, None, false, format!("breaks at byte {at}: {what}")),
            Stop::End(at) => {
                (at, None, false, format!("the medium or the size limit ends at byte {at}, before the file does"))
            }
            Stop::Unreadable(at) => (at, None, true, format!("the medium could not be read at byte {at} of the file")),
            Stop::Spent(limit) => (self.good, Some(limit), false, format!("not judged to the end: {limit} reached")),
        };
        if self.level == Level::Nothing {
            return Ok(Verdict::NotThis { cut });
        }
        self.reasons.push(why);
        let good = self.good.max(self.sure);
        Ok(Verdict::Broken(Broken {
            file_type: self.file_type,
            level: self.level,
            sure: self.sure,
            good,
            seen: seen.max(good),
            unreadable,
            cut,
            reasons: self.reasons,
            parts: self.parts,
        }))
    }
}
