//! The LZMA decoder of one chunk: it can be copied in the middle and sent on over other bytes.

/// Where the models of each kind of bit begin in the one list of them.
const IS_MATCH: usize = 0;
const IS_REP: usize = 192;
const IS_REP_FIRST: usize = 204;
const IS_REP_SECOND: usize = 216;
const IS_REP_THIRD: usize = 228;
const IS_LONG_REP: usize = 240;
const SLOT: usize = 432;
const SPECIAL: usize = 688;
const ALIGN: usize = 816;
const LENGTH: usize = 832;
const REP_LENGTH: usize = 1346;
const LITERAL: usize = 1860;
/// Models of one literal coder.
const LITERAL_EACH: usize = 0x300;
/// A bit as likely as not, of 2048.
const EVEN: u16 = 1024;

/// lc, lp and pb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Properties {
    literal_context: u32,
    literal_position: u32,
    position: u32,
}

impl Properties {
    /// From their byte; `None` if LZMA2 does not allow them.
    pub(super) fn new(byte: u8) -> Option<Self> {
        let byte = u32::from(byte);
        let (literal_context, literal_position, position) = (byte % 9, byte / 9 % 5, byte / 45);
        (literal_context.saturating_add(literal_position) <= 4 && position <= 4).then_some(Self {
            literal_context,
            literal_position,
            position,
        })
    }
}

/// Where the decoded bytes go, and what of them can be referred to.
pub(super) struct Room<'a> {
    pub(super) bytes: &'a mut Vec<u8>,
    /// Bytes since the last reset of the dictionary.
    pub(super) since_reset: usize,
    /// Size of the dictionary.
    pub(super) size: usize,
}

impl Room<'_> {
    fn back(&self, distance: usize) -> Option<u8> {
        if distance >= self.since_reset || distance >= self.size {
            return None;
        }
        self.bytes.get(self.bytes.len().checked_sub(distance.checked_add(1)?)?).copied()
    }

    fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
        self.since_reset = self.since_reset.saturating_add(1);
    }
}

/// An LZMA decoder.
#[derive(Debug, Clone)]
pub(super) struct Lzma {
    properties: Properties,
    models: Vec<u16>,
    state: usize,
    reps: [usize; 4],
    range: u32,
    code: u32,
    /// The next byte of the chunk.
    at: usize,
    /// Bytes were asked for that the chunk does not have.
    overrun: bool,
}

impl Lzma {
    pub(super) fn new(properties: Properties) -> Self {
        let count = LITERAL_EACH << properties.literal_context.saturating_add(properties.literal_position);
        let models = vec![EVEN; LITERAL.saturating_add(count)];
        Self { properties, models, state: 0, reps: [0; 4], range: u32::MAX, code: 0, at: 0, overrun: false }
    }

    /// Forgets all that was learnt.
    pub(super) fn reset(&mut self) {
        self.models.fill(EVEN);
        (self.state, self.reps) = (0, [0; 4]);
    }

    /// Makes ready for the first bytes of a chunk.
    pub(super) fn begin(&mut self) {
        (self.range, self.code, self.at, self.overrun) = (u32::MAX, 0, 0, false);
    }

    /// Whether the input was used to its last byte, and nothing is left over.
    pub(super) const fn is_finished(&self, length: usize) -> bool {
        !self.overrun && self.at == length && self.code == 0
    }

    /// Bytes of the chunk used so far.
    pub(super) const fn used(&self) -> usize {
        self.at
    }

    /// Decodes until `left` more bytes are there, or `until` bytes of the chunk are used; `None` if it is no LZMA. What is
    /// still to come is returned.
    pub(super) fn run(&mut self, input: &[u8], until: usize, room: &mut Room<'_>, mut left: usize) -> Option<usize> {
        if self.at == 0 {
            let [0, code @ ..] = input.first_chunk::<5>()? else { return None };
            (self.code, self.at) = (u32::from_be_bytes(*code), 5);
        }
        while left > 0 && self.at < until {
            left = left.checked_sub(self.symbol(input, room)?)?;
            if self.overrun {
                return None;
            }
        }
        Some(left)
    }

    /// One literal or match: how many bytes it gave.
    fn symbol(&mut self, input: &[u8], room: &mut Room<'_>) -> Option<usize> {
        let aligned = room.since_reset & ((1 << self.properties.position) - 1);
        let with_position = (self.state << 4).saturating_add(aligned);
        if !self.bit(input, IS_MATCH.saturating_add(with_position)) {
            self.literal(input, room)?;
            return Some(1);
        }
        let length = if !self.bit(input, IS_REP.saturating_add(self.state)) {
            let length = self.length(input, LENGTH, aligned);
            self.state = if self.state < 7 { 7 } else { 10 };
            let [first, second, third, _] = self.reps;
            self.reps = [self.distance(input, length)?, first, second, third];
            length
        } else if !self.bit(input, IS_REP_FIRST.saturating_add(self.state)) {
            if !self.bit(input, IS_LONG_REP.saturating_add(with_position)) {
                self.state = if self.state < 7 { 9 } else { 11 };
                let byte = room.back(self.reps[0])?;
                room.push(byte);
                return Some(1);
            }
            self.repeated(input, aligned)
        } else {
            self.reps = self.older(input);
            self.repeated(input, aligned)
        };
        for _ in 0..length {
            let byte = room.back(self.reps[0])?;
            room.push(byte);
        }
        Some(length)
    }

    fn repeated(&mut self, input: &[u8], aligned: usize) -> usize {
        self.state = if self.state < 7 { 8 } else { 11 };
        self.length(input, REP_LENGTH, aligned)
    }

    /// The distances with the one that is used again in front.
    fn older(&mut self, input: &[u8]) -> [usize; 4] {
        let [first, second, third, fourth] = self.reps;
        if !self.bit(input, IS_REP_SECOND.saturating_add(self.state)) {
            return [second, first, third, fourth];
        }
        if !self.bit(input, IS_REP_THIRD.saturating_add(self.state)) {
            return [third, first, second, fourth];
        }
        [fourth, first, second, third]
    }

    fn literal(&mut self, input: &[u8], room: &mut Room<'_>) -> Option<()> {
        let previous = if room.since_reset == 0 { 0 } else { usize::from(room.bytes.last().copied()?) };
        let Properties { literal_context, literal_position, .. } = self.properties;
        let place = room.since_reset & ((1 << literal_position) - 1);
        let context = (place << literal_context) | (previous >> 8_u32.saturating_sub(literal_context));
        let models = LITERAL.saturating_add(context.saturating_mul(LITERAL_EACH));
        let mut symbol = 1_usize;
        if self.state >= 7 {
            let mut matched = usize::from(room.back(self.reps[0])?);
            while symbol < 0x100 {
                let expected = (matched >> 7) & 1;
                matched <<= 1;
                let model = models.saturating_add((expected << 8).saturating_add(0x100)).saturating_add(symbol);
                let bit = usize::from(self.bit(input, model));
                symbol = (symbol << 1) | bit;
                if bit != expected {
                    break;
                }
            }
        }
        while symbol < 0x100 {
            symbol = (symbol << 1) | usize::from(self.bit(input, models.saturating_add(symbol)));
        }
        room.push(symbol as u8);
        self.state = match self.state {
            0..=3 => 0,
            4..=9 => self.state.saturating_sub(3),
            _ => self.state.saturating_sub(6),
        };
        Some(())
    }

    fn length(&mut self, input: &[u8], models: usize, aligned: usize) -> usize {
        if !self.bit(input, models) {
            let low = models.saturating_add(2).saturating_add(aligned << 3);
            return self.tree(input, low, 3).saturating_add(2);
        }
        if !self.bit(input, models.saturating_add(1)) {
            let middle = models.saturating_add(130).saturating_add(aligned << 3);
            return self.tree(input, middle, 3).saturating_add(10);
        }
        self.tree(input, models.saturating_add(258), 8).saturating_add(18)
    }

    fn distance(&mut self, input: &[u8], length: usize) -> Option<usize> {
        let of_length = length.saturating_sub(2).min(3);
        let slot = self.tree(input, SLOT.saturating_add(of_length << 6), 6);
        if slot < 4 {
            return Some(slot);
        }
        let bits = (slot >> 1).saturating_sub(1);
        let base = (2 | (slot & 1)) << bits;
        if slot < 14 {
            let models = SPECIAL.saturating_add(base).saturating_sub(slot);
            return Some(base.saturating_add(self.mirrored(input, models, bits)));
        }
        let mut high = 0_usize;
        for _ in 4..bits {
            high = (high << 1) | self.even(input);
        }
        let distance = base.saturating_add(high << 4).saturating_add(self.mirrored(input, ALIGN, 4));
        // All ones would be an end mark, which LZMA2 does not have.
        (distance < u32::MAX as usize).then_some(distance)
    }

    fn tree(&mut self, input: &[u8], models: usize, bits: usize) -> usize {
        let mut symbol = 1_usize;
        for _ in 0..bits {
            symbol = (symbol << 1) | usize::from(self.bit(input, models.saturating_add(symbol)));
        }
        symbol.saturating_sub(1 << bits)
    }

    fn mirrored(&mut self, input: &[u8], models: usize, bits: usize) -> usize {
        let (mut node, mut symbol) = (1_usize, 0_usize);
        for place in 0..bits {
            let bit = usize::from(self.bit(input, models.saturating_add(node)));
            node = (node << 1) | bit;
            symbol |= bit << place;
        }
        symbol
    }

    fn even(&mut self, input: &[u8]) -> usize {
        self.range >>= 1;
        let bit = usize::from(self.code >= self.range);
        if bit == 1 {
            self.code = self.code.wrapping_sub(self.range);
        }
        self.shift(input);
        bit
    }

    fn bit(&mut self, input: &[u8], model: usize) -> bool {
        let Some(even) = self.models.get_mut(model) else {
            self.overrun = true;
            return false;
        };
        let bound = (self.range >> 11).wrapping_mul(u32::from(*even));
        let bit = self.code >= bound;
        if bit {
            self.range = self.range.wrapping_sub(bound);
            self.code = self.code.wrapping_sub(bound);
            *even = even.wrapping_sub(*even >> 5);
        } else {
            self.range = bound;
            *even = even.wrapping_add(2048_u16.wrapping_sub(*even) >> 5);
        }
        self.shift(input);
        bit
    }

    fn shift(&mut self, input: &[u8]) {
        if self.range < 1 << 24 {
            let byte = input.get(self.at).copied();
            self.overrun |= byte.is_none();
            self.range <<= 8;
            self.code = (self.code << 8) | u32::from(byte.unwrap_or(0));
            self.at = self.at.saturating_add(1);
        }
    }
}
