//! What is recognised by a signature and nothing more.

use exhibit_evidence::layout::{Contents, Encryption, EncryptionState};

use super::plain;
use crate::Window;

/// Offset in bytes, signature, id, name for people.
const SIGNATURES: &[(u64, &[u8], &str, &str)] = &[
    (0, b"hsqs", "squashfs", "SquashFS"),
    (0, &[0x45, 0x3d, 0xcd, 0x28], "cramfs", "cramfs"),
    (0, b"-rom1fs-", "romfs", "romfs"),
    (0, b"UBI#", "ubi", "UBI flash volume"),
    (1024, &[0x10, 0x20, 0xf5, 0xf2], "f2fs", "F2FS"),
    (1024, &[0xe2, 0xe1, 0xf5, 0xe0], "erofs", "EROFS"),
    (32_768, b"JFS1", "jfs", "JFS"),
    (65_536 + 52, b"ReIsErFs", "reiserfs", "ReiserFS 3.5"),
    (65_536 + 52, b"ReIsEr2Fs", "reiserfs", "ReiserFS 3.6"),
    (65_536 + 52, b"ReIsEr3Fs", "reiserfs", "ReiserFS, journal relocated"),
    (65_536, b"ReIsEr4", "reiser4", "Reiser4"),
    (
        4096 + 24,
        &[0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5, 0x7f, 0x48, 0xba, 0x6d, 0x81],
        "bcache",
        "bcache",
    ),
    (0x10_0000, &[0x0d, 0xd0, 0x01, 0xc0], "vmfs-member", "VMFS volume member"),
    (0x20_0000, &[0x5e, 0xf1, 0xab, 0x2f], "vmfs", "VMFS"),
];

/// An Apple disk image encrypted as a whole (version 2 has its header in front).
const ENCRYPTED_DMG: &[u8] = b"encrcdsa";

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    if window.has(0, ENCRYPTED_DMG) {
        let mut contents = plain("encrypted-dmg", "encrypted Apple disk image");
        let detail = "AES, as a whole, by password or certificate".to_owned();
        contents.encryption = Some(Encryption { state: EncryptionState::Encrypted, detail });
        return Some(contents);
    }
    let (_, _, kind, title) = SIGNATURES.iter().find(|(at, signature, ..)| window.has(*at, signature))?;
    Some(plain(kind, title))
}
