//! Grades recovered files against what really lies on the medium, by SHA-256.

use std::collections::BTreeSet;

use exhibit_forge::truth::{Layout, Truth};

/// Types of the truth that a carver asked for JPEG, PNG, GIF, PDF and ZIP can find: two of the kinds are ZIP archives.
pub const TYPES: [&str; 7] = ["jpeg", "png", "gif", "pdf", "zip", "docx", "odt"];

/// What one tool's folder came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Files the tool left.
    pub files: usize,
    /// Of these, files that are byte for byte an object of the disk, embedded ones included.
    pub exact: usize,
    /// Different objects among the files that lie in one piece on the disk …
    pub whole_found: usize,
    /// … of so many.
    pub whole: usize,
    /// Different objects among the files that lie in several pieces …
    pub pieces_found: usize,
    /// … of so many.
    pub pieces: usize,
}

impl Score {
    /// Grades the files with these digests (lower-case hexadecimal) against the disks that were searched.
    #[must_use]
    pub fn of(recovered: &[String], truths: &[Truth]) -> Self {
        let objects = || truths.iter().flat_map(|truth| &truth.objects);
        let wanted = || objects().filter(|object| TYPES.contains(&object.kind.as_str()));
        let digests = |layout: Layout| -> BTreeSet<&str> {
            let these = wanted().filter(|object| {
                object.layout == layout && (layout != Layout::Contiguous || object.recoverable_by_carving)
            });
            these.map(|object| object.sha256.as_str()).collect()
        };
        let (whole, pieces) = (digests(Layout::Contiguous), digests(Layout::Fragmented));
        let real = objects().filter(|object| object.layout != Layout::Bait);
        let real: BTreeSet<&str> = real.map(|object| object.sha256.as_str()).collect();
        let found: BTreeSet<&str> = recovered.iter().map(String::as_str).collect();
        Self {
            files: recovered.len(),
            exact: recovered.iter().filter(|digest| real.contains(digest.as_str())).count(),
            whole_found: whole.intersection(&found).count(),
            whole: whole.len(),
            pieces_found: pieces.intersection(&found).count(),
            pieces: pieces.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use exhibit_forge::Recipe;

    use super::*;

    #[test]
    fn everything_found_is_full_marks_and_junk_only_adds_files() {
        let truths = [Recipe::small(1).forge().unwrap().truth];
        let all = truths[0].objects.iter().filter(|object| object.layout != Layout::Bait);
        let mut recovered: Vec<String> = all.map(|object| object.sha256.clone()).collect();
        let best = Score::of(&recovered, &truths);
        assert!(best.whole > 10 && best.pieces > 3, "{best:?}");
        assert_eq!((best.files, best.whole_found, best.pieces_found), (best.exact, best.whole, best.pieces));
        recovered.push("00".repeat(32));
        recovered.push(recovered[0].clone());
        let more = Score::of(&recovered, &truths);
        assert_eq!(more, Score { files: best.files + 2, exact: best.exact + 1, ..best });
        let none = Score::of(&[], &truths);
        assert_eq!((none.files, none.exact, none.whole_found, none.pieces_found), (0, 0, 0, 0));
    }

    #[test]
    fn bait_taken_for_a_file_earns_nothing() {
        let truths = [Recipe::practice(3).forge().unwrap().truth];
        let bait = truths[0].objects.iter().filter(|object| object.layout == Layout::Bait);
        let bait: Vec<String> = bait.map(|object| object.sha256.clone()).collect();
        assert!(!bait.is_empty());
        let score = Score::of(&bait, &truths);
        assert_eq!((score.exact, score.whole_found, score.pieces_found), (0, 0, 0));
    }
}
