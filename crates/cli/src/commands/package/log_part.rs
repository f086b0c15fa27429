//! The part of the custody log that a disclosure shows.

use exhibit_custody::layout::{FileKind, parse_name};
use exhibit_custody::note::Note;
use exhibit_evidence::to_hex;
use exhibit_hash::merkle;
use exhibit_package::disclosure::{LogPart, WithheldRecord};
use exhibit_package::manifest::Custody;
use serde_json::Value;

use super::mentions::Mentions;
use crate::outcome::Failure;
use crate::recording::LogFiles;

/// Records up to the newest checkpoint: those that tell of nothing withheld are shown.
pub(super) fn log_part(files: &LogFiles, mentions: &Mentions) -> Result<(LogPart, Custody), Failure> {
    let numbered = |(name, bytes): &(String, Vec<u8>)| match parse_name(name) {
        Some((number, FileKind::Checkpoint)) => Some((number, bytes.clone())),
        _ => None,
    };
    let newest = files.checkpoints.iter().filter_map(numbered).max_by_key(|(number, _)| *number);
    let none =
        || Failure::new("the custody log has no signed checkpoint").hint("look at the case: exhibit verify CASE");
    let (_, checkpoint) = newest.ok_or_else(none)?;
    let text = String::from_utf8(checkpoint).map_err(|_| none())?;
    let note = Note::parse(text.as_bytes()).map_err(|fault| Failure::new(format!("the custody log: {fault}")))?;
    let size: u64 = note.text().lines().nth(1).and_then(|line| line.parse().ok()).ok_or_else(none)?;
    let mut part = LogPart { checkpoint: text, shown: Vec::new(), withheld: Vec::new() };
    let mut leaves = Vec::new();
    let mut segments: Vec<&(String, Vec<u8>)> = files.segments.iter().collect();
    segments.sort_by(|a, b| a.0.cmp(&b.0));
    for line in segments.iter().flat_map(|(_, bytes)| bytes.split(|c| *c == b'\n')).filter(|line| !line.is_empty()) {
        let seq = (leaves.len() as u64).saturating_add(1);
        if seq > size {
            break;
        }
        let leaf = merkle::leaf(line);
        leaves.push(leaf);
        let record: Value = serde_json::from_slice(line).unwrap_or(Value::Null);
        let tells = record.is_null() || mentions.in_record(&[&record]);
        match String::from_utf8(line.to_vec()) {
            Ok(line) if !tells => part.shown.push(line),
            _ => part.withheld.push(WithheldRecord { seq, leaf: to_hex(&leaf) }),
        }
    }
    let custody = Custody { records: size, head_root: Some(to_hex(&merkle::root(&leaves))) };
    Ok((part, custody))
}
