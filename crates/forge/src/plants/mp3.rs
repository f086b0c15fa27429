//! Frames of MPEG audio, layer III, between both kinds of tags, with Xing's counts in the first one.

use super::{Grown, Plant};
use crate::Random;

/// 128 kbit/s at 44 100 Hz: 417 bytes, with padding 418.
const FRAME: usize = 417;
/// Header and side information of a frame in stereo.
const SIDE: usize = 36;

pub(super) struct Mp3;

impl Plant for Mp3 {
    fn id(&self) -> &'static str {
        "mp3"
    }

    fn extension(&self) -> &'static str {
        "mp3"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let count = (size_bytes / FRAME).max(24);
        let mut sound = Vec::new();
        for _ in 0..count {
            sound.extend(frame(random));
        }
        let first = counts(count, sound.len());
        let tagged = random.chance(2, 3);
        let before = if tagged { id3(random) } else { Vec::new() };
        let mut behind = Vec::new();
        if tagged {
            behind.extend(b"TAGMade for practice");
            behind.resize(127, 0);
            behind.push(255);
        }
        Grown::plain([before, first, sound, behind].concat())
    }
}

/// A frame that decodes to silence: no bits of its sound belong to it, what follows its side information is noise.
fn frame(random: &mut Random) -> Vec<u8> {
    let padding = usize::from(random.chance(24, 25));
    let mut frame = vec![0xFF, 0xFB, 0x90 | (padding as u8) << 1, 0x00];
    frame.resize(SIDE, 0);
    frame.extend(random.bytes(FRAME + padding - SIDE));
    frame
}

/// The frame with the counts: frames without this one, bytes with it.
fn counts(frames: usize, bytes: usize) -> Vec<u8> {
    let mut frame = vec![0xFF, 0xFB, 0x90, 0x00];
    frame.resize(SIDE, 0);
    frame.extend(b"Info\0\0\0\x03");
    frame.extend((frames as u32).to_be_bytes());
    frame.extend(((bytes + FRAME) as u32).to_be_bytes());
    frame.resize(FRAME, 0);
    frame
}

/// A tag of version 2.3 with a title, and room to grow.
fn id3(random: &mut Random) -> Vec<u8> {
    let title = format!("\0Recording {}", random.between(1, 999));
    let mut body = b"TIT2".to_vec();
    body.extend((title.len() as u32).to_be_bytes());
    body.extend([0, 0]);
    body.extend(title.as_bytes());
    body.resize(1024, 0);
    [&b"ID3\x03\0\0\0\0\x08\0"[..], &body].concat()
}
