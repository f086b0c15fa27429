//! MD5 and SHA-256 of the same bytes on one thread, in turns where the processor gains from that.
//!
//! With a core for each lane, each is fastest by itself. Where cores are few, what counts is the work of all lanes
//! together, and this saves a fifth of that of these two.

use exhibit_evidence::Digest;

use crate::Digester;
use crate::algorithms::md5::{self, Md5State};
use crate::sha256::Sha256;

/// Both digests in the making.
pub(crate) struct Together {
    md5: Md5State,
    sha256: Sha256,
}

impl Together {
    /// Of nothing yet; `None` where one after the other is as fast.
    pub(crate) fn start() -> Option<Self> {
        md5::gains_from_sha256().then(|| Self { md5: Md5State::new(), sha256: Sha256::new() })
    }

    /// Goes on over `bytes`.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        // Both have seen the same bytes and cut them into blocks of the same size, so nothing waits in both or in neither.
        let rest = md5::in_turns(&mut self.md5, &mut self.sha256, bytes);
        self.md5.update(rest);
        self.sha256.update(rest);
    }

    /// The digests of all bytes so far.
    pub(crate) fn digests(&self) -> [Digest; 2] {
        [self.md5.digest(), Digester::digest(&self.sha256)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm;

    #[test]
    fn any_length_cut_anywhere_has_the_digests_of_each_alone() {
        let Some(_) = Together::start() else { return };
        let bytes: Vec<u8> = (0..3000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        for length in (0..200).chain([1000, 2048, 2999, 3000]) {
            for cut in [1, 63, 64, 65, 640, 3000] {
                let mut both = Together::start().unwrap();
                bytes[..length].chunks(cut).for_each(|piece| both.update(piece));
                let alone = ["md5", "sha256"].map(|id| {
                    let mut digester = algorithm(id).unwrap().start();
                    digester.update(&bytes[..length]);
                    digester.digest()
                });
                assert_eq!(both.digests(), alone, "{length} bytes in pieces of {cut}");
            }
        }
    }
}
