//! Names that come from evidence: exact bytes for programs, escaped text for people.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::to_hex;

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
}
