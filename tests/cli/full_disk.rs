//! Disks that are full, and files that may not grow: an error, and nothing under a final name.

use crate::harness::Desk;
use crate::machine::Mounted;
use crate::medium::{mixed, noise};

/// Files below `folder` whose names do not say that they are unfinished.
fn finished(desk: &Desk, folder: &str) -> Vec<String> {
    let all = exhibit_tests::places::files_below(&desk.path(folder), "");
    let names = all.into_iter().map(|path| path.to_string_lossy().into_owned());
    names.filter(|name| !name.ends_with(".partial")).collect()
}

#[test]
fn a_full_disk_is_an_error_with_a_hint_and_leaves_no_image() {
    let desk = Desk::new();
    let Some(_tiny) = Mounted::new("tmpfs", "size=2m", "tiny", desk.path("tiny")) else { return };
    desk.write("noise", &noise(5 << 20, 1));
    for words in [
        "acquire noise --to tiny/a/x",
        "acquire noise --to tiny/b/x --format raw",
        "acquire noise --to tiny/c/x --segment-size 1MiB",
        "export noise --to tiny/d/x.raw",
        "export noise --to tiny/e/x --format e01",
    ] {
        let ran = desk.exhibit(words).ends(1);
        assert!(ran.stderr.contains("hint: "), "{words}: {}", ran.stderr);
        assert!(finished(&desk, "tiny").is_empty(), "{words}: {:?}", finished(&desk, "tiny"));
        for name in exhibit_tests::places::files_below(&desk.path("tiny"), "") {
            std::fs::remove_file(desk.path("tiny").join(name)).unwrap();
        }
    }
}

#[test]
fn a_full_disk_under_a_case_package_report_or_carver_loses_nothing_that_was_there() {
    let desk = Desk::new();
    let forged = exhibit_forge::Recipe::empty(3, 8 << 20)
        .plant("png", 2_000_000, exhibit_forge::State::Deleted, false)
        .forge()
        .unwrap();
    let Some(tiny) = Mounted::new("tmpfs", "size=1m", "tiny", desk.path("tiny")) else { return };
    desk.case_with_item(&mixed(900_000, 1));
    desk.write("disk.raw", forged.disk.bytes());
    desk.write("tiny/mine", &noise(900_000, 2));
    desk.exhibit("package case --to tiny/p.zip").ends(1);
    desk.exhibit("carve disk.raw --to tiny/carved").ends(1);
    desk.exhibit("demo --out tiny/demo").ends(1);
    assert!(desk.read("tiny/mine") == noise(900_000, 2));
    let left: Vec<String> = finished(&desk, "tiny")
        .into_iter()
        .filter(|name| name.ends_with(".zip") || name.ends_with(".png") || name.ends_with(".E01"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    desk.exhibit("verify case").ends(0);
    drop(tiny);
}

#[test]
fn a_case_on_a_full_disk_keeps_its_log_whole() {
    let desk = Desk::new();
    let Some(_tiny) = Mounted::new("tmpfs", "size=1m", "tiny", desk.path("tiny")) else { return };
    desk.write("stick.img", &mixed(3000, 1));
    desk.exhibit("new tiny/case --number 1 --title t --examiner e --agency a").ends(0);
    desk.exhibit("acquire stick.img --case tiny/case --item 001").ends(0);
    let mut number = 0;
    // Fill it to the last page, then go on recording: each try must be recorded whole or not at all.
    while std::fs::write(desk.path(format!("tiny/fill{number}")), noise(16 << 10, number)).is_ok() {
        number += 1;
    }
    std::fs::remove_file(desk.path(format!("tiny/fill{}", number / 2))).unwrap();
    let mut recorded = 0;
    for _ in 0..12 {
        recorded += usize::from(desk.exhibit("custody add --case tiny/case words").ends_in(&[0, 1]).code == Some(0));
    }
    assert!(recorded < 12, "the disk was meant to be full");
    std::fs::remove_file(desk.path("tiny/fill0")).unwrap();
    std::fs::remove_file(desk.path("tiny/fill1")).unwrap();
    let verdict = desk.exhibit("verify tiny/case").ends_in(&[0, 7]);
    let log = desk.exhibit("custody log --case tiny/case").outcome(0);
    let notes = log["records"].as_array().unwrap().iter().filter(|record| record["action"] == "note").count();
    assert_eq!(notes, recorded, "{}", verdict.out());
    desk.exhibit("custody add --case tiny/case again").ends(0);
}

#[test]
fn a_limit_on_file_size_leaves_nothing_under_a_final_name() {
    let desk = Desk::new();
    desk.write("noise", &noise(3 << 20, 1));
    for words in ["acquire noise --to out/x", "acquire noise --to out/x --format raw", "export noise --to out/x.raw"] {
        let ran = desk.exhibit(words).file_limit_kib(512).run();
        assert!(ran.code == Some(1) || ran.signal.is_some(), "{}", ran.everything());
        assert!(finished(&desk, "out").is_empty(), "{words}: {:?}", finished(&desk, "out"));
        let _ = std::fs::remove_dir_all(desk.path("out"));
    }
}
