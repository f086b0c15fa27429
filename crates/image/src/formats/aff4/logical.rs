//! AFF4-L: the files and folders that a logical image lists.

use exhibit_evidence::{Digest, DigestSet, Name};

use super::graph::Value;
use super::names::{member_names, unescaped};
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
        let path = named.unwrap_or_else(|| unescaped(&relative));
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
