//! `bagit.txt`: version and encoding.

use exhibit_evidence::{Finding, Severity};

use super::Rules;
use crate::collect::Findings;
use crate::members::{Members, read_small};

const NAME: &str = "bagit.txt";

/// The one text of version 1.0 (RFC 8493 §2.1.1).
const TEXT_1_0: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Versions this checker knows, with major and minor number.
const KNOWN: [(u32, u32); 6] = [(0, 93), (0, 94), (0, 95), (0, 96), (0, 97), (1, 0)];

/// How the tag files are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// ISO-8859-1: every byte is the character of the same number.
    Latin1,
}

impl Encoding {
    /// The text of `bytes`, if they are text in this encoding.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Latin1 => Some(bytes.iter().copied().map(char::from).collect()),
        }
    }
}

/// What `bagit.txt` declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Declaration {
    version: (u32, u32),
    pub(crate) encoding: Encoding,
}

impl Declaration {
    pub(crate) fn at_least(self, major: u32, minor: u32) -> bool {
        self.version >= (major, minor)
    }
}

/// Reads `bagit.txt`. What is wrong with it is a finding, and the bag is then read as version 1.0 in UTF-8.
pub(super) fn read(members: &dyn Members, rules: Rules, findings: &mut Findings) -> Declaration {
    let assumed = Declaration { version: (1, 0), encoding: Encoding::Utf8 };
    let bytes = match read_small(members, NAME, 64 << 10) {
        Ok(bytes) => bytes,
        Err(finding) => {
            findings.push(Finding { severity: Severity::Mismatch, code: "bag-declaration".to_owned(), ..finding });
            return assumed;
        }
    };
    if rules == Rules::Package {
        if bytes != TEXT_1_0.as_bytes() {
            let same = bytes.iter().zip(TEXT_1_0.as_bytes()).take_while(|(a, b)| a == b).count();
            let text = "it must hold exactly the two lines of BagIt 1.0 in UTF-8";
            findings.wrong_at(same as u64, "bag-declaration", NAME, text);
        }
        return assumed;
    }
    match parse(&bytes) {
        Ok(declaration) => declaration,
        Err(text) => {
            findings.wrong("bag-declaration", NAME, text);
            assumed
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Declaration, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    if text.starts_with('\u{feff}') {
        return Err("it begins with a byte order mark".to_owned());
    }
    let joined = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = joined.strip_suffix('\n').unwrap_or(&joined).split('\n').collect();
    let [first, second] = lines.as_slice() else {
        return Err(format!("it must have exactly two lines, found {}", lines.len()));
    };
    let number = value(first, "BagIt-Version")?;
    let version = KNOWN.into_iter().find(|(major, minor)| format!("{major}.{minor}") == number.trim());
    let version = version.ok_or_else(|| format!("version {number:?} is not one that is known here"))?;
    let encoding = value(second, "Tag-File-Character-Encoding")?;
    let exact =
        !first.contains(" :") && !second.contains(" :") && number.trim() == number && encoding.trim() == encoding;
    if version >= (1, 0) && !exact {
        return Err("white space around the values, which version 1.0 does not allow".to_owned());
    }
    match encoding.trim().to_ascii_uppercase().as_str() {
        "UTF-8" => Ok(Declaration { version, encoding: Encoding::Utf8 }),
        "ISO-8859-1" => Ok(Declaration { version, encoding: Encoding::Latin1 }),
        other => Err(format!("the encoding {other:?} is not one that is read here")),
    }
}

/// What follows `label`, a colon and one space. White space before the colon is left to the caller to judge.
fn value<'a>(line: &'a str, label: &str) -> Result<&'a str, String> {
    let (found, value) = line.split_once(':').ok_or_else(|| format!("{line:?} has no colon"))?;
    if found.trim_end() != label {
        return Err(format!("expected {label}, found {found:?}"));
    }
    value.strip_prefix(' ').ok_or_else(|| format!("no space after the colon of {label}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_lines_are_read_in_every_line_end_and_nothing_else_is() {
        let sound = parse(TEXT_1_0.as_bytes()).unwrap();
        assert_eq!(sound, Declaration { version: (1, 0), encoding: Encoding::Utf8 });
        let old = parse(b"BagIt-Version: 0.97\r\nTag-File-Character-Encoding: ISO-8859-1").unwrap();
        assert_eq!(old, Declaration { version: (0, 97), encoding: Encoding::Latin1 });
        assert!(old.at_least(0, 97) && !old.at_least(1, 0));
        let bad = [
            "",
            "BagIt-Version: 1.0\n",
            "BagIt-Version: 1.0 \nTag-File-Character-Encoding: UTF-8\n",
            "BagIt-Version : 1.0\nTag-File-Character-Encoding : UTF-8\n",
            "\u{feff}BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "BagIt-Version: 9.0\nTag-File-Character-Encoding: UTF-8\n",
            "BagIt-Version:1.0\nTag-File-Character-Encoding: UTF-8\n",
            "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n\n",
            "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n",
        ];
        for text in bad {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_truncation_but_that_of_the_last_line_end_is_refused() {
        for length in 0..TEXT_1_0.len() - 1 {
            assert!(parse(TEXT_1_0.as_bytes().get(..length).unwrap()).is_err(), "{length}");
        }
    }
}
