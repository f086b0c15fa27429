//! `case.json`: what the case is about, in the words of the examiner.

use exhibit_custody::strict_json;
use exhibit_evidence::Instant;
use serde::Serialize;
use serde_json::{Map, Value};

/// Value of the member `format`.
pub const CASE_FORMAT: &str = "exhibit-case/1";

/// Largest `case.json` read, in bytes.
pub(crate) const CASE_BYTES_MAX: u64 = 4 << 20;

/// What `case.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseFile {
    /// Case number.
    pub number: String,
    /// Title in plain words.
    pub title: String,
    /// Who is responsible.
    pub examiner: String,
    /// The office.
    pub agency: String,
    /// RFC 3339, UTC.
    pub created: String,
    /// Under which authority; `null` if not given.
    pub authority: Value,
    /// What the authority covers; `null` if not given.
    pub scope: Value,
    /// Marks of handling the case began with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<String>,
}

/// An array of texts, or nothing.
fn texts(value: Option<&Value>) -> Result<Vec<String>, String> {
    let wrong = || "\"handling\" is not an array of texts".to_owned();
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

/// Reads `case.json`; it is canonical JSON with or without a line feed at the end.
///
/// # Errors
/// In plain words, if it is anything else, or a member is missing or of the wrong kind.
pub(crate) fn parse(bytes: &[u8]) -> Result<CaseFile, String> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let limit = usize::try_from(CASE_BYTES_MAX).unwrap_or(usize::MAX);
    let value = strict_json::parse_canonical(text, limit).map_err(|fault| fault.to_string())?;
    let Value::Object(map) = value else { return Err("not an object".to_owned()) };
    let text = |name: &str| member(&map, name);
    if text("format")? != CASE_FORMAT {
        return Err(format!("the format is not {CASE_FORMAT:?}"));
    }
    let case = CaseFile {
        number: text("number")?,
        title: text("title")?,
        examiner: text("examiner")?,
        agency: text("agency")?,
        created: text("created")?,
        authority: map.get("authority").cloned().unwrap_or_default(),
        scope: map.get("scope").cloned().unwrap_or_default(),
        handling: texts(map.get("handling"))?,
    };
    if case.number.is_empty() {
        return Err("the case number is empty".to_owned());
    }
    if Instant::parse(&case.created).is_none() {
        return Err("\"created\" is not RFC 3339 in UTC with whole seconds".to_owned());
    }
    Ok(case)
}

fn member(map: &Map<String, Value>, name: &str) -> Result<String, String> {
    match map.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(format!("{name:?} is not a text")),
        None => Err(format!("the member {name:?} is missing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = r#"{"agency":"","authority":null,"created":"2026-11-20T08:00:00Z","examiner":"J","format":"exhibit-case/1","number":"1","scope":null,"title":""}"#;

    #[test]
    fn the_smallest_is_read_and_no_truncation_of_it_is() {
        assert_eq!(parse(SMALLEST.as_bytes()).unwrap().number, "1");
        assert!(parse(format!("{SMALLEST}\n").as_bytes()).is_ok());
        for length in 0..SMALLEST.len() {
            assert!(parse(SMALLEST.as_bytes().get(..length).unwrap()).is_err(), "{length}");
        }
        for (from, to) in
            [("\"1\"", "\"\""), ("08:00", "08:60"), ("case/1", "case/2"), ("null,\"t", "null, \"t"), ("\"J\"", "7")]
        {
            assert!(parse(SMALLEST.replace(from, to).as_bytes()).is_err(), "{to}");
        }
    }
}
