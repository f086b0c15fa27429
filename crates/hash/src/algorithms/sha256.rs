//! SHA-256 (FIPS 180-4): the digest this project relies on.

use crate::{Algorithm, Digester, sha256};

/// SHA-256 (FIPS 180-4): the digest this project relies on.
pub(super) struct Sha256;

impl Algorithm for Sha256 {
    fn id(&self) -> &'static str {
        "sha256"
    }
    fn start(&self) -> Box<dyn Digester> {
        Box::new(sha256::Sha256::new())
    }
}

impl Digester for sha256::Sha256 {
    fn update(&mut self, bytes: &[u8]) {
        Self::update(self, bytes);
    }
    fn digest(&self) -> exhibit_evidence::Digest {
        exhibit_evidence::Digest::new("sha256", self.finish().to_vec())
    }
}
