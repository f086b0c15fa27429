//! The image of one item: what was copied, how, and what came out.

use exhibit_evidence::acquisition::{Acquisition, ReadBack, SegmentFile};
use exhibit_evidence::{Gap, WriteBlock};

use super::map::{Map, map};
use super::{Row, digest_groups};
use crate::words::{bytes, duration, grouped, offset, text, time, write_protection};

/// Rows printed of a table; the rest is counted. More than a person reads, and a page that browsers still print.
const ROWS_MAX: usize = 200;

pub(super) struct Image {
    pub(super) identity: Vec<Row>,
    pub(super) protection_alarm: bool,
    pub(super) protection_label: &'static str,
    pub(super) protection_text: String,
    pub(super) work: Vec<Row>,
    pub(super) read_back_style: &'static str,
    pub(super) read_back_label: &'static str,
    pub(super) read_back_text: String,
    pub(super) has_gaps: bool,
    pub(super) digests: Vec<DigestLine>,
    pub(super) map: Option<Map>,
    pub(super) gaps: Vec<GapLine>,
    pub(super) gaps_left_out: usize,
    pub(super) segments: Vec<SegmentLine>,
    pub(super) segments_left_out: usize,
}

pub(super) struct DigestLine {
    pub(super) label: String,
    pub(super) groups: Vec<String>,
}

pub(super) struct GapLine {
    pub(super) offset: String,
    pub(super) length: String,
    pub(super) cause: String,
    pub(super) retries: u32,
    pub(super) fill: String,
}

pub(super) struct SegmentLine {
    pub(super) name: String,
    pub(super) size: String,
    pub(super) digest: Vec<String>,
}

pub(super) fn image(record: &Acquisition) -> Image {
    let state = &record.source.write_block;
    let (protection_label, protection_text) = write_protection(state);
    let (read_back_style, read_back_label, read_back_text) = read_back(record.read_back.as_ref());
    Image {
        identity: identity(record),
        protection_alarm: matches!(state, WriteBlock::None { .. } | WriteBlock::Unknown),
        protection_label,
        protection_text,
        work: work(record),
        read_back_style,
        read_back_label,
        read_back_text,
        has_gaps: !record.gaps.is_empty(),
        digests: digests(record),
        map: map(record.size_bytes, &record.gaps),
        gaps: record.gaps.iter().take(ROWS_MAX).map(gap_line).collect(),
        gaps_left_out: record.gaps.len().saturating_sub(ROWS_MAX),
        segments: record.segments.iter().take(ROWS_MAX).map(segment_line).collect(),
        segments_left_out: record.segments.len().saturating_sub(ROWS_MAX),
    }
}

fn identity(record: &Acquisition) -> Vec<Row> {
    let source = &record.source;
    let sector = |size: Option<u32>| size.map(|size| bytes(u64::from(size)));
    let mounted = if source.mounted_at.is_empty() { "not mounted".to_owned() } else { source.mounted_at.join(", ") };
    vec![
        Row::text("Opened as", Some(&source.path)),
        Row::text("Kind", Some(&source.kind)),
        Row::text("Connection", source.bus.as_deref()),
        Row::text("Vendor", source.vendor.as_deref()),
        Row::text("Model", source.model.as_deref()),
        Row::text("Serial number", source.serial.as_deref()),
        Row::made("Size", bytes(source.size_bytes)),
        Row::made("Logical sector", sector(source.logical_sector_bytes)),
        Row::made("Physical sector", sector(source.physical_sector_bytes)),
        Row::made("Read-only in the system", source.read_only.map(|yes| if yes { "yes" } else { "no" }.to_owned())),
        Row::text("Mounted", Some(&mounted)),
        Row::text("File behind it", source.backing_file.as_deref()),
        Row::made("Hidden sectors", source.hidden_sectors.map(grouped)),
    ]
}

fn work(record: &Acquisition) -> Vec<Row> {
    let (plan, host) = (&record.plan, &record.host);
    let limit = plan.segment_size_bytes.map_or("one file".to_owned(), |size| format!("at most {} each", bytes(size)));
    let hashes = plan.hashes.join(", ");
    vec![
        Row::made("Begun", time(&record.started)),
        Row::made("Ended", time(&record.finished)),
        Row::made("Duration", duration(&record.started, &record.finished)),
        Row::text("Examiner", plan.examiner.as_deref()),
        Row::text("Program", Some(&record.tool)),
        Row::text("Machine", host.name.as_deref()),
        Row::text("System", Some(&host.system)),
        Row::text("Kernel", host.kernel.as_deref()),
        Row::made("Bytes of the medium", bytes(record.size_bytes)),
        Row::made("Sectors", format!("{} of {}", grouped(record.size_sectors), bytes(u64::from(plan.sector_bytes)))),
        Row::text("Image format", Some(&plan.format)),
        Row::text("Compression", Some(&plan.compression)),
        Row::made("Files", limit),
        Row::text("Digests", Some(&hashes)),
        Row::text("Read errors", Some(&plan.errors)),
        Row::made("Further tries per sector", plan.retries.to_string()),
        Row::text("Case number", plan.case_number.as_deref()),
        Row::text("Evidence number", plan.evidence_number.as_deref()),
        Row::text("Description", plan.description.as_deref()),
        Row::text("Notes", plan.notes.as_deref()),
    ]
}

/// Style of the box, label and text.
fn read_back(result: Option<&ReadBack>) -> (&'static str, &'static str, String) {
    match result {
        Some(result) if result.matches => (
            "",
            "The copy was read back, and it matches",
            format!(
                "After writing, the whole image was read again and compared with what had been read from the source. They \
                 were equal. This was finished on {}.",
                time(&result.finished)
            ),
        ),
        Some(result) => (
            "alarm",
            "The copy was read back, and it does NOT match",
            format!(
                "What was read from the image on {} is not what had been read from the source. This image must not be \
                 relied upon as it is.",
                time(&result.finished)
            ),
        ),
        None => (
            "open",
            "The copy was not read back",
            "It was not tested after writing whether the image can be read and equals what had been read from the source."
                .to_owned(),
        ),
    }
}

fn digests(record: &Acquisition) -> Vec<DigestLine> {
    let line = |label: String, hex: &str| DigestLine { label, groups: digest_groups(hex) };
    let medium = record.digests.iter().map(|(algorithm, hex)| line(algorithm_name(algorithm), hex));
    let stored = record.stored_digests.iter().flat_map(|set| set.iter());
    let stored = stored.map(|(algorithm, hex)| line(format!("{} of the padded copy", algorithm_name(algorithm)), hex));
    let root = line("Hash tree root (SHA-256)".to_owned(), &record.tree.root);
    medium.chain([root]).chain(stored).collect()
}

fn algorithm_name(id: &str) -> String {
    match id {
        "md5" => "MD5".to_owned(),
        "sha1" => "SHA-1".to_owned(),
        "sha256" => "SHA-256".to_owned(),
        "sha512" => "SHA-512".to_owned(),
        "blake3" => "BLAKE3".to_owned(),
        other => text(other),
    }
}

fn gap_line(gap: &Gap) -> GapLine {
    let fill = if gap.fill == "zero" { "zeros".to_owned() } else { text(&gap.fill) };
    let (offset, length) = (offset(gap.offset), bytes(gap.length));
    GapLine { offset, length, cause: text(&gap.cause), retries: gap.retries, fill }
}

fn segment_line(segment: &SegmentFile) -> SegmentLine {
    SegmentLine { name: text(&segment.name), size: bytes(segment.size_bytes), digest: digest_groups(&segment.sha256) }
}
