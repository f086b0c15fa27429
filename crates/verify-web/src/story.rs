//! The records of the custody log and of the acquisitions, for the page to show. They are worth what the verdict is worth.

use exhibit_verify::{Below, Members, PackageFacts, zip};
use serde_json::{Value, json};

use crate::disclosed;
use crate::files::Files;

/// Bytes of the log that are shown; more would not be read by anybody on a page, which says that there is more.
const LOG_BYTES_MAX: u64 = 8 << 20;
/// Bytes of an acquisition record that is shown.
const RECORD_BYTES_MAX: u64 = 8 << 20;
/// Names of the folders in a package (`docs/spec/package.md`).
const CUSTODY: &str = "exhibit/custody";

/// What can be read of both, as it stands there; what cannot is left out, and the checks name it.
pub(crate) fn read(files: &Files, facts: &PackageFacts) -> Value {
    let mut story = match files.archive() {
        Some(archive) => {
            let archive = zip::Archive::open(archive, &zip::Limits::default());
            inside(&Below::new(&archive, &facts.bag))
        }
        None => inside(&Below::new(files, &facts.bag)),
    };
    // Of a disclosure the log lies in another place, perhaps with parts left out.
    if let (Some(records), Some(story)) = (disclosed::records(facts), story.as_object_mut()) {
        story.insert("records".to_owned(), Value::Array(records));
    }
    story
}

fn inside(members: &dyn Members) -> Value {
    let mut entries = members.list().unwrap_or_default();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let (mut records, mut acquisitions, mut left) = (Vec::new(), Vec::new(), LOG_BYTES_MAX);
    let mut shortened = false;
    for entry in &entries {
        let is_log = entry.name.starts_with(CUSTODY) && entry.name.ends_with(".jsonl");
        if is_log {
            let Some(rest) = left.checked_sub(entry.size) else {
                shortened = true;
                continue;
            };
            left = rest;
            records.extend(lines(&text(members, &entry.name, entry.size)));
        } else if entry.name.ends_with(".acquisition.json") && entry.size <= RECORD_BYTES_MAX {
            let record = serde_json::from_str::<Value>(&text(members, &entry.name, entry.size)).ok();
            acquisitions.extend(record.map(|record| json!({"place": entry.name, "record": record})));
        }
    }
    json!({ "records": records, "shortened": shortened, "acquisitions": acquisitions })
}

fn lines(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

fn text(members: &dyn Members, name: &str, size: u64) -> String {
    let mut bytes = Vec::new();
    let streamed = members.stream(name, &mut |block| {
        bytes.extend_from_slice(block);
        bytes.len() as u64 <= size
    });
    if streamed.is_err() {
        return String::new();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
