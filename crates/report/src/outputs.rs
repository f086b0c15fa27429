//! The kinds of document there are. Adding one: a file in `outputs/`, a `mod` line and a line in [`OUTPUTS`].

mod html;
#[cfg(feature = "pdf")]
mod pdf;
mod text;

use std::fmt;

use crate::document::Document;

/// One kind of document.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// The word of `--format`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// File ending, without dot.
    pub extension: &'static str,
    /// Whether it draws letters itself, and so needs fonts.
    pub needs_fonts: bool,
    /// A document in, the file's bytes out. Pure: the same document and fonts make the same bytes.
    pub render: fn(&Document, &[FontFile]) -> Result<Vec<u8>, RenderError>,
}

/// A font, as its file.
#[derive(Debug, Clone)]
pub struct FontFile {
    /// Its name, for messages.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a document could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderError {
    /// No font has a letter of the document's own words.
    NoFont {
        /// The letter.
        letter: char,
        /// The script it is of.
        script: &'static str,
        /// The Debian package with a font that has it.
        package: &'static str,
    },
    /// The document could not be written as its standard asks.
    Refused(String),
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFont { letter, script, .. } => {
                write!(f, "no font has the letter {letter} (U+{:04X}, {script})", u32::from(*letter))
            }
            Self::Refused(why) => write!(f, "the document could not be written: {why}"),
        }
    }
}

impl std::error::Error for RenderError {}

/// Every kind, the usual one first.
pub static OUTPUTS: &[Output] = &[
    html::OUTPUT,
    #[cfg(feature = "pdf")]
    pdf::OUTPUT,
    text::OUTPUT,
];

/// Files of fonts that documents are set in, as their packages name them: letters of the six languages, and letters of one
/// width. Whoever opens files looks for these and hands them in.
pub static FONT_FILES: &[&str] = &[
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansArabic-Bold.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJK-Bold.ttc",
    "DejaVuSansMono.ttf",
    "DejaVuSansMono-Bold.ttf",
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
];

/// The output of that id.
#[must_use]
pub fn find_output(id: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.id == id)
}

pub use html::html;
