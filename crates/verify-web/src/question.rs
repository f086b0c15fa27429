//! Questions of the page and their answers, as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_custody::PublicKey;
use exhibit_evidence::{Cancel, Instant, Observer, Source};
use exhibit_pki::{Certificate, Fault, RevocationList, pem};
use exhibit_verify::beforehand::{self, Beforehand, Done, PIECE_BYTES_MIN, Piece};
use exhibit_verify::{Checked, Interrupted, Level, PackageFacts, Request, Trust, Watch, zip};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::disclosed;
use crate::files::Files;
use crate::story;

/// How every file in the format of age begins.
const FIRST_LINE_OF_AGE: &[u8; 22] = b"age-encryption.org/v1\n";

/// What the page asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "ask")]
enum Question {
    /// Which pieces the check has.
    Pieces {
        /// Number of bytes from which a file is a piece of its own.
        #[serde(default = "at_least")]
        at_least: u64,
    },
    /// One piece done.
    Work {
        /// Which.
        piece: Piece,
    },
    /// The verdict.
    Verdict {
        /// What was done before.
        #[serde(default)]
        done: Vec<Done>,
        /// The clock of the reader's machine, in seconds since 1970.
        #[serde(default)]
        now: Option<i64>,
        /// Public keys that the reader trusts, as text: lines of OpenSSH keys or allowed signers.
        #[serde(default)]
        keys: Vec<String>,
        /// Files of certificates of authorities that the reader trusts, PEM or DER in base64.
        #[serde(default)]
        certificates: Vec<String>,
        /// The same, for time stamps only.
        #[serde(default)]
        stamp_certificates: Vec<String>,
    },
}

const fn at_least() -> u64 {
    PIECE_BYTES_MIN
}

/// Answers one question about the files. What cannot be answered is answered with `{"error": …}`; there is never no answer.
#[must_use]
pub fn answer(question: &[u8], files: &Files, observer: &dyn Observer) -> Vec<u8> {
    let answer = match serde_json::from_slice(question) {
        Ok(question) => reply(question, files, observer),
        Err(error) => Err(format!("the page asked what this checker does not understand: {error}")),
    };
    let value = answer.unwrap_or_else(|text| json!({ "error": text }));
    serde_json::to_vec(&value).unwrap_or_else(|_| br#"{"error":"the answer could not be written down"}"#.to_vec())
}

fn reply(question: Question, files: &Files, observer: &dyn Observer) -> Result<Value, String> {
    let cancel = Cancel::new();
    let watch = Watch { observer, cancel: &cancel };
    let limits = zip::Limits::default();
    let request =
        Request { level: Level::Full, trusted: &[], trust: Trust::default(), media: None, now: None, limits, watch };
    let interrupted = |Interrupted| "interrupted".to_owned();
    match question {
        // Not a ZIP that is damaged, and nothing of it can be looked at here.
        Question::Pieces { .. } if files.archive().is_some_and(|archive| is_encrypted(&*archive)) => {
            let text = "the package is encrypted; open it with age first, and choose what comes out";
            Ok(json!({ "error": text, "code": "encrypted" }))
        }
        Question::Pieces { at_least } => {
            let pieces = match files.archive() {
                Some(archive) => beforehand::pieces(archive, &request, at_least),
                None => beforehand::pieces_unpacked(files, &request, at_least),
            };
            Ok(json!({ "pieces": pieces }))
        }
        Question::Work { piece } => {
            let done = match files.archive() {
                Some(archive) => beforehand::work(archive, &piece, &request),
                None => beforehand::work_unpacked(files, &piece, &request),
            };
            serde_json::to_value(done.map_err(interrupted)?).map_err(|error| error.to_string())
        }
        Question::Verdict { done, now, keys, certificates, stamp_certificates } => {
            let mut trusted = Vec::new();
            for text in &keys {
                trusted.extend(PublicKey::parse_all(text).map_err(|fault| format!("public key: {fault}"))?);
            }
            let mut before = Beforehand::default();
            done.into_iter().for_each(|done| before.add(done));
            let now = now.map(Instant::from_unix_seconds);
            let (anchors, mut lists) = authorities(&certificates)?;
            let (stamp_anchors, more) = authorities(&stamp_certificates)?;
            lists.extend(more);
            let (anchors, stamp_anchors) = (anchors.as_slice(), stamp_anchors.as_slice());
            let trust = Trust { anchors, stamp_anchors, revocation_lists: &lists, now, ..Trust::default() };
            let request = Request { trusted: &trusted, trust, media: Some(&before), now, ..request };
            let checked = match files.archive() {
                Some(archive) => exhibit_verify::check_package_after(archive, &request, &before),
                None => exhibit_verify::check_unpacked_after(files, &request, &before),
            };
            Ok(told(&checked.map_err(interrupted)?, files))
        }
    }
}

/// Whether a file begins as those of age do.
fn is_encrypted(archive: &dyn Source) -> bool {
    let mut start = [0; FIRST_LINE_OF_AGE.len()];
    archive.size() >= start.len() as u64 && archive.read_at(0, &mut start).is_ok() && start == *FIRST_LINE_OF_AGE
}

/// Certificates or revocation lists, each in DER.
type Blocks = Vec<Vec<u8>>;

/// The certificates and the revocation lists in files that the reader chose. Something must be in each: a reader who believes
/// that he named an authority must not be told less than that.
fn authorities(files: &[String]) -> Result<(Blocks, Blocks), String> {
    let (mut certificates, mut lists) = (Vec::new(), Vec::new());
    for file in files {
        let bytes = STANDARD.decode(file).map_err(|error| format!("file of certificates: {error}"))?;
        let refused = |fault: Fault| format!("file of certificates: {fault}");
        let found = pem::all_of("CERTIFICATE", &bytes).map_err(refused)?;
        let found_lists = pem::all_of("X509 CRL", &bytes).map_err(refused)?;
        if found.is_empty() && found_lists.is_empty() {
            return Err("file of certificates: there is none in it; it must be PEM or DER".to_owned());
        }
        // A file in DER is handed back under either name; it is what it reads as.
        lists.extend(found_lists.into_iter().filter(|list| RevocationList::parse(list).is_ok()));
        for bytes in found {
            match Certificate::parse(&bytes) {
                Ok(_) => certificates.push(bytes),
                Err(_) if lists.contains(&bytes) => {}
                Err(fault) => return Err(refused(fault)),
            }
        }
    }
    Ok((certificates, lists))
}

/// The verdict, and what the package says of itself.
fn told(checked: &Checked<PackageFacts>, files: &Files) -> Value {
    let (facts, verdict) = (&checked.facts, checked.verdict());
    let manifest = facts.manifest.as_ref().and_then(|manifest| serde_json::to_value(manifest).ok());
    let case = facts.case.as_ref().map(|case| {
        json!({
            "number": case.number, "title": case.title, "examiner": case.examiner, "agency": case.agency,
            "created": case.created, "authority": case.authority, "scope": case.scope,
        })
    });
    let signer = facts.signer.as_ref().map(|key| json!({"fingerprint": key.fingerprint(), "key": key.to_openssh()}));
    json!({
        "verdict": verdict,
        "sentence": verdict.sentence(),
        "verified": checked.verified().is_some(),
        "package": {
            "bag": facts.bag, "files": facts.files, "payload_files": facts.payload_files,
            "payload_bytes": facts.payload_bytes, "signer": signer, "log_records": facts.log_records,
            "log_root": facts.log_root,
        },
        "case": case,
        "manifest": manifest,
        "disclosure": disclosed::told(facts),
        "story": story::read(files, facts),
    })
}
