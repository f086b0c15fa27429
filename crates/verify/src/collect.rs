//! Findings, gathered up to a limit, so that a hostile input cannot fill the memory with complaints about itself.

use exhibit_evidence::{Finding, Severity};

/// Findings kept of one check; further ones are counted, and the count is a finding of its own.
pub const FINDINGS_MAX: usize = 10_000;

/// A bounded list of findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    /// How many were not kept, and the heaviest of them.
    dropped: Option<(u64, Severity)>,
}

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        if self.kept.len() < FINDINGS_MAX {
            self.kept.push(finding);
        } else {
            let (count, heaviest) = self.dropped.unwrap_or((0, Severity::Note));
            self.dropped = Some((count.saturating_add(1), heaviest.max(finding.severity)));
        }
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    /// Something does not match.
    pub(crate) fn wrong(&mut self, code: &str, place: impl Into<String>, text: impl Into<String>) {
        self.push(Finding::new(Severity::Mismatch, code, place, text));
    }

    /// Something does not match, at a byte of the file.
    pub(crate) fn wrong_at(&mut self, offset: u64, code: &str, place: impl Into<String>, text: impl Into<String>) {
        self.push(Finding::new(Severity::Mismatch, code, place, text).at(offset));
    }

    /// Something worth knowing.
    pub(crate) fn note(&mut self, code: &str, place: impl Into<String>, text: impl Into<String>) {
        self.push(Finding::new(Severity::Note, code, place, text));
    }

    /// The heaviest of them.
    pub(crate) fn worst(&self) -> Option<Severity> {
        let dropped = self.dropped.map(|(_, severity)| severity);
        self.kept.iter().map(|finding| finding.severity).max().max(dropped)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The list, ending with the count of what it leaves out.
    pub(crate) fn into_list(mut self) -> Vec<Finding> {
        if let Some((count, severity)) = self.dropped {
            let text = format!("{count} further findings are not listed; only the first {FINDINGS_MAX} are");
            self.kept.push(Finding::new(severity, "limit-findings", "this check", text));
        }
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_beyond_the_limit_still_counts() {
        let mut findings = Findings::default();
        (0..FINDINGS_MAX).for_each(|_| findings.note("a", "here", "note"));
        findings.wrong("b", "there", "wrong");
        let list = findings.into_list();
        assert_eq!(list.len(), FINDINGS_MAX + 1);
        assert_eq!(list.last().unwrap().severity, Severity::Mismatch);
    }
}
