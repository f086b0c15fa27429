//! The values that documents are made of. Each is checked where it stands, so that an error has its line.

use std::borrow::Cow;
use std::fmt;

use exhibit_evidence::Instant;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

/// Longest text, in characters: some twenty pages. A scanned order does not belong here, its words do.
pub(crate) const TEXT_CHARS_MAX: usize = 50_000;

/// Longest id, in characters.
pub(crate) const ID_CHARS_MAX: usize = 100;

/// Words: not blank, and nothing that a terminal or a page obeys but line feeds and tabs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text(String);

/// The id of an instrument or article: `coe185/29`. Whether it is known is not asked here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Id(String);

/// A day, or a moment with its zone: `2026-11-23`, `2026-11-23T09:58:00+01:00`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Date {
    text: String,
    /// First second of it, as UTC; a day without a zone is taken as one in UTC, for comparing only.
    seconds: i64,
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.text
    }
}

impl Text {
    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Id {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Date {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// For comparing.
    pub(crate) const fn seconds(&self) -> i64 {
        self.seconds
    }
}

impl TryFrom<String> for Text {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
        if text.trim().is_empty() {
            Err("it is empty; leave the field out if there is nothing to say".to_owned())
        } else if text.chars().any(odd) {
            Err("it holds control characters".to_owned())
        } else if text.chars().count() > TEXT_CHARS_MAX {
            Err(format!("it is longer than {TEXT_CHARS_MAX} characters"))
        } else {
            Ok(Self(text))
        }
    }
}

impl TryFrom<String> for Id {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '/' | '.');
        if text.is_empty() || text.len() > ID_CHARS_MAX || !text.chars().all(plain) {
            return Err(
                "it is not an id: lower-case letters, digits, hyphens, dots and slashes, as coe185/29".to_owned()
            );
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let seconds =
            seconds_of(&text).ok_or("it is neither a day as 2026-11-23 nor a moment as 2026-11-23T09:58:00+01:00")?;
        Ok(Self { text, seconds })
    }
}

/// Seconds since 1970 of a day or of a moment with its zone.
fn seconds_of(text: &str) -> Option<i64> {
    if text.len() == 10 {
        return Instant::parse(&format!("{text}T00:00:00Z")).map(Instant::unix_seconds);
    }
    if let Some(moment) = Instant::parse(text) {
        return Some(moment.unix_seconds());
    }
    let (civil, zone) = text.split_at_checked(19)?;
    let civil = Instant::parse(&format!("{civil}Z"))?.unix_seconds();
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let number = |text: &str, below: i64| {
        let plain = text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| plain && *number < below)
    };
    civil.checked_sub(sign * (number(hours, 24)? * 3600 + number(minutes, 60)? * 60))
}

/// The name under which the TOML reader hands over a date without quotes; it is part of that crate's public behaviour.
const TOML_DATE: &str = "$__toml_private_datetime";

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = Date;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a day or a moment with its zone")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
                Date::try_from(text.to_owned()).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Date, A::Error> {
                match map.next_entry::<String, String>()? {
                    Some((name, text)) if name == TOML_DATE => self.visit_str(&text.replacen(' ', "T", 1)),
                    _ => Err(de::Error::custom("it is neither a day nor a moment")),
                }
            }
        }

        deserializer.deserialize_any(Written)
    }
}

/// A string in the schema, with its rule in words.
fn string_schema(description: &str, pattern: Option<&str>) -> Schema {
    match pattern {
        Some(pattern) => json_schema!({"type": "string", "description": description, "pattern": pattern}),
        None => json_schema!({"type": "string", "description": description, "minLength": 1}),
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        string_schema("Words; not blank, no control characters but line feeds and tabs", None)
    }
}

impl JsonSchema for Id {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        string_schema("Id of an instrument or article", Some("^[a-z0-9./-]{1,100}$"))
    }
}

impl JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2}))?$";
        string_schema("A day, or a moment with its zone (RFC 3339)", Some(pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_dates_and_other_texts_are_not() {
        for (text, seconds) in [
            ("1970-01-02", 86_400),
            ("1970-01-01T00:00:01Z", 1),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1969-12-31T19:00:00-05:00", 0),
        ] {
            assert_eq!(Date::try_from(text.to_owned()).unwrap().seconds(), seconds, "{text}");
        }
        for text in
            ["", "2026-02-30", "2026-1-1", "2026-11-23T09:58:00", "2026-11-23T09:58:00+1:00", "soon", "é26-11-23T"]
        {
            assert!(Date::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn blank_and_deceptive_words_are_refused() {
        for text in ["", "  ", "a\u{1b}[2J", "\0", &"x".repeat(TEXT_CHARS_MAX + 1)] {
            assert!(Text::try_from(text.to_owned()).is_err());
        }
        assert!(Text::try_from("two\nlines".to_owned()).is_ok());
        for text in ["", "COE185", "coe185 29", "ä"] {
            assert!(Id::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
