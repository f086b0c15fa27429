//! The digest algorithms that AFF4 names.

use blake2::Digest as _;
use exhibit_hash::{Digester, algorithm};

/// An algorithm of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
    Blake2b,
}

/// In the order in which the block hashes enter a `blockMapHash`.
pub(super) const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512, Algorithm::Blake2b];

impl Algorithm {
    /// By the type of an `aff4:hash`: `SHA1`, `Blake2b`.
    pub(super) fn of(kind: &str) -> Option<Self> {
        ALGORITHMS.into_iter().find(|algorithm| algorithm.id().eq_ignore_ascii_case(kind))
    }

    /// As block hash members are named, and as we call it elsewhere.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Blake2b => "blake2b",
        }
    }

    /// As types of `aff4:hash` are named.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Blake2b => "Blake2b",
        }
    }

    /// Bytes of a digest.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 | Self::Blake2b => 64,
        }
    }

    pub(super) fn start(self) -> Running {
        match algorithm(self.id()) {
            Some(known) => Running::Known(known.start()),
            None => Running::Blake2b(Box::default()),
        }
    }

    /// The digest of all pieces, one after another.
    pub(super) fn digest(self, pieces: &[&[u8]]) -> Vec<u8> {
        let mut running = self.start();
        pieces.iter().for_each(|piece| running.update(piece));
        running.finish()
    }
}

/// A digest in the making.
pub(super) enum Running {
    Known(Box<dyn Digester>),
    Blake2b(Box<blake2::Blake2b512>),
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Known(digester) => digester.update(bytes),
            Self::Blake2b(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Known(digester) => digester.digest().bytes().to_vec(),
            Self::Blake2b(hasher) => hasher.finalize().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_algorithm_has_its_length_and_blake2b_its_published_digest() {
        for algorithm in ALGORITHMS {
            assert_eq!(algorithm.digest(&[b"a", b"bc"]).len(), algorithm.length());
            assert_eq!(Algorithm::of(algorithm.kind()), Some(algorithm));
        }
        // RFC 7693, appendix A.
        let abc = exhibit_evidence::to_hex(&Algorithm::Blake2b.digest(&[b"abc"]));
        assert!(abc.starts_with("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"), "{abc}");
    }
}
