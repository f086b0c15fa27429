//! GELI, the disk encryption of FreeBSD: its metadata is the last sector.

use exhibit_evidence::layout::{Contents, Encryption, EncryptionState};

use super::plain;
use crate::Window;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let found = [512_u64, 4096].iter().any(|sector| {
        window.size().checked_sub(*sector).is_some_and(|last_sector| window.has(last_sector, b"GEOM::ELI\0"))
    });
    let mut contents = plain("geli", "FreeBSD GELI");
    let detail = "GELI, metadata in the last sector".to_owned();
    contents.encryption = Some(Encryption { state: EncryptionState::Encrypted, detail });
    found.then_some(contents)
}
