//! A case folder: its description, its custody log, its items.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_evidence::{Finding, Severity, to_hex};

use crate::acquisitions;
use crate::authority;
use crate::beforehand::Beforehand;
use crate::bindings::{self, Missing};
use crate::case_file::{self, CASE_BYTES_MAX, CaseFile};
use crate::collect::Findings;
use crate::custody::{self, Candidate};
use crate::handovers;
use crate::holdings::{Held, Holding, role_of};
use crate::ledger::{Algorithm, Ledger};
use crate::members::{Below, Entry, Members, read_small, unreadable};
use crate::names;
use crate::request::Request;
use crate::verdict::{Check, Checked, Level, Verdict};
use crate::watch::{Interrupted, Progress};

/// The description of the case.
const CASE: &str = "case.json";
/// Folder of the items.
const ITEMS: &str = "items/";

/// What a case says it is; only as good as the verdict it comes with.
#[derive(Debug, Clone)]
pub struct CaseFacts {
    /// `case.json`, if it could be read.
    pub case: Option<CaseFile>,
    /// Names of the items' folders.
    pub items: Vec<String>,
    /// Number of files in them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records in the custody log.
    pub log_records: u64,
    /// RFC 6962 root over them, lower-case hexadecimal.
    pub log_root: String,
}

/// Checks a case folder.
///
/// # Errors
/// If somebody wished to stop; there is no verdict then.
pub fn check_case(members: &dyn Members, request: &Request<'_>) -> Result<Checked<CaseFacts>, Interrupted> {
    let custody_folder = exhibit_custody::layout::FOLDER;
    let (entries, unlisted) = match members.list() {
        Ok(entries) => (entries, None),
        Err(fault) => (Vec::new(), Some(unreadable("the case folder", &fault))),
    };
    let mut checks = Vec::new();
    let ledger = hash(members, &entries, unlisted, request, &mut checks)?;
    let case = describe(members, &mut checks);
    checks.extend(case.as_ref().and_then(authority::check));
    let trusted = request.trusted.iter().map(|key| Candidate { key: key.clone(), trusted: true });
    let candidates: Vec<Candidate> = trusted.collect();
    let number = case.as_ref().map(|case| case.number.as_str());
    let below = Below::new(members, custody_folder);
    let (log, custody) = custody::check(&below, custody_folder, number, &candidates, request.now);
    checks.extend(custody);
    checks.extend(custody::check_stamps(&Below::new(members, custody_folder), custody_folder, &request.trust));
    let holdings = holdings(&entries);
    let mut bound: BTreeSet<String> = BTreeSet::new();
    if let Some((papers, check)) = handovers::in_case(members, &entries, number, &log, request.trusted) {
        bound.extend(papers);
        checks.push(check);
    }
    if request.level != Level::Structure {
        let (level, media, watch) = (request.level, request.media, request.watch);
        let context = acquisitions::Context { members, ledger: &ledger, level, media, watch };
        let found = acquisitions::check(&context, &holdings)?;
        checks.extend(found.checks);
        bound.extend(found.bound);
        bound.extend(found.trees);
        let place_of = |path: &str| Some(path.to_owned());
        let (named, check) = bindings::check(&log.facts, &ledger, Missing::Wrong, &place_of);
        bound.extend(named);
        checks.push(check);
        checks.push(vouched_for(&entries, &holdings, &bound, custody_folder));
    }
    let evidence = entries.iter().filter(|entry| entry.name.starts_with(ITEMS));
    let facts = CaseFacts {
        case,
        items: holdings.into_iter().map(|holding| holding.id).collect(),
        files: evidence.clone().count() as u64,
        bytes: evidence.map(|entry| entry.size).fold(0, u64::saturating_add),
        log_records: log.records,
        log_root: to_hex(&log.root),
    };
    let verdict = Verdict::from_checks("the case", request.level, checks, request.left_out());
    Ok(Checked::new(facts, verdict))
}

fn hash(
    members: &dyn Members,
    entries: &[Entry],
    unlisted: Option<Finding>,
    request: &Request<'_>,
    checks: &mut Vec<Check>,
) -> Result<Ledger, Interrupted> {
    let evidence_too = request.level != Level::Structure;
    let wanted = |name: &str| evidence_too || !name.starts_with(ITEMS);
    let total = entries.iter().filter(|entry| wanted(&entry.name)).map(|entry| entry.size).fold(0, u64::saturating_add);
    let progress = Progress::start(request.watch, total);
    let (ledger, unread) =
        Ledger::take(members, entries, &wanted, &[Algorithm::Sha256], &Beforehand::default(), &progress)?;
    let mut findings = Findings::default();
    findings.extend(unread.into_iter().chain(unlisted));
    for entry in entries {
        if let Some(danger) = names::danger(&entry.name) {
            findings.wrong("file-name", entry.name.as_str(), format!("a file of this name is not safe: {danger}"));
        }
    }
    let count = entries.iter().filter(|entry| wanted(&entry.name)).count();
    let passed = format!("{count} files, {total} bytes");
    checks.push(Check::from_findings("files", "Every file could be read to its end", passed, findings.into_list()));
    Ok(ledger)
}

fn describe(members: &dyn Members, checks: &mut Vec<Check>) -> Option<CaseFile> {
    let wrong = |text: String| Finding::new(Severity::Mismatch, "case-file", CASE, text);
    let read = read_small(members, CASE, CASE_BYTES_MAX).and_then(|bytes| case_file::parse(&bytes).map_err(wrong));
    let (case, findings) = match read {
        Ok(case) => (Some(case), Vec::new()),
        // A case folder without its description is not a case folder, however sound the disk.
        Err(finding) => (None, vec![Finding { severity: Severity::Mismatch, ..finding }]),
    };
    let passed = case.as_ref().map(|case| format!("case {:?}", case.number)).unwrap_or_default();
    checks.push(Check::from_findings("case-file", "The case is described", passed, findings));
    case
}

/// The files below each folder in `items/`.
fn holdings(entries: &[Entry]) -> Vec<Holding> {
    let mut items: BTreeMap<&str, Holding> = BTreeMap::new();
    for entry in entries {
        let inside = entry.name.strip_prefix(ITEMS).and_then(|rest| rest.split_once('/'));
        let Some((id, name)) = inside else { continue };
        let held = Held { place: entry.name.clone(), name: name.to_owned(), role: role_of(name) };
        items.entry(id).or_insert_with(|| Holding::new(id)).add(held);
    }
    items.into_values().collect()
}

/// Files that neither the log nor a record vouches for: a change of them would not be seen.
fn vouched_for(entries: &[Entry], holdings: &[Holding], bound: &BTreeSet<String>, custody: &str) -> Check {
    let mut findings = Findings::default();
    let records = holdings.iter().flat_map(|holding| &holding.files);
    let records = records.filter(|file| file.role == exhibit_package::manifest::Role::AcquisitionRecord);
    for place in records.map(|file| &file.place).chain(std::iter::once(&CASE.to_owned())) {
        if !bound.contains(place) {
            let text = "no record of the custody log gives its digest, so a change of it would not be seen";
            findings.push(Finding::new(Severity::Incomplete, "not-bound", place.as_str(), text));
        }
    }
    let in_custody = |name: &str| name.strip_prefix(custody).is_some_and(|rest| rest.starts_with('/'));
    for entry in entries {
        let is_record = entry.name.ends_with(".acquisition.json") || entry.name == CASE;
        if !bound.contains(&entry.name) && !is_record && !in_custody(&entry.name) {
            let text =
                "neither the custody log nor an acquisition record gives its digest; a change of it would not be seen";
            // What lies among the items looks like evidence. What was never finished says so by its name.
            let evidence = entry.name.starts_with(ITEMS) && !entry.name.ends_with(".partial");
            let severity = if evidence { Severity::Incomplete } else { Severity::Note };
            findings.push(Finding::new(severity, "not-bound", entry.name.as_str(), text));
        }
    }
    let title = "Every file that matters is bound by the custody log";
    let passed = format!("{} files are bound by digest", bound.len());
    Check::from_findings("bound", title, passed, findings.into_list())
}
