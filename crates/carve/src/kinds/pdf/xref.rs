//! Cross-reference sections: tables and streams (ISO 32000-2, 7.5.4 and 7.5.8).

use super::object::{Dictionary, Reader, Value};
use crate::inflate::{Fed, Inflater};
use crate::stop::Stop;
use crate::window::Window;

/// Entries of all sections of a file that are kept and compared.
pub(super) const ENTRIES_MOST: usize = 1 << 20;
/// Bytes a cross-reference stream may inflate to.
const STREAM_MOST: u64 = 32 << 20;

/// One section with its trailer.
#[derive(Debug, Clone)]
pub(super) struct Section {
    /// Where it begins: the keyword `xref` or the stream's object.
    pub(super) at: u64,
    /// Object number and offset of objects in use that lie in the file itself.
    pub(super) entries: Vec<(u32, u64)>,
    /// Offsets of further sections this one builds on.
    pub(super) before: Vec<u64>,
    pub(super) has_root: bool,
    pub(super) encrypted: bool,
}

impl Section {
    fn new(at: u64, trailer: &Dictionary) -> Self {
        let before = [b"Prev".as_slice(), b"XRefStm"].iter().filter_map(|key| trailer.number(key)).collect();
        let (has_root, encrypted) = (trailer.get(b"Root").is_some(), trailer.get(b"Encrypt").is_some());
        Self { at, entries: Vec::new(), before, has_root, encrypted }
    }
}

/// The table whose keyword `xref` stands at `at`, with its trailer; and the offset after both.
pub(super) fn table(window: &mut Window<'_>, at: u64) -> Result<(Section, u64), Stop> {
    let mut reader = Reader::new(window, at);
    reader.keyword(b"xref")?;
    let mut entries = Vec::new();
    loop {
        reader.skip_space()?;
        if !reader.window.u8(reader.at)?.is_ascii_digit() {
            break;
        }
        let (first, count) = (reader.plain_number()?, reader.plain_number()?);
        reader.skip_space()?;
        for number in first..first.saturating_add(count) {
            let line = reader.window.array::<18>(reader.at)?;
            reader.window.budget.pay(20)?;
            let (offset, in_use) =
                entry(&line).ok_or_else(|| Stop::bad(reader.at, "not an entry of a cross-reference table"))?;
            if in_use && offset > 0 {
                push(&mut entries, number, offset)?;
            }
            // Each entry has 20 bytes, but writers that end lines with one byte only make it 19.
            reader.at = reader.at.saturating_add(18);
            reader.skip_space()?;
        }
    }
    reader.keyword(b"trailer")?;
    let from = reader.at;
    let Value::Dictionary(trailer) = reader.value()? else { return Err(Stop::bad(from, "no trailer dictionary")) };
    let next = reader.at;
    Ok((Section { entries, ..Section::new(at, &trailer) }, next))
}

/// `oooooooooo ggggg n`: offset, and whether the object is in use.
fn entry(line: &[u8; 18]) -> Option<(u64, bool)> {
    let (offset, rest) = line.split_first_chunk::<10>()?;
    let [b' ', generation @ .., b' ', state] = rest else { return None };
    if !offset.iter().chain(generation).all(u8::is_ascii_digit) || !matches!(state, b'n' | b'f') {
        return None;
    }
    Some((
        offset.iter().fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit & 15))),
        *state == b'n',
    ))
}

fn push(entries: &mut Vec<(u32, u64)>, number: u64, offset: u64) -> Result<(), Stop> {
    if entries.len() >= ENTRIES_MOST {
        return Err(Stop::Spent("limit of objects in a PDF"));
    }
    entries.push((u32::try_from(number).unwrap_or(u32::MAX), offset));
    Ok(())
}

/// The section in the cross-reference stream of the object at `at` with the coded bytes in `start..end`.
pub(super) fn stream(
    window: &mut Window<'_>,
    at: u64,
    dictionary: &Dictionary,
    (start, end): (u64, u64),
) -> Result<Section, Stop> {
    let bad = |what: &str| Stop::bad(at, format!("cross-reference stream: {what}"));
    let mut section = Section::new(at, dictionary);
    let widths = dictionary.numbers(b"W").unwrap_or_default();
    let &[w0, w1, w2] = widths.as_slice() else { return Err(bad("no widths")) };
    if w0 > 8 || w1 > 8 || w2 > 8 || w0.saturating_add(w1).saturating_add(w2) == 0 {
        return Err(bad("impossible widths"));
    }
    let row = w0.saturating_add(w1).saturating_add(w2);
    let bytes = decoded(window, dictionary, (start, end), usize::try_from(row).unwrap_or(24))?;
    let size = dictionary.number(b"Size").unwrap_or(0);
    let index = dictionary.numbers(b"Index").unwrap_or_else(|| vec![0, size]);
    let numbers = index.as_chunks::<2>().0.iter().flat_map(|&[first, count]| first..first.saturating_add(count));
    let row_bytes = usize::try_from(row).unwrap_or(24);
    for (number, row) in numbers.zip(bytes.chunks_exact(row_bytes)) {
        window.budget.pay(row.len() as u64)?;
        let field = |from: u64, width: u64| {
            let from = usize::try_from(from).unwrap_or(0);
            let bytes = row.get(from..from.saturating_add(usize::try_from(width).unwrap_or(0))).unwrap_or_default();
            bytes.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
        };
        let kind = if w0 == 0 { 1 } else { field(0, w0) };
        if kind == 1 && field(w0, w1) > 0 {
            push(&mut section.entries, number, field(w0, w1))?;
        }
    }
    Ok(section)
}

/// The stream's bytes, inflated and with the PNG predictor undone.
fn decoded(
    window: &mut Window<'_>,
    dictionary: &Dictionary,
    (start, end): (u64, u64),
    row: usize,
) -> Result<Vec<u8>, Stop> {
    let bad = |what: &str| Stop::bad(start, format!("cross-reference stream: {what}"));
    let mut bytes = Vec::new();
    match dictionary.filters().as_slice() {
        [] => {
            if end.saturating_sub(start) > STREAM_MOST {
                return Err(Stop::Spent("limit of memory for a cross-reference stream"));
            }
            window.each(exhibit_evidence::ByteRange::between(start, end), |piece| bytes.extend_from_slice(piece))?;
        }
        [b"FlateDecode"] => {
            let mut inflater = Inflater::new(true, STREAM_MOST);
            let mut at = start;
            while at < end {
                let budget = window.budget;
                let piece = window.some(at, usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX))?;
                let length = piece.len() as u64;
                match inflater.feed(piece, budget, |out| bytes.extend_from_slice(out))? {
                    Fed::All => at = at.saturating_add(length),
                    Fed::Ended(_) => break,
                    Fed::Invalid(_) => return Err(bad("does not inflate")),
                }
            }
        }
        _ => return Err(bad("a filter that is not decoded")),
    }
    let predictor = match dictionary.get(b"DecodeParms") {
        Some(Value::Dictionary(parameters)) => {
            let columns = parameters.number(b"Columns").unwrap_or(1);
            parameters.number(b"Predictor").filter(|predictor| *predictor >= 10).map(|_| columns)
        }
        _ => None,
    };
    match predictor {
        None => Ok(bytes),
        Some(columns) if usize::try_from(columns) == Ok(row) => {
            unpredicted(&bytes, row).ok_or_else(|| bad("a rare predictor"))
        }
        Some(_) => Err(bad("rows of another length than its widths")),
    }
}

/// Undoes PNG row filters 0 (none), 1 (left) and 2 (up): all that writers use here.
fn unpredicted(bytes: &[u8], row: usize) -> Option<Vec<u8>> {
    let mut above = vec![0_u8; row];
    let mut plain = Vec::with_capacity(bytes.len());
    for line in bytes.chunks_exact(row.checked_add(1)?) {
        let (&filter, line) = line.split_first()?;
        let mut left = 0_u8;
        for (up, byte) in above.iter_mut().zip(line) {
            let value = match filter {
                0 => *byte,
                1 => byte.wrapping_add(left),
                2 => byte.wrapping_add(*up),
                _ => return None,
            };
            (*up, left) = (value, value);
        }
        plain.extend_from_slice(&above);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_table_are_read_strictly() {
        assert_eq!(entry(b"0000012345 00000 n"), Some((12_345, true)));
        assert_eq!(entry(b"0000000000 65535 f"), Some((0, false)));
        assert_eq!(entry(b"0000000000 65535 x"), None);
        assert_eq!(entry(b"00000 0000 65535 f"), None);
    }

    #[test]
    fn the_up_filter_adds_the_row_above() {
        assert_eq!(unpredicted(&[2, 1, 2, 2, 1, 1], 2), Some(vec![1, 2, 2, 3]));
        assert_eq!(unpredicted(&[9, 1, 2], 2), None);
    }
}
