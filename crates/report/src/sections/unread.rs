//! What of each item was not read, with a map; before any result.

use exhibit_evidence::acquisition::Acquisition;

use crate::document::{Block, Blocks, Mood, Sentence, Tone};
use crate::facts::{Facts, ItemFacts};
use crate::messages::Messages;
use crate::pictures;
use crate::text::Text;

use super::{image_basis, unread_bytes};

/// Maps drawn on the pages of a chapter; the section of each item has its own numbers.
const MAPS_MAX: usize = 3;

pub(crate) fn unread(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("unread", messages.word("unread"));
    let imaged: Vec<(&ItemFacts, &Acquisition)> =
        facts.items.iter().filter_map(|item| Some((item, item.acquisition.as_ref()?))).collect();
    if imaged.is_empty() {
        blocks.general(Tone::Plain, messages.word("unread-no-image"));
        return;
    }
    // First those with something unread: their maps must not be the ones that are left out.
    let (with, without): (Vec<_>, Vec<_>) = imaged.into_iter().partition(|(_, record)| !record.gaps.is_empty());
    for (number, (item, record)) in with.iter().enumerate() {
        loss(item, record, messages, blocks);
        if number < MAPS_MAX {
            blocks.push_some(map(item, record, messages));
        }
    }
    let all_read = |(item, record): &(&ItemFacts, &Acquisition)| {
        let size = messages.bytes(record.size_bytes);
        let text = messages.say("unread-none", &[("id", Text::recorded(&item.id).into()), ("size", size.into())]);
        Sentence::resting_on(text, &image_basis(item))
    };
    if !without.is_empty() {
        blocks.list(without.iter().map(all_read).collect());
    }
    if with.is_empty() {
        for (item, record) in without.iter().take(1) {
            blocks.push_some(map(item, record, messages));
        }
        return;
    }
    let zeros = with.iter().flat_map(|(_, record)| &record.gaps).any(|gap| gap.fill == "zero");
    let texts = with.iter().flat_map(|(_, record)| &record.gaps).find(|gap| gap.fill != "zero");
    let mut sentences = vec![Sentence::general(messages.word("unread-filler"))];
    if zeros {
        sentences.push(Sentence::general(messages.word("fill-zero")));
    }
    if let Some(gap) = texts {
        sentences.push(Sentence::general(messages.say("fill-text", &[("text", Text::recorded(&gap.fill).into())])));
    }
    blocks.panel(Mood::Open, messages.word("unread-not-zero"), sentences);
}

fn loss(item: &ItemFacts, record: &Acquisition, messages: &Messages, blocks: &mut Blocks) {
    let missing = unread_bytes(&record.gaps);
    let title = messages
        .say("unread-headline", &[("id", Text::recorded(&item.id).into()), ("size", messages.bytes(missing).into())]);
    let text = messages.say(
        "unread-sentence",
        &[
            ("ranges", messages.say("ranges", &[("n", record.gaps.len().into())]).into()),
            ("size", messages.bytes(record.size_bytes).into()),
            ("share", messages.share(missing, record.size_bytes).into()),
        ],
    );
    blocks.panel(Mood::Alarm, title, vec![Sentence::resting_on(text, &image_basis(item))]);
}

/// The map of the medium, if there is anything to draw.
pub(crate) fn map(item: &ItemFacts, record: &Acquisition, messages: &Messages) -> Option<Block> {
    let carve = item.carve.as_ref();
    let drawing = pictures::medium(record.size_bytes, &record.gaps, carve)?;
    let id = || Text::recorded(&item.id);
    let files = carve.map_or(0, |carve| carve.files.len());
    let alt = messages.say(
        "map-alt",
        &[
            ("id", id().into()),
            ("size", messages.bytes(record.size_bytes).into()),
            ("ranges", messages.say("ranges", &[("n", record.gaps.len().into())]).into()),
            ("files", messages.say("files-count", &[("n", files.into())]).into()),
        ],
    );
    let caption = if carve.is_some() { "map-caption" } else { "map-caption-no-carve" };
    let caption = messages.say(caption, &[("id", id().into())]);
    Some(Block::Figure { drawing, alt, caption, basis: image_basis(item) })
}
