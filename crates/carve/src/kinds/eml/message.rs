//! The walk through messages, line by line.

use super::{field_name, is_separator};
use crate::stop::{Progress, Stop};
use crate::text::Reader;
use crate::verdict::{Level, Whole};
use crate::walk::consistent;

/// Characters of a line that are kept; longer lines are read to their end all the same.
const LINE_KEPT: usize = 4096;
/// Boundaries within boundaries.
const DEPTH_MOST: usize = 32;
/// Lines of headers that are known as parts of a broken file.
const PARTS_MOST: usize = 65_536;

/// How the content of a part is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packing {
    Text,
    Base64,
    QuotedPrintable,
}

/// What the header at hand has told so far.
#[derive(Default)]
struct Header {
    fields: u64,
    /// The field that the last line belongs to, and all its text.
    name: Vec<u8>,
    value: Vec<u8>,
    boundary: Option<Vec<u8>>,
    holds_message: bool,
    packing: Option<Packing>,
    has_sender: bool,
    has_date: bool,
}

impl Header {
    /// Understands the field that has been read to its end.
    fn close(&mut self) {
        let value = self.value.to_ascii_lowercase();
        let value = value.trim_ascii();
        match self.name.as_slice() {
            b"content-type" if value.starts_with(b"multipart/") => self.boundary = boundary(&self.value),
            b"content-type" => self.holds_message = value.starts_with(b"message/rfc822"),
            b"content-transfer-encoding" => {
                self.packing = match value {
                    b"base64" => Some(Packing::Base64),
                    b"quoted-printable" => Some(Packing::QuotedPrintable),
                    _ => None,
                };
            }
            b"from" => self.has_sender = true,
            b"date" | b"received" | b"message-id" => self.has_date = true,
            _ => {}
        }
        self.name.clear();
        self.value.clear();
    }
}

/// The text between parts, out of a field's value.
fn boundary(value: &[u8]) -> Option<Vec<u8>> {
    const WORD: &[u8] = b"boundary=";
    let at = value.windows(WORD.len()).position(|here| here.eq_ignore_ascii_case(WORD))?;
    let rest = value.get(at.saturating_add(WORD.len())..)?;
    let text = match rest.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|byte| *byte == b'"').next()?,
        None => rest.split(|byte| byte.is_ascii_whitespace() || *byte == b';').next()?,
    };
    (1..=200).contains(&text.len()).then(|| text.to_vec())
}

/// Where in a message the next line stands.
enum Place {
    /// In the header of a message (`true`) or of a part of one.
    Header(Header, bool),
    Content(Packing),
}

pub(super) struct Walk<'w, 'a> {
    reader: Reader<'w, 'a>,
    is_folder: bool,
    /// Boundaries of the open containers, the innermost last.
    open: Vec<Vec<u8>>,
    place: Place,
    messages: u64,
    parts: u64,
    /// Whether packed content has ended with its padding.
    padded: bool,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) fn new(reader: Reader<'w, 'a>, is_folder: bool) -> Self {
        let place = Place::Header(Header::default(), true);
        Self { reader, is_folder, open: Vec::new(), place, messages: 0, parts: 0, padded: false }
    }

    pub(super) fn run(mut self, progress: &mut Progress) -> Result<Whole, Stop> {
        if self.is_folder {
            self.line()?;
        }
        loop {
            let at = self.reader.at();
            let line = self.line()?;
            self.reader.window.budget.pay(8)?;
            let is_closed = match std::mem::replace(&mut self.place, Place::Content(Packing::Text)) {
                Place::Header(header, of_message) => {
                    self.in_header(header, of_message, at, &line, progress)?;
                    false
                }
                Place::Content(packing) => self.in_content(packing, at, &line)?,
            };
            if !matches!(self.place, Place::Header(..)) && progress.level > Level::Nothing {
                progress.level = Level::Body;
            }
            progress.good = self.reader.at();
            if is_closed && !self.another_message()? {
                break;
            }
        }
        let end = self.reader.end_of_text()?;
        let first = match (self.parts, self.messages) {
            (0, _) => "the packed content ends with its padding".to_owned(),
            (parts, 1) => format!("{parts} part(s), and the last boundary closes them"),
            (parts, messages) => format!("{messages} messages with {parts} part(s), the last one is closed"),
        };
        let reasons = [first, "nothing vouches for the text of the parts".to_owned()];
        Ok(consistent(progress.file_type, end, reasons))
    }

    /// The next line without its end; text that ends without a line end is no line, but for the
    /// last boundary.
    fn line(&mut self) -> Result<Vec<u8>, Stop> {
        let mut line = Vec::new();
        loop {
            // The last boundary may stand at the very end of a file, without a line end.
            let is_last = self.open.last().is_some_and(|boundary| line == [b"--", boundary.as_slice(), b"--"].concat());
            let ahead = match self.reader.ahead() {
                Err(Stop::End(_) | Stop::Bad(..)) if is_last => return Ok(line),
                ahead => ahead?,
            };
            let end = ahead.iter().position(|byte| *byte == b'\n');
            let count = end.unwrap_or(ahead.len());
            let room = LINE_KEPT.saturating_sub(line.len());
            line.extend_from_slice(ahead.get(..count.min(room)).unwrap_or_default());
            self.reader.skip(count.saturating_add(usize::from(end.is_some())));
            if end.is_some() {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
        }
    }

    fn in_header(
        &mut self,
        mut header: Header,
        of_message: bool,
        at: u64,
        line: &[u8],
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        match line.first() {
            None => {
                header.close();
                return self.header_ends(header, of_message, at, progress);
            }
            Some(b' ' | b'\t') if header.fields > 0 => header.value.extend_from_slice(line),
            Some(_) => {
                header.close();
                let name = field_name(line).ok_or_else(|| Stop::bad(at, "a line that is no field of a header"))?;
                header.value = line.get(name.len().saturating_add(1)..).unwrap_or_default().to_vec();
                (header.name, header.fields) = (name, header.fields.saturating_add(1));
                if progress.parts.len() < PARTS_MOST {
                    progress.parts.push(at);
                }
            }
        }
        if header.value.len() > LINE_KEPT.saturating_mul(16) {
            return Err(Stop::bad(at, "a field longer than any"));
        }
        self.place = Place::Header(header, of_message);
        Ok(())
    }

    fn header_ends(&mut self, header: Header, of_message: bool, at: u64, progress: &mut Progress) -> Result<(), Stop> {
        if of_message {
            if !(header.has_sender && header.has_date) {
                return Err(Stop::bad(at, "a message without sender or date"));
            }
            progress.level = progress.level.max(Level::Header);
            self.messages = self.messages.saturating_add(u64::from(self.open.is_empty()));
        }
        self.padded = false;
        self.place = if header.holds_message {
            Place::Header(Header::default(), true)
        } else {
            Place::Content(header.packing.unwrap_or(Packing::Text))
        };
        if let Some(boundary) = header.boundary {
            if self.open.len() >= DEPTH_MOST {
                return Err(Stop::bad(at, "parts too deep"));
            }
            self.open.push(boundary);
        }
        Ok(())
    }

    /// A line of content; whether it closes the message.
    fn in_content(&mut self, packing: Packing, at: u64, line: &[u8]) -> Result<bool, Stop> {
        self.place = Place::Content(packing);
        if let Some(rest) = line.strip_prefix(b"--") {
            let found = self.open.iter().rposition(|boundary| rest.starts_with(boundary));
            let tail = found.and_then(|index| rest.get(self.open.get(index)?.len()..)).map(<[u8]>::trim_ascii_end);
            match (found, tail) {
                (Some(index), Some(b"")) if index.saturating_add(1) == self.open.len() => {
                    self.parts = self.parts.saturating_add(1);
                    self.place = Place::Header(Header::default(), false);
                    return Ok(false);
                }
                (Some(index), Some(b"--")) if index.saturating_add(1) == self.open.len() => {
                    self.open.pop();
                    self.place = Place::Content(Packing::Text);
                    return Ok(self.open.is_empty());
                }
                (Some(_), Some(b"" | b"--")) => return Err(Stop::bad(at, "a boundary while an inner one is open")),
                _ => {}
            }
        }
        if self.is_folder && is_separator(line) {
            self.open.clear();
            self.place = Place::Header(Header::default(), true);
            return Ok(false);
        }
        match packing {
            Packing::Text => Ok(false),
            Packing::Base64 => self.base64(at, line),
            Packing::QuotedPrintable if line.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) => Ok(false),
            Packing::QuotedPrintable => Err(Stop::bad(at, "a character that should have been quoted")),
        }
    }

    /// A line of packed content; whether its padding closes a message that has no parts.
    fn base64(&mut self, at: u64, line: &[u8]) -> Result<bool, Stop> {
        let text = line.trim_ascii();
        let content = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
        let is_packed = content.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
        if !is_packed || (self.padded && !text.is_empty()) {
            // Behind the content of a message that has no parts something else may stand; within parts it may not.
            return Err(Stop::bad(at, "a line that is no packed content"));
        }
        self.padded |= content.len() < text.len();
        Ok(self.padded && self.open.is_empty())
    }

    /// Whether another message of a folder begins behind a closed one; the reader then stands in its header.
    fn another_message(&mut self) -> Result<bool, Stop> {
        if !self.is_folder {
            return Ok(false);
        }
        let back = self.reader.at();
        // The text between a closed message and the next one is empty, or says that there are parts above.
        for _ in 0..4 {
            match self.line() {
                Ok(line) if line.is_empty() => {}
                Ok(line) if is_separator(&line) => {
                    self.place = Place::Header(Header::default(), true);
                    self.padded = false;
                    return Ok(true);
                }
                Ok(_) | Err(Stop::End(_) | Stop::Bad(..)) => break,
                Err(stop) => return Err(stop),
            }
        }
        self.reader.go(back);
        Ok(false)
    }
}
