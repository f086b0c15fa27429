//! Sections about the evidence itself, the same on several sheets.

use super::{Section, SheetFacts, SheetImage};
use crate::words;

/// What was copied, with its digests.
pub(super) fn images(facts: &SheetFacts) -> Section {
    let mut section = Section::new("The evidence: what was copied");
    for image in &facts.images {
        let record = &image.acquisition;
        let source = source(image);
        let what = record.plan.description.as_deref().map(|text| format!(", {text}")).unwrap_or_default();
        section.say(
            format!(
                "Item {}{what}: {} were copied between {} and {} with {}.",
                image.item,
                words::bytes(record.size_bytes),
                record.started,
                record.finished,
                record.tool
            ),
            source.clone(),
        );
        for (algorithm, hex) in record.digests.iter() {
            section.say(format!("Item {}: {algorithm} of the medium {hex}.", image.item), source.clone());
        }
        section.say(format!("Item {}: root of the hash tree {}.", image.item, record.tree.root), source.clone());
        let unread: u64 = record.gaps.iter().map(|gap| gap.length).fold(0, u64::saturating_add);
        let text = if record.gaps.is_empty() {
            format!("Item {}: everything could be read.", image.item)
        } else {
            let places = words::counted(record.gaps.len() as u64, "place", "places");
            format!("Item {}: {} in {places} could NOT be read.", image.item, words::bytes(unread))
        };
        section.say(text, source);
    }
    if facts.images.is_empty() {
        section.missing("Copies of the evidence", "items/".to_owned());
    }
    section
}

/// Where something about an image is recorded.
pub(super) fn source(image: &SheetImage) -> String {
    let record = image.record.map(|seq| format!(", record {seq}")).unwrap_or_default();
    format!("acquisition record of item {}{record}", image.item)
}

/// Records of these actions as sentences.
pub(super) fn records(facts: &SheetFacts, title: &'static str, actions: &[&str], none: &str) -> Section {
    let mut section = Section::new(title);
    for record in facts.of(actions) {
        let role = if record.role.is_empty() { String::new() } else { format!(" ({})", record.role) };
        let mut text = format!("{}, {}{role}: {}", record.time, record.actor, record.sentence);
        for (name, word) in
            record.says.iter().filter(|(name, word)| SAID.contains(&name.as_str()) && word.len() <= 2000)
        {
            text.push_str(&format!("; {}: {word}", name.replace('_', " ")));
        }
        if let Some(reason) = &record.reason {
            text.push_str(&format!("; reason: {reason}"));
        }
        text.push('.');
        section.say(text, record.reference());
    }
    if section.sentences.is_empty() {
        section.missing(none, "custody log".to_owned());
    }
    section
}

/// What a record says and a person wants to read.
const SAID: [&str; 17] = [
    "item",
    "seal",
    "place",
    "at",
    "clock_offset_seconds",
    "clock_reference",
    "authority",
    "condition",
    "from",
    "to",
    "to_agency",
    "text",
    "handover",
    "answer",
    "sender_case",
    "receiver_case",
    "matches",
];
