//! Bits into bytes, in both orders.

/// Fills bytes from the least significant bit, as DEFLATE and GIF do.
#[derive(Debug, Default)]
pub(crate) struct LowFirst {
    pub(crate) bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl LowFirst {
    /// Adds the lowest `count` bits of `value`; `count` is at most 32.
    pub(crate) fn put(&mut self, value: u32, count: u8) {
        self.pending |= u64::from(value) << self.count;
        self.count += u32::from(count);
        while self.count >= 8 {
            self.bytes.push((self.pending & 0xFF) as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    /// Fills the last byte with zero bits and gives the bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push((self.pending & 0xFF) as u8);
        }
        self.bytes
    }
}

/// Fills bytes from the most significant bit and puts a zero after each 0xFF, as JPEG scans do (T.81, B.1.1.5).
#[derive(Debug, Default)]
pub(crate) struct HighFirstStuffed {
    pub(crate) bytes: Vec<u8>,
    pending: u32,
    count: u32,
}

impl HighFirstStuffed {
    /// Adds the lowest `count` bits of `value`; `count` is at most 16.
    pub(crate) fn put(&mut self, value: u32, count: u8) {
        let count = u32::from(count);
        self.pending = (self.pending << count) | (value & ((1 << count) - 1));
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.push(((self.pending >> self.count) & 0xFF) as u8);
        }
        self.pending &= (1 << self.count) - 1;
    }

    /// Fills the current byte with one bits, as a scan or restart interval ends.
    pub(crate) fn align(&mut self) {
        if self.count > 0 {
            let missing = 8 - self.count;
            self.put((1 << missing) - 1, missing as u8);
        }
    }

    fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == 0xFF {
            self.bytes.push(0);
        }
    }
}

/// Fills bytes from the most significant bit, as bzip2 and FLAC do.
#[derive(Debug, Default)]
pub(crate) struct HighFirst {
    pub(crate) bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl HighFirst {
    /// Adds the lowest `count` bits of `value`; `count` is at most 32.
    pub(crate) fn put(&mut self, value: u32, count: u8) {
        let count = u32::from(count);
        self.pending = (self.pending << count) | (u64::from(value) & ((1 << count) - 1));
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push(((self.pending >> self.count) & 0xFF) as u8);
        }
        self.pending &= (1 << self.count) - 1;
    }

    /// Fills the last byte with zero bits.
    pub(crate) fn align(&mut self) {
        if self.count > 0 {
            self.put(0, (8 - self.count) as u8);
        }
    }
}
