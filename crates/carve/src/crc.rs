//! Cyclic redundancy checks that no crate of ours computes: most significant bit first, and 64 bits wide.

/// CRC-32 of bzip2: polynomial 04C11DB7, most significant bit first, begun with and inverted by ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bzip2Crc(u32);

impl Bzip2Crc {
    pub(crate) const fn new() -> Self {
        Self(u32::MAX)
    }

    pub(crate) fn push(&mut self, byte: u8) {
        let slot = (self.0 >> 24) as u8 ^ byte;
        self.0 = (self.0 << 8) ^ entry(&BZIP2, slot);
    }

    pub(crate) const fn value(self) -> u32 {
        !self.0
    }
}

/// CRC-8 of FLAC frame headers: polynomial 07, begun with 0.
pub(crate) fn flac8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| (entry(&FLAC8, crc ^ byte) >> 24) as u8)
}

/// CRC-16 of FLAC frames: polynomial 8005, most significant bit first, begun with 0 and continued from `crc`.
pub(crate) fn flac16(crc: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(crc, |crc, byte| (crc << 8) ^ (entry(&FLAC16, (crc >> 8) as u8 ^ byte) >> 16) as u16)
}

/// CRC-16 of the LAME tag: polynomial 8005, least significant bit first, begun with `crc`.
pub(crate) fn lame16(crc: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(crc, |crc, byte| (crc >> 8) ^ entry(&LAME16, crc as u8 ^ byte))
}

/// CRC-64 of xz (ECMA-182, least significant bit first), begun with 0 and continued with what it gave.
pub(crate) fn xz64(crc: u64, bytes: &[u8]) -> u64 {
    !bytes.iter().fold(!crc, |crc, byte| (crc >> 8) ^ entry(&XZ64, crc as u8 ^ byte))
}

/// CRC-32C (Castagnoli), as in VHDX, continued from `crc`.
pub(crate) fn castagnoli(crc: u32, bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!crc, |crc, byte| (crc >> 8) ^ entry(&CASTAGNOLI, crc as u8 ^ byte))
}

static BZIP2: [u32; 256] = most_first(0x04c1_1db7);
static FLAC8: [u32; 256] = most_first(0x0700_0000);
static FLAC16: [u32; 256] = most_first(0x8005_0000);
static XZ64: [u64; 256] = least_first(0xc96c_5795_d787_0f42);
static CASTAGNOLI: [u32; 256] = narrowed(0x82f6_3b78);
static LAME16: [u16; 256] = narrower(0xa001);

fn entry<T: Copy + Default>(table: &[T; 256], slot: u8) -> T {
    table.get(usize::from(slot)).copied().unwrap_or_default()
}

/// The table of a polynomial that stands at the upper end of 32 bits.
#[expect(clippy::indexing_slicing, reason = "computed by the compiler, below 256")]
const fn most_first(polynomial: u32) -> [u32; 256] {
    let mut table = [0_u32; 256];
    let mut index = 0;
    while index < 256 {
        let (mut crc, mut bit) = ((index as u32) << 24, 0);
        while bit < 8 {
            crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { (crc << 1) ^ polynomial };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

/// The table of a mirrored polynomial.
#[expect(clippy::indexing_slicing, reason = "computed by the compiler, below 256")]
const fn least_first(polynomial: u64) -> [u64; 256] {
    let mut table = [0_u64; 256];
    let mut index = 0;
    while index < 256 {
        let (mut crc, mut bit) = (index as u64, 0);
        while bit < 8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ polynomial };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "computed by the compiler, below 256")]
const fn narrowed(polynomial: u32) -> [u32; 256] {
    let (wide, mut table, mut index) = (least_first(polynomial as u64), [0; 256], 0);
    while index < 256 {
        table[index] = wide[index] as u32;
        index += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "computed by the compiler, below 256")]
const fn narrower(polynomial: u16) -> [u16; 256] {
    let (wide, mut table, mut index) = (least_first(polynomial as u64), [0; 256], 0);
    while index < 256 {
        table[index] = wide[index] as u16;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_catalogue() {
        // The catalogue of parametrised CRC algorithms gives each one's value for these nine digits.
        let digits = b"123456789";
        let mut bzip2 = Bzip2Crc::new();
        digits.iter().for_each(|digit| bzip2.push(*digit));
        assert_eq!(bzip2.value(), 0xfc89_1918);
        assert_eq!(flac8(digits), 0xf4);
        assert_eq!(flac16(0, digits), 0xfee8);
        assert_eq!(lame16(0, digits), 0xbb3d);
        assert_eq!(xz64(0, digits), 0x995d_c9bb_df19_39fa);
        assert_eq!(xz64(xz64(0, b"1234"), b"56789"), 0x995d_c9bb_df19_39fa);
        assert_eq!(castagnoli(0, digits), 0xe306_9283);
        assert_eq!(castagnoli(castagnoli(0, b"12"), b"3456789"), 0xe306_9283);
    }
}
