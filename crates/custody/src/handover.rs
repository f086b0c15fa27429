//! Handovers: what the sender states and signs, and what the receiver answers and signs. One small file, no server.
//!
//! ```text
//! {"case":"2026-117",…,"format":"exhibit-handover/1",…}     the statement: one line of canonical JSON
//! -----BEGIN SSH SIGNATURE-----                             over that line with its line feed, namespace exhibit-handover
//! …
//! {"case":"R-9",…,"format":"exhibit-handover-receipt/1",…}  in a receipt: the answer, which names the SHA-256 of all above
//! -----BEGIN SSH SIGNATURE-----                             over that line, namespace exhibit-receipt
//! …
//! ```
//!
//! A good signature by an unknown key proves nothing: callers compare the keys they get with the keys they trust.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_evidence::{Instant, from_hex, to_hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::canonical::{self, CanonicalFault};
use crate::checkpoint::Checkpoint;
use crate::layout::handover::{FORMAT, NAMESPACE, RECEIPT_FORMAT, RECEIPT_NAMESPACE, STATEMENT_BYTES_MAX};
use crate::layout::origin;
use crate::public_key::PublicKey;
use crate::signer::{SignFault, Signer};
use crate::sshsig;
use crate::strict_json;

/// One side of a handover.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Who.
    pub name: String,
    /// Of which office; `null` if not said.
    pub agency: Option<String>,
    /// As what; `null` if not said.
    pub role: Option<String>,
    /// The key, as an OpenSSH line; `null` if not known.
    pub key: Option<String>,
}

/// An item that changes hands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The item's number in the sender's case.
    pub id: String,
    /// What it is; `null` if not said.
    pub description: Option<String>,
    /// Seals in place.
    pub seals: Vec<String>,
    /// In what condition; `null` if not said.
    pub condition: Option<String>,
    /// Size of its medium in bytes, as decimal digits; `null` if it was not imaged.
    pub size: Option<String>,
    /// Digests of its medium, lower-case hexadecimal, by algorithm; empty if it was not imaged.
    pub digests: BTreeMap<String, String>,
    /// Root of the hash tree over its medium; `null` if there is none.
    pub tree_root: Option<String>,
}

/// A file that is handed over: a package, a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name, without folder.
    pub name: String,
    /// In bytes, as decimal digits.
    pub size: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// Where a side's log stands: the record of the handover, and a signed head that covers it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Number of the record.
    pub record: u64,
    /// The checkpoint, as it stands in its file.
    pub checkpoint: String,
}

/// What the sender states.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handover {
    /// Always [`FORMAT`].
    pub format: String,
    /// 32 digits of lower-case hexadecimal, drawn by lot: names this handover in both logs.
    pub id: String,
    /// The sender's case number.
    pub case: String,
    /// When: RFC 3339, UTC.
    pub created: String,
    /// Who hands over.
    pub from: Party,
    /// Who is to receive.
    pub to: Party,
    /// Items.
    pub items: Vec<Item>,
    /// Files.
    pub files: Vec<File>,
    /// Where; `null` if not said.
    pub place: Option<String>,
    /// Why; `null` if not said.
    pub reason: Option<String>,
    /// Under which authority; `null` if not said.
    pub authority: Option<String>,
    /// Marks of handling.
    pub handling: Vec<String>,
    /// The sender's log.
    pub log: Head,
    /// The program with its version.
    pub tool: String,
}

/// How the receiver answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Everything that was looked at is as stated.
    #[default]
    Accepted,
    /// Taken, although something is not as stated.
    AcceptedWithDiscrepancies,
    /// Not taken.
    Refused,
}

impl Answer {
    /// The word in the receipt.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AcceptedWithDiscrepancies => "accepted-with-discrepancies",
            Self::Refused => "refused",
        }
    }
}

/// Something that is not as stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discrepancy {
    /// The item or file concerned; `null` if it is the handover as a whole.
    pub concerns: Option<String>,
    /// What is not as stated.
    pub text: String,
}

/// What the receiver answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Always [`RECEIPT_FORMAT`].
    pub format: String,
    /// The id of the handover.
    pub id: String,
    /// SHA-256 of the sender's statement and signature, all bytes, lower-case hexadecimal.
    pub handover_sha256: String,
    /// The receiver's case number.
    pub case: String,
    /// When: RFC 3339, UTC.
    pub created: String,
    /// Who answers.
    pub from: Party,
    /// How.
    pub answer: Answer,
    /// Why; always said for a refusal and for what is accepted with discrepancies.
    pub reason: Option<String>,
    /// What was compared and is as stated: one sentence each.
    pub matches: Vec<String>,
    /// What was not compared: one sentence each.
    pub not_checked: Vec<String>,
    /// What is not as stated.
    pub discrepancies: Vec<Discrepancy>,
    /// In what condition everything arrived; `null` if not said.
    pub condition: Option<String>,
    /// Where; `null` if not said.
    pub place: Option<String>,
    /// The receiver's log.
    pub log: Head,
    /// The program with its version.
    pub tool: String,
}

/// Which part of a file a fault is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The sender's statement.
    Handover,
    /// The receiver's answer.
    Receipt,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Handover => "the sender's statement",
            Self::Receipt => "the receiver's answer",
        })
    }
}

/// Why a file is not a handover, or not a sound one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part}, from byte {at}: {text}")]
pub struct HandoverFault {
    /// Which part.
    pub part: Part,
    /// Where the part begins, or the fault lies, in bytes from the start of the file.
    pub at: usize,
    /// What is wrong.
    pub text: String,
}

/// A handover, and perhaps the answer to it, as read from a file; both signatures hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Papers {
    /// What the sender stated.
    pub handover: Handover,
    /// The key that signed it.
    pub sender: PublicKey,
    /// SHA-256 of statement and signature.
    pub sha256: String,
    /// The answer, and the key that signed it.
    pub receipt: Option<(Receipt, PublicKey)>,
}

impl Handover {
    /// The file: statement and signature.
    ///
    /// # Errors
    /// If it cannot be written as canonical JSON, or the key does not sign.
    pub fn sign(&self, key: &dyn Signer) -> Result<String, StatementFault> {
        signed(self, NAMESPACE, key)
    }

    /// What does not fit in it.
    fn fault(&self, sender: &PublicKey) -> Option<String> {
        if self.format != FORMAT {
            return Some(format!("the format is not {FORMAT:?}"));
        }
        if self.items.is_empty() && self.files.is_empty() {
            return Some("nothing is handed over".to_owned());
        }
        if self.to.key.as_deref().is_some_and(|line| PublicKey::parse(line).is_err()) {
            return Some("the key of the receiver is none".to_owned());
        }
        let mut ids = BTreeSet::new();
        for item in &self.items {
            if item.id.is_empty() || !ids.insert(&item.id) {
                return Some(format!("an item without a number of its own: {:?}", item.id));
            }
            let digests = item.digests.values().chain(&item.tree_root);
            if digests.clone().any(|digest| !is_hex(digest)) || item.size.as_ref().is_some_and(|size| !is_count(size)) {
                return Some(format!("a size or digest of item {:?} is not one", item.id));
            }
        }
        if let Some(file) = self.files.iter().find(|file| !is_count(&file.size) || !is_sha256(&file.sha256)) {
            return Some(format!("the size or digest of file {:?} is not one", file.name));
        }
        side_fault(&self.id, &self.created, &self.from, &self.log, &self.case, sender)
    }
}

impl Receipt {
    fn fault(&self, papers: &Papers, receiver: &PublicKey) -> Option<String> {
        if self.format != RECEIPT_FORMAT {
            return Some(format!("the format is not {RECEIPT_FORMAT:?}"));
        }
        if self.id != papers.handover.id || self.handover_sha256 != papers.sha256 {
            return Some("it answers another handover than the one before it".to_owned());
        }
        let said = self.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
        if self.answer != Answer::Accepted && !said {
            return Some(format!("the answer is {:?}, and no reason is given", self.answer.id()));
        }
        if (self.answer == Answer::Accepted) != self.discrepancies.is_empty() && self.answer != Answer::Refused {
            return Some(format!("the answer {:?} does not fit to its discrepancies", self.answer.id()));
        }
        side_fault(&self.id, &self.created, &self.from, &self.log, &self.case, receiver)
    }
}

impl Papers {
    /// Reads a handover or a receipt and checks everything in it that can be checked without knowing anybody.
    ///
    /// # Errors
    /// A [`HandoverFault`] naming part and place.
    pub fn parse(bytes: &[u8]) -> Result<Self, HandoverFault> {
        let fault = |part, at, text: String| HandoverFault { part, at, text };
        let (line, signature, length) = cut(bytes).map_err(|text| fault(Part::Handover, 0, text))?;
        let (handover, sender): (Handover, _) =
            read(line, signature, NAMESPACE).map_err(|text| fault(Part::Handover, 0, text))?;
        if let Some(text) = handover.fault(&sender) {
            return Err(fault(Part::Handover, 0, text));
        }
        let (own, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        let mut papers = Self { handover, sender, sha256: to_hex(&Sha256::digest(own)), receipt: None };
        if rest.is_empty() {
            return Ok(papers);
        }
        let (line, signature, second) = cut(rest).map_err(|text| fault(Part::Receipt, length, text))?;
        if second < rest.len() {
            let at = length.saturating_add(second);
            return Err(fault(Part::Receipt, at, "there is something after its signature".to_owned()));
        }
        let (receipt, receiver): (Receipt, _) =
            read(line, signature, RECEIPT_NAMESPACE).map_err(|text| fault(Part::Receipt, length, text))?;
        if let Some(text) = receipt.fault(&papers, &receiver) {
            return Err(fault(Part::Receipt, length, text));
        }
        papers.receipt = Some((receipt, receiver));
        Ok(papers)
    }

    /// The receipt file: `handover`, the bytes these papers were read from, with the answer and its signature behind it.
    ///
    /// # Errors
    /// If it cannot be written as canonical JSON, or the key does not sign.
    pub fn answered(handover: &[u8], receipt: &Receipt, key: &dyn Signer) -> Result<Vec<u8>, StatementFault> {
        let mut bytes = handover.to_vec();
        bytes.extend_from_slice(signed(receipt, RECEIPT_NAMESPACE, key)?.as_bytes());
        Ok(bytes)
    }
}

/// Why a statement could not be written and signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementFault {
    /// It cannot be written as canonical JSON.
    #[error(transparent)]
    Canonical(#[from] CanonicalFault),
    /// The key does not sign.
    #[error(transparent)]
    Signing(#[from] SignFault),
}

/// Canonical line and signature over it.
fn signed(statement: &impl Serialize, namespace: &str, key: &dyn Signer) -> Result<String, StatementFault> {
    let value = serde_json::to_value(statement).unwrap_or_default();
    let mut line = canonical::write(&value)?;
    line.push(b'\n');
    let signature = sshsig::sign_with(key, namespace, &line)?;
    Ok(format!("{}{signature}", String::from_utf8_lossy(&line)))
}

const END: &[u8] = b"-----END SSH SIGNATURE-----\n";

/// The first line with its line feed, the armour after it, and the length of both.
fn cut(bytes: &[u8]) -> Result<(&[u8], &str, usize), String> {
    let line = bytes.iter().take(STATEMENT_BYTES_MAX).position(|byte| *byte == b'\n');
    let line = line.ok_or("it has no line end within the limit of its length")?.saturating_add(1);
    let (statement, rest) = bytes.split_at_checked(line).ok_or("it is cut short")?;
    let near = rest.get(..rest.len().min(crate::armour::TEXT_BYTES_MAX)).unwrap_or(rest);
    let end = near.windows(END.len()).position(|window| window == END).ok_or("no signature follows it")?;
    let signature = rest.get(..end.saturating_add(END.len())).ok_or("it is cut short")?;
    let text = std::str::from_utf8(signature).map_err(|_| "its signature is not text")?;
    Ok((statement, text, line.saturating_add(signature.len())))
}

/// The statement of a canonical line, and the key whose signature over it holds.
fn read<T: for<'de> Deserialize<'de>>(line: &[u8], signature: &str, namespace: &str) -> Result<(T, PublicKey), String> {
    let json = line.strip_suffix(b"\n").unwrap_or(line);
    let value = strict_json::parse_canonical(json, STATEMENT_BYTES_MAX).map_err(|fault| fault.to_string())?;
    let key = sshsig::verify(signature, namespace, line).map_err(|fault| fault.to_string())?;
    let statement = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok((statement, key))
}

/// What does not fit in what both sides have.
fn side_fault(id: &str, created: &str, from: &Party, log: &Head, case: &str, signer: &PublicKey) -> Option<String> {
    if id.len() != 32 || !is_hex(id) {
        return Some("the id is not 32 hexadecimal digits".to_owned());
    }
    if Instant::parse(created).is_none() {
        return Some("\"created\" is not RFC 3339 in UTC with whole seconds".to_owned());
    }
    if from.key.as_deref().and_then(|line| PublicKey::parse(line).ok()).as_ref() != Some(signer) {
        return Some("it is signed with another key than the one it names as its sender's".to_owned());
    }
    match Checkpoint::open(log.checkpoint.as_bytes(), std::slice::from_ref(signer)) {
        Err(fault) => Some(format!("its checkpoint: {fault}")),
        Ok((head, _)) if head.origin != origin(case) => Some("its checkpoint is that of another case".to_owned()),
        Ok((head, _)) if log.record == 0 || head.size < log.record => {
            Some(format!("its checkpoint covers {} records and not record {}", head.size, log.record))
        }
        Ok(_) => None,
    }
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && from_hex(text).is_some_and(|bytes| to_hex(&bytes) == text)
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

fn is_count(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;
    use crate::log::{Context, Log};

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed([seed; 32], "practice key")
    }

    fn head(case: &str, key: &SigningKey) -> Head {
        let [actor, role, tool] = ["A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
        let now = Instant::from_unix_seconds(1_795_428_672);
        let mut log = Log::new();
        log.append(
            vec![exhibit_evidence::Fact::new("note")],
            &Context { case: case.to_owned(), actor, role, now, tool },
        )
        .unwrap();
        let bytes = log.checkpoint(key).unwrap().bytes;
        Head { record: 1, checkpoint: String::from_utf8(bytes).unwrap() }
    }

    fn party(key: &SigningKey) -> Party {
        Party { name: "A".to_owned(), key: Some(key.public_key().to_openssh()), ..Party::default() }
    }

    fn handover() -> Handover {
        Handover {
            format: FORMAT.to_owned(),
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            case: "1".to_owned(),
            created: "2026-11-23T10:11:12Z".to_owned(),
            from: party(&key(7)),
            to: Party { name: "B".to_owned(), ..Party::default() },
            items: vec![Item { id: "001".to_owned(), seals: vec!["4711".to_owned()], ..Item::default() }],
            log: head("1", &key(7)),
            tool: "t".to_owned(),
            ..Handover::default()
        }
    }

    fn receipt(handover: &[u8]) -> Receipt {
        Receipt {
            format: RECEIPT_FORMAT.to_owned(),
            id: self::handover().id,
            handover_sha256: to_hex(&Sha256::digest(handover)),
            case: "2".to_owned(),
            created: "2026-11-23T10:11:12Z".to_owned(),
            from: party(&key(8)),
            log: head("2", &key(8)),
            tool: "t".to_owned(),
            ..Receipt::default()
        }
    }

    fn file() -> Vec<u8> {
        handover().sign(&key(7)).unwrap().into_bytes()
    }

    fn answered() -> Vec<u8> {
        Papers::answered(&file(), &receipt(&file()), &key(8)).unwrap()
    }

    #[test]
    fn a_handover_and_its_receipt_go_there_and_back() {
        let papers = Papers::parse(&file()).unwrap();
        assert_eq!((papers.handover, papers.sender, papers.receipt), (handover(), key(7).public_key(), None));
        let papers = Papers::parse(&answered()).unwrap();
        assert_eq!(papers.receipt, Some((receipt(&file()), key(8).public_key())));
    }

    #[test]
    fn no_truncation_and_no_flip_of_a_receipt_passes_but_the_handover_in_it() {
        let (short, long) = (file(), answered());
        for end in 0..long.len() {
            assert_eq!(Papers::parse(&long[..end]).is_ok(), end == short.len(), "{end}");
        }
        for at in 0..long.len() {
            for bit in [0, 3, 7] {
                let mut flipped = long.clone();
                flipped[at] ^= 1 << bit;
                let fault = Papers::parse(&flipped).unwrap_err();
                assert_eq!(
                    fault.part,
                    if at < short.len() { Part::Handover } else { Part::Receipt },
                    "byte {at}: {fault}"
                );
            }
        }
        assert!(Papers::parse(&[long.clone(), b"\n".to_vec()].concat()).is_err());
        assert!(Papers::parse(&[long.clone(), long].concat()).is_err());
    }

    #[test]
    fn statements_that_contradict_themselves_are_refused_although_signed() {
        let bad: [fn(&mut Handover); 11] = [
            |h| h.format.push('1'),
            |h| h.id = "7".to_owned(),
            |h| h.items.clear(),
            |h| h.items.push(h.items[0].clone()),
            |h| h.items[0].tree_root = Some("ABCD".to_owned()),
            |h| h.items[0].size = Some("07".to_owned()),
            |h| h.from.key = h.to.key.clone(),
            |h| h.from = party(&key(8)),
            |h| h.case = "2".to_owned(),
            |h| h.log.record = 2,
            |h| h.created = "yesterday".to_owned(),
        ];
        for (number, change) in bad.iter().enumerate() {
            let mut changed = handover();
            change(&mut changed);
            let fault = Papers::parse(changed.sign(&key(7)).unwrap().as_bytes()).unwrap_err();
            assert_eq!((fault.part, fault.at), (Part::Handover, 0), "{number}: {fault}");
        }
    }

    #[test]
    fn answers_that_do_not_belong_or_do_not_say_why_are_refused() {
        let bad: [fn(&mut Receipt); 6] = [
            |r| r.id = "f".repeat(32),
            |r| r.handover_sha256 = "f".repeat(64),
            |r| r.answer = Answer::Refused,
            |r| r.discrepancies.push(Discrepancy::default()),
            |r| {
                r.answer = Answer::AcceptedWithDiscrepancies;
                r.reason = Some("words".to_owned());
            },
            |r| r.from = party(&key(7)),
        ];
        for (number, change) in bad.iter().enumerate() {
            let mut changed = receipt(&file());
            change(&mut changed);
            let fault = Papers::parse(&Papers::answered(&file(), &changed, &key(8)).unwrap()).unwrap_err();
            assert_eq!((fault.part, fault.at), (Part::Receipt, file().len()), "{number}: {fault}");
        }
        let mut refused = receipt(&file());
        (refused.answer, refused.reason) = (Answer::Refused, Some("seal broken".to_owned()));
        assert!(Papers::parse(&Papers::answered(&file(), &refused, &key(8)).unwrap()).is_ok());
    }

    #[test]
    fn a_signature_for_another_purpose_does_not_pass() {
        let line = file().split_inclusive(|byte| *byte == b'\n').next().unwrap().to_vec();
        let other = sshsig::sign(&key(7), sshsig::NAMESPACE_PACKAGE, &line);
        assert!(Papers::parse(&[line, other.into_bytes()].concat()).is_err());
    }
}
