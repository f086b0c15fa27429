//! What an L01 has besides an E01: a tree of files, and a medium that is the stream of their contents.

use exhibit_evidence::{Finding, ReadFault, Severity};
use exhibit_hash::algorithm;

use super::geometry::Geometry;
use super::layout::{CHECKSUM_BYTES, CHUNK_BYTES, LTREE_HEADER_BYTES, adler32, u32_at, u64_at};
use super::section::{Section, bytes_at, mismatch};
use super::table::{self, Entry, TableRef};
use crate::Part;
use crate::inflate::inflate_bounded;
use crate::ltree::{TREE_BYTES_MAX, Tree};

/// Reads the tree out of its section, and tells all that is wrong with it.
pub(super) fn read_tree(
    part: &Part,
    section: &Section,
    tell: &mut dyn FnMut(Finding),
) -> Result<Option<Tree>, ReadFault> {
    let at = section.payload();
    let room = section.payload_bytes();
    let mut wrong = |text: String| tell(mismatch("ewf-ltree", part, "ltree", at, text));
    if room < LTREE_HEADER_BYTES as u64 {
        wrong(format!("{room} bytes are too few"));
        return Ok(None);
    }
    let mut head = bytes_at(part, at, LTREE_HEADER_BYTES)?;
    let (stored, length) = (u32_at(&head, 24), u64_at(&head, 16));
    if let Some(field) = head.get_mut(24..28) {
        field.fill(0); // the checksum was made with itself left out
    }
    let computed = adler32(&head);
    if stored != computed {
        wrong(format!("header checksum {stored:08x}, computed {computed:08x}"));
    }
    let length = if length.saturating_add(LTREE_HEADER_BYTES as u64) > room {
        wrong(format!("{length} bytes of text do not fit into {room}"));
        room.saturating_sub(LTREE_HEADER_BYTES as u64)
    } else {
        length
    };
    if length > TREE_BYTES_MAX {
        let text = format!("a list of files of {length} bytes; this version reads at most {TREE_BYTES_MAX}");
        let place = format!("{}: ltree", part.name);
        tell(Finding::new(Severity::Incomplete, "ewf-limit", place, text).at(at));
        return Ok(None);
    }
    let text_at = at.saturating_add(LTREE_HEADER_BYTES as u64);
    let text = bytes_at(part, text_at, usize::try_from(length).unwrap_or(usize::MAX))?;
    Ok(Some(checked(part, text_at, &text, head.first_chunk(), tell)))
}

/// The tree in `text`, compared with its stored MD5 if there is one.
pub(in crate::formats) fn checked(
    part: &Part,
    at: u64,
    text: &[u8],
    stored: Option<&[u8; 16]>,
    tell: &mut dyn FnMut(Finding),
) -> Tree {
    if let (Some(stored), Some(md5)) = (stored.filter(|md5| md5.iter().any(|byte| *byte != 0)), algorithm("md5")) {
        let mut digester = md5.start();
        digester.update(text);
        let computed = digester.digest();
        if computed.bytes() != stored {
            let text = format!("MD5 {}, computed {computed}", exhibit_evidence::to_hex(stored));
            tell(mismatch("ewf-ltree-digest", part, "list of files", at, text));
        }
    }
    let tree = Tree::parse(text);
    if let Some(trouble) = &tree.trouble {
        let place = format!("{}: list of files", part.name);
        tell(Finding::new(trouble.severity, "ewf-ltree", place, trouble.text.clone()).at(at));
    }
    tree
}

/// Size of the stream of contents, and of its chunks. The volume section of an L01 does not tell the size, and the tree
/// may be damaged; the chunks are what there is.
pub(super) fn measure(
    geometry: &mut Geometry,
    parts: &[&Part],
    tables: &[TableRef],
    complete: bool,
    total: Option<u64>,
) -> Option<(&'static str, Severity, String)> {
    let chunks: u64 = tables.iter().map(|table| u64::from(table.count)).sum();
    let told = total.unwrap_or(0);
    let mut remark = None;
    // What the document calls bytes per sector was seen to be a block size of the source instead.
    let usual = CHUNK_BYTES as u64;
    let first = tables.first().and_then(|table| length_of(parts, table, &|entries| entries.first(), usual));
    if chunks > 1 && geometry.chunk_bytes != usual && first == Some(usual) {
        let text = format!("chunks of {} bytes by the volume section; the first has {usual}", geometry.chunk_bytes);
        remark = Some(("ewf-chunk-size", Severity::Note, text));
        geometry.chunk_bytes = usual;
    }
    let whole = chunks.saturating_sub(1).saturating_mul(geometry.chunk_bytes);
    let last = tables.last().filter(|_| complete);
    let last = last.and_then(|table| length_of(parts, table, &|entries| entries.last(), geometry.chunk_bytes));
    let size = match (complete, last) {
        _ if chunks == 0 && complete => 0,
        (true, Some(last)) => whole.saturating_add(last),
        _ => told.max(chunks.saturating_mul(geometry.chunk_bytes)),
    };
    // The stream ends at any byte.
    (geometry.sectors, geometry.sector_bytes) = (size, 1);
    if complete && told > size {
        let text = format!("the list of files tells {told} bytes of contents, {size} are there");
        return Some(("ewf-ltree-size", Severity::Mismatch, text));
    }
    remark
}

/// Bytes that a chunk of `table` unpacks to; `None` if it cannot be read, or has more than `most`.
fn length_of(parts: &[&Part], table: &TableRef, which: &dyn Fn(&[Entry]) -> Option<&Entry>, most: u64) -> Option<u64> {
    let part = parts.get(table.part)?;
    let entries = table::load(part, table, &mut Vec::new()).ok()?;
    let entry = which(&entries)?;
    let length = u64::from(entry.length);
    if length > most.saturating_mul(2).saturating_add(4096) {
        return None;
    }
    if !entry.compressed {
        return length.checked_sub(CHECKSUM_BYTES as u64).filter(|length| *length <= most);
    }
    let stored = bytes_at(part, entry.offset, usize::try_from(length).ok()?).ok()?;
    inflate_bounded(&stored, usize::try_from(most).ok()?).ok().map(|bytes| bytes.len() as u64)
}
