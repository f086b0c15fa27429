//! Going on with an unfinished acquisition: what was sealed is read again and hashed again, and only then believed.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cancel, Event, Observer, Phase, Source, Store, to_hex};
use exhibit_hash::{Algorithm, BLOCK_BYTES, Lanes, Pool, ordered, tree};
use exhibit_image::{Create, ImageWriter, Resumed};
use serde::Serialize;
use serde_json::Value;

use crate::gaps::Filled;
use crate::journal::{Begun, Mark, Place, Story};
use crate::pipeline::{self, SoFar};
use crate::tree_file::TreeFile;
use crate::{AcquireError, Doors, Job};

/// Blocks in flight while the sealed medium is read again: 32 MiB.
const POOL_BLOCKS: usize = 32;
/// Blocks of the source that are compared with the sealed medium: the first, the last, and some between them.
const COMPARED_BLOCKS: u64 = 16;

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// What must be the same as it was begun with, in words; `None` if it is.
pub(crate) fn difference(before: &Begun, now: &Begun) -> Option<String> {
    let words = |value: &Value| if value.is_null() { "not known".to_owned() } else { value.to_string() };
    let differs = |what: String, before: &Value, now: &Value| {
        (before != now).then(|| format!("{what} was {}, and is now {}", words(before), words(now)))
    };
    let (source_before, source_now) = (json(&before.source), json(&now.source));
    let of_source = ["size_bytes", "serial", "model", "vendor", "logical_sector_bytes"];
    let source = of_source.iter().find_map(|key| {
        let get = |source: &Value| source.get(key).cloned().unwrap_or(Value::Null);
        differs(format!("the source's {key}"), &get(&source_before), &get(&source_now))
    });
    let (plan_before, plan_now) = (json(&before.plan), json(&now.plan));
    let plan = plan_now.as_object().into_iter().flatten().find_map(|(key, now)| {
        let before = plan_before.get(key).cloned().unwrap_or(Value::Null);
        differs(format!("in the plan, {key}"), &before, now)
    });
    let policy = || differs("the policy".to_owned(), &before.policy.as_str().into(), &now.policy.as_str().into());
    let size = || differs("the size".to_owned(), &before.size_bytes.into(), &now.size_bytes.into());
    source.or(plan).or_else(policy).or_else(size)
}

/// A writer, what is done already, and the number of marks that hold.
pub(crate) struct Ready {
    pub(crate) writer: Box<dyn ImageWriter>,
    pub(crate) so_far: SoFar,
    pub(crate) marks: usize,
}

/// Finds the newest mark whose sealed medium is what it was, and goes on from there; from the beginning if there is none.
///
/// # Errors
/// If asked to stop, if the source is another one, or if the files cannot be used at all.
pub(crate) fn go_on(
    job: &Job,
    doors: &Doors<'_>,
    store: &Arc<dyn Store>,
    how: &Create,
    (story, tree_name): (&Story, &str),
    algorithms: &[&'static dyn Algorithm],
) -> Result<Ready, AcquireError> {
    let mut left = story.marks.len();
    while let Some(index) = left.checked_sub(1) {
        left = index;
        let Some(place) = story.place(index) else { continue };
        let medium_bytes = place.checkpoint.medium_bytes;
        let is_block_end = medium_bytes.is_multiple_of(BLOCK_BYTES as u64) || medium_bytes == how.size_bytes;
        if medium_bytes > how.size_bytes || !is_block_end {
            continue;
        }
        let Resumed { writer, medium } = match job.format.resume(store.clone(), how, &place.checkpoint, doors.reopen) {
            Ok(resumed) => resumed,
            Err(error) => {
                doors.observer.on(&not_believed(medium_bytes, &error.to_string()));
                continue;
            }
        };
        let filled = Filled { source: medium.as_ref(), gaps: &place.gaps, fill: writer.fill() };
        let lanes = Lanes::start(algorithms, pipeline::threads(job.jobs, writer.as_ref()));
        let replay = Replay { job, observer: doors.observer, cancel: doors.cancel };
        let marks = story.marks.get(..=index).unwrap_or_default();
        match replay.read(&filled, &place, marks, TreeFile::begin(store.as_ref(), tree_name)?, lanes)? {
            Held::All(so_far) => {
                compare(job.source.as_ref(), &filled, &place)?;
                return Ok(Ready { writer, so_far, marks: index.saturating_add(1) });
            }
            Held::UpTo(marks) => {
                doors.observer.on(&not_believed(medium_bytes, "it is not what it was when it was sealed"));
                left = marks.min(index);
            }
        }
    }
    // A dying disk may not survive a second beginning: that is for a person to decide.
    if !story.marks.is_empty() && !job.care.from_start {
        let why = "nothing that was sealed is what it was when it was sealed";
        return Err(AcquireError::Unbelievable { base: job.base.clone(), why });
    }
    let writer = job.format.create(store.clone(), how)?;
    let threads = pipeline::threads(job.jobs, writer.as_ref());
    let so_far = SoFar::nothing(algorithms, threads, TreeFile::begin(store.as_ref(), tree_name)?);
    Ok(Ready { writer, so_far, marks: 0 })
}

/// What reading the sealed medium again showed.
enum Held {
    /// All of it is what it was.
    All(SoFar),
    /// The first so many marks hold, and what lies behind them does not.
    UpTo(usize),
}

fn not_believed(medium_bytes: u64, why: &str) -> Event {
    Event::Message(format!("warning: the first {medium_bytes} bytes of the unfinished image are not used: {why}"))
}

/// Reading what was sealed.
struct Replay<'a> {
    job: &'a Job,
    observer: &'a dyn Observer,
    cancel: &'a Cancel,
}

impl Replay<'_> {
    /// Feeds the sealed medium to digests and tree, as the source was, and compares at each of `marks`, the last of which is
    /// that of `place`: so one reading finds the last that holds, however early the damage is.
    fn read(
        &self,
        medium: &Filled<'_>,
        place: &Place,
        marks: &[Mark],
        mut tree: TreeFile,
        lanes: Lanes,
    ) -> Result<Held, AcquireError> {
        let medium_bytes = place.checkpoint.medium_bytes;
        let pool = Pool::new(POOL_BLOCKS);
        let (mut result, mut faults, mut held) = (Ok(()), 0_u64, 0_usize);
        let phase = Phase::Verify;
        self.observer.on(&Event::Started { phase, total_bytes: medium_bytes });
        let work = |_, block: &[u8]| tree::node(block);
        let range = ByteRange::new(0, medium_bytes);
        ordered::read(medium, range, &pool, self.job.jobs, self.cancel, work, |piece| {
            let done_bytes = piece.range.end();
            match piece.result {
                Ok(node) => {
                    lanes.update(&piece.block);
                    result = tree.push(&node);
                    if let Some(mark) = marks.get(held).filter(|mark| mark.medium_bytes <= done_bytes) {
                        // Damage before one mark is damage before all that follow.
                        let is_same = mark.medium_bytes == done_bytes && to_hex(&tree.builder().root()) == mark.root;
                        (held, faults) = if is_same { (held.saturating_add(1), 0) } else { (held, 1) };
                    }
                }
                Err(_) => faults = 1,
            }
            self.observer.on(&Event::Progress { phase, done_bytes, faults });
            result.is_ok() && faults == 0
        });
        result?;
        if self.cancel.is_cancelled() {
            return Err(AcquireError::Interrupted { done_bytes: medium_bytes });
        }
        self.observer.on(&Event::Finished { phase });
        if faults > 0 || held < marks.len() {
            return Ok(Held::UpTo(held));
        }
        Ok(Held::All(SoFar { lanes, tree, gaps: place.gaps.clone(), medium_bytes }))
    }
}

/// Compares some blocks of the source with what is sealed: another disk in the dock must be noticed. What was a gap, or cannot
/// be read now, is not compared.
fn compare(source: &dyn Source, sealed: &Filled<'_>, place: &Place) -> Result<(), AcquireError> {
    let medium_bytes = place.checkpoint.medium_bytes;
    let blocks = medium_bytes.div_ceil(BLOCK_BYTES as u64);
    let (mut ours, mut theirs) = (vec![0; BLOCK_BYTES], vec![0; BLOCK_BYTES]);
    let last = blocks.saturating_sub(1);
    let steps = COMPARED_BLOCKS.saturating_sub(1);
    let mut numbers: Vec<u64> = (0..=steps).map(|step| last.saturating_mul(step) / steps).collect();
    numbers.dedup();
    for start in numbers.into_iter().map(|number| number.saturating_mul(BLOCK_BYTES as u64)) {
        let range = ByteRange::between(start, start.saturating_add(BLOCK_BYTES as u64).min(medium_bytes));
        let length = usize::try_from(range.length).unwrap_or(0);
        let (Some(ours), Some(theirs)) = (ours.get_mut(..length), theirs.get_mut(..length)) else { continue };
        if sealed.read_at(start, ours).is_err() {
            continue;
        }
        // Gaps are not read: a failing disk is spared what it could not read before.
        let now = Filled { source, gaps: sealed.gaps, fill: sealed.fill };
        let good = now.read_at(start, theirs).map_or_else(|fault| fault.good, |()| length);
        let differing = ours.iter().zip(theirs.iter()).take(good).position(|(ours, theirs)| ours != theirs);
        if let Some(position) = differing {
            return Err(AcquireError::OtherSource { offset: start.saturating_add(position as u64) });
        }
    }
    Ok(())
}
