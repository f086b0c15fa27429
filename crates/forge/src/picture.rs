//! Pictures drawn by arithmetic: integers only, because cosines and roots differ between machines in the last bit.

use crate::Random;

/// A picture in RGB, one byte a channel, rows from the top.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgb: Vec<[u8; 3]>,
}

impl Picture {
    /// The pixel, or the nearest one inside: what an encoder needs at the right and lower edge.
    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let (x, y) = (x.min(self.width.saturating_sub(1)), y.min(self.height.saturating_sub(1)));
        self.rgb.get(y.saturating_mul(self.width).saturating_add(x)).copied().unwrap_or_default()
    }

    /// Rows of pixels.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[[u8; 3]]> {
        self.rgb.chunks(self.width.max(1))
    }

    /// The same picture with each side divided by `factor`, by taking every `factor`th pixel.
    pub(crate) fn shrunk(&self, factor: usize) -> Self {
        let (width, height) = (self.width.div_ceil(factor), self.height.div_ceil(factor));
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self {
            width,
            height,
            rgb: pixels.map(|(x, y)| self.at(x.saturating_mul(factor), y.saturating_mul(factor))).collect(),
        }
    }
}

/// One shape on the background.
struct Shape {
    round: bool,
    x: i64,
    y: i64,
    size: i64,
    colour: [u8; 3],
}

impl Shape {
    fn random(random: &mut Random, width: usize, height: usize) -> Self {
        let smaller = width.min(height) as u64;
        Self {
            round: random.chance(1, 2),
            x: random.below(width as u64) as i64,
            y: random.below(height as u64) as i64,
            size: random.between(smaller / 16, smaller / 4) as i64,
            colour: colour(random),
        }
    }

    fn covers(&self, x: i64, y: i64) -> bool {
        let (dx, dy) = ((x - self.x).abs(), (y - self.y).abs());
        if self.round { dx * dx + dy * dy <= self.size * self.size } else { dx <= self.size && dy * 2 <= self.size }
    }
}

fn colour(random: &mut Random) -> [u8; 3] {
    let [r, g, b, ..] = random.next().to_le_bytes();
    [r, g, b]
}

/// A picture with a gradient, some shapes, and `grain` levels of noise in each channel (0 for none), so that no two
/// are alike and photographs do not compress as drawings do.
pub(crate) fn draw(random: &mut Random, width: usize, height: usize, grain: u8) -> Picture {
    let (from, to) = (colour(random), colour(random));
    let shapes: Vec<_> = (0..random.between(4, 9)).map(|_| Shape::random(random, width, height)).collect();
    let mut rgb = Vec::with_capacity(width.saturating_mul(height));
    for y in 0..height as i64 {
        for x in 0..width as i64 {
            let shape = shapes.iter().rev().find(|shape| shape.covers(x, y));
            let base = shape.map_or_else(|| gradient(from, to, x + y, (width + height) as i64), |shape| shape.colour);
            rgb.push(grained(random, base, grain));
        }
    }
    Picture { width, height, rgb }
}

/// `step` of `steps` on the way from one colour to the other.
fn gradient(from: [u8; 3], to: [u8; 3], step: i64, steps: i64) -> [u8; 3] {
    let mut mixed = [0; 3];
    for ((out, a), b) in mixed.iter_mut().zip(from).zip(to) {
        *out = clamp(i64::from(a) + (i64::from(b) - i64::from(a)) * step / steps.max(1));
    }
    mixed
}

fn grained(random: &mut Random, base: [u8; 3], grain: u8) -> [u8; 3] {
    if grain == 0 {
        return base;
    }
    let noise = random.next().to_le_bytes();
    let mut out = base;
    for (channel, noise) in out.iter_mut().zip(noise) {
        *channel = clamp(i64::from(*channel) + i64::from(noise % grain) - i64::from(grain / 2));
    }
    out
}

fn clamp(value: i64) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or(0)
}
