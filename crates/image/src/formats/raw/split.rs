//! The files of a split raw image as one medium.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cause, Finding, Outcome, Severity};

use crate::layered::{Below, BlockMap, Place, Run, VirtualDisk};
use crate::{Description, Image, Part, SegmentInfo};

/// Where the files lie on the medium.
struct SplitMap {
    /// In order and without holes; the index of the file, or why there is none.
    runs: Vec<(ByteRange, Result<usize, String>)>,
}

impl BlockMap for SplitMap {
    fn locate(&self, at: u64) -> Result<Run, Cause> {
        let index = self.runs.partition_point(|(range, _)| range.end() <= at);
        let Some((range, file)) = self.runs.get(index) else { return Err(Cause::PastEnd) };
        let length = range.end().saturating_sub(at);
        let place = match file {
            Ok(file) => Place::Stored { file: *file, offset: at.saturating_sub(range.offset) },
            Err(why) => Place::Missing(why.clone()),
        };
        Ok(Run { length, place })
    }

    fn check(&self, _tell: &mut dyn FnMut(Finding)) {}
}

/// Opens `parts`, each with its number, in order.
pub(super) fn open(parts: Vec<(u64, Part)>) -> Outcome<Arc<dyn Image>> {
    let place = parts.first().map(|(_, part)| part.name.clone()).unwrap_or_default();
    let length = usual_length(&parts);
    let (mut map, mut findings, mut files) = (SplitMap { runs: Vec::new() }, Vec::new(), Vec::new());
    let (mut size, mut expected) = (0_u64, parts.first().map_or(1, |(number, _)| (*number).min(1)));
    for (number, part) in parts {
        let missing = number.saturating_sub(expected);
        if missing > 0 {
            let which = format!("files {expected} to {} of the split image are missing", number.saturating_sub(1));
            let Some(bytes) = length.and_then(|length| length.checked_mul(missing)) else {
                let text = format!(
                    "{which}, and the others are not of one length: where {} and what follows it belong cannot be told, so they are left out",
                    part.name
                );
                findings.push(Finding::new(Severity::Incomplete, "raw-part-missing", place.clone(), text));
                break;
            };
            let range = ByteRange::new(size, bytes);
            let text = format!("{which}; taken to be as long as the others, that part of the medium is unreadable");
            findings.push(Finding::new(Severity::Incomplete, "raw-part-missing", place.clone(), text).on(range));
            map.runs.push((range, Err(which)));
            size = range.end();
        }
        let range = ByteRange::new(size, part.source.size());
        map.runs.push((range, Ok(files.len())));
        size = range.end();
        expected = number.saturating_add(1);
        files.push(part);
    }
    if let (Some(length), Some(last)) = (length, files.last())
        && last.source.size() == length
    {
        let text = "the last file is as long as the others; nothing in a split raw image tells whether more followed";
        findings.push(Finding::new(Severity::Note, "raw-split-end", last.name.clone(), text));
    }
    let description = Description {
        format: "raw",
        title: format!("raw image in {} files", files.len()),
        size_bytes: size,
        sector_bytes: 512,
        segments: files
            .iter()
            .map(|part| SegmentInfo { name: part.name.clone(), size_bytes: part.source.size() })
            .collect(),
        ..Description::default()
    };
    Outcome { value: Arc::new(VirtualDisk::new(map, files, Below::Nothing, description, 4096)), findings }
}

/// The length that all files but the last have, if it is one.
fn usual_length(parts: &[(u64, Part)]) -> Option<u64> {
    let (_, rest) = parts.split_last()?;
    let length = rest.first()?.1.source.size();
    rest.iter().all(|(_, part)| part.source.size() == length).then_some(length)
}
