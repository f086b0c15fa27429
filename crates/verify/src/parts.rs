//! A package in parts: the signed list of them, each part by itself, and then what they make together.

use std::sync::Arc;

use exhibit_custody::sshsig::{MessageHash, SshSignature};
use exhibit_custody::strict_json;
use exhibit_evidence::{Concat, Finding, Instant, Severity, Source, from_hex, to_hex};
use exhibit_package::parts::{
    FILE_BYTES_MAX, FORMAT, PARTS_MAX, PartFile, PartsManifest, SIGNATURE_NAMESPACE, part_name,
};
use serde::Deserialize as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha512};

use crate::collect::Findings;
use crate::members::{stream_source, unreadable};
use crate::names;
use crate::package::{PackageFacts, check_opened};
use crate::request::Request;
use crate::verdict::{Check, Checked, Level, Verdict};
use crate::watch::{Interrupted, Progress};

/// A file that may be a part: where it lies, for messages, and its bytes.
pub type Candidate = (String, Arc<dyn Source>);

/// What opens an encrypted archive: its bytes, and the public keys of whoever opened it, as far as they are known; or why it
/// cannot be opened here.
pub type Open<'a> = dyn Fn(Arc<dyn Source>) -> Result<(Arc<dyn Source>, Vec<String>), Finding> + 'a;

/// The parts of a package, as they were received.
pub struct Parts<'a> {
    /// The bytes of `….parts.json`.
    pub manifest: &'a [u8],
    /// The bytes of `….parts.json.sig`, if they are there.
    pub signature: Option<&'a [u8]>,
    /// All files of a name, wherever the person who asks let look for them.
    pub find: &'a dyn Fn(&str) -> Vec<Candidate>,
    /// Only this part, by name; the others and the package are not looked at.
    pub only: Option<&'a str>,
    /// Opens the archive if it is encrypted.
    pub open: &'a Open<'a>,
}

/// What is said of parts; only as good as the verdict it comes with.
#[derive(Debug, Clone)]
pub struct PartsFacts {
    /// The list of the parts, if it could be read.
    pub manifest: Option<PartsManifest>,
    /// What was found inside, if all parts were there.
    pub package: Option<PackageFacts>,
}

/// The list of parts, read strictly.
///
/// # Errors
/// In words, if the bytes are anything else.
pub fn parse_parts(bytes: &[u8]) -> Result<PartsManifest, String> {
    let limit = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
    let value = strict_json::parse_canonical(bytes, limit).map_err(|fault| fault.to_string())?;
    let manifest = PartsManifest::deserialize(&value).map_err(|error| error.to_string())?;
    if serde_json::to_value(&manifest).unwrap_or(Value::Null) != value {
        return Err("it holds something that does not belong to its format".to_owned());
    }
    judge(&manifest)?;
    Ok(manifest)
}

fn judge(manifest: &PartsManifest) -> Result<(), String> {
    if manifest.format != FORMAT {
        return Err(format!("the format is {:?}, not {FORMAT:?}", manifest.format));
    }
    if Instant::parse(&manifest.created).is_none() {
        return Err("\"created\" is not RFC 3339 in UTC with whole seconds".to_owned());
    }
    let count = manifest.parts.len() as u64;
    if count == 0 || count > PARTS_MAX {
        return Err(format!("{count} parts; there may be 1 to {PARTS_MAX}"));
    }
    let is_digest = |hex: &str| from_hex(hex).is_some_and(|bytes| bytes.len() == 32 && to_hex(&bytes) == hex);
    let plain = |name: &str| names::danger(name).is_none() && !name.contains('/');
    for file in manifest.parts.iter().chain([&manifest.archive]) {
        if !plain(&file.name) || !is_digest(&file.sha256) {
            return Err(format!("{:?} is not the name of a file with a SHA-256", file.name));
        }
    }
    if !is_digest(&manifest.tagmanifest_sha256) {
        return Err("the digest of the tag manifest is none".to_owned());
    }
    let expected = (1..=count).map(|number| part_name(&manifest.archive.name, number));
    if !manifest.parts.iter().map(|part| part.name.clone()).eq(expected) {
        return Err("the parts are not named after the archive, in order".to_owned());
    }
    let sum = manifest.parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.size));
    if sum != Some(manifest.archive.size) {
        return Err("the sizes of the parts do not add up to that of the archive".to_owned());
    }
    Ok(())
}

/// Checks parts, and the package in them if they are all there.
///
/// # Errors
/// If somebody wished to stop; there is no verdict then.
pub fn check_parts(parts: &Parts<'_>, request: &Request<'_>) -> Result<Checked<PartsFacts>, Interrupted> {
    let mut checks = Vec::new();
    let title = "The list of the parts can be read";
    let manifest = match parse_parts(parts.manifest) {
        Ok(manifest) => manifest,
        Err(text) => {
            let finding = Finding::new(Severity::Mismatch, "parts-list", "the list of parts", text);
            checks.push(Check::from_findings("parts-list", title, "", vec![finding]));
            return Ok(concluded(PartsFacts { manifest: None, package: None }, checks, request, Vec::new()));
        }
    };
    let count = manifest.parts.len();
    let passed = format!("{count} parts, {} bytes together", manifest.archive.size);
    checks.push(Check::from_findings("parts-list", title, passed, Vec::new()));
    checks.push(signature(parts, request));
    let mut whole = Vec::new();
    let wanted = |part: &&PartFile| parts.only.is_none_or(|only| only == part.name);
    let total = manifest.parts.iter().filter(wanted).map(|part| part.size).fold(0, u64::saturating_add);
    let progress = Progress::start(request.watch, total);
    for (number, part) in (1_usize..).zip(&manifest.parts).filter(|(_, part)| wanted(part)) {
        let title = format!("Part {number} of {count} is the one that was sent");
        let (check, source) = one(parts, part, &title, request.level, &progress);
        progress.check()?;
        checks.push(check);
        whole.extend(source);
    }
    drop(progress);
    if let Some(only) = parts.only {
        let left_out = vec![format!("the other parts, and the package in them: only {only} was looked at")];
        return Ok(concluded(PartsFacts { manifest: Some(manifest), package: None }, checks, request, left_out));
    }
    let title = "The parts together are the package that was announced";
    let package = if whole.len() == count {
        joined(parts, &manifest, whole, request, &mut checks)?
    } else {
        let missing = count.saturating_sub(whole.len());
        checks.push(Check::not_done(
            "parts-joined",
            title,
            format!("{missing} of {count} parts are missing or are not those that were sent"),
        ));
        None
    };
    Ok(concluded(PartsFacts { manifest: Some(manifest), package }, checks, request, Vec::new()))
}

fn concluded(facts: PartsFacts, checks: Vec<Check>, request: &Request<'_>, more: Vec<String>) -> Checked<PartsFacts> {
    let mut left_out = request.left_out();
    left_out.extend(more);
    Checked::new(facts, Verdict::from_checks("the package in parts", request.level, checks, left_out))
}

/// The signature over the list: whoever sealed the package binds the parts that follow.
fn signature(parts: &Parts<'_>, request: &Request<'_>) -> Check {
    let (id, title, place) =
        ("parts-signature", "The list of the parts is signed by somebody you trust", "the list of parts");
    let Some(bytes) = parts.signature else {
        return Check::not_done(id, title, "its signature (….parts.json.sig) is not there");
    };
    let wrong = |text: String| vec![Finding::new(Severity::Mismatch, "parts-signature", place, text)];
    let read = std::str::from_utf8(bytes).map_err(|_| "not text".to_owned());
    let read = read.and_then(|text| SshSignature::parse(text).map_err(|fault| fault.to_string()));
    let signature = match read {
        Ok(signature) => signature,
        Err(text) => return Check::from_findings(id, title, "", wrong(text)),
    };
    let digest = match signature.hash() {
        MessageHash::Sha256 => Sha256::digest(parts.manifest).to_vec(),
        MessageHash::Sha512 => Sha512::digest(parts.manifest).to_vec(),
    };
    if let Err(fault) = signature.verify_digest(SIGNATURE_NAMESPACE, &digest) {
        return Check::from_findings(id, title, "", wrong(fault.to_string()));
    }
    let fingerprint = signature.key().fingerprint();
    if request.trusted.contains(signature.key()) {
        return Check::from_findings(
            id,
            title,
            format!("signed with the key {fingerprint}, which you named"),
            Vec::new(),
        );
    }
    let text = format!("the signature is sound, but nobody vouches for the key {fingerprint}");
    let finding = Finding::new(Severity::Incomplete, "key-unknown", place, text);
    Check::from_findings(id, title, "", vec![finding])
}

/// One part: of the files of its name, the first that is the one that was sent.
fn one(
    parts: &Parts<'_>,
    part: &PartFile,
    title: &str,
    level: Level,
    progress: &Progress<'_>,
) -> (Check, Option<Arc<dyn Source>>) {
    let mut findings = Findings::default();
    let mut unread = false;
    for (place, source) in (parts.find)(&part.name) {
        if source.size() != part.size {
            let text = format!(
                "a file of this name has {} bytes instead of {}: cut off, or a part of something else",
                source.size(),
                part.size
            );
            findings.wrong("part-foreign", place, text);
            continue;
        }
        if level == Level::Structure {
            let text = "its bytes are not read at this level";
            return (Check::not_done("part", title, format!("{}: {text}", part.name)), Some(source));
        }
        let mut hasher = Sha256::new();
        let streamed = stream_source(&*source, &mut |block| {
            hasher.update(block);
            progress.advance(block.len())
        });
        if let Err(fault) = streamed {
            unread = true;
            findings.push(unreadable(&place, &fault));
            continue;
        }
        let found = to_hex(&hasher.finalize());
        if found == part.sha256 {
            // A wrong copy elsewhere does no harm once the right one is there.
            let passed = format!("{place}: {} bytes, SHA-256 agrees", part.size);
            return (Check::from_findings("part", title, passed, Vec::new()), Some(source));
        }
        let text = format!("SHA-256: {} was sent, {found} is here: changed, or a part of something else", part.sha256);
        findings.wrong("part-foreign", place, text);
    }
    if findings.is_empty() && !unread {
        let text = "it is missing; put it beside the list, or say where it lies";
        findings.push(Finding::new(Severity::Incomplete, "part-missing", part.name.as_str(), text));
    }
    (Check::from_findings("part", title, "", findings.into_list()), None)
}

/// The archive, opened if it is encrypted, and everything that is checked of a package.
fn joined(
    parts: &Parts<'_>,
    manifest: &PartsManifest,
    whole: Vec<Arc<dyn Source>>,
    request: &Request<'_>,
    checks: &mut Vec<Check>,
) -> Result<Option<PackageFacts>, Interrupted> {
    let title = "The parts together are the package that was announced";
    let mut archive: Arc<dyn Source> = Arc::new(Concat::new(whole));
    let mut keys = Vec::new();
    if manifest.encrypted {
        (archive, keys) = match (parts.open)(archive) {
            Ok(opened) => opened,
            Err(finding) => {
                checks.push(Check::from_findings("parts-joined", title, "", vec![finding]));
                return Ok(None);
            }
        };
    }
    let checked = check_opened(archive, &keys, request)?;
    let (facts, verdict) = (checked.facts.clone(), checked.verdict().clone());
    let mut findings = Findings::default();
    if facts.tagmanifest_sha256.as_ref() != Some(&manifest.tagmanifest_sha256) {
        let found = facts.tagmanifest_sha256.as_deref().unwrap_or("none");
        let text = format!("tag manifest: the list announces {}, the package has {found}", manifest.tagmanifest_sha256);
        findings.wrong("parts-package", manifest.archive.name.as_str(), text);
    }
    checks.push(Check::from_findings(
        "parts-joined",
        title,
        "joined, and its tag manifest is the one announced",
        findings.into_list(),
    ));
    checks.extend(verdict.checks);
    Ok(Some(facts))
}

/// The verdict on an encrypted package that does not open: nothing of it was looked at.
#[must_use]
pub fn check_unopened(finding: Finding, level: Level) -> Checked<()> {
    let check = Check::from_findings("encryption", "The encrypted package opens", "", vec![finding]);
    Checked::new((), Verdict::from_checks("the package", level, vec![check], Vec::new()))
}
