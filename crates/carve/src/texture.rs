//! What sectors around a break look like: whether a gap can be seen without decoding.

use exhibit_evidence::Source;

use crate::budget::Budget;
use crate::fragments::SECTOR_BYTES;
use crate::stop::Stop;
use crate::window::Window;

/// Random bytes fill a sector with some 221 different values; compressed ones do with few less.
const VARIETY_LEAST: usize = 180;

/// By sector, from the first on: whether its bytes may be compressed.
pub(crate) struct Texture {
    first: u64,
    packed: Vec<bool>,
}

impl Texture {
    /// The sectors of `source` from `low` to `high`, as compressed data or not.
    pub(crate) fn of_packed(source: &dyn Source, low: u64, high: u64, budget: &Budget<'_>) -> Result<Self, Stop> {
        let first = low / SECTOR_BYTES;
        let mut window = Window::new(source, budget);
        let (mut packed, mut at) = (Vec::new(), first.saturating_mul(SECTOR_BYTES));
        while at < high.min(window.size()) {
            let length = usize::try_from(window.size().saturating_sub(at).min(SECTOR_BYTES)).unwrap_or(0);
            packed.push(match window.exact(at, length) {
                Ok(sector) => looks_packed(sector),
                Err(Stop::Unreadable(_) | Stop::End(_)) => false,
                Err(stop) => return Err(stop),
            });
            at = at.saturating_add(SECTOR_BYTES);
        }
        Ok(Self { first, packed })
    }

    fn is_packed(&self, at: u64) -> Option<bool> {
        let index = (at / SECTOR_BYTES).checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.packed.get(index)).copied()
    }

    /// How likely a gap is: 0 if it visibly begins and ends, 1 if it visibly begins or ends, 2 if it does not show. `None`
    /// if its first fragment ends, or its second one begins, with something else than compressed data.
    pub(crate) fn rank(&self, split: u64, gap: u64) -> Option<u8> {
        let second = split.saturating_add(gap);
        let before = self.is_packed(split.saturating_sub(SECTOR_BYTES)).unwrap_or(true);
        // The last sector of a file may hold next to nothing of it.
        let behind =
            self.is_packed(second) == Some(true) || self.is_packed(second.saturating_add(SECTOR_BYTES)) == Some(false);
        if !before || !behind {
            return None;
        }
        let begins = self.is_packed(split) == Some(false);
        let ends = self.is_packed(second.saturating_sub(SECTOR_BYTES)) == Some(false);
        Some(2_u8.saturating_sub(u8::from(begins)).saturating_sub(u8::from(ends)))
    }
}

fn looks_packed(sector: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in sector {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    seen.iter().filter(|seen| **seen).count() >= VARIETY_LEAST
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    #[test]
    fn a_gap_of_text_shows_and_one_of_noise_does_not() {
        let noise: Vec<u8> = (0..8 * 512_u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let mut bytes = noise.clone();
        bytes[1024..2048].fill(b'e');
        let of = |bytes: Vec<u8>| {
            Texture::of_packed(&MemorySource::new(bytes), 0, u64::MAX, &Budget::alone(1 << 20)).ok().unwrap()
        };
        let texture = of(bytes);
        assert_eq!(texture.rank(1024, 1024), Some(0));
        assert_eq!(texture.rank(1024, 1536), Some(1));
        assert_eq!(texture.rank(512, 1536), Some(1));
        assert_eq!(texture.rank(1536, 512), None, "text before the split");
        assert_eq!(of(noise).rank(1024, 1024), Some(2));
    }
}
