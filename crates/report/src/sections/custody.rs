//! Who did what, and when: the time line, and the records one by one.

use crate::document::{Basis, Block, Blocks, Cell, Row, Sentence, Table, Tone, record_anchor};
use crate::facts::{CustodyRow, Facts};
use crate::messages::Messages;
use crate::pictures;
use crate::text::Text;
use crate::words;

/// Records printed on the two pages for a court; the annex has all.
const ROWS_IN_SHORT: usize = 6;

/// Actions that change who holds the evidence, or where: printed first where there is little room.
const HOLDING: [&str; 11] = [
    "seized",
    "received",
    "sealed",
    "opened",
    "transported",
    "handed-over",
    "accepted",
    "refused",
    "returned",
    "destroyed",
    "acquired",
];

pub(crate) fn in_full(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    custody(facts, messages, blocks, usize::MAX);
    if let Some(head) = &facts.head {
        let text = messages.say(
            "log-head",
            &[
                ("n", head.records.into()),
                ("root", Text::exact(&head.root).into()),
                ("fingerprint", Text::exact(&head.fingerprint).into()),
            ],
        );
        blocks.paragraph(vec![Sentence::resting_on(text, &[Basis::File("custody/".to_owned())])]);
    }
}

pub(crate) fn in_short(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    custody(facts, messages, blocks, ROWS_IN_SHORT);
}

fn custody(facts: &Facts, messages: &Messages, blocks: &mut Blocks, most: usize) {
    blocks.chapter("custody", messages.word("custody"));
    if facts.custody.is_empty() {
        let none = Sentence::general(messages.word("custody-none").missing());
        blocks.paragraph(vec![none, Sentence::general(messages.word("custody-none-text"))]);
        return;
    }
    blocks.general(Tone::Plain, messages.word("custody-intro"));
    blocks.push_some(figure(&facts.custody, messages));
    let rows = chosen(&facts.custody, most);
    blocks.push(Block::Table(Table {
        caption: messages.word("custody-table"),
        basis: Vec::new(),
        head: ["record-number", "record-time", "record-what", "record-who"].map(|key| messages.word(key)).into(),
        widths: &[8, 20, 44, 28],
        numbers_from: None,
        rows: rows.iter().map(|row| line(row, messages)).collect(),
    }));
    let left_out = facts.custody.len().saturating_sub(rows.len());
    if left_out > 0 {
        blocks.general(Tone::Soft, messages.say("records-left-out", &[("n", left_out.into())]));
    }
}

/// At most so many records, those first that change who holds the evidence; in the order of the log.
fn chosen(rows: &[CustodyRow], most: usize) -> Vec<&CustodyRow> {
    if rows.len() <= most {
        return rows.iter().collect();
    }
    let (mut holding, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| HOLDING.contains(&row.action.as_str()));
    holding.extend(others);
    holding.truncate(most);
    holding.sort_by_key(|row| row.seq);
    holding
}

fn figure(rows: &[CustodyRow], messages: &Messages) -> Option<Block> {
    let picture = pictures::time_line(rows)?;
    let drawn = rows.get(rows.len().saturating_sub(picture.drawn)..).unwrap_or_default();
    let time = |row: Option<&CustodyRow>| Text::number(row.map(|row| words::time(&row.time)).unwrap_or_default());
    let alt = messages.say(
        "custody-alt",
        &[
            ("n", picture.drawn.into()),
            ("people", picture.people.into()),
            ("from", time(drawn.first()).into()),
            ("to", time(drawn.last()).into()),
        ],
    );
    let caption = if picture.drawn < rows.len() {
        messages.say("custody-caption-cut", &[("n", picture.drawn.into())])
    } else {
        messages.word("custody-caption")
    };
    let basis = [drawn.first(), drawn.last()].into_iter().flatten().map(|row| Basis::Record(row.seq)).collect();
    Some(Block::Figure { drawing: picture.drawing, alt, caption, basis })
}

/// The action in words.
pub(crate) fn what(row: &CustodyRow, messages: &Messages) -> Text {
    let key = format!("action-{}", row.action);
    if messages.has(&key) { messages.word(&key) } else { Text::recorded(&row.action) }
}

fn line(row: &CustodyRow, messages: &Messages) -> Row {
    let mut done = vec![what(row, messages)];
    if !row.object.is_empty() {
        done.push(Text::recorded(&row.object));
    }
    if let Some(reason) = &row.reason {
        done.push(messages.say("record-reason", &[("reason", Text::recorded(reason).into())]));
    }
    let mut who = vec![messages.known(Some(&row.actor))];
    if !row.role.is_empty() {
        who.push(Text::recorded(&row.role));
    }
    Row {
        anchor: Some(record_anchor(row.seq)),
        cells: vec![
            Text::number(row.seq.to_string()).into(),
            Text::number(words::time(&row.time)).into(),
            Cell { parts: done },
            Cell { parts: who },
        ],
        basis: Vec::new(),
    }
}
