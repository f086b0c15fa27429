//! ZIP archives, PDF documents, SQLite databases.

use super::{deflate, prose, zlib};

/// How members state their sizes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// In the local header.
    Plain,
    /// In a descriptor after the data.
    Described,
    /// In ZIP64 fields, with ZIP64 end records.
    Wide,
}

/// A member: name, content, whether it is deflated.
pub(crate) struct Member(pub(crate) &'static str, pub(crate) Vec<u8>, pub(crate) bool);

pub(crate) fn members(count: usize, seed: u64) -> Vec<Member> {
    const NAMES: [&str; 5] = ["a.txt", "folder/b.txt", "c.bin", "d.log", "e.txt"];
    (0..count).map(|at| Member(NAMES[at % 5], prose(700 + 900 * at, seed + at as u64), at % 3 != 2)).collect()
}

pub(crate) fn docx() -> Vec<u8> {
    zip(
        &[
            Member("[Content_Types].xml", prose(900, 1), true),
            Member("_rels/.rels", prose(300, 2), true),
            Member("word/document.xml", prose(5000, 3), true),
        ],
        Style::Plain,
    )
}

pub(crate) fn odt() -> Vec<u8> {
    zip(
        &[
            Member("mimetype", b"application/vnd.oasis.opendocument.text".to_vec(), false),
            Member("content.xml", prose(3000, 4), true),
        ],
        Style::Plain,
    )
}

pub(crate) fn zip(members: &[Member], style: Style) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for Member(name, content, deflated) in members {
        let at = bytes.len() as u32;
        let data = if *deflated { deflate(content) } else { content.clone() };
        // A stored member of unknown size could only be found by searching: writers do not make them.
        let described = style == Style::Described && *deflated;
        let (crc, packed, size) = (crc32fast::hash(content), data.len() as u32, content.len() as u32);
        let flags = if described { 8_u16 } else { 0 };
        let method = if *deflated { 8_u16 } else { 0 };
        let mut common = Vec::new();
        common.extend_from_slice(&20_u16.to_le_bytes());
        common.extend_from_slice(&flags.to_le_bytes());
        common.extend_from_slice(&method.to_le_bytes());
        common.extend_from_slice(&0x5c2b_6f3a_u32.to_le_bytes());
        let (mut numbers, mut extra) = (numbers(crc, packed, size), Vec::new());
        if style == Style::Wide {
            numbers[4..].fill(0xff);
            extra.extend_from_slice(&[1, 0, 16, 0]);
            extra.extend_from_slice(&u64::from(size).to_le_bytes());
            extra.extend_from_slice(&u64::from(packed).to_le_bytes());
        }
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&common);
        bytes.extend_from_slice(&if described { [0; 12] } else { numbers });
        bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&(extra.len() as u16).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&extra);
        bytes.extend_from_slice(&data);
        if described {
            bytes.extend_from_slice(b"PK\x07\x08");
            bytes.extend_from_slice(&numbers);
        }
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&numbers);
        directory.extend_from_slice(&(name.len() as u16).to_le_bytes());
        directory.extend_from_slice(&(extra.len() as u16).to_le_bytes());
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
        directory.extend_from_slice(&extra);
    }
    let at = bytes.len();
    bytes.extend_from_slice(&directory);
    ends(&mut bytes, members.len(), directory.len(), at, style);
    bytes
}

fn numbers(crc: u32, packed: u32, size: u32) -> [u8; 12] {
    let mut numbers = [0; 12];
    numbers[..4].copy_from_slice(&crc.to_le_bytes());
    numbers[4..8].copy_from_slice(&packed.to_le_bytes());
    numbers[8..].copy_from_slice(&size.to_le_bytes());
    numbers
}

fn ends(bytes: &mut Vec<u8>, count: usize, size: usize, at: usize, style: Style) {
    if style == Style::Wide {
        let end64 = bytes.len() as u64;
        bytes.extend_from_slice(b"PK\x06\x06");
        bytes.extend_from_slice(&44_u64.to_le_bytes());
        bytes.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [count, count, size, at] {
            bytes.extend_from_slice(&(number as u64).to_le_bytes());
        }
        bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
        bytes.extend_from_slice(&end64.to_le_bytes());
        bytes.extend_from_slice(&1_u32.to_le_bytes());
    }
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    let (count, size, at) = match style {
        Style::Wide => (0xffff, u32::MAX, u32::MAX),
        _ => (count as u16, size as u32, at as u32),
    };
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&at.to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
}

/// A document of as many revisions as numbers, each adding so many streams; ends in `%%EOF` and a line feed.
pub(crate) fn pdf(revisions: &[usize]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let (mut number, mut before) = (1, None);
    for &streams in revisions {
        let mut offsets = Vec::new();
        for _ in 0..streams {
            offsets.push((number, bytes.len()));
            let data = zlib(&prose(1200, number as u64));
            bytes.extend_from_slice(
                format!("{number} 0 obj\n<< /Filter /FlateDecode /Length {} >>\nstream\n", data.len()).as_bytes(),
            );
            bytes.extend_from_slice(&data);
            bytes.extend_from_slice(b"\nendstream\nendobj\n");
            number += 1;
        }
        offsets.push((number, bytes.len()));
        bytes.extend_from_slice(
            format!("{number} 0 obj\n<< /Type /Catalog /Names [ (a \\) b) <0a> 1 0 R ] >>\nendobj\n").as_bytes(),
        );
        let root = number;
        number += 1;
        let at = bytes.len();
        bytes.extend_from_slice(format!("xref\n{} {}\n", offsets[0].0, offsets.len()).as_bytes());
        for (_, offset) in offsets {
            bytes.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
        let prev = before.map(|at: usize| format!("/Prev {at} ")).unwrap_or_default();
        bytes.extend_from_slice(
            format!("trailer\n<< /Size {number} /Root {root} 0 R {prev}>>\nstartxref\n{at}\n%%EOF\n").as_bytes(),
        );
        before = Some(at);
    }
    bytes
}

/// A database of one table with `leaves` leaf pages of 512 bytes below one interior page.
pub(crate) fn sqlite(leaves: u32) -> Vec<u8> {
    const PAGE: usize = 512;
    let pages = leaves + 2;
    let mut bytes = vec![0_u8; PAGE * pages as usize];
    bytes[..16].copy_from_slice(b"SQLite format 3\0");
    bytes[16..24].copy_from_slice(&[2, 0, 1, 1, 0, 64, 32, 32]);
    bytes[24..28].copy_from_slice(&7_u32.to_be_bytes());
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    bytes[44..48].copy_from_slice(&4_u32.to_be_bytes());
    bytes[56..60].copy_from_slice(&1_u32.to_be_bytes());
    bytes[92..96].copy_from_slice(&7_u32.to_be_bytes());
    let row = [6, 23, 15, 15, 1, 13, b't', b'a', b'b', b'l', b'e', b't', b't', 2];
    leaf(&mut bytes[..PAGE], 100, &[(1, &row)]);
    let interior = &mut bytes[PAGE..2 * PAGE];
    interior[0] = 5;
    interior[3..5].copy_from_slice(&(leaves as u16 - 1).to_be_bytes());
    interior[8..12].copy_from_slice(&(leaves + 2).to_be_bytes());
    let mut at = PAGE;
    for child in 0..leaves as usize - 1 {
        at -= 5;
        interior[at..at + 4].copy_from_slice(&(child as u32 + 3).to_be_bytes());
        interior[at + 4] = 2 * child as u8 + 2;
        interior[12 + 2 * child..14 + 2 * child].copy_from_slice(&(at as u16).to_be_bytes());
    }
    interior[5..7].copy_from_slice(&(at as u16).to_be_bytes());
    for number in 0..leaves {
        let text = prose(60, u64::from(number) + 1);
        let row = [&[2, 127][..], &text[..57]].concat();
        let from = PAGE * (number as usize + 2);
        leaf(&mut bytes[from..from + PAGE], 0, &[(2 * number as u8 + 1, &row), (2 * number as u8 + 2, &row)]);
    }
    bytes
}

fn leaf(page: &mut [u8], start: usize, rows: &[(u8, &[u8])]) {
    page[start] = 13;
    page[start + 3..start + 5].copy_from_slice(&(rows.len() as u16).to_be_bytes());
    let mut at = page.len();
    for (place, (id, row)) in rows.iter().enumerate() {
        at -= row.len() + 2;
        page[at] = row.len() as u8;
        page[at + 1] = *id;
        page[at + 2..at + 2 + row.len()].copy_from_slice(row);
        page[start + 8 + 2 * place..start + 10 + 2 * place].copy_from_slice(&(at as u16).to_be_bytes());
    }
    page[start + 5..start + 7].copy_from_slice(&(at as u16).to_be_bytes());
}
