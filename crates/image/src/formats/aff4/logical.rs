//! AFF4-L: the files and folders that a logical image lists.

use exhibit_evidence::{Digest, DigestSet, Name};

use super::graph::Value;
use super::names::member_names;
use super::open::linear;
use super::volume::Volume;
use crate::LogicalEntry;

/// An entry, and the subject that stands for it.
pub(super) struct Entry {
    pub(super) listed: LogicalEntry,
    pub(super) urn: String,
}

/// Properties that are told as they are written.
const ATTRIBUTES: &[(&str, &str)] =
    &[("birthTime", "born"), ("lastWritten", "modified"), ("lastAccessed", "accessed"), ("recordChanged", "changed")];

/// All files and folders, in order of their paths.
pub(super) fn entries(volume: &Volume) -> Vec<Entry> {
    let graph = &volume.graph;
    let of = |urn: &str| {
        let folder = graph.is_a(urn, "Folder") || graph.is_a(urn, "FolderImage");
        if !folder && !graph.is_a(urn, "FileImage") {
            return None;
        }
        let named = graph.text(urn, "originalFileName").map(str::to_owned);
        // Without a name of its own an entry is called as its place in the volume.
        let [relative, _] = member_names(&volume.urn, urn);
        let path = named.map_or_else(|| relative.clone(), |named| without_quotes(&named, &relative).unwrap_or(named));
        let text = |(property, key): &(&'static str, &'static str)| Some((*key, graph.text(urn, property)?.to_owned()));
        let digest = |value: &Value| {
            let (algorithm, hex) = linear(value)?;
            Digest::parse(algorithm.id(), &hex.to_lowercase()).ok()
        };
        // Small files are members, whose size the directory has; not every writer repeats it.
        let size = graph.number(urn, "size").or_else(|| volume.member(urn).map(|(_, member)| member.size));
        let listed = LogicalEntry {
            path: Name::from(path.as_str()),
            folder,
            size_bytes: size.filter(|_| !folder).unwrap_or(0),
            stored: graph.all(urn, "hash").filter_map(digest).collect::<DigestSet>(),
            attributes: ATTRIBUTES.iter().filter_map(text).collect(),
        };
        Some(Entry { listed, urn: urn.to_owned() })
    };
    let mut entries: Vec<Entry> = graph.subjects().filter_map(of).collect();
    entries.sort_by(|a, b| a.listed.path.cmp(&b.listed.path));
    entries
}

/// `docs/a.txt` for `b'docs/a.txt'`: one writer stores the name as its language prints bytes. Only if the name of the subject
/// says the same is it taken for that.
fn without_quotes(named: &str, relative: &str) -> Option<String> {
    let quoted = named.strip_prefix('b')?;
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut bytes = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(character) = chars.next() {
        let escaped = if character == '\\' { chars.next()? } else { character };
        match (character, escaped) {
            ('\\', 'x') => {
                let mut digit = || chars.next()?.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                bytes.push(digit()? << 4 | digit()?);
            }
            ('\\', 'n') => bytes.push(b'\n'),
            ('\\', 'r') => bytes.push(b'\r'),
            ('\\', 't') => bytes.push(b'\t'),
            (_, plain) => bytes.extend(plain.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let last = |path: &str| path.rsplit(['/', '\\']).next().map(str::to_owned);
    (last(&text) == last(relative)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_printed_as_bytes_are_told_apart_from_names_that_look_so() {
        let same = |named, relative, wanted: Option<&str>| {
            assert_eq!(without_quotes(named, relative).as_deref(), wanted, "{named}");
        };
        same("b'docs/a.txt'", "docs/a.txt", Some("docs/a.txt"));
        same("b'na\\xc3\\xafve'", "naïve", Some("naïve"));
        same("b\"it's\"", "it's", Some("it's"));
        same("b'a\\\\b'", "x/a\\b", Some("a\\b"));
        same("b'a'", "b'a'", None);
        for broken in ["b'", "b'a\\x4'", "b'\\xff'", "b'a\\", "", "b", "plain"] {
            same(broken, "a", None);
        }
    }
}
