//! One paragraph for each item, and the authority.

use crate::document::{Basis, Blocks, Sentence};
use crate::facts::{Certainty, Facts, ItemFacts};
use crate::messages::Messages;
use crate::text::Text;
use crate::words;

use super::{carve_basis, case_basis, image_basis, source_name, unread_bytes};

/// Items described on the two pages for a court.
const ITEMS_IN_SHORT: usize = 4;
/// Longest text of authority and scope printed there, in characters, and how many fields.
const STATED_IN_SHORT: (usize, usize) = (300, 6);

pub(crate) fn in_full(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    summary(facts, messages, blocks, usize::MAX);
    authority(facts, messages, blocks, (usize::MAX, usize::MAX));
}

pub(crate) fn in_short(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    summary(facts, messages, blocks, ITEMS_IN_SHORT);
    authority(facts, messages, blocks, STATED_IN_SHORT);
}

fn summary(facts: &Facts, messages: &Messages, blocks: &mut Blocks, most: usize) {
    blocks.chapter("summary", messages.word("summary"));
    for item in facts.items.iter().take(most) {
        blocks.paragraph(item_sentences(item, messages));
    }
    if facts.items.is_empty() {
        blocks.paragraph(vec![Sentence::resting_on(messages.word("summary-none"), &case_basis(&facts.case))]);
    }
    let left_out = facts.items.len().saturating_sub(most);
    if left_out > 0 {
        let text = messages.say("items-left-out", &[("n", left_out.into())]);
        blocks.paragraph(vec![Sentence::general(text)]);
    }
}

/// Everything that can be said of an item in a paragraph.
pub(crate) fn item_sentences(item: &ItemFacts, messages: &Messages) -> Vec<Sentence> {
    let id = item_name(item, messages);
    let Some(record) = &item.acquisition else {
        let text = messages.say("item-not-imaged", &[("id", id.into())]);
        return vec![Sentence::resting_on(text, &image_basis(item))];
    };
    let time = |time: &str| Text::number(words::time(time));
    let copied = messages.say(
        "item-copied",
        &[
            ("id", id.into()),
            ("source", source_name(record, messages).into()),
            ("size", messages.bytes(record.size_bytes).into()),
        ],
    );
    let when = messages
        .say("item-when", &[("started", time(&record.started).into()), ("finished", time(&record.finished).into())]);
    let who = match record.plan.examiner.as_deref() {
        Some(examiner) => messages.say("item-who", &[("examiner", Text::recorded(examiner).into())]),
        None => messages.word("item-who-unknown").missing(),
    };
    let read = if record.gaps.is_empty() {
        messages.word("item-read-all")
    } else {
        let ranges = messages.say("ranges", &[("n", record.gaps.len().into())]);
        let size = messages.bytes(unread_bytes(&record.gaps));
        messages.say("item-read-not-all", &[("size", size.into()), ("ranges", ranges.into())])
    };
    let read_back = messages.word(match &record.read_back {
        Some(result) if result.matches => "item-read-back-same",
        Some(_) => "item-read-back-differs",
        None => "item-read-back-none",
    });
    let basis = image_basis(item);
    let mut sentences: Vec<Sentence> =
        [copied, when, who, read, read_back].map(|text| Sentence::resting_on(text, &basis)).into();
    if let Some(carve) = &item.carve {
        let whole = carve.files.iter().filter(|file| file.class <= Certainty::Consistent).count();
        let text = messages.say("item-carved", &[("n", whole.into())]);
        sentences.push(Sentence::resting_on(text, &carve_basis(item)));
    }
    sentences
}

/// Its number, with its description if there is one.
pub(crate) fn item_name(item: &ItemFacts, messages: &Messages) -> Text {
    let id = Text::recorded(&item.id);
    match item.description.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
        None => id,
        Some(words) => {
            messages.say("item-described", &[("id", id.into()), ("description", Text::recorded(words).into())])
        }
    }
}

fn authority(facts: &Facts, messages: &Messages, blocks: &mut Blocks, (longest, most): (usize, usize)) {
    let mut sentences = Vec::new();
    for (root, none) in [("authority", "authority-none"), ("scope", "scope-none")] {
        let said = stated(facts, messages, &[root], longest);
        if said.is_empty() {
            sentences.push(Sentence::resting_on(messages.word(none).missing(), &case_basis(&facts.case)));
        }
        sentences.extend(said.into_iter().take(most));
    }
    blocks.list(sentences);
}

/// What `case.json` states below these paths, one sentence each.
pub(crate) fn stated(facts: &Facts, messages: &Messages, paths: &[&str], longest: usize) -> Vec<Sentence> {
    let below = |path: &str, root: &str| {
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let wanted = facts.stated.iter().filter(|(path, _)| paths.iter().any(|root| below(path, root)));
    let sentence = |(path, text): &(String, String)| {
        // `authority.issuing_body.name` is named by its second part.
        let field = path.split(['.', '[']).nth(1).or(path.split('.').next()).unwrap_or_default();
        let key = format!("field-{field}");
        let label = if messages.has(&key) { messages.word(&key) } else { Text::recorded(field) };
        let shown = if text.chars().count() > longest {
            format!("{} …", text.chars().take(longest).collect::<String>())
        } else {
            text.clone()
        };
        let said = messages.say("said", &[("label", label.into()), ("text", Text::recorded(&shown).into())]);
        let record = facts.case.record.map(Basis::Record);
        let basis: Vec<Basis> = record.into_iter().chain([Basis::File(format!("case.json {path}"))]).collect();
        Sentence::resting_on(said, &basis)
    };
    wanted.map(sentence).collect()
}
