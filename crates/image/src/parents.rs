//! Images that name other files: extents, and parents that hold what a child does not.
//!
//! Names come from the evidence. Only their last part counts, and only files beside the image are looked at. A parent
//! that is missing, or is not the one the child was made from, is never read: what it should hold is unreadable, so that
//! no medium is put together that never existed.

use std::sync::Arc;

use exhibit_evidence::{Finding, Name, Outcome, Severity};

use crate::layered::Below;
use crate::{Beside, Ends, Format, Image, ImageError, Match, Part, SegmentInfo};

/// Longest chain of parents that is followed.
const DEPTH_MAX: usize = 32;
/// Most files of one image and its parents. A disk of 2 TiB in extents of 2 GB has a thousand for each snapshot.
const FILES_MAX: usize = 4096;

/// A format whose files name other files.
pub(crate) trait Linked: Format {
    /// The names in `part`, the surest first: extents, parents. They may be whole paths of another machine.
    fn refers_to(&self, part: &Part, beside: &dyn Beside) -> Vec<String>;

    /// Opens `part`; what it refers to is in `others`, if anywhere.
    ///
    /// # Errors
    /// As [`Format::open`].
    fn open_linked(&self, part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError>;
}

/// The linked format of `part`, by its ends.
fn linked(part: &Part) -> Option<&'static dyn Linked> {
    let ends = Ends::of(&*part.source);
    crate::formats::LINKED.iter().find(|format| format.probe(&ends) == Match::Sure).copied()
}

/// What [`Format::gather`] is for linked formats: every file that is named, and what those name.
pub(crate) fn gather(first: Part, beside: &dyn Beside) -> Vec<Part> {
    let names = beside.names();
    let mut parts = vec![first];
    let mut next = 0_usize;
    while let Some(part) = parts.get(next).cloned() {
        next = next.saturating_add(1);
        for wanted in linked(&part).map(|format| format.refers_to(&part, beside)).unwrap_or_default() {
            let Some(name) = same_name(&wanted, names.iter()) else { continue };
            if parts.len() >= FILES_MAX || parts.iter().any(|part| part.name == *name) {
                continue;
            }
            if let Some(source) = beside.open(name) {
                parts.push(Part { name: name.clone(), source });
            }
        }
    }
    parts
}

/// What [`Format::open`] is for linked formats.
pub(crate) fn open(format: &dyn Linked, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return Err(ImageError::Usage("an image needs at least one file".to_owned()));
    };
    format.open_linked(first, &Others { parts: parts.take(FILES_MAX).collect(), depth: 0 })
}

/// The last part of a path of any system.
pub(crate) fn last_component(path: &str) -> &str {
    path.trim_end_matches('\0').rsplit(['/', '\\']).next().unwrap_or_default()
}

/// The one of `names` that `path` means: exactly, or but for the case of letters, as Windows compares them.
fn same_name<'a>(path: &str, names: impl Iterator<Item = &'a String> + Clone) -> Option<&'a String> {
    let wanted = last_component(path);
    let exact = names.clone().find(|name| *name == wanted);
    exact.or_else(|| names.clone().find(|name| name.eq_ignore_ascii_case(wanted)))
}

/// The files beside the one that is opened.
pub(crate) struct Others {
    parts: Vec<Part>,
    /// How many children are above.
    depth: usize,
}

impl Others {
    /// The file that `path` means.
    pub(crate) fn find(&self, path: &str) -> Option<&Part> {
        let name = same_name(path, self.parts.iter().map(|part| &part.name))?;
        self.parts.iter().find(|part| part.name == *name)
    }

    /// The same files and one more, for a file that turns out to belong to another.
    pub(crate) fn with(&self, part: Part) -> Self {
        Self { parts: self.parts.iter().cloned().chain([part]).collect(), depth: self.depth }
    }

    /// All files beside.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The parent that one of `wanted.paths` means, opened and compared.
    pub(crate) fn parent(&self, wanted: &Wanted<'_>) -> Lineage {
        let stated = wanted.paths.first().map(|path| Name::from(path.as_str()).to_string()).unwrap_or_default();
        let found = wanted.paths.iter().find_map(|path| self.find(path));
        let Some(part) = found else {
            let text = format!("its parent {stated:?} is not beside it");
            return Lineage::without(Severity::Incomplete, "parent-missing", wanted.child, text);
        };
        if self.depth >= DEPTH_MAX {
            let text = format!("more than {DEPTH_MAX} parents; {} is not followed", part.name);
            return Lineage::without(Severity::Incomplete, "parent-limit", wanted.child, text);
        }
        // Without the parent itself: a chain that comes back to a file does not find it any more.
        let rest = self.parts.iter().filter(|other| other.name != part.name).cloned().collect();
        let others = Self { parts: rest, depth: self.depth.saturating_add(1) };
        let outcome = match open_parent(part.clone(), &others, wanted.format) {
            Ok(outcome) => outcome,
            Err(error) => {
                let text = format!("its parent cannot be opened: {error}");
                return Lineage::without(Severity::Incomplete, "parent-unusable", wanted.child, text);
            }
        };
        if let Err(text) = (wanted.is_it)(&*outcome.value) {
            let text = format!("{} is not the parent this file was made from: {text}", part.name);
            return Lineage::without(Severity::Mismatch, "parent-mismatch", wanted.child, text);
        }
        let segments = outcome.value.description().segments.clone();
        Lineage { below: Below::Parent(outcome.value), findings: outcome.findings, segments }
    }
}

/// Which parent a child wants.
pub(crate) struct Wanted<'a> {
    /// Name of the child's file, for findings.
    pub(crate) child: &'a str,
    /// Paths as the child states them, the surest first.
    pub(crate) paths: &'a [String],
    /// Id of the format the parent must have; `None` if its own bytes say it.
    pub(crate) format: Option<&'static str>,
    /// Compares the identity that the child remembers with that of the file.
    pub(crate) is_it: &'a dyn Fn(&dyn Image) -> Result<(), String>,
}

/// What lies under a child, and what there is to say about it.
pub(crate) struct Lineage {
    pub(crate) below: Below,
    pub(crate) findings: Vec<Finding>,
    /// The files of the parents.
    pub(crate) segments: Vec<SegmentInfo>,
}

impl Lineage {
    /// A disk without parent.
    pub(crate) const fn none() -> Self {
        Self { below: Below::Nothing, findings: Vec::new(), segments: Vec::new() }
    }

    fn without(severity: Severity, code: &str, child: &str, text: String) -> Self {
        let whole = format!("{text}; what this file does not hold itself is unreadable");
        let findings = vec![Finding::new(severity, code, child, whole)];
        Self { below: Below::Missing(text), findings, segments: Vec::new() }
    }
}

fn open_parent(part: Part, others: &Others, id: Option<&'static str>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let is_wanted = |found: &str| match id {
        Some(id) if id != found => Err(ImageError::Usage(format!("{} is {found}, expected {id}", part.name))),
        _ => Ok(()),
    };
    match linked(&part).filter(|_| id != Some("raw")) {
        Some(format) => {
            is_wanted(format.spec().id)?;
            format.open_linked(part, others)
        }
        None => {
            let format = match id {
                Some("raw") => crate::format("raw").unwrap_or(crate::identify(&*part.source)),
                _ => crate::identify(&*part.source),
            };
            is_wanted(format.spec().id)?;
            format.open(vec![part])
        }
    }
}

/// The value under `key` in what an image says about itself.
pub(crate) fn stated<'a>(image: &'a dyn Image, key: &str) -> Option<&'a str> {
    image.description().metadata.iter().find(|(have, _)| *have == key).map(|(_, value)| value.as_str())
}

/// Compares what the child remembers of its parent with what the parent says: both lower-case texts.
pub(crate) fn compare(image: &dyn Image, key: &str, remembered: &str) -> Result<(), String> {
    match stated(image, key) {
        Some(have) if have.eq_ignore_ascii_case(remembered) => Ok(()),
        have => Err(format!("{key} {remembered} is remembered, the file says {}", have.unwrap_or("nothing"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_path_only_the_last_part_counts() {
        for path in ["base.vhd", "/a/b/base.vhd", "C:\\vm\\base.vhd", ".\\base.vhd", "..\\../base.vhd\0"] {
            assert_eq!(last_component(path), "base.vhd", "{path}");
        }
        let names = ["BASE.vhd".to_owned(), "base.VHD".to_owned()];
        assert_eq!(same_name("x/base.VHD", names.iter()), names.get(1));
        assert_eq!(same_name("x/Base.Vhd", names.iter()), names.first());
        assert_eq!(same_name("x/", names.iter()), None);
    }
}
