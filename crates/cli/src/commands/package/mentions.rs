//! Whether something that is to be shown tells of something that is to be withheld.

use std::collections::HashMap;

use exhibit_evidence::{Name, ReadFault, Source};
use serde_json::Value;

/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 20;
/// Longest word that can be the name of a file, in bytes.
const WORD_BYTES_MAX: usize = 4096;

/// Names and digests of what is withheld.
pub(super) struct Mentions {
    /// Each in lower case, to the name as people know it.
    words: HashMap<Vec<u8>, String>,
}

impl Mentions {
    /// Of files, each with its item, name and SHA-256.
    pub(super) fn of(hidden: &[(&str, &Name, &str)]) -> Self {
        let mut words = HashMap::new();
        for (item, name, sha256) in hidden {
            let full = format!("items/{item}/{name}");
            for word in [name.bytes(), full.as_bytes(), sha256.as_bytes()] {
                words.insert(word.to_ascii_lowercase(), name.to_string());
            }
        }
        Self { words }
    }

    /// The withheld file that a record of the custody log tells of, if any: by its path, by a digest, or in words.
    pub(super) fn in_record(&self, values: &[&Value]) -> bool {
        let mut open: Vec<&Value> = values.to_vec();
        while let Some(value) = open.pop() {
            match value {
                Value::String(text) if self.in_text(text.as_bytes()).is_some() => return true,
                Value::Array(values) => open.extend(values),
                Value::Object(map) => open.extend(map.values()),
                _ => {}
            }
        }
        false
    }

    /// The first withheld file that the bytes of a file tell of.
    pub(super) fn told_by(&self, source: &dyn Source) -> Result<Option<String>, ReadFault> {
        if self.words.is_empty() {
            return Ok(None);
        }
        let (mut at, mut kept) = (0_u64, Vec::new());
        while at < source.size() {
            let length = usize::try_from(source.size().saturating_sub(at)).unwrap_or(usize::MAX).min(BLOCK_BYTES);
            let start = kept.len();
            kept.resize(start.saturating_add(length), 0);
            source.read_at(at, kept.get_mut(start..).unwrap_or_default())?;
            if let Some(name) = self.in_text(&kept) {
                return Ok(Some(name));
            }
            // A word may go on in the next block.
            let keep = kept.len().saturating_sub(WORD_BYTES_MAX);
            kept.drain(..keep);
            at = at.saturating_add(length as u64);
        }
        Ok(None)
    }

    /// Words are what stands between white space, quotes and the marks of JSON, XML and tables; also the parts of a path.
    fn in_text(&self, text: &[u8]) -> Option<String> {
        let ends = |c: &u8| c.is_ascii_whitespace() || b"\"'<>,;:=()[]{}|".contains(c);
        let found = |word: &[u8]| self.words.get(&word.to_ascii_lowercase());
        text.split(ends).filter(|word| !word.is_empty()).find_map(found).or_else(|| found(text)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_digests_are_found_in_lists_and_records_and_across_blocks() {
        let digest = "ab".repeat(32);
        let (name, spaced) = (Name::from("jpeg/000000001000.jpg"), Name::from("my letter.txt"));
        let mentions = Mentions::of(&[("1", &name, &digest), ("1", &spaced, "cd")]);
        for text in [
            format!("{{\"path\":\"jpeg/000000001000.jpg\"}}"),
            format!("<hashdigest>{}</hashdigest>", digest.to_uppercase()),
            format!("{}{digest} ", " ".repeat(BLOCK_BYTES - 10)),
        ] {
            assert_eq!(mentions.told_by(&MemorySource::new(text.into_bytes())).unwrap(), Some(name.to_string()));
        }
        assert_eq!(mentions.told_by(&MemorySource::new(*b"jpeg/000000002000.jpg")).unwrap(), None);
        assert!(mentions.in_record(&[&json!({"files": [{"path": "items/1/my letter.txt"}]})]));
        assert!(!mentions.in_record(&[&json!({"files": [{"path": "items/2/other.txt"}], "n": 1})]));
    }
}
