//! One row of the tree: a file or folder with its attributes.

use exhibit_evidence::{Digest, DigestSet, Name};

use super::contents::Contents;
use super::text::{Units, decode, exact, fields, number};
use crate::LogicalEntry;

/// Flag of `opr`: a folder.
const FOLDER: u64 = 0x0200_0000;
/// Flag of `opr`: one stored byte stands for all, or the contents are stored elsewhere (`du`).
const SPARSE: u64 = 0x0400_0000;

/// Flags of `opr` that have a name.
const FLAGS: [(u64, &str); 10] = [
    (0x02, "hidden"),
    (0x04, "system"),
    (0x08, "archive"),
    (0x10, "link"),
    (0x80, "deleted"),
    (0x1000, "hard-link"),
    (0x2000, "stream"),
    (0x10_0000, "internal"),
    (FOLDER, "folder"),
    (SPARSE, "sparse"),
];

/// Values that are listed as they are written: key in the tree, our word.
const ATTRIBUTES: [(&str, &str); 15] = [
    ("cr", "created_date"),
    ("wr", "written_date"),
    ("mo", "changed_date"),
    ("ac", "accessed_date"),
    ("dl", "deleted_date"),
    ("aq", "acquired_date"),
    ("id", "id"),
    ("snh", "short_name"),
    ("opr", "flags"),
    ("src", "source_id"),
    ("mid", "guid"),
    ("lo", "logical_offset"),
    ("po", "physical_offset"),
    ("du", "duplicate_offset"),
    ("pm", "permission_group"),
];

/// The keys of a category, in order.
pub(super) struct Columns(Vec<String>);

/// The values of a row under their keys.
pub(super) struct Row<'a> {
    columns: &'a Columns,
    values: Vec<Units<'a>>,
}

impl Columns {
    pub(super) fn new(line: Units<'_>, most: usize) -> Result<Self, String> {
        let keys: Vec<String> = fields(line).take(most.saturating_add(1)).map(decode).collect();
        if keys.len() > most { Err(format!("more than {most} keys")) } else { Ok(Self(keys)) }
    }

    pub(super) fn of<'a>(&'a self, values: Units<'a>) -> Row<'a> {
        Row { columns: self, values: fields(values).take(self.0.len()).collect() }
    }
}

impl<'a> Row<'a> {
    /// The value under `key`; `None` if there is no such key, or the row is too short.
    pub(super) fn get(&self, key: &str) -> Option<Units<'a>> {
        let index = self.columns.0.iter().position(|have| have == key)?;
        self.values.get(index).copied()
    }
}

/// The name of a row, exactly as it is stored.
pub(super) fn exact_name(row: &Row<'_>) -> Vec<u8> {
    row.get("n").map(exact).unwrap_or_default()
}

/// The file or folder of a row, and where its bytes lie.
pub(super) fn read(row: &Row<'_>, path: Name) -> (LogicalEntry, Contents) {
    let flags = row.get("opr").map(decode).unwrap_or_default();
    let flags: u64 = flags.trim().parse().unwrap_or(0);
    let folder = row.get("p").is_some_and(|p| decode(p) == "1") || flags & FOLDER != 0;
    let size_bytes = row.get("ls").and_then(number).unwrap_or(0);
    let contents = if folder {
        Contents::folder()
    } else {
        let extents = row.get("be").map(decode).unwrap_or_default();
        Contents::new(size_bytes, &extents, flags & SPARSE != 0, row.get("du").and_then(number))
    };
    let size_bytes = if folder { 0 } else { size_bytes };
    (LogicalEntry { path, folder, size_bytes, stored: stored(row), attributes: attributes(row, flags) }, contents)
}

/// Digests; all zero means that there is none.
fn stored(row: &Row<'_>) -> DigestSet {
    let digest = |(key, algorithm): (&str, &str)| {
        let digest = Digest::parse(algorithm, &decode(row.get(key)?)).ok()?;
        digest.bytes().iter().any(|byte| *byte != 0).then_some(digest)
    };
    [("ha", "md5"), ("sha", "sha1")].into_iter().filter_map(digest).collect()
}

fn attributes(row: &Row<'_>, flags: u64) -> Vec<(&'static str, String)> {
    let value = |(key, word): &(&str, &'static str)| {
        let text = decode(row.get(key)?);
        // A short name comes with the number of its characters in front.
        let text = if *key == "snh" { text.split_once(' ').map_or("", |(_, name)| name).to_owned() } else { text };
        let unset = text.trim().is_empty() || text == "-1" || (*key == "mid" && text.bytes().all(|c| c == b'0'));
        (!unset).then_some((*word, text))
    };
    let mut all: Vec<(&'static str, String)> = ATTRIBUTES.iter().filter_map(value).collect();
    let named: Vec<&str> = FLAGS.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name).collect();
    if !named.is_empty() {
        all.push(("flag_names", named.join(",")));
    }
    all
}
