//! What a volume says of itself: subjects with properties.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::{RDF_TYPE, SCHEMA};

/// The value of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A name.
    Iri(String),
    /// A text with the name of its type; empty where it has none.
    Text {
        /// The text.
        text: String,
        /// Name of the type.
        kind: Arc<str>,
    },
}

/// Statements by subject. Properties of the standard are named without its namespace, the type is `a`.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: BTreeMap<Arc<str>, Vec<(Arc<str>, Value)>>,
}

impl Graph {
    pub(super) fn add(&mut self, subject: Arc<str>, property: Arc<str>, value: Value) {
        self.nodes.entry(subject).or_default().push((property, value));
    }

    /// All subjects, in order of their names.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(|name| &**name)
    }

    /// All values of a property.
    pub(super) fn all<'a>(&'a self, subject: &str, property: &'a str) -> impl Iterator<Item = &'a Value> {
        let properties = self.nodes.get(subject).map(Vec::as_slice).unwrap_or_default();
        properties.iter().filter(move |(name, _)| **name == *property).map(|(_, value)| value)
    }

    /// The first value of a property that is a name.
    pub(super) fn iri<'a>(&'a self, subject: &str, property: &'a str) -> Option<&'a str> {
        self.all(subject, property).find_map(Value::iri)
    }

    /// The first value of a property that is a text.
    pub(super) fn text<'a>(&'a self, subject: &str, property: &'a str) -> Option<&'a str> {
        self.all(subject, property).find_map(Value::text)
    }

    /// The first value of a property that is a number.
    pub(super) fn number(&self, subject: &str, property: &str) -> Option<u64> {
        self.text(subject, property)?.trim().parse().ok()
    }

    /// Whether a subject is of the type that the standard calls `kind`.
    pub(super) fn is_a(&self, subject: &str, kind: &str) -> bool {
        self.all(subject, "a").filter_map(Value::iri).any(|iri| iri.strip_prefix(SCHEMA) == Some(kind))
    }

    /// Subjects of the type that the standard calls `kind`, in order of their names.
    pub(super) fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.subjects().filter(move |subject| self.is_a(subject, kind))
    }
}

impl Value {
    pub(super) fn iri(&self) -> Option<&str> {
        match self {
            Self::Iri(iri) => Some(iri),
            Self::Text { .. } => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            Self::Iri(_) => None,
        }
    }

    /// The text, if its type is one of the standard's, and the type without namespace: `("SHA1", "fbac…")`.
    pub(super) fn typed(&self) -> Option<(&str, &str)> {
        match self {
            Self::Text { text, kind } => Some((kind.strip_prefix(SCHEMA)?, text)),
            Self::Iri(_) => None,
        }
    }
}

/// A property as it is kept.
pub(super) fn property(iri: &str) -> &str {
    if iri == RDF_TYPE { "a" } else { iri.strip_prefix(SCHEMA).unwrap_or(iri) }
}
