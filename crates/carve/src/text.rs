//! Text as files of markup and mail hold it: characters one by one, and where a text file may end.

use crate::stop::Stop;
use crate::window::Window;

/// Bytes read and checked at once.
const CHUNK_BYTES: usize = 8 * 1024;
/// White space behind the last mark of a file that is looked at, in bytes.
const SPACE_MOST: u64 = 4096;
/// Stands for a character of UTF-16 that is not ASCII: a letter, as far as markup is concerned.
const OTHER: u8 = 0xfd;

/// How characters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// One byte a character, as in ISO 8859 and Windows code pages; nothing above 127 can be wrong.
    Byte,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// The encoding that a file's first bytes tell, and the length of its byte order mark.
    pub(crate) const fn of_head(head: &[u8]) -> (Self, u64) {
        match head {
            [0xff, 0xfe, ..] => (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Be, 2),
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8, 3),
            _ => (Self::Utf8, 0),
        }
    }

    /// Bytes of one unit.
    const fn unit(self) -> u64 {
        match self {
            Self::Utf8 | Self::Byte => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// The characters at the beginning of `bytes`, one byte each; ends before the first that no text has.
    fn narrow(self, bytes: &[u8]) -> Vec<u8> {
        let pair = |one: &[u8; 2]| match self {
            Self::Utf16Be => u16::from_be_bytes(*one),
            _ => u16::from_le_bytes(*one),
        };
        let narrow: Vec<u8> = match self {
            Self::Byte => bytes.to_vec(),
            Self::Utf8 => {
                let valid = match std::str::from_utf8(bytes) {
                    Ok(text) => text.len(),
                    Err(error) => error.valid_up_to(),
                };
                bytes.get(..valid).unwrap_or_default().to_vec()
            }
            Self::Utf16Le | Self::Utf16Be => {
                let units = bytes.as_chunks::<2>().0.iter().map(pair).take_while(|unit| *unit < 0xfffe);
                units.map(|unit| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(OTHER)).collect()
            }
        };
        let end = narrow.iter().position(|byte| is_control(*byte)).unwrap_or(narrow.len());
        narrow.get(..end).unwrap_or_default().to_vec()
    }
}

/// Control characters that text files do not have. Form feeds separate pages, in mail and in listings.
const fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c)
}

/// The beginning of a text in one byte a character, without its byte order mark.
pub(crate) fn beginning(head: &[u8]) -> Vec<u8> {
    let (encoding, mark) = Encoding::of_head(head);
    encoding.narrow(head.get(usize::try_from(mark).unwrap_or(0)..).unwrap_or_default())
}

/// A stretch of text without markup.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    pub(crate) spaces: u64,
    pub(crate) lines: u64,
    /// Whether there is nothing but white space.
    pub(crate) is_blank: bool,
}

impl Default for Text {
    fn default() -> Self {
        Self { spaces: 0, lines: 0, is_blank: true }
    }
}

/// The stretches of prose of a document. Nothing in markup shows that a foreign text lies within one of them; but it fills
/// whole sectors, and is most often longer than anything that the document says otherwise.
#[derive(Debug, Default)]
pub(crate) struct Prose {
    count: u64,
    /// Length and place of the longest one, and length of the next.
    longest: (u64, u64),
    second: u64,
}

impl Prose {
    /// Shorter stretches say nothing.
    const LEAST: u64 = 16;
    /// Fewer stretches are no measure.
    const COUNT_LEAST: u64 = 8;
    /// How many times longer than the next one the longest may be.
    const TIMES_MOST: u64 = 4;
    /// Of so many characters at least one is a space; lists of numbers and packed data have fewer.
    const WORD_MOST: u64 = 20;
    /// Fragments begin and end at multiples of this, in bytes.
    const SECTOR_BYTES: u64 = 512;

    /// Notes a stretch of bytes with so many spaces.
    pub(crate) fn add(&mut self, from: u64, to: u64, spaces: u64) {
        let length = to.saturating_sub(from);
        if length < Self::LEAST || spaces.saturating_mul(Self::WORD_MOST) < length {
            return;
        }
        self.count = self.count.saturating_add(1);
        if length > self.longest.0 {
            self.second = self.longest.0;
            self.longest = (length, from);
        } else {
            self.second = self.second.max(length);
        }
    }

    /// Whether a stretch within a tag is prose in lines that fills a whole sector: tags are not written so, and a foreign text
    /// is.
    pub(crate) fn is_foreign(from: u64, to: u64, text: Text) -> bool {
        const LINES_LEAST: u64 = 4;
        let is_prose = text.spaces.saturating_mul(Self::WORD_MOST) >= to.saturating_sub(from);
        text.lines >= LINES_LEAST && is_prose && Self::holds_sector(from, to)
    }

    const fn holds_sector(from: u64, to: u64) -> bool {
        from.next_multiple_of(Self::SECTOR_BYTES).saturating_add(Self::SECTOR_BYTES) <= to
    }

    /// Where a stretch begins that is so much longer than all others that it may hold a foreign fragment.
    pub(crate) fn stands_out(&self) -> Option<u64> {
        let (length, from) = self.longest;
        let is_longer = self.count >= Self::COUNT_LEAST && length > self.second.saturating_mul(Self::TIMES_MOST);
        (is_longer && Self::holds_sector(from, from.saturating_add(length))).then_some(from)
    }
}

/// Reads a text character by character; what is no text is a stop.
pub(crate) struct Reader<'w, 'a> {
    pub(crate) window: &'w mut Window<'a>,
    encoding: Encoding,
    /// Characters from `start` on, and how many of them have been read.
    chunk: Vec<u8>,
    read: usize,
    start: u64,
}

impl<'w, 'a> Reader<'w, 'a> {
    pub(crate) const fn new(window: &'w mut Window<'a>, encoding: Encoding, at: u64) -> Self {
        Self { window, encoding, chunk: Vec::new(), read: 0, start: at }
    }

    /// Where the next character stands.
    pub(crate) fn at(&self) -> u64 {
        self.start.saturating_add((self.read as u64).saturating_mul(self.encoding.unit()))
    }

    /// Goes on at another place.
    pub(crate) fn go(&mut self, at: u64) {
        self.chunk.clear();
        (self.read, self.start) = (0, at);
    }

    /// The characters that are at hand; at least one.
    pub(crate) fn ahead(&mut self) -> Result<&[u8], Stop> {
        if self.read >= self.chunk.len() {
            let at = self.at();
            let left = self.window.size().saturating_sub(at);
            // A character is at most four bytes long.
            let least = usize::try_from(left.min(4)).unwrap_or(4);
            let mut bytes = self.window.some(at, CHUNK_BYTES)?;
            if bytes.len() < least {
                bytes = self.window.exact(at, least)?;
            }
            (self.chunk, self.read, self.start) = (self.encoding.narrow(bytes), 0, at);
            if self.chunk.is_empty() {
                return Err(Stop::bad(at, "a byte that no text has"));
            }
        }
        Ok(self.chunk.get(self.read..).unwrap_or_default())
    }

    /// The next character, which stays the next one.
    pub(crate) fn peek(&mut self) -> Result<u8, Stop> {
        let at = self.at();
        self.ahead()?.first().copied().ok_or(Stop::End(at))
    }

    /// Steps over `count` characters that were seen.
    pub(crate) const fn skip(&mut self, count: usize) {
        self.read = self.read.saturating_add(count);
    }

    /// The next character, stepped over.
    pub(crate) fn next(&mut self) -> Result<u8, Stop> {
        let byte = self.peek()?;
        self.skip(1);
        Ok(byte)
    }

    /// Steps over characters while `wanted` says so; how many.
    pub(crate) fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> Result<u64, Stop> {
        let mut total = 0_u64;
        loop {
            let ahead = self.ahead()?;
            let stop = ahead.iter().position(|byte| !wanted(*byte));
            let count = stop.unwrap_or(ahead.len());
            total = total.saturating_add(count as u64);
            self.skip(count);
            if stop.is_some() {
                return Ok(total);
            }
        }
    }

    /// Steps over text up to a character that `ends` it; what it was like.
    pub(crate) fn text(&mut self, ends: impl Fn(u8) -> bool) -> Result<Text, Stop> {
        let mut text = Text::default();
        loop {
            let ahead = self.ahead()?;
            let end = ahead.iter().position(|byte| ends(*byte));
            let seen = ahead.get(..end.unwrap_or(ahead.len())).unwrap_or_default();
            text.spaces = text.spaces.saturating_add(memchr::memchr_iter(b' ', seen).count() as u64);
            text.lines = text.lines.saturating_add(memchr::memchr_iter(b'\n', seen).count() as u64);
            text.is_blank &= seen.iter().all(u8::is_ascii_whitespace);
            let count = seen.len();
            self.skip(count);
            if end.is_some() {
                return Ok(text);
            }
        }
    }

    /// Steps over `text`, without regard to case if `fold`; whether it stood there. Nothing is stepped over if not.
    pub(crate) fn takes(&mut self, text: &[u8], fold: bool) -> Result<bool, Stop> {
        let back = self.at();
        for wanted in text {
            match self.peek() {
                Ok(byte) if byte == *wanted || (fold && byte.eq_ignore_ascii_case(wanted)) => self.skip(1),
                Ok(_) | Err(Stop::End(_) | Stop::Bad(..)) => {
                    self.go(back);
                    return Ok(false);
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(true)
    }

    /// Steps behind the next `mark`, without regard to case if `fold`.
    pub(crate) fn skip_past(&mut self, mark: &[u8], fold: bool) -> Result<(), Stop> {
        let first = mark.first().copied().unwrap_or(0);
        loop {
            self.skip_while(|byte| byte != first)?;
            if self.takes(mark, fold)? {
                return Ok(());
            }
            self.window.budget.pay(1)?;
            self.skip(1);
        }
    }

    /// Where the text ends if its last mark has just been read: behind the end of that line, or behind all white space if
    /// nothing but zeros or the end of the medium follows.
    pub(crate) fn end_of_text(&mut self) -> Result<u64, Stop> {
        let (at, unit) = (self.at(), self.encoding.unit());
        let length = self.window.size().saturating_sub(at).min(SPACE_MOST);
        let exact = |window: &mut Window<'_>, length: u64| -> Result<Vec<u8>, Stop> {
            Ok(window.exact(at, usize::try_from(length).unwrap_or(0))?.to_vec())
        };
        let bytes = match exact(self.window, length) {
            Err(Stop::Unreadable(fault)) => exact(self.window, fault.saturating_sub(at))?,
            other => other?,
        };
        let reaches_end = at.saturating_add(bytes.len() as u64) >= self.window.size();
        let narrow = self.encoding.narrow(&bytes);
        let spaces = narrow.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let behind = usize::try_from(unit).unwrap_or(1).saturating_mul(spaces);
        let is_last = match bytes.get(behind) {
            Some(next) => *next == 0 && narrow.len() == spaces,
            None => reaches_end,
        };
        let line_end = match narrow.as_slice() {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r', ..] => 1,
            _ => 0,
        };
        let taken = if is_last { spaces } else { line_end };
        Ok(at.saturating_add((taken as u64).saturating_mul(unit)))
    }
}
