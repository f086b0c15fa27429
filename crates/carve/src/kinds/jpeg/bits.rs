//! The entropy-coded bytes of a scan as bits: stuffing removed, markers kept as ends.

use crate::stop::Stop;
use crate::window::Window;

/// Bytes copied from the window at a time.
const CHUNK_BYTES: usize = 4096;

/// Why no more bits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// A marker: its code and the offset after it.
    Marker(u8, u64),
    /// The medium ends.
    End(u64),
    /// The medium is unreadable.
    Unreadable(u64),
}

/// A reader of bits, most significant first.
#[derive(Debug, Clone)]
pub(crate) struct Bits {
    chunk: Vec<u8>,
    chunk_at: u64,
    index: usize,
    held: u64,
    count: u32,
    ended: Option<Ended>,
    last: u8,
    run: u64,
    /// Longest row of equal coded bytes so far.
    pub(crate) longest_run: u64,
}

impl Bits {
    pub(crate) const fn new(at: u64) -> Self {
        Self {
            chunk: Vec::new(),
            chunk_at: at,
            index: 0,
            held: 0,
            count: 0,
            ended: None,
            last: 0,
            run: 0,
            longest_run: 0,
        }
    }

    /// The same reader without its copy of the bytes, to continue later, perhaps over other bytes.
    pub(crate) fn saved(&self) -> Self {
        Self { chunk: Vec::new(), chunk_at: self.raw_at(), index: 0, ..*self }
    }

    /// Offset of the first byte not yet taken in.
    pub(crate) const fn raw_at(&self) -> u64 {
        self.chunk_at.saturating_add(self.index as u64)
    }

    /// About where the next bit comes from.
    pub(crate) fn at(&self) -> u64 {
        self.raw_at().saturating_sub(u64::from(self.count / 8))
    }

    /// The next 16 bits; ones where the data ends earlier.
    #[inline]
    pub(crate) fn peek16(&mut self, window: &mut Window<'_>) -> Result<u32, Stop> {
        if self.count < 16 {
            self.fill(window)?;
        }
        let bits = if self.count >= 16 {
            self.held >> self.count.saturating_sub(16)
        } else {
            let missing = 16_u32.saturating_sub(self.count);
            (self.held << missing) | ((1_u64 << missing) - 1)
        };
        Ok((bits & 0xffff) as u32)
    }

    /// Drops `length` (at most 16) bits that were peeked at.
    #[inline]
    pub(crate) fn drop_bits(&mut self, length: u32) -> Result<(), Stop> {
        match self.count.checked_sub(length) {
            Some(left) => self.count = left,
            None => return Err(self.ended_early()),
        }
        Ok(())
    }

    /// The next `length` (at most 16) bits as a number.
    #[inline]
    pub(crate) fn take(&mut self, length: u32, window: &mut Window<'_>) -> Result<u32, Stop> {
        if length == 0 {
            return Ok(0);
        }
        let bits = self.peek16(window)? >> 16_u32.saturating_sub(length);
        self.drop_bits(length)?;
        Ok(bits)
    }

    /// Leaves the coded data: counts surplus whole bytes, checks the padding bits, returns (surplus bytes, padding is
    /// all ones, the end). At most `most` surplus bytes are looked at.
    pub(crate) fn finish(&mut self, most: u64, window: &mut Window<'_>) -> Result<(u64, bool, Ended), Stop> {
        let padding = self.count % 8;
        let mask = (1_u64 << padding) - 1;
        // The padding is what is left of the byte in work: the upper bits of what is held.
        let ones = (self.held >> self.count.saturating_sub(padding)) & mask == mask;
        self.count = self.count.saturating_sub(padding);
        let mut surplus = 0_u64;
        loop {
            surplus = surplus.saturating_add(u64::from(self.count / 8));
            self.count = 0;
            if let Some(ended) = self.ended {
                return Ok((surplus, ones, ended));
            }
            if surplus > most {
                return Err(Stop::bad(self.at(), "coded data goes on after the last MCU"));
            }
            self.fill(window)?;
        }
    }

    /// Continues after a restart marker.
    pub(crate) fn restart(&mut self, at: u64) {
        let index = usize::try_from(at.saturating_sub(self.chunk_at)).unwrap_or(usize::MAX);
        if index <= self.chunk.len() {
            self.index = index;
        } else {
            (self.chunk_at, self.index) = (at, 0);
            self.chunk.clear();
        }
        (self.held, self.count, self.ended) = (0, 0, None);
    }

    fn ended_early(&self) -> Stop {
        match self.ended {
            Some(Ended::End(at)) => Stop::End(at),
            Some(Ended::Unreadable(at)) => Stop::Unreadable(at),
            Some(Ended::Marker(code, next)) => {
                Stop::bad(next.saturating_sub(2), format!("marker FF{code:02X} inside the coded picture data"))
            }
            None => Stop::bad(self.at(), "coded picture data ends early"),
        }
    }

    /// Takes in whole bytes until more than 48 bits are held or the data ends.
    fn fill(&mut self, window: &mut Window<'_>) -> Result<(), Stop> {
        while self.count <= 48 && self.ended.is_none() {
            if self.count <= 32
                && let Some(four) = self.chunk.get(self.index..).and_then(|rest| rest.first_chunk::<4>())
                && !four.contains(&0xff)
            {
                self.held = (self.held << 32) | u64::from(u32::from_be_bytes(*four));
                self.count = self.count.saturating_add(32);
                self.index = self.index.saturating_add(4);
                four_runs(&mut self.run, &mut self.longest_run, &mut self.last, *four);
                continue;
            }
            match self.chunk.get(self.index..) {
                Some([0xff, 0, ..]) => self.push(0xff, 2),
                Some([byte, ..]) if *byte != 0xff => self.push(*byte, 1),
                Some([0xff, 1..=0xfe, ..]) => self.marker(window)?,
                _ => self.load(window)?,
            }
        }
        Ok(())
    }

    fn push(&mut self, byte: u8, length: usize) {
        self.held = (self.held << 8) | u64::from(byte);
        self.count = self.count.saturating_add(8);
        self.index = self.index.saturating_add(length);
        count_run(&mut self.run, &mut self.longest_run, &mut self.last, byte);
    }

    fn load(&mut self, window: &mut Window<'_>) -> Result<(), Stop> {
        (self.chunk_at, self.index) = (self.raw_at(), 0);
        self.chunk.clear();
        match window.some(self.chunk_at, CHUNK_BYTES) {
            Ok([0xff]) | Ok([0xff, 0xff, ..]) => self.marker(window),
            Ok(bytes) => {
                self.chunk.extend_from_slice(bytes);
                Ok(())
            }
            Err(stop) => self.end(stop),
        }
    }

    /// At an FF that is not followed by 00 in the chunk: fill bytes and a marker, or a pair cut by the chunk's end.
    fn marker(&mut self, window: &mut Window<'_>) -> Result<(), Stop> {
        let mut at = self.raw_at();
        loop {
            match window.u8(at.saturating_add(1)) {
                Ok(0xff) => {
                    window.budget.pay(1)?;
                    at = at.saturating_add(1);
                }
                Ok(0) => {
                    // A stuffed byte cut by the end of the chunk.
                    self.push(0xff, 0);
                    (self.chunk_at, self.index) = (at.saturating_add(2), 0);
                    self.chunk.clear();
                    return Ok(());
                }
                Ok(code) => {
                    self.ended = Some(Ended::Marker(code, at.saturating_add(2)));
                    return Ok(());
                }
                Err(stop) => return self.end(stop),
            }
        }
    }

    fn end(&mut self, stop: Stop) -> Result<(), Stop> {
        self.ended = Some(match stop {
            Stop::End(at) => Ended::End(at),
            Stop::Unreadable(at) => Ended::Unreadable(at),
            other => return Err(other),
        });
        Ok(())
    }
}

fn count_run(run: &mut u64, longest: &mut u64, last: &mut u8, byte: u8) {
    *run = if *last == byte { run.saturating_add(1) } else { 1 };
    *last = byte;
    *longest = (*longest).max(*run);
}

/// As four times [`count_run`], quick for bytes that differ.
fn four_runs(run: &mut u64, longest: &mut u64, last: &mut u8, four: [u8; 4]) {
    let [a, b, c, d] = four;
    if a != *last && a != b && b != c && c != d {
        (*last, *run) = (d, 1);
    } else {
        four.into_iter().for_each(|byte| count_run(run, longest, last, byte));
    }
}
