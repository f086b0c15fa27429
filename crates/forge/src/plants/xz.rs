//! Text and noise packed with xz, in one block or, as with several threads, in more.

use super::bz2::chapters;
use super::{Grown, Plant};
use crate::Random;
use crate::encode::xz::compress;

pub(super) struct Xz;

impl Plant for Xz {
    fn id(&self) -> &'static str {
        "xz"
    }

    fn extension(&self) -> &'static str {
        "xz"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let block = if random.chance(1, 3) { size_bytes } else { usize::MAX };
        Grown::plain(compress(&chapters(random, size_bytes), block))
    }
}
