//! A document in PDF that was changed and saved again: a second body, table and `%%EOF` behind the first.

use super::pdf::{CATALOG, FIRST_CONTENT, PAGE_CHARACTERS, document};
use super::{Grown, Plant};
use crate::encode::pdf::page_of_text;
use crate::{Random, prose};

pub(super) struct PdfUpdated;

impl Plant for PdfUpdated {
    fn id(&self) -> &'static str {
        "pdf-updated"
    }

    fn kind(&self) -> &'static str {
        "pdf"
    }

    fn extension(&self) -> &'static str {
        "pdf"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let (mut pdf, parts) = document(random, size_bytes);
        pdf.deflated(FIRST_CONTENT, &page_of_text(&prose::english(random, PAGE_CHARACTERS)));
        pdf.close(CATALOG);
        Grown { bytes: pdf.finish(), parts, note: "incremental update: the first %%EOF is not the end".to_owned() }
    }
}
