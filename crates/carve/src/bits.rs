//! Reading bits, the most significant one first.

use crate::stop::Stop;
use crate::window::Window;

/// A place between two bits; it can be copied, and goes on over whatever window it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bits {
    /// The next byte that is not held yet.
    at: u64,
    /// The bits taken from the window and not yet used, lowest last.
    held: u64,
    count: u32,
}

impl Bits {
    /// At the first bit of the byte at `at`.
    pub(crate) const fn new(at: u64) -> Self {
        Self { at, held: 0, count: 0 }
    }

    /// Offset of the next bit, in bits from the beginning of the window.
    pub(crate) const fn position(&self) -> u64 {
        self.at.saturating_mul(8).saturating_sub(self.count as u64)
    }

    /// Offset of the byte that holds the next bit.
    pub(crate) const fn byte(&self) -> u64 {
        self.position() / 8
    }

    /// No byte at or behind this offset has been looked at.
    pub(crate) const fn reached(&self) -> u64 {
        self.at
    }

    /// The next `count` bits (at most 32), which stay where they are.
    pub(crate) fn peek(&mut self, count: u32, window: &mut Window<'_>) -> Result<u32, Stop> {
        if self.count < count {
            self.fill(count, window)?;
        }
        let bits = self.held >> self.count.saturating_sub(count);
        Ok(bits as u32 & mask(count))
    }

    /// The next `count` bits (at most 32), or what is left of them before the end of the window, as if zeros followed.
    pub(crate) fn peek_padded(&mut self, count: u32, window: &mut Window<'_>) -> Result<u32, Stop> {
        match self.peek(count, window) {
            Err(Stop::End(_) | Stop::Unreadable(_)) => {
                let bits = (self.held & wide_mask(self.count)) << count.saturating_sub(self.count);
                Ok(bits as u32 & mask(count))
            }
            other => other,
        }
    }

    /// Takes `count` bits (at most 32).
    pub(crate) fn take(&mut self, count: u32, window: &mut Window<'_>) -> Result<u32, Stop> {
        let bits = self.peek(count, window)?;
        self.count = self.count.saturating_sub(count);
        Ok(bits)
    }

    /// Takes zeros and the one behind them: how many zeros there were.
    pub(crate) fn unary(&mut self, most: u32, window: &mut Window<'_>) -> Result<u32, Stop> {
        let mut zeros = 0_u32;
        loop {
            if self.count == 0 {
                self.fill(1, window)?;
            }
            let rest = (self.held & wide_mask(self.count)) << 64_u32.saturating_sub(self.count).min(63);
            let leading = rest.leading_zeros().min(self.count);
            zeros = zeros.saturating_add(leading);
            if zeros > most {
                return Err(Stop::bad(self.byte(), "a number of zeros that no encoder writes"));
            }
            if leading < self.count {
                self.count = self.count.saturating_sub(leading).saturating_sub(1);
                return Ok(zeros);
            }
            self.count = 0;
        }
    }

    /// Goes to the next whole byte; the bits passed over.
    pub(crate) fn align(&mut self) -> u32 {
        let passed = self.count % 8;
        let bits = (self.held >> self.count.saturating_sub(passed)) as u32 & mask(passed);
        self.count = self.count.saturating_sub(passed);
        bits
    }

    fn fill(&mut self, count: u32, window: &mut Window<'_>) -> Result<(), Stop> {
        while self.count < count {
            let room = (64_u32.saturating_sub(self.count) / 8) as usize;
            let bytes = window.some(self.at, room)?;
            for byte in bytes {
                self.held = (self.held << 8) | u64::from(*byte);
            }
            self.count = self.count.saturating_add((bytes.len() as u32).saturating_mul(8));
            self.at = self.at.saturating_add(bytes.len() as u64);
        }
        Ok(())
    }
}

const fn mask(count: u32) -> u32 {
    wide_mask(count) as u32
}

const fn wide_mask(count: u32) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;
    use crate::budget::Budget;

    #[test]
    fn bits_come_in_order_across_bytes() {
        let source = MemorySource::new(vec![0b1010_0000, 0, 0b0000_0001, 0xff, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc]);
        let budget = Budget::alone(1 << 20);
        let (mut window, mut bits) = (Window::new(&source, &budget), Bits::new(0));
        assert_eq!(bits.take(3, &mut window).unwrap(), 0b101);
        assert_eq!(bits.position(), 3);
        assert_eq!(bits.unary(100, &mut window).unwrap(), 20);
        assert_eq!(bits.position(), 24);
        assert_eq!(bits.take(4, &mut window).unwrap(), 15);
        assert_eq!(bits.align(), 15);
        assert_eq!(bits.take(32, &mut window).unwrap(), 0x1234_5678);
        assert_eq!((bits.peek_padded(20, &mut window).unwrap(), bits.byte()), (0x9abc0, 8));
        assert!(bits.take(17, &mut window).is_err());
        assert_eq!(bits.take(16, &mut window).unwrap(), 0x9abc);
        assert!(bits.unary(9, &mut window).is_err());
    }
}
