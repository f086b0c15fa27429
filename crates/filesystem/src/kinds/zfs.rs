//! ZFS pool members: uberblocks in the first label.

use exhibit_evidence::layout::{Contents, Encryption, EncryptionState};

use super::plain;
use crate::Window;

/// The uberblock ring of label 0, its slots of at least 1 KiB, and how many are looked at.
const RING_AT: u64 = 131_072;
const SLOT_BYTES: u64 = 1024;
const SLOTS_LOOKED_AT: u64 = 32;
const MAGIC: u64 = 0x00ba_b10c;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let mut slots = (0..SLOTS_LOOKED_AT).filter_map(|slot| window.u64_le(RING_AT + slot * SLOT_BYTES));
    if !slots.any(|magic| magic == MAGIC || magic.swap_bytes() == MAGIC) {
        return None;
    }
    let mut contents = plain("zfs", "ZFS pool member");
    let detail = "ZFS encrypts by data set, and which ones stands in metadata that is not read here".to_owned();
    contents.encryption = Some(Encryption { state: EncryptionState::NotDeterminable, detail });
    Some(contents)
}
