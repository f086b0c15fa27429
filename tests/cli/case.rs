//! A case from its beginning to the check of its package.

use serde_json::Value;

use crate::harness::Desk;
use crate::medium::{mixed, sha256};

fn actions(desk: &Desk) -> Vec<String> {
    let log = desk.exhibit("custody log --case case").outcome(0);
    let records = log["records"].as_array().unwrap().iter();
    records.map(|record| record["action"].as_str().unwrap().to_owned()).collect()
}

/// A case with two items, a note and carved files, as an examiner leaves it.
fn worked_on(desk: &Desk) {
    let forged = exhibit_forge::Recipe::empty(5, 8 << 20)
        .plant("png", 20_000, exhibit_forge::State::Deleted, false)
        .plant("jpeg", 40_000, exhibit_forge::State::Lost, false)
        .forge()
        .unwrap();
    desk.write("disk.raw", forged.disk.bytes());
    desk.case_with_item(&mixed(70_001, 1));
    desk.exhibit("acquire disk.raw --case case --item 002 --format raw").ends(0);
    desk.exhibit("custody add --case case --item 001 --action sealed --seal 4711").ends(0);
    desk.exhibit("carve case/items/002/002.raw --to case/items/002/carved").ends(0);
}

#[test]
fn from_new_to_a_package_that_its_receiver_can_check() {
    let desk = Desk::new();
    worked_on(&desk);
    desk.exhibit("verify case").ends(0);
    desk.exhibit("package case --to p.zip").arg("--for").arg("Court 12").ends(0);
    desk.exhibit("export case/items/001/001.E01 --to out.raw").ends(0);
    desk.exhibit("report case --to report.html").ends(0);
    assert_eq!(
        actions(&desk),
        [
            "case-opened",
            "acquisition-planned",
            "acquired",
            "acquisition-planned",
            "acquired",
            "sealed",
            "derived", // the lists
            "derived", // the files
            "verified",
            "packaging-planned",
            "packaged",
            "exported",
            "reported"
        ],
        "every command on a case is in its log by itself"
    );
    desk.exhibit("verify case").ends(0);

    let key = "home/config/exhibit/signing-key.pub";
    let verified = desk.exhibit("verify p.zip --key").arg(key).outcome(0);
    assert!(verified["sentence"].as_str().unwrap().starts_with("Verified"), "{verified}");

    // Somebody else's machine: no key, then a key of their own, then a wrong one on purpose.
    for _ in 0..2 {
        let stranger = desk.exhibit("verify p.zip").home("stranger").ends(7);
        assert!(!stranger.out().contains("Verified"), "{}", stranger.out());
    }
    desk.exhibit("key new --out other").home("stranger").ends(0);
    desk.exhibit("key new").home("stranger").ends_in(&[0, 1]);
    desk.exhibit("verify p.zip").home("stranger").ends(7);
    desk.exhibit("verify p.zip --key other.pub").ends_in(&[4, 7]);
    desk.exhibit("verify p.zip --key").arg(key).home("stranger").ends(0);
    desk.exhibit("verify case").home("nobody").ends(7);
    desk.exhibit("verify case --key other.pub").home("nobody").ends_in(&[4, 7]);

    for (level, code) in [("structure", 7), ("tree", 7), ("full", 0)] {
        let ran = desk.exhibit(&format!("verify p.zip --level {level}")).ends(code);
        assert!(code == 0 || !ran.out().contains("Verified"), "less than a full check is not called so: {}", ran.out());
    }
}

#[test]
fn looking_at_somebody_elses_case_changes_nothing_in_it_and_makes_no_key() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    let before = desk.list("case/custody");
    for words in [
        "verify case",
        "verify case/items/001/001.E01",
        "info case/items/001/001.E01",
        "custody log --case case",
        "hash case/items/001/001.E01",
    ] {
        desk.exhibit(words).home("stranger").ends_in(&[0, 7]);
        assert_eq!(desk.list("case/custody"), before, "{words}");
        assert!(desk.list("stranger/config/exhibit").is_empty(), "{words}: looking is no reason to make a signing key");
    }
    // Whoever is not the signer of the log cannot extend it by mistake.
    let ran = desk.exhibit("custody add --case case words").home("stranger").ends(1);
    assert!(ran.stderr.contains("another key"), "{}", ran.stderr);
    assert_eq!(desk.list("case/custody"), before);
    desk.exhibit("verify case").ends(0);
}

#[test]
fn authority_and_scope_travel_into_package_and_report() {
    let desk = Desk::new();
    desk.write("stick.img", &mixed(3000, 1));
    desk.write("warrant.json", br#"{"court":"AG Example","number":"1 Gs 2/26"}"#);
    desk.write("scope.txt", "Pictures only, from 2025 <b>".as_bytes());
    desk.exhibit("new case --number 1 --title t --examiner e --agency a --authority warrant.json --scope scope.txt")
        .ends(0);
    desk.exhibit("acquire stick.img --case case --item 001").ends(0);
    let html = desk.exhibit("report case").ends(0).out();
    assert!(html.contains("AG Example") && html.contains("1 Gs 2/26"), "the authority");
    assert!(html.contains("Pictures only") && !html.contains("2025 <b>"), "the scope, and it cannot write HTML");
    let again = desk.exhibit("report case --check --to checked.html").ends(0);
    assert!(!again.out().contains("panicked"));
    assert!(desk.text("checked.html").to_lowercase().contains("verified"));
    assert!(!html.contains("Verified:"), "without a check nothing is called verified");
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("src=\"/"), "self-contained");
    for bad in [vec![0xff, 0xfe, 0x00], vec![b'{'; 2 << 20]] {
        desk.write("bad", &bad);
        desk.exhibit("new c2 --number 1 --title t --examiner e --agency a --authority bad").ends_in(&[1, 2]);
        assert!(!desk.has("c2"), "nothing is begun");
    }
}

#[test]
fn a_case_that_is_not_one_is_refused_by_every_verb() {
    let desk = Desk::new();
    desk.write("stick.img", &mixed(3000, 1));
    for (name, bytes) in
        [("a", "{}"), ("b", "no json"), ("c", "{\"format\":\"exhibit-case/99\"}"), ("d", ""), ("e", "[[[[[[")]
    {
        desk.write(format!("{name}/case.json"), bytes.as_bytes());
        for words in [
            "acquire stick.img --item 1 --case",
            "custody log --case",
            "custody add words --case",
            "package --to p.zip",
            "report",
        ] {
            desk.exhibit(words).arg(name).ends_in(&[1, 2]);
        }
        desk.exhibit("verify").arg(name).ends_in(&[1, 4, 7]);
        assert_eq!(desk.list(name), ["case.json"], "nothing is added to what is no case");
    }
    desk.begin_case();
    let ran = desk.exhibit("package case --to p.zip").ends(1);
    assert!(ran.stderr.contains("no evidence"), "{}", ran.stderr);
    desk.exhibit("verify case").ends_in(&[0, 7]);
}

#[test]
fn what_is_changed_after_it_was_recorded_is_found_in_the_case_and_does_not_get_into_a_package() {
    let desk = Desk::new();
    worked_on(&desk);
    let carved = exhibit_tests::places::files_below(&desk.path("case/items/002/carved"), ".png");
    let carved = std::path::Path::new("case/items/002/carved").join(&carved[0]);
    for name in [
        "case/items/001/001.E01",
        "case/items/002/002.raw",
        "case/items/001/001.tree",
        "case/items/001/001.acquisition.json",
        "case/items/002/carved/carved.jsonl",
        carved.to_str().unwrap(),
    ] {
        let bytes = desk.read(name);
        let mut changed = bytes.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        desk.write(name, &changed);
        let ran = desk.exhibit("verify case").ends(4);
        let short = name.trim_start_matches("case/");
        assert!(ran.out().contains(short.rsplit('/').next().unwrap()), "{name} is named: {}", ran.out());
        let package = desk.exhibit(&format!("package case --to {}.zip", short.replace('/', "-"))).run();
        if package.code == Some(0) {
            // The packager need not check everything; then the receiver's check must not pass.
            let ran = desk.exhibit(&format!("verify {}.zip", short.replace('/', "-"))).ends_in(&[4, 7]);
            println!("{name}: packaged although changed; its check says {:?}", ran.code);
        }
        desk.write(name, &bytes);
    }
    desk.exhibit("verify case").ends(0);
}

#[test]
fn only_the_items_asked_for_are_packaged_and_the_package_says_so() {
    let desk = Desk::new();
    worked_on(&desk);
    desk.exhibit("package case --to one.zip --items 001").ends(0);
    let ran = desk.exhibit("verify one.zip").ends(0);
    assert!(!ran.out().contains("Item 002"), "{}", ran.out());
    let size = desk.path("one.zip").metadata().unwrap().len();
    assert!(size < 2 << 20, "the second item is not in it: {size}");
}

#[test]
fn a_case_can_be_moved_and_read_from_a_place_that_cannot_be_written() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    std::fs::rename(desk.path("case"), desk.path("elsewhere")).unwrap();
    desk.exhibit("verify elsewhere").ends(0);
    desk.exhibit("package elsewhere --to p.zip").ends(0);
    desk.exhibit("verify p.zip").ends(0);
    let Some(mounted) =
        crate::machine::Mounted::new("none", "bind", desk.path("elsewhere").to_str().unwrap(), desk.path("ro"))
    else {
        return;
    };
    let words: [&std::ffi::OsStr; 3] = ["-o".as_ref(), "remount,bind,ro".as_ref(), mounted.point.as_os_str()];
    if crate::machine::tool("mount", &words).is_none() {
        return;
    }
    let ran = desk.exhibit("verify ro").ends(0);
    assert!(ran.stderr.contains("not recorded"), "it works, and says that the log was not extended: {}", ran.stderr);
    desk.exhibit("custody log --case ro").ends(0);
    desk.exhibit("custody add --case ro words").ends(1);
    desk.exhibit("info ro/items/001/001.E01").ends(0);
}

#[test]
fn the_outcome_of_packaging_is_what_is_in_the_log() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    let sealed = desk.exhibit("package case --to p.zip").outcome(0);
    assert_eq!(sealed["size_bytes"], desk.read("p.zip").len());
    let log = desk.exhibit("custody log --case case").outcome(0);
    let last: &Value = log["records"].as_array().unwrap().last().unwrap();
    assert_eq!(last["details"]["tagmanifest_sha256"], sealed["tagmanifest_sha256"], "{last}");
    let acquired = log["records"].as_array().unwrap().iter().find(|record| record["action"] == "acquired").unwrap();
    let files = acquired["details"]["files"].as_array().unwrap();
    for file in files {
        let bytes = desk.read(format!("case/{}", file["path"].as_str().unwrap()));
        assert_eq!(file["sha256"], sha256(&bytes).as_str(), "{file}");
    }
    assert_eq!(files.len(), 3);
}
