//! The checks and their headline.

use crate::document::{Basis, Block, Blocks, Mood, Row, Sentence, Table, Tone};
use crate::facts::Facts;
use crate::messages::Messages;
use crate::text::Text;
use crate::verdict::{CheckRow, Outcome, Verdict};

pub(crate) fn in_full(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("checks", messages.word("checks"));
    headline(facts.verdict.as_ref(), messages, blocks);
    let Some(rows) = facts.verdict.as_ref().map(Verdict::rows) else { return };
    if !rows.checks.is_empty() {
        let row = |check: &CheckRow| Row {
            cells: vec![
                asked(messages, &check.id, &check.name).into(),
                result(messages, check.passed).into(),
                Text::recorded(&check.reason).into(),
            ],
            ..Row::default()
        };
        blocks.push(Block::Table(Table {
            caption: messages.word("each-check"),
            basis: vec![Basis::Check],
            head: ["asked", "result", "why"].map(|key| messages.word(key)).into(),
            widths: &[40, 18, 42],
            numbers_from: None,
            rows: rows.checks.iter().map(row).collect(),
        }));
    }
    if !rows.not_checked.is_empty() {
        blocks.general(Tone::Lead, messages.word("what-not-checked"));
        let sentence = |line: &String| Sentence::resting_on(Text::recorded(line), &[Basis::Check]);
        blocks.list(rows.not_checked.iter().map(sentence).collect());
    }
}

pub(crate) fn in_short(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("checks", messages.word("checks"));
    headline(facts.verdict.as_ref(), messages, blocks);
    let Some(rows) = facts.verdict.as_ref().map(Verdict::rows) else { return };
    // What holds is one number; what does not is named.
    let wrong = rows.checks.iter().filter(|check| check.passed != Some(true));
    let sentence = |check: &CheckRow| {
        let what = asked(messages, &check.id, &check.name);
        let text = messages.say("said", &[("label", result(messages, check.passed).into()), ("text", what.into())]);
        Sentence::resting_on(text, &[Basis::Check])
    };
    let named: Vec<Sentence> = wrong.map(sentence).take(NAMED_IN_SHORT).collect();
    if !named.is_empty() {
        blocks.list(named);
    }
}

/// Checks that do not hold, named on the two pages for a court; the annex has all.
const NAMED_IN_SHORT: usize = 5;

fn headline(verdict: Option<&Verdict>, messages: &Messages, blocks: &mut Blocks) {
    let Some(verdict) = verdict else {
        let text = Sentence::general(messages.word("check-none-text"));
        blocks.panel(Mood::Open, messages.word("check-none"), vec![text]);
        return;
    };
    let (mood, headline) = match verdict.outcome() {
        Outcome::Holds => (Mood::Plain, "check-holds"),
        Outcome::DoesNotMatch => (Mood::Alarm, "check-does-not-match"),
        Outcome::Incomplete => (Mood::Open, "check-incomplete"),
    };
    let sentence = Sentence::resting_on(verdict.sentence(messages), &[Basis::Check]);
    blocks.panel(mood, messages.word(headline), vec![sentence]);
}

/// What a check asked: in the language of the document if it is known there, with the place it names.
pub fn asked(messages: &Messages, id: &str, title: &str) -> Text {
    let key = format!("check-{id}");
    if !messages.has(&key) {
        return Text::recorded(title);
    }
    let what = messages.word(&key);
    match title.split_once(": ") {
        Some((place, _)) => messages.say("check-of", &[("what", what.into()), ("place", Text::recorded(place).into())]),
        None => what,
    }
}

fn result(messages: &Messages, passed: Option<bool>) -> Text {
    messages.word(match passed {
        Some(true) => "matches",
        Some(false) => "does-not-match",
        None => "not-checked",
    })
}
