//! The map while it is being made: which range of the medium is in the stream, and which is nothing but one byte.

use exhibit_evidence::ByteRange;

use super::super::layout::{POINT_BYTES, POINTS_MADE_MAX};
use super::super::map::Point;
use super::super::symbol::Symbol;

/// Target number of the stream in points under way; a symbolic byte has its value and one more.
const STREAM: u32 = 0;
/// Target number of unreadable ranges.
const UNREADABLE: u32 = 257;

/// Points under way, in order and without holes.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs {
    points: Vec<Point>,
}

/// A finished map: its members.
pub(super) struct MadeMap {
    pub(super) map: Vec<u8>,
    pub(super) idx: String,
}

impl Runs {
    /// Adds a range that is in the stream at `stream_at`.
    pub(super) fn data(&mut self, range: ByteRange, stream_at: u64) {
        self.push(Point { range, target_at: stream_at, target: STREAM });
    }

    /// Adds a range that is nothing but `byte`; `false` if the map has no room for it: then it must be stored.
    pub(super) fn byte(&mut self, range: ByteRange, byte: u8) -> bool {
        let target = u32::from(byte).saturating_add(1);
        let goes_on = self.points.last().is_some_and(|last| last.target == target);
        if !goes_on && self.points.len() >= POINTS_MADE_MAX {
            return false;
        }
        self.push(Point { range, target_at: range.offset, target });
        true
    }

    fn push(&mut self, point: Point) {
        match self.points.last_mut() {
            Some(last)
                if last.target == point.target
                    && last.range.end() == point.range.offset
                    && last.target_at.saturating_add(last.range.length) == point.target_at =>
            {
                last.range.length = last.range.length.saturating_add(point.range.length);
            }
            _ => self.points.push(point),
        }
    }

    /// Points of the range from `from` on, as they are kept in the file while it is not finished.
    pub(super) fn encoded_since(&self, from: u64) -> Vec<u8> {
        let first = self.points.partition_point(|point| point.range.end() <= from);
        let rest = self.points.get(first..).unwrap_or_default();
        rest.iter().flat_map(|point| clipped(*point, ByteRange::between(from, u64::MAX)).encode()).collect()
    }

    /// Adds points that [`Runs::encoded_since`] made.
    ///
    /// # Errors
    /// If they do not go on where the others end.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (points, rest) = bytes.as_chunks::<POINT_BYTES>();
        if !rest.is_empty() {
            return Err("cut off".to_owned());
        }
        for point in points.iter().map(Point::decode) {
            if point.range.offset != self.end() || point.range.is_empty() || point.target >= UNREADABLE {
                return Err(format!("a point at {} does not follow byte {}", point.range.offset, self.end()));
            }
            self.push(point);
        }
        Ok(())
    }

    /// The first byte behind all points.
    pub(super) fn end(&self) -> u64 {
        self.points.last().map_or(0, |point| point.range.end())
    }

    /// Forgets what lies behind `end`.
    pub(super) fn truncate(&mut self, end: u64) {
        self.points.retain(|point| point.range.offset < end);
        if let Some(last) = self.points.last_mut() {
            *last = clipped(*last, ByteRange::new(0, end));
        }
    }

    /// Bytes of the stream that the points refer to, from its beginning.
    pub(super) fn stream_end(&self) -> u64 {
        let ends = self.points.iter().filter(|point| point.target == STREAM);
        ends.map(|point| point.target_at.saturating_add(point.range.length)).max().unwrap_or(0)
    }

    /// For reading what was written so far: points with the numbers that [`Runs::targets`] has.
    pub(super) fn points(&self) -> Vec<Point> {
        self.points.clone()
    }

    /// The symbolic streams of points under way, in order of their numbers from 1 on.
    pub(super) fn symbols() -> impl Iterator<Item = Symbol> {
        (0..=u8::MAX).map(Symbol::Byte)
    }

    /// The members of the map, with `gaps` in the place of what was filled in there.
    pub(super) fn finish(mut self, stream: &str, gaps: &[ByteRange]) -> MadeMap {
        let end = self.end();
        self.points = overlaid(&self.points, gaps, end);
        let mut used: Vec<u32> = self.points.iter().map(|point| point.target).chain([STREAM]).collect();
        used.sort_unstable();
        used.dedup();
        let name = |target: &u32| match u8::try_from(target.saturating_sub(1)) {
            _ if *target == STREAM => stream.to_owned(),
            Ok(byte) => Symbol::Byte(byte).iri(),
            Err(_) => Symbol::Unreadable.iri(),
        };
        let idx = used.iter().map(|target| name(target) + "\n").collect();
        let mut map = Vec::with_capacity(self.points.len().saturating_mul(POINT_BYTES));
        for point in &self.points {
            let target = used.binary_search(&point.target).ok().and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
            map.extend_from_slice(&Point { target, ..*point }.encode());
        }
        MadeMap { map, idx }
    }
}

/// The part of a point that lies in `range`.
fn clipped(point: Point, range: ByteRange) -> Point {
    let inside = point.range.intersect(range);
    let skip = inside.offset.saturating_sub(point.range.offset);
    Point { range: inside, target_at: point.target_at.saturating_add(skip), ..point }
}

/// `points` with unreadable ranges in the place of `gaps`, which are in order.
fn overlaid(points: &[Point], gaps: &[ByteRange], end: u64) -> Vec<Point> {
    let mut gaps: Vec<ByteRange> = gaps.iter().map(|gap| gap.intersect(ByteRange::new(0, end))).collect();
    gaps.retain(|gap| !gap.is_empty());
    gaps.sort_unstable();
    let mut out = Runs { points: Vec::with_capacity(points.len()) };
    let mut next = 0_usize;
    for point in points {
        let mut at = point.range.offset;
        while at < point.range.end() {
            while gaps.get(next).is_some_and(|gap| gap.end() <= at) {
                next = next.saturating_add(1);
            }
            let gap = gaps.get(next).copied().unwrap_or(ByteRange::new(u64::MAX, 0));
            let piece = if gap.offset <= at {
                let range = ByteRange::between(at, gap.end().min(point.range.end()));
                Point { range, target_at: at, target: UNREADABLE }
            } else {
                clipped(*point, ByteRange::between(at, gap.offset))
            };
            at = piece.range.end();
            out.push(piece);
        }
    }
    out.points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined_and_gaps_laid_over_them() {
        let mut runs = Runs::default();
        runs.data(ByteRange::new(0, 100), 0);
        runs.data(ByteRange::new(100, 100), 100);
        assert!(runs.byte(ByteRange::new(200, 100), 0) && runs.byte(ByteRange::new(300, 100), 0));
        runs.data(ByteRange::new(400, 50), 200);
        assert_eq!(runs.points().len(), 3);
        assert_eq!((runs.end(), runs.stream_end()), (450, 250));
        let gaps = [ByteRange::new(150, 100), ByteRange::new(250, 10), ByteRange::new(449, 100)];
        let made = runs.clone().finish("aff4://s", &gaps);
        assert_eq!(made.idx.lines().count(), 3);
        let points: Vec<Point> = made.map.as_chunks::<POINT_BYTES>().0.iter().map(Point::decode).collect();
        let ranges: Vec<_> = points.iter().map(|p| (p.range.offset, p.range.length, p.target_at, p.target)).collect();
        assert_eq!(
            ranges,
            [(0, 150, 0, 0), (150, 110, 150, 2), (260, 140, 260, 1), (400, 49, 200, 0), (449, 1, 449, 2)]
        );
        let mut again = Runs::default();
        again.decode(&runs.encoded_since(0)).unwrap();
        assert_eq!(again.points(), runs.points());
        assert!(again.decode(&runs.encoded_since(0)).is_err(), "nothing twice");
        again.truncate(350);
        again.decode(&runs.encoded_since(350)).unwrap();
        assert_eq!(again.points(), runs.points());
    }

    #[test]
    fn a_full_map_takes_no_new_bytes_but_lets_old_ones_go_on() {
        let mut runs = Runs::default();
        for n in 0..POINTS_MADE_MAX as u64 {
            assert!(runs.byte(ByteRange::new(n, 1), (n % 2) as u8));
        }
        let at = runs.end();
        let last = ((at - 1) % 2) as u8;
        assert!(!runs.byte(ByteRange::new(at, 1), 1 - last) && runs.byte(ByteRange::new(at, 1), last));
    }
}
