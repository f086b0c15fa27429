//! The text of device information and case data: one object with keys and values.

use super::super::ewf::header::utf16;
use super::super::ewf::layout::HEADER_TEXT_MAX;
use super::unpack::Method;

/// Keys of both objects, as the format writes them and as we call them.
const KEYS: [(&str, &str); 17] = [
    ("cn", "case_number"),
    ("en", "evidence_number"),
    ("nm", "description"),
    ("ex", "examiner"),
    ("nt", "notes"),
    ("av", "software_version"),
    ("os", "operating_system"),
    ("tt", "acquisition_date"),
    ("at", "system_date"),
    ("md", "model"),
    ("sn", "serial_number"),
    ("lb", "device_label"),
    ("pid", "process_id"),
    ("hs", "hpa_sectors"),
    ("dc", "dco_sectors"),
    ("gr", "error_granularity"),
    ("wb", "write_blocker"),
];

/// An object: key and value, in order, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Object(Vec<(String, String)>);

impl Object {
    /// Reads the payload of a section.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub(super) fn read(payload: &[u8], method: Method) -> Result<Self, String> {
        let bytes = match method {
            Method::None if payload.starts_with(&[0xff, 0xfe]) => payload.to_vec(),
            _ => method.bounded(payload, HEADER_TEXT_MAX)?,
        };
        let text = utf16(&bytes)?;
        let mut lines = text.split('\n');
        if !lines.by_ref().take(4).any(|line| line == "main") {
            return Err("there is no object \"main\"".to_owned());
        }
        let keys = lines.next().ok_or("the keys are missing")?.split('\t');
        let values = lines.next().ok_or("the values are missing")?.split('\t');
        Ok(Self(keys.zip(values).map(|(key, value)| (key.to_owned(), unescaped(value))).collect()))
    }

    /// The value of a key, as the format writes the key.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(have, _)| have == key).map(|(_, value)| value.as_str())
    }

    /// A number; `None` if it is missing or none.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.get(key)?.parse().ok()
    }

    /// What there is to say about the case and the device.
    pub(super) fn metadata(&self) -> impl Iterator<Item = (&'static str, String)> {
        let named = |(key, value): &(String, String)| {
            let (_, name) = KEYS.iter().find(|(short, _)| short == key)?;
            (!value.is_empty()).then(|| (*name, value.clone()))
        };
        self.0.iter().filter_map(named)
    }
}

/// Line ends and tabs cannot stand in a value, so they are written as the first three control characters.
fn unescaped(value: &str) -> String {
    let plain = |c| match c {
        '\u{1}' => '\n',
        '\u{2}' => '\r',
        '\u{3}' => '\t',
        other => other,
    };
    value.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let bytes: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn values_are_found_under_their_keys_and_line_ends_come_back() {
        let object =
            Object::read(&packed("1\nmain\ncn\tnt\tts\tzz\n2026/17\ta\u{1}b\t512\tx\n\n"), Method::Zlib).unwrap();
        assert_eq!((object.get("nt"), object.number("ts"), object.number("cn")), (Some("a\nb"), Some(512), None));
        let metadata: Vec<_> = object.metadata().collect();
        assert_eq!(metadata, [("case_number", "2026/17".to_owned()), ("notes", "a\nb".to_owned())]);
    }

    #[test]
    fn what_is_no_object_is_refused_in_words_and_every_truncation_ends() {
        let whole = packed("1\nmain\ncn\n1\n\n");
        for length in 0..whole.len() {
            assert!(Object::read(&whole[..length], Method::Zlib).is_err(), "{length}");
        }
        for bad in ["", "1\nother\ncn\n1\n", "1\nmain", "1\nmain\ncn"] {
            assert!(Object::read(&packed(bad), Method::Zlib).is_err(), "{bad:?}");
        }
        assert!(Object::read(b"no zlib", Method::Zlib).is_err());
    }
}
