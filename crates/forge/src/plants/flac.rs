//! Sound in FLAC: some tones with noise.

use super::{Grown, Plant};
use crate::Random;
use crate::encode::flac::encode;

pub(super) struct Flac;

impl Plant for Flac {
    fn id(&self) -> &'static str {
        "flac"
    }

    fn extension(&self) -> &'static str {
        "flac"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let count = if random.chance(1, 2) { 1 } else { 2 };
        let channels: Vec<_> = (0..count).map(|_| sound(random, (size_bytes * 8 / 10 / count).max(64))).collect();
        Grown::plain(encode(&channels))
    }
}

/// Triangles of some heights and lengths, one after another, and a hiss: integers only, so that it is the same everywhere.
fn sound(random: &mut Random, length: usize) -> Vec<i16> {
    let mut samples = Vec::with_capacity(length);
    let (mut level, mut step, mut left) = (0_i64, 40_i64, 0_u64);
    while samples.len() < length {
        if left == 0 {
            left = random.between(20, 120);
            step = if level > 0 { -1 } else { 1 } * random.between(10, 250) as i64;
        }
        left -= 1;
        level = (level + step).clamp(-20_000, 20_000);
        let hiss = random.between(0, 400) as i64 - 200;
        samples.push((level + hiss) as i16);
    }
    samples
}
