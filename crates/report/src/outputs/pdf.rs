//! PDF/A-2a, tagged, with its fonts inside: for the file of the court, and for readers without eyes.
//!
//! A document is set in two passes. [`setting`] and [`flow`] put lines and shapes on pages, each with its place in the tree of
//! structure; then [`writing`] draws page by page and hands the tree over. Shaping, directions of writing and line breaks are
//! `parley`'s, the file itself is `krilla`'s.

mod flow;
mod fonts;
mod setting;
mod structure;
mod writing;

use crate::document::Document;
use crate::outputs::{FontFile, Output, RenderError};

pub(super) const OUTPUT: Output =
    Output { id: "pdf", title: "PDF/A-2a, tagged", extension: "pdf", needs_fonts: true, render: pdf };

/// The document as a PDF file.
fn pdf(document: &Document, files: &[FontFile]) -> Result<Vec<u8>, RenderError> {
    let mut fonts = fonts::Fonts::new(files, document);
    let set = setting::set(document, &mut fonts)?;
    writing::write(document, &mut fonts, set)
}
