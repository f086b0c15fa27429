//! FLAC (RFC 9639).
//!
//! ```text
//! 'fLaC'; metadata blocks: last flag and type, u24BE length, data (the first one is the stream's information)
//! frames: 14 ones and zeros, sizes, number, CRC-8 of the header; a subframe for each channel; CRC-16 of the frame
//! ```
//!
//! Every frame is decoded and compared with both checksums; frames are numbered, the samples come to the promised number and,
//! where it is given, to the promised MD5: *proven*. Metadata is under no checksum: if 512 bytes of it in a row could be
//! anything, the file is *consistent*.

mod frame;
mod metadata;

use exhibit_evidence::{ReadFault, Source};
use frame::Format;
use md5::{Digest, Md5};

use crate::budget::Budget;
use crate::fragments::{self, Gaps};
use crate::kind::{Joined, Kind};
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, Class, FileType, Level, Verdict, Whole};
use crate::walk::follow;
use crate::window::Window;

const FLAC: FileType = FileType { id: "flac", extension: "flac" };
/// A frame is shorter than this if its stream does not say how long its frames are.
const FRAME_MOST: u64 = 64 * 1024;

/// FLAC files.
pub(crate) struct Flac;

impl Kind for Flac {
    fn id(&self) -> &'static str {
        "flac"
    }

    fn types(&self) -> &'static [FileType] {
        &[FLAC]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"fLaC"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(4..8).is_none_or(|block| matches!(block, [0 | 0x80, 0, 0, 0x22]))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(FLAC, candidate, budget, |window, progress| sound(window, progress, candidate))
    }

    /// All frames before the broken one are vouched for, so only that one is decoded per join.
    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        let mut window = Window::new(candidate, budget);
        let Ok(format) = Format::read(&mut window) else { return Ok(None) };
        if broken.level != Level::Body {
            return Ok(None);
        }
        let reach = if format.longest_frame == 0 { FRAME_MOST } else { format.longest_frame };
        fragments::bridge_record(self, candidate, (broken.sure, reach), gaps, budget, |window| {
            let frame = frame::decode(window, broken.sure, &format, |_| ())?;
            Ok(frame.end > broken.sure)
        })
    }
}

fn sound(window: &mut Window<'_>, progress: &mut Progress, candidate: &dyn Source) -> Result<Whole, Stop> {
    if !window.exact(0, 8)?.starts_with(b"fLaC") || window.array::<3>(5)? != [0, 0, 0x22] {
        return Err(Stop::bad(0, "no FLAC"));
    }
    let format = Format::read(window)?;
    progress.level = Level::Header;
    let (start, mut doubts) = metadata::walk(window, progress, candidate)?;
    let (mut at, mut samples, mut frames) = (start, 0_u64, 0_u64);
    let mut digest = Md5::new();
    // Nothing says where sound of unknown length ends, except that no frame follows.
    while if format.samples == 0 { frame::begins(window, at)? } else { samples < format.samples } {
        window.budget.pay(16)?;
        let frame = frame::decode(window, at, &format, |pcm| digest.update(pcm))?;
        if !frame.follows(frames, samples) {
            return Err(Stop::bad(at, "a frame is missing"));
        }
        samples = samples.saturating_add(frame.samples);
        frames = frames.saturating_add(1);
        at = frame.end;
        progress.level = Level::Body;
        progress.sure(at);
    }
    if format.samples != 0 && samples != format.samples {
        return Err(Stop::bad(at, "more samples than the stream's information says"));
    }
    if frames == 0 {
        return Err(Stop::bad(at, "no frames"));
    }
    let mut reasons = vec![
        format!("all {frames} frames decode, in order, with their CRC-8 and CRC-16"),
        format!("they come to {samples} samples for each channel"),
    ];
    if format.samples == 0 {
        doubts.push("the number of samples is not given: only that no frame follows shows the end".to_owned());
    }
    if format.digest == [0; 16] {
        reasons.push("the MD5 of the samples is not given".to_owned());
    } else if digest.finalize().as_slice() == format.digest {
        reasons.push("the MD5 of all samples matches".to_owned());
    } else {
        doubts.push("the MD5 of all samples does not match".to_owned());
    }
    let class = if doubts.is_empty() { Class::Proven } else { Class::Consistent };
    reasons.append(&mut doubts);
    Ok(Whole { file_type: FLAC, length: at, class, anchored: at, reasons })
}
