//! The recorder over a store: what was recorded is on the disk, signed, before the work goes on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test support outside #[test] functions")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use exhibit_custody::{CheckpointBytes, Context, Log, SegmentBytes, Session, SigningKey};
use exhibit_evidence::{Class, Clock, Fact, Instant, Recorder, Segment, Store, StoreError};
use exhibit_testkit::MemoryStore;

/// Always the same moment.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Instant {
        Instant::from_unix_seconds(1_795_428_672)
    }
}

/// Fails the first time something is created, and never again.
struct Hiccup(MemoryStore, AtomicBool);

impl Store for Hiccup {
    fn create(&self, name: &str) -> Result<Box<dyn Segment>, StoreError> {
        if self.1.swap(false, Ordering::Relaxed) {
            let cause = std::io::Error::other("hiccup");
            return Err(StoreError { class: Class::Io, action: "create", path: name.to_owned(), cause });
        }
        self.0.create(name)
    }

    fn exists(&self, name: &str) -> bool {
        self.0.exists(name)
    }
}

fn session(log: Log, store: &(impl Store + Clone + 'static)) -> Session {
    session_on(log, Arc::new(store.clone()))
}

fn session_on(log: Log, store: Arc<dyn Store>) -> Session {
    let [case, actor, role, tool] = ["2026-117", "A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
    let context = Context { case, actor, role, now: Instant::from_unix_seconds(0), tool };
    let key = Arc::new(SigningKey::from_seed([7; 32], ""));
    Session::new(log, context, key, store, Arc::new(Stopped))
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

#[test]
fn a_fact_that_was_not_stored_leaves_no_hole_even_if_the_store_recovers() {
    let store = MemoryStore::new();
    let mut recorder = session_on(Log::new(), Arc::new(Hiccup(store.clone(), AtomicBool::new(true))));
    assert!(recorder.record(Fact::new("note")).is_err());
    assert!(recorder.record(Fact::new("note")).is_err());
    assert!(store.names().is_empty());
}
