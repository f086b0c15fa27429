//! Names for files that are written under names out of evidence: they never lead out of the folder, never deceive a
//! reader, and two names are never one.

use std::collections::BTreeSet;

use exhibit_evidence::Name;

/// Longest part of a path that is kept, in bytes: file systems allow 255, and `.partial` is added while writing.
const PART_BYTES_MAX: usize = 200;
/// Deepest folder that is made; what lies deeper is put there under its whole path.
const PARTS_MAX: usize = 64;

/// Output names given so far.
#[derive(Default)]
pub(crate) struct OutputNames(BTreeSet<String>);

impl OutputNames {
    /// A relative path for the file `path`, not given before. What cannot stand in a name as it is becomes `%` and two
    /// hexadecimal digits for each byte; a name that comes again gets `%~2`, `%~3`, ….
    pub(crate) fn name(&mut self, path: &Name) -> String {
        let parts: Vec<&[u8]> = path.bytes().splitn(PARTS_MAX, |byte| *byte == b'/').collect();
        let plain = parts.iter().map(|part| escaped(part)).collect::<Vec<_>>().join("/");
        let numbered = (2_u64..).map(|number| format!("{plain}%~{number}"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|name| !self.0.contains(name));
        let name = free.unwrap_or(plain);
        self.0.insert(name.clone());
        name
    }
}

/// One part of a path.
fn escaped(part: &[u8]) -> String {
    let all_dots = part.iter().all(|byte| *byte == b'.');
    let shown = Name::new(part).to_string();
    // Name escapes what deceives with a backslash, which is no letter of ours: then every byte that is not plain is spelt.
    let spell = all_dots || shown.as_bytes() != part || part.contains(&b'\\');
    let keep = |byte: &u8| {
        let odd = matches!(byte, b'%' | b'/' | b'\\' | b':') || byte.is_ascii_control();
        !odd && (byte.is_ascii() && !all_dots || (!byte.is_ascii() && !spell))
    };
    let mut text = Vec::new();
    for byte in part {
        if keep(byte) { text.push(*byte) } else { text.extend(format!("%{byte:02X}").into_bytes()) }
    }
    // Windows drops dots and spaces at the end, and so two names could become one there.
    if let Some(last @ (b'.' | b' ')) = text.last().copied() {
        text.pop();
        text.extend(format!("%{last:02X}").into_bytes());
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    match text.len() {
        0 => "%".to_owned(),
        length if length > PART_BYTES_MAX => shortened(&text),
        _ => text,
    }
}

/// The beginning of a long name, and what tells it from others that begin so.
fn shortened(text: &str) -> String {
    let digest = exhibit_hash::algorithm("sha256").map(|algorithm| {
        let mut digester = algorithm.start();
        digester.update(text.as_bytes());
        digester.digest().hex()
    });
    let digest = digest.unwrap_or_default();
    let end = (0..=PART_BYTES_MAX.saturating_sub(40)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}%~{}", text.get(..end).unwrap_or_default(), digest.get(..32).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &[u8]) -> String {
        OutputNames::default().name(&Name::new(path))
    }

    #[test]
    fn plain_names_stay_and_no_name_leads_out() {
        assert_eq!(name("docs/Brief an Müller.txt".as_bytes()), "docs/Brief an Müller.txt");
        assert_eq!(name(b"../../etc/passwd"), "%2E%2E/%2E%2E/etc/passwd");
        assert_eq!(name(b"/abs"), "%/abs");
        assert_eq!(name(b"a\\b:c%\x1b\xff"), "a%5Cb%3Ac%25%1B%FF");
        assert_eq!(name("x\u{202e}gpj.exe".as_bytes()), "x%E2%80%AEgpj.exe");
        assert_eq!(name(b"end."), "end%2E");
        for bad in [&b"a/../b"[..], b".", b"a//b", b"", b"...", b"\0"] {
            let name = name(bad);
            let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']);
            assert!(name.split('/').all(plain), "{name}");
        }
    }

    #[test]
    fn two_files_never_get_one_name() {
        let mut names = OutputNames::default();
        let long = "x".repeat(300);
        let given: Vec<String> = ["a", "a", "a%~2", "a", &format!("{long}1"), &format!("{long}2")]
            .iter()
            .map(|path| names.name(&Name::from(*path)))
            .collect();
        assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), given.len(), "{given:?}");
        assert!(given.iter().all(|name| name.len() <= PART_BYTES_MAX));
    }
}
