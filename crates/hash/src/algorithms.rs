//! The table of linear digest algorithms. To add one: a file here and a line in [`ALGORITHMS`].

pub(crate) mod md5;
mod sha1;
mod sha256;
mod sha512;

use crate::Algorithm;

/// All algorithms, weakest first: the order in which people expect them printed.
pub static ALGORITHMS: &[&dyn Algorithm] = &[&md5::Md5, &sha1::Sha1, &sha256::Sha256, &sha512::Sha512];

/// The algorithm called `name`, in any of the usual spellings (`sha256`, `SHA-256`, `sha_256`).
#[must_use]
pub fn algorithm(name: &str) -> Option<&'static dyn Algorithm> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    ALGORITHMS.iter().find(|a| a.id() == plain).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 and RFC 1321: the digests of "abc".
    const OF_ABC: [(&str, &str); 4] = [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "sha512",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ];

    #[test]
    fn every_algorithm_gives_its_published_value_however_the_bytes_are_cut() {
        for (name, expected) in OF_ABC {
            for cut in 0..=3 {
                let mut digester = algorithm(name).unwrap().start();
                digester.update(&b"abc"[..cut]);
                digester.update(&b"abc"[cut..]);
                assert_eq!(digester.digest().hex(), expected, "{name} cut at {cut}");
            }
        }
        assert_eq!(OF_ABC.len(), ALGORITHMS.len());
    }
}
