//! CASE/UCO: the investigation as a graph, in the shapes of CASE 1.4.0 and 1.5.0.
//!
//! Every node has an IRI that follows from the case and its place in it, so that the same package makes the same graph. The context
//! is inline: whoever validates needs no network.

mod graph;

use std::collections::BTreeMap;

use exhibit_evidence::Instant;
use serde_json::{Value, json};

use super::{Event, Export, FILES_NAMED_MAX, Whole};
use crate::manifest::{File, Item, Role};
use graph::{Graph, bytes, facet, hash, moment, reference};

/// Cyber-investigation Analysis Standard Expression, over the Unified Cyber Ontology.
pub(super) struct CaseUco;

impl Export for CaseUco {
    fn id(&self) -> &'static str {
        "case-uco"
    }

    fn path(&self) -> &'static str {
        "exhibit/case.jsonld"
    }

    fn write(&self, whole: &Whole<'_>) -> Result<Vec<u8>, String> {
        let mut graph = Graph::new(&whole.manifest.case.number);
        let people = people(whole, &mut graph);
        let mut members: Vec<String> = people.values().cloned().collect();
        let tool = tool(whole, &mut graph);
        let mut provenance = BTreeMap::new();
        let mut left = FILES_NAMED_MAX;
        for item in &whole.manifest.items {
            let things = self::item(whole, item, &mut left, &mut graph);
            let record = graph.id("provenance-record", &item.id);
            let node = json!({
                "@type": "case-investigation:ProvenanceRecord",
                "case-investigation:exhibitNumber": item.id,
                "uco-core:description": described(item),
                "uco-core:object": things.iter().map(|id| reference(id)).collect::<Vec<Value>>(),
            });
            graph.add(&record, node);
            members.push(record.clone());
            provenance.insert(item.id.as_str(), record);
        }
        acquisitions(whole, &people, &tool, &provenance, &mut graph)?;
        members.extend(events(whole, &people, &tool, &provenance, &mut graph)?);
        investigation(whole, &members, &mut graph)?;
        graph.write()
    }
}

/// Everybody who is named, by name.
fn people<'a>(whole: &Whole<'a>, graph: &mut Graph) -> BTreeMap<&'a str, String> {
    let case = &whole.manifest.case;
    let mut people = BTreeMap::new();
    let actors = whole.history.events.iter().map(|event| event.actor.as_str());
    for name in std::iter::once(case.examiner.as_str()).chain(actors) {
        people.entry(name).or_insert_with(|| {
            let id = graph.id("person", name);
            graph.add(&id, json!({"@type": "uco-identity:Person", "uco-core:name": name}));
            id
        });
    }
    let agency = graph.id("organization", &case.agency);
    graph.add(&agency, json!({"@type": "uco-identity:Organization", "uco-core:name": case.agency}));
    let role = graph.id("examiner", &case.examiner);
    graph.add(&role, json!({"@type": "case-investigation:Examiner", "uco-core:name": "Examiner"}));
    let examiner = people.get(case.examiner.as_str()).cloned().unwrap_or_default();
    graph.relate("uco-core:Relationship", &examiner, "Has_Role", &role);
    people
}

fn tool(whole: &Whole<'_>, graph: &mut Graph) -> String {
    let (name, version) = whole.manifest.tool.split_once(' ').unwrap_or((&whole.manifest.tool, "unknown"));
    let id = graph.id("tool", &whole.manifest.tool);
    let node = json!({"@type": "uco-tool:Tool", "uco-core:name": name, "uco-tool:version": version});
    graph.add(&id, node);
    id
}

/// What an item is, in a sentence.
fn described(item: &Item) -> String {
    match &item.medium {
        Some(medium) if medium.gaps.count > 0 => format!(
            "Image of a medium of {} bytes; {} ranges of {} bytes in all could not be read and are filled",
            medium.size_bytes, medium.gaps.count, medium.gaps.bytes
        ),
        Some(medium) => format!("Image of a medium of {} bytes", medium.size_bytes),
        None => format!("{} files", item.files.len()),
    }
}

/// The medium, its image and the files of an item. Returns their nodes.
fn item(whole: &Whole<'_>, item: &Item, left: &mut usize, graph: &mut Graph) -> Vec<String> {
    let mut things = Vec::new();
    let image = item.medium.as_ref().map(|medium| {
        let device = device(whole, item, graph);
        let id = graph.id("image", &item.id);
        let record = whole.history.acquisitions.iter().find(|(of, _)| *of == item.id).map(|(_, record)| record);
        let format = record.map_or("unknown", |record| record.plan.format.as_str());
        let hashes: Vec<Value> = medium
            .digests
            .iter()
            .filter_map(|(algorithm, hex)| hash(&graph.id("hash", &format!("{} {algorithm}", item.id)), algorithm, hex))
            .collect();
        let image =
            facet(&graph.id("image-facet", &item.id), "ImageFacet", json!({"uco-observable:imageType": format}));
        let mut content = json!({"uco-observable:sizeInBytes": bytes(medium.size_bytes)});
        if let Some(map) = content.as_object_mut().filter(|_| !hashes.is_empty()) {
            map.insert("uco-observable:hash".to_owned(), hashes.into());
        }
        let content = facet(&graph.id("content-data-facet", &item.id), "ContentDataFacet", content);
        let node = json!({
            "@type": "uco-observable:Image",
            "uco-core:name": format!("Image of {}", item.id),
            "uco-core:hasFacet": [image, content],
        });
        graph.add(&id, node);
        graph.relate("uco-observable:ObservableRelationship", &id, "Copied_From", &device);
        things.extend([device, id.clone()]);
        id
    });
    for file in &item.files {
        if *left == 0 {
            break;
        }
        *left = left.saturating_sub(1);
        let id = self::file(file, graph);
        if let Some(image) = &image {
            match file.role {
                Role::ImageSegment => graph.relate("uco-observable:ObservableRelationship", image, "Has_Fragment", &id),
                Role::Derived => graph.relate("uco-observable:ObservableRelationship", &id, "Extracted_From", image),
                _ => {}
            }
        }
        things.push(id);
    }
    things
}

/// The seized thing.
fn device(whole: &Whole<'_>, item: &Item, graph: &mut Graph) -> String {
    let id = graph.id("storage-medium", &item.id);
    let size = item.medium.as_ref().map_or(0, |medium| medium.size_bytes);
    let capacity = json!({"uco-observable:totalStorageCapacityInBytes": bytes(size)});
    let mut facets = vec![facet(&graph.id("storage-medium-facet", &item.id), "StorageMediumFacet", capacity)];
    if let Some((_, record)) = whole.history.acquisitions.iter().find(|(of, _)| *of == item.id) {
        let source = &record.source;
        let mut known = json!({"uco-observable:deviceType": source.kind});
        if let Some(map) = known.as_object_mut() {
            let texts = [("model", &source.model), ("serialNumber", &source.serial)];
            for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?))) {
                map.insert(format!("uco-observable:{name}"), text.as_str().into());
            }
            if let Some(vendor) = &source.vendor {
                let maker = graph.id("organization", vendor);
                graph.add(&maker, json!({"@type": "uco-identity:Organization", "uco-core:name": vendor}));
                map.insert("uco-observable:manufacturer".to_owned(), reference(&maker));
            }
        }
        facets.push(facet(&graph.id("device-facet", &item.id), "DeviceFacet", known));
    }
    let node = json!({"@type": "uco-observable:StorageMedium", "uco-core:name": item.id, "uco-core:hasFacet": facets});
    graph.add(&id, node);
    id
}

fn file(file: &File, graph: &mut Graph) -> String {
    let id = graph.id("file", &file.path);
    let name = file.original_name.to_string();
    let last = name.rsplit('/').next().unwrap_or(&name).to_owned();
    let about = json!({
        "uco-observable:fileName": last,
        "uco-observable:filePath": file.path,
        "uco-observable:isDirectory": false,
        "uco-observable:sizeInBytes": bytes(file.size),
    });
    let mut facets = vec![facet(&graph.id("file-facet", &file.path), "FileFacet", about)];
    let hash = hash(&graph.id("hash", &file.path), "sha256", &file.sha256);
    let content = json!({"uco-observable:sizeInBytes": bytes(file.size), "uco-observable:hash": hash});
    facets.push(facet(&graph.id("content-data-facet", &file.path), "ContentDataFacet", content));
    graph.add(&id, json!({"@type": "uco-observable:File", "uco-core:hasFacet": facets}));
    id
}

/// One action for each acquisition.
fn acquisitions(
    whole: &Whole<'_>,
    people: &BTreeMap<&str, String>,
    tool: &str,
    provenance: &BTreeMap<&str, String>,
    graph: &mut Graph,
) -> Result<(), String> {
    let performer = people.get(whole.manifest.case.examiner.as_str()).cloned().unwrap_or_default();
    for (number, (item, record)) in whole.history.acquisitions.iter().enumerate() {
        let shown = whole.manifest.items.iter().any(|other| other.id == *item && other.medium.is_some());
        let Some(result) = provenance.get(item.as_str()).filter(|_| shown) else { continue };
        let id = graph.id("investigative-action", &format!("acquisition {number} {item}"));
        let node = json!({
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": "Acquisition",
            "uco-action:performer": reference(&performer),
            "uco-action:instrument": reference(tool),
            "uco-action:object": reference(&graph.id("storage-medium", item)),
            "uco-action:result": [reference(&graph.id("image", item)), reference(result)],
            "uco-action:startTime": moment(&record.started)?,
            "uco-action:endTime": moment(&record.finished)?,
        });
        graph.add(&id, node);
    }
    Ok(())
}

/// One action for each record of the custody log, each informed by the one before.
fn events(
    whole: &Whole<'_>,
    people: &BTreeMap<&str, String>,
    tool: &str,
    provenance: &BTreeMap<&str, String>,
    graph: &mut Graph,
) -> Result<Vec<String>, String> {
    let mut ids: Vec<String> = Vec::new();
    for event in &whole.history.events {
        let id = graph.id("investigative-action", &format!("record {}", event.seq));
        let mut node = json!({
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": event.sentence,
            "uco-core:description": words(event),
            "uco-action:performer": reference(people.get(event.actor.as_str()).map_or("", String::as_str)),
            "uco-action:instrument": reference(tool),
            "uco-action:startTime": moment(&event.time)?,
            "uco-action:endTime": moment(&event.time)?,
        });
        if let Some(map) = node.as_object_mut() {
            if let Some(record) = event.item.as_ref().and_then(|item| provenance.get(item.as_str())) {
                map.insert("uco-action:object".to_owned(), reference(record));
            }
            if let Some(before) = ids.last() {
                map.insert("case-investigation:wasInformedBy".to_owned(), reference(before));
            }
        }
        graph.add(&id, node);
        ids.push(id);
    }
    Ok(ids)
}

fn words(event: &Event) -> String {
    let role = if event.role.is_empty() { String::new() } else { format!(", by {} as {}", event.actor, event.role) };
    let reason = event.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("Record {} of the custody log, {}{role}{reason}", event.seq, event.action)
}

/// A mark of handling: UCO has no class for the Traffic Light Protocol or national marks, so it is a statement.
fn marking(mark: &str, graph: &mut Graph) -> Value {
    let (definition, statement) = (graph.id("marking-definition", mark), graph.id("statement-marking", mark));
    let node = json!({
        "@type": "uco-marking:MarkingDefinition",
        "uco-marking:definitionType": "statement",
        "uco-marking:definition": {
            "@id": statement,
            "@type": "uco-marking:StatementMarking",
            "uco-marking:definitionType": "statement",
            "uco-marking:statement": mark,
        },
    });
    graph.add(&definition, node);
    reference(&definition)
}

fn investigation(whole: &Whole<'_>, members: &[String], graph: &mut Graph) -> Result<(), String> {
    let case = &whole.manifest.case;
    let files: usize = whole.manifest.items.iter().map(|item| item.files.len()).sum();
    let mut description = vec![format!("Case {}", case.number)];
    if files > FILES_NAMED_MAX {
        description
            .push(format!("{FILES_NAMED_MAX} of {files} files are in this graph; exhibit/manifest.json lists all"));
    }
    description.extend(whole.manifest.limits.iter().cloned());
    let mut node = json!({
        "@type": "case-investigation:Investigation",
        "uco-core:name": case.title,
        "uco-core:description": description,
        "case-investigation:investigationForm": "case",
        "uco-core:object": members.iter().map(|id| reference(id)).collect::<Vec<Value>>(),
    });
    let begun = Instant::parse(&case.created).is_some().then(|| moment(&case.created)).transpose()?;
    if let Some(map) = node.as_object_mut() {
        map.extend(begun.map(|begun| ("uco-core:startTime".to_owned(), begun)));
        if !whole.manifest.authority.is_null() {
            let authority = graph.id("authorization", &case.number);
            let text = match &whole.manifest.authority {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let kind = whole.manifest.authority.get("kind").and_then(Value::as_str).unwrap_or("as given");
            let authorization = json!({
                "@type": "case-investigation:Authorization",
                "case-investigation:authorizationType": kind,
                "uco-core:description": text,
            });
            graph.add(&authority, authorization);
            map.insert("case-investigation:relevantAuthorization".to_owned(), reference(&authority));
        }
        let marks = &whole.manifest.handling;
        if !marks.is_empty() {
            let marks: Vec<Value> = marks.iter().map(|mark| marking(mark, graph)).collect();
            map.insert("uco-core:objectMarking".to_owned(), Value::Array(marks));
        }
    }
    let id = graph.id("investigation", &case.number);
    graph.add(&id, node);
    Ok(())
}
