//! From the header to an image.

use std::sync::Arc;

use exhibit_evidence::{Finding, Name, Outcome, ReadFault, Severity};

use super::layout::{
    BACKING_NAME_MAX, CLUSTER_BITS, COMPRESSION_TYPE, CORRUPT, DIRTY, EXTENDED_L2, EXTENSION_BACKING_FORMAT,
    EXTENSIONS_BYTES_MAX, EXTERNAL_DATA, FEATURES_KNOWN, HEADER_BYTES, Header, Packing,
};
use super::map::Qcow2Map;
use crate::fields::be32;
use crate::layered::VirtualDisk;
use crate::paged::Paged;
use crate::parents::{Lineage, Others, Wanted};
use crate::{Description, Image, ImageError, Part, SegmentInfo};

pub(super) fn open(part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let header = read_header(&part).map_err(|fault| ImageError::Read { part: part.name.clone(), fault })?;
    refuse(&part, &header)?;
    check_header(&part, &header)?;
    let packing = match header.compression_type {
        0 => Packing::Deflate,
        1 => Packing::Zstd,
        other => return Err(unsupported(&part, &format!("compression type {other} is not known"))),
    };
    let mut findings = findings(&part, &header);
    let backing = backing_name(&part);
    let lineage = match &backing {
        Some(name) => parent(&part, &header, name, others, &mut findings),
        None => Lineage::none(),
    };
    findings.extend(lineage.findings);
    let segment = SegmentInfo { name: part.name.clone(), size_bytes: part.source.size() };
    let description = Description {
        format: "qcow2",
        title: format!("QEMU virtual disk (QCOW2), version {}", header.version),
        size_bytes: header.size,
        sector_bytes: 512,
        chunk_bytes: u32::try_from(header.cluster_bytes()).ok(),
        metadata: metadata(&header, packing, backing),
        segments: std::iter::once(segment).chain(lineage.segments).collect(),
        ..Description::default()
    };
    let map = Qcow2Map { file: Paged::new(part.source.clone()), name: part.name.clone(), header, packing };
    let disk = VirtualDisk::new(map, vec![part], lineage.below, description, header.cluster_bytes());
    Ok(Outcome { value: Arc::new(disk), findings })
}

/// The name of the backing file, as stored.
pub(super) fn backing_name(part: &Part) -> Option<String> {
    let header = read_header(part).ok()?;
    let length = usize::try_from(header.backing_file_size.min(BACKING_NAME_MAX)).ok()?;
    if header.backing_file_offset == 0 || length == 0 {
        return None;
    }
    let mut name = vec![0; length];
    part.source.read_at(header.backing_file_offset, &mut name).ok()?;
    Some(String::from_utf8_lossy(&name).into_owned())
}

fn read_header(part: &Part) -> Result<Header, ReadFault> {
    let mut bytes = [0; 112];
    let length = usize::try_from(part.source.size()).unwrap_or(usize::MAX).min(bytes.len());
    part.source.read_at(0, bytes.get_mut(..length).unwrap_or_default())?;
    Ok(Header::decode(&bytes))
}

fn unsupported(part: &Part, what: &str) -> ImageError {
    ImageError::Unsupported(format!("{}: {what}", part.name))
}

/// What is known and not handled.
fn refuse(part: &Part, header: &Header) -> Result<(), ImageError> {
    let refuse = |what: &str| Err(unsupported(part, what));
    match header.version {
        2 | 3 => {}
        1 => return refuse("this is a QCOW image of version 1; versions 2 and 3 are read"),
        other => return refuse(&format!("this is a QCOW image of version {other}; versions 2 and 3 are read")),
    }
    match header.crypt_method {
        0 => {}
        1 => return refuse("the disk is encrypted (AES); it cannot be read without its key"),
        2 => return refuse("the disk is encrypted (LUKS); it cannot be read without its key"),
        other => return refuse(&format!("the disk is encrypted in an unknown way ({other})")),
    }
    if header.has(EXTERNAL_DATA) {
        return refuse("the data are in an external file, which QCOW2 images may name; that is not supported");
    }
    match header.incompatible_features & !FEATURES_KNOWN {
        0 => Ok(()),
        bits => refuse(&format!("it needs features that are not known here (bits 0x{bits:x})")),
    }
}

/// What makes the tables unusable as a whole.
fn check_header(part: &Part, header: &Header) -> Result<(), ImageError> {
    let corrupt =
        |offset, text| Err(ImageError::Corrupt { part: part.name.clone(), structure: "header", offset, text });
    let size = part.source.size();
    if size < HEADER_BYTES as u64 {
        return corrupt(0, format!("the file has {size} bytes, the header {HEADER_BYTES}"));
    }
    if !CLUSTER_BITS.contains(&header.cluster_bits) || (header.has(EXTENDED_L2) && header.cluster_bits < 14) {
        return corrupt(20, format!("a cluster of 2^{} bytes is not possible", header.cluster_bits));
    }
    let l1_bytes = u64::from(header.l1_size).saturating_mul(8);
    if l1_bytes > size || (l1_bytes > 0 && header.l1_table_offset >= size) {
        let text = format!("an L1 table of {l1_bytes} bytes at {} cannot be in {size} bytes", header.l1_table_offset);
        return corrupt(36, text);
    }
    if header.compression_type != 0 && !header.has(COMPRESSION_TYPE) {
        return corrupt(104, format!("compression type {} without the feature bit", header.compression_type));
    }
    Ok(())
}

/// What there is to say about a header that can be used.
fn findings(part: &Part, header: &Header) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |severity, code: &str, offset, text: String| {
        findings.push(Finding::new(severity, code, format!("{}: header", part.name), text).at(offset));
    };
    if header.has(DIRTY) {
        let text = "it was not closed: reference counts may be wrong, which reading does not need, and the guest's last writes may be missing";
        say(Severity::Note, "qcow2-dirty", 72, text.to_owned());
    }
    if header.has(CORRUPT) {
        say(Severity::Mismatch, "qcow2-corrupt", 72, "the image says of itself that its tables are damaged".to_owned());
    }
    if header.nb_snapshots > 0 {
        let text = format!(
            "{} internal snapshots are not read: the medium is the active state, and what only a snapshot holds is not in it",
            header.nb_snapshots
        );
        say(Severity::Incomplete, "qcow2-snapshots", header.snapshots_offset, text);
    }
    let tables = header.size.div_ceil(header.table_covers());
    if tables > u64::from(header.l1_size) {
        let text = format!("{tables} L1 entries make up the medium, the table has {}", header.l1_size);
        say(Severity::Mismatch, "qcow2-l1-short", 36, text);
    }
    let l1_end = header.l1_table_offset.saturating_add(u64::from(header.l1_size).saturating_mul(8));
    if l1_end > part.source.size() {
        say(
            Severity::Mismatch,
            "qcow2-l1-cut",
            header.l1_table_offset,
            "the L1 table ends behind the end of the file".to_owned(),
        );
    }
    findings
}

fn metadata(header: &Header, packing: Packing, backing: Option<String>) -> Vec<(&'static str, String)> {
    let packing = match packing {
        Packing::Deflate => "deflate",
        Packing::Zstd => "zstd",
    };
    let mut metadata = vec![("version", header.version.to_string()), ("compression", packing.to_owned())];
    if header.has(EXTENDED_L2) {
        metadata.push(("subclusters", super::layout::SUBCLUSTERS.to_string()));
    }
    if header.nb_snapshots > 0 {
        metadata.push(("internal_snapshots", header.nb_snapshots.to_string()));
    }
    metadata.extend(backing.map(|name| ("parent", name)));
    metadata
}

/// The backing file. QCOW2 remembers its name and perhaps its format, nothing by which to know it again.
fn parent(part: &Part, header: &Header, name: &str, others: &Others, findings: &mut Vec<Finding>) -> Lineage {
    let format = backing_format(part, header);
    let known = match format.as_deref() {
        Some("raw") => Some("raw"),
        Some("qcow2") => Some("qcow2"),
        Some("vmdk") => Some("vmdk"),
        Some("vpc") => Some("vhd"),
        Some("vhdx") => Some("vhdx"),
        Some("vdi") => Some("vdi"),
        _ => None,
    };
    // `json:` and `nbd:` name things that are no files beside; the last part of a path is all that is looked for.
    let path = name.strip_prefix("file:").unwrap_or(name).to_owned();
    let paths = [path];
    let wanted = Wanted { child: &part.name, paths: &paths, format: known, is_it: &|_| Ok(()) };
    let lineage = others.parent(&wanted);
    if !lineage.segments.is_empty() {
        let text = format!(
            "its parent {} was found by its name; the format stores nothing by which to tell whether it was changed since",
            Name::from(name)
        );
        findings.push(Finding::new(Severity::Note, "parent-unchecked", part.name.clone(), text));
    }
    lineage
}

/// The header extension that names the format of the backing file.
fn backing_format(part: &Part, header: &Header) -> Option<String> {
    let start = u64::from(header.header_length);
    let end = header.cluster_bytes().min(EXTENSIONS_BYTES_MAX).min(part.source.size());
    let mut bytes = vec![0; usize::try_from(end.checked_sub(start)?).ok()?];
    part.source.read_at(start, &mut bytes).ok()?;
    let mut rest = bytes.as_slice();
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let (kind, length) = (be32(head, 0), usize::try_from(be32(head, 4)).ok()?);
        if kind == 0 {
            return None;
        }
        let value = tail.get(..length)?;
        if kind == EXTENSION_BACKING_FORMAT {
            return Some(String::from_utf8_lossy(value).into_owned());
        }
        rest = tail.get(length.checked_next_multiple_of(8)?..)?;
    }
    None
}
