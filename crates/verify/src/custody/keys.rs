//! What the log says about the life of its keys: passed on, lost, revoked.

use exhibit_custody::PublicKey;
use exhibit_custody::layout::key_detail;
use serde_json::Value;

use super::record::Record;
use crate::collect::Findings;

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its owner passed the log on to another key.
    Changed,
    /// It was lost; somebody goes on without it.
    Lost,
    /// It must not be believed any more.
    Revoked,
}

/// A record about a key.
#[derive(Debug, Clone)]
pub(crate) struct KeyEvent {
    pub(crate) seq: u64,
    pub(crate) fate: Fate,
    /// Fingerprint of the key whose fate it is.
    pub(crate) fingerprint: String,
    /// Of a key that was passed on or lost: the one that goes on.
    pub(crate) heir: Option<PublicKey>,
    /// Since when a revoked key is not to be believed, as stated.
    pub(crate) since: Option<String>,
}

/// What a record says about a key, if it says something.
pub(super) fn of(seq: u64, record: &Record) -> Option<KeyEvent> {
    let text = |name: &str| record.details.get(name).and_then(Value::as_str).map(str::to_owned);
    let (fate, name) = match record.action.as_str() {
        key_detail::CHANGED => (Fate::Changed, key_detail::INSTEAD_OF),
        key_detail::LOST => (Fate::Lost, key_detail::LOST_KEY),
        key_detail::REVOKED => (Fate::Revoked, key_detail::REVOKED_KEY),
        _ => return None,
    };
    let heir = text(key_detail::KEY).filter(|_| fate != Fate::Revoked).and_then(|line| PublicKey::parse(&line).ok());
    Some(KeyEvent { seq, fate, fingerprint: text(name)?, heir, since: text(key_detail::SINCE) })
}

/// A key that was passed on or revoked signs the checkpoint that covers the record saying so, and nothing after it.
///
/// `good` are the checkpoints whose signature holds: how many records each covers, its key, its place.
pub(super) fn after_the_end(events: &[KeyEvent], good: &[(u64, PublicKey, String)], findings: &mut Findings) {
    for event in events.iter().filter(|event| event.fate != Fate::Lost) {
        let Some(last) = good.iter().map(|(size, ..)| *size).filter(|size| *size >= event.seq).min() else { continue };
        let later = good.iter().filter(|(size, key, _)| *size > last && key.fingerprint() == event.fingerprint);
        for (_, _, place) in later {
            let word = if event.fate == Fate::Revoked { "revoked" } else { "given up for another" };
            let text = format!("signed with a key that record {} had {word}", event.seq);
            findings.wrong("custody-key-ended", place.as_str(), text);
        }
        if event.fate == Fate::Revoked {
            let since = event.since.as_deref().map(|since| format!(" since {since}")).unwrap_or_default();
            let text = format!("record {} revokes the key {}{since}", event.seq, event.fingerprint);
            findings.note("custody-key-revoked", "the custody log", text);
        }
    }
}
