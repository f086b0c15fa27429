//! The walk through a well-formed document.

use super::{SVG, type_of};
use crate::stop::{Progress, Stop};
use crate::text::{Encoding, Prose, Reader};
use crate::verdict::{FileType, Level, Whole};
use crate::walk::consistent;
use crate::window::Window;

/// Elements within elements.
const DEPTH_MOST: usize = 4096;
/// Characters of a name.
const NAME_MOST: usize = 1024;
/// Attributes of an element.
const ATTRIBUTES_MOST: usize = 256;
/// Elements of a drawing that hold text, or hold others that do; all others hold elements only.
const WORDS_IN_DRAWINGS: [&[u8]; 11] = [
    b"text",
    b"tspan",
    b"textPath",
    b"a",
    b"title",
    b"desc",
    b"style",
    b"script",
    b"metadata",
    b"foreignObject",
    b"switch",
];
/// Elements after which the beginning of a document is worth telling: programs are full of shorter ones.
const ELEMENTS_BODY: u64 = 8;
/// Drawings in a broken document that are known as its parts.
const PARTS_MOST: usize = 4096;

pub(super) struct Walk<'w, 'a> {
    reader: Reader<'w, 'a>,
    /// Name of each open element, as a number, and whether text may stand in it.
    open: Vec<(u64, bool)>,
    prose: Prose,
    /// Where the present stretch of text began, and the spaces in it.
    text: (u64, u64),
    elements: u64,
    /// Whether a document type may have declared entities.
    has_type: bool,
    file_type: FileType,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) fn new(window: &'w mut Window<'a>, encoding: Encoding, at: u64) -> Self {
        let reader = Reader::new(window, encoding, at);
        let (prose, text) = (Prose::default(), (0, 0));
        Self { reader, open: Vec::new(), prose, text, elements: 0, has_type: false, file_type: super::XML }
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
        if let Some(at) = self.prose.stands_out() {
            progress.good = at;
            return Err(Stop::bad(at, "a text far longer than all others, which may hold foreign data"));
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
        let mut names: Vec<u64> = Vec::new();
        while self.space()? > 0 && !matches!(self.reader.peek()?, b'>' | b'/' | b'?') {
            let (number, name) = self.name()?;
            if names.len() >= ATTRIBUTES_MOST || names.contains(&number) {
                return self.bad("an attribute twice, or more of them than anybody writes");
            }
            names.push(number);
            self.space()?;
            self.expect(b"=", "an attribute without value")?;
            self.space()?;
            let quote = self.reader.next()?;
            if !matches!(quote, b'"' | b'\'') {
                return self.bad("a value without quotes");
            }
            if self.file_type == SVG && name == b"d" {
                self.reader.skip_while(is_of_path)?;
                if self.reader.next()? != quote {
                    return self.bad("a path of a drawing with what no path has");
                }
                continue;
            }
            loop {
                let from = self.reader.at();
                let text = self.reader.text(|byte| byte == quote || byte == b'&' || byte == b'<')?;
                if Prose::is_foreign(from, self.reader.at(), text) {
                    return Err(Stop::bad(from, "lines of text within a value, which may be foreign data"));
                }
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
            let inherits = self.open.last().is_some_and(|(_, words)| *words) && self.elements > 0;
            let words = inherits || self.file_type != SVG || has_words(&name);
            self.open.push((number, words));
        }
        self.text = (self.reader.at(), 0);
        self.elements = self.elements.saturating_add(1);
        if self.elements >= ELEMENTS_BODY {
            progress.file_type = self.file_type;
            progress.level = Level::Body;
        }
        if name == b"svg" && progress.parts.len() < PARTS_MOST {
            progress.parts.push(at);
        }
        Ok(())
    }

    /// The next piece of an element's content.
    fn content(&mut self, progress: &mut Progress) -> Result<(), Stop> {
        let text = self.reader.text(|byte| matches!(byte, b'<' | b'&'))?;
        if !text.is_blank && !self.open.last().is_some_and(|(_, words)| *words) {
            return self.bad("text in an element of a drawing that has none");
        }
        self.text.1 = self.text.1.saturating_add(text.spaces);
        let end = self.reader.at();
        if self.reader.next()? == b'&' {
            return self.entity();
        }
        let (from, spaces) = std::mem::take(&mut self.text);
        self.prose.add(from, end, spaces);
        let result = self.markup(progress);
        self.text = (self.reader.at(), 0);
        result
    }

    /// What `<` begins within an element.
    fn markup(&mut self, progress: &mut Progress) -> Result<(), Stop> {
        match self.reader.peek()? {
            b'/' => {
                self.reader.skip(1);
                let (number, _) = self.name()?;
                self.space()?;
                self.expect(b">", "a tag that does not end")?;
                if self.open.pop().is_none_or(|(opened, _)| opened != number) {
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

/// Whether an element of a drawing holds text. What belongs to other name spaces may hold anything.
fn has_words(name: &[u8]) -> bool {
    let own = name.strip_prefix(b"svg:").unwrap_or(name);
    WORDS_IN_DRAWINGS.contains(&own) || own.starts_with(b"flow") || own.contains(&b':')
}

/// Whether paths of drawings are written with this: commands, numbers, and what parts them.
const fn is_of_path(byte: u8) -> bool {
    byte.is_ascii_digit()
        || byte.is_ascii_whitespace()
        || matches!(
            byte.to_ascii_uppercase(),
            b'M' | b'Z' | b'L' | b'H' | b'V' | b'C' | b'S' | b'Q' | b'T' | b'A' | b'E'
        )
        || matches!(byte, b'.' | b',' | b'+' | b'-')
}
