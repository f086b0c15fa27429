//! Names that come from evidence: exact bytes for programs, escaped text for people.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap};

use crate::{from_hex, to_hex};

/// A file name, label or serial number exactly as found. It may not be text, and it may attack a terminal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Vec<u8>);

impl Name {
    /// A name from its exact bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The exact bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Characters that change what a reader sees without being seen: controls, direction marks, joiners, other invisibles.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

impl fmt::Display for Name {
    /// Escaped for terminals and reports: what cannot be seen is written `\u{…}`, what is not UTF-8 `\x…`, a backslash `\\`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\\' => f.write_str("\\\\")?,
                    c if is_deceptive(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                    c => write!(f, "{c}")?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl Serialize for Name {
    /// A string where the bytes are UTF-8; otherwise `{"text": lossy, "bytes": hex}`, so that no byte is ever lost.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Ok(text) = std::str::from_utf8(&self.0) {
            return serializer.serialize_str(text);
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("text", &String::from_utf8_lossy(&self.0))?;
        map.serialize_entry("bytes", &to_hex(&self.0))?;
        map.end()
    }
}

/// The two forms a name is written in.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Exact(Exact),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exact {
    text: String,
    bytes: String,
}

impl<'de> Deserialize<'de> for Name {
    /// Accepts exactly what `Serialize` writes: a text that says something else than its bytes is refused, since it
    /// would show a person one name and a program another.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Exact { text, bytes } = match Written::deserialize(deserializer)? {
            Written::Text(text) => return Ok(Self::new(text)),
            Written::Exact(exact) => exact,
        };
        let bytes = from_hex(&bytes).ok_or_else(|| D::Error::custom("the bytes of a name are not hexadecimal"))?;
        if std::str::from_utf8(&bytes).is_ok() || String::from_utf8_lossy(&bytes) != text {
            return Err(D::Error::custom("the text of a name does not follow from its bytes"));
        }
        Ok(Self(bytes))
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_attacks_a_terminal_is_escaped_and_what_is_readable_is_left() {
        let shown = Name::new(b"a\x1b[2Jb\xff\\\xe2\x80\xaegpj.exe \xd8\xb3".to_vec()).to_string();
        assert_eq!(shown, "a\\u{1b}[2Jb\\xff\\\\\\u{202e}gpj.exe \u{633}");
    }

    #[test]
    fn bytes_that_are_not_text_travel_exactly() {
        assert_eq!(serde_json::to_string(&Name::new(b"a\xff".to_vec())).unwrap(), r#"{"text":"a�","bytes":"61ff"}"#);
        assert_eq!(serde_json::to_string(&Name::from("ß")).unwrap(), "\"ß\"");
    }

    #[test]
    fn a_name_is_read_back_exactly_and_a_text_that_contradicts_its_bytes_is_refused() {
        for bytes in [&b"plain"[..], b"a\xff", b"\x1b\xe2\x80\xae", b""] {
            let written = serde_json::to_string(&Name::new(bytes)).unwrap();
            assert_eq!(serde_json::from_str::<Name>(&written).unwrap().bytes(), bytes);
        }
        for bad in [r#"{"text":"b","bytes":"61ff"}"#, r#"{"text":"a","bytes":"61"}"#, r#"{"text":"a"}"#, "7"] {
            assert!(serde_json::from_str::<Name>(bad).is_err(), "{bad}");
        }
    }
}
