//! Everything technical about each item.

use crate::document::{Blocks, Sentence};
use crate::facts::Facts;
use crate::messages::Messages;

use super::{case_basis, image, image_basis, item_anchor, recovered, summary};

pub(crate) fn items(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("items", messages.word("items"));
    if facts.items.is_empty() {
        blocks.paragraph(vec![Sentence::resting_on(messages.word("items-none"), &case_basis(&facts.case))]);
    }
    for (at, item) in facts.items.iter().enumerate() {
        let name = summary::item_name(item, messages);
        blocks.section(item_anchor(at), messages.say("item", &[("id", name.into())]));
        match &item.acquisition {
            Some(record) => image::image(item, record, messages, blocks),
            None => {
                let id = summary::item_name(item, messages);
                let text = messages.say("item-not-imaged", &[("id", id.into())]);
                blocks.paragraph(vec![Sentence::resting_on(text, &image_basis(item))]);
            }
        }
        if let Some(carve) = &item.carve {
            recovered::recovered(at, item, carve, messages, blocks);
        }
    }
}
