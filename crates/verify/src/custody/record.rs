//! One record: a line in RFC 8785 canonical form with exactly the twelve members of the format.

use exhibit_custody::layout::{FORMAT, LINE_BYTES_MAX, member};
use exhibit_custody::strict_json;
use exhibit_evidence::Instant;
use serde_json::{Map, Value};

/// What the chain and the comparison with files need of a record.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) seq: u64,
    pub(super) prev: String,
    pub(super) time: Instant,
    pub(super) case: String,
    pub(super) action: String,
    pub(super) object: Map<String, Value>,
    pub(super) reason: Option<String>,
    pub(super) details: Map<String, Value>,
}

impl Record {
    /// # Errors
    /// In plain words, if the line is anything but a record.
    pub(super) fn parse(line: &[u8]) -> Result<Self, String> {
        let value = strict_json::parse_canonical(line, LINE_BYTES_MAX).map_err(|fault| fault.to_string())?;
        let Value::Object(map) = value else { return Err("not an object".to_owned()) };
        exactly_the_members(&map)?;
        let text = |name: &str| match map.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            _ => Err(format!("{name:?} is not a text")),
        };
        let filled = |name: &str| {
            text(name).and_then(|text| if text.is_empty() { Err(format!("{name:?} is empty")) } else { Ok(text) })
        };
        let object = |name: &str| match map.get(name) {
            Some(Value::Object(map)) => Ok(map.clone()),
            _ => Err(format!("{name:?} is not an object")),
        };
        if text(member::FORMAT)? != FORMAT {
            return Err(format!("the format is not {FORMAT:?}"));
        }
        filled(member::ACTOR)?;
        filled(member::TOOL)?;
        text(member::ROLE)?;
        if !matches!(map.get(member::REASON), Some(Value::Null | Value::String(_))) {
            return Err(format!("{:?} is neither a text nor null", member::REASON));
        }
        let prev = text(member::PREV)?;
        if prev.len() != 64 || !prev.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(format!("{:?} is not a SHA-256 in lower-case hexadecimal", member::PREV));
        }
        Ok(Self {
            seq: map.get(member::SEQ).and_then(Value::as_u64).ok_or("\"seq\" is not a number")?,
            prev,
            time: Instant::parse(&text(member::TIME)?).ok_or("\"time\" is not RFC 3339 in UTC with whole seconds")?,
            case: filled(member::CASE)?,
            action: filled(member::ACTION)?,
            object: object(member::OBJECT)?,
            reason: map.get(member::REASON).and_then(Value::as_str).map(str::to_owned),
            details: object(member::DETAILS)?,
        })
    }
}

fn exactly_the_members(map: &Map<String, Value>) -> Result<(), String> {
    if let Some(missing) = member::ALL.iter().find(|name| !map.contains_key(**name)) {
        return Err(format!("the member {missing:?} is missing"));
    }
    match map.keys().find(|name| !member::ALL.contains(&name.as_str())) {
        Some(surplus) => Err(format!("the member {surplus:?} does not belong there")),
        None => Ok(()),
    }
}
