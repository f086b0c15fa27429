//! A part of a sealed package: which files and ranges are shown, which records of the log, and that nothing shown tells of what
//! is withheld.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use exhibit_device::LaterFile;
use exhibit_evidence::{ByteRange, Name, Slice, Source, to_hex};
use exhibit_hash::{StoredTree, range_proof};
use exhibit_package::disclosure::{Entry, Ground, RANGES, SealedList};
use exhibit_package::manifest::{Medium, Role};
use exhibit_package::write::{Item, Part, PartRange, PayloadFile};

use super::mentions::Mentions;
use crate::evidence_input;
use crate::items::{self, ItemFile};
use crate::outcome::{Failure, shown};
use crate::selection::Selection;
use crate::world::World;

/// What is shown of each item.
type Payload = BTreeMap<String, Vec<PayloadFile>>;

/// A part, ready to be sealed but for the log.
pub(super) struct Disclosed {
    pub(super) items: Vec<Item>,
    pub(super) part: Part,
    pub(super) mentions: Mentions,
    pub(super) shown: usize,
}

impl Disclosed {
    /// What is not in the package, in a sentence.
    pub(super) fn limit(&self) -> String {
        format!(
            "This is a part of a sealed package: {} entries of its list and {} ranges are shown, {} entries are withheld; \
             exhibit/disclosure.json says which and why.",
            self.shown,
            self.part.ranges.len(),
            self.part.withheld.len()
        )
    }
}

/// Splits the list into what is shown and what is withheld, and proves the ranges.
pub(super) fn part(
    world: &World,
    found: &[items::Item],
    list: SealedList,
    selection: &Selection,
    allow_mentions: bool,
) -> Result<Disclosed, Failure> {
    check_terms(&list, selection)?;
    let files: HashMap<(&str, &[u8]), &ItemFile> = found
        .iter()
        .flat_map(|item| item.files.iter().map(|file| ((item.id.as_str(), file.name.bytes()), file)))
        .collect();
    let mut withheld: Vec<(u64, Ground)> = Vec::new();
    let mut hidden: Vec<(&str, &Name, &str)> = Vec::new();
    let mut payload = Payload::new();
    for (index, listed) in (0_u64..).zip(&list.entries) {
        let Entry::File { name, role, sha256, .. } = &listed.entry else { continue };
        if let Some(ground) = selection.ground(&listed.item, &name.to_string()) {
            withheld.push((index, ground.clone()));
            hidden.push((&listed.item, name, sha256));
            continue;
        }
        let Some(file) = files.get(&(listed.item.as_str(), name.bytes())) else {
            let text = format!("item {}: {name} was sealed and is no longer in the case", listed.item);
            return Err(Failure::new(text).hint("look at the case first: exhibit verify CASE"));
        };
        let source = LaterFile::look(&file.path, world.mapping()).map_err(|e| Failure::io("read", &file.path, &e))?;
        let file = PayloadFile {
            role: *role,
            name: name.clone(),
            source: Arc::new(source),
            expected_sha256: Some(sha256.clone()),
        };
        payload.entry(listed.item.clone()).or_default().push(file);
    }
    let mentions = Mentions::of(&hidden);
    if !allow_mentions {
        silent(&payload, &mentions)?;
    }
    let mut ranges = Vec::new();
    for (item, range) in &selection.ranges {
        let (file, part) = cut(world, found, &list, item, *range)?;
        payload.entry(item.clone()).or_default().push(file);
        ranges.push(part);
    }
    withheld.extend(media(&list, &payload, selection));
    withheld.sort_by_key(|(index, _)| *index);
    let shown = list.entries.len().saturating_sub(withheld.len());
    let items = in_order(found, &list, &withheld, payload);
    Ok(Disclosed { items, part: Part { list, withheld, ranges, log: None }, mentions, shown })
}

/// Every term must name something: a slip of the pen must neither show nor hide anything else.
fn check_terms(list: &SealedList, selection: &Selection) -> Result<(), Failure> {
    let known: BTreeSet<&str> = list.entries.iter().map(|listed| listed.item.as_str()).collect();
    if let Some(item) = selection.items().find(|item| !known.contains(item)) {
        return Err(Failure::usage(format!("the sealed package has no item {}", Name::from(item)))
            .hint(format!("its items are: {}", known.into_iter().collect::<Vec<_>>().join(", "))));
    }
    let names: Vec<(String, String)> = list
        .entries
        .iter()
        .filter_map(|listed| match &listed.entry {
            Entry::File { name, .. } => Some((listed.item.clone(), name.to_string())),
            Entry::Medium { .. } => None,
        })
        .collect();
    match selection.idle(&names) {
        Some(term) => Err(Failure::usage(format!("{} names no file of the sealed package", Name::from(term.as_str())))),
        None => Ok(()),
    }
}

/// Texts that are shown must not tell names or digests of what is withheld: a list of recovered files does.
fn silent(payload: &Payload, mentions: &Mentions) -> Result<(), Failure> {
    for (item, file) in payload.iter().flat_map(|(item, files)| files.iter().map(move |file| (item, file))) {
        // An acquisition record tells the digests of its image, which nobody can guess, and is what says where it comes from.
        if matches!(file.role, Role::ImageSegment | Role::HashTree | Role::AcquisitionRecord) {
            continue;
        }
        let told = mentions.told_by(&*file.source);
        let told = told.map_err(|fault| Failure::new(format!("item {item}: {}: {fault}", file.name)))?;
        if let Some(name) = told {
            let text =
                format!("item {item}: {} would be shown, and tells of {name}, which is to be withheld", file.name);
            return Err(Failure::usage(text).hint(format!(
                "withhold it as well (\"!{item}/{}\"), or accept that with --allow-mentions",
                file.name
            )));
        }
    }
    Ok(())
}

/// The media that are withheld: all but those a range is cut from, or whose acquisition record is shown.
fn media(list: &SealedList, payload: &Payload, selection: &Selection) -> Vec<(u64, Ground)> {
    let tells = |file: &PayloadFile| matches!(file.role, Role::AcquisitionRecord | Role::MediumRange);
    let shown = |id: &str| payload.get(id).is_some_and(|files| files.iter().any(tells));
    let medium = |(index, listed): (u64, &exhibit_package::disclosure::ListEntry)| {
        let withheld = matches!(listed.entry, Entry::Medium { .. }) && !shown(&listed.item);
        withheld.then(|| (index, selection.otherwise().clone()))
    };
    (0_u64..).zip(&list.entries).filter_map(medium).collect()
}

/// The items in the order of the case, their files in the order of the case, and media where nothing of an item is missing.
fn in_order(found: &[items::Item], list: &SealedList, withheld: &[(u64, Ground)], mut payload: Payload) -> Vec<Item> {
    let in_part: BTreeSet<&str> = withheld
        .iter()
        .filter_map(|(index, _)| list.entries.get(usize::try_from(*index).ok()?))
        .map(|listed| listed.item.as_str())
        .collect();
    let mut items = Vec::new();
    for item in found {
        let Some((id, mut files)) = payload.remove_entry(&item.id) else { continue };
        let place: HashMap<&[u8], usize> =
            item.files.iter().enumerate().map(|(at, file)| (file.name.bytes(), at)).collect();
        files.sort_by_key(|file| place.get(file.name.bytes()).copied().unwrap_or(usize::MAX));
        let whole = !in_part.contains(id.as_str());
        let medium = item.records.first().filter(|_| whole).map(Medium::from);
        items.push(Item { id, medium, files });
    }
    items
}

/// Cuts a range out of the medium of an item and proves it.
fn cut(
    world: &World,
    found: &[items::Item],
    list: &SealedList,
    id: &str,
    range: ByteRange,
) -> Result<(PayloadFile, PartRange), Failure> {
    let item = found.iter().find(|item| item.id == id);
    let first = item.and_then(|item| item.files.iter().find(|file| file.role == Role::ImageSegment));
    let first = first.ok_or_else(|| Failure::usage(format!("item {id} has no image to cut a range from")))?;
    let root = list.entries.iter().find_map(|listed| match &listed.entry {
        Entry::Medium { tree_root, size_bytes } if listed.item == id => Some((tree_root, *size_bytes)),
        _ => None,
    });
    let (root, size) =
        root.ok_or_else(|| Failure::usage(format!("item {id} was sealed without the root of a hash tree")))?;
    let provable = range_proof::provable(range, size);
    if range.end() > size || provable != range {
        let fitting = format!("{id}@{}:{}", provable.offset, provable.length);
        return Err(Failure::usage(format!("the range {}:{} of item {id} cannot be proven as it is", range.offset, range.length))
            .hint(format!("ranges begin and end at multiples of 4096 bytes; {fitting} is the smallest that holds it, and shows that much more")));
    }
    let evidence = evidence_input::open(world, &first.path)?;
    let tree = evidence_input::open_parts(world, &first.path)?.tree;
    let tree = tree.ok_or_else(|| Failure::new(format!("{}: its hash tree is not there", shown(&first.path))))?;
    let failed = |text: String| Failure::new(format!("item {id}: the range {}:{}: {text}", range.offset, range.length));
    let mut stored = StoredTree::open(&*tree).map_err(|error| failed(error.to_string()))?;
    let medium: Arc<dyn Source> = evidence.image;
    let proof = range_proof::prove(&*medium, &mut stored, range).map_err(|error| failed(error.to_string()))?;
    let bytes = Slice::new(medium, range);
    let proven = range_proof::root(&bytes, range.offset, size, &proof).map_err(|fault| failed(fault.to_string()))?;
    if proven.map(|value| to_hex(&value)).as_ref() != Some(root) {
        return Err(failed("image and hash tree do not give the root that was sealed".to_owned())
            .exit(crate::outcome::Exit::Mismatch)
            .hint("look at the case first: exhibit verify CASE"));
    }
    let name = Name::from(format!("{RANGES}/{:012x}-{}.raw", range.offset, range.length).as_str());
    let file =
        PayloadFile { role: Role::MediumRange, name: name.clone(), source: Arc::new(bytes), expected_sha256: None };
    Ok((file, PartRange { item: id.to_owned(), name, offset: range.offset, length: range.length, proof }))
}
