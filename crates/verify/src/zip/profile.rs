//! The writer's profile: the constants that every header of a package carries, so that a change of any of them shows.
//!
//! None of these fields changes what a member's content is, which is why an archive re-packed by another tool is not
//! wrong; but within a package that was written by Exhibit, a header that differs from all the others was changed.

use exhibit_evidence::{Finding, Severity};

use super::directory::Found;
use super::ending::Ending;
use super::layout::{Common, Extras, FLAG_UTF8, IN_ZIP64};

/// 1980-01-01, the first day a ZIP can name, and midnight.
const DATE: u16 = 0x0021;
const TIME: u16 = 0;
/// Made on Unix (3, upper byte); the lower byte repeats the version needed.
const MADE_ON_UNIX: u16 = 3 << 8;
/// A regular file that its owner can write and everybody can read: Unix mode 0100644.
const EXTERNAL: u32 = 0o100_644 << 16;

/// Version needed to extract: 4.5 with zip64 sizes, 2.0 for deflate, 1.0 otherwise.
fn version_needed(common: &Common) -> u16 {
    match (common.size == IN_ZIP64 || common.compressed == IN_ZIP64, common.method) {
        (true, _) => 45,
        (false, 8) => 20,
        (false, _) => 10,
    }
}

/// How the fields that both headers have differ from the profile.
fn common(found: &Common, name: &[u8], extras: &Extras) -> Vec<String> {
    let mut list = Vec::new();
    let mut expect = |what: &str, expected: u64, found: u64| {
        if expected != found {
            list.push(format!("{what}: expected 0x{expected:x}, found 0x{found:x}"));
        }
    };
    let utf8 = if name.is_ascii() { 0 } else { FLAG_UTF8 };
    expect("version needed", version_needed(found).into(), found.needed.into());
    expect("flags", utf8.into(), found.flags.into());
    expect("time", TIME.into(), found.time.into());
    expect("date", DATE.into(), found.date.into());
    expect("extra fields other than zip64", 0, extras.others.len() as u64);
    list
}

/// How a central header differs from the profile.
pub(crate) fn central(found: &Found<'_>) -> Vec<String> {
    let header = &found.header;
    let mut list = common(&header.common, found.name, &found.extras);
    let mut expect = |what: &str, expected: u64, found: u64| {
        if expected != found {
            list.push(format!("{what}: expected 0x{expected:x}, found 0x{found:x}"));
        }
    };
    expect("version made by", (MADE_ON_UNIX | version_needed(&header.common)).into(), header.made_by.into());
    expect("comment length", 0, header.comment_bytes.into());
    expect("internal attributes", 0, header.internal.into());
    expect("external attributes", EXTERNAL.into(), header.external.into());
    list
}

/// How a local header differs from the profile.
pub(crate) fn local(found: &Common, name: &[u8], extras: &Extras) -> Vec<String> {
    common(found, name, extras)
}

/// How the end records differ from the profile.
pub(crate) fn ending(ending: &Ending, deflated: bool, large: bool, deviations: &mut Deviations) {
    if ending.comment_bytes != 0 {
        let text = format!("comment length: expected 0, found {}", ending.comment_bytes);
        deviations.archive(ending.end_at, "archive: end of central directory", text);
    }
    let version = match (large, deflated) {
        (true, _) => 45,
        (false, true) => 20,
        (false, false) => 10,
    };
    if let Some((made_by, needed, at)) = ending.zip64
        && (made_by, needed) != (version, version)
    {
        let text = format!("versions: expected {version}, found {made_by} and {needed}");
        deviations.archive(at, "archive: zip64 end of central directory", text);
    }
}

/// Deviations of headers from the profile, gathered until it is known whether the archive follows it at all.
#[derive(Debug, Default)]
pub(crate) struct Deviations {
    headers: u64,
    deviating: u64,
    kept: Vec<Finding>,
}

impl Deviations {
    /// A header at `at` with its deviations, possibly none.
    pub(crate) fn member(&mut self, at: u64, place: &str, texts: &[String]) {
        self.headers = self.headers.saturating_add(1);
        self.deviating = self.deviating.saturating_add(u64::from(!texts.is_empty()));
        texts.iter().for_each(|text| self.archive(at, place, text.clone()));
    }

    /// A deviation of the archive as a whole; it does not count as a header.
    pub(crate) fn archive(&mut self, at: u64, place: &str, text: String) {
        if self.kept.len() < crate::collect::FINDINGS_MAX {
            self.kept.push(Finding::new(Severity::Mismatch, "zip-profile", place, text).at(at));
        }
    }

    /// Whether at least half of the headers are exactly as Exhibit writes them.
    pub(crate) const fn follows_profile(&self) -> bool {
        self.headers > 0 && self.deviating <= self.headers / 2
    }

    /// Every deviation as a mismatch if the archive follows the profile; otherwise one note.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        if self.follows_profile() || self.headers == 0 {
            return self.kept;
        }
        let text = format!(
            "{} of {} headers are not as Exhibit writes them: the archive was re-packed by another tool. Names and \
             contents are checked all the same; times, attributes and comments of the archive are not judged",
            self.deviating, self.headers
        );
        vec![Finding::new(Severity::Note, "zip-repacked", "archive", text)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_differs_from_the_many_is_wrong_and_many_that_differ_are_another_tool() {
        let wrong = ["time".to_owned()];
        let gather = |clean: usize, deviating: usize| {
            let mut all = Deviations::default();
            (0..clean).for_each(|_| all.member(0, "a", &[]));
            (0..deviating).for_each(|_| all.member(7, "b", &wrong));
            all.into_findings()
        };
        assert_eq!(gather(3, 0), []);
        assert_eq!(
            (gather(2, 2).len(), gather(2, 2)[0].severity, gather(2, 2)[0].offset),
            (2, Severity::Mismatch, Some(7))
        );
        assert_eq!((gather(2, 3).len(), gather(2, 3)[0].severity), (1, Severity::Note));
    }
}
