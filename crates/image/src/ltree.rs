//! The tree of files in a logical image of the Expert Witness family (`ltree` of an L01, single files data of an Lx01).
//!
//! ```text
//! 5                                 categories
//! rec   ⏎ keys ⏎ values             total bytes of the stream that holds the contents
//! perm, srce, sub                   permissions, where the files come from, people
//! entry ⏎ count 1 ⏎ keys            then two lines for each file, parents before their children:
//!   26 <children> ⏎ values          where its bytes lie in the stream, size, times, digests, name
//! ```
//!
//! UTF-16, little-endian; lines end with a line feed, values with a tab.

mod contents;
mod entry;
mod image;
mod text;

use std::collections::BTreeSet;

use exhibit_evidence::{Name, Severity};

use self::contents::Contents;
use self::entry::{Columns, exact_name};
use self::text::{Lines, decode};
use crate::LogicalEntry;

pub(crate) use self::image::LogicalImage;

/// Largest tree read, in bytes; some 300,000 files with all that EnCase 7 writes about each.
pub(crate) const TREE_BYTES_MAX: u64 = 256 << 20;
/// Memory that the listed files take, in bytes: a hostile tree unpacks to far more than its text.
const LISTED_BYTES_MAX: usize = 256 << 20;
/// Longest path listed, in bytes.
const PATH_BYTES_MAX: usize = 32 << 10;
/// Sources (disks the files come from) that are described.
const SOURCES_MAX: usize = 64;
/// Keys in a category: EnCase 7 has 34.
const KEYS_MAX: usize = 256;

/// What the tree lists.
#[derive(Default)]
pub(crate) struct Tree {
    /// Files and folders in the order of the tree, without its root.
    entries: Vec<LogicalEntry>,
    /// Where the bytes of each lie.
    contents: Vec<Contents>,
    /// Size of the stream that holds all contents, in bytes, as the tree tells it.
    pub(crate) total_bytes: Option<u64>,
    /// Disks the files come from, described with what the tree has.
    pub(crate) sources: Vec<String>,
    /// Why reading it ended before its end, or what does not add up.
    pub(crate) trouble: Option<Trouble>,
}

/// What is wrong with a tree.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) severity: Severity,
    /// The sentence, with the number of the line.
    pub(crate) text: String,
}

impl From<String> for Trouble {
    fn from(text: String) -> Self {
        Self { severity: Severity::Mismatch, text }
    }
}

impl From<&str> for Trouble {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Trouble {
    /// A limit of ours was reached: nothing is wrong with the image.
    fn limit(text: String) -> Self {
        Self { severity: Severity::Incomplete, text }
    }
}

impl Tree {
    /// Reads the tree as far as it goes. Total: one pass over the text.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut tree = Self::default();
        let mut lines = Lines::new(text);
        tree.trouble = tree
            .categories(&mut lines)
            .err()
            .map(|trouble| Trouble { text: format!("line {}: {}", lines.number(), trouble.text), ..trouble });
        tree
    }

    /// Files and folders that are listed.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn categories(&mut self, lines: &mut Lines<'_>) -> Result<(), Trouble> {
        let count = lines.take().and_then(text::number).ok_or("the number of categories is missing")?;
        let mut seen = BTreeSet::new();
        for _ in 0..count {
            let Some(name) = lines.take().map(decode) else {
                return Err(format!("the text ends after {} of {count} categories", seen.len()).into());
            };
            match name.as_str() {
                "rec" => self.record(lines)?,
                "srce" => self.sources(lines)?,
                "entry" => self.entries(lines)?,
                _ => skip(lines)?,
            }
            if !seen.insert(name) {
                return Err("a category is there twice".into());
            }
            if seen.len() > 64 {
                return Err("more than 64 categories".into());
            }
        }
        if seen.contains("entry") { Ok(()) } else { Err("there is no list of files (category entry)".into()) }
    }

    /// One line of keys, one of values, and an empty one.
    fn record(&mut self, lines: &mut Lines<'_>) -> Result<(), Trouble> {
        let columns = keys(lines)?;
        let values = lines.take().ok_or("the category rec has no values")?;
        self.total_bytes = columns.of(values).get("tb").and_then(text::number);
        end(lines)
    }

    fn sources(&mut self, lines: &mut Lines<'_>) -> Result<(), Trouble> {
        rows(lines, &mut |number, _, row| {
            let shown = [("n", "name"), ("mfr", "manufacturer"), ("mo", "model"), ("se", "serial"), ("ev", "evidence")];
            let told = shown.iter().filter_map(|(key, title)| {
                let value = row.get(key).map(decode).filter(|value| !value.is_empty())?;
                Some(format!("{title} {value}"))
            });
            let told = told.collect::<Vec<_>>().join(", ");
            // The first row is the root of the category.
            if number > 0 && !told.is_empty() && self.sources.len() < SOURCES_MAX {
                self.sources.push(told);
            }
            Ok(())
        })
    }

    fn entries(&mut self, lines: &mut Lines<'_>) -> Result<(), Trouble> {
        let mut walk = Walk::default();
        let mut listed_bytes = 0_usize;
        rows(lines, &mut |number, children, row| {
            if number == 0 {
                walk.root(children);
                return Ok(());
            }
            let path = walk.step(&exact_name(row), children)?;
            let (entry, contents) = entry::read(row, Name::new(path));
            listed_bytes = listed_bytes.saturating_add(bytes_of(&entry)).saturating_add(contents.bytes());
            if listed_bytes > LISTED_BYTES_MAX {
                let text = format!("the files after the first {} are not listed: a limit of this program", self.len());
                return Err(Trouble::limit(text));
            }
            self.entries.push(entry);
            self.contents.push(contents);
            Ok(())
        })?;
        walk.finish()
    }
}

/// Memory that an entry takes, about.
fn bytes_of(entry: &LogicalEntry) -> usize {
    let attribute = |(_, value): &(&str, String)| value.len().saturating_add(64);
    let attributes: usize = entry.attributes.iter().map(attribute).sum();
    attributes.saturating_add(entry.path.bytes().len()).saturating_add(256)
}

/// Where in the tree a row stands: parents come before their children, with the number of these.
#[derive(Default)]
struct Walk {
    path: Vec<u8>,
    /// For each open parent: children still to come, and how long its own path is.
    open: Vec<(u64, usize)>,
    /// Rows that nobody announced.
    extra: u64,
}

impl Walk {
    fn root(&mut self, children: u64) {
        self.open.push((children, 0));
    }

    /// The path of the next row, which has so many children.
    fn step(&mut self, name: &[u8], children: u64) -> Result<Vec<u8>, Trouble> {
        while self.open.last().is_some_and(|(left, _)| *left == 0) {
            self.open.pop();
        }
        let above = match self.open.last_mut() {
            Some((left, length)) => {
                *left = left.saturating_sub(1);
                *length
            }
            None => {
                self.extra = self.extra.saturating_add(1);
                0
            }
        };
        self.path.truncate(above);
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        if self.path.len() > PATH_BYTES_MAX {
            return Err(Trouble::limit(format!("a path of more than {PATH_BYTES_MAX} bytes; the rest is not listed")));
        }
        if children > 0 {
            self.open.push((children, self.path.len()));
        }
        Ok(self.path.clone())
    }

    fn finish(self) -> Result<(), Trouble> {
        let missing: u64 = self.open.iter().fold(0, |sum, (left, _)| sum.saturating_add(*left));
        match (missing, self.extra) {
            (0, 0) => Ok(()),
            (0, extra) => {
                Err(format!("{extra} entries more than their parents announce; they are listed at the top").into())
            }
            (missing, _) => Err(format!("{missing} entries that their parents announce are not there").into()),
        }
    }
}

/// The line of keys.
fn keys(lines: &mut Lines<'_>) -> Result<Columns, Trouble> {
    let line = lines.take().ok_or("the keys of a category are missing")?;
    Columns::new(line, KEYS_MAX).map_err(Trouble::from)
}

/// The rows of a category with its count, its keys, and two lines for each row, up to the empty line.
fn rows(
    lines: &mut Lines<'_>,
    each: &mut dyn FnMut(usize, u64, &entry::Row<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    lines.take().ok_or("the count of a category is missing")?;
    let columns = keys(lines)?;
    for number in 0_usize.. {
        let Some(head) = lines.take() else {
            return Err("the text ends inside a category".into());
        };
        if head.is_empty() {
            break;
        }
        let children = text::fields(head).nth(1).and_then(text::number);
        let (Some(children), Some(values)) = (children, lines.take()) else {
            return Err("a row has no number of children, or no values".into());
        };
        each(number, children, &columns.of(values))?;
    }
    Ok(())
}

/// A category that is not looked at: everything up to the empty line.
fn skip(lines: &mut Lines<'_>) -> Result<(), Trouble> {
    rows(lines, &mut |_, _, _| Ok(()))
}

/// The empty line behind a category without rows.
fn end(lines: &mut Lines<'_>) -> Result<(), Trouble> {
    match lines.take() {
        Some([]) => Ok(()),
        _ => Err("a category does not end with an empty line".into()),
    }
}

#[cfg(test)]
mod tests;
