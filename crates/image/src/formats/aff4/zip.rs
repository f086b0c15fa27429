//! Reading the ZIP64 archive that a volume is: the central directory, and members by name.
//!
//! Names of bevies differ by their number only, so a stem is kept once and the number beside it: the directory of an image
//! of many TiB stays in memory. Overlapping members are not looked for; nothing is read by following one into another.

use std::collections::HashMap;
use std::sync::Arc;

use exhibit_evidence::{ByteRange, Finding, Severity, Slice, Source};

use super::codec::inflate_raw;
use super::layout::{MEMBER_BYTES_MAX, MEMBERS_MAX, NAMES_BYTES_MAX, u16_at, u32_at, u64_at};
use super::names::unescaped;
use crate::{ImageError, Part};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
const END64_BYTES: usize = 56;
const LOCATOR_BYTES: usize = 20;
/// Longest archive comment.
const COMMENT_BYTES_MAX: u64 = 65_535;
/// Bytes of the central directory read at a time; an entry has at most 46 + 3 × 65535.
const WINDOW_BYTES: usize = 1 << 20;
/// Deflate makes at most 1032 bytes out of one.
const DEFLATE_RATIO_MAX: u64 = 1032;
/// In the place of a number: the name has none.
const NO_NUMBER: u32 = u32::MAX;

/// A member, by the central directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    local_at: u64,
    /// Bytes in the archive.
    pub(super) packed: u64,
    /// Bytes of the member.
    pub(super) size: u64,
    pub(super) crc32: u32,
    method: u16,
    encrypted: bool,
}

impl Member {
    /// A member that is stored as it is, without a directory.
    pub(super) const fn stored(local_at: u64, size: u64, crc32: u32) -> Self {
        Self { local_at, packed: size, size, crc32, method: 0, encrypted: false }
    }
}

/// Stem and number of a name.
type Key = (u32, u32);

/// An archive with its directory read.
pub(super) struct Archive {
    pub(super) part: Part,
    /// The archive comment, to its first NUL.
    pub(super) comment: String,
    stems: HashMap<Box<str>, u32>,
    members: Vec<(Key, Member)>,
}

/// Where the central directory is.
struct Ending {
    directory: ByteRange,
    members: u64,
    comment: String,
}

impl Archive {
    /// Reads the directory of `part`; what is odd about it goes into `findings`.
    pub(super) fn open(part: Part, findings: &mut Vec<Finding>) -> Result<Self, ImageError> {
        let ending = ending(&part)?;
        let mut archive = Self { part, comment: ending.comment, stems: HashMap::new(), members: Vec::new() };
        archive.directory(ending.directory, ending.members)?;
        archive.members.sort_by_key(|(key, _)| *key);
        let before = archive.members.len();
        // The last of equal names counts, as in every reader that keeps names in a table.
        archive.members.reverse();
        archive.members.dedup_by_key(|(key, _)| *key);
        archive.members.reverse();
        let twice = before.saturating_sub(archive.members.len());
        if twice > 0 {
            let text = format!("{twice} members have the name of another one; the last of each name is used");
            findings.push(Finding::new(Severity::Mismatch, "aff4-member-twice", archive.part.name.clone(), text));
        }
        Ok(archive)
    }

    /// An archive whose members were found otherwise.
    pub(super) fn of(part: Part, members: impl IntoIterator<Item = (String, Member)>) -> Self {
        let mut archive = Self { part, comment: String::new(), stems: HashMap::new(), members: Vec::new() };
        for (name, member) in members {
            let (stem, number) = split(unescaped(&name).trim_start_matches('/'));
            let next = u32::try_from(archive.stems.len()).unwrap_or(u32::MAX);
            let stem = *archive.stems.entry(stem.into_boxed_str()).or_insert(next);
            archive.members.push(((stem, number), member));
        }
        archive.members.sort_by_key(|(key, _)| *key);
        archive
    }

    /// The member with this name, without escapes and leading slashes.
    pub(super) fn find(&self, name: &str) -> Option<Member> {
        let (stem, number) = split(name);
        let key = (*self.stems.get(stem.as_str())?, number);
        let index = self.members.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.members.get(index).map(|(_, member)| *member)
    }

    /// The numbers of all members that are named like `name`, with any number in the place of its own; in order.
    pub(super) fn numbers_like<'a>(&'a self, name: &str) -> impl Iterator<Item = u32> + use<'a> {
        let (stem, _) = split(name);
        let stem = self.stems.get(stem.as_str()).copied().unwrap_or(u32::MAX);
        let from = self.members.partition_point(|((other, _), _)| *other < stem);
        let like = self.members.get(from..).unwrap_or_default();
        like.iter().take_while(move |((other, _), _)| *other == stem).map(|((_, number), _)| *number)
    }

    /// Where the bytes of a member lie that is stored as it is.
    pub(super) fn stored(&self, name: &str, member: &Member) -> Result<ByteRange, String> {
        if member.method != 0 || member.packed != member.size {
            return Err(format!("member {name} is packed by ZIP means; the standard stores it"));
        }
        self.locate(name, member)
    }

    /// Where the bytes of `member` lie in the file, its local header compared.
    fn locate(&self, name: &str, member: &Member) -> Result<ByteRange, String> {
        if member.encrypted {
            return Err(format!("member {name} is encrypted by ZIP means, which AFF4 does not know"));
        }
        let file = &self.part.source;
        let place =
            |text: &str| format!("member {name} at offset {} (0x{:x}): {text}", member.local_at, member.local_at);
        let mut head = [0; LOCAL_BYTES];
        file.read_at(member.local_at, &mut head).map_err(|fault| place(&fault.to_string()))?;
        if !head.starts_with(&LOCAL) {
            return Err(place("there is no local header"));
        }
        let name_at = member.local_at.saturating_add(LOCAL_BYTES as u64);
        let mut there = vec![0; usize::from(u16_at(&head, 26))];
        file.read_at(name_at, &mut there).map_err(|fault| place(&fault.to_string()))?;
        let there = unescaped(&String::from_utf8_lossy(&there));
        if there.trim_start_matches('/') != name {
            return Err(place(&format!("the local header names {there}")));
        }
        let data_at = name_at.saturating_add(u64::from(u16_at(&head, 26))).saturating_add(u64::from(u16_at(&head, 28)));
        match data_at.checked_add(member.packed) {
            Some(end) if end <= file.size() => Ok(ByteRange::new(data_at, member.packed)),
            _ => Err(place(&format!("its {} bytes reach beyond the end of the file", member.packed))),
        }
    }

    /// The bytes of a member that is kept whole, its CRC-32 compared.
    pub(super) fn bytes(&self, name: &str, member: &Member, limit: u64) -> Result<Vec<u8>, String> {
        let range = self.locate(name, member)?;
        if member.size > limit.min(MEMBER_BYTES_MAX) || member.packed > MEMBER_BYTES_MAX {
            return Err(format!("member {name}: {} bytes are more than this version keeps", member.size));
        }
        let mut packed = vec![0; usize::try_from(range.length).unwrap_or(0)];
        self.part.source.read_at(range.offset, &mut packed).map_err(|fault| format!("member {name}: {fault}"))?;
        let bytes = match member.method {
            0 if member.packed == member.size => packed,
            8 if member.size / DEFLATE_RATIO_MAX <= member.packed => {
                inflate_raw(&packed, usize::try_from(member.size).unwrap_or(0))
                    .map_err(|text| format!("member {name}: {text}"))?
            }
            0 | 8 => return Err(format!("member {name}: {} bytes stored as {}", member.size, member.packed)),
            other => return Err(format!("member {name}: ZIP method {other} is not read by this version")),
        };
        let found = crc32fast::hash(&bytes);
        if found != member.crc32 {
            return Err(format!("member {name}: CRC-32 {:08x}, computed {found:08x}", member.crc32));
        }
        Ok(bytes)
    }

    /// A member as a source: a part of the file if it is stored, otherwise unpacked.
    pub(super) fn source(&self, name: &str, member: &Member) -> Result<Arc<dyn Source>, String> {
        if member.method != 0 {
            let bytes = self.bytes(name, member, MEMBER_BYTES_MAX)?;
            return Ok(Arc::new(exhibit_evidence::MemorySource::new(bytes)));
        }
        let range = self.stored(name, member)?;
        Ok(Arc::new(Slice::new(self.part.source.clone(), range)))
    }

    /// Compares the CRC-32 of a member of any size.
    pub(super) fn check_crc(&self, name: &str, member: &Member) -> Result<(), String> {
        let source = self.source(name, member)?;
        let mut hasher = crc32fast::Hasher::new();
        let mut piece = vec![0; WINDOW_BYTES];
        let mut at = 0_u64;
        while at < source.size() {
            let length = usize::try_from(source.size().saturating_sub(at)).unwrap_or(usize::MAX).min(piece.len());
            let Some(out) = piece.get_mut(..length) else { break };
            source.read_at(at, out).map_err(|fault| format!("member {name}: {fault}"))?;
            hasher.update(out);
            at = at.saturating_add(length as u64);
        }
        let found = hasher.finalize();
        if found == member.crc32 {
            return Ok(());
        }
        Err(format!("member {name}: CRC-32 {:08x}, computed {found:08x}", member.crc32))
    }

    fn directory(&mut self, directory: ByteRange, members: u64) -> Result<(), ImageError> {
        let part = self.part.name.clone();
        let corrupt = |offset: u64, text: String| ImageError::Corrupt {
            part: part.clone(),
            structure: "central directory",
            offset,
            text,
        };
        if members > MEMBERS_MAX {
            return Err(ImageError::Limit(format!("{part}: {members} members, this version reads {MEMBERS_MAX}")));
        }
        let (mut window, mut names_bytes) = (Window::new(self.part.source.clone(), directory), 0_usize);
        for _ in 0..members {
            let offset = window.offset();
            let read = |fault| ImageError::Read { part: part.clone(), fault };
            let head = window.take(CENTRAL_BYTES).map_err(read)?;
            let Some(head) = head.filter(|head| head.starts_with(&CENTRAL)).map(<[u8]>::to_vec) else {
                return Err(corrupt(offset, format!("no entry here, but {members} are counted")));
            };
            let lengths = [28, 30, 32].map(|at| usize::from(u16_at(&head, at)));
            let [name_bytes, extra_bytes, comment_bytes] = lengths;
            let rest = window.take(lengths.iter().sum()).map_err(read)?;
            let Some((name, after)) = rest.and_then(|rest| rest.split_at_checked(name_bytes)) else {
                return Err(corrupt(offset, "the entry is cut off".to_owned()));
            };
            let extra = after.get(..after.len().saturating_sub(comment_bytes)).unwrap_or_default();
            debug_assert!(extra.len() == extra_bytes);
            let member = member(&head, extra);
            let name = unescaped(&String::from_utf8_lossy(name));
            let (stem, number) = split(name.trim_start_matches('/'));
            let next = u32::try_from(self.stems.len()).unwrap_or(u32::MAX);
            let stem = match self.stems.get(stem.as_str()) {
                Some(&known) => known,
                None => {
                    names_bytes = names_bytes.saturating_add(stem.len()).saturating_add(64);
                    if names_bytes > NAMES_BYTES_MAX {
                        let text = format!("{part}: more than {NAMES_BYTES_MAX} bytes of member names");
                        return Err(ImageError::Limit(text));
                    }
                    self.stems.insert(stem.into_boxed_str(), next);
                    next
                }
            };
            self.members.push(((stem, number), member));
        }
        Ok(())
    }
}

/// A name without the number of its bevy, and that number: `s/00000003.index` is `s/#.index` and 3.
fn split(name: &str) -> (String, u32) {
    let last = name.rfind('/').map_or(0, |at| at.saturating_add(1));
    let (folder, file) = name.split_at_checked(last).unwrap_or(("", name));
    let digits = file.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = file.split_at_checked(digits).unwrap_or(("", file));
    // Eight digits, or more without a leading zero: so each number has one spelling.
    let canonical = digits == 8 || (digits > 8 && !number.starts_with('0'));
    match number.parse::<u32>() {
        Ok(number) if canonical && number != NO_NUMBER => (format!("{folder}\0{suffix}"), number),
        _ => (name.to_owned(), NO_NUMBER),
    }
}

/// Sizes and place out of a central entry and its zip64 field.
fn member(head: &[u8], extra: &[u8]) -> Member {
    let mut numbers = [20, 24, 42].map(|at| u64::from(u32_at(head, at)));
    let mut rest = extra;
    while let Some((field, after)) = rest.split_at_checked(4) {
        let length = usize::from(u16_at(field, 2));
        let (body, next) = after.split_at_checked(length).unwrap_or((after, &[]));
        if u16_at(field, 0) == 1 {
            let mut at = 0_usize;
            // In this order, and only where the entry itself has no room: size, packed size, place.
            for index in [1_usize, 0, 2] {
                let wide = numbers.get_mut(index).filter(|number| **number == u64::from(u32::MAX));
                if let Some(number) = wide.filter(|_| body.len() >= at.saturating_add(8)) {
                    *number = u64_at(body, at);
                    at = at.saturating_add(8);
                }
            }
            break;
        }
        rest = next;
    }
    let [packed, size, local_at] = numbers;
    let encrypted = u16_at(head, 8) & 1 != 0;
    Member { local_at, packed, size, crc32: u32_at(head, 16), method: u16_at(head, 10), encrypted }
}

/// Finds the end records.
fn ending(part: &Part) -> Result<Ending, ImageError> {
    let size = part.source.size();
    let corrupt = |structure: &'static str, offset: u64, text: String| ImageError::Corrupt {
        part: part.name.clone(),
        structure,
        offset,
        text,
    };
    let tail_at = size.saturating_sub(COMMENT_BYTES_MAX.saturating_add(END_BYTES as u64));
    let mut tail = vec![0; usize::try_from(size.saturating_sub(tail_at)).unwrap_or(0)];
    let read = |fault| ImageError::Read { part: part.name.clone(), fault };
    part.source.read_at(tail_at, &mut tail).map_err(read)?;
    let fits = |at: &usize| {
        let end = tail.get(*at..).unwrap_or_default();
        end.starts_with(&END) && end.len() == END_BYTES.saturating_add(usize::from(u16_at(end, 20)))
    };
    let Some(at) = (0..=tail.len().saturating_sub(END_BYTES)).rev().find(fits) else {
        let text = "no end of central directory: the file is cut off, or was never finished".to_owned();
        return Err(corrupt("end of central directory", size, text));
    };
    let end = tail.get(at..).unwrap_or_default();
    let end_at = tail_at.saturating_add(at as u64);
    let comment = end.get(END_BYTES..).unwrap_or_default().split(|&byte| byte == 0).next().unwrap_or_default();
    let comment = String::from_utf8_lossy(comment).trim().to_owned();
    let mut members = u64::from(u16_at(end, 10));
    let (mut directory, mut directory_end) =
        (ByteRange::new(u64::from(u32_at(end, 16)), u64::from(u32_at(end, 12))), end_at);
    let mut locator = [0; LOCATOR_BYTES];
    let locator_at = end_at.checked_sub(LOCATOR_BYTES as u64);
    if let Some(locator_at) = locator_at {
        part.source.read_at(locator_at, &mut locator).map_err(read)?;
    }
    if locator.starts_with(&LOCATOR) {
        let at = u64_at(&locator, 8);
        let mut end64 = [0; END64_BYTES];
        let inside = at.checked_add(END64_BYTES as u64).is_some_and(|end| end <= end_at);
        if inside {
            part.source.read_at(at, &mut end64).map_err(read)?;
        }
        if !end64.starts_with(&END64) {
            return Err(corrupt("zip64 end of central directory", at, "there is none".to_owned()));
        }
        members = u64_at(&end64, 32);
        (directory, directory_end) = (ByteRange::new(u64_at(&end64, 48), u64_at(&end64, 40)), at);
    }
    let inside = directory.offset.checked_add(directory.length).is_some_and(|end| end <= directory_end);
    if !inside || directory.length / (CENTRAL_BYTES as u64) < members {
        let text = format!("{members} entries in {directory} do not fit a file of {size} bytes");
        return Err(corrupt("end of central directory", end_at, text));
    }
    Ok(Ending { directory, members, comment })
}

/// A range of a file, read piece by piece.
struct Window {
    file: Arc<dyn Source>,
    rest: ByteRange,
    bytes: Vec<u8>,
    taken: usize,
}

impl Window {
    fn new(file: Arc<dyn Source>, range: ByteRange) -> Self {
        Self { file, rest: range, bytes: Vec::new(), taken: 0 }
    }

    /// Where the next byte lies in the file.
    fn offset(&self) -> u64 {
        self.rest.offset.saturating_sub(self.bytes.len().saturating_sub(self.taken) as u64)
    }

    /// The next `length` bytes; `None` at the end.
    fn take(&mut self, length: usize) -> Result<Option<&[u8]>, exhibit_evidence::ReadFault> {
        if self.bytes.len().saturating_sub(self.taken) < length {
            self.bytes.drain(..self.taken.min(self.bytes.len()));
            self.taken = 0;
            let more = usize::try_from(self.rest.length).unwrap_or(usize::MAX).min(WINDOW_BYTES.max(length));
            let before = self.bytes.len();
            self.bytes.resize(before.saturating_add(more), 0);
            self.file.read_at(self.rest.offset, self.bytes.get_mut(before..).unwrap_or_default())?;
            self.rest = ByteRange::between(self.rest.offset.saturating_add(more as u64), self.rest.end());
        }
        let from = self.taken;
        let to = from.saturating_add(length);
        if self.bytes.len() >= to {
            self.taken = to;
        }
        Ok(self.bytes.get(from..to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_bevies_are_told_from_the_rest_of_the_name() {
        assert_eq!(split("aff4://s/00000012.index"), ("aff4://s/\0.index".to_owned(), 12));
        assert_eq!(split("aff4://s/00000012"), ("aff4://s/\0".to_owned(), 12));
        assert_eq!(split("aff4://s/100000012"), ("aff4://s/\0".to_owned(), 100_000_012));
        for plain in ["information.turtle", "a/123", "a/000000012", "a/99999999999", ""] {
            assert_eq!(split(plain), (plain.to_owned(), NO_NUMBER), "{plain}");
        }
    }
}
