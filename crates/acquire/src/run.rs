//! One acquisition from plan to record.

use std::sync::Arc;
use std::time::Duration;

use exhibit_evidence::acquisition::{Acquisition, Host, Plan, ReadBack, Resumption, SecondCopy};
use exhibit_evidence::{
    ByteRange, Cancel, Clock, Fact, Finding, Gap, Identity, Instant, Observer, Recorder, Severity, Source, Store,
    to_hex,
};
use exhibit_hash::{Algorithm, algorithm};
use exhibit_image::{Compression, Create, Format, Metadata, Written};
use serde_json::{Value, json};

use crate::copies::{Anew, Health, Mirror, Tee};
use crate::journal::{Begun, Journal, Sealing, Story, sealed_places};
use crate::keeping::{Checkpoints, Keeping};
use crate::pipeline::{self, Read, SoFar};
use crate::read_back::{self, Back};
use crate::reader::Reading;
use crate::record::{self, Reopen};
use crate::rescue::{self, Room};
use crate::resume::{self, Ready};
use crate::space::Space;
use crate::tree_file::TreeFile;
use crate::{AcquireError, policy, source_again};

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
    /// What is done besides.
    pub care: Care,
}

/// What is done besides reading and writing. Nothing, by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Care {
    /// How often the work is made durable, so that it can be gone on with; `None` for never.
    pub checkpoints: Option<Checkpoints>,
    /// Whether to go on with an unfinished acquisition instead of beginning one.
    pub resume: bool,
    /// Whether going on may mean to read the source from its first byte again, over what is there, if nothing that was sealed
    /// can be believed.
    pub from_start: bool,
    /// Whether to read the source again when the image is complete.
    pub rehash_source: bool,
    /// Longest time for one read of the source; `None` for any. What takes longer counts as unreadable.
    pub read_timeout: Option<Duration>,
}

/// Everything that touches the world.
pub struct Doors<'a> {
    /// Where the outputs go.
    pub store: Arc<dyn Store>,
    /// Opens an output of ours again, by its final name, whether it has it already or is still unfinished.
    pub reopen: &'a dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
    /// A second place that everything goes to as well.
    pub copy: Option<CopyDoors<'a>>,
    /// Where facts go.
    pub recorder: &'a mut dyn Recorder,
    /// Who watches.
    pub observer: &'a dyn Observer,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// Time.
    pub clock: &'a dyn Clock,
}

/// A second place for the image. If it fails, the first is not spoiled, and the record says so.
pub struct CopyDoors<'a> {
    /// Where, in words for the record.
    pub place: String,
    /// Where the outputs go.
    pub store: Arc<dyn Store>,
    /// As [`Doors::reopen`].
    pub reopen: &'a dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
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

/// Names of what an acquisition makes besides its segments.
pub(crate) struct Names {
    pub(crate) record: String,
    pub(crate) tree: String,
    journal: String,
    map: String,
    first: String,
}

impl Names {
    fn of(job: &Job) -> Self {
        let base = &job.base;
        Self {
            record: format!("{base}.acquisition.json"),
            tree: format!("{base}.tree"),
            journal: format!("{base}.journal"),
            map: Room::map_name(base),
            first: format!("{base}.{}", job.format.spec().extension),
        }
    }
}

/// Acquires. Files get their final names only when everything was written and, unless the plan says otherwise, read back
/// and found equal. The facts "acquisition-planned" (or "acquisition-resumed") and "acquired" (or "acquisition-failed",
/// "acquisition-interrupted") are recorded before what they speak of becomes visible.
///
/// # Errors
/// As [`AcquireError`] says. Whatever was written then keeps its unfinished name, and can be gone on with if checkpoints were
/// wanted.
pub fn run(job: &Job, doors: &mut Doors<'_>) -> Result<Acquired, AcquireError> {
    let names = Names::of(job);
    let how = create(job, doors.clock.now());
    let begun = Begun::new(&how, &job.tool, &job.identity, &job.plan, &job.policy);
    let story = match job.care.resume {
        true => Some(unfinished(job, doors, &names, &begun)?),
        false => {
            check_names(doors, &names, job)?;
            check_space(job, doors)?;
            None
        }
    };
    let action = if story.is_some() { "acquisition-resumed" } else { "acquisition-planned" };
    let mut planned = fact(action, job)
        .detail("source", json!(job.identity))
        .detail("plan", json!(job.plan))
        .detail("output", format!("{}{}", job.case_prefix, job.base));
    if let Some(story) = &story {
        planned = planned.detail("sealed_bytes", story.marks.last().map_or(0, |mark| mark.medium_bytes));
    }
    planned.reason = match &job.identity.write_block {
        exhibit_evidence::WriteBlock::None { reason } => Some(reason.clone()),
        _ => None,
    };
    doors.recorder.record(planned)?;

    let mut work = Work { job, doors, names, health: Health::default() };
    let result = match story {
        Some(story) if story.sealing.is_some() => work.name(&story),
        Some(story) => work.go_on(story, &how),
        None => work.begin(&how, &begun),
    };
    result.inspect_err(|error| {
        let action = match error {
            AcquireError::Interrupted { .. } => "acquisition-interrupted",
            _ => "acquisition-failed",
        };
        // The first error is what the examiner must see; a log that fails as well says so by its missing record.
        let _ = work.doors.recorder.record(fact(action, job).detail("cause", error.to_string()));
    })
}

/// How the image is made.
fn create(job: &Job, now: Instant) -> Create {
    Create {
        base: job.base.clone(),
        size_bytes: job.source.size(),
        sector_bytes: job.plan.sector_bytes,
        compression: job.compression,
        segment_size_bytes: job.plan.segment_size_bytes,
        physical: job.identity.kind == "block-device",
        metadata: job.metadata.clone(),
        set_id: job.set_id,
        // Whole seconds, as they are written everywhere: a resumed run must begin at the very same moment.
        started: Instant::from_unix_seconds(now.unix_seconds()),
    }
}

/// Nothing may be in the way, in either place.
fn check_names(doors: &Doors<'_>, names: &Names, job: &Job) -> Result<(), AcquireError> {
    if doors.store.exists(&names.journal) {
        let journal = (doors.reopen)(&names.journal).ok();
        let sealed = journal.and_then(|journal| sealed_places(journal.as_ref()));
        let sealed_bytes = sealed.and_then(|places| places.last().copied()).unwrap_or(0);
        return Err(AcquireError::Unfinished { base: job.base.clone(), sealed_bytes });
    }
    if let Some(copy) = doors.copy.as_ref().filter(|copy| copy.store.exists(&names.journal)) {
        return Err(AcquireError::Exists(format!("{}: {}", copy.place, names.journal)));
    }
    for name in [&names.record, &names.tree, &names.map, &names.first] {
        let second = doors.copy.as_ref().filter(|copy| copy.store.exists(name));
        if doors.store.exists(name) || second.is_some() {
            let place = second.map(|copy| format!("{}: ", copy.place)).unwrap_or_default();
            return Err(AcquireError::Exists(format!("{place}{name}")));
        }
    }
    Ok(())
}

/// What cannot fit is refused before anything is read.
fn check_space(job: &Job, doors: &Doors<'_>) -> Result<(), AcquireError> {
    let needed_bytes = Space::needed(job).least;
    let second = doors.copy.as_ref().map(|copy| ("in the second place ", &copy.store));
    for (place, store) in [("", &doors.store)].into_iter().chain(second) {
        if let Some(free_bytes) = store.free_bytes().filter(|free| *free < needed_bytes) {
            return Err(AcquireError::NoSpace { place, needed_bytes, free_bytes });
        }
    }
    Ok(())
}

/// The journal of what is to be gone on with, if it is the same job.
fn unfinished(job: &Job, doors: &Doors<'_>, names: &Names, begun: &Begun) -> Result<Story, AcquireError> {
    let nothing = || AcquireError::NothingToResume(job.base.clone());
    if !doors.store.exists(&names.journal) {
        return Err(nothing());
    }
    let source = (doors.reopen)(&names.journal).map_err(|_| nothing())?;
    let story = match Story::read(source.as_ref()) {
        Some(story) => story,
        // The journal is durable before anything else is made: if it is torn in its first line, there is nothing else.
        None if !doors.store.exists(&names.first) && !doors.store.exists(&names.tree) => Story::torn(begun),
        None if job.care.from_start => Story::torn(begun),
        None => {
            return Err(AcquireError::Unbelievable { base: job.base.clone(), why: "its journal cannot be read" });
        }
    };
    match resume::difference(&story.begun, begun) {
        Some(text) => Err(AcquireError::OtherJob(text)),
        None => Ok(story),
    }
}

/// An acquisition under way.
struct Work<'a, 'd> {
    job: &'a Job,
    doors: &'a mut Doors<'d>,
    names: Names,
    /// Of the second place.
    health: Health,
}

/// An image that is written.
struct Done<'a> {
    how: &'a Create,
    algorithms: Vec<&'static dyn Algorithm>,
    read: Read,
    tree: TreeFile,
    written: Written,
    fill: exhibit_image::Fill,
    journal: Option<Journal>,
    resumed: Vec<Resumption>,
}

impl Work<'_, '_> {
    /// Everything goes here.
    fn store(&self) -> Arc<dyn Store> {
        let first = self.doors.store.clone();
        match &self.doors.copy {
            Some(copy) => Arc::new(Tee { first, second: copy.store.clone(), health: self.health.clone() }),
            None => first,
        }
    }

    /// The second place, for the journal.
    fn mirror(&self) -> Option<Mirror> {
        let copy = self.doors.copy.as_ref()?;
        Some(Mirror { store: copy.store.clone(), health: self.health.clone() })
    }

    /// Removes the journal, wherever it is no longer needed.
    fn discard_journal(&self) -> Result<(), AcquireError> {
        self.doors.store.discard(&self.names.journal)?;
        self.mirror().iter().for_each(|mirror| mirror.discard(&self.names.journal));
        Ok(())
    }

    fn algorithms(&self) -> Result<Vec<&'static dyn Algorithm>, AcquireError> {
        let algorithms: Option<Vec<_>> = self.job.plan.hashes.iter().map(|id| algorithm(id)).collect();
        algorithms.ok_or(AcquireError::Internal("unknown digest algorithm in the plan"))
    }

    fn begin(&mut self, how: &Create, begun: &Begun) -> Result<Acquired, AcquireError> {
        let (store, algorithms) = (self.store(), self.algorithms()?);
        let journal = match self.job.care.checkpoints {
            Some(every) => {
                let (first, name) = (self.doors.store.as_ref(), &self.names.journal);
                Some((Journal::begin(first, self.mirror(), name, begun)?, every))
            }
            None => None,
        };
        let writer = self.job.format.create(store.clone(), how).inspect_err(|_| {
            // A format that refuses has made nothing: there is nothing to go on with either.
            let _ = self.discard_journal();
        })?;
        let threads = pipeline::threads(self.job.jobs, writer.as_ref());
        let so_far = SoFar::nothing(&algorithms, threads, TreeFile::begin(store.as_ref(), &self.names.tree)?);
        self.acquire(how, algorithms, (writer, so_far), journal, Vec::new())
    }

    fn go_on(&mut self, story: Story, how: &Create) -> Result<Acquired, AcquireError> {
        let story = &story.mended(self.doors.store.as_ref(), &self.names.journal)?;
        let how = &story.begun.how(how).ok_or(AcquireError::Internal("the journal has no times"))?;
        let (store, algorithms): (Arc<dyn Store>, _) = (Arc::new(Anew(self.store())), self.algorithms()?);
        // Held, so that nobody else goes on with it meanwhile.
        let held = story.reopen_at_end(self.doors.store.as_ref(), &self.names.journal)?;
        let place = (story, self.names.tree.as_str());
        let Ready { writer, so_far, marks } = resume::go_on(self.job, self.doors, &store, how, place, &algorithms)?;
        drop(held);
        let first = (self.doors.store.as_ref(), self.doors.reopen);
        let mut journal = story.reopen(first, self.mirror(), &self.names.journal, marks)?;
        let time = self.doors.clock.now().to_string();
        let resumption = Resumption { at_bytes: so_far.medium_bytes, time };
        journal.resumed(&resumption)?;
        let resumed = story.resumed.iter().cloned().chain([resumption]).collect();
        let every = self.job.care.checkpoints.unwrap_or_default();
        self.acquire(how, algorithms, (writer, so_far), Some((journal, every)), resumed)
    }

    /// Reads and writes what is left, and checks it all.
    fn acquire(
        &mut self,
        how: &Create,
        algorithms: Vec<&'static dyn Algorithm>,
        (mut writer, so_far): (Box<dyn exhibit_image::ImageWriter>, SoFar),
        journal: Option<(Journal, Checkpoints)>,
        resumed: Vec<Resumption>,
    ) -> Result<Acquired, AcquireError> {
        let job = self.job;
        let spec = policy(&job.policy).ok_or(AcquireError::Internal("unknown read policy"))?;
        let fill = writer.fill();
        let room = Room {
            store: self.doors.store.clone(),
            observer: self.doors.observer,
            clock: self.doors.clock,
            base: job.base.clone(),
            sector_bytes: job.plan.sector_bytes,
            retries: job.plan.retries,
            tool: job.tool.clone(),
        };
        let (source, limit) = (job.source.clone(), job.care.read_timeout);
        let found = if resumed.is_empty() { None } else { rescue::left_behind(self.doors.reopen, &job.base) };
        let reading = Reading { source, policy: spec, limit, fill, room, found };
        let given = pipeline::Loop {
            reading,
            padding: padding(job, how.size_bytes),
            jobs: job.jobs,
            observer: self.doors.observer,
            cancel: self.doors.cancel,
        };
        let place = (so_far.medium_bytes, how.size_bytes);
        let marked = so_far.tree.builder().clone();
        let mut keeping = Keeping::new(journal, self.doors.clock, self.doors.store.clone(), place, marked);
        let (read, tree) = pipeline::run(given, so_far, writer.as_mut(), &mut keeping)?;
        let gaps: Vec<ByteRange> = read.gaps.iter().map(Gap::range).collect();
        let written = writer.finish(&read.stored, &gaps)?;
        let journal = keeping.into_journal();
        self.check(Done { how, algorithms, read, tree, written, fill, journal, resumed })
    }

    /// Reads everything back, in both places, and the source again if that is wanted.
    fn check(&mut self, done: Done<'_>) -> Result<Acquired, AcquireError> {
        let tree_name = self.names.tree.clone();
        self.read_back(&done, self.doors.reopen)?;
        let (tree_bytes, tree_sha256) = read_back::tree(self.doors.reopen, &tree_name, &done.read)?;
        let finished = self.doors.clock.now().to_string();
        let read_back = self.job.plan.read_back.then(|| ReadBack {
            matches: true,
            finished,
            digests: done.read.digests.clone(),
            tree_root: to_hex(&done.read.root),
        });
        let copy = self.check_copy(&done)?;
        let source_again = match self.job.care.rehash_source {
            true => {
                let before = (&done.read, done.fill, tree_name.as_str());
                Some(source_again::compare(self.job, self.doors, &done.algorithms, before)?)
            }
            false => None,
        };
        let (started, finished) = (done.how.started.to_string(), self.doors.clock.now().to_string());
        let resumed = done.resumed.clone();
        let besides = record::Besides { started, finished, read_back, resumed, copy, source_again };
        let record = record::record(self.job, &done.read, &done.written, &tree_name, besides);
        self.publish(done, record, (tree_bytes, tree_sha256))
    }

    /// The second place is checked like the first; what is wrong there ends it, and nothing else.
    fn check_copy(&self, done: &Done<'_>) -> Result<Option<SecondCopy>, AcquireError> {
        let Some(copy) = &self.doors.copy else { return Ok(None) };
        if self.health.problem().is_none() {
            let checked = self.read_back(done, copy.reopen);
            let tree = || read_back::tree(copy.reopen, &self.names.tree, &done.read).map(|_| ());
            match checked.and_then(|()| tree()) {
                Err(error @ AcquireError::Interrupted { .. }) => return Err(error),
                Err(error) => self.health.fail(error.to_string()),
                Ok(()) => {}
            }
        }
        let problem = self.health.problem();
        Ok(Some(SecondCopy { place: copy.place.clone(), complete: problem.is_none(), problem }))
    }

    fn read_back(&self, done: &Done<'_>, reopen: Reopen<'_>) -> Result<(), AcquireError> {
        if !self.job.plan.read_back {
            return Ok(());
        }
        let back = Back {
            format: self.job.format,
            algorithms: &done.algorithms,
            names: done.written.segments.iter().map(|segment| segment.name.clone()).collect(),
            reopen,
            jobs: self.job.jobs,
            observer: self.doors.observer,
            cancel: self.doors.cancel,
        };
        read_back::compare(&back, &done.read)
    }

    /// Records the fact, then gives everything its final name: the tree, the segments from the last to the second, the
    /// record, and at the very end the first segment, by which an image is opened: nothing looks complete before it is.
    fn publish(
        &mut self,
        done: Done<'_>,
        record: Acquisition,
        (tree_bytes, tree_sha256): (u64, String),
    ) -> Result<Acquired, AcquireError> {
        let Done { tree, written, mut journal, resumed, .. } = done;
        let mut text =
            serde_json::to_string_pretty(&record).map_err(|_| AcquireError::Internal("the record is no JSON"))?;
        text.push('\n');
        let sealing = Sealing { record: text, tree_sha256, tree_bytes };
        if let Some(journal) = &mut journal {
            journal.sealing(sealing.clone())?;
        }
        self.doors.recorder.record(record::acquired(self.job, &record, &self.names.record, &sealing))?;
        if let Some(journal) = &mut journal {
            journal.recorded()?;
        }
        tree.seal()?;
        let mut segments = written.segments.into_iter();
        let first = segments.next();
        for segment in segments.rev() {
            segment.segment.seal()?;
        }
        // What an earlier run of ours left of the record is begun anew; what somebody else put there is not touched.
        let store = if resumed.is_empty() { self.store() } else { Arc::new(Anew(self.store())) };
        store.publish(&self.names.record, sealing.record.as_bytes())?;
        record::publish_map(self.store().as_ref(), self.job, &record)?;
        if let Some(first) = first {
            first.segment.seal()?;
        }
        if journal.is_some() {
            self.discard_journal()?;
        }
        self.acquired(record, written.findings)
    }

    /// Names what an earlier run had written and checked.
    fn name(&mut self, story: &Story) -> Result<Acquired, AcquireError> {
        let Some(sealing) = &story.sealing else { return Err(AcquireError::Internal("nothing to name")) };
        let record: Acquisition =
            serde_json::from_str(&sealing.record).map_err(|_| AcquireError::Internal("the journal has no record"))?;
        let mut journal = story.reopen_at_end(self.doors.store.as_ref(), &self.names.journal)?;
        if !story.recorded {
            self.doors.recorder.record(record::acquired(self.job, &record, &self.names.record, sealing))?;
            journal.recorded()?;
        }
        let what = (&record, sealing);
        let names = (self.job, &self.names);
        record::name_what_is_there(self.doors.store.as_ref(), self.doors.reopen, names, what)?;
        if let Some(copy) = self.doors.copy.as_ref().filter(|_| record.copy.as_ref().is_some_and(|copy| copy.complete))
        {
            let named = record::name_what_is_there(copy.store.as_ref(), copy.reopen, names, what);
            let _ = named.map_err(|error| self.health.fail(error.to_string()));
        } else if record.copy.as_ref().is_some_and(|copy| copy.complete) {
            self.health.fail("it was not given when the acquisition was gone on with");
        }
        self.discard_journal()?;
        self.acquired(record, Vec::new())
    }

    fn acquired(&self, record: Acquisition, mut findings: Vec<Finding>) -> Result<Acquired, AcquireError> {
        let place = record.copy.as_ref().map(|copy| copy.place.clone()).unwrap_or_default();
        let problem = self.health.problem().or_else(|| record.copy.as_ref().and_then(|copy| copy.problem.clone()));
        if let Some(problem) = problem {
            let text = format!("the second copy is not complete, and is no image: {problem}");
            findings.push(Finding::new(Severity::Incomplete, "copy-failed", place, text));
        }
        if let Some(again) = record.source_again.as_ref().filter(|again| !again.matches) {
            let severity = if again.digests.is_some() { Severity::Mismatch } else { Severity::Incomplete };
            let problem = again.problem.clone().unwrap_or_default();
            let text = format!("the source, read a second time, is not what it was: {problem}");
            findings.push(Finding::new(severity, "source-changed", record.source.path.clone(), text));
        }
        Ok(Acquired { record, record_name: self.names.record.clone(), findings })
    }
}

/// Zero bytes that the container will store after the medium.
fn padding(job: &Job, size: u64) -> usize {
    let sector = u64::from(job.plan.sector_bytes.max(1));
    let padded = if job.format.spec().id == "e01" { size.next_multiple_of(sector) } else { size };
    usize::try_from(padded.saturating_sub(size)).unwrap_or(0)
}

/// A fact about this job's source.
pub(crate) fn fact(action: &str, job: &Job) -> Fact {
    let item = job.item.clone().map_or(Value::Null, Value::from);
    Fact::new(action).object("item", item).object("source", job.identity.path.clone())
}
