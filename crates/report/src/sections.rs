//! Chapters of documents. Each turns facts into blocks; none knows what form the document will have.

pub(crate) mod about;
pub(crate) mod checks;
pub(crate) mod custody;
pub(crate) mod derivation;
pub(crate) mod glossary;
pub(crate) mod howto;
pub(crate) mod image;
pub(crate) mod items;
pub(crate) mod limits;
pub(crate) mod meaning;
pub(crate) mod receipt;
pub(crate) mod recovered;
pub(crate) mod summary;
pub(crate) mod unread;

use exhibit_evidence::Gap;
use exhibit_evidence::acquisition::Acquisition;

use crate::document::{Basis, Blocks};
use crate::facts::{CaseFacts, Facts, ItemFacts};
use crate::messages::Messages;
use crate::text::Text;

/// Adds the blocks of a chapter.
pub(crate) type Section = fn(&Facts, &Messages, &mut Blocks);

/// What statements about the case rest on.
pub(crate) fn case_basis(case: &CaseFacts) -> Vec<Basis> {
    case.record.map(Basis::Record).into_iter().chain([Basis::File("case.json".to_owned())]).collect()
}

/// What statements about the image of an item rest on.
pub(crate) fn image_basis(item: &ItemFacts) -> Vec<Basis> {
    let file = item.acquisition_file.clone().unwrap_or_else(|| "acquisition.json".to_owned());
    item.acquired.map(Basis::Record).into_iter().chain([Basis::File(file)]).collect()
}

/// What statements about recovered files rest on.
pub(crate) fn carve_basis(item: &ItemFacts) -> Vec<Basis> {
    let list = item.carve.as_ref().and_then(|carve| carve.list_file.clone());
    let file = list.unwrap_or_else(|| "carved.jsonl".to_owned());
    item.derived.map(Basis::Record).into_iter().chain([Basis::File(file)]).collect()
}

/// The anchor of an item: made of its place, never of its name.
pub(crate) fn item_anchor(at: usize) -> String {
    format!("item-{}", at.saturating_add(1))
}

pub(crate) fn unread_bytes(gaps: &[Gap]) -> u64 {
    gaps.iter().fold(0, |sum: u64, gap| sum.saturating_add(gap.length))
}

/// The best name a source has: vendor, model and serial number if it told them, otherwise its path.
pub(crate) fn source_name(record: &Acquisition, messages: &Messages) -> Text {
    let source = &record.source;
    let parts: Vec<&str> = [&source.vendor, &source.model].into_iter().flatten().map(String::as_str).collect();
    let name = if parts.is_empty() { source.path.clone() } else { parts.join(" ") };
    match source.serial.as_deref() {
        None => Text::recorded(&name),
        Some(serial) => messages.say(
            "source-with-serial",
            &[("name", Text::recorded(&name).into()), ("serial", Text::recorded(serial).into())],
        ),
    }
}
