//! Logs that other programs left: what they say about an image, taken in as provenance. To add one: a file here, and a line
//! in [`PROGRAMS`].
//!
//! Such a log is a text that anybody could have written. It is kept byte for byte and bound by its digest; what is read out of it
//! is what it *says*.

mod dc3dd;
mod ddrescue;
mod ewfacquire;
mod ftk_imager;
mod guymager;

use std::collections::BTreeMap;

use serde::Serialize;

/// Largest log that is read, in bytes: 16 MiB. A map of a badly broken disk has some.
pub const LOG_BYTES_MAX: u64 = 16 << 20;

/// Most lines that are read out of a log.
const LINES_MAX: usize = 500_000;

/// Most facts of one kind that are kept; the log itself is kept whole.
const FACTS_MAX: usize = 200;

/// Longest text taken out of a log, in characters.
const TEXT_CHARS_MAX: usize = 300;

/// A program whose logs are known.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its id.
    pub id: &'static str,
    /// Its name, for people.
    pub title: &'static str,
    /// Whether a log is one of its.
    pub is_its: fn(&Lines<'_>) -> bool,
    /// What the log says.
    pub read: fn(&Lines<'_>) -> Provenance,
}

/// All of them, in the order in which they are asked.
pub static PROGRAMS: &[Program] =
    &[ftk_imager::PROGRAM, guymager::PROGRAM, dc3dd::PROGRAM, ddrescue::PROGRAM, ewfacquire::PROGRAM];

/// What a log says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Id of the program.
    pub program: String,
    /// Its version, as the log names it.
    pub version: Option<String>,
    /// When it began, as the log writes it.
    pub started: Option<String>,
    /// When it ended, as the log writes it.
    pub finished: Option<String>,
    /// The source, as the log names it.
    pub source: Option<String>,
    /// Size of the medium in bytes, as decimal digits.
    pub size: Option<String>,
    /// Digests of the medium, lower-case hexadecimal, by algorithm.
    pub digests: BTreeMap<String, String>,
    /// What else it states: case, examiner, model, serial number, command line.
    pub stated: BTreeMap<String, String>,
    /// Errors it tells of, one line each.
    pub errors: Vec<String>,
    /// What was found odd about the log itself.
    pub remarks: Vec<String>,
}

/// The lines of a log, in whatever encoding it has.
pub struct Lines<'a> {
    lines: Vec<std::borrow::Cow<'a, str>>,
    cut: bool,
}

impl<'a> Lines<'a> {
    fn of(text: std::borrow::Cow<'a, str>) -> Self {
        let lines: Vec<_> = match text {
            std::borrow::Cow::Borrowed(text) => text.lines().take(LINES_MAX).map(Into::into).collect(),
            std::borrow::Cow::Owned(text) => {
                text.lines().take(LINES_MAX).map(|line| std::borrow::Cow::Owned(line.to_owned())).collect()
            }
        };
        let cut = lines.len() == LINES_MAX;
        Self { lines, cut }
    }

    /// Each line.
    fn each(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(AsRef::as_ref)
    }

    /// Whether one of the first lines contains a text.
    fn begins_with(&self, text: &str) -> bool {
        const HEAD_LINES: usize = 40;
        self.each().take(HEAD_LINES).any(|line| line.contains(text))
    }

    /// What stands behind a label, in the first line that has it.
    fn after(&self, label: &str) -> Option<String> {
        let found = self.each().find_map(|line| {
            let (before, rest) = line.split_once(label)?;
            before.trim().is_empty().then(|| rest.trim_start_matches([' ', '\t', ':', '.']).trim())
        });
        found.filter(|text| !text.is_empty()).map(clipped)
    }
}

/// What a log says, by the program whose log it is; `None` if no program of [`PROGRAMS`] wrote it.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Provenance> {
    let lines = Lines::of(decoded(bytes.get(..usize::try_from(LOG_BYTES_MAX).ok()?).unwrap_or(bytes)));
    let program = PROGRAMS.iter().find(|program| (program.is_its)(&lines))?;
    let mut said = (program.read)(&lines);
    program.id.clone_into(&mut said.program);
    if lines.cut || bytes.len() as u64 > LOG_BYTES_MAX {
        said.remarks.push("the log is longer than what is read of it".to_owned());
    }
    if said.errors.len() > FACTS_MAX {
        let more = said.errors.len().saturating_sub(FACTS_MAX);
        said.errors.truncate(FACTS_MAX);
        said.remarks.push(format!("{more} further errors are in the log"));
    }
    Some(said)
}

/// UTF-8, UTF-16 with its mark (as Windows programs write), or bytes of which every one above 127 is unknown.
fn decoded(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).filter_map(|pair| Some(read(pair.try_into().ok()?)));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// A text out of a log, not longer than it needs to be.
fn clipped(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

/// Takes a digest, if the text is one of that algorithm; another one than before is odd.
fn take_digest(said: &mut Provenance, algorithm: &str, text: &str) {
    let digits = match algorithm {
        "md5" => 32,
        "sha1" => 40,
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return,
    };
    let word =
        text.trim().trim_start_matches(':').trim().split(|c: char| !c.is_ascii_hexdigit()).next().unwrap_or_default();
    if word.len() != digits {
        return;
    }
    let hex = word.to_ascii_lowercase();
    match said.digests.get(algorithm) {
        Some(before) if *before != hex => {
            let remark = format!("it names two digests {algorithm}: {before} and {hex}");
            if !said.remarks.contains(&remark) && said.remarks.len() < FACTS_MAX {
                said.remarks.push(remark);
            }
        }
        _ => drop(said.digests.insert(algorithm.to_owned(), hex)),
    }
}

/// The first whole number in a text, with thousands separators taken out, as decimal digits.
fn number(text: &str) -> Option<String> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let word: String =
        text.get(start..)?.chars().take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '\'')).collect();
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<u64>().ok().map(|number| number.to_string())
}

/// Puts down something stated, under a name.
fn state(said: &mut Provenance, name: &str, value: Option<String>) {
    if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
        said.stated.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_program_stands_once_and_an_unknown_log_is_nobodys() {
        for (at, program) in PROGRAMS.iter().enumerate() {
            assert_eq!(PROGRAMS.iter().position(|other| other.id == program.id), Some(at));
        }
        for text in ["", "hello", "MD5 checksum: 0"] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_with_and_without_separators() {
        assert_eq!(number(" 1,048,576 bytes").as_deref(), Some("1048576"));
        assert_eq!(number("16'777'216").as_deref(), Some("16777216"));
        assert_eq!(number("none"), None);
        assert_eq!(number(&"9".repeat(40)), None);
    }

    #[test]
    fn two_digests_that_differ_are_told() {
        let mut said = Provenance::default();
        take_digest(&mut said, "md5", &"a".repeat(32));
        take_digest(&mut said, "md5", &"A".repeat(32));
        assert!(said.remarks.is_empty());
        take_digest(&mut said, "md5", &"b".repeat(32));
        assert_eq!((said.remarks.len(), said.digests["md5"].as_str()), (1, "a".repeat(32).as_str()));
        take_digest(&mut said, "sha1", "too short");
        assert_eq!(said.digests.len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_log_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..400), which in 0_usize..6) {
            let heads = ["Created By AccessData FTK Imager 4\n", "GUYMAGER ACQUISITION INFO FILE\n", "dc3dd 7.2 started at x\n",
                "# Mapfile. Created by GNU ddrescue version 1\n0x0 + 1\n", "ewfacquire 2014\n", ""];
            let _ = read(&[heads[which].as_bytes(), &bytes].concat());
        }
    }
}
