//! Words that are explained.

use crate::document::{Block, Blocks};
use crate::facts::Facts;
use crate::messages::Messages;

/// Terms: `term-…` has the word, `term-…-means` the explanation.
const TERMS: [&str; 12] = [
    "image",
    "medium",
    "byte",
    "gap",
    "digest",
    "tree",
    "carving",
    "custody",
    "package",
    "signature",
    "protection",
    "segment",
];

pub(crate) fn glossary(_: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("glossary", messages.word("glossary"));
    let term = |id: &str| (messages.word(&format!("term-{id}")), messages.word(&format!("term-{id}-means")));
    blocks.push(Block::Terms(TERMS.map(term).into()));
}
