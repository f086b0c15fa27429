//! LZW as in GIF, counting pixels instead of painting them.

/// Codes have at most twelve bits.
const TABLE: usize = 4096;
/// Bytes tolerated (with a doubt) after the end code: less than a sub-block.
const SURPLUS_MOST: u64 = 64;

/// How the codes of an image ended.
pub(crate) enum LzwEnd {
    /// All pixels, then the end code, then nothing.
    Exact,
    /// All pixels and nothing after them, but no end code.
    WithoutEndCode,
    /// All pixels and the end code, then a few more bytes, as some writers leave.
    Surplus,
    /// Anything else.
    Wrong(&'static str),
}

/// A decoder that knows the length of each string but not its colours.
pub(crate) struct Lzw {
    lengths: Vec<u16>,
    next: usize,
    clear: usize,
    start_bits: u32,
    bits: u32,
    previous: Option<usize>,
    buffer: u32,
    held: u32,
    ended: bool,
    /// Bytes after the end code.
    surplus: u64,
    /// Pixels decoded so far.
    pub(crate) pixels: u64,
    expected: u64,
    /// The longest row of codes read while the dictionary was full.
    pub(crate) full_codes: u64,
    full_now: u64,
    /// The longest row of equal bytes.
    pub(crate) longest_run: u64,
    run: u64,
    last: Option<u8>,
}

impl Lzw {
    /// Codes start at `code_bits` + 1 bits; `expected` pixels must come out.
    pub(crate) fn new(code_bits: u8, expected: u64) -> Self {
        let clear = 1_usize << code_bits.clamp(1, 8);
        let start_bits = u32::from(code_bits).saturating_add(1);
        Self {
            lengths: vec![1; TABLE],
            next: clear.saturating_add(2),
            clear,
            start_bits,
            bits: start_bits,
            previous: None,
            buffer: 0,
            held: 0,
            ended: false,
            surplus: 0,
            pixels: 0,
            expected,
            full_codes: 0,
            full_now: 0,
            longest_run: 0,
            run: 0,
            last: None,
        }
    }

    /// Decodes one sub-block.
    pub(crate) fn feed(&mut self, data: &[u8]) -> Result<(), &'static str> {
        for &byte in data {
            self.count_run(byte);
            if self.ended {
                self.surplus = self.surplus.saturating_add(1);
                continue;
            }
            self.buffer |= u32::from(byte) << self.held;
            self.held = self.held.saturating_add(8);
            while self.held >= self.bits && !self.ended {
                let code = self.buffer & ((1 << self.bits) - 1);
                self.buffer >>= self.bits;
                self.held = self.held.saturating_sub(self.bits);
                self.code(code as usize)?;
            }
        }
        Ok(())
    }

    fn count_run(&mut self, byte: u8) {
        self.run = if self.last == Some(byte) { self.run.saturating_add(1) } else { 1 };
        self.last = Some(byte);
        self.longest_run = self.longest_run.max(self.run);
    }

    fn code(&mut self, code: usize) -> Result<(), &'static str> {
        if code == self.clear {
            (self.next, self.bits, self.previous) = (self.clear.saturating_add(2), self.start_bits, None);
            self.full_now = 0;
            return Ok(());
        }
        if code == self.clear.saturating_add(1) {
            self.ended = true;
            return Ok(());
        }
        let length = match self.previous {
            None if code < self.clear => 1,
            None => return Err("the first LZW code after a clear code is not a colour"),
            Some(previous) => self.grow(code, previous)?,
        };
        self.pixels = self.pixels.saturating_add(u64::from(length));
        self.previous = Some(code);
        if self.pixels > self.expected {
            return Err("LZW codes hold more pixels than the image has");
        }
        Ok(())
    }

    /// Adds the string `previous` makes with the first pixel of `code`; the length of `code`'s string.
    fn grow(&mut self, code: usize, previous: usize) -> Result<u16, &'static str> {
        let longer = self.lengths.get(previous).copied().unwrap_or(1).saturating_add(1);
        let growing = self.next < TABLE;
        if code > self.next || (code == self.next && !growing) {
            return Err("an LZW code that is not in the dictionary yet");
        }
        let length = if code == self.next { longer } else { self.lengths.get(code).copied().unwrap_or(1) };
        if growing {
            if let Some(slot) = self.lengths.get_mut(self.next) {
                *slot = longer;
            }
            self.next = self.next.saturating_add(1);
            if self.next >= 1 << self.bits && self.bits < 12 {
                self.bits = self.bits.saturating_add(1);
            }
        } else {
            self.full_now = self.full_now.saturating_add(1);
            self.full_codes = self.full_codes.max(self.full_now);
        }
        Ok(length)
    }

    /// How the codes ended, once all sub-blocks were fed.
    pub(crate) fn end(&self) -> LzwEnd {
        if self.pixels != self.expected {
            LzwEnd::Wrong("LZW codes hold fewer pixels than the image has")
        } else if self.surplus > SURPLUS_MOST {
            LzwEnd::Wrong("data after the LZW end code")
        } else if self.surplus > 0 {
            LzwEnd::Surplus
        } else if self.ended {
            LzwEnd::Exact
        } else {
            LzwEnd::WithoutEndCode
        }
    }
}
