//! `exhibit acquire`: images a source.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use exhibit_acquire::{AcquireError, Acquired, Doors, Job};
use exhibit_device::{FileSource, Mapping};
use exhibit_evidence::acquisition::Plan;
use exhibit_evidence::{Name, Recorder, Source, Store as _, WriteBlock};
use exhibit_hash::algorithm;
use exhibit_image::{Compression, Metadata};
use exhibit_store::{Folder, PARTIAL_SUFFIX};
use serde_json::json;

use crate::actor::Actor;
use crate::case::{Case, check_item_id};
use crate::evidence_input::open_failure;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::recording::{CaseRecorder, Unrecorded};
use crate::sizes;
use crate::world::{TOOL, Tone, World};

/// Image a device, a disk image or a file, and verify it by reading back.
///
/// The source is opened read-only. A device that is not write-protected is refused (exit 5) unless --no-write-block says
/// why; a device that is mounted read-write is refused always. What cannot be read is filled with zeros in its place and
/// recorded as a gap (exit 3). Until the image is complete and read back its files are named `.partial`.
///
/// Examples:
///   exhibit acquire /dev/sdb --case cases/2026-117 --item 001
///   exhibit acquire stick.img --to out/stick --format raw --hash sha256
#[derive(Debug, Args)]
pub(crate) struct Acquire {
    /// Block device or file to image
    source: PathBuf,
    /// Case folder; the image goes to its items/ITEM
    #[arg(long, requires = "item", conflicts_with = "to", required_unless_present = "to")]
    case: Option<PathBuf>,
    /// Item number in the case
    #[arg(long, requires = "case")]
    item: Option<String>,
    /// Path of the image without extension, outside any case
    #[arg(long, value_name = "BASENAME")]
    to: Option<PathBuf>,
    /// Container
    #[arg(long, default_value = "e01")]
    format: String,
    /// Digests to compute besides the hash tree, separated by commas: md5, sha1, sha256, sha512
    #[arg(long, default_value = "md5,sha256", value_delimiter = ',', value_name = "LIST")]
    hash: Vec<String>,
    /// How hard to compress (E01)
    #[arg(long, default_value = "fast")]
    compression: CompressionArgument,
    /// Largest segment file, for example 2GiB (E01)
    #[arg(long, value_name = "SIZE", value_parser = sizes::parse)]
    segment_size: Option<u64>,
    /// What to do about read errors
    #[arg(long, default_value = "linear", value_name = "POLICY")]
    errors: String,
    /// How often a failing sector is tried again
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    retries: u32,
    /// Do not read the image back
    #[arg(long)]
    no_read_back: bool,
    /// Why it is acceptable that the source is not write-protected; recorded
    #[arg(long, value_name = "REASON")]
    no_write_block: Option<String>,
    /// What the source is
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Case number for the image's header [default: that of the case]
    #[arg(long, value_name = "TEXT")]
    case_number: Option<String>,
    /// Evidence number for the image's header [default: the item]
    #[arg(long, value_name = "TEXT")]
    evidence_number: Option<String>,
    /// Examiner for the image's header [default: that of the case]
    #[arg(long, value_name = "NAME")]
    examiner: Option<String>,
    /// Notes for the image's header
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    #[command(flatten)]
    actor: Actor,
}

/// How hard to compress.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum CompressionArgument {
    /// Stored
    None,
    /// Fast
    Fast,
    /// Small
    Best,
}

impl From<CompressionArgument> for Compression {
    fn from(argument: CompressionArgument) -> Self {
        match argument {
            CompressionArgument::None => Self::None,
            CompressionArgument::Fast => Self::Fast,
            CompressionArgument::Best => Self::Best,
        }
    }
}

/// Where an image goes.
pub(super) struct Destination {
    pub(super) folder: Folder,
    pub(super) base: String,
    pub(super) case: Option<(Case, String)>,
}

impl Acquire {
    pub(super) fn run(&self, world: &World) -> Ending {
        if self.no_write_block.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
            return Err(Failure::usage("--no-write-block needs a reason in words"));
        }
        let opened = exhibit_device::open_source(&self.source, self.no_write_block.as_deref());
        let opened = opened.map_err(|error| open_failure(&self.source, &error))?;
        if opened.identity.kind == "block-device" && opened.source.size() == 0 {
            // A card reader without a card looks like this: an image of it would be sound, complete and worthless.
            return Err(Failure::new(format!("{} has no medium in it: its size is 0 bytes", shown(&self.source)))
                .hint("insert the medium, or see what there is with: exhibit devices"));
        }
        // Only now: a source that is refused leaves no empty folder behind.
        let destination = self.destination()?;
        let job = self.job(world, &destination, opened)?;
        announce(world, &job);
        let acquired = run(world, &job, &destination, self.actor.clone())?;
        let exit = summary(world, &acquired, &destination);
        let record = destination.folder.path().join(&acquired.record_name);
        let outcome = json!({
            "record": shown(&record),
            "image": acquired.record.segments.first().map(|segment| shown(&destination.folder.path().join(&segment.name))),
            "acquisition": acquired.record,
            "findings": acquired.findings,
        });
        Ok(Done::with(exit, outcome))
    }

    fn destination(&self) -> Result<Destination, Failure> {
        if let (Some(case), Some(item)) = (&self.case, &self.item) {
            check_item_id(item)?;
            let case = Case::open(case)?;
            let folder = Folder::at(case.path.join("items").join(item))?;
            return Ok(Destination { folder, base: item.clone(), case: Some((case, item.clone())) });
        }
        let Some(to) = &self.to else {
            return Err(Failure::usage("say where the image goes: --case CASE --item ID, or --to BASENAME"));
        };
        to_path(to, &self.format)
    }

    fn job(&self, world: &World, destination: &Destination, opened: exhibit_device::Opened) -> Result<Job, Failure> {
        let format = image_format(&self.format)?;
        let mut hashes = digest_ids(&self.hash)?;
        // SHA-256 is what everything of ours is bound by; the others are for other people's tools.
        if !hashes.iter().any(|id| id == "sha256") {
            hashes.push("sha256".to_owned());
        }
        let Some(policy) = exhibit_acquire::policy(&self.errors) else {
            let known: Vec<&str> = exhibit_acquire::POLICIES.iter().map(|policy| policy.id).collect();
            return Err(Failure::usage(format!(
                "{:?} is not a read-error policy; known: {}",
                self.errors,
                known.join(", ")
            )));
        };
        let sector_bytes = opened.identity.logical_sector_bytes.unwrap_or(512);
        let case = destination.case.as_ref();
        let case_number = self.case_number.clone().or_else(|| case.map(|(case, _)| case.file.number.clone()));
        let evidence_number = self.evidence_number.clone().or_else(|| case.map(|(_, item)| item.clone()));
        let examiner = self.examiner.clone().or_else(|| case.map(|(case, _)| case.file.examiner.clone()));
        let compression = Compression::from(self.compression);
        let plan = Plan {
            format: self.format.clone(),
            hashes,
            compression: compression.id().to_owned(),
            segment_size_bytes: self.segment_size,
            sector_bytes,
            errors: (policy.describe)(sector_bytes, self.retries),
            retries: self.retries,
            read_back: !self.no_read_back,
            description: self.description.clone(),
            case_number: case_number.clone(),
            evidence_number: evidence_number.clone(),
            examiner: examiner.clone(),
            notes: self.notes.clone(),
        };
        check_space(world, &destination.folder, opened.source.size(), format.spec().id)?;
        let metadata = Metadata {
            case_number: case_number.unwrap_or_default(),
            evidence_number: evidence_number.unwrap_or_default(),
            description: self.description.clone().unwrap_or_default(),
            examiner: examiner.unwrap_or_default(),
            notes: self.notes.clone().unwrap_or_default(),
            model: opened.identity.model.clone().unwrap_or_default(),
            serial: opened.identity.serial.clone().unwrap_or_default(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            system: World::host().system,
        };
        Ok(Job {
            source: opened.source,
            identity: opened.identity,
            plan,
            format,
            compression,
            policy: self.errors.clone(),
            base: destination.base.clone(),
            item: case.map(|(_, item)| item.clone()),
            case_prefix: case.map(|(_, item)| format!("items/{item}/")).unwrap_or_default(),
            metadata,
            set_id: set_id()?,
            jobs: world.jobs,
            tool: TOOL.to_owned(),
            host: World::host(),
        })
    }
}

/// Folder and base name of `--to`; an extension of the format's own is taken off, since it is added again.
pub(super) fn to_path(to: &Path, format: &str) -> Result<Destination, Failure> {
    let (folder, name) = crate::store_paths::split(to)?;
    let extension = image_format(format)?.spec().extension;
    let base = match name.rsplit_once('.') {
        Some((stem, given)) if given.eq_ignore_ascii_case(extension) && !stem.is_empty() => stem.to_owned(),
        _ => name,
    };
    Ok(Destination { folder: Folder::at(folder)?, base, case: None })
}

/// The writable format called `id`.
pub(super) fn image_format(id: &str) -> Result<&'static dyn exhibit_image::Format, Failure> {
    let writable = || exhibit_image::FORMATS.iter().filter(|format| format.spec().abilities.write);
    let format = writable().find(|format| format.spec().id == id).copied();
    format.ok_or_else(|| {
        let known: Vec<&str> = writable().map(|format| format.spec().id).collect();
        Failure::usage(format!("{id:?} is not a format that this version writes; known: {}", known.join(", ")))
    })
}

/// Ids of the digest algorithms called `names`, each once.
pub(super) fn digest_ids(names: &[String]) -> Result<Vec<String>, Failure> {
    let mut ids: Vec<String> = Vec::new();
    for name in names.iter().filter(|name| !name.trim().is_empty()) {
        let Some(algorithm) = algorithm(name) else {
            let known: Vec<&str> = exhibit_hash::ALGORITHMS.iter().map(|algorithm| algorithm.id()).collect();
            return Err(Failure::usage(format!("{name:?} is not a digest; known: {}", known.join(", "))));
        };
        if !ids.iter().any(|id| id == algorithm.id()) {
            ids.push(algorithm.id().to_owned());
        }
    }
    Ok(ids)
}

/// A random (version 4) identifier shared by the files of an image.
pub(super) fn set_id() -> Result<[u8; 16], Failure> {
    let mut id = [0_u8; 16];
    getrandom::fill(&mut id).map_err(|error| Failure::new(format!("the system gives no randomness: {error}")))?;
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut id;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    Ok(id)
}

/// Refuses what cannot fit, warns of what may not fit.
fn check_space(world: &World, folder: &Folder, size: u64, format: &str) -> Result<(), Failure> {
    let Some(free) = folder.free_bytes() else { return Ok(()) };
    if free >= size {
        return Ok(());
    }
    let text = format!(
        "the source has {}, but only {} are free in {}",
        sizes::shown(size),
        sizes::shown(free),
        shown(folder.path())
    );
    if format == "raw" {
        return Err(Failure::new(text).hint("choose another disk for --to, or --format e01, which compresses"));
    }
    world.remark(&format!("warning: {text}; if it does not compress well, the acquisition will stop with a full disk"));
    Ok(())
}

fn announce(world: &World, job: &Job) {
    let id = &job.identity;
    let model =
        [&id.vendor, &id.model, &id.serial].into_iter().flatten().map(|text| Name::from(text.as_str()).to_string());
    let model = model.collect::<Vec<_>>().join(" ");
    world.remark(&format!("Source   {} ({}) {model}", id.path, sizes::shown(id.size_bytes)));
    let protection = match &id.write_block {
        WriteBlock::File => "regular file, opened read-only".to_owned(),
        WriteBlock::KernelReadOnly => "device set read-only in the kernel (not a hardware write blocker)".to_owned(),
        WriteBlock::None { reason } => format!("NOT write-protected; reason given: {}", Name::from(reason.as_str())),
        WriteBlock::Unknown => "unknown".to_owned(),
    };
    world.remark(&format!("Protect  {protection}"));
    let hashes = job.plan.hashes.join(", ");
    world
        .remark(&format!("Plan     {}, compression {}, {hashes} and hash tree", job.plan.format, job.plan.compression));
}

/// Runs the job with the doors of this machine.
pub(super) fn run(world: &World, job: &Job, destination: &Destination, actor: Actor) -> Result<Acquired, Failure> {
    let mut recorder: Box<dyn Recorder> = match &destination.case {
        Some((case, _)) => Box::new(CaseRecorder::new(world, case, actor)?),
        None => Box::new(Unrecorded),
    };
    let root = destination.folder.path().to_path_buf();
    let reopen = |name: &str| {
        let path = root.join(format!("{name}{PARTIAL_SUFFIX}"));
        FileSource::open(&path, Mapping::Never).map(|source| Arc::new(source) as Arc<dyn Source>)
    };
    let mut doors = Doors {
        store: Arc::new(destination.folder.clone()),
        reopen: &reopen,
        recorder: recorder.as_mut(),
        observer: world.observer.as_ref(),
        cancel: &world.cancel,
        clock: world.clock.as_ref(),
    };
    exhibit_acquire::run(job, &mut doors).map_err(|error| failure(&error))
}

fn failure(error: &AcquireError) -> Failure {
    let failure = Failure::of(error.class(), error.to_string());
    match error {
        AcquireError::Interrupted { .. } => {
            failure.hint("remove the .partial files and start again; this version cannot resume")
        }
        AcquireError::ReadBack { .. } => failure
            .exit(Exit::Mismatch)
            .hint("the destination disk or this machine's memory is failing: image again to another disk"),
        AcquireError::Exists(_) => failure
            .exit(Exit::Failed)
            .hint("choose another name, or move the existing file away; nothing was overwritten"),
        AcquireError::Source { .. } => {
            failure.hint("check cable and power, then image again; the .partial files are not an image")
        }
        AcquireError::Store(error) | AcquireError::Image(exhibit_image::ImageError::Store(error))
            if error.cause.kind() == std::io::ErrorKind::StorageFull =>
        {
            failure.hint("the destination is full: remove the .partial files and choose a larger disk")
        }
        _ => failure,
    }
}

/// Says how it went.
pub(super) fn summary(world: &World, acquired: &Acquired, destination: &Destination) -> Exit {
    let record = &acquired.record;
    for (algorithm, digest) in record.digests.iter() {
        world.say(&format!("{algorithm:<8} {digest}"));
    }
    world.say(&format!("tree     {}", record.tree.root));
    let files = record.segments.len();
    let image = record
        .segments
        .first()
        .map(|segment| shown(&destination.folder.path().join(&segment.name)))
        .unwrap_or_default();
    world.say(&format!(
        "Image    {image}{}",
        if files > 1 { format!(" and {} more segments", files - 1) } else { String::new() }
    ));
    let read_back = match &record.read_back {
        Some(_) => world.painted("read back and equal to what was read from the source", Tone::Good),
        None => world.painted("NOT read back", Tone::Doubtful),
    };
    world.say(&format!("Check    {read_back}"));
    for finding in &acquired.findings {
        world.say(&format!("note: {finding}"));
    }
    if record.gaps.is_empty() {
        world.say(&format!("Read     all {}", sizes::shown(record.size_bytes)));
        return Exit::Done;
    }
    let unread: u64 = record.gaps.iter().map(|gap| gap.length).sum();
    let text = format!(
        "{unread} bytes in {} gaps could NOT be read; they are zeros in the image and are recorded",
        record.gaps.len()
    );
    world.say(&format!("Read     {}", world.painted(&text, Tone::Bad)));
    for gap in record.gaps.iter().take(10) {
        world.say(&format!("         {} ({})", gap.range(), gap.cause));
    }
    if record.gaps.len() > 10 {
        world.say(&format!("         and {} more, listed in {}", record.gaps.len() - 10, acquired.record_name));
    }
    Exit::Gaps
}
