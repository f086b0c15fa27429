//! C2SP signed notes: a few lines of text, a blank line, and signature lines `— <name> <base64>`.
//!
//! Signatures by keys that nobody asked about are ignored, a signature by a known key must be good, and at least one
//! known key must have signed. See <https://c2sp.org/signed-note>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_evidence::Name;
use sha2::{Digest as _, Sha256};

use crate::public_key::PublicKey;
use crate::signer::{SignFault, Signer};

/// Most signature lines that are looked at; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 64;

/// Largest note in bytes.
pub const NOTE_BYTES_MAX: usize = crate::layout::CHECKPOINT_BYTES_MAX;

/// The signature type of Ed25519 in key ids and verifier keys.
const TYPE_ED25519: u8 = 1;

const DASH: &str = "\u{2014} ";

/// Why a note is not one, or not a signed one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// The bytes are not a note.
    #[error("not a signed note: {0}")]
    Malformed(String),
    /// The name of a key cannot stand in a signature line.
    #[error("\"{0}\" cannot be the name of a key: it is empty or has spaces, + or control characters")]
    KeyName(String),
    /// A known key's signature does not match the text: the text or the signature was changed.
    #[error("the signature of \"{0}\" does not match the text")]
    Mismatch(String),
    /// Nobody who is known has signed it.
    #[error("no known key has signed it")]
    NoKnownKey,
    /// The key that was to sign could not be reached.
    #[error(transparent)]
    Signing(#[from] SignFault),
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// First four bytes of a hash of name and key: tells keys apart, proves nothing.
    pub key_id: [u8; 4],
    /// The signature as the key's algorithm makes it.
    pub signature: Vec<u8>,
}

/// A note that was read; its signatures are not checked until [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// If the bytes are too many, not UTF-8, hold control characters, or do not end in well-formed signature lines.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteFault> {
        let malformed = |text: &str| NoteFault::Malformed(text.to_owned());
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(malformed("longer than 64 KiB"));
        }
        let all = std::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))?;
        if all.chars().any(|c| c < ' ' && c != '\n') {
            return Err(malformed("there are control characters in it"));
        }
        let end = all.rfind("\n\n").ok_or_else(|| malformed("there is no blank line before signatures"))?;
        let (text, rest) = all.split_at(end.saturating_add(1));
        let lines = rest.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines.ok_or_else(|| malformed("the last signature line does not end"))?;
        if lines.split('\n').count() > SIGNATURES_MAX {
            return Err(malformed("there are more than 64 signatures"));
        }
        let signatures = lines.split('\n').map(parse_signature).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// What is signed: every line with its line feed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, unchecked.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks the signatures of the keys given with their names and returns those that signed, in the order of the lines.
    ///
    /// # Errors
    /// If the signature of one of them does not match, or none of them has signed.
    pub fn verify<'k>(&self, keys: &[(&str, &'k PublicKey)]) -> Result<Vec<&'k PublicKey>, NoteFault> {
        let mut signers = Vec::new();
        for line in &self.signatures {
            let known = keys.iter().filter(|(name, key)| *name == line.name && key_id(name, key) == line.key_id);
            for (name, key) in known {
                if !key.verify(self.text.as_bytes(), &line.signature) {
                    return Err(NoteFault::Mismatch((*name).to_owned()));
                }
                if !signers.contains(key) {
                    signers.push(*key);
                }
            }
        }
        if signers.is_empty() { Err(NoteFault::NoKnownKey) } else { Ok(signers) }
    }
}

/// The note over `text`, signed by `key` under the name `name`.
///
/// # Errors
/// If the text is empty, does not end with a line feed or has other control characters, the name has a forbidden one, or
/// the key does not sign.
pub fn sign(text: &str, name: &str, key: &dyn Signer) -> Result<String, NoteFault> {
    if !text.ends_with('\n') || text.chars().any(|c| c < ' ' && c != '\n') {
        return Err(NoteFault::Malformed(
            "the text does not end with a line feed or has control characters".to_owned(),
        ));
    }
    check_name(name)?;
    let mut blob = key_id(name, &key.public_key()).to_vec();
    blob.extend_from_slice(&key.sign(text.as_bytes())?);
    Ok(format!("{text}\n{DASH}{name} {}\n", STANDARD.encode(blob)))
}

/// The first four bytes of SHA-256 over name, line feed, type and key.
#[must_use]
pub fn key_id(name: &str, key: &PublicKey) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update([b'\n', TYPE_ED25519]);
    hasher.update(key.as_bytes());
    hasher.finalize().first_chunk::<4>().copied().unwrap_or_default()
}

/// The verifier key `name+id+base64`, as other programs that read signed notes take it.
#[must_use]
pub fn verifier_key(name: &str, key: &PublicKey) -> String {
    let mut bytes = vec![TYPE_ED25519];
    bytes.extend_from_slice(key.as_bytes());
    format!("{name}+{}+{}", exhibit_evidence::to_hex(&key_id(name, key)), STANDARD.encode(bytes))
}

fn check_name(name: &str) -> Result<(), NoteFault> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.contains(odd) { Err(NoteFault::KeyName(Name::from(name).to_string())) } else { Ok(()) }
}

fn parse_signature(line: &str) -> Result<NoteSignature, NoteFault> {
    let malformed = || NoteFault::Malformed("a signature line is not \"— name base64\"".to_owned());
    let (name, base64) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or_else(malformed)?;
    check_name(name)?;
    let blob = STANDARD.decode(base64).map_err(|_| malformed())?;
    match blob.split_first_chunk::<4>() {
        Some((key_id, signature)) if !signature.is_empty() => {
            Ok(NoteSignature { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
        }
        _ => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::SigningKey;

    const NAME: &str = "example.org/log";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed([seed; 32], "")
    }

    #[test]
    fn the_note_of_the_go_reference_implementation_is_read() {
        // From the documentation of golang.org/x/mod/sumdb/note: key PeterNeumann, id c74f20a3.
        let bytes = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let key = PublicKey::from_bytes(bytes[1..].try_into().unwrap(), "").unwrap();
        assert_eq!(exhibit_evidence::to_hex(&key_id("PeterNeumann", &key)), "c74f20a3");
        let text =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let line =
            "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let note = Note::parse(format!("{text}\n\u{2014} {line}\n").as_bytes()).unwrap();
        assert_eq!(note.text(), text);
        assert_eq!(note.verify(&[("PeterNeumann", &key)]).unwrap(), [&key]);
        assert_eq!(
            verifier_key("PeterNeumann", &key),
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        );
    }

    #[test]
    fn unknown_keys_are_ignored_and_known_ones_must_be_right() {
        let (mine, other) = (key(1), key(2));
        let (mine_public, other_public) = (mine.public_key(), other.public_key());
        let note = sign("hello\n", NAME, &mine).unwrap();
        let by_other = sign("hello\n", NAME, &other).unwrap();
        let both = format!("{note}{}\n", by_other.lines().last().unwrap());
        let note = Note::parse(both.as_bytes()).unwrap();
        assert_eq!(note.verify(&[(NAME, &mine_public)]).unwrap(), [&mine_public]);
        assert_eq!(note.verify(&[(NAME, &other_public), (NAME, &mine_public)]).unwrap(), [&mine_public, &other_public]);
        assert_eq!(note.verify(&[("elsewhere", &mine_public)]), Err(NoteFault::NoKnownKey));
        assert_eq!(note.verify(&[]), Err(NoteFault::NoKnownKey));
        let changed = Note::parse(both.replace("hello", "hallo").as_bytes()).unwrap();
        assert_eq!(changed.verify(&[(NAME, &mine_public)]), Err(NoteFault::Mismatch(NAME.to_owned())));
    }

    #[test]
    fn no_truncation_and_no_flip_of_a_note_passes() {
        let signer = key(1);
        let public = signer.public_key();
        let text = sign("one\n\ntwo\n", NAME, &signer).unwrap().into_bytes();
        let passes = |bytes: &[u8]| Note::parse(bytes).is_ok_and(|note| note.verify(&[(NAME, &public)]).is_ok());
        assert!(passes(&text));
        for end in 0..text.len() {
            assert!(!passes(&text[..end]), "{end}");
        }
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut flipped = text.clone();
                flipped[at] ^= 1 << bit;
                assert!(!passes(&flipped), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn texts_and_names_that_cannot_be_a_note_are_refused_when_writing() {
        for text in ["", "no end", "tab\t\n", "bell\u{7}\n"] {
            assert!(sign(text, NAME, &key(1)).is_err(), "{text:?}");
        }
        for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b"] {
            assert!(matches!(sign("x\n", name, &key(1)), Err(NoteFault::KeyName(_))), "{name:?}");
        }
        let many = "\u{2014} n AAAAAAA=\n".repeat(SIGNATURES_MAX + 1);
        assert!(Note::parse(format!("x\n\n{many}").as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(x\n\n)?(\u{2014} [a+ ]{0,4}[A-Z=]{0,9}\n){0,3}.{0,20}") {
            let _ = Note::parse(text.as_bytes());
        }
    }
}
