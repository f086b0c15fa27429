//! Recovered files, their lists, and whether the lists are true.

use std::collections::BTreeSet;

use exhibit_forge::{Recipe, State};
use exhibit_tests::{foreign, places};
use serde_json::Value;

use crate::harness::Desk;
use crate::medium::{digest, noise, sha256};

/// Everything that CLI.md says of the outputs of a carver, checked against the medium byte by byte.
pub(crate) fn lists_are_true(desk: &Desk, folder: &str, medium: &[u8]) {
    let list = desk.text(format!("{folder}/carved.jsonl"));
    let mut written = BTreeSet::new();
    for line in list.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        for member in ["path", "type", "size", "sha256", "md5", "extents", "class", "reasons", "parent"] {
            assert!(line.get(member).is_some(), "{member}: {line}");
        }
        let class = line["class"].as_str().unwrap();
        assert!(["proven", "consistent", "partial", "header-only"].contains(&class), "{line}");
        assert!(!line["reasons"].as_array().unwrap().is_empty(), "{line}");
        let extents: Vec<(usize, usize)> = line["extents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|extent| (extent["offset"].as_u64().unwrap() as usize, extent["length"].as_u64().unwrap() as usize))
            .collect();
        let Some(path) = line["path"].as_str() else {
            assert!(class == "partial" || class == "header-only", "listed, not written: {line}");
            continue;
        };
        let cut: Vec<u8> =
            extents.iter().flat_map(|&(offset, length)| &medium[offset..offset + length]).copied().collect();
        let bytes = desk.read(format!("{folder}/{path}"));
        assert!(cut == bytes, "{path} is not what lies at {extents:?}");
        assert_eq!(line["size"], bytes.len());
        assert_eq!(
            (line["sha256"].as_str(), line["md5"].as_str()),
            (Some(&*sha256(&bytes)), Some(&*digest("md5", &bytes)))
        );
        let (kind, name) = path.split_once('/').unwrap();
        let (stem, _) = name.split_once('.').unwrap();
        assert_eq!(kind, line["type"], "{line}");
        assert!(
            stem.len() == 12 && usize::from_str_radix(stem, 16) == Ok(extents[0].0),
            "<type>/<offset, 12 hex digits>: {path}"
        );
        assert!(written.insert(path.to_owned()), "{path} twice");
    }
    let own = ["carved.jsonl", "carved.dfxml", "summary.json"];
    let there: BTreeSet<String> = places::files_below(&desk.path(folder), "")
        .into_iter()
        .map(|path| path.to_string_lossy().into_owned())
        .filter(|name| !own.contains(&name.as_str()))
        .collect();
    assert_eq!(there, written, "every file is listed, and every listed file is there");
    let summary = desk.json(format!("{folder}/summary.json"));
    assert_eq!(summary["bytes_scanned"], medium.len(), "{summary}");
    assert!(!summary["parameters"].is_null() && !summary["counts"].is_null(), "{summary}");
    let dfxml = desk.text(format!("{folder}/carved.dfxml"));
    assert!(dfxml.contains("<fileobject>") || written.is_empty());
    let script = "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])";
    if let Some(said) =
        foreign::run("python3", &["-c".as_ref(), script.as_ref(), &desk.path(folder).join("carved.dfxml")])
    {
        assert!(said.success, "{}", said.text);
    }
}

#[test]
fn planted_files_come_back_from_raw_and_e01_alike() {
    let desk = Desk::new();
    let mut recipe = Recipe::empty(11, 16 << 20);
    for kind in ["jpeg", "png", "gif", "pdf", "zip", "docx", "sqlite"] {
        recipe = recipe.plant(kind, 40_000, State::Deleted, false).plant(kind, 30_000, State::Live, false);
    }
    let forged = recipe.forge().unwrap();
    desk.write("disk.raw", forged.disk.bytes());
    desk.exhibit("acquire disk.raw --to x").ends(0);
    desk.exhibit("carve disk.raw --to raw").ends(0);
    desk.exhibit("carve x.E01 --to e01 --jobs 1").ends(0);
    lists_are_true(&desk, "raw", forged.disk.bytes());
    assert_eq!(desk.read("raw/carved.jsonl"), desk.read("e01/carved.jsonl"), "threads and containers change nothing");
    let list = desk.text("raw/carved.jsonl");
    for object in forged.truth.objects.iter().filter(|object| object.recoverable_by_carving) {
        assert!(list.contains(&object.sha256), "{} at {:?}", object.id, object.extents);
    }
    desk.exhibit("carve disk.raw --to some --types png,pdf").ends(0);
    let kinds: Vec<String> = desk.list("some").into_iter().filter(|name| !name.contains('.')).collect();
    assert_eq!(kinds, ["pdf", "png"]);
    desk.exhibit("carve disk.raw --to all --keep all --align byte").ends(0);
    desk.exhibit("carve disk.raw --to proven --keep proven --fragments off --max-size 10KiB").ends(0);
    assert!(
        places::files_below(&desk.path("proven"), "").iter().all(|path| desk
            .path("proven")
            .join(path)
            .metadata()
            .unwrap()
            .len()
            <= 65_536
            || path.starts_with("carved"))
    );
}

#[test]
fn a_list_is_cut_again_from_any_image_of_the_same_medium_and_a_change_is_found() {
    let desk = Desk::new();
    let forged = Recipe::empty(12, 16 << 20).plant("jpeg", 40_000, State::Deleted, false).forge().unwrap();
    let medium = forged.disk.bytes().to_vec();
    desk.write("disk.raw", &medium);
    desk.exhibit("acquire disk.raw --to x").ends(0);
    desk.exhibit("carve disk.raw --to out").ends(0);
    let list = desk.text("out/carved.jsonl");
    let outcome = desk.exhibit("carve x.E01 --recut out/carved.jsonl --json").ends(0).outcome();
    assert_eq!(outcome["same"], list.lines().count());
    assert!(desk.list("").iter().all(|name| !name.starts_with("jpeg")), "nothing is written");

    let first: Value = serde_json::from_str(list.lines().next().unwrap()).unwrap();
    let at = first["extents"][0]["offset"].as_u64().unwrap() as usize;
    let mut changed = medium.clone();
    changed[at + 5] ^= 1;
    desk.write("changed.raw", &changed);
    let ran = desk.exhibit("carve changed.raw --recut out/carved.jsonl").ends(4);
    assert!(ran.everything().contains("line 1: the bytes at its extents have SHA-256"), "{}", ran.everything());
    desk.write("cut.raw", &medium[..at + 10]);
    desk.exhibit("carve cut.raw --recut out/carved.jsonl").ends(4);
    desk.write("list", list.replacen("\"size\":", "\"size\":1", 1).as_bytes());
    desk.exhibit("carve x.E01 --recut list").ends(4);
    desk.write("list", b"");
    desk.exhibit("carve x.E01 --recut list").ends(7);
    desk.exhibit("carve x.E01 --recut out/carved.jsonl --to other").ends(2);
    // In a case it is recorded; for somebody who has no key of the case, or another one, the answer is the same.
    desk.case_with_item(&medium);
    desk.exhibit("carve case/items/001/001.E01 --recut out/carved.jsonl").ends(0);
    assert!(desk.exhibit("custody log --case case").ends(0).out().contains("cut again by a carver's list"));
    desk.exhibit("carve case/items/001/001.E01 --recut out/carved.jsonl").home("stranger").ends(0);
    desk.exhibit("key new").home("stranger").ends(0);
    desk.exhibit("carve case/items/001/001.E01 --recut out/carved.jsonl").home("stranger").ends(0);
    desk.exhibit("carve x.E01").ends(2);
}

#[test]
fn dftt_8_gives_its_pictures_and_none_of_its_traps() {
    let desk = Desk::new();
    let Some(packed) = places::data_file("carve/dftt-8-jpeg-search.zip") else { return };
    let Some(files) = foreign::unpack(&packed, &desk.path("home")) else { return };
    let medium = std::fs::read(&files[0]).unwrap();
    desk.exhibit("carve --to out").arg(&files[0]).ends(0);
    lists_are_true(&desk, "out", &medium);
    desk.exhibit("carve --to bytes --align byte").arg(&files[0]).ends(0);
    lists_are_true(&desk, "bytes", &medium);
    let Some(expected) = places::data("expected/carve-dftt-8-places.tsv") else { return };
    let expected = String::from_utf8(expected).unwrap();
    for line in expected.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, size, md5, place] = fields[..] else { continue };
        let Some(at) = place.strip_prefix("contiguous@") else { continue };
        let at: u64 = at.split(' ').next().unwrap().parse().unwrap();
        // Where a file system is seen, files begin at sectors; what lies inside other files is found byte by byte.
        let list = desk.text(if at.is_multiple_of(512) { "out/carved.jsonl" } else { "bytes/carved.jsonl" });
        let lines = list.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let here: Vec<Value> = lines.filter(|found| found["extents"][0]["offset"] == at).collect();
        if name.starts_with("invalid/") {
            let proven = here
                .iter()
                .any(|found| found["type"] == "jpeg" && found["class"] != "header-only" && !found["path"].is_null());
            assert!(!proven, "{name} is a trap: {here:?}");
        } else if name.ends_with(".jpg")
            || name.contains("JPEG inside")
            || name.ends_with("file2.dat")
            || name.ends_with("file7.hmm")
        {
            let found = here.iter().any(|found| found["md5"] == md5 && !found["path"].is_null());
            assert!(found, "{name} ({size} bytes at {at}): {here:?}");
        }
    }
}

#[test]
fn nothing_is_found_in_noise_and_that_is_no_error() {
    let desk = Desk::new();
    for (name, bytes) in [
        ("noise", noise(3 << 20, 4)),
        ("zeros", vec![0; 3 << 20]),
        ("ones", vec![0xff; 1 << 20]),
        ("empty", Vec::new()),
        ("one", vec![0xff]),
    ] {
        desk.write(name, &bytes);
        let out = format!("out-{name}");
        desk.exhibit("carve --to").arg(&out).arg(name).ends(0);
        lists_are_true(&desk, &out, &bytes);
        assert_eq!(desk.list(&out), ["carved.dfxml", "carved.jsonl", "summary.json"], "{name}");
    }
}

#[test]
fn carving_a_damaged_image_says_what_was_not_searched() {
    let desk = Desk::new();
    let source = noise(3 << 20, 4);
    desk.write("source", &source);
    desk.exhibit("acquire source --to x --compression none").ends(0);
    let mut image = desk.read("x.E01");
    let place = image.windows(64).position(|bytes| bytes == &source[1_000_000..1_000_064]).unwrap();
    image[place] ^= 1;
    desk.write("x.E01", &image);
    let outcome = desk.exhibit("carve x.E01 --to out").outcome(3);
    assert_eq!(outcome["summary"]["bytes_unreadable"], 32_768, "{outcome}");
}

#[test]
fn only_what_no_file_system_holds_is_searched_if_asked_for() {
    let desk = Desk::new();
    let recipe = Recipe::empty(13, 16 << 20).plant("jpeg", 40_000, State::Deleted, false);
    let forged =
        recipe.plant("png", 40_000, State::Live, false).plant("gif", 40_000, State::Deleted, false).forge().unwrap();
    desk.write("disk.raw", forged.disk.bytes());
    desk.exhibit("acquire disk.raw --to x").ends(0);
    let outcome = desk.exhibit("carve x.E01 --to out --unallocated --gallery --json").ends(0).outcome();
    let kinds = |folder: &str| -> BTreeSet<String> {
        let list = desk.text(format!("{folder}/carved.jsonl"));
        let line = |line: &str| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().unwrap().to_owned();
        list.lines().map(line).collect()
    };
    assert_eq!(kinds("out"), ["gif", "jpeg"].map(str::to_owned).into(), "the living picture is left out");
    let searched = outcome["summary"]["areas"]["bytes"].as_u64().unwrap();
    assert_eq!(outcome["summary"]["bytes_scanned"], searched);
    assert!((8 << 20..16 << 20).contains(&searched), "{outcome}");
    assert!(outcome["unallocated"][0]["used_bytes"].as_u64().unwrap() > 40_000, "{outcome}");
    assert_eq!(desk.text("out/gallery.html").matches("<img").count(), 2);
    desk.exhibit("carve x.E01 --recut out/carved.jsonl").ends(0);
    desk.exhibit("carve x.E01 --to all").ends(0);
    assert!(kinds("all").contains("png"));

    desk.write("noise", &noise(1 << 20, 4));
    let refused = desk.exhibit("carve noise --to other --unallocated").ends(1);
    assert!(refused.said().contains("no file system whose free space is understood"), "{}", refused.said());
}
