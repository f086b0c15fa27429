//! The recorder over a store: what was recorded is on the disk, signed, before the work goes on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test support outside #[test] functions")]

use std::sync::Arc;

use exhibit_custody::{CheckpointBytes, Context, Log, SegmentBytes, Session, SigningKey};
use exhibit_evidence::{Clock, Fact, Instant, Recorder, Store};
use exhibit_testkit::MemoryStore;

/// Always the same moment.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Instant {
        Instant::from_unix_seconds(1_795_428_672)
    }
}

fn session(log: Log, store: &MemoryStore) -> Session {
    let [case, actor, role, tool] = ["2026-117", "A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
    let context = Context { case, actor, role, now: Instant::from_unix_seconds(0), tool };
    let key = Arc::new(SigningKey::from_seed([7; 32], ""));
    Session::new(log, context, key, Arc::new(store.clone()), Arc::new(Stopped))
}

#[test]
fn each_fact_is_a_sealed_segment_with_its_checkpoint() {
    let store = MemoryStore::new();
    let mut recorder = session(Log::new(), &store);
    assert_eq!(recorder.record(Fact::new("case-opened")).unwrap(), 1);
    assert_eq!(recorder.record_all(vec![Fact::new("note"), Fact::new("note")]).unwrap(), 3);
    let names =
        ["custody/000001.checkpoint", "custody/000001.jsonl", "custody/000002.checkpoint", "custody/000002.jsonl"];
    assert_eq!(store.names(), names);

    let files = names.map(|name| (name, store.get(name).unwrap()));
    let mut read = Log::read(&[SegmentBytes::new(names[1], &files[1].1), SegmentBytes::new(names[3], &files[3].1)]);
    let checkpoints = [0, 2].map(|at| CheckpointBytes { name: files[at].0, bytes: &files[at].1 });
    let checked = read.value.check(&checkpoints, &[SigningKey::from_seed([7; 32], "").public_key()]);
    assert_eq!((read.findings, checked.findings, checked.value.records), (vec![], vec![], 3));
    assert_eq!(read.value.root(), recorder.log().root());

    // The next session goes on where this one ended.
    assert_eq!(session(read.value, &store).record(Fact::new("note")).unwrap(), 4);
}

#[test]
fn a_full_disk_stops_the_recording_for_good() {
    let store = MemoryStore::failing_after(700);
    let mut recorder = session(Log::new(), &store);
    let results: Vec<bool> = (0..4).map(|_| recorder.record(Fact::new("note")).is_ok()).collect();
    assert_eq!(results, [true, false, false, false]);
}

#[test]
fn somebody_elses_segment_is_never_overwritten() {
    let store = MemoryStore::new();
    store.publish("custody/000001.jsonl", b"somebody was faster\n").unwrap();
    assert!(session(Log::new(), &store).record(Fact::new("note")).is_err());
    assert_eq!(store.get("custody/000001.jsonl").unwrap(), b"somebody was faster\n");
}
