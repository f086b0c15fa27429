//! For whom a document is. Adding a reader: a line in [`READERS`], with the sections it is made of.

use crate::document::{Blocks, Document, PageWords};
use crate::facts::Facts;
use crate::language::Language;
use crate::messages::Messages;
use crate::sections::{self, Section};
use crate::text::Text;
use crate::words;

/// One kind of reader.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The word of `--for`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// Message with the kind of document.
    kind: &'static str,
    /// Message that says what the document is.
    about: &'static str,
    sections: &'static [Section],
}

/// The reader of everything; packages carry this document.
pub static EXAMINER: Reader = Reader {
    id: "examiner",
    title: "The full technical annex",
    kind: "report-examiner",
    about: "about-examiner",
    sections: &[
        sections::summary::in_full,
        sections::unread::unread,
        sections::checks::in_full,
        sections::howto::in_full,
        sections::meaning::in_full,
        sections::items::items,
        sections::custody::in_full,
        sections::derivation::derivation,
        sections::limits::in_full,
        sections::glossary::glossary,
    ],
};

/// Every reader.
pub static READERS: &[Reader] = &[
    EXAMINER,
    Reader {
        id: "court",
        title: "A statement of two pages",
        kind: "report-court",
        about: "about-court",
        sections: &[
            sections::checks::in_short,
            sections::summary::in_short,
            sections::unread::unread,
            sections::custody::in_short,
            sections::meaning::in_short,
            sections::limits::handling,
        ],
    },
    Reader {
        id: "person-searched",
        title: "The receipt for the person searched",
        kind: "report-person-searched",
        about: "about-person-searched",
        sections: &[
            sections::receipt::authority,
            sections::receipt::taken,
            sections::receipt::copies,
            sections::receipt::given_back,
            sections::receipt::to_sign,
        ],
    },
];

/// The reader of that id.
#[must_use]
pub fn find_reader(id: &str) -> Option<&'static Reader> {
    READERS.iter().find(|reader| reader.id == id)
}

/// The document of `facts` for a reader, in one language or in two beside each other.
#[must_use]
pub fn document(facts: &Facts, reader: &Reader, languages: &[&'static Language]) -> Document {
    let languages = languages.get(..2).unwrap_or(languages);
    let messages = Messages::new(languages);
    let mut blocks = Blocks::default();
    sections::about::about(facts, &messages, reader.about, &mut blocks);
    for section in reader.sections {
        section(facts, &messages, &mut blocks);
    }
    let case = &facts.case;
    let title = match case.title.as_deref().map(str::trim).filter(|title| !title.is_empty()) {
        Some(title) => Text::recorded(title),
        None => messages.word("no-title"),
    };
    let made = messages.or_unknown(facts.created.map(|created| Text::number(words::moment(created))));
    let written = messages.say("written-by", &[("tool", Text::recorded(&facts.tool).into()), ("time", made.into())]);
    let page = messages.say("page-of", &[("page", Text::number("#").into()), ("pages", Text::number("##").into())]);
    Document {
        languages: messages.languages(),
        reader: reader.id,
        kind: messages.word(reader.kind),
        title,
        number: messages.known(case.number.as_deref()),
        names_files: reader.id == EXAMINER.id,
        marks: facts.handling.iter().map(|mark| Text::recorded(mark)).collect(),
        blocks: blocks.finish(),
        colophon: vec![written, messages.word("self-contained")],
        page_words: PageWords { contents: messages.word("contents"), to_sign: messages.word("to-sign"), page },
        created: facts.created,
    }
}
