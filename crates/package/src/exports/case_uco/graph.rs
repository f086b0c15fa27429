//! The nodes of a graph, and what we demand of it beyond the published shapes.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_evidence::{Instant, to_hex};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// Prefixes and what they stand for.
const CONTEXT: [(&str, &str); 10] = [
    ("case-investigation", "https://ontology.caseontology.org/case/investigation/"),
    ("kb", "urn:exhibit:"),
    ("uco-action", "https://ontology.unifiedcyberontology.org/uco/action/"),
    ("uco-core", "https://ontology.unifiedcyberontology.org/uco/core/"),
    ("uco-identity", "https://ontology.unifiedcyberontology.org/uco/identity/"),
    ("uco-observable", "https://ontology.unifiedcyberontology.org/uco/observable/"),
    ("uco-role", "https://ontology.unifiedcyberontology.org/uco/role/"),
    ("uco-tool", "https://ontology.unifiedcyberontology.org/uco/tool/"),
    ("uco-types", "https://ontology.unifiedcyberontology.org/uco/types/"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// Nodes by their id.
pub(super) struct Graph {
    case: String,
    nodes: BTreeMap<String, Value>,
}

impl Graph {
    pub(super) fn new(case: &str) -> Self {
        Self { case: case.to_owned(), nodes: BTreeMap::new() }
    }

    /// The id of a thing: its kind, and a UUID of version 8 (RFC 9562) made of the SHA-256 of case, kind and name.
    pub(super) fn id(&self, kind: &str, name: &str) -> String {
        let mut hasher = Sha256::new();
        for part in [&self.case, kind, name] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut bytes: [u8; 16] = [0; 16];
        bytes.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
        let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
        *version = *version & 0x0f | 0x80;
        *variant = *variant & 0x3f | 0x80;
        let hex = to_hex(&bytes);
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("kb:{kind}-{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }

    /// Adds a node; one of the same id is the same thing.
    pub(super) fn add(&mut self, id: &str, mut node: Value) {
        if let Some(map) = node.as_object_mut() {
            map.insert("@id".to_owned(), id.into());
        }
        self.nodes.insert(id.to_owned(), node);
    }

    /// Relates two things in one direction.
    pub(super) fn relate(&mut self, class: &str, source: &str, kind: &str, target: &str) {
        let id = self.id("relationship", &format!("{source} {kind} {target}"));
        let node = json!({
            "@type": class,
            "uco-core:source": reference(source),
            "uco-core:target": reference(target),
            "uco-core:kindOfRelationship": kind,
            "uco-core:isDirectional": true,
        });
        self.add(&id, node);
    }

    /// The graph, in the order of its ids.
    ///
    /// # Errors
    /// If it breaks a rule of ours: see [`check`].
    pub(super) fn write(self) -> Result<Vec<u8>, String> {
        let nodes: Vec<Value> = self.nodes.into_values().collect();
        check(&nodes)?;
        let context: Map<String, Value> =
            CONTEXT.iter().map(|(prefix, iri)| ((*prefix).to_owned(), Value::from(*iri))).collect();
        let document = json!({"@context": context, "@graph": nodes});
        serde_json_canonicalizer::to_vec(&document).map_err(|error| error.to_string())
    }
}

pub(super) fn reference(id: &str) -> Value {
    json!({"@id": id})
}

/// A moment with its zone.
///
/// # Errors
/// If it is none in UTC: a time without a zone passes the published shapes, and says nothing.
pub(super) fn moment(text: &str) -> Result<Value, String> {
    Instant::parse(text).ok_or_else(|| format!("{text:?} is not a time in UTC"))?;
    Ok(json!({"@type": "xsd:dateTime", "@value": text}))
}

/// A number of bytes, beyond what all readers of JSON read exactly as text with its type.
pub(super) fn bytes(count: u64) -> Value {
    if count <= crate::manifest::NUMBER_MAX {
        count.into()
    } else {
        json!({"@type": "xsd:integer", "@value": count.to_string()})
    }
}

pub(super) fn facet(id: &str, class: &str, mut properties: Value) -> Value {
    if let Some(map) = properties.as_object_mut() {
        map.insert("@id".to_owned(), id.into());
        map.insert("@type".to_owned(), format!("uco-observable:{class}").into());
    }
    properties
}

/// A digest, if the vocabulary of UCO has its algorithm.
pub(super) fn hash(id: &str, algorithm: &str, hex: &str) -> Option<Value> {
    let method = match algorithm {
        "md5" => "MD5",
        "sha1" => "SHA1",
        "sha256" => "SHA256",
        "sha512" => "SHA512",
        _ => return None,
    };
    Some(json!({
        "@id": id,
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": method,
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": hex},
    }))
}

/// Facets, and the only properties that belong on them: the published shapes let any property pass on any facet.
const FACETS: [(&str, &[&str]); 6] = [
    ("ContentDataFacet", &["hash", "sizeInBytes"]),
    ("DeviceFacet", &["deviceType", "manufacturer", "model", "serialNumber"]),
    ("FileFacet", &["fileName", "filePath", "isDirectory", "sizeInBytes"]),
    ("ImageFacet", &["imageType"]),
    ("StorageMediumFacet", &["totalStorageCapacityInBytes"]),
    ("FragmentFacet", &["fragmentIndex", "totalFragments"]),
];

/// Demands what the shapes do not see: every reference is that of a node, every time has a zone, every property of a facet belongs there.
fn check(nodes: &[Value]) -> Result<(), String> {
    let ids: BTreeSet<&str> = nodes.iter().filter_map(|node| node.get("@id")?.as_str()).collect();
    let mut open: Vec<&Value> = nodes.iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Array(values) => open.extend(values),
            Value::Object(map) => {
                object(map, &ids)?;
                open.extend(map.values());
            }
            _ => {}
        }
    }
    Ok(())
}

fn object(map: &Map<String, Value>, ids: &BTreeSet<&str>) -> Result<(), String> {
    let text = |name: &str| map.get(name).and_then(Value::as_str);
    if let Some(id) = text("@id").filter(|id| map.len() == 1 && !ids.contains(id)) {
        return Err(format!("the graph speaks of {id}, which is not in it"));
    }
    if text("@type") == Some("xsd:dateTime") && text("@value").is_none_or(|value| !value.ends_with('Z')) {
        return Err("a time without its zone".to_owned());
    }
    let class = text("@type").and_then(|class| class.strip_prefix("uco-observable:"));
    let facet = class.and_then(|class| FACETS.iter().find(|(name, _)| *name == class));
    let Some((class, allowed)) = facet else { return Ok(()) };
    let properties = map.keys().filter_map(|name| name.strip_prefix("uco-observable:"));
    match properties.into_iter().find(|name| !allowed.contains(name)) {
        Some(name) => Err(format!("{name} does not belong on {class}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_differ_and_end_in_a_uuid() {
        let graph = Graph::new("1");
        let id = graph.id("file", "a");
        assert_eq!(id, Graph::new("1").id("file", "a"));
        assert_ne!(id, graph.id("file", "b"));
        assert_ne!(id, Graph::new("2").id("file", "a"));
        let uuid = id.strip_prefix("kb:file-").unwrap();
        assert_eq!((uuid.len(), uuid.as_bytes()[14]), (36, b'8'), "{id}");
    }

    #[test]
    fn what_the_published_shapes_let_pass_is_refused_here() {
        let node = |value: Value| {
            let mut graph = Graph::new("1");
            graph.add("kb:a", value);
            graph.write()
        };
        assert!(node(json!({"@type": "x", "uco-core:object": [reference("kb:a")]})).is_ok());
        assert!(node(json!({"@type": "x", "uco-core:object": [reference("kb:b")]})).is_err());
        let zoneless = json!({"@type": "xsd:dateTime", "@value": "2026-01-01T00:00:00"});
        assert!(node(json!({"uco-action:startTime": zoneless})).is_err());
        assert!(moment("2026-01-01T00:00:00").is_err());
        let misplaced = facet("kb:f", "ImageFacet", json!({"uco-observable:fileName": "x"}));
        assert!(node(json!({"uco-core:hasFacet": [misplaced]})).is_err());
    }
}
