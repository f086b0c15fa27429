//! The byte forms OpenSSH uses everywhere (RFC 4251 §5): `uint32` big-endian, `string` = length and bytes.

/// Reads fields from the front of a slice; every method is total and never looks beyond the end.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// A fixed number of bytes.
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.rest.split_first_chunk::<4>()?;
        self.rest = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    pub(crate) fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A `string` of exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        self.string()?.try_into().ok()
    }

    /// What was not read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// Appends `bytes` as a `string`.
///
/// Lengths are those of our own short fields; one that did not fit 32 bits would be written as the largest and refused by
/// every reader, ours included.
pub(crate) fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_go_there_and_back_and_no_truncation_is_read() {
        let mut out = Vec::new();
        put_string(&mut out, b"");
        put_string(&mut out, b"abc");
        let mut reader = Reader::new(&out);
        assert_eq!((reader.string(), reader.array::<3>(), reader.rest()), (Some(&b""[..]), Some(b"abc"), &b""[..]));
        for end in 0..out.len() {
            let mut reader = Reader::new(&out[..end]);
            assert!(reader.string().and_then(|_| reader.string()).is_none(), "{end}");
        }
        assert_eq!(Reader::new(&[255, 255, 255, 255, 0]).string(), None);
    }
}
