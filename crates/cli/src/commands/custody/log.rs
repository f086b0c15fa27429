//! `exhibit custody log`: who did what, when and why, and whether the log is whole.

use std::path::PathBuf;

use clap::Args;
use exhibit_custody::PublicKey;
use exhibit_custody::handover::Papers;
use exhibit_evidence::{Finding, Name, Severity};
use serde_json::json;

use crate::case::Case;
use crate::keys;
use crate::outcome::{Done, Ending, Exit, Failure};
use crate::recording::LogFiles;
use crate::world::{Tone, World};

/// Largest file kept elsewhere that is read: a checkpoint, or the papers of a handover.
const KEPT_BYTES_MAX: u64 = exhibit_custody::layout::handover::FILE_BYTES_MAX;

/// Show who did what, when and why, and whether the log is whole.
///
/// Chain, numbers, times, signed heads and keys are compared, and whatever does not fit is named with its file and line.
/// Exit code: 0 nothing is wrong, 4 something does not match, 7 no known key signed it. `exhibit verify CASE` checks the
/// same with code of its own, and the evidence too.
///
/// A tail that was cut off together with its checkpoints is seen only by a checkpoint kept elsewhere: --kept FILE.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The case folder
    #[arg(long)]
    case: PathBuf,
    /// Only records about this item
    #[arg(long)]
    item: Option<String>,
    /// Only records of this action
    #[arg(long)]
    action: Option<String>,
    /// Public key that may have signed the log (file; may be given several times) [default: your own]
    #[arg(long, value_name = "PUB")]
    key: Vec<PathBuf>,
    /// Checkpoint, handover or receipt that was kept elsewhere; the log must contain everything it covers (may be given several times)
    #[arg(long, value_name = "FILE")]
    kept: Vec<PathBuf>,
}

impl Show {
    pub(super) fn run(&self, world: &World) -> Ending {
        let case = Case::open(&self.case)?;
        let files = LogFiles::read(&case.path)?;
        let read = files.log();
        let (mut log, mut findings) = (read.value, read.findings);
        let keys = self.keys(world)?;
        let checked = log.check(&files.checkpoints(), &keys);
        findings.extend(checked.findings);
        findings.extend(log.check_events(world.clock.now()));
        for path in &self.kept {
            let bytes = exhibit_device::read_small(path, KEPT_BYTES_MAX).map_err(|e| Failure::io("read", path, &e))?;
            let name = crate::outcome::shown(path);
            let heads = kept_heads(&bytes, &case.file.number);
            if heads.is_empty() {
                return Err(Failure::usage(format!("{name} says nothing about the log of this case")));
            }
            for head in heads {
                findings.extend(log.check_kept(&name, &head, &keys));
            }
        }
        self.print(world, &case, &log);
        for finding in &findings {
            let tone = if finding.severity == Severity::Mismatch { Tone::Bad } else { Tone::Doubtful };
            world.tell(&world.painted(&format!("! {}: {finding}", finding.code), tone));
        }
        world.say(&last_line(&findings, checked.value.records));
        let records: Vec<_> = log
            .entries()
            .iter()
            .filter(|entry| self.wanted(&entry.record))
            .map(|entry| {
                let r = &entry.record;
                json!({"seq": r.seq, "time": r.time.to_string(), "actor": r.actor, "role": r.role, "action": r.action,
                   "object": r.object, "reason": r.reason, "details": r.details, "file": entry.file, "line": entry.line})
            })
            .collect();
        let exit = match findings.iter().map(|finding| finding.severity).max() {
            Some(Severity::Mismatch) => Exit::Mismatch,
            Some(Severity::Incomplete) => Exit::Incomplete,
            _ => Exit::Done,
        };
        let head = exhibit_evidence::to_hex(&log.root());
        Ok(Done::with(exit, json!({"records": records, "size": log.size(), "root": head, "findings": findings})))
    }

    fn keys(&self, world: &World) -> Result<Vec<PublicKey>, Failure> {
        let mut keys = Vec::new();
        for path in &self.key {
            keys.extend(keys::load_public(path)?);
        }
        if self.key.is_empty() {
            keys.extend(keys::own_public(world));
        }
        Ok(keys)
    }

    fn wanted(&self, record: &exhibit_custody::Record) -> bool {
        let item = record.object.get("item").and_then(serde_json::Value::as_str);
        self.item.as_deref().is_none_or(|wanted| item == Some(wanted))
            && self.action.as_deref().is_none_or(|wanted| record.action == wanted)
    }

    /// The log as a table.
    fn print(&self, world: &World, case: &Case, log: &exhibit_custody::Log) {
        let name = |text: &str| Name::from(text);
        let (number, title) = (name(&case.file.number), name(&case.file.title));
        world.tell(&world.painted(&format!("Custody log of case {number} — {title}"), Tone::Strong));
        let rows = log.entries().iter().zip(log.rows()).filter(|(entry, _)| self.wanted(&entry.record));
        for (_, row) in rows {
            let action = world.painted(&row.action, Tone::Strong);
            world.tell(&format!("{:>4}  {}  {}  {action}", row.number, row.time, row.actor));
            for text in [&row.object, &row.details].into_iter().filter(|text| !text.is_empty()) {
                world.tell(&format!("      {}", clipped(text)));
            }
            if let Some(reason) = &row.reason {
                world.tell(&format!("      reason: {reason}"));
            }
        }
    }
}

/// The signed heads in a file that was kept: the file itself, or what the papers of a handover say of this case.
fn kept_heads(bytes: &[u8], number: &str) -> Vec<Vec<u8>> {
    let Ok(papers) = Papers::parse(bytes) else { return vec![bytes.to_vec()] };
    let sides = std::iter::once((papers.handover.case, papers.handover.log))
        .chain(papers.receipt.map(|(receipt, _)| (receipt.case, receipt.log)));
    let own = sides.filter(|(case, _)| case == number);
    own.map(|(_, head)| head.checkpoint.into_bytes()).collect()
}

fn last_line(findings: &[Finding], covered: u64) -> String {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Mismatch) => "The log DOES NOT MATCH: see the lines marked ! above.".to_owned(),
        Some(Severity::Incomplete) => {
            "Chain and numbers fit; not every record is covered by a signature of a known key: give it with --key."
                .to_owned()
        }
        _ => format!(
            "Chain, numbers and signed heads fit, for all {covered} records. The evidence itself is checked with: \
             exhibit verify CASE"
        ),
    }
}

/// Details of an acquisition can fill pages: the table shows the beginning, --json all of it.
fn clipped(text: &str) -> String {
    const SHOWN_CHARS: usize = 300;
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(text)),
        None => text.to_owned(),
    }
}
