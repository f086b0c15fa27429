//! OpenSSH's text armour: a BEGIN line, base64 in lines of 70 characters, an END line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Characters of base64 in a line, as OpenSSH writes it.
const COLUMNS: usize = 70;

/// Largest armoured text that is looked at, in bytes. Real keys and signatures have some hundred.
pub(crate) const TEXT_BYTES_MAX: usize = 64 << 10;

/// The armoured form; `label` is for example `SSH SIGNATURE`. Cleared on drop, since it may be a private key.
pub(crate) fn encode(label: &str, blob: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(STANDARD.encode(blob));
    // Room for everything at once: a buffer that grows leaves copies of its content behind.
    let room = base64.len().saturating_add(base64.len() / COLUMNS).saturating_add(label.len().saturating_mul(2));
    let mut text = Zeroizing::new(String::with_capacity(room.saturating_add(64)));
    for part in ["-----BEGIN ", label, "-----\n"] {
        text.push_str(part);
    }
    for line in base64.as_bytes().chunks(COLUMNS) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    for part in ["-----END ", label, "-----\n"] {
        text.push_str(part);
    }
    text
}

/// The bytes of an armoured text; line lengths, line ends and white space around lines do not matter.
pub(crate) fn decode(label: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(format!("longer than the limit of {TEXT_BYTES_MAX} bytes"));
    }
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let body = text.trim().strip_prefix(&begin).ok_or_else(|| format!("does not begin with \"{begin}\""))?;
    let body = body.strip_suffix(&end).ok_or_else(|| format!("does not end with \"{end}\""))?;
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
    let bytes = STANDARD.decode(base64.as_bytes()).map_err(|error| format!("not base64: {error}"))?;
    Ok(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_goes_there_and_back_and_lines_have_seventy_columns() {
        for length in 0..300 {
            let blob: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let text = encode("X Y", &blob);
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!((lines[0], *lines.last().unwrap()), ("-----BEGIN X Y-----", "-----END X Y-----"));
            let body = &lines[1..lines.len() - 1];
            assert!(body.iter().rev().skip(1).all(|line| line.len() == 70));
            assert!(body.last().is_none_or(|line| (1..=70).contains(&line.len())));
            assert_eq!(*decode("X Y", &text).unwrap(), blob);
            assert_eq!(*decode("X Y", &text.replace('\n', "\r\n")).unwrap(), blob);
        }
    }

    #[test]
    fn what_is_not_armour_is_refused() {
        for bad in ["", "-----BEGIN X-----", "-----BEGIN X-----\nAA=\n-----END X-----\n", "-----BEGIN X-----\nAA==\n"] {
            assert!(decode("X", bad).is_err(), "{bad}");
        }
        assert!(decode("X", &" ".repeat(TEXT_BYTES_MAX + 1)).is_err());
    }
}
