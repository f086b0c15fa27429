//! `exhibit info`: what the container says about itself, and what we found.

use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use clap::Args;
use exhibit_evidence::Name;
use serde_json::{Map, Value, json};

use crate::evidence_input::{self, Evidence};
use crate::outcome::{Done, Ending, shown};
use crate::sizes;
use crate::world::{Tone, World};

/// Show what an image says about itself and what was found: format, sizes, metadata, stored digests, gaps, findings.
///
/// Nothing is checked here beyond what opening needs; checking is `exhibit verify`.
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// Image (any of its segments) or block device
    evidence: PathBuf,
}

impl Info {
    pub(super) fn run(&self, world: &World) -> Ending {
        let evidence = evidence_input::open(world, &self.evidence)?;
        let description = evidence.image.description();
        let line = |label: &str, text: &str| world.tell(&format!("{label:<18} {text}"));
        line("Format", &description.title);
        line("Medium", &sizes::shown(description.size_bytes));
        let sectors = description.size_bytes.div_ceil(u64::from(description.sector_bytes.max(1)));
        line("Sectors", &format!("{sectors} of {} bytes", description.sector_bytes));
        if description.padding_bytes > 0 {
            line(
                "Padding",
                &format!("{} zero bytes stored after the medium to fill its last sector", description.padding_bytes),
            );
        }
        if let Some(chunk) = description.chunk_bytes {
            line("Chunks", &format!("{chunk} bytes each"));
        }
        let metadata: Vec<(&str, String)> =
            description.metadata.iter().map(|(key, value)| (*key, readable(key, value))).collect();
        for (key, value) in &metadata {
            line(&title(key), &Name::from(value.as_str()).to_string());
        }
        for (algorithm, digest) in description.stored.iter() {
            line(&format!("Stored {algorithm}"), digest);
        }
        for segment in &description.segments {
            line("Segment", &format!("{} ({} bytes)", Name::from(segment.name.as_str()), segment.size_bytes));
        }
        let recorded = evidence.record.iter().flat_map(|record| record.gaps.iter().map(exhibit_evidence::Gap::range));
        let medium = crate::gaps::Honest::new(evidence.image.clone(), recorded.collect());
        // Containers that do not know say 512, which would be wrong for a disk with sectors of 4096 bytes.
        let told = Some(description.sector_bytes).filter(|bytes| *bytes > 512);
        let layout = exhibit_filesystem::layout(&medium, told);
        let listed = evidence.image.entries().len();
        if listed > 0 {
            // The medium of a logical image is no disk: nothing begins in its first sector.
            line("Contents", &format!("{listed} files and folders, shown by `exhibit list`"));
        } else {
            line("Contents", "by the first structures of the medium:");
            crate::layout_words::tell_folded(world, "  ", &crate::layout_words::layout_lines(&layout));
        }
        self.gaps(world, &evidence);
        let name = self.evidence.as_os_str().as_bytes();
        if name.ends_with(exhibit_store::PARTIAL_SUFFIX.as_bytes()) {
            let text = "! its name says that it was never finished: it is not an image, whatever it holds";
            world.tell(&world.painted(text, Tone::Bad));
        }
        for finding in &evidence.findings {
            world.tell(&world.painted(&format!("! {finding}"), Tone::Doubtful));
        }
        let metadata: Map<String, Value> =
            metadata.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
        let segments: Vec<Value> =
            description.segments.iter().map(|s| json!({"name": s.name, "size_bytes": s.size_bytes})).collect();
        Ok(Done::new(json!({
            "evidence": shown(&self.evidence),
            "format": description.format,
            "title": description.title,
            "size_bytes": description.size_bytes,
            "sector_bytes": description.sector_bytes,
            "sectors": sectors,
            "chunk_bytes": description.chunk_bytes,
            "padding_bytes": description.padding_bytes,
            "metadata": metadata,
            "stored_digests": description.stored,
            "segments": segments,
            "gaps": description.gaps,
            "layout": layout,
            "acquisition": evidence.record,
            "findings": evidence.findings,
        })))
    }

    fn gaps(&self, world: &World, evidence: &Evidence) {
        let line = |label: &str, text: &str| world.tell(&format!("{label:<18} {text}"));
        let marked = &evidence.image.description().gaps;
        for gap in marked.iter().take(20) {
            line("Unread (image)", &gap.to_string());
        }
        let Some(record) = &evidence.record else {
            line("Record", "no acquisition record lies beside the image");
            return;
        };
        line(
            "Record",
            &format!(
                "{} by {}, finished {}",
                record.tree.file.replace(".tree", ".acquisition.json"),
                record.tool,
                record.finished
            ),
        );
        for (algorithm, digest) in record.digests.iter() {
            line(&format!("Recorded {algorithm}"), digest);
        }
        line("Recorded tree", &record.tree.root);
        for gap in record.gaps.iter().take(20) {
            line("Unread (record)", &format!("{} ({})", gap.range(), Name::from(gap.cause.as_str())));
        }
        if record.gaps.is_empty() && marked.is_empty() {
            line("Unread", "nothing: no gap is recorded");
        }
    }
}

/// Dates that a container stores as seconds since 1970 as people and other programs write them: RFC 3339, UTC.
fn readable(key: &str, value: &str) -> String {
    let seconds = value.parse::<i64>().ok().filter(|_| key.ends_with("_date"));
    seconds
        .map_or_else(|| value.to_owned(), |seconds| exhibit_evidence::Instant::from_unix_seconds(seconds).to_string())
}

/// `case_number` as `Case number`.
fn title(key: &str) -> String {
    let spaced = key.replace('_', " ");
    let mut chars = spaced.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
