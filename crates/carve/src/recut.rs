//! Another expert's check: a file of `carved.jsonl` is cut again from the medium by its extents alone, and its digests are
//! compared. Nothing is searched and no format is looked at, so it shares no decision with what it checks.

use exhibit_evidence::{ByteRange, Cause, Source, to_hex};
use md5::Md5;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Bytes read at a time.
const READ_BYTES: u64 = 1 << 20;

/// How a line of the list fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recut {
    /// The bytes at its extents have the digests that the line states.
    Same {
        /// How many.
        bytes: u64,
    },
    /// They do not, or the line contradicts itself: in words.
    Differs(String),
    /// They could not be read, so nothing is known: in words.
    Unread(String),
}

/// What of a line is needed to cut the file again.
#[derive(Debug, Deserialize)]
struct Line {
    size: u64,
    sha256: String,
    md5: String,
    extents: Vec<Extent>,
}

#[derive(Debug, Deserialize)]
struct Extent {
    offset: u64,
    length: u64,
}

/// Cuts the file of one line of `carved.jsonl` out of `source` again and compares.
///
/// Reads at most as many bytes as `source` has, whatever the line says.
#[must_use]
pub fn recut(source: &dyn Source, line: &[u8]) -> Recut {
    let line: Line = match serde_json::from_slice(line) {
        Ok(line) => line,
        Err(error) => return Recut::Differs(format!("no line of a carver's list: {error}")),
    };
    let total = line.extents.iter().try_fold(0_u64, |total, extent| total.checked_add(extent.length));
    if total != Some(line.size) || line.size > source.size() {
        return Recut::Differs(format!("its extents do not come to its size of {} bytes", line.size));
    }
    let (mut sha256, mut md5) = (Sha256::new(), Md5::new());
    let mut buffer = Vec::new();
    for extent in &line.extents {
        let Some(end) = extent.offset.checked_add(extent.length).filter(|end| *end <= source.size()) else {
            return Recut::Differs(format!("the extent at {} reaches behind the end of the medium", extent.offset));
        };
        let mut at = extent.offset;
        while at < end {
            let range = ByteRange::between(at, end.min(at.saturating_add(READ_BYTES)));
            buffer.resize(usize::try_from(range.length).unwrap_or(0), 0);
            match source.read_at(range.offset, &mut buffer) {
                Ok(()) => {}
                Err(fault) if matches!(fault.cause, Cause::Corrupt(_)) => return Recut::Differs(fault.to_string()),
                Err(fault) => return Recut::Unread(fault.to_string()),
            }
            sha256.update(&buffer);
            md5.update(&buffer);
            at = range.end();
        }
    }
    let (sha256, md5) = (to_hex(&sha256.finalize()), to_hex(&md5.finalize()));
    if sha256 != line.sha256 || md5 != line.md5 {
        return Recut::Differs(format!("the bytes at its extents have SHA-256 {sha256} and MD5 {md5}"));
    }
    Recut::Same { bytes: line.size }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    /// `abc` in two pieces out of `xabyyc`.
    const LINE: &str = r#"{"path":"txt/1","type":"txt","size":3,
        "sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","md5":"900150983cd24fb0d6963f7d28e17f72",
        "extents":[{"offset":1,"length":2},{"offset":5,"length":1}],"class":"proven","reasons":[],"parent":null}"#;

    #[test]
    fn a_file_in_pieces_is_the_same_and_a_changed_byte_of_medium_or_line_is_not() {
        let medium = b"xabyyc".to_vec();
        let cut = |medium: &[u8], line: &str| recut(&MemorySource::new(medium.to_vec()), line.as_bytes());
        assert_eq!(cut(&medium, LINE), Recut::Same { bytes: 3 });
        for at in [1, 2, 5] {
            let mut other = medium.clone();
            other[at] ^= 1;
            assert!(matches!(cut(&other, LINE), Recut::Differs(_)), "{at}");
        }
        for (from, to) in [
            ("\"size\":3", "\"size\":4"),
            ("\"offset\":5", "\"offset\":6"),
            ("\"offset\":5", "\"offset\":18446744073709551615"),
            ("\"length\":1}", "\"length\":18446744073709551615}"),
            ("ba78", "ba79"),
            ("9001", "9002"),
            ("\"md5\"", "\"md6\""),
        ] {
            assert!(matches!(cut(&medium, &LINE.replacen(from, to, 1)), Recut::Differs(_)), "{to}");
        }
        for end in 0..LINE.len() {
            assert!(matches!(cut(&medium, &LINE[..end]), Recut::Differs(_)));
        }
    }
}
