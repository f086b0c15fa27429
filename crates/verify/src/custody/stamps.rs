//! Time stamps over checkpoints: so much of the log existed at that time.

use std::collections::BTreeSet;

use exhibit_custody::layout::{CHECKPOINT_BYTES_MAX, FileKind, StampFile, file_name, parse_stamp_name, stamp_name};
use exhibit_evidence::{Finding, Severity};
use exhibit_pki::Hash;
use exhibit_pki::timestamp::Request;

use crate::collect::Findings;
use crate::members::{Members, read_small};
use crate::stamp::{self, StampQuestion};
use crate::trust::Trust;
use crate::verdict::Check;

/// Time stamps of one log that are checked; each costs some signatures.
const STAMPS_MAX: usize = 1000;
/// Largest token, request, or file of certificates or lists, in bytes.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// Checks every time stamp of the log in `members`; `None` if there is none.
pub(crate) fn check(members: &dyn Members, folder: &str, trust: &Trust<'_>) -> Option<Check> {
    let entries = members.list().ok()?;
    let tokens = entries.iter().filter_map(|entry| match parse_stamp_name(&entry.name) {
        Some((number, StampFile::Token)) if !entry.name.contains('/') => Some(number),
        _ => None,
    });
    let mut numbers: Vec<u32> = tokens.collect();
    numbers.sort_unstable();
    let names: BTreeSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let mut findings = Findings::default();
    let mut said = Vec::new();
    for &number in numbers.iter().take(STAMPS_MAX) {
        let place = format!("{folder}/{}", stamp_name(number, StampFile::Token));
        match one(members, &names, number, &place, trust, &mut findings) {
            Ok(words) => said.extend(words),
            Err(finding) => findings.push(Finding { place, ..finding }),
        }
    }
    if numbers.len() > STAMPS_MAX {
        let text = format!("more than {STAMPS_MAX} time stamps; the rest was not checked");
        findings.push(Finding::new(Severity::Incomplete, "limit-stamps", folder, text));
    }
    let title = "Time stamps say when the custody log existed at the latest";
    let last = said.last().cloned().unwrap_or_default();
    let passed = format!("{} time stamps; the last: {last}", numbers.len());
    (!numbers.is_empty()).then(|| Check::from_findings("custody-timestamps", title, passed, findings.into_list()))
}

/// One token over one checkpoint.
fn one(
    members: &dyn Members,
    names: &BTreeSet<&str>,
    number: u32,
    place: &str,
    trust: &Trust<'_>,
    findings: &mut Findings,
) -> Result<Option<String>, Finding> {
    let read = |file: StampFile| read_small(members, &stamp_name(number, file), FILE_BYTES_MAX);
    let present = |file: StampFile| names.contains(stamp_name(number, file).as_str());
    let pem = |file: StampFile, label: &str| {
        if !present(file) {
            return Ok(Vec::new());
        }
        let bytes = read(file)?;
        let wrong = |text: String| Finding::new(Severity::Mismatch, "validation-file", place, text);
        exhibit_pki::pem::all_of(label, &bytes).map_err(|fault| wrong(fault.to_string()))
    };
    let token = read(StampFile::Token)?;
    let checkpoint_name = file_name(number, FileKind::Checkpoint);
    let checkpoint = read_small(members, &checkpoint_name, CHECKPOINT_BYTES_MAX as u64);
    let checkpoint = checkpoint.map_err(|_| {
        let text = format!("it is a time stamp of {checkpoint_name}, which is missing");
        Finding::new(Severity::Mismatch, "timestamp-of-nothing", place, text)
    })?;
    let mut certificates = pem(StampFile::Certificates, "CERTIFICATE")?;
    let mut lists = pem(StampFile::Lists, "X509 CRL")?;
    certificates.extend(trust.certificates.iter().cloned());
    lists.extend(trust.revocation_lists.iter().cloned());
    let trust = Trust { certificates: &certificates, revocation_lists: &lists, ..*trust };
    let request = match present(StampFile::Request) {
        true => Some(
            Request::parse(&read(StampFile::Request)?)
                .map_err(|fault| Finding::new(Severity::Mismatch, "timestamp-request", place, fault.to_string()))?,
        ),
        false => None,
    };
    let digest = |hash: Hash| Some(hash.digest(&checkpoint));
    let question = StampQuestion {
        place,
        what: &checkpoint_name,
        digest: &digest,
        nonce: request.as_ref().and_then(|request| request.nonce.as_deref()),
        policy: request.as_ref().and_then(|request| request.policy.as_deref()),
    };
    let stamped = stamp::check(&token, &question, &trust);
    let words = stamped.facts.as_ref().map(|facts| format!("{checkpoint_name} {}", facts.in_words()));
    findings.extend(stamped.into_findings());
    Ok(words)
}
