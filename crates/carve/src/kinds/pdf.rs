//! PDF (ISO 32000-2).
//!
//! ```text
//! %PDF-1.7
//! n g obj … [stream … endstream] endobj        objects
//! xref … trailer << … >>                       or a cross-reference stream, which is an object
//! startxref N                                  offset of that section
//! %%EOF                                        then perhaps an update: objects, section, startxref, %%EOF …
//! ```
//!
//! A walk from object to object finds every `%%EOF`; the last one whose `startxref` names a section that was met, and whose
//! sections' offsets all meet objects, is the end. An update counts only if its section lies after the revision before it, so
//! a second document lying behind the first is not taken for one. PDF has no checksum of its own, and many streams no
//! decoder here: a document is *consistent* at best, also when each of its deflate streams (Adler-32) is right.

mod join;
mod object;
mod xref;

use exhibit_evidence::{ByteRange, ReadFault, Slice, Source};
use object::{Dictionary, Reader, Value, is_space};
use xref::Section;

use super::jpeg;
use crate::budget::{Budget, Held};
use crate::fragments::Gaps;
use crate::inflate::{Fed, Inflater};
use crate::kind::{Joined, Kind};
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, Class, FileType, Level, Verdict, Whole};
use crate::window::Window;

const PDF: FileType = FileType { id: "pdf", extension: "pdf" };
/// Objects a document may have.
const OBJECTS_MOST: usize = 1 << 20;
/// Objects that are kept without asking for memory.
const OBJECTS_FREE: usize = 8192;
/// Sections a document may have.
const SECTIONS_MOST: usize = 4096;
/// How far the end of a stream is searched for whose length is stated elsewhere or wrong, in bytes.
const STREAM_SEARCH: u64 = 64 << 20;
/// White space that may follow `%%EOF` before an update, in bytes.
const PAUSE_MOST: u64 = 1024;
/// Bytes outside of objects in a document that is put together: more may be a foreign sector between two objects.
const JOINED_JUNK_MOST: u64 = 64;
/// Bytes outside of objects that are tolerated (with a doubt) in a document.
const JUNK_MOST: u64 = 1024;

/// PDF documents.
pub(crate) struct Pdf;

impl Kind for Pdf {
    fn id(&self) -> &'static str {
        "pdf"
    }

    fn types(&self) -> &'static [FileType] {
        &[PDF]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"%PDF-"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        match head.get(5..8) {
            Some([major, b'.', minor]) => matches!(major, b'1' | b'2') && minor.is_ascii_digit(),
            Some(_) => false,
            None => true,
        }
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        Walk::new(candidate, budget).judge(false)
    }

    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        join::bridge(candidate, broken, gaps, budget)
    }
}

/// The end of a revision.
struct End {
    length: u64,
    entries: u64,
    hits: u64,
    revisions: u64,
}

/// What is known of the deflate streams.
#[derive(Default)]
struct Streams {
    right: u64,
    unfinished: u64,
    /// Where the first wrong one begins.
    wrong: Option<u64>,
}

/// One walk through a document.
struct Walk<'a> {
    source: &'a dyn Source,
    /// Whether JPEG pictures in streams must decode, too.
    pictures: bool,
    /// Whether it is put together from pieces: then nothing may be amiss, for what is may be the gap's.
    is_joined: bool,
    window: Window<'a>,
    progress: Progress,
    /// Offset and number of each object, in order of offset.
    objects: Vec<(u64, u32)>,
    sections: Vec<Section>,
    start_xref: Option<u64>,
    linear_length: Option<u64>,
    streams: Streams,
    junk: u64,
    memory: Option<Held<'a>>,
    end: Option<End>,
}

impl<'a> Walk<'a> {
    fn new(candidate: &'a dyn Source, budget: &'a Budget<'a>) -> Self {
        Self {
            source: candidate,
            pictures: false,
            is_joined: false,
            window: Window::new(candidate, budget),
            progress: Progress::new(PDF),
            objects: Vec::new(),
            sections: Vec::new(),
            start_xref: None,
            linear_length: None,
            streams: Streams::default(),
            junk: 0,
            memory: None,
            end: None,
        }
    }

    fn judge(mut self, pictures: bool) -> Result<Verdict, ReadFault> {
        self.pictures = pictures;
        let stop = match self.run() {
            Ok(()) => None,
            Err(Stop::Io(fault)) => return Err(fault),
            Err(stop) => Some(stop),
        };
        // A revision that was whole stays whole, whatever follows it; unless what follows began as an update does.
        let updated = |end: &End| self.objects.last().is_some_and(|(at, _)| *at >= end.length);
        if let (Some(end), Some(Stop::Bad(..))) = (&self.end, &stop)
            && updated(end)
        {
            let text = format!("a revision ends at byte {}, and an update follows that is not whole", end.length);
            self.progress.reasons.push(text);
            self.end = None;
        }
        match (self.end.take(), stop) {
            (Some(end), stop) => Ok(Verdict::Whole(self.whole(&end, stop.is_some()))),
            (None, Some(stop)) => self.progress.stopped(stop),
            (None, None) => Ok(Verdict::NotThis { cut: None }),
        }
    }

    fn run(&mut self) -> Result<(), Stop> {
        let head = self.window.array::<8>(0)?;
        if !head.starts_with(b"%PDF-") || !Pdf.plausible(&head) {
            return Err(Stop::bad(0, "no PDF header"));
        }
        let mut at = self.line_end(0)?;
        loop {
            self.window.budget.pay(1)?;
            let byte = self.window.u8(at)?;
            at = match byte {
                byte if is_space(byte) => at.saturating_add(1),
                b'%' => match self.comment(at)? {
                    Some(next) => next,
                    None => return Ok(()),
                },
                b'0'..=b'9' => self.object_or_junk(at)?,
                b'x' if self.window.exact(at, 4)? == b"xref" => self.table(at)?,
                b's' if self.window.exact(at, 9)? == b"startxref" => {
                    let mut reader = Reader::new(&mut self.window, at);
                    reader.keyword(b"startxref")?;
                    self.start_xref = Some(reader.plain_number()?);
                    reader.at
                }
                _ => self.junk(at)?,
            };
            self.progress.good = self.progress.good.max(at);
        }
    }

    /// The offset after the line at `at`.
    fn line_end(&mut self, mut at: u64) -> Result<u64, Stop> {
        loop {
            let byte = self.window.u8(at)?;
            at = at.saturating_add(1);
            if matches!(byte, b'\r' | b'\n') {
                return Ok(at);
            }
            self.window.budget.pay(1)?;
        }
    }

    /// A comment line, perhaps the end of a revision; `None` if the document ends there.
    fn comment(&mut self, at: u64) -> Result<Option<u64>, Stop> {
        let is_end = matches!(self.window.exact(at, 5), Ok(b"%%EOF"));
        if !is_end {
            if matches!(self.window.exact(at, 5), Ok(b"%PDF-")) {
                return Err(Stop::bad(at, "another PDF begins before this one ends"));
            }
            return self.line_end(at).map(Some);
        }
        let after = at.saturating_add(5);
        let start = self.start_xref.take();
        if let Some(start) = start.filter(|start| *start > 0)
            && let Some(end) = self.revision(start, after)?
        {
            self.end = Some(end);
            self.progress.good = after;
            if !self.goes_on(after)? {
                return Ok(None);
            }
        }
        Ok(Some(after))
    }

    /// Whether an update or the rest of a linearised document may follow: an object, a section or a comment.
    fn goes_on(&mut self, after: u64) -> Result<bool, Stop> {
        for at in after..after.saturating_add(PAUSE_MOST) {
            let byte = match self.window.u8(at) {
                Ok(byte) => byte,
                Err(Stop::End(_) | Stop::Unreadable(_)) => return Ok(false),
                Err(stop) => return Err(stop),
            };
            match byte {
                byte if is_space(byte) => {}
                b'0'..=b'9' | b'x' => return Ok(true),
                b'%' => return Ok(!matches!(self.window.exact(at, 5), Ok(b"%PDF-" | b"%%EOF") | Err(_))),
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    /// The end of a revision whose newest section begins at `start`, if everything fits.
    fn revision(&mut self, start: u64, after: u64) -> Result<Option<End>, Stop> {
        let linear = self.linear_length.is_some_and(|length| after <= length.saturating_add(2));
        let earlier = self.end.as_ref().map_or(0, |end| end.length);
        if start < earlier && !linear {
            return Ok(None);
        }
        let Some((entries, hits)) = self.check_chain(start)? else { return Ok(None) };
        // Real documents carry a few stale entries; a document put together by accident has almost none right.
        let is_amiss = hits < entries || self.streams.unfinished > 0;
        if hits == 0 || hits.saturating_mul(10) < entries.saturating_mul(9) || (self.is_joined && is_amiss) {
            return Ok(None);
        }
        let length = self.after_end_of_line(after)?;
        let revisions = self.end.as_ref().map_or(0, |end| end.revisions).saturating_add(1);
        Ok(Some(End { length, entries, hits, revisions }))
    }

    /// One end of line after `%%EOF` belongs to the file.
    fn after_end_of_line(&mut self, at: u64) -> Result<u64, Stop> {
        let byte = |window: &mut Window<'_>, at: u64| match window.u8(at) {
            Ok(byte) => Ok(Some(byte)),
            Err(Stop::End(_) | Stop::Unreadable(_)) => Ok(None),
            Err(stop) => Err(stop),
        };
        let first = byte(&mut self.window, at)?;
        let second = byte(&mut self.window, at.saturating_add(1))?;
        Ok(at.saturating_add(match (first, second) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => 0,
        }))
    }

    /// Follows the chain of sections from `start`: entries in use, and how many of them meet their object. `None` if a
    /// section is missing or no trailer has a root.
    fn check_chain(&mut self, start: u64) -> Result<Option<(u64, u64)>, Stop> {
        let (mut entries, mut hits, mut has_root, mut encrypted) = (0_u64, 0_u64, false, false);
        let mut wanted = vec![start];
        let mut done: Vec<u64> = Vec::new();
        while let Some(at) = wanted.pop() {
            // Some writers point at the line before the keyword.
            let Some(section) =
                self.sections.iter().find(|section| section.at >= at && section.at.wrapping_sub(at) <= 2)
            else {
                return Ok(None);
            };
            if done.contains(&section.at) {
                continue;
            }
            done.push(section.at);
            self.window.budget.pay((section.entries.len() as u64).saturating_mul(16))?;
            has_root |= section.has_root;
            encrypted |= section.encrypted;
            entries = entries.saturating_add(section.entries.len() as u64);
            for (number, offset) in &section.entries {
                let from = self.objects.partition_point(|(at, _)| at < offset);
                let found = self.objects.get(from).filter(|(at, _)| at.saturating_sub(*offset) <= 2);
                hits = hits.saturating_add(u64::from(found.is_some_and(|(_, known)| known == number)));
            }
            wanted.extend(section.before.iter().copied());
        }
        // Encrypted streams do not inflate, and need not.
        if let (false, Some(wrong)) = (encrypted, self.streams.wrong) {
            return Err(Stop::bad(wrong, "a deflate stream (invalid code or Adler-32) or a picture is damaged"));
        }
        if encrypted {
            self.streams.right = 0;
        }
        Ok(has_root.then_some((entries, hits)))
    }

    fn table(&mut self, at: u64) -> Result<u64, Stop> {
        let (section, next) = xref::table(&mut self.window, at)?;
        self.add_section(section)?;
        Ok(next)
    }

    fn add_section(&mut self, section: Section) -> Result<(), Stop> {
        let kept: usize = self.sections.iter().map(|known| known.entries.len()).sum();
        if self.sections.len() >= SECTIONS_MOST || kept.saturating_add(section.entries.len()) > xref::ENTRIES_MOST {
            return Err(Stop::Spent("limit of sections or objects in a PDF"));
        }
        if kept.saturating_add(section.entries.len()) > OBJECTS_FREE {
            self.hold_memory()?;
        }
        self.sections.push(section);
        Ok(())
    }

    fn hold_memory(&mut self) -> Result<(), Stop> {
        if self.memory.is_none() {
            // Objects and entries at 16 bytes each; growing vectors may hold twice what they need.
            self.memory = Some(self.window.budget.memory((OBJECTS_MOST as u64).saturating_mul(56))?);
        }
        Ok(())
    }

    fn object_or_junk(&mut self, at: u64) -> Result<u64, Stop> {
        let mut reader = Reader::new(&mut self.window, at);
        let number = reader.plain_number();
        let generation = reader.plain_number();
        match (number, generation, reader.keyword(b"obj")) {
            (Ok(number), Ok(_), Ok(())) => {
                let after = reader.at;
                self.object(at, number, after)
            }
            (Err(stop @ (Stop::Spent(_) | Stop::Io(_) | Stop::Unreadable(_) | Stop::End(_))), ..)
            | (_, Err(stop @ (Stop::Spent(_) | Stop::Io(_) | Stop::Unreadable(_) | Stop::End(_))), _)
            | (_, _, Err(stop @ (Stop::Spent(_) | Stop::Io(_) | Stop::Unreadable(_) | Stop::End(_)))) => Err(stop),
            _ => self.junk(at),
        }
    }

    /// A byte outside of objects.
    fn junk(&mut self, at: u64) -> Result<u64, Stop> {
        self.junk = self.junk.saturating_add(1);
        let most = if self.is_joined { JOINED_JUNK_MOST } else { JUNK_MOST };
        if self.objects.is_empty() || self.junk > most {
            return Err(Stop::bad(at, "neither an object nor a cross-reference section"));
        }
        Ok(at.saturating_add(1))
    }

    /// The object whose value begins at `at`; the offset after it.
    fn object(&mut self, start: u64, number: u64, at: u64) -> Result<u64, Stop> {
        self.progress.level = self.progress.level.max(Level::Header);
        let mut reader = Reader::new(&mut self.window, at);
        let value = reader.value()?;
        let mut after = reader.at;
        reader.skip_space()?;
        let word_at = reader.at;
        let dictionary = if let Value::Dictionary(dictionary) = value { dictionary } else { Dictionary::default() };
        if matches!(self.window.exact(word_at, 6), Ok(b"stream")) {
            after = self.stream(start, &dictionary, word_at.saturating_add(6))?;
        } else if dictionary.get(b"Linearized").is_some() && self.objects.is_empty() {
            self.linear_length = dictionary.number(b"L");
        }
        let mut reader = Reader::new(&mut self.window, after);
        // `endobj` is missing here and there; the next object or section then begins at once.
        if reader.keyword(b"endobj").is_ok() {
            after = reader.at;
        }
        if self.objects.len() >= OBJECTS_MOST {
            return Err(Stop::Spent("limit of objects in a PDF"));
        }
        if self.objects.len() >= OBJECTS_FREE {
            self.hold_memory()?;
        }
        self.objects.push((start, u32::try_from(number).unwrap_or(u32::MAX)));
        self.progress.level = Level::Body;
        Ok(after)
    }

    /// The stream whose keyword ends at `at`; the offset after `endstream`.
    fn stream(&mut self, object: u64, dictionary: &Dictionary, at: u64) -> Result<u64, Stop> {
        let start = match self.window.array::<2>(at)? {
            [b'\r', b'\n'] => at.saturating_add(2),
            [b'\r' | b'\n', _] => at.saturating_add(1),
            _ => return Err(Stop::bad(at, "no end of line after stream")),
        };
        let stated = dictionary.number(b"Length").map(|length| start.saturating_add(length));
        let (end, next) = match stated {
            Some(end) => match self.end_of_stream(end)? {
                Some(next) => (end, next),
                None => self.search_end_of_stream(start)?,
            },
            None => self.search_end_of_stream(start)?,
        };
        if dictionary.has_name(b"Type", b"XRef") {
            let section = xref::stream(&mut self.window, object, dictionary, (start, end))?;
            self.add_section(section)?;
        } else if dictionary.filters().first() == Some(&b"FlateDecode".as_slice()) && self.streams.wrong.is_none() {
            self.inflate(start, end)?;
        } else if self.pictures && dictionary.filters().first() == Some(&b"DCTDecode".as_slice()) {
            self.picture(start, end)?;
        }
        Ok(next)
    }

    /// A JPEG picture must decode to its end without any doubt about its coded data.
    fn picture(&mut self, start: u64, end: u64) -> Result<(), Stop> {
        let slice = Slice::new(self.source, ByteRange::between(start, end));
        let decodes = jpeg::decodes(&slice, self.window.budget).map_err(Stop::Io)?;
        if !decodes && self.streams.wrong.is_none() {
            self.streams.wrong = Some(start);
        }
        Ok(())
    }

    /// The offset after `endstream`, if it stands at `at`, perhaps after an end of line.
    fn end_of_stream(&mut self, at: u64) -> Result<Option<u64>, Stop> {
        if at > self.window.size() {
            return Ok(None);
        }
        for skipped in 0..=2 {
            let at = at.saturating_add(skipped);
            match self.window.exact(at, 9) {
                Ok(b"endstream") => return Ok(Some(at.saturating_add(9))),
                Ok([byte, ..]) if is_space(*byte) => {}
                Ok(_) | Err(Stop::End(_) | Stop::Unreadable(_)) => return Ok(None),
                Err(stop) => return Err(stop),
            }
        }
        Ok(None)
    }

    fn search_end_of_stream(&mut self, start: u64) -> Result<(u64, u64), Stop> {
        match self.window.find(b"endstream", start, start.saturating_add(STREAM_SEARCH))? {
            Some(end) => Ok((end, end.saturating_add(9))),
            None => Err(Stop::bad(start, "a stream without end")),
        }
    }

    fn inflate(&mut self, start: u64, end: u64) -> Result<(), Stop> {
        let mut inflater = Inflater::new(true, u64::MAX);
        let mut at = start;
        while at < end {
            let budget = self.window.budget;
            let bytes = self.window.some(at, usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX))?;
            let length = bytes.len() as u64;
            match inflater.feed(bytes, budget, |_| ())? {
                Fed::All => at = at.saturating_add(length),
                Fed::Ended(_) => {
                    self.streams.right = self.streams.right.saturating_add(1);
                    return Ok(());
                }
                Fed::Invalid(_) => {
                    self.streams.wrong = Some(start);
                    return Ok(());
                }
            }
        }
        self.streams.unfinished = self.streams.unfinished.saturating_add(1);
        Ok(())
    }

    fn whole(&self, end: &End, more: bool) -> Whole {
        let mut reasons = vec![format!(
            "{} of {} cross-reference entries lead to their objects, {} revision(s), each to its %%EOF",
            end.hits, end.entries, end.revisions
        )];
        if self.streams.right > 0 {
            reasons.push(format!("{} deflate streams inflate and match their Adler-32", self.streams.right));
        }
        if self.streams.unfinished > 0 {
            reasons.push(format!("{} deflate streams end without their Adler-32", self.streams.unfinished));
        }
        if self.junk > 0 {
            reasons.push(format!("{} bytes outside of objects", self.junk));
        }
        if more {
            reasons.push(
                "what follows the last whole revision looks like the beginning of an update and is left out".to_owned(),
            );
        }
        reasons.push("PDF has no checksum over the document".to_owned());
        Whole { file_type: PDF, length: end.length, class: Class::Consistent, anchored: end.length, reasons }
    }
}
