//! Private keys in PKCS #8 (RFC 5958), plain and encrypted, and what they sign.

use pkcs8::{EncryptedPrivateKeyInfoRef, pkcs5};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::algorithm::{AlgorithmId, Hash};
use crate::der::{Reader, tag, write};
use crate::fault::Fault;
use crate::oid;
use crate::pem;
use crate::public_key::{PublicKeyInfo, RSA_BITS_MAX, RSA_BITS_MIN};

const STRUCTURE: &str = "private key";

/// Rounds of PBKDF2 that a key file may ask for; more would keep whoever opens it waiting for minutes.
pub const PBKDF2_ROUNDS_MAX: u32 = 10_000_000;
/// Memory that scrypt may take for a key file, in bytes.
pub const SCRYPT_BYTES_MAX: u64 = 1 << 30;
/// Passes over that memory that a key file may ask for.
const SCRYPT_PASSES_MAX: u64 = 16;
/// Rounds of PBKDF2-HMAC-SHA-256 in files that are written: OWASP's number of 2023 for this function.
const PBKDF2_ROUNDS: u32 = 600_000;

/// The two labels of PKCS #8.
pub const LABEL: &str = "PRIVATE KEY";
/// The label of an encrypted one.
pub const LABEL_ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// A key that signs. Clears itself on drop.
pub enum PrivateKey {
    /// RSA; signs by PKCS #1 v1.5 with SHA-256.
    Rsa(Box<rsa::PrivateKey>),
    /// P-256; signs by ECDSA with SHA-256.
    P256(p256::ecdsa::SigningKey),
    /// P-384; signs by ECDSA with SHA-384.
    P384(p384::ecdsa::SigningKey),
    /// Ed25519; the content is hashed by SHA-512 (RFC 8419).
    Ed25519(ed25519_dalek::SigningKey),
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({})", self.kind())
    }
}

/// Whether a key file in PEM is encrypted in the manner of PKCS #8.
#[must_use]
pub fn is_encrypted(text: &str) -> bool {
    text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
}

impl PrivateKey {
    /// The one private key in a PEM text.
    ///
    /// # Errors
    /// Class `Usage` if it is encrypted and the passphrase is missing or wrong; otherwise it is none, or of a kind that
    /// is not handled.
    pub fn parse_pem(text: &str, passphrase: Option<&[u8]>) -> Result<Self, Fault> {
        for block in pem::blocks(text)? {
            match block.label.as_str() {
                LABEL => return Self::parse_pkcs8(&block.bytes),
                LABEL_ENCRYPTED => return Self::parse_pkcs8(&decrypt(&block.bytes, passphrase)?),
                "RSA PRIVATE KEY" => return rsa_key(&block.bytes),
                "EC PRIVATE KEY" => {
                    let advice = "an EC PRIVATE KEY; rewrite it with: openssl pkcs8 -topk8 -in KEY -out NEW";
                    return Err(Fault::unsupported(STRUCTURE, advice));
                }
                _ => {}
            }
        }
        Err(Fault::unsupported(STRUCTURE, "there is no private key in it"))
    }

    /// A key in PKCS #8, not encrypted.
    ///
    /// # Errors
    /// If the bytes are none, or of a kind that is not handled.
    pub fn parse_pkcs8(bytes: &[u8]) -> Result<Self, Fault> {
        let mut inside = Reader::sequence_of(STRUCTURE, bytes)?;
        inside.number("version")?;
        let algorithm = AlgorithmId::read(&mut inside, "algorithm of the key")?;
        let key = inside.octets("the key")?;
        // Attributes and the public key may follow; what counts is above.
        let curve = algorithm.parameters.filter(|value| value.tag == tag::OID).map(|value| value.content);
        match algorithm.oid.bytes() {
            oid::RSA => rsa_key(key),
            oid::ED25519 => {
                let seed = Reader::new(STRUCTURE, key).octets("the seed")?;
                let seed: Zeroizing<[u8; 32]> = Zeroizing::new(
                    seed.try_into().map_err(|_| Fault::unsupported(STRUCTURE, "an Ed25519 seed has 32 bytes"))?,
                );
                Ok(Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)))
            }
            oid::EC if curve == Some(oid::P256) => {
                let key = p256::ecdsa::SigningKey::from_slice(scalar(key)?);
                key.map(Self::P256).map_err(|_| Fault::unsupported(STRUCTURE, "no key of the curve P-256"))
            }
            oid::EC if curve == Some(oid::P384) => {
                let key = p384::ecdsa::SigningKey::from_slice(scalar(key)?);
                key.map(Self::P384).map_err(|_| Fault::unsupported(STRUCTURE, "no key of the curve P-384"))
            }
            _ => {
                let text = format!("a key of kind {}; RSA, P-256, P-384 and Ed25519 are handled", algorithm.oid);
                Err(Fault::unsupported(STRUCTURE, text))
            }
        }
    }

    /// What it is, for people.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Rsa(key) => format!("RSA {}", key.n().bit_width()),
            Self::P256(_) => "P-256".to_owned(),
            Self::P384(_) => "P-384".to_owned(),
            Self::Ed25519(_) => "Ed25519".to_owned(),
        }
    }

    /// Whether it is the private half of that key.
    #[must_use]
    pub fn belongs_to(&self, public: &PublicKeyInfo<'_>) -> bool {
        use rsa::pkcs1::DecodeRsaPublicKey as _;
        match self {
            Self::Rsa(key) => {
                rsa::PublicKey::from_pkcs1_der(public.bytes()).is_ok_and(|other| key.to_public_key() == other)
            }
            Self::P256(key) => p256::ecdsa::VerifyingKey::from_sec1_bytes(public.bytes())
                .is_ok_and(|other| *key.verifying_key() == other),
            Self::P384(key) => p384::ecdsa::VerifyingKey::from_sec1_bytes(public.bytes())
                .is_ok_and(|other| *key.verifying_key() == other),
            Self::Ed25519(key) => key.verifying_key().as_bytes() == public.bytes(),
        }
    }

    /// The hash of the content that it signs.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        match self {
            Self::Rsa(_) | Self::P256(_) => Hash::Sha256,
            Self::P384(_) => Hash::Sha384,
            Self::Ed25519(_) => Hash::Sha512,
        }
    }

    /// The identifier of its signatures, and whether parameters of NULL belong to it.
    pub(crate) const fn signature_algorithm(&self) -> (&'static [u8], bool) {
        match self {
            Self::Rsa(_) => (oid::RSA_SHA256, true),
            Self::P256(_) => (oid::ECDSA_SHA256, false),
            Self::P384(_) => (oid::ECDSA_SHA384, false),
            Self::Ed25519(_) => (oid::ED25519, false),
        }
    }

    /// A signature over `message`.
    ///
    /// RSA is computed with blinding: the time it takes tells nothing about the key.
    ///
    /// # Errors
    /// If the key cannot be used.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let failed =
            |error: &dyn std::fmt::Display| Fault::unsupported(STRUCTURE, format!("it does not sign: {error}"));
        match self {
            Self::Rsa(key) => {
                key.pkcs1v15_sign_prehash::<Sha256>(&Hash::Sha256.digest(message)).map_err(|error| failed(&error))
            }
            Self::P256(key) => {
                use p256::ecdsa::signature::hazmat::PrehashSigner as _;
                let signature: Result<p256::ecdsa::Signature, _> = key.sign_prehash(&Hash::Sha256.digest(message));
                signature.map(|signature| signature.to_der().as_bytes().to_vec()).map_err(|error| failed(&error))
            }
            Self::P384(key) => {
                use p384::ecdsa::signature::hazmat::PrehashSigner as _;
                let signature: Result<p384::ecdsa::Signature, _> = key.sign_prehash(&Hash::Sha384.digest(message));
                signature.map(|signature| signature.to_der().as_bytes().to_vec()).map_err(|error| failed(&error))
            }
            Self::Ed25519(key) => {
                use ed25519_dalek::Signer as _;
                Ok(key.sign(message).to_bytes().to_vec())
            }
        }
    }
}

fn rsa_key(bytes: &[u8]) -> Result<PrivateKey, Fault> {
    // Before arithmetic is done with it: nine numbers, of which the largest have the length of the key.
    if bytes.len() > RSA_BITS_MAX / 8 * 6 {
        return Err(Fault::limit(STRUCTURE, format!("an RSA key of more than {RSA_BITS_MAX} bits")));
    }
    let key = rsa::PrivateKey::from_pkcs1_der(bytes)
        .map_err(|error| Fault::unsupported(STRUCTURE, format!("an RSA key that cannot be used: {error}")))?;
    let bits = usize::try_from(key.n().bit_width()).unwrap_or(usize::MAX);
    if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
        let text = format!("an RSA key of {bits} bits; {RSA_BITS_MIN} to {RSA_BITS_MAX} are accepted");
        return Err(Fault::unsupported(STRUCTURE, text));
    }
    Ok(PrivateKey::Rsa(Box::new(key)))
}

/// The number in an ECPrivateKey (RFC 5915).
fn scalar(bytes: &[u8]) -> Result<&[u8], Fault> {
    let mut inside = Reader::sequence_of(STRUCTURE, bytes)?;
    inside.number("version")?;
    inside.octets("the number")
}

/// What an EncryptedPrivateKeyInfo holds.
fn decrypt(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let passphrase =
        passphrase.ok_or_else(|| Fault::usage(STRUCTURE, "it is encrypted, and no passphrase was given"))?;
    let info = EncryptedPrivateKeyInfoRef::try_from(bytes)
        .map_err(|error| Fault::unsupported(STRUCTURE, format!("an encryption that is not handled: {error}")))?;
    bounded(&info.encryption_algorithm)?;
    let document = info.decrypt(passphrase).map_err(|_| Fault::usage(STRUCTURE, "the passphrase does not open it"))?;
    Ok(Zeroizing::new(document.as_bytes().to_vec()))
}

/// That deriving the key ends in bearable time and memory: the file says how much is asked.
fn bounded(scheme: &pkcs5::EncryptionScheme) -> Result<(), Fault> {
    let too_much = |what: String| Err(Fault::limit(STRUCTURE, what));
    let pkcs5::EncryptionScheme::Pbes2(parameters) = scheme else {
        return Err(Fault::unsupported(STRUCTURE, "an old encryption (PBES1), which can be broken"));
    };
    match &parameters.kdf {
        pkcs5::pbes2::Kdf::Pbkdf2(kdf) if kdf.iteration_count > PBKDF2_ROUNDS_MAX => {
            too_much(format!("{} rounds of PBKDF2; the limit is {PBKDF2_ROUNDS_MAX}", kdf.iteration_count))
        }
        pkcs5::pbes2::Kdf::Scrypt(kdf) => {
            let block = u64::from(kdf.block_size).saturating_mul(128);
            let (bytes, passes) = (kdf.cost_parameter.saturating_mul(block), u64::from(kdf.parallelization));
            if bytes > SCRYPT_BYTES_MAX || passes > SCRYPT_PASSES_MAX {
                return too_much(format!(
                    "scrypt over {bytes} bytes, {passes} times; the limit is {SCRYPT_BYTES_MAX} and {SCRYPT_PASSES_MAX}"
                ));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// An Ed25519 seed in PKCS #8, encrypted with a passphrase: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC, which
/// `openssl pkey` opens. `random` is 32 bytes: salt and initial value.
///
/// # Errors
/// If the library refuses its own parameters, which it does not.
pub fn encrypted_ed25519(seed: &[u8; 32], passphrase: &[u8], random: [u8; 32]) -> Result<Zeroizing<String>, Fault> {
    let failed =
        |error: &dyn std::fmt::Display| Fault::unsupported(STRUCTURE, format!("it cannot be encrypted: {error}"));
    let inner = Zeroizing::new(write::octets(seed));
    let plain = Zeroizing::new(write::sequence(&[
        &write::unsigned(&[0]),
        &write::algorithm(oid::ED25519, false),
        &write::octets(&inner),
    ]));
    let (salt, vector) = random.split_at(16);
    let vector = <[u8; 16]>::try_from(vector).map_err(|error| failed(&error))?;
    let parameters = pkcs5::pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(PBKDF2_ROUNDS, salt, vector)
        .map_err(|error| failed(&error))?;
    let ciphertext = parameters.encrypt(passphrase, &plain).map_err(|error| failed(&error))?;
    let octets = pkcs8::der::asn1::OctetStringRef::new(&ciphertext).map_err(|error| failed(&error))?;
    let info = EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.into(), encrypted_data: octets };
    let bytes = pkcs8::der::Encode::to_der(&info).map_err(|error| failed(&error))?;
    Ok(pem::block(LABEL_ENCRYPTED, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encrypted_seed_comes_back_with_the_passphrase_alone() {
        let text = encrypted_ed25519(&[7; 32], b"correct horse", [9; 32]).unwrap();
        assert!(is_encrypted(&text));
        let PrivateKey::Ed25519(key) = PrivateKey::parse_pem(&text, Some(b"correct horse")).unwrap() else { panic!() };
        assert_eq!(key.to_bytes(), [7; 32]);
        for wrong in [None, Some(&b""[..]), Some(b"correct horsf")] {
            let fault = PrivateKey::parse_pem(&text, wrong).unwrap_err();
            assert_eq!(fault.class(), exhibit_evidence::Class::Usage, "{fault}");
        }
    }

    #[test]
    fn no_truncation_of_a_key_is_a_key() {
        let inner = write::octets(&[7; 32]);
        let plain =
            write::sequence(&[&write::unsigned(&[0]), &write::algorithm(oid::ED25519, false), &write::octets(&inner)]);
        assert!(PrivateKey::parse_pkcs8(&plain).is_ok());
        for end in 0..plain.len() {
            assert!(PrivateKey::parse_pkcs8(&plain[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_file_that_asks_for_too_much_work_is_refused() {
        let parameters =
            pkcs5::pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(PBKDF2_ROUNDS_MAX + 1, &[1; 16], [2; 16]);
        let data = [0; 48];
        let info = EncryptedPrivateKeyInfoRef {
            encryption_algorithm: parameters.unwrap().into(),
            encrypted_data: pkcs8::der::asn1::OctetStringRef::new(&data).unwrap(),
        };
        let text = pem::block(LABEL_ENCRYPTED, &pkcs8::der::Encode::to_der(&info).unwrap());
        assert_eq!(PrivateKey::parse_pem(&text, Some(b"x")).unwrap_err().class(), exhibit_evidence::Class::Limit);
    }
}
