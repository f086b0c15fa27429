//! An evidence package: archive, bag, signatures, case, manifest, custody log, evidence.

mod disclosure;
pub(crate) mod manifest;
mod recipients;

use std::sync::Arc;

use exhibit_custody::PublicKey;
use exhibit_evidence::{Finding, Source, to_hex};
use exhibit_package::disclosure::Disclosure;
use exhibit_package::layout::{CASE, CUSTODY, TAGS_SHA256};
use exhibit_package::manifest::{Manifest, Role};

use crate::acquisitions;
use crate::bag::{self, Rules};
use crate::beforehand::Beforehand;
use crate::bindings::{self, Missing};
use crate::case_file::{self, CASE_BYTES_MAX, CaseFile};
use crate::collect::Findings;
use crate::custody::{self, Candidate, Log};
use crate::ledger::{Algorithm, Ledger, Real};
use crate::members::{Below, Entry, Members, read_small, unreadable};
use crate::request::Request;
use crate::signature;
use crate::verdict::{Check, Checked, Level, Verdict};
use crate::watch::{Interrupted, Progress};
use crate::zip::Archive;

/// How a package names the version that wrote it, if that was this one.
const THIS_VERSION: &str = concat!("exhibit ", env!("CARGO_PKG_VERSION"));

/// What a package says it is; only as good as the verdict it comes with.
#[derive(Debug, Clone)]
pub struct PackageFacts {
    /// The folder that holds the bag; empty if the package is a folder itself.
    pub bag: String,
    /// Number of files in the bag.
    pub files: u64,
    /// Number of payload files.
    pub payload_files: u64,
    /// Their bytes.
    pub payload_bytes: u64,
    /// `exhibit/case.json`, if it could be read.
    pub case: Option<CaseFile>,
    /// `exhibit/manifest.json`, if it could be read.
    pub manifest: Option<Manifest>,
    /// `exhibit/disclosure.json`, if it could be read and shows a part only.
    pub disclosure: Option<Disclosure>,
    /// The key that made the signatures, if they are good.
    pub signer: Option<PublicKey>,
    /// Records in the custody log.
    pub log_records: u64,
    /// RFC 6962 root over them, lower-case hexadecimal.
    pub log_root: String,
    /// SHA-256 of `tagmanifest-sha256.txt`, lower-case hexadecimal, if it could be read.
    pub tagmanifest_sha256: Option<String>,
}

/// Checks a package in its archive.
///
/// # Errors
/// If somebody wished to stop; there is no verdict then.
pub fn check_package(source: Arc<dyn Source>, request: &Request<'_>) -> Result<Checked<PackageFacts>, Interrupted> {
    check_archive(source, &[], request, &Beforehand::default())
}

/// Checks a package in its archive, some of whose large parts were read [`beforehand`](crate::beforehand).
///
/// # Errors
/// If somebody wished to stop; there is no verdict then.
pub fn check_package_after(
    source: Arc<dyn Source>,
    request: &Request<'_>,
    beforehand: &Beforehand,
) -> Result<Checked<PackageFacts>, Interrupted> {
    check_archive(source, &[], request, beforehand)
}

/// Checks a package that was encrypted, and was opened with one of these public keys: it must have been meant for them.
///
/// # Errors
/// If somebody wished to stop; there is no verdict then.
pub fn check_opened(
    source: Arc<dyn Source>,
    opened_with: &[String],
    request: &Request<'_>,
) -> Result<Checked<PackageFacts>, Interrupted> {
    check_archive(source, opened_with, request, &Beforehand::default())
}

fn check_archive(
    source: Arc<dyn Source>,
    opened_with: &[String],
    request: &Request<'_>,
    beforehand: &Beforehand,
) -> Result<Checked<PackageFacts>, Interrupted> {
    let archive = Archive::open(source, &request.limits);
    let mut findings = Findings::default();
    findings.extend(archive.findings().iter().cloned());
    let folder = top_folder(&archive, &mut findings);
    let inside = Below::new(&archive, &folder);
    let mut package = Package::read(&inside, &folder, request, beforehand)?;
    // If the manifest cannot be read, the package fails for that; nothing is known of its writer then.
    let same_version = manifest::read(&inside).is_ok_and(|manifest| manifest.tool == THIS_VERSION);
    findings.extend(archive.repacking_findings(same_version));
    let title = "The archive is sound, and every byte of it belongs to something";
    let passed = format!("{} members, all headers agree", package.entries.len());
    package.checks.insert(0, Check::from_findings("archive", title, passed, findings.into_list()));
    package.checks.extend(recipients::check(package.members, &package.ledger, opened_with));
    package.finish(request)
}

/// Checks a package that was unpacked into a folder. The folder is the bag, or holds it as its only folder.
///
/// # Errors
/// If somebody wished to stop; there is no verdict then.
pub fn check_unpacked(members: &dyn Members, request: &Request<'_>) -> Result<Checked<PackageFacts>, Interrupted> {
    check_unpacked_after(members, request, &Beforehand::default())
}

/// The same, after some of its large parts were read [`beforehand`](crate::beforehand).
///
/// # Errors
/// If somebody wished to stop; there is no verdict then.
pub fn check_unpacked_after(
    members: &dyn Members,
    request: &Request<'_>,
    beforehand: &Beforehand,
) -> Result<Checked<PackageFacts>, Interrupted> {
    let mut findings = Findings::default();
    let folder = unpacked_folder(members, &mut findings);
    let inside = Below::new(members, &folder);
    let mut package = Package::read(&inside, &folder, request, beforehand)?;
    if !findings.is_empty() {
        let title = "The folder holds one package";
        package.checks.insert(0, Check::from_findings("folder", title, "", findings.into_list()));
    }
    package.finish(request)
}

/// The folder of the bag in a folder: that folder itself, or the only one in it.
pub(crate) fn unpacked_folder(members: &dyn Members, findings: &mut Findings) -> String {
    let is_bag = members.list().is_ok_and(|entries| entries.iter().any(|entry| entry.name == "bagit.txt"));
    if is_bag { String::new() } else { top_folder(members, findings) }
}

/// The one folder at the top. Files beside it do not belong to the package.
pub(crate) fn top_folder(members: &dyn Members, findings: &mut Findings) -> String {
    let entries = members.list().unwrap_or_default();
    let top = |entry: &Entry| entry.name.split_once('/').map(|(top, _)| top.to_owned());
    let is_declaration = |entry: &&Entry| entry.name.split_once('/').is_some_and(|(_, rest)| rest == "bagit.txt");
    let folder = entries.iter().find(is_declaration).or(entries.first()).and_then(top).unwrap_or_default();
    for entry in entries.iter().filter(|entry| top(entry).as_ref() != Some(&folder)) {
        findings.wrong(
            "package-top",
            entry.name.as_str(),
            format!("it lies outside of the package's folder, {folder:?}"),
        );
    }
    folder
}

/// Keys that may have signed: those the person who asks named, and the one that signed the package.
fn candidates(signer: Option<&Candidate>, request: &Request<'_>) -> Vec<Candidate> {
    let trusted = request.trusted.iter().map(|key| Candidate { key: key.clone(), trusted: true });
    trusted.chain(signer.cloned()).collect()
}

/// A package while it is checked.
struct Package<'a> {
    members: &'a dyn Members,
    folder: &'a str,
    entries: Vec<Entry>,
    ledger: Ledger,
    checks: Vec<Check>,
}

impl<'a> Package<'a> {
    /// Lists and hashes everything, and compares it with what the bag says.
    fn read(
        members: &'a dyn Members,
        folder: &'a str,
        request: &Request<'_>,
        beforehand: &Beforehand,
    ) -> Result<Self, Interrupted> {
        let (entries, unlisted) = match members.list() {
            Ok(entries) => (entries, None),
            Err(fault) => (Vec::new(), Some(unreadable("the package", &fault))),
        };
        let payload_too = request.level != Level::Structure;
        let wanted = |name: &str| payload_too || !name.starts_with("data/");
        let total =
            entries.iter().filter(|entry| wanted(&entry.name)).map(|entry| entry.size).fold(0, u64::saturating_add);
        let progress = Progress::start(request.watch, total);
        let (ledger, unread) =
            Ledger::take(members, &entries, &wanted, &Algorithm::OF_PACKAGES, beforehand, &progress)?;
        drop(progress);
        let read = unread.into_iter().chain(unlisted).collect();
        let count = entries.iter().filter(|entry| wanted(&entry.name)).count();
        let passed = format!("{count} files, {total} bytes");
        let files = Check::from_findings("files", "Every file could be read to its end", passed, read);
        let bag = Check::from_findings(
            "bag",
            "Nothing is missing, nothing is added, and every digest in the manifests is right",
            "the bag is complete, and its manifests agree with the files in SHA-256 and SHA-512",
            bag::judge(members, &entries, &ledger, Rules::Package),
        );
        Ok(Self { members, folder, entries, ledger, checks: vec![files, bag] })
    }

    /// Everything that is not the container.
    fn finish(mut self, request: &Request<'_>) -> Result<Checked<PackageFacts>, Interrupted> {
        let signed = signature::check(self.members, &self.ledger, request.trusted, &request.trust);
        self.checks.extend(signed.checks);
        let signer = signed.signer.map(|key| Candidate { key, trusted: signed.trusted });
        let case = self.case();
        let candidates = candidates(signer.as_ref(), request);
        let disclosure = self.disclosure();
        let log = self.custody(case.as_ref(), disclosure.as_ref(), &candidates, request);
        if let (Some(signer), Some(log)) = (&signer, &log) {
            self.inherited(&signer.key, log);
        }
        let manifest = manifest::check(
            self.members,
            &self.ledger,
            case.as_ref(),
            log.as_ref(),
            disclosure.as_ref().is_some_and(|disclosure| disclosure.log.is_some()),
            &mut self.checks,
        );
        if let (Some(disclosure), Some(manifest)) = (&disclosure, &manifest) {
            let (members, ledger, level) = (self.members, &self.ledger, request.level);
            let context = disclosure::Context { members, ledger, manifest, candidates: &candidates, level };
            self.checks.extend(disclosure::check(&context, disclosure));
        }
        if request.level != Level::Structure {
            self.evidence(manifest.as_ref(), disclosure.as_ref(), log.as_ref(), request)?;
        }
        let payload = self.entries.iter().filter(|entry| entry.name.starts_with("data/"));
        let part = disclosure.filter(disclosure::is_part);
        let subject = if part.is_some() { "what is disclosed of the package" } else { "the package" };
        let facts = PackageFacts {
            bag: self.folder.to_owned(),
            files: self.entries.len() as u64,
            payload_files: payload.clone().count() as u64,
            payload_bytes: payload.map(|entry| entry.size).fold(0, u64::saturating_add),
            case,
            manifest,
            disclosure: part,
            signer: signer.map(|signer| signer.key),
            log_records: log.as_ref().map_or(0, |log| log.records),
            log_root: log.as_ref().map(|log| to_hex(&log.root)).unwrap_or_default(),
            tagmanifest_sha256: self.ledger.get(TAGS_SHA256).and_then(Real::sha256),
        };
        let verdict = Verdict::from_checks(subject, request.level, self.checks, request.left_out());
        Ok(Checked::new(facts, verdict))
    }

    /// A package that is signed with a key to which a trusted one passed the log on is signed by whom the person trusts.
    fn inherited(&mut self, signer: &PublicKey, log: &Log) {
        let open = self.checks.iter_mut().find(|check| check.id == "package-signer" && !check.findings.is_empty());
        if let Some(check) = open.filter(|_| log.heirs.contains(signer)) {
            let text = format!("a key you trust passed the custody log on to the key {}", signer.fingerprint());
            *check = Check::from_findings(&check.id, &check.title, text, Vec::new());
        }
    }

    fn case(&mut self) -> Option<CaseFile> {
        let title = "The case is described";
        if !self.ledger.contains(CASE) {
            self.checks.push(Check::not_done("case-file", title, format!("there is no {CASE} in this package")));
            return None;
        }
        let wrong = |text: String| Finding::new(exhibit_evidence::Severity::Mismatch, "case-file", CASE, text);
        let read =
            read_small(self.members, CASE, CASE_BYTES_MAX).and_then(|bytes| case_file::parse(&bytes).map_err(wrong));
        let (case, findings) = match read {
            Ok(case) => (Some(case), Vec::new()),
            Err(finding) => (None, vec![finding]),
        };
        let passed = case.as_ref().map(|case| format!("case {:?}", case.number)).unwrap_or_default();
        self.checks.push(Check::from_findings("case-file", title, passed, findings));
        case
    }

    /// What is shown and withheld, if the package says so. That it cannot be read is wrong, whatever the rest is.
    fn disclosure(&mut self) -> Option<Disclosure> {
        match disclosure::read(self.members, &self.ledger)? {
            Ok(disclosure) => Some(disclosure),
            Err(finding) => {
                let title = "What is shown and what is withheld can be read";
                self.checks.push(Check::from_findings("disclosure", title, "", vec![finding]));
                None
            }
        }
    }

    fn custody(
        &mut self,
        case: Option<&CaseFile>,
        disclosure: Option<&Disclosure>,
        candidates: &[Candidate],
        request: &Request<'_>,
    ) -> Option<Log> {
        let number = case.map(|case| case.number.as_str());
        let folder = Below::new(self.members, CUSTODY);
        let is_empty = folder.list().is_ok_and(|entries| entries.is_empty());
        if let Some(part) = disclosure.and_then(|disclosure| disclosure.log.as_ref()) {
            let (log, check) = custody::check_part(part, number, candidates);
            self.checks.push(check);
            if !is_empty {
                let text = "the package has a custody log, and a part of one as well";
                let title = "There is one custody log";
                let finding = Finding::new(exhibit_evidence::Severity::Mismatch, "log-part", CUSTODY, text);
                self.checks.push(Check::from_findings("custody-chain", title, "", vec![finding]));
            }
            return Some(log);
        }
        if is_empty {
            let title = "The custody log is whole and in order";
            self.checks.push(Check::not_done("custody-chain", title, "there is no custody log in this package"));
            return None;
        }
        let (log, checks) = custody::check(&folder, CUSTODY, number, candidates, request.now);
        self.checks.extend(checks);
        self.checks.extend(custody::check_stamps(&folder, CUSTODY, &request.trust));
        Some(log)
    }

    /// The files of the items against their records and the log, and the media inside.
    fn evidence(
        &mut self,
        manifest: Option<&Manifest>,
        disclosure: Option<&Disclosure>,
        log: Option<&Log>,
        request: &Request<'_>,
    ) -> Result<(), Interrupted> {
        let Some(manifest) = manifest else {
            let title = "The files are those that their acquisition records name";
            self.checks.push(Check::not_done(
                "acquisition",
                title,
                "without a manifest it is not known which they are",
            ));
            return Ok(());
        };
        let mut holdings = manifest::holdings(manifest);
        // An item of which something is withheld has no image to compare with its record; its files are proven one by one.
        let in_part =
            |id: &str| disclosure.is_some_and(|disclosure| disclosure.withheld.iter().any(|entry| entry.item == id));
        for holding in holdings.iter_mut().filter(|holding| in_part(&holding.id)) {
            let records = holding.files.iter_mut().filter(|file| file.role == Role::AcquisitionRecord);
            records.for_each(|file| file.role = Role::Other);
        }
        let (level, media, watch) = (request.level, request.media, request.watch);
        let context = acquisitions::Context { members: self.members, ledger: &self.ledger, level, media, watch };
        let found = acquisitions::check(&context, &holdings)?;
        self.checks.extend(found.checks);
        self.checks.push(manifest::media(manifest, &found.records));
        if let Some(log) = log {
            let places = manifest::places(manifest);
            let in_log = |path: &str| path.strip_prefix("custody/").map(|name| format!("{CUSTODY}/{name}"));
            let place_of = |path: &str| places.get(path).cloned().or_else(|| in_log(path));
            let (_, check) = bindings::check(&log.facts, &self.ledger, Missing::Note, &place_of);
            self.checks.push(check);
        }
        Ok(())
    }
}
