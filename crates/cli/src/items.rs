//! The items of a case folder, and the facts about a case that a report prints.

use std::path::PathBuf;

use exhibit_evidence::Name;
use exhibit_evidence::acquisition::Acquisition;
use exhibit_package::exports::{Event, History};
use exhibit_package::manifest::Role;
use exhibit_report::{CarveFacts, CarvedFile, CaseFacts, CustodyRow, Facts, ItemFacts, Verdict};
use exhibit_store::PARTIAL_SUFFIX;
use serde_json::Value;

use crate::case::Case;
use crate::case_facts;
use crate::outcome::Failure;
use crate::recording::LogFiles;
use crate::world::{TOOL, World};

/// Largest record or list read into memory.
const LIST_BYTES_MAX: u64 = 256 << 20;

/// A file of an item.
pub(crate) struct ItemFile {
    /// Name within the item, `/` between folders, exact bytes.
    pub(crate) name: Name,
    pub(crate) path: PathBuf,
    pub(crate) role: Role,
    /// SHA-256 from the acquisition record, for segments.
    pub(crate) recorded_sha256: Option<String>,
}

/// An item with its files.
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) records: Vec<Acquisition>,
    pub(crate) files: Vec<ItemFile>,
    /// Files that were never finished and do not belong to the evidence.
    pub(crate) unfinished: Vec<String>,
    carve: Option<CarveFacts>,
}

/// All items of `case`, by name; only those in `wanted`, if it is not empty.
pub(crate) fn read(case: &Case, wanted: &[String]) -> Result<Vec<Item>, Failure> {
    use std::os::unix::ffi::OsStrExt as _;
    let root = case.path.join("items");
    let mut items: Vec<Item> = Vec::new();
    let entries = if root.is_dir() {
        exhibit_device::walk(&root).map_err(|error| Failure::io("list the items", &root, &error))?
    } else {
        Vec::new()
    };
    for entry in entries {
        let mut parts = entry.relative.iter();
        let Some(id) = parts.next().and_then(|id| id.to_str()) else { continue };
        let inner = parts.as_path();
        if inner.as_os_str().is_empty() || (!wanted.is_empty() && !wanted.iter().any(|name| name == id)) {
            continue;
        }
        if items.last().is_none_or(|item| item.id != id) {
            items.push(Item {
                id: id.to_owned(),
                records: Vec::new(),
                files: Vec::new(),
                unfinished: Vec::new(),
                carve: None,
            });
        }
        let Some(item) = items.last_mut() else { continue };
        let name = Name::new(inner.as_os_str().as_bytes());
        if inner.as_os_str().as_bytes().ends_with(PARTIAL_SUFFIX.as_bytes()) || entry.special.is_some() {
            item.unfinished.push(name.to_string());
            continue;
        }
        item.files.push(ItemFile { name, path: entry.path, role: Role::Other, recorded_sha256: None });
    }
    for item in &mut items {
        describe(item)?;
    }
    if let Some(missing) = wanted.iter().find(|id| !items.iter().any(|item| item.id == **id)) {
        return Err(Failure::misused("err-no-such-item", &[("id", &Name::from(missing.as_str()).to_string())]));
    }
    Ok(items)
}

/// Finds out what each file is, from the acquisition records.
fn describe(item: &mut Item) -> Result<(), Failure> {
    let mut records: Vec<(String, Acquisition)> = Vec::new();
    for file in &mut item.files {
        let name = file.name.to_string();
        let Some(base) = name.strip_suffix(".acquisition.json") else { continue };
        let bytes = exhibit_device::read_small(&file.path, LIST_BYTES_MAX);
        let bytes = bytes.map_err(|error| Failure::io("read the acquisition record", &file.path, &error))?;
        let record: Acquisition = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::new(format!("{}: not an acquisition record: {error}", file.path.display())))?;
        file.role = Role::AcquisitionRecord;
        let folder = base.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        records.push((folder, record));
    }
    for file in &mut item.files {
        let name = file.name.to_string();
        for (folder, record) in &records {
            let Some(inner) = name.strip_prefix(folder.as_str()) else { continue };
            if let Some(segment) = record.segments.iter().find(|segment| segment.name == inner) {
                file.role = Role::ImageSegment;
                file.recorded_sha256 = Some(segment.sha256.clone());
            } else if record.tree.file == inner {
                file.role = Role::HashTree;
            }
        }
        if file.role == Role::Other && name.contains('/') {
            file.role = Role::Derived; // the image is at the item's top, what is made from it lies in folders
        }
    }
    // Segments of an image in the image's order: `.E100` would sort before `.E11` otherwise, and `.EAA` before `.E02`.
    let order = |file: &ItemFile| {
        let name = file.name.to_string();
        let position = |(folder, record): &(String, Acquisition)| {
            let inner = name.strip_prefix(folder.as_str())?;
            record.segments.iter().position(|segment| segment.name == inner)
        };
        (records.iter().find_map(position).is_none(), records.iter().find_map(position), name.clone())
    };
    item.files.sort_by_key(order);
    item.records = records.into_iter().map(|(_, record)| record).collect();
    item.carve = carved(item);
    Ok(())
}

/// The carver's list and summary, if the item has one.
fn carved(item: &Item) -> Option<CarveFacts> {
    let find = |ending: &str| item.files.iter().find(|file| file.name.to_string().ends_with(ending));
    let list = find("carved.jsonl")?;
    let bytes = exhibit_device::read_small(&list.path, LIST_BYTES_MAX).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let files: Vec<CarvedFile> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let summary = find("summary.json").and_then(|file| exhibit_device::read_small(&file.path, LIST_BYTES_MAX).ok());
    let summary: Value = summary.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Value::Null);
    let counted = |member: &str| -> Vec<String> {
        let map = summary.get(member).and_then(Value::as_object);
        map.into_iter().flatten().map(|(reason, count)| format!("{reason}: {count}")).collect()
    };
    let texts = |value: Option<&Value>| -> Vec<String> {
        value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut skipped = counted("skipped");
    skipped.extend(counted("cut_short"));
    skipped.extend(texts(summary.get("notes")));
    Some(CarveFacts {
        scanned_bytes: summary.get("bytes_scanned").and_then(Value::as_u64),
        types: texts(summary.pointer("/parameters/types")),
        skipped,
        files,
        list_file: Some(list.name.to_string()),
    })
}

/// How the items came about, for the exports of a package.
pub(crate) fn history(items: &[Item], log: &exhibit_custody::Log) -> History {
    let of = |item: &Item| item.records.iter().map(|record| (item.id.clone(), record.clone())).collect::<Vec<_>>();
    let event = |entry: &exhibit_custody::Entry, row: exhibit_custody::Row| Event {
        seq: row.number,
        time: row.time,
        actor: entry.record.actor.clone(),
        role: entry.record.role.clone(),
        action: entry.record.action.clone(),
        sentence: row.action,
        item: entry.record.object.get("item").and_then(Value::as_str).map(str::to_owned),
        reason: entry.record.reason.clone(),
    };
    History {
        acquisitions: items.iter().flat_map(of).collect(),
        events: log.entries().iter().zip(log.rows()).map(|(entry, row)| event(entry, row)).collect(),
    }
}

/// The facts about `case` that a report prints.
pub(crate) fn facts(world: &World, case: &Case, items: &[Item], verdict: Option<Verdict>) -> Result<Facts, Failure> {
    let files = LogFiles::read(&case.path)?;
    let log = files.log().value;
    let row = |entry: &exhibit_custody::Entry, row: exhibit_custody::Row| CustodyRow {
        seq: row.number,
        time: row.time,
        actor: entry.record.actor.clone(),
        role: entry.record.role.clone(),
        action: entry.record.action.clone(),
        object: row.object,
        says: case_facts::says(&entry.record),
        reason: entry.record.reason.clone(),
    };
    let custody = log.entries().iter().zip(log.rows()).map(|(entry, shown)| row(entry, shown)).collect();
    let file = &case.file;
    let item_facts = |item: &Item| ItemFacts {
        id: item.id.clone(),
        description: item.records.first().and_then(|record| record.plan.description.clone()),
        acquisition: item.records.first().cloned(),
        acquisition_file: item.record_file(),
        acquired: case_facts::record_of(&log, "acquired", Some(&item.id)),
        derived: case_facts::record_of(&log, "derived", Some(&item.id)),
        carve: item.carve.clone(),
    };
    Ok(Facts {
        tool: TOOL.to_owned(),
        created: Some(world.clock.now()),
        case: CaseFacts {
            number: Some(file.number.clone()),
            title: Some(file.title.clone()),
            examiner: Some(file.examiner.clone()),
            agency: Some(file.agency.clone()),
            created: Some(file.created.clone()),
            record: case_facts::record_of(&log, "case-opened", None),
        },
        items: items.iter().map(item_facts).collect(),
        custody,
        verdict,
        signer: None,
        bag_name: None,
        handling: case.handling(&log),
        limits: Vec::new(),
        stated: case_facts::stated(case),
        head: case_facts::head(world, &files, &log),
    })
}

impl Item {
    /// The acquisition record, as a path in the case.
    fn record_file(&self) -> Option<String> {
        let file = self.files.iter().find(|file| file.role == Role::AcquisitionRecord)?;
        Some(format!("items/{}/{}", self.id, file.name))
    }
}
