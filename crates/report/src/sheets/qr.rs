//! A QR code as a drawing, and as blocks of text.

use fast_qr::ECL;
use fast_qr::qr::QRBuilder;

/// Longest text that is put into a code, in bytes; more needs modules too small for a printed card.
pub(super) const CODE_BYTES_MAX: usize = 900;

/// Light modules around a code, as ISO/IEC 18004 asks for.
const QUIET: usize = 4;

/// A drawing: the side of its square in modules, and the dark modules as one path.
pub(super) struct Svg {
    pub(super) side: usize,
    pub(super) path: String,
}

/// Dark modules by row, the quiet zone included.
fn modules(text: &str) -> Option<Vec<Vec<bool>>> {
    if text.is_empty() || text.len() > CODE_BYTES_MAX {
        return None;
    }
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let side = code.size.saturating_add(2 * QUIET);
    let mut rows = vec![vec![false; side]; side];
    for (index, module) in code.data.iter().take(code.size.saturating_mul(code.size)).enumerate() {
        let (row, column) = (index / code.size, index % code.size);
        if let Some(cell) =
            rows.get_mut(row.saturating_add(QUIET)).and_then(|row| row.get_mut(column.saturating_add(QUIET)))
        {
            *cell = module.value();
        }
    }
    Some(rows)
}

pub(super) fn svg(text: &str) -> Option<Svg> {
    let rows = modules(text)?;
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Some(Svg { side: rows.len(), path })
}

/// Two rows in each line; dark is drawn, so it reads on paper and on a light terminal.
pub(super) fn blocks(text: &str) -> Vec<String> {
    let rows = modules(text).unwrap_or_default();
    let dark = |row: Option<&Vec<bool>>, x: usize| row.and_then(|row| row.get(x)).copied().unwrap_or(false);
    let line = |pair: &[Vec<bool>]| {
        let width = pair.first().map_or(0, Vec::len);
        let cell = |x| match (dark(pair.first(), x), dark(pair.get(1), x)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        (0..width).map(cell).collect::<String>()
    };
    rows.chunks(2).map(line).filter(|line| !line.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_finders_and_a_quiet_zone() {
        let rows = modules("EXHIBIT 2026-117").unwrap();
        let side = rows.len();
        assert!(rows.iter().all(|row| row.len() == side));
        assert!(rows[..QUIET].iter().flatten().all(|dark| !dark));
        for (y, x) in [(QUIET, QUIET), (QUIET, side - QUIET - 7), (side - QUIET - 7, QUIET)] {
            assert!(rows[y][x..x + 7].iter().all(|dark| *dark), "a finder at {y}, {x}");
            assert!(rows[y + 3][x + 2..x + 5].iter().all(|dark| *dark) && !rows[y + 1][x + 1]);
        }
        assert!(modules("").is_none() && modules(&"x".repeat(CODE_BYTES_MAX + 1)).is_none());
        assert!(modules(&"x".repeat(CODE_BYTES_MAX)).is_some());
        assert_eq!(svg("x").unwrap().side, 21 + 2 * QUIET);
    }
}
