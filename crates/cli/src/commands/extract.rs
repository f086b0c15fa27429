//! `exhibit extract`: files out of a logical image.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_evidence::{ByteRange, DigestSet, Event, Fact, Name, Phase, Recorder as _, Segment, Source, Store as _};
use exhibit_hash::{Digester, algorithm};
use exhibit_image::{Image, LogicalEntry};
use exhibit_store::Folder;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::case::Case;
use crate::commands::list;
use crate::evidence_input;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::output_names::OutputNames;
use crate::recording::CaseRecorder;
use crate::sizes;
use crate::world::{Tone, World};

/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 20;
/// Bytes that are given up together where a piece cannot be read.
const SECTOR_BYTES: usize = 512;
/// Files bound by one record of the log, as for carving.
const FILES_PER_RECORD: usize = 2000;
/// Unread ranges of one file that are listed.
const UNREAD_MAX: usize = 1000;

/// Take files out of a logical image (L01, Lx01, AFF4-L), and compare them with the digests stored with them.
///
/// PATH is a path as `exhibit list` shows it; a folder means everything in it, `/` means everything. Names are escaped where
/// they could lead out of the folder or deceive (`%` and two hexadecimal digits). Nothing is overwritten. Times and
/// permissions are not set on the files; `exhibit list --format json` has them. What cannot be read is zeros in the
/// output, named, and ends with exit code 3; a digest that differs ends with 4.
///
/// Example: exhibit extract files.L01 / --to files
#[derive(Debug, Args)]
pub(crate) struct Extract {
    /// Logical image (any of its segments)
    evidence: PathBuf,
    /// Files or folders in the image; `/` is everything
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Folder for the files; what it holds already is not touched
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    actor: Actor,
}

/// A file that was taken out.
struct Taken {
    path: Name,
    output: String,
    size_bytes: u64,
    sha256: String,
    unread: Vec<(ByteRange, String)>,
    unread_bytes: u64,
    comparison: Comparison,
}

/// What comparing with the stored digests showed.
enum Comparison {
    /// All stored digests are those of the contents.
    Match(Vec<String>),
    /// This one is another: algorithm, stored, computed.
    Mismatch(String, String, String),
    /// The image stores none, or none that this version computes.
    Nothing,
    /// Parts could not be read.
    NotRead,
}

impl Extract {
    pub(super) fn run(&self, world: &World) -> Ending {
        let evidence = evidence_input::open(world, &self.evidence)?;
        let image = evidence.image.as_ref();
        list::refuse_media(image, &self.evidence, &evidence.findings)?;
        for finding in &evidence.findings {
            world.remark(&format!("note: {finding}"));
        }
        let wanted = self.wanted(image.entries())?;
        let folder = Folder::at(&self.to)?;
        let named = self.names(image.entries(), &wanted, &folder)?;
        let total: u64 = named.iter().fold(0, |sum, (_, entry, _)| sum.saturating_add(entry.size_bytes));
        if folder.free_bytes().is_some_and(|free| free < total) {
            let text = format!("the files have {}, more than is free in {}", sizes::shown(total), shown(&self.to));
            return Err(Failure::new(text).hint("choose another disk, or fewer files; nothing was written"));
        }
        world.observer.on(&Event::Started { phase: Phase::Export, total_bytes: total });
        let mut taken = Vec::new();
        let mut before = 0_u64;
        for (index, entry, output) in named {
            let file = self.take(world, image, (index, entry), output, &folder, before)?;
            before = before.saturating_add(entry.size_bytes);
            tell(world, &file);
            taken.push(file);
        }
        world.observer.on(&Event::Finished { phase: Phase::Export });
        self.record(world, &taken)?;
        let files: Vec<Value> = taken.iter().map(Taken::json).collect();
        let exit = worst(&taken);
        world.say(&summary(&taken, total, &self.to));
        let outcome = json!({"to": shown(&self.to), "files": files, "findings": evidence.findings});
        Ok(Done::with(exit, outcome))
    }

    /// Indexes of the files that were asked for, in the order of the image.
    fn wanted(&self, entries: &[LogicalEntry]) -> Result<Vec<usize>, Failure> {
        let mut wanted = vec![false; entries.len()];
        for path in &self.paths {
            let asked = path.as_os_str().as_bytes();
            let asked = asked.strip_suffix(b"/").unwrap_or(asked);
            let mut found = asked.is_empty();
            for (entry, wanted) in entries.iter().zip(&mut wanted) {
                // Exactly as stored, or as it is shown.
                if within(entry.path.bytes(), asked) || within(entry.path.to_string().as_bytes(), asked) {
                    found = true;
                    *wanted |= !entry.folder;
                }
            }
            if !found {
                let text = format!("{} is not in the image", shown(path));
                return Err(Failure::new(text).hint("`exhibit list` shows all paths; nothing was written"));
            }
        }
        Ok(wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(index, _)| index).collect())
    }

    /// Output names, none of which is there already.
    fn names<'a>(
        &self,
        entries: &'a [LogicalEntry],
        wanted: &[usize],
        folder: &Folder,
    ) -> Result<Vec<(usize, &'a LogicalEntry, String)>, Failure> {
        let mut names = OutputNames::default();
        let mut named = Vec::new();
        for index in wanted {
            let Some(entry) = entries.get(*index) else { continue };
            let output = names.name(&entry.path);
            if folder.exists(&output) {
                let text = format!("{} exists", shown(&self.to.join(&output)));
                return Err(Failure::new(text).hint("choose another folder; nothing was overwritten or written"));
            }
            named.push((*index, entry, output));
        }
        Ok(named)
    }

    /// One file: copied, digested, compared.
    fn take(
        &self,
        world: &World,
        image: &dyn Image,
        (index, entry): (usize, &LogicalEntry),
        output: String,
        folder: &Folder,
        before: u64,
    ) -> Result<Taken, Failure> {
        let contents = image.open_entry(index);
        let contents = contents.map_err(|error| Failure::of(error.class(), format!("{}: {error}", entry.path)))?;
        let mut segment = folder.create(&output)?;
        let mut copy = Copy::new(&entry.stored);
        let mut piece = vec![0; PIECE_BYTES.min(usize::try_from(contents.size()).unwrap_or(PIECE_BYTES))];
        while copy.done < contents.size() {
            if world.cancel.is_cancelled() {
                let text = "interrupted; the file being written keeps its .partial name";
                return Err(Failure::of(exhibit_evidence::Class::Interrupted, text));
            }
            copy.step(contents.as_ref(), segment.as_mut(), &mut piece)?;
            let (done_bytes, faults) = (before.saturating_add(copy.done), copy.unread.len() as u64);
            world.observer.on(&Event::Progress { phase: Phase::Export, done_bytes, faults });
        }
        segment.seal()?;
        Ok(copy.finish(entry, output))
    }

    /// Binds the files by digest in the log of the case that the evidence or the output lies in.
    fn record(&self, world: &World, taken: &[Taken]) -> Result<(), Failure> {
        let Some(case) = Case::around(&self.to).or_else(|| Case::around(&self.evidence)) else { return Ok(()) };
        let source = case.relative(&self.evidence).unwrap_or_else(|| shown(&self.evidence));
        let file = |file: &Taken| {
            let path = self.to.join(&file.output);
            let member = case.relative(&path).map_or_else(|| ("name", shown(&path)), |relative| ("path", relative));
            json!({member.0: member.1, "sha256": file.sha256, "size": file.size_bytes})
        };
        let mut recorder = CaseRecorder::new(world, &case, self.actor.clone())?;
        for files in taken.chunks(FILES_PER_RECORD) {
            let fact = Fact::new("derived")
                .object("source", source.clone())
                .detail("method", "extraction")
                .detail("files", files.iter().map(file).collect::<Vec<Value>>())
                .detail("unreadable_bytes", files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.unread_bytes)))
                .detail("stored_digests_differ", files.iter().filter(|file| file.differs()).count());
            let recorded = recorder.record(fact);
            recorded.map_err(|error| Failure::new(format!("the files were extracted, but {error}")))?;
        }
        Ok(())
    }
}

/// Whether `path` is `asked` or lies in it.
fn within(path: &[u8], asked: &[u8]) -> bool {
    let rest = path.strip_prefix(asked);
    asked.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// A file on its way.
struct Copy {
    done: u64,
    sha256: Option<Box<dyn Digester>>,
    /// Stored digests and the running ones.
    compared: Vec<(String, String, Box<dyn Digester>)>,
    unread: Vec<(ByteRange, String)>,
    unread_bytes: u64,
}

impl Copy {
    fn new(stored: &DigestSet) -> Self {
        let start = |(id, digest): (&str, &str)| Some((id.to_owned(), digest.to_owned(), algorithm(id)?.start()));
        Self {
            done: 0,
            sha256: algorithm("sha256").map(|algorithm| algorithm.start()),
            compared: stored.iter().filter_map(start).collect(),
            unread: Vec::new(),
            unread_bytes: 0,
        }
    }

    /// The next piece; where it cannot be read, sector by sector.
    fn step(&mut self, contents: &dyn Source, segment: &mut dyn Segment, piece: &mut [u8]) -> Result<(), Failure> {
        let left = usize::try_from(contents.size().saturating_sub(self.done)).unwrap_or(usize::MAX);
        let length = piece.len().min(left);
        let out = piece.get_mut(..length).unwrap_or_default();
        if contents.read_at(self.done, out).is_err() {
            for (number, sector) in out.chunks_mut(SECTOR_BYTES).enumerate() {
                let at = self.done.saturating_add((number as u64).saturating_mul(SECTOR_BYTES as u64));
                if let Err(fault) = contents.read_at(at, sector) {
                    sector.fill(0);
                    self.give_up(ByteRange::new(at, sector.len() as u64), fault.cause.to_string());
                }
            }
        }
        segment.append(out)?;
        self.sha256.iter_mut().for_each(|digester| digester.update(out));
        self.compared.iter_mut().for_each(|(_, _, digester)| digester.update(out));
        self.done = self.done.saturating_add(out.len() as u64);
        Ok(())
    }

    fn give_up(&mut self, range: ByteRange, cause: String) {
        self.unread_bytes = self.unread_bytes.saturating_add(range.length);
        let listed = self.unread.len();
        match self.unread.last_mut() {
            Some((last, _)) if last.end() == range.offset => last.length = last.length.saturating_add(range.length),
            _ if listed < UNREAD_MAX => self.unread.push((range, cause)),
            _ => {}
        }
    }

    fn finish(self, entry: &LogicalEntry, output: String) -> Taken {
        let mut comparison = Comparison::Match(self.compared.iter().map(|(id, ..)| id.clone()).collect());
        for (id, stored, digester) in self.compared {
            let computed = digester.digest().hex();
            if computed != stored {
                comparison = Comparison::Mismatch(id, stored, computed);
            }
        }
        if matches!(&comparison, Comparison::Match(ids) if ids.is_empty()) {
            comparison = Comparison::Nothing;
        }
        if self.unread_bytes > 0 {
            comparison = Comparison::NotRead;
        }
        let sha256 = self.sha256.map(|digester| digester.digest().hex()).unwrap_or_default();
        let (path, size_bytes) = (entry.path.clone(), self.done);
        Taken { path, output, size_bytes, sha256, unread: self.unread, unread_bytes: self.unread_bytes, comparison }
    }
}

impl Taken {
    fn differs(&self) -> bool {
        matches!(self.comparison, Comparison::Mismatch(..))
    }

    fn json(&self) -> Value {
        let comparison = match &self.comparison {
            Comparison::Match(algorithms) => json!({"result": "match", "algorithms": algorithms}),
            Comparison::Mismatch(algorithm, stored, computed) => {
                json!({"result": "mismatch", "algorithm": algorithm, "stored": stored, "computed": computed})
            }
            Comparison::Nothing => json!({"result": "no-stored-digest"}),
            Comparison::NotRead => json!({"result": "not-compared"}),
        };
        let unread = |(range, cause): &(ByteRange, String)| json!({"offset": range.offset, "length": range.length, "cause": cause});
        json!({
            "path": self.path,
            "output": self.output,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "stored_digests": comparison,
            "unread_bytes": self.unread_bytes,
            "unread": self.unread.iter().map(unread).collect::<Vec<Value>>(),
        })
    }
}

/// A line for each file, and more for what is wrong with it.
fn tell(world: &World, file: &Taken) {
    let (verdict, tone) = match &file.comparison {
        Comparison::Match(algorithms) => (format!("{} as stored", algorithms.join(", ")), Tone::Good),
        Comparison::Mismatch(algorithm, stored, computed) => {
            (format!("DIFFERS: {algorithm} {computed}, the image stores {stored}"), Tone::Bad)
        }
        Comparison::Nothing => ("no digest stored".to_owned(), Tone::Doubtful),
        Comparison::NotRead => (format!("{} bytes NOT READ, zeros instead", file.unread_bytes), Tone::Bad),
    };
    world.say(&format!("{}  {}", file.path, world.painted(&verdict, tone)));
    for (range, cause) in file.unread.iter().take(20) {
        world.complain(&format!("not read, zeros instead: {}: {range} ({})", file.path, Name::from(cause.as_str())));
    }
}

fn summary(taken: &[Taken], total: u64, to: &Path) -> String {
    let same = taken.iter().filter(|file| matches!(file.comparison, Comparison::Match(_))).count();
    let differ = taken.iter().filter(|file| file.differs()).count();
    let unread = taken.iter().filter(|file| file.unread_bytes > 0).count();
    let none = taken.len().saturating_sub(same).saturating_sub(differ).saturating_sub(unread);
    format!(
        "{} files ({}) written to {}: {same} as their stored digests say, {differ} differ, {unread} with unread parts, \
         {none} without stored digest",
        taken.len(),
        sizes::shown(total),
        shown(to)
    )
}

fn worst(taken: &[Taken]) -> Exit {
    if taken.iter().any(Taken::differs) {
        Exit::Mismatch
    } else if taken.iter().any(|file| file.unread_bytes > 0) {
        Exit::Gaps
    } else {
        Exit::Done
    }
}
