//! The image of one item: what was copied, how, and what came out.

use exhibit_evidence::acquisition::{Acquisition, ReadBack, SegmentFile};
use exhibit_evidence::{Gap, WriteBlock};

use crate::document::{Basis, Block, Blocks, Mood, Row, Sentence, Table, Tone};
use crate::facts::ItemFacts;
use crate::messages::Messages;
use crate::text::Text;
use crate::words;

use super::{image_basis, unread};

/// Rows printed of a table; the rest is counted. More than a person reads, and a page that browsers still print.
const ROWS_MAX: usize = 200;

pub(crate) fn image(item: &ItemFacts, record: &Acquisition, messages: &Messages, blocks: &mut Blocks) {
    let basis = image_basis(item);
    identity(record, &basis, messages, blocks);
    protection(&record.source.write_block, &basis, messages, blocks);
    work(record, &basis, messages, blocks);
    read_back(record.read_back.as_ref(), &basis, messages, blocks);
    digests(record, &basis, messages, blocks);
    blocks.push_some(unread::map(item, record, messages));
    gaps(record, &basis, messages, blocks);
    segments(record, &basis, messages, blocks);
}

fn identity(record: &Acquisition, basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    let source = &record.source;
    let sector = |size: Option<u32>| messages.or_unknown(size.map(|size| messages.bytes(u64::from(size))));
    let mounted = if source.mounted_at.is_empty() {
        messages.word("not-mounted")
    } else {
        Text::recorded(&source.mounted_at.join(", "))
    };
    let yes_no = |yes: bool| messages.word(if yes { "yes" } else { "no" });
    let known = |fact: &Option<String>| messages.known(fact.as_deref());
    let rows = [
        ("source-path", Text::exact(&source.path)),
        ("source-kind", Text::recorded(&source.kind)),
        ("source-bus", known(&source.bus)),
        ("source-vendor", known(&source.vendor)),
        ("source-model", known(&source.model)),
        ("source-serial", known(&source.serial)),
        ("size", messages.bytes(source.size_bytes)),
        ("sector-logical", sector(source.logical_sector_bytes)),
        ("sector-physical", sector(source.physical_sector_bytes)),
        ("read-only", messages.or_unknown(source.read_only.map(yes_no))),
        ("mounted", mounted),
        ("backing-file", known(&source.backing_file)),
        ("hidden-sectors", messages.or_unknown(source.hidden_sectors.map(|n| Text::number(words::grouped(n))))),
    ];
    blocks.facts(messages.word("identity"), basis, labelled(rows, messages));
}

fn labelled<const N: usize>(rows: [(&'static str, Text); N], messages: &Messages) -> Vec<(Text, Text)> {
    rows.into_iter().map(|(key, value)| (messages.word(key), value)).collect()
}

fn protection(state: &WriteBlock, basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    let (mood, key, reason) = match state {
        WriteBlock::File => (Mood::Plain, "protection-file", ""),
        WriteBlock::KernelReadOnly => (Mood::Plain, "protection-kernel", ""),
        WriteBlock::None { reason } => (Mood::Alarm, "protection-none", reason.as_str()),
        WriteBlock::Unknown => (Mood::Alarm, "protection-unknown", ""),
    };
    let text = messages.say(&format!("{key}-text"), &[("reason", Text::recorded(reason).into())]);
    let title =
        messages.say("said", &[("label", messages.word("protection").into()), ("text", messages.word(key).into())]);
    blocks.panel(mood, title, vec![Sentence::resting_on(text, basis)]);
}

fn work(record: &Acquisition, basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    let (plan, host) = (&record.plan, &record.host);
    let known = |fact: &Option<String>| messages.known(fact.as_deref());
    let lasted = words::duration(&record.started, &record.finished).map(|(hours, minutes, seconds)| {
        messages.say("duration", &[("hours", hours.into()), ("minutes", minutes.into()), ("seconds", seconds.into())])
    });
    let sectors = messages.say(
        "sectors-of",
        &[("n", record.size_sectors.into()), ("size", messages.bytes(u64::from(plan.sector_bytes)).into())],
    );
    let limit = plan.segment_size_bytes.map_or_else(|| messages.word("one-file"), |size| messages.bytes(size));
    let rows = [
        ("work-begun", Text::number(words::time(&record.started))),
        ("work-ended", Text::number(words::time(&record.finished))),
        ("work-duration", messages.or_unknown(lasted)),
        ("case-examiner", known(&plan.examiner)),
        ("program", Text::recorded(&record.tool)),
        ("machine", known(&host.name)),
        ("system", Text::recorded(&host.system)),
        ("kernel", known(&host.kernel)),
        ("medium-size", messages.bytes(record.size_bytes)),
        ("sectors", sectors),
        ("image-format", Text::recorded(&plan.format)),
        ("compression", Text::recorded(&plan.compression)),
        ("segment-limit", limit),
        ("read-errors", Text::recorded(&plan.errors)),
        ("further-tries", Text::number(plan.retries.to_string())),
        ("case-number", known(&plan.case_number)),
        ("evidence-number", known(&plan.evidence_number)),
        ("description", known(&plan.description)),
        ("notes", known(&plan.notes)),
    ];
    blocks.facts(messages.word("work"), basis, labelled(rows, messages));
}

fn read_back(result: Option<&ReadBack>, basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    let (mood, key) = match result {
        Some(result) if result.matches => (Mood::Plain, "read-back-same"),
        Some(_) => (Mood::Alarm, "read-back-differs"),
        None => (Mood::Open, "read-back-none"),
    };
    let time = Text::number(result.map(|result| words::time(&result.finished)).unwrap_or_default());
    let text = messages.say(&format!("{key}-text"), &[("time", time.into())]);
    blocks.panel(mood, messages.word(key), vec![Sentence::resting_on(text, basis)]);
}

fn digests(record: &Acquisition, basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    let name = |id: &str| Text::recorded(algorithm_name(id));
    let medium = record.digests.iter().map(|(id, hex)| (name(id), Text::digest(hex)));
    let root = (messages.word("tree-root"), Text::digest(&record.tree.root));
    let stored = record.stored_digests.iter().flat_map(|set| set.iter());
    let stored =
        stored.map(|(id, hex)| (messages.say("digest-padded", &[("algorithm", name(id).into())]), Text::digest(hex)));
    let caption = if record.gaps.is_empty() { "digests" } else { "digests-with-filler" };
    blocks.facts(messages.word(caption), basis, medium.chain([root]).chain(stored).collect());
    blocks.general(Tone::Soft, messages.word("digests-note"));
}

/// The name that people write.
pub(crate) fn algorithm_name(id: &str) -> &str {
    match id {
        "md5" => "MD5",
        "sha1" => "SHA-1",
        "sha256" => "SHA-256",
        "sha512" => "SHA-512",
        "blake3" => "BLAKE3",
        other => other,
    }
}

fn gaps(record: &Acquisition, basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    if record.gaps.is_empty() {
        return;
    }
    let row = |gap: &Gap| {
        let fill = if gap.fill == "zero" { messages.word("fill-zeros") } else { Text::recorded(&gap.fill) };
        let cells = [
            Text::number(words::offset(gap.offset)),
            messages.bytes(gap.length),
            Text::recorded(&gap.cause),
            Text::number(gap.retries.to_string()),
            fill,
        ];
        Row { cells: cells.map(Into::into).into(), ..Row::default() }
    };
    blocks.push(Block::Table(Table {
        caption: messages.word("gaps"),
        basis: basis.to_vec(),
        head: ["gap-from", "gap-length", "gap-cause", "gap-tries", "gap-fill"].map(|key| messages.word(key)).into(),
        widths: &[22, 24, 24, 12, 18],
        numbers_from: None,
        rows: record.gaps.iter().take(ROWS_MAX).map(row).collect(),
    }));
    left_out(record.gaps.len(), messages, blocks);
}

fn segments(record: &Acquisition, basis: &[Basis], messages: &Messages, blocks: &mut Blocks) {
    let row = |file: &SegmentFile| {
        let cells = [Text::recorded(&file.name), messages.bytes(file.size_bytes), Text::digest(&file.sha256)];
        Row { cells: cells.map(Into::into).into(), ..Row::default() }
    };
    blocks.push(Block::Table(Table {
        caption: messages.word("image-files"),
        basis: basis.to_vec(),
        head: ["file", "size", "sha256-of-file"].map(|key| messages.word(key)).into(),
        widths: &[20, 25, 55],
        numbers_from: None,
        rows: record.segments.iter().take(ROWS_MAX).map(row).collect(),
    }));
    left_out(record.segments.len(), messages, blocks);
}

fn left_out(rows: usize, messages: &Messages, blocks: &mut Blocks) {
    let more = rows.saturating_sub(ROWS_MAX);
    if more > 0 {
        blocks.general(Tone::Plain, messages.say("rows-left-out", &[("n", more.into())]));
    }
}
