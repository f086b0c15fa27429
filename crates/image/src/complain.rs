//! Saying what is wrong with tables, up to a limit: a hostile table must not fill anybody's memory with complaints.

use exhibit_evidence::{Finding, Severity};

/// Findings about the tables of one file that are told one by one; the rest is counted.
const TABLE_FINDINGS_MAX: u64 = 1000;

/// Tells findings and counts them.
pub(crate) struct Complain<'a> {
    tell: &'a mut dyn FnMut(Finding),
    place: String,
    told: u64,
}

impl<'a> Complain<'a> {
    /// `place` is the file and the table.
    pub(crate) fn new(place: String, tell: &'a mut dyn FnMut(Finding)) -> Self {
        Self { tell, place, told: 0 }
    }

    /// A contradiction at `offset` in the file.
    pub(crate) fn mismatch(&mut self, code: &str, offset: u64, text: String) {
        self.say(Severity::Mismatch, code, offset, text);
    }

    /// Anything at `offset` in the file.
    pub(crate) fn say(&mut self, severity: Severity, code: &str, offset: u64, text: String) {
        self.told = self.told.saturating_add(1);
        if self.told <= TABLE_FINDINGS_MAX {
            (self.tell)(Finding::new(severity, code, self.place.clone(), text).at(offset));
        }
    }

    /// Counts what was not told.
    pub(crate) fn finish(self) {
        if let Some(more) = self.told.checked_sub(TABLE_FINDINGS_MAX).filter(|&more| more > 0) {
            let text = format!("{more} more entries of this table are wrong as well");
            (self.tell)(Finding::new(Severity::Mismatch, "table-limit", self.place, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_counted() {
        let mut told = Vec::new();
        let mut tell = |finding| told.push(finding);
        let mut complain = Complain::new("x".to_owned(), &mut tell);
        (0..TABLE_FINDINGS_MAX + 7).for_each(|n| complain.mismatch("a", n, String::new()));
        complain.finish();
        assert_eq!(told.len() as u64, TABLE_FINDINGS_MAX + 1);
        assert!(told.last().unwrap().text.starts_with("7 more"));
    }
}
