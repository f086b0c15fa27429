//! A document in PDF: pages of text, and a picture if there is room for one.

use exhibit_evidence::ByteRange;

use super::jpeg::photograph;
use super::{Grown, Part, Plant};
use crate::encode::jpeg::{Settings, encode};
use crate::encode::pdf::{self, page_of_text};
use crate::{Random, prose};

pub(super) struct Pdf;

impl Plant for Pdf {
    fn id(&self) -> &'static str {
        "pdf"
    }

    fn extension(&self) -> &'static str {
        "pdf"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let (pdf, parts) = document(random, size_bytes);
        Grown { bytes: pdf.finish(), parts, note: String::new() }
    }
}

/// Object numbers; the objects of the pages follow by twos: page, content.
pub(super) const CATALOG: u32 = 1;
const PAGES: u32 = 2;
const FONT: u32 = 3;
const PICTURE: u32 = 4;
const FIRST_PAGE: u32 = 5;
/// Content of the first page: the object that an update replaces.
pub(super) const FIRST_CONTENT: u32 = FIRST_PAGE + 1;
/// Text on a page: about 60 lines.
pub(super) const PAGE_CHARACTERS: usize = 4500;

/// A closed document of about `size_bytes`; a picture takes what is more than a few pages of text.
pub(super) fn document(random: &mut Random, size_bytes: usize) -> (pdf::Pdf, Vec<Part>) {
    // Deflated, a page takes about 2000 bytes.
    let text_bytes = size_bytes.min(40_000);
    let pages = (text_bytes / 2_000).max(1) as u32;
    let mut pdf = pdf::Pdf::new();
    let mut parts = Vec::new();
    pdf.object(CATALOG, &format!("<< /Type /Catalog /Pages {PAGES} 0 R >>"));
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", FIRST_PAGE + 2 * page)).collect();
    pdf.object(PAGES, &format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")));
    pdf.object(FONT, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    let mut resources = format!("/Font << /F1 {FONT} 0 R >>");
    if size_bytes > text_bytes + 10_000 {
        resources.push_str(&format!(" /XObject << /Im1 {PICTURE} 0 R >>"));
        parts.push(picture(&mut pdf, random, size_bytes - text_bytes));
    } else {
        pdf.object(PICTURE, "null");
    }
    for page in 0..pages {
        let (number, content) = (FIRST_PAGE + 2 * page, FIRST_PAGE + 2 * page + 1);
        pdf.object(
            number,
            &format!(
                "<< /Type /Page /Parent {PAGES} 0 R /MediaBox [0 0 595 842] /Resources << {resources} >> /Contents {content} 0 R >>"
            ),
        );
        let mut drawing = page_of_text(&prose::english(random, PAGE_CHARACTERS));
        if page == 0 && !parts.is_empty() {
            drawing.extend(b"q 200 0 0 150 350 40 cm /Im1 Do Q\n");
        }
        pdf.deflated(content, &drawing);
    }
    pdf.close(CATALOG);
    (pdf, parts)
}

/// A JPEG file as it is, as the data of an image object.
fn picture(pdf: &mut pdf::Pdf, random: &mut Random, size_bytes: usize) -> Part {
    let picture = photograph(random, size_bytes);
    let bytes = encode(&picture, &Settings::default());
    let entries = format!(
        "/Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
        picture.width, picture.height
    );
    let at = pdf.stream(PICTURE, &entries, &bytes);
    let range = ByteRange::new(at as u64, bytes.len() as u64);
    Part { kind: "jpeg", range, bait: false, note: "picture inside the document" }
}
