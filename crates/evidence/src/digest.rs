//! Digests by name.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{from_hex, to_hex};

/// One digest: the algorithm's lower-case id (`md5`, `sha1`, `sha256`, …) and its bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: String,
    bytes: Vec<u8>,
}

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Not an even number of hexadecimal digits.
    #[error("not hexadecimal: {0:?}")]
    NotHex(String),
    /// The algorithm makes digests of another length.
    #[error("a {algorithm} digest has {expected} hexadecimal digits, found {found}")]
    Length {
        /// The algorithm's id.
        algorithm: String,
        /// Digits it should have.
        expected: usize,
        /// Digits it has.
        found: usize,
    },
}

impl Digest {
    /// A digest from its bytes.
    #[must_use]
    pub fn new(algorithm: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { algorithm: algorithm.into(), bytes: bytes.into() }
    }

    /// A digest from its hexadecimal text.
    ///
    /// # Errors
    /// If `text` is not hexadecimal or not as long as the algorithm's digests are.
    pub fn parse(algorithm: &str, text: &str) -> Result<Self, DigestError> {
        let bytes = from_hex(text).ok_or_else(|| DigestError::NotHex(text.to_owned()))?;
        let expected = match algorithm {
            "md5" => 16,
            "sha1" => 20,
            "sha256" => 32,
            "sha512" => 64,
            _ => bytes.len(),
        };
        if bytes.len() == expected {
            Ok(Self::new(algorithm, bytes))
        } else {
            let algorithm = algorithm.to_owned();
            Err(DigestError::Length { algorithm, expected: expected * 2, found: text.len() })
        }
    }

    /// The algorithm's id.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The bytes of the digest.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Lower-case hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        to_hex(&self.bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.hex())
    }
}

/// Digests of the same bytes, at most one of each algorithm; in JSON an object of lower-case hexadecimal texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DigestSet {
    by_algorithm: BTreeMap<String, String>,
}

impl DigestSet {
    /// No digests.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces the digest of its algorithm.
    pub fn insert(&mut self, digest: &Digest) {
        self.by_algorithm.insert(digest.algorithm().to_owned(), digest.hex());
    }

    /// The hexadecimal text of one algorithm's digest, as stored.
    #[must_use]
    pub fn get(&self, algorithm: &str) -> Option<&str> {
        self.by_algorithm.get(algorithm).map(String::as_str)
    }

    /// Algorithm and hexadecimal text, ordered by algorithm.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_algorithm.iter().map(|(a, h)| (a.as_str(), h.as_str()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_algorithm.is_empty()
    }
}

impl FromIterator<Digest> for DigestSet {
    fn from_iter<I: IntoIterator<Item = Digest>>(digests: I) -> Self {
        let mut set = Self::new();
        digests.into_iter().for_each(|digest| set.insert(&digest));
        set
    }
}
