//! An animation in GIF: several pictures, each with its own end, in one file.

use super::{Grown, Plant};
use crate::Random;
use crate::encode::gif::encode;
use crate::picture::draw;

const FRAMES: usize = 6;

pub(super) struct GifAnimated;

impl Plant for GifAnimated {
    fn id(&self) -> &'static str {
        "gif-animated"
    }

    fn kind(&self) -> &'static str {
        "gif"
    }

    fn extension(&self) -> &'static str {
        "gif"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let width = (size_bytes * 2 / FRAMES).isqrt().max(16);
        let height = (size_bytes * 3 / 2 / FRAMES / width).max(16);
        let frames: Vec<_> = (0..FRAMES).map(|_| draw(random, width, height, 40)).collect();
        Grown { bytes: encode(&frames, "made for practice"), parts: Vec::new(), note: format!("{FRAMES} frames") }
    }
}
