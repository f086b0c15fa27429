//! The kinds of document there are. Adding one: a file in `outputs/`, a `mod` line and a line in [`OUTPUTS`].

mod html;

pub use html::html;

use crate::Facts;

/// One kind of document.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// The word of `--format`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// File ending, without dot.
    pub extension: &'static str,
    /// Facts in, the file's bytes out. Pure: the same facts make the same bytes.
    pub render: fn(&Facts) -> Vec<u8>,
}

/// Every kind, the usual one first.
pub static OUTPUTS: &[Output] = &[Output {
    id: "html",
    title: "One HTML page for browsers and printers",
    extension: "html",
    render: |facts| html(facts).into_bytes(),
}];

/// The output of that id.
#[must_use]
pub fn find_output(id: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.id == id)
}
