//! From the header to an image.

use std::sync::Arc;

use exhibit_evidence::{Finding, Outcome, ReadFault, Severity};

use super::layout::{BLOCK_BYTES_MAX, DIFFERENCING, DYNAMIC, FIXED, HEADER_BYTES, Header, MAGIC, UNDO, VERSION};
use super::map::VdiMap;
use crate::fields::guid;
use crate::layered::VirtualDisk;
use crate::paged::Paged;
use crate::parents::{Lineage, Others, Wanted, compare};
use crate::{Beside, Description, Image, ImageError, Part, SegmentInfo};

/// Files beside a child whose headers are looked at in search of its parent.
const CANDIDATES_MAX: usize = 1024;

pub(super) fn open(part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let header = read_header(&part).map_err(|fault| ImageError::Read { part: part.name.clone(), fault })?;
    let kind = match header.kind {
        _ if header.version != VERSION => {
            let text = format!("{}: version 0x{:08x} is not known, 1.1 is read", part.name, header.version);
            return Err(ImageError::Unsupported(text));
        }
        DYNAMIC => "dynamic",
        FIXED => "fixed",
        UNDO => "undo",
        DIFFERENCING => "differencing",
        other => return Err(ImageError::Unsupported(format!("{}: image type {other} is not known", part.name))),
    };
    check_header(&part, &header)?;
    let mut findings = findings(&part, &header);
    let lineage = if header.has_parent() { parent(&part, &header, others) } else { Lineage::none() };
    findings.extend(lineage.findings);
    let segment = SegmentInfo { name: part.name.clone(), size_bytes: part.source.size() };
    let description = Description {
        format: "vdi",
        title: format!("VirtualBox disk (VDI), {kind}"),
        size_bytes: header.disk_bytes,
        sector_bytes: 512,
        chunk_bytes: Some(header.block_bytes),
        metadata: metadata(&header),
        segments: std::iter::once(segment).chain(lineage.segments).collect(),
        ..Description::default()
    };
    let unit_bytes = u64::from(header.block_bytes);
    let map = VdiMap { file: Paged::new(part.source.clone()), name: part.name.clone(), header };
    Ok(Outcome { value: Arc::new(VirtualDisk::new(map, vec![part], lineage.below, description, unit_bytes)), findings })
}

fn read_header(part: &Part) -> Result<Header, ReadFault> {
    let mut bytes = vec![0; HEADER_BYTES];
    let length = usize::try_from(part.source.size()).unwrap_or(usize::MAX).min(HEADER_BYTES);
    part.source.read_at(0, bytes.get_mut(..length).unwrap_or_default())?;
    Ok(Header::decode(&bytes))
}

/// What makes the block map unusable as a whole.
fn check_header(part: &Part, header: &Header) -> Result<(), ImageError> {
    let corrupt =
        |offset, text| Err(ImageError::Corrupt { part: part.name.clone(), structure: "header", offset, text });
    let size = part.source.size();
    if size < HEADER_BYTES as u64 || header.magic != MAGIC {
        return corrupt(0, format!("the file has {size} bytes, the header {HEADER_BYTES}"));
    }
    let block = u64::from(header.block_bytes);
    if block == 0 || block % 512 != 0 || block > BLOCK_BYTES_MAX {
        return corrupt(376, format!("a block of {block} bytes is not possible"));
    }
    let map_bytes = u64::from(header.blocks).saturating_mul(4);
    if map_bytes > size || (map_bytes > 0 && u64::from(header.blocks_offset) >= size) {
        let text = format!("a block map of {map_bytes} bytes at {} cannot be in {size} bytes", header.blocks_offset);
        return corrupt(340, text);
    }
    Ok(())
}

fn findings(part: &Part, header: &Header) -> Vec<Finding> {
    let blocks = header.disk_bytes.div_ceil(u64::from(header.block_bytes).max(1));
    if blocks <= u64::from(header.blocks) {
        return Vec::new();
    }
    let text = format!("{blocks} blocks make up the medium, the map has {}", header.blocks);
    vec![Finding::new(Severity::Mismatch, "vdi-map-short", format!("{}: block map", part.name), text).at(384)]
}

fn metadata(header: &Header) -> Vec<(&'static str, String)> {
    let mut metadata =
        vec![("image_uuid", guid(&header.image_uuid)), ("modification_uuid", guid(&header.modification_uuid))];
    if header.has_parent() {
        metadata.push(("parent_uuid", guid(&header.parent_uuid)));
        metadata.push(("parent_modification_uuid", guid(&header.parent_modification_uuid)));
    }
    if !header.comment.is_empty() {
        metadata.push(("comment", header.comment.clone()));
    }
    metadata
}

/// Whether `part` is the image that a child remembers as its parent.
fn is_parent(part: &Part, child: &Header) -> bool {
    read_header(part).is_ok_and(|header| header.magic == MAGIC && header.image_uuid == child.parent_uuid)
}

/// The name of the parent, out of the VDI files beside `part`.
pub(super) fn parent_name(part: &Part, beside: &dyn Beside) -> Option<String> {
    let child = read_header(part).ok().filter(Header::has_parent)?;
    let named = |name: &String| name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("vdi"));
    let names = beside.names().into_iter().filter(|name| *name != part.name && named(name));
    names.take(CANDIDATES_MAX).find(|name| {
        let source = beside.open(name);
        source.is_some_and(|source| is_parent(&Part { name: name.clone(), source }, &child))
    })
}

fn parent(part: &Part, header: &Header, others: &Others) -> Lineage {
    let found = others.parts().iter().find(|other| is_parent(other, header));
    // Nothing else names it, so the identifier stands for it where it is missing.
    let name = found.map_or_else(|| format!("with image UUID {}", guid(&header.parent_uuid)), |part| part.name.clone());
    let remembered = guid(&header.parent_modification_uuid);
    let is_it = |image: &dyn Image| match header.parent_modification_uuid == [0; 16] {
        true => Ok(()),
        false => compare(image, "modification_uuid", &remembered),
    };
    others.parent(&Wanted { child: &part.name, paths: &[name], format: Some("vdi"), is_it: &is_it })
}
