//! A document of a word processor in OpenDocument (ISO/IEC 26300): the member `mimetype` comes first and is stored.

use super::docx::paragraphs;
use super::zip::stamp;
use super::{Grown, Plant};
use crate::encode::zip::{Method, Zip};
use crate::{Random, prose};

const MIMETYPE: &str = "application/vnd.oasis.opendocument.text";
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="application/vnd.oasis.opendocument.text"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#;
const BEFORE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"><office:body><office:text>"#;
const AFTER: &str = "</office:text></office:body></office:document-content>";

pub(super) struct Odt;

impl Plant for Odt {
    fn id(&self) -> &'static str {
        "odt"
    }

    fn extension(&self) -> &'static str {
        "odt"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let text = prose::english(random, size_bytes * 5 / 2);
        let mut zip = Zip::new(stamp(random));
        zip.add("mimetype", MIMETYPE.as_bytes(), Method::Stored);
        let content = [BEFORE, &paragraphs(&text, "<text:p>", "</text:p>"), AFTER].concat();
        zip.add("content.xml", content.as_bytes(), Method::Deflated);
        zip.add("META-INF/manifest.xml", MANIFEST.as_bytes(), Method::Deflated);
        Grown::plain(zip.finish())
    }
}
