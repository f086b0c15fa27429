//! From a descriptor and its extents to an image.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Finding, Name, Outcome, Severity};

use super::descriptor::{self, Descriptor, TEXT_BYTES_MAX};
use super::layout::{COWD, HEADER_BYTES, Header, SECTOR_BYTES, SESPARSE};
use super::map::{Extent, Kind, VmdkMap};
use super::sparse::{self, Sparse};
use crate::layered::VirtualDisk;
use crate::paged::Paged;
use crate::parents::{Lineage, Others, Wanted, compare, last_component};
use crate::{Beside, Description, Image, ImageError, Part, SegmentInfo};

/// Descriptors beside an extent that are looked at in search of the one it belongs to.
const CANDIDATES_MAX: usize = 1024;

pub(super) fn open(part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    refuse_by_name(&part)?;
    match text(&part) {
        Some(text) => build(part, Descriptor::parse(&text), others),
        // An extent by itself: the disk is the one whose descriptor names it.
        None => match others.parts().iter().find_map(|other| Some((other, owner(other, &part.name)?))) {
            Some((other, descriptor)) => build(other.clone(), descriptor, &others.with(part.clone())),
            None => lone_extent(
                part,
                "a sparse extent by itself: the descriptor that says which disk it is a part of, and whether that has a \
                 parent, is not beside it",
            ),
        },
    }
}

/// The files that `part` names, or the descriptor that names `part`.
pub(super) fn refers_to(part: &Part, beside: &dyn Beside) -> Vec<String> {
    if let Some(text) = text(part) {
        let descriptor = Descriptor::parse(&text);
        let embedded = head(part).is_some();
        let files = descriptor.extents.iter().filter(|_| !embedded).map(|extent| extent.file.clone());
        let hint = Some(descriptor.parent_hint.clone());
        return files.chain(hint).filter(|name| !last_component(name).is_empty()).collect();
    }
    let named = |name: &String| name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("vmdk"));
    let names = beside.names().into_iter().filter(|name| *name != part.name && named(name)).take(CANDIDATES_MAX);
    let owns = |name: &String| {
        let source = beside.open(name)?;
        owner(&Part { name: name.clone(), source }, &part.name)
    };
    names.filter(|name| owns(name).is_some()).take(1).collect()
}

/// The descriptor in `other`, if it is one on its own that has an extent in the file `name`.
fn owner(other: &Part, name: &str) -> Option<Descriptor> {
    if head(other).is_some() {
        return None;
    }
    let descriptor = Descriptor::parse(&text(other)?);
    let names_it = descriptor.extents.iter().any(|extent| last_component(&extent.file).eq_ignore_ascii_case(name));
    names_it.then_some(descriptor)
}

/// The header, if `part` is a sparse extent.
fn head(part: &Part) -> Option<Header> {
    let mut bytes = [0; HEADER_BYTES];
    part.source.read_at(0, &mut bytes).ok()?;
    Header::decode(&bytes)
}

/// The descriptor's text: the file itself, or what a sparse extent holds of it.
fn text(part: &Part) -> Option<Vec<u8>> {
    let (at, length) = match head(part) {
        Some(header) if header.descriptor_offset == 0 => return None,
        Some(header) => {
            (header.descriptor_offset.checked_mul(SECTOR_BYTES)?, header.descriptor_size.checked_mul(SECTOR_BYTES)?)
        }
        None => (0, part.source.size()),
    };
    let length = length.min(TEXT_BYTES_MAX).min(part.source.size().saturating_sub(at));
    let mut text = vec![0; usize::try_from(length).ok()?];
    part.source.read_at(at, &mut text).ok()?;
    descriptor::is_one(&text).then_some(text)
}

/// Extents of ESX that must not be taken for raw bytes.
fn refuse_by_name(part: &Part) -> Result<(), ImageError> {
    let mut bytes = [0; 16];
    let length = usize::try_from(part.source.size().min(16)).unwrap_or(0);
    let read = part.source.read_at(0, bytes.get_mut(..length).unwrap_or_default());
    read.map_err(|fault| ImageError::Read { part: part.name.clone(), fault })?;
    let refuse = |what| Err(ImageError::Unsupported(format!("{}: {what}", part.name)));
    match &bytes {
        bytes if bytes.starts_with(COWD) => {
            refuse("this is a VMFS sparse (COWD) extent of ESX Server, which is not read")
        }
        bytes if bytes == SESPARSE => {
            refuse("this is a space-efficient sparse (SESPARSE) extent of ESXi, which is not read")
        }
        _ => Ok(()),
    }
}

/// The disk that `descriptor`, found in `first`, describes.
fn build(first: Part, descriptor: Descriptor, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    refuse(&first, &descriptor)?;
    if descriptor.extents.is_empty() {
        if head(&first).is_some() {
            return lone_extent(first, "the descriptor in the file names no extent: it is damaged");
        }
        let text = "the descriptor names no extent".to_owned();
        return Err(ImageError::Corrupt { part: first.name, structure: "descriptor", offset: 0, text });
    }
    let mut disk = Disk::new(&first, &descriptor);
    let embedded = head(&first).is_some();
    if !embedded {
        disk.segments.push(SegmentInfo { name: first.name.clone(), size_bytes: first.source.size() });
    }
    for extent in &descriptor.extents {
        // The name inside of a file with an embedded descriptor is the one it had when it was made.
        let file = if embedded { Some(&first) } else { others.find(&extent.file) };
        disk.extent(extent, file)?;
    }
    if let Some(sectors) = head(&first).map(|header| header.capacity)
        && sectors.saturating_mul(SECTOR_BYTES) != disk.size
    {
        let text =
            format!("the extent holds {sectors} sectors, the descriptor in it says {}", disk.size / SECTOR_BYTES);
        disk.say(Severity::Mismatch, "vmdk-capacity", text);
    }
    let lineage = match descriptor.parent_cid {
        Some(cid) => parent(&first, &descriptor, cid, others),
        None => Lineage::none(),
    };
    let kind = Name::from(descriptor.create_type.as_str());
    let mut metadata = vec![("create_type", descriptor.create_type.clone())];
    metadata.extend(descriptor.cid.map(|cid| ("content_id", format!("{cid:08x}"))));
    if let Some(cid) = descriptor.parent_cid {
        metadata.push(("parent", descriptor.parent_hint.clone()));
        metadata.push(("parent_content_id", format!("{cid:08x}")));
    }
    Ok(disk.finish(format!("VMware virtual disk (VMDK), {kind}"), metadata, lineage))
}

/// A sparse extent without a descriptor, and `why` there is none.
fn lone_extent(part: Part, why: &str) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let header = sparse::header(&part)?;
    let descriptor = Descriptor::default();
    let mut disk = Disk::new(&part, &descriptor);
    let text = format!("{why}; shown is this extent, with zeros where it holds nothing");
    disk.say(Severity::Incomplete, "vmdk-no-descriptor", text);
    let extent = descriptor::Extent {
        access: "RW".to_owned(),
        sectors: header.capacity,
        kind: "SPARSE".to_owned(),
        file: part.name.clone(),
        offset_sectors: 0,
    };
    disk.extent(&extent, Some(&part))?;
    Ok(disk.finish("VMware virtual disk (VMDK), one extent".to_owned(), Vec::new(), Lineage::none()))
}

/// What is known and not handled.
fn refuse(part: &Part, descriptor: &Descriptor) -> Result<(), ImageError> {
    let refuse = |what: String| Err(ImageError::Unsupported(format!("{}: {what}", part.name)));
    if descriptor.encrypted {
        return refuse("the disk is encrypted; it cannot be read without its key".to_owned());
    }
    if ["fullDevice", "partitionedDevice"].iter().any(|kind| descriptor.create_type.eq_ignore_ascii_case(kind)) {
        return refuse(format!(
            "{} stands for a device of the host, which is not in these files",
            descriptor.create_type
        ));
    }
    let unread = ["VMFSSPARSE", "SESPARSE", "VMFSRDM", "VMFSRAW"];
    match descriptor.extents.iter().find(|extent| unread.contains(&extent.kind.as_str())) {
        Some(extent) => refuse(format!("extents of type {} are not read", extent.kind)),
        None => Ok(()),
    }
}

/// A disk while it is put together.
struct Disk {
    place: String,
    findings: Vec<Finding>,
    files: Vec<Part>,
    segments: Vec<SegmentInfo>,
    has_grains: bool,
    extents: Vec<Extent>,
    size: u64,
    unit_bytes: u64,
}

impl Disk {
    fn new(first: &Part, descriptor: &Descriptor) -> Self {
        let mut disk = Self {
            place: first.name.clone(),
            findings: Vec::new(),
            files: Vec::new(),
            segments: Vec::new(),
            has_grains: false,
            extents: Vec::new(),
            size: 0,
            unit_bytes: 4096,
        };
        for line in &descriptor.odd_lines {
            let text =
                format!("a line of the descriptor is not understood: {:?}", Name::from(line.as_str()).to_string());
            disk.say(Severity::Note, "vmdk-descriptor-line", text);
        }
        disk
    }

    fn say(&mut self, severity: Severity, code: &str, text: String) {
        self.findings.push(Finding::new(severity, code, self.place.clone(), text));
    }

    /// Adds an extent; `file` is `None` if it is not at hand.
    fn extent(&mut self, extent: &descriptor::Extent, file: Option<&Part>) -> Result<(), ImageError> {
        let length = extent.sectors.checked_mul(SECTOR_BYTES).filter(|length| self.size.checked_add(*length).is_some());
        let Some(length) = length else {
            return Err(ImageError::Limit(format!("{}: the extents are larger than 2^64 bytes", self.place)));
        };
        let range = ByteRange::new(self.size, length);
        let name = Name::from(extent.file.as_str()).to_string();
        let kind = match (extent.kind.as_str(), file) {
            ("ZERO", _) => Kind::Zero,
            _ if extent.access == "NOACCESS" => {
                self.missing(range, "vmdk-extent-access", format!("extent {name:?} is marked NOACCESS"))
            }
            (_, None) => {
                self.missing(range, "vmdk-extent-missing", format!("extent {name:?} is not beside the descriptor"))
            }
            ("FLAT" | "VMFS", Some(file)) => self.flat(range, extent, file),
            ("SPARSE", Some(file)) => self.sparse(range, file)?,
            (other, Some(_)) => {
                let kind = Name::from(other).to_string();
                self.missing(range, "vmdk-extent-type", format!("extent {name:?} is of the unknown type {kind:?}"))
            }
        };
        self.size = range.end();
        self.extents.push(Extent { range, kind });
        Ok(())
    }

    fn missing(&mut self, range: ByteRange, code: &str, text: String) -> Kind {
        let finding = Finding::new(
            Severity::Incomplete,
            code,
            self.place.clone(),
            format!("{text}; its part of the medium is unreadable"),
        );
        self.findings.push(finding.on(range));
        Kind::Missing(text)
    }

    fn flat(&mut self, range: ByteRange, extent: &descriptor::Extent, file: &Part) -> Kind {
        let offset = extent.offset_sectors.saturating_mul(SECTOR_BYTES);
        let there = file.source.size().saturating_sub(offset);
        if there < range.length {
            let text = format!("the extent has {there} bytes, the descriptor says {}", range.length);
            let finding = Finding::new(Severity::Mismatch, "vmdk-extent-short", file.name.clone(), text);
            self.findings.push(finding.on(ByteRange::between(range.offset.saturating_add(there), range.end())));
        }
        Kind::Flat { file: self.file(file), offset }
    }

    fn sparse(&mut self, range: ByteRange, file: &Part) -> Result<Kind, ImageError> {
        let header = match sparse::header(file) {
            Ok(header) => header,
            // Of several extents one may be damaged; of a single one nothing would be left.
            Err(error) if self.place == file.name => return Err(error),
            Err(error) => {
                return Ok(self.missing(range, "vmdk-extent-unusable", format!("an extent cannot be used: {error}")));
            }
        };
        let mut say = |severity, code: &str, text: &str| {
            self.findings.push(Finding::new(severity, code, format!("{}: header", file.name), text));
        };
        if !header.newlines_are_intact() {
            say(
                Severity::Mismatch,
                "vmdk-newlines",
                "the file was once transferred as text, which changes bytes anywhere in it",
            );
        }
        if header.unclean_shutdown {
            say(
                Severity::Note,
                "vmdk-unclean",
                "the virtual machine was not shut down cleanly; its last writes may be missing",
            );
        }
        if header.capacity.saturating_mul(SECTOR_BYTES) < range.length && self.place != file.name {
            let text = format!(
                "the extent holds {} sectors, the descriptor says {}",
                header.capacity,
                range.length / SECTOR_BYTES
            );
            say(Severity::Mismatch, "vmdk-capacity", &text);
        }
        self.unit_bytes = header.grain_size.saturating_mul(SECTOR_BYTES);
        let index = self.file(file);
        self.has_grains = true;
        // The tables are put in when all files are known: they share one cache.
        let tables = Paged::new(file.source.clone());
        Ok(Kind::Sparse(Box::new(Sparse { file: index, tables, name: file.name.clone(), header })))
    }

    /// The index of `file` among those that are read.
    fn file(&mut self, file: &Part) -> usize {
        if let Some(index) = self.files.iter().position(|have| have.name == file.name) {
            return index;
        }
        self.files.push(file.clone());
        self.segments.push(SegmentInfo { name: file.name.clone(), size_bytes: file.source.size() });
        self.files.len().saturating_sub(1)
    }

    fn finish(
        mut self,
        title: String,
        metadata: Vec<(&'static str, String)>,
        lineage: Lineage,
    ) -> Outcome<Arc<dyn Image>> {
        let sparse = self.extents.iter_mut().filter_map(|extent| match &mut extent.kind {
            Kind::Sparse(sparse) => Some(sparse),
            _ => None,
        });
        let sparse: Vec<_> = sparse.collect();
        let sources: Vec<_> =
            sparse.iter().filter_map(|sparse| Some(self.files.get(sparse.file)?.source.clone())).collect();
        for (sparse, tables) in sparse.into_iter().zip(Paged::all(sources)) {
            sparse.tables = tables;
        }
        self.findings.extend(lineage.findings);
        let description = Description {
            format: "vmdk",
            title,
            size_bytes: self.size,
            sector_bytes: 512,
            chunk_bytes: u32::try_from(self.unit_bytes).ok().filter(|_| self.has_grains),
            metadata,
            segments: self.segments.into_iter().chain(lineage.segments).collect(),
            ..Description::default()
        };
        let map = VmdkMap { extents: self.extents };
        let disk = VirtualDisk::new(map, self.files, lineage.below, description, self.unit_bytes);
        Outcome { value: Arc::new(disk), findings: self.findings }
    }
}

fn parent(first: &Part, descriptor: &Descriptor, cid: u32, others: &Others) -> Lineage {
    let remembered = format!("{cid:08x}");
    let is_it = |image: &dyn Image| compare(image, "content_id", &remembered);
    let paths: Vec<String> = Some(descriptor.parent_hint.clone()).filter(|hint| !hint.is_empty()).into_iter().collect();
    others.parent(&Wanted { child: &first.name, paths: &paths, format: Some("vmdk"), is_it: &is_it })
}
