//! Handovers: the papers that two sides signed, by themselves and against the log of a case.
//!
//! Format: `docs/spec/handover.md`. Nothing of the writer is used but the names in `layout`.

mod against_log;
mod papers;

use exhibit_custody::PublicKey;
use exhibit_evidence::{Finding, Severity};

use crate::collect::Findings;
use crate::verdict::{Check, Checked, Level, Verdict};
pub(crate) use against_log::in_case;
pub(crate) use papers::Papers;

/// What a handover says; only as good as the verdict it comes with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandoverFacts {
    /// Its id.
    pub id: String,
    /// The sender's case number.
    pub case: String,
    /// Items, by number.
    pub items: Vec<String>,
    /// The receiver's answer, if there is one.
    pub answer: Option<String>,
}

/// Checks the bytes of a handover or a receipt by themselves; `name` is for messages.
#[must_use]
pub fn check_handover(name: &str, bytes: &[u8], trusted: &[PublicKey]) -> Checked<HandoverFacts> {
    let title = "The handover says what was signed, and fits together";
    let papers = match Papers::read(bytes) {
        Ok(papers) => papers,
        Err(fault) => {
            let finding = Finding::new(Severity::Mismatch, "handover", name, fault.text).at(fault.at);
            let check = Check::from_findings("handover", title, "", vec![finding]);
            let verdict = Verdict::from_checks("the handover", Level::Full, vec![check], Vec::new());
            return Checked::new(HandoverFacts::default(), verdict);
        }
    };
    let mut checks = vec![Check::from_findings("handover", title, papers.in_words(), Vec::new())];
    let sides = std::iter::once(("sender", &papers.sender))
        .chain(papers.answer.as_ref().map(|answer| ("receiver", &answer.key)));
    for (side, key) in sides {
        checks.push(vouched(name, side, key, trusted.contains(key)));
    }
    if let Some(answer) = &papers.answer {
        let mut findings = Findings::default();
        for text in &answer.discrepancies {
            findings.wrong("handover-discrepancy", name, text.as_str());
        }
        for text in &answer.not_checked {
            findings.note("handover-not-compared", name, format!("the receiver did not compare: {text}"));
        }
        let passed = format!("the receiver's answer is {:?}, without a discrepancy", answer.word);
        let title = "The receiver found what the sender stated";
        checks.push(Check::from_findings("handover-answer", title, passed, findings.into_list()));
    }
    let facts = HandoverFacts {
        id: papers.id.clone(),
        case: papers.case.clone(),
        items: papers.items.clone(),
        answer: papers.answer.as_ref().map(|answer| answer.word.clone()),
    };
    // What was stated is checked here; that it is so is not, and the sentence must not sound like it.
    let subject = "the handover papers (not of the evidence that they name)";
    let verdict = Verdict::from_checks(subject, Level::Full, checks, Vec::new());
    Checked::new(facts, verdict)
}

fn vouched(name: &str, side: &str, key: &PublicKey, trusted: bool) -> Check {
    let title = format!("The key of the {side} is one you trust");
    let text = format!("the signature is sound, but nobody vouches for the key {}", key.fingerprint());
    let stranger = Finding::new(Severity::Incomplete, "key-unknown", name, text);
    let findings = if trusted { Vec::new() } else { vec![stranger] };
    Check::from_findings(&format!("handover-{side}"), &title, format!("signed with {}", key.fingerprint()), findings)
}
