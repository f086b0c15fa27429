//! One acquisition from plan to record.

use std::sync::Arc;

use exhibit_evidence::acquisition::{Acquisition, FORMAT, Host, Plan, ReadBack, SegmentFile, Tree};
use exhibit_evidence::{
    ByteRange, Cancel, Clock, Fact, Finding, Gap, Identity, Observer, Recorder, Source, Store, to_hex,
};
use exhibit_hash::{Algorithm, StoredTree, algorithm, tree};
use exhibit_image::{Compression, Create, Format, Metadata, Written};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::pipeline::{self, Read};
use crate::read_back::{self, Back};
use crate::tree_file::TreeFile;
use crate::{AcquireError, policy};

/// What to acquire and how.
pub struct Job {
    /// The bytes.
    pub source: Arc<dyn Source>,
    /// What the source says it is.
    pub identity: Identity,
    /// What is intended; goes to the record as it is.
    pub plan: Plan,
    /// The container, as in the plan.
    pub format: &'static dyn Format,
    /// How hard to compress, as in the plan.
    pub compression: Compression,
    /// Id of the read policy.
    pub policy: String,
    /// Name of the outputs without extension.
    pub base: String,
    /// Item this belongs to, in a case.
    pub item: Option<String>,
    /// Where the outputs lie in the case, with a `/` at the end; empty outside a case.
    pub case_prefix: String,
    /// Facts for the container's header.
    pub metadata: Metadata,
    /// Identifier shared by the files of the image.
    pub set_id: [u8; 16],
    /// Threads for tree and compression.
    pub jobs: usize,
    /// Tool and version.
    pub tool: String,
    /// The machine.
    pub host: Host,
}

/// Everything that touches the world.
pub struct Doors<'a> {
    /// Where the outputs go.
    pub store: Arc<dyn Store>,
    /// Opens an unfinished output of ours again, by its final name.
    pub reopen: &'a dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
    /// Where facts go.
    pub recorder: &'a mut dyn Recorder,
    /// Who watches.
    pub observer: &'a dyn Observer,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// Time.
    pub clock: &'a dyn Clock,
}

/// A finished acquisition.
#[derive(Debug)]
pub struct Acquired {
    /// The record, as written.
    pub record: Acquisition,
    /// File name of the record.
    pub record_name: String,
    /// What there is to say besides.
    pub findings: Vec<Finding>,
}

/// Acquires. Files get their final names only when everything was written and, unless the plan says otherwise, read back
/// and found equal. The facts "acquisition-planned" and "acquired" (or "acquisition-failed") are recorded before what
/// they speak of becomes visible.
///
/// # Errors
/// As [`AcquireError`] says. Whatever was written then keeps its unfinished name.
pub fn run(job: &Job, doors: &mut Doors<'_>) -> Result<Acquired, AcquireError> {
    let record_name = format!("{}.acquisition.json", job.base);
    let tree_name = format!("{}.tree", job.base);
    let first = format!("{}.{}", job.base, job.format.spec().extension);
    for name in [&record_name, &tree_name, &first] {
        if doors.store.exists(name) {
            return Err(AcquireError::Exists(name.clone()));
        }
    }
    let started = doors.clock.now();
    let planned = fact("acquisition-planned", job)
        .detail("source", json!(job.identity))
        .detail("plan", json!(job.plan))
        .detail("output", format!("{}{}", job.case_prefix, job.base));
    let reason = match &job.identity.write_block {
        exhibit_evidence::WriteBlock::None { reason } => Some(reason.clone()),
        _ => None,
    };
    doors.recorder.record(Fact { reason, ..planned })?;

    match acquire(job, doors, started, &record_name, &tree_name) {
        Ok(acquired) => Ok(acquired),
        Err(error) => {
            let action = match &error {
                AcquireError::Interrupted { .. } => "acquisition-interrupted",
                _ => "acquisition-failed",
            };
            // The first error is what the examiner must see; a log that fails as well says so by its missing record.
            let _ = doors.recorder.record(fact(action, job).detail("cause", error.to_string()));
            Err(error)
        }
    }
}

fn acquire(
    job: &Job,
    doors: &mut Doors<'_>,
    started: exhibit_evidence::Instant,
    record_name: &str,
    tree_name: &str,
) -> Result<Acquired, AcquireError> {
    let algorithms: Option<Vec<&'static dyn Algorithm>> = job.plan.hashes.iter().map(|id| algorithm(id)).collect();
    let algorithms = algorithms.ok_or(AcquireError::Internal("unknown digest algorithm in the plan"))?;
    let size = job.source.size();
    let padding = padding(job, size);
    let how = Create {
        base: job.base.clone(),
        size_bytes: size,
        sector_bytes: job.plan.sector_bytes,
        compression: job.compression,
        segment_size_bytes: job.plan.segment_size_bytes,
        physical: job.identity.kind == "block-device",
        metadata: job.metadata.clone(),
        set_id: job.set_id,
        started,
    };
    let mut writer = job.format.create(doors.store.clone(), &how)?;
    let spec = policy(&job.policy).ok_or(AcquireError::Internal("unknown read policy"))?;
    let given = pipeline::Loop {
        source: &*job.source,
        policy: (spec.start)(job.plan.sector_bytes, job.plan.retries),
        algorithms: &algorithms,
        padding,
        jobs: job.jobs,
        observer: doors.observer,
        cancel: doors.cancel,
    };
    let mut tree_file = TreeFile::begin(doors.store.as_ref(), tree_name)?;
    let read = pipeline::run(given, writer.as_mut(), &mut tree_file)?;
    let gaps: Vec<ByteRange> = read.gaps.iter().map(Gap::range).collect();
    let written = writer.finish(&read.stored, &gaps)?;

    let read_back = if job.plan.read_back {
        let names = written.segments.iter().map(|segment| segment.name.clone()).collect();
        let back = Back {
            format: job.format,
            algorithms: &algorithms,
            names,
            reopen: doors.reopen,
            jobs: job.jobs,
            observer: doors.observer,
            cancel: doors.cancel,
        };
        read_back::compare(&back, &read)?;
        Some(ReadBack {
            matches: true,
            finished: doors.clock.now().to_string(),
            digests: read.digests.clone(),
            tree_root: to_hex(&read.root),
        })
    } else {
        None
    };
    let times = (started.to_string(), doors.clock.now().to_string());
    let record = record(job, &read, &written, read_back, tree_name, times);
    publish(job, doors, record, tree_file, written, record_name)
}

/// Zero bytes that the container will store after the medium.
fn padding(job: &Job, size: u64) -> usize {
    let sector = u64::from(job.plan.sector_bytes.max(1));
    let padded = if job.format.spec().id == "e01" { size.next_multiple_of(sector) } else { size };
    usize::try_from(padded.saturating_sub(size)).unwrap_or(0)
}

/// The record of what was done.
fn record(
    job: &Job,
    read: &Read,
    written: &Written,
    read_back: Option<ReadBack>,
    tree_name: &str,
    (started, finished): (String, String),
) -> Acquisition {
    let size_bytes = read.size;
    let segment = |file: &exhibit_image::UnsealedSegment| SegmentFile {
        name: file.name.clone(),
        size_bytes: file.segment.len(),
        sha256: to_hex(&file.sha256),
    };
    Acquisition {
        format: FORMAT.to_owned(),
        tool: job.tool.clone(),
        host: job.host.clone(),
        source: job.identity.clone(),
        plan: job.plan.clone(),
        started,
        finished,
        size_bytes,
        size_sectors: size_bytes.div_ceil(u64::from(job.plan.sector_bytes.max(1))),
        digests: read.digests.clone(),
        stored_digests: (read.stored != read.digests).then(|| read.stored.clone()),
        tree: Tree {
            file: tree_name.to_owned(),
            root: to_hex(&read.root),
            leaf_bytes: tree::LEAF_BYTES as u64,
            node_bytes: tree::NODE_BYTES as u64,
        },
        gaps: read.gaps.clone(),
        segments: written.segments.iter().map(segment).collect(),
        read_back,
    }
}

/// Records the fact, then gives everything its final name: the tree, the segments from the last to the second, the record,
/// and at the very end the first segment, by which an image is opened: nothing looks complete before it is.
fn publish(
    job: &Job,
    doors: &mut Doors<'_>,
    record: Acquisition,
    tree_file: TreeFile,
    written: Written,
    record_name: &str,
) -> Result<Acquired, AcquireError> {
    let mut bytes = serde_json::to_vec_pretty(&record).map_err(|_| AcquireError::Internal("the record is no JSON"))?;
    bytes.push(b'\n');
    let tree_sha256 = tree_digest(doors, &record)?;
    let path = |name: &str| format!("{}{name}", job.case_prefix);
    let file = |name: &str, size: u64, sha256: String| json!({"path": path(name), "size": size, "sha256": sha256});
    let digest_of = |bytes: &[u8]| to_hex(&Sha256::digest(bytes));
    let mut files: Vec<Value> =
        record.segments.iter().map(|segment| file(&segment.name, segment.size_bytes, segment.sha256.clone())).collect();
    files.push(file(&record.tree.file, tree_file.len(), tree_sha256));
    files.push(file(record_name, bytes.len() as u64, digest_of(&bytes)));
    let unread: u64 = record.gaps.iter().map(|gap| gap.length).sum();
    let fact = fact("acquired", job)
        .object("size", record.size_bytes)
        .object("tree_root", record.tree.root.clone())
        .detail("digests", json!(record.digests))
        .detail("files", files)
        .detail("gaps", record.gaps.len())
        .detail("unread_bytes", unread)
        .detail("read_back", record.read_back.is_some());
    doors.recorder.record(fact)?;
    tree_file.seal()?;
    let mut segments = written.segments.into_iter();
    let first = segments.next();
    for segment in segments.rev() {
        segment.segment.seal()?;
    }
    doors.store.publish(record_name, &bytes)?;
    if let Some(first) = first {
        first.segment.seal()?;
    }
    Ok(Acquired { record, record_name: record_name.to_owned(), findings: written.findings })
}

/// SHA-256 of the tree file as it lies on the disk, after its nodes were found to give its root.
fn tree_digest(doors: &Doors<'_>, record: &Acquisition) -> Result<String, AcquireError> {
    let differs =
        |text: String| AcquireError::ReadBack { text: format!("{}: {text}", record.tree.file), ranges: Vec::new() };
    let source = (doors.reopen)(&record.tree.file).map_err(|error| differs(error.to_string()))?;
    let mut stored = StoredTree::open(source.as_ref()).map_err(|error| differs(error.to_string()))?;
    stored.check_root().map_err(|error| differs(error.to_string()))?;
    if to_hex(&stored.root()) != record.tree.root || stored.size() != record.size_bytes {
        return Err(differs("not the tree that was written".to_owned()));
    }
    let (mut hasher, mut at) = (Sha256::new(), 0_u64);
    let mut buffer = vec![0; 64 * 1024];
    while at < source.size() {
        let length = usize::try_from(source.size().saturating_sub(at).min(64 * 1024)).unwrap_or(0);
        let piece = buffer.get_mut(..length).unwrap_or_default();
        source.read_at(at, piece).map_err(|fault| differs(fault.to_string()))?;
        hasher.update(&*piece);
        at = at.saturating_add(length as u64);
    }
    Ok(to_hex(&hasher.finalize()))
}

/// A fact about this job's source.
fn fact(action: &str, job: &Job) -> Fact {
    let item = job.item.clone().map_or(Value::Null, Value::from);
    Fact::new(action).object("item", item).object("source", job.identity.path.clone())
}
