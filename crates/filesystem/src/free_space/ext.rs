//! ext2, ext3, ext4: a bitmap of blocks (with bigalloc: of clusters) for each block group (Linux kernel documentation).

use super::volume::{Volume, u16_le, u32_le};
use super::{Problem, Runs, Used};

const SUPERBLOCK_AT: u64 = 1024;
const COMPAT_SPARSE_SUPER2: u64 = 0x200;
const INCOMPAT_META_BG: u64 = 0x10;
const INCOMPAT_64BIT: u64 = 0x80;
const RO_COMPAT_SPARSE_SUPER: u64 = 0x1;
const RO_COMPAT_GDT_CSUM: u64 = 0x10;
const RO_COMPAT_BIGALLOC: u64 = 0x200;
const RO_COMPAT_METADATA_CSUM: u64 = 0x400;
/// Flag of a group: its bitmap was never written, for nothing lies there but structures.
const GROUP_BLOCK_UNINIT: u64 = 0x2;

struct Groups {
    block_bytes: u64,
    first_block: u64,
    /// Bits of a whole group's bitmap, what each stands for in bytes, and bits of all groups.
    bits: u64,
    unit_bytes: u64,
    all_bits: u64,
    blocks_each: u64,
    descriptor_bytes: u64,
    first_meta: Option<u64>,
    is_sparse: bool,
    has_flags: bool,
}

impl Groups {
    fn parse(block: &[u8]) -> Option<Self> {
        let size = |shift: u64| 1024_u64.checked_shl(u32::try_from(shift).ok().filter(|shift| *shift <= 6)?);
        let revision = u32_le(block, 76)?;
        let feature = |at: usize| if revision == 0 { Some(0) } else { u32_le(block, at) };
        let (compat, incompat, ro_compat) = (feature(92)?, feature(96)?, feature(100)?);
        let is_wide = incompat & INCOMPAT_64BIT != 0;
        let high = if is_wide { u32_le(block, 336)? } else { 0 };
        let blocks = high << 32 | u32_le(block, 4)?;
        let (block_bytes, first_block) = (size(u32_le(block, 24)?)?, u32_le(block, 20)?);
        let is_bigalloc = ro_compat & RO_COMPAT_BIGALLOC != 0;
        let unit_bytes = if is_bigalloc {
            block_bytes.checked_shl(u32::try_from(u32_le(block, 28)?.checked_sub(u32_le(block, 24)?)?).ok()?)?
        } else {
            block_bytes
        };
        let bits = u32_le(block, if is_bigalloc { 36 } else { 32 })?;
        let per_unit = unit_bytes.checked_div(block_bytes).filter(|count| *count > 0 && *count <= 1 << 16)?;
        let meta = incompat & INCOMPAT_META_BG != 0;
        if bits == 0 || bits > block_bytes.checked_mul(8)? || (meta && compat & COMPAT_SPARSE_SUPER2 != 0) {
            return None;
        }
        Some(Self {
            block_bytes,
            first_block,
            bits,
            unit_bytes,
            all_bits: blocks.checked_sub(first_block)?.div_ceil(per_unit),
            blocks_each: bits.checked_mul(per_unit)?,
            descriptor_bytes: if is_wide { u16_le(block, 254)?.max(32) } else { 32 },
            first_meta: if meta { Some(u32_le(block, 260)?) } else { None },
            is_sparse: ro_compat & RO_COMPAT_SPARSE_SUPER != 0,
            has_flags: ro_compat & (RO_COMPAT_GDT_CSUM | RO_COMPAT_METADATA_CSUM) != 0,
        })
    }

    /// Where the descriptor of `group` stands.
    fn descriptor_at(&self, group: u64) -> Option<u64> {
        let per_block = self.block_bytes.checked_div(self.descriptor_bytes).filter(|count| *count > 0)?;
        let (index, within) = (group / per_block, group % per_block);
        let block = match self.first_meta {
            Some(first) if index >= first => {
                // Of a meta group the first group has them, behind its copy of the superblock.
                let home = index.checked_mul(per_block)?;
                let start = home.checked_mul(self.blocks_each)?.checked_add(self.first_block)?;
                start.checked_add(u64::from(self.has_superblock(home)))?
            }
            _ => self.first_block.checked_add(1)?.checked_add(index)?,
        };
        block.checked_mul(self.block_bytes)?.checked_add(within.checked_mul(self.descriptor_bytes)?)
    }

    fn has_superblock(&self, group: u64) -> bool {
        let is_power_of = |base: u64| {
            std::iter::successors(Some(base), |power| power.checked_mul(base))
                .take_while(|power| *power <= group)
                .any(|power| power == group)
        };
        !self.is_sparse || group <= 1 || [3, 5, 7].into_iter().any(is_power_of)
    }
}

pub(super) fn used(volume: &Volume<'_>) -> Result<Used, Problem> {
    let superblock = volume.bytes(SUPERBLOCK_AT, 1024).ok_or("its superblock cannot be read")?;
    let groups =
        Groups::parse(&superblock).ok_or("its superblock does not add up, or has features that are not understood")?;
    let start = groups.first_block.saturating_mul(groups.block_bytes);
    let mut runs = Runs::new(start, groups.unit_bytes);
    let (count, mut unread) = (groups.all_bits.div_ceil(groups.bits), 0_u64);
    // A volume cannot have more groups than room for their bitmaps.
    if count > volume.size() / groups.block_bytes {
        return Err("it claims more block groups than it has room for".into());
    }
    for group in 0..count {
        let descriptor = groups.descriptor_at(group).and_then(|at| volume.bytes(at, groups.descriptor_bytes));
        let Some(descriptor) = descriptor else {
            unread = unread.saturating_add(1);
            continue;
        };
        if groups.has_flags && u16_le(&descriptor, 18).unwrap_or(0) & GROUP_BLOCK_UNINIT != 0 {
            continue;
        }
        let high = u32_le(&descriptor, 32).unwrap_or(0);
        let block = high << 32 | u32_le(&descriptor, 0).unwrap_or(0);
        let first = group.saturating_mul(groups.bits);
        let here = groups.bits.min(groups.all_bits.saturating_sub(first));
        let lost = volume.pieces(block.saturating_mul(groups.block_bytes), here.div_ceil(8), |from, bytes| {
            let at = first.saturating_add(from.saturating_mul(8));
            runs.bitmap(at, bytes, first.saturating_add(here))
        })?;
        unread = unread.saturating_add(lost);
    }
    Ok(Used { runs, unread })
}
