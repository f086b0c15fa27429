//! The checks a report may speak of, and the mark without which it does not claim a full one.

use exhibit_verify::{CheckResult, Checked, Verified};

use crate::messages::Messages;
use crate::text::Text;

/// The checks that were made: with a checker's proof, or without any claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    rows: VerdictRows,
    outcome: Outcome,
    /// Present only if the checker found that everything was checked and holds.
    mark: Option<Mark>,
}

/// That everything was checked and holds. Nobody outside this file can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(());

/// What the checks came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Everything was checked and holds.
    Holds,
    /// Something does not match.
    DoesNotMatch,
    /// Nothing is known to be wrong, and not everything was checked.
    Incomplete,
}

/// The checks as rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerdictRows {
    /// What was checked: `the package`, `the case`, as the checker names it.
    pub subject: String,
    /// How deep the check went, for example `full`.
    pub level: String,
    /// Each check.
    pub checks: Vec<CheckRow>,
    /// What was not checked, one sentence each.
    pub not_checked: Vec<String>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRow {
    /// The check's id: `custody-chain`.
    pub id: String,
    /// What was asked, in English.
    pub name: String,
    /// What came out: `None` if it was not, or not completely, done.
    pub passed: Option<bool>,
    /// Why.
    pub reason: String,
}

impl Verdict {
    /// Rows that no checker vouches for: something failed, or the check counts as incomplete. It never holds.
    #[must_use]
    pub fn without_proof(rows: VerdictRows) -> Self {
        let failed = rows.checks.iter().any(|check| check.passed == Some(false));
        let outcome = if failed { Outcome::DoesNotMatch } else { Outcome::Incomplete };
        Self { rows, outcome, mark: None }
    }

    /// What the checks came to.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The rows.
    #[must_use]
    pub const fn rows(&self) -> &VerdictRows {
        &self.rows
    }

    /// One sentence about all checks. Without the mark none claims a full check.
    #[must_use]
    pub fn sentence(&self, messages: &Messages) -> Text {
        let count = |passed| self.rows.checks.iter().filter(|check| check.passed == passed).count();
        let values = [
            ("n", self.rows.checks.len().into()),
            ("failed", count(Some(false)).into()),
            ("open", self.rows.not_checked.len().max(count(None)).max(1).into()),
            ("level", Text::exact(&self.rows.level).into()),
            ("subject", self.subject(messages).into()),
        ];
        match (self.outcome, self.mark) {
            (Outcome::Holds, Some(mark)) => messages.claim(mark, "verified-sentence", &values),
            (Outcome::DoesNotMatch, _) => messages.say("does-not-match-sentence", &values),
            _ => messages.say("incomplete-sentence", &values),
        }
    }

    /// What was checked; in English if it is nothing that the messages know.
    fn subject(&self, messages: &Messages) -> Text {
        let key = match self.rows.subject.as_str() {
            "the package" => "subject-package",
            "the case" => "subject-case",
            "the image" => "subject-image",
            "the package in parts" => "subject-parts",
            "what is disclosed of the package" => "subject-disclosed",
            "the handover" | "the handover papers (not of the evidence that they name)" => "subject-handover",
            other => return Text::recorded(other),
        };
        messages.word(key)
    }

    #[cfg(test)]
    pub(crate) const fn holding(rows: VerdictRows) -> Self {
        Self { rows, outcome: Outcome::Holds, mark: Some(Mark(())) }
    }
}

impl Verdict {
    /// What a checker found: with its proof if there is one, without a claim if not.
    #[must_use]
    pub fn of<T: Clone>(checked: &Checked<T>) -> Self {
        checked.verified().map_or_else(|| Self::from(checked.verdict()), |proof| Self::proven(&proof))
    }

    /// What a full check found to hold. A [`Verified`] is made by the checker alone, so its word is taken.
    #[must_use]
    pub fn proven<T>(proof: &Verified<T>) -> Self {
        Self { outcome: Outcome::Holds, mark: Some(Mark(())), ..Self::from(proof.verdict()) }
    }
}

impl From<&exhibit_verify::Verdict> for Verdict {
    /// The rows of a verdict without a proof: it may say what failed and what is missing, and never that all holds.
    fn from(verdict: &exhibit_verify::Verdict) -> Self {
        let passed = |result| match result {
            CheckResult::Passed => Some(true),
            CheckResult::Failed => Some(false),
            CheckResult::NotChecked => None,
        };
        let row = |check: &exhibit_verify::Check| CheckRow {
            id: check.id.clone(),
            name: check.title.clone(),
            passed: passed(check.result),
            reason: check.reason.clone(),
        };
        let rows = VerdictRows {
            subject: verdict.subject.clone(),
            level: verdict.level.id().to_owned(),
            checks: verdict.checks.iter().map(row).collect(),
            not_checked: verdict.not_checked.clone(),
        };
        match verdict.outcome {
            exhibit_verify::Outcome::DoesNotMatch => Self { rows, outcome: Outcome::DoesNotMatch, mark: None },
            exhibit_verify::Outcome::Holds | exhibit_verify::Outcome::Incomplete => Self::without_proof(rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(passed: Option<bool>) -> VerdictRows {
        let check = CheckRow { id: "a".into(), name: "a".into(), passed, reason: "because".into() };
        let subject = "Verified: the verified package".into();
        VerdictRows { subject, level: "full".into(), checks: vec![check], ..Default::default() }
    }

    #[test]
    fn a_full_check_is_claimed_with_the_mark_alone() {
        let messages = Messages::new(&[]);
        for passed in [Some(true), Some(false), None] {
            let verdict = Verdict::without_proof(rows(passed));
            let sentence = verdict.sentence(&messages).plain(0);
            assert!(!sentence.starts_with("Verified"), "{sentence}");
            assert_ne!(verdict.outcome(), Outcome::Holds);
        }
        let holding = Verdict::holding(VerdictRows { subject: "the case".into(), ..rows(Some(true)) });
        let sentence = holding.sentence(&messages).plain(0);
        assert_eq!(sentence, "Verified: the one check of the case was made at level full, and it matches.");
    }
}
