//! What the person searched is given: what was taken, sealed, copied and given back, and under which authority.

use crate::document::{Basis, Block, Blocks, Sentence, Tone};
use crate::facts::{CustodyRow, Facts};
use crate::messages::Messages;
use crate::text::Text;
use crate::words;

use super::image::algorithm_name;
use super::{case_basis, custody, image_basis, summary};

/// What a record says and a person searched wants to read.
const SAID: [&str; 9] = ["item", "seal", "place", "at", "condition", "from", "to", "authority", "text"];

pub(crate) fn authority(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("authority", messages.word("authority"));
    stated(facts, messages, blocks, &["authority"], "authority-none");
    blocks.general(Tone::Lead, messages.word("excluded"));
    stated(facts, messages, blocks, &["scope.exclusions"], "excluded-none");
}

fn stated(facts: &Facts, messages: &Messages, blocks: &mut Blocks, paths: &[&str], none: &str) {
    let said = summary::stated(facts, messages, paths, usize::MAX);
    if said.is_empty() {
        let text = messages.word(none).missing();
        blocks.paragraph(vec![Sentence::resting_on(text, &case_basis(&facts.case))]);
    } else {
        blocks.list(said);
    }
}

pub(crate) fn taken(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("taken", messages.word("taken"));
    records(facts, messages, blocks, &["seized", "received"], "taken-none");
    blocks.chapter("seals", messages.word("seals"));
    records(facts, messages, blocks, &["sealed", "opened"], "seals-none");
}

pub(crate) fn copies(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("copies", messages.word("copies"));
    let mut none = true;
    for item in &facts.items {
        blocks.paragraph(summary::item_sentences(item, messages));
        let Some(record) = &item.acquisition else { continue };
        none = false;
        let row = |(id, hex): (&str, &str)| (Text::recorded(algorithm_name(id)), Text::digest(hex));
        let caption = if record.gaps.is_empty() { "digests" } else { "digests-with-filler" };
        let rows = record.digests.iter().map(|(id, hex)| row((id, hex))).collect();
        blocks.facts(messages.word(caption), &image_basis(item), rows);
    }
    if none {
        let text = messages.word("copies-none").missing();
        blocks.paragraph(vec![Sentence::resting_on(text, &case_basis(&facts.case))]);
    }
}

pub(crate) fn given_back(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("given-back", messages.word("given-back"));
    records(facts, messages, blocks, &["returned"], "given-back-none");
}

pub(crate) fn to_sign(_: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.general(Tone::Plain, messages.word("questions"));
    let lines = ["sign-authority", "sign-person", "sign-witness", "sign-place"];
    blocks.push(Block::Sign(lines.map(|key| messages.word(key)).into()));
}

/// Records of these actions, a sentence each.
fn records(facts: &Facts, messages: &Messages, blocks: &mut Blocks, actions: &[&str], none: &str) {
    let wanted = facts.custody.iter().filter(|row| actions.contains(&row.action.as_str()));
    let sentences: Vec<Sentence> = wanted.flat_map(|row| sentences(row, messages)).collect();
    if sentences.is_empty() {
        let basis = [Basis::File("custody/".to_owned())];
        blocks.paragraph(vec![Sentence::resting_on(messages.word(none).missing(), &basis)]);
    } else {
        blocks.list(sentences);
    }
}

fn sentences(row: &CustodyRow, messages: &Messages) -> Vec<Sentence> {
    let basis = [Basis::Record(row.seq)];
    let first = messages.say(
        "receipt-record",
        &[
            ("time", Text::number(words::time(&row.time)).into()),
            ("actor", messages.known(Some(&row.actor)).into()),
            ("role", messages.known(Some(&row.role)).into()),
            ("what", custody::what(row, messages).into()),
        ],
    );
    let said = row.says.iter().filter(|(name, _)| SAID.contains(&name.as_str())).map(|(name, text)| {
        let label = messages.word(&format!("field-{name}"));
        messages.say("said", &[("label", label.into()), ("text", Text::recorded(text).into())])
    });
    let reason =
        row.reason.as_deref().map(|reason| messages.say("record-reason", &[("reason", Text::recorded(reason).into())]));
    [first].into_iter().chain(said).chain(reason).map(|text| Sentence::resting_on(text, &basis)).collect()
}
