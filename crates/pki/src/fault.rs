//! Why bytes are not what they should be: structure, place, reason.

use exhibit_evidence::Class;

/// Why something cannot be read, or not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{structure}{}: {text}", .offset.map(|at| format!(", byte {at}")).unwrap_or_default())]
pub struct Fault {
    class: Class,
    /// What was being read, for people: `certificate`, `time stamp token`.
    structure: &'static str,
    /// Where in the bytes that were handed in.
    offset: Option<usize>,
    text: String,
}

impl Fault {
    /// The bytes contradict their format.
    pub(crate) fn corrupt(structure: &'static str, offset: usize, text: impl Into<String>) -> Self {
        Self { class: Class::Corrupt, structure, offset: Some(offset), text: text.into() }
    }

    /// The bytes may be right, and are of a kind that is not handled.
    pub(crate) fn unsupported(structure: &'static str, text: impl Into<String>) -> Self {
        Self { class: Class::Unsupported, structure, offset: None, text: text.into() }
    }

    /// The bytes ask for more than is granted.
    pub(crate) fn limit(structure: &'static str, text: impl Into<String>) -> Self {
        Self { class: Class::Limit, structure, offset: None, text: text.into() }
    }

    /// The caller handed in what does not fit together.
    pub(crate) fn usage(structure: &'static str, text: impl Into<String>) -> Self {
        Self { class: Class::Usage, structure, offset: None, text: text.into() }
    }

    /// What kind of trouble it is.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }
}
