//! What a sealed package holds, and what happens when it cannot be sealed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod support;

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cancel, Class, Event, Phase, Silent};
use exhibit_package::layout;
use exhibit_package::manifest::{Manifest, Role};
use exhibit_package::write::{Signer, seal};
use exhibit_testkit::{Faulty, MemoryStore, Transcript, pattern};
use serde_json::json;
use support::{ARCHIVE, BAG, from_source, image, plan, seal_in_memory, sha256, signer};

/// Members in the archive's order, names without the bag's folder.
fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let member = |at| {
        let mut member = zip.by_index(at).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        let name = member.name().unwrap().strip_prefix(&format!("{BAG}/")).unwrap().to_owned();
        (name, bytes)
    };
    (0..zip::ZipArchive::new(Cursor::new(archive)).unwrap().len()).map(member).collect()
}

fn sealed_members() -> BTreeMap<String, Vec<u8>> {
    let (store, sealed) = seal_in_memory(&plan());
    sealed.unwrap();
    members(&store.get(ARCHIVE).unwrap()).into_iter().collect()
}

#[test]
fn members_lie_in_the_documented_order_and_hold_what_was_given() {
    let (store, sealed) = seal_in_memory(&plan());
    let sealed = sealed.unwrap();
    let archive = store.get(ARCHIVE).unwrap();
    assert_eq!((sealed.size_bytes, sealed.payload_files), (archive.len() as u64, 12));
    let members = members(&archive);
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.is_sorted_by_key(|name| layout::member_order(name)), "{names:?}");
    assert_eq!(names[..2], [layout::BAGIT, layout::BAG_INFO]);
    assert_eq!(names.last(), Some(&layout::SIGNATURE_SHA512));
    assert!(names.iter().all(|name| layout::is_safe_path(name)));
    let members: BTreeMap<_, _> = members.into_iter().collect();
    let joined = [&members["data/items/HDD-1/disk.001"][..], &members["data/items/HDD-1/disk.002"]].concat();
    assert!(joined == image());
    assert_eq!(members[layout::BAGIT], layout::BAGIT_TEXT.as_bytes());
    assert_eq!(members["exhibit/custody/000001.jsonl"], b"{\"seq\":0}\n");
}

#[test]
fn the_same_plan_makes_the_same_bytes_and_the_order_of_tag_files_does_not_matter() {
    let (first, second) = (plan(), {
        let mut plan = plan();
        plan.tag_files.reverse();
        plan.archive = "another name.zip".to_owned();
        plan
    });
    let (a, b) = (seal_in_memory(&first).0, seal_in_memory(&second).0);
    assert!(a.get(ARCHIVE).unwrap() == b.get("another name.zip").unwrap());
}

#[test]
fn manifests_list_every_payload_file_once_and_tag_manifests_everything_else() {
    let members = sealed_members();
    let listed = |manifest: &str| -> BTreeMap<String, String> {
        let text = String::from_utf8(members[manifest].clone()).unwrap();
        let lines = text.lines().map(|line| line.split_once("  ").unwrap());
        lines.map(|(digest, path)| (path.to_owned(), digest.to_owned())).collect()
    };
    let mut expected: Vec<&String> = members.keys().filter(|name| !layout::UNLISTED.contains(&name.as_str())).collect();
    let (payload, tags) = (listed(layout::PAYLOAD_SHA256), listed(layout::TAGS_SHA256));
    assert!(payload.keys().all(|path| path.starts_with("data/")) && !tags.keys().any(|path| path.starts_with("data/")));
    let mut all: Vec<&String> = payload.keys().chain(tags.keys()).collect();
    all.sort();
    expected.sort();
    assert_eq!(all, expected);
    for (path, digest) in payload.iter().chain(&tags) {
        assert_eq!(*digest, sha256(&members[path]), "{path}");
    }
    assert!(listed(layout::PAYLOAD_SHA512).keys().eq(payload.keys()));
    assert!(listed(layout::TAGS_SHA512).keys().eq(tags.keys()));
}

#[test]
fn the_manifest_is_canonical_and_keeps_every_original_name() {
    let members = sealed_members();
    let bytes = &members[layout::MANIFEST];
    let manifest: Manifest = serde_json::from_slice(bytes).unwrap();
    assert_eq!(*bytes, serde_json_canonicalizer::to_vec(&manifest).unwrap());
    let plan = plan();
    for (item, given) in manifest.items.iter().zip(&plan.items) {
        assert_eq!(item.id, given.id);
        for (file, given) in item.files.iter().zip(&given.files) {
            assert_eq!(file.original_name, given.name);
            assert_eq!((file.size, &file.sha256), (given.source.size(), &sha256(&members[&file.path])));
        }
    }
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(r#""scope":null"#) && text.contains(r#""bytes":"ff00""#), "{text}");
}

#[test]
fn hostile_words_stay_on_their_line_in_bag_info() {
    let members = sealed_members();
    let text = String::from_utf8(members[layout::BAG_INFO].clone()).unwrap();
    assert!(text.contains("External-Description: Practice case\\u{a}second line\n"), "{text}");
    assert!(text.contains("Source-Organization: Example Agency: Digital\n"));
    assert!(text.contains("Bagging-Date: 2026-11-24\n") && text.contains(".12\n"), "{text}");
}

#[test]
fn both_tag_manifests_are_signed_in_the_namespace_of_packages() {
    let members = sealed_members();
    for (path, signature) in
        [(layout::TAGS_SHA256, layout::SIGNATURE_SHA256), (layout::TAGS_SHA512, layout::SIGNATURE_SHA512)]
    {
        let expected = support::stamp("exhibit-package", &members[path]).unwrap();
        assert_eq!(String::from_utf8(members[signature].clone()).unwrap(), expected);
    }
}

#[test]
fn a_sector_that_cannot_be_read_stops_the_work_and_is_named() {
    let mut plan = plan();
    let bad = Faulty::new(pattern(4 << 20)).bad(ByteRange::new(2_097_664, 1));
    plan.items[0].files.push(from_source(Role::ImageSegment, "disk.003", Arc::new(bad)));
    let (store, sealed) = seal_in_memory(&plan);
    let error = sealed.unwrap_err();
    assert_eq!(error.class(), Class::Io);
    let text = error.to_string();
    assert!(text.contains("data/items/HDD-1/disk.003") && text.contains("2097664 (0x200200)"), "{text}");
    assert_unfinished(&store);
}

/// Only the partial name exists, and no unpacker takes it for an archive.
fn assert_unfinished(store: &MemoryStore) {
    assert_eq!(store.names(), [format!("{ARCHIVE}.partial")]);
    let bytes = store.get(&format!("{ARCHIVE}.partial")).unwrap();
    assert!(zip::ZipArchive::new(Cursor::new(bytes)).is_err());
}

#[test]
fn a_file_that_changed_since_it_was_recorded_is_not_sealed() {
    let mut plan = plan();
    plan.items[0].files[3].expected_sha256 = Some(sha256(&[7; 96]));
    assert!(seal_in_memory(&plan).1.is_ok());
    plan.items[0].files[3].expected_sha256 = Some(sha256(&[8; 96]));
    let (store, sealed) = seal_in_memory(&plan);
    let error = sealed.unwrap_err();
    assert_eq!(error.class(), Class::Corrupt);
    assert!(error.to_string().contains("disk.tree: has changed"), "{error}");
    assert_unfinished(&store);
}

#[test]
fn a_wish_to_stop_is_honoured_and_nothing_is_sealed() {
    let (store, cancel) = (MemoryStore::new(), Cancel::new());
    cancel.cancel();
    let error = seal(&plan(), &signer(), &store, &Silent, &cancel).unwrap_err();
    assert_eq!(error.class(), Class::Interrupted);
    assert_unfinished(&store);
}

#[test]
fn a_full_disk_at_any_point_leaves_an_unfinished_name_only() {
    let whole = seal_in_memory(&plan()).1.unwrap().size_bytes;
    for room in (0..whole).step_by(usize::try_from(whole / 40).unwrap()).chain([whole - 1]) {
        let store = MemoryStore::failing_after(room);
        let error = seal(&plan(), &signer(), &store, &Silent, &Cancel::new()).unwrap_err();
        assert_eq!(error.class(), Class::Io, "{error}");
        assert_eq!(store.names(), [format!("{ARCHIVE}.partial")], "room {room}");
    }
}

#[test]
fn a_signer_that_fails_or_returns_something_else_stops_the_work() {
    let refuse = |_: &str, _: &[u8]| Err("the key is locked".into());
    let other = |_: &str, _: &[u8]| Ok("untrusted comment: minisign".to_owned());
    let store = MemoryStore::new();
    let error = seal(&plan(), &Signer { sign: &refuse, ..signer() }, &store, &Silent, &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains("the key is locked"), "{error}");
    assert_unfinished(&store);
    let signer = Signer { sign: &other, ..signer() };
    assert!(seal(&plan(), &signer, &MemoryStore::new(), &Silent, &Cancel::new()).is_err());
}

#[test]
fn plans_that_contradict_themselves_are_refused_before_anything_is_created() {
    type Spoil = fn(&mut exhibit_package::write::PackagePlan);
    let spoils: [(&str, Spoil); 10] = [
        ("folder up", |plan| plan.bag_name = "..".to_owned()),
        ("option as folder", |plan| plan.bag_name = "-rf".to_owned()),
        ("no file", |plan| plan.items.iter_mut().for_each(|item| item.files.clear())),
        ("outside exhibit", |plan| plan.tag_files[0].0 = "data/items/x".to_owned()),
        ("path up", |plan| plan.tag_files[0].0 = "exhibit/../x".to_owned()),
        ("written by us", |plan| plan.tag_files[0].0 = layout::MANIFEST.to_uppercase().replace("EXHIBIT", "exhibit")),
        ("twice", |plan| plan.tag_files[0].0 = "exhibit/CASE.json".to_owned()),
        ("file is folder", |plan| plan.tag_files[0].0 = "exhibit/x/y".to_owned()),
        ("same item twice", |plan| plan.items[1].id = plan.items[0].id.clone()),
        ("same name twice", |plan| plan.items[0].files[1].name = plan.items[0].files[0].name.clone()),
    ];
    for (what, spoil) in spoils {
        let mut plan = plan();
        plan.tag_files.push(("exhibit/X".to_owned(), Vec::new()));
        spoil(&mut plan);
        let (store, sealed) = seal_in_memory(&plan);
        assert_eq!(sealed.unwrap_err().class(), Class::Usage, "{what}");
        assert!(store.names().is_empty(), "{what}");
    }
    let signer = Signer { principal: "jane doe".to_owned(), ..signer() };
    assert!(seal(&plan(), &signer, &MemoryStore::new(), &Silent, &Cancel::new()).is_err());
}

#[test]
fn numbers_that_would_be_rounded_are_refused() {
    let mut plan = plan();
    plan.scope = json!({"bytes": 9_007_199_254_740_993_u64});
    assert_eq!(seal_in_memory(&plan).1.unwrap_err().class(), Class::Limit);
}

#[test]
fn progress_ends_at_the_total_announced() {
    let transcript = Transcript::default();
    seal(&plan(), &signer(), &MemoryStore::new(), &transcript, &Cancel::new()).unwrap();
    let events = transcript.events();
    let Some(Event::Started { phase: Phase::Package, total_bytes }) = events.first() else { panic!("{events:?}") };
    let last = events.iter().rev().find_map(|event| match event {
        Event::Progress { done_bytes, .. } => Some(*done_bytes),
        _ => None,
    });
    assert_eq!(last, Some(*total_bytes));
    assert_eq!(events.last(), Some(&Event::Finished { phase: Phase::Package }));
}
