//! The passphrase of an OpenSSH private key file: bcrypt-pbkdf derives a key, AES-256 in counter mode encrypts.
//!
//! `ssh-keygen` writes this by default, so that its `-p` changes the passphrase of our files as well.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use exhibit_evidence::{Class, Name};
use zeroize::Zeroizing;

use crate::key::File;
use crate::public_key::KeyFault;
use crate::ssh_wire::{Reader, put_string};

/// The cipher that is written and read.
pub(crate) const CIPHER: &[u8] = b"aes256-ctr";
/// The derivation of its key.
pub(crate) const DERIVATION: &[u8] = b"bcrypt";

/// Rounds of bcrypt in files that are written; `ssh-keygen` takes 24. Each costs about 10 ms.
const ROUNDS: u32 = 48;
/// Rounds that a file may ask for: half a minute of work.
pub(crate) const ROUNDS_MAX: u32 = 4096;
/// Longest salt, in bytes; real ones have 16.
const SALT_BYTES_MAX: usize = 64;

/// Encrypts the private part in its place, and gives the options that stand beside it in the file.
pub(crate) fn encrypt(part: &mut [u8], passphrase: &[u8], salt: [u8; 16]) -> Result<Vec<u8>, KeyFault> {
    if passphrase.is_empty() {
        return Err(KeyFault::usage("an empty passphrase protects nothing"));
    }
    apply(part, passphrase, &salt, ROUNDS)?;
    let mut options = Vec::new();
    put_string(&mut options, &salt);
    options.extend_from_slice(&ROUNDS.to_be_bytes());
    Ok(options)
}

/// The private part of an encrypted file. A wrong passphrase is told by the two check numbers at its beginning.
pub(crate) fn decrypt(file: &File<'_>, passphrase: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    if file.cipher != CIPHER || file.derivation != DERIVATION {
        let shown = |bytes: &[u8]| Name::new(bytes.get(..60).unwrap_or(bytes)).to_string();
        return Err(KeyFault::unsupported(format!(
            "the private key is encrypted with {} and {}; aes256-ctr and bcrypt are handled (ssh-keygen -p -Z aes256-ctr \
             -f KEY rewrites it)",
            shown(file.cipher),
            shown(file.derivation)
        )));
    }
    let odd = || KeyFault::corrupt("the options of the key's encryption are damaged");
    let mut options = Reader::new(file.options);
    let salt = options.string().filter(|salt| !salt.is_empty() && salt.len() <= SALT_BYTES_MAX).ok_or_else(odd)?;
    let rounds = options.u32().filter(|rounds| *rounds > 0).ok_or_else(odd)?;
    if !options.rest().is_empty() {
        return Err(odd());
    }
    if rounds > ROUNDS_MAX {
        return Err(KeyFault::of(Class::Limit, format!("{rounds} rounds of bcrypt; the limit is {ROUNDS_MAX}")));
    }
    let missing = || KeyFault::usage("the private key is encrypted, and no passphrase was given");
    let passphrase = passphrase.ok_or_else(missing)?;
    let mut part = Zeroizing::new(file.part.to_vec());
    apply(&mut part, passphrase, salt, rounds)?;
    match part.first_chunk::<8>() {
        Some([a, b, c, d, e, f, g, h]) if [a, b, c, d] == [e, f, g, h] => Ok(part),
        _ => Err(KeyFault::usage("the passphrase does not open the private key")),
    }
}

/// Encrypts or decrypts: the same in counter mode.
fn apply(part: &mut [u8], passphrase: &[u8], salt: &[u8], rounds: u32) -> Result<(), KeyFault> {
    let failed = || KeyFault::usage("the passphrase does not open the private key");
    if passphrase.is_empty() {
        return Err(failed());
    }
    let mut derived = Zeroizing::new([0_u8; 48]);
    bcrypt_pbkdf::bcrypt_pbkdf(passphrase, salt, rounds, derived.as_mut_slice()).map_err(|_| failed())?;
    let (key, counter) = derived.split_at(32);
    let mut cipher = Ctr128BE::<Aes256>::new_from_slices(key, counter).map_err(|_| failed())?;
    cipher.apply_keystream(part);
    Ok(())
}
