//! What matching digests mean, and what they do not.

use crate::document::{Blocks, Sentence, Tone};
use crate::facts::Facts;
use crate::messages::Messages;

pub(crate) fn in_full(_: &Facts, messages: &Messages, blocks: &mut Blocks) {
    short(messages, blocks);
    blocks.general(Tone::Plain, messages.word("meaning-old"));
}

pub(crate) fn in_short(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    short(messages, blocks);
    if facts.bag_name.is_some() {
        blocks.general(Tone::Plain, messages.word("howto-court"));
    }
}

fn short(messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("meaning", messages.word("meaning"));
    let general = |key: &str| Sentence::general(messages.word(key));
    blocks.paragraph(vec![general("meaning-digest"), general("meaning-is")]);
    blocks.general(Tone::Lead, messages.word("meaning-is-not"));
    let not = ["meaning-not-complete", "meaning-not-before", "meaning-not-records", "meaning-not-who"];
    blocks.list(not.map(general).into());
}
