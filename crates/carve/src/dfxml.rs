//! Digital Forensics XML: one `fileobject` per find, for programs that read DFXML.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::object::Record;

/// The document up to the first `fileobject`.
pub(crate) fn begin(tool: &str, source_size_bytes: u64) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut bytes = writer.into_inner();
    bytes.extend_from_slice(
        b"\n<dfxml version=\"1.2.0\" xmlns=\"http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML\" \
xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:carve=\"urn:exhibit:carve:1\">\n",
    );
    let mut writer = Writer::new(bytes);
    writer.create_element("metadata").write_inner_content(|writer| {
        writer.create_element("dc:type").write_text_content(BytesText::new("Carve Report"))?;
        Ok(())
    })?;
    let (program, version) = tool.split_once(' ').unwrap_or((tool, ""));
    writer.create_element("creator").write_inner_content(|writer| {
        writer.create_element("program").write_text_content(BytesText::new(program))?;
        writer.create_element("version").write_text_content(BytesText::new(version))?;
        Ok(())
    })?;
    writer.create_element("source").write_inner_content(|writer| {
        writer.create_element("image_size").write_text_content(BytesText::new(&source_size_bytes.to_string()))?;
        Ok(())
    })?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// One `fileobject`.
pub(crate) fn object(record: &Record) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.create_element("fileobject").write_inner_content(|writer| {
        if let Some(path) = &record.path {
            writer.create_element("filename").write_text_content(BytesText::new(path))?;
        }
        writer.create_element("filesize").write_text_content(BytesText::new(&record.size.to_string()))?;
        writer.create_element("byte_runs").write_inner_content(|writer| {
            let mut file_offset = 0_u64;
            for extent in &record.extents {
                writer
                    .create_element("byte_run")
                    .with_attribute(("file_offset", file_offset.to_string().as_str()))
                    .with_attribute(("img_offset", extent.offset.to_string().as_str()))
                    .with_attribute(("len", extent.length.to_string().as_str()))
                    .write_empty()?;
                file_offset = file_offset.saturating_add(extent.length);
            }
            Ok(())
        })?;
        for (name, digest) in [("md5", &record.md5), ("sha256", &record.sha256)] {
            let element = writer.create_element("hashdigest").with_attribute(("type", name));
            element.write_text_content(BytesText::new(digest))?;
        }
        writer.create_element("carve:type").write_text_content(BytesText::new(record.file_type))?;
        writer.create_element("carve:class").write_text_content(BytesText::new(record.class.id()))?;
        if let Some(parent) = &record.parent {
            writer.create_element("carve:parent").write_text_content(BytesText::new(parent))?;
        }
        Ok(())
    })?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// The end of the document.
pub(crate) const END: &[u8] = b"</dfxml>\n";
