//! One paragraph per item, and one sentence about what of it was not read.

use exhibit_evidence::Gap;
use exhibit_evidence::acquisition::Acquisition;

use super::Fact;
use crate::facts::{CarveFacts, Certainty, ItemFacts};
use crate::words::{bytes, counted, text, time};

/// What the summary says about an item.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) description: Fact,
    pub(super) imaged: bool,
    pub(super) source: String,
    pub(super) size: String,
    pub(super) started: String,
    pub(super) finished: String,
    pub(super) examiner: Fact,
    pub(super) gaps: bool,
    pub(super) completeness: String,
    pub(super) read_back: &'static str,
    pub(super) carved: Fact,
}

/// What was not read of an item.
pub(super) struct Unread {
    pub(super) id: String,
    pub(super) anchor: String,
    pub(super) alarm: bool,
    pub(super) headline: String,
    pub(super) sentence: String,
}

pub(super) fn line(item: &ItemFacts) -> Line {
    let id = text(&item.id);
    let description = Fact::of(item.description.as_deref());
    let nothing = String::new;
    let Some(record) = &item.acquisition else {
        let (source, size, started, finished, completeness) = (nothing(), nothing(), nothing(), nothing(), nothing());
        let (examiner, carved) = (Fact::of(None), Fact::of(None));
        return Line {
            id,
            description,
            imaged: false,
            source,
            size,
            started,
            finished,
            examiner,
            gaps: false,
            completeness,
            read_back: "",
            carved,
        };
    };
    Line {
        id,
        description,
        imaged: true,
        source: source(record),
        size: bytes(record.size_bytes),
        started: time(&record.started),
        finished: time(&record.finished),
        examiner: Fact::of(record.plan.examiner.as_deref()),
        gaps: !record.gaps.is_empty(),
        completeness: completeness(record),
        read_back: read_back(record),
        carved: Fact::made(item.carve.as_ref().map(carved)),
    }
}

/// The best name the source has: vendor, model and serial number if it told them, otherwise its path.
fn source(record: &Acquisition) -> String {
    let source = &record.source;
    let parts: Vec<String> = [&source.vendor, &source.model].into_iter().flatten().map(|part| text(part)).collect();
    let serial = source.serial.as_deref().map(|serial| format!("serial number {}", text(serial)));
    let told: Vec<String> = Some(parts.join(" ")).filter(|name| !name.is_empty()).into_iter().chain(serial).collect();
    if told.is_empty() { text(&source.path) } else { told.join(", ") }
}

fn unread_bytes(gaps: &[Gap]) -> u64 {
    gaps.iter().fold(0, |sum: u64, gap| sum.saturating_add(gap.length))
}

fn completeness(record: &Acquisition) -> String {
    if record.gaps.is_empty() {
        return "All that the source showed was read.".to_owned();
    }
    let ranges = counted(record.gaps.len() as u64, "range", "ranges");
    format!("{} in {ranges} could NOT be read.", bytes(unread_bytes(&record.gaps)))
}

const fn read_back(record: &Acquisition) -> &'static str {
    match &record.read_back {
        Some(result) if result.matches => {
            "Afterwards the copy was read back completely, and it equals what had been read."
        }
        Some(_) => "Afterwards the copy was read back, and it does NOT equal what had been read.",
        None => "The copy was not read back afterwards.",
    }
}

fn carved(carve: &CarveFacts) -> String {
    let sure = |file: &&crate::CarvedFile| file.class <= Certainty::Consistent;
    let count = carve.files.iter().filter(sure).count() as u64;
    let files = counted(count, "file was recovered whole", "files were recovered whole");
    format!("Searching it by content, {files} (see section 7 for how sure each one is).")
}

/// `None` if the item was not imaged: then nothing is known about what could be read.
pub(super) fn unread(item: &ItemFacts, anchor: String) -> Option<Unread> {
    let record = item.acquisition.as_ref()?;
    let id = text(&item.id);
    if record.gaps.is_empty() {
        let sentence = format!("all {} that the source showed were read.", bytes(record.size_bytes));
        return Some(Unread { id, anchor, alarm: false, headline: String::new(), sentence });
    }
    let missing = unread_bytes(&record.gaps);
    let ranges = counted(record.gaps.len() as u64, "range", "ranges");
    let headline = format!("{} could not be read", bytes(missing));
    let sentence = format!(
        "They lie in {ranges} of a medium of {}; that is {}.",
        bytes(record.size_bytes),
        share(missing, record.size_bytes)
    );
    Some(Unread { id, anchor, alarm: true, headline, sentence })
}

/// A share in per cent, rounded up: a loss is never shown smaller than it is.
fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "a share that cannot be computed".to_owned();
    }
    let hundredths = (u128::from(part) * 10_000).div_ceil(u128::from(whole));
    if hundredths <= 1 {
        return "at most 0.01 per cent of it".to_owned();
    }
    format!("about {}.{:02} per cent of it", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_down_to_nothing() {
        assert_eq!(share(1, u64::MAX), "at most 0.01 per cent of it");
        assert_eq!(share(1, 3), "about 33.34 per cent of it");
        assert_eq!(share(7, 7), "about 100.00 per cent of it");
        assert_eq!(share(7, 0), "a share that cannot be computed");
    }
}
