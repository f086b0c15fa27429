//! The checks a report may speak of, and the mark without which it does not claim a full one.

use exhibit_verify::{CheckResult, Checked, Verified};

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
struct Mark;

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
    /// One sentence about all of them.
    pub sentence: String,
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
    /// What was asked.
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

    /// The sentence that may be printed: without the mark, one that claims a full check is withheld.
    #[must_use]
    pub fn sentence(&self) -> &str {
        let claims = self.rows.sentence.to_lowercase().contains("verified");
        if claims && self.mark.is_none() {
            return "A sentence that claims a full check was withheld, because no proof of a full check came with it.";
        }
        &self.rows.sentence
    }

    #[cfg(test)]
    pub(crate) const fn holding(rows: VerdictRows) -> Self {
        Self { rows, outcome: Outcome::Holds, mark: Some(Mark) }
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
        Self { outcome: Outcome::Holds, mark: Some(Mark), ..Self::from(proof.verdict()) }
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
            name: check.title.clone(),
            passed: passed(check.result),
            reason: check.reason.clone(),
        };
        let rows = VerdictRows {
            sentence: verdict.sentence(),
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
        let check = CheckRow { name: "a".into(), passed, reason: "because".into() };
        VerdictRows {
            sentence: "VERIFIED: all well.".into(),
            level: "full".into(),
            checks: vec![check],
            ..Default::default()
        }
    }

    #[test]
    fn a_claim_without_proof_is_withheld_whatever_the_rows_say() {
        for passed in [Some(true), Some(false), None] {
            let verdict = Verdict::without_proof(rows(passed));
            assert!(!verdict.sentence().to_lowercase().contains("verified"));
            assert_ne!(verdict.outcome(), Outcome::Holds);
        }
        assert_eq!(Verdict::holding(rows(Some(true))).sentence(), "VERIFIED: all well.");
    }
}
