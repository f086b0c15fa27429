//! The facts of cover sheets, out of a case.

use exhibit_authority::{Authority, Scope, review};
use exhibit_custody::{Checkpoint, Log};
use exhibit_evidence::{Name, to_hex};
use exhibit_report::{CaseFacts, SheetFacts, SheetHead, SheetImage, SheetRecord};
use serde_json::Value;

use crate::case::Case;
use crate::outcome::Failure;
use crate::recording::LogFiles;
use crate::world::{TOOL, World};
use crate::{authority, items, keys};

/// Everything a sheet of `case` can say.
pub(crate) fn facts(world: &World, case: &Case) -> Result<SheetFacts, Failure> {
    let files = LogFiles::read(&case.path)?;
    let log = files.log().value;
    let file = &case.file;
    let mut stated = Vec::new();
    flatten("authority", &file.authority, &mut stated);
    flatten("scope", &file.scope, &mut stated);
    let mut images = Vec::new();
    for item in items::read(case, &[])? {
        for acquisition in item.records {
            images.push(SheetImage { item: item.id.clone(), acquisition, record: acquired(&log, &item.id) });
        }
    }
    Ok(SheetFacts {
        tool: TOOL.to_owned(),
        created: Some(world.clock.now()),
        case: CaseFacts {
            number: Some(file.number.clone()),
            title: Some(file.title.clone()),
            examiner: Some(file.examiner.clone()),
            agency: Some(file.agency.clone()),
            created: Some(file.created.clone()),
            authority: None,
            scope: None,
        },
        stated,
        missing: missing(world, case)?,
        handling: log.handling().unwrap_or_else(|| file.handling.clone()),
        records: records(&log)?,
        images,
        head: head(world, &files, &log),
    })
}

/// What the named articles ask for and nobody said, in sentences.
fn missing(world: &World, case: &Case) -> Result<Vec<String>, Failure> {
    let authority = authority::of_case::<Authority>(&case.file.authority).unwrap_or_default();
    let scope = authority::of_case::<Scope>(&case.file.scope).unwrap_or_default();
    let review = review(&authority, &scope, &authority::vocabulary(world)?);
    let mut sentences: Vec<String> = review
        .missing
        .iter()
        .map(|missing| format!("Not said: {}; asked for by {}.", missing.title, missing.asked_by.join(", ")))
        .collect();
    sentences.extend(review.unknown.iter().map(|id| format!("Not in the vocabulary: {id}.")));
    sentences.extend(review.unconfirmed.iter().map(|(id, why)| format!("What {id} asks for is {why}; check it.")));
    Ok(sentences)
}

/// Every text of a document with the path of its field; the format is not one of them.
fn flatten(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (name, value) in map.iter().filter(|(name, _)| *name != "format") {
                flatten(&format!("{path}.{name}"), value, out);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                flatten(&format!("{path}[{index}]"), value, out);
            }
        }
        Value::String(text) => out.push((path.to_owned(), text.clone())),
        other => out.push((path.to_owned(), other.to_string())),
    }
}

/// The last record that says that an item was acquired.
fn acquired(log: &Log, item: &str) -> Option<u64> {
    let of_item = |entry: &&exhibit_custody::Entry| {
        entry.record.action == "acquired" && entry.record.object.get("item").and_then(Value::as_str) == Some(item)
    };
    log.entries().iter().rev().find(of_item).map(|entry| entry.record.seq)
}

fn records(log: &Log) -> Result<Vec<SheetRecord>, Failure> {
    let each = log.entries().iter().map(|entry| {
        let record = &entry.record;
        let line = record.to_line().map_err(|fault| Failure::new(fault.to_string()))?;
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Array(values) if values.iter().all(Value::is_string) => {
                values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        let says = record.object.iter().chain(&record.details).filter(|(_, value)| !value.is_null());
        let known = exhibit_custody::actions::find(&record.action).map(|action| action.sentence.to_owned());
        Ok(SheetRecord {
            seq: record.seq,
            time: record.time.to_string(),
            actor: record.actor.clone(),
            role: record.role.clone(),
            action: record.action.clone(),
            sentence: known.unwrap_or_else(|| Name::from(record.action.as_str()).to_string()),
            says: says.map(|(name, value)| (name.clone(), text(value))).collect(),
            reason: record.reason.clone(),
            sha256: to_hex(&exhibit_custody::line_hash(&line)),
        })
    });
    each.collect()
}

/// The last head that this user's key signed and that is the log's.
fn head(world: &World, files: &LogFiles, log: &Log) -> Option<SheetHead> {
    let own = keys::own_public(world)?;
    let keys = [own.clone()];
    let heads = files.checkpoints.iter().filter_map(|(_, bytes)| Checkpoint::open(bytes, &keys).ok());
    let (last, _) = heads.max_by_key(|(head, _)| head.size)?;
    (log.root_at(last.size) == Some(last.root)).then(|| SheetHead {
        records: last.size,
        root: to_hex(&last.root),
        fingerprint: own.fingerprint(),
    })
}
