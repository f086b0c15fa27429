//! LUKS, versions 1 and 2 (cryptsetup's on-disk format documents).

use exhibit_evidence::layout::{Contents, Encryption, EncryptionState};

use super::plain;
use crate::Window;

const MAGIC: &[u8] = b"LUKS\xba\xbe";

/// Where the version 1 header keeps its eight key slots, their size, and the mark of one in use.
const SLOTS_AT: u64 = 208;
const SLOT_BYTES: u64 = 48;
const SLOT_ACTIVE: u32 = 0x00ac_71f3;

/// Of the JSON of version 2 (behind the binary header of 4096 bytes) so much is looked at; it rarely has more than 4 KiB.
const JSON_AT: u64 = 4096;
const JSON_BYTES: usize = 12 * 1024;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    if !window.has(0, MAGIC) {
        return None;
    }
    let version = window.u16_be(6)?;
    let detail = match version {
        1 => version_1(window),
        2 => version_2(window),
        _ => format!("LUKS, unknown version {version}"),
    };
    let mut contents = plain(&format!("luks{version}"), &format!("LUKS version {version}"));
    contents.uuid = window.text(168, 40);
    contents.label = window.text(24, 48).filter(|_| version == 2);
    contents.encryption = Some(Encryption { state: EncryptionState::Encrypted, detail });
    Some(contents)
}

fn version_1(window: &Window<'_>) -> String {
    let field = |at: u64| window.text(at, 32).unwrap_or_else(|| "?".to_owned());
    let bits = window.u32_be(108).map_or_else(|| "?".to_owned(), |bytes| bytes.saturating_mul(8).to_string());
    let active = (0..8_u64).filter(|slot| window.u32_be(SLOTS_AT + slot * SLOT_BYTES) == Some(SLOT_ACTIVE)).count();
    format!("LUKS1, {}-{}, {bits} bits of key, {active} of 8 key slots in use", field(8), field(40))
}

fn version_2(window: &Window<'_>) -> String {
    let available = usize::try_from(window.size().saturating_sub(JSON_AT)).unwrap_or(JSON_BYTES);
    let json = window.bytes(JSON_AT, JSON_BYTES.min(available)).unwrap_or_default();
    let json = String::from_utf8_lossy(json.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
    // Not parsed: only the segment's cipher and the number of key slots are wanted, and both are plain words in it.
    let slots = json.matches("\"type\":\"luks2\"").count();
    // The segments come after the key slots, and each of them names a cipher as well: the last one is the data's.
    let cipher = json.rsplit_once("\"encryption\":\"").and_then(|(_, rest)| rest.split('"').next());
    let cipher = cipher.map_or_else(|| "?".to_owned(), |cipher| cipher.chars().take(64).collect());
    format!("LUKS2, {cipher}, {slots} key slots in use")
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{ByteRange, MemorySource};

    use super::*;

    #[test]
    fn a_version_1_header_tells_cipher_and_slots() {
        let mut bytes = vec![0; 4096];
        bytes[..6].copy_from_slice(MAGIC);
        bytes[7] = 1;
        bytes[8..11].copy_from_slice(b"aes");
        bytes[40..51].copy_from_slice(b"xts-plain64");
        bytes[111] = 64;
        bytes[168..171].copy_from_slice(b"u-1");
        bytes[208..212].copy_from_slice(&SLOT_ACTIVE.to_be_bytes());
        bytes[256..260].copy_from_slice(&SLOT_ACTIVE.to_be_bytes());
        let source = MemorySource::new(bytes);
        let found = recognise(&Window::new(&source, ByteRange::new(0, 4096))).unwrap();
        assert_eq!((found.kind.as_str(), found.uuid.as_deref()), ("luks1", Some("u-1")));
        let seen = found.encryption.unwrap();
        assert_eq!(seen.detail, "LUKS1, aes-xts-plain64, 512 bits of key, 2 of 8 key slots in use");
    }
}
