//! DFXML: the media and the files of the package, for the tools of forensic research.

use super::{Export, FILES_NAMED_MAX, Whole, xml};
use crate::manifest::{File, Item};

/// Digital Forensics XML.
pub(super) struct Dfxml;

impl Export for Dfxml {
    fn id(&self) -> &'static str {
        "dfxml"
    }

    fn path(&self) -> &'static str {
        "exhibit/files.dfxml"
    }

    fn write(&self, whole: &Whole<'_>) -> Result<Vec<u8>, String> {
        let manifest = whole.manifest;
        let (program, version) = manifest.tool.split_once(' ').unwrap_or((&manifest.tool, ""));
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <dfxml xmlns=\"http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\" version=\"1.0\">\n  <metadata>\n    \
             <dc:type>Evidence package</dc:type>\n    <dc:identifier>{}</dc:identifier>\n    <dc:date>{}</dc:date>\n  </metadata>\n  \
             <creator>\n    <program>{}</program>\n    <version>{}</version>\n  </creator>\n",
            xml(&manifest.case.number),
            xml(&manifest.created),
            xml(program),
            xml(version)
        );
        for item in &manifest.items {
            text += &source(item);
        }
        let files = manifest.items.iter().flat_map(|item| &item.files);
        for file in files.clone().take(FILES_NAMED_MAX) {
            text += &fileobject(file);
        }
        let more = files.count().saturating_sub(FILES_NAMED_MAX);
        if more > 0 {
            text += &format!("  <!-- {more} more files are listed in exhibit/manifest.json only -->\n");
        }
        Ok((text + "</dfxml>\n").into_bytes())
    }
}

/// The medium of an item.
fn source(item: &Item) -> String {
    let Some(medium) = &item.medium else { return String::new() };
    let digests = medium.digests.iter().map(|(algorithm, hex)| digest(algorithm, hex)).collect::<String>();
    format!(
        "  <source>\n    <image_filename>{}</image_filename>\n    <image_size>{}</image_size>\n{digests}  </source>\n",
        xml(&item.id),
        medium.size_bytes
    )
}

fn fileobject(file: &File) -> String {
    format!(
        "  <fileobject>\n    <filename>{}</filename>\n    <filesize>{}</filesize>\n{}  </fileobject>\n",
        xml(&file.path),
        file.size,
        digest("sha256", &file.sha256)
    )
}

fn digest(algorithm: &str, hex: &str) -> String {
    format!("    <hashdigest type=\"{}\">{}</hashdigest>\n", xml(algorithm), xml(hex))
}
