//! What a disclosure shows and withholds, in the words of whoever asks for it: terms on the command line, or a file.

use std::path::Path;

use exhibit_custody::strict_json;
use exhibit_evidence::ByteRange;
use exhibit_package::disclosure::Ground;
use serde::Deserialize;

use crate::outcome::{Failure, shown};
use crate::sizes;

/// Value of `format` in a selection file.
const FORMAT: &str = "exhibit-selection/1";
/// Largest selection file read, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// What is shown, what is not, and why not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    show: Vec<Pattern>,
    withhold: Vec<(Pattern, Ground)>,
    /// Ranges of media: item and place.
    pub(crate) ranges: Vec<(String, ByteRange)>,
    /// For everything that is neither shown nor named.
    otherwise: Ground,
}

/// An item, and a pattern for the names of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    item: String,
    /// `None`: everything of the item.
    name: Option<String>,
}

/// The form of a selection file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    show: Vec<String>,
    #[serde(default)]
    withhold: Vec<Withhold>,
    otherwise: Ground,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Withhold {
    what: Vec<String>,
    reason: String,
    authority: String,
}

impl Selection {
    /// Reads `text`: the name of a selection file (JSON), or terms separated by commas.
    pub(crate) fn read(text: &str, ground: Ground) -> Result<Self, Failure> {
        let path = Path::new(text);
        if !path.is_file() {
            let (withhold, show): (Vec<&str>, Vec<&str>) =
                text.split(',').map(str::trim).partition(|term| term.starts_with('!'));
            let withhold = withhold.into_iter().map(|term| (term.trim_start_matches('!').to_owned(), ground.clone()));
            return Self::from_terms(show.into_iter().map(str::to_owned), withhold, ground.clone());
        }
        let bytes = exhibit_device::read_small(path, FILE_BYTES_MAX);
        let bytes = bytes.map_err(|error| Failure::io("read the selection", path, &error))?;
        let wrong = |text: String| {
            Failure::usage(format!("{}: {text}", shown(path))).hint("the form is described in docs/guide/sharing.md")
        };
        let value = strict_json::parse(&bytes, bytes.len()).map_err(|fault| wrong(fault.to_string()))?;
        let file: File = serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
        if file.format != FORMAT {
            return Err(wrong(format!("format {:?}, expected {FORMAT:?}", file.format)));
        }
        let withhold = file.withhold.into_iter().flat_map(|entry| {
            let ground = Ground { reason: entry.reason, authority: entry.authority };
            entry.what.into_iter().map(move |term| (term, ground.clone()))
        });
        Self::from_terms(file.show.into_iter(), withhold, file.otherwise)
    }

    fn from_terms(
        show: impl Iterator<Item = String>,
        withhold: impl Iterator<Item = (String, Ground)>,
        otherwise: Ground,
    ) -> Result<Self, Failure> {
        let mut selection = Self { show: Vec::new(), withhold: Vec::new(), ranges: Vec::new(), otherwise };
        for term in show {
            match term.split_once('@') {
                Some((item, range)) if !item.contains('/') => {
                    let (offset, length) = sizes::parse_range(range).map_err(Failure::usage)?;
                    if length == 0 || offset.checked_add(length).is_none() {
                        return Err(Failure::usage(format!("{term}: the range is empty or larger than any disk")));
                    }
                    selection.ranges.push((item.to_owned(), ByteRange::new(offset, length)));
                }
                _ => selection.show.push(Pattern::parse(&term)?),
            }
        }
        for (term, ground) in withhold {
            if ground.reason.trim().is_empty() {
                return Err(Failure::usage(format!("{term}: to withhold something a reason must be given")));
            }
            selection.withhold.push((Pattern::parse(&term)?, ground));
        }
        Ok(selection)
    }

    /// Why the file `name` of `item` is withheld; `None` if it is shown. What is named as withheld is, whatever else names it.
    pub(crate) fn ground(&self, item: &str, name: &str) -> Option<&Ground> {
        let named = self.withhold.iter().find(|(pattern, _)| pattern.matches(item, name)).map(|(_, ground)| ground);
        let shown = self.show.iter().any(|pattern| pattern.matches(item, name));
        named.or((!shown).then_some(&self.otherwise))
    }

    /// Why the medium of an item is withheld, if it is.
    pub(crate) fn otherwise(&self) -> &Ground {
        &self.otherwise
    }

    /// The items that are named, each with the term that names it.
    pub(crate) fn items(&self) -> impl Iterator<Item = &str> {
        let patterns = self.show.iter().chain(self.withhold.iter().map(|(pattern, _)| pattern));
        patterns.map(|pattern| pattern.item.as_str()).chain(self.ranges.iter().map(|(item, _)| item.as_str()))
    }

    /// Terms that name files of which there is none among `files`: a slip of the pen must not show or hide something else.
    pub(crate) fn idle(&self, files: &[(String, String)]) -> Option<String> {
        let patterns = self.show.iter().chain(self.withhold.iter().map(|(pattern, _)| pattern));
        let mut idle = patterns.filter(|pattern| !files.iter().any(|(item, name)| pattern.matches(item, name)));
        idle.next().map(|pattern| match &pattern.name {
            Some(name) => format!("{}/{name}", pattern.item),
            None => pattern.item.clone(),
        })
    }
}

impl Pattern {
    fn parse(term: &str) -> Result<Self, Failure> {
        let (item, name) = term.split_once('/').map_or((term, None), |(item, name)| (item, Some(name)));
        if item.is_empty() || name == Some("") {
            return Err(Failure::usage(format!("{term:?} names nothing that could be shown")).hint(
                "name an item (HDD-1), files of it (HDD-1/carved/*.jpg) or a range of its medium (HDD-1@1MiB:64KiB)",
            ));
        }
        Ok(Self { item: item.to_owned(), name: name.map(str::to_owned) })
    }

    fn matches(&self, item: &str, name: &str) -> bool {
        self.item == item && self.name.as_ref().is_none_or(|pattern| fits(pattern.as_bytes(), name.as_bytes()))
    }
}

/// Whether a name fits a pattern in which `*` stands for any bytes, also none, and everything else for itself.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    // Greedy with one step back: if a star has to take more, only the last one needs to.
    let (mut at, mut from, mut back) = (0_usize, 0_usize, None);
    while from < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                back = Some((at, from));
                at = at.saturating_add(1);
            }
            Some(c) if name.get(from) == Some(c) => {
                at = at.saturating_add(1);
                from = from.saturating_add(1);
            }
            _ => match back {
                Some((star, taken)) => {
                    at = star.saturating_add(1);
                    from = taken.saturating_add(1);
                    back = Some((star, from));
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground(reason: &str) -> Ground {
        Ground { reason: reason.to_owned(), authority: "order 7".to_owned() }
    }

    #[test]
    fn stars_stand_for_anything_and_nothing_else_does() {
        for (pattern, name) in [("*", ""), ("a*", "a"), ("*.jpg", "x/y.jpg"), ("a*b*c", "a-b-b-c"), ("[a]?", "[a]?")] {
            assert!(fits(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
        for (pattern, name) in [("", "a"), ("a", "A"), ("*.jpg", "x.jpg2"), ("a*b*c", "a-c"), ("?", "a")] {
            assert!(!fits(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_named_as_withheld_is_withheld_and_what_nobody_names_too() {
        let selection = Selection::read("A, B/c/*.jpg,!A/secret*,C@4096:8KiB", ground("not asked for")).unwrap();
        assert_eq!(selection.ground("A", "disk.E01"), None);
        assert_eq!(selection.ground("A", "secret.txt"), Some(&ground("not asked for")));
        assert_eq!(selection.ground("B", "c/1.jpg"), None);
        assert!(selection.ground("B", "disk.E01").is_some() && selection.ground("D", "x").is_some());
        assert_eq!(selection.ranges, [("C".to_owned(), ByteRange::new(4096, 8192))]);
        let files = [("A".to_owned(), "disk.E01".to_owned()), ("B".to_owned(), "c/1.jpg".to_owned())];
        assert_eq!(selection.idle(&files), Some("A/secret*".to_owned()));
        for bad in ["", "/x", "A/", "A,!", "A@x", "A@1:0"] {
            assert!(Selection::read(bad, ground("r")).is_err(), "{bad}");
        }
        assert!(Selection::read("A,!A/b", ground(" ")).is_err());
    }
}
