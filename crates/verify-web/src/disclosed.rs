//! What a disclosure shows and withholds, for the page to say in words. It is worth what the verdict is worth.

use std::collections::BTreeMap;

use exhibit_verify::PackageFacts;
use serde_json::{Value, json};

/// Entries that are told one by one; nobody reads more of them on a page, which says how many there are.
const LISTED_MAX: usize = 1000;
/// Different kinds of withheld entries that are counted apart: items times classes of size times grounds.
const KINDS_MAX: usize = 1000;

/// The counts and the first entries; `null` for a package that is whole.
pub(crate) fn told(facts: &PackageFacts) -> Value {
    let Some(disclosure) = &facts.disclosure else { return Value::Null };
    let mut by_ground: BTreeMap<u64, u64> = BTreeMap::new();
    let mut kinds: BTreeMap<(&str, &str, u64), u64> = BTreeMap::new();
    for entry in &disclosure.withheld {
        let count = by_ground.entry(entry.ground).or_default();
        *count = count.saturating_add(1);
        let count = kinds.entry((&entry.item, &entry.size_class, entry.ground)).or_default();
        *count = count.saturating_add(1);
    }
    let grounds = (0_u64..).zip(&disclosure.grounds).map(|(number, ground)| {
        let count = by_ground.get(&number).copied().unwrap_or(0);
        json!({ "reason": ground.reason, "authority": ground.authority, "count": count })
    });
    let counted = kinds.iter().take(KINDS_MAX).map(
        |((item, class, ground), count)| json!({ "item": item, "size_class": class, "ground": ground, "count": count }),
    );
    let withheld = disclosure.withheld.iter().take(LISTED_MAX).map(|entry| {
        let (index, item, class) = (entry.index, &entry.item, &entry.size_class);
        json!({ "index": index, "item": item, "size_class": class, "ground": entry.ground })
    });
    let ranges = disclosure.ranges.iter().take(LISTED_MAX).map(|range| {
        let medium = usize::try_from(range.medium).ok().and_then(|at| disclosure.media.get(at));
        let item = medium.map(|medium| medium.item.as_str());
        json!({ "item": item, "offset": range.offset, "length": range.length, "path": range.path })
    });
    let log = disclosure.log.as_ref();
    json!({
        "files": disclosure.files.len(), "media": disclosure.media.len(),
        "withheld_count": disclosure.withheld.len(), "withheld": withheld.collect::<Vec<_>>(),
        "kinds": counted.collect::<Vec<_>>(), "grounds": grounds.collect::<Vec<_>>(),
        "range_count": disclosure.ranges.len(),
        "range_bytes": disclosure.ranges.iter().map(|range| range.length).fold(0, u64::saturating_add),
        "ranges": ranges.collect::<Vec<_>>(),
        "log": log.map(|log| json!({ "shown": log.shown.len(), "withheld": log.withheld.len() })),
    })
}

/// The records of a custody log of which a part is shown, in their order, with a mark for each run that is withheld.
pub(crate) fn records(facts: &PackageFacts) -> Option<Vec<Value>> {
    let log = facts.disclosure.as_ref()?.log.as_ref()?;
    let mut records: Vec<(u64, Value)> = Vec::new();
    for line in &log.shown {
        let Ok(record) = serde_json::from_str::<Value>(line) else { continue };
        records.push((record.get("seq").and_then(Value::as_u64).unwrap_or(0), record));
    }
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for entry in &log.withheld {
        match runs.last_mut() {
            Some((first, count)) if first.checked_add(*count) == Some(entry.seq) => *count = count.saturating_add(1),
            _ => runs.push((entry.seq, 1)),
        }
    }
    records.extend(runs.into_iter().map(|(first, count)| (first, json!({ "seq": first, "withheld": count }))));
    records.sort_by_key(|(seq, _)| *seq);
    Some(records.into_iter().map(|(_, record)| record).collect())
}
