//! Web pages (WHATWG HTML, and HTML written as XML).
//!
//! ```text
//! [<?xml …?>] [<!DOCTYPE html …>] <html …> tags, text, comments, scripts … </html>
//! ```
//!
//! The walk goes from tag to tag, over comments, quoted values, scripts and styles, to the tag that closes the page. Pages
//! need not be well-formed, so it asks for less than that of XML: the tags that make a page must be there in their order,
//! and every byte must be text. Nothing vouches for the text: *consistent*. A page that is not closed is *partial*.

use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::kind::{HEAD_BYTES, Kind};
use crate::stop::{Progress, Stop};
use crate::text::{Encoding, Prose, Reader, beginning};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};

const HTML: FileType = FileType { id: "html", extension: "html" };
/// Characters of a tag's name that are kept.
const NAME_MOST: usize = 24;
/// Tags after which the beginning of a page is worth telling: texts about pages are full of shorter ones.
const TAGS_BODY: u64 = 12;
/// Elements whose content is no markup.
const RAW: [&[u8]; 6] = [b"script", b"style", b"textarea", b"title", b"xmp", b"iframe"];

/// Web pages.
pub(crate) struct Html;

impl Kind for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn types(&self) -> &'static [FileType] {
        &[HTML]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        // Few patterns: each group of them costs a search of its own. What follows is asked by `plausible`.
        // Templates often leave empty lines in front.
        &[
            b"<!DOCTYPE",
            b"<!doctype",
            b"<html",
            b"<HTML",
            b"<?xml",
            b"\xef\xbb\xbf<",
            b"\n<!DOCTYPE",
            b"\n<!doctype",
            b"\n\n<!DOCTYPE",
            b"\n\n<!doctype",
            b"\r\n<!DOCTYPE",
            b"\r\n<!doctype",
        ]
    }

    fn only_at_sectors(&self, head: &[u8]) -> bool {
        head.first().is_some_and(u8::is_ascii_whitespace)
    }

    fn plausible(&self, head: &[u8]) -> bool {
        is_page(&beginning(head))
    }

    /// The tag `<html` behind the document type is a signature, too.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn may_hide_others(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(HTML, candidate, budget, |window, progress| {
            let head = window.some(0, HEAD_BYTES)?.to_vec();
            if !self.signatures().iter().any(|signature| head.starts_with(signature)) || !self.plausible(&head) {
                return Err(Stop::bad(0, "no web page"));
            }
            let start = window.some(0, 2048)?.to_vec();
            let (_, mark) = Encoding::of_head(&head);
            let reader = Reader::new(window, charset(&start), mark);
            let prose = Prose::default();
            Walk { reader, prose, tags: 0, open: false, body: false, head: false, listing: false }.page(progress)
        })
    }
}

/// Whether a text begins with the document type or the first tag of a page, behind a declaration of XML and comments.
pub(super) fn is_page(text: &[u8]) -> bool {
    let mut rest = text.trim_ascii_start();
    loop {
        let end: &[u8] = if rest.starts_with(b"<?") {
            b"?>"
        } else if rest.starts_with(b"<!--") {
            b"-->"
        } else {
            break;
        };
        let Some(at) = rest.windows(end.len()).position(|here| here == end) else { return false };
        rest = rest.get(at.saturating_add(end.len())..).unwrap_or_default().trim_ascii_start();
    }
    let begins = |word: &[u8]| {
        let same = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        same && rest.get(word.len()).is_none_or(|next| *next == b'>' || next.is_ascii_whitespace())
    };
    begins(b"<!doctype html") || begins(b"<html")
}

/// How the page says that it is written: UTF-8, or some code page of which nothing can be wrong.
fn charset(start: &[u8]) -> Encoding {
    let text = start.to_ascii_lowercase();
    let named = |word: &[u8]| text.windows(word.len()).any(|here| here == word);
    let is_utf8 = named(b"charset=utf-8") || named(b"charset=\"utf-8") || named(b"encoding=\"utf-8");
    if is_utf8 { Encoding::Utf8 } else { Encoding::Byte }
}

struct Walk<'w, 'a> {
    reader: Reader<'w, 'a>,
    prose: Prose,
    tags: u64,
    /// Whether `<html`, something of the page's head, and something of its body were met.
    open: bool,
    head: bool,
    body: bool,
    /// Whether the last tag opened a listing: such a text may be long.
    listing: bool,
}

impl Walk<'_, '_> {
    fn bad<T>(&self, what: &str) -> Result<T, Stop> {
        Err(Stop::bad(self.reader.at(), what))
    }

    fn page(mut self, progress: &mut Progress) -> Result<Whole, Stop> {
        // Where the present stretch of text began, and the spaces in it.
        let (mut from, mut spaces) = (self.reader.at(), 0_u64);
        loop {
            let text = self.reader.text(|byte| byte == b'<')?;
            let at = self.reader.at();
            spaces = text.spaces.saturating_add(spaces);
            self.reader.skip(1);
            self.reader.window.budget.pay(1)?;
            let first = self.reader.peek()?;
            if !(matches!(first, b'!' | b'?' | b'/') || first.is_ascii_alphabetic()) {
                // A sign in a text.
                continue;
            }
            if !std::mem::take(&mut self.listing) {
                self.prose.add(from, at, spaces);
            }
            let closed = match first {
                b'!' => {
                    self.declaration()?;
                    false
                }
                b'?' => {
                    self.reader.skip_past(b">", false)?;
                    false
                }
                b'/' => {
                    self.reader.skip(1);
                    self.end_tag()?
                }
                _ => {
                    self.start_tag(at, progress)?;
                    false
                }
            };
            (from, spaces) = (self.reader.at(), 0);
            progress.good = from;
            if closed {
                break;
            }
        }
        if !self.open || !self.head || !self.body {
            return self.bad("a page without its parts");
        }
        if let Some(at) = self.prose.stands_out() {
            progress.good = at;
            return Err(Stop::bad(at, "a text far longer than all others, which may hold foreign data"));
        }
        let end = self.after()?;
        let reasons = [
            format!("{} tags, the last one closes the page; every byte is text", self.tags),
            "nothing vouches for the text between the tags".to_owned(),
        ];
        Ok(consistent(HTML, end, reasons))
    }

    /// A comment or the document type; `<` has been read.
    fn declaration(&mut self) -> Result<(), Stop> {
        if self.reader.takes(b"!--", false)? {
            if self.reader.takes(b">", false)? || self.reader.takes(b"->", false)? {
                return Ok(());
            }
            return self.reader.skip_past(b"-->", false);
        }
        if self.reader.takes(b"![CDATA[", false)? {
            return self.reader.skip_past(b"]]>", false);
        }
        if self.reader.takes(b"!doctype html", true)? && self.open {
            return self.bad("another page begins");
        }
        self.reader.skip_past(b">", false)
    }

    /// A tag's name in lower case.
    fn name(&mut self) -> Result<Vec<u8>, Stop> {
        let mut name = Vec::new();
        loop {
            let byte = self.reader.peek()?;
            if byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<') {
                return Ok(name);
            }
            if name.len() < NAME_MOST {
                name.push(byte.to_ascii_lowercase());
            }
            self.reader.skip(1);
        }
    }

    /// Behind the name of a tag to its end, over quoted values.
    fn rest_of_tag(&mut self) -> Result<(), Stop> {
        loop {
            self.words_of_tag(|byte| matches!(byte, b'>' | b'='))?;
            if self.reader.next()? == b'>' {
                return Ok(());
            }
            self.reader.skip_while(|byte| byte.is_ascii_whitespace())?;
            let quote = self.reader.peek()?;
            if matches!(quote, b'"' | b'\'') {
                self.reader.skip(1);
                self.words_of_tag(|byte| byte == quote)?;
                self.reader.skip(1);
            } else {
                self.reader.skip_while(|byte| !byte.is_ascii_whitespace() && byte != b'>')?;
            }
        }
    }

    /// Steps over what stands in a tag, up to what `ends` it.
    fn words_of_tag(&mut self, ends: impl Fn(u8) -> bool) -> Result<(), Stop> {
        let from = self.reader.at();
        let text = self.reader.text(ends)?;
        if Prose::is_foreign(from, self.reader.at(), text) {
            return Err(Stop::bad(from, "lines of text within a tag, which may be foreign data"));
        }
        Ok(())
    }

    /// The rest of an end tag; whether it closes the page.
    fn end_tag(&mut self) -> Result<bool, Stop> {
        let name = self.name()?;
        self.reader.skip_past(b">", false)?;
        self.tags = self.tags.saturating_add(1);
        Ok(name == b"html")
    }

    fn start_tag(&mut self, at: u64, progress: &mut Progress) -> Result<(), Stop> {
        let name = self.name()?;
        self.rest_of_tag()?;
        self.tags = self.tags.saturating_add(1);
        match name.as_slice() {
            b"html" if self.open => {
                return Err(Stop::bad(at, "another page begins"));
            }
            b"html" => {
                self.open = true;
                progress.parts.push(at);
            }
            b"head" | b"title" | b"meta" | b"link" => self.head = true,
            b"body" | b"frameset" | b"p" | b"div" | b"table" | b"h1" => self.body = true,
            b"pre" | b"code" => self.listing = true,
            _ => {}
        }
        if self.open && (self.head || self.body) && self.tags >= TAGS_BODY {
            progress.level = Level::Body;
        }
        if let Some(raw) = RAW.iter().find(|raw| **raw == name) {
            let end = [b"</".as_slice(), raw].concat();
            self.reader.skip_past(&end, true)?;
            self.reader.skip_past(b">", false)?;
        }
        Ok(())
    }

    /// Comments behind the page, and the end of the line.
    fn after(&mut self) -> Result<u64, Stop> {
        loop {
            let end = self.reader.end_of_text()?;
            let back = self.reader.at();
            let space = self.reader.skip_while(|byte| byte.is_ascii_whitespace()).is_ok();
            if !(space && self.reader.takes(b"<!--", false)? && self.reader.skip_past(b"-->", false).is_ok()) {
                self.reader.go(back);
                return Ok(end);
            }
        }
    }
}
