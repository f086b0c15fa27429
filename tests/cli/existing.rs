//! An output that exists is an error, and stays as it was: for every verb that writes.

use crate::harness::Desk;
use crate::medium::mixed;

/// A desk with a case, an image, and everything that the verbs need.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.case_with_item(&mixed(40_000, 1));
    desk
}

/// Runs `words` with `name` there already, first as a file, then as an unfinished one of an earlier run.
fn is_kept(desk: &Desk, words: &str, name: &str) {
    for taken in [name.to_owned(), format!("{name}.partial")] {
        desk.write(&taken, b"mine");
        let ran = desk.exhibit(words).ends_in(&[1, 2]);
        assert_eq!(desk.read(&taken), b"mine", "{words}: {taken}");
        assert!(ran.stderr.contains("exist") || ran.stderr.contains("earlier run"), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains("hint: "), "{words}: what to try next: {}", ran.stderr);
        if taken != name {
            assert!(!desk.has(name), "{words}: nothing under the final name");
        }
        std::fs::remove_file(desk.path(&taken)).unwrap();
    }
}

#[test]
fn acquire_and_export_replace_nothing() {
    let desk = desk();
    for name in ["x.E01", "x.acquisition.json", "x.tree"] {
        is_kept(&desk, "acquire stick.img --to x", name);
        is_kept(&desk, "export stick.img --to x --format e01", name);
    }
    for name in ["x.raw", "x.acquisition.json", "x.tree"] {
        is_kept(&desk, "acquire stick.img --to x --format raw", name);
    }
    is_kept(&desk, "export stick.img --to y", "y");
    assert_eq!(desk.list(""), ["case", "home", "stick.img"], "and nothing else is left behind");
}

#[test]
fn a_second_segment_that_exists_is_not_replaced() {
    let desk = desk();
    desk.write("big", &crate::medium::noise(3 << 20, 1));
    desk.write("x.E02", b"mine");
    desk.exhibit("acquire big --to x --segment-size 1MiB").ends(1);
    assert_eq!(desk.read("x.E02"), b"mine");
    assert!(!desk.has("x.E01") && !desk.has("x.acquisition.json"), "{:?}", desk.list(""));
}

#[test]
fn carve_package_report_key_demo_and_new_replace_nothing() {
    let desk = desk();
    for name in ["out/carved.jsonl", "out/carved.dfxml", "out/summary.json"] {
        is_kept(&desk, "carve stick.img --to out", name);
    }
    is_kept(&desk, "package case --to p.zip", "p.zip");
    is_kept(&desk, "report case --to r.html", "r.html");
    is_kept(&desk, "key new --out k", "k");
    desk.write("k.pub", b"mine");
    desk.exhibit("key new --out k").ends(1);
    assert_eq!(desk.read("k.pub"), b"mine");
    assert!(!desk.has("k"), "no half of a key is left");
    desk.write("d/mine", b"mine");
    desk.exhibit("demo --out d").ends(1);
    assert_eq!(desk.list("d"), ["mine"]);
    let before = desk.list("case/custody");
    desk.exhibit("new case --number 2 --title t --examiner e --agency a").ends(1);
    assert_eq!(before, desk.list("case/custody"));
    desk.exhibit("verify case").ends(0);
}

#[test]
fn an_item_that_was_imaged_is_not_imaged_over() {
    let desk = desk();
    let before = desk.read("case/items/001/001.E01");
    desk.exhibit("acquire stick.img --case case --item 001").ends(1);
    desk.exhibit("acquire stick.img --case case --item 001 --format raw").ends(1);
    assert!(desk.read("case/items/001/001.E01") == before);
    desk.exhibit("verify case").ends(0);
}

#[test]
fn recovered_files_that_exist_are_not_replaced() {
    let desk = Desk::new();
    let forged = exhibit_forge::Recipe::empty(3, 8 << 20)
        .plant("png", 20_000, exhibit_forge::State::Deleted, false)
        .forge()
        .unwrap();
    desk.write("disk.raw", forged.disk.bytes());
    let name = format!("out/png/{:012x}.png", forged.truth.objects[0].extents[0].offset);
    desk.write(&name, b"mine");
    desk.exhibit("carve disk.raw --to out").ends_in(&[1]);
    assert_eq!(desk.read(&name), b"mine");
}
