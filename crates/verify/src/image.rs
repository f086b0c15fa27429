//! Images: the container, the medium inside it, and everything that was recorded or stored about it.
//!
//! Opening is done by the readers of `exhibit-image`; what counts as right is decided here, from the record, the stored
//! tree and the container's own digests, all of which are recomputed.

use std::sync::Arc;

use exhibit_evidence::acquisition::Acquisition;
use exhibit_evidence::{ByteRange, Cause, Class, DigestSet, Finding, Phase, Severity, Source, from_hex, to_hex};
use exhibit_hash::sha256::Sha256;
use exhibit_hash::{Algorithm, BLOCK_BYTES, FileLane, MediaDigests, MediaError, Pool, Want, algorithm, media_digests};
use exhibit_image::{Image, Part, identify};

use crate::collect::Findings;
use crate::image_files;
use crate::image_tree::TreeComparison;
use crate::media::{ImageFiles, MediaChecker};
use crate::verdict::{Check, CheckResult, Checked, Level, Verdict};
use crate::watch::{Interrupted, Watch};

/// What the name of a file ends in until its writer has finished it (`docs/spec/acquisition-record.md`).
const UNFINISHED_SUFFIX: &str = ".partial";
/// Damaged units named one by one in a verdict; the rest is counted.
const DAMAGE_NAMED_MAX: usize = 1000;
/// Blocks of a file that are read ahead of its digest.
const FILE_BLOCKS: usize = 8;

/// Reads media out of images on so many threads.
#[derive(Debug, Clone, Copy)]
pub struct ImageReader {
    /// Threads that inflate and hash the tree; 0: everything on the calling thread.
    pub jobs: usize,
}

/// An image by itself, outside any case or package.
pub struct LoneImage<'a> {
    /// What the person called it, for messages.
    pub name: &'a str,
    /// Its files: name without folder, bytes.
    pub files: Vec<(String, Arc<dyn Source>)>,
    /// The acquisition record beside it, if there is one.
    pub record: Option<&'a Acquisition>,
    /// What is wrong with a record that is there and cannot be read.
    pub record_problem: Option<&'a str>,
    /// The tree file that the record names, if it is there.
    pub tree: Option<Arc<dyn Source>>,
    /// How deep to check.
    pub level: Level,
    /// Threads.
    pub jobs: usize,
}

/// What was read of a lone image.
#[derive(Debug, Clone, Default)]
pub struct ImageFacts {
    /// Digests of the medium, where all of it could be read.
    pub digests: DigestSet,
    /// Root of the hash tree, where all of it could be read.
    pub tree_root: Option<String>,
}

impl MediaChecker for ImageReader {
    fn check(&self, files: &ImageFiles<'_>, watch: Watch<'_>) -> Result<Vec<Check>, Interrupted> {
        let subject = Subject {
            title: format!("Item {}", files.item),
            place: files.place.to_owned(),
            files: files.segments.clone(),
            record: Some(files.record),
            tree: files.tree.clone(),
            level: files.level,
            jobs: self.jobs,
        };
        Ok(subject.check(watch, None)?.0)
    }
}

/// Checks an image by itself.
///
/// # Errors
/// If somebody wished to stop.
pub fn check_image(image: &LoneImage<'_>, watch: Watch<'_>) -> Result<Checked<ImageFacts>, Interrupted> {
    let subject = Subject {
        title: "Image".to_owned(),
        place: image.name.to_owned(),
        files: image.files.clone(),
        record: image.record,
        tree: image.tree.clone(),
        level: image.level,
        jobs: image.jobs,
    };
    // The files are hashed while the medium is read, and beside its own SHA-256, which makes theirs nearly free.
    let lane = FileLane::start(image.level == Level::Full);
    let (segments, medium) = std::thread::scope(|scope| {
        let segments = scope.spawn(|| subject.segments(&lane, watch));
        let over = MediumOver(&lane);
        let medium = subject.check(watch, Some(&lane));
        drop(over);
        (segments.join(), medium)
    });
    let (mut checks, facts) = medium?;
    let segments = match segments {
        Ok(result) => result?,
        Err(_) => Some(Check::not_done("segments", "Image files", "the thread that read them died")),
    };
    if let Some(check) = segments {
        checks.insert(0, check);
    }
    checks.extend(unfinished(&image.files));
    if let Some(problem) = image.record_problem {
        let finding = Finding::new(Severity::Mismatch, "acquisition-record", image.name, problem);
        let title = "Image: the acquisition record beside it can be read";
        checks.push(Check::from_findings("acquisition-record", title, "", vec![finding]));
    }
    let left_out: &[&str] = match image.level {
        Level::Full => &[],
        Level::Tree => &["the linear digests of the medium (level tree)"],
        Level::Structure => {
            &["the medium inside the image (level structure)", "the digests of the image files (level structure)"]
        }
    };
    let left_out = left_out.iter().map(|text| (*text).to_owned()).collect();
    Ok(Checked::new(facts, Verdict::from_checks("the image", image.level, checks, left_out)))
}

/// A file that still has its unfinished name was never read back and sealed by whoever wrote it, whatever it holds.
fn unfinished(files: &[(String, Arc<dyn Source>)]) -> Option<Check> {
    let (name, _) = files.iter().find(|(name, _)| name.ends_with(UNFINISHED_SUFFIX))?;
    let text =
        format!("the name ends in {UNFINISHED_SUFFIX}: the acquisition was not completed, and this is not an image");
    let finding = Finding::new(Severity::Incomplete, "unfinished-name", name.as_str(), text);
    Some(Check::from_findings("finished", "Image: its writer finished it", "", vec![finding]))
}

/// However the medium ends, the files must not wait for it.
struct MediumOver<'a>(&'a FileLane);

impl Drop for MediumOver<'_> {
    fn drop(&mut self) {
        self.0.no_more_medium();
    }
}

/// An image with what is known about it.
struct Subject<'a> {
    title: String,
    place: String,
    files: Vec<(String, Arc<dyn Source>)>,
    record: Option<&'a Acquisition>,
    tree: Option<Arc<dyn Source>>,
    level: Level,
    jobs: usize,
}

impl Subject<'_> {
    /// The files against the sizes and digests of the record; `None` if there is none, or the level leaves it out.
    fn segments(&self, lane: &FileLane, watch: Watch<'_>) -> Result<Option<Check>, Interrupted> {
        let (Some(record), false) = (self.record, self.level == Level::Structure) else { return Ok(None) };
        let mut findings = Findings::default();
        for segment in &record.segments {
            let Some((name, source)) = self.files.iter().find(|(name, _)| *name == segment.name) else {
                let text = "the record names it, it is not there";
                findings.push(Finding::new(Severity::Incomplete, "segment-missing", segment.name.as_str(), text));
                continue;
            };
            if source.size() != segment.size_bytes {
                let text = format!("size: {} bytes recorded, {} found", segment.size_bytes, source.size());
                findings.wrong("segment-size", name.as_str(), text);
            }
            match file_sha256(source.as_ref(), lane, watch)? {
                Ok(found) if found != segment.sha256 => {
                    findings.wrong(
                        "segment-digest",
                        name.as_str(),
                        format!("SHA-256: {} recorded, {found} found", segment.sha256),
                    );
                }
                Ok(_) => {}
                Err(fault) => findings.push(crate::members::unreadable(name, &fault)),
            }
        }
        let passed = format!("{} files have the recorded sizes and SHA-256 digests", record.segments.len());
        let title = format!("{}: the files are those that the acquisition record names", self.title);
        Ok(Some(Check::from_findings("segments", &title, passed, findings.into_list())))
    }

    /// Container and medium.
    fn check(&self, watch: Watch<'_>, files: Option<&FileLane>) -> Result<(Vec<Check>, ImageFacts), Interrupted> {
        let title = format!("{}: the container is sound", self.title);
        let image = match self.open() {
            Ok((image, findings)) => {
                let title_found = image.description().title.clone();
                let mut findings = findings;
                image.check_structure(&mut |finding| findings.push(finding));
                if let Some(record) = self.record
                    && record.plan.format != image.description().format
                {
                    let text = format!("format {}, the record says {}", image.description().format, record.plan.format);
                    findings.push(Finding::new(Severity::Mismatch, "image-format", self.place.as_str(), text));
                }
                let passed = format!("{title_found}: every structure and its checksum hold");
                (Check::from_findings("container", &title, passed, findings), image)
            }
            Err(finding) => {
                return Ok((vec![Check::from_findings("container", &title, "", vec![finding])], ImageFacts::default()));
            }
        };
        let (container, image) = image;
        if self.level == Level::Structure {
            return Ok((vec![container], ImageFacts::default()));
        }
        let container_holds = container.result == CheckResult::Passed;
        let (mut checks, facts) = self.medium(image.as_ref(), container_holds, files, watch)?;
        checks.insert(0, container);
        Ok((checks, facts))
    }

    fn open(&self) -> Result<(Arc<dyn Image>, Vec<Finding>), Finding> {
        let wrong = |text: String| Finding::new(Severity::Mismatch, "image-open", self.place.as_str(), text);
        let Some((_, first)) = self.files.first() else { return Err(wrong("there is no file".to_owned())) };
        let mut head = vec![0; usize::try_from(first.size().min(512)).unwrap_or(0)];
        first.read_at(0, &mut head).map_err(|fault| crate::members::unreadable(&self.place, &fault))?;
        let part = |(name, source): &(String, Arc<dyn Source>)| Part { name: name.clone(), source: source.clone() };
        let opened = identify(&**first).open(self.files.iter().map(part).collect());
        // What is not handled, or cannot be read at all, says nothing against the image.
        let opened = opened.map_err(|error| match error.class() {
            Class::Corrupt | Class::Usage | Class::Interrupted => wrong(error.to_string()),
            Class::Unsupported | Class::Limit | Class::Io => {
                Finding::new(Severity::Incomplete, "image-open", self.place.as_str(), error.to_string())
            }
        })?;
        Ok((opened.value, opened.findings))
    }

    /// Reads the medium once and compares everything there is to compare it with.
    fn medium(
        &self,
        image: &dyn Image,
        container_holds: bool,
        files: Option<&FileLane>,
        watch: Watch<'_>,
    ) -> Result<(Vec<Check>, ImageFacts), Interrupted> {
        let stored = &image.description().stored;
        let recorded = self.record.map(|record| &record.digests);
        let full = self.level == Level::Full;
        let wanted = recorded.into_iter().chain([stored]).flat_map(DigestSet::iter).map(|(id, _)| id);
        let mut algorithms: Vec<&'static dyn Algorithm> = Vec::new();
        for id in wanted.filter(|_| full) {
            if let Some(found) = algorithm(id).filter(|found| !algorithms.iter().any(|have| have.id() == found.id())) {
                algorithms.push(found);
            }
        }
        let padding = usize::try_from(image.description().padding_bytes).unwrap_or(0);
        let tree = self.record.is_some();
        let want = Want { algorithms: &algorithms, tree, padding, jobs: self.jobs, files, phase: Some(Phase::Verify) };
        let mut comparison = self.record.map(|record| TreeComparison::open(self.tree.as_ref(), record, &self.place));
        let mut each_node = |index, node| {
            if let Some(comparison) = comparison.as_mut() {
                comparison.node(index, node);
            }
        };
        let media = match media_digests(&image, &want, watch.observer, watch.cancel, &mut each_node) {
            Ok(media) => media,
            Err(MediaError::Interrupted) => return Err(Interrupted),
            Err(MediaError::LaneDied) => {
                let check = Check::not_done("medium", &self.title, "a digest thread died");
                return Ok((vec![check], ImageFacts::default()));
            }
        };
        let mut checks = vec![self.readable(image, &media, watch)?];
        if let Some(record) = self.record {
            let title = format!("{}: the hash tree of the medium is the recorded one", self.title);
            checks.extend(comparison.map(|comparison| comparison.finish(&title, media.root)));
            checks.push(self.record_check(image, record, &media));
        }
        if !stored.is_empty() && full {
            checks.push(self.stored_check(stored, &media));
        }
        let listed = if full { image_files::check(image, (&self.title, &self.place), self.jobs, watch)? } else { None };
        let files_are_guarded = listed.is_some();
        checks.extend(listed);
        // In a logical image it is the files that count, and each has a digest of its own.
        if self.record.is_none() && stored.is_empty() && !files_are_guarded {
            let title = format!("{}: the medium is the one that was read", self.title);
            if let Some(binding) = image.binding().filter(|_| container_holds && media.faults.is_empty()) {
                let passed = format!("the digest of every chunk was compared, and {binding} over them and the map");
                checks.push(Check::from_findings("digests", &title, passed, Vec::new()));
                return Ok((checks, facts(media)));
            }
            let reason = "neither the container nor a record beside it holds a digest of the medium to compare with";
            checks.push(Check::not_done("digests", &title, reason));
        }
        Ok((checks, facts(media)))
    }

    /// Every unit of the medium could be read and passed the container's own checksum; damage is placed by unit.
    fn readable(&self, image: &dyn Image, media: &MediaDigests, watch: Watch<'_>) -> Result<Check, Interrupted> {
        let mut findings = Findings::default();
        let mut named = 0_usize;
        let unit = image.unit_bytes().max(512);
        for (block, _) in &media.faults {
            let mut at = block.offset / unit * unit;
            while at < block.end() && named < DAMAGE_NAMED_MAX {
                if watch.cancel.is_cancelled() {
                    return Err(Interrupted);
                }
                let range = ByteRange::between(at, at.saturating_add(unit).min(image.size()));
                let mut buffer = vec![0; usize::try_from(range.length).unwrap_or(0)];
                if let Err(fault) = image.read_at(range.offset, &mut buffer) {
                    let severity = match fault.cause {
                        Cause::Corrupt(_) | Cause::PastEnd => Severity::Mismatch,
                        Cause::Unreadable(_) | Cause::Medium(_) | Cause::Io(_) => Severity::Incomplete,
                    };
                    let finding =
                        Finding::new(severity, "medium-unreadable", self.place.as_str(), fault.cause.to_string());
                    findings.push(finding.on(range));
                    named = named.saturating_add(1);
                }
                at = at.saturating_add(unit);
            }
        }
        // With a record its own gaps are told, each with its cause.
        let marked = image.description().gaps.iter().filter(|_| self.record.is_none());
        for gap in marked.take(DAMAGE_NAMED_MAX) {
            let text = "marked as not read by whoever made the image: what stands there is fill";
            findings.push(Finding::new(Severity::Note, "gap", self.place.as_str(), text).on(*gap));
        }
        let title = format!("{}: every part of the medium can be read", self.title);
        let passed = format!("all {} bytes were read and passed the container's checksums", image.size());
        Ok(Check::from_findings("medium-readable", &title, passed, findings.into_list()))
    }

    /// Size, linear digests and gaps of the record.
    fn record_check(&self, image: &dyn Image, record: &Acquisition, media: &MediaDigests) -> Check {
        let title = format!("{}: size, digests and gaps are the recorded ones", self.title);
        let mut findings = Findings::default();
        if image.size() != record.size_bytes {
            let text = format!("{} bytes recorded, the image shows {}", record.size_bytes, image.size());
            findings.wrong("medium-size", self.place.as_str(), text);
        }
        if self.level == Level::Full {
            compare(&record.digests, media.digests.as_ref(), "recorded", &self.place, &mut findings);
        }
        self.gaps(image, record, &mut findings);
        for gap in record.gaps.iter().take(DAMAGE_NAMED_MAX) {
            let text = format!("never read when it was imaged ({}); in its place: {}", gap.cause, gap.fill_in_words());
            findings.push(Finding::new(Severity::Note, "gap", self.place.as_str(), text).on(gap.range()));
        }
        let algorithms: Vec<&str> = record.digests.iter().map(|(id, _)| id).collect();
        let what = if self.level == Level::Full { algorithms.join(", ") } else { "no linear digest".to_owned() };
        let passed = format!("{} bytes; compared: {what}; {} gaps", record.size_bytes, record.gaps.len());
        Check::from_findings("record", &title, passed, findings.into_list())
    }

    /// Gaps of the record against those the container marks: a gap that is marked nowhere but in one of them is wrong.
    fn gaps(&self, image: &dyn Image, record: &Acquisition, findings: &mut Findings) {
        let marked = &image.description().gaps;
        if record.plan.format == "raw" {
            return; // it has no place for gaps
        }
        let sector = u64::from(image.description().sector_bytes.max(1));
        let round = |range: ByteRange| {
            let start = range.offset / sector * sector;
            ByteRange::between(start, range.end().div_ceil(sector).saturating_mul(sector).min(image.size()))
        };
        let recorded: Vec<ByteRange> = joined(record.gaps.iter().map(|gap| round(gap.range())));
        let marked = joined(marked.iter().map(|gap| round(*gap)));
        // error2 counts sectors in 32 bits: gaps beyond that are in the record alone.
        let is_counted = record.plan.format == "e01";
        let reach = if is_counted { u64::from(u32::MAX).saturating_mul(sector) } else { u64::MAX };
        let in_reach =
            |gaps: &[ByteRange]| -> Vec<ByteRange> { gaps.iter().filter(|gap| gap.end() <= reach).copied().collect() };
        if in_reach(&recorded) != in_reach(&marked) {
            let text = format!(
                "{} unread ranges recorded, the container marks {}, and they are not the same",
                recorded.len(),
                marked.len()
            );
            findings.wrong("gaps", self.place.as_str(), text);
        }
    }

    /// Digests that the container itself stores.
    fn stored_check(&self, stored: &DigestSet, media: &MediaDigests) -> Check {
        let title = format!("{}: the digests stored in the container match the medium", self.title);
        let mut findings = Findings::default();
        compare(stored, media.padded.as_ref(), "stored", &self.place, &mut findings);
        let algorithms: Vec<&str> = stored.iter().map(|(id, _)| id).collect();
        let passed = format!("compared: {}", algorithms.join(", "));
        Check::from_findings("stored-digests", &title, passed, findings.into_list())
    }
}

/// What was read of a medium.
fn facts(media: MediaDigests) -> ImageFacts {
    ImageFacts { digests: media.digests.unwrap_or_default(), tree_root: media.root.map(|root| to_hex(&root)) }
}

/// Compares digests by algorithm.
fn compare(expected: &DigestSet, computed: Option<&DigestSet>, word: &str, place: &str, findings: &mut Findings) {
    let Some(computed) = computed else {
        let text = format!("the {word} digests were not compared, because not all of the medium could be read");
        findings.push(Finding::new(Severity::Incomplete, "digest-not-compared", place, text));
        return;
    };
    for (id, hex) in expected.iter() {
        match computed.get(id) {
            Some(found) if from_hex(hex) == from_hex(found) => {}
            Some(found) => findings.wrong("medium-digest", place, format!("{id}: {hex} {word}, {found} computed")),
            None => {
                let text = format!("{id}: this version cannot compute it");
                findings.push(Finding::new(Severity::Incomplete, "digest-unknown", place, text));
            }
        }
    }
}

/// Sorted ranges with touching ones joined.
fn joined(ranges: impl Iterator<Item = ByteRange>) -> Vec<ByteRange> {
    let mut sorted: Vec<ByteRange> = ranges.filter(|range| !range.is_empty()).collect();
    sorted.sort_unstable();
    let mut out: Vec<ByteRange> = Vec::new();
    for range in sorted {
        match out.last_mut() {
            Some(last) if last.end() >= range.offset => {
                *last = ByteRange::between(last.offset, last.end().max(range.end()))
            }
            _ => out.push(range),
        }
    }
    out
}

/// SHA-256 of a whole file.
fn file_sha256(
    source: &dyn Source,
    lane: &FileLane,
    watch: Watch<'_>,
) -> Result<Result<String, exhibit_evidence::ReadFault>, Interrupted> {
    let (pool, digest) = (Pool::new(FILE_BLOCKS), lane.begin(Sha256::new()));
    let mut at = 0_u64;
    while at < source.size() {
        if watch.cancel.is_cancelled() {
            return Err(Interrupted);
        }
        let left = usize::try_from(source.size().saturating_sub(at)).unwrap_or(usize::MAX);
        let mut block = pool.take(left.min(BLOCK_BYTES));
        if let Err(fault) = source.read_at(at, &mut block) {
            return Ok(Err(fault));
        }
        at = at.saturating_add(block.len() as u64);
        digest.update(Box::new(block.share()));
    }
    let fault = || exhibit_evidence::ReadFault::new(at, Cause::Io(std::io::Error::other("a digest thread died")));
    Ok(digest.end().wait().map(|digest| to_hex(&digest)).ok_or_else(fault))
}
