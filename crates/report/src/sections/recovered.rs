//! What was recovered by content.

use std::collections::BTreeMap;

use crate::document::{Basis, Block, Blocks, Cell, Mood, Row, Sentence, Table, Tone};
use crate::facts::{CarveFacts, CarvedFile, Certainty, ItemFacts};
use crate::messages::Messages;
use crate::text::Text;
use crate::words;

use super::{carve_basis, item_anchor};

/// Files printed one by one; the rest is counted and found in the complete list.
const FILES_MAX: usize = 1000;

/// Reasons printed for a file.
const REASONS_MAX: usize = 8;

/// Every class with its message, strongest first.
const CLASSES: [(Certainty, &str); 4] = [
    (Certainty::Proven, "class-proven"),
    (Certainty::Consistent, "class-consistent"),
    (Certainty::Partial, "class-partial"),
    (Certainty::HeaderOnly, "class-header-only"),
];

pub(crate) fn recovered(at: usize, item: &ItemFacts, carve: &CarveFacts, messages: &Messages, blocks: &mut Blocks) {
    let basis = carve_basis(item);
    blocks.subsection(format!("{}-recovered", item_anchor(at)), messages.word("carve"));
    let types = messages.known(Some(&carve.types.join(", ")));
    let searched = messages.say(
        "carve-searched",
        &[
            ("size", messages.or_unknown(carve.scanned_bytes.map(|bytes| messages.bytes(bytes))).into()),
            ("types", types.into()),
        ],
    );
    blocks.paragraph(vec![Sentence::general(messages.word("carve-intro")), Sentence::resting_on(searched, &basis)]);
    if !carve.skipped.is_empty() {
        let line = |line: &String| Sentence::resting_on(Text::recorded(line), &basis);
        blocks.panel(Mood::Open, messages.word("carve-skipped"), carve.skipped.iter().map(line).collect());
    }
    if carve.files.is_empty() {
        blocks.paragraph(vec![Sentence::resting_on(messages.word("carve-nothing"), &basis)]);
        return;
    }
    counts(&carve.files, &basis, messages, blocks);
    let means = CLASSES.map(|(_, key)| Sentence::general(messages.word(&format!("{key}-means"))));
    blocks.push(Block::Paragraph { tone: Tone::Soft, sentences: means.into() });
    files(carve, &basis, messages, blocks);
}

fn counts(files: &[CarvedFile], basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    let mut by_kind: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    for file in files {
        let numbers = by_kind.entry(&file.kind).or_default();
        let classes = CLASSES.iter().map(|(class, _)| Some(*class)).chain([None]);
        for (number, class) in numbers.iter_mut().zip(classes) {
            *number = number.saturating_add(u64::from(class.is_none_or(|class| class == file.class)));
        }
    }
    let row = |(kind, numbers): (&str, [u64; 5])| {
        let numbers = numbers.map(|number| Cell::from(Text::number(words::grouped(number))));
        Row { cells: [Cell::from(Text::recorded(kind))].into_iter().chain(numbers).collect(), ..Row::default() }
    };
    let head = ["kind"].into_iter().chain(CLASSES.map(|(_, key)| key)).chain(["class-all"]);
    blocks.push(Block::Table(Table {
        caption: messages.word("carve-counts"),
        basis: basis.to_vec(),
        head: head.map(|key| messages.word(key)).collect(),
        widths: &[20, 16, 16, 16, 16, 16],
        numbers_from: Some(1),
        rows: by_kind.into_iter().map(row).collect(),
    }));
}

fn files(carve: &CarveFacts, basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    let head = ["carve-kind-size", "carve-place", "carve-class", "carve-file"];
    blocks.push(Block::Table(Table {
        caption: messages.word("carve-files"),
        basis: basis.to_vec(),
        head: head.map(|key| messages.word(key)).into(),
        widths: &[17, 20, 23, 40],
        numbers_from: None,
        rows: carve.files.iter().take(FILES_MAX).map(|file| file_row(file, messages)).collect(),
    }));
    let left_out = carve.files.len().saturating_sub(FILES_MAX);
    if left_out > 0 {
        let list = messages.known(carve.list_file.as_deref());
        let text = messages.say("carve-left-out", &[("n", left_out.into()), ("list", list.into())]);
        blocks.paragraph(vec![Sentence::resting_on(text, basis)]);
    }
}

fn file_row(file: &CarvedFile, messages: &Messages) -> Row {
    let class = CLASSES.iter().find(|(class, _)| *class == file.class).map_or("class-header-only", |(_, key)| key);
    let reasons = file.reasons.iter().take(REASONS_MAX).map(|reason| Text::recorded(reason));
    let more = file.reasons.len().saturating_sub(REASONS_MAX);
    let more = (more > 0).then(|| messages.say("and-more", &[("n", more.into())]));
    let path = file.path.as_ref().map_or_else(|| messages.word("carve-listed"), Text::name);
    let digest = messages.or_unknown(file.sha256.as_deref().map(Text::digest));
    let cells = vec![
        Cell { parts: vec![Text::recorded(&file.kind), messages.bytes(file.size)] },
        place(file, messages).into(),
        Cell { parts: [messages.word(class)].into_iter().chain(reasons).chain(more).collect() },
        Cell { parts: vec![path, digest] },
    ];
    Row { cells, ..Row::default() }
}

fn place(file: &CarvedFile, messages: &Messages) -> Text {
    let offset = |at: u64| Text::number(words::offset(at));
    match file.extents.as_slice() {
        [] => messages.unknown(),
        [only] => messages.say("carve-from", &[("offset", offset(only.offset).into())]),
        [first, ..] => {
            messages.say("carve-pieces", &[("n", file.extents.len().into()), ("offset", offset(first.offset).into())])
        }
    }
}
