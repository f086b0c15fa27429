//! The text of `header` and `header2`: categories, tab-separated keys, tab-separated values.

use exhibit_evidence::{Digest, Instant};

use super::layout::{HEADER_TEXT_MAX, PADDING_NOTE};
use crate::Metadata;
use crate::inflate::inflate_bounded;

/// Keys of the `main` category, as the format writes them and as we call them.
const KEYS: [(&str, &str); 17] = [
    ("c", "case_number"),
    ("n", "evidence_number"),
    ("a", "description"),
    ("e", "examiner"),
    ("t", "notes"),
    ("av", "software_version"),
    ("ov", "operating_system"),
    ("m", "acquisition_date"),
    ("u", "system_date"),
    ("md", "model"),
    ("sn", "serial_number"),
    ("l", "device_label"),
    ("p", "password_hash"),
    ("r", "compression_letter"),
    ("pid", "process_id"),
    ("ext", "extents"),
    ("dc", "unknown_dc"),
];

/// Longest value that is written, in characters: EnCase limits most strings to 2999.
const VALUE_CHARS_MAX: usize = 2999;

/// Reads the compressed payload of `header` (`wide` = false) or `header2` (UTF-16 with byte order mark).
///
/// Values are kept as written: times in `header` are local without a zone, in `header2` seconds since 1970, and turning
/// one into the other would invent a zone.
pub(super) fn read(payload: &[u8], wide: bool) -> Result<Vec<(&'static str, String)>, String> {
    let bytes = inflate_bounded(payload, HEADER_TEXT_MAX)?;
    let text = if wide { utf16(&bytes)? } else { narrow(&bytes) };
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let main = lines.by_ref().take(16).any(|line| line == "main");
    if !main {
        return Err("there is no category \"main\"".to_owned());
    }
    let keys: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let values: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let pair = |(key, value): (&&str, &&str)| {
        let name = KEYS.iter().find(|(short, _)| short == key)?.1;
        Some((name, (*value).to_owned()))
    };
    // "0" and nothing both mean that there is no password.
    let given = |(name, value): &(&str, String)| !value.is_empty() && (*name != "password_hash" || value != "0");
    Ok(keys.iter().zip(&values).filter_map(pair).filter(given).collect())
}

/// Digests in the compressed XML of `xhash`. libewf writes the names in capitals, its document shows small letters.
pub(super) fn extended_digests(payload: &[u8]) -> Result<Vec<Digest>, String> {
    let text = narrow(&inflate_bounded(payload, HEADER_TEXT_MAX)?).to_ascii_lowercase();
    let value = |algorithm: &str| {
        let (_, rest) = text.split_once(&format!("<{algorithm}>"))?;
        let (value, _) = rest.split_once(&format!("</{algorithm}>"))?;
        Some(Digest::parse(algorithm, value.trim()).map_err(|error| error.to_string()))
    };
    ["md5", "sha1", "sha256"].into_iter().filter_map(value).collect()
}

/// ASCII, UTF-8, or the code page of some Windows: bytes that are not UTF-8 become the replacement character.
fn narrow(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(in crate::formats) fn utf16(bytes: &[u8]) -> Result<String, String> {
    let (units, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err("UTF-16 text with an odd number of bytes".to_owned());
    }
    let big = bytes.starts_with(&[0xfe, 0xff]);
    let unit = |pair: &[u8; 2]| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let text: String =
        char::decode_utf16(units.iter().map(unit)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// A value as it can be written: the format has no escapes, so tabs and line ends become spaces.
fn value(text: &str) -> String {
    text.chars().take(VALUE_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Text of `header2`: three categories, UTF-16 little-endian with byte order mark.
pub(super) fn header2(metadata: &Metadata, notes: &str, started: Instant) -> Vec<u8> {
    let seconds = started.unix_seconds();
    let m = metadata;
    let text = format!(
        "3\nmain\na\tc\tn\te\tt\tmd\tsn\tav\tov\tm\tu\tp\tdc\n\
         {}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{seconds}\t{seconds}\t0\t\n\n\
         srce\n0\t1\np\tn\tid\tev\ttb\tlo\tpo\tah\tgu\taq\n0\t0\n\t\t\t\t\t-1\t-1\t\t\t\n\n\
         sub\n0\t1\np\tn\tid\tnu\tco\tgu\n0\t0\n\t\t\t\t1\t\n\n",
        value(&m.description),
        value(&m.case_number),
        value(&m.evidence_number),
        value(&m.examiner),
        value(notes),
        value(&m.model),
        value(&m.serial),
        short(&m.tool_version, 11),
        short(&m.system, 23),
    );
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Text of `header`: one category; times are UTC, because that is the one zone that is known.
pub(super) fn header(metadata: &Metadata, notes: &str, started: Instant) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = started.civil();
    let time = format!("{year} {month} {day} {hour} {minute} {second}");
    let m = metadata;
    let text = format!(
        "1\r\nmain\r\nc\tn\ta\te\tt\tav\tov\tm\tu\tp\r\n{}\t{}\t{}\t{}\t{}\t{}\t{}\t{time}\t{time}\t0\r\n\r\n",
        value(&m.case_number),
        value(&m.evidence_number),
        value(&m.description),
        value(&m.examiner),
        value(notes),
        short(&m.tool_version, 11),
        short(&m.system, 23),
    );
    // Readers take this section for ASCII; what is not is in header2.
    text.chars().map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect()
}

fn short(text: &str, limit: usize) -> String {
    value(text).chars().take(limit).collect()
}

/// The notes with the true length of a medium that does not fill its last sector.
pub(super) fn notes_with_length(notes: &str, size_bytes: u64) -> String {
    let [before, after] = PADDING_NOTE;
    let sentence = format!("{before}{size_bytes}{after}");
    // The sentence must survive the limit on values, so the notes give way.
    let room = VALUE_CHARS_MAX.saturating_sub(sentence.chars().count().saturating_add(1));
    let notes: String = notes.chars().take(room).collect();
    if notes.is_empty() { sentence } else { format!("{notes} {sentence}") }
}

/// The true length, if the notes end with our sentence, and the notes without it.
pub(super) fn length_in_notes(notes: &str) -> Option<(u64, &str)> {
    let [before, after] = PADDING_NOTE;
    let (rest, number) = notes.strip_suffix(after)?.rsplit_once(before)?;
    if !number.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some((number.parse().ok()?, rest.trim_end()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn sample() -> Metadata {
        let text = |text: &str| text.to_owned();
        Metadata {
            case_number: text("2026/17"),
            evidence_number: text("A\t1"),
            description: text("Notizbuch Müller"),
            examiner: text("Д. Иванова"),
            notes: text("line\nbreak"),
            tool_version: text("exhibit 0.1.0"),
            system: text("Linux"),
            ..Metadata::default()
        }
    }

    #[test]
    fn what_is_written_is_read_back_in_any_script_and_tabs_cannot_move_fields() {
        let wide = header2(&sample(), &sample().notes, Instant::from_unix_seconds(1_795_475_303));
        let read_back = read(&deflate(&wide), true).unwrap();
        let get = |key: &str| read_back.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str());
        assert_eq!(get("examiner"), Some("Д. Иванова"));
        assert_eq!(get("evidence_number"), Some("A 1"));
        assert_eq!(get("notes"), Some("line break"));
        assert_eq!(get("acquisition_date"), Some("1795475303"));
        assert_eq!(get("password_hash"), None);
        let ascii = header(&sample(), "", Instant::from_unix_seconds(1_795_475_303));
        assert_eq!(read(&deflate(&ascii), false).unwrap()[2].1, "Notizbuch M?ller");
    }

    #[test]
    fn the_true_length_survives_the_longest_notes() {
        let notes = notes_with_length(&"x".repeat(5000), 513);
        assert_eq!(length_in_notes(&value(&notes)).unwrap().0, 513);
        assert_eq!(length_in_notes(&notes_with_length("seen", 7)), Some((7, "seen")));
        assert_eq!(length_in_notes("[Source length: 5 bytes"), None);
    }

    #[test]
    fn damaged_headers_are_refused_in_words() {
        assert!(read(b"no zlib", false).is_err());
        assert!(read(&deflate(b"1\nother\n"), false).is_err());
        assert!(read(&deflate(&[0xff, 0xfe, 0]), true).is_err());
        let bomb = deflate(&vec![b'a'; HEADER_TEXT_MAX + 1]);
        assert!(read(&bomb, false).unwrap_err().contains("more than"));
    }
}
