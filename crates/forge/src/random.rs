//! Numbers that look random and are the same everywhere, for ever.

/// The generator behind everything forged: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014).
///
/// It is written out here, and not taken from a library, because the bytes of a practice disk are a promise: the same
/// seed must give the same disk with next year's compiler and libraries, and generators in libraries may change their
/// streams between versions. It is not fit for keys.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A stream of its own for `purpose` and `number`, independent of how much was drawn from others: making one
    /// object larger must not change the next one.
    #[must_use]
    pub fn stream(seed: u64, purpose: &str, number: u64) -> Self {
        let mut mixed = Self::new(seed);
        for byte in purpose.bytes() {
            mixed.state = mixed.next().wrapping_add(u64::from(byte));
        }
        mixed.state = mixed.next() ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        Self::new(mixed.next())
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`, or 0 if `limit` is 0. The bias of at most `limit` / 2^64 is of no concern here.
    pub const fn below(&mut self, limit: u64) -> u64 {
        ((self.next() as u128 * limit as u128) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        low.saturating_add(self.below(high.saturating_sub(low).saturating_add(1)))
    }

    /// True in `wins` of `of` cases.
    pub const fn chance(&mut self, wins: u64, of: u64) -> bool {
        self.below(of) < wins
    }

    /// One of `choices`; `None` if there is none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.index(choices.len()))
    }

    /// An index below `length`, or 0.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// Puts `items` in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last.saturating_add(1));
            items.swap(last, other);
        }
    }

    /// Fills `bytes`, eight at a time, little-endian.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(8) {
            for (to, from) in piece.iter_mut().zip(self.next().to_le_bytes()) {
                *to = from;
            }
        }
    }

    /// `length` incompressible bytes.
    #[must_use]
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // First outputs of SplitMix64 for seed 1234567, as given by the reference implementation's users.
        let mut random = Random::new(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([random.next(), random.next(), random.next()], expected);
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_number() {
        let first = |seed, purpose, number| Random::stream(seed, purpose, number).next();
        let values = [first(1, "a", 0), first(2, "a", 0), first(1, "b", 0), first(1, "a", 1)];
        for (index, value) in values.iter().enumerate() {
            assert!(!values[..index].contains(value));
        }
    }

    #[test]
    fn bounds_hold_and_every_value_occurs() {
        let mut random = Random::new(3);
        let mut seen = [false; 5];
        (0..200).for_each(|_| seen[usize::try_from(random.between(10, 14)).unwrap() - 10] = true);
        assert_eq!(seen, [true; 5]);
        assert_eq!((random.below(0), random.pick::<u8>(&[])), (0, None));
    }
}
