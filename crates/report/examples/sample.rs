//! Prints a document of an invented case: `cargo run -p exhibit-report --example sample -- court fr,ar text`. Reader, languages
//! and form may be left out: examiner, en, html.

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::Write as _;

#[expect(clippy::unwrap_used, reason = "an example for people")]
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |at: usize, otherwise: &str| words.get(at).map_or(otherwise, String::as_str).to_owned();
    let languages = word(1, "en");
    let languages: Vec<&str> = languages.split(',').collect();
    let document = support::made(&support::facts(), &word(0, "examiner"), &languages);
    let output = exhibit_report::find_output(&word(2, "html")).unwrap();
    let bytes = (output.render)(&document, &[]).unwrap();
    std::io::stdout().write_all(&bytes).unwrap();
}
