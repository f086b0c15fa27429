//! `exhibit list`: the files that a logical image holds.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use exhibit_evidence::{Class, Finding, Instant};
use exhibit_image::{Image, LogicalEntry};
use serde_json::{Map, Value, json};

use crate::evidence_input;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::world::{Tone, World};

/// List the files of a logical image (L01, Lx01, AFF4-L): size, time of last writing, path.
///
/// Nothing is checked beyond what opening needs: an entry is what the image says, deleted ones included. File systems
/// inside an image of a medium are not read by this version.
///
/// Example: exhibit list files.L01 --format json
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Logical image (any of its segments)
    evidence: PathBuf,
    /// Form of the list; json is one object on each line, with all digests and attributes
    #[arg(long, default_value = "table")]
    format: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Json,
}

impl List {
    pub(super) fn run(&self, world: &World) -> Ending {
        let evidence = evidence_input::open(world, &self.evidence)?;
        let image = evidence.image.as_ref();
        refuse_media(image, &self.evidence, &evidence.findings)?;
        for finding in &evidence.findings {
            world.complain(&world.painted(&format!("! {finding}"), Tone::Doubtful));
        }
        let entries = image.entries();
        for entry in entries {
            match self.format {
                Form::Table => world.tell(&row(entry)),
                Form::Json => world.tell(&object(entry).to_string()),
            }
        }
        let files = entries.iter().filter(|entry| !entry.folder).count();
        world.remark(&format!("{files} files, {} folders", entries.len().saturating_sub(files)));
        let listed: Vec<Value> = if world.globals.json { entries.iter().map(object).collect() } else { Vec::new() };
        let outcome = json!({
            "evidence": shown(&self.evidence),
            "format": image.description().format,
            "entries": listed,
            "findings": evidence.findings,
        });
        Ok(Done::with(exit(&evidence.findings), outcome))
    }
}

/// A list that is damaged or incomplete does not end like a whole one.
pub(super) fn exit(findings: &[exhibit_evidence::Finding]) -> Exit {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(exhibit_evidence::Severity::Mismatch) => Exit::Mismatch,
        Some(exhibit_evidence::Severity::Incomplete) => Exit::Incomplete,
        _ => Exit::Done,
    }
}

/// An image of a medium lists no files; the files on it are in file systems, which is another matter.
pub(super) fn refuse_media(image: &dyn Image, path: &std::path::Path, findings: &[Finding]) -> Result<(), Failure> {
    let description = image.description();
    if !image.entries().is_empty() || matches!(description.format, "l01" | "lx01") {
        return Ok(());
    }
    if let Some(lookalike) = findings.iter().find(|finding| finding.code == "raw-lookalike") {
        return Err(Failure::of(Class::Unsupported, format!("{} {}", shown(path), lookalike.text)));
    }
    let text = format!(
        "{} ({}) is an image of a medium, not of files; file systems are not read by this version",
        shown(path),
        description.title
    );
    Err(Failure::new(text)
        .hint("recover files by their content with `exhibit carve`, or mount the output of `exhibit export`"))
}

/// A line for people.
fn row(entry: &LogicalEntry) -> String {
    let attribute = |key: &str| entry.attributes.iter().find(|(k, _)| *k == key).map(|(_, value)| value.as_str());
    let written = attribute("written_date").or_else(|| attribute("modified")).map_or_else(String::new, moment);
    let deleted = attribute("flag_names").is_some_and(|names| names.split(',').any(|name| name == "deleted"));
    let size = if entry.folder { "-".to_owned() } else { entry.size_bytes.to_string() };
    let kind = if entry.folder { "folder" } else { "file" };
    let mark = if deleted { " (deleted)" } else { "" };
    format!("{kind:<6} {size:>14} {written:<20} {}{mark}", entry.path)
}

/// Seconds since 1970 as people write them; anything else as it is.
fn moment(value: &str) -> String {
    value.parse::<i64>().map_or_else(
        |_| exhibit_evidence::Name::from(value).to_string(),
        |seconds| Instant::from_unix_seconds(seconds).to_string(),
    )
}

/// An entry for programs.
fn object(entry: &LogicalEntry) -> Value {
    let attributes: Map<String, Value> =
        entry.attributes.iter().map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str()))).collect();
    json!({
        "path": entry.path,
        "type": if entry.folder { "folder" } else { "file" },
        "size_bytes": entry.size_bytes,
        "stored_digests": entry.stored,
        "attributes": attributes,
    })
}
