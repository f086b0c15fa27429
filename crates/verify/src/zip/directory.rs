//! The central directory, read from front to back in blocks: what members there are said to be.

use exhibit_evidence::{Finding, ReadFault, Severity, Source};

use super::layout::{CENTRAL_BYTES, Central, EXTRA_UNICODE_PATH, Extras, Fields, IN_ZIP64, IN_ZIP64_SHORT};
use super::profile::{self, Deviations};
use super::{Limits, Member, Method};
use crate::collect::Findings;
use crate::members::{BLOCK_BYTES, unreadable};
use crate::names;
use crate::zip::ending::Ending;
use crate::zip::layout::{FLAG_DESCRIPTOR, FLAG_ENCRYPTED};

/// Reads forward through a range of a source, a block at a time.
struct Forward<'a> {
    source: &'a dyn Source,
    /// Offset of the first byte not yet in `buffer`, and of the end of the range.
    next: u64,
    end: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl<'a> Forward<'a> {
    fn new(source: &'a dyn Source, at: u64, end: u64) -> Self {
        Self { source, next: at, end, buffer: Vec::new(), used: 0 }
    }

    /// Offset of the next byte to be taken.
    fn position(&self) -> u64 {
        self.next.saturating_sub(self.buffer.len().saturating_sub(self.used) as u64)
    }

    /// The next `length` bytes; `None` if the range ends before.
    fn take(&mut self, length: usize) -> Result<Option<&[u8]>, ReadFault> {
        while self.buffer.len().saturating_sub(self.used) < length && self.next < self.end {
            self.buffer.drain(..self.used);
            self.used = 0;
            let more = usize::try_from(self.end - self.next).unwrap_or(usize::MAX).min(BLOCK_BYTES);
            let filled = self.buffer.len();
            self.buffer.resize(filled.saturating_add(more), 0);
            if let Some(space) = self.buffer.get_mut(filled..) {
                self.source.read_at(self.next, space)?;
            }
            self.next = self.next.saturating_add(more as u64);
        }
        let taken = self.buffer.get(self.used..self.used.saturating_add(length));
        if taken.is_some() {
            self.used = self.used.saturating_add(length);
        }
        Ok(taken)
    }
}

/// One central header with all that belongs to it, as found.
pub(crate) struct Found<'a> {
    pub(crate) at: u64,
    pub(crate) header: Central,
    pub(crate) name: &'a [u8],
    pub(crate) extras: Extras,
}

/// The members the directory lists, in its order.
///
/// # Errors
/// A finding, if it cannot be read to its end; the members up to there are lost with it.
pub(crate) fn read(
    source: &dyn Source,
    ending: &Ending,
    limits: &Limits,
    findings: &mut Findings,
    deviations: &mut Deviations,
) -> Result<Vec<Member>, Finding> {
    check_limits(ending, limits)?;
    let end = ending.directory_at.saturating_add(ending.directory_bytes);
    let mut forward = Forward::new(source, ending.directory_at, end);
    let mut members = Vec::new();
    while forward.position() < end {
        if members.len() as u64 >= limits.members_max {
            let text = format!("the directory holds more than {} entries", limits.members_max);
            return Err(Finding::new(Severity::Incomplete, "limit-members", "archive: central directory", text));
        }
        let member = next_member(&mut forward, members.len(), findings, deviations)?;
        members.push(member);
    }
    if members.len() as u64 != ending.entries {
        let text = format!("the end record counts {} entries, the directory holds {}", ending.entries, members.len());
        findings.wrong_at(ending.end_at, "zip-entries", "archive: end of central directory", text);
    }
    Ok(members)
}

fn check_limits(ending: &Ending, limits: &Limits) -> Result<(), Finding> {
    let over = |text: String| Finding::new(Severity::Incomplete, "limit-members", "archive: central directory", text);
    if ending.entries > limits.members_max {
        return Err(over(format!("{} members; this version checks up to {}", ending.entries, limits.members_max)));
    }
    if ending.directory_bytes > limits.directory_bytes_max {
        let (bytes, max) = (ending.directory_bytes, limits.directory_bytes_max);
        return Err(over(format!("a central directory of {bytes} bytes; this version reads up to {max}")));
    }
    Ok(())
}

/// Reads one central header and what follows it.
fn next_member(
    forward: &mut Forward<'_>,
    index: usize,
    findings: &mut Findings,
    deviations: &mut Deviations,
) -> Result<Member, Finding> {
    let at = forward.position();
    let place = format!("archive: central directory, entry {index}");
    let fault = |fault: ReadFault| unreadable("archive: central directory", &fault);
    let cut = |text: &str| Finding::new(Severity::Mismatch, "zip-central", place.clone(), text).at(at);
    let fixed = forward.take(CENTRAL_BYTES).map_err(fault)?.ok_or_else(|| cut("the header is cut short"))?;
    let header = Central::parse(fixed).ok_or_else(|| cut("there is no central header here"))?;
    let name_bytes = usize::from(header.common.name_bytes);
    let extra_bytes = usize::from(header.common.extra_bytes);
    let variable = name_bytes.saturating_add(extra_bytes).saturating_add(usize::from(header.comment_bytes));
    let rest =
        forward.take(variable).map_err(fault)?.ok_or_else(|| cut("name, extra fields or comment are cut short"))?;
    let mut fields = Fields(rest);
    let name = fields.bytes(name_bytes).unwrap_or_default();
    let extras = Extras::parse(fields.bytes(extra_bytes).unwrap_or_default());
    let extras = extras.ok_or_else(|| cut("the extra fields do not fill their space exactly"))?;
    let found = Found { at, header, name, extras };
    deviations.member(at, &place, &profile::central(&found));
    judge(&found, &place, findings)
}

/// Turns a header into a member, with everything wrong about it as findings.
fn judge(found: &Found<'_>, place: &str, findings: &mut Findings) -> Result<Member, Finding> {
    let (header, common) = (&found.header, &found.header.common);
    let wrong = |code: &str, text: String| Finding::new(Severity::Mismatch, code, place, text).at(found.at);
    let name = std::str::from_utf8(found.name).map_err(|_| wrong("zip-name", "the name is not UTF-8".to_owned()))?;
    let (size, compressed, local_at) = zip64_values(found)
        .ok_or_else(|| wrong("zip-zip64", format!("{name}: the zip64 field does not hold exactly what is missing")))?;
    let method = Method::from_id(common.method);
    let is_folder = name.ends_with('/');
    let mut broken = false;
    let mut refuse = |code: &str, text: String| {
        broken = true;
        findings.push(wrong(code, format!("{name}: {text}")));
    };
    if let Some(danger) = names::danger(name.strip_suffix('/').unwrap_or(name)) {
        refuse("zip-name", format!("this name must not be unpacked: {danger}"));
    }
    if method.is_none() {
        refuse("zip-method", format!("compression method {}; only stored (0) and deflate (8) are read", common.method));
    }
    if common.flags & FLAG_ENCRYPTED != 0 {
        refuse("zip-encrypted", "it is encrypted".to_owned());
    }
    // The upper half of the attributes is a Unix mode when the maker says Unix; 0o120000 there is a symbolic link.
    let kind = header.external >> 28;
    if header.made_by >> 8 == 3 && !matches!((kind, is_folder), (0, _) | (8, false) | (4, true)) {
        refuse("zip-special", format!("it is not an ordinary file (Unix mode {:o})", header.external >> 16));
    }
    if header.disk != 0 {
        refuse("zip-disks", format!("it says that it begins on disk {}", header.disk));
    }
    if found.extras.others.contains(&EXTRA_UNICODE_PATH) {
        refuse("zip-name", "an extra field gives it a second name".to_owned());
    }
    if method == Some(Method::Stored) && size != compressed {
        refuse("zip-size", format!("stored, but {size} bytes of data in {compressed} bytes"));
    }
    // Deflate cannot do better than 258 bytes for 2 bits: 1032 to 1 (RFC 1951).
    if size > compressed.saturating_mul(1032) {
        refuse("zip-ratio", format!("{compressed} compressed bytes cannot hold {size} bytes"));
    }
    if is_folder && size != 0 {
        refuse("zip-folder", "a folder that has data".to_owned());
    }
    Ok(Member {
        name: name.into(),
        local_at,
        data_at: 0,
        compressed,
        size,
        crc32: common.crc32,
        method: method.unwrap_or(Method::Stored),
        flags: common.flags,
        descriptor: common.flags & FLAG_DESCRIPTOR != 0,
        is_folder,
        large: common.size == IN_ZIP64 || common.compressed == IN_ZIP64,
        broken,
    })
}

/// Size, compressed size and offset, from the header or, where it holds all ones, from the zip64 field: exactly those, in
/// that order (APPNOTE 4.5.3).
fn zip64_values(found: &Found<'_>) -> Option<(u64, u64, u64)> {
    let (header, common) = (&found.header, &found.header.common);
    let mut fields = Fields(found.extras.zip64.as_deref().unwrap_or_default());
    let mut wide = |short: u32| if short == IN_ZIP64 { fields.u64() } else { Some(short.into()) };
    let values = (wide(common.size)?, wide(common.compressed)?, wide(header.local_at)?);
    if header.disk == IN_ZIP64_SHORT {
        fields.u32()?;
    }
    fields.0.is_empty().then_some(values)
}
