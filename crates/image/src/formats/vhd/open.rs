//! From footer and dynamic header to an image.

use std::sync::Arc;

use exhibit_evidence::{Finding, Instant, Outcome, ReadFault, Severity};

use super::layout::{
    BLOCK_BYTES_MAX, COOKIE, DIFFERENCING, DYNAMIC, DYNAMIC_BYTES, Dynamic, FIXED, FOOTER_BYTES, Footer,
    LOCATOR_BYTES_MAX, SECTOR_BYTES, footer_in_tail,
};
use super::map::{Blocks, VhdMap};
use crate::fields::{utf16, uuid};
use crate::layered::VirtualDisk;
use crate::paged::Paged;
use crate::parents::{Lineage, Others, Wanted, compare};
use crate::{Description, Ends, Image, ImageError, Part, SegmentInfo};

/// 2000-01-01T00:00:00Z in seconds of Unix.
const EPOCH_UNIX_SECONDS: i64 = 946_684_800;

pub(super) fn open(part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let read = |fault| ImageError::Read { part: part.name.clone(), fault };
    let mut findings = Vec::new();
    let Footers { footer, data_end } = footers(&part, &mut findings).map_err(read)?;
    let segment = SegmentInfo { name: part.name.clone(), size_bytes: part.source.size() };
    let kind = match footer.disk_type {
        FIXED => "fixed",
        DYNAMIC => "dynamic",
        DIFFERENCING => "differencing",
        other => return Err(ImageError::Unsupported(format!("{}: disk type {other} is not known", part.name))),
    };
    geometry(&part, &footer, &mut findings);
    let mut description = Description {
        format: "vhd",
        title: format!("Virtual Hard Disk (VHD), {kind}"),
        size_bytes: footer.current_size,
        sector_bytes: 512,
        metadata: metadata(&footer),
        segments: vec![segment],
        ..Description::default()
    };
    if footer.disk_type == FIXED {
        if footer.current_size != data_end {
            let text = format!(
                "the footer tells a size of {} bytes, which is that of the medium; {data_end} lie before it",
                footer.current_size
            );
            findings.push(Finding::new(Severity::Mismatch, "vhd-size", part.name.clone(), text).at(data_end));
        }
        let map = VhdMap::Fixed { name: part.name.clone(), data_end };
        let disk = VirtualDisk::new(map, vec![part], crate::layered::Below::Nothing, description, 4096);
        return Ok(Outcome { value: Arc::new(disk), findings });
    }
    let dynamic = dynamic(&part, &footer, &mut findings)?;
    let lineage = match footer.disk_type {
        DIFFERENCING => parent(&part, &dynamic, others, &mut description),
        _ => Lineage::none(),
    };
    findings.extend(lineage.findings);
    description.segments.extend(lineage.segments);
    description.chunk_bytes = Some(dynamic.block_size);
    let unit_bytes = u64::from(dynamic.block_size);
    let blocks = Blocks {
        file: Paged::new(part.source.clone()),
        name: part.name.clone(),
        size: footer.current_size,
        table_offset: dynamic.table_offset,
        entries: dynamic.max_table_entries,
        block_bytes: unit_bytes,
        bitmap_bytes: dynamic.bitmap_bytes(),
        differencing: footer.disk_type == DIFFERENCING,
        data_end,
    };
    let disk = VirtualDisk::new(VhdMap::Blocks(blocks), vec![part], lineage.below, description, unit_bytes);
    Ok(Outcome { value: Arc::new(disk), findings })
}

/// The footer that counts, and where it begins at the end of the file.
struct Footers {
    footer: Footer,
    data_end: u64,
}

/// The footer at the end, or the copy at the beginning where that one is damaged.
fn footers(part: &Part, findings: &mut Vec<Finding>) -> Result<Footers, ReadFault> {
    let size = part.source.size();
    let length = usize::try_from(size.min(FOOTER_BYTES as u64)).unwrap_or(0);
    let (mut head, mut tail) = (vec![0; length], vec![0; length]);
    part.source.read_at(0, &mut head)?;
    part.source.read_at(size.saturating_sub(length as u64), &mut tail)?;
    let mut say = |severity, code, offset, text: &str| {
        findings.push(Finding::new(severity, code, format!("{}: footer", part.name), text).at(offset));
    };
    let copy = Footer::decode(&head).filter(|footer| footer.disk_type != FIXED);
    if let Some((footer, length)) = footer_in_tail(&tail) {
        let data_end = size.saturating_sub(length);
        match &copy {
            _ if footer.disk_type == FIXED => {}
            Some(copy) if !copy.is_sound() => {
                let text = format!("the copy has checksum {:08x}, computed {:08x}", copy.checksum, copy.computed);
                say(Severity::Mismatch, "vhd-footer-copy", 0, &text);
            }
            Some(copy) if *copy != footer => {
                say(Severity::Mismatch, "vhd-footer-copy", 0, "the copy differs from the footer; the footer is used");
            }
            Some(_) => {}
            None => say(Severity::Mismatch, "vhd-footer-copy", 0, "there is no copy of the footer"),
        }
        return Ok(Footers { footer, data_end });
    }
    // No sound footer at the end: damaged, or the file was cut.
    let damaged = tail.starts_with(COOKIE);
    let footer_at = size.saturating_sub(FOOTER_BYTES as u64);
    let data_end = if damaged { footer_at } else { size };
    match copy.or_else(|| Footer::decode(&tail)).or_else(|| Footer::decode(&head)) {
        Some(footer) => {
            let text = match (damaged, footer.is_sound()) {
                (true, true) => "its checksum does not match; the copy at the beginning is used",
                (false, true) => {
                    "there is none at the end, the file was cut or never closed; the copy at the beginning is used"
                }
                (_, false) => "no copy has a checksum that matches",
            };
            say(Severity::Mismatch, "vhd-footer", footer_at, text);
            Ok(Footers { footer, data_end })
        }
        None => Err(ReadFault::new(0, exhibit_evidence::Cause::Corrupt("no VHD footer".to_owned()))),
    }
}

/// Virtual PC sized disks by cylinders, heads and sectors; everybody since by the size field.
fn geometry(part: &Part, footer: &Footer, findings: &mut Vec<Finding>) {
    let chs = footer.chs_bytes();
    let largest = footer.cylinders == u16::MAX && footer.heads == 16 && footer.sectors_per_track == u8::MAX;
    if chs != footer.current_size && !largest && &footer.creator_application == b"vpc " {
        let text = format!(
            "cylinders, heads and sectors make {chs} bytes, the size field {}, which is used; Virtual PC, which wrote it, uses the smaller",
            footer.current_size
        );
        findings.push(Finding::new(Severity::Note, "vhd-geometry", format!("{}: footer", part.name), text));
    }
}

fn metadata(footer: &Footer) -> Vec<(&'static str, String)> {
    let seconds = EPOCH_UNIX_SECONDS.saturating_add(i64::from(footer.time_stamp));
    let (year, month, day, hour, minute, second) = Instant::from_unix_seconds(seconds).civil();
    let mut metadata = vec![
        ("creator", String::from_utf8_lossy(&footer.creator_application).trim_end().to_owned()),
        ("creator_version", format!("{}.{}", footer.creator_version >> 16, footer.creator_version & 0xffff)),
        ("created", format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")),
        ("unique_id", uuid(&footer.unique_id)),
        ("geometry", format!("{}/{}/{}", footer.cylinders, footer.heads, footer.sectors_per_track)),
    ];
    if footer.saved_state {
        metadata.push(("saved_state", "yes".to_owned()));
    }
    metadata
}

/// Reads the dynamic header and refuses what cannot be walked.
fn dynamic(part: &Part, footer: &Footer, findings: &mut Vec<Finding>) -> Result<Dynamic, ImageError> {
    let offset = footer.data_offset;
    let corrupt =
        |text: String| ImageError::Corrupt { part: part.name.clone(), structure: "dynamic header", offset, text };
    let header = read_dynamic(part, footer).ok_or_else(|| corrupt("there is none".to_owned()))?;
    if header.checksum != header.computed {
        let text = format!("checksum {:08x}, computed {:08x}", header.checksum, header.computed);
        let place = format!("{}: dynamic header", part.name);
        findings.push(Finding::new(Severity::Mismatch, "vhd-header-checksum", place, text).at(offset));
    }
    let block = u64::from(header.block_size);
    if block == 0 || block % SECTOR_BYTES != 0 || block > BLOCK_BYTES_MAX {
        return Err(corrupt(format!("a block of {block} bytes is not possible")));
    }
    let table_bytes = u64::from(header.max_table_entries).saturating_mul(4);
    let size = part.source.size();
    if table_bytes > size || (table_bytes > 0 && header.table_offset >= size) {
        let text = format!("a block table of {table_bytes} bytes at {} cannot be in {size} bytes", header.table_offset);
        return Err(corrupt(text));
    }
    let blocks = footer.current_size.div_ceil(block);
    if blocks > u64::from(header.max_table_entries) {
        let text = format!("{blocks} blocks make up the medium, the table has {}", header.max_table_entries);
        let place = format!("{}: block table", part.name);
        findings.push(Finding::new(Severity::Mismatch, "vhd-table-short", place, text).at(header.table_offset));
    }
    Ok(header)
}

fn read_dynamic(part: &Part, footer: &Footer) -> Option<Dynamic> {
    let mut bytes = vec![0; DYNAMIC_BYTES];
    part.source.read_at(footer.data_offset, &mut bytes).ok()?;
    Dynamic::decode(&bytes)
}

/// The names of the parent: relative before absolute, those of Windows before others, the bare name last.
pub(super) fn parent_paths(part: &Part) -> Vec<String> {
    let ends = Ends::of(&*part.source);
    let footer = footer_in_tail(&ends.tail).map(|(footer, _)| footer).or_else(|| Footer::decode(&ends.head));
    let differencing = footer.filter(|footer| footer.disk_type == DIFFERENCING);
    differencing.and_then(|footer| read_dynamic(part, &footer)).map(|header| paths(part, &header)).unwrap_or_default()
}

fn paths(part: &Part, header: &Dynamic) -> Vec<String> {
    let rank =
        |platform: &[u8; 4]| [b"W2ru", b"W2ku", b"Wi2r", b"Wi2k", b"MacX"].iter().position(|&known| known == platform);
    let mut locators: Vec<_> = header.locators.iter().filter_map(|l| Some((rank(&l.platform)?, l))).collect();
    locators.sort_by_key(|(rank, _)| *rank);
    let mut paths: Vec<String> = Vec::new();
    for (rank, locator) in locators {
        let mut bytes = vec![0; usize::try_from(locator.length.min(LOCATOR_BYTES_MAX)).unwrap_or(0)];
        if part.source.read_at(locator.offset, &mut bytes).is_ok() {
            paths.push(match rank {
                0 | 1 => utf16(&bytes, u16::from_le_bytes),
                _ => String::from_utf8_lossy(&bytes).into_owned(),
            });
        }
    }
    paths.push(header.parent_name.clone());
    paths.retain(|path| !crate::parents::last_component(path).is_empty());
    paths
}

fn parent(part: &Part, header: &Dynamic, others: &Others, description: &mut Description) -> Lineage {
    let paths = paths(part, header);
    let remembered = uuid(&header.parent_unique_id);
    description.metadata.extend(paths.first().map(|path| ("parent", path.clone())));
    description.metadata.push(("parent_unique_id", remembered.clone()));
    let is_it = |image: &dyn Image| compare(image, "unique_id", &remembered);
    others.parent(&Wanted { child: &part.name, paths: &paths, format: Some("vhd"), is_it: &is_it })
}
