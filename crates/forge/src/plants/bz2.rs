//! Text and noise packed with bzip2.

use super::{Grown, Plant};
use crate::encode::bzip2::compress;
use crate::{Random, prose};

pub(super) struct Bz2;

impl Plant for Bz2 {
    fn id(&self) -> &'static str {
        "bz2"
    }

    fn extension(&self) -> &'static str {
        "bz2"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let level = random.between(1, 9) as u8;
        Grown::plain(compress(&chapters(random, size_bytes), level))
    }
}

/// Text with pieces of noise in it, as an archive of documents and pictures has; packed it comes to about `size_bytes`.
pub(super) fn chapters(random: &mut Random, size_bytes: usize) -> Vec<u8> {
    let mut content = Vec::new();
    for _ in 0..4 {
        content.extend(prose::english(random, size_bytes / 2));
        content.extend(random.bytes(size_bytes / 7));
    }
    content
}
