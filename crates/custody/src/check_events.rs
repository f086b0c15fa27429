//! What events say about themselves, looked at when a log is shown: times that cannot be, records that are not there.
//!
//! The checker (crate `verify`) judges the same with code of its own.

use std::collections::BTreeMap;

use exhibit_evidence::{Finding, Instant, Severity};
use serde_json::{Map, Value};

use crate::layout::{FINDINGS_MAX, detail, object};
use crate::log::{Entry, Log};
use crate::stated_time::StatedTime;

impl Log {
    /// Findings about single events; none of them means that the chain is broken.
    #[must_use]
    pub fn check_events(&self, now: Instant) -> Vec<Finding> {
        let each = self.entries.iter().flat_map(|entry| {
            let found = [future(entry, now), stated(entry), correction(entry)];
            let place = format!("{}: line {}", entry.file, entry.line);
            found.into_iter().flatten().map(move |(code, text)| Finding::new(Severity::Mismatch, code, &*place, text))
        });
        each.take(FINDINGS_MAX).collect()
    }

    /// Seals that are applied to an item and not opened, as far as the log says.
    #[must_use]
    pub fn seals(&self, item: &str) -> Vec<String> {
        let mut seals: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| word(&entry.record.object, object::ITEM) == Some(item)) {
            match (entry.record.action.as_str(), word(&entry.record.object, object::SEAL)) {
                ("sealed", Some(seal)) => {
                    seals.insert(seal, entry.record.seq);
                }
                ("opened", Some(seal)) => {
                    seals.remove(seal);
                }
                ("opened", None) => seals.clear(),
                _ => {}
            }
        }
        let mut seals: Vec<(u64, &str)> = seals.into_iter().map(|(seal, seq)| (seq, seal)).collect();
        seals.sort_unstable();
        seals.into_iter().map(|(_, seal)| seal.to_owned()).collect()
    }

    /// The marks of handling that hold now: those of the last record that sets any.
    #[must_use]
    pub fn handling(&self) -> Option<Vec<String>> {
        let marks = |entry: &Entry| match entry.record.details.get(detail::HANDLING) {
            Some(Value::Array(marks)) => Some(marks.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            _ => None,
        };
        self.entries.iter().rev().find_map(marks)
    }
}

fn word<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    map.get(name).and_then(Value::as_str)
}

type Found = Option<(&'static str, String)>;

fn future(entry: &Entry, now: Instant) -> Found {
    let time = entry.record.time;
    let ahead = time.unix_seconds() > now.unix_seconds();
    ahead.then(|| ("custody-clock", format!("impossible clock: written at {time}, and it is {now}")))
}

fn stated(entry: &Entry) -> Found {
    let details = &entry.record.details;
    let utc = details.get(detail::AT_UTC)?;
    let at = word(details, detail::AT).and_then(StatedTime::parse);
    let Some(at) = at.filter(|at| utc.as_str() == Some(&*at.utc().to_string())) else {
        let text = format!("\"{}\" and \"{}\" are not the same moment", detail::AT, detail::AT_UTC);
        return Some(("custody-clock", text));
    };
    let ahead = details.get(detail::CLOCK_OFFSET).and_then(Value::as_i64).unwrap_or(0).max(0);
    let (happened, written) = (at.utc().unix_seconds().saturating_sub(ahead), entry.record.time);
    let text = || format!("impossible clock: said to have happened at {at}, and written at {written}");
    (happened > written.unix_seconds()).then(|| ("custody-clock", text()))
}

fn correction(entry: &Entry) -> Found {
    let number = entry.record.details.get(detail::CORRECTS).filter(|_| entry.record.action == "correction")?;
    let earlier = number.as_u64().is_some_and(|number| number > 0 && number < entry.record.seq);
    (!earlier).then(|| ("custody-correction", format!("corrects record {number}, which is not an earlier one")))
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::Fact;

    use super::*;
    use crate::log::Context;

    const NOW: i64 = 1_795_428_672; // 2026-11-23T10:11:12Z

    fn log(facts: Vec<Fact>) -> Log {
        let [case, actor, role, tool] = ["1", "A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
        let mut log = Log::new();
        log.append(facts, &Context { case, actor, role, now: Instant::from_unix_seconds(NOW), tool }).unwrap();
        log
    }

    fn codes(facts: Vec<Fact>, now: i64) -> Vec<(String, String)> {
        let findings = log(facts).check_events(Instant::from_unix_seconds(now));
        findings.into_iter().map(|finding| (finding.code, finding.place)).collect()
    }

    #[test]
    fn impossible_times_and_corrections_are_named_with_their_line() {
        let at = |at: &str, utc: &str| Fact::new("seized").detail("at", at).detail("at_utc", utc);
        let good = at("2026-11-23T11:11:12+01:00", "2026-11-23T10:11:12Z");
        assert_eq!(codes(vec![good.clone()], NOW), []);
        let line = |code: &str, number| (code.to_owned(), format!("000001.jsonl: line {number}"));
        assert_eq!(codes(vec![good.clone()], NOW - 1), [line("custody-clock", 1)]);
        let later = at("2026-11-23T10:11:13Z", "2026-11-23T10:11:13Z");
        assert_eq!(codes(vec![good.clone(), later.clone()], NOW), [line("custody-clock", 2)]);
        assert_eq!(codes(vec![later.detail("clock_offset_seconds", 1)], NOW), []);
        assert_eq!(codes(vec![at("2026-11-23T11:11:12+01:00", "2026-11-23T11:11:12Z")], NOW).len(), 1);
        let correction = |number: u64| Fact::new("correction").detail("corrects", number);
        assert_eq!(codes(vec![good.clone(), correction(1)], NOW), []);
        assert_eq!(codes(vec![good, correction(2)], NOW), [line("custody-correction", 2)]);
    }

    #[test]
    fn seals_are_in_place_from_being_applied_to_being_opened() {
        let event = |action: &str, seal: &str| Fact::new(action).object("item", "A").object("seal", seal);
        let other = Fact::new("sealed").object("item", "B").object("seal", "9");
        let log =
            log(vec![event("sealed", "7"), event("sealed", "3"), event("opened", "7"), event("sealed", "1"), other]);
        assert_eq!(log.seals("A"), ["3", "1"]);
        assert_eq!(log.seals("C"), [""; 0]);
        assert_eq!(log.handling(), None);
    }
}
