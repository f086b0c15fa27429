//! Walking the sections of one segment file.

use exhibit_evidence::{Finding, ReadFault, Severity, Source};

use super::layout::{DESCRIPTOR_BYTES, FILE_HEADER_BYTES, SECTIONS_MAX, adler32, u32_at, u64_at};
use crate::Part;

/// A section as its descriptor tells it. Offsets are from the start of its segment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// Type, for example `sectors`, padded with zeros. Not a `Vec`: a medium of 20 TB has two million sections.
    kind: [u8; 16],
    /// Where its descriptor begins.
    pub(super) offset: u64,
    /// Where its payload ends.
    pub(super) end: u64,
}

impl Section {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.name() == kind.as_bytes()
    }

    /// Type without its padding.
    fn name(&self) -> &[u8] {
        self.kind.split(|&byte| byte == 0).next().unwrap_or_default()
    }

    /// Type for people.
    pub(super) fn title(&self) -> String {
        String::from_utf8_lossy(self.name()).into_owned()
    }

    /// Where its payload begins.
    pub(super) fn payload(&self) -> u64 {
        self.offset.saturating_add(DESCRIPTOR_BYTES as u64)
    }

    /// Bytes of payload.
    pub(super) fn payload_bytes(&self) -> u64 {
        self.end.saturating_sub(self.payload())
    }
}

/// A segment file, walked.
pub(super) struct Walked {
    /// The number in its file header.
    pub(super) number: u16,
    /// Its sections, in order.
    pub(super) sections: Vec<Section>,
    /// What is wrong with it.
    pub(super) findings: Vec<Finding>,
}

/// Reads `length` bytes at `offset` of `part`.
pub(in crate::formats) fn bytes_at(part: &Part, offset: u64, length: usize) -> Result<Vec<u8>, ReadFault> {
    ReadFault::check_bounds(offset, length, part.source.size())?; // before allocating what a hostile length asks for
    let mut bytes = vec![0; length];
    part.source.read_at(offset, &mut bytes)?;
    Ok(bytes)
}

/// A mismatch in `part`.
pub(in crate::formats) fn mismatch(
    code: &str,
    part: &Part,
    structure: &str,
    offset: u64,
    text: impl Into<String>,
) -> Finding {
    Finding::new(Severity::Mismatch, code, format!("{}: {structure}", part.name), text).at(offset)
}

/// Walks `part` from its file header to `next` or `done`. Total: every step goes forward and is bounded by the file.
/// `None` if the file does not begin with `signature`.
pub(super) fn walk(part: &Part, signature: &[u8; 8]) -> Result<Option<Walked>, ReadFault> {
    let size = part.source.size();
    if size < FILE_HEADER_BYTES as u64 {
        return Ok(None);
    }
    let header = bytes_at(part, 0, FILE_HEADER_BYTES)?;
    if !header.starts_with(signature) {
        return Ok(None);
    }
    let number = header.get(9..11).and_then(|field| field.first_chunk()).map_or(0, |field| u16::from_le_bytes(*field));
    let mut walked = Walked { number, sections: Vec::new(), findings: Vec::new() };
    if header.get(8) != Some(&1) || header.get(11..13) != Some(&[0, 0]) {
        let text = "fields must begin with 0x01 and end with 0x0000";
        walked.findings.push(mismatch("ewf-file-header", part, "file header", 8, text));
    }
    let mut offset = FILE_HEADER_BYTES as u64;
    let ended = loop {
        if walked.sections.len() >= SECTIONS_MAX {
            let text = format!("more than {SECTIONS_MAX} sections; the rest is not read");
            walked.findings.push(mismatch("ewf-limit", part, "sections", offset, text));
            break false;
        }
        match step(part, offset, &mut walked.findings)? {
            Step::Section(section, next) => {
                walked.sections.push(section);
                offset = next;
            }
            Step::End(section) => {
                offset = section.end;
                walked.sections.push(section);
                break true;
            }
            Step::Broken => break false,
        }
    };
    if ended && offset != size {
        let text = format!("{} bytes follow the last section", size.saturating_sub(offset));
        walked.findings.push(mismatch("ewf-trailing-data", part, "end of file", offset, text));
    }
    Ok(Some(walked))
}

enum Step {
    Section(Section, u64),
    End(Section),
    Broken,
}

/// Reads the descriptor at `offset`.
fn step(part: &Part, offset: u64, findings: &mut Vec<Finding>) -> Result<Step, ReadFault> {
    let size = part.source.size();
    let mut broken = |text: String| {
        findings.push(mismatch("ewf-section", part, "section descriptor", offset, text));
        Step::Broken
    };
    if offset.saturating_add(DESCRIPTOR_BYTES as u64) > size {
        return Ok(broken(format!("the file ends after {size} bytes, before the end of the section chain")));
    }
    let descriptor = bytes_at(part, offset, DESCRIPTOR_BYTES)?;
    let kind: [u8; 16] = descriptor.first_chunk().copied().unwrap_or_default();
    let (next, length) = (u64_at(&descriptor, 16), u64_at(&descriptor, 24));
    let (stored, computed) = (u32_at(&descriptor, 72), adler32(descriptor.get(..72).unwrap_or_default()));
    if stored != computed {
        return Ok(broken(format!("checksum {stored:08x}, computed {computed:08x}")));
    }
    let name = kind.split(|&byte| byte == 0).next().unwrap_or_default();
    let last = name == b"next" || name == b"done";
    let after = offset.saturating_add(DESCRIPTOR_BYTES as u64);
    if last {
        // EnCase points to the descriptor itself, SMART behind it.
        let itself = next == offset || (next == after && length == DESCRIPTOR_BYTES as u64);
        if !itself || (length != 0 && length != DESCRIPTOR_BYTES as u64) {
            let text = format!("the last section must point to itself; it points to {next} and has size {length}");
            findings.push(mismatch("ewf-section", part, "section descriptor", offset, text));
        }
        return Ok(Step::End(Section { kind, offset, end: after }));
    }
    // Expert Witness 1.35 leaves every size 0; otherwise size and next must agree: a file in which they differ shows
    // different contents to tools that follow one or the other.
    let end = if length == 0 { next } else { offset.saturating_add(length) };
    if end != next {
        return Ok(broken(format!("size {length} and next offset {next} contradict each other")));
    }
    if next < after || next > size {
        return Ok(broken(format!("points to {next}, outside {after} to {size}")));
    }
    Ok(Step::Section(Section { kind, offset, end }, next))
}
