//! Verdicts: what was checked, what came out, and one sentence that does not say more than that.

use std::fmt;

use exhibit_evidence::{Finding, Severity};
use serde::{Deserialize, Serialize};

/// How deep a check goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Container, tag files, signatures and custody log; no payload file is read.
    Structure,
    /// As full, but the media inside images are compared by their hash trees only, not by their linear digests.
    Tree,
    /// Everything this version knows how to check.
    Full,
}

impl Level {
    /// The id used on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Tree => "tree",
            Self::Full => "full",
        }
    }
}

/// What one check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    /// Done, and everything looked at holds.
    Passed,
    /// Done, and something does not match.
    Failed,
    /// Not done, or not to the end; nothing is known to be wrong.
    NotChecked,
}

/// One check with its own result and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Stable kebab-case id for programs, for example `package-signature`.
    pub id: String,
    /// What was asked, for people.
    pub title: String,
    /// What came out.
    pub result: CheckResult,
    /// Why, in one sentence: what was compared, or what is wrong, or why it was not done.
    pub reason: String,
    /// Everything there is to know, with its place.
    pub findings: Vec<Finding>,
}

impl Check {
    /// A check whose result follows from its findings: a mismatch fails it, an incomplete one leaves it unchecked.
    ///
    /// `passed` is the reason given when nothing was found; otherwise the first decisive finding is the reason.
    #[must_use]
    pub fn from_findings(id: &str, title: &str, passed: impl Into<String>, findings: Vec<Finding>) -> Self {
        let worst = findings.iter().map(|finding| finding.severity).max();
        let (result, decisive) = match worst {
            Some(Severity::Mismatch) => (CheckResult::Failed, Severity::Mismatch),
            Some(Severity::Incomplete) => (CheckResult::NotChecked, Severity::Incomplete),
            _ => (CheckResult::Passed, Severity::Note),
        };
        let reason = match result {
            CheckResult::Passed => passed.into(),
            _ => reason_of(&findings, decisive),
        };
        Self { id: id.to_owned(), title: title.to_owned(), result, reason, findings }
    }

    /// A check that was not done.
    #[must_use]
    pub fn not_done(id: &str, title: &str, reason: impl Into<String>) -> Self {
        let (id, title, reason) = (id.to_owned(), title.to_owned(), reason.into());
        Self { id, title, result: CheckResult::NotChecked, reason, findings: Vec::new() }
    }
}

/// The first finding of that weight, and how many more there are.
fn reason_of(findings: &[Finding], severity: Severity) -> String {
    let mut decisive = findings.iter().filter(|finding| finding.severity == severity);
    let first = decisive.next().map(ToString::to_string).unwrap_or_default();
    match decisive.count() {
        0 => first,
        1 => format!("{first} (and 1 more)"),
        more => format!("{first} (and {more} more)"),
    }
}

/// What all checks together came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything was checked, at full level, and holds.
    Holds,
    /// Something does not match.
    DoesNotMatch,
    /// Nothing is known to be wrong, but not everything was checked.
    Incomplete,
}

/// The result of checking a package, a case or an image. Only this crate makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What all checks together came to.
    pub outcome: Outcome,
    /// How deep the check went.
    pub level: Level,
    /// What was checked: a package, a case, an image.
    pub subject: String,
    /// Every check with its own result, in the order they were made.
    pub checks: Vec<Check>,
    /// What was not checked, one sentence each.
    pub not_checked: Vec<String>,
    /// Findings of all checks, in the same order.
    pub findings: Vec<Finding>,
    #[serde(skip)]
    made_here: MadeHere,
}

/// Keeps other crates from writing a [`Verdict`] by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct MadeHere;

impl Verdict {
    /// Adds the checks up. `left_out` names what the level or this version does not check at all.
    pub(crate) fn from_checks(subject: &str, level: Level, checks: Vec<Check>, left_out: Vec<String>) -> Self {
        let undone = checks.iter().filter(|check| check.result == CheckResult::NotChecked);
        let undone = undone.map(|check| format!("{}: {}", check.title, check.reason));
        let not_checked: Vec<String> = undone.chain(left_out).collect();
        let findings: Vec<Finding> = checks.iter().flat_map(|check| check.findings.iter().cloned()).collect();
        let worst = findings.iter().map(|finding| finding.severity).max();
        let failed = checks.iter().any(|check| check.result == CheckResult::Failed);
        let outcome = if failed || worst == Some(Severity::Mismatch) {
            Outcome::DoesNotMatch
        } else if checks.is_empty()
            || level != Level::Full
            || !not_checked.is_empty()
            || worst == Some(Severity::Incomplete)
        {
            Outcome::Incomplete
        } else {
            Outcome::Holds
        };
        Self { outcome, level, subject: subject.to_owned(), checks, not_checked, findings, made_here: MadeHere }
    }

    /// The exit code of the command line: 0 holds, 4 does not match, 7 incomplete.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.outcome {
            Outcome::Holds => 0,
            Outcome::DoesNotMatch => 4,
            Outcome::Incomplete => 7,
        }
    }

    /// One sentence of plain English. The word "verified" is in it only for a full check in which everything held.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (subject, level) = (&self.subject, self.level.id());
        let failed = self.checks.iter().filter(|check| check.result == CheckResult::Failed).count();
        match self.outcome {
            Outcome::Holds => {
                let count = self.checks.len();
                format!("Verified: all {count} checks of {subject} were made at level {level}, and everything matches.")
            }
            Outcome::DoesNotMatch => format!(
                "DOES NOT MATCH: {failed} of {} checks of {subject} failed (level {level}); it must not be relied upon \
                 as it is.",
                self.checks.len()
            ),
            Outcome::Incomplete => format!(
                "Incomplete check of {subject} (level {level}): nothing checked is wrong, but {} could not be or {} \
                 not checked.",
                counted(self.not_checked.len()),
                if self.not_checked.len() == 1 { "was" } else { "were" }
            ),
        }
    }
}

/// `1 thing`, `2 things`.
fn counted(number: usize) -> String {
    if number == 1 { "1 thing".to_owned() } else { format!("{number} things") }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

/// Something that a full check found to hold. Whoever is handed one may print the word "verified".
///
/// Only this crate makes one, and only for [`Outcome::Holds`].
#[derive(Debug, Clone)]
pub struct Verified<T> {
    value: T,
    verdict: Verdict,
}

impl<T> Verified<T> {
    /// What was verified.
    #[must_use]
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// How deep the check went; always [`Level::Full`].
    #[must_use]
    pub const fn level(&self) -> Level {
        self.verdict.level
    }

    /// What was checked.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}

/// A verdict together with what was read on the way, which is only as good as the verdict.
#[derive(Debug, Clone)]
pub struct Checked<T> {
    /// What was read, believed or not.
    pub facts: T,
    verdict: Verdict,
}

impl<T> Checked<T> {
    pub(crate) const fn new(facts: T, verdict: Verdict) -> Self {
        Self { facts, verdict }
    }

    /// The verdict.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The facts as verified ones; `None` unless the verdict is [`Outcome::Holds`].
    #[must_use]
    pub fn verified(&self) -> Option<Verified<T>>
    where
        T: Clone,
    {
        let holds = self.verdict.outcome == Outcome::Holds && self.verdict.level == Level::Full;
        holds.then(|| Verified { value: self.facts.clone(), verdict: self.verdict.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(result: CheckResult) -> Check {
        Check { id: "a".into(), title: "A".into(), result, reason: "because".into(), findings: vec![] }
    }

    #[test]
    fn verified_is_said_only_when_all_was_checked_at_full_level() {
        let levels = [Level::Structure, Level::Tree, Level::Full];
        let results = [CheckResult::Passed, CheckResult::Failed, CheckResult::NotChecked];
        for level in levels {
            for first in results {
                for second in results {
                    let verdict = Verdict::from_checks("the package", level, vec![check(first), check(second)], vec![]);
                    let all = level == Level::Full && [first, second] == [CheckResult::Passed; 2];
                    assert_eq!(verdict.sentence().to_lowercase().contains("verified"), all);
                    assert_eq!(verdict.exit_code() == 0, all);
                    assert_eq!(Checked::new((), verdict.clone()).verified().is_some(), all);
                    assert_eq!(verdict.exit_code() == 4, [first, second].contains(&CheckResult::Failed));
                }
            }
        }
    }

    #[test]
    fn nothing_checked_and_things_left_out_are_never_a_pass() {
        assert_eq!(Verdict::from_checks("x", Level::Full, vec![], vec![]).exit_code(), 7);
        let left_out = vec!["time stamps".to_owned()];
        let verdict = Verdict::from_checks("x", Level::Full, vec![check(CheckResult::Passed)], left_out);
        assert_eq!(verdict.exit_code(), 7);
        assert_eq!(verdict.not_checked, ["time stamps"]);
    }

    #[test]
    fn a_note_does_not_fail_and_an_incomplete_finding_does_not_pass() {
        let finding = |severity| Finding::new(severity, "x", "place", "text");
        let result = |severity| Check::from_findings("a", "A", "fine", vec![finding(severity)]).result;
        assert_eq!(result(Severity::Note), CheckResult::Passed);
        assert_eq!(result(Severity::Incomplete), CheckResult::NotChecked);
        assert_eq!(result(Severity::Mismatch), CheckResult::Failed);
    }
}
