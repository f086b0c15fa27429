//! SHA-512 (FIPS 180-4): the second manifest of every BagIt package.

use sha2::Digest as _;

use crate::{Algorithm, Digester};

/// SHA-512 (FIPS 180-4): the second manifest of every BagIt package.
pub(super) struct Sha512;

impl Algorithm for Sha512 {
    fn id(&self) -> &'static str {
        "sha512"
    }
    fn start(&self) -> Box<dyn Digester> {
        Box::new(State(sha2::Sha512::new()))
    }
}

struct State(sha2::Sha512);

impl Digester for State {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn digest(&self) -> exhibit_evidence::Digest {
        exhibit_evidence::Digest::new("sha512", self.0.clone().finalize().to_vec())
    }
}
