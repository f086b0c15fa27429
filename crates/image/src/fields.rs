//! Numbers and texts at fixed places of a structure. What lies beyond its end reads as zero: callers check lengths first.

/// The `N` bytes at `offset`, zero if the structure ends before.
pub(crate) fn array<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes.get(offset..).and_then(|tail| tail.first_chunk()).copied().unwrap_or([0; N])
}

/// Big-endian u16.
pub(crate) fn be16(bytes: &[u8], offset: usize) -> u16 {
    u16::from_be_bytes(array(bytes, offset))
}

/// Big-endian u32.
pub(crate) fn be32(bytes: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes(array(bytes, offset))
}

/// Big-endian u64.
pub(crate) fn be64(bytes: &[u8], offset: usize) -> u64 {
    u64::from_be_bytes(array(bytes, offset))
}

/// Little-endian u16.
pub(crate) fn le16(bytes: &[u8], offset: usize) -> u16 {
    u16::from_le_bytes(array(bytes, offset))
}

/// Little-endian u32.
pub(crate) fn le32(bytes: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes(array(bytes, offset))
}

/// Little-endian u64.
pub(crate) fn le64(bytes: &[u8], offset: usize) -> u64 {
    u64::from_le_bytes(array(bytes, offset))
}

/// UTF-16 up to the first zero; what is not a character becomes U+FFFD.
pub(crate) fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair)).take_while(|&unit| unit != 0);
    char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A GUID whose first three fields are little-endian, as Microsoft and VirtualBox store and print them.
pub(crate) fn guid(bytes: &[u8; 16]) -> String {
    let tail = |from: usize, to: usize| -> String {
        bytes.get(from..to).unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    format!("{:08x}-{:04x}-{:04x}-{}-{}", le32(bytes, 0), le16(bytes, 4), le16(bytes, 6), tail(8, 10), tail(10, 16))
}

/// A UUID whose fields are big-endian.
pub(crate) fn uuid(bytes: &[u8; 16]) -> String {
    let tail = |from: usize, to: usize| -> String {
        bytes.get(from..to).unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    [tail(0, 4), tail(4, 6), tail(6, 8), tail(8, 10), tail(10, 16)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_with_the_structure() {
        let bytes = [1, 2, 3, 4];
        assert_eq!(
            (be16(&bytes, 0), le16(&bytes, 0), be32(&bytes, 0), le32(&bytes, 0)),
            (258, 513, 0x0102_0304, 0x0403_0201)
        );
        assert_eq!((be32(&bytes, 1), le64(&bytes, 0), be64(&bytes, 9)), (0, 0, 0));
    }

    #[test]
    fn identifiers_are_printed_as_their_makers_print_them() {
        let bytes: [u8; 16] = std::array::from_fn(|n| n as u8);
        assert_eq!(guid(&bytes), "03020100-0504-0706-0809-0a0b0c0d0e0f");
        assert_eq!(uuid(&bytes), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert_eq!(utf16(b"a\0\xff\xdbz\0\0\0q\0", u16::from_le_bytes), "a\u{fffd}z");
    }
}
