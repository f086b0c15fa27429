//! From headers, regions and metadata to an image.

use std::sync::Arc;

use exhibit_evidence::{Finding, Outcome, ReadFault, Severity};

use super::layout::{
    BLOCK_BYTES, HEADER_BYTES, HEADERS_AT, Header, REGION_BAT, REGION_METADATA, REGIONS_AT, REGIONS_BYTES, Region,
    regions,
};
use super::log::{self, Trouble};
use super::map::VhdxMap;
use super::metadata::Metadata;
use super::replay::Replayed;
use crate::fields::{guid, utf16};
use crate::layered::VirtualDisk;
use crate::paged::Paged;
use crate::parents::{Lineage, Others, Wanted, stated};
use crate::{Description, Image, ImageError, Part, SegmentInfo};

/// What opening found, before it is put together.
struct Found {
    /// The file, read through the changes of its log.
    part: Part,
    header: Header,
    table: Region,
    metadata: Metadata,
}

pub(super) fn open(part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let mut findings = Vec::new();
    let file_bytes = part.source.size();
    let found = find(&part, &mut findings)?;
    let part = found.part.clone();
    refuse(&part, &found)?;
    let shape = Shape::of(&part, &found)?;
    let entries = VhdxMap::entries(shape.size, shape.sector_bytes, shape.block_bytes);
    let table_entries = u64::from(found.table.length) / 8;
    if entries > table_entries {
        let text = format!("{entries} entries make up the medium, the table has {table_entries}");
        let place = format!("{}: block table", part.name);
        findings.push(Finding::new(Severity::Mismatch, "vhdx-table-short", place, text).at(found.table.offset));
    }
    let lineage = if found.metadata.has_parent { parent(&part, &found.metadata, others) } else { Lineage::none() };
    findings.extend(lineage.findings);
    let segment = SegmentInfo { name: part.name.clone(), size_bytes: file_bytes };
    let kind = match (found.metadata.has_parent, found.metadata.leave_allocated) {
        (true, _) => "differencing",
        (false, true) => "fixed",
        (false, false) => "dynamic",
    };
    let description = Description {
        format: "vhdx",
        title: format!("Virtual Hard Disk v2 (VHDX), {kind}"),
        size_bytes: shape.size,
        sector_bytes: u32::try_from(shape.sector_bytes).unwrap_or(512),
        chunk_bytes: u32::try_from(shape.block_bytes).ok(),
        metadata: facts(&part, &found),
        segments: std::iter::once(segment).chain(lineage.segments).collect(),
        ..Description::default()
    };
    let map = VhdxMap {
        file: Paged::new(part.source.clone()),
        name: part.name.clone(),
        size: shape.size,
        block_bytes: shape.block_bytes,
        sector_bytes: shape.sector_bytes,
        table_offset: found.table.offset,
        table_entries,
        differencing: found.metadata.has_parent,
    };
    let disk = VirtualDisk::new(map, vec![part], lineage.below, description, shape.block_bytes);
    Ok(Outcome { value: Arc::new(disk), findings })
}

/// The names of the parent in `part`.
pub(super) fn parent_paths(part: &Part) -> Vec<String> {
    let found = find(part, &mut Vec::new()).ok().filter(|found| found.metadata.has_parent);
    found.map(|found| found.metadata.parent_paths()).unwrap_or_default()
}

/// Header, block table and metadata; what is wrong with copies of them goes to `findings`.
fn find(part: &Part, findings: &mut Vec<Finding>) -> Result<Found, ImageError> {
    let read = |fault| ImageError::Read { part: part.name.clone(), fault };
    let header = header(part, findings).map_err(read)?;
    let header = header.ok_or_else(|| corrupt(part, "header", HEADERS_AT, "neither of the two is sound"))?;
    let part = &replayed(part, &header, findings)?;
    let regions = region_table(part, findings).map_err(read)?;
    let regions = regions.ok_or_else(|| corrupt(part, "region table", REGIONS_AT, "neither of the two is sound"))?;
    let known = [REGION_BAT, REGION_METADATA];
    if let Some(other) = regions.iter().find(|region| region.required && !known.contains(&region.guid)) {
        let text = format!("{}: it needs a region that is not known here ({})", part.name, guid(&other.guid));
        return Err(ImageError::Unsupported(text));
    }
    let region = |kind: [u8; 16], name: &'static str| {
        let size = part.source.size();
        let found = regions.iter().find(|region| region.guid == kind);
        let found = found.ok_or_else(|| corrupt(part, name, REGIONS_AT, "there is no such region"))?;
        match found.offset < size && u64::from(found.length) <= size {
            true => Ok(*found),
            false => Err(corrupt(part, name, REGIONS_AT, "the region lies behind the end of the file")),
        }
    };
    let (table, place) = (region(REGION_BAT, "block table")?, region(REGION_METADATA, "metadata")?);
    let metadata = Metadata::read(part, &place).map_err(read)?;
    let metadata = metadata.ok_or_else(|| corrupt(part, "metadata", [place.offset; 2], "no metadata table"))?;
    Ok(Found { part: part.clone(), header, table, metadata })
}

fn corrupt(part: &Part, structure: &'static str, at: [u64; 2], text: &str) -> ImageError {
    let offset = at.first().copied().unwrap_or(0);
    ImageError::Corrupt { part: part.name.clone(), structure, offset, text: text.to_owned() }
}

/// The structure at `at`, of `length` bytes, less where the file ends.
fn structure(part: &Part, at: u64, length: usize) -> Result<Vec<u8>, ReadFault> {
    let there = usize::try_from(part.source.size().saturating_sub(at)).unwrap_or(usize::MAX).min(length);
    let mut bytes = vec![0; length];
    part.source.read_at(at, bytes.get_mut(..there).unwrap_or_default())?;
    Ok(bytes)
}

/// The sound header with the highest sequence number.
fn header(part: &Part, findings: &mut Vec<Finding>) -> Result<Option<Header>, ReadFault> {
    let mut best: Option<Header> = None;
    let mut empty = 0;
    for at in HEADERS_AT {
        let bytes = structure(part, at, HEADER_BYTES)?;
        match Header::decode(&bytes) {
            Ok(header) if best.is_none_or(|best| header.sequence_number > best.sequence_number) => best = Some(header),
            Ok(_) => {}
            Err(_) if bytes.iter().all(|&byte| byte == 0) => empty += 1,
            Err(text) => {
                let place = format!("{}: header", part.name);
                findings.push(Finding::new(Severity::Mismatch, "vhdx-header", place, text).at(at));
            }
        }
    }
    // One of the two may be half written when power fails, which the format provides for; zeros were never written.
    if empty == 1 && best.is_some() {
        let text = "one of the two headers is empty";
        findings.push(Finding::new(Severity::Note, "vhdx-header-empty", part.name.clone(), text));
    }
    Ok(best)
}

/// The first sound region table.
fn region_table(part: &Part, findings: &mut Vec<Finding>) -> Result<Option<Vec<Region>>, ReadFault> {
    let mut tables = Vec::new();
    for at in REGIONS_AT {
        match regions(&structure(part, at, REGIONS_BYTES)?) {
            Ok(table) => tables.push(table),
            Err(text) => {
                let place = format!("{}: region table", part.name);
                findings.push(Finding::new(Severity::Mismatch, "vhdx-regions", place, text).at(at));
            }
        }
    }
    if let [first, second] = tables.as_slice()
        && first != second
    {
        let place = format!("{}: region table", part.name);
        let text = "the two region tables differ; the first is used";
        findings.push(Finding::new(Severity::Mismatch, "vhdx-regions-differ", place, text).at(REGIONS_AT[1]));
    }
    Ok(tables.into_iter().next())
}

/// What is known and not handled.
fn refuse(part: &Part, found: &Found) -> Result<(), ImageError> {
    let unsupported = |text: String| Err(ImageError::Unsupported(format!("{}: {text}", part.name)));
    if found.header.version != 1 {
        return unsupported(format!("version {} is not known, 1 is read", found.header.version));
    }
    if let Some(item) = found.metadata.unknown.first() {
        return unsupported(format!("it needs a metadata item that is not known here ({item})"));
    }
    Ok(())
}

/// The file as it is when the changes are made that its log holds. They are made in memory; the file stays as it is.
fn replayed(part: &Part, header: &Header, findings: &mut Vec<Finding>) -> Result<Part, ImageError> {
    if header.log_guid == [0; 16] {
        return Ok(part.clone());
    }
    let pending = log::pending(part, header).map_err(|trouble| match trouble {
        Trouble::Read(fault) => ImageError::Read { part: part.name.clone(), fault },
        Trouble::Limit(text) => ImageError::Limit(format!(
            "{}: the file was not closed, and its log cannot be read: {text}; open and close a copy of it in Hyper-V or with \
             qemu-img check -r all, and image that copy",
            part.name
        )),
    })?;
    let mut tell = |severity, code, at, text: String| {
        findings.push(Finding::new(severity, code, format!("{}: log", part.name), text).at(at));
    };
    if let Some(first) = pending.damaged.first() {
        let text = format!(
            "{} entries of the log are not whole: torn when the file was left, or damaged since; they are not applied",
            pending.damaged.len()
        );
        tell(Severity::Incomplete, "vhdx-log-damaged", *first, text);
    }
    if let Some(at) = pending.broken {
        let text = "the row of entries that the newest one ends is not whole: what must be applied is not known, and nothing is";
        tell(Severity::Mismatch, "vhdx-log-broken", at, text.to_owned());
    }
    let size = part.source.size();
    let is_cut = pending.flushed_bytes > size;
    if is_cut {
        let text = format!("the file had {} bytes when its log was written, and has {size}", pending.flushed_bytes);
        tell(Severity::Mismatch, "vhdx-cut", header.log_offset, text);
    }
    if pending.entries == 0 {
        return Ok(part.clone());
    }
    let text = format!(
        "the file was not closed: {} changes in {} entries of its log are applied in memory; the file is not changed",
        pending.changes.count(),
        pending.entries
    );
    tell(Severity::Note, "vhdx-log-applied", header.log_offset, text);
    // Of a file that was cut nobody knows what lay behind its end.
    let whole = if is_cut { size } else { pending.file_bytes };
    let source = Replayed::new(part.source.clone(), pending.changes, whole);
    Ok(Part { name: part.name.clone(), source: Arc::new(source) })
}

/// The numbers that everything else hangs on.
struct Shape {
    size: u64,
    block_bytes: u64,
    sector_bytes: u64,
}

impl Shape {
    fn of(part: &Part, found: &Found) -> Result<Self, ImageError> {
        let metadata = &found.metadata;
        let wrong =
            |text: String| ImageError::Corrupt { part: part.name.clone(), structure: "metadata", offset: 0, text };
        let missing = |what: &str| wrong(format!("there is no {what}"));
        let size = metadata.disk_bytes.ok_or_else(|| missing("disk size"))?;
        let block_bytes = u64::from(metadata.block_bytes.ok_or_else(|| missing("block size"))?);
        let sector_bytes = u64::from(metadata.logical_sector.ok_or_else(|| missing("sector size"))?);
        if !BLOCK_BYTES.contains(&block_bytes) || !block_bytes.is_power_of_two() {
            return Err(wrong(format!("a block of {block_bytes} bytes is not possible")));
        }
        if sector_bytes != 512 && sector_bytes != 4096 {
            return Err(wrong(format!("a sector of {sector_bytes} bytes is not possible")));
        }
        Ok(Self { size, block_bytes, sector_bytes })
    }
}

fn facts(part: &Part, found: &Found) -> Vec<(&'static str, String)> {
    let creator = structure(part, 8, 512).map(|bytes| utf16(&bytes, u16::from_le_bytes)).unwrap_or_default();
    let mut facts = vec![("creator", creator), ("data_write_guid", guid(&found.header.data_write_guid))];
    facts.extend(found.metadata.disk_id.map(|id| ("disk_id", guid(&id))));
    facts.extend(found.metadata.physical_sector.map(|bytes| ("physical_sector_bytes", bytes.to_string())));
    if found.metadata.has_parent {
        facts.extend(found.metadata.parent_paths().into_iter().next().map(|path| ("parent", path)));
        facts.extend(found.metadata.located("parent_linkage").map(|value| ("parent_linkage", value.to_owned())));
    }
    facts
}

fn parent(part: &Part, metadata: &Metadata, others: &Others) -> Lineage {
    let links: Vec<String> = ["parent_linkage", "parent_linkage2"]
        .iter()
        .filter_map(|key| metadata.located(key))
        .map(|value| value.trim_matches(['{', '}']).to_lowercase())
        .collect();
    let is_it = |image: &dyn Image| {
        let have = stated(image, "data_write_guid").unwrap_or_default();
        match links.iter().any(|link| link == have) {
            true => Ok(()),
            false => Err(format!("parent_linkage {} is remembered, its data_write_guid is {have}", links.join(" or "))),
        }
    };
    let paths = metadata.parent_paths();
    others.parent(&Wanted { child: &part.name, paths: &paths, format: Some("vhdx"), is_it: &is_it })
}
