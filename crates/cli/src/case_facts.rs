//! What a case says of itself, for reports and sheets alike.

use exhibit_custody::{Checkpoint, Log, Record};
use exhibit_evidence::to_hex;
use exhibit_report::LogHead;
use serde_json::Value;

use crate::case::Case;
use crate::keys;
use crate::recording::LogFiles;
use crate::world::World;

/// What `case.json` says of authority and scope: path of the field and text.
pub(crate) fn stated(case: &Case) -> Vec<(String, String)> {
    let mut stated = Vec::new();
    flatten("authority", &case.file.authority, &mut stated);
    flatten("scope", &case.file.scope, &mut stated);
    stated
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

/// The last record of that action, on that item if one is named.
pub(crate) fn record_of(log: &Log, action: &str, item: Option<&str>) -> Option<u64> {
    let text = |entry: &exhibit_custody::Entry, name: &str| {
        entry.record.object.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    let is_about = |entry: &exhibit_custody::Entry, item: &str| {
        let source = text(entry, "source").is_some_and(|path| path.starts_with(&format!("items/{item}/")));
        source || text(entry, "item").as_deref() == Some(item)
    };
    let is_meant = |entry: &&exhibit_custody::Entry| {
        entry.record.action == action && item.is_none_or(|item| is_about(entry, item))
    };
    log.entries().iter().rev().find(is_meant).map(|entry| entry.record.seq)
}

/// Object and details of a record, one by one.
pub(crate) fn says(record: &Record) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(Value::is_string) => {
            values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let told = record.object.iter().chain(&record.details).filter(|(_, value)| !value.is_null());
    told.map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The last head that this user's key signed and that is the log's.
pub(crate) fn head(world: &World, files: &LogFiles, log: &Log) -> Option<LogHead> {
    let own = keys::own_public(world)?;
    let keys = [own.clone()];
    let heads = files.checkpoints.iter().filter_map(|(_, bytes)| Checkpoint::open(bytes, &keys).ok());
    let (last, _) = heads.max_by_key(|(head, _)| head.size)?;
    (log.root_at(last.size) == Some(last.root)).then(|| LogHead {
        records: last.size,
        root: to_hex(&last.root),
        fingerprint: own.fingerprint(),
    })
}
