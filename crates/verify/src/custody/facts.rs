//! What the log says about files: every pair of a path and a digest, wherever in a record it stands.
//!
//! Two pairs of members bind a file, in `object`, in `details`, and in objects and arrays inside them:
//! `{"path": P, "sha256": D}` (with `"size"` or without), and `{"record": P, "record_sha256": D}`.
//! A text that begins with `ssh-ed25519 ` names a key.

use std::collections::BTreeMap;

use exhibit_custody::PublicKey;
use exhibit_custody::layout::{detail::HANDLING, handover};
use serde_json::{Map, Value};

use super::keys::{self, KeyEvent};
use super::record::Record;

/// Bindings kept. A case of a million files is beyond every practice; the limit is reported when reached.
pub(super) const BINDINGS_MAX: usize = 1_000_000;

/// Keys kept; a log names one or two.
const KEYS_MAX: usize = 64;

/// Members that bind a file: its path relative to the case, its SHA-256 and, if it is given, its size in bytes.
const PAIRS: [(&str, &str, &str); 2] = [("path", "sha256", "size"), ("record", "record_sha256", "record_size")];

/// A file that the log binds by digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) seq: u64,
    /// Lower-case hexadecimal.
    pub(crate) sha256: String,
    /// In bytes, where the record says it.
    pub(crate) size: Option<u64>,
}

/// Handovers kept; a case has a handful.
const HANDOVERS_MAX: usize = 10_000;

/// A record that names a handover.
#[derive(Debug, Clone)]
pub(crate) struct HandoverRecord {
    pub(crate) seq: u64,
    pub(crate) id: String,
    pub(crate) action: String,
    pub(crate) details: Map<String, Value>,
}

/// What the log says about files and keys.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// By path relative to the case folder; the newest last.
    pub(crate) bindings: BTreeMap<String, Vec<Binding>>,
    count: usize,
    over: bool,
    /// Keys named in records, with the number of the record.
    pub(crate) keys: Vec<(u64, PublicKey)>,
    /// Records that name a handover, in their order.
    pub(crate) handovers: Vec<HandoverRecord>,
    /// What it says about the life of its keys.
    pub(crate) key_events: Vec<KeyEvent>,
    /// How often each action was recorded.
    pub(crate) actions: BTreeMap<String, u64>,
    /// The marks of handling that hold at the end, if a record sets any.
    pub(crate) handling: Option<Vec<String>>,
}

impl Facts {
    /// Adds what a record says; `false` if a limit was reached for the first time.
    pub(super) fn gather(&mut self, seq: u64, record: &Record) -> bool {
        let was_over = self.over;
        if self.actions.len() < KEYS_MAX || self.actions.contains_key(&record.action) {
            let count = self.actions.entry(record.action.clone()).or_default();
            *count = count.saturating_add(1);
        }
        if let Some(Value::Array(marks)) = record.details.get(HANDLING) {
            self.handling = Some(marks.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        }
        if let Some(Value::String(id)) = record.details.get(handover::DETAIL) {
            let (id, action, details) = (id.clone(), record.action.clone(), record.details.clone());
            match self.handovers.len() < HANDOVERS_MAX {
                true => self.handovers.push(HandoverRecord { seq, id, action, details }),
                false => self.over = true,
            }
        }
        if self.key_events.len() < KEYS_MAX {
            self.key_events.extend(keys::of(seq, record));
        }
        self.object(seq, &record.object);
        self.object(seq, &record.details);
        was_over || !self.over
    }

    /// The depth is bounded by the reader of the record.
    fn value(&mut self, seq: u64, value: &Value) {
        match value {
            Value::Object(map) => self.object(seq, map),
            Value::Array(values) => values.iter().for_each(|value| self.value(seq, value)),
            Value::String(text) if text.starts_with("ssh-ed25519 ") && self.keys.len() < KEYS_MAX => {
                self.keys.extend(PublicKey::parse(text).ok().map(|key| (seq, key)));
            }
            _ => {}
        }
    }

    fn object(&mut self, seq: u64, map: &Map<String, Value>) {
        for (path, sha256, size) in PAIRS {
            if let (Some(Value::String(path)), Some(Value::String(sha256))) = (map.get(path), map.get(sha256)) {
                self.bind(seq, path, sha256, map.get(size).and_then(Value::as_u64));
            }
        }
        map.values().for_each(|value| self.value(seq, value));
    }

    fn bind(&mut self, seq: u64, path: &str, sha256: &str, size: Option<u64>) {
        if self.count >= BINDINGS_MAX {
            self.over = true;
            return;
        }
        self.count = self.count.saturating_add(1);
        let binding = Binding { seq, sha256: sha256.to_owned(), size };
        self.bindings.entry(path.to_owned()).or_default().push(binding);
    }
}
