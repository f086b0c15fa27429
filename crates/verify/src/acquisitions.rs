//! Acquisition records against the files they speak of, and then the media inside.

use std::collections::HashMap;
use std::sync::Arc;

use exhibit_custody::strict_json;
use exhibit_evidence::acquisition::{Acquisition, FORMAT};
use exhibit_evidence::{ByteRange, Digest, DigestSet, Finding, Instant, Severity, Source};
use exhibit_package::manifest::Role;
use serde::Deserialize as _;
use serde_json::Value;

use crate::collect::Findings;
use crate::holdings::{Held, Holding};
use crate::ledger::Ledger;
use crate::media::{ImageFiles, MediaChecker};
use crate::members::{Members, read_small, unreadable};
use crate::verdict::{Check, Level};
use crate::watch::{Interrupted, Watch};

/// Largest acquisition record read, in bytes: room for some hundred thousand gaps.
const RECORD_BYTES_MAX: u64 = 64 << 20;

/// What acquisition records are checked with.
pub(crate) struct Context<'a> {
    pub(crate) members: &'a dyn Members,
    pub(crate) ledger: &'a Ledger,
    pub(crate) level: Level,
    pub(crate) media: Option<&'a dyn MediaChecker>,
    pub(crate) watch: Watch<'a>,
}

/// What was found on the way.
#[derive(Default)]
pub(crate) struct Acquisitions {
    pub(crate) checks: Vec<Check>,
    /// Places of files that a record binds by digest: segments.
    pub(crate) bound: Vec<String>,
    /// Places of hash trees, whose root a record gives.
    pub(crate) trees: Vec<String>,
    /// The records that could be read, by place.
    pub(crate) records: HashMap<String, Acquisition>,
}

/// Checks every acquisition record of every item.
///
/// # Errors
/// If somebody wished to stop.
pub(crate) fn check(context: &Context<'_>, holdings: &[Holding]) -> Result<Acquisitions, Interrupted> {
    let mut all = Acquisitions::default();
    for holding in holdings {
        for file in holding.files.iter().filter(|file| file.role == Role::AcquisitionRecord) {
            one(context, holding, file, &mut all)?;
        }
    }
    Ok(all)
}

fn one(context: &Context<'_>, holding: &Holding, file: &Held, all: &mut Acquisitions) -> Result<(), Interrupted> {
    one_and(context, holding, file, all, &mut |image, whole| medium(context, image, whole))
}

/// What is to be done with the medium of a record, and whether all its files are there.
type WithMedium<'a> = dyn FnMut(&ImageFiles<'_>, bool) -> Result<Vec<Check>, Interrupted> + 'a;

fn one_and(
    context: &Context<'_>,
    holding: &Holding,
    file: &Held,
    all: &mut Acquisitions,
    medium: &mut WithMedium<'_>,
) -> Result<(), Interrupted> {
    let title = format!("Item {}: the files are those that {} names", holding.id, file.name);
    let record = match read(context.members, &file.place) {
        Ok(record) => record,
        Err(finding) => {
            all.checks.push(Check::from_findings("acquisition", &title, "", vec![finding]));
            return Ok(());
        }
    };
    let mut findings = Findings::default();
    judge(&record, &file.place, &mut findings);
    let folder = file.folder();
    let mut segments = Vec::new();
    for segment in &record.segments {
        let Some(held) = holding.find(folder, &segment.name) else {
            findings.wrong("segment-missing", file.place.as_str(), format!("segment {} is not there", segment.name));
            continue;
        };
        all.bound.push(held.place.clone());
        compare(context.ledger, held, &segment.sha256, segment.size_bytes, &mut findings);
        match context.members.open(&held.place) {
            Ok(source) => segments.push((segment.name.clone(), source)),
            Err(fault) => findings.push(unreadable(&held.place, &fault)),
        }
    }
    let tree = tree(context, holding, file, &record, &mut findings);
    all.trees.extend(holding.find(folder, &record.tree.file).map(|held| held.place.clone()));
    let whole = segments.len() == record.segments.len();
    let passed = format!("{} segments have the recorded sizes and digests", record.segments.len());
    all.checks.push(Check::from_findings("acquisition", &title, passed, findings.into_list()));
    let image =
        ImageFiles { item: &holding.id, place: &file.place, record: &record, segments, tree, level: context.level };
    all.checks.extend(medium(&image, whole)?);
    all.records.insert(file.place.clone(), record);
    Ok(())
}

/// The medium of one acquisition record alone: its checks are those that [`check`] would make of it.
///
/// # Errors
/// If somebody wished to stop.
pub(crate) fn medium_alone(
    members: &dyn Members,
    holding: &Holding,
    file: &Held,
    media: &dyn MediaChecker,
    (level, watch): (Level, Watch<'_>),
) -> Result<Vec<Check>, Interrupted> {
    let ledger = Ledger::default();
    let context = Context { members, ledger: &ledger, level, media: Some(media), watch };
    let mut all = Acquisitions::default();
    let mut medium = Vec::new();
    one_and(&context, holding, file, &mut all, &mut |image, whole| {
        medium = self::medium(&context, image, whole)?;
        Ok(Vec::new())
    })?;
    Ok(medium)
}

/// The medium inside, by whoever can open images.
fn medium(context: &Context<'_>, image: &ImageFiles<'_>, whole: bool) -> Result<Vec<Check>, Interrupted> {
    let title = format!("Item {}: the medium inside the image is the one that was read", image.item);
    let not_done = |reason: &str| vec![Check::not_done("medium", &title, reason)];
    if !whole || image.segments.is_empty() {
        return Ok(not_done("segments of the image are missing or could not be opened"));
    }
    let Some(checker) = context.media else {
        return Ok(not_done("this check was made without a reader of images"));
    };
    let checks = checker.check(image, context.watch)?;
    Ok(if checks.is_empty() { not_done("the reader of images did not say what it found") } else { checks })
}

fn tree(
    context: &Context<'_>,
    holding: &Holding,
    file: &Held,
    record: &Acquisition,
    findings: &mut Findings,
) -> Option<Arc<dyn Source>> {
    let Some(held) = holding.find(file.folder(), &record.tree.file) else {
        findings.wrong("tree-missing", file.place.as_str(), format!("the hash tree {} is not there", record.tree.file));
        return None;
    };
    match context.members.open(&held.place) {
        Ok(source) => Some(source),
        Err(fault) => {
            findings.push(unreadable(&held.place, &fault));
            None
        }
    }
}

/// A file against a digest and a size somebody recorded.
pub(crate) fn compare(ledger: &Ledger, held: &Held, sha256: &str, size: u64, findings: &mut Findings) {
    let Some(real) = ledger.get(&held.place) else { return };
    if real.size != size {
        let text = format!("size: {size} bytes recorded, {} found", real.size);
        findings.wrong("segment-size", held.place.as_str(), text);
    }
    match real.sha256() {
        Some(found) if found != sha256 => {
            let text = format!("SHA-256: {sha256} recorded, {found} found");
            findings.wrong("segment-digest", held.place.as_str(), text);
        }
        Some(_) => {}
        None => {
            let text = "it could not be read to its end, so its digest was not compared";
            findings.push(Finding::new(Severity::Incomplete, "segment-unread", held.place.as_str(), text));
        }
    }
}

/// Reads a record strictly: what its structure does not know, or reads differently, is refused.
fn read(members: &dyn Members, place: &str) -> Result<Acquisition, Finding> {
    let wrong = |text: String| Finding::new(Severity::Mismatch, "acquisition-record", place, text);
    let bytes = read_small(members, place, RECORD_BYTES_MAX)?;
    let limit = usize::try_from(RECORD_BYTES_MAX).unwrap_or(usize::MAX);
    let value = strict_json::parse(&bytes, limit).map_err(|fault| wrong(fault.to_string()))?;
    let record = Acquisition::deserialize(&value).map_err(|error| wrong(error.to_string()))?;
    let again = serde_json::to_value(&record).unwrap_or(Value::Null);
    if again != value {
        return Err(wrong("it holds members that do not belong to its format".to_owned()));
    }
    Ok(record)
}

/// What a record must be in itself.
fn judge(record: &Acquisition, place: &str, findings: &mut Findings) {
    let mut demand = |holds: bool, text: String| {
        if !holds {
            findings.wrong("acquisition-record", place, text);
        }
    };
    demand(record.format == FORMAT, format!("the format is {:?}, not {FORMAT:?}", record.format));
    demand(!record.segments.is_empty(), "it names no segment".to_owned());
    let times = (Instant::parse(&record.started), Instant::parse(&record.finished));
    demand(
        matches!(times, (Some(start), Some(end)) if start <= end),
        "its times are not two moments in order".to_owned(),
    );
    let sector = u64::from(record.plan.sector_bytes);
    demand(sector > 0, "its sector size is 0".to_owned());
    if sector > 0 {
        let expected = record.size_bytes.div_ceil(sector);
        let text = format!("{} bytes are {expected} sectors, it says {}", record.size_bytes, record.size_sectors);
        demand(record.size_sectors == expected, text);
    }
    demand(record.digests.get("sha256").is_some(), "it has no SHA-256 of the medium".to_owned());
    let sets =
        [Some(&record.digests), record.stored_digests.as_ref(), record.read_back.as_ref().map(|back| &back.digests)];
    for (algorithm, hex) in sets.into_iter().flatten().flat_map(DigestSet::iter) {
        demand(is_digest(algorithm, hex), format!("{hex:?} is not a digest of {algorithm}"));
    }
    demand(is_digest("sha256", &record.tree.root), "the root of its hash tree is not a SHA-256".to_owned());
    let mut end = 0;
    for gap in &record.gaps {
        let range: ByteRange = gap.range();
        let sound = !range.is_empty()
            && range.offset >= end
            && gap.offset.checked_add(gap.length).is_some_and(|to| to <= record.size_bytes);
        demand(sound, format!("the gap at {} is empty, out of order or outside of the medium", gap.offset));
        end = range.end();
    }
    demand(resumptions_hold(record), "the times and places at which it was gone on with are not in order".to_owned());
    let copy_holds = record.copy.as_ref().is_none_or(|copy| copy.complete == copy.problem.is_none());
    demand(copy_holds, "it says of the second copy that it is complete and that it is not".to_owned());
    if let Some(again) = &record.source_again {
        let same = again.digests.as_ref() == Some(&record.digests)
            && again.tree_root.as_ref() == Some(&record.tree.root)
            && again.problem.is_none();
        demand(again.matches == same, "what it says of the second reading of the source contradicts itself".to_owned());
    }
    match &record.read_back {
        Some(back) => demand(back.matches, "it says itself that reading the image back did not match".to_owned()),
        None => findings.note("acquisition-read-back", place, "the image was not read back when it was made"),
    }
    if let Some(again) = record.source_again.as_ref().filter(|again| !again.matches) {
        let problem = again.problem.as_deref().unwrap_or("no reason is given");
        let text = format!("the source, read a second time when it was imaged, was not what it was: {problem}");
        findings.note("acquisition-source-changed", place, text);
    }
}

/// Whether the times at which it was gone on with lie in order between beginning and end, and the places in the medium.
fn resumptions_hold(record: &Acquisition) -> bool {
    let mut last = Instant::parse(&record.started);
    record.resumed.iter().all(|resumed| {
        let time = Instant::parse(&resumed.time);
        let in_order = last.is_some() && time >= last && time <= Instant::parse(&record.finished);
        last = time;
        in_order && resumed.at_bytes <= record.size_bytes
    })
}

/// Whether `hex` is a digest in lower-case hexadecimal.
fn is_digest(algorithm: &str, hex: &str) -> bool {
    Digest::parse(algorithm, hex).is_ok_and(|digest| digest.hex() == hex)
}
