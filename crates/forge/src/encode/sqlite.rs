//! A SQLite 3 database by hand (sqlite.org/fileformat2.html): one table, its b-tree of one or two levels, no index.

const PAGE: usize = 4096;
const HEADER: usize = 100;
const LEAF: u8 = 0x0D;
const INTERIOR: u8 = 0x05;
/// A b-tree page header; an interior one has four bytes more.
const LEAF_HEADER: usize = 8;
/// The interior root holds at least this many children: 4084 bytes / (2 pointer + 4 child + 5 key).
const MOST_LEAVES: usize = 370;
/// SQLite release that the file says wrote it; any one from 3.7.0 on keeps the page count of the header valid.
const VERSION: u32 = 3_040_001;

/// One row: sender, text, time. The row id is its place, from 1.
pub(crate) type Row = (String, String, u32);

const SCHEMA: &str = "CREATE TABLE messages(id INTEGER PRIMARY KEY, sender TEXT, body TEXT, sent INTEGER)";

/// The whole file. Rows beyond what [`MOST_LEAVES`] pages hold are left out; each must be shorter than 4000 bytes.
pub(crate) fn encode(rows: &[Row]) -> Vec<u8> {
    let mut leaves: Vec<(u64, Vec<Vec<u8>>)> = vec![(0, Vec::new())];
    let mut room = PAGE - LEAF_HEADER;
    for (id, row) in (1_u64..).zip(rows) {
        let cell = table_cell(id, row);
        if cell.len() + 2 > room {
            if leaves.len() >= MOST_LEAVES {
                break;
            }
            leaves.push((id, Vec::new()));
            room = PAGE - LEAF_HEADER;
        }
        room -= cell.len() + 2;
        if let Some((last_id, cells)) = leaves.last_mut() {
            *last_id = id;
            cells.push(cell);
        }
    }
    if let [(_, cells)] = leaves.as_slice() {
        // A root without cells would be malformed, so a table of one page is its own root.
        return [first_page(2), page(LEAF, 0, None, cells)].concat();
    }
    let mut out = first_page(leaves.len() as u32 + 2);
    // Page 2 is the root of the table, pages 3 and on are its leaves.
    out.extend(interior(&leaves.iter().map(|leaf| leaf.0).collect::<Vec<_>>()));
    leaves.iter().for_each(|(_, cells)| out.extend(page(LEAF, 0, None, cells)));
    out
}

/// Database header and the schema table.
fn first_page(pages: u32) -> Vec<u8> {
    let mut header = b"SQLite format 3\0".to_vec();
    header.extend((PAGE as u16).to_be_bytes());
    // Legacy journal in both directions, no reserved bytes, the three fixed payload fractions.
    header.extend([1, 1, 0, 64, 32, 32]);
    let change_counter = 1;
    // Change counter, pages, freelist trunk and count, schema cookie, schema format, cache size, largest root page,
    // encoding (1 = UTF-8), user version, incremental vacuum, application id.
    for field in [change_counter, pages, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0_u32] {
        header.extend(field.to_be_bytes());
    }
    header.extend([0; 20]);
    header.extend(change_counter.to_be_bytes());
    header.extend(VERSION.to_be_bytes());
    let text = |value: &str| (value.len() as u64 * 2 + 13, value.as_bytes().to_vec());
    let record = record(&[text("table"), text("messages"), text("messages"), (1, vec![2]), text(SCHEMA)]);
    let mut cell = varint(record.len() as u64);
    cell.extend(varint(1));
    cell.extend(record);
    let mut out = page(LEAF, HEADER, None, &[cell]);
    out.iter_mut().zip(header).for_each(|(to, from)| *to = from);
    out
}

/// The root: a cell (child page, largest row id in it) for each leaf but the last, which is the right-most pointer.
fn interior(last_ids: &[u64]) -> Vec<u8> {
    let children: Vec<(u32, u64)> = (3..).zip(last_ids.iter().copied()).collect();
    let Some((&(right_most, _), others)) = children.split_last() else { return Vec::new() };
    let cells: Vec<_> = others.iter().map(|(child, id)| [child.to_be_bytes().to_vec(), varint(*id)].concat()).collect();
    page(INTERIOR, 0, Some(right_most), &cells)
}

/// A b-tree page: header after `start` bytes, pointers upwards, cells downwards from the end.
fn page(kind: u8, start: usize, right_most: Option<u32>, cells: &[Vec<u8>]) -> Vec<u8> {
    let mut content: Vec<u8> = Vec::new();
    let mut pointers = Vec::new();
    let mut top = PAGE;
    for cell in cells {
        top -= cell.len();
        pointers.extend((top as u16).to_be_bytes());
    }
    cells.iter().rev().for_each(|cell| content.extend(cell));
    let mut out = vec![0; start];
    out.push(kind);
    out.extend([0, 0]);
    out.extend((cells.len() as u16).to_be_bytes());
    out.extend((top as u16).to_be_bytes());
    out.push(0);
    out.extend(right_most.iter().flat_map(|page| page.to_be_bytes()));
    out.extend(pointers);
    out.resize(top, 0);
    out.extend(content);
    out
}

fn table_cell(id: u64, (sender, body, sent): &Row) -> Vec<u8> {
    let text = |value: &str| (value.len() as u64 * 2 + 13, value.as_bytes().to_vec());
    // The primary key is the row id and is stored as NULL (serial type 0); a 32-bit integer is type 4.
    let record = record(&[(0, Vec::new()), text(sender), text(body), (4, sent.to_be_bytes().to_vec())]);
    [varint(record.len() as u64), varint(id), record].concat()
}

/// Header length, serial types, values. Headers here are shorter than 128 bytes, so their length is one byte.
fn record(columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let types: Vec<u8> = columns.iter().flat_map(|(kind, _)| varint(*kind)).collect();
    let mut out = varint(types.len() as u64 + 1);
    out.extend(types);
    columns.iter().for_each(|(_, value)| out.extend(value));
    out
}

/// Seven bits a byte, most significant first, high bit on all but the last; numbers here are below 2^56.
fn varint(number: u64) -> Vec<u8> {
    let mut out = vec![(number & 0x7F) as u8];
    let mut left = number >> 7;
    while left > 0 {
        out.push((left & 0x7F) as u8 | 0x80);
        left >>= 7;
    }
    out.reverse();
    out
}
