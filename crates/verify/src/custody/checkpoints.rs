//! Signed heads: each checkpoint against the records it covers, its signature, and the key that made it.

use base64::Engine as _;
use exhibit_custody::PublicKey;
use exhibit_custody::layout::{CHECKPOINT_BYTES_MAX, FileKind, file_name, origin};
use exhibit_custody::note::{Note, NoteFault, key_id};
use exhibit_evidence::{Finding, Severity, to_hex};

use super::keys::{self, Fate};
use super::{Candidate, Log};
use crate::collect::Findings;
use crate::members::{Members, read_small};
use crate::verdict::Check;

/// All checkpoints together.
struct Signed<'a> {
    /// The origin every checkpoint of this case has, if the case is known.
    origin: Option<String>,
    candidates: &'a [Candidate],
    log: &'a Log,
    /// Id of the key of the checkpoint before.
    key_id: Option<[u8; 4]>,
    /// Records covered by a checkpoint whose signature is good.
    covered: u64,
    /// Keys that signed.
    signers: Vec<PublicKey>,
    /// Checkpoints whose signature holds: records covered, key, place.
    good: Vec<(u64, PublicKey, String)>,
    /// Keys that another key passed the log on to: the new key, the old one, the record.
    passed: Vec<(PublicKey, PublicKey, u64)>,
    findings: Findings,
}

pub(super) fn check(
    members: &dyn Members,
    folder: &str,
    numbers: &[u32],
    log: &Log,
    case: Option<&str>,
    candidates: &[Candidate],
) -> ([Check; 2], Vec<PublicKey>) {
    let findings = Findings::default();
    let origin = case.map(origin);
    let mut signed = Signed {
        origin,
        candidates,
        log,
        key_id: None,
        covered: 0,
        signers: Vec::new(),
        good: Vec::new(),
        passed: Vec::new(),
        findings,
    };
    for &number in numbers {
        let name = file_name(number, FileKind::Checkpoint);
        let place = format!("{folder}/{name}");
        match read_small(members, &name, CHECKPOINT_BYTES_MAX as u64) {
            Ok(bytes) => signed.one(&place, &bytes, log.heads.get(&number).copied()),
            Err(finding) => signed.findings.push(Finding { place, ..finding }),
        }
    }
    keys::after_the_end(&log.facts.key_events, &signed.good, &mut signed.findings);
    if signed.covered < log.records {
        let first = signed.covered.saturating_add(1);
        let text = format!("no checkpoint with a good signature covers the records {first} to {}", log.records);
        signed.findings.push(Finding::new(Severity::Incomplete, "custody-unsigned", folder, text));
    }
    let passed = format!("{} signed checkpoints; the last one covers all {} records", numbers.len(), log.records);
    let title = "The signed heads of the custody log are those of its records";
    let heirs = signed.heirs();
    let trust = vouched(&signed, &heirs);
    ([Check::from_findings("custody-checkpoints", title, passed, signed.findings.into_list()), trust], heirs)
}

/// Whether somebody vouches for every key that signed.
fn vouched(signed: &Signed<'_>, heirs: &[PublicKey]) -> Check {
    let (id, title) = ("custody-key", "The key that signed the custody log is one you trust");
    let trusted = |key: &PublicKey| signed.names(key) || heirs.contains(key);
    if signed.signers.is_empty() {
        return Check::not_done(id, title, "no signature could be checked");
    }
    let strangers = signed.signers.iter().filter(|key| !trusted(key));
    let strangers: Vec<Finding> = strangers
        .map(|key| {
            let text = format!("the signature is sound, but nobody vouches for the key {}", key.fingerprint());
            Finding::new(Severity::Incomplete, "key-unknown", "the custody log", text)
        })
        .collect();
    let name = |key: &PublicKey| match signed.passed.iter().find(|(heir, ..)| heir == key && !signed.names(key)) {
        Some((_, by, seq)) => {
            format!("{} (passed on to it by {} in record {seq})", key.fingerprint(), by.fingerprint())
        }
        None => key.fingerprint(),
    };
    let names: Vec<String> = signed.signers.iter().map(name).collect();
    Check::from_findings(id, title, format!("signed with {}", names.join(", ")), strangers)
}

impl Signed<'_> {
    /// Whether the person who asks named that key.
    fn names(&self, key: &PublicKey) -> bool {
        self.candidates.iter().any(|candidate| candidate.trusted && candidate.key == *key)
    }

    /// Keys that come from a trusted one, each passed on by the one before.
    fn heirs(&self) -> Vec<PublicKey> {
        let mut heirs: Vec<PublicKey> = Vec::new();
        for (key, by, _) in &self.passed {
            if self.names(by) || heirs.contains(by) {
                heirs.push(key.clone());
            }
        }
        heirs
    }

    /// A key that signs for the first time: who passed the log on to it, if somebody did. The record that names it must be
    /// under the signature of the key before; one under its own signature alone is anybody's word.
    fn first_time(&mut self, place: &str, key: &PublicKey) {
        let is_named = self.log.facts.keys.iter().any(|(_, named)| named == key);
        if self.signers.is_empty() {
            if !is_named {
                let text = format!("no record names {}, the key that signs the log", key.fingerprint());
                self.findings.note("custody-key-unnamed", place, text);
            }
            return;
        }
        if self.signers.contains(key) || !is_named {
            return; // a key that no record names was found before
        }
        let of = |fate: Fate| {
            let events = self.log.facts.key_events.iter();
            events.filter(move |event| event.fate == fate && event.heir.as_ref() == Some(key))
        };
        let passed = of(Fate::Changed).find_map(|event| {
            let of_the_old = |by: &PublicKey| by != key && by.fingerprint() == event.fingerprint;
            let before = self.good.iter().find(|(size, by, _)| *size >= event.seq && of_the_old(by))?;
            Some((key.clone(), before.1.clone(), event.seq))
        });
        let lost = of(Fate::Lost).next().map(|event| (event.seq, event.fingerprint.clone()));
        if let Some(passed) = passed {
            return self.passed.push(passed);
        }
        let print = key.fingerprint();
        match lost {
            Some((seq, old)) => {
                let text = format!(
                    "the log goes on with another key, {print}: record {seq} says that {old} was lost, so only who goes on says so"
                );
                self.findings.note("custody-key-lost", place, text);
            }
            None => {
                let text = format!(
                    "the log goes on with another key, {print}, and no record key-changed under the signature of the key \
                     before names it"
                );
                self.wrong("custody-key-not-passed-on", place, text);
            }
        }
    }

    fn wrong(&mut self, code: &str, place: &str, text: impl Into<String>) {
        self.findings.wrong(code, place, text);
    }

    fn one(&mut self, place: &str, bytes: &[u8], head: Option<(u64, [u8; 32])>) {
        let note = match Note::parse(bytes) {
            Ok(note) => note,
            Err(fault) => return self.wrong("custody-checkpoint", place, fault.to_string()),
        };
        let Some((origin, size, root)) = text_of(note.text()) else {
            return self.wrong("custody-checkpoint", place, "its text is not origin, size and root in three lines");
        };
        if let Some(expected) = self.origin.clone().filter(|expected| *expected != origin) {
            self.wrong("custody-origin", place, format!("it belongs to {origin:?}, not to {expected:?}"));
        }
        match head {
            None => self.wrong("custody-cut", place, format!("it covers {size} records, and its segment is not there")),
            Some((records, _)) if records < size => {
                let text = format!(
                    "it covers {size} records, but up to the end of its segment there are only {records}: cut off"
                );
                self.wrong("custody-cut", place, text);
            }
            Some((records, _)) if records > size => {
                let text = format!(
                    "it covers {size} records, but up to the end of its segment there are {records}: added later"
                );
                self.wrong("custody-size", place, text);
            }
            Some((_, expected)) if expected != root => {
                let text = format!("root over {size} records: expected {}, found {}", to_hex(&expected), to_hex(&root));
                self.wrong("custody-root", place, text);
            }
            Some(_) => {}
        }
        self.signature(place, &note, &origin, size);
    }

    /// The signature of the log itself is the one under the name of its origin; others are cosignatures.
    fn signature(&mut self, place: &str, note: &Note, origin: &str, size: u64) {
        let own: Vec<[u8; 4]> =
            note.signatures().iter().filter(|line| line.name == *origin).map(|line| line.key_id).collect();
        let [own_id] = own.as_slice() else {
            let text = format!("{} signatures under the name of the log; there must be exactly one", own.len());
            return self.wrong("custody-signature", place, text);
        };
        let others = note.signatures().len().saturating_sub(1);
        if others > 0 {
            self.findings.note("custody-cosigned", place, format!("{others} further signatures, not checked"));
        }
        let recorded = self.log.facts.keys.iter().filter(|(seq, _)| *seq <= size).map(|(_, key)| key);
        let known: Vec<&PublicKey> = self.candidates.iter().map(|candidate| &candidate.key).chain(recorded).collect();
        let named: Vec<(&str, &PublicKey)> = known.iter().map(|key| (origin, *key)).collect();
        match note.verify(&named) {
            Ok(signers) => {
                let signers: Vec<PublicKey> = signers.into_iter().cloned().collect();
                self.covered = self.covered.max(size.min(self.log.records));
                self.same_key(place, *own_id, origin, size);
                signers.into_iter().for_each(|key| {
                    self.first_time(place, &key);
                    self.good.push((size, key.clone(), place.to_owned()));
                    if !self.signers.contains(&key) {
                        self.signers.push(key);
                    }
                });
            }
            Err(NoteFault::NoKnownKey) => {
                self.same_key(place, *own_id, origin, size);
                let text =
                    format!("signed with a key that is not known here (id {}); give its public key", to_hex(own_id));
                self.findings.push(Finding::new(Severity::Incomplete, "custody-key-unknown", place, text));
            }
            Err(fault) => self.wrong("custody-signature", place, fault.to_string()),
        }
    }

    /// A log changes its key only by saying so: the new key must be named in a record that the checkpoint covers.
    fn same_key(&mut self, place: &str, id: [u8; 4], origin: &str, size: u64) {
        let before = self.key_id.replace(id);
        let named = |(seq, key): &(u64, PublicKey)| *seq <= size && key_id(origin, key) == id;
        if before.is_some_and(|before| before != id) && !self.log.facts.keys.iter().any(named) {
            let text = "signed with another key than the checkpoint before it, and no record names the new key";
            self.wrong("custody-foreign-key", place, text);
        }
    }
}

/// Origin, size and root of a checkpoint's text (C2SP tlog-checkpoint), without extension lines.
pub(crate) fn text_of(text: &str) -> Option<(String, u64, [u8; 32])> {
    let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
    let [origin, size_text, root_text] = lines.as_slice() else { return None };
    let size: u64 = size_text.parse().ok()?;
    let root = base64::engine::general_purpose::STANDARD.decode(root_text).ok()?;
    (!origin.is_empty() && size.to_string() == *size_text).then_some(())?;
    Some(((*origin).to_owned(), size, root.try_into().ok()?))
}
