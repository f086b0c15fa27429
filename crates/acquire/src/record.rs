//! The acquisition record, and the names that everything gets when it is there.

use exhibit_evidence::acquisition::{
    Acquisition, FORMAT, ReadBack, Resumption, SecondCopy, SegmentFile, SourceAgain, Tree,
};
use exhibit_evidence::{ByteRange, Fact, Source, Store, to_hex};
use exhibit_hash::tree;
use exhibit_image::Written;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::journal::Sealing;
use crate::pipeline::Read;
use crate::rescue::{self, CAUSE_OF_EARLIER_RUN, Map, MapFile, Room, Status};
use crate::run::{Names, fact};
use crate::{AcquireError, Job};

/// Bytes read at a time while a file is hashed.
const PIECE_BYTES: u64 = 1 << 20;

/// Opens a file of ours by its final name, whether it has it already or not.
pub(crate) type Reopen<'a> = &'a dyn Fn(&str) -> std::io::Result<std::sync::Arc<dyn Source>>;

/// What the record says besides what was read and written.
pub(crate) struct Besides {
    pub(crate) started: String,
    pub(crate) finished: String,
    pub(crate) read_back: Option<ReadBack>,
    pub(crate) resumed: Vec<Resumption>,
    pub(crate) copy: Option<SecondCopy>,
    pub(crate) source_again: Option<SourceAgain>,
}

/// The record of what was done.
pub(crate) fn record(job: &Job, read: &Read, written: &Written, tree_name: &str, besides: Besides) -> Acquisition {
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
        started: besides.started,
        finished: besides.finished,
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
        read_back: besides.read_back,
        resumed: besides.resumed,
        copy: besides.copy,
        source_again: besides.source_again,
    }
}

/// Name and text of the map of a medium with gaps, in the form of GNU ddrescue's: for other people's tools, from what the
/// record says. A medium without gaps has none.
pub(crate) fn map(job: &Job, record: &Acquisition) -> Option<(String, String)> {
    if record.gaps.is_empty() {
        return None;
    }
    let mut map = Map::new(record.size_bytes);
    map.set(ByteRange::new(0, record.size_bytes), Status::Good);
    record.gaps.iter().for_each(|gap| map.set(gap.range(), Status::Bad(CAUSE_OF_EARLIER_RUN)));
    Some((Room::map_name(&job.base), MapFile::finished(map).to_text(&record.tool)))
}

/// The map gets its name, and what was kept while the source was read is removed.
pub(crate) fn publish_map(store: &dyn Store, job: &Job, record: &Acquisition) -> Result<(), AcquireError> {
    rescue::clear(store, &job.base)?;
    match map(job, record) {
        Some((name, text)) if !store.exists(&name) => Ok(store.publish(&name, text.as_bytes())?),
        _ => Ok(()),
    }
}

/// The fact that everything `record` speaks of was acquired.
pub(crate) fn acquired(job: &Job, record: &Acquisition, record_name: &str, sealing: &Sealing) -> Fact {
    let path = |name: &str| format!("{}{name}", job.case_prefix);
    let file = |name: &str, size: u64, sha256: String| json!({"path": path(name), "size": size, "sha256": sha256});
    let mut files: Vec<Value> =
        record.segments.iter().map(|segment| file(&segment.name, segment.size_bytes, segment.sha256.clone())).collect();
    files.push(file(&record.tree.file, sealing.tree_bytes, sealing.tree_sha256.clone()));
    let bytes = sealing.record.as_bytes();
    files.push(file(record_name, bytes.len() as u64, to_hex(&Sha256::digest(bytes))));
    if let Some((name, text)) = map(job, record) {
        files.push(file(&name, text.len() as u64, to_hex(&Sha256::digest(text.as_bytes()))));
    }
    let unread: u64 = record.gaps.iter().map(|gap| gap.length).sum();
    let mut fact = fact("acquired", job)
        .object("size", record.size_bytes)
        .object("tree_root", record.tree.root.clone())
        .detail("digests", json!(record.digests))
        .detail("files", files)
        .detail("gaps", record.gaps.len())
        .detail("unread_bytes", unread)
        .detail("read_back", record.read_back.is_some());
    for (key, value) in [("copy", json!(record.copy)), ("source_again", json!(record.source_again))] {
        if !value.is_null() {
            fact = fact.detail(key, value);
        }
    }
    fact
}

/// Gives names to what an earlier run had written and checked, and had no time to name: each file must be, byte for byte, what
/// the record says, under its unfinished or its final name already.
///
/// # Errors
/// If one is not; nothing is named then.
pub(crate) fn name_what_is_there(
    store: &dyn Store,
    reopen: Reopen<'_>,
    (job, names): (&Job, &Names),
    (record, sealing): (&Acquisition, &Sealing),
) -> Result<(), AcquireError> {
    let mut files: Vec<(&str, u64, &str)> =
        record.segments.iter().map(|file| (file.name.as_str(), file.size_bytes, file.sha256.as_str())).collect();
    files.push((&names.tree, sealing.tree_bytes, &sealing.tree_sha256));
    for (name, size, sha256) in &files {
        let found = digest(reopen, name)?;
        if found != (*size, (*sha256).to_owned()) {
            return Err(differs(name, "not the bytes that were written"));
        }
    }
    let name = |name: &str, size: u64| match store.resume(name, size) {
        Ok(segment) => segment.seal(),
        Err(error) if error.cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    name(&names.tree, sealing.tree_bytes)?;
    for file in record.segments.iter().skip(1).rev() {
        name(&file.name, file.size_bytes)?;
    }
    let bytes = sealing.record.as_bytes();
    let is_there = digest(reopen, &names.record).is_ok_and(|found| found.1 == to_hex(&Sha256::digest(bytes)));
    if is_there {
        name(&names.record, bytes.len() as u64)?;
    } else {
        // Torn, or not there: whoever has another file of that name under its final name is told by the store.
        let mut segment =
            if store.exists(&names.record) { store.resume(&names.record, 0)? } else { store.create(&names.record)? };
        segment.append(bytes)?;
        segment.seal()?;
    }
    publish_map(store, job, record)?;
    match record.segments.first() {
        Some(first) => Ok(name(&first.name, first.size_bytes)?),
        None => Ok(()),
    }
}

/// Size and SHA-256 of a file of ours.
pub(crate) fn digest(reopen: Reopen<'_>, name: &str) -> Result<(u64, String), AcquireError> {
    let source = reopen(name).map_err(|error| differs(name, &error.to_string()))?;
    let (mut hasher, mut at) = (Sha256::new(), 0_u64);
    let mut buffer = vec![0; usize::try_from(source.size().min(PIECE_BYTES)).unwrap_or(0)];
    while at < source.size() {
        let length = usize::try_from(source.size().saturating_sub(at).min(PIECE_BYTES)).unwrap_or(0);
        let piece = buffer.get_mut(..length).unwrap_or_default();
        source.read_at(at, piece).map_err(|fault| differs(name, &fault.to_string()))?;
        hasher.update(&*piece);
        at = at.saturating_add(length as u64);
    }
    Ok((source.size(), to_hex(&hasher.finalize())))
}

/// A file of ours is not what it should be.
pub(crate) fn differs(name: &str, text: &str) -> AcquireError {
    AcquireError::ReadBack { text: format!("{name}: {text}"), ranges: Vec::new() }
}
