//! Safe paths for payload files: deterministic, independent of order, unique without regard to case.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_evidence::{Name, to_hex};
use sha2::{Digest as _, Sha256};

use super::error::PackageError;
use super::plan::Item;
use crate::layout::{ITEMS, is_safe_component, is_safe_path};

/// Longest ending that survives a renaming, in characters: `.acquisition.json` is 17.
const ENDING_MAX: usize = 24;

/// The path of every file of every item, in the order of `items` and their files.
///
/// # Errors
/// If an item, or a file of one item, is there twice.
pub(super) fn payload_paths(items: &[Item]) -> Result<Vec<Vec<String>>, PackageError> {
    let mut taken = Taken::default();
    let ids: Vec<&[u8]> = items.iter().map(|item| item.id.as_bytes()).collect();
    let folders = assign(&mut taken, ITEMS, &ids, true)?;
    let files = |(item, folder): (&Item, &String)| {
        let names: Vec<&[u8]> = item.files.iter().map(|file| file.name.bytes()).collect();
        assign(&mut taken, folder, &names, false)
    };
    items.iter().zip(&folders).map(files).collect()
}

/// A path below `folder` for each of `names`. They are served in the order of their bytes, so that which of two
/// conflicting names is renamed does not depend on the order they came in.
fn assign(taken: &mut Taken, folder: &str, names: &[&[u8]], single: bool) -> Result<Vec<String>, PackageError> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&index| names.get(index).copied());
    let mut paths = BTreeMap::new();
    let mut previous = None;
    for index in order {
        let name = names.get(index).copied().unwrap_or_default();
        if previous.replace(name) == Some(name) {
            return Err(PackageError::usage(format!("{folder}: {} is there twice", Name::new(name))));
        }
        let candidates = [by_component(name, single), by_whole(name)].map(|relative| format!("{folder}/{relative}"));
        let path = candidates.into_iter().find(|path| is_safe_path(path) && taken.take(path, single));
        let clash = || PackageError::usage(format!("{folder}: no unique safe name for {}", Name::new(name)));
        paths.insert(index, path.ok_or_else(clash)?);
    }
    Ok(paths.into_values().collect())
}

/// Each part by itself: what is safe stays readable.
fn by_component(name: &[u8], single: bool) -> String {
    let parts = name.split(|&c| c == b'/' && !single);
    let parts: Vec<String> = parts.map(safe_component).collect();
    parts.join("/")
}

/// The part as it is if it is safe, otherwise `renamed-`, 16 digits of the hash of what is replaced, and the ending.
///
/// Segments of one image differ only in their ending, so their common base gets a common new base, and tools that look
/// for `.E02` beside `.E01` still find it.
fn safe_component(part: &[u8]) -> String {
    if let Some(safe) = std::str::from_utf8(part).ok().filter(|text| is_safe_component(text)) {
        return safe.to_owned();
    }
    let (base, ending) = split_ending(part);
    format!("renamed-{}{ending}", digest(base, 8))
}

/// The base and the longest ending that is safe and not too long; the ending is empty if there is none.
fn split_ending(part: &[u8]) -> (&[u8], &str) {
    let dots = part.iter().enumerate().skip(1).filter(|&(_, &c)| c == b'.').map(|(at, _)| at);
    for (base, ending) in dots.filter_map(|at| part.split_at_checked(at)) {
        let text = std::str::from_utf8(ending).unwrap_or_default();
        let safe = text.strip_prefix('.').is_some_and(|rest| rest.split('.').all(is_safe_component));
        if safe && ending.len() <= ENDING_MAX {
            return (base, text);
        }
    }
    (part, "")
}

/// For names that conflict or are too long: one part, from the hash of the whole name without its ending.
fn by_whole(name: &[u8]) -> String {
    let last = name.rsplit(|&c| c == b'/').next().unwrap_or(name);
    let ending = split_ending(last).1;
    let base = name.strip_suffix(ending.as_bytes()).unwrap_or(name);
    format!("renamed/{}{ending}", digest(base, 16))
}

/// The first `bytes` bytes of the SHA-256 of `name`, in hexadecimal.
fn digest(name: &[u8], bytes: usize) -> String {
    to_hex(Sha256::digest(name).get(..bytes).unwrap_or_default())
}

/// What stands already, without regard to case.
#[derive(Default)]
struct Taken {
    files: BTreeSet<String>,
    /// Folder in lower case to the folder as written: `A/x` beside `a/y` would be one folder on one system, two on another.
    folders: BTreeMap<String, String>,
}

impl Taken {
    /// Takes `path` if nothing is in its way. A folder that is taken by itself must be new.
    fn take(&mut self, path: &str, is_folder: bool) -> bool {
        let lower = path.to_ascii_lowercase();
        if self.files.contains(&lower) || self.folders.contains_key(&lower) {
            return false;
        }
        let above: Vec<&str> = path.match_indices('/').filter_map(|(at, _)| path.get(..at)).collect();
        let fits = |folder: &&str| {
            let key = folder.to_ascii_lowercase();
            !self.files.contains(&key) && self.folders.get(&key).is_none_or(|there| there == folder)
        };
        if !above.iter().all(fits) {
            return false;
        }
        let own = is_folder.then_some(path);
        self.folders
            .extend(above.into_iter().chain(own).map(|folder| (folder.to_ascii_lowercase(), folder.to_owned())));
        if !is_folder {
            self.files.insert(lower);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use exhibit_evidence::MemorySource;

    use super::*;
    use crate::manifest::Role;
    use crate::write::PayloadFile;

    fn item(id: &str, names: &[&[u8]]) -> Item {
        let file = |name: &&[u8]| PayloadFile {
            role: Role::Other,
            name: Name::new(*name),
            source: Arc::new(MemorySource::new([])),
            expected_sha256: None,
        };
        Item { id: id.to_owned(), medium: None, files: names.iter().map(file).collect() }
    }

    fn paths(names: &[&[u8]]) -> Vec<String> {
        payload_paths(&[item("1", names)]).unwrap().remove(0)
    }

    #[test]
    fn safe_names_stay_and_hostile_ones_are_replaced_by_safe_unique_ones() {
        let names: [&[u8]; 12] = [
            b"disk.E01",
            b"jpeg/000000001000.jpg",
            b"../../etc/passwd",
            b"/abs",
            b"a//b",
            b"NUL.txt",
            b".hidden",
            b"\xff\xfe",
            b"",
            b"x\ny.txt",
            "naïve.pdf".as_bytes(),
            &[b'n'; 300],
        ];
        let paths = paths(&names);
        assert_eq!(paths[..2], ["data/items/1/disk.E01", "data/items/1/jpeg/000000001000.jpg"]);
        for path in &paths {
            assert!(is_safe_path(path), "{path}");
        }
        assert!(paths[10].ends_with(".pdf") && paths[9].ends_with(".txt"), "{paths:?}");
        assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn segments_with_an_unsafe_base_keep_one_common_base() {
        let paths = paths(&["Müller 1.2.E01".as_bytes(), "Müller 1.2.E02".as_bytes()]);
        let base = |path: &String| path.rsplit_once('.').map(|(base, _)| base.to_owned());
        assert_eq!(base(&paths[0]), base(&paths[1]));
        assert!(paths[1].ends_with(".E02"));
    }

    #[test]
    fn names_that_differ_only_in_case_do_not_meet_whatever_the_order() {
        let names: [&[u8]; 5] = [b"a.jpg", b"A.jpg", b"Dir/x", b"dir/y", b"dir"];
        let forward = paths(&names);
        let reversed: Vec<&[u8]> = names.iter().rev().copied().collect();
        let mut backward = paths(&reversed);
        backward.reverse();
        assert_eq!(forward, backward);
        let lower: BTreeSet<_> = forward.iter().map(|path| path.to_ascii_lowercase()).collect();
        assert_eq!(lower.len(), 5);
        assert!(!lower.iter().any(|a| lower.iter().any(|b| b.starts_with(&format!("{a}/")))), "{lower:?}");
        let folders: BTreeSet<_> = forward.iter().filter_map(|path| path.rsplit_once('/')).map(|(f, _)| f).collect();
        let folded: BTreeSet<_> = folders.iter().map(|folder| folder.to_ascii_lowercase()).collect();
        assert_eq!(folders.len(), folded.len(), "{folders:?}");
    }

    #[test]
    fn items_get_folders_of_their_own_and_doubles_are_refused() {
        let items = [item("1/a", &[b"f"]), item("hdd", &[b"f"]), item("HDD", &[b"f"])];
        let paths = payload_paths(&items).unwrap().concat();
        assert_eq!(paths[2], "data/items/HDD/f");
        assert!(
            paths[0].starts_with("data/items/renamed-") && paths[1].starts_with("data/items/renamed/"),
            "{paths:?}"
        );
        assert!(payload_paths(&[item("1", &[]), item("1", &[])]).is_err());
        assert!(payload_paths(&[item("1", &[b"f", b"f"])]).is_err());
    }
}
