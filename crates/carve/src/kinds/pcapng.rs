//! Captured network traffic, next generation (IETF draft-ietf-opsawg-pcapng).
//!
//! ```text
//! blocks   u32 type, u32 length, content, u32 the length again; a multiple of 4
//! section  type 0A0D0D0A, byte order mark 1A2B3C4D @8: begins the file
//! ```
//!
//! Every block states its length at both ends, so a break shows in the block it lies in. Nothing says how many blocks
//! there are: the file ends where no block follows, or where another section begins, which may as well be another file. There
//! is no checksum: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::slack;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const PCAPNG: FileType = FileType { id: "pcapng", extension: "pcapng" };
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
/// Bytes of the shortest block.
const BLOCK_LEAST: u64 = 12;
/// Larger blocks are refused by the readers in use (16 MiB in Wireshark), too.
const BLOCK_MOST: u32 = 16 << 20;

/// Captured traffic in blocks.
pub(crate) struct PcapNg;

impl Kind for PcapNg {
    fn id(&self) -> &'static str {
        "pcapng"
    }

    fn types(&self) -> &'static [FileType] {
        &[PCAPNG]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[&SECTION]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(8..12).is_none_or(|mark| matches!(mark, [0x4d, 0x3c, 0x2b, 0x1a] | [0x1a, 0x2b, 0x3c, 0x4d]))
    }

    fn may_hide_others(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(PCAPNG, candidate, budget, |window, progress| {
            if window.array::<4>(0)? != SECTION {
                return Err(Stop::bad(0, "no section header"));
            }
            let mut walk = Walk { window, little: true, interfaces: 0, packets: 0 };
            let (mut at, mut blocks) = (0_u64, 0_u64);
            while let Some(next) = walk.block(at)? {
                (at, blocks) = (next, blocks.saturating_add(1));
                progress.level = if blocks == 1 { Level::Header } else { Level::Body };
                progress.good = at;
            }
            if walk.interfaces == 0 {
                return Err(Stop::bad(at, "a capture that names no interface"));
            }
            let reasons = [
                format!(
                    "{blocks} blocks with their lengths at both ends, {} packets on {} interface(s); no block follows",
                    walk.packets, walk.interfaces
                ),
                "the format has no checksum and no mark of its end".to_owned(),
            ];
            // Another block's head may begin behind this one and be torn off: then only what follows tells.
            let is_last = slack::is_room_for(at, BLOCK_LEAST) || at == walk.window.size();
            Ok(consistent(PCAPNG, at, reasons).anchored_to(if is_last { at } else { 0 }))
        })
    }
}

struct Walk<'w, 'a> {
    window: &'w mut Window<'a>,
    little: bool,
    /// Packets must name one of them.
    interfaces: u32,
    packets: u64,
}

impl Walk<'_, '_> {
    fn u32(&mut self, at: u64) -> Result<u32, Stop> {
        if self.little { self.window.u32_le(at) } else { self.window.u32_be(at) }
    }

    /// The end of the block at `at`; `None` if no block begins there.
    fn block(&mut self, at: u64) -> Result<Option<u64>, Stop> {
        self.window.budget.pay(16)?;
        let Some((kind, length)) = self.head(at)? else { return Ok(None) };
        let end = at.saturating_add(u64::from(length));
        let again = self.u32(end.saturating_sub(4))?;
        if again != length {
            return Err(Stop::bad(end.saturating_sub(4), "a block whose two lengths differ"));
        }
        self.window.readable(ByteRange::between(at, end))?;
        self.content(at, kind, length)?;
        Ok(Some(end))
    }

    /// Type and length of the block at `at`, if one begins there.
    fn head(&mut self, at: u64) -> Result<Option<(u32, u32)>, Stop> {
        let Ok(first) = self.window.array::<12>(at) else { return Ok(None) };
        if first.starts_with(&SECTION) {
            if at > 0 {
                return Ok(None);
            }
            match first {
                [.., 0x4d, 0x3c, 0x2b, 0x1a] => self.little = true,
                [.., 0x1a, 0x2b, 0x3c, 0x4d] => self.little = false,
                _ => return Ok(None),
            }
        }
        let (kind, length) = (self.u32(at)?, self.u32(at.saturating_add(4))?);
        let least = match kind {
            0x0a0d_0d0a => 28,
            // Interface, packet (obsolete), simple packet, names, statistics, enhanced packet, journal, secrets.
            1 => 20,
            2 | 6 => 32,
            3 | 4 | 9 => 12,
            5 => 24,
            10 => 20,
            // Custom blocks, to be copied and not to be copied.
            0x0bad | 0x4000_0bad => 16,
            _ => return Ok(None),
        };
        let fits = length >= least && length.is_multiple_of(4) && length <= BLOCK_MOST;
        Ok(fits.then_some((kind, length)))
    }

    fn content(&mut self, at: u64, kind: u32, length: u32) -> Result<(), Stop> {
        match kind {
            1 => self.interfaces = self.interfaces.saturating_add(1),
            5 | 6 => {
                let interface = self.u32(at.saturating_add(8))?;
                if interface >= self.interfaces {
                    return Err(Stop::bad(at, "a block of an interface that there is not"));
                }
                if kind == 6 {
                    let captured = self.u32(at.saturating_add(20))?;
                    if captured > length.saturating_sub(32) {
                        return Err(Stop::bad(at, "a packet larger than its block"));
                    }
                    self.packets = self.packets.saturating_add(1);
                }
            }
            2 | 3 => self.packets = self.packets.saturating_add(1),
            _ => {}
        }
        Ok(())
    }
}
