//! What the document is, and the case in a table.

use crate::document::{Blocks, Tone};
use crate::facts::Facts;
use crate::messages::Messages;
use crate::text::Text;
use crate::words;

use super::case_basis;

pub(crate) fn about(facts: &Facts, messages: &Messages, about: &str, blocks: &mut Blocks) {
    let case = &facts.case;
    let time = |time: Option<&str>| messages.or_unknown(time.map(|time| Text::number(words::time(time))));
    blocks.facts(
        messages.word("the-case"),
        &case_basis(case),
        vec![
            (messages.word("case-number"), messages.known(case.number.as_deref())),
            (messages.word("case-examiner"), messages.known(case.examiner.as_deref())),
            (messages.word("case-agency"), messages.known(case.agency.as_deref())),
            (messages.word("case-begun"), time(case.created.as_deref())),
            (
                messages.word("report-made"),
                messages.or_unknown(facts.created.map(|created| Text::number(words::moment(created)))),
            ),
            (messages.word("items-count"), Text::number(words::grouped(facts.items.len() as u64))),
        ],
    );
    blocks.general(Tone::Plain, messages.word(about));
    blocks.general(Tone::Soft, messages.word("how-to-read"));
}
