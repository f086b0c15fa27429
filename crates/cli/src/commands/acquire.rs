//! `exhibit acquire`: images a source.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use exhibit_acquire::{AcquireError, Acquired, Care, Checkpoints, CopyDoors, Doors, Job, Space};
use exhibit_device::{FileSource, Mapping};
use exhibit_evidence::acquisition::Plan;
use exhibit_evidence::{Name, Recorder, Severity, Source, Store as _, WriteBlock};
use exhibit_hash::algorithm;
use exhibit_image::{Compression, Metadata};
use exhibit_store::{Folder, PARTIAL_SUFFIX};
use serde_json::json;

use crate::actor::Actor;
use crate::case::{Case, check_item_id};
use crate::evidence_input::open_failure;
use crate::outcome::{Done, Ending, Exit, Failure, quoted, shown};
use crate::recording::{CaseRecorder, Unrecorded};
use crate::sizes;
use crate::world::{TOOL, Tone, World};

/// Image a device, a disk image or a file, and verify it by reading back.
///
/// The source is opened read-only. A device that is not write-protected is refused (exit 5) unless --no-write-block says
/// why; a device that is mounted read-write is refused always. What cannot be read is filled in its place (raw, E01: zeros;
/// AFF4: the text UNREADABLEDATA) and recorded as a gap (exit 3). Until the image is complete and read back its files are named `.partial`.
///
/// Examples:
///   exhibit acquire /dev/sdb --case cases/2026-117 --item 001
///   exhibit acquire stick.img --to out/stick --format raw --hash sha256
///   exhibit acquire /dev/sdb --to a/disk --copy-to /mnt/second/a
///   exhibit acquire /dev/sdb --to a/disk --resume
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
    /// Container: e01, aff4 or raw
    #[arg(long, default_value = "e01")]
    format: String,
    /// Digests to compute besides the hash tree, separated by commas: md5, sha1, sha256, sha512
    #[arg(long, default_value = "md5,sha256", value_delimiter = ',', value_name = "LIST")]
    hash: Vec<String>,
    /// How hard to compress (E01, AFF4)
    #[arg(long, default_value = "fast")]
    compression: CompressionArgument,
    /// Largest segment file, for example 2GiB (E01, raw)
    #[arg(long, value_name = "SIZE", value_parser = sizes::parse)]
    segment_size: Option<u64>,
    /// What to do about read errors: linear (in order, each failing sector again) or quick (what reads well first,
    /// then the bad places: for a failing disk)
    #[arg(long, default_value = "linear", value_name = "POLICY")]
    errors: String,
    /// How often a failing sector is tried again
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    retries: u32,
    /// Longest time for one read of the source in seconds; what takes longer counts as unreadable. 0: no limit
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=86_400))]
    read_timeout: u64,
    /// Go on with an acquisition that was interrupted: same source, same destination, same options. What was written before
    /// is read again and hashed again
    #[arg(long)]
    resume: bool,
    /// With --resume: if nothing that was sealed can be believed, read the source from its first byte again, over what is
    /// there. Without this word such an acquisition is left as it is
    #[arg(long, requires = "resume")]
    from_start: bool,
    /// How much of the medium may have to be read again after a crash; what is older than 10 seconds never has to
    #[arg(long, default_value = "256MiB", value_name = "SIZE", value_parser = sizes::parse)]
    checkpoint_every: u64,
    /// Write everything to this folder as well; if that fails, the first image is not spoiled
    #[arg(long, value_name = "DIR")]
    copy_to: Option<PathBuf>,
    /// Read the source a second time when the image is complete, and compare
    #[arg(long)]
    rehash_source: bool,
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
            return Err(Failure::misused("err-no-write-block-reason", &[]));
        }
        let opened = exhibit_device::open_source(&self.source, self.no_write_block.as_deref());
        let mut opened = opened.map_err(|error| open_failure(&self.source, &error))?;
        if opened.identity.kind == "block-device" && opened.source.size() == 0 {
            // A card reader without a card looks like this: an image of it would be sound, complete and worthless.
            return Err(Failure::new(format!("{} has no medium in it: its size is 0 bytes", shown(&self.source)))
                .hint("insert the medium, or see what there is with: exhibit devices"));
        }
        let layout = exhibit_filesystem::layout(&opened.source, opened.identity.logical_sector_bytes);
        opened.identity.layout = Some(layout);
        // Only now: a source that is refused leaves no empty folder behind.
        let destination = self.destination()?;
        let job = self.job(world, &destination, opened)?;
        announce(world, &job);
        let copy = self.copy_to.as_ref().map(Folder::at).transpose()?;
        for folder in [&destination.folder].into_iter().chain(&copy) {
            warn_of_space(world, folder, &job);
        }
        let acquired = run(world, &job, &destination, copy.as_ref(), self.actor.clone())?;
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
            return Err(Failure::misused("err-no-destination", &[]));
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
            let values = [("policy", &*quoted(&self.errors)), ("known", &known.join(", "))];
            return Err(Failure::misused("err-policy", &values));
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
            care: Care {
                checkpoints: Some(Checkpoints { every_bytes: self.checkpoint_every, ..Checkpoints::default() }),
                resume: self.resume,
                from_start: self.from_start,
                rehash_source: self.rehash_source,
                read_timeout: (self.read_timeout > 0).then(|| Duration::from_secs(self.read_timeout)),
            },
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
        Failure::misused("err-image-form", &[("form", &quoted(id)), ("known", &known.join(", "))])
    })
}

/// Ids of the digest algorithms called `names`, each once.
pub(super) fn digest_ids(names: &[String]) -> Result<Vec<String>, Failure> {
    let mut ids: Vec<String> = Vec::new();
    for name in names.iter().filter(|name| !name.trim().is_empty()) {
        let Some(algorithm) = algorithm(name) else {
            let known: Vec<&str> = exhibit_hash::ALGORITHMS.iter().map(|algorithm| algorithm.id()).collect();
            return Err(Failure::misused("err-digest", &[("digest", &quoted(name)), ("known", &known.join(", "))]));
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

/// Warns of what may not fit. What cannot fit is refused when the acquisition begins.
fn warn_of_space(world: &World, folder: &Folder, job: &Job) {
    let needed = Space::needed(job);
    let Some(free) = folder.free_bytes().filter(|free| (needed.least..needed.most).contains(free)) else { return };
    world.remark(&format!(
        "warning: the source has {}, but only {} are free in {}; if it does not compress well, the acquisition will stop \
         before the disk is full, and can be gone on with",
        sizes::shown(job.source.size()),
        sizes::shown(free),
        shown(folder.path())
    ));
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
    for warning in crate::layout_words::warnings(id) {
        world.remark(&format!("warning: {warning}"));
    }
    let hashes = job.plan.hashes.join(", ");
    world
        .remark(&format!("Plan     {}, compression {}, {hashes} and hash tree", job.plan.format, job.plan.compression));
}

/// Runs the job with the doors of this machine.
pub(super) fn run(
    world: &World,
    job: &Job,
    destination: &Destination,
    copy: Option<&Folder>,
    actor: Actor,
) -> Result<Acquired, Failure> {
    let mut recorder: Box<dyn Recorder> = match &destination.case {
        Some((case, _)) => Box::new(CaseRecorder::new(world, case, actor)?),
        None => Box::new(Unrecorded),
    };
    let reopen = |name: &str| reopen(&destination.folder, name);
    let reopen_copy =
        |name: &str| copy.map_or(Err(std::io::ErrorKind::NotFound.into()), |folder| self::reopen(folder, name));
    let mut doors = Doors {
        store: Arc::new(destination.folder.clone()),
        reopen: &reopen,
        copy: copy.map(|folder| CopyDoors {
            place: shown(folder.path()),
            store: Arc::new(folder.clone()),
            reopen: &reopen_copy,
        }),
        recorder: recorder.as_mut(),
        observer: world.observer.as_ref(),
        cancel: &world.cancel,
        clock: world.clock.as_ref(),
    };
    exhibit_acquire::run(job, &mut doors)
        .map_err(|error| failure(&error, &destination.folder, job.care.checkpoints.is_some()))
}

/// Opens an output of ours: unfinished, or by its final name if it has that already.
fn reopen(folder: &Folder, name: &str) -> std::io::Result<Arc<dyn Source>> {
    let unfinished = folder.path().join(format!("{name}{PARTIAL_SUFFIX}"));
    let opened = match FileSource::open(&unfinished, Mapping::Never) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            FileSource::open(&folder.path().join(name), Mapping::Never)
        }
        opened => opened,
    };
    opened.map(|source| Arc::new(source) as Arc<dyn Source>)
}

/// The failure with a hint at what can be done; `resumable` if it can be gone on with.
fn failure(error: &AcquireError, folder: &Folder, resumable: bool) -> Failure {
    let text = match error {
        AcquireError::NoSpace { .. } | AcquireError::SpaceEnds { .. } => format!("{}: {error}", shown(folder.path())),
        _ => error.to_string(),
    };
    let failure = Failure::of(error.class(), text);
    let go_on = |first: &str| match resumable {
        true => format!("{first}go on by the same command and --resume; the .partial files are not an image"),
        false => format!("{first}remove the .partial files and start again"),
    };
    match error {
        AcquireError::Interrupted { .. } => failure.hint(go_on("")),
        AcquireError::Unfinished { .. } => failure
            .exit(Exit::Failed)
            .hint("go on with it by the same command and --resume, or move the .partial files away and start again"),
        AcquireError::NothingToResume(_) => {
            failure.hint("leave out --resume to begin, or look at --to, --case and --item")
        }
        AcquireError::Unbelievable { .. } => failure.exit(Exit::Failed).hint(
            "is there a second copy (--copy-to)? Go on with that: --to COPY/NAME --resume. Otherwise copy the .partial files away, \
             since they may still hold what the source no longer gives, and then add --from-start",
        ),
        AcquireError::OtherJob(_) => {
            failure.hint("repeat the source and all options with which it was begun, or use another name")
        }
        AcquireError::OtherSource { .. } => {
            failure.hint("connect the disk that was read before, or image this one under another name")
        }
        AcquireError::NoSpace { .. } => {
            failure.hint("choose another disk for --to, or --format e01 with --compression, which may fit")
        }
        AcquireError::SpaceEnds { .. } => failure.hint(go_on("free some space, or choose a larger disk; ")),
        AcquireError::ReadBack { .. } => failure
            .exit(Exit::Mismatch)
            .hint("the destination disk or this machine's memory is failing: image again to another disk"),
        AcquireError::Exists(_) => failure
            .exit(Exit::Failed)
            .hint("choose another name, or move the existing file away; nothing was overwritten"),
        AcquireError::Source { .. } => failure.hint(go_on("check cable and power, then ")),
        AcquireError::Store(error) | AcquireError::Image(exhibit_image::ImageError::Store(error))
            if error.cause.kind() == std::io::ErrorKind::StorageFull =>
        {
            failure.hint(go_on("the destination is full: free some space, or choose a larger disk; "))
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
        let word = if finding.severity == Severity::Note { "note" } else { "warning" };
        world.say(&format!("{word}: {finding}"));
    }
    if let Some(resumed) = record.resumed.last() {
        let text = format!("at {} bytes; what was written before was read again and is the same", resumed.at_bytes);
        world.say(&format!("Resumed  {text}"));
    }
    if let Some(copy) = record.copy.as_ref().filter(|copy| copy.complete) {
        let checked = if record.read_back.is_some() { "read back and equal" } else { "NOT read back" };
        world.say(&format!("Copy     {}: {checked}", copy.place));
    }
    if record.source_again.as_ref().is_some_and(|again| again.matches) {
        world.say("Source   read a second time and the same");
    }
    if record.gaps.is_empty() {
        world.say(&format!("Read     all {}", sizes::shown(record.size_bytes)));
        return weighed(acquired, Exit::Done);
    }
    let unread: u64 = record.gaps.iter().map(|gap| gap.length).sum();
    let text = format!(
        "{unread} bytes in {} gaps could NOT be read; in their place the image has {}, and the gaps are recorded",
        record.gaps.len(),
        record.gaps.first().map_or("nothing", exhibit_evidence::Gap::fill_in_words)
    );
    world.say(&format!("Read     {}", world.painted(&text, Tone::Bad)));
    for gap in record.gaps.iter().take(10) {
        world.say(&format!("         {} ({})", gap.range(), gap.cause));
    }
    if record.gaps.len() > 10 {
        world.say(&format!("         and {} more, listed in {}", record.gaps.len() - 10, acquired.record_name));
    }
    weighed(acquired, Exit::Gaps)
}

/// The exit code, when the findings are looked at: a source that changed, a copy that failed, or what could not be compared.
fn weighed(acquired: &Acquired, otherwise: Exit) -> Exit {
    let has = |code: &str, severity| {
        acquired.findings.iter().any(|finding| finding.code == code && finding.severity == severity)
    };
    match () {
        () if has("source-changed", Severity::Mismatch) => Exit::Mismatch,
        () if has("copy-failed", Severity::Incomplete) => Exit::Failed,
        () if has("source-changed", Severity::Incomplete) => Exit::Incomplete,
        () => otherwise,
    }
}
