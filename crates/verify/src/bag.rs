//! BagIt bags (RFC 8493 and its drafts from 0.93 on): complete and valid, or what is not.
//!
//! [`check`] is general: any of the versions, any of four algorithms, and what old bags may do differently is a note.
//! A package of ours is held to the rules of a package, where exactly one form is right.

mod declaration;
mod info;
mod manifest;

use std::collections::BTreeSet;

use exhibit_evidence::{Cancel, Finding, Severity, Silent};

use crate::beforehand::Beforehand;
use crate::collect::Findings;
use crate::ledger::{Algorithm, Ledger};
use crate::members::{Entry, Members, unreadable};
use crate::names;
use crate::watch::{Progress, Watch};
pub(crate) use declaration::Declaration;

/// What a bag is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// What the version of BagIt that the bag declares demands.
    General,
    /// Version 1.0, both manifests in SHA-256 and SHA-512, every tag file listed but the signatures, one exact form.
    Package,
}

/// The manifests a bag has, by the names of its files.
struct Present {
    payload: Vec<Algorithm>,
    tags: Vec<Algorithm>,
}

impl Present {
    fn among(entries: &[Entry], findings: &mut Findings) -> Self {
        let mut present = Self { payload: Vec::new(), tags: Vec::new() };
        for entry in entries.iter().filter(|entry| !entry.name.contains('/')) {
            let stem = entry.name.strip_suffix(".txt").unwrap_or_default();
            let (list, id) = match (stem.strip_prefix("manifest-"), stem.strip_prefix("tagmanifest-")) {
                (Some(id), _) => (&mut present.payload, id),
                (_, Some(id)) => (&mut present.tags, id),
                _ => continue,
            };
            match Algorithm::ALL.into_iter().find(|algorithm| algorithm.id() == id) {
                Some(algorithm) => list.push(algorithm),
                None => findings.push(Finding::new(
                    Severity::Incomplete,
                    "bag-algorithm",
                    entry.name.as_str(),
                    "this algorithm is not known here; the manifest was not used",
                )),
            }
        }
        present
    }
}

/// Checks a bag whose top is the top of `members`. Nothing found means: complete and valid.
///
/// Mismatches make the bag invalid; notes are what a careful reader would warn about.
#[must_use]
pub fn check(members: &dyn Members) -> Vec<Finding> {
    let entries = match members.list() {
        Ok(entries) => entries,
        Err(fault) => return vec![unreadable("the bag", &fault)],
    };
    let mut findings = Findings::default();
    let present = Present::among(&entries, &mut findings);
    let algorithms: BTreeSet<Algorithm> = present.payload.iter().chain(&present.tags).copied().collect();
    let algorithms: Vec<Algorithm> = algorithms.into_iter().collect();
    let cancel = Cancel::new();
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let progress = Progress::start(watch, entries.iter().map(|entry| entry.size).sum());
    match Ledger::take(members, &entries, &|_| true, &algorithms, &Beforehand::default(), &progress) {
        Ok((ledger, unread)) => {
            findings.extend(unread);
            findings.extend(judge(members, &entries, &ledger, Rules::General));
        }
        // Nobody holds the other end of `cancel`; if it could happen, it must not look like a pass.
        Err(interrupted) => {
            findings.push(Finding::new(Severity::Incomplete, "interrupted", "the bag", interrupted.to_string()));
        }
    }
    findings.into_list()
}

/// Compares what the bag says with what its files are. Files without digests in the ledger are only looked for.
pub(crate) fn judge(members: &dyn Members, entries: &[Entry], ledger: &Ledger, rules: Rules) -> Vec<Finding> {
    let mut findings = Findings::default();
    let declaration = declaration::read(members, rules, &mut findings);
    let present = Present::among(entries, &mut Findings::default());
    required(&present, ledger, rules, &mut findings);
    for entry in entries {
        if let Some(danger) = names::danger(&entry.name) {
            findings.wrong("bag-path", entry.name.as_str(), format!("a file of this name is not safe: {danger}"));
        } else if rules == Rules::Package && !names::is_plain(&entry.name) {
            let text = "names in a package have letters, digits, '.', '_' and '-' only, and are not this long";
            findings.wrong("bag-path", entry.name.as_str(), text);
        }
    }
    let context = manifest::Context { members, ledger, rules, declaration };
    let mut listed_somewhere: BTreeSet<&str> = BTreeSet::new();
    let payload: Vec<&str> = ledger.files.keys().map(String::as_str).filter(|name| name.starts_with("data/")).collect();
    for algorithm in &present.payload {
        let listed = manifest::payload(&context, *algorithm, &mut findings);
        for name in &payload {
            if listed.contains(*name) {
                listed_somewhere.insert(name);
            } else if declaration.at_least(1, 0) {
                let text = format!("manifest-{}.txt does not list this file of the payload", algorithm.id());
                findings.wrong("bag-unlisted", *name, text);
            }
        }
    }
    if !declaration.at_least(1, 0) {
        for name in payload.iter().filter(|name| !listed_somewhere.contains(*name)) {
            findings.wrong("bag-unlisted", *name, "no manifest lists this file of the payload");
        }
    }
    for algorithm in &present.tags {
        manifest::tags(&context, *algorithm, &present.payload, &mut findings);
    }
    info::check(&context, &mut findings);
    fetch(ledger, rules, &mut findings);
    findings.into_list()
}

/// The files without which a folder is no bag.
fn required(present: &Present, ledger: &Ledger, rules: Rules, findings: &mut Findings) {
    if present.payload.is_empty() {
        findings.wrong("bag-no-manifest", "the bag", "there is no payload manifest of a known algorithm");
    }
    if !ledger.files.keys().any(|name| name.starts_with("data/")) {
        // An empty payload folder is allowed by the RFC, and not visible in a listing of files.
        findings.note("bag-empty", "the bag", "there is no payload");
    }
    if rules != Rules::Package {
        return;
    }
    let both = [Algorithm::Sha256, Algorithm::Sha512];
    for (kind, found) in [("manifest", &present.payload), ("tagmanifest", &present.tags)] {
        for algorithm in both.iter().filter(|algorithm| !found.contains(algorithm)) {
            findings.wrong("bag-no-manifest", format!("{kind}-{}.txt", algorithm.id()), "this manifest is missing");
        }
        for algorithm in found.iter().filter(|algorithm| !both.contains(algorithm)) {
            let text = "a package has manifests in SHA-256 and SHA-512 only";
            findings.wrong("bag-surplus", format!("{kind}-{}.txt", algorithm.id()), text);
        }
    }
}

/// Files that the bag leaves to be fetched from elsewhere. Nothing is ever fetched.
fn fetch(ledger: &Ledger, rules: Rules, findings: &mut Findings) {
    const FETCH: &str = "fetch.txt";
    if !ledger.contains(FETCH) {
        return;
    }
    match rules {
        Rules::Package => findings.wrong("bag-fetch", FETCH, "a package must hold everything itself"),
        Rules::General => {
            let text = "the bag leaves files to be fetched from elsewhere; nothing is fetched";
            findings.push(Finding::new(Severity::Incomplete, "bag-fetch", FETCH, text));
        }
    }
}
