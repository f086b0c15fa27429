//! The checks and their headline.

use super::Fact;
use crate::verdict::{CheckRow, Outcome, Verdict};
use crate::words::text;

pub(super) struct Checks {
    /// Class of the box: its border differs in form, not only in colour.
    pub(super) style: &'static str,
    pub(super) headline: &'static str,
    pub(super) sentence: String,
    pub(super) level: Fact,
    pub(super) checks: Vec<Line>,
    pub(super) not_checked: Vec<String>,
}

pub(super) struct Line {
    pub(super) name: String,
    pub(super) result: &'static str,
    pub(super) reason: String,
}

pub(super) fn checks(verdict: Option<&Verdict>) -> Checks {
    let Some(verdict) = verdict else {
        return Checks {
            style: "open",
            headline: "No check had been made when this report was written",
            sentence:
                "This report repeats the records of the case as they stand. The next section says how to check them."
                    .to_owned(),
            level: Fact::of(None),
            checks: Vec::new(),
            not_checked: Vec::new(),
        };
    };
    let (style, headline) = match verdict.outcome() {
        Outcome::Holds => ("", "Everything was checked, and everything matches"),
        Outcome::DoesNotMatch => ("alarm", "Something does NOT match"),
        Outcome::Incomplete => ("open", "Not everything was checked"),
    };
    let rows = verdict.rows();
    Checks {
        style,
        headline,
        sentence: text(verdict.sentence()),
        level: Fact::of(Some(&rows.level)),
        checks: rows.checks.iter().map(line).collect(),
        not_checked: rows.not_checked.iter().map(|line| text(line)).collect(),
    }
}

fn line(check: &CheckRow) -> Line {
    let result = match check.passed {
        Some(true) => "matches",
        Some(false) => "DOES NOT MATCH",
        None => "not checked",
    };
    Line { name: text(&check.name), result, reason: text(&check.reason) }
}
