//! APFS containers, and whether their volumes are encrypted (Apple File System Reference).

use exhibit_evidence::layout::{Contents, Encryption, EncryptionState};

use super::{plain, uuid};
use crate::Window;

/// Fields of the container superblock (`nx_superblock_t`).
const BLOCK_SIZE_AT: u64 = 36;
const UUID_AT: u64 = 72;
const DESCRIPTORS_AT: u64 = 104;
const OMAP_AT: u64 = 160;
const VOLUMES_AT: u64 = 184;
const VOLUMES_MAX: u64 = 100;
const KEYLOCKER_AT: u64 = 1296;

/// Superblocks looked at in the checkpoint area for the newest.
const DESCRIPTORS_MAX: u64 = 64;

/// `APFS_FS_UNENCRYPTED` and `APFS_FS_ONEKEY` in `apfs_fs_flags`.
const UNENCRYPTED: u64 = 0x1;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    if !window.has(32, b"NXSB") {
        return None;
    }
    let block = u64::from(window.u32_le(BLOCK_SIZE_AT)?);
    if !block.is_power_of_two() || !(4096..=65_536).contains(&block) {
        return None;
    }
    let mut contents = plain("apfs", "APFS container");
    contents.uuid = window.array(UUID_AT).and_then(uuid);
    let newest = newest_superblock(window, block);
    // The newest superblock counts; those before it may still point to what was overwritten.
    let volumes = volume_flags(window, newest, block);
    let key_bag = window.u64_le(newest.saturating_add(KEYLOCKER_AT)).is_some_and(|at| at != 0);
    contents.encryption = verdict(volumes.as_deref(), key_bag);
    Some(contents)
}

fn verdict(volumes: Option<&[u64]>, key_bag: bool) -> Option<Encryption> {
    let bag = if key_bag { "the container has a key bag" } else { "the container has no key bag" };
    let Some(volumes) = volumes else {
        let detail = format!("APFS; its volumes could not be found, {bag}");
        let state = EncryptionState::NotDeterminable;
        return Some(Encryption { state, detail });
    };
    let encrypted = volumes.iter().filter(|flags| **flags & UNENCRYPTED == 0).count();
    let state = match encrypted {
        0 => return None,
        all if all == volumes.len() => EncryptionState::Encrypted,
        _ => EncryptionState::Partly,
    };
    let detail = format!("APFS (FileVault or hardware): {encrypted} of {} volumes encrypted, {bag}", volumes.len());
    Some(Encryption { state, detail })
}

/// The byte offset of the container superblock with the highest transaction number in the checkpoint area.
fn newest_superblock(window: &Window<'_>, block: u64) -> u64 {
    let transaction = |at: u64| window.u64_le(at.saturating_add(16)).unwrap_or(0);
    let count = u64::from(window.u32_le(DESCRIPTORS_AT).unwrap_or(0) & 0x7fff_ffff).min(DESCRIPTORS_MAX);
    let base = window.u64_le(DESCRIPTORS_AT + 8).unwrap_or(0);
    let blocks = (0..count).filter_map(|index| base.checked_add(index)?.checked_mul(block));
    let superblocks = blocks.filter(|at| window.has(at.saturating_add(32), b"NXSB"));
    superblocks.chain([0]).max_by_key(|at| transaction(*at)).unwrap_or(0)
}

/// The flags of every volume; `None` if one of them cannot be found.
fn volume_flags(window: &Window<'_>, superblock: u64, block: u64) -> Option<Vec<u64>> {
    let ids = (0..VOLUMES_MAX).map_while(|index| {
        window.u64_le(superblock.checked_add(VOLUMES_AT)?.checked_add(index * 8)?).filter(|id| *id != 0)
    });
    let omap = window.u64_le(superblock.checked_add(OMAP_AT)?)?.checked_mul(block)?;
    let tree = window.u64_le(omap.checked_add(48)?)?.checked_mul(block)?;
    let ids: Vec<u64> = ids.collect();
    ids.iter().map(|id| flags_of(window, look_up(window, tree, block, *id)?, block)).collect()
}

/// `apfs_fs_flags` of the volume superblock in block `address`.
fn flags_of(window: &Window<'_>, address: u64, block: u64) -> Option<u64> {
    let at = address.checked_mul(block)?;
    if !window.has(at.checked_add(32)?, b"APSB") {
        return None;
    }
    window.u64_le(at.checked_add(264)?)
}

/// The block of object `id` in an object map of one leaf, which is what a container with a few volumes has: keys are
/// (object, transaction), values (flags, size, block). The newest transaction wins.
fn look_up(window: &Window<'_>, node: u64, block: u64, id: u64) -> Option<u64> {
    /// `BTNODE_ROOT | BTNODE_LEAF | BTNODE_FIXED_KV_SIZE`; the root ends with 40 bytes about the tree.
    const ROOT_LEAF: u16 = 0x7;
    const HEADER: u64 = 56;
    const INFO: u64 = 40;
    if window.u16_le(node.checked_add(32)?)? & ROOT_LEAF != ROOT_LEAF {
        return None;
    }
    let entries = u64::from(window.u32_le(node.checked_add(36)?)?).min(block / 4);
    let toc = node.checked_add(HEADER)?.checked_add(u64::from(window.u16_le(node.checked_add(40)?)?))?;
    let keys = toc.checked_add(u64::from(window.u16_le(node.checked_add(42)?)?))?;
    let values_end = node.checked_add(block)?.checked_sub(INFO)?;
    let mut best: Option<(u64, u64)> = None;
    for index in 0..entries {
        let entry = toc.checked_add(index.checked_mul(4)?)?;
        let key = keys.checked_add(u64::from(window.u16_le(entry)?))?;
        let value = values_end.checked_sub(u64::from(window.u16_le(entry.checked_add(2)?)?))?;
        if window.u64_le(key)? == id {
            let transaction = window.u64_le(key.checked_add(8)?)?;
            let address = window.u64_le(value.checked_add(8)?)?;
            best = best.max(Some((transaction, address)));
        }
    }
    best.map(|(_, address)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_found_is_not_called_unencrypted() {
        assert_eq!(verdict(None, false).unwrap().state, EncryptionState::NotDeterminable);
        assert_eq!(verdict(Some(&[1, 1]), false), None);
        assert_eq!(verdict(Some(&[1, 0]), true).unwrap().state, EncryptionState::Partly);
        assert_eq!(verdict(Some(&[0]), true).unwrap().state, EncryptionState::Encrypted);
    }
}
