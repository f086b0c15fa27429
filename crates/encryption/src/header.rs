//! The header: a line that names the format, a stanza for each recipient, and a code that authenticates both.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use exhibit_evidence::Source;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::fault::OpenFault;
use crate::keys::derived;
use crate::{FIRST_LINE, FileKey};

/// Longest header that is read, in bytes: a thousand recipients.
pub const HEADER_BYTES_MAX: usize = 256 << 10;
/// Stanzas of a header that are read, and recipients of a file that are written.
pub const STANZAS_MAX: usize = 1000;
/// Characters of base64 in a full line of a stanza's body.
const COLUMNS: usize = 64;

/// What one recipient finds in the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stanza {
    /// The kind of key, and what goes with it.
    pub(crate) arguments: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Stanza {
    /// The kind of key it is for.
    pub(crate) fn kind(&self) -> &str {
        self.arguments.first().map_or("", String::as_str)
    }

    /// Whether a stanza of a kind that is handled has as many arguments as it should.
    pub(crate) fn has_right_arguments(&self) -> bool {
        self.arguments.len() == if self.kind() == "X25519" { 2 } else { 3 }
    }
}

/// A header as it stands in a file.
pub(crate) struct Header {
    pub(crate) stanzas: Vec<Stanza>,
    /// What the code authenticates: everything up to `---`.
    authenticated: Vec<u8>,
    code: Vec<u8>,
    /// Bytes of the whole header.
    pub(crate) length: u64,
}

/// Lines of a header, with the place of each.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether `bytes` were cut off at [`HEADER_BYTES_MAX`].
    cut: bool,
}

impl<'a> Lines<'a> {
    /// The next line without its end, and where it begins.
    fn next(&mut self) -> Result<(usize, &'a str), OpenFault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            let text = if self.cut { "longer than the limit of 256 KiB" } else { "it ends before its last line" };
            return Err(wrong(self.at, text));
        };
        let line = rest.get(..length).and_then(|line| std::str::from_utf8(line).ok());
        let line = line.filter(|line| line.bytes().all(|c| c.is_ascii_graphic() || c == b' '));
        let line = line.ok_or_else(|| wrong(self.at, "a line that is not text"))?;
        let at = self.at;
        self.at = self.at.saturating_add(length).saturating_add(1);
        Ok((at, line))
    }
}

fn wrong(at: usize, text: impl Into<String>) -> OpenFault {
    OpenFault::Header { at, text: text.into() }
}

impl Header {
    /// Reads the header of a file.
    pub(crate) fn read(source: &dyn Source) -> Result<Self, OpenFault> {
        let length = usize::try_from(source.size()).unwrap_or(usize::MAX).min(HEADER_BYTES_MAX);
        let mut bytes = vec![0; length];
        source.read_at(0, &mut bytes).map_err(OpenFault::Read)?;
        Self::parse(&bytes, source.size() > length as u64)
    }

    fn parse(bytes: &[u8], cut: bool) -> Result<Self, OpenFault> {
        let mut lines = Lines { bytes, at: 0, cut };
        let (_, first) = lines.next()?;
        if first.as_bytes() != FIRST_LINE {
            return Err(wrong(0, "it does not begin with age-encryption.org/v1"));
        }
        let mut stanzas = Vec::new();
        loop {
            let (at, line) = lines.next()?;
            if let Some(code) = line.strip_prefix("--- ") {
                let code = STANDARD_NO_PAD.decode(code).ok().filter(|code| code.len() == 32);
                let code =
                    code.ok_or_else(|| wrong(at, "its authentication code is not 32 bytes in canonical base64"))?;
                if stanzas.is_empty() {
                    return Err(wrong(at, "it names no recipient"));
                }
                if stanzas.len() > 1 && stanzas.iter().any(|stanza: &Stanza| stanza.kind() == "scrypt") {
                    return Err(wrong(at, "a passphrase and another recipient besides"));
                }
                let authenticated = bytes.get(..at.saturating_add(3)).unwrap_or_default().to_vec();
                return Ok(Self { stanzas, authenticated, code, length: lines.at as u64 });
            }
            let arguments = line.strip_prefix("-> ").ok_or_else(|| wrong(at, "neither a stanza nor the end"))?;
            let arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
            if arguments.iter().any(String::is_empty) {
                return Err(wrong(at, "an empty argument of a stanza"));
            }
            if stanzas.len() >= STANZAS_MAX {
                return Err(wrong(at, format!("more than {STANZAS_MAX} stanzas")));
            }
            stanzas.push(Stanza { arguments, body: body(&mut lines)? });
        }
    }

    /// Whether the header is the one that was written with this key.
    pub(crate) fn check_mac(&self, file_key: &FileKey) -> Result<(), OpenFault> {
        let mac = mac(&self.authenticated, file_key).ok_or(OpenFault::Changed)?;
        mac.verify_slice(&self.code).map_err(|_| OpenFault::Changed)
    }

    /// The kinds of keys that it is encrypted to, each once, escaped.
    pub(crate) fn kinds(&self) -> String {
        let mut kinds: Vec<&str> = self.stanzas.iter().map(Stanza::kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let shown = kinds.iter().take(8).map(|kind| kind.chars().take(40).collect::<String>());
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// The body of a stanza: full lines, and one that is not full, which may be empty.
fn body(lines: &mut Lines<'_>) -> Result<Vec<u8>, OpenFault> {
    let mut bytes = Vec::new();
    loop {
        let (at, line) = lines.next()?;
        if line.len() > COLUMNS {
            return Err(wrong(at, "a line of more than 64 characters"));
        }
        let decoded = STANDARD_NO_PAD.decode(line).map_err(|_| wrong(at, "a line that is not canonical base64"))?;
        bytes.extend(decoded);
        if line.len() < COLUMNS {
            return Ok(bytes);
        }
    }
}

fn mac(authenticated: &[u8], file_key: &FileKey) -> Option<Hmac<Sha256>> {
    let key = derived(file_key.as_slice(), &[], b"header")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).ok()?;
    mac.update(authenticated);
    Some(mac)
}

/// The header of these stanzas.
pub(crate) fn write(stanzas: &[Stanza], file_key: &FileKey) -> Vec<u8> {
    let mut text = Vec::from(FIRST_LINE);
    text.push(b'\n');
    for stanza in stanzas {
        text.extend_from_slice(format!("-> {}\n", stanza.arguments.join(" ")).as_bytes());
        let body = STANDARD_NO_PAD.encode(&stanza.body);
        for line in body.as_bytes().chunks(COLUMNS) {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        if body.len().is_multiple_of(COLUMNS) {
            text.push(b'\n');
        }
    }
    text.extend_from_slice(b"---");
    let code = mac(&text, file_key).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default();
    text.extend_from_slice(format!(" {}\n", STANDARD_NO_PAD.encode(code)).as_bytes());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> FileKey {
        zeroize::Zeroizing::new([9; 16])
    }

    #[test]
    fn headers_go_there_and_back_and_no_truncation_is_read() {
        for length in [0, 1, 32, 47, 48, 49, 96] {
            let stanza = Stanza { arguments: vec!["kind".to_owned(), "x".to_owned()], body: vec![5; length] };
            let bytes = write(&[stanza.clone(), stanza.clone()], &key());
            let header = Header::parse(&bytes, false).unwrap();
            assert_eq!(header.stanzas, [stanza.clone(), stanza]);
            assert_eq!(header.length, bytes.len() as u64);
            header.check_mac(&key()).unwrap();
            for end in 0..bytes.len() {
                assert!(Header::parse(&bytes[..end], false).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn no_changed_byte_passes() {
        let stanza = Stanza { arguments: vec!["kind".to_owned(), "x".to_owned()], body: vec![5; 32] };
        let bytes = write(&[stanza], &key());
        for at in 0..bytes.len() {
            for bit in [1, 0x20] {
                let mut changed = bytes.clone();
                changed[at] ^= bit;
                let passes = Header::parse(&changed, false).is_ok_and(|header| header.check_mac(&key()).is_ok());
                assert!(!passes, "bit {bit} of byte {at}");
            }
        }
    }
}
