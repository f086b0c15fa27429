//! An acquisition made of fakes, for the contracts of policies and formats.

use std::sync::Arc;

use exhibit_acquire::{AcquireError, Acquired, Care, Doors, Job, run};
use exhibit_evidence::acquisition::{Host, Plan};
use exhibit_evidence::{Cancel, Identity, Instant, MemorySource, Silent, Source, WriteBlock};
use exhibit_image::{Compression, Metadata, Part, format, identify};
use exhibit_testkit::{FixedClock, MemoryStore, Notes};

/// What is to vary.
pub(crate) struct Case {
    pub(crate) format: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) sector_bytes: u32,
    pub(crate) retries: u32,
}

/// A store, the facts told, and how it ended.
pub(crate) type Outcome = (MemoryStore, Notes, Result<Acquired, AcquireError>);

/// Acquires `source` into memory.
pub(crate) fn acquire(source: Arc<dyn Source>, case: &Case) -> Outcome {
    acquire_as(source, case, |_| ())
}

/// The same, with a job changed by the test.
pub(crate) fn acquire_as(source: Arc<dyn Source>, case: &Case, change: impl FnOnce(&mut Job)) -> Outcome {
    let (store, mut notes) = (MemoryStore::new(), Notes::new());
    let (cancel, clock) = (Cancel::new(), FixedClock::new(Instant::from_unix_seconds(1_700_000_000)));
    let files = store.clone();
    let reopen = move |name: &str| {
        let bytes = files.get(&format!("{name}.partial")).or(files.get(name));
        let bytes = bytes.ok_or(std::io::ErrorKind::NotFound)?;
        Ok(Arc::new(MemorySource::new(bytes)) as Arc<dyn Source>)
    };
    let mut job = job(source, case);
    change(&mut job);
    let mut doors = Doors {
        store: Arc::new(store.clone()),
        reopen: &reopen,
        copy: None,
        recorder: &mut notes,
        observer: &Silent,
        cancel: &cancel,
        clock: &clock,
    };
    let result = run(&job, &mut doors);
    (store, notes, result)
}

fn job(source: Arc<dyn Source>, case: &Case) -> Job {
    let identity = Identity {
        path: "disk".to_owned(),
        kind: "block-device".to_owned(),
        bus: None,
        vendor: None,
        model: None,
        serial: None,
        size_bytes: source.size(),
        logical_sector_bytes: Some(case.sector_bytes),
        physical_sector_bytes: None,
        read_only: Some(true),
        mounted_at: Vec::new(),
        backing_file: None,
        hidden_sectors: None,
        drive: None,
        layout: None,
        write_block: WriteBlock::KernelReadOnly,
    };
    let plan = Plan {
        format: case.format.to_owned(),
        hashes: vec!["md5".to_owned(), "sha1".to_owned(), "sha256".to_owned()],
        compression: "fast".to_owned(),
        segment_size_bytes: None,
        sector_bytes: case.sector_bytes,
        errors: case.policy.to_owned(),
        retries: case.retries,
        read_back: true,
        description: None,
        case_number: None,
        evidence_number: None,
        examiner: None,
        notes: None,
    };
    Job {
        source,
        identity,
        plan,
        format: format(case.format).unwrap(),
        compression: Compression::Fast,
        policy: case.policy.to_owned(),
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

/// The medium as the finished image in `store` shows it.
pub(crate) fn medium(store: &MemoryStore, acquired: &Acquired) -> Vec<u8> {
    let part = |segment: &exhibit_evidence::acquisition::SegmentFile| Part {
        name: segment.name.clone(),
        source: Arc::new(MemorySource::new(store.get(&segment.name).unwrap())),
    };
    let parts: Vec<Part> = acquired.record.segments.iter().map(part).collect();
    let opened = identify(&*parts[0].source).open(parts).unwrap();
    assert!(opened.findings.is_empty(), "{:?}", opened.findings);
    let mut bytes = vec![0xee; usize::try_from(opened.value.size()).unwrap()];
    opened.value.read_at(0, &mut bytes).unwrap();
    bytes
}
