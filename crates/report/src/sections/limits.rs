//! How the material must be handled, and what no document can show.

use crate::document::{Blocks, Sentence, Tone};
use crate::facts::Facts;
use crate::messages::Messages;
use crate::text::Text;

use super::case_basis;

/// What no report of this program can show.
const STANDING: [&str; 6] =
    ["limit-recorded", "limit-clocks", "limit-names", "limit-hidden", "limit-solid-state", "limit-meaning"];

pub(crate) fn in_full(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("limits", messages.word("limits"));
    let own = facts.limits.iter().map(|line| Sentence::general(Text::recorded(line)));
    blocks.list(STANDING.map(|key| Sentence::general(messages.word(key))).into_iter().chain(own).collect());
    marks(facts, messages, blocks);
}

pub(crate) fn handling(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    marks(facts, messages, blocks);
}

fn marks(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    if facts.handling.is_empty() {
        return;
    }
    blocks.general(Tone::Lead, messages.word("handling"));
    let basis = case_basis(&facts.case);
    blocks.list(facts.handling.iter().map(|line| Sentence::resting_on(Text::recorded(line), &basis)).collect());
}
