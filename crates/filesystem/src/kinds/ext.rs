//! ext2, ext3, ext4: one superblock at byte 1024, told apart by feature flags.

use exhibit_evidence::layout::{Contents, Encryption, EncryptionState};

use super::{plain, uuid};
use crate::Window;

const MAGIC: u16 = 0xef53;
const SUPERBLOCK_AT: u64 = 1024;

/// Feature flags (Linux kernel documentation, ext4 "Super Block").
const COMPAT_HAS_JOURNAL: u32 = 0x4;
const INCOMPAT_JOURNAL_DEVICE: u32 = 0x8;
const INCOMPAT_ENCRYPT: u32 = 0x1_0000;
/// What ext2 and ext3 know: file types, recovery, meta block groups; sparse superblocks, large files, tree folders.
const INCOMPAT_OLD: u32 = 0x2 | 0x4 | 0x10;
const RO_COMPAT_OLD: u32 = 0x1 | 0x2 | 0x4;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let at = |offset: u64| SUPERBLOCK_AT + offset;
    if window.u16_le(at(56)) != Some(MAGIC) || window.u32_le(at(24))? > 6 || window.u32_le(at(0))? == 0 {
        return None;
    }
    // Revision 0 has neither features nor an identifier.
    let revision = window.u32_le(at(76))?;
    let feature = |offset: u64| if revision == 0 { Some(0) } else { window.u32_le(at(offset)) };
    let (compat, incompat, ro_compat) = (feature(92)?, feature(96)?, feature(100)?);
    let modern = incompat & !(INCOMPAT_OLD | INCOMPAT_JOURNAL_DEVICE) != 0 || ro_compat & !RO_COMPAT_OLD != 0;
    let (kind, title) = match (incompat & INCOMPAT_JOURNAL_DEVICE != 0, modern, compat & COMPAT_HAS_JOURNAL != 0) {
        (true, _, _) => ("ext-journal", "ext journal device"),
        (_, true, _) => ("ext4", "ext4"),
        (_, _, true) => ("ext3", "ext3"),
        _ => ("ext2", "ext2"),
    };
    let mut contents = plain(kind, title);
    if revision > 0 {
        contents.uuid = window.array(at(104)).and_then(uuid);
        contents.label = window.text(at(120), 16);
    }
    if incompat & INCOMPAT_ENCRYPT != 0 {
        let detail = "fscrypt is enabled: contents and names of some folders may be encrypted".to_owned();
        contents.encryption = Some(Encryption { state: EncryptionState::Partly, detail });
    }
    Some(contents)
}
