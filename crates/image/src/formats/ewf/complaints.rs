//! What is wrong with an image, gathered up to a limit: a hostile file must not fill the memory with complaints about
//! itself.

use exhibit_evidence::{Finding, Severity};

use super::layout::FINDINGS_MAX;

/// A bounded list of findings.
#[derive(Debug, Default)]
pub(in crate::formats) struct Complaints {
    kept: Vec<Finding>,
    /// How many were not kept, and the heaviest of them.
    dropped: Option<(u64, Severity)>,
}

impl Complaints {
    pub(in crate::formats) fn push(&mut self, finding: Finding) {
        if self.kept.len() < FINDINGS_MAX {
            self.kept.push(finding);
            return;
        }
        let (count, heaviest) = self.dropped.unwrap_or((0, Severity::Note));
        self.dropped = Some((count.saturating_add(1), heaviest.max(finding.severity)));
    }

    pub(in crate::formats) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    /// All that was kept, and one that counts the rest with the weight of the heaviest.
    pub(in crate::formats) fn into_list(self, place: String) -> Vec<Finding> {
        let rest = self.dropped.map(|(count, heaviest)| {
            let text = format!("{count} more findings about this image are not listed");
            Finding::new(heaviest, "ewf-limit", place, text)
        });
        self.kept.into_iter().chain(rest).collect()
    }
}
