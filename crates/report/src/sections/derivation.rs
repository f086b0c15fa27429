//! What was made from what.

use crate::document::{Basis, Block, Blocks};
use crate::facts::Facts;
use crate::messages::Messages;
use crate::pictures;

use super::image_basis;

pub(crate) fn derivation(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    let Some(drawing) = pictures::derivation(facts) else { return };
    blocks.chapter("derivation", messages.word("derivation"));
    let mut basis: Vec<Basis> =
        facts.items.iter().filter(|item| item.acquisition.is_some()).flat_map(image_basis).collect();
    basis.dedup();
    basis.truncate(BASIS_MAX);
    let imaged = facts.items.iter().filter(|item| item.acquisition.is_some()).count();
    let alt = messages.say("derivation-alt", &[("items", imaged.into())]);
    blocks.push(Block::Figure { drawing, alt, caption: messages.word("derivation-caption"), basis });
}

/// Records and files named below the picture; the chapter of the items names all.
const BASIS_MAX: usize = 12;
