//! Checkpoints: the signed head of the log, a C2SP tlog-checkpoint in a signed note.
//!
//! ```text
//! exhibit-custody/2026-117          origin
//! 5                                 number of records
//! hR4T…=                            RFC 6962 root over them, base64
//!
//! — exhibit-custody/2026-117 az…=   signature
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_hash::merkle::Hash;

use crate::note::{self, Note, NoteFault};
use crate::public_key::PublicKey;
use crate::signer::Signer;

/// The head of a log: so many records, and the root of the tree over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is, and the name of the key that signs it.
    pub origin: String,
    /// Number of records covered.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The signed note, as it stands in a `.checkpoint` file.
    ///
    /// # Errors
    /// If the origin cannot be the name of a key (see [`crate::layout::origin`]), or the key does not sign.
    pub fn sign(&self, key: &dyn Signer) -> Result<String, NoteFault> {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        note::sign(&text, &self.origin, key)
    }

    /// What a note's text says. Its signatures are not looked at.
    ///
    /// # Errors
    /// If the text is not exactly origin, size without leading zeros and a root of 32 bytes. Extension lines, which
    /// tlog-checkpoint discourages, are not part of this format.
    pub fn of_note(note: &Note) -> Result<Self, NoteFault> {
        let malformed = |text: &str| NoteFault::Malformed(format!("not a checkpoint: {text}"));
        let mut lines = note.text().strip_suffix('\n').unwrap_or_default().split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or_else(|| malformed("there is no origin"))?;
        let size = lines.next().and_then(parse_size).ok_or_else(|| malformed("the size is not a plain number"))?;
        let root = lines.next().and_then(|line| STANDARD.decode(line).ok()).and_then(|root| Hash::try_from(root).ok());
        let root = root.ok_or_else(|| malformed("the root is not 32 bytes in base64"))?;
        if lines.next().is_some() {
            return Err(malformed("there are more than three lines"));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Reads a checkpoint file and checks the signatures of those keys; returns the keys that signed.
    ///
    /// # Errors
    /// If it is not a checkpoint, a known key's signature does not match, or no known key has signed.
    pub fn open<'k>(bytes: &[u8], keys: &'k [PublicKey]) -> Result<(Self, Vec<&'k PublicKey>), NoteFault> {
        let note = Note::parse(bytes)?;
        let checkpoint = Self::of_note(&note)?;
        let signers = checkpoint.signers(&note, keys)?;
        Ok((checkpoint, signers))
    }

    /// The keys of `keys` that signed the note, each under the name of the origin.
    pub(crate) fn signers<'k>(&self, note: &Note, keys: &'k [PublicKey]) -> Result<Vec<&'k PublicKey>, NoteFault> {
        let named: Vec<(&str, &PublicKey)> = keys.iter().map(|key| (self.origin.as_str(), key)).collect();
        note.verify(&named)
    }
}

/// A decimal number as this format spells it: digits only, no leading zero.
fn parse_size(line: &str) -> Option<u64> {
    let size: u64 = line.parse().ok()?;
    (size.to_string() == line).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;

    fn note(text: &str) -> Note {
        Note::parse(format!("{text}\n\u{2014} n AAAAAAA=\n").as_bytes()).unwrap()
    }

    #[test]
    fn a_checkpoint_goes_there_and_back() {
        let key = SigningKey::from_seed([7; 32], "");
        let checkpoint = Checkpoint { origin: "exhibit-custody/1".to_owned(), size: 5, root: [9; 32] };
        let text = checkpoint.sign(&key).unwrap();
        assert!(text.starts_with("exhibit-custody/1\n5\nCQkJ"), "{text}");
        let keys = [key.public_key()];
        assert_eq!(Checkpoint::open(text.as_bytes(), &keys).unwrap(), (checkpoint.clone(), vec![&keys[0]]));
        let strangers = [SigningKey::from_seed([8; 32], "").public_key()];
        assert_eq!(Checkpoint::open(text.as_bytes(), &strangers), Err(NoteFault::NoKnownKey));
    }

    #[test]
    fn numbers_and_roots_have_one_spelling() {
        let root = STANDARD.encode([9; 32]);
        assert!(Checkpoint::of_note(&note(&format!("o\n5\n{root}\n"))).is_ok());
        for text in [
            format!("o\n05\n{root}\n"),
            format!("o\n+5\n{root}\n"),
            format!("o\n\n{root}\n"),
            format!("\n5\n{root}\n"),
            format!("o\n5\n{}\n", &root[4..]),
            format!("o\n5\n{}\n", root.trim_end_matches('=')),
            "o\n5\n".to_owned(),
            format!("o\n18446744073709551616\n{root}\n"),
            format!("o\n5\n{root}\n\nmore\n"),
            format!("o\n5\n{root}\nmore\n"),
        ] {
            assert!(Checkpoint::of_note(&note(&text)).is_err(), "{text}");
        }
    }
}
