//! Walking the sections of one segment file, from its end.

use exhibit_evidence::{Finding, ReadFault, Severity, Source};

use super::super::ewf::layout::{adler32, u32_at, u64_at};
use super::super::ewf::section::{bytes_at, mismatch};
use super::layout::{DESCRIPTOR_BYTES, FILE_HEADER_BYTES, title};
use crate::Part;

/// Sections in a file, as in version 1.
const SECTIONS_MAX: usize = 4_000_000;
/// Bytes that are searched for an older descriptor where one is damaged: the chain leads backwards, and without this a
/// file that lost its last byte would have lost everything. A section of chunks has some 30 MiB.
const SEARCH_BYTES_MAX: u64 = 256 << 20;
/// Descriptors lie at multiples of this.
const ALIGNMENT: u64 = 16;
/// Findings kept about one file.
const FINDINGS_MAX: usize = 1000;

/// A section as its descriptor tells it. Offsets are from the start of its segment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) kind: u32,
    pub(super) flags: u32,
    /// Where its descriptor begins: behind its data.
    pub(super) offset: u64,
    /// Bytes of data, padding included.
    pub(super) length: u64,
    /// Bytes of padding among them.
    pub(super) padding: u32,
    /// MD5 of the data; meaningful only if the flag says so.
    pub(super) md5: [u8; 16],
    /// The descriptor before it; 0 if it is the first.
    previous: u64,
}

impl Section {
    /// Where its data begins.
    pub(super) fn data(&self) -> u64 {
        self.offset.saturating_sub(self.length)
    }
}

/// A segment file, walked.
pub(super) struct Walked {
    /// Compression method of its file header.
    pub(super) compression: u16,
    /// The number in its file header, from 1.
    pub(super) number: u32,
    /// Identifier of the set it belongs to.
    pub(super) set_id: [u8; 16],
    /// Its sections, in the order of the file.
    pub(super) sections: Vec<Section>,
    /// Whether the last section is the last thing in the file.
    pub(super) ends: bool,
    /// What is wrong with it.
    pub(super) findings: Vec<Finding>,
}

/// Walks `part`. Total: every step goes towards the beginning. `None` if it does not begin with `signature`.
pub(super) fn walk(part: &Part, signature: &[u8; 8]) -> Result<Option<Walked>, ReadFault> {
    let size = part.source.size();
    if size < FILE_HEADER_BYTES as u64 {
        return Ok(None);
    }
    let header = bytes_at(part, 0, FILE_HEADER_BYTES)?;
    if !header.starts_with(signature) {
        return Ok(None);
    }
    let mut walk = Walk { part, findings: Vec::new(), searched: 0 };
    if header.get(8) != Some(&2) {
        let version = header.get(8).copied().unwrap_or(0);
        walk.wrong("ewf2-file-header", 8, format!("major version {version}, expected 2"));
    }
    let mut sections = Vec::new();
    let end = size.checked_sub(DESCRIPTOR_BYTES as u64).filter(|end| *end >= FILE_HEADER_BYTES as u64);
    let (mut next, ends) = match end {
        None => (None, false),
        Some(end) => walk.descriptor_or_before(end)?,
    };
    while let Some(section) = next {
        if sections.len() >= SECTIONS_MAX {
            walk.wrong(
                "ewf-limit",
                section.offset,
                format!("more than {SECTIONS_MAX} sections; those before are not read"),
            );
            break;
        }
        next = walk.before(&section)?;
        sections.push(section);
    }
    sections.reverse();
    Ok(Some(Walked {
        compression: header
            .get(10..12)
            .and_then(|field| field.first_chunk())
            .map_or(0, |field| u16::from_le_bytes(*field)),
        number: u32_at(&header, 12),
        set_id: header.get(16..32).and_then(|id| id.first_chunk()).copied().unwrap_or_default(),
        sections,
        ends,
        findings: walk.findings,
    }))
}

struct Walk<'a> {
    part: &'a Part,
    findings: Vec<Finding>,
    searched: u64,
}

impl Walk<'_> {
    fn wrong(&mut self, code: &str, offset: u64, text: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(mismatch(code, self.part, "section descriptor", offset, text));
        }
    }

    /// The section before `section`.
    fn before(&mut self, section: &Section) -> Result<Option<Section>, ReadFault> {
        let behind = section.previous.saturating_add(DESCRIPTOR_BYTES as u64);
        let first = section.previous == 0;
        let begins = if first { FILE_HEADER_BYTES as u64 } else { behind };
        if begins > section.data() {
            let text = format!("points to {} before it, and its data begins at {}", section.previous, section.data());
            self.wrong("ewf2-section", section.offset, text);
            return Ok(None);
        }
        if begins < section.data() {
            // Seen where an acquisition was stopped and gone on with.
            let text = format!("{} bytes before its data belong to no section", section.data().saturating_sub(begins));
            if self.findings.len() < FINDINGS_MAX {
                let place = format!("{}: {}", self.part.name, title(section.kind));
                self.findings.push(Finding::new(Severity::Note, "ewf2-unclaimed-bytes", place, text).at(begins));
            }
        }
        if first { Ok(None) } else { self.descriptor_or_before(section.previous).map(|(section, _)| section) }
    }

    /// The descriptor at `at`, or the nearest whole one before it; and whether it is the one at `at`.
    fn descriptor_or_before(&mut self, at: u64) -> Result<(Option<Section>, bool), ReadFault> {
        let bytes = bytes_at(self.part, at, DESCRIPTOR_BYTES)?;
        match parse(&bytes, at) {
            Ok(section) => Ok((Some(section), true)),
            Err(text) => {
                self.wrong("ewf2-section", at, text);
                Ok((self.search(at)?, false))
            }
        }
    }

    /// The last whole descriptor that begins before `from`.
    fn search(&mut self, from: u64) -> Result<Option<Section>, ReadFault> {
        const WINDOW: u64 = 1 << 20;
        let lowest = FILE_HEADER_BYTES as u64;
        let mut end = from.next_multiple_of(ALIGNMENT).saturating_sub(ALIGNMENT);
        while end >= lowest && self.searched < SEARCH_BYTES_MAX {
            let start = end.saturating_sub(WINDOW).max(lowest);
            let reach = end.saturating_add(DESCRIPTOR_BYTES as u64).min(self.part.source.size());
            let length = usize::try_from(reach.saturating_sub(start)).unwrap_or(0);
            let window = bytes_at(self.part, start, length)?;
            self.searched = self.searched.saturating_add(length as u64);
            let mut at = end;
            while at >= start {
                let within = usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
                let bytes = window.get(within..within.saturating_add(DESCRIPTOR_BYTES)).unwrap_or_default();
                // The size of the descriptor in itself is looked at first: it rules out nearly everything cheaply.
                if u32_at(bytes, 24) == DESCRIPTOR_BYTES as u32
                    && let Ok(section) = parse(bytes, at)
                {
                    return Ok(Some(section));
                }
                at = at.saturating_sub(ALIGNMENT);
            }
            if start == lowest {
                break;
            }
            end = start.saturating_sub(ALIGNMENT);
        }
        Ok(None)
    }
}

/// The descriptor in `bytes`, which begins at `at`.
fn parse(bytes: &[u8], at: u64) -> Result<Section, String> {
    let (stored, computed) = (u32_at(bytes, 60), adler32(bytes.get(..60).unwrap_or_default()));
    if bytes.len() != DESCRIPTOR_BYTES || stored != computed {
        return Err(format!("checksum {stored:08x}, computed {computed:08x}"));
    }
    let (previous, length, size) = (u64_at(bytes, 8), u64_at(bytes, 16), u32_at(bytes, 24));
    if size != DESCRIPTOR_BYTES as u32 {
        return Err(format!("a descriptor of {size} bytes, expected {DESCRIPTOR_BYTES}"));
    }
    let room = at.saturating_sub(FILE_HEADER_BYTES as u64);
    if length > room || (previous != 0 && (previous < FILE_HEADER_BYTES as u64 || previous >= at)) {
        return Err(format!("{length} bytes of data and the descriptor at {previous} do not lie before it"));
    }
    let md5 = bytes.get(32..48).and_then(|md5| md5.first_chunk()).copied().unwrap_or_default();
    let (kind, flags, padding) = (u32_at(bytes, 0), u32_at(bytes, 4), u32_at(bytes, 28));
    Ok(Section { kind, flags, offset: at, length, padding, md5, previous })
}
