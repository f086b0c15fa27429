//! Findings: what there is to know about the evidence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing, no doubt about integrity.
    Note,
    /// Something could not be checked or read; nothing is known to be wrong.
    Incomplete,
    /// Something does not match: bytes, digests, structure.
    Mismatch,
}

/// One thing to know about the evidence, with its place as exactly as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// Stable kebab-case id for programs, for example `ewf-chunk-checksum`.
    pub code: String,
    /// File, segment, member or structure concerned, for example `disk.E01: table 2`.
    pub place: String,
    /// Position in that file in bytes, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset: Option<u64>,
    /// Bytes of the medium concerned, where there are any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub medium: Option<crate::ByteRange>,
    /// One plain sentence: what, expected, found.
    pub text: String,
}

impl Finding {
    /// A finding without offset and medium range; add them with [`Finding::at`] and [`Finding::on`].
    #[must_use]
    pub fn new(severity: Severity, code: &str, place: impl Into<String>, text: impl Into<String>) -> Self {
        let (code, place, text) = (code.to_owned(), place.into(), text.into());
        Self { severity, code, place, offset: None, medium: None, text }
    }

    /// The same finding with its byte position in the file.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The same finding with the bytes of the medium it concerns.
    #[must_use]
    pub fn on(mut self, medium: crate::ByteRange) -> Self {
        self.medium = Some(medium);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", crate::Name::from(self.place.as_str()))?;
        if let Some(offset) = self.offset {
            write!(f, " at {offset} (0x{offset:x})")?;
        }
        write!(f, ": {}", crate::Name::from(self.text.as_str()))?;
        if let Some(medium) = self.medium {
            let (first, last) = (medium.offset / 512, medium.end().saturating_sub(1) / 512);
            write!(f, " [medium {medium}, sectors {first} to {last}]")?;
        }
        Ok(())
    }
}

/// Damage is data: the best value that could be had, and all that is wrong with it.
#[derive(Debug)]
pub struct Outcome<T> {
    /// The best value that could be had.
    pub value: T,
    /// All that is to be known about it.
    pub findings: Vec<Finding>,
}

impl<T> Outcome<T> {
    /// A value with nothing wrong with it.
    pub const fn clean(value: T) -> Self {
        Self { value, findings: Vec::new() }
    }
}
