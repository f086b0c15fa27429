//! Bad input and bad circumstances: an exit code, a reason, a hint, and nothing lost.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::Desk;
use crate::machine;
use crate::medium::{mixed, noise};

#[test]
fn what_is_not_there_is_said_to_be_not_there_by_every_verb() {
    let desk = Desk::new();
    for words in [
        "acquire gone --to new/x",
        "info gone",
        "verify gone",
        "export gone --to x",
        "hash gone",
        "hash --check gone",
        "carve gone --to x",
        "custody log --case gone",
        "custody add --case gone words",
        "package gone --to x.zip",
        "report gone --to x.html",
        "key show gone",
        "acquire /etc/passwd --case gone --item 1",
        "new c --number 1 --title t --examiner e --agency a --authority gone",
    ] {
        let ran = desk.exhibit(words).ends_in(&[1, 2]);
        assert!(ran.stderr.contains("gone"), "{words}: the path is named: {}", ran.stderr);
        assert!(ran.stderr.contains("hint: "), "{words}: and what to try next: {}", ran.stderr);
        assert_eq!(desk.list(""), ["home"], "{words} leaves nothing");
    }
}

#[test]
fn sources_that_are_no_media_are_refused() {
    let desk = Desk::new();
    desk.write("folder/file", b"x");
    for source in ["folder", "/dev/null", "/dev/zero", "/dev/tty", "/proc", "/"] {
        desk.exhibit("acquire --to out/x").arg(source).ends(1);
        assert!(!desk.has("out/x.E01"), "{source}");
        for verb in ["info", "export --to y", "carve --to z"] {
            desk.exhibit(verb).arg(source).ends_in(&[1, 2]);
        }
        desk.exhibit("verify").arg(source).ends_in(&[1, 2]);
        desk.exhibit("hash").arg(source).ends_in(&[1, 2]);
    }
    assert!(!desk.has("y") && !desk.has("z/carved.jsonl"));
}

#[test]
fn a_pipe_in_a_folder_does_not_make_anything_wait_for_ever() {
    let desk = Desk::new();
    if !machine::made_pipe(&desk.path("pipe")) {
        return;
    }
    for words in [
        "acquire pipe --to x",
        "info pipe",
        "verify pipe",
        "export pipe --to x",
        "hash pipe",
        "carve pipe --to x",
        "hash --check pipe",
        "verify home --key pipe",
        "key show pipe",
    ] {
        desk.exhibit(words).ends_in(&[1, 2, 5]);
    }
    desk.write("folder/file", b"x");
    assert!(machine::made_pipe(&desk.path("folder/pipe")));
    let ran = desk.exhibit("hash folder --recursive").ends_in(&[0, 1]);
    assert!(ran.said().contains("pipe"), "what is left out is named: {}", ran.said());
}

#[test]
fn a_missing_permission_is_said_with_the_path() {
    let desk = Desk::new();
    let path = desk.write("locked", &mixed(600, 1));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if !desk.has_nobody() {
        return;
    }
    for words in [
        "acquire locked --to /nowhere/x",
        "info locked",
        "verify locked",
        "export locked --to /nowhere/x",
        "hash locked",
        "hash --check locked",
        "carve locked --to /nowhere/y",
        "key show locked",
    ] {
        let ran = desk.exhibit(words).nobody().ends(1);
        assert!(ran.stderr.contains("locked") && ran.stderr.contains("hint: "), "{words}: {}", ran.stderr);
    }
    desk.write("open", &mixed(600, 1));
    for words in [
        "acquire open --to here",
        "export open --to here",
        "carve open --to here",
        "key new --out here",
        "demo --out here",
    ] {
        let ran = desk.exhibit(words).nobody().ends(1);
        assert!(ran.stderr.contains("here") && ran.stderr.contains("ermission"), "{words}: {}", ran.stderr);
    }
    let Some(device) = machine::Loop::over(&desk.path("open"), true) else { return };
    let ran = desk.exhibit(&format!("acquire {} --to here", device.path)).nobody().ends_in(&[1]);
    assert!(ran.stderr.contains("group `disk`"), "{}", ran.stderr);
}

#[test]
fn a_destination_that_cannot_be_written_is_said_with_the_path() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(600, 1));
    desk.write("file", b"not a folder");
    // Neither root nor anybody else makes files in /proc, or a folder below a file.
    for to in ["/proc/x/y", "file/x", "/sys/x"] {
        for words in ["acquire stick.img", "export stick.img", "carve stick.img", "package case", "report case"] {
            let ran = desk.exhibit(words).arg("--to").arg(to).ends_in(&[1, 2]);
            assert!(ran.stderr.contains(to.split_at(4).0), "{words}: {}", ran.stderr);
        }
        desk.exhibit("key new --out").arg(to).ends_in(&[1, 2]);
        desk.exhibit("demo --out").arg(to).ends_in(&[1, 2]);
        desk.exhibit("new --number 1 --title t --examiner e --agency a").arg(to).ends_in(&[1, 2]);
    }
    assert_eq!(desk.read("file"), b"not a folder");
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_known() {
    let desk = Desk::new();
    desk.write("source", &mixed(600, 1));
    desk.begin_case();
    for words in [
        "",
        "frobnicate",
        "acquire",
        "acquire source",
        "acquire source --to x --case case --item 1",
        "acquire source --case case",
        "acquire source --to x --format aff5",
        "acquire source --to x --hash crc7",
        "acquire source --to x --errors magic",
        "acquire source --to x --compression utmost",
        "acquire source --to x --segment-size huge",
        "acquire source --to x --retries 1000000",
        "acquire source --to x --jobs 0",
        "acquire source --to x --jobs -3",
        "acquire source --case case --item ../../x",
        "acquire source --case case --item a/b",
        "acquire source --case case --item .",
        "acquire source --to ..",
        "acquire source --to /",
        "carve source --to y --types exe",
        "carve source --to y --align weekly",
        "hash",
        "hash source --algorithms none",
        "hash source --format xml2",
        "verify source --level deep",
        "export source",
        "export source --to x --format docx",
        "export source --to - --format e01",
        "report case --format pdf3",
        "package case --to p.zip --items 999",
        "custody add --case case",
        "custody add --case case --action SHOUT words",
        "custody add --case case --action",
        "key frobnicate",
        "demo --seed minus",
        "devices extra",
        "verify home",
    ] {
        let before = desk.list("");
        let ran = desk.exhibit(words).ends(2);
        assert!(ran.stderr.len() > 20, "{words}: {}", ran.stderr);
        assert_eq!(before, desk.list(""), "{words} leaves nothing");
    }
    desk.exhibit("acquire source --to x --no-write-block").arg("  ").ends(2);
    desk.exhibit("acquire source --case case --item").arg("a b").ends(2);
    desk.exhibit("acquire source --case case --item").arg("1\u{1b}[2J").ends(2);
    for field in ["number", "title", "examiner", "agency"] {
        let mut call = desk.exhibit("new other");
        for name in ["number", "title", "examiner", "agency"] {
            call = call.arg(format!("--{name}")).arg(if name == field { "a\nb" } else { "a" });
        }
        call.ends(2);
    }
}

#[test]
fn wrong_usage_with_json_still_ends_with_an_outcome() {
    let desk = Desk::new();
    for words in ["frobnicate --json", "acquire --json", "--json", "hash --json", "verify x --level deep --json"] {
        let outcome = desk.exhibit(words).ends(2).outcome();
        assert_eq!((outcome["outcome"].as_str(), outcome["exit_code"].as_u64()), (Some("usage"), Some(2)), "{words}");
        assert!(outcome["error"].as_str().unwrap().len() > 10, "{outcome}");
    }
    // `--json` after `--` is a path, not a wish.
    assert!(desk.exhibit("hash -- --json").run().out().is_empty());
}

#[test]
fn help_and_version_are_no_errors() {
    let desk = Desk::new();
    for words in ["--help", "-h", "--version", "acquire -h", "acquire --help", "custody add --help", "key --help"] {
        let ran = desk.exhibit(words).ends(0);
        assert!(!ran.stdout.is_empty() && ran.stderr.is_empty(), "{words}");
    }
    let short = desk.exhibit("-h").ends(0).out();
    assert!(short.lines().count() <= 50, "-h is one screen, not {} lines", short.lines().count());
    for verb in [
        "demo", "new", "devices", "acquire", "info", "verify", "export", "hash", "carve", "key", "custody", "package",
        "report",
    ] {
        assert!(short.contains(verb), "{verb}");
        let manual = desk.exhibit(&format!("{verb} --help")).ends(0).out();
        assert!(manual.len() > 300, "{verb}");
    }
}

#[test]
fn names_of_every_kind_work_as_source_and_destination() {
    let desk = Desk::new();
    let source = mixed(700, 1);
    for (number, name) in
        ["a b", "ä ö.img", "new\nline", "back\\slash", "-dash", "\u{1b}[31mred", "*?[x]"].into_iter().enumerate()
    {
        desk.write(name, &source);
        // Results have no backslash in their names: they go into packages, and there it would be a folder on Windows.
        let base = format!("x {}", name.replace('\\', "_"));
        desk.exhibit("acquire --to").arg(format!("out{number}/{base}")).arg("--").arg(name).ends(0);
        let image = desk.path(format!("out{number}")).join(format!("{base}.E01"));
        desk.exhibit("verify").arg(&image).ends(0);
    }
    let bytes = OsStr::from_bytes(b"not \xff text");
    desk.write(bytes, &source);
    desk.exhibit("acquire --to plain").arg(bytes).ends(0);
    let record = desk.json("plain.acquisition.json");
    assert!(record["source"]["path"].as_str().unwrap().contains("\\xff"), "{record}");
    desk.exhibit("info").arg(bytes).ends(0);
    desk.exhibit("verify").arg(bytes).ends(7);
    desk.exhibit("export plain.E01 --to").arg(bytes).arg("--range=0:1").ends_in(&[1, 2]);
}

#[test]
fn media_at_odds_with_their_names_are_told_apart_by_content() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    desk.exhibit("package case --to sealed").ends(0);
    let copy = desk.read("case/items/001/001.E01");
    desk.write("image.raw", &copy);
    assert_eq!(desk.exhibit("info image.raw").outcome(0)["format"], "e01");
    desk.write("noise.E01", &noise(4000, 1));
    assert_eq!(desk.exhibit("info noise.E01").outcome(0)["format"], "raw");
    let outcome = desk.exhibit("verify sealed").outcome(0);
    assert!(outcome["sentence"].as_str().unwrap().contains("package"), "{outcome}");
}

#[test]
fn what_lies_beside_an_image_is_not_verified_in_its_place() {
    let desk = Desk::new();
    desk.write("source", &mixed(3000, 1));
    desk.exhibit("acquire source --to x").ends(0);
    for name in ["x.tree", "x.acquisition.json"] {
        let ran = desk.exhibit("verify").arg(name).ends_in(&[1, 2, 7]);
        assert!(!ran.out().contains("Verified"), "{name}: {}", ran.out());
        let own = crate::medium::sha256(&desk.read(name));
        assert!(desk.exhibit("hash").arg(name).ends(0).out().starts_with(&own), "{name} is hashed as itself");
    }
}

#[test]
fn an_image_with_the_record_of_another_is_not_verified() {
    let desk = Desk::new();
    desk.write("one", &mixed(3000, 1));
    desk.write("two", &mixed(3000, 2));
    desk.exhibit("acquire one --to x").ends(0);
    desk.exhibit("acquire two --to y").ends(0);
    for (from, to) in [("y.acquisition.json", "x.acquisition.json"), ("y.tree", "x.tree")] {
        desk.write(to, &desk.read(from));
    }
    desk.exhibit("verify x.E01").ends_in(&[4, 7]);
    // Renamed with its record: the record names other files, and that is said.
    desk.write("z.E01", &desk.read("y.E01"));
    desk.write("z.acquisition.json", &desk.read("y.acquisition.json"));
    desk.exhibit("verify z.E01").ends_in(&[4, 7]);
}

#[test]
fn acquiring_into_the_own_source_is_not_possible() {
    let desk = Desk::new();
    let source = mixed(3000, 1);
    desk.write("x.raw", &source);
    desk.exhibit("acquire x.raw --to x --format raw").ends(1);
    assert!(desk.read("x.raw") == source && desk.list("") == ["home", "x.raw"]);
}
