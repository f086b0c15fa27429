//! Apple CoreStorage, which carries FileVault 2 and Fusion drives (libfvde's documentation of the format).

use exhibit_evidence::layout::{Contents, Encryption, EncryptionState};

use super::{plain, uuid};
use crate::Window;

/// Volume header: block type at 10, `CS` at 88, identifier of the physical volume at 304.
const BLOCK_TYPE_HEADER: u16 = 0x10;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    if !window.has(88, b"CS") || window.u16_le(10) != Some(BLOCK_TYPE_HEADER) {
        return None;
    }
    let mut contents = plain("core-storage", "Apple CoreStorage");
    contents.uuid = window.array(304).and_then(uuid);
    let detail =
        "CoreStorage, which carries FileVault 2 (and Fusion drives): whether its logical volumes are encrypted \
                  stands in metadata that is not read here"
            .to_owned();
    contents.encryption = Some(Encryption { state: EncryptionState::NotDeterminable, detail });
    Some(contents)
}
