//! A photograph-like picture in JFIF.

use super::{Grown, Plant};
use crate::Random;
use crate::encode::jpeg::{Settings, encode};
use crate::picture::{Picture, draw};

pub(super) struct Jpeg;

impl Plant for Jpeg {
    fn id(&self) -> &'static str {
        "jpeg"
    }

    fn extension(&self) -> &'static str {
        "jpg"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let picture = photograph(random, size_bytes);
        let settings = Settings { halved_colour: random.chance(2, 3), ..Settings::default() };
        Grown::plain(encode(&picture, &settings))
    }
}

/// A picture that takes about `size_bytes` at the default quality: with this grain, about a pixel and a half a byte.
pub(super) fn photograph(random: &mut Random, size_bytes: usize) -> Picture {
    let width = (size_bytes * 2).isqrt().clamp(48, 4000);
    let height = (size_bytes * 3 / 2 / width).clamp(36, 4000);
    draw(random, width, height, 56)
}
