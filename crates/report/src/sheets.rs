//! Cover sheets: pages for a purpose, written from the log and the case. Each sentence names the record it comes from, and what
//! nobody wrote down is printed as not recorded. A sheet is a draft for a person to read, correct and sign.
//!
//! To add one: a file in `sheets/`, a `mod` line and a line in [`SHEETS`].

mod card;
mod certification;
mod evidence;
mod handover;
mod mla;
mod page;
mod preservation;
mod qr;
mod receipt;

use exhibit_evidence::Instant;
use exhibit_evidence::acquisition::Acquisition;

use crate::facts::CaseFacts;
pub use page::{Page, Section, Sentence};

/// One kind of sheet.
#[derive(Debug, Clone, Copy)]
pub struct Sheet {
    /// The word of `--sheet`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// Facts in, a page out.
    pub make: fn(&SheetFacts) -> Page,
}

/// Every sheet.
pub static SHEETS: &[Sheet] =
    &[preservation::SHEET, mla::SHEET, receipt::SHEET, certification::SHEET, handover::SHEET, card::SHEET];

/// The sheet of that id.
#[must_use]
pub fn find_sheet(id: &str) -> Option<&'static Sheet> {
    SHEETS.iter().find(|sheet| sheet.id == id)
}

/// Everything a sheet says.
#[derive(Debug, Clone, Default)]
pub struct SheetFacts {
    /// Tool and version that writes the sheet.
    pub tool: String,
    /// When it is written.
    pub created: Option<Instant>,
    /// The case.
    pub case: CaseFacts,
    /// What `case.json` says of authority and scope: path of the field (`authority.offence.description`) and text.
    pub stated: Vec<(String, String)>,
    /// What the named articles ask for and nobody said: one sentence each.
    pub missing: Vec<String>,
    /// Marks of handling.
    pub handling: Vec<String>,
    /// The log.
    pub records: Vec<SheetRecord>,
    /// Images, with where they are recorded.
    pub images: Vec<SheetImage>,
    /// The last signed head of the log.
    pub head: Option<SheetHead>,
}

/// One record of the log.
#[derive(Debug, Clone, Default)]
pub struct SheetRecord {
    /// Its number.
    pub seq: u64,
    /// RFC 3339, UTC.
    pub time: String,
    /// Who.
    pub actor: String,
    /// As what.
    pub role: String,
    /// The action's id.
    pub action: String,
    /// The action in words.
    pub sentence: String,
    /// Object and details: name and text, in their order.
    pub says: Vec<(String, String)>,
    /// Why.
    pub reason: Option<String>,
    /// SHA-256 of the line, lower-case hexadecimal.
    pub sha256: String,
}

/// One image.
#[derive(Debug, Clone)]
pub struct SheetImage {
    /// The item.
    pub item: String,
    /// Its record of acquisition.
    pub acquisition: Acquisition,
    /// Number of the record of the log that says it was acquired.
    pub record: Option<u64>,
}

/// The signed head of the log.
#[derive(Debug, Clone, Default)]
pub struct SheetHead {
    /// Records covered.
    pub records: u64,
    /// RFC 6962 root, lower-case hexadecimal.
    pub root: String,
    /// Fingerprint of the key: `SHA256:…`.
    pub fingerprint: String,
}

impl SheetRecord {
    fn reference(&self) -> String {
        format!("record {}", self.seq)
    }
}

impl SheetFacts {
    /// Records of these actions, in their order.
    fn of<'a>(&'a self, actions: &'a [&str]) -> impl Iterator<Item = &'a SheetRecord> {
        self.records.iter().filter(|record| actions.contains(&record.action.as_str()))
    }

    /// A section that prints what `case.json` states under these paths, and what it does not.
    fn stated_section(&self, title: &'static str, fields: &[(&str, &str)]) -> Section {
        let mut section = Section::new(title);
        for (path, label) in fields {
            let below = format!("{path}.");
            let array = format!("{path}[");
            let found = |known: &str| known == *path || known.starts_with(&below) || known.starts_with(&array);
            let mut any = false;
            for (known, text) in self.stated.iter().filter(|(known, _)| found(known)) {
                let rest = known.strip_prefix(path).unwrap_or_default().trim_start_matches('.');
                let name = if rest.is_empty() || rest.starts_with('[') { String::new() } else { format!(" ({rest})") };
                section.say(format!("{label}{name}: {text}"), format!("case.json {known}"));
                any = true;
            }
            if !any {
                section.missing(label, format!("case.json {path}"));
            }
        }
        section
    }

    /// What is missing, as a section.
    fn missing_section(&self) -> Section {
        let mut section = Section::new("Asked for by the named articles, and not said");
        for text in &self.missing {
            section.say(text.clone(), "case.json authority.instruments".to_owned());
        }
        if self.missing.is_empty() {
            let text = "Nothing, as far as the vocabulary of this program knows; it decides nothing.";
            section.say(text.to_owned(), "case.json authority.instruments".to_owned());
        }
        section
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn facts() -> SheetFacts {
        let record = |seq: u64, action: &str, sentence: &str, says: &[(&str, &str)]| SheetRecord {
            seq,
            time: format!("2026-11-23T10:11:{seq:02}Z"),
            actor: "A. <Example>".to_owned(),
            role: "examiner".to_owned(),
            action: action.to_owned(),
            sentence: sentence.to_owned(),
            says: says.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            reason: Some("search".to_owned()),
            sha256: "ab".repeat(32),
        };
        SheetFacts {
            tool: "exhibit 0.1.0".to_owned(),
            case: CaseFacts { number: Some("2026-117".to_owned()), ..CaseFacts::default() },
            stated: vec![
                ("authority.reference".to_owned(), "order 12/26".to_owned()),
                ("authority.issuing_body.name".to_owned(), "District Court of X".to_owned()),
                ("scope.places[0]".to_owned(), "Harbour 4".to_owned()),
            ],
            missing: vec!["why it is needed (necessity), asked for by coe185/29".to_owned()],
            handling: vec!["TLP:AMBER".to_owned()],
            records: vec![
                record(1, "case-opened", "Case opened", &[]),
                record(2, "seized", "Item seized", &[("item", "001"), ("place", "Harbour 4")]),
                record(3, "sealed", "Item sealed", &[("item", "001"), ("seal", "4711")]),
                record(
                    4,
                    "handed-over",
                    "Item handed over",
                    &[("item", "001"), ("handover", "5f"), ("to", "B. Receiver")],
                ),
                record(5, "accepted", "Item accepted", &[("handover", "5f"), ("answer", "accepted")]),
            ],
            head: Some(SheetHead { records: 5, root: "cd".repeat(32), fingerprint: "SHA256:x".to_owned() }),
            ..SheetFacts::default()
        }
    }

    #[test]
    fn every_sheet_says_where_each_sentence_comes_from_in_html_and_in_text() {
        for sheet in SHEETS {
            let page = (sheet.make)(&facts());
            assert!(!page.sections.is_empty(), "{}", sheet.id);
            for sentence in page.sections.iter().flat_map(|section| &section.sentences) {
                assert!(!sentence.source.is_empty() && !sentence.text.is_empty(), "{}: {sentence:?}", sheet.id);
            }
            let (html, text) = (page.html(&facts()), page.text(&facts()));
            for whole in [&html, &text] {
                assert!(
                    whole.contains("2026-117") && whole.contains("TLP:AMBER") && whole.contains("DRAFT"),
                    "{}",
                    sheet.id
                );
            }
            assert!(!html.contains("<Example>") && html.contains("Content-Security-Policy"), "{}", sheet.id);
            assert_eq!(html, (sheet.make)(&facts()).html(&facts()), "the same facts make the same bytes");
        }
    }

    #[test]
    fn every_sheet_can_be_made_of_nothing_and_says_so() {
        for sheet in SHEETS {
            let page = (sheet.make)(&SheetFacts::default());
            let text = page.text(&SheetFacts::default()).to_lowercase();
            assert!(text.contains("not recorded") || text.contains("no "), "{}: {text}", sheet.id);
            assert!(!text.contains("verified"), "{}", sheet.id);
            assert!(!page.html(&SheetFacts::default()).is_empty());
        }
    }

    #[test]
    fn what_is_stated_is_printed_and_what_is_not_is_missing() {
        let text = (find_sheet("preservation").unwrap().make)(&facts()).text(&facts());
        for part in
            ["District Court of X [case.json authority.issuing_body.name]", "necessity", "not recorded", "Harbour 4"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        let text = (find_sheet("receipt").unwrap().make)(&facts()).text(&facts());
        for part in ["[record 2]", "4711", "2026-11-23T10:11:02Z", "ab".repeat(32).as_str()] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
