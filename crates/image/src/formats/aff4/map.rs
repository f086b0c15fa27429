//! A map: ranges of the medium and where their bytes are.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cause, Known, ReadFault, Source};

use super::layout::{POINT_BYTES, POINTS_MAX, u32_at, u64_at};
use super::symbol::Symbol;

/// A range of the medium, and where it is in its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) range: ByteRange,
    pub(super) target_at: u64,
    /// Number of the target in `idx`.
    pub(super) target: u32,
}

impl Point {
    pub(super) fn decode(bytes: &[u8; POINT_BYTES]) -> Self {
        let range = ByteRange::new(u64_at(bytes, 0), u64_at(bytes, 8));
        Self { range, target_at: u64_at(bytes, 16), target: u32_at(bytes, 24) }
    }

    pub(super) fn encode(self) -> [u8; POINT_BYTES] {
        let mut bytes = [0; POINT_BYTES];
        let numbers = [self.range.offset, self.range.length, self.target_at].map(u64::to_le_bytes).concat();
        let all = numbers.iter().copied().chain(self.target.to_le_bytes());
        bytes.iter_mut().zip(all).for_each(|(to, from)| *to = from);
        bytes
    }
}

/// Where the bytes of a range come from.
#[derive(Clone)]
pub(super) enum Target {
    /// Nowhere: made up by the rules of the standard.
    Symbol(Symbol),
    /// A stream or a member.
    Source(Arc<dyn Source>),
    /// It is not at hand: why.
    Missing(Arc<str>),
}

/// A map, opened.
pub(super) struct Map {
    size: u64,
    /// In order of the medium, without overlap.
    points: Vec<Point>,
    targets: Vec<Target>,
    /// Where no point is.
    default: Target,
}

/// The points of the member `map`, in order.
///
/// # Errors
/// A sentence, if they contradict themselves: then nothing can be said about any byte.
pub(super) fn decode(bytes: &[u8], size: u64, targets: usize) -> Result<Vec<Point>, String> {
    let (points, rest) = bytes.as_chunks::<POINT_BYTES>();
    if !rest.is_empty() {
        return Err(format!("{} bytes are no multiple of {POINT_BYTES}", bytes.len()));
    }
    if points.len() as u64 > POINTS_MAX {
        return Err(format!("{} points, this version reads {POINTS_MAX}", points.len()));
    }
    let mut points: Vec<Point> = points.iter().map(Point::decode).filter(|point| !point.range.is_empty()).collect();
    points.sort_by_key(|point| point.range.offset);
    let mut end = 0_u64;
    for point in &points {
        let Point { range, target_at, target } = point;
        if range.offset < end {
            return Err(format!("two points cover {range}"));
        }
        end = match (range.offset.checked_add(range.length), target_at.checked_add(range.length)) {
            (Some(end), Some(_)) => end,
            _ => return Err(format!("a point of {} bytes from {} leaves 64 bits", range.length, range.offset)),
        };
        if end > size {
            return Err(format!("a point covers {range}, but the medium has {size} bytes"));
        }
        if usize::try_from(*target).map_or(true, |target| target >= targets) {
            return Err(format!("a point refers to target {target} of {targets}"));
        }
    }
    Ok(points)
}

impl Map {
    pub(super) fn new(size: u64, points: Vec<Point>, targets: Vec<Target>, default: Target) -> Self {
        Self { size, points, targets, default }
    }

    /// The run that holds byte `at`: what is left of it from there, its target, and where `at` is in that.
    fn run(&self, at: u64) -> (u64, &Target, u64) {
        let next = self.points.partition_point(|point| point.range.end() <= at);
        match self.points.get(next) {
            Some(point) if point.range.offset <= at => {
                let skip = at.saturating_sub(point.range.offset);
                let target = usize::try_from(point.target).ok().and_then(|target| self.targets.get(target));
                let left = point.range.length.saturating_sub(skip);
                (left, target.unwrap_or(&self.default), point.target_at.saturating_add(skip))
            }
            Some(point) => (point.range.offset.saturating_sub(at), &self.default, at),
            None => (self.size.saturating_sub(at), &self.default, at),
        }
    }

    /// Ranges that hold no bytes of the medium, in order: not acquired, and not readable.
    pub(super) fn absent(&self) -> (Vec<ByteRange>, Vec<ByteRange>) {
        let mut found: [Vec<ByteRange>; 2] = [Vec::new(), Vec::new()];
        let mut at = 0_u64;
        while at < self.size {
            let (left, target, _) = self.run(at);
            let [unknown, unreadable] = &mut found;
            let list = match target {
                Target::Symbol(Symbol::Unknown) => Some(unknown),
                Target::Symbol(Symbol::Unreadable) => Some(unreadable),
                _ => None,
            };
            match list.map(|list| (list.last().is_some_and(|last| last.end() == at), list)) {
                Some((true, list)) => {
                    if let Some(last) = list.last_mut() {
                        last.length = last.length.saturating_add(left);
                    }
                }
                Some((false, list)) => list.push(ByteRange::new(at, left)),
                None => {}
            }
            at = at.saturating_add(left.max(1));
        }
        let [unknown, unreadable] = found;
        (unknown, unreadable)
    }
}

impl Source for Map {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let mut good = 0_usize;
        while let Some(rest) = buf.get_mut(good..).filter(|rest| !rest.is_empty()) {
            let (left, target, target_at) = self.run(at.saturating_add(good as u64));
            let length = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let Some(out) = rest.get_mut(..length).filter(|out| !out.is_empty()) else {
                return Err(ReadFault { at, good, cause: Cause::PastEnd });
            };
            match target {
                Target::Symbol(symbol) => symbol.fill(target_at, out),
                Target::Source(source) => source.read_at(target_at, out).map_err(|fault| {
                    let cause = match fault.cause {
                        Cause::PastEnd => Cause::Corrupt(format!(
                            "the map points behind the end of a stream of {} bytes",
                            source.size()
                        )),
                        cause => cause,
                    };
                    ReadFault { at, good: good.saturating_add(fault.good), cause }
                })?,
                Target::Missing(why) => {
                    return Err(ReadFault { at, good, cause: Cause::Unreadable(why.to_string()) });
                }
            }
            good = good.saturating_add(length);
        }
        Ok(())
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        if range.is_empty() || range.offset >= self.size {
            return (range, Known::Data);
        }
        let (left, target, _) = self.run(range.offset);
        let known = match target {
            Target::Symbol(Symbol::Byte(0)) => Known::Zero,
            Target::Symbol(symbol) if symbol.is_absent() => Known::Unreadable,
            Target::Missing(_) => Known::Unreadable,
            Target::Symbol(_) | Target::Source(_) => Known::Data,
        };
        (ByteRange::new(range.offset, range.length.min(left.max(1))), known)
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    fn point(offset: u64, length: u64, target_at: u64, target: u32) -> Point {
        Point { range: ByteRange::new(offset, length), target_at, target }
    }

    fn encoded(points: &[Point]) -> Vec<u8> {
        points.iter().flat_map(|point| point.encode()).collect()
    }

    #[test]
    fn points_in_any_order_are_read_and_contradictions_are_not() {
        let (a, b) = (point(0, 10, 5, 0), point(20, 10, 0, 1));
        assert_eq!(decode(&encoded(&[b, point(15, 0, 0, 9), a]), 30, 2), Ok(vec![a, b]));
        let wrong = [
            (vec![a, point(9, 2, 0, 0)], "two points cover"),
            (vec![point(25, 10, 0, 0)], "the medium has 30 bytes"),
            (vec![point(0, 1, 0, 2)], "target 2 of 2"),
            (vec![point(u64::MAX, 2, 0, 0)], "leaves 64 bits"),
            (vec![point(0, 2, u64::MAX, 0)], "leaves 64 bits"),
        ];
        for (points, text) in wrong {
            let error = decode(&encoded(&points), 30, 2).unwrap_err();
            assert!(error.contains(text), "{error}");
        }
        assert!(decode(&[0; 27], 30, 2).unwrap_err().contains("no multiple"));
    }

    #[test]
    fn each_range_comes_from_its_target_and_the_rest_from_the_default() {
        let stream = Target::Source(Arc::new(MemorySource::new(*b"0123456789abcdef")));
        let targets = vec![stream, Target::Symbol(Symbol::Unreadable), Target::Missing("no volume".into())];
        let points = vec![point(2, 4, 10, 0), point(8, 3, 8, 1), point(14, 2, 0, 2)];
        let map = Map::new(18, points, targets, Target::Symbol(Symbol::Byte(b'.')));
        let mut buf = [0; 14];
        map.read_at(0, &mut buf).unwrap();
        assert_eq!(&buf, b"..abcd..LED...");
        let fault = map.read_at(0, &mut [0; 18]).unwrap_err();
        assert!(matches!((fault.good, &fault.cause), (14, Cause::Unreadable(_))), "{fault}");
        assert_eq!(map.known(ByteRange::new(9, 9)), (ByteRange::new(9, 2), Known::Unreadable));
        assert_eq!(map.known(ByteRange::new(6, 9)), (ByteRange::new(6, 2), Known::Data));
        assert_eq!(map.absent(), (vec![], vec![ByteRange::new(8, 3)]));
        assert!(map.read_at(18, &mut [0]).is_err());
    }
}
