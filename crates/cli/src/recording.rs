//! Facts into the custody log of a case: every command run on a case does it by itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_custody::layout::key_detail;
use exhibit_custody::{CheckpointBytes, Context, Entry, Log, NamedAs, PublicKey, SegmentBytes, Session, Signer};
use exhibit_evidence::{Fact, Instant, RecordError, Recorder, Severity};
use exhibit_store::Lock;

use crate::actor::Actor;
use crate::case::Case;
use crate::keys;
use crate::outcome::Failure;
use crate::world::{TOOL, World};

/// Largest log file read. A segment is one transaction, usually some kilobytes.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// How often a log is read again that others write meanwhile: each of them would have to finish just then.
const READINGS: usize = 100;
/// File that is locked while the log is extended.
const LOCK_FILE: &str = "custody/lock";

/// The files of a log.
pub(crate) struct LogFiles {
    pub(crate) segments: Vec<(String, Vec<u8>)>,
    pub(crate) checkpoints: Vec<(String, Vec<u8>)>,
    /// Time stamps of checkpoints, with their certificates and lists.
    pub(crate) stamps: Vec<(String, Vec<u8>)>,
}

impl LogFiles {
    /// All files of the custody folder of the case in `path`.
    ///
    /// Who only reads holds no lock: while somebody else seals a session its file changes its name, and then all is read
    /// again.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let folder = path.join(exhibit_custody::layout::FOLDER);
        if !folder.is_dir() {
            return Ok(Self { segments: Vec::new(), checkpoints: Vec::new(), stamps: Vec::new() });
        }
        for _ in 0..READINGS {
            match Self::read_once(&folder) {
                Err((_, error)) if error.kind() == std::io::ErrorKind::NotFound => {}
                other => return other.map_err(|(path, error)| Failure::io("read the log", &path, &error)),
            }
        }
        Self::read_once(&folder).map_err(|(path, error)| Failure::io("read the log", &path, &error))
    }

    fn read_once(folder: &Path) -> Result<Self, (PathBuf, std::io::Error)> {
        let mut files = Self { segments: Vec::new(), checkpoints: Vec::new(), stamps: Vec::new() };
        for entry in exhibit_device::walk(folder).map_err(|error| (folder.to_owned(), error))? {
            let name = entry.relative.to_string_lossy().into_owned();
            if name == "lock" {
                continue;
            }
            let bytes = exhibit_device::read_small(&entry.path, FILE_BYTES_MAX).map_err(|error| (entry.path, error))?;
            if exhibit_custody::layout::parse_stamp_name(&name).is_some() {
                files.stamps.push((name, bytes));
            } else if name.contains(".checkpoint") {
                files.checkpoints.push((name, bytes));
            } else {
                files.segments.push((name, bytes));
            }
        }
        Ok(files)
    }

    /// The log, with everything that is wrong with it.
    pub(crate) fn log(&self) -> exhibit_evidence::Outcome<Log> {
        let segments: Vec<SegmentBytes<'_>> =
            self.segments.iter().map(|(name, bytes)| SegmentBytes::new(name, bytes)).collect();
        Log::read(&segments)
    }

    pub(crate) fn checkpoints(&self) -> Vec<CheckpointBytes<'_>> {
        self.checkpoints.iter().map(|(name, bytes)| CheckpointBytes { name, bytes }).collect()
    }
}

/// Appends facts to the log of one case. Each fact is locked, read, appended, signed and sealed by itself, so that a long
/// acquisition does not keep others from writing.
pub(crate) struct CaseRecorder {
    case: Case,
    actor: Actor,
    key: Arc<dyn Signer>,
    clock: Arc<dyn exhibit_evidence::Clock>,
}

impl CaseRecorder {
    /// A recorder for `case`, signing with this user's key.
    pub(crate) fn new(world: &World, case: &Case, actor: Actor) -> Result<Self, Failure> {
        let key = keys::load_or_create(world, &case.file.examiner)?;
        Ok(Self { case: case.clone(), actor, key, clock: world.clock.clone() })
    }

    /// Records several facts as one transaction; returns the number of the last.
    pub(crate) fn record_all(&self, facts: Vec<Fact>) -> Result<u64, Failure> {
        self.append(facts).map_err(|error| Failure::new(error.to_string()))
    }

    /// The key that signs.
    pub(crate) fn key(&self) -> &Arc<dyn Signer> {
        &self.key
    }

    /// Who acts, as the records name him.
    pub(crate) fn actor(&self) -> (String, String) {
        let name = self.actor.actor.clone().unwrap_or_else(|| self.case.file.examiner.clone());
        (name, self.actor.role.clone())
    }

    /// The first signed head of the log that covers record `number`.
    pub(crate) fn head_covering(&self, number: u64) -> Result<exhibit_custody::handover::Head, Failure> {
        let files = LogFiles::read(&self.case.path)?;
        let keys = [self.key.public_key()];
        let heads = files.checkpoints.iter().filter_map(|(_, bytes)| {
            let (head, _) = exhibit_custody::Checkpoint::open(bytes, &keys).ok()?;
            let checkpoint = String::from_utf8(bytes.clone()).ok()?;
            (head.size >= number).then_some((head.size, checkpoint))
        });
        let (_, checkpoint) = heads.min().ok_or_else(|| {
            Failure::new(format!("no checkpoint of this key covers record {number}, which was just written"))
        })?;
        Ok(exhibit_custody::handover::Head { record: number, checkpoint })
    }

    fn append(&self, facts: Vec<Fact>) -> Result<u64, RecordError> {
        let fail = |text: String| RecordError(text);
        let folder = self.case.folder().map_err(|failure| fail(failure.problem))?;
        exhibit_store::Folder::at(self.case.path.join(exhibit_custody::layout::FOLDER))
            .map_err(|e| fail(e.to_string()))?;
        let _lock = Lock::acquire(&self.case.path.join(LOCK_FILE)).map_err(|error| fail(error.to_string()))?;
        let files = LogFiles::read(&self.case.path).map_err(|failure| fail(failure.problem))?;
        let mut log = files.log().value;
        let own = self.key.public_key();
        let covered = log.check(&files.checkpoints(), std::slice::from_ref(&own));
        if let Some(record) = ended(&log, &own) {
            return Err(fail(format!(
                "record {record} of the log gave up the key {} for another; use that one with --signing-key",
                own.fingerprint()
            )));
        }
        let goes_on = may_go_on(&log, &own) || facts.iter().any(|fact| fact.action == key_detail::LOST);
        if !files.checkpoints.is_empty() && covered.value.records == 0 && !log.is_damaged() && !goes_on {
            return Err(fail(format!(
                "the log is signed by another key than {}; use that key with --signing-key",
                self.key.public_key().fingerprint()
            )));
        }
        if let Some(finding) = covered.findings.iter().find(|finding| finding.severity == Severity::Mismatch) {
            return Err(fail(format!("the log is damaged ({finding}); look at it with: exhibit verify CASE")));
        }
        let context = Context {
            case: self.case.file.number.clone(),
            actor: self.actor.actor.clone().unwrap_or_else(|| self.case.file.examiner.clone()),
            role: self.actor.role.clone(),
            now: Instant::from_unix_seconds(0), // the session asks the clock at each fact
            tool: TOOL.to_owned(),
        };
        let facts = facts.into_iter().map(with_nonce).collect::<Result<Vec<Fact>, RecordError>>()?;
        let mut session = Session::new(log, context, self.key.clone(), Arc::new(folder), self.clock.clone());
        session.record_all(facts)
    }
}

/// Whether a record names this key as one that goes on.
fn may_go_on(log: &Log, key: &PublicKey) -> bool {
    log.named_keys().iter().any(|named| named.key == *key && named.how != NamedAs::Other)
}

/// The record that gave up or revoked this key, if one did.
fn ended(log: &Log, key: &PublicKey) -> Option<u64> {
    let print = key.fingerprint();
    let says = |entry: &&Entry| {
        let name = match entry.record.action.as_str() {
            key_detail::CHANGED => key_detail::INSTEAD_OF,
            key_detail::REVOKED => key_detail::REVOKED_KEY,
            _ => return false,
        };
        entry.record.details.get(name).and_then(serde_json::Value::as_str) == Some(print.as_str())
    };
    log.entries().iter().find(says).map(|entry| entry.record.seq)
}

impl Recorder for CaseRecorder {
    fn record(&mut self, fact: Fact) -> Result<u64, RecordError> {
        self.append(vec![fact])
    }
}

/// A fact with 16 random bytes: when a part of the log is disclosed, only the leaf of a withheld record is given, and without
/// them somebody who can guess the rest of it could try names and digests until the leaf fits.
fn with_nonce(fact: Fact) -> Result<Fact, RecordError> {
    let mut nonce = [0_u8; 16];
    getrandom::fill(&mut nonce).map_err(|error| RecordError(format!("the system gives no randomness: {error}")))?;
    Ok(fact.detail("nonce", exhibit_evidence::to_hex(&nonce)))
}

/// A recorder for work outside any case: the acquisition record beside the image is all there is then.
pub(crate) struct Unrecorded;

impl Recorder for Unrecorded {
    fn record(&mut self, _fact: Fact) -> Result<u64, RecordError> {
        Ok(0)
    }
}

/// Records `fact` in the case that `path` lies in, if it lies in one. What only reads must also work on a case that this
/// user cannot or should not extend (a read-only copy, another examiner's): then it says so and goes on.
pub(crate) fn record_reading(world: &World, path: &Path, fact: Fact) {
    let Some(case) = Case::around(path) else { return };
    if !keys::path(world).is_ok_and(|path| keys::is_there(&path)) {
        // Whoever has no key yet did not begin this case; looking at it is no reason to make one.
        return world.remark("note: not recorded in the custody log of the case: you have no signing key");
    }
    let recorded = CaseRecorder::new(world, &case, Actor::examiner())
        .map_err(|failure| failure.problem)
        .and_then(|mut recorder| recorder.record(fact).map_err(|error| error.to_string()));
    if let Err(why) = recorded {
        world.remark(&format!("note: not recorded in the custody log of the case: {why}"));
    }
}
