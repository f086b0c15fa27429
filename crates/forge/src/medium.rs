//! A medium of any size that looks like a used disk, for benchmarks. Nothing is stored.

use std::sync::Arc;

use exhibit_evidence::{ReadFault, Source};

use crate::machine_code::machine_code;
use crate::{Random, prose};

/// Stripes are cut within slots of this size, 1 MiB; a page has the same size.
const SLOT: u64 = 1 << 20;
/// A page as memory.
const PAGE: usize = 1 << 20;
/// The smallest stripe: 64 KiB, a sixteenth of a slot.
const PARTS_MAX_LOG2: u64 = 4;
/// Each block of 4 KiB carries a stamp, so that no two blocks of the medium are equal.
const BLOCK: u64 = 4096;
const STAMP: usize = 16;

/// Shares of each kind of content; only their proportions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// Never written.
    pub zeros: u32,
    /// English-like text; deflates to about a third.
    pub text: u32,
    /// Text like source code.
    pub code: u32,
    /// Structured binary data like that of executables; deflates to about a half.
    pub binary: u32,
    /// Incompressible: pictures, archives, encrypted data.
    pub random: u32,
}

impl Mix {
    /// A disk in use: half of it media and archives, a fifth never written.
    pub const USED: Self = Self { zeros: 4, text: 2, code: 1, binary: 4, random: 9 };
    /// Nothing compresses: the worst case of an imager.
    pub const RANDOM: Self = Self { zeros: 0, text: 0, code: 0, binary: 0, random: 1 };
    /// Never written: the best case.
    pub const ZEROS: Self = Self { zeros: 1, text: 0, code: 0, binary: 0, random: 0 };
    /// Everything compresses.
    pub const TEXT: Self = Self { zeros: 0, text: 1, code: 0, binary: 0, random: 0 };

    /// The kind that a number below the sum of the shares falls on.
    fn choose(&self, number: u64) -> Content {
        let mut left = number;
        let shares = [self.zeros, self.text, self.code, self.binary, self.random];
        let kinds = [Content::Zeros, Content::Text, Content::Code, Content::Binary, Content::Random];
        for (kind, share) in kinds.into_iter().zip(shares) {
            match left.checked_sub(u64::from(share)) {
                Some(less) => left = less,
                None => return kind,
            }
        }
        Content::Zeros
    }

    fn sum(&self) -> u64 {
        [self.zeros, self.text, self.code, self.binary, self.random].into_iter().map(u64::from).sum()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Zeros,
    Text,
    Code,
    Binary,
    Random,
}

/// A medium of stripes of 64 KiB to 1 MiB, each of one kind of content. What stands at an offset follows from the
/// seed, the mix and the offset alone, so that any two reads agree. It reads at several GB/s on one core.
///
/// It is for speed and compression only: the pages behind the stripes repeat, and no file can be found on it.
#[derive(Debug, Clone)]
pub struct MixedMedium {
    seed: u64,
    size_bytes: u64,
    mix: Mix,
    pages: Arc<Pages>,
}

#[derive(Debug)]
struct Pages {
    text: Vec<u8>,
    code: Vec<u8>,
    binary: Vec<u8>,
    random: Vec<u8>,
}

/// A stripe: where it starts and how long it is within its slot, and what is in it.
#[derive(Debug, Clone, Copy)]
struct Stripe {
    start: u64,
    length: u64,
    content: Content,
    /// Different for each stripe: turns the page, and changes the incompressible one.
    key: u64,
}

impl MixedMedium {
    /// A medium of `size_bytes` bytes. Takes a moment and 4 MiB of memory to prepare, whatever the size.
    #[must_use]
    pub fn new(seed: u64, size_bytes: u64, mix: Mix) -> Self {
        let random = |purpose| Random::stream(seed, purpose, 0);
        let pages = Pages {
            text: prose::english(&mut random("text page"), PAGE),
            code: prose::source_code(&mut random("code page"), PAGE),
            binary: machine_code(&mut random("binary page"), PAGE),
            random: random("random page").bytes(PAGE),
        };
        Self { seed, size_bytes, mix, pages: Arc::new(pages) }
    }

    /// The stripe that holds byte `at`.
    fn stripe(&self, at: u64) -> Stripe {
        let mut slot = Random::stream(self.seed, "slot", at / SLOT);
        let length = SLOT >> slot.between(0, PARTS_MAX_LOG2);
        let number = at % SLOT / length;
        let mut own = Random::new(slot.next() ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let content = self.mix.choose(own.below(self.mix.sum()));
        let start = (at / SLOT * SLOT).saturating_add(number * length);
        Stripe { start, length, content, key: own.next() }
    }

    /// Fills `out` with the bytes from `at` on, all of which lie in `stripe`.
    fn fill(&self, stripe: Stripe, at: u64, out: &mut [u8]) {
        let page = match stripe.content {
            Content::Zeros => return out.fill(0),
            Content::Text => &self.pages.text,
            Content::Code => &self.pages.code,
            Content::Binary => &self.pages.binary,
            Content::Random => &self.pages.random,
        };
        // Turned in steps of eight bytes, so that the words below stay whole.
        let turned = stripe.key.wrapping_add(at.wrapping_sub(stripe.start) & !7) & (SLOT - 8);
        let place = (turned as usize & (PAGE - 1)) | (at as usize & 7);
        let (before, after) = page.split_at(place.min(page.len()));
        let first = out.len().min(after.len());
        let (head, rest) = out.split_at_mut(first);
        head.copy_from_slice(after.get(..first).unwrap_or_default());
        let left = rest.len();
        rest.copy_from_slice(before.get(..left).unwrap_or_default());
        if stripe.content == Content::Random {
            whiten(at, out, stripe.key);
        } else {
            stamp(stripe, at, out);
        }
    }
}

/// Changes every word by the key: copies of the page are then copies no longer.
fn whiten(at: u64, out: &mut [u8], key: u64) {
    let key = key.rotate_right((at as u32 & 7) * 8).to_le_bytes();
    for word in out.chunks_mut(8) {
        word.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    }
}

/// Writes the number of the block in hexadecimal over the start of each block.
fn stamp(stripe: Stripe, at: u64, out: &mut [u8]) {
    let end = at.saturating_add(out.len() as u64);
    let mut block = at / BLOCK * BLOCK;
    while block < end {
        let text = format!("{:016x}", block ^ stripe.key);
        for (place, byte) in (block..).zip(text.into_bytes()).take(STAMP) {
            let index = place.checked_sub(at).and_then(|index| usize::try_from(index).ok());
            if let Some(target) = index.and_then(|index| out.get_mut(index)) {
                *target = byte;
            }
        }
        block = block.saturating_add(BLOCK);
    }
}

impl Source for MixedMedium {
    fn size(&self) -> u64 {
        self.size_bytes
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size_bytes)?;
        let mut here = at;
        let mut rest = buf;
        while !rest.is_empty() {
            let stripe = self.stripe(here);
            let left = stripe.start.saturating_add(stripe.length).saturating_sub(here).max(1);
            let length = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let (piece, after) = rest.split_at_mut(length);
            self.fill(stripe, here, piece);
            here = here.saturating_add(length as u64);
            rest = after;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(medium: &MixedMedium, at: u64, length: usize) -> Vec<u8> {
        let mut buf = vec![0; length];
        medium.read_at(at, &mut buf).unwrap();
        buf
    }

    #[test]
    fn any_two_reads_agree_wherever_they_begin() {
        let medium = MixedMedium::new(1, 1 << 40, Mix::USED);
        for base in [0, (1 << 40) - (5 << 20)] {
            let whole = read(&medium, base, 5 << 20);
            let mut random = Random::new(base);
            for _ in 0..400 {
                let start = random.index(whole.len());
                let length = random.index((whole.len() - start).min(200_000) + 1);
                assert!(read(&medium, base + start as u64, length) == whole[start..start + length]);
            }
        }
        assert!(medium.read_at(1 << 40, &mut [0]).is_err());
    }

    #[test]
    fn no_two_blocks_are_equal_but_those_never_written() {
        let medium = MixedMedium::new(2, 1 << 30, Mix::USED);
        let bytes = read(&medium, 0, 64 << 20);
        let mut blocks: Vec<&[u8]> = bytes.chunks(4096).filter(|block| block.iter().any(|&byte| byte != 0)).collect();
        let count = blocks.len();
        blocks.sort_unstable();
        blocks.dedup();
        assert_eq!(blocks.len(), count);
        let zero_share = 100 - count * 100 / (64 << 8);
        assert!((10..30).contains(&zero_share), "{zero_share} % zeros");
    }

    #[test]
    fn contents_compress_as_announced() {
        use flate2::{Compression, write::DeflateEncoder};
        use std::io::Write;
        let ratio = |mix| {
            let bytes = read(&MixedMedium::new(3, 1 << 30, mix), 0, 4 << 20);
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&bytes).unwrap();
            bytes.len() * 100 / encoder.finish().unwrap().len()
        };
        let binary = Mix { binary: 1, ..Mix::ZEROS };
        let binary = Mix { zeros: 0, ..binary };
        let (text, binary, random) = (ratio(Mix::TEXT), ratio(binary), ratio(Mix::RANDOM));
        assert!((250..=380).contains(&text), "text {text}");
        assert!((170..=250).contains(&binary), "binary {binary}");
        // Level 1 of this library codes with fixed tables, which makes noise larger.
        assert!((93..=100).contains(&random), "random {random}");
    }
}
