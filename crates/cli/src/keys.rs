//! Where signing keys lie, how they are opened, and what to do when there is none yet.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use exhibit_custody::{PublicKey, Signer, SigningKey};
use exhibit_store::Folder;
use zeroize::Zeroizing;

use crate::outcome::{Failure, shown};
use crate::passphrase::{self, Passphrase};
use crate::token;
use crate::world::World;

/// Key files are some hundred bytes; more is not one.
const KEY_BYTES_MAX: u64 = 64 * 1024;

/// Keys that were opened already, by where they lie.
pub(crate) type Opened = Arc<Mutex<HashMap<PathBuf, Arc<dyn Signer>>>>;

/// The form of a new key file under a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// OpenSSH's: `ssh-keygen -p` changes the passphrase
    Openssh,
    /// PKCS #8: `openssl pkey` opens it
    Pkcs8,
}

/// Where this user's key is: `--signing-key`, `EXHIBIT_KEY`, or the configuration folder.
pub(crate) fn path(world: &World) -> Result<PathBuf, Failure> {
    if let Some(path) = &world.globals.signing_key {
        return Ok(path.clone());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    match folder {
        Some(folder) => Ok(folder.join("exhibit").join("signing-key")),
        None => Err(Failure::new("there is no home folder to keep a signing key in")
            .hint("name a key file with --signing-key FILE, or make one with: exhibit key new --out FILE")),
    }
}

/// The address of a key in a token, if that is what `path` is.
fn in_token(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| text.starts_with(token::SCHEME))
}

/// Whether there is a key at `path`: a file, or something in a token, which is not asked.
pub(crate) fn is_there(path: &Path) -> bool {
    in_token(path).is_some() || path.exists()
}

/// The private key at `path`. A passphrase is asked for once in a run.
pub(crate) fn load(world: &World, path: &Path) -> Result<Arc<dyn Signer>, Failure> {
    let mut opened = world.opened.lock().map_err(|_| Failure::new("the list of opened keys is broken"))?;
    if let Some(key) = opened.get(path) {
        return Ok(key.clone());
    }
    let key: Arc<dyn Signer> = match in_token(path) {
        Some(uri) => token::open(world, uri)?,
        None => Arc::new(load_file(world, path)?),
    };
    opened.insert(path.to_path_buf(), key.clone());
    Ok(key)
}

/// The private key in a file.
fn load_file(world: &World, path: &Path) -> Result<SigningKey, Failure> {
    let bytes = exhibit_device::read_small(path, KEY_BYTES_MAX).map_err(|e| Failure::io("read the key", path, &e))?;
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::new(format!("{} is not a key file", shown(path))))?;
    let encrypted = exhibit_custody::is_encrypted(text);
    let words =
        encrypted.then(|| passphrase::for_opening(world, &format!("Passphrase of {}", shown(path)))).transpose()?;
    let key = SigningKey::parse(text, words.as_deref().map(Vec::as_slice));
    key.map_err(|fault| {
        let failure = Failure::new(format!("{}: {fault}", shown(path)));
        if encrypted {
            failure.hint("type it again, or look at --passphrase-file and EXHIBIT_PASSPHRASE")
        } else {
            failure
        }
    })
}

/// This user's key, made if it is not there yet, with a remark.
pub(crate) fn load_or_create(world: &World, comment: &str) -> Result<Arc<dyn Signer>, Failure> {
    let path = path(world)?;
    if is_there(&path) {
        return load(world, &path);
    }
    let words = passphrase::for_new(world)?;
    let protected = if words.is_some() { "" } else { ", not encrypted" };
    let key = create(&path, comment, words.as_ref(), Form::Openssh)?;
    world.remark(&format!(
        "A new signing key was made: {} ({}{protected})",
        shown(&path),
        key.public_key().fingerprint()
    ));
    let key: Arc<dyn Signer> = Arc::new(key);
    if let Ok(mut opened) = world.opened.lock() {
        opened.insert(path, key.clone());
    }
    Ok(key)
}

/// Makes a key at `path`, under a passphrase if there is one, and its public half beside it.
pub(crate) fn create(
    path: &Path,
    comment: &str,
    words: Option<&Passphrase>,
    form: Form,
) -> Result<SigningKey, Failure> {
    let random = |bytes: &mut [u8]| {
        getrandom::fill(bytes).map_err(|error| Failure::new(format!("the system gives no randomness: {error}")))
    };
    let mut seed = Zeroizing::new([0_u8; 32]);
    random(seed.as_mut_slice())?;
    let key = SigningKey::from_seed(*seed, comment);
    let mut salt = [0_u8; 32];
    random(&mut salt)?;
    let private = match (words, form) {
        (None, _) => Ok(key.to_openssh()),
        (Some(words), Form::Openssh) => {
            let (salt, _) = salt.split_at(16);
            key.to_openssh_encrypted(words, salt.try_into().unwrap_or_default())
        }
        (Some(words), Form::Pkcs8) => key.to_pkcs8_encrypted(words, salt),
    };
    let private = private.map_err(|fault| Failure::new(fault.to_string()))?;
    let (folder, name) = crate::store_paths::split(path)?;
    let folder = Folder::at(folder)?;
    let public_name = format!("{name}.pub");
    for name in [&name, &public_name] {
        // Looked at before either is written: half of a key is of no use and in the way.
        if exhibit_evidence::Store::exists(&folder, name) {
            let taken = Failure::new(format!("{} exists already", shown(&folder.path().join(name))));
            return Err(taken.hint("choose another name, or move the existing file away; nothing was overwritten"));
        }
    }
    folder.publish_secret(&name, private.as_bytes())?;
    let public = format!("{}\n", key.public_key().to_openssh());
    exhibit_evidence::Store::publish(&folder, &public_name, public.as_bytes())?;
    Ok(key)
}

/// The public keys in a file: an OpenSSH public key, or allowed_signers lines.
pub(crate) fn load_public(path: &Path) -> Result<Vec<PublicKey>, Failure> {
    let bytes = exhibit_device::read_small(path, KEY_BYTES_MAX).map_err(|e| Failure::io("read the key", path, &e))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Result<Vec<PublicKey>, _> = lines.map(PublicKey::parse).collect();
    let keys = keys.map_err(|fault| Failure::new(format!("{}: {fault}", shown(path))))?;
    match keys.is_empty() {
        true => Err(Failure::new(format!("{} holds no public key", shown(path)))),
        false => Ok(keys),
    }
}

/// This user's own public key, if there is one. It counts as known when something is checked on this machine. A private half
/// under a passphrase is not opened for that: its public half lies beside it.
pub(crate) fn own_public(world: &World) -> Option<PublicKey> {
    let path = path(world).ok()?;
    let text = exhibit_device::read_small(&path, KEY_BYTES_MAX).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let private = text.map(Zeroizing::new).and_then(|text| SigningKey::parse(&text, None).ok());
    private.map(|key| key.public_key()).or_else(|| {
        let mut beside = path.into_os_string();
        beside.push(".pub");
        load_public(Path::new(&beside)).ok().and_then(|keys| keys.into_iter().next())
    })
}
