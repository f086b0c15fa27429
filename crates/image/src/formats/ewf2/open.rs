//! From segment files to an image: order, case and device, tables, and all that is missing or contradicts itself.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Digest, DigestSet, Finding, Outcome, ReadFault, Severity};

use super::super::ewf::complaints::Complaints;
use super::super::ewf::layout::{
    CHECKSUM_BYTES, CHUNK_BYTES_MAX, HEADER_PAYLOAD_MAX, LTREE_HEADER_BYTES, SESSIONS_MAX, adler32, u32_at, u64_at,
};
use super::super::ewf::logical::checked;
use super::super::ewf::section::{bytes_at, mismatch};
use super::case::Object;
use super::layout::{
    ERROR_ENTRY_BYTES, EVF2, LEF2, SECTION_ENCRYPTED, SECTION_HASHED, SESSION_ENTRY_BYTES, kind, title,
};
use super::read::{Ewf2Image, check_hash, last_chunk};
use super::section::{Section, Walked, walk};
use super::table::{TableRef, read_header, read_list};
use super::unpack::Method;
use crate::ltree::{LogicalImage, TREE_BYTES_MAX, Tree};
use crate::{Description, Image, ImageError, Part, SegmentInfo};

/// The two kinds of image that have these sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ex01: a medium.
    Medium,
    /// Lx01: files.
    Logical,
}

pub(super) fn open(parts: Vec<Part>, family: Kind) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let mut assembly = Assembly::default();
    let parts = assembly.order(parts, family)?;
    for (index, (part, walked)) in parts.iter().enumerate() {
        assembly.method = method(part, walked)?;
        for section in &walked.sections {
            let read = |fault| ImageError::Read { part: part.name.clone(), fault };
            assembly.section(index, part, section).map_err(read)?;
        }
    }
    let first = parts.first().map(|(part, _)| part.name.clone()).unwrap_or_default();
    let geometry = assembly.geometry(family, &parts, &first)?;
    assembly.order_tables(&geometry, &first);
    let description = assembly.description(family, &geometry, &parts);
    let parts = parts.into_iter().map(|(part, _)| part).collect();
    let tables = (assembly.tables, assembly.method);
    let image = Ewf2Image::new(parts, tables, geometry.chunk_bytes, description, assembly.hashed);
    let image: Arc<dyn Image> = match family {
        Kind::Medium => Arc::new(image),
        Kind::Logical => Arc::new(LogicalImage::new(Arc::new(image), assembly.tree.unwrap_or_default())),
    };
    Ok(Outcome { value: image, findings: assembly.findings.into_list(first) })
}

/// The method of compression. What this version does not read must not look like damage.
fn method(part: &Part, walked: &Walked) -> Result<Method, ImageError> {
    let refuse = |what: String| Err(ImageError::Unsupported(format!("{}: {what}", part.name)));
    let encrypted = |section: &&Section| section.flags & SECTION_ENCRYPTED != 0 || section.kind == kind::KEYS;
    if walked.sections.iter().any(|section| encrypted(&section)) {
        return refuse("the image is encrypted, in a way that its makers do not disclose".to_owned());
    }
    match Method::of(walked.compression) {
        Some(method) => Ok(method),
        None => refuse(format!("compressed with unknown method {}", walked.compression)),
    }
}

/// Sizes of the medium and its parts.
struct Geometry {
    chunk_bytes: u64,
    sector_bytes: u32,
    size_bytes: u64,
}

/// What is gathered from all segment files.
#[derive(Default)]
struct Assembly {
    findings: Complaints,
    device: Option<Object>,
    case: Option<Object>,
    stored: DigestSet,
    /// First sector and number of sectors.
    gaps: Vec<(u64, u32)>,
    /// First sector, whether audio.
    sessions: Vec<(u64, bool)>,
    tables: Vec<TableRef>,
    tree: Option<Tree>,
    hashed: Vec<(usize, Section)>,
    set_id: [u8; 16],
    method: Method,
    /// Whether all segments from the first to the last are there.
    complete: bool,
}

impl Assembly {
    /// Parts by the number in their header; duplicates, strangers and holes become findings.
    fn order(&mut self, parts: Vec<Part>, family: Kind) -> Result<Vec<(Part, Walked)>, ImageError> {
        let signature = if family == Kind::Medium { EVF2 } else { LEF2 };
        let mut walked = Vec::new();
        for part in parts {
            let read = |fault| ImageError::Read { part: part.name.clone(), fault };
            match walk(&part, signature).map_err(read)? {
                Some(result) => walked.push((part, result)),
                None => {
                    let text = "not a segment file: it does not begin as the others do; left out";
                    self.findings.push(Finding::new(Severity::Note, "ewf2-stranger", part.name.clone(), text));
                }
            }
        }
        walked.sort_by_key(|(_, walked)| walked.number);
        let Some(set_id) = walked.first().map(|(_, first)| first.set_id) else {
            return Err(ImageError::Usage("none of the files is a segment of the image".to_owned()));
        };
        (self.set_id, self.complete) = (set_id, true);
        let mut kept: Vec<(Part, Walked)> = Vec::new();
        let mut expected = 1_u32;
        for (part, mut walked) in walked {
            self.findings.extend(std::mem::take(&mut walked.findings));
            let place = part.name.clone();
            if walked.set_id != set_id {
                let text = "belongs to another image (its set identifier differs); left out";
                self.findings.push(Finding::new(Severity::Mismatch, "ewf2-set", place, text));
                continue;
            }
            if walked.number < expected {
                let text = format!("segment {} is there twice; this one is left out", walked.number);
                self.findings.push(Finding::new(Severity::Mismatch, "ewf-segment-twice", place, text));
                continue;
            }
            if walked.number > expected {
                self.missing(place, format!("segments {expected} to {} are missing", walked.number.saturating_sub(1)));
            }
            expected = walked.number.saturating_add(1);
            self.end(&part, &walked, kept.len());
            kept.push((part, walked));
        }
        match kept.last().map(|(part, walked)| (part.name.clone(), walked.sections.last().map(|last| last.kind))) {
            Some((_, Some(kind::DONE))) | None => {}
            Some((place, Some(kind::NEXT))) => {
                self.missing(place, format!("segment {expected} and what follows it are missing"));
            }
            Some((place, _)) => {
                let text = "the segment has no end: the acquisition was not finished, or the file was cut";
                self.missing(place, text.to_owned());
            }
        }
        Ok(kept)
    }

    fn missing(&mut self, place: String, text: String) {
        self.complete = false;
        self.findings.push(Finding::new(Severity::Incomplete, "ewf-segment-missing", place, text));
    }

    /// What there is to say about the end of a segment file.
    fn end(&mut self, part: &Part, walked: &Walked, index: usize) {
        let sections = walked.sections.len();
        if !walked.ends && sections > 0 {
            let text = format!("damaged at its end; {sections} sections before that are used");
            self.findings.push(Finding::new(Severity::Incomplete, "ewf2-section", part.name.clone(), text));
        }
        // Sector data is guarded chunk by chunk, and the list of files is compared when it is read.
        let later = |kind: u32| kind != kind::SECTORS && kind != kind::FILES;
        let hashed = |section: &&Section| section.flags & SECTION_HASHED != 0 && later(section.kind);
        self.hashed.extend(walked.sections.iter().filter(hashed).map(|section| (index, section.clone())));
    }

    fn section(&mut self, index: usize, part: &Part, section: &Section) -> Result<(), ReadFault> {
        let wrong = |text: String| mismatch("ewf2-section", part, &title(section.kind), section.data(), text);
        match section.kind {
            kind::DEVICE | kind::CASE => self.object(part, section)?,
            kind::TABLE => match read_header(index, part, section)? {
                Ok(table) => self.tables.push(table),
                Err(text) => self.findings.push(wrong(text)),
            },
            kind::ERRORS => match read_list(part, section, ERROR_ENTRY_BYTES)? {
                Ok(entries) => {
                    let gap = |entry: &[u8]| (u64_at(entry, 0), u32_at(entry, 8));
                    self.gaps.extend(entries.chunks(ERROR_ENTRY_BYTES).map(gap));
                }
                Err(text) => self.findings.push(wrong(text)),
            },
            kind::SESSIONS => match read_list(part, section, SESSION_ENTRY_BYTES)? {
                Ok(entries) => {
                    let session = |entry: &[u8]| (u64_at(entry, 0), u32_at(entry, 8) & 1 != 0);
                    self.sessions.extend(entries.chunks(SESSION_ENTRY_BYTES).take(SESSIONS_MAX).map(session));
                }
                Err(text) => self.findings.push(wrong(text)),
            },
            kind::MD5 => self.digest(part, section, "md5", 16)?,
            kind::SHA1 => self.digest(part, section, "sha1", 20)?,
            kind::FILES => self.files(part, section)?,
            // Sector data is read through its table; the rest tells nothing about the medium.
            kind::SECTORS | kind::NEXT | kind::DONE | 0x07 | 0x0a | 0x0c | 0x0e | 0x10 | 0x21..=0x23 => {}
            other => {
                let text = "its contents were not looked at";
                let place = format!("{}: {}", part.name, title(other));
                let finding = Finding::new(Severity::Note, "ewf-section-unknown", place, text);
                self.findings.push(finding.at(section.offset));
            }
        }
        Ok(())
    }

    /// Device information or case data. Every segment repeats them.
    fn object(&mut self, part: &Part, section: &Section) -> Result<(), ReadFault> {
        let length = usize::try_from(section.length.min(HEADER_PAYLOAD_MAX)).unwrap_or(0);
        let payload = bytes_at(part, section.data(), length)?;
        let wrong = |code, text: String| mismatch(code, part, &title(section.kind), section.data(), text);
        let place = if section.kind == kind::DEVICE { &mut self.device } else { &mut self.case };
        match (Object::read(&payload, self.method), &place) {
            (Err(text), _) => self.findings.push(wrong("ewf2-object", text)),
            (Ok(object), None) => *place = Some(object),
            (Ok(object), Some(other)) if object != *other => {
                self.findings.push(wrong("ewf2-object-differs", "differs from the first segment's".to_owned()));
            }
            (Ok(_), Some(_)) => {}
        }
        Ok(())
    }

    fn digest(&mut self, part: &Part, section: &Section, algorithm: &str, size: usize) -> Result<(), ReadFault> {
        let wrong = |text: String| mismatch("ewf-digest-section", part, &title(section.kind), section.data(), text);
        let needed = size.saturating_add(CHECKSUM_BYTES);
        if section.length < needed as u64 {
            self.findings.push(wrong(format!("{} bytes are too few", section.length)));
            return Ok(());
        }
        let bytes = bytes_at(part, section.data(), needed)?;
        let value = bytes.get(..size).unwrap_or_default();
        let (stored, computed) = (u32_at(&bytes, size), adler32(value));
        if stored != computed {
            self.findings.push(wrong(format!("checksum {stored:08x}, computed {computed:08x}")));
        } else if value.iter().any(|&byte| byte != 0) {
            let digest = Digest::new(algorithm, value);
            if self.stored.get(algorithm).is_some_and(|other| other != digest.hex()) {
                self.findings.push(wrong(format!("{algorithm} {digest}, another section has another one")));
            } else {
                self.stored.insert(&digest);
            }
        }
        Ok(())
    }

    /// The list of files of an Lx01: text, with or without the header that it has in an L01.
    fn files(&mut self, part: &Part, section: &Section) -> Result<(), ReadFault> {
        let length = section.length.saturating_sub(u64::from(section.padding));
        if length > TREE_BYTES_MAX {
            let text = format!("a list of files of {length} bytes; this version reads at most {TREE_BYTES_MAX}");
            let place = format!("{}: {}", part.name, title(section.kind));
            self.findings.push(Finding::new(Severity::Incomplete, "ewf-limit", place, text).at(section.data()));
            return Ok(());
        }
        if section.flags & SECTION_HASHED != 0 {
            self.findings.extend(check_hash(part, section));
        }
        let bytes = bytes_at(part, section.data(), usize::try_from(length).unwrap_or(usize::MAX))?;
        let mut tell = |finding| self.findings.push(finding);
        let tree = match with_header(&bytes) {
            Some((md5, text)) => {
                let at = section.data().saturating_add(LTREE_HEADER_BYTES as u64);
                checked(part, at, text, Some(&md5), &mut tell)
            }
            None => checked(part, section.data(), &bytes, None, &mut tell),
        };
        self.tree = Some(tree);
        Ok(())
    }

    /// Sizes out of device and case, and for files out of what is there.
    fn geometry(&mut self, family: Kind, parts: &[(Part, Walked)], first: &str) -> Result<Geometry, ImageError> {
        let number = |object: &Option<Object>, key: &str| object.as_ref().and_then(|object| object.number(key));
        let per_chunk = number(&self.case, "sb").unwrap_or(0);
        let sector = number(&self.device, "bp").filter(|bytes| *bytes > 0).unwrap_or(512);
        let sectors = number(&self.device, "ts");
        let chunk_bytes = per_chunk.saturating_mul(sector);
        let corrupt =
            |structure, text: String| Err(ImageError::Corrupt { part: first.to_owned(), structure, offset: 0, text });
        if chunk_bytes == 0 || chunk_bytes > CHUNK_BYTES_MAX {
            let text = format!(
                "chunks of {per_chunk} sectors of {sector} bytes are not possible, or the case data is missing"
            );
            return corrupt("case data", text);
        }
        let sector_bytes = u32::try_from(sector).unwrap_or(512);
        if family == Kind::Logical {
            let size_bytes = self.measure(parts, chunk_bytes, first);
            return Ok(Geometry { chunk_bytes, sector_bytes: 512, size_bytes });
        }
        match sectors.and_then(|sectors| sectors.checked_mul(sector)) {
            Some(size_bytes) => Ok(Geometry { chunk_bytes, sector_bytes, size_bytes }),
            None => corrupt("device information", "the number of sectors is missing or not possible".to_owned()),
        }
    }

    /// Size of the stream of contents.
    fn measure(&mut self, parts: &[(Part, Walked)], chunk_bytes: u64, first: &str) -> u64 {
        if self.tree.is_none() {
            let text = "there is no list of files that can be read: no file of this image can be opened";
            self.findings.push(Finding::new(Severity::Incomplete, "ewf-ltree", first.to_owned(), text));
        }
        let told = self.tree.as_ref().and_then(|tree| tree.total_bytes).unwrap_or(0);
        let end = |table: &&TableRef| table.first_chunk.saturating_add(u64::from(table.count));
        let Some(last) = self.tables.iter().max_by_key(end) else { return told };
        let part = parts.get(last.part).map(|(part, _)| part).filter(|_| self.complete);
        let whole = end(&last).saturating_sub(1).saturating_mul(chunk_bytes);
        let Some(tail) = part.and_then(|part| last_chunk(part, last, self.method, chunk_bytes)) else {
            return told.max(whole.saturating_add(chunk_bytes));
        };
        let size = whole.saturating_add(tail);
        if told > size {
            let text = format!("the list of files tells {told} bytes of contents, {size} are there");
            self.findings.push(Finding::new(Severity::Mismatch, "ewf-ltree-size", first.to_owned(), text));
        }
        size
    }

    /// Tables by their first chunk; what overlaps is left out, and counts are compared.
    fn order_tables(&mut self, geometry: &Geometry, first: &str) {
        self.tables.sort_by_key(|table| table.first_chunk);
        let mut covered = 0_u64;
        let mut overlapping = 0_u64;
        self.tables.retain(|table| {
            let fits = table.first_chunk >= covered;
            overlapping = overlapping.saturating_add(u64::from(!fits));
            covered = if fits { table.first_chunk.saturating_add(u64::from(table.count)) } else { covered };
            fits
        });
        let place = || first.to_owned();
        if overlapping > 0 {
            let text = format!("{overlapping} sector tables speak of chunks of other tables; they are left out");
            self.findings.push(Finding::new(Severity::Mismatch, "ewf2-table", place(), text));
        }
        let total = geometry.size_bytes.div_ceil(geometry.chunk_bytes);
        let held: u64 = self.tables.iter().map(|table| u64::from(table.count)).sum();
        let told = self.case.as_ref().and_then(|case| case.number("tb")).filter(|_| self.tree.is_none());
        if self.complete && (held != total || told.is_some_and(|told| told != total)) {
            let told = told.map_or_else(|| "nothing".to_owned(), |told| told.to_string());
            let text = format!("{total} chunks make up the medium, the case data tells {told}, the tables hold {held}");
            self.findings.push(Finding::new(Severity::Mismatch, "ewf-chunk-count", place(), text));
        }
    }

    fn description(&self, family: Kind, geometry: &Geometry, parts: &[(Part, Walked)]) -> Description {
        let whole = ByteRange::new(0, geometry.size_bytes);
        let sector = u64::from(geometry.sector_bytes);
        let gap = |&(first, count): &(u64, u32)| {
            ByteRange::new(first.saturating_mul(sector), u64::from(count).saturating_mul(sector)).intersect(whole)
        };
        // What is listed behind the end of the medium is no part of it.
        let mut gaps: Vec<ByteRange> = self.gaps.iter().map(gap).filter(|gap| !gap.is_empty()).collect();
        gaps.sort_unstable();
        let title = match family {
            Kind::Medium => "Expert Witness, version 2 (Ex01)".to_owned(),
            Kind::Logical => {
                let files = self.tree.as_ref().map_or(0, Tree::len);
                format!("Logical evidence, version 2 (Lx01), {files} files and folders")
            }
        };
        let segment =
            |(part, _): &(Part, Walked)| SegmentInfo { name: part.name.clone(), size_bytes: part.source.size() };
        Description {
            format: if family == Kind::Medium { "ex01" } else { "lx01" },
            title,
            size_bytes: geometry.size_bytes,
            sector_bytes: geometry.sector_bytes,
            chunk_bytes: u32::try_from(geometry.chunk_bytes).ok(),
            padding_bytes: 0,
            metadata: self.metadata(),
            stored: self.stored.clone(),
            gaps,
            segments: parts.iter().map(segment).collect(),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        let objects = [&self.case, &self.device];
        let mut all: Vec<_> = objects.into_iter().flatten().flat_map(Object::metadata).collect();
        if let Some(device) = &self.device {
            let media = match device.get("dt") {
                Some("f") => "fixed disk",
                Some("r") => "removable disk",
                Some("c") => "optical disc",
                Some("m") => "memory",
                Some("a") => "RAM disk",
                Some("p") => "PALM",
                Some("l") => "single files",
                _ => "unknown",
            };
            all.push(("media_type", media.to_owned()));
            let physical = device.get("ph") == Some("1");
            all.push(("media_kind", if physical { "physical" } else { "logical" }.to_owned()));
        }
        all.push(("compression", self.method.title().to_owned()));
        all.push(("set_identifier", exhibit_evidence::to_hex(&self.set_id)));
        let audio = |audio: bool| if audio { "audio" } else { "data" };
        let session =
            |&(sector, is_audio): &(u64, bool)| ("session", format!("{} from sector {sector}", audio(is_audio)));
        all.extend(self.sessions.iter().map(session));
        let sources = self.tree.iter().flat_map(|tree| &tree.sources);
        all.extend(sources.map(|source| ("source", source.clone())));
        all
    }
}

/// MD5 and text, if `bytes` begin with the header that a tree has in an L01.
fn with_header(bytes: &[u8]) -> Option<([u8; 16], &[u8])> {
    let (head, text) = bytes.split_first_chunk::<LTREE_HEADER_BYTES>()?;
    let mut blank = *head;
    blank.get_mut(24..28)?.fill(0);
    let length = usize::try_from(u64_at(head, 16)).ok()?;
    let text = text.get(..length)?;
    (u32_at(head, 24) == adler32(&blank)).then_some(())?;
    Some((*head.first_chunk()?, text))
}
