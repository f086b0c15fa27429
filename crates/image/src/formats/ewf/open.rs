//! From segment files to an image: order, metadata, chunk tables, and all that is missing or contradicts itself.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Digest, DigestSet, Finding, Outcome, Severity};

use super::complaints::Complaints;
use super::geometry::{Geometry, geometry};
use super::header;
use super::layout::{
    ADCRYPT, CHECKSUM_BYTES, DIGEST_BYTES, ERROR2_HEADER_BYTES, ERRORS_MAX, EVF, HASH_BYTES, HEADER_PAYLOAD_MAX, LVF,
    SESSION_AUDIO, SESSION_ENTRY_BYTES, SESSION_HEADER_BYTES, SESSIONS_MAX, TABLE_HEADER_BYTES, VOLUME_BYTES,
    VOLUME_SMART_BYTES, adler32, u32_at,
};
use super::logical;
use super::read::EwfImage;
use super::section::{Section, Walked, bytes_at, mismatch, walk};
use super::table::{TableRef, read_header};
use crate::ltree::{LogicalImage, Tree};
use crate::{Description, Image, ImageError, Part, SegmentInfo};

/// The two kinds of image that have these sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// E01, S01: a medium.
    Medium,
    /// L01: files.
    Logical,
}

impl Kind {
    const fn signature(self) -> &'static [u8; 8] {
        match self {
            Self::Medium => EVF,
            Self::Logical => LVF,
        }
    }
}

/// Opens an image of a medium.
pub(super) fn open(parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    open_as(parts, Kind::Medium)
}

/// Opens an image of either kind.
pub(super) fn open_as(parts: Vec<Part>, kind: Kind) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let mut assembly = Assembly::default();
    let parts = assembly.order(parts, kind)?;
    for (index, (part, walked)) in parts.iter().enumerate() {
        assembly.sections(index, part, walked)?;
    }
    let first = parts.first().map(|(part, _)| part.name.clone()).unwrap_or_default();
    let Some(mut geometry) = assembly.geometry else {
        if assembly.missing.iter().any(|(before, _)| *before == 0) {
            let text =
                "the first segment is missing, and nothing else tells the size of the medium in images of this kind";
            return Err(ImageError::Unsupported(format!("{first}: {text}; look for it, and put it beside this file")));
        }
        let text = "no readable volume section: size and chunk size of the medium are unknown".to_owned();
        return Err(ImageError::Corrupt { part: first, structure: "volume", offset: 0, text });
    };
    match kind {
        Kind::Medium => assembly.compare_counts(&geometry, &first),
        Kind::Logical => assembly.measure(&mut geometry, &parts, &first),
    }
    assembly.place_tables(&geometry);
    let mut description = assembly.description(kind, &geometry, &parts);
    let stored_bytes = description.size_bytes;
    let source_parts = parts.into_iter().map(|(part, _)| part).collect();
    let mut image = EwfImage::new(source_parts, assembly.tables, geometry, description.clone());
    let true_length = description.metadata.iter().position(|(key, _)| *key == "notes").and_then(|index| {
        let (_, notes) = description.metadata.get_mut(index)?;
        let (length, rest) = header::length_in_notes(notes).map(|(length, rest)| (length, rest.to_owned()))?;
        *notes = rest;
        description.metadata.retain(|(_, value)| !value.is_empty());
        Some(length)
    });
    if let Some(length) = true_length.filter(|_| kind == Kind::Medium) {
        assembly.findings.extend(image.pad(length, stored_bytes, description));
    }
    let image: Arc<dyn Image> = match kind {
        Kind::Medium => Arc::new(image),
        Kind::Logical => Arc::new(LogicalImage::new(Arc::new(image), assembly.tree.unwrap_or_default())),
    };
    Ok(Outcome { value: image, findings: assembly.findings.into_list(first) })
}

/// What is gathered from all segment files.
#[derive(Default)]
struct Assembly {
    findings: Complaints,
    geometry: Option<Geometry>,
    metadata: Vec<(&'static str, String)>,
    metadata_is_wide: bool,
    stored: DigestSet,
    gaps: Vec<(u32, u32)>,
    tables: Vec<TableRef>,
    /// Sessions of an optical disc: first sector, whether audio.
    sessions: Vec<(u32, bool)>,
    /// Files of a logical image.
    tree: Option<Tree>,
    /// Index of the first part after a hole in the numbering, and how many are missing there.
    missing: Vec<(usize, u32)>,
    sections_seen: Vec<String>,
}

impl Assembly {
    /// Parts by the number in their header; duplicates, strangers and holes become findings.
    fn order(&mut self, parts: Vec<Part>, kind: Kind) -> Result<Vec<(Part, Walked)>, ImageError> {
        let mut walked = Vec::new();
        for part in parts {
            refuse_by_name(&part)?;
            let read = |fault| ImageError::Read { part: part.name.clone(), fault };
            match walk(&part, kind.signature()).map_err(read)? {
                Some(result) => walked.push((part, result)),
                // A log or text file that happens to have a three-letter extension lies beside many images.
                None => {
                    let text = "not a segment file: it does not begin as the others do; left out";
                    self.findings.push(Finding::new(Severity::Note, "ewf-stranger", part.name.clone(), text));
                }
            }
        }
        walked.sort_by_key(|(_, walked)| walked.number);
        let mut expected = 1_u16;
        let mut kept: Vec<(Part, Walked)> = Vec::new();
        for (part, mut walked) in walked {
            self.findings.extend(std::mem::take(&mut walked.findings));
            if walked.number < expected {
                let text = format!("segment {} is there twice; this one is left out", walked.number);
                self.findings.push(Finding::new(Severity::Mismatch, "ewf-segment-twice", part.name.clone(), text));
                continue;
            }
            if walked.number > expected {
                let count = walked.number.saturating_sub(expected);
                let text = format!("segments {expected} to {} are missing", walked.number.saturating_sub(1));
                self.findings.push(Finding::new(Severity::Incomplete, "ewf-segment-missing", part.name.clone(), text));
                self.missing.push((kept.len(), u32::from(count)));
            }
            expected = walked.number.saturating_add(1);
            kept.push((part, walked));
        }
        let complete =
            kept.last().is_some_and(|(_, walked)| walked.sections.last().is_some_and(|last| last.is("done")));
        if let (false, Some((part, walked))) = (complete, kept.last()) {
            let text = match walked.sections.last() {
                Some(last) if last.is("next") => format!("segment {expected} and what follows it are missing"),
                _ => "the segment has no end: the acquisition was not finished, or the file was cut".to_owned(),
            };
            self.findings.push(Finding::new(Severity::Incomplete, "ewf-segment-missing", part.name.clone(), text));
            self.missing.push((kept.len(), 1));
        }
        match kept.is_empty() {
            false => Ok(kept),
            true => Err(ImageError::Usage("none of the files is a segment of the image".to_owned())),
        }
    }

    /// Everything but the chunk data of one segment file.
    fn sections(&mut self, index: usize, part: &Part, walked: &Walked) -> Result<(), ImageError> {
        let read = |fault| ImageError::Read { part: part.name.clone(), fault };
        let mut data_end = None;
        for section in &walked.sections {
            let kind = section.title();
            match kind.as_str() {
                "header" | "header2" => self.header(part, section, kind == "header2").map_err(read)?,
                "volume" | "disk" | "data" => self.volume(part, section).map_err(read)?,
                "sectors" => data_end = Some(section.end),
                "table" => self.table(index, part, section, data_end).map_err(read)?,
                "table2" => self.table2(part, section).map_err(read)?,
                "hash" => self.digests(part, section, HASH_BYTES).map_err(read)?,
                "digest" => self.digests(part, section, DIGEST_BYTES).map_err(read)?,
                "error2" => self.errors(part, section).map_err(read)?,
                "session" => self.sessions(part, section).map_err(read)?,
                "xhash" => self.extended_digests(part, section).map_err(read)?,
                "ltree" => {
                    let tree = logical::read_tree(part, section, &mut |finding| self.findings.push(finding));
                    self.tree = tree.map_err(read)?.or(self.tree.take());
                }
                // ltypes and map say how EnCase shows the files; xheader repeats header2.
                "next" | "done" | "xheader" | "ltypes" | "map" => {}
                "incomplete" => {
                    let text = "the image says of itself that it is incomplete";
                    self.findings.push(mismatch("ewf-incomplete", part, "incomplete", section.offset, text));
                }
                other => {
                    let text = format!("unknown section {other:?}; its contents were not looked at");
                    let place = format!("{}: section", part.name);
                    let finding = Finding::new(Severity::Note, "ewf-section-unknown", place, text);
                    self.findings.push(finding.at(section.offset));
                }
            }
            if !self.sections_seen.contains(&kind) && self.sections_seen.len() < 64 {
                self.sections_seen.push(kind);
            }
        }
        Ok(())
    }

    fn header(&mut self, part: &Part, section: &Section, wide: bool) -> Result<(), exhibit_evidence::ReadFault> {
        let length = usize::try_from(section.payload_bytes().min(HEADER_PAYLOAD_MAX)).unwrap_or(0);
        let payload = bytes_at(part, section.payload(), length)?;
        let name = if wide { "header2" } else { "header" };
        match header::read(&payload, wide) {
            // header2 has the exact text, header only its ASCII shadow: the wide one wins, the first of its kind counts.
            Ok(values) if self.metadata.is_empty() || (wide && !self.metadata_is_wide) => {
                (self.metadata, self.metadata_is_wide) = (values, wide);
            }
            Ok(values) if wide == self.metadata_is_wide && values != self.metadata => {
                let text = "the repeated header differs from the first one";
                self.findings.push(mismatch("ewf-header-copy", part, name, section.payload(), text));
            }
            Ok(_) => {}
            Err(text) => self.findings.push(mismatch("ewf-header", part, name, section.payload(), text)),
        }
        Ok(())
    }

    fn volume(&mut self, part: &Part, section: &Section) -> Result<(), exhibit_evidence::ReadFault> {
        let name = section.title();
        let at = section.payload();
        let length = usize::try_from(section.payload_bytes()).unwrap_or(usize::MAX);
        if length != VOLUME_BYTES && length != VOLUME_SMART_BYTES {
            let text = format!("{length} bytes, expected {VOLUME_BYTES} or {VOLUME_SMART_BYTES}");
            self.findings.push(mismatch("ewf-volume", part, &name, at, text));
            return Ok(());
        }
        let bytes = bytes_at(part, at, length)?;
        let body = length.saturating_sub(CHECKSUM_BYTES);
        let (stored, computed) = (u32_at(&bytes, body), adler32(bytes.get(..body).unwrap_or_default()));
        // Logicube firmware before 2013 leaves the checksum of `data` zero: known, harmless, worth a note.
        let tolerated = stored == 0 && name == "data";
        if stored != computed {
            let text = format!("checksum {stored:08x}, computed {computed:08x}");
            let mut finding = mismatch("ewf-volume", part, &name, at.saturating_add(body as u64), text);
            if tolerated {
                finding.severity = Severity::Note;
            }
            self.findings.push(finding);
            if !tolerated {
                return Ok(());
            }
        }
        match (geometry(&bytes), self.geometry) {
            (Err(text), _) => self.findings.push(mismatch("ewf-volume", part, &name, at, text)),
            (Ok(new), None) => self.geometry = Some(new),
            (Ok(new), Some(old)) if new != old => {
                let text =
                    "geometry or set identifier differs from the first segment's: segments of two images are mixed";
                self.findings.push(mismatch("ewf-volume-differs", part, &name, at, text));
            }
            (Ok(_), Some(_)) => {}
        }
        Ok(())
    }

    fn table(
        &mut self,
        index: usize,
        part: &Part,
        section: &Section,
        data_end: Option<u64>,
    ) -> Result<(), exhibit_evidence::ReadFault> {
        match read_header(part, section)? {
            Err(finding) => self.findings.push(finding),
            Ok(head) => {
                let entries_at = section.payload().saturating_add(TABLE_HEADER_BYTES as u64);
                let after = entries_at.saturating_add(u64::from(head.count).saturating_mul(4));
                let smart = self.geometry.is_some_and(|geometry| geometry.smart);
                // Without a `sectors` section the chunks lie behind the entries, inside the table section.
                let checksum = !smart && after.saturating_add(CHECKSUM_BYTES as u64) <= section.end;
                self.tables.push(TableRef {
                    part: index,
                    first_chunk: 0,
                    count: head.count,
                    entries_at,
                    base: head.base,
                    data_end: data_end.unwrap_or(section.end),
                    copy_at: None,
                    checksum,
                });
            }
        }
        Ok(())
    }

    fn table2(&mut self, part: &Part, section: &Section) -> Result<(), exhibit_evidence::ReadFault> {
        match (read_header(part, section)?, self.tables.last_mut()) {
            (Ok(copy), Some(table)) if copy.count == table.count && copy.base == table.base => {
                table.copy_at = Some(section.payload().saturating_add(TABLE_HEADER_BYTES as u64));
            }
            (Ok(_), _) => {
                let text = "does not have the header of the table before it";
                self.findings.push(mismatch("ewf-table-copy", part, "table2", section.payload(), text));
            }
            (Err(finding), _) => self.findings.push(finding),
        }
        Ok(())
    }

    fn digests(&mut self, part: &Part, section: &Section, length: usize) -> Result<(), exhibit_evidence::ReadFault> {
        let name = section.title();
        let at = section.payload();
        let wrong = |text: String| mismatch("ewf-digest-section", part, &name, at, text);
        if section.payload_bytes() != length as u64 {
            self.findings.push(wrong(format!("{} bytes, expected {length}", section.payload_bytes())));
            return Ok(());
        }
        let bytes = bytes_at(part, at, length)?;
        let body = length.saturating_sub(CHECKSUM_BYTES);
        let (stored, computed) = (u32_at(&bytes, body), adler32(bytes.get(..body).unwrap_or_default()));
        if stored != computed {
            self.findings.push(wrong(format!("checksum {stored:08x}, computed {computed:08x}")));
            return Ok(());
        }
        let mut digests = vec![("md5", bytes.get(..16).unwrap_or_default())];
        if name == "digest" {
            digests.push(("sha1", bytes.get(16..36).unwrap_or_default()));
        }
        for (algorithm, value) in digests {
            if value.iter().any(|&byte| byte != 0) {
                self.digest(part, &name, at, &Digest::new(algorithm, value));
            } // all zero means "not set"
        }
        Ok(())
    }

    /// Takes a stored digest, which must not contradict another one.
    fn digest(&mut self, part: &Part, name: &str, at: u64, digest: &Digest) {
        match self.stored.get(digest.algorithm()) {
            Some(other) if other != digest.hex() => {
                let text = format!("{} {digest}, another section has {other}", digest.algorithm());
                self.findings.push(mismatch("ewf-digests-differ", part, name, at, text));
            }
            _ => self.stored.insert(digest),
        }
    }

    /// `xhash` of EWFX: compressed XML with digests.
    fn extended_digests(&mut self, part: &Part, section: &Section) -> Result<(), exhibit_evidence::ReadFault> {
        let length = usize::try_from(section.payload_bytes().min(HEADER_PAYLOAD_MAX)).unwrap_or(0);
        let payload = bytes_at(part, section.payload(), length)?;
        match header::extended_digests(&payload) {
            Ok(digests) => digests.iter().for_each(|digest| self.digest(part, "xhash", section.payload(), digest)),
            Err(text) => self.findings.push(mismatch("ewf-header", part, "xhash", section.payload(), text)),
        }
        Ok(())
    }

    fn errors(&mut self, part: &Part, section: &Section) -> Result<(), exhibit_evidence::ReadFault> {
        let list = counted_list(part, section, ERROR2_HEADER_BYTES, 8)?;
        let entries = self.list(part, "ewf-error2", section, list);
        self.gaps.extend(entries.as_chunks::<8>().0.iter().map(|entry| (u32_at(entry, 0), u32_at(entry, 4))));
        Ok(())
    }

    fn sessions(&mut self, part: &Part, section: &Section) -> Result<(), exhibit_evidence::ReadFault> {
        let list = counted_list(part, section, SESSION_HEADER_BYTES, SESSION_ENTRY_BYTES)?;
        let entries = self.list(part, "ewf-session", section, list);
        let session = |entry: &[u8]| (u32_at(entry, 4), u32_at(entry, 0) & SESSION_AUDIO != 0);
        self.sessions.extend(entries.chunks(SESSION_ENTRY_BYTES).take(SESSIONS_MAX).map(session));
        Ok(())
    }

    /// The entries of a list, what is wrong with it told.
    fn list(&mut self, part: &Part, code: &str, section: &Section, list: List) -> Vec<u8> {
        if let Some(text) = list.wrong {
            self.findings.push(mismatch(code, part, &section.title(), section.payload(), text));
        }
        list.entries
    }

    /// Sectors, chunks and tables must tell the same number of chunks.
    fn compare_counts(&mut self, geometry: &Geometry, first: &str) {
        let total = geometry.sectors.saturating_mul(u64::from(geometry.sector_bytes)).div_ceil(geometry.chunk_bytes);
        let tables: u64 = self.tables.iter().map(|table| u64::from(table.count)).sum();
        if self.missing.is_empty() && (tables != total || u64::from(geometry.chunks) != total) {
            let text = format!(
                "{total} chunks make up the medium, the volume section counts {}, the tables hold {tables}",
                geometry.chunks
            );
            self.findings.push(Finding::new(Severity::Mismatch, "ewf-chunk-count", first.to_owned(), text));
        }
    }

    /// Size and chunks of a logical image.
    fn measure(&mut self, geometry: &mut Geometry, parts: &[(Part, Walked)], first: &str) {
        let parts: Vec<&Part> = parts.iter().map(|(part, _)| part).collect();
        let total = self.tree.as_ref().and_then(|tree| tree.total_bytes);
        let remark = logical::measure(geometry, &parts, &self.tables, self.missing.is_empty(), total);
        let finding = |(code, severity, text)| Finding::new(severity, code, first.to_owned(), text);
        self.findings.extend(remark.map(finding));
        if self.tree.is_none() {
            let text = "there is no list of files that can be read: no file of this image can be opened";
            self.findings.push(Finding::new(Severity::Incomplete, "ewf-ltree", first.to_owned(), text));
        }
    }

    /// Numbers the chunks of each table. Tables after one hole in the segments are counted back from the end; what lies
    /// between two holes cannot be placed and reads as missing.
    fn place_tables(&mut self, geometry: &Geometry) {
        let total = geometry.sectors.saturating_mul(u64::from(geometry.sector_bytes)).div_ceil(geometry.chunk_bytes);
        let first_hole = self.missing.first().map_or(usize::MAX, |(index, _)| *index);
        let last_hole = self.missing.last().map_or(0, |(index, _)| *index);
        let mut next = 0_u64;
        for table in self.tables.iter_mut().take_while(|table| table.part < first_hole) {
            table.first_chunk = next;
            next = next.saturating_add(u64::from(table.count));
        }
        let mut end = total;
        for table in
            self.tables.iter_mut().rev().take_while(|table| table.part >= last_hole && table.part >= first_hole)
        {
            end = end.saturating_sub(u64::from(table.count));
            table.first_chunk = end;
        }
        self.tables.retain(|table| table.part < first_hole || table.part >= last_hole);
        // Contradicting counts (hostile or two holes) must not make tables overlap.
        let mut covered = 0_u64;
        self.tables.retain(|table| {
            let fits = table.first_chunk >= covered;
            covered = if fits { table.first_chunk.saturating_add(u64::from(table.count)) } else { covered };
            fits
        });
    }

    fn description(&self, kind: Kind, geometry: &Geometry, parts: &[(Part, Walked)]) -> Description {
        let sector = u64::from(geometry.sector_bytes);
        let gap = |&(first, count): &(u32, u32)| {
            ByteRange::new(u64::from(first).saturating_mul(sector), u64::from(count).saturating_mul(sector))
        };
        let size_bytes = geometry.sectors.saturating_mul(sector);
        let mut metadata = self.metadata.clone();
        metadata.extend(geometry.metadata());
        let audio = |audio: bool| if audio { "audio" } else { "data" };
        let session =
            |&(sector, is_audio): &(u32, bool)| ("session", format!("{} from sector {sector}", audio(is_audio)));
        metadata.extend(self.sessions.iter().map(session));
        let sources = self.tree.iter().flat_map(|tree| &tree.sources);
        metadata.extend(sources.map(|source| ("source", source.clone())));
        let mut gaps: Vec<ByteRange> = self.gaps.iter().map(gap).collect();
        gaps.sort_unstable();
        Description {
            format: if kind == Kind::Medium { "e01" } else { "l01" },
            title: self.dialect(kind, geometry),
            size_bytes,
            sector_bytes: if kind == Kind::Medium { geometry.sector_bytes } else { 512 },
            chunk_bytes: u32::try_from(geometry.chunk_bytes).ok(),
            padding_bytes: 0,
            metadata,
            stored: self.stored.clone(),
            gaps: gaps.iter().map(|gap| gap.intersect(ByteRange::new(0, size_bytes))).collect(),
            segments: parts
                .iter()
                .map(|(part, _)| SegmentInfo { name: part.name.clone(), size_bytes: part.source.size() })
                .collect(),
        }
    }

    /// The family member, as far as the sections tell it apart.
    fn dialect(&self, kind: Kind, geometry: &Geometry) -> String {
        if kind == Kind::Logical {
            let files = self.tree.as_ref().map_or(0, Tree::len);
            return format!("Logical evidence (L01), {files} files and folders");
        }
        let has = |kind: &str| self.sections_seen.iter().any(|seen| seen == kind);
        let dialect = match (geometry.smart, has("xheader"), has("header2"), has("table2")) {
            (true, ..) => "SMART or original layout",
            (_, true, ..) => "EWFX layout",
            (_, _, true, _) => "EnCase 4 to 7 layout",
            (_, _, _, true) => "EnCase 2/3, FTK Imager or linen layout",
            _ => "EnCase 1 layout",
        };
        format!("Expert Witness (E01), {dialect}")
    }
}

/// A file that a tool of AccessData has encrypted must not be taken for anything else.
fn refuse_by_name(part: &Part) -> Result<(), ImageError> {
    let mut head = [0; 8];
    let length = usize::try_from(part.source.size().min(8)).unwrap_or(0);
    let read = |fault| ImageError::Read { part: part.name.clone(), fault };
    part.source.read_at(0, head.get_mut(..length).unwrap_or_default()).map_err(read)?;
    if &head == ADCRYPT {
        let text = "this file is encrypted by an AccessData tool; decrypt it there first";
        return Err(ImageError::Unsupported(format!("{}: {text}", part.name)));
    }
    Ok(())
}

/// A list with its number of entries in front, and what is wrong with it.
struct List {
    entries: Vec<u8>,
    wrong: Option<String>,
}

/// Reads `error2` or `session`: a header that begins with the count and ends with its checksum, entries, their checksum.
fn counted_list(
    part: &Part,
    section: &Section,
    header: usize,
    entry: usize,
) -> Result<List, exhibit_evidence::ReadFault> {
    let nothing = |wrong: String| Ok(List { entries: Vec::new(), wrong: Some(wrong) });
    if section.payload_bytes() < header as u64 {
        return nothing(format!("{} bytes are too few", section.payload_bytes()));
    }
    let head = bytes_at(part, section.payload(), header)?;
    let count = u32_at(&head, 0);
    let length = u64::from(count).saturating_mul(entry as u64).saturating_add(CHECKSUM_BYTES as u64);
    let fits = length.saturating_add(header as u64) == section.payload_bytes() && count <= ERRORS_MAX;
    let body = header.saturating_sub(CHECKSUM_BYTES);
    if u32_at(&head, body) != adler32(head.get(..body).unwrap_or_default()) || !fits {
        return nothing(format!("damaged header, or {count} entries do not fit"));
    }
    let at = section.payload().saturating_add(header as u64);
    let mut bytes = bytes_at(part, at, usize::try_from(length).unwrap_or(usize::MAX))?;
    let body = bytes.len().saturating_sub(CHECKSUM_BYTES);
    let stored = u32_at(&bytes, body);
    bytes.truncate(body);
    let wrong = (stored != adler32(&bytes)).then(|| "checksum of the entries does not match".to_owned());
    Ok(List { entries: bytes, wrong })
}
