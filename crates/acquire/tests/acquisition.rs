//! Whole acquisitions on disks that behave and disks that do not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop there")]

use std::sync::Arc;

use exhibit_acquire::{AcquireError, Acquired, Care, Doors, Job, run};
use exhibit_evidence::acquisition::{Host, Plan};
use exhibit_evidence::{
    ByteRange, Cancel, Event, Identity, Instant, MemorySource, Observer, Silent, Source, WriteBlock,
};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, Metadata, Part, identify};
use exhibit_testkit::{Faulty, FixedClock, MemoryStore, Notes, pattern};

struct Setup {
    store: Arc<MemoryStore>,
    notes: Notes,
    cancel: Arc<Cancel>,
}

impl Setup {
    fn new() -> Self {
        Self { store: Arc::new(MemoryStore::new()), notes: Notes::new(), cancel: Arc::new(Cancel::new()) }
    }

    fn run(
        &mut self,
        source: Arc<dyn Source>,
        format: &str,
        observer: &dyn Observer,
    ) -> Result<Acquired, AcquireError> {
        let store = self.store.clone();
        let reopen = move |name: &str| {
            let bytes = store.files().get(&format!("{name}.partial")).or(store.files().get(name)).cloned();
            let bytes = bytes.ok_or(std::io::ErrorKind::NotFound)?;
            Ok(Arc::new(MemorySource::new(bytes)) as Arc<dyn Source>)
        };
        let clock = FixedClock::new(Instant::from_unix_seconds(1_700_000_000));
        let mut doors = Doors {
            store: self.store.clone(),
            reopen: &reopen,
            copy: None,
            recorder: &mut self.notes,
            observer,
            cancel: &self.cancel,
            clock: &clock,
        };
        run(&job(source, format), &mut doors)
    }

    /// The medium as the finished image shows it.
    fn image(&self, acquired: &Acquired) -> Vec<u8> {
        let names = acquired.record.segments.iter().map(|segment| segment.name.clone());
        let part = |name: String| {
            let bytes = self.store.get(&name).unwrap();
            Part { name, source: Arc::new(MemorySource::new(bytes)) as Arc<dyn Source> }
        };
        let parts: Vec<Part> = names.map(part).collect();
        let opened = identify(&*parts[0].source).open(parts).unwrap();
        assert!(opened.findings.is_empty(), "{:?}", opened.findings);
        let mut bytes = vec![0; opened.value.size() as usize];
        opened.value.read_at(0, &mut bytes).unwrap();
        bytes
    }
}

fn job(source: Arc<dyn Source>, format: &str) -> Job {
    let identity = Identity {
        path: "disk".to_owned(),
        kind: "block-device".to_owned(),
        bus: None,
        vendor: None,
        model: None,
        serial: None,
        size_bytes: source.size(),
        logical_sector_bytes: Some(512),
        physical_sector_bytes: None,
        read_only: Some(true),
        mounted_at: Vec::new(),
        backing_file: None,
        hidden_sectors: None,
        drive: None,
        layout: None,
        write_block: WriteBlock::KernelReadOnly,
    };
    Job {
        source,
        identity,
        plan: Plan {
            format: format.to_owned(),
            hashes: vec!["md5".to_owned(), "sha256".to_owned()],
            compression: "fast".to_owned(),
            segment_size_bytes: None,
            sector_bytes: 512,
            errors: "linear".to_owned(),
            retries: 1,
            read_back: true,
            description: None,
            case_number: None,
            evidence_number: None,
            examiner: None,
            notes: None,
        },
        format: exhibit_image::format(format).unwrap(),
        compression: Compression::Fast,
        policy: "linear".to_owned(),
        base: "disk".to_owned(),
        item: None,
        case_prefix: String::new(),
        metadata: Metadata::default(),
        set_id: [1; 16],
        jobs: 2,
        tool: "exhibit test".to_owned(),
        host: Host { name: None, system: "test".to_owned(), kernel: None },
        care: Care::default(),
    }
}

fn read_all(source: &dyn Source) -> Vec<u8> {
    let mut bytes = vec![0; source.size() as usize];
    source.read_at(0, &mut bytes).unwrap();
    bytes
}

#[test]
fn odd_sizes_come_out_byte_for_byte_in_both_formats() {
    for format in ["raw", "e01"] {
        for size in [0, 1, 511, 512, 513, 32767, 32768, 32769, BLOCK_BYTES + 1, 5 * BLOCK_BYTES + 1000] {
            let mut setup = Setup::new();
            let medium = pattern(size);
            let acquired = setup.run(Arc::new(medium.clone()), format, &Silent).unwrap();
            assert!(setup.image(&acquired) == read_all(&medium), "{format} {size}");
            assert_eq!(setup.notes.actions(), ["acquisition-planned", "acquired"]);
            let names = setup.store.names();
            assert!(names.iter().all(|name| !name.contains("partial")), "{names:?}");
            assert!(acquired.record.gaps.is_empty());
        }
    }
}

#[test]
fn bad_sectors_are_gaps_in_their_place_and_nothing_else_changes() {
    let size = 3 * BLOCK_BYTES + 512;
    for format in ["raw", "e01"] {
        for bad in [vec![0_u64], vec![7, 8], vec![2047, 2048], vec![6144], (100..400).collect()] {
            let mut setup = Setup::new();
            let disk =
                bad.iter().fold(Faulty::new(pattern(size)), |disk, sector| disk.bad(ByteRange::new(sector * 512, 512)));
            let acquired = setup.run(Arc::new(disk), format, &Silent).unwrap();
            let mut expected = read_all(&pattern(size));
            for sector in &bad {
                expected[*sector as usize * 512..][..512].fill(0);
            }
            assert!(setup.image(&acquired) == expected, "{format} {bad:?}");
            let listed: Vec<u64> =
                acquired.record.gaps.iter().flat_map(|gap| gap.offset / 512..(gap.offset + gap.length) / 512).collect();
            assert_eq!(listed, bad, "{format}");
            assert!(acquired.record.gaps[0].cause.contains("medium error"));
        }
    }
}

#[test]
fn a_vanishing_device_ends_the_work_and_leaves_only_unfinished_names() {
    let mut setup = Setup::new();
    let disk = Faulty::new(pattern(4 * BLOCK_BYTES)).vanishes_after(2 * BLOCK_BYTES as u64);
    let error = setup.run(Arc::new(disk), "e01", &Silent).unwrap_err();
    assert!(matches!(error, AcquireError::Source { .. }), "{error}");
    assert_eq!(setup.notes.actions(), ["acquisition-planned", "acquisition-failed"]);
    assert!(setup.store.names().iter().all(|name| name.ends_with(".partial")), "{:?}", setup.store.names());
}

#[test]
fn a_full_disk_is_an_error_and_no_image() {
    for room in [0, 5, 3000, 100_000, 500_000] {
        for format in ["raw", "e01"] {
            let mut setup = Setup::new();
            setup.store = Arc::new(MemoryStore::failing_after(room));
            let error = setup.run(Arc::new(pattern(4 * BLOCK_BYTES)), format, &Silent).unwrap_err();
            assert_eq!(error.class(), exhibit_evidence::Class::Io, "{error}");
            assert!(setup.store.names().iter().all(|name| name.ends_with(".partial")), "{:?}", setup.store.names());
        }
    }
}

#[test]
fn stopping_leaves_a_state_that_is_named_unfinished() {
    struct StopAt(u64, Arc<Cancel>);
    impl Observer for StopAt {
        fn on(&self, event: &Event) {
            if matches!(event, Event::Progress { done_bytes, .. } if *done_bytes >= self.0) {
                self.1.cancel();
            }
        }
    }
    for block in 1..8 {
        let mut setup = Setup::new();
        let observer = StopAt(block * BLOCK_BYTES as u64, setup.cancel.clone());
        let error = setup.run(Arc::new(pattern(8 * BLOCK_BYTES)), "e01", &observer).unwrap_err();
        assert!(matches!(error, AcquireError::Interrupted { .. }), "{error}");
        assert_eq!(setup.notes.actions(), ["acquisition-planned", "acquisition-interrupted"]);
        assert!(setup.store.names().iter().all(|name| name.ends_with(".partial")));
    }
}

#[test]
fn an_existing_output_is_not_touched() {
    let mut setup = Setup::new();
    setup.run(Arc::new(pattern(1000)), "raw", &Silent).unwrap();
    let before = setup.store.files();
    assert!(matches!(setup.run(Arc::new(pattern(2000)), "raw", &Silent), Err(AcquireError::Exists(_))));
    assert!(matches!(setup.run(Arc::new(pattern(2000)), "e01", &Silent), Err(AcquireError::Exists(_))));
    assert_eq!(setup.store.files(), before);
}

#[test]
fn if_the_log_cannot_be_written_nothing_is_read_or_made() {
    let mut setup = Setup::new();
    setup.notes = Notes::failing_after(0);
    assert!(matches!(setup.run(Arc::new(pattern(1000)), "raw", &Silent), Err(AcquireError::Record(_))));
    assert!(setup.store.names().is_empty());
}
