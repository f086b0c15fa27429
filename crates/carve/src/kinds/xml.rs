//! XML documents: data, drawings (SVG), property lists, tracks (GPX), maps (KML).
//!
//! ```text
//! [byte order mark] <?xml version="1.0" …?> [comments, <!DOCTYPE …>] <root …> … </root> [comments, white space]
//! ```
//!
//! The walk asks for well-formed XML 1.0: names, attributes, entities, characters, and the tags of elements in pairs. The
//! file ends with the element it began with, the comments behind it and the end of that line. Nothing vouches for the text
//! between tags: *consistent*. Drawings need no declaration; they must name their name space instead.

mod walk;

use exhibit_evidence::{ReadFault, Source};
use walk::Walk;

use crate::budget::Budget;
use crate::kind::{HEAD_BYTES, Kind};
use crate::stop::Stop;
use crate::text::{Encoding, beginning};
use crate::verdict::{FileType, Verdict};
use crate::walk::follow;

const XML: FileType = FileType { id: "xml", extension: "xml" };
const SVG: FileType = FileType { id: "svg", extension: "svg" };
const PLIST: FileType = FileType { id: "plist", extension: "plist" };
const GPX: FileType = FileType { id: "gpx", extension: "gpx" };
const KML: FileType = FileType { id: "kml", extension: "kml" };

/// XML documents.
pub(crate) struct Xml;

impl Kind for Xml {
    fn id(&self) -> &'static str {
        "xml"
    }

    fn types(&self) -> &'static [FileType] {
        &[XML, SVG, PLIST, GPX, KML]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"<?xml", b"<svg", b"\xef\xbb\xbf<", b"\xff\xfe<\0?", b"\xfe\xff\0<\0"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let text = beginning(head);
        // Hypertext written as XML is a web page, see there.
        if super::html::is_page(&text) {
            return false;
        }
        match text.strip_prefix(b"<?xml") {
            Some(rest) => rest.len() < 16 || starts_declaration(rest),
            None => head.starts_with(b"<") && is_drawing(&text),
        }
    }

    /// A document may quote another one, and a drawing behind a declaration begins with a signature, too.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn may_hide_others(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(XML, candidate, budget, |window, progress| {
            let head = window.some(0, HEAD_BYTES)?.to_vec();
            let is_xml = self.signatures().iter().any(|signature| head.starts_with(signature));
            if !is_xml || !self.plausible(&head) {
                return Err(Stop::bad(0, "no XML"));
            }
            let (encoding, mark) = Encoding::of_head(&head);
            let encoding = declared(&beginning(&head), encoding);
            Walk::new(window, encoding, mark).document(progress)
        })
    }
}

/// What an element is called tells what the document is.
fn type_of(root: &[u8]) -> FileType {
    match root {
        b"svg" => SVG,
        b"plist" => PLIST,
        b"gpx" => GPX,
        b"kml" => KML,
        _ => XML,
    }
}

/// The encoding that the declaration names, if that is one of single bytes or longer ones that we do not know.
fn declared(text: &[u8], found: Encoding) -> Encoding {
    let declaration = text.iter().position(|byte| *byte == b'>').and_then(|end| text.get(..end)).unwrap_or_default();
    let Some(at) = declaration.windows(9).position(|word| word == b"encoding=") else { return found };
    let name = declaration.get(at.saturating_add(10)..).unwrap_or_default();
    let known = [b"utf-8".as_slice(), b"utf8", b"us-ascii", b"ascii"];
    let is_known =
        known.iter().any(|known| name.get(..known.len()).is_some_and(|name| name.eq_ignore_ascii_case(known)));
    if found == Encoding::Utf8 && !is_known { Encoding::Byte } else { found }
}

/// ` version="1.` or with other spaces and quotes.
fn starts_declaration(rest: &[u8]) -> bool {
    let text = rest.trim_ascii_start();
    let Some(value) = text.strip_prefix(b"version") else { return false };
    let value = value.trim_ascii_start().strip_prefix(b"=").unwrap_or_default().trim_ascii_start();
    rest.len() > text.len() && (value.starts_with(b"\"1.") || value.starts_with(b"'1."))
}

/// Whether the first tag is that of a drawing with its name space.
fn is_drawing(text: &[u8]) -> bool {
    const SPACE: &[u8] = b"http://www.w3.org/2000/svg";
    let tag = text.iter().position(|byte| *byte == b'>').and_then(|end| text.get(..end)).unwrap_or(text);
    let after = tag.strip_prefix(b"<svg").and_then(|rest| rest.first());
    after.is_some_and(u8::is_ascii_whitespace) && tag.windows(SPACE.len()).any(|here| here == SPACE)
}
