//! SHA-1 (FIPS 180-4): broken against collisions, still stored in E01 files and old hash sets.

use sha1::Digest as _;

use crate::{Algorithm, Digester};

/// SHA-1 (FIPS 180-4): broken against collisions, still stored in E01 files and old hash sets.
pub(super) struct Sha1;

impl Algorithm for Sha1 {
    fn id(&self) -> &'static str {
        "sha1"
    }
    fn start(&self) -> Box<dyn Digester> {
        Box::new(State(sha1::Sha1::new()))
    }
}

struct State(sha1::Sha1);

impl Digester for State {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn digest(&self) -> exhibit_evidence::Digest {
        exhibit_evidence::Digest::new("sha1", self.0.clone().finalize().to_vec())
    }
}
