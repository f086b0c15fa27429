//! From AFF4 names (URNs) to names of ZIP members and back.
//!
//! Writers escape member names in more than one way (upper or lower case, all characters or the first few, `%20` or a
//! space). Both sides are therefore compared without escapes.

use super::layout::URN;

/// `text` with each `%xx` as the byte it stands for; what is no escape stays, what is not UTF-8 then is replaced.
pub(super) fn unescaped(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&c| char::from(c).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(at.saturating_add(1)), digit(at.saturating_add(2))) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at = at.saturating_add(3);
            }
            _ => {
                out.push(byte);
                at = at.saturating_add(1);
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The forms under which the member of `urn` can be in the volume `volume`: relative to it, or whole.
pub(super) fn member_names(volume: &str, urn: &str) -> [String; 2] {
    let whole = unescaped(urn);
    let relative = whole.strip_prefix(&unescaped(volume)).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    [relative.unwrap_or(&whole).trim_start_matches('/').to_owned(), whole]
}

/// The member name that we write for a URN outside of the volume's own: only the beginning is escaped, in upper case.
pub(super) fn member_name(urn: &str) -> String {
    match urn.strip_prefix(URN) {
        Some(rest) => format!("aff4%3A%2F%2F{rest}"),
        None => urn.to_owned(),
    }
}

/// A URN out of 16 bytes, in the form of a UUID.
pub(super) fn urn(id: &[u8; 16]) -> String {
    let hex = exhibit_evidence::to_hex(id);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{URN}{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_escape_a_name_finds_the_same_member() {
        for name in ["aff4%3A%2F%2Fc21/0", "aff4%3a%2f%2fc21/0", "aff4://c21/0"] {
            assert_eq!(unescaped(name), "aff4://c21/0", "{name}");
        }
        assert_eq!(member_names("aff4://vol", "aff4://vol//a%20b")[0], "a b");
        assert_eq!(member_names("aff4://vol", "aff4://volume/x")[0], "aff4://volume/x");
        assert_eq!(unescaped("100%"), "100%");
        assert_eq!(unescaped("%4"), "%4");
        assert_eq!(member_name("aff4://x/1"), "aff4%3A%2F%2Fx/1");
        assert_eq!(urn(&[0x0a; 16]), "aff4://0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a");
    }
}
