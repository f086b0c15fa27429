//! Where the bytes of a file lie in the stream of a logical image.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cause, Known, ReadFault, Source};

/// The bytes of a file, as ranges of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contents {
    size: u64,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Ranges of the stream, one after another.
    Ranges(Box<[ByteRange]>),
    /// One byte of the stream, repeated.
    Repeated(u64),
    /// Not understood: a sentence.
    Unknown(String),
}

impl Contents {
    /// A folder has none.
    pub(super) fn folder() -> Self {
        Self { size: 0, kind: Kind::Ranges(Box::default()) }
    }

    /// From size, `be` (extents), the sparse flag and `du` (where the same bytes are stored already).
    pub(super) fn new(size: u64, extents: &str, sparse: bool, duplicate: Option<u64>) -> Self {
        let kind = match (sparse, duplicate, parse(extents)) {
            (true, Some(at), _) => Kind::Ranges([ByteRange::new(at, size)].into()),
            (true, None, Ok(ranges)) => match &*ranges {
                // One byte is stored, and stands for all.
                [one] if one.length == 1 => Kind::Repeated(one.offset),
                _ => Kind::Ranges(ranges),
            },
            (false, _, Ok(ranges)) => Kind::Ranges(ranges),
            (_, _, Err(problem)) => Kind::Unknown(problem),
        };
        Self { size, kind }
    }

    /// Memory that this takes, about.
    pub(super) fn bytes(&self) -> usize {
        match &self.kind {
            Kind::Ranges(ranges) => ranges.len().saturating_mul(16),
            Kind::Repeated(_) | Kind::Unknown(_) => 64,
        }
    }

    /// The file as a source over `stream`.
    pub(super) fn open(&self, stream: Arc<dyn Source>) -> EntrySource {
        let mut start = 0_u64;
        let ranges: &[ByteRange] = match &self.kind {
            Kind::Ranges(ranges) => ranges,
            Kind::Repeated(_) | Kind::Unknown(_) => &[],
        };
        let place = |range: &ByteRange| {
            let placed = (start, *range);
            start = start.saturating_add(range.length);
            placed
        };
        let pieces = ranges.iter().map(place).collect();
        EntrySource { stream, pieces, contents: self.clone() }
    }
}

/// Ranges out of `be`: their number, then offset and length of each; all hexadecimal.
fn parse(text: &str) -> Result<Box<[ByteRange]>, String> {
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let Some(count) = words.next() else { return Ok(Box::default()) };
    let hex = |word: &str| u64::from_str_radix(word, 16).ok().filter(|_| !word.starts_with('+'));
    let count = hex(count).ok_or("the number of extents is none")?;
    let mut ranges = Vec::new();
    while let Some(word) = words.next() {
        if word == "S" {
            return Err("a sparse extent, whose meaning is not documented".to_owned());
        }
        let (Some(offset), Some(length)) = (hex(word), words.next().and_then(hex)) else {
            return Err("an extent that is no offset and length".to_owned());
        };
        ranges.push(ByteRange::new(offset, length));
    }
    if ranges.len() as u64 == count {
        Ok(ranges.into())
    } else {
        Err(format!("{count} extents are announced, {} are there", ranges.len()))
    }
}

/// A file inside a logical image.
pub(super) struct EntrySource {
    stream: Arc<dyn Source>,
    /// Where each range begins in the file, and the range.
    pieces: Vec<(u64, ByteRange)>,
    contents: Contents,
}

impl EntrySource {
    /// The range of the stream that holds byte `at`, cut to begin there.
    fn piece(&self, at: u64) -> Option<ByteRange> {
        let index = self.pieces.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        let (start, range) = self.pieces.get(index)?;
        let skip = at.checked_sub(*start)?;
        let left = range.length.checked_sub(skip).filter(|left| *left > 0)?;
        Some(ByteRange::new(range.offset.checked_add(skip)?, left))
    }

    fn read(&self, at: u64, buf: &mut [u8]) -> Result<usize, (usize, Cause)> {
        match &self.contents.kind {
            Kind::Unknown(problem) => return Err((0, Cause::Unreadable(problem.clone()))),
            Kind::Repeated(from) => {
                let mut one = [0];
                self.stream.read_at(*from, &mut one).map_err(|fault| (0, told(fault.cause)))?;
                buf.fill(one[0]);
                return Ok(buf.len());
            }
            Kind::Ranges(_) => {}
        }
        let Some(range) = self.piece(at) else {
            return Err((0, Cause::Corrupt("the extents of the file hold fewer bytes than its size tells".to_owned())));
        };
        let length = buf.len().min(usize::try_from(range.length).unwrap_or(usize::MAX));
        let out = buf.get_mut(..length).unwrap_or_default();
        self.stream.read_at(range.offset, out).map_err(|fault| (fault.good, told(fault.cause)))?;
        Ok(length)
    }
}

/// The end of the stream is not the end of the file.
fn told(cause: Cause) -> Cause {
    match cause {
        Cause::PastEnd => Cause::Corrupt("the extents of the file lie behind the end of the image".to_owned()),
        other => other,
    }
}

impl Source for EntrySource {
    fn size(&self) -> u64 {
        self.contents.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size())?;
        let mut good = 0_usize;
        while let Some(rest) = buf.get_mut(good..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(good as u64);
            let fault = |(more, cause)| ReadFault { at, good: good.saturating_add(more), cause };
            good = good.saturating_add(self.read(here, rest).map_err(fault)?);
        }
        Ok(())
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        match (&self.contents.kind, self.piece(range.offset)) {
            (Kind::Unknown(_), _) | (Kind::Ranges(_), None) if !range.is_empty() => (range, Known::Unreadable),
            (Kind::Ranges(_), Some(piece)) => {
                let asked = ByteRange::new(piece.offset, piece.length.min(range.length));
                let (run, known) = self.stream.known(asked);
                (ByteRange::new(range.offset, run.length), known)
            }
            _ => (range, Known::Data),
        }
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    fn read(contents: &Contents) -> Result<Vec<u8>, ReadFault> {
        let source = contents.open(Arc::new(MemorySource::new(*b"0123456789")));
        let mut bytes = vec![0xee; usize::try_from(source.size()).unwrap()];
        source.read_at(0, &mut bytes).map(|()| bytes)
    }

    #[test]
    fn extents_follow_one_another_and_a_repeated_byte_fills_the_file() {
        assert_eq!(read(&Contents::new(5, "2 8 2 0 3", false, None)).unwrap(), b"89012");
        assert_eq!(read(&Contents::new(4, "1 3 1", true, None)).unwrap(), b"3333");
        assert_eq!(read(&Contents::new(3, "1 9 1", true, Some(4))).unwrap(), b"456");
        assert_eq!(read(&Contents::new(0, "1 0 1", false, None)).unwrap(), b"");
        assert_eq!(read(&Contents::new(0, "", false, None)).unwrap(), b"");
    }

    #[test]
    fn what_is_not_there_is_a_fault_and_never_zeros() {
        let short = read(&Contents::new(9, "1 0 3", false, None)).unwrap_err();
        assert!(short.good == 3 && matches!(short.cause, Cause::Corrupt(_)), "{short}");
        let behind = read(&Contents::new(4, "1 8 4", false, None)).unwrap_err();
        assert!(matches!(behind.cause, Cause::Corrupt(_)), "{behind}");
        for bad in ["1", "2 0 3", "x 0 3", "1 0 -3", "1 S 0 3", "1 ffffffffffffffffff 1"] {
            assert!(
                matches!(read(&Contents::new(3, bad, false, None)).unwrap_err().cause, Cause::Unreadable(_)),
                "{bad}"
            );
        }
        let far = read(&Contents::new(3, "1 ffffffffffffffff 3", false, None)).unwrap_err();
        assert!(matches!(far.cause, Cause::Corrupt(_)));
    }
}
