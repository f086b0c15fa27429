//! The log as rows for people. Everything in a row is escaped and safe to print.

use exhibit_evidence::Name;
use serde_json::{Map, Value};

use crate::actions;
use crate::log::{Entry, Log};

/// Members of the object that come first, in this order; the others follow by name.
const OBJECT_FIRST: [&str; 5] = ["item", "name", "path", "sha256", "size"];

/// One record for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number of the record.
    pub number: u64,
    /// RFC 3339, UTC.
    pub time: String,
    /// Who, with the role in brackets if there is one.
    pub actor: String,
    /// What, in plain words; an unknown action as it stands.
    pub action: String,
    /// What it was done to: `item A1, sha256 …`.
    pub object: String,
    /// Why, if that was said.
    pub reason: Option<String>,
    /// Parameters and results: `gaps 0, sectors 8192`.
    pub details: String,
}

impl Log {
    /// The records that could be read, as rows.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        self.entries().iter().map(Row::of)
    }
}

impl Row {
    fn of(entry: &Entry) -> Self {
        let record = &entry.record;
        let (actor, role) = (Name::from(record.actor.as_str()), Name::from(record.role.as_str()));
        let action = actions::find(&record.action).map(|action| action.sentence.to_owned());
        Self {
            number: record.seq,
            time: record.time.to_string(),
            actor: if record.role.is_empty() { actor.to_string() } else { format!("{actor} ({role})") },
            action: action.unwrap_or_else(|| Name::from(record.action.as_str()).to_string()),
            object: in_words(&record.object),
            reason: record.reason.as_deref().map(|reason| Name::from(reason).to_string()),
            details: in_words(&record.details),
        }
    }
}

/// `name value, name value`; texts without quotes, everything else as JSON.
fn in_words(map: &Map<String, Value>) -> String {
    let first = OBJECT_FIRST.iter().filter_map(|name| map.get_key_value(*name));
    let others = map.iter().filter(|(name, _)| !OBJECT_FIRST.contains(&name.as_str()));
    let words = first.chain(others).map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{} {}", Name::from(name.as_str()), Name::from(value.as_str()))
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{Fact, Instant};

    use super::*;
    use crate::log::Context;

    #[test]
    fn rows_are_in_plain_words_and_do_not_obey_the_evidence() {
        let mut log = Log::new();
        let context = Context {
            case: "1".to_owned(),
            actor: "A. Example".to_owned(),
            role: "examiner".to_owned(),
            now: Instant::from_unix_seconds(0),
            tool: "exhibit 0.1.0".to_owned(),
        };
        let known =
            Fact::new("acquired").object("bus", "usb").object("item", "A1").detail("gaps", 0).because("warrant");
        let unknown = Fact::new("\u{1b}[2Jhexed").object("name", "\u{202e}gpj.exe");
        log.append(vec![known, unknown], &context).unwrap();
        let rows: Vec<Row> = log.rows().collect();
        assert_eq!((rows[0].number, rows[0].time.as_str()), (1, "1970-01-01T00:00:00Z"));
        assert_eq!((rows[0].actor.as_str(), rows[0].action.as_str()), ("A. Example (examiner)", "Image acquired"));
        assert_eq!((rows[0].object.as_str(), rows[0].details.as_str()), ("item A1, bus usb", "gaps 0"));
        assert_eq!(rows[0].reason.as_deref(), Some("warrant"));
        assert_eq!((rows[1].action.as_str(), rows[1].reason.as_deref()), ("\\u{1b}[2Jhexed", None));
        assert_eq!(rows[1].object, "name \\u{202e}gpj.exe");
    }
}
