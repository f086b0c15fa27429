//! One record of the log: a line of canonical JSON, and back.

use exhibit_evidence::{Instant, from_hex, to_hex};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::canonical::{self, CanonicalFault};
use crate::layout::{FORMAT, LINE_BYTES_MAX, PREV_OF_FIRST, member};
use crate::strict_json::{self, JsonFault, shown};

/// SHA-256 of a line without its line feed: what the next record carries as `prev`.
pub type LineHash = [u8; 32];

/// What was done, by whom, when, and after which record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Number in the whole log, from 1.
    pub seq: u64,
    /// Hash of the line before; all zeros in the first.
    pub prev: LineHash,
    /// When, in whole seconds.
    pub time: Instant,
    /// The case number.
    pub case: String,
    /// Who did it.
    pub actor: String,
    /// As what; may be empty.
    pub role: String,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub object: Map<String, Value>,
    /// Why.
    pub reason: Option<String>,
    /// Parameters and results.
    pub details: Map<String, Value>,
    /// The program that wrote it.
    pub tool: String,
}

impl Record {
    /// The line, without its line feed.
    ///
    /// # Errors
    /// If the object or the details hold numbers that are not safe or are nested too deep.
    pub fn to_line(&self) -> Result<Vec<u8>, CanonicalFault> {
        canonical::write(&json!({
            member::FORMAT: FORMAT,
            member::SEQ: self.seq,
            member::PREV: to_hex(&self.prev),
            member::TIME: self.time.to_string(),
            member::CASE: self.case,
            member::ACTOR: self.actor,
            member::ROLE: self.role,
            member::ACTION: self.action,
            member::OBJECT: self.object,
            member::REASON: self.reason,
            member::DETAILS: self.details,
            member::TOOL: self.tool,
        }))
    }

    /// The record that a line (without its line feed) holds.
    ///
    /// # Errors
    /// If it is not canonical JSON, or not exactly a record of this format.
    pub fn from_line(line: &[u8]) -> Result<Self, JsonFault> {
        let value = strict_json::parse_canonical(line, LINE_BYTES_MAX)?;
        let Value::Object(map) = value else { return Err(JsonFault::new("not an object")) };
        let mut members = Members(map);
        let format = members.text(member::FORMAT)?;
        if format != FORMAT {
            return Err(JsonFault::new(format!("the format is {}, not \"{FORMAT}\"", shown(&format))));
        }
        let record = Self {
            seq: members.seq()?,
            prev: members.prev()?,
            time: members.time()?,
            case: members.filled(member::CASE)?,
            actor: members.filled(member::ACTOR)?,
            role: members.text(member::ROLE)?,
            action: members.filled(member::ACTION)?,
            object: members.object(member::OBJECT)?,
            reason: members.text_or_null(member::REASON)?,
            details: members.object(member::DETAILS)?,
            tool: members.filled(member::TOOL)?,
        };
        match members.0.keys().next() {
            None => Ok(record),
            Some(name) => Err(JsonFault::new(format!("the member {} is not known in this format", shown(name)))),
        }
    }
}

/// The hash of a line, as the next record carries it.
#[must_use]
pub fn line_hash(line: &[u8]) -> LineHash {
    Sha256::digest(line).into()
}

/// What stands before the first record: zeros.
#[must_use]
pub(crate) fn hash_before_first() -> LineHash {
    from_hex(PREV_OF_FIRST).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default()
}

/// The members not yet taken; what is left over at the end is unknown.
struct Members(Map<String, Value>);

impl Members {
    fn take(&mut self, name: &str) -> Result<Value, JsonFault> {
        self.0.remove(name).ok_or_else(|| JsonFault::new(format!("the member \"{name}\" is missing")))
    }

    fn text(&mut self, name: &str) -> Result<String, JsonFault> {
        match self.take(name)? {
            Value::String(text) => Ok(text),
            _ => Err(JsonFault::new(format!("the member \"{name}\" is not a string"))),
        }
    }

    fn filled(&mut self, name: &str) -> Result<String, JsonFault> {
        let text = self.text(name)?;
        if text.is_empty() { Err(JsonFault::new(format!("the member \"{name}\" is empty"))) } else { Ok(text) }
    }

    fn text_or_null(&mut self, name: &str) -> Result<Option<String>, JsonFault> {
        match self.take(name)? {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(JsonFault::new(format!("the member \"{name}\" is neither a string nor null"))),
        }
    }

    fn object(&mut self, name: &str) -> Result<Map<String, Value>, JsonFault> {
        match self.take(name)? {
            Value::Object(map) => Ok(map),
            _ => Err(JsonFault::new(format!("the member \"{name}\" is not an object"))),
        }
    }

    fn seq(&mut self) -> Result<u64, JsonFault> {
        let value = self.take(member::SEQ)?;
        value.as_u64().filter(|seq| *seq > 0).ok_or_else(|| JsonFault::new("\"seq\" is not a number from 1 on"))
    }

    fn prev(&mut self) -> Result<LineHash, JsonFault> {
        let text = self.text(member::PREV)?;
        let hash = from_hex(&text).and_then(|bytes| LineHash::try_from(bytes).ok()).filter(|hash| to_hex(hash) == text);
        hash.ok_or_else(|| JsonFault::new("\"prev\" is not a SHA-256 in lower-case hexadecimal"))
    }

    fn time(&mut self) -> Result<Instant, JsonFault> {
        let text = self.text(member::TIME)?;
        Instant::parse(&text).ok_or_else(|| JsonFault::new(format!("\"time\" is not RFC 3339 UTC: {}", shown(&text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smallest() -> Record {
        Record {
            seq: 1,
            prev: hash_before_first(),
            time: Instant::from_unix_seconds(1_795_428_672),
            case: "A".to_owned(),
            actor: "B".to_owned(),
            role: String::new(),
            action: "note".to_owned(),
            object: Map::new(),
            reason: None,
            details: Map::new(),
            tool: "t".to_owned(),
        }
    }

    #[test]
    fn the_smallest_record_is_this_line() {
        let line = smallest().to_line().unwrap();
        let expected = concat!(
            r#"{"action":"note","actor":"B","case":"A","details":{},"format":"exhibit-custody/1","object":{},"#,
            r#""prev":"0000000000000000000000000000000000000000000000000000000000000000","reason":null,"role":"","#,
            r#""seq":1,"time":"2026-11-23T10:11:12Z","tool":"t"}"#
        );
        assert_eq!(String::from_utf8(line.clone()).unwrap(), expected);
        assert_eq!(Record::from_line(&line).unwrap(), smallest());
    }

    #[test]
    fn no_truncation_is_a_record_and_no_flip_is_the_same_record() {
        let line = smallest().to_line().unwrap();
        for end in 0..line.len() {
            assert!(Record::from_line(&line[..end]).is_err(), "{end}");
        }
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut flipped = line.clone();
                flipped[at] ^= 1 << bit;
                if let Ok(record) = Record::from_line(&flipped) {
                    assert_ne!(record, smallest(), "bit {bit} of byte {at}");
                }
            }
        }
    }

    #[test]
    fn a_missing_a_surplus_and_an_odd_member_are_refused() {
        let line = String::from_utf8(smallest().to_line().unwrap()).unwrap();
        let changes = [
            (r#""role":"","#, ""),
            (r#""role":"","#, r#""role":"","rule":"","#),
            (r#""role":"","#, r#""role":null,"#),
            (r#""case":"A""#, r#""case":"""#),
            (r#""seq":1"#, r#""seq":0"#),
            (r#""seq":1"#, r#""seq":"1""#),
            (r#""seq":1"#, r#""seq":9007199254740992"#),
            (r#"custody/1"#, r#"custody/2"#),
            (r#""reason":null"#, r#""reason":[]"#),
            (r#""object":{}"#, r#""object":[]"#),
            (r#"10:11:12Z"#, r#"10:11:60Z"#),
            (r#""prev":"0000"#, r#""prev":"00"#),
            (r#""prev":"0000"#, r#""prev":"000A"#),
            (r#""seq":1"#, r#""seq": 1"#),
        ];
        for (from, to) in changes {
            assert!(line.contains(from), "{from}");
            assert!(Record::from_line(line.replace(from, to).as_bytes()).is_err(), "{from} -> {to}");
        }
    }
}
