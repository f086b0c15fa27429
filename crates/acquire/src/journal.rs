//! `<base>.journal`: what is needed to go on with an unfinished acquisition. One JSON object a line; the first says what was
//! begun, each later one that something is durable. It lives under its unfinished name only and is removed in the end.
//!
//! A line is written after what it speaks of was made durable. A torn last line is therefore no loss, and nothing in here is
//! believed: the sealed medium is read again and must give the root that its line has.
//!
//! Where everything goes to a second place as well, so does the journal: if the first disk dies, the copy is gone on with alone.

use exhibit_evidence::acquisition::{Plan, Resumption};
use exhibit_evidence::{Gap, Identity, Instant, Segment, Source, Store, from_hex, to_hex};
use exhibit_image::{Checkpoint, Create, Metadata};
use serde::{Deserialize, Serialize};

use crate::AcquireError;
use crate::copies::Mirror;
use crate::gaps::join;
use crate::record::Reopen;

/// Value of [`Begun::format`].
const FORMAT: &str = "exhibit-journal/1";
/// Largest journal read, in bytes: at 256 MiB a line, of a few hundred bytes, that is enough for some hundred TB.
const JOURNAL_BYTES_MAX: u64 = 256 << 20;
/// Bytes copied at once when the journal of the second place is made again.
const PIECE_BYTES: usize = 1 << 20;

/// How much of the medium is sealed, by the word of a journal, at each place from which it says that one can go on; `None` if
/// it is no journal. Nothing of it is checked here: for people who ask what is left of an unfinished acquisition.
#[must_use]
pub fn sealed_places(journal: &dyn Source) -> Option<Vec<u64>> {
    let story = Story::read(journal)?;
    let last = story.marks.len().checked_sub(1).and_then(|last| story.place(last));
    let gaps_lie_before =
        last.is_none_or(|place| place.gaps.iter().all(|gap| gap.range().end() <= place.checkpoint.medium_bytes));
    gaps_lie_before.then(|| story.marks.iter().map(|mark| mark.medium_bytes).collect())
}

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Begun(Box<Begun>),
    Mark(Mark),
    Resumed(Resumption),
    Sealing(Box<Sealing>),
    /// The fact of the acquisition is in the custody log.
    Recorded(bool),
}

/// What was begun: all that the bytes of the output depend on, besides the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) format: String,
    pub(crate) tool: String,
    pub(crate) source: Identity,
    pub(crate) plan: Plan,
    pub(crate) policy: String,
    pub(crate) size_bytes: u64,
    pub(crate) physical: bool,
    pub(crate) set_id: String,
    pub(crate) started: String,
    pub(crate) header: Header,
}

/// Facts for the container's header, as [`Metadata`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    case_number: String,
    evidence_number: String,
    description: String,
    examiner: String,
    notes: String,
    model: String,
    serial: String,
    tool_version: String,
    system: String,
}

/// So much of the medium is sealed. Files and gaps are told as what is new since the mark before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) medium_bytes: u64,
    /// So many files are as in the mark before; `files` are those that follow.
    same_files: usize,
    files: Vec<(String, u64)>,
    state: String,
    pub(crate) root: String,
    /// Gaps from the mark before up to this one.
    gaps: Vec<Gap>,
}

/// Everything is written and checked; what remains is to give it its names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sealing {
    /// The acquisition record, byte for byte.
    pub(crate) record: String,
    pub(crate) tree_sha256: String,
    pub(crate) tree_bytes: u64,
}

/// A journal as it was found.
pub(crate) struct Story {
    pub(crate) begun: Begun,
    pub(crate) marks: Vec<Mark>,
    pub(crate) resumed: Vec<Resumption>,
    pub(crate) sealing: Option<Sealing>,
    /// Whether the fact of the acquisition is in the custody log.
    pub(crate) recorded: bool,
    /// Where the line of what was begun ends in the file, then that of each mark.
    ends: Vec<u64>,
    /// Where the last whole line ends.
    end: u64,
}

/// A place to go on from.
pub(crate) struct Place {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) gaps: Vec<Gap>,
}

impl Begun {
    /// What is begun with `how`.
    pub(crate) fn new(how: &Create, tool: &str, source: &Identity, plan: &Plan, policy: &str) -> Self {
        let Metadata {
            case_number,
            evidence_number,
            description,
            examiner,
            notes,
            model,
            serial,
            tool_version,
            system,
        } = how.metadata.clone();
        let header =
            Header { case_number, evidence_number, description, examiner, notes, model, serial, tool_version, system };
        Self {
            format: FORMAT.to_owned(),
            tool: tool.to_owned(),
            source: source.clone(),
            plan: plan.clone(),
            policy: policy.to_owned(),
            size_bytes: how.size_bytes,
            physical: how.physical,
            set_id: to_hex(&how.set_id),
            started: how.started.to_string(),
            header,
        }
    }

    /// How the image was begun; `None` if the journal makes no sense.
    pub(crate) fn how(&self, now: &Create) -> Option<Create> {
        let Header { case_number, evidence_number, description, examiner, notes, model, serial, tool_version, system } =
            self.header.clone();
        let metadata = Metadata {
            case_number,
            evidence_number,
            description,
            examiner,
            notes,
            model,
            serial,
            tool_version,
            system,
        };
        let set_id = from_hex(&self.set_id)?.try_into().ok()?;
        let started = Instant::parse(&self.started)?;
        Some(Create { physical: self.physical, metadata, set_id, started, ..now.clone() })
    }
}

impl Story {
    /// Reads a journal up to the first line that is not whole; `None` if not even the first one is.
    pub(crate) fn read(source: &dyn Source) -> Option<Self> {
        let length = usize::try_from(source.size().min(JOURNAL_BYTES_MAX)).ok()?;
        let mut bytes = vec![0; length];
        source.read_at(0, &mut bytes).ok()?;
        let mut end = 0_u64;
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').map_while(|line| {
            let text = line.strip_suffix(b"\n")?;
            end = end.saturating_add(line.len() as u64);
            Some((serde_json::from_slice::<Line>(text).ok()?, end))
        });
        let Some((Line::Begun(begun), first)) = lines.next() else { return None };
        if begun.format != FORMAT {
            return None;
        }
        let mut story = Self {
            begun: *begun,
            marks: Vec::new(),
            resumed: Vec::new(),
            sealing: None,
            recorded: false,
            ends: vec![first],
            end: first,
        };
        for (line, end) in lines {
            match line {
                Line::Begun(_) => break,
                Line::Mark(mark) if story.marks.last().is_some_and(|last| last.medium_bytes >= mark.medium_bytes) => {
                    break;
                }
                Line::Mark(mark) => {
                    story.marks.push(mark);
                    story.ends.push(end);
                }
                Line::Resumed(resumed) => story.resumed.push(resumed),
                Line::Sealing(sealing) => story.sealing = Some(*sealing),
                Line::Recorded(recorded) => story.recorded = recorded,
            }
            story.end = end;
        }
        Some(story)
    }

    /// A journal of which not even the first line is whole: nothing else had been made when it was begun.
    pub(crate) fn torn(begun: &Begun) -> Self {
        Self {
            begun: begun.clone(),
            marks: Vec::new(),
            resumed: Vec::new(),
            sealing: None,
            recorded: false,
            ends: vec![0],
            end: 0,
        }
    }

    /// The place that mark number `index` speaks of.
    pub(crate) fn place(&self, index: usize) -> Option<Place> {
        let last = self.marks.get(index)?;
        let (mut files, mut gaps) = (Vec::new(), Vec::new());
        for mark in self.marks.iter().take(index.saturating_add(1)) {
            files.truncate(mark.same_files);
            files.extend(mark.files.iter().cloned());
            mark.gaps.iter().for_each(|gap| join(&mut gaps, gap.clone()));
        }
        let checkpoint = Checkpoint { medium_bytes: last.medium_bytes, files, state: last.state.clone() };
        Some(Place { checkpoint, gaps })
    }

    /// A torn journal begun again, durably, before anything else is made.
    pub(crate) fn mended(mut self, store: &dyn Store, name: &str) -> Result<Self, AcquireError> {
        if self.end == 0 {
            let mut journal = Journal { segment: store.resume(name, 0)?, second: None, files: Vec::new() };
            journal.write(&Line::Begun(Box::new(self.begun.clone())))?;
            self.end = journal.segment.len();
            self.ends = vec![self.end];
        }
        Ok(self)
    }

    /// Opens the journal again behind its first `marks` marks, and makes that of the second place anew up to there; every time
    /// it was gone on with is kept.
    pub(crate) fn reopen(
        &self,
        (store, reopen): (&dyn Store, Reopen<'_>),
        mirror: Option<Mirror>,
        name: &str,
        marks: usize,
    ) -> Result<Journal, AcquireError> {
        let end = self.ends.get(marks).copied().unwrap_or(self.end);
        let files = marks.checked_sub(1).and_then(|last| self.place(last)).map(|place| place.checkpoint.files);
        let segment = store.resume(name, end)?;
        let second = mirror.and_then(|mirror| {
            let mut second = Second { segment: mirror.begin(name), mirror };
            second.copy(reopen, name, end);
            second.segment.is_some().then_some(second)
        });
        let mut journal = Journal { segment, second, files: files.unwrap_or_default() };
        for resumption in &self.resumed {
            journal.write(&Line::Resumed(resumption.clone()))?;
        }
        Ok(journal)
    }

    /// Opens the journal again behind its last whole line.
    pub(crate) fn reopen_at_end(&self, store: &dyn Store, name: &str) -> Result<Journal, AcquireError> {
        Ok(Journal { segment: store.resume(name, self.end)?, second: None, files: Vec::new() })
    }
}

/// A journal being written.
pub(crate) struct Journal {
    segment: Box<dyn Segment>,
    second: Option<Second>,
    /// Files of the mark before.
    files: Vec<(String, u64)>,
}

/// The journal of the second place. What fails there ends that place, and nothing else.
struct Second {
    mirror: Mirror,
    segment: Option<Box<dyn Segment>>,
}

impl Second {
    /// Adds bytes, durably.
    fn write(&mut self, bytes: &[u8]) {
        let Some(segment) = &mut self.segment else { return };
        let written = segment.append(bytes).and_then(|()| segment.sync());
        if self.mirror.keep(written).is_none() {
            self.segment = None;
        }
    }

    /// Adds the first `length` bytes of the journal of the first place.
    fn copy(&mut self, reopen: Reopen<'_>, name: &str, length: u64) {
        let Ok(source) = reopen(name) else { return };
        let mut piece = vec![0; usize::try_from(length).unwrap_or(PIECE_BYTES).min(PIECE_BYTES)];
        let mut at = 0_u64;
        while at < length && self.segment.is_some() {
            let wanted = usize::try_from(length.saturating_sub(at)).unwrap_or(usize::MAX).min(piece.len());
            let out = piece.get_mut(..wanted).unwrap_or_default();
            if source.read_at(at, out).is_err() {
                self.segment = None; // that of the first place is what counts
                return;
            }
            self.write(out);
            at = at.saturating_add(wanted as u64);
        }
    }
}

impl Journal {
    /// Begins the journal, durably: nothing else of the acquisition exists before it does.
    pub(crate) fn begin(
        store: &dyn Store,
        mirror: Option<Mirror>,
        name: &str,
        begun: &Begun,
    ) -> Result<Self, AcquireError> {
        let segment = store.create(name)?;
        let second = mirror.map(|mirror| Second { segment: mirror.begin(name), mirror });
        let mut journal = Self { segment, second, files: Vec::new() };
        journal.write(&Line::Begun(Box::new(begun.clone())))?;
        Ok(journal)
    }

    /// Says that what `checkpoint` speaks of is durable. `gaps` are those since the mark before.
    pub(crate) fn mark(
        &mut self,
        checkpoint: &Checkpoint,
        root: &[u8; 32],
        gaps: Vec<Gap>,
    ) -> Result<(), AcquireError> {
        let same = self.files.iter().zip(&checkpoint.files).take_while(|(before, now)| before == now).count();
        let mark = Mark {
            medium_bytes: checkpoint.medium_bytes,
            same_files: same,
            files: checkpoint.files.get(same..).unwrap_or_default().to_vec(),
            state: checkpoint.state.clone(),
            root: to_hex(root),
            gaps,
        };
        self.files.clone_from(&checkpoint.files);
        self.write(&Line::Mark(mark))
    }

    /// Says that the acquisition was gone on with.
    pub(crate) fn resumed(&mut self, resumption: &Resumption) -> Result<(), AcquireError> {
        self.write(&Line::Resumed(resumption.clone()))
    }

    /// Says that only the names are missing.
    pub(crate) fn sealing(&mut self, sealing: Sealing) -> Result<(), AcquireError> {
        self.write(&Line::Sealing(Box::new(sealing)))
    }

    /// Says that the fact of the acquisition is in the custody log.
    pub(crate) fn recorded(&mut self) -> Result<(), AcquireError> {
        self.write(&Line::Recorded(true))
    }

    fn write(&mut self, line: &Line) -> Result<(), AcquireError> {
        let mut bytes = serde_json::to_vec(line).map_err(|_| AcquireError::Internal("a journal line is no JSON"))?;
        bytes.push(b'\n');
        self.segment.append(&bytes)?;
        self.segment.sync()?;
        self.second.iter_mut().for_each(|second| second.write(&bytes));
        Ok(())
    }
}
