//! Where signing keys lie, and what to do when there is none yet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_custody::{PublicKey, SigningKey};
use exhibit_store::Folder;

use crate::outcome::{Failure, shown};
use crate::world::World;

/// Key files are some hundred bytes; more is not one.
const KEY_BYTES_MAX: u64 = 64 * 1024;

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

/// The private key in `path`.
pub(crate) fn load(path: &Path) -> Result<SigningKey, Failure> {
    let bytes = exhibit_device::read_small(path, KEY_BYTES_MAX).map_err(|e| Failure::io("read the key", path, &e))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(format!("{} is not a key file", shown(path))))?;
    SigningKey::parse_openssh(&text).map_err(|fault| Failure::new(format!("{}: {fault}", shown(path))))
}

/// This user's key, made if it is not there yet, with a remark.
pub(crate) fn load_or_create(world: &World, comment: &str) -> Result<Arc<SigningKey>, Failure> {
    let path = path(world)?;
    if path.exists() {
        return load(&path).map(Arc::new);
    }
    let key = create(&path, comment)?;
    world.remark(&format!("A new signing key was made: {} ({})", shown(&path), key.public_key().fingerprint()));
    Ok(Arc::new(key))
}

/// Makes a key at `path` and its public half beside it.
pub(crate) fn create(path: &Path, comment: &str) -> Result<SigningKey, Failure> {
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::new(format!("the system gives no randomness: {error}")))?;
    let key = SigningKey::from_seed(seed, comment);
    seed.fill(0);
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
    folder.publish_secret(&name, key.to_openssh().as_bytes())?;
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

/// This user's own public key, if there is one. It counts as known when something is checked on this machine.
pub(crate) fn own_public(world: &World) -> Option<PublicKey> {
    load(&path(world).ok()?).ok().map(|key| key.public_key().clone())
}
