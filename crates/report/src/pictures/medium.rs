//! The map of a medium: which parts were read, which were not, and where files were recovered by content.

use exhibit_evidence::{ByteRange, Gap};

use crate::drawing::{Drawing, Side, WIDTH};
use crate::facts::CarveFacts;
use crate::words;

/// Columns of the map. A column is marked if any byte in it is meant, so nothing is too small to be seen, and ten million
/// gaps draw no more than this.
const COLUMNS: u64 = 200;

/// Left edge and width of the strips, in units of the drawing.
const LEFT: i32 = 20;
const STRIP: i32 = WIDTH - 40;

/// Upper edges and heights of both strips.
const READ: (i32, i32) = (20, 420);
const CARVED: (i32, i32) = (500, 160);

/// `None` for an empty medium: there is nothing to draw.
pub(crate) fn medium(size_bytes: u64, gaps: &[Gap], carve: Option<&CarveFacts>) -> Option<Drawing> {
    if size_bytes == 0 {
        return None;
    }
    let mut drawing = Drawing::default();
    drawing.outline(LEFT, READ.0, STRIP, READ.1);
    for (first, last) in columns(size_bytes, gaps.iter().map(Gap::range)) {
        let (x, width) = run(first, last);
        drawing.hatched(x, READ.0, width, READ.1);
    }
    let mut bottom = READ.0.saturating_add(READ.1);
    if let Some(carve) = carve {
        drawing.outline(LEFT, CARVED.0, STRIP, CARVED.1);
        let extents = carve.files.iter().flat_map(|file| file.extents.iter().copied());
        for (first, last) in columns(size_bytes, extents) {
            let (x, width) = run(first, last);
            drawing.filled(x, CARVED.0, width, CARVED.1);
        }
        bottom = CARVED.0.saturating_add(CARVED.1);
    }
    ticks(&mut drawing, size_bytes, bottom);
    drawing.height = bottom.saturating_add(380);
    Some(drawing)
}

/// First and last column that each range touches, joined where they meet.
fn columns(size_bytes: u64, ranges: impl Iterator<Item = ByteRange>) -> Vec<(u64, u64)> {
    let medium = ByteRange::new(0, size_bytes);
    let column =
        |at: u64| u64::try_from(u128::from(at) * u128::from(COLUMNS) / u128::from(size_bytes)).unwrap_or(COLUMNS);
    let inside = ranges.map(|range| range.intersect(medium)).filter(|range| !range.is_empty());
    let mut touched: Vec<(u64, u64)> =
        inside.map(|range| (column(range.offset), column(range.end().saturating_sub(1)))).collect();
    touched.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (first, last) in touched {
        match joined.last_mut() {
            Some(previous) if first <= previous.1.saturating_add(1) => previous.1 = previous.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// Left edge and width of columns.
fn run(first: u64, last: u64) -> (i32, i32) {
    let place = |column: u64| {
        let units = column.saturating_mul(u64::from(STRIP.unsigned_abs())) / COLUMNS;
        i32::try_from(units).unwrap_or(STRIP).saturating_add(LEFT)
    };
    let start = place(first);
    (start, place(last.saturating_add(1)).saturating_sub(start))
}

/// Five marks: both ends and the quarters.
fn ticks(drawing: &mut Drawing, size_bytes: u64, top: i32) {
    for quarter in 0..=4_i32 {
        let share = u128::from(size_bytes) * u128::from(quarter.unsigned_abs()) / 4;
        let at = u64::try_from(share).unwrap_or(size_bytes);
        let x = LEFT.saturating_add(STRIP.saturating_mul(quarter) / 4);
        let side = match quarter {
            0 => Side::Left,
            4 => Side::Right,
            _ => Side::Middle,
        };
        drawing.line((x, top), (x, top.saturating_add(80)), false);
        let label = words::rounded(at, '.').unwrap_or_else(|| words::grouped(at));
        drawing.letters((x, top.saturating_add(300)), side, label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::Shape;

    fn gap(offset: u64, length: u64) -> ByteRange {
        ByteRange::new(offset, length)
    }

    #[test]
    fn the_smallest_gap_is_visible_and_neighbours_are_joined() {
        let size = 1 << 40;
        assert_eq!(columns(size, [gap(size - 512, 512)].into_iter()), [(199, 199)]);
        assert_eq!(columns(1000, [gap(2, 2), gap(6, 2), gap(999, 1)].into_iter()), [(0, 1), (199, 199)]);
        assert_eq!(columns(1000, [gap(0, 1000)].into_iter()), [(0, 199)]);
    }

    #[test]
    fn gaps_that_lie_about_their_place_stay_inside_the_drawing() {
        let gaps = [gap(u64::MAX, u64::MAX), gap(500, u64::MAX), gap(0, 0)];
        assert_eq!(columns(1000, gaps.into_iter()), [(100, 199)]);
        assert_eq!(run(0, 199), (LEFT, STRIP));
        let gaps: Vec<Gap> = (0..10_000)
            .map(|n| Gap {
                offset: n * 1_000_000,
                length: 512,
                cause: String::new(),
                retries: 0,
                fill: "zero".to_owned(),
            })
            .collect();
        assert!(columns(10_000_000_000, gaps.iter().map(Gap::range)).len() <= 200);
        assert!(medium(u64::MAX, &gaps, None).is_some() && medium(0, &gaps, None).is_none());
        for shape in medium(10_000_000_000, &gaps, None).unwrap().shapes {
            if let Shape::Box { x, width, .. } = shape {
                assert!(x >= 0 && x + width <= WIDTH);
            }
        }
    }
}
