//! A document of a word processor in Office Open XML (ECMA-376).

use super::zip::stamp;
use super::{Grown, Plant};
use crate::encode::zip::{Method, Zip};
use crate::{Random, prose};

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
const BEFORE: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"#;
const AFTER: &str = "<w:sectPr/></w:body></w:document>";

pub(super) struct Docx;

impl Plant for Docx {
    fn id(&self) -> &'static str {
        "docx"
    }

    fn extension(&self) -> &'static str {
        "docx"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        // Text deflates to about two fifths.
        let text = prose::english(random, size_bytes * 5 / 2);
        let mut zip = Zip::new(stamp(random));
        zip.add("[Content_Types].xml", CONTENT_TYPES.as_bytes(), Method::Deflated);
        zip.add("_rels/.rels", RELATIONS.as_bytes(), Method::Deflated);
        let body = paragraphs(&text, "<w:p><w:r><w:t>", "</w:t></w:r></w:p>");
        zip.add("word/document.xml", [BEFORE, &body, AFTER].concat().as_bytes(), Method::Deflated);
        Grown::plain(zip.finish())
    }
}

/// Each paragraph of our own prose, which needs no XML escapes, between two tags.
pub(super) fn paragraphs(text: &[u8], open: &str, close: &str) -> String {
    let text = String::from_utf8_lossy(text);
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    paragraphs.flat_map(|paragraph| [open.to_owned(), paragraph, close.to_owned()]).collect()
}
