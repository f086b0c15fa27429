//! `exhibit/recipients.json`: for whom the package was encrypted, told inside of what is signed.
//!
//! Encryption says nothing about who sent a message. Without the names inside, a recipient could encrypt what was sealed for him
//! to somebody else, who would take it for something that was sent to him.

use exhibit_custody::strict_json;
use exhibit_evidence::{Finding, Severity};
use exhibit_package::disclosure::{RECIPIENTS_FORMAT, Recipients};
use exhibit_package::layout::RECIPIENTS;
use serde::Deserialize as _;

use crate::ledger::Ledger;
use crate::members::{Members, read_small};
use crate::verdict::Check;

/// Largest file of this kind read, in bytes: some thousand keys.
const RECIPIENTS_BYTES_MAX: u64 = 4 << 20;

/// Compares; nothing to say if the package is neither encrypted nor meant to be.
pub(super) fn check(members: &dyn Members, ledger: &Ledger, opened_with: &[String]) -> Option<Check> {
    let (id, title) = ("recipients", "The package is meant for whoever opened it");
    if !ledger.contains(RECIPIENTS) {
        let text = "it was encrypted, and does not say for whom: it may have been passed on";
        return (!opened_with.is_empty()).then(|| Check::not_done(id, title, text));
    }
    let wrong = |text: String| Finding::new(Severity::Mismatch, "recipients", RECIPIENTS, text);
    let read = read_small(members, RECIPIENTS, RECIPIENTS_BYTES_MAX);
    let read = read.and_then(|bytes| parse(&bytes).map_err(wrong));
    let recipients = match read {
        Ok(recipients) => recipients,
        Err(finding) => return Some(Check::from_findings(id, title, "", vec![finding])),
    };
    let named = recipients.keys.len();
    if opened_with.is_empty() {
        let text = format!("it was encrypted to {named} keys; here it lies open");
        let note = Finding::new(Severity::Note, "recipients-open", RECIPIENTS, text.clone());
        return Some(Check::from_findings(id, title, text, vec![note]));
    }
    let found = opened_with.iter().find(|key| recipients.keys.contains(key));
    Some(match found {
        Some(key) => Check::from_findings(id, title, format!("the sender named {key}, one of {named}"), Vec::new()),
        None => {
            let text =
                "the sender does not name the key that opened it: somebody else has encrypted it again".to_owned();
            Check::from_findings(id, title, "", vec![wrong(text)])
        }
    })
}

fn parse(bytes: &[u8]) -> Result<Recipients, String> {
    let limit = usize::try_from(RECIPIENTS_BYTES_MAX).unwrap_or(usize::MAX);
    let value = strict_json::parse_canonical(bytes, limit).map_err(|fault| fault.to_string())?;
    let recipients = Recipients::deserialize(&value).map_err(|error| error.to_string())?;
    if recipients.format != RECIPIENTS_FORMAT {
        return Err(format!("the format is {:?}, not {RECIPIENTS_FORMAT:?}", recipients.format));
    }
    Ok(recipients)
}
