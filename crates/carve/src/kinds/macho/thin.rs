//! One program: header, load commands, and how far they reach.

use crate::stop::Stop;
use crate::window::Window;

/// Load commands take some kilobytes; 1 MiB is more than any linker writes.
const COMMANDS_BYTES_MOST: u32 = 1 << 20;
/// Load commands that need a newer system than it runs on may be marked so.
const REQUIRED: u32 = 0x8000_0000;

/// Whether the first bytes can be those of a program.
pub(super) fn is_plausible(head: &[u8]) -> bool {
    let Some(first) = head.first_chunk::<28>() else { return true };
    if first.starts_with(b"\xfe\xed\xfa") && !matches!(first[3], 0xce | 0xcf) {
        return false;
    }
    let little = first[3] == 0xfe;
    let word = |at: usize| {
        let four = first.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
        if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }
    };
    let (processor, kind, count, size) = (word(4) & 0x00ff_ffff, word(12), word(16), word(20));
    // Processors have small numbers; 64 bits are a mark above them.
    (1..=64).contains(&processor)
        && (1..=15).contains(&kind)
        && count > 0
        && size <= COMMANDS_BYTES_MOST
        && u64::from(count).saturating_mul(8) <= u64::from(size)
}

/// What the load commands say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program {
    /// End of the last byte that they name, from the program's beginning.
    pub(super) end: u64,
    /// Where they end themselves.
    pub(super) commands_end: u64,
    pub(super) commands: u32,
    /// Place and size of the code signature.
    pub(super) signature: Option<(u64, u64)>,
}

struct Walk<'w, 'a> {
    window: &'w mut Window<'a>,
    base: u64,
    little: bool,
    /// The most the program may reach.
    room: u64,
    end: u64,
}

impl Program {
    /// Reads the program at `base`, of `size` bytes if that is known.
    pub(super) fn read(window: &mut Window<'_>, base: u64, size: Option<u64>) -> Result<Self, Stop> {
        let head = window.exact(base, 28)?;
        let magic = head.first_chunk::<4>().copied().unwrap_or_default();
        let (wide, little) = match magic {
            [0xce, 0xfa, 0xed, 0xfe] => (false, true),
            [0xcf, 0xfa, 0xed, 0xfe] => (true, true),
            [0xfe, 0xed, 0xfa, 0xce] => (false, false),
            [0xfe, 0xed, 0xfa, 0xcf] => (true, false),
            _ => return Err(Stop::bad(base, "no program")),
        };
        if !is_plausible(head) {
            return Err(Stop::bad(base, "a header that no linker writes"));
        }
        let room = size.unwrap_or_else(|| window.size().saturating_sub(base));
        let mut walk = Walk { window, base, little, room, end: 0 };
        let (commands, bytes) = (walk.u32(16)?, walk.u32(20)?);
        let (mut at, alignment) = if wide { (32_u64, 8) } else { (28, 4) };
        let commands_end = at.saturating_add(u64::from(bytes));
        walk.end = commands_end;
        let mut signature = None;
        for _ in 0..commands {
            walk.window.budget.pay(8)?;
            let (kind, length) = (walk.u32(at)?, u64::from(walk.u32(at.saturating_add(4))?));
            let next = at.saturating_add(length);
            if length < 8 || !length.is_multiple_of(alignment) || next > commands_end {
                return Err(Stop::bad(base.saturating_add(at), "a load command of a size that does not fit"));
            }
            walk.command(kind & !REQUIRED, at, length)?;
            if kind == 0x1d && length >= 16 {
                signature =
                    Some((u64::from(walk.u32(at.saturating_add(8))?), u64::from(walk.u32(at.saturating_add(12))?)));
            }
            at = next;
        }
        if at != commands_end {
            return Err(Stop::bad(base.saturating_add(at), "load commands that do not fill their room"));
        }
        if walk.end == commands_end {
            return Err(Stop::bad(base, "a program without content"));
        }
        Ok(Self { end: walk.end, commands_end, commands, signature })
    }
}

impl Walk<'_, '_> {
    fn u32(&mut self, at: u64) -> Result<u32, Stop> {
        let at = self.base.saturating_add(at);
        if self.little { self.window.u32_le(at) } else { self.window.u32_be(at) }
    }

    fn u64(&mut self, at: u64) -> Result<u64, Stop> {
        let (first, second) = (u64::from(self.u32(at)?), u64::from(self.u32(at.saturating_add(4))?));
        Ok(if self.little { (second << 32) | first } else { (first << 32) | second })
    }

    /// Notes that the program reaches `size` bytes from `place`.
    fn reach(&mut self, place: u64, size: u64) -> Result<(), Stop> {
        if size == 0 {
            return Ok(());
        }
        let end = place.checked_add(size).filter(|end| *end <= self.room);
        match end {
            Some(end) => self.end = self.end.max(end),
            None if self.base == 0 => return Err(Stop::End(self.window.size())),
            None => return Err(Stop::bad(self.base, "a program larger than the table says")),
        }
        Ok(())
    }

    /// Place and size in two words, the size in things of `each` bytes.
    fn pair(&mut self, at: u64, each: u64) -> Result<(), Stop> {
        let (place, count) = (self.u32(at)?, self.u32(at.saturating_add(4))?);
        self.reach(u64::from(place), u64::from(count).saturating_mul(each))
    }

    /// Whether all symbols have their names within the texts behind them: what lies elsewhere does not look so.
    fn symbols(&mut self, at: u64, each: u64) -> Result<(), Stop> {
        let (place, count) = (u64::from(self.u32(at)?), u64::from(self.u32(at.saturating_add(4))?));
        let (names, length) = (u64::from(self.u32(at.saturating_add(8))?), self.u32(at.saturating_add(12))?);
        let bad = |base: u64| Err(Stop::bad(base.saturating_add(place), "symbols whose names are none"));
        if count == 0 || length == 0 {
            return Ok(());
        }
        let last = self.base.saturating_add(names).saturating_add(u64::from(length)).saturating_sub(1);
        if self.window.u8(last)? != 0 {
            return bad(self.base);
        }
        for index in 0..count {
            self.window.budget.pay(4)?;
            if self.u32(place.saturating_add(index.saturating_mul(each)))? >= length {
                return bad(self.base);
            }
        }
        Ok(())
    }

    fn command(&mut self, kind: u32, at: u64, length: u64) -> Result<(), Stop> {
        let inside = |from: u64| at.saturating_add(from);
        match kind {
            0x01 if length >= 56 => {
                let (place, size) = (u64::from(self.u32(inside(32))?), u64::from(self.u32(inside(36))?));
                self.reach(place, size)?;
                let count = u64::from(self.u32(inside(48))?);
                self.sections(inside(56), count, length.saturating_sub(56), false)
            }
            0x19 if length >= 72 => {
                let (place, size) = (self.u64(inside(40))?, self.u64(inside(48))?);
                self.reach(place, size)?;
                let count = u64::from(self.u32(inside(64))?);
                self.sections(inside(72), count, length.saturating_sub(72), true)
            }
            // Symbols of 12 or 16 bytes, and their names.
            0x02 if length >= 24 => {
                let wide = self.u32(0)? & 0xff == 0xcf || self.u32(0)? == 0xfeed_facf;
                self.pair(inside(8), if wide { 16 } else { 12 })?;
                self.pair(inside(16), 1)?;
                self.symbols(inside(8), if wide { 16 } else { 12 })
            }
            // Tables of the dynamic linker: contents, modules, references, indirect symbols, relocations.
            0x0b if length >= 80 => {
                let tables = [(32, 8), (40, 52), (48, 4), (56, 4), (64, 8), (72, 8)];
                tables.into_iter().try_for_each(|(from, each)| self.pair(inside(from), each))
            }
            // Signature, splits, starts of functions, data in code, requirements, hints, exports, fixups.
            0x1d | 0x1e | 0x26 | 0x29 | 0x2b | 0x2e | 0x33 | 0x34 if length >= 16 => self.pair(inside(8), 1),
            // Rebasing, binding and exports.
            0x22 if length >= 48 => (8..48).step_by(8).try_for_each(|from| self.pair(inside(from), 1)),
            _ => Ok(()),
        }
    }

    /// The sections of a segment: their content, but not that of those that are zero, and their relocations.
    fn sections(&mut self, at: u64, count: u64, room: u64, wide: bool) -> Result<(), Stop> {
        let bytes = if wide { 80 } else { 68 };
        if count.saturating_mul(bytes) != room {
            return Err(Stop::bad(self.base.saturating_add(at), "sections that do not fill their segment's command"));
        }
        for index in 0..count {
            let at = at.saturating_add(index.saturating_mul(bytes));
            let (size, rest) = if wide {
                (self.u64(at.saturating_add(40))?, at.saturating_add(48))
            } else {
                (u64::from(self.u32(at.saturating_add(36))?), at.saturating_add(40))
            };
            let place = u64::from(self.u32(rest)?);
            // Zero, of large size, and thread-local zero.
            let is_zero = matches!(self.u32(rest.saturating_add(16))? & 0xff, 0x01 | 0x0c | 0x12);
            if !is_zero {
                self.reach(place, size)?;
            }
            self.pair(rest.saturating_add(8), 8)?;
        }
        Ok(())
    }
}
