//! `exhibit/disclosure.json`: what is shown belongs to the list that was signed when the package was sealed, and all the
//! rest of that list is marked as withheld.

mod range;
mod salts;

use std::collections::BTreeSet;

use exhibit_custody::note::{Note, NoteFault};
use exhibit_custody::{PublicKey, strict_json};
use exhibit_evidence::{Finding, Severity, from_hex, to_hex};
use exhibit_hash::merkle::{self, Hash};
use exhibit_package::disclosure::{
    Disclosure, ENTRIES_MAX, Entry, FORMAT, LARGEST_CLASS, Leaf, ORIGIN_PREFIX, SIZE_CLASSES,
};
use exhibit_package::layout::DISCLOSURE;
use exhibit_package::manifest::{File, Manifest, Role};
use serde::{Deserialize as _, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::collect::Findings;
use crate::custody::{Candidate, text_of};
use crate::ledger::Ledger;
use crate::members::{Members, read_small};
use crate::verdict::{Check, Level};

/// Largest file of this kind read, in bytes: some 250 for each of 250,000 entries that are withheld.
const DISCLOSURE_BYTES_MAX: u64 = 64 << 20;

/// Reads it; `None` if the package has none.
pub(super) fn read(members: &dyn Members, ledger: &Ledger) -> Option<Result<Disclosure, Finding>> {
    ledger.contains(DISCLOSURE).then(|| {
        let bytes = read_small(members, DISCLOSURE, DISCLOSURE_BYTES_MAX)?;
        parse(&bytes).map_err(|text| Finding::new(Severity::Mismatch, "disclosure", DISCLOSURE, text))
    })
}

/// The structure of a disclosure, read strictly.
///
/// # Errors
/// In words, if the bytes are anything else.
pub(crate) fn parse(bytes: &[u8]) -> Result<Disclosure, String> {
    let limit = usize::try_from(DISCLOSURE_BYTES_MAX).unwrap_or(usize::MAX);
    let value = strict_json::parse_canonical(bytes, limit).map_err(|fault| fault.to_string())?;
    let disclosure = Disclosure::deserialize(&value).map_err(|error| error.to_string())?;
    if serde_json::to_value(&disclosure).unwrap_or(Value::Null) != value {
        return Err("it holds something that does not belong to its format".to_owned());
    }
    if disclosure.format != FORMAT {
        return Err(format!("the format is {:?}, not {FORMAT:?}", disclosure.format));
    }
    Ok(disclosure)
}

/// Whether it shows a part only.
pub(super) fn is_part(disclosure: &Disclosure) -> bool {
    !disclosure.withheld.is_empty() || !disclosure.ranges.is_empty() || disclosure.log.is_some()
}

/// What it is compared with.
pub(super) struct Context<'a> {
    pub(super) members: &'a dyn Members,
    pub(super) ledger: &'a Ledger,
    pub(super) manifest: &'a Manifest,
    pub(super) candidates: &'a [Candidate],
    pub(super) level: Level,
}

/// All checks of a disclosure.
pub(super) fn check(context: &Context<'_>, disclosure: &Disclosure) -> Vec<Check> {
    let mut findings = Findings::default();
    let mut signature = Findings::default();
    if let Some((size, root)) = head(context, disclosure, &mut findings, &mut signature) {
        list(context, disclosure, size, &root, &mut findings);
    }
    media(context.manifest, disclosure, &mut findings);
    let withheld = disclosure.withheld.len();
    for (number, ground) in (0_u64..).zip(&disclosure.grounds) {
        let count = disclosure.withheld.iter().filter(|entry| entry.ground == number).count();
        let text =
            format!("{count} entries are withheld: {:?}, on the authority of {:?}", ground.reason, ground.authority);
        findings.note("withheld", DISCLOSURE, text);
    }
    let shown = disclosure.files.len().saturating_add(disclosure.media.len());
    let passed = match withheld {
        0 => format!("all {shown} entries of the list are those that were signed"),
        _ => format!("{shown} entries are shown and {withheld} are marked as withheld, under the root that was signed"),
    };
    let title = "What is shown is what was sealed, and everything else is marked as withheld";
    let mut checks = vec![Check::from_findings("disclosure", title, passed, findings.into_list())];
    let title = "The list of what was sealed is signed";
    checks.push(Check::from_findings("disclosure-signature", title, "its signature is good", signature.into_list()));
    let ranges = context.manifest.items.iter().flat_map(|item| &item.files).any(|file| file.role == Role::MediumRange);
    if ranges || !disclosure.ranges.is_empty() {
        checks.push(range::check(context, disclosure));
    }
    checks
}

/// Size and root of the signed head of the list.
fn head(
    context: &Context<'_>,
    disclosure: &Disclosure,
    findings: &mut Findings,
    signature: &mut Findings,
) -> Option<(u64, Hash)> {
    let place = format!("{DISCLOSURE}: checkpoint");
    let note = match Note::parse(disclosure.checkpoint.as_bytes()) {
        Ok(note) => note,
        Err(fault) => {
            findings.wrong("list-head", place, fault.to_string());
            return None;
        }
    };
    let Some((origin, size, root)) = text_of(note.text()) else {
        findings.wrong("list-head", place, "its text is not origin, size and root in three lines");
        return None;
    };
    let log = exhibit_custody::layout::origin(&context.manifest.case.number);
    let case = log.strip_prefix(exhibit_custody::layout::ORIGIN_PREFIX).unwrap_or_default();
    let expected = format!("{ORIGIN_PREFIX}{case}");
    if origin != expected {
        findings.wrong("list-origin", place.as_str(), format!("it belongs to {origin:?}, not to {expected:?}"));
    }
    let named: Vec<(&str, &PublicKey)> = context.candidates.iter().map(|one| (origin.as_str(), &one.key)).collect();
    match note.verify(&named) {
        Ok(_) => {}
        Err(NoteFault::NoKnownKey) => {
            let text =
                "signed with a key that is not known here; give the public key of whoever sealed the whole package";
            signature.push(Finding::new(Severity::Incomplete, "list-key-unknown", place, text));
        }
        Err(fault) => signature.wrong("list-signature", place, fault.to_string()),
    }
    Some((size, root))
}

/// Every entry of the list: shown, with its salt, or withheld, with its leaf; together they must have the signed root.
fn list(context: &Context<'_>, disclosure: &Disclosure, size: u64, root: &Hash, findings: &mut Findings) {
    if size > ENTRIES_MAX {
        let text = format!("the list has {size} entries; this version reads up to {ENTRIES_MAX}");
        return findings.push(Finding::new(Severity::Incomplete, "limit-entries", DISCLOSURE, text));
    }
    // What is there bounds the work, not what the head claims.
    let there = [disclosure.files.len(), disclosure.media.len(), disclosure.withheld.len()];
    let there = there.iter().fold(0_u64, |sum, count| sum.saturating_add(*count as u64));
    if there != size {
        let text = format!("the signed list has {size} entries, {there} are shown or marked as withheld");
        return findings.wrong("list-missing", DISCLOSURE, text);
    }
    let mut leaves: Vec<Option<Hash>> = vec![None; usize::try_from(size).unwrap_or(0)];
    withheld(disclosure, &mut leaves, findings);
    let salts = match salts::expand(&disclosure.seeds, size) {
        Ok(salts) => salts,
        Err(text) => return findings.wrong("list-salts", DISCLOSURE, text),
    };
    if leaves.iter().zip(&salts).any(|(leaf, salt)| leaf.is_some() && salt.is_some()) {
        findings.wrong("list-salts", DISCLOSURE, "the salt of an entry that is withheld is given away");
    }
    shown(context, disclosure, &salts, &mut leaves, findings);
    let known: Vec<Hash> = leaves.iter().copied().flatten().collect();
    if known.len() != leaves.len() {
        return findings.wrong("list-missing", DISCLOSURE, "entries of the signed list are neither shown nor withheld");
    }
    let found = merkle::root(&known);
    if found != *root {
        let text = format!(
            "root of the list: {} was signed, {} follows from what is shown and withheld: something of it is not what was sealed",
            to_hex(root),
            to_hex(&found)
        );
        findings.wrong("list-root", DISCLOSURE, text);
    }
}

fn withheld(disclosure: &Disclosure, leaves: &mut [Option<Hash>], findings: &mut Findings) {
    for ground in &disclosure.grounds {
        if ground.reason.trim().is_empty() {
            findings.wrong("withheld-ground", DISCLOSURE, "something is withheld without a reason");
        }
    }
    for entry in &disclosure.withheld {
        let place = format!("{DISCLOSURE}: withheld entry {}", entry.index);
        let class = SIZE_CLASSES.iter().map(|(_, name)| *name).chain([LARGEST_CLASS]);
        if !class.into_iter().any(|name| name == entry.size_class) {
            findings.wrong("withheld-entry", place.as_str(), format!("{:?} is no class of size", entry.size_class));
        }
        if usize::try_from(entry.ground).map_or(true, |ground| ground >= disclosure.grounds.len()) {
            findings.wrong("withheld-ground", place.as_str(), "its ground is not among those given");
        }
        if !is_digest(&entry.sealed) {
            findings.wrong("withheld-entry", place.as_str(), "its sealed value is not a SHA-256");
        }
        let leaf =
            Leaf { item: entry.item.clone(), sealed: entry.sealed.clone(), size_class: entry.size_class.clone() };
        put(leaves, entry.index, &leaf, &place, findings);
    }
}

fn shown(
    context: &Context<'_>,
    disclosure: &Disclosure,
    salts: &[Option<Hash>],
    leaves: &mut [Option<Hash>],
    findings: &mut Findings,
) {
    for medium in &disclosure.media {
        let place = format!("{DISCLOSURE}: medium of item {:?}", medium.item);
        let entry = Entry::Medium { size_bytes: medium.size_bytes, tree_root: medium.tree_root.clone() };
        open(leaves, salts, medium.index, &medium.item, &entry, &place, findings);
    }
    let files = context.manifest.items.iter().flat_map(|item| item.files.iter().map(move |file| (item, file)));
    let files: Vec<(&str, &File)> = files.map(|(item, file)| (item.id.as_str(), file)).collect();
    let free: Vec<u64> = (0_u64..).zip(leaves.iter()).filter(|(_, leaf)| leaf.is_none()).map(|(at, _)| at).collect();
    let mut used = BTreeSet::new();
    for (index, number) in free.into_iter().zip(&disclosure.files) {
        let file = usize::try_from(*number).ok().and_then(|number| files.get(number));
        let Some((item, file)) = file.filter(|(_, file)| file.role != Role::MediumRange && used.insert(*number)) else {
            let text = format!("its number {number} is not that of a file of the manifest, or is there twice");
            findings.wrong("list-file", format!("{DISCLOSURE}: entry {index}"), text);
            continue;
        };
        let entry = Entry::File {
            name: file.original_name.clone(),
            role: file.role,
            sha256: file.sha256.clone(),
            size: file.size,
        };
        open(leaves, salts, index, item, &entry, &file.path, findings);
    }
    for (number, (_, file)) in (0_u64..).zip(&files) {
        if file.role != Role::MediumRange && !used.contains(&number) {
            findings.wrong("list-file", file.path.as_str(), "it is not in the list of what was sealed");
        }
    }
}

/// The leaf of an entry that is shown, from its salt.
fn open(
    leaves: &mut [Option<Hash>],
    salts: &[Option<Hash>],
    index: u64,
    item: &str,
    entry: &Entry,
    place: &str,
    findings: &mut Findings,
) {
    let Some(salt) = usize::try_from(index).ok().and_then(|index| salts.get(index)).copied().flatten() else {
        return findings.wrong("list-salts", place, "it is shown, and its salt is not");
    };
    let Some(entry_bytes) = canonical(entry) else { return };
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(entry_bytes);
    let class = SIZE_CLASSES.iter().find(|(most, _)| entry.size() <= *most).map_or(LARGEST_CLASS, |(_, name)| name);
    let leaf = Leaf { item: item.to_owned(), sealed: to_hex(&hasher.finalize()), size_class: class.to_owned() };
    put(leaves, index, &leaf, place, findings);
}

fn put(leaves: &mut [Option<Hash>], index: u64, leaf: &Leaf, place: &str, findings: &mut Findings) {
    let Some(slot) = usize::try_from(index).ok().and_then(|index| leaves.get_mut(index)) else {
        return findings.wrong("list-place", place, format!("the list has no entry {index}"));
    };
    let Some(bytes) = canonical(leaf) else { return };
    if slot.replace(merkle::leaf(&bytes)).is_some() {
        findings.wrong(
            "list-place",
            place,
            format!("entry {index} is there twice: shown and withheld, or either two times"),
        );
    }
}

/// What the manifest says of media, against the list: the root that ranges are proven to is the one that was recorded.
fn media(manifest: &Manifest, disclosure: &Disclosure, findings: &mut Findings) {
    for item in &manifest.items {
        let Some((medium, root)) = item.medium.as_ref().and_then(|medium| Some((medium, medium.tree_root.as_ref()?)))
        else {
            continue;
        };
        let listed = disclosure
            .media
            .iter()
            .any(|shown| shown.item == item.id && shown.size_bytes == medium.size_bytes && shown.tree_root == *root);
        if !listed {
            let text = format!("item {:?}: its medium in the manifest is not that of the list", item.id);
            findings.wrong("list-medium", DISCLOSURE, text);
        }
    }
}

/// RFC 8785.
fn canonical<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value).ok()
}

fn is_digest(hex: &str) -> bool {
    hex.bytes().all(|c| !c.is_ascii_uppercase()) && from_hex(hex).is_some_and(|bytes| bytes.len() == 32)
}
