//! SHA-256 (FIPS 180-4): the digest this project relies on.

use sha2::Digest as _;

use crate::{Algorithm, Digester};

/// SHA-256 (FIPS 180-4): the digest this project relies on.
pub(super) struct Sha256;

impl Algorithm for Sha256 {
    fn id(&self) -> &'static str {
        "sha256"
    }
    fn start(&self) -> Box<dyn Digester> {
        Box::new(State(sha2::Sha256::new()))
    }
}

struct State(sha2::Sha256);

impl Digester for State {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn digest(&self) -> exhibit_evidence::Digest {
        exhibit_evidence::Digest::new("sha256", self.0.clone().finalize().to_vec())
    }
}
