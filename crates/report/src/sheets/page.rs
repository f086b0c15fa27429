//! A sheet as sections of sentences with their sources, and its two forms.

use askama::Template;

use super::{SheetFacts, qr};
use crate::words::{NOT_KNOWN, moment, text};

/// A sentence, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The sentence.
    pub text: String,
    /// `record 3`, `case.json authority.reference`, `001.acquisition.json, record 5`.
    pub source: String,
    /// Whether it says that something was not recorded.
    pub missing: bool,
}

/// Sentences that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Heading.
    pub title: &'static str,
    /// In their order.
    pub sentences: Vec<Sentence>,
}

impl Section {
    pub(super) const fn new(title: &'static str) -> Self {
        Self { title, sentences: Vec::new() }
    }

    pub(super) fn say(&mut self, text: String, source: String) {
        self.sentences.push(Sentence { text, source, missing: false });
    }

    pub(super) fn missing(&mut self, label: &str, source: String) {
        self.sentences.push(Sentence { text: format!("{label}: not recorded."), source, missing: true });
    }
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Heading.
    pub title: &'static str,
    /// What the page is, and what it is not.
    pub notice: &'static str,
    /// The sections.
    pub sections: Vec<Section>,
    /// Lines to sign or fill in by hand.
    pub to_sign: &'static [&'static str],
    /// What the QR code says; empty if there is none.
    pub code: String,
    /// Whether the list of sources is left out, so that it fits on one page.
    pub short: bool,
}

/// What is printed at the head of every sheet.
const DRAFT: &str =
    "DRAFT, written from the record for a person to read, correct and sign. Every sentence names its source.";

#[derive(Template)]
#[template(path = "sheet.html")]
struct Html {
    title: &'static str,
    notice: &'static str,
    draft: &'static str,
    number: String,
    case_title: String,
    agency: String,
    handling: Vec<String>,
    sections: Vec<Section>,
    to_sign: &'static [&'static str],
    code: Option<qr::Svg>,
    sources: Vec<Source>,
    created: String,
    tool: String,
    head: String,
}

/// A record that the sheet names.
struct Source {
    seq: u64,
    time: String,
    who: String,
    what: String,
    sha256: String,
}

impl Page {
    /// One page for browsers and printers: no script, nothing fetched.
    #[must_use]
    pub fn html(&self, facts: &SheetFacts) -> String {
        let shown = |section: &Section| {
            let sentence =
                |one: &Sentence| Sentence { text: text(&one.text), source: text(&one.source), missing: one.missing };
            Section { title: section.title, sentences: section.sentences.iter().map(sentence).collect() }
        };
        let page = Html {
            title: self.title,
            notice: self.notice,
            draft: DRAFT,
            number: or_unknown(facts.case.number.as_deref()),
            case_title: or_unknown(facts.case.title.as_deref()),
            agency: or_unknown(facts.case.agency.as_deref()),
            handling: facts.handling.iter().map(|mark| text(mark)).collect(),
            sections: self.sections.iter().map(shown).collect(),
            to_sign: self.to_sign,
            code: qr::svg(&self.code),
            sources: self.sources(facts),
            created: facts.created.map_or_else(|| NOT_KNOWN.to_owned(), moment),
            tool: text(&facts.tool),
            head: head(facts),
        };
        page.render()
            .unwrap_or_else(|error| format!("<!doctype html><title>No sheet</title><p>No sheet could be made: {error}"))
    }

    /// The same as plain text, 100 columns wide where words allow it.
    #[must_use]
    pub fn text(&self, facts: &SheetFacts) -> String {
        let mut out = String::new();
        let mut line = |indent: &str, words: &str| wrap(&mut out, indent, words);
        line("", &self.title.to_uppercase());
        line("", DRAFT);
        line("", self.notice);
        let case = &facts.case;
        line("", &format!("Case {}: {}", or_unknown(case.number.as_deref()), or_unknown(case.title.as_deref())));
        line("", &format!("Agency: {}", or_unknown(case.agency.as_deref())));
        if !facts.handling.is_empty() {
            line("", &format!("Handling: {}", text(&facts.handling.join(", "))));
        }
        for section in &self.sections {
            line("", "");
            line("", section.title);
            for sentence in &section.sentences {
                line("  ", &format!("{} [{}]", text(&sentence.text), text(&sentence.source)));
            }
        }
        let code = qr::blocks(&self.code);
        if !code.is_empty() {
            line("", "");
            code.iter().for_each(|row| line("", row));
        }
        if !self.to_sign.is_empty() {
            line("", "");
            self.to_sign.iter().for_each(|label| line("", &format!("{label}: ________________________________")));
        }
        let sources = self.sources(facts);
        if !sources.is_empty() {
            line("", "");
            line("", "Records named above (number, time, who, what, SHA-256 of the line in the log)");
            for source in sources {
                line("  ", &format!("{}  {}  {}  {}", source.seq, source.time, source.who, source.what));
                line("      ", &source.sha256);
            }
        }
        line("", "");
        line("", &head(facts));
        line("", &format!("Written by {}.", text(&facts.tool)));
        out
    }

    /// The records that sentences name, each once.
    fn sources(&self, facts: &SheetFacts) -> Vec<Source> {
        if self.short {
            return Vec::new();
        }
        let named: Vec<&str> =
            self.sections.iter().flat_map(|section| &section.sentences).map(|one| one.source.as_str()).collect();
        let is_named = |seq: u64| {
            let word = format!("record {seq}");
            named.iter().any(|source| source.split(", ").any(|part| part == word))
        };
        let records = facts.records.iter().filter(|record| is_named(record.seq));
        records
            .map(|record| Source {
                seq: record.seq,
                time: text(&record.time),
                who: text(&record.actor),
                what: text(&record.sentence),
                sha256: text(&record.sha256),
            })
            .collect()
    }
}

fn or_unknown(fact: Option<&str>) -> String {
    fact.map(text).filter(|shown| !shown.is_empty()).unwrap_or_else(|| NOT_KNOWN.to_owned())
}

fn head(facts: &SheetFacts) -> String {
    match &facts.head {
        None => "No signed head of the custody log was at hand.".to_owned(),
        Some(head) => format!(
            "Signed head of the custody log: {} records, root {}, key {}.",
            head.records,
            text(&head.root),
            text(&head.fingerprint)
        ),
    }
}

/// Adds a paragraph, wrapped at 100 columns between words.
fn wrap(out: &mut String, indent: &str, words: &str) {
    const COLUMNS: usize = 100;
    for paragraph in words.split('\n') {
        let mut column = 0_usize;
        // A row of blocks has no words to wrap between.
        if paragraph.contains('█') || paragraph.contains('▀') || paragraph.contains('▄') {
            out.push_str(paragraph);
            out.push('\n');
            continue;
        }
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let width = word.chars().count();
            if column > 0 && column.saturating_add(width) >= COLUMNS {
                out.push('\n');
                column = 0;
            }
            if column == 0 {
                out.push_str(indent);
                column = indent.len();
            } else {
                out.push(' ');
                column = column.saturating_add(1);
            }
            out.push_str(word);
            column = column.saturating_add(width);
        }
        out.push('\n');
    }
}
