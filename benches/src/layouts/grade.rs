//! Grades what a carver found on a medium against what was planted there.

use std::collections::BTreeMap;

use super::Medium;

/// What a carver said it found: whether it calls it proven, and the bytes.
pub type Find = (bool, Vec<u8>);

/// Counts of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Complete files on the media.
    pub planted: u64,
    /// Of these, found byte for byte.
    pub exact: u64,
}

/// What some media came to.
#[derive(Debug, Clone, Default)]
pub struct Grade {
    /// By kind.
    pub kinds: BTreeMap<&'static str, Tally>,
    /// Files called proven; of these, no file of the medium.
    pub proven: u64,
    /// See [`Grade::proven`].
    pub wrong_proven: u64,
    /// Files called consistent; of these, no file of the medium.
    pub consistent: u64,
    /// See [`Grade::consistent`].
    pub wrong_consistent: u64,
    /// Finds that lie within a planted file of which the truth does not tell what it holds; not counted otherwise.
    pub inside: u64,
    /// What the wrong ones were: seed and description.
    pub wrong: Vec<String>,
}

impl Grade {
    /// Adds what was found on a medium.
    pub fn add(&mut self, medium: &Medium, finds: &[Find], describe: impl Fn(usize) -> String) {
        for planted in medium.planted.iter().filter(|planted| planted.complete && planted.asked) {
            let tally = self.kinds.entry(planted.kind).or_default();
            tally.planted += 1;
            tally.exact += u64::from(finds.iter().any(|(_, bytes)| *bytes == planted.bytes));
        }
        for (index, (proven, bytes)) in finds.iter().enumerate() {
            let real = medium.planted.iter().any(|planted| planted.bytes == *bytes) || medium.parts.contains(bytes);
            if !real && is_inside(medium, bytes) {
                self.inside += 1;
                continue;
            }
            let (count, wrong) = if *proven {
                (&mut self.proven, &mut self.wrong_proven)
            } else {
                (&mut self.consistent, &mut self.wrong_consistent)
            };
            *count += 1;
            if !real {
                *wrong += 1;
                self.wrong.push(describe(index));
            }
        }
    }
}

/// Whether the bytes lie behind the beginning of a planted file, and in one piece there.
fn is_inside(medium: &Medium, bytes: &[u8]) -> bool {
    let finder = memchr::memmem::Finder::new(bytes);
    medium.planted.iter().any(|planted| finder.find(planted.bytes.get(1..).unwrap_or_default()).is_some())
}
