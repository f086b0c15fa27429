//! Marks of handling: who may see it. A mark is not a legal classification, and both are kept.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The labels of the Traffic Light Protocol 2.0 (FIRST, August 2022), strictest first, with what they mean in brief.
pub const TLP: [(&str, &str); 5] = [
    ("TLP:RED", "for the eyes of the individual recipients only"),
    ("TLP:AMBER+STRICT", "for the recipients' organisation only, where they need to know"),
    ("TLP:AMBER", "for the recipients' organisation and its clients, where they need to know"),
    ("TLP:GREEN", "for the recipients' community, not in public"),
    ("TLP:CLEAR", "may be given to everybody"),
];

/// Longest mark, in characters.
pub(crate) const MARK_CHARS_MAX: usize = 200;

/// A mark: one of [`TLP`], or any other in one line of words (`VS-NfD`, `OFFICIAL-SENSITIVE`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Mark(String);

impl Mark {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it means, if it is one of the Traffic Light Protocol.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        TLP.iter().find(|(label, _)| *label == self.0).map(|(_, meaning)| *meaning)
    }
}

impl TryFrom<String> for Mark {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let long = text.chars().count() > MARK_CHARS_MAX;
        if text.trim().is_empty() || long || text.chars().any(char::is_control) {
            return Err(format!("a mark of handling is one line of words, at most {MARK_CHARS_MAX} characters"));
        }
        let upper = text.to_uppercase();
        if upper.starts_with("TLP") && !TLP.iter().any(|(label, _)| *label == text) {
            let labels: Vec<&str> = TLP.iter().map(|(label, _)| *label).collect();
            return Err(format!("it is not a label of TLP 2.0; these are: {}", labels.join(", ")));
        }
        Ok(Self(text))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Mark {
    fn schema_name() -> Cow<'static, str> {
        "Mark".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Mark of handling: a label of TLP 2.0, or a national one",
            "minLength": 1,
            "maxLength": 200,
            "examples": ["TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_the_protocol_are_exact_and_others_are_free() {
        for text in ["TLP:RED", "TLP:AMBER+STRICT", "VS-NUR FÜR DEN DIENSTGEBRAUCH", "OFFICIAL-SENSITIVE"] {
            assert!(Mark::try_from(text.to_owned()).is_ok(), "{text}");
        }
        for text in ["TLP:WHITE", "tlp:red", "TLP RED", "TLP:AMBER+", "", "a\nb"] {
            assert!(Mark::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert_eq!(Mark::try_from("TLP:CLEAR".to_owned()).unwrap().meaning(), Some("may be given to everybody"));
    }
}
