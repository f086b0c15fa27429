//! The list of everything in a package, under one signed root, and what of it a disclosure shows.

use std::collections::HashMap;

use exhibit_evidence::{Name, from_hex, to_hex};
use exhibit_hash::merkle;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::error::PackageError;
use super::plan::Signer;
use super::salts::{self, Salt};
use crate::disclosure::{
    Disclosure, Entry, FORMAT, Ground, Leaf, ListEntry, LogPart, Range, SEALED_FORMAT, SealedList, ShownMedium,
    Withheld, size_class,
};
use crate::manifest::{File, Manifest, Role};

/// What becomes of the list of files.
pub enum Listing {
    /// No list is made; nothing of this package can be disclosed in part later.
    None,
    /// A whole package: its list is made and signed.
    Whole {
        /// Seed of the salts. Whoever knows it can open what a later disclosure withholds.
        seed: [u8; 32],
        /// Origin line of the checkpoint.
        origin: String,
    },
    /// A part of a package that was sealed before.
    Part(Box<Part>),
}

/// What of a sealed list is shown.
pub struct Part {
    /// The list as it stayed in the case.
    pub list: SealedList,
    /// Of each entry that is withheld: its place in the list and its ground. All others are shown.
    pub withheld: Vec<(u64, Ground)>,
    /// Ranges of media; the bytes of each are a file of role [`Role::MediumRange`] in the plan.
    pub ranges: Vec<PartRange>,
    /// What of the custody log is shown.
    pub log: Option<LogPart>,
}

/// A range of a medium that is shown.
pub struct PartRange {
    /// Item number.
    pub item: String,
    /// Name of the file with its bytes.
    pub name: Name,
    /// First byte in the medium.
    pub offset: u64,
    /// In bytes.
    pub length: u64,
    /// Its proof, as `exhibit_hash::range_proof` makes it.
    pub proof: Vec<merkle::Hash>,
}

/// A list that was made.
pub(super) struct Made {
    pub(super) disclosure: Vec<u8>,
    /// For the case to keep, if the list is new.
    pub(super) sealed: Option<SealedList>,
}

/// Makes and signs the list of a whole package.
pub(super) fn whole(
    manifest: &Manifest,
    archive: &str,
    seed: &Salt,
    origin: &str,
    signer: &Signer<'_>,
) -> Result<Made, PackageError> {
    let mut entries: Vec<ListEntry> = Vec::new();
    let mut numbers: Vec<Option<u64>> = Vec::new();
    let mut next = 0_u64;
    for item in &manifest.items {
        let medium = item.medium.as_ref().and_then(|medium| {
            let tree_root = medium.tree_root.clone()?;
            Some(Entry::Medium { size_bytes: medium.size_bytes, tree_root })
        });
        entries.extend(medium.map(|entry| ListEntry { item: item.id.clone(), entry }));
        numbers.resize(entries.len(), None);
        // In an order that nobody without the seed can tell, so that the neighbours of a withheld name say nothing about it.
        let mut files = Vec::with_capacity(item.files.len());
        for file in &item.files {
            let entry = entry_of(file);
            let mut hasher = Sha256::new();
            hasher.update(seed);
            hasher.update(canonical(&entry)?);
            files.push((Salt::from(hasher.finalize()), entry, next));
            next = next.saturating_add(1);
        }
        files.sort_by_key(|(order, _, _)| *order);
        for (_, entry, number) in files {
            entries.push(ListEntry { item: item.id.clone(), entry });
            numbers.push(Some(number));
        }
    }
    let leaves = leaves(&entries, &salts::all(seed, entries.len()))?;
    let text = format!("{origin}\n{}\n{}\n", entries.len(), base64_of(&root(&leaves)?));
    let checkpoint =
        (signer.note)(origin, text.as_bytes()).map_err(|error| PackageError::signing("the list of files", error))?;
    let media = entries.iter().zip(0_u64..).filter_map(|(entry, index)| shown_medium(entry, index)).collect();
    let disclosure = Disclosure {
        format: FORMAT.to_owned(),
        checkpoint: checkpoint.clone(),
        files: numbers.into_iter().flatten().collect(),
        media,
        seeds: salts::cover(seed, &vec![true; entries.len()]),
        withheld: Vec::new(),
        grounds: Vec::new(),
        ranges: Vec::new(),
        log: None,
    };
    let sealed = SealedList {
        format: SEALED_FORMAT.to_owned(),
        archive: archive.to_owned(),
        created: manifest.created.clone(),
        checkpoint,
        seed: to_hex(seed),
        entries,
    };
    Ok(Made { disclosure: canonical(&disclosure)?, sealed: Some(sealed) })
}

/// What is shown of a list that was sealed before.
pub(super) fn part(manifest: &Manifest, part: &Part) -> Result<Made, PackageError> {
    let list = &part.list;
    let seed = from_hex(&list.seed).and_then(|seed| Salt::try_from(seed).ok());
    let seed = seed.ok_or_else(|| PackageError::corrupt("the sealed list of the case: its seed is not 32 bytes"))?;
    let leaves = leaves(&list.entries, &salts::all(&seed, list.entries.len()))?;
    let grounds = grounds(part);
    let mut shown = vec![true; list.entries.len()];
    let mut withheld = Vec::with_capacity(part.withheld.len());
    for (index, ground) in &part.withheld {
        let at = usize::try_from(*index).unwrap_or(usize::MAX);
        let (Some(leaf), Some(shown)) = (leaves.get(at), shown.get_mut(at)) else {
            return Err(PackageError::usage(format!("the list has no entry {index}")));
        };
        *shown = false;
        let ground = grounds.binary_search(ground).unwrap_or(0) as u64;
        let Leaf { item, sealed, size_class } = leaf.clone();
        withheld.push(Withheld { index: *index, item, sealed, size_class, ground });
    }
    withheld.sort_by_key(|entry| entry.index);
    let media: Vec<ShownMedium> = (0_u64..)
        .zip(list.entries.iter().zip(&shown))
        .filter_map(|(index, (entry, shown))| shown_medium(entry, index).filter(|_| *shown))
        .collect();
    let disclosure = Disclosure {
        format: FORMAT.to_owned(),
        checkpoint: list.checkpoint.clone(),
        files: files_shown(manifest, list, &shown)?,
        ranges: ranges(manifest, part, &media)?,
        media,
        seeds: salts::cover(&seed, &shown),
        withheld,
        grounds,
        log: part.log.clone(),
    };
    Ok(Made { disclosure: canonical(&disclosure)?, sealed: None })
}

/// Each ground once, in order.
fn grounds(part: &Part) -> Vec<Ground> {
    let mut grounds: Vec<Ground> = part.withheld.iter().map(|(_, ground)| ground.clone()).collect();
    grounds.sort();
    grounds.dedup();
    grounds
}

/// The numbers in the manifest of the files shown, in the order of the list.
fn files_shown(manifest: &Manifest, list: &SealedList, shown: &[bool]) -> Result<Vec<u64>, PackageError> {
    let files = manifest.items.iter().flat_map(|item| item.files.iter().map(move |file| (item.id.as_str(), file)));
    let mut numbers: HashMap<(&str, &Name), (u64, &File)> = HashMap::new();
    for (number, (item, file)) in (0_u64..).zip(files) {
        if file.role != Role::MediumRange {
            numbers.insert((item, &file.original_name), (number, file));
        }
    }
    let mut ordered = Vec::with_capacity(numbers.len());
    for (listed, _) in list.entries.iter().zip(shown).filter(|(_, shown)| **shown) {
        let Entry::File { name, .. } = &listed.entry else { continue };
        let Some((number, file)) = numbers.remove(&(listed.item.as_str(), name)) else {
            return Err(PackageError::usage(format!(
                "item {}: {name} is to be shown and not in the plan",
                listed.item
            )));
        };
        if entry_of(file) != listed.entry {
            let text = format!("item {}: {name} has changed since the package was sealed", listed.item);
            return Err(PackageError::corrupt(text));
        }
        ordered.push(number);
    }
    match numbers.keys().next() {
        Some((item, name)) => Err(PackageError::usage(format!("item {item}: {name} is not in the sealed list"))),
        None => Ok(ordered),
    }
}

fn ranges(manifest: &Manifest, part: &Part, media: &[ShownMedium]) -> Result<Vec<Range>, PackageError> {
    let one = |range: &PartRange| {
        let missing = || PackageError::usage(format!("item {}: a range without its medium or its file", range.item));
        let medium = media.iter().position(|medium| medium.item == range.item).ok_or_else(missing)? as u64;
        let item = manifest.items.iter().find(|item| item.id == range.item).ok_or_else(missing)?;
        let file = item.files.iter().find(|file| file.original_name == range.name).ok_or_else(missing)?;
        Ok(Range {
            medium,
            offset: range.offset,
            length: range.length,
            path: file.path.clone(),
            proof: range.proof.iter().map(|value| to_hex(value)).collect(),
        })
    };
    part.ranges.iter().map(one).collect()
}

fn shown_medium(listed: &ListEntry, index: u64) -> Option<ShownMedium> {
    let Entry::Medium { size_bytes, tree_root } = &listed.entry else { return None };
    Some(ShownMedium { index, item: listed.item.clone(), size_bytes: *size_bytes, tree_root: tree_root.clone() })
}

fn entry_of(file: &File) -> Entry {
    Entry::File { name: file.original_name.clone(), role: file.role, sha256: file.sha256.clone(), size: file.size }
}

fn leaves(entries: &[ListEntry], salts: &[Salt]) -> Result<Vec<Leaf>, PackageError> {
    let leaf = |(listed, salt): (&ListEntry, &Salt)| {
        let mut hasher = Sha256::new();
        hasher.update(salt);
        hasher.update(canonical(&listed.entry)?);
        let class = size_class(listed.entry.size()).to_owned();
        Ok(Leaf { item: listed.item.clone(), sealed: to_hex(&hasher.finalize()), size_class: class })
    };
    entries.iter().zip(salts).map(leaf).collect()
}

fn root(leaves: &[Leaf]) -> Result<merkle::Hash, PackageError> {
    let values: Result<Vec<merkle::Hash>, PackageError> =
        leaves.iter().map(|leaf| Ok(merkle::leaf(&canonical(leaf)?))).collect();
    Ok(merkle::root(&values?))
}

/// RFC 8785.
fn canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, PackageError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| PackageError::record("the list of files", error))
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
