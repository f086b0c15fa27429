//! MD5 and SHA-256 of a medium on one thread, and the SHA-256 of the files of its image beside them.
//!
//! With a core for each lane, each is fastest by itself. Where cores are few, what counts is the work of all lanes
//! together: in turns these two take a fifth less, and the files are then nearly free.

use exhibit_evidence::Digest;

use crate::Digester;
use crate::algorithms::md5::{self, Md5State};
use crate::sha256::{Sha256, update_both};

/// The digests of a medium in the making.
#[derive(Default, Clone)]
pub(crate) struct Together {
    pub(crate) sha256: Sha256,
    md5: Option<Md5State>,
}

impl Together {
    /// Whether MD5 and SHA-256 gain from each other here.
    pub(crate) fn gains() -> bool {
        md5::gains_from_sha256()
    }

    /// Computes the MD5, too. Before the first byte.
    pub(crate) fn with_md5(&mut self) {
        self.md5 = Some(Md5State::new());
    }

    /// Goes on over `bytes`.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let Some(md5) = &mut self.md5 else { return self.sha256.update(bytes) };
        // Both have seen the same bytes and cut them into blocks of the same size, so nothing waits in both or in neither.
        let rest = md5::in_turns(md5, &mut self.sha256, bytes);
        md5.update(rest);
        self.sha256.update(rest);
    }

    /// Goes on over `bytes`, and `file` over its own, as far as both reach: at least one of them is then empty. Each is left
    /// with what the other had no partner for.
    pub(crate) fn update_beside<'a>(&mut self, bytes: &mut &'a [u8], file: &mut Sha256, of_file: &mut &'a [u8]) {
        let Some(md5) = &mut self.md5 else { return update_both([&mut self.sha256, file], [bytes, of_file]) };
        *of_file = file.fill(of_file);
        (*bytes, *of_file) = md5::three_in_turns((md5, &mut self.sha256, bytes), (file, of_file));
        // What is left of the file is less than a block, or the medium is: that waits, and the other goes on with a partner.
        if of_file.len() < bytes.len() {
            file.update(std::mem::take(of_file));
        } else {
            let rest = std::mem::take(bytes);
            md5.update(rest);
            self.sha256.update(rest);
        }
    }

    /// The digests of all bytes so far.
    pub(crate) fn digests(&self) -> impl Iterator<Item = Digest> {
        self.md5.iter().map(Digester::digest).chain([Digester::digest(&self.sha256)])
    }
}

/// MD5 and SHA-256 of the same bytes, by whichever way is less work for one thread.
pub struct Md5AndSha256(Together);

impl Default for Md5AndSha256 {
    fn default() -> Self {
        let mut both = Together::default();
        both.with_md5();
        Self(both)
    }
}

impl Md5AndSha256 {
    /// Goes on over `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// MD5 and SHA-256 of all bytes so far, in hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> [String; 2] {
        let md5 = self.0.md5.as_ref().map(Digester::digest);
        [md5.map(|digest| digest.hex()).unwrap_or_default(), Digester::digest(&self.0.sha256).hex()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm;

    fn bytes(length: usize, seed: u32) -> Vec<u8> {
        (0..length as u32).map(|n| (n.wrapping_mul(seed) >> 11) as u8).collect()
    }

    fn alone(bytes: &[u8]) -> Vec<Digest> {
        let each = ["md5", "sha256"].map(|id| {
            let mut digester = algorithm(id).unwrap().start();
            digester.update(bytes);
            digester.digest()
        });
        each.to_vec()
    }

    fn with_md5() -> Together {
        let mut both = Together::default();
        both.with_md5();
        both
    }

    #[test]
    fn both_say_what_each_says_alone_in_pieces_of_any_length() {
        let bytes = bytes(3000, 2_654_435_761);
        for piece in [7, 64, 700, 3000] {
            let mut both = Md5AndSha256::default();
            bytes.chunks(piece).for_each(|piece| both.update(piece));
            assert_eq!(both.hex().to_vec(), alone(&bytes).iter().map(Digest::hex).collect::<Vec<_>>());
        }
    }

    #[test]
    fn any_length_cut_anywhere_has_the_digests_of_each_alone() {
        let bytes = bytes(3000, 2_654_435_761);
        for length in (0..200).chain([1000, 2048, 2999, 3000]) {
            for cut in [1, 63, 64, 65, 640, 3000] {
                let mut both = with_md5();
                bytes[..length].chunks(cut).for_each(|piece| both.update(piece));
                let got: Vec<Digest> = both.digests().collect();
                assert_eq!(got, alone(&bytes[..length]), "{length} bytes in pieces of {cut}");
            }
        }
    }

    #[test]
    fn a_file_beside_the_medium_changes_neither() {
        let (medium, of_file) = (bytes(5000, 2_654_435_761), bytes(4000, 40_503_001));
        for (length, file_length) in [(0, 0), (1, 300), (640, 64), (4999, 3999), (5000, 4000), (128, 4000)] {
            for (cut, file_cut) in [(64, 64), (1, 7), (640, 129), (1000, 5000), (65, 192)] {
                let (mut both, mut file) = (with_md5(), Sha256::new());
                let mut pieces = medium[..length].chunks(cut);
                let mut of_file = of_file[..file_length].chunks(file_cut);
                let (mut x, mut y) = (&[] as &[u8], &[] as &[u8]);
                loop {
                    x = if x.is_empty() { pieces.next().unwrap_or_default() } else { x };
                    y = if y.is_empty() { of_file.next().unwrap_or_default() } else { y };
                    match (x.is_empty(), y.is_empty()) {
                        (true, true) => break,
                        (false, false) => both.update_beside(&mut x, &mut file, &mut y),
                        _ => {
                            both.update(x);
                            file.update(y);
                            (x, y) = (&[], &[]);
                        }
                    }
                }
                let case = format!("{length} bytes in pieces of {cut}, {file_length} in pieces of {file_cut}");
                assert_eq!(both.digests().collect::<Vec<_>>(), alone(&medium[..length]), "{case}");
                assert_eq!(file.finish(), Sha256::digest(&self::bytes(4000, 40_503_001)[..file_length]), "{case}");
            }
        }
    }
}
