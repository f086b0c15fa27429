//! `exhibit verify`: an image, a case or a package, told apart by content.

mod received;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use exhibit_custody::PublicKey;
use exhibit_custody::layout::StampFile;
use exhibit_device::FileSource;
use exhibit_evidence::{Fact, Name, Source};
use exhibit_package::layout;
use exhibit_verify::{
    CheckResult, Checked, ImageReader, Interrupted, Level, LoneImage, Outcome, Request, Verdict, Watch, zip,
};
use serde_json::json;

use crate::authorities::{Authorities, Loaded};
use crate::case::CASE_FILE;
use crate::encryption;
use crate::evidence_input;
use crate::keys;
use crate::members::FolderMembers;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::recording;
use crate::said;
use crate::world::{Tone, World};
use received::Received;

/// Largest file beside a package that is read with it (time stamp, certificates, revocation lists), in bytes.
const BESIDE_BYTES_MAX: u64 = 32 << 20;

/// Check an image, a case, a package or a handover, and end with one verdict.
///
/// Everything is recomputed from the bytes. The verdict names its level and what was not checked; the word "verified" is
/// printed only if everything was checked and holds. Exit code: 0 holds, 4 does not match, 7 not everything was checked.
///
/// Examples:
///   exhibit verify disk.E01
///   exhibit verify cases/2026-117
///   exhibit verify package.zip --key examiner.pub
///   exhibit verify package.zip.age --identity my-key.txt --key examiner.pub
///   exhibit verify package.zip.parts.json --parts /media/disc1 --parts /media/disc2
///   exhibit verify package.zip --trust agency-root.pem --trust tsa-root.pem
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Image, case folder, package (.zip, .zip.age, unpacked folder), list of parts (.parts.json) or one part, handover or receipt
    target: PathBuf,
    /// Public key that you know to be the signer's (file; may be given several times). Your own key counts as known
    #[arg(long, value_name = "PUB")]
    key: Vec<PathBuf>,
    /// Private key that opens an encrypted package (file of age-keygen, or OpenSSH key); may be given several times
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// Folder to look for parts of a package in, beside that of their list; may be given several times
    #[arg(long, value_name = "DIR")]
    parts: Vec<PathBuf>,
    /// How deep to check
    #[arg(long, default_value = "full")]
    level: LevelArgument,
    #[command(flatten)]
    authorities: Authorities,
}

/// How deep to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelArgument {
    /// Everything
    Full,
    /// Media by their hash trees only
    Tree,
    /// Container, signatures and log only
    Structure,
}

/// What a target turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Image,
    Case,
    Package,
    PackageFolder,
    /// A package encrypted with age.
    Encrypted,
    /// The list of the parts of a package.
    Parts,
    /// One part, with the list beside it.
    Part,
    Handover,
}

impl Verify {
    pub(super) fn run(&self, world: &World) -> Ending {
        let target = identify(&self.target)?;
        let judged = self.verdict(world, target)?;
        print_judged(world, &judged);
        let verdict = judged.verdict;
        let fact = Fact::new("verified")
            .object("target", shown(&self.target))
            .detail("level", verdict.level.id())
            .detail("outcome", json!(verdict.outcome))
            .detail("checks", verdict.checks.len());
        recording::record_reading(world, &self.target, fact);
        let exit = match verdict.outcome {
            Outcome::Holds => Exit::Done,
            Outcome::DoesNotMatch => Exit::Mismatch,
            Outcome::Incomplete => Exit::Incomplete,
        };
        Ok(Done::with(exit, json!({"target": shown(&self.target), "verdict": verdict, "sentence": verdict.sentence()})))
    }

    fn verdict(&self, world: &World, target: Target) -> Result<Judged, Failure> {
        let keys = self.keys(world)?;
        if matches!(target, Target::Encrypted | Target::Parts | Target::Part) {
            let identities = encryption::identities(world, &self.identity)?;
            let received = Received { path: &self.target, folders: &self.parts, identities: &identities };
            return received.check(world, target, self.level.into(), &keys, &self.authorities.load()?);
        }
        verdict(world, &self.target, target, self.level.into(), &keys, self.authorities.load()?)
    }

    /// The keys vouched for: those given, and this user's own.
    fn keys(&self, world: &World) -> Result<Vec<PublicKey>, Failure> {
        let mut keys = Vec::new();
        for path in &self.key {
            keys.extend(keys::load_public(path)?);
        }
        if self.key.is_empty() {
            keys.extend(keys::own_public(world));
        }
        Ok(keys)
    }
}

impl From<LevelArgument> for Level {
    fn from(argument: LevelArgument) -> Self {
        match argument {
            LevelArgument::Full => Self::Full,
            LevelArgument::Tree => Self::Tree,
            LevelArgument::Structure => Self::Structure,
        }
    }
}

/// Tells the target by content, never by name.
pub(super) fn identify(path: &Path) -> Result<Target, Failure> {
    let metadata = std::fs::metadata(path).map_err(|error| Failure::io("read", path, &error))?;
    if metadata.is_dir() {
        let has = |name: &str| path.join(name).is_file();
        if has(CASE_FILE) {
            return Ok(Target::Case);
        }
        let entries = exhibit_device::walk(path).map_err(|error| Failure::io("list", path, &error))?;
        let is_bag = |entry: &exhibit_device::FolderEntry| {
            entry.relative.file_name().is_some_and(|name| name == "bagit.txt") && entry.relative.iter().count() <= 2
        };
        if has("bagit.txt") || entries.iter().any(is_bag) {
            return Ok(Target::PackageFolder);
        }
        if path.join("custody").is_dir() {
            return Ok(Target::Case); // a case whose case file is gone: the check will say so
        }
        return Err(
            Failure::misused("err-not-a-case-or-package", &[("path", &shown(path))]).advise("hint-hash-folder", &[])
        );
    }
    if evidence_input::is_device(path) {
        return Ok(Target::Image);
    }
    let source = FileSource::open(path, exhibit_device::Mapping::Never).map_err(|e| Failure::io("open", path, &e))?;
    if exhibit_encryption::is_encrypted(&source) {
        return Ok(Target::Encrypted);
    }
    if received::is_list(&source) {
        return Ok(Target::Parts);
    }
    if received::list_beside(path).is_some() {
        return Ok(Target::Part);
    }
    Ok(match () {
        () if looks_like_package(&source) => Target::Package,
        () if looks_like_handover(&source) => Target::Handover,
        () => Target::Image,
    })
}

/// A ZIP of which the first member is `…/bagit.txt`, or that speaks of one, or of the manifest that is signed, anywhere in its
/// directory at the end: an archive whose beginning is damaged or gone is still told to be a damaged package, and not a raw
/// image.
fn looks_like_package(source: &dyn Source) -> bool {
    let read = |at: u64, length: u64| {
        let mut bytes = vec![0; usize::try_from(length.min(source.size().saturating_sub(at))).unwrap_or(0)];
        if source.read_at(at, &mut bytes).is_ok() { bytes } else { Vec::new() }
    };
    const TAIL_BYTES: u64 = 1 << 20;
    let head = read(0, 4096);
    let tail = read(source.size().saturating_sub(TAIL_BYTES), TAIL_BYTES);
    let contains = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    let is_zip = head.starts_with(b"PK\x03\x04") || contains(&tail, b"PK\x05\x06");
    is_zip
        && [b"bagit.txt".as_slice(), b"tagmanifest-sha256.txt"]
            .iter()
            .any(|name| contains(&head, name) || contains(&tail, name))
}

/// A small text whose first line is a statement of our own format.
fn looks_like_handover(source: &dyn Source) -> bool {
    use exhibit_custody::layout::handover::{FILE_BYTES_MAX, FORMAT};
    if source.size() > FILE_BYTES_MAX {
        return false;
    }
    let mut bytes = vec![0; usize::try_from(source.size()).unwrap_or(0)];
    let member = format!("\"format\":\"{FORMAT}\"");
    source.read_at(0, &mut bytes).is_ok()
        && bytes.starts_with(b"{")
        && bytes.windows(member.len()).any(|window| window == member.as_bytes())
}

/// A verdict, and the form of it that may go into a report: only the checker's own token lets "verified" through there.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) for_report: exhibit_report::Verdict,
}

impl Judged {
    fn of<T: Clone>(checked: &Checked<T>) -> Self {
        Self { verdict: checked.verdict().clone(), for_report: exhibit_report::Verdict::of(checked) }
    }
}

/// Checks the target.
pub(super) fn check(world: &World, path: &Path, level: Level, keys: &[PublicKey]) -> Result<Judged, Failure> {
    verdict(world, path, identify(path)?, level, keys, Loaded::default())
}

fn verdict(
    world: &World,
    path: &Path,
    target: Target,
    level: Level,
    keys: &[PublicKey],
    mut loaded: Loaded,
) -> Result<Judged, Failure> {
    if target == Target::Package {
        loaded.beside = beside(path)?;
    }
    let trust = loaded.trust(world.clock.now());
    let watch = Watch { observer: world.observer.as_ref(), cancel: &world.cancel };
    let reader = ImageReader { jobs: world.jobs };
    let request = Request {
        level,
        trusted: keys,
        trust,
        media: Some(&reader),
        now: Some(world.clock.now()),
        limits: zip::Limits::default(),
        watch,
    };
    let stopped = |error: Interrupted| Failure::of(exhibit_evidence::Class::Interrupted, error.to_string());
    match target {
        Target::Image => {
            let evidence = evidence_input::open_parts(world, path)?;
            let name = shown(path);
            let image = LoneImage {
                name: &name,
                files: evidence.files,
                record: evidence.record.as_ref(),
                record_problem: evidence.record_problem.as_deref(),
                tree: evidence.tree.clone(),
                level,
                jobs: world.jobs,
            };
            Ok(Judged::of(&exhibit_verify::check_image(&image, watch).map_err(stopped)?))
        }
        Target::Case => {
            let members = FolderMembers::new(path, world.mapping(), &["custody/lock"]);
            Ok(Judged::of(&exhibit_verify::check_case(&members, &request).map_err(stopped)?))
        }
        Target::PackageFolder => {
            let members = FolderMembers::new(path, world.mapping(), &[]);
            Ok(Judged::of(&exhibit_verify::check_unpacked(&members, &request).map_err(stopped)?))
        }
        Target::Encrypted | Target::Parts | Target::Part => {
            Received { path, folders: &[], identities: &[] }.check(world, target, level, keys, &loaded)
        }
        Target::Handover => {
            use exhibit_custody::layout::handover::FILE_BYTES_MAX;
            let bytes = exhibit_device::read_small(path, FILE_BYTES_MAX);
            let bytes = bytes.map_err(|error| Failure::io("read the handover", path, &error))?;
            Ok(Judged::of(&exhibit_verify::check_handover(&shown(path), &bytes, keys)))
        }
        Target::Package => {
            let source = FileSource::open(path, world.mapping()).map_err(|e| Failure::io("open", path, &e))?;
            Ok(Judged::of(&exhibit_verify::check_package(Arc::new(source), &request).map_err(stopped)?))
        }
    }
}

/// A time stamp that was obtained after a package was sealed lies beside it; here under the names it would have in it.
fn beside(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let names = [
        (StampFile::Token, layout::STAMP),
        (StampFile::Certificates, layout::VALIDATION_CERTIFICATES),
        (StampFile::Lists, layout::VALIDATION_LISTS),
    ];
    let mut files = Vec::new();
    for (file, name) in names {
        let mut beside = path.as_os_str().to_owned();
        beside.push(file.ending());
        let beside = PathBuf::from(beside);
        if beside.is_file() {
            let bytes = exhibit_device::read_small(&beside, BESIDE_BYTES_MAX);
            files.push((name.to_owned(), bytes.map_err(|error| Failure::io("read", &beside, &error))?));
        }
    }
    Ok(files)
}

/// Prints what was judged, in the user's language.
fn print_judged(world: &World, judged: &Judged) {
    let language = world.languages.first();
    let sentence = judged.for_report.sentence(&said::messages(language)).isolated(0, language.direction);
    show(world, &judged.verdict, &sentence);
}

/// Prints a verdict that came without its token; its sentence is the checker's own, in English.
pub(super) fn print(world: &World, verdict: &Verdict) {
    show(world, verdict, &verdict.sentence());
}

/// Prints each check with its result, what was not checked, and the sentence.
fn show(world: &World, verdict: &Verdict, sentence: &str) {
    /// Findings printed for each failed check; --json has all.
    const FINDINGS_SHOWN: usize = 20;
    let language = world.languages.first();
    let messages = said::messages(language);
    let spoken = |text: &exhibit_report::Text| text.isolated(0, language.direction);
    let results = ["matches", "does-not-match", "not-checked"].map(|key| messages.word(key).plain(0));
    let width = results.iter().map(|word| columns(word)).max().unwrap_or_default();
    for check in &verdict.checks {
        let [holds, does_not, open] = &results;
        let (word, tone) = match check.result {
            CheckResult::Passed => (holds, Tone::Good),
            CheckResult::Failed => (does_not, Tone::Bad),
            CheckResult::NotChecked => (open, Tone::Doubtful),
        };
        let padding = " ".repeat(width.saturating_sub(columns(word)));
        // In English the checker's own words, which say most; elsewhere those of the reports.
        let title = if language.tag == "en" {
            Name::from(check.title.as_str()).to_string()
        } else {
            spoken(&exhibit_report::asked(&messages, &check.id, &check.title))
        };
        world.say(&format!("{}{padding}  {title}", world.painted(word, tone)));
        if check.result != CheckResult::Passed || world.globals.verbose {
            world.say(&format!("               {}", Name::from(check.reason.as_str())));
        }
        let more = check.findings.iter().skip(usize::from(check.result != CheckResult::Passed));
        for finding in more.take(FINDINGS_SHOWN) {
            world.say(&format!("               · {finding}"));
        }
        let left = check.findings.len().saturating_sub(FINDINGS_SHOWN + 1);
        if left > 0 {
            world.say(&format!("               · {}", spoken(&messages.say("more-with-json", &[("n", left.into())]))));
        }
    }
    if !verdict.not_checked.is_empty() {
        world.say(&spoken(&messages.word("not-checked-list")));
        for sentence in &verdict.not_checked {
            world.say(&format!("  - {}", Name::from(sentence.as_str())));
        }
    }
    let tone = match verdict.outcome {
        Outcome::Holds => Tone::Good,
        Outcome::DoesNotMatch => Tone::Bad,
        Outcome::Incomplete => Tone::Doubtful,
    };
    world.print_line(&world.painted(sentence, tone));
}

/// Columns that a word takes on a terminal: Chinese letters take two.
fn columns(word: &str) -> usize {
    word.chars().map(|c| if ('\u{2e80}'..='\u{ffef}').contains(&c) { 2 } else { 1 }).sum()
}
