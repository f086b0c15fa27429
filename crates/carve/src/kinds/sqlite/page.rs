//! The database header, b-tree pages, cells and records (sqlite.org/fileformat2.html).

/// Size of the database header in bytes.
pub(super) const HEADER_BYTES: usize = 100;

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) page_size: u32,
    /// Bytes of a page that hold data.
    pub(super) usable: u32,
    /// Pages, if the header's count is current.
    pub(super) pages: Option<u32>,
    /// First trunk page of the freelist and pages on it.
    pub(super) free_first: u32,
    pub(super) free_count: u32,
    /// Auto-vacuum databases have pages that map pages to their parents.
    pub(super) mapped: bool,
}

impl Header {
    /// `None` if no SQLite wrote this.
    pub(super) fn parse(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let page_size = match be16(bytes, 16) {
            1 => 65_536,
            size if size >= 512 && size.is_power_of_two() => u32::from(size),
            _ => return None,
        };
        let fixed = bytes.get(18..24)?;
        let &[write, read, reserved, 64, 32, 32] = fixed else { return None };
        let usable = page_size.checked_sub(u32::from(reserved)).filter(|usable| *usable >= 480)?;
        if !(1..=2).contains(&write) || !(1..=2).contains(&read) || be32(bytes, 44) > 4 || be32(bytes, 56) > 3 {
            return None;
        }
        let count = be32(bytes, 28);
        // Writers before 3.7.0 left the count alone; it is current only if both counters say the same writer set it.
        let current = count > 0 && be32(bytes, 24) == be32(bytes, 92);
        Some(Self {
            page_size,
            usable,
            pages: current.then_some(count),
            free_first: be32(bytes, 32),
            free_count: be32(bytes, 36),
            mapped: be32(bytes, 52) != 0,
        })
    }

    /// The page that is never used because it holds the byte other programs lock, 1 GiB into the file.
    pub(super) fn lock_page(&self) -> u32 {
        (1_u32 << 30) / self.page_size + 1
    }

    /// Whether `page` maps pages to their parents.
    pub(super) fn is_map(&self, page: u32) -> bool {
        let run = self.usable / 5 + 1;
        if !self.mapped || page < 2 {
            return false;
        }
        let map = (page - 2) / run * run + 2;
        page == if map == self.lock_page() { map.saturating_add(1) } else { map }
    }
}

/// The kinds of b-tree pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    IndexInterior,
    TableInterior,
    IndexLeaf,
    TableLeaf,
}

impl PageKind {
    pub(super) const fn is_table(self) -> bool {
        matches!(self, Self::TableInterior | Self::TableLeaf)
    }
}

/// What one page refers to.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) children: Vec<u32>,
    /// First overflow page, bytes of payload left for the chain.
    pub(super) overflows: Vec<(u32, u64)>,
    /// Each payload on a table leaf.
    pub(super) payloads: Vec<Payload>,
    /// Row numbers in a table: of the rows of a leaf, or the largest below each child of an interior page but the last.
    pub(super) rows: Vec<i64>,
}

/// Where a payload lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payload {
    /// Offset in the page and bytes on it.
    pub(super) at: usize,
    pub(super) local: usize,
    /// Where it goes on: first overflow page, bytes in the chain.
    pub(super) overflow: Option<(u32, u64)>,
}

/// Reads the b-tree page `page` (whose header begins at `start`: 100 on page 1). An error names what is wrong.
pub(super) fn links(page: &[u8], start: usize, header: &Header) -> Result<(PageKind, Links), &'static str> {
    let head = page.get(start..).and_then(|rest| rest.first_chunk::<12>()).ok_or("the page is too short")?;
    let kind = match head[0] {
        2 => PageKind::IndexInterior,
        5 => PageKind::TableInterior,
        10 => PageKind::IndexLeaf,
        13 => PageKind::TableLeaf,
        _ => return Err("not a type of b-tree page"),
    };
    let interior = matches!(kind, PageKind::IndexInterior | PageKind::TableInterior);
    let cells = usize::from(be16(head, 3));
    let usable = header.usable as usize;
    let content = match be16(head, 5) {
        0 => 65_536,
        content => usize::from(content),
    };
    let pointers_at = start.saturating_add(if interior { 12 } else { 8 });
    let pointers_end = pointers_at.saturating_add(cells.saturating_mul(2));
    if content > usable || pointers_end > content || usize::from(head[7]) > 60 {
        return Err("the page's own counts contradict each other");
    }
    let mut links = Links::default();
    for pointer in page.get(pointers_at..pointers_end).unwrap_or_default().as_chunks::<2>().0 {
        let at = usize::from(u16::from_be_bytes(*pointer));
        if at < content || at >= usable {
            return Err("a cell pointer leads out of the page's content");
        }
        cell(page.get(..usable).unwrap_or(page), at, kind, header, &mut links)
            .ok_or("a cell reaches out of the page")?;
    }
    if interior {
        links.children.push(be32(head, 8));
    }
    if links.rows.is_sorted_by(|one, next| one < next) {
        return Ok((kind, links));
    }
    Err("the rows of a page are not in order")
}

fn cell(page: &[u8], mut at: usize, kind: PageKind, header: &Header, links: &mut Links) -> Option<()> {
    if matches!(kind, PageKind::IndexInterior | PageKind::TableInterior) {
        links.children.push(u32::from_be_bytes(*page.get(at..)?.first_chunk()?));
        at = at.checked_add(4)?;
    }
    if kind == PageKind::TableInterior {
        links.rows.push(varint(page.get(at..)?)?.0.cast_signed());
        return Some(());
    }
    let (payload, length) = varint(page.get(at..)?)?;
    at = at.checked_add(length)?;
    if kind == PageKind::TableLeaf {
        let (row, length) = varint(page.get(at..)?)?;
        links.rows.push(row.cast_signed());
        at = at.checked_add(length)?;
    }
    let local = local_bytes(payload, kind, header.usable);
    let end = at.checked_add(usize::try_from(local).ok()?)?;
    record_fits(page.get(at..end)?, payload)?;
    let mut overflow = None;
    if payload > local {
        overflow = Some((u32::from_be_bytes(*page.get(end..)?.first_chunk()?), payload.checked_sub(local)?));
        links.overflows.extend(overflow);
    }
    if kind == PageKind::TableLeaf {
        links.payloads.push(Payload { at, local: end.checked_sub(at)?, overflow });
    }
    Some(())
}

/// Bytes of a payload that lie on the b-tree page itself.
fn local_bytes(payload: u64, kind: PageKind, usable: u32) -> u64 {
    let usable = u64::from(usable);
    let most = if kind == PageKind::TableLeaf { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    if payload <= most {
        return payload;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fitting = least + (payload - least) % (usable - 4);
    if fitting <= most { fitting } else { least }
}

/// Whether the record's own header accounts for exactly the `payload` bytes of the record, of which `local` come first. A
/// header that goes on in an overflow page is not looked at.
fn record_fits(local: &[u8], payload: u64) -> Option<()> {
    let (header_length, mut at) = varint(local)?;
    let Some(header) = usize::try_from(header_length).ok().and_then(|length| local.get(..length)) else {
        return (header_length <= payload && (local.len() as u64) < payload).then_some(());
    };
    let mut length = header_length;
    while at < header.len() {
        let (serial, used) = varint(header.get(at..)?)?;
        at = at.checked_add(used)?;
        length = length.checked_add(serial_bytes(serial)?)?;
    }
    (length == payload && at == header.len()).then_some(())
}

/// A variable-length integer and its length in bytes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (length, byte) in (1_usize..=9).zip(bytes) {
        if length == 9 {
            return Some(((value << 8) | u64::from(*byte), 9));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, length));
        }
    }
    None
}

/// The root page in a row of `sqlite_schema` (fourth column); `None` if it lies beyond `row` or is no number.
pub(super) fn root_page(row: &[u8]) -> Option<u64> {
    let (header_length, mut at) = varint(row)?;
    let header = row.get(..usize::try_from(header_length).ok()?)?;
    let mut content = usize::try_from(header_length).ok()?;
    for _ in 0..3 {
        let (serial, length) = varint(header.get(at..)?)?;
        at = at.checked_add(length)?;
        content = content.checked_add(usize::try_from(serial_bytes(serial)?).ok()?)?;
    }
    let (serial, _) = varint(header.get(at..)?)?;
    match serial {
        0 | 8 => Some(0),
        9 => Some(1),
        1..=6 => {
            let length = usize::try_from(serial_bytes(serial)?).ok()?;
            let bytes = row.get(content..content.checked_add(length)?)?;
            Some(bytes.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)))
        }
        _ => None,
    }
}

const fn serial_bytes(serial: u64) -> Option<u64> {
    match serial {
        0 | 8 | 9 => Some(0),
        1..=4 => Some(serial),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => Some((serial - 12) / 2),
    }
}

/// Two bytes; `at` is a constant within the structure.
fn be16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |two| u16::from_be_bytes(*two))
}

/// Four bytes; `at` is a constant within the structure.
pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_be_bytes(*four))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_of_every_length() {
        assert_eq!(varint(&[0x7f]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xff; 8]), None);
    }

    #[test]
    fn the_root_page_is_the_fourth_column() {
        // type 'table', name 't', tbl_name 't', rootpage 2, sql ''.
        let row = [6, 23, 15, 15, 1, 13, b't', b'a', b'b', b'l', b'e', b't', b't', 2];
        assert_eq!(root_page(&row), Some(2));
        for length in 0..row.len() {
            assert_eq!(root_page(&row[..length]), None, "{length}");
        }
    }
}
