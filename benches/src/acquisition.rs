//! One whole acquisition, as the command line would run it.

use std::sync::Arc;

use exhibit_acquire::{AcquireError, Acquired, Care, Doors, Job, run};
use exhibit_evidence::acquisition::{Host, Plan};
use exhibit_evidence::{Cancel, Identity, MemorySource, Silent, Source, Store, WriteBlock};
use exhibit_image::{Compression, Metadata, format};
use exhibit_testkit::{FixedClock, MemoryStore, Notes};

use crate::Discard;

/// What differs between the acquisitions that are measured.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// Id of the image format.
    pub format: &'static str,
    /// How hard to compress.
    pub compression: Compression,
    /// Ids of the digests besides the hash tree.
    pub hashes: &'static [&'static str],
    /// Threads for tree and compression.
    pub jobs: usize,
}

/// Images `source` into nowhere; the image is not read back.
///
/// # Errors
/// As [`exhibit_acquire::run`].
pub fn acquire(source: Arc<dyn Source>, task: Task) -> Result<Acquired, AcquireError> {
    let store = Discard::default();
    let kept = store.kept.clone();
    acquire_into(source, Arc::new(store), &kept, task)
}

/// As [`acquire`], keeping everything in `memory`.
///
/// # Errors
/// As [`exhibit_acquire::run`].
pub fn acquire_to_memory(source: Arc<dyn Source>, memory: &MemoryStore, task: Task) -> Result<Acquired, AcquireError> {
    acquire_into(source, Arc::new(memory.clone()), memory, task)
}

fn acquire_into(
    source: Arc<dyn Source>,
    store: Arc<dyn Store>,
    kept: &MemoryStore,
    task: Task,
) -> Result<Acquired, AcquireError> {
    let job = job(source, task)?;
    let reopen = |name: &str| {
        let bytes = kept.get(&format!("{name}.partial")).or_else(|| kept.get(name));
        let bytes = bytes.ok_or(std::io::ErrorKind::NotFound)?;
        Ok(Arc::new(MemorySource::new(bytes)) as Arc<dyn Source>)
    };
    let mut notes = Notes::new();
    let cancel = Cancel::new();
    let clock = FixedClock::default();
    let mut doors = Doors {
        store,
        reopen: &reopen,
        copy: None,
        recorder: &mut notes,
        observer: &Silent,
        cancel: &cancel,
        clock: &clock,
    };
    run(&job, &mut doors)
}

fn job(source: Arc<dyn Source>, task: Task) -> Result<Job, AcquireError> {
    let identity = Identity {
        path: "medium".to_owned(),
        kind: "file".to_owned(),
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
        write_block: WriteBlock::File,
    };
    let plan = Plan {
        format: task.format.to_owned(),
        hashes: task.hashes.iter().map(|&id| id.to_owned()).collect(),
        compression: task.compression.id().to_owned(),
        segment_size_bytes: None,
        sector_bytes: 512,
        errors: "linear".to_owned(),
        retries: 0,
        read_back: false,
        description: None,
        case_number: None,
        evidence_number: None,
        examiner: None,
        notes: None,
    };
    Ok(Job {
        source,
        identity,
        plan,
        format: format(task.format).ok_or(AcquireError::Internal("no such format"))?,
        compression: task.compression,
        policy: "linear".to_owned(),
        base: "medium".to_owned(),
        item: None,
        case_prefix: String::new(),
        metadata: Metadata::default(),
        set_id: [1; 16],
        jobs: task.jobs,
        tool: "benchmark".to_owned(),
        host: Host { name: None, system: "benchmark".to_owned(), kernel: None },
        care: Care::default(),
    })
}
