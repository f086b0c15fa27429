//! The walk through a well-formed document.

use super::type_of;
use crate::stop::{Progress, Stop};
use crate::text::{Encoding, Reader};
use crate::verdict::{FileType, Level, Whole};
use crate::walk::consistent;
use crate::window::Window;

/// Elements within elements.
const DEPTH_MOST: usize = 4096;
/// Characters of a name.
const NAME_MOST: usize = 1024;
/// Elements after which the beginning of a document is more than a header.
const ELEMENTS_BODY: u64 = 8;
/// Drawings in a broken document that are known as its parts.
const PARTS_MOST: usize = 4096;

pub(super) struct Walk<'w, 'a> {
    reader: Reader<'w, 'a>,
    /// Name of each open element, as a number.
    open: Vec<u64>,
    elements: u64,
    /// Whether a document type may have declared entities.
    has_type: bool,
    file_type: FileType,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) fn new(window: &'w mut Window<'a>, encoding: Encoding, at: u64) -> Self {
        let reader = Reader::new(window, encoding, at);
        Self { reader, open: Vec::new(), elements: 0, has_type: false, file_type: super::XML }
    }

    /// From the declaration to the last byte.
    pub(super) fn document(mut self, progress: &mut Progress) -> Result<Whole, Stop> {
        if self.reader.takes(b"<?xml", false)? {
            self.attributes()?;
            self.expect(b"?>", "a declaration that does not end")?;
        }
        loop {
            self.space()?;
            self.expect(b"<", "text where the first element should be")?;
            match self.reader.peek()? {
                b'!' => self.before_root()?,
                b'?' => self.instruction()?,
                _ => break,
            }
        }
        self.start_tag(progress)?;
        while !self.open.is_empty() {
            self.content(progress)?;
            progress.good = self.reader.at();
        }
        let end = self.after_root()?;
        let reasons = [
            format!("well-formed, {} element(s), the last tag closes the first", self.elements),
            "nothing vouches for the text between the tags".to_owned(),
        ];
        Ok(consistent(self.file_type, end, reasons))
    }

    fn bad<T>(&self, what: &str) -> Result<T, Stop> {
        Err(Stop::bad(self.reader.at(), what))
    }

    fn expect(&mut self, text: &[u8], what: &str) -> Result<(), Stop> {
        if self.reader.takes(text, false)? { Ok(()) } else { self.bad(what) }
    }

    fn space(&mut self) -> Result<u64, Stop> {
        self.reader.skip_while(|byte| byte.is_ascii_whitespace())
    }

    /// A name, as a number; also whether it is `svg`.
    fn name(&mut self) -> Result<(u64, Vec<u8>), Stop> {
        let mut name = Vec::new();
        loop {
            let byte = self.reader.peek()?;
            let fits = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':' | 0x80.. => true,
                b'0'..=b'9' | b'-' | b'.' => !name.is_empty(),
                _ => false,
            };
            if !fits {
                break;
            }
            if name.len() >= NAME_MOST {
                return self.bad("a name longer than any");
            }
            name.push(byte);
            self.reader.skip(1);
        }
        if name.is_empty() {
            return self.bad("no name where one should be");
        }
        // FNV-1a: names need to be told apart, not protected.
        let number = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| {
            (number ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Ok((number, name))
    }

    /// A comment or the document type; `<` has been read.
    fn before_root(&mut self) -> Result<(), Stop> {
        if self.reader.takes(b"!--", false)? {
            return self.comment();
        }
        self.expect(b"!DOCTYPE", "a declaration that does not belong here")?;
        self.has_type = true;
        let mut in_brackets = false;
        loop {
            self.reader.window.budget.pay(1)?;
            match self.reader.next()? {
                quote @ (b'"' | b'\'') => {
                    self.reader.skip_while(|byte| byte != quote)?;
                    self.reader.skip(1);
                }
                b'[' if !in_brackets => in_brackets = true,
                b']' if in_brackets => in_brackets = false,
                b'<' if in_brackets && self.reader.takes(b"!--", false)? => self.comment()?,
                b'<' if in_brackets => {}
                b'<' => return self.bad("a tag within the document type"),
                b'>' if !in_brackets => return Ok(()),
                _ => {}
            }
        }
    }

    /// The rest of a comment: no two hyphens but at its end.
    fn comment(&mut self) -> Result<(), Stop> {
        self.reader.skip_past(b"--", false)?;
        self.expect(b">", "two hyphens within a comment")
    }

    /// The rest of a processing instruction; `<` has been read.
    fn instruction(&mut self) -> Result<(), Stop> {
        self.reader.skip(1);
        let (_, name) = self.name()?;
        if name.eq_ignore_ascii_case(b"xml") {
            return self.bad("another document begins");
        }
        self.reader.skip_past(b"?>", false)
    }

    fn attributes(&mut self) -> Result<(), Stop> {
        while self.space()? > 0 && !matches!(self.reader.peek()?, b'>' | b'/' | b'?') {
            self.name()?;
            self.space()?;
            self.expect(b"=", "an attribute without value")?;
            self.space()?;
            let quote = self.reader.next()?;
            if !matches!(quote, b'"' | b'\'') {
                return self.bad("a value without quotes");
            }
            loop {
                self.reader.skip_while(|byte| byte != quote && byte != b'&' && byte != b'<')?;
                match self.reader.next()? {
                    b'&' => self.entity()?,
                    b'<' => return self.bad("a tag within a value"),
                    _ => break,
                }
            }
        }
        Ok(())
    }

    /// The rest of a reference; `&` has been read.
    fn entity(&mut self) -> Result<(), Stop> {
        self.reader.window.budget.pay(1)?;
        if self.reader.takes(b"#", false)? {
            let is_hex = self.reader.takes(b"x", false)?;
            let digit = |byte: u8| if is_hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
            if !(1..=8).contains(&self.reader.skip_while(digit)?) {
                return self.bad("no number of a character");
            }
        } else {
            let (_, name) = self.name()?;
            let known = [b"amp".as_slice(), b"lt", b"gt", b"quot", b"apos"].contains(&name.as_slice());
            if !known && !self.has_type {
                return self.bad("an entity that nobody declared");
            }
        }
        self.expect(b";", "a reference that does not end")
    }

    /// The rest of a start tag; `<` has been read.
    fn start_tag(&mut self, progress: &mut Progress) -> Result<(), Stop> {
        self.reader.window.budget.pay(1)?;
        let at = self.reader.at().saturating_sub(1);
        let (number, name) = self.name()?;
        if self.elements == 0 {
            self.file_type = type_of(&name);
        }
        self.attributes()?;
        let is_empty = self.reader.takes(b"/", false)?;
        self.expect(b">", "a tag that does not end")?;
        if !is_empty {
            if self.open.len() >= DEPTH_MOST {
                return self.bad("elements too deep");
            }
            self.open.push(number);
        }
        self.elements = self.elements.saturating_add(1);
        if self.elements > 1 {
            progress.file_type = self.file_type;
            progress.level = if self.elements < ELEMENTS_BODY { Level::Header } else { Level::Body };
        }
        if name == b"svg" && progress.parts.len() < PARTS_MOST {
            progress.parts.push(at);
        }
        Ok(())
    }

    /// The next piece of an element's content.
    fn content(&mut self, progress: &mut Progress) -> Result<(), Stop> {
        self.reader.skip_while(|byte| byte != b'<' && byte != b'&')?;
        if self.reader.next()? == b'&' {
            return self.entity();
        }
        match self.reader.peek()? {
            b'/' => {
                self.reader.skip(1);
                let (number, _) = self.name()?;
                self.space()?;
                self.expect(b">", "a tag that does not end")?;
                if self.open.pop() != Some(number) {
                    return self.bad("a tag that closes another element than the last one opened");
                }
                Ok(())
            }
            b'!' => {
                if self.reader.takes(b"!--", false)? {
                    return self.comment();
                }
                self.expect(b"![CDATA[", "a declaration within an element")?;
                self.reader.skip_past(b"]]>", false)
            }
            b'?' => self.instruction(),
            _ => self.start_tag(progress),
        }
    }

    /// Comments behind the root, and the end of the line.
    fn after_root(&mut self) -> Result<u64, Stop> {
        loop {
            let end = self.reader.end_of_text()?;
            let back = self.reader.at();
            let comment = self.space().is_ok() && self.reader.takes(b"<!--", false)? && self.comment().is_ok();
            if !comment {
                self.reader.go(back);
                return Ok(end);
            }
        }
    }
}
