//! Ed25519 signing keys, stored in OpenSSH's private key format so that `ssh-keygen` can use them too.
//!
//! The file is `openssh-key-v1` ‖ NUL, cipher, key derivation, its options, number of keys, public key, and the private
//! part: a check number twice, type, public key, seed ‖ public key, comment, padding 1, 2, 3, … to the block of the cipher.
//! Under a passphrase the private part is encrypted: see [`crate::key_file`].

use std::fmt;

use ed25519_dalek::Signer as _;
use zeroize::Zeroizing;

use crate::armour;
use crate::key_file;
use crate::public_key::{KEY_TYPE, KeyFault, PublicKey};
use crate::ssh_wire::{Reader, put_string};

const LABEL: &str = "OPENSSH PRIVATE KEY";
const MAGIC: &[u8] = b"openssh-key-v1\0";
/// The private part is padded to a multiple of this, in bytes, when nothing encrypts it.
const PADDED_TO: usize = 8;
/// And to this when AES does.
const PADDED_TO_AES: usize = 16;

/// A key that signs. Its seed is cleared from memory on drop and never printed.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey, // clears itself on drop
    public: PublicKey,
}

impl SigningKey {
    /// The key of a seed: 32 bytes from a good source of randomness, which is the caller's business.
    ///
    /// The comment is a label: control characters in it become `_`.
    #[must_use]
    pub fn from_seed(seed: [u8; 32], comment: &str) -> Self {
        let seed = Zeroizing::new(seed);
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        let public = PublicKey::of(key.verifying_key(), comment);
        Self { key, public }
    }

    /// The public half, with the same comment.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    /// The seed, for who opens what was encrypted to this key.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The 64 bytes of an RFC 8032 signature over `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    /// The private key file, unencrypted. It must be stored readable by its owner only.
    #[must_use]
    pub fn to_openssh(&self) -> Zeroizing<String> {
        self.file(b"none", b"none", b"", &self.private_part(PADDED_TO))
    }

    /// The private key file under a passphrase; `salt` is 16 random bytes.
    ///
    /// # Errors
    /// If the passphrase is empty.
    pub fn to_openssh_encrypted(&self, passphrase: &[u8], salt: [u8; 16]) -> Result<Zeroizing<String>, KeyFault> {
        let mut part = self.private_part(PADDED_TO_AES);
        let options = key_file::encrypt(&mut part, passphrase, salt)?;
        Ok(self.file(key_file::CIPHER, key_file::DERIVATION, &options, &part))
    }

    fn file(&self, cipher: &[u8], derivation: &[u8], options: &[u8], part: &[u8]) -> Zeroizing<String> {
        let mut blob = Zeroizing::new(Vec::with_capacity(1024));
        blob.extend_from_slice(MAGIC);
        put_string(&mut blob, cipher);
        put_string(&mut blob, derivation);
        put_string(&mut blob, options);
        blob.extend_from_slice(&1_u32.to_be_bytes());
        put_string(&mut blob, &self.public.to_blob());
        put_string(&mut blob, part);
        armour::encode(LABEL, &blob)
    }

    /// The private key file in PKCS #8 under a passphrase, as `openssl pkey` opens it; `random` is 32 random bytes.
    ///
    /// # Errors
    /// If the passphrase is empty.
    pub fn to_pkcs8_encrypted(&self, passphrase: &[u8], random: [u8; 32]) -> Result<Zeroizing<String>, KeyFault> {
        if passphrase.is_empty() {
            return Err(KeyFault::usage("an empty passphrase protects nothing"));
        }
        let seed = Zeroizing::new(self.key.to_bytes());
        exhibit_pki::private_key::encrypted_ed25519(&seed, passphrase, random)
            .map_err(|fault| KeyFault::of(fault.class(), fault.to_string()))
    }

    /// The part that a passphrase encrypts.
    fn private_part(&self, padded_to: usize) -> Zeroizing<Vec<u8>> {
        let comment = self.public.comment().as_bytes();
        let mut part = Zeroizing::new(Vec::with_capacity(comment.len().saturating_add(256)));
        // The two equal numbers show whether decryption worked. Any number will do, and one that follows from the public
        // key keeps the file reproducible.
        let check = self.public.as_bytes().first_chunk::<4>().copied().unwrap_or_default();
        part.extend_from_slice(&check);
        part.extend_from_slice(&check);
        put_string(&mut part, KEY_TYPE.as_bytes());
        put_string(&mut part, self.public.as_bytes());
        let pair = Zeroizing::new(self.key.to_keypair_bytes());
        put_string(&mut part, pair.as_slice());
        put_string(&mut part, comment);
        let padding = (1_u8..).take(part.len().next_multiple_of(padded_to).saturating_sub(part.len()));
        part.extend(padding);
        part
    }

    /// The key in a file of any form that is read: OpenSSH or PKCS #8, plain or under a passphrase.
    ///
    /// # Errors
    /// Class `Usage` if a passphrase is needed and missing, or wrong; `Unsupported` for another type of key; `Corrupt` for
    /// what is not such a file.
    pub fn parse(text: &str, passphrase: Option<&[u8]>) -> Result<Self, KeyFault> {
        if text.trim_start().starts_with("-----BEGIN OPENSSH") {
            return Self::parse_openssh_with(text, passphrase);
        }
        match exhibit_pki::PrivateKey::parse_pem(text, passphrase) {
            Ok(exhibit_pki::PrivateKey::Ed25519(key)) => Ok(Self::from_seed(key.to_bytes(), "")),
            Ok(other) => Err(KeyFault::unsupported(format!(
                "a key of kind {}; logs and packages are signed with Ed25519 (with a certificate, such a key can sign a \
                 package besides)",
                other.kind()
            ))),
            Err(fault) => Err(KeyFault::of(fault.class(), fault.to_string())),
        }
    }

    /// The key in an OpenSSH private key file that is not encrypted.
    ///
    /// # Errors
    /// Class `Usage` for an encrypted file, `Unsupported` for another type of key, `Corrupt` for what is not such a file.
    pub fn parse_openssh(text: &str) -> Result<Self, KeyFault> {
        Self::parse_openssh_with(text, None)
    }

    fn parse_openssh_with(text: &str, passphrase: Option<&[u8]>) -> Result<Self, KeyFault> {
        let blob = armour::decode(LABEL, text)
            .map_err(|text| KeyFault::corrupt(format!("not an OpenSSH private key: {text}")))?;
        let file = File::read(&blob)?;
        let public = PublicKey::from_blob(file.public, "")?;
        if file.cipher == b"none" && file.derivation == b"none" && file.options.is_empty() {
            return Self::parse_private_part(file.part, &public, PADDED_TO);
        }
        let part = key_file::decrypt(&file, passphrase)?;
        Self::parse_private_part(&part, &public, PADDED_TO_AES)
    }

    /// Reads the unencrypted private part and compares every copy of the public key in it.
    fn parse_private_part(part: &[u8], public: &PublicKey, padded_to: usize) -> Result<Self, KeyFault> {
        let cut = || KeyFault::corrupt("the private part of the key is cut short");
        let mut reader = Reader::new(part);
        let checks = (reader.u32().ok_or_else(cut)?, reader.u32().ok_or_else(cut)?);
        if checks.0 != checks.1 {
            return Err(KeyFault::corrupt("the two check numbers of the private key differ"));
        }
        if reader.string().ok_or_else(cut)? != KEY_TYPE.as_bytes() {
            return Err(KeyFault::corrupt("the private and the public part are of different types"));
        }
        let inner = reader.array::<32>().ok_or_else(cut)?;
        let pair = reader.array::<64>().ok_or_else(cut)?;
        let comment = reader.string().ok_or_else(cut)?;
        let padding = reader.rest();
        if padding.len() >= padded_to
            || !part.len().is_multiple_of(padded_to)
            || !padding.iter().copied().eq((1_u8..).take(padding.len()))
        {
            return Err(KeyFault::corrupt("the private key is not padded as OpenSSH pads"));
        }
        let seed = Zeroizing::new(pair.first_chunk::<32>().copied().unwrap_or_default());
        let key = Self::from_seed(*seed, &String::from_utf8_lossy(comment));
        let copies = [inner.as_slice(), pair.get(32..).unwrap_or_default(), public.as_bytes()];
        if copies.iter().any(|copy| *copy != key.public.as_bytes()) {
            return Err(KeyFault::corrupt("the private key does not belong to the public key in the same file"));
        }
        Ok(key)
    }
}

/// The fields of an OpenSSH private key file.
pub(crate) struct File<'a> {
    pub(crate) cipher: &'a [u8],
    pub(crate) derivation: &'a [u8],
    pub(crate) options: &'a [u8],
    pub(crate) public: &'a [u8],
    pub(crate) part: &'a [u8],
}

impl<'a> File<'a> {
    fn read(blob: &'a [u8]) -> Result<Self, KeyFault> {
        let cut = || KeyFault::corrupt("the OpenSSH private key is cut short");
        let mut reader = Reader::new(blob);
        if reader.take(MAGIC.len()).ok_or_else(cut)? != MAGIC {
            return Err(KeyFault::corrupt("the OpenSSH private key does not begin with openssh-key-v1"));
        }
        let cipher = reader.string().ok_or_else(cut)?;
        let derivation = reader.string().ok_or_else(cut)?;
        let options = reader.string().ok_or_else(cut)?;
        if reader.u32().ok_or_else(cut)? != 1 {
            return Err(KeyFault::unsupported("the file does not hold exactly one private key"));
        }
        let public = reader.string().ok_or_else(cut)?;
        let part = reader.string().ok_or_else(cut)?;
        if !reader.rest().is_empty() {
            return Err(KeyFault::corrupt("there are bytes after the private key"));
        }
        Ok(Self { cipher, derivation, options, public, part })
    }
}

/// Whether a private key file is under a passphrase, in any form that is read.
#[must_use]
pub fn is_encrypted(text: &str) -> bool {
    let openssh =
        armour::decode(LABEL, text).is_ok_and(|blob| File::read(&blob).is_ok_and(|file| file.cipher != b"none"));
    openssh || exhibit_pki::private_key::is_encrypted(text)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {})", self.public.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{Class, from_hex};
    use proptest::prelude::*;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed([7; 32], "practice key")
    }

    #[test]
    fn the_first_test_of_rfc_8032_comes_out() {
        let seed = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = SigningKey::from_seed(seed.try_into().unwrap(), "");
        let signature = key.sign(b"");
        assert_eq!(exhibit_evidence::to_hex(&signature)[..32], *"e5564300c360ac729086e2cc806e828a");
        assert!(key.public_key().verify(b"", &signature));
        assert!(!key.public_key().verify(b"x", &signature));
    }

    #[test]
    fn a_key_file_goes_there_and_back_for_comments_of_every_length() {
        for length in 0..20 {
            let key = SigningKey::from_seed([7; 32], &"c".repeat(length));
            let back = SigningKey::parse_openssh(&key.to_openssh()).unwrap();
            assert_eq!(back.public_key(), key.public_key());
            assert_eq!(back.public_key().comment(), key.public_key().comment());
            assert_eq!(*back.to_openssh(), *key.to_openssh());
        }
    }

    #[test]
    fn no_truncation_is_a_key_and_no_flip_is_the_same_key() {
        let blob = armour::decode(LABEL, &key().to_openssh()).unwrap();
        for end in 0..blob.len() {
            assert!(SigningKey::parse_openssh(&armour::encode(LABEL, &blob[..end])).is_err(), "{end}");
        }
        for at in 0..blob.len() {
            let mut flipped = blob.clone();
            flipped[at] ^= 4;
            if let Ok(other) = SigningKey::parse_openssh(&armour::encode(LABEL, &flipped)) {
                // Only the comment is not tied to anything.
                assert_eq!(other.public_key(), key().public_key());
                assert_ne!(other.public_key().comment(), "practice key", "{at}");
            }
        }
    }

    #[test]
    fn a_key_under_a_passphrase_opens_with_it_and_with_nothing_else() {
        let openssh = key().to_openssh_encrypted(b"correct horse", [5; 16]).unwrap();
        let pkcs8 = key().to_pkcs8_encrypted(b"correct horse", [5; 32]).unwrap();
        for text in [&openssh, &pkcs8] {
            assert!(is_encrypted(text) && !is_encrypted(&key().to_openssh()));
            let back = SigningKey::parse(text, Some(b"correct horse")).unwrap();
            assert_eq!(back.public_key(), key().public_key());
            for wrong in [None, Some(&b""[..]), Some(b"correct horsf")] {
                let fault = SigningKey::parse(text, wrong).unwrap_err();
                assert_eq!(fault.class(), Class::Usage, "{fault}");
            }
        }
        assert_eq!(SigningKey::parse(&openssh, Some(b"correct horse")).unwrap().public_key().comment(), "practice key");
        assert!(key().to_openssh_encrypted(b"", [5; 16]).is_err() && key().to_pkcs8_encrypted(b"", [5; 32]).is_err());
    }

    #[test]
    fn another_cipher_and_too_much_work_are_refused_by_name() {
        let with = |cipher: &[u8], rounds: u32| {
            let mut options = Vec::new();
            put_string(&mut options, &[1; 16]);
            options.extend_from_slice(&rounds.to_be_bytes());
            let text = key().file(cipher, b"bcrypt", &options, &[0; 160]);
            SigningKey::parse(&text, Some(b"x")).unwrap_err()
        };
        let fault = with(b"chacha20-poly1305@openssh.com", 16);
        assert!(fault.class() == Class::Unsupported && fault.to_string().contains("chacha20"), "{fault}");
        assert_eq!(with(b"aes256-ctr", u32::MAX).class(), Class::Limit);
        assert_eq!(with(b"aes256-ctr", 0).class(), Class::Corrupt);
    }

    #[test]
    fn printing_a_key_for_debugging_does_not_print_the_seed() {
        let text = format!("{:?}", SigningKey::from_seed([0xab; 32], "c"));
        assert!(text.starts_with("SigningKey(of SHA256:") && text.len() < 80, "{text}");
        assert!(!text.to_lowercase().contains("abab") && !text.contains("171"), "{text}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = SigningKey::parse_openssh(&text);
        }
    }
}
