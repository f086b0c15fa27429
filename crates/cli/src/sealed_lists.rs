//! The lists of sealed packages that stay in the case, in `sealed/`: only from them can a part be disclosed later.

use exhibit_package::disclosure::{SEALED_FORMAT, SealedList};
use exhibit_store::Folder;

use crate::case::Case;
use crate::outcome::{Failure, shown};

/// Folder in the case.
const FOLDER: &str = "sealed";
/// Largest list read, in bytes: a million entries have room.
const LIST_BYTES_MAX: u64 = 512 << 20;

/// A list that was stored.
pub(crate) struct Stored {
    /// Path relative to the case.
    pub(crate) path: String,
    pub(crate) sha256: String,
}

/// Keeps a list under the next number, readable by its owner only: it opens whatever a disclosure withholds.
pub(crate) fn keep(case: &Case, list: &SealedList) -> Result<Stored, Failure> {
    let number = names(case)?.len().saturating_add(1);
    let name = format!("{number:06}.json");
    let bytes = serde_json::to_vec(list).map_err(|error| Failure::new(error.to_string()))?;
    Folder::at(case.path.join(FOLDER))?.publish_secret(&name, &bytes)?;
    let mut digester = exhibit_hash::sha256::Sha256::new();
    digester.update(&bytes);
    Ok(Stored { path: format!("{FOLDER}/{name}"), sha256: exhibit_evidence::to_hex(&digester.finish()) })
}

/// The newest list of the case, with its path in the case.
pub(crate) fn newest(case: &Case) -> Result<(String, SealedList), Failure> {
    let Some(name) = names(case)?.pop() else {
        return Err(Failure::new(
            "nothing of this case was sealed as a whole yet, so there is no signed list to disclose a part of",
        )
        .hint("seal the whole first: exhibit package CASE --to FILE; the parts are proven against that package"));
    };
    let path = case.path.join(FOLDER).join(&name);
    let bytes = exhibit_device::read_small(&path, LIST_BYTES_MAX);
    let bytes = bytes.map_err(|error| Failure::io("read the sealed list", &path, &error))?;
    let list: SealedList = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::new(format!("{}: not a sealed list: {error}", shown(&path))))?;
    if list.format != SEALED_FORMAT {
        return Err(Failure::new(format!("{}: format {:?}, expected {SEALED_FORMAT:?}", shown(&path), list.format)));
    }
    Ok((format!("{FOLDER}/{name}"), list))
}

/// The names of the lists, in order.
fn names(case: &Case) -> Result<Vec<String>, Failure> {
    let folder = case.path.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = exhibit_device::walk(&folder).map_err(|error| Failure::io("list", &folder, &error))?;
    let name = |entry: exhibit_device::FolderEntry| entry.relative.to_str().map(str::to_owned);
    let mut names: Vec<String> = entries.into_iter().filter_map(name).filter(|name| name.ends_with(".json")).collect();
    names.sort();
    Ok(names)
}
