//! The report as one HTML page. The templates lay out; the files beside this one choose words; neither escapes by hand.

mod carve;
mod checks;
mod glossary;
mod image;
mod map;
mod steps;
mod summary;

use askama::Template;

use crate::facts::{CustodyRow, Facts};
use crate::words::{NOT_KNOWN, known, moment, text, time};

/// The report of `facts` as one self-contained page: no script, nothing fetched, readable on paper without colour.
#[must_use]
pub fn html(facts: &Facts) -> String {
    let mut page = String::new();
    match Page::new(facts).render_into(&mut page) {
        Ok(()) => page,
        // Writing to a String cannot fail. Should a template ever fail by itself, half a report must not look whole.
        Err(error) => {
            format!("<!doctype html><html lang=\"en\"><title>No report</title><p>No report could be made: {error}")
        }
    }
}

/// A value that may be missing; the templates set missing ones apart.
#[derive(Debug, Clone)]
struct Fact {
    value: String,
    known: bool,
}

impl Fact {
    fn of(fact: Option<&str>) -> Self {
        let value = known(fact);
        Self { known: value != NOT_KNOWN, value }
    }

    /// A value that needs no escaping, because it was made here or is escaped already.
    fn made(value: Option<String>) -> Self {
        Self { known: value.is_some(), value: value.unwrap_or_else(|| NOT_KNOWN.to_owned()) }
    }
}

/// A line of a two-column table.
struct Row {
    label: &'static str,
    fact: Fact,
}

impl Row {
    fn text(label: &'static str, fact: Option<&str>) -> Self {
        Self { label, fact: Fact::of(fact) }
    }

    fn made(label: &'static str, value: impl Into<Option<String>>) -> Self {
        Self { label, fact: Fact::made(value.into()) }
    }
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    tool: String,
    created: Fact,
    case_number: Fact,
    case_title: Fact,
    case_rows: Vec<Row>,
    authority: Fact,
    scope: Fact,
    summary: Vec<summary::Line>,
    unread: Vec<summary::Unread>,
    verdict: checks::Checks,
    steps: Vec<steps::Step>,
    steps_note: &'static str,
    signer: Fact,
    fingerprint: String,
    items: Vec<Item>,
    custody: Vec<CustodyLine>,
    handling: Vec<String>,
    standing_limits: &'static [&'static str],
    limits: Vec<String>,
    glossary: &'static [(&'static str, &'static str)],
}

/// One item. The anchor is made of its place, never of its name.
struct Item {
    anchor: String,
    id: String,
    description: Fact,
    image: Option<image::Image>,
    carve: Option<carve::Carve>,
}

struct CustodyLine {
    seq: u64,
    datetime: String,
    time: String,
    sentence: String,
    object: Fact,
    actor: Fact,
    role: Fact,
    reason: Fact,
}

impl Page {
    fn new(facts: &Facts) -> Self {
        let case = &facts.case;
        let signer = facts.signer.as_ref();
        Self {
            tool: text(&facts.tool),
            created: Fact::made(facts.created.map(moment)),
            case_number: Fact::of(case.number.as_deref()),
            case_title: Fact::of(case.title.as_deref()),
            case_rows: case_rows(facts),
            authority: Fact::of(case.authority.as_deref()),
            scope: Fact::of(case.scope.as_deref()),
            summary: facts.items.iter().map(summary::line).collect(),
            unread: facts.items.iter().enumerate().filter_map(|(at, item)| summary::unread(item, anchor(at))).collect(),
            verdict: checks::checks(facts.verdict.as_ref()),
            steps: steps::steps(facts),
            steps_note: steps::note(facts),
            signer: Fact::of(signer.map(|signer| signer.principal.as_str())),
            fingerprint: signer.map(|signer| text(&signer.fingerprint)).unwrap_or_default(),
            items: facts.items.iter().enumerate().map(|(at, item)| item_of(at, item)).collect(),
            custody: facts.custody.iter().map(custody_line).collect(),
            handling: facts.handling.iter().map(|line| text(line)).collect(),
            standing_limits: glossary::STANDING_LIMITS,
            limits: facts.limits.iter().map(|line| text(line)).collect(),
            glossary: glossary::GLOSSARY,
        }
    }
}

fn anchor(at: usize) -> String {
    format!("item-{}", at.saturating_add(1))
}

fn case_rows(facts: &Facts) -> Vec<Row> {
    let case = &facts.case;
    vec![
        Row::text("Case number", case.number.as_deref()),
        Row::text("Examiner", case.examiner.as_deref()),
        Row::text("Agency", case.agency.as_deref()),
        Row::made("Case begun", case.created.as_deref().map(time)),
        Row::made("This report made", facts.created.map(moment)),
        Row::made("Items", facts.items.len().to_string()),
    ]
}

fn item_of(at: usize, item: &crate::ItemFacts) -> Item {
    Item {
        anchor: anchor(at),
        id: text(&item.id),
        description: Fact::of(item.description.as_deref()),
        image: item.acquisition.as_ref().map(image::image),
        carve: item.carve.as_ref().map(carve::carve),
    }
}

fn custody_line(row: &CustodyRow) -> CustodyLine {
    CustodyLine {
        seq: row.seq,
        datetime: text(&row.time),
        time: time(&row.time),
        sentence: text(&row.sentence),
        object: Fact::of(Some(&row.object)),
        actor: Fact::of(Some(&row.actor)),
        role: Fact::of(Some(&row.role)),
        reason: Fact::of(row.reason.as_deref()),
    }
}

/// Digits in groups of eight: an eye keeps its place, and a copied digest has no gaps.
fn digest_groups(hex: &str) -> Vec<String> {
    let digits: Vec<char> = text(hex).chars().collect();
    digits.chunks(8).map(|group| group.iter().collect()).collect()
}
