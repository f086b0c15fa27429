//! The files that a logical image lists, against the digests that it stores with them.

use exhibit_evidence::{DigestSet, Event, Finding, Phase, Severity, Source};
use exhibit_hash::{Algorithm, Digester, MediaError, Want, algorithm, media_digests};
use exhibit_image::{Image, LogicalEntry};

use crate::collect::Findings;
use crate::members::unreadable;
use crate::verdict::Check;
use crate::watch::{Interrupted, Watch};

/// Files up to this size are digested where they are; for a larger one threads read ahead.
const SMALL_BYTES_MAX: u64 = 16 << 20;
/// Bytes read at once of a small one.
const PIECE_BYTES: usize = 1 << 20;
/// Most bytes of all files together that are digested: 16 TiB. Files may share their bytes, or repeat one byte as often as the
/// list says, so that a small image can ask for any amount of work.
const LISTED_BYTES_MAX: u64 = 16 << 40;

/// Compares the contents of every file with its stored digests; `None` if the image lists none.
///
/// # Errors
/// If somebody wished to stop.
pub(crate) fn check(
    image: &dyn Image,
    (title, place): (&str, &str),
    jobs: usize,
    watch: Watch<'_>,
) -> Result<Option<Check>, Interrupted> {
    let files = || image.entries().iter().enumerate().filter(|(_, entry)| !entry.folder);
    if files().next().is_none() {
        return Ok(None);
    }
    let total_bytes = files().fold(0_u64, |sum, (_, entry)| sum.saturating_add(entry.size_bytes));
    let mut comparison = Comparison { image, place, jobs, watch, findings: Findings::default(), same: 0, empty: 0 };
    watch.observer.on(&Event::Started { phase: Phase::Verify, total_bytes });
    let mut done_bytes = 0_u64;
    for (index, entry) in files() {
        if watch.cancel.is_cancelled() {
            return Err(Interrupted);
        }
        done_bytes = done_bytes.saturating_add(entry.size_bytes);
        if done_bytes > LISTED_BYTES_MAX {
            let text = format!(
                "the files up to here have {done_bytes} bytes; this one and those behind it were not compared, this version \
                 digests {LISTED_BYTES_MAX}"
            );
            comparison.say(Severity::Incomplete, "files-limit", entry, text);
            break;
        }
        comparison.file(index, entry)?;
        watch.observer.on(&Event::Progress { phase: Phase::Verify, done_bytes, faults: 0 });
    }
    watch.observer.on(&Event::Finished { phase: Phase::Verify });
    let title = format!("{title}: every file in it has the digest stored with it");
    let Comparison { findings, same, empty, .. } = comparison;
    let passed = format!("{same} files compared, {empty} without contents");
    Ok(Some(Check::from_findings("files", &title, passed, findings.into_list())))
}

struct Comparison<'a> {
    image: &'a dyn Image,
    place: &'a str,
    jobs: usize,
    watch: Watch<'a>,
    findings: Findings,
    /// Files whose contents are those of all their stored digests.
    same: u64,
    /// Files with neither contents nor digests.
    empty: u64,
}

impl Comparison<'_> {
    fn say(&mut self, severity: Severity, code: &str, entry: &LogicalEntry, text: impl Into<String>) {
        self.findings.push(Finding::new(severity, code, format!("{}: {}", self.place, entry.path), text));
    }

    fn file(&mut self, index: usize, entry: &LogicalEntry) -> Result<(), Interrupted> {
        let wanted: Vec<&'static dyn Algorithm> = entry.stored.iter().filter_map(|(id, _)| algorithm(id)).collect();
        if wanted.is_empty() && entry.size_bytes == 0 && entry.stored.is_empty() {
            self.empty = self.empty.saturating_add(1);
            return Ok(());
        }
        let contents = match self.image.open_entry(index) {
            Ok(contents) => contents,
            Err(error) => {
                self.say(Severity::Mismatch, "file-unusable", entry, error.to_string());
                return Ok(());
            }
        };
        let computed = match self.digests(contents.as_ref(), &wanted)? {
            Ok(computed) => computed,
            Err(finding) => {
                self.findings.push(Finding { place: format!("{}: {}", self.place, entry.path), ..finding });
                return Ok(());
            }
        };
        if wanted.is_empty() {
            let text = "the image stores no digest of it that this version can compute: nothing to compare with";
            self.say(Severity::Incomplete, "file-no-digest", entry, text);
            return Ok(());
        }
        let wrong = |(id, stored): &(&str, &str)| computed.get(id).is_some_and(|found| found != *stored);
        if let Some((id, stored)) = entry.stored.iter().find(wrong) {
            let text = format!("{id}: {stored} stored, {} computed", computed.get(id).unwrap_or_default());
            self.say(Severity::Mismatch, "file-digest", entry, text);
        } else {
            self.same = self.same.saturating_add(1);
        }
        Ok(())
    }

    /// The digests of `contents`, or why there are none.
    fn digests(
        &self,
        contents: &dyn Source,
        wanted: &[&'static dyn Algorithm],
    ) -> Result<Result<DigestSet, Finding>, Interrupted> {
        if contents.size() <= SMALL_BYTES_MAX {
            return Ok(small(contents, wanted).map_err(|fault| unreadable("", &fault)));
        }
        let want = Want { algorithms: wanted, tree: false, padding: 0, jobs: self.jobs, files: None, phase: None };
        match media_digests(contents, &want, self.watch.observer, self.watch.cancel, &mut |_, _| ()) {
            Ok(media) => Ok(match (media.digests, media.faults.first()) {
                (Some(digests), _) => Ok(digests),
                (None, Some((_, fault))) => Err(unreadable("", fault)),
                (None, None) => Err(Finding::new(Severity::Incomplete, "unreadable", "", "it was not read")),
            }),
            Err(MediaError::Interrupted) => Err(Interrupted),
            Err(MediaError::LaneDied) => {
                Ok(Err(Finding::new(Severity::Incomplete, "unreadable", "", "a digest thread died")))
            }
        }
    }
}

/// The digests of a small file.
fn small(contents: &dyn Source, wanted: &[&'static dyn Algorithm]) -> Result<DigestSet, exhibit_evidence::ReadFault> {
    let mut running: Vec<Box<dyn Digester>> = wanted.iter().map(|algorithm| algorithm.start()).collect();
    let mut piece = vec![0; usize::try_from(contents.size()).unwrap_or(PIECE_BYTES).min(PIECE_BYTES)];
    let mut at = 0_u64;
    while at < contents.size() {
        let length = usize::try_from(contents.size().saturating_sub(at)).unwrap_or(usize::MAX).min(piece.len());
        let out = piece.get_mut(..length).unwrap_or_default();
        contents.read_at(at, out)?;
        running.iter_mut().for_each(|digester| digester.update(out));
        at = at.saturating_add(length as u64);
    }
    Ok(running.into_iter().map(|digester| digester.digest()).collect())
}
