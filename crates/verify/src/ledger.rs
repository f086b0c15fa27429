//! What the files really are: size and digests of each, computed here, in one pass over each file, many at a time.

use std::collections::BTreeMap;

use exhibit_evidence::{Finding, to_hex};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::beforehand::Beforehand;
use crate::collect::Findings;
use crate::members::{Entry, Members, unreadable};
use crate::watch::{Interrupted, Progress};

/// The digest algorithms a bag may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// MD5; can be forged, proves only that nothing was damaged by accident.
    Md5,
    /// SHA-1; can be forged with effort.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    /// Those of the manifests of a package.
    pub(crate) const OF_PACKAGES: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// The name in a manifest's file name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// Length of a digest in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// Running digests of one file.
#[derive(Clone)]
enum Lane {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Lane {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::Md5(md5::Md5::new()),
            Algorithm::Sha1 => Self::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
        }
    }

    fn update(&mut self, block: &[u8]) {
        match self {
            Self::Md5(lane) => lane.update(block),
            Self::Sha1(lane) => lane.update(block),
            Self::Sha256(lane) => lane.update(block),
            Self::Sha512(lane) => lane.update(block),
        }
    }

    fn finish(self) -> (Algorithm, Vec<u8>) {
        match self {
            Self::Md5(lane) => (Algorithm::Md5, lane.finalize().to_vec()),
            Self::Sha1(lane) => (Algorithm::Sha1, lane.finalize().to_vec()),
            Self::Sha256(lane) => (Algorithm::Sha256, lane.finalize().to_vec()),
            Self::Sha512(lane) => (Algorithm::Sha512, lane.finalize().to_vec()),
        }
    }
}

/// Blocks from this size on are hashed by all lanes at once; below, handing work over costs more than it saves.
const PARALLEL_BYTES: usize = 128 << 10;

/// Several digests of the same bytes, in one pass.
pub(crate) struct Lanes(Vec<Lane>);

impl Lanes {
    pub(crate) fn new(algorithms: &[Algorithm]) -> Self {
        Self(algorithms.iter().map(|&algorithm| Lane::new(algorithm)).collect())
    }

    pub(crate) fn update(&mut self, block: &[u8]) {
        if block.len() >= PARALLEL_BYTES && self.0.len() > 1 {
            self.0.par_iter_mut().for_each(|lane| lane.update(block));
        } else {
            self.0.iter_mut().for_each(|lane| lane.update(block));
        }
    }

    fn finish(self) -> Vec<(Algorithm, Vec<u8>)> {
        self.0.into_iter().map(Lane::finish).collect()
    }
}

/// One file as it really is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Real {
    pub(crate) size: u64,
    /// Empty if the file was not read, or could not be.
    digests: Vec<(Algorithm, Vec<u8>)>,
}

impl Real {
    /// The digest, if it was computed.
    pub(crate) fn digest(&self, algorithm: Algorithm) -> Option<&[u8]> {
        self.digests.iter().find(|(of, _)| *of == algorithm).map(|(_, bytes)| bytes.as_slice())
    }

    /// Whether it was read, and these are its digests.
    pub(crate) fn has(&self, algorithms: &[Algorithm]) -> bool {
        algorithms.iter().all(|&algorithm| self.digest(algorithm).is_some_and(|bytes| bytes.len() == algorithm.bytes()))
    }

    /// SHA-256 in lower-case hexadecimal, if it was computed.
    pub(crate) fn sha256(&self) -> Option<String> {
        self.digest(Algorithm::Sha256).map(to_hex)
    }
}

/// All files by name.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) files: BTreeMap<String, Real>,
}

impl Ledger {
    pub(crate) fn get(&self, name: &str) -> Option<&Real> {
        self.files.get(name)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Lists `entries` and hashes those that `wanted` picks, but for what was read `beforehand`. The findings are about
    /// files that could not be read, are not ordinary files, or contradict their container.
    ///
    /// # Errors
    /// If somebody wished to stop.
    pub(crate) fn take(
        members: &dyn Members,
        entries: &[Entry],
        wanted: &(dyn Fn(&str) -> bool + Sync),
        algorithms: &[Algorithm],
        beforehand: &Beforehand,
        progress: &Progress<'_>,
    ) -> Result<(Self, Vec<Finding>), Interrupted> {
        let taken: Vec<(Real, Vec<Finding>)> = entries
            .par_iter()
            .map(|entry| match &entry.oddity {
                Some(oddity) => (Real { size: entry.size, digests: Vec::new() }, vec![odd(entry, oddity)]),
                None if !wanted(&entry.name) => (Real { size: entry.size, digests: Vec::new() }, Vec::new()),
                None => match beforehand.file(entry, algorithms) {
                    Some((real, findings)) => (real.clone(), findings.to_vec()),
                    None => read(members, entry, algorithms, progress),
                },
            })
            .collect();
        progress.check()?;
        let mut findings = Findings::default();
        let mut ledger = Self::default();
        for (entry, (real, found)) in entries.iter().zip(taken) {
            findings.extend(found);
            if ledger.files.insert(entry.name.clone(), real).is_some() {
                findings.wrong("duplicate-name", entry.name.as_str(), "two files have this name");
            }
        }
        Ok((ledger, findings.into_list()))
    }
}

fn odd(entry: &Entry, oddity: &str) -> Finding {
    Finding::new(exhibit_evidence::Severity::Mismatch, "not-a-file", entry.name.as_str(), oddity)
}

/// Reads one file to its end.
pub(crate) fn read(
    members: &dyn Members,
    entry: &Entry,
    algorithms: &[Algorithm],
    progress: &Progress<'_>,
) -> (Real, Vec<Finding>) {
    let mut lanes = Lanes::new(algorithms);
    let mut size = 0_u64;
    let streamed = members.stream(&entry.name, &mut |block| {
        lanes.update(block);
        size = size.saturating_add(block.len() as u64);
        progress.advance(block.len())
    });
    let (digests, findings) = match streamed {
        Ok(findings) => (lanes.finish(), findings),
        Err(fault) => (Vec::new(), vec![unreadable(&entry.name, &fault)]),
    };
    findings.iter().for_each(|_| progress.fault());
    (Real { size, digests }, findings)
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{Cancel, Silent};

    use super::*;
    use crate::members::MemoryMembers;
    use crate::watch::Watch;

    #[test]
    fn digests_are_those_of_the_bytes_whatever_the_size() {
        let mut members = MemoryMembers::new();
        members.insert("abc", *b"abc");
        members.insert("long", vec![b'a'; 1_000_000]);
        let cancel = Cancel::new();
        let progress = Progress::start(Watch { observer: &Silent, cancel: &cancel }, 0);
        let entries = members.list().unwrap();
        let (ledger, findings) =
            Ledger::take(&members, &entries, &|_| true, &Algorithm::ALL, &Beforehand::default(), &progress).unwrap();
        assert_eq!(findings, []);
        let hex = |name: &str, algorithm| to_hex(ledger.get(name).unwrap().digest(algorithm).unwrap());
        // RFC 1321 A.5 and FIPS 180-4's examples: "abc" and a million times "a".
        assert_eq!(hex("abc", Algorithm::Md5), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex("abc", Algorithm::Sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex("long", Algorithm::Sha1), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
        assert_eq!(hex("long", Algorithm::Sha256), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
        assert!(hex("long", Algorithm::Sha512).starts_with("e718483d0ce769644e2e42c7bc15b4638e1f98b13b204428"));
    }

    #[test]
    fn who_wishes_to_stop_is_heard() {
        let mut members = MemoryMembers::new();
        members.insert("abc", *b"abc");
        let cancel = Cancel::new();
        cancel.cancel();
        let progress = Progress::start(Watch { observer: &Silent, cancel: &cancel }, 0);
        let entries = members.list().unwrap();
        assert_eq!(
            Ledger::take(&members, &entries, &|_| true, &[], &Beforehand::default(), &progress).err(),
            Some(Interrupted)
        );
    }
}
