//! The check of a block's content.

use crc32fast::Hasher;
use sha2::{Digest, Sha256};

use crate::crc;

/// A check being computed.
pub(super) enum Check {
    Crc32(Hasher),
    Crc64(u64),
    Sha256(Box<Sha256>),
    /// None, or one that the format has set a length for and nothing else.
    Unknown,
}

impl Check {
    /// The check with this id.
    pub(super) fn new(id: u8) -> Self {
        match id {
            1 => Self::Crc32(Hasher::new()),
            4 => Self::Crc64(0),
            10 => Self::Sha256(Box::default()),
            _ => Self::Unknown,
        }
    }

    /// Its length in bytes, set for each id.
    pub(super) const fn length(id: u8) -> u64 {
        match id {
            0 => 0,
            1..=3 => 4,
            4..=6 => 8,
            7..=9 => 16,
            10..=12 => 32,
            _ => 64,
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc64(crc) => *crc = crc::xz64(*crc, bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Unknown => {}
        }
    }

    /// Its bytes; `None` if it is not known.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        match self {
            Self::Crc32(hasher) => Some(hasher.finalize().to_le_bytes().to_vec()),
            Self::Crc64(crc) => Some(crc.to_le_bytes().to_vec()),
            Self::Sha256(hasher) => Some(hasher.finalize().to_vec()),
            Self::Unknown => None,
        }
    }
}
