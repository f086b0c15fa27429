//! `exhibit carve`: recovers files by their content.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use exhibit_carve::{Align, CarveError, KeepClass, Plan, Recut, Summary, Types};
use exhibit_evidence::{Fact, Name, Recorder as _, Source};
use exhibit_filesystem::{FreeSpace, VolumeSpace};
use exhibit_store::Folder;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::case::Case;
use crate::evidence_input;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::recording::{self, CaseRecorder};
use crate::sizes;
use crate::world::{Tone, World};

/// Recover files by their content.
///
/// Each file gets a class: proven (checksums or a full decode close over all of it), consistent (its structure holds to
/// the end), partial (good up to a stated byte), header-only. Proven and consistent files are written, the others listed.
/// `carved.jsonl` says for each where its bytes lie and what was checked.
///
/// Somebody else's list is checked with --recut: every file is cut again from the image by its extents, and its digests
/// are compared; nothing is searched or written.
///
/// Examples:
///   exhibit carve disk.E01 --to recovered --types jpeg,png,pdf
///   exhibit carve disk.E01 --recut recovered/carved.jsonl
#[derive(Debug, Args)]
pub(crate) struct Carve {
    /// Image (any of its segments) or block device
    evidence: PathBuf,
    /// Folder for the files; what it holds already is not touched
    #[arg(long, value_name = "DIR", required_unless_present = "recut")]
    to: Option<PathBuf>,
    /// Check this list of recovered files (carved.jsonl) against the image
    #[arg(long, value_name = "LIST", conflicts_with_all = ["to", "types", "align", "unallocated", "fragments", "keep", "gallery", "max_size"])]
    recut: Option<PathBuf>,
    /// Types to look for, separated by commas [default: all]
    #[arg(long, value_name = "LIST")]
    types: Option<String>,
    /// Where files may begin
    #[arg(long, default_value = "auto")]
    align: AlignArgument,
    /// Search only what no file system holds: free clusters and the space between partitions (FAT, exFAT, NTFS, ext2/3/4)
    #[arg(long)]
    unallocated: bool,
    /// Look for files in fragments
    #[arg(long, default_value = "on")]
    fragments: Switch,
    /// What to write; everything is listed
    #[arg(long, default_value = "consistent")]
    keep: Keep,
    /// Also draw a contact sheet of the pictures, gallery.html
    #[arg(long)]
    gallery: bool,
    /// Largest file to look for
    #[arg(long, value_name = "SIZE", value_parser = sizes::parse)]
    max_size: Option<u64>,
    #[command(flatten)]
    actor: Actor,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AlignArgument {
    /// At sectors where a file system is seen, at any byte elsewhere
    Auto,
    /// At multiples of 512 bytes
    Sector,
    /// At any byte
    Byte,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Keep {
    /// Only proven files
    Proven,
    /// Proven and consistent files
    Consistent,
    /// Also the good beginning of partial files
    All,
}

impl Carve {
    pub(super) fn run(&self, world: &World) -> Ending {
        match (&self.recut, &self.to) {
            (Some(list), _) => recut(world, &self.evidence, list),
            (None, Some(to)) => self.carve(world, to),
            (None, None) => Err(Failure::misused("err-no-carve-destination", &[])),
        }
    }

    fn carve(&self, world: &World, to: &Path) -> Ending {
        let types = match &self.types {
            Some(list) => Types::parse(list).map_err(|error| failure(&error))?,
            None => Types::all(),
        };
        let source = medium(world, &self.evidence)?;
        let free = if self.unallocated { Some(unallocated(world, &self.evidence, &source)?) } else { None };
        let defaults = Plan::default();
        let plan = Plan {
            types,
            align: match self.align {
                AlignArgument::Auto => Align::Auto,
                AlignArgument::Sector => Align::Sector,
                AlignArgument::Byte => Align::Byte,
            },
            fragments: self.fragments == Switch::On,
            keep: match self.keep {
                Keep::Proven => KeepClass::Proven,
                Keep::Consistent => KeepClass::Consistent,
                Keep::All => KeepClass::All,
            },
            gallery: self.gallery,
            areas: free.as_ref().map(|free| free.ranges.as_slice().into()),
            max_size: self.max_size.unwrap_or(defaults.max_size),
            jobs: world.jobs,
            ..defaults
        };
        let summary = run(world, &source, &plan, to)?;
        record(world, &self.evidence, to, &summary, self.actor.clone())?;
        print(world, &summary, to);
        let exit = if summary.bytes_unreadable > 0 { Exit::Gaps } else { Exit::Done };
        let volumes = free.map(|free| free.volumes.iter().map(volume_record).collect::<Vec<_>>());
        Ok(Done::with(exit, json!({"to": shown(to), "summary": summary, "unallocated": volumes})))
    }
}

/// The medium in `evidence`, with all gaps that are known of it.
fn medium(world: &World, evidence: &Path) -> Result<crate::gaps::Honest, Failure> {
    let evidence = evidence_input::open(world, evidence)?;
    for finding in &evidence.findings {
        world.remark(&format!("note: {finding}"));
    }
    // A raw image has no place for gaps; its acquisition record has.
    let recorded: Vec<_> =
        evidence.record.iter().flat_map(|record| record.gaps.iter().map(|gap| gap.range())).collect();
    Ok(crate::gaps::Honest::new(evidence.image.clone(), recorded))
}

/// What no file system on the medium holds; says of each volume whether that is known.
fn unallocated(world: &World, evidence: &Path, source: &dyn Source) -> Result<FreeSpace, Failure> {
    let free = exhibit_filesystem::free_space(source, None, &world.cancel)
        .ok_or_else(|| Failure::new("interrupted").exit(Exit::Interrupted))?;
    for volume in &free.volumes {
        let name = if volume.number == 0 { "medium".to_owned() } else { format!("partition {}", volume.number) };
        let size = sizes::shown(volume.range.length);
        match (&volume.remark, volume.used_bytes) {
            (None, Some(used)) => {
                world.remark(&format!("{name}: {} of {size} in use, left out", sizes::shown(used)));
            }
            (remark, _) => {
                let text = remark.as_deref().unwrap_or_default();
                world.complain(&format!("warning: {name} ({}, {size}): {text}", volume.title));
            }
        }
    }
    if !free.is_understood() {
        let hint = "leave --unallocated out to search all of the medium";
        return Err(
            Failure::new(format!("{}: no file system whose free space is understood", shown(evidence))).hint(hint)
        );
    }
    Ok(free)
}

fn volume_record(volume: &VolumeSpace) -> Value {
    json!({
        "partition": volume.number,
        "offset": volume.range.offset,
        "length": volume.range.length,
        "contents": volume.title,
        "used_bytes": volume.used_bytes,
        "remark": volume.remark,
    })
}

/// Largest list that is checked.
const LIST_BYTES_MAX: u64 = 1 << 30;

/// Cuts every file of `list` again and compares.
fn recut(world: &World, evidence: &Path, list: &Path) -> Ending {
    let source = medium(world, evidence)?;
    let bytes = exhibit_device::read_small(list, LIST_BYTES_MAX).map_err(|error| Failure::io("read", list, &error))?;
    let (mut same, mut same_bytes, mut differ, mut unread) = (0_u64, 0_u64, Vec::new(), Vec::new());
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    for (index, line) in lines {
        if world.cancel.is_cancelled() {
            return Err(Failure::new("interrupted").exit(Exit::Interrupted));
        }
        let place = format!("line {}", index.saturating_add(1));
        match exhibit_carve::recut(&source, line) {
            Recut::Same { bytes } => {
                same = same.saturating_add(1);
                same_bytes = same_bytes.saturating_add(bytes);
            }
            Recut::Differs(text) => differ.push(format!("{place}: {}", Name::from(text.as_str()))),
            Recut::Unread(text) => unread.push(format!("{place}: {}", Name::from(text.as_str()))),
        }
    }
    for text in &differ {
        world.tell(&world.painted(&format!("does not match  {text}"), Tone::Bad));
    }
    for text in &unread {
        world.tell(&format!("not checked     {text}"));
    }
    world.say(&format!(
        "{same} files ({}) cut again: the same; {} do not match; {} could not be read",
        sizes::shown(same_bytes),
        differ.len(),
        unread.len()
    ));
    let exit = match (differ.is_empty(), unread.is_empty() && same > 0) {
        (false, _) => Exit::Mismatch,
        (true, false) => Exit::Incomplete,
        (true, true) => Exit::Done,
    };
    let fact = Fact::new("verified")
        .object("target", shown(evidence))
        .detail("method", "files cut again by a carver's list")
        .detail("list", shown(list))
        .detail("same", same)
        .detail("differ", differ.len())
        .detail("unread", unread.len());
    recording::record_reading(world, evidence, fact);
    Ok(Done::with(exit, json!({"same": same, "same_bytes": same_bytes, "differ": differ, "unread": unread})))
}

/// Carves into `to`, which must hold nothing of an earlier run.
pub(super) fn run(world: &World, source: &dyn Source, plan: &Plan, to: &Path) -> Result<Summary, Failure> {
    let folder = Folder::at(to)?;
    for name in ["carved.jsonl", "carved.dfxml", "gallery.html", "summary.json"] {
        if exhibit_evidence::Store::exists(&folder, name) {
            return Err(Failure::new(format!("{} holds the results of an earlier run ({name})", shown(to)))
                .hint("choose another folder; nothing was overwritten"));
        }
    }
    exhibit_carve::carve(source, plan, &folder, world.observer.as_ref(), &world.cancel).map_err(|error| failure(&error))
}

fn failure(error: &CarveError) -> Failure {
    Failure::of(error.class(), error.to_string())
}

/// Files bound by one record of the log. A record has at most 1 MiB, and a file takes some 200 bytes of it.
const FILES_PER_RECORD: usize = 2000;

/// The recovered files with their digests, as the list has them.
fn recovered(case: &Case, to: &Path) -> Result<Vec<Value>, Failure> {
    let list = to.join("carved.jsonl");
    let bytes = exhibit_device::read_small(&list, 256 << 20).map_err(|error| Failure::io("read", &list, &error))?;
    let line = |line: &[u8]| -> Option<Value> {
        let line: Value = serde_json::from_slice(line).ok()?;
        let path = case.relative(&to.join(line.get("path")?.as_str()?))?;
        Some(json!({"path": path, "sha256": line.get("sha256")?, "size": line.get("size")?}))
    };
    Ok(bytes.split(|byte| *byte == b'\n').filter_map(line).collect())
}

/// Binds the lists, and the files where they lie in the case, by digest in the log of the case that the evidence or the
/// output lies in.
pub(super) fn record(
    world: &World,
    evidence: &Path,
    to: &Path,
    summary: &Summary,
    actor: Actor,
) -> Result<(), Failure> {
    let Some(case) = Case::around(to).or_else(|| Case::around(evidence)) else { return Ok(()) };
    let file = |name: &str| -> Option<Value> {
        let path = to.join(name);
        let algorithm = exhibit_hash::algorithm("sha256")?;
        let hashed = super::hash::small_file(world, &path, &[algorithm]).ok()?;
        let member = case.relative(&path).map_or_else(|| ("name", shown(&path)), |relative| ("path", relative));
        Some(json!({member.0: member.1, "sha256": hashed.digests.get("sha256"), "size": hashed.size}))
    };
    let files: Vec<Value> =
        ["carved.jsonl", "carved.dfxml", "gallery.html", "summary.json"].into_iter().filter_map(file).collect();
    let source = case.relative(evidence).unwrap_or_else(|| shown(evidence));
    let recovered = recovered(&case, to)?;
    let fact = Fact::new("derived")
        .object("source", source.clone())
        .detail("method", "carving")
        .detail("files", files)
        .detail("counts", json!(summary.counts))
        .detail("files_written", summary.files_written)
        .detail("unreadable_bytes", summary.bytes_unreadable);
    let files = recovered.chunks(FILES_PER_RECORD).map(|files| {
        let fact = Fact::new("derived").object("source", source.clone());
        fact.detail("method", "carving").detail("files", files.to_vec())
    });
    let recorded = CaseRecorder::new(world, &case, actor).and_then(|mut recorder| {
        let each = |fact| recorder.record(fact).map_err(|error| Failure::new(error.to_string()));
        std::iter::once(fact).chain(files).map(each).collect::<Result<Vec<u64>, Failure>>()
    });
    recorded.map(|_| ()).map_err(|failure| failure.after("the files were recovered, but "))
}

/// Says what was found.
pub(super) fn print(world: &World, summary: &Summary, to: &Path) {
    world.say(&world.painted(
        &format!("{:<8} {:>8} {:>11} {:>8} {:>12}", "type", "proven", "consistent", "partial", "header-only"),
        Tone::Strong,
    ));
    for (kind, classes) in &summary.counts {
        let count = |class: &str| classes.get(class).copied().unwrap_or(0);
        let row = [count("proven"), count("consistent"), count("partial"), count("header-only")];
        let [proven, consistent, partial, header] = row;
        world.say(&format!("{kind:<8} {proven:>8} {consistent:>11} {partial:>8} {header:>12}"));
    }
    if summary.counts.is_empty() {
        world.say("Nothing was found.");
    }
    world.say(&format!(
        "{} files ({}) written to {}",
        summary.files_written,
        sizes::shown(summary.bytes_written),
        shown(to)
    ));
    if summary.joined > 0 {
        world.say(&format!("{} of them were put together from fragments", summary.joined));
    }
    let searched = sizes::shown(summary.bytes_scanned);
    world.say(&match summary.areas {
        Some(_) => format!("{searched} searched: what no file system that is understood holds"),
        None => format!("{searched} searched"),
    });
    if summary.bytes_unreadable > 0 {
        let text = format!("{} bytes could not be read and were NOT searched", summary.bytes_unreadable);
        world.say(&world.painted(&text, Tone::Bad));
    }
    for (reason, count) in summary.skipped.iter().chain(&summary.cut_short) {
        world.say(&format!("left out: {count} × {reason}"));
    }
}
