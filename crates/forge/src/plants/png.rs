//! A picture in PNG with its data in several IDAT chunks.

use super::{Grown, Plant};
use crate::Random;
use crate::encode::png::encode;
use crate::picture::draw;

pub(super) struct Png;

impl Plant for Png {
    fn id(&self) -> &'static str {
        "png"
    }

    fn extension(&self) -> &'static str {
        "png"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        // Eight levels of grain leave about 11 bits a pixel.
        let width = (size_bytes * 9 / 10).isqrt().max(16);
        let height = (size_bytes * 7 / 10 / width).max(16);
        let picture = draw(random, width, height, 8);
        Grown::plain(encode(&picture, "made for practice", 8192))
    }
}
