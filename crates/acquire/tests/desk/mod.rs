//! A store, a log and a clock for one acquisition after another.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use exhibit_acquire::{AcquireError, Acquired, Care, Checkpoints, CopyDoors, Doors, Job, run};
use exhibit_evidence::acquisition::{Acquisition, Host, Plan};
use exhibit_evidence::{Cancel, Event, Identity, Instant, MemorySource, Source, WriteBlock};
use exhibit_image::{Compression, Metadata};
use exhibit_testkit::{FixedClock, MemoryStore, Notes, Transcript};

/// A place to work at.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) store: MemoryStore,
    pub(crate) copy: Option<MemoryStore>,
    /// Whether the second place gives back other bytes than were written.
    pub(crate) bad_copy: bool,
    /// Whether each look at the clock shows a later second.
    pub(crate) ticking: bool,
    /// Actions recorded by the last run.
    pub(crate) actions: Vec<String>,
    /// Sealed places that the last run did not believe.
    pub(crate) refused_places: usize,
}

pub(crate) fn reopen(store: &MemoryStore, name: &str) -> std::io::Result<Arc<dyn Source>> {
    let bytes = store.get(&format!("{name}.partial")).or_else(|| store.get(name));
    Ok(Arc::new(MemorySource::new(bytes.ok_or(std::io::ErrorKind::NotFound)?)))
}

impl Desk {
    pub(crate) fn with(store: MemoryStore) -> Self {
        Self { store, copy: None, bad_copy: false, ticking: false, actions: Vec::new(), refused_places: 0 }
    }

    pub(crate) fn run(&mut self, job: &Job) -> Result<Acquired, AcquireError> {
        let (mut notes, transcript) = (Notes::new(), Transcript::new());
        let (cancel, start) = (Cancel::new(), Instant::from_unix_seconds(1_700_000_000));
        let clock = if self.ticking { FixedClock::stepping(start, 1) } else { FixedClock::new(start) };
        let copy = self.copy.clone();
        let bad_copy = self.bad_copy;
        let reopen_copy = |name: &str| {
            let source = reopen(copy.as_ref().unwrap(), name)?;
            let mut bytes = vec![0; source.size() as usize];
            source.read_at(0, &mut bytes).unwrap();
            bytes.get_mut(5000).into_iter().for_each(|byte| *byte ^= u8::from(bad_copy));
            Ok(Arc::new(MemorySource::new(bytes)) as Arc<dyn Source>)
        };
        let mut doors = Doors {
            store: Arc::new(self.store.clone()),
            reopen: &|name: &str| reopen(&self.store, name),
            copy: copy.clone().map(|store| CopyDoors {
                place: "second".to_owned(),
                store: Arc::new(store),
                reopen: &reopen_copy,
            }),
            recorder: &mut notes,
            observer: &transcript,
            cancel: &cancel,
            clock: &clock,
        };
        let result = run(job, &mut doors);
        self.actions = notes.actions();
        let is_refusal = |event: &Event| matches!(event, Event::Message(text) if text.contains("are not used"));
        self.refused_places = transcript.events().iter().filter(|event| is_refusal(event)).count();
        result
    }

    pub(crate) fn record(&self) -> Acquisition {
        serde_json::from_slice(&self.store.get("disk.acquisition.json").unwrap()).unwrap()
    }
}

/// A checkpoint after every block.
pub(crate) fn small_checkpoints() -> Care {
    let checkpoints = Checkpoints { every_bytes: 1 << 20, every_seconds: u64::MAX };
    Care { checkpoints: Some(checkpoints), ..Care::default() }
}

pub(crate) fn job(source: Arc<dyn Source>, format: &str) -> Job {
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
