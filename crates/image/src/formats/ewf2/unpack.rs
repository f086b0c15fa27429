//! Unpacking what is compressed in an Ex01 or Lx01, by the method of its file header.

use bzip2::{Decompress, Status};

use super::layout::{COMPRESSION_BZIP2, COMPRESSION_NONE, COMPRESSION_ZLIB};
use crate::inflate::{inflate_bounded, inflate_exact};

/// How chunks and objects are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Method {
    /// Single chunks and the objects may be zlib streams all the same.
    None,
    /// RFC 1950.
    #[default]
    Zlib,
    /// bzip2: each stream has its own checksums.
    Bzip2,
}

impl Method {
    /// By its number in the file header.
    pub(super) const fn of(number: u16) -> Option<Self> {
        match number {
            COMPRESSION_NONE => Some(Self::None),
            COMPRESSION_ZLIB => Some(Self::Zlib),
            COMPRESSION_BZIP2 => Some(Self::Bzip2),
            _ => None,
        }
    }

    /// For people.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Zlib => "zlib",
            Self::Bzip2 => "bzip2",
        }
    }

    /// Unpacks the stream at the start of `packed` into `out`, which it must fill exactly, and returns how many bytes of `packed`
    /// it took.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the stream.
    pub(super) fn exact(self, packed: &[u8], out: &mut [u8]) -> Result<usize, String> {
        match self {
            Self::None | Self::Zlib => inflate_exact(packed, out),
            Self::Bzip2 => bunzip(packed, out),
        }
    }

    /// Unpacks a stream of unknown length, at most `limit` bytes.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the stream, or that it is too long.
    pub(super) fn bounded(self, packed: &[u8], limit: usize) -> Result<Vec<u8>, String> {
        match self {
            Self::Bzip2 if packed.starts_with(b"BZh") => {
                // The whole of it at once would be as large as the limit, which few come near to.
                let mut out = vec![0; limit.min(packed.len().saturating_mul(64).saturating_add(4096))];
                match fill(packed, &mut out)? {
                    (_, made, true) => {
                        out.truncate(made);
                        Ok(out)
                    }
                    (_, made, false) => {
                        Err(format!("bzip2: the stream unpacks to more than {made} bytes, or is cut off"))
                    }
                }
            }
            _ => inflate_bounded(packed, limit),
        }
    }
}

fn bunzip(packed: &[u8], out: &mut [u8]) -> Result<usize, String> {
    match fill(packed, out)? {
        (taken, made, true) if made == out.len() => Ok(taken),
        (_, made, true) => Err(format!("bzip2: the stream unpacks to {made} bytes, expected {}", out.len())),
        (_, made, false) => Err(format!("bzip2: after {made} of {} bytes the stream has no end", out.len())),
    }
}

/// Unpacks into `out`: bytes taken, bytes made, and whether the stream came to its end, where its checksum is compared.
fn fill(packed: &[u8], out: &mut [u8]) -> Result<(usize, usize, bool), String> {
    let mut stream = Decompress::new(false);
    let length = out.len();
    let mut spare = [0_u8; 1];
    loop {
        let count = |total: u64| usize::try_from(total).unwrap_or(usize::MAX);
        let (taken, made) = (count(stream.total_in()), count(stream.total_out()));
        if made > length {
            return Err(format!("bzip2: the stream unpacks to more than {length} bytes"));
        }
        let rest = packed.get(taken..).unwrap_or_default();
        // When all came out, the end of the stream with its checksum still follows.
        let room = match out.get_mut(made..).filter(|room| !room.is_empty()) {
            Some(room) => room,
            None => &mut spare[..],
        };
        let status = stream.decompress(rest, room).map_err(|error| format!("bzip2: {error}"))?;
        let now = (count(stream.total_in()), count(stream.total_out()));
        match status {
            Status::StreamEnd if now.1 <= length => return Ok((now.0, now.1, true)),
            Status::StreamEnd => return Err(format!("bzip2: the stream unpacks to more than {length} bytes")),
            _ if now == (taken, made) => return Ok((taken, made, false)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `python3 -c "import bz2; print(bz2.compress(b'exhibit ' * 512).hex())"`
    const TEXT: &str = "425a6839314159265359bcd5c01d0002ff918040001260044020005086002aa68d94800800e802802802003401401f177245385090bcd5c01d";

    #[test]
    fn a_stream_by_another_program_fills_its_chunk_and_nothing_less_or_more_does() {
        let packed = exhibit_evidence::from_hex(TEXT).unwrap();
        let wanted = b"exhibit ".repeat(512);
        let mut out = vec![0; wanted.len()];
        let padded = [packed.as_slice(), &[0; 7]].concat();
        assert_eq!(Method::Bzip2.exact(&padded, &mut out), Ok(packed.len()));
        assert!(out == wanted);
        assert_eq!(Method::Bzip2.bounded(&packed, 1 << 20), Ok(wanted.clone()));
        assert!(Method::Bzip2.bounded(&packed, 4095).is_err());
        for length in [0, 1, 4095, 4097, 9000] {
            assert!(Method::Bzip2.exact(&packed, &mut vec![0; length]).is_err(), "{length}");
        }
        for length in 0..packed.len() {
            assert!(Method::Bzip2.exact(&packed[..length], &mut out).is_err(), "cut to {length}");
            let mut changed = packed.clone();
            changed[length] ^= 4;
            let same = Method::Bzip2.exact(&changed, &mut out).is_ok_and(|_| out == wanted);
            assert!(Method::Bzip2.exact(&changed, &mut out).is_err() || same, "byte {length} changed");
        }
    }
}
