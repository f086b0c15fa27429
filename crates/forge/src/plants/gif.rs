//! A drawing in GIF.

use super::{Grown, Plant};
use crate::Random;
use crate::encode::gif::encode;
use crate::picture::draw;

pub(super) struct Gif;

impl Plant for Gif {
    fn id(&self) -> &'static str {
        "gif"
    }

    fn extension(&self) -> &'static str {
        "gif"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let width = (size_bytes * 2).isqrt().max(16);
        let height = (size_bytes * 3 / 2 / width).max(16);
        Grown::plain(encode(&[draw(random, width, height, 40)], "made for practice"))
    }
}
