//! `exhibit demo`: the whole job on a practice disk it makes itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_carve::Plan;
use exhibit_evidence::{Fact, Recorder as _, Store as _};
use exhibit_forge::{Forged, Layout, State, Truth};
use exhibit_store::Folder;
use exhibit_verify::{Level, Outcome};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::case::{Case, CaseFile, FORMAT};
use crate::commands::{carve, new, package, verify};
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::recording::CaseRecorder;
use crate::sizes;
use crate::world::{Tone, World};
use crate::{evidence_input, keys};

/// Show the whole job on a practice disk: forge, acquire, verify, carve, log, package, verify, report.
///
/// No evidence, key or network is needed. Everything goes into one folder, with a throw-away key.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder for everything; it must not exist [default: exhibit-demo, or exhibit-demo-2, …]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Another number makes another, equivalent disk
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
}

/// What carving found, compared with what was planted.
struct Score {
    /// Objects a carver that does not join fragments can find exactly.
    plain: (usize, usize),
    /// Objects in two fragments.
    fragmented: (usize, usize),
    /// Deleted or lost objects among those found.
    deleted: usize,
    /// Files called proven that are none of the planted ones.
    wrong_proven: usize,
}

impl Demo {
    pub(super) fn run(&self, world: &World) -> Ending {
        let out = self.folder()?;
        let folder = Folder::new(&out)?;
        let step = |number: u8, text: &str| world.say(&world.painted(&format!("[{number}/7] {text}"), Tone::Strong));

        step(1, "Forging a practice disk with known truth");
        let Forged { disk, truth } = exhibit_forge::practice_disk(self.seed);
        folder.publish("practice-disk.raw", disk.bytes())?;
        folder.publish("truth.json", truth.to_json().as_bytes())?;
        let disk_path = out.join("practice-disk.raw");
        world.say(&format!(
            "      {} with {} known objects, live, deleted and lost",
            sizes::shown(truth.size_bytes),
            truth.objects.len()
        ));

        step(2, "Beginning a case and imaging the disk (E01), read back afterwards");
        let key_path = out.join("demo-key");
        keys::create(&key_path, "exhibit demo, throw-away key", None, keys::Form::Openssh)?;
        let world = &world.signing_with(&key_path);
        let case = begin_case(world, &out)?;
        let image = acquire(world, &case, &disk_path)?;

        step(3, "Checking the image with fresh eyes");
        let keys = keys::load_public(&with_extension(&key_path, "pub"))?;
        let image_verdict = verify::check(world, &image, Level::Full, &keys)?.verdict;
        world.say(&format!("      {}", image_verdict.sentence()));

        step(4, "Recovering files by content");
        let carved = case.path.join("items/001/carved");
        let evidence = evidence_input::open(world, &image)?;
        let summary = carve::run(world, &evidence.image, &Plan { jobs: world.jobs, ..Plan::default() }, &carved)?;
        carve::record(world, &image, &carved, &summary, Actor::examiner())?;
        let score = score(&truth, &carved)?;
        world.say(&format!("      {} files recovered to {}", summary.files_written, shown(&carved)));

        step(5, "Writing a note into the custody log");
        let note = Fact::new("note").object("item", "001").detail("text", "practice disk made and imaged by the demo");
        let mut recorder = CaseRecorder::new(world, &case, Actor::examiner())?;
        recorder.record(note).map_err(|error| Failure::new(error.to_string()))?;
        let case_verdict = verify::check(world, &case.path, Level::Full, &keys)?;

        step(6, "Sealing the evidence package, with its report");
        let package_path = out.join("demo-package.zip");
        let request = package::Request {
            to: &package_path,
            items: &[],
            recipient: None,
            disclose: None,
            allow_mentions: false,
            wanted: crate::transport::Wanted::default(),
            verdict: Some(case_verdict.for_report.clone()),
            wish: None,
        };
        let sealed = package::make(world, &case, &request, Actor::examiner())?.sealed;

        step(7, "Checking the package as its receiver would");
        let verdict = verify::check(world, &package_path, Level::Full, &keys)?;
        world.say(&format!("      {}", verdict.verdict.sentence()));
        let report = out.join("report.html");
        let found = crate::items::read(&case, &[])?;
        let facts = crate::items::facts(world, &case, &found, Some(verdict.for_report.clone()))?;
        folder.publish("report.html", super::report::page(world, &facts).as_bytes())?;

        let holds = [&image_verdict, &case_verdict.verdict, &verdict.verdict]
            .iter()
            .all(|verdict| verdict.outcome == Outcome::Holds);
        let key = typed(&with_extension(&key_path, "pub"));
        let command = format!("{} verify {} --key {key}", called_as(), typed(&package_path));
        summary_lines(
            world,
            &truth,
            &score,
            &[
                ("Package", package_path.as_path()),
                ("Report", report.as_path()),
                ("Truth", out.join("truth.json").as_path()),
            ],
            &command,
        );
        let outcome = json!({
            "folder": shown(&out),
            "seed": self.seed,
            "image": shown(&image),
            "package": shown(&package_path),
            "package_size_bytes": sealed.size_bytes,
            "report": shown(&report),
            "truth": shown(&out.join("truth.json")),
            "key": shown(&with_extension(&key_path, "pub")),
            "check": command,
            "recovered": {
                "contiguous": {"found": score.plain.0, "planted": score.plain.1},
                "fragmented": {"found": score.fragmented.0, "planted": score.fragmented.1},
                "deleted_or_lost_found": score.deleted,
                "wrong_files_called_proven": score.wrong_proven,
            },
            "verdicts": {"image": image_verdict.outcome, "case": case_verdict.verdict.outcome, "package": verdict.verdict.outcome},
        });
        let as_planned = holds && score.plain.0 == score.plain.1 && score.wrong_proven == 0;
        Ok(Done::with(if as_planned { Exit::Done } else { Exit::Mismatch }, outcome))
    }

    /// The folder asked for, or the first free one.
    fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(out) = &self.out {
            return Ok(out.clone());
        }
        let names = (1..1000).map(|n| if n == 1 { "exhibit-demo".to_owned() } else { format!("exhibit-demo-{n}") });
        let free = names.map(PathBuf::from).find(|path| !path.exists());
        free.ok_or_else(|| {
            Failure::new("there are a thousand demo folders here already").hint("remove some, or use --out DIR")
        })
    }
}

/// How this program was started, so that the command it prints can be typed as it stands (`target/release/exhibit`).
fn called_as() -> String {
    std::env::args_os().next().map_or_else(|| "exhibit".to_owned(), |name| typed(Path::new(&name)))
}

/// A path as a shell takes it: in quotes if there is anything in it that a shell would read differently.
fn typed(path: &Path) -> String {
    let Some(text) = path.to_str() else { return shown(path) };
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{extension}"));
    PathBuf::from(name)
}

fn begin_case(world: &World, out: &Path) -> Result<Case, Failure> {
    let text = |text: &str| text.to_owned();
    let file = CaseFile {
        format: FORMAT.to_owned(),
        number: text("DEMO-1"),
        title: text("Practice disk"),
        examiner: text("Demo Examiner"),
        agency: text("Exhibit practice lab"),
        created: world.clock.now().to_string(),
        authority: Value::from("None needed: practice material made by this program."),
        scope: Value::from("The whole practice disk."),
        handling: vec![text("TLP:CLEAR")],
    };
    new::create(world, &out.join("case"), file)
}

/// `exhibit acquire practice-disk.raw --case case --item 001`, as a person would say it.
fn acquire(world: &World, case: &Case, disk: &Path) -> Result<PathBuf, Failure> {
    use clap::Parser as _;
    let words = [
        "exhibit".into(),
        "acquire".into(),
        disk.as_os_str().to_owned(),
        "--case".into(),
        case.path.as_os_str().to_owned(),
        "--item".into(),
        "001".into(),
        "--hash".into(),
        "md5,sha1,sha256".into(),
        "--description".into(),
        "practice disk".into(),
    ];
    let parsed = crate::arguments::Arguments::try_parse_from(words).map_err(|error| Failure::new(error.to_string()))?;
    parsed.verb.run(world)?;
    Ok(case.path.join("items/001/001.E01"))
}

/// Compares the recovered files with the truth, by digest.
fn score(truth: &Truth, carved: &Path) -> Result<Score, Failure> {
    let list = carved.join("carved.jsonl");
    let bytes = exhibit_device::read_small(&list, 64 << 20).map_err(|error| Failure::io("read", &list, &error))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let digest = |line: &Value| line.get("sha256").and_then(Value::as_str).map(str::to_owned);
    let has_class = |line: &Value, class: &str| line.get("class").and_then(Value::as_str) == Some(class);
    let written = lines.iter().filter(|line| line.get("path").is_some_and(|path| !path.is_null()));
    let found: BTreeSet<String> = written.filter_map(digest).collect();
    let planted: BTreeSet<&str> = truth.objects.iter().map(|object| object.sha256.as_str()).collect();
    let wrong = lines.iter().filter(|line| has_class(line, "proven")).filter_map(digest);
    let wrong_proven = wrong.filter(|digest| !planted.contains(digest.as_str())).count();
    let kinds: BTreeSet<&str> = exhibit_carve::Types::all().ids().iter().copied().collect();
    let count = |objects: Vec<&exhibit_forge::Object>| {
        (objects.iter().filter(|object| found.contains(&object.sha256)).count(), objects.len())
    };
    let plain = truth.objects.iter().filter(|object| object.recoverable_by_carving).collect();
    let fragmented = truth
        .objects
        .iter()
        .filter(|object| object.layout == Layout::Fragmented && kinds.contains(object.kind.as_str()));
    let gone =
        truth.objects.iter().filter(|object| object.state != State::Live && found.contains(&object.sha256)).count();
    Ok(Score { plain: count(plain), fragmented: count(fragmented.collect()), deleted: gone, wrong_proven })
}

fn summary_lines(world: &World, truth: &Truth, score: &Score, places: &[(&str, &Path)], command: &str) {
    world.say("");
    world.say(&world.painted("What happened", Tone::Strong));
    world.say(&format!(
        "  Acquired   all {} of the practice disk, no gaps; the image was read back and equals it",
        sizes::shown(truth.size_bytes)
    ));
    let (found, planted) = score.plain;
    world.say(&format!(
        "  Recovered  {found} of {planted} files that lie in one piece, {} of {} in two fragments;",
        score.fragmented.0, score.fragmented.1
    ));
    world.say(&format!(
        "             {} of them were deleted or lost; {} files called proven are wrong",
        score.deleted, score.wrong_proven
    ));
    for (label, path) in places {
        world.say(&format!("  {label:<10} {}", shown(path)));
    }
    world.say("  Check the package yourself:");
    world.say(&format!("             {}", world.painted(command, Tone::Good)));
}
