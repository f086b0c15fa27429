//! What events say about themselves: times that were possible, records that exist, reasons where the safe path was left.
//!
//! The chain says that a record was written here; this says whether it can be meant. Nothing here is taken from the writer
//! but the names of members.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_custody::layout::{detail, object};
use exhibit_evidence::{Instant, Severity};
use serde_json::{Map, Value};

use super::record::Record;

/// Seals remembered; a case has dozens.
const SEALS_MAX: usize = 100_000;

/// Something about an event: how much it weighs, which code, and the sentence.
pub(super) type Remark = (Severity, &'static str, String);

/// What the events so far have established.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Seals in place: number to item.
    seals: BTreeMap<String, String>,
    /// Numbers that were ever applied.
    used: BTreeSet<String>,
}

impl Events {
    /// Judges the event in record `seq`, and remembers what it changes. `now` is the checker's clock, if it has one.
    pub(super) fn judge(&mut self, seq: u64, record: &Record, now: Option<Instant>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut wrong = |code, text| remarks.push((Severity::Mismatch, code, text));
        if let Some(now) = now.filter(|now| record.time.unix_seconds() > now.unix_seconds()) {
            wrong("custody-clock", format!("impossible clock: it was written at {}, and it is {now}", record.time));
        }
        if let Some(text) = stated_time(record) {
            wrong("custody-clock", text);
        }
        let is_before = |number: &Value| number.as_u64().is_some_and(|number| number > 0 && number < seq);
        let corrects = record.details.get(detail::CORRECTS).filter(|_| record.action == "correction");
        if let Some(number) = corrects.filter(|number| !is_before(number)) {
            let before = seq.saturating_sub(1);
            let text = format!("it corrects record {number}, and before it are the records 1 to {before}");
            wrong("custody-correction", text);
        }
        if let Some(text) = unjustified(record) {
            wrong("custody-unjustified", text);
        }
        remarks.extend(self.seal(record).map(|text| (Severity::Note, "custody-seal", text)));
        remarks
    }

    /// Seals that are applied, opened, and do not fit to each other.
    fn seal(&mut self, record: &Record) -> Option<String> {
        let word = |map: &Map<String, Value>, name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        let item = word(&record.object, object::ITEM).unwrap_or_default();
        let seal = word(&record.object, object::SEAL);
        match (record.action.as_str(), seal) {
            ("sealed", None) => Some("it says that something was sealed, and no number of a seal".to_owned()),
            ("sealed", Some(seal)) => {
                if self.used.len() < SEALS_MAX {
                    self.seals.insert(seal.clone(), item);
                }
                (!self.used.insert(seal.clone())).then(|| format!("a seal {seal:?} was applied before"))
            }
            ("opened", Some(seal)) => match self.seals.remove(&seal) {
                Some(of) if of == item || of.is_empty() || item.is_empty() => None,
                Some(of) => Some(format!("seal {seal:?} was opened on item {item:?} and applied to item {of:?}")),
                None => Some(format!("seal {seal:?} was opened, and no earlier record applies it")),
            },
            _ => None,
        }
    }
}

/// A stated time that contradicts itself, or that had not come when the record was written.
fn stated_time(record: &Record) -> Option<String> {
    let stated = record.details.get(detail::AT_UTC)?;
    let at = record.details.get(detail::AT).and_then(Value::as_str).unwrap_or_default();
    let Some(utc) = stated.as_str().and_then(Instant::parse) else {
        return Some(format!("\"{}\" is not a time in UTC: {stated}", detail::AT_UTC));
    };
    if local(at) != Some(utc.unix_seconds()) {
        return Some(format!("it happened at {at:?} and, in UTC, at {utc}: these are not the same moment"));
    }
    let ahead = record.details.get(detail::CLOCK_OFFSET).and_then(Value::as_i64).unwrap_or(0).max(0);
    (utc.unix_seconds().saturating_sub(ahead) > record.time.unix_seconds())
        .then(|| format!("impossible clock: it is said to have happened at {at}, and was written at {}", record.time))
}

/// Seconds since 1970 of `2026-11-23T09:58:00+01:00` or `…Z`.
fn local(text: &str) -> Option<i64> {
    if let Some(moment) = Instant::parse(text) {
        return Some(moment.unix_seconds());
    }
    let (civil, zone) = text.split_at_checked(19)?;
    let sign = match zone.as_bytes() {
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let number = |text: &str, below: i64| text.parse().ok().filter(|n: &i64| text.len() == 2 && (0..below).contains(n));
    let (hours, minutes): (i64, i64) = (number(hours, 24)?, number(minutes, 60)?);
    let civil = Instant::parse(&format!("{civil}Z"))?.unix_seconds();
    civil.checked_sub(sign * (hours * 3600 + minutes * 60))
}

/// A device that could be written, and nobody said why that was acceptable.
fn unjustified(record: &Record) -> Option<String> {
    if !matches!(record.action.as_str(), "acquisition-planned" | "acquisition-resumed") {
        return None;
    }
    let block = record.details.get("source")?.get("write_block")?;
    let unprotected = block.get("state").and_then(Value::as_str) == Some("none");
    let said = record.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    (unprotected && !said).then(|| "a source that could be written was imaged, and no reason was given".to_owned())
}
