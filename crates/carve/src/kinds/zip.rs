//! ZIP archives and what is made of them: Office Open XML, OpenDocument, EPUB, Java and Android archives.
//!
//! ```text
//! local header, data [, descriptor]   once per member
//! [Android signing block]
//! central header                      once per member, with the offset of its local header
//! [ZIP64 end record, ZIP64 locator]
//! end of central directory, comment
//! ```
//!
//! The walk goes from member to member, inflating and comparing each CRC-32, then compares the central directory with what
//! was met, entry by entry and offset by offset. All CRCs right and nothing left over is *proven*; members that cannot be
//! decoded (encrypted, rare methods) leave it *consistent*.

mod join;
mod layout;
mod member;

use exhibit_evidence::{ReadFault, Source};
use layout::{CENTRAL, EXTRA_DATA, Entry, LOCAL, SIGNATURE};

use crate::budget::{Budget, Held};
use crate::fragments::Gaps;
use crate::kind::{Joined, Kind};
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, Class, FileType, Level, Verdict, Whole};
use crate::window::Window;

const ZIP: FileType = FileType { id: "zip", extension: "zip" };
const DOCX: FileType = FileType { id: "docx", extension: "docx" };
const XLSX: FileType = FileType { id: "xlsx", extension: "xlsx" };
const PPTX: FileType = FileType { id: "pptx", extension: "pptx" };
const ODT: FileType = FileType { id: "odt", extension: "odt" };
const ODS: FileType = FileType { id: "ods", extension: "ods" };
const ODP: FileType = FileType { id: "odp", extension: "odp" };
const EPUB: FileType = FileType { id: "epub", extension: "epub" };
const JAR: FileType = FileType { id: "jar", extension: "jar" };
const APK: FileType = FileType { id: "apk", extension: "apk" };

/// Members an archive may have before it is no longer judged.
const MEMBERS_MOST: usize = 262_144;
/// Members that are kept without asking for memory.
const MEMBERS_FREE: usize = 4096;
/// Offsets of members reported as parts of a broken archive.
const PARTS_MOST: usize = 65_536;

/// ZIP archives and the documents made of them.
pub(crate) struct Zip;

impl Kind for Zip {
    fn id(&self) -> &'static str {
        "zip"
    }

    fn types(&self) -> &'static [FileType] {
        &[ZIP, DOCX, XLSX, PPTX, ODT, ODS, ODP, EPUB, JAR, APK]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"PK\x03\x04"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let Some(fixed) = head.get(..30) else { return true };
        let name_length = usize::from(layout::le16(fixed, 26));
        let name = head.get(30..).unwrap_or_default();
        name_length > 0
            && layout::plausible(layout::le16(fixed, 4), layout::le16(fixed, 6), layout::le16(fixed, 8))
            && name.iter().take(name_length).all(|byte| *byte >= 0x20)
    }

    fn parts_look_alike(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let mut walk = Walk::new(candidate, budget);
        match walk.run() {
            Ok(length) => Ok(Verdict::Whole(walk.whole(length))),
            Err(stop) => {
                walk.progress.file_type = walk.clues.file_type();
                walk.progress.stopped(stop)
            }
        }
    }

    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        join::bridge(self, candidate, broken, gaps, budget)
    }
}

/// One walk through an archive.
struct Walk<'a> {
    window: Window<'a>,
    progress: Progress,
    members: Vec<Entry>,
    memory: Option<Held<'a>>,
    clues: Clues,
    unchecked: u64,
    doubts: Vec<String>,
}

impl<'a> Walk<'a> {
    fn new(candidate: &'a dyn Source, budget: &'a Budget<'a>) -> Self {
        Self {
            window: Window::new(candidate, budget),
            progress: Progress::new(ZIP),
            members: Vec::new(),
            memory: None,
            clues: Clues::default(),
            unchecked: 0,
            doubts: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<u64, Stop> {
        let mut at = 0;
        loop {
            self.window.budget.pay(64)?;
            at = match self.window.u32_le(at)? {
                LOCAL => self.member(at)?,
                CENTRAL => return self.directory(at),
                EXTRA_DATA => {
                    let length = u64::from(self.window.u32_le(at.saturating_add(4))?);
                    at.saturating_add(8).saturating_add(length)
                }
                _ => self.signing_block(at)?,
            };
            self.progress.good = at;
        }
    }

    fn member(&mut self, at: u64) -> Result<u64, Stop> {
        let head = layout::local(&mut self.window, at)?;
        self.progress.level = self.progress.level.max(Level::Header);
        self.hold_memory()?;
        if head.name == b"mimetype" && head.entry.method == 0 && at == 0 {
            let length = usize::try_from(head.entry.size.min(128)).unwrap_or(0);
            self.clues.mime = self.window.exact(head.next, length)?.to_vec();
        }
        self.clues.name(&head.name);
        let followed = member::follow(&mut self.window, &head)?;
        self.progress.level = Level::Body;
        if followed.checked {
            self.progress.sure(followed.next);
        } else {
            self.unchecked = self.unchecked.saturating_add(1);
        }
        if self.progress.parts.len() < PARTS_MOST {
            self.progress.parts.push(at);
        }
        let (crc, compressed, size) = (followed.crc, followed.compressed, followed.size);
        self.members.push(Entry { crc, compressed, size, ..head.entry });
        Ok(followed.next)
    }

    fn hold_memory(&mut self) -> Result<(), Stop> {
        if self.members.len() >= MEMBERS_MOST {
            return Err(Stop::Spent("limit of members in an archive"));
        }
        if self.members.len() >= MEMBERS_FREE && self.memory.is_none() {
            // Members and, later, as many entries of the directory; growing vectors may hold twice what they need.
            let bytes = (MEMBERS_MOST as u64).saturating_mul(size_of::<Entry>() as u64).saturating_mul(2);
            self.memory = Some(self.window.budget.memory(bytes)?);
        }
        Ok(())
    }

    /// The block Android puts before the central directory: u64LE size, pairs, the size again, `APK Sig Block 42`.
    fn signing_block(&mut self, at: u64) -> Result<u64, Stop> {
        const MAGIC: &[u8; 16] = b"APK Sig Block 42";
        let no_record = || Stop::bad(at, "neither a member nor the central directory");
        if self.members.is_empty() {
            return Err(no_record());
        }
        let size = self.window.u64_le(at)?;
        let next = at.saturating_add(8).saturating_add(size);
        if !(24..=1 << 30).contains(&size) || next > self.window.size() {
            return Err(no_record());
        }
        let magic = self.window.array::<16>(next.saturating_sub(16))?;
        if &magic != MAGIC || self.window.u64_le(next.saturating_sub(24))? != size {
            return Err(no_record());
        }
        self.doubts.push("the Android signing block is not covered by a CRC".to_owned());
        Ok(next)
    }

    fn directory(&mut self, start: u64) -> Result<u64, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut at = start;
        while self.window.u32_le(at)? == CENTRAL {
            self.window.budget.pay(64)?;
            if entries.len() > self.members.len() {
                return Err(Stop::bad(at, "more entries in the central directory than members"));
            }
            let head = layout::central(&mut self.window, at)?;
            entries.push(head.entry);
            at = head.next;
        }
        if self.window.u32_le(at)? == SIGNATURE {
            let length = u64::from(self.window.u16_le(at.saturating_add(4))?);
            at = at.saturating_add(6).saturating_add(length);
        }
        let directory_size = at.saturating_sub(start);
        let end = layout::end(&mut self.window, at)?;
        if end.directory_size != directory_size || end.entries != entries.len() as u64 {
            return Err(Stop::bad(at, "the end record counts other entries or bytes than the central directory has"));
        }
        if end.directory_at != start {
            return Err(self.other_start(start, end.directory_at));
        }
        self.compare(start, &mut entries)?;
        self.comment(end.length, end.comment)?;
        Ok(end.length)
    }

    /// The directory belongs to an archive that begins elsewhere: what came before that is the torso of another one.
    fn other_start(&mut self, start: u64, stated: u64) -> Stop {
        let base = start.checked_sub(stated).filter(|base| self.members.iter().any(|member| member.at == *base));
        match base {
            Some(base) => {
                self.progress.parts.retain(|part| *part < base);
                self.progress.good = base;
                self.progress.sure = self.progress.sure.min(base);
                Stop::bad(base, "another archive begins here; this one has no central directory before it")
            }
            None => {
                // Whoever owns this directory, the members may be needed again.
                self.progress.parts.clear();
                Stop::bad(start, "the central directory belongs to an archive that begins elsewhere")
            }
        }
    }

    fn compare(&mut self, start: u64, entries: &mut [Entry]) -> Result<(), Stop> {
        entries.sort_unstable_by_key(|entry| entry.at);
        if entries.is_empty() || entries.iter().zip(entries.iter().skip(1)).any(|(one, next)| one.at == next.at) {
            return Err(Stop::bad(start, "the central directory is empty or lists a member twice"));
        }
        let mut differing_times = 0_u64;
        for entry in entries.iter() {
            let place = self.members.binary_search_by_key(&entry.at, |member| member.at);
            let member = place.ok().and_then(|place| self.members.get(place));
            let Some(member) = member else {
                return Err(Stop::bad(
                    start,
                    format!("the central directory lists a member at {}, where none is", entry.at),
                ));
            };
            if (member.name, member.method, member.crc, member.compressed, member.size)
                != (entry.name, entry.method, entry.crc, entry.compressed, entry.size)
            {
                return Err(Stop::bad(start, format!("the central directory differs from the member at {}", entry.at)));
            }
            differing_times = differing_times.saturating_add(u64::from(member.time != entry.time));
        }
        if differing_times > 0 {
            self.doubts.push(format!("{differing_times} member(s) have another time in the central directory"));
        }
        let unlisted = self.members.len().saturating_sub(entries.len());
        if unlisted > 0 {
            self.doubts.push(format!("{unlisted} member(s) are not listed in the central directory"));
        }
        Ok(())
    }

    fn comment(&mut self, length: u64, comment: u16) -> Result<(), Stop> {
        let at = length.saturating_sub(u64::from(comment));
        let text = self.window.exact(at, usize::from(comment))?;
        if text.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\r' | b'\n' | b'\t')) {
            self.doubts.push(format!("the comment of {comment} bytes is not text, and no checksum covers it"));
        }
        Ok(())
    }

    fn whole(&mut self, length: u64) -> Whole {
        let checked = (self.members.len() as u64).saturating_sub(self.unchecked);
        let mut reasons = vec![format!("CRC-32 of {checked} of {} member(s) matches", self.members.len())];
        reasons.push("central directory and end record agree with every member's place, name and sizes".to_owned());
        let class = if self.unchecked == 0 && self.doubts.is_empty() { Class::Proven } else { Class::Consistent };
        if self.unchecked > 0 {
            reasons.push(format!("{} member(s) are encrypted or packed in a way that is not decoded", self.unchecked));
        }
        reasons.append(&mut self.doubts);
        Whole { file_type: self.clues.file_type(), length, class, anchored: length, reasons }
    }
}

/// What the names of members tell about the type.
#[derive(Default)]
struct Clues {
    mime: Vec<u8>,
    content_types: bool,
    folder: Option<FileType>,
    java: bool,
    android: bool,
}

impl Clues {
    fn name(&mut self, name: &[u8]) {
        self.content_types |= name == b"[Content_Types].xml";
        self.java |= name == b"META-INF/MANIFEST.MF";
        self.android |= name == b"AndroidManifest.xml";
        for (folder, file_type) in [(b"word/".as_slice(), DOCX), (b"xl/", XLSX), (b"ppt/", PPTX)] {
            if name.starts_with(folder) && self.folder.is_none() {
                self.folder = Some(file_type);
            }
        }
    }

    fn file_type(&self) -> FileType {
        let opendocument = [
            (b"application/vnd.oasis.opendocument.text".as_slice(), ODT),
            (b"application/vnd.oasis.opendocument.spreadsheet", ODS),
            (b"application/vnd.oasis.opendocument.presentation", ODP),
            (b"application/epub+zip", EPUB),
        ];
        let mime = self.mime.trim_ascii();
        match (opendocument.iter().find(|(known, _)| *known == mime), self.folder) {
            (Some((_, file_type)), _) => *file_type,
            (None, Some(file_type)) if self.content_types => file_type,
            _ if self.android => APK,
            _ if self.java => JAR,
            _ => ZIP,
        }
    }
}
