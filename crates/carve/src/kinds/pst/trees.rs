//! The trees of nodes and blocks, level by level, and the blocks in the order in which they lie.

use crc32fast::Hasher;

use crate::budget::Held;
use crate::stop::Stop;
use crate::window::Window;

const PAGE_BYTES: u64 = 512;
const BLOCK_TREE: u8 = 0x80;
const NODE_TREE: u8 = 0x81;
/// Blocks that are kept: mailboxes of some 20 GiB.
const BLOCKS_MOST: usize = 3 << 20;
/// Blocks that are kept without asking for memory.
const BLOCKS_FREE: usize = 1 << 14;
/// Bytes of one block, its trailer included.
const BLOCK_MOST: u64 = 8192;

/// CRC-32 as Outlook computes it: begun with zero and not turned over at the end.
pub(super) fn crc(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(u32::MAX);
    hasher.update(bytes);
    !hasher.finalize()
}

/// Places and numbers of 64 bits, or of 32.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) wide: bool,
}

pub(super) struct Trees<'w, 'a> {
    pub(super) window: &'w mut Window<'a>,
    pub(super) layout: Layout,
    /// Of the file.
    pub(super) size: u64,
    pub(super) pages: u64,
    pub(super) memory: Option<Held<'a>>,
}

/// What a page of a tree holds: its level, and the entries with their size.
struct Page {
    level: u8,
    entries: Vec<Vec<u8>>,
}

impl<'a> Trees<'_, 'a> {
    /// Looks at all pages of the tree of nodes.
    pub(super) fn nodes(&mut self, root: u64) -> Result<(), Stop> {
        self.leaves(root, NODE_TREE, |_, _| Ok(()))
    }

    /// Looks at all pages of the tree of blocks, and at all blocks; their number.
    pub(super) fn blocks(&mut self, root: u64) -> Result<u64, Stop> {
        let wide = self.layout.wide;
        let mut blocks: Vec<(u64, u16)> = Vec::new();
        self.leaves(root, BLOCK_TREE, |trees, entry| {
            trees.hold_memory(blocks.len())?;
            let (place_at, length_at) = if wide { (8, 16) } else { (4, 8) };
            let length = entry.get(length_at..).and_then(|rest| rest.first_chunk()).map(|two| u16::from_le_bytes(*two));
            blocks.push((place(entry, place_at, wide), length.unwrap_or(0)));
            Ok(())
        })?;
        blocks.sort_unstable();
        let mut end = 0;
        for (at, length) in &blocks {
            if *at < end {
                return Err(Stop::bad(*at, "two blocks that overlap"));
            }
            end = self.block(*at, *length)?;
        }
        Ok(blocks.len() as u64)
    }

    fn hold_memory(&mut self, count: usize) -> Result<(), Stop> {
        if count >= BLOCKS_MOST {
            return Err(Stop::Spent("limit of blocks in a mailbox"));
        }
        if count >= BLOCKS_FREE && self.memory.is_none() {
            self.memory = Some(self.window.budget.memory((BLOCKS_MOST as u64).saturating_mul(16))?);
        }
        Ok(())
    }

    /// Visits a tree level by level, each in the order in which its pages lie, and hands out the entries of its leaves.
    fn leaves(
        &mut self,
        root: u64,
        kind: u8,
        mut visit: impl FnMut(&mut Self, &[u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let (mut pages, mut level) = (vec![root], None);
        while !pages.is_empty() {
            let mut below = Vec::new();
            for at in &pages {
                let page = self.page(*at, kind)?;
                if *level.get_or_insert(page.level) != page.level {
                    return Err(Stop::bad(*at, "a page of another level of its tree"));
                }
                for entry in &page.entries {
                    if page.level == 0 {
                        visit(self, entry)?;
                    } else {
                        below.push(place(entry, if self.layout.wide { 16 } else { 8 }, self.layout.wide));
                    }
                }
            }
            let Some(next) = level.and_then(|level| level.checked_sub(1)) else { break };
            level = Some(next);
            below.sort_unstable();
            if below.is_empty() || below.iter().zip(below.iter().skip(1)).any(|(one, next)| one == next) {
                return Err(Stop::bad(root, "a tree that ends early, or has a page twice"));
            }
            pages = below;
        }
        Ok(())
    }

    /// The page at `at`, if its CRC holds.
    fn page(&mut self, at: u64, kind: u8) -> Result<Page, Stop> {
        if at == 0 || at.saturating_add(PAGE_BYTES) > self.size {
            return Err(Stop::bad(at, "a page outside of the file"));
        }
        let bytes = self.window.array::<512>(at)?;
        let (trailer, crc_at, counts, most) =
            if self.layout.wide { (496, 500, 488, 488) } else { (500, 508, 496, 496) };
        let stated = place(&bytes, crc_at, false);
        let body = bytes.get(..trailer).unwrap_or_default();
        if bytes.get(trailer..trailer.saturating_add(2)) != Some(&[kind, kind]) || stated != u64::from(crc(body)) {
            return Err(Stop::bad(at, "CRC-32 of a page does not match"));
        }
        let counts: [u8; 4] = bytes.get(counts..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        let [count, _, size, level] = counts;
        let (count, size) = (usize::from(count), usize::from(size));
        let least = match (level, kind, self.layout.wide) {
            (0, BLOCK_TREE, true) | (1.., _, true) => 24,
            (0, BLOCK_TREE, false) | (1.., _, false) => 12,
            (0, _, true) => 32,
            (0, _, false) => 16,
        };
        if size < least || count.saturating_mul(size) > most || level > 16 {
            return Err(Stop::bad(at, "a page whose entries do not fit"));
        }
        self.pages = self.pages.saturating_add(1);
        let entries = bytes.chunks(size).take(count).map(<[u8]>::to_vec).collect();
        Ok(Page { level, entries })
    }

    /// The end of the block at `at`, if the CRC of its `length` bytes holds.
    fn block(&mut self, at: u64, length: u16) -> Result<u64, Stop> {
        let trailer = if self.layout.wide { 16 } else { 12 };
        let size = u64::from(length).saturating_add(trailer).next_multiple_of(64);
        let end = at.saturating_add(size);
        if size > BLOCK_MOST || end > self.size || at == 0 {
            return Err(Stop::bad(at, "a block that does not lie in the file"));
        }
        let bytes = self.window.exact(at, usize::try_from(size).unwrap_or(0))?;
        let trailer =
            bytes.get(bytes.len().saturating_sub(usize::try_from(trailer).unwrap_or(0))..).unwrap_or_default();
        let stated = place(trailer, if self.layout.wide { 4 } else { 8 }, false);
        let content = bytes.get(..usize::from(length)).unwrap_or_default();
        if !trailer.starts_with(&length.to_le_bytes()) || stated != u64::from(crc(content)) {
            return Err(Stop::bad(at, "CRC-32 of a block does not match"));
        }
        Ok(end)
    }
}

/// The number at `at`, of eight bytes or of four.
fn place(bytes: &[u8], at: usize, wide: bool) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if wide {
        rest.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight))
    } else {
        rest.first_chunk().map_or(0, |four| u64::from(u32::from_le_bytes(*four)))
    }
}
