//! BitLocker and BitLocker To Go (libbde's documentation of the format; the GUIDs are Microsoft's).

use exhibit_evidence::layout::{Contents, Encryption, EncryptionState};

use super::{guid, plain};
use crate::Window;

/// At byte 3 of the boot sector since Windows Vista, and at the beginning of each metadata block.
const SIGNATURE: &[u8] = b"-FVE-FS-";

/// {4967d63b-2e29-4ad8-8399-f6a339e3d001}: an ordinary BitLocker volume.
const ORDINARY: [u8; 16] =
    [0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a, 0x83, 0x99, 0xf6, 0xa3, 0x39, 0xe3, 0xd0, 0x01];
/// {92a84d3b-dd80-4d0e-9e4e-b1e3284eaed8}: only used space is encrypted.
const USED_ONLY: [u8; 16] =
    [0x3b, 0x4d, 0xa8, 0x92, 0x80, 0xdd, 0x0e, 0x4d, 0x9e, 0x4e, 0xb1, 0xe3, 0x28, 0x4e, 0xae, 0xd8];

/// Where the GUID stands: in the boot sector of a fixed disk, and in the FAT-like one of BitLocker To Go. Three addresses of
/// metadata blocks follow it.
const FIXED_GUID_AT: u64 = 160;
const TO_GO_GUID_AT: u64 = 424;

/// Most entries looked at in a metadata block; real ones have about ten.
const ENTRIES_MAX: usize = 64;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let to_go = [ORDINARY, USED_ONLY].iter().any(|guid| window.has(TO_GO_GUID_AT, guid));
    let fixed = window.has(3, SIGNATURE);
    let (kind, title, guid_at) = match (fixed, to_go) {
        (true, _) => ("bitlocker", "BitLocker", FIXED_GUID_AT),
        (false, true) => ("bitlocker-to-go", "BitLocker To Go", TO_GO_GUID_AT),
        _ => return None,
    };
    let mut contents = plain(kind, title);
    let used_only = window.has(guid_at, &USED_ONLY);
    let metadata = (0..3_u64).find_map(|copy| Metadata::read(window, window.u64_le(guid_at + 16 + copy * 8)?));
    let detail = match metadata {
        Some(metadata) => {
            contents.uuid = guid(metadata.volume);
            metadata.words(title)
        }
        None => format!("{title}; its metadata was not found where the boot sector points"),
    };
    let detail = if used_only { format!("{detail}; only used space is encrypted") } else { detail };
    contents.encryption = Some(Encryption { state: EncryptionState::Encrypted, detail });
    Some(contents)
}

struct Metadata {
    volume: [u8; 16],
    method: u16,
    converting: bool,
    protectors: Vec<u16>,
}

impl Metadata {
    fn read(window: &Window<'_>, at: u64) -> Option<Self> {
        // Block header of 64 bytes, metadata header of 48, then entries.
        let block = window.bytes(at, 4096)?;
        let number = |at: usize| block.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes));
        if !block.starts_with(SIGNATURE) {
            return None;
        }
        let volume = *block.get(80..)?.first_chunk()?;
        // 2 and 5: switching encryption on and off.
        let converting = matches!(number(12), Some(2 | 5));
        let mut protectors = Vec::new();
        let mut entry = 112_usize;
        for _ in 0..ENTRIES_MAX {
            let (Some(size), Some(value_type)) = (number(entry), number(entry.saturating_add(4))) else { break };
            if size < 8 {
                break;
            }
            // Value type 8 is a volume master key; how it is protected stands behind GUID, time and a word.
            if value_type == 8 {
                protectors.extend(number(entry.saturating_add(34)));
            }
            entry = entry.saturating_add(usize::from(size));
        }
        Some(Self { volume, method: number(100)?, converting, protectors })
    }

    fn words(&self, title: &str) -> String {
        let method = match self.method {
            0x8000 => "AES-CBC 128 with diffuser".to_owned(),
            0x8001 => "AES-CBC 256 with diffuser".to_owned(),
            0x8002 => "AES-CBC 128".to_owned(),
            0x8003 => "AES-CBC 256".to_owned(),
            0x8004 => "AES-XTS 128".to_owned(),
            0x8005 => "AES-XTS 256".to_owned(),
            other => format!("method 0x{other:04x}"),
        };
        let protector = |code: &u16| match code {
            0x0000 => "CLEAR KEY (protection suspended: the key lies on the disk)".to_owned(),
            0x0100 => "TPM".to_owned(),
            0x0200 => "startup key".to_owned(),
            0x0500 => "TPM and PIN".to_owned(),
            0x0800 => "recovery password".to_owned(),
            0x2000 => "password".to_owned(),
            other => format!("0x{other:04x}"),
        };
        let protectors: Vec<String> = self.protectors.iter().map(protector).collect();
        let protectors = if protectors.is_empty() { "none found".to_owned() } else { protectors.join(", ") };
        let converting = if self.converting { "; conversion is under way" } else { "" };
        format!("{title}, {method}, protectors: {protectors}{converting}")
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{ByteRange, MemorySource};

    use super::*;

    fn volume() -> Vec<u8> {
        let mut bytes = vec![0; 64 * 1024];
        bytes[3..11].copy_from_slice(SIGNATURE);
        bytes[160..176].copy_from_slice(&ORDINARY);
        bytes[176..184].copy_from_slice(&8192_u64.to_le_bytes());
        let block = &mut bytes[8192..];
        block[..8].copy_from_slice(SIGNATURE);
        block[12] = 4;
        block[80..96].fill(0x11);
        block[100..102].copy_from_slice(&0x8004_u16.to_le_bytes());
        for (at, protection) in [(112, 0x0800_u16), (176, 0x0000)] {
            block[at] = 64;
            block[at + 4] = 8;
            block[at + 34..at + 36].copy_from_slice(&protection.to_le_bytes());
        }
        bytes
    }

    fn seen(bytes: Vec<u8>) -> Option<String> {
        let source = MemorySource::new(bytes);
        recognise(&Window::new(&source, ByteRange::new(0, u64::MAX))).and_then(|found| Some(found.encryption?.detail))
    }

    #[test]
    fn method_and_protectors_are_named_and_a_clear_key_is_loud() {
        let detail = seen(volume()).unwrap();
        assert!(detail.contains("AES-XTS 128") && detail.contains("recovery password, CLEAR KEY"), "{detail}");
        let mut no_metadata = volume();
        no_metadata[8192] = 0;
        assert!(seen(no_metadata).unwrap().contains("not found"));
    }

    #[test]
    fn every_truncation_and_every_hostile_entry_size_ends() {
        let whole = volume();
        for length in (0..600).chain((8000..13_000).step_by(7)) {
            let _ = seen(whole[..length].to_vec());
        }
        for size in [0, 1, 7, 8, 255] {
            let mut bytes = whole.clone();
            bytes[8192 + 112] = size;
            assert!(seen(bytes).is_some());
        }
    }
}
