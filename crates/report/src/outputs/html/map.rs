//! The map of a medium: which parts were read and which were not.

use exhibit_evidence::{ByteRange, Gap};

use crate::words::bytes;

/// Columns of the map. A column is hatched if any byte in it was not read, so nothing unread is too small to be seen, and
/// ten million gaps draw no more than this.
const COLUMNS: u64 = 200;

/// Width of the drawing in its own units, and where the bar begins.
const WIDTH: u64 = 998;
const LEFT: u64 = 1;

pub(super) struct Map {
    pub(super) title: String,
    pub(super) unread: Vec<Run>,
    pub(super) ticks: Vec<Tick>,
}

pub(super) struct Run {
    pub(super) x: String,
    pub(super) width: String,
}

pub(super) struct Tick {
    pub(super) x: u64,
    pub(super) anchor: &'static str,
    pub(super) label: String,
}

/// `None` for an empty medium: there is nothing to draw.
pub(super) fn map(size_bytes: u64, gaps: &[Gap]) -> Option<Map> {
    if size_bytes == 0 {
        return None;
    }
    let unread = runs(&columns(size_bytes, gaps));
    let title = match gaps.len() {
        0 => format!("Map of the medium: all of {} was read", bytes(size_bytes)),
        count => format!("Map of the medium of {}: {count} ranges were not read", bytes(size_bytes)),
    };
    Some(Map { title, unread, ticks: ticks(size_bytes) })
}

/// First and last column that each gap touches, joined where they meet.
fn columns(size_bytes: u64, gaps: &[Gap]) -> Vec<(u64, u64)> {
    let medium = ByteRange::new(0, size_bytes);
    let column =
        |at: u64| u64::try_from(u128::from(at) * u128::from(COLUMNS) / u128::from(size_bytes)).unwrap_or(COLUMNS);
    let inside = gaps.iter().map(|gap| gap.range().intersect(medium)).filter(|range| !range.is_empty());
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

fn runs(columns: &[(u64, u64)]) -> Vec<Run> {
    let place = |column: u64| {
        let thousandths = column.saturating_mul(WIDTH).saturating_mul(1000) / COLUMNS;
        thousandths.saturating_add(LEFT * 1000)
    };
    let decimal = |thousandths: u64| format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    let run = |&(first, last): &(u64, u64)| {
        let (start, end) = (place(first), place(last.saturating_add(1)));
        Run { x: decimal(start), width: decimal(end.saturating_sub(start)) }
    };
    columns.iter().map(run).collect()
}

/// Five marks: both ends and the quarters.
fn ticks(size_bytes: u64) -> Vec<Tick> {
    let tick = |quarter: u64| {
        let at = u64::try_from(u128::from(size_bytes) * u128::from(quarter) / 4).unwrap_or(size_bytes);
        let anchor = match quarter {
            0 => "start",
            4 => "end",
            _ => "middle",
        };
        Tick { x: LEFT.saturating_add(WIDTH.saturating_mul(quarter) / 4), anchor, label: short(at) }
    };
    (0..=4).map(tick).collect()
}

/// The rounded part of a size, or all of it where there is none.
fn short(at: u64) -> String {
    let long = bytes(at);
    let rounded = long.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    rounded.map_or(if at == 0 { "0".to_owned() } else { long.clone() }, str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(offset: u64, length: u64) -> Gap {
        Gap { offset, length, cause: String::new(), retries: 0, fill: "zero".to_owned() }
    }

    #[test]
    fn the_smallest_gap_is_visible_and_neighbours_are_joined() {
        let size = 1 << 40;
        assert_eq!(columns(size, &[gap(size - 512, 512)]), [(199, 199)]);
        assert_eq!(columns(1000, &[gap(2, 2), gap(6, 2), gap(999, 1)]), [(0, 1), (199, 199)]);
        assert_eq!(columns(1000, &[gap(0, 1000)]), [(0, 199)]);
    }

    #[test]
    fn gaps_that_lie_about_their_place_stay_inside_the_drawing() {
        let gaps = [gap(u64::MAX, u64::MAX), gap(500, u64::MAX), gap(0, 0)];
        assert_eq!(columns(1000, &gaps), [(100, 199)]);
        let last = runs(&[(0, 199)]).remove(0);
        assert_eq!((last.x.as_str(), last.width.as_str()), ("1.000", "998.000"));
        assert!(map(u64::MAX, &gaps).is_some() && map(0, &gaps).is_none());
    }

    #[test]
    fn ten_thousand_gaps_make_a_bounded_drawing() {
        let gaps: Vec<Gap> = (0..10_000).map(|n| gap(n * 1_000_000, 512)).collect();
        assert!(columns(10_000_000_000, &gaps).len() <= 200);
    }
}
