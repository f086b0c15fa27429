//! Reading JSON that leaves no room for two opinions: I-JSON (RFC 7493) with integers only, and RFC 8785 canonical form.
//!
//! Ordinary JSON readers differ in what they do with a repeated name, with a large number or with half a surrogate pair;
//! a record that two programs read differently proves nothing. So this reader refuses what could be read in two ways:
//! repeated names, numbers that are not integers of at most 2^53 − 1, lone surrogates, deep nesting.
//! One thing that RFC 7493 forbids is let through: noncharacters such as U+FFFF, because names in evidence contain them.

use std::fmt;

use exhibit_evidence::Name;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::canonical;
use crate::layout::{DEPTH_MAX, INTEGER_MAX};

/// Why bytes are not the JSON that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct JsonFault {
    /// Where it was noticed, in bytes from the start, if that is known.
    pub offset: Option<u64>,
    /// What is wrong, in plain words; text from the input is escaped.
    pub text: String,
}

impl JsonFault {
    /// A fault without a place.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { offset: None, text: text.into() }
    }

    /// A fault with its place.
    fn at(offset: usize, text: impl Into<String>) -> Self {
        Self { offset: Some(offset as u64), text: text.into() }
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "at byte {offset}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Reads one JSON text of at most `limit` bytes. White space is allowed here.
///
/// # Errors
/// A [`JsonFault`] for anything that is not strict I-JSON as the module page describes it.
pub fn parse(bytes: &[u8], limit: usize) -> Result<Value, JsonFault> {
    if bytes.len() > limit {
        return Err(JsonFault::at(limit, format!("longer than the limit of {limit} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| JsonFault::at(error.valid_up_to(), "not UTF-8"))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = reader.deserialize_any(Strict { depth: 0 }).map_err(|error| fault_of(&error, bytes))?;
    reader.end().map_err(|error| fault_of(&error, bytes))?;
    Ok(value)
}

/// Reads one JSON text of at most `limit` bytes that must be in RFC 8785 canonical form, byte for byte.
///
/// # Errors
/// As [`parse`], and if the canonical form of what was read is not what was read.
pub fn parse_canonical(bytes: &[u8], limit: usize) -> Result<Value, JsonFault> {
    let value = parse(bytes, limit)?;
    let canonical = canonical::write(&value).map_err(|fault| JsonFault::new(fault.to_string()))?;
    if canonical == bytes {
        return Ok(value);
    }
    let same = canonical.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(JsonFault::at(same, "not in canonical form (RFC 8785)"))
}

/// Builds a value and refuses what is ambiguous. `depth` counts the arrays and objects around it.
struct Strict {
    depth: usize,
}

impl Strict {
    /// The visitor for what is inside an array or object.
    fn inside<E: de::Error>(&self) -> Result<Self, E> {
        if self.depth < DEPTH_MAX {
            Ok(Self { depth: self.depth.saturating_add(1) })
        } else {
            Err(E::custom(format_args!("nested more than {DEPTH_MAX} levels deep")))
        }
    }
}

impl<'de> de::DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        if value <= INTEGER_MAX { Ok(value.into()) } else { Err(too_large(value)) }
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() <= INTEGER_MAX { Ok(value.into()) } else { Err(too_large(value)) }
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        // Fractions, exponents, -0, and integers of more than 64 bits all arrive here, already rounded.
        Err(E::custom(format_args!("a number that is not an integer of at most 2^53 - 1: about {value}")))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut array = Vec::new(); // grows by what is there, never by what is promised
        while let Some(value) = access.next_element_seed(self.inside()?)? {
            array.push(value);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        // Even an empty object is a level.
        self.inside::<A::Error>()?;
        while let Some(name) = access.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(de::Error::custom(format_args!("the name {} stands twice", shown(&name))));
            }
            let value = access.next_value_seed(self.inside()?)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// The error for an integer that a JSON number does not carry safely.
fn too_large<E: de::Error>(value: impl fmt::Display) -> E {
    E::custom(format_args!("the integer {value} is beyond 2^53 - 1; it must be written as a string"))
}

/// A name from the input, escaped and short enough for a message.
pub(crate) fn shown(name: &str) -> String {
    let start: String = name.chars().take(60).collect();
    let more = if start.len() < name.len() { "…" } else { "" };
    format!("\"{}{more}\"", Name::from(start.as_str()))
}

/// The parser's error with its line and column turned into an offset.
fn fault_of(error: &serde_json::Error, bytes: &[u8]) -> JsonFault {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let text = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    if line == 0 {
        return JsonFault::new(text);
    }
    let before = bytes.split_inclusive(|b| *b == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum::<usize>();
    // Columns count from 1 and name the last byte that was looked at.
    JsonFault::at(before.saturating_add(column.saturating_sub(1)).min(bytes.len()), text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ROOM: usize = 1 << 16;

    #[test]
    fn the_smallest_texts_and_an_ordinary_one_are_read() {
        for text in ["null", "true", "0", "-7", "\"\"", "[]", "{}", r#"{"a":[1,{"b":"\u0000é"}],"c":null}"#] {
            let value = parse(text.as_bytes(), ROOM).unwrap();
            assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(parse_canonical(text.as_bytes(), ROOM).unwrap(), value);
        }
    }

    #[test]
    fn no_truncation_of_an_object_is_taken_for_the_object() {
        let text = r#"{"a":[1,{"b":"é"}],"c":null}"#.as_bytes();
        for end in 0..text.len() {
            assert!(parse(&text[..end], ROOM).is_err(), "{end}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_at_every_level_and_in_every_spelling() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"[{"x":{"b":0,"c":1,"b":0}}]"#] {
            let fault = parse(text.as_bytes(), ROOM).unwrap_err();
            assert!(fault.text.contains("twice"), "{fault}");
            assert!(serde_json::from_str::<Value>(text).is_ok(), "the ordinary reader lets it pass");
        }
    }

    #[test]
    fn numbers_that_could_be_rounded_are_refused() {
        for good in ["9007199254740991", "-9007199254740991"] {
            assert!(parse(good.as_bytes(), ROOM).is_ok(), "{good}");
        }
        for bad in [
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551615",
            "18446744073709551616",
            "1.0",
            "1e3",
            "0.1",
            "-0",
            "1e999",
            "01",
            "+1",
            "NaN",
            "Infinity",
        ] {
            assert!(parse(bad.as_bytes(), ROOM).is_err(), "{bad}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_refused_and_a_whole_one_is_not() {
        for bad in [r#""\ud83d""#, r#""\ude02""#, r#""\ud83dx""#, r#""\ud83d\ud83d""#, r#"{"\ud800":1}"#] {
            assert!(parse(bad.as_bytes(), ROOM).is_err(), "{bad}");
        }
        assert_eq!(parse(br#""\ud83d\ude02""#, ROOM).unwrap(), json!("😂"));
        assert!(parse(b"\"\xed\xa0\xbd\"", ROOM).is_err());
    }

    #[test]
    fn nesting_is_allowed_up_to_the_limit_and_not_beyond() {
        let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
        assert!(parse(nested("[", "]", DEPTH_MAX).as_bytes(), ROOM).is_ok());
        assert!(parse(nested("[", "]", DEPTH_MAX + 1).as_bytes(), ROOM).is_err());
        assert!(parse(nested("[", "]", 100_000).as_bytes(), usize::MAX).is_err());
        let objects = |depth: usize| r#"{"a":"#.repeat(depth) + "{}" + &"}".repeat(depth);
        assert!(parse(objects(DEPTH_MAX - 1).as_bytes(), ROOM).is_ok());
        assert!(parse(objects(DEPTH_MAX).as_bytes(), ROOM).is_err());
    }

    #[test]
    fn other_spellings_of_the_same_value_are_not_canonical() {
        for text in ["{\"a\":1} ", " 1", "{\"b\":1,\"a\":1}", r#""\u00e9""#, r#""\/""#, r#""\u001F""#, "[1, 2]"] {
            assert!(parse(text.as_bytes(), ROOM).is_ok(), "{text}");
            assert!(parse_canonical(text.as_bytes(), ROOM).is_err(), "{text}");
        }
        assert_eq!(parse_canonical(b"[1, 2]", ROOM).unwrap_err().offset, Some(3));
    }

    #[test]
    fn faults_name_their_place() {
        assert_eq!(parse(b"{\"a\":x}", ROOM).unwrap_err().offset, Some(5));
        assert_eq!(parse(b"{\n\"a\":x}", ROOM).unwrap_err().offset, Some(6));
        assert_eq!(parse(b"\"ab\xff\"", ROOM).unwrap_err().offset, Some(3));
        assert_eq!(parse(b"[1,2,3]", 3).unwrap_err().offset, Some(3));
        assert_eq!(parse(b"[1]]", ROOM).unwrap_err().offset, Some(3));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes, ROOM);
        }

        #[test]
        fn what_is_accepted_is_what_everybody_reads(text in r#"[\[\]{}",:0-9a-c\\u .-]{0,40}"#) {
            if let Ok(value) = parse(text.as_bytes(), ROOM) {
                prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
