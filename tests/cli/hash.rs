//! Digests in the formats of other programs.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use exhibit_tests::foreign::{present, run};
use serde_json::Value;

use crate::harness::Desk;
use crate::medium::{digest, mixed, sha256};

/// Names that break lists: spaces, line ends, backslashes, tabs, a leading star and hyphen, bytes that are no text.
const NAMES: [&[u8]; 9] =
    [b"plain", b"a b", b"new\nline", b"cr\rret", b"back\\slash", b"tab\there", b" lead", b"*star", b"not\xfftext"];

fn odd_files(desk: &Desk) {
    for (number, name) in NAMES.iter().enumerate() {
        desk.write(std::path::Path::new("f").join(OsStr::from_bytes(name)), &mixed(100 + number, 1));
    }
    desk.write("f/deep/er/file", b"deep");
    desk.write("f/empty", b"");
}

#[test]
fn sha256sum_accepts_the_list_of_a_folder_whatever_the_names() {
    let desk = Desk::new();
    odd_files(&desk);
    let ran = desk.exhibit("hash f --recursive").ends(0);
    desk.write("list", &ran.stdout);
    assert_eq!(ran.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), NAMES.len() + 2);
    if !present("sha256sum") {
        return;
    }
    let checked =
        Command::new("sha256sum").args(["-c", "--strict", "list"]).current_dir(desk.path("")).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat()));
    for id in ["md5", "sha1", "sha512"] {
        let ran = desk.exhibit(&format!("hash f --recursive --algorithms {id}")).ends(0);
        desk.write("list", &ran.stdout);
        let checked =
            Command::new(format!("{id}sum")).args(["-c", "--strict", "list"]).current_dir(desk.path("")).output();
        assert!(checked.unwrap().status.success(), "{id}");
    }
    // With several digests each line names its own: what `sha256sum -c` also reads.
    let ran = desk.exhibit("hash f --recursive --algorithms sha256,md5").ends(0);
    let tagged: Vec<&[u8]> = ran
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b"SHA256") || line.starts_with(b"\\SHA256"))
        .collect();
    desk.write("list", &tagged.join(&b'\n'));
    let checked =
        Command::new("sha256sum").args(["-c", "--strict", "list"]).current_dir(desk.path("")).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat()));
}

#[test]
fn our_list_is_the_list_of_sha256sum() {
    let desk = Desk::new();
    odd_files(&desk);
    if !present("sha256sum") {
        return;
    }
    for name in NAMES {
        let theirs = Command::new("sha256sum")
            .arg("--")
            .arg(OsStr::from_bytes(name))
            .current_dir(desk.path("f"))
            .output()
            .unwrap();
        let path = std::path::Path::new("f").join(OsStr::from_bytes(name));
        let ours = desk.exhibit("hash --").arg(&path).ends(0).stdout;
        let ours: Vec<u8> = String::from_utf8_lossy(&ours).replacen("f/", "", 1).into_bytes();
        assert_eq!(ours, String::from_utf8_lossy(&theirs.stdout).into_owned().into_bytes(), "{name:?}");
    }
}

#[test]
fn check_says_ok_changed_and_missing_with_its_exit_code() {
    let desk = Desk::new();
    odd_files(&desk);
    let list = desk.exhibit("hash f --recursive").ends(0).stdout;
    desk.write("list", &list);
    let outcome = desk.exhibit("hash --check list").outcome(0);
    assert_eq!(outcome["matched"], NAMES.len() + 2, "{outcome}");
    let tagged = desk.exhibit("hash f --recursive --algorithms md5,sha1,sha256,sha512").ends(0).stdout;
    desk.write("tagged", &tagged);
    assert_eq!(desk.exhibit("hash --check tagged").outcome(0)["matched"], 4 * (NAMES.len() + 2));

    desk.write("f/plain", b"changed");
    let ran = desk.exhibit("hash --check list").ends(4);
    assert!(ran.out().contains("f/plain: FAILED"), "{}", ran.out());
    std::fs::remove_file(desk.path("f/empty")).unwrap();
    assert_eq!(desk.exhibit("hash --check list").outcome(4)["not_read"][0], "f/empty");
    desk.write("f/plain", &mixed(100, 1));
    desk.exhibit("hash --check list").ends(7);
    desk.write("f/empty", b"");
    desk.exhibit("hash --check list").ends(0);

    desk.write("broken", &[&list[..], b"not a line\n"].concat());
    desk.exhibit("hash --check broken").ends(7);
    desk.write("nothing", b"");
    desk.exhibit("hash --check nothing").ends(1);
    desk.write("upper", String::from_utf8_lossy(&list[..64]).to_uppercase().as_bytes());
    desk.exhibit("hash --check upper").ends_in(&[1, 7]);
    desk.write("theirs", format!("{} *f/plain\n", sha256(&mixed(100, 1)).to_uppercase()).as_bytes());
    desk.exhibit("hash --check theirs").ends(0);
}

#[test]
fn lists_of_coreutils_are_checked_whatever_the_names() {
    let desk = Desk::new();
    odd_files(&desk);
    for program in ["sha256sum", "md5sum", "sha512sum", "sha1sum"] {
        if !present(program) {
            continue;
        }
        for more in [&[][..], &["--tag"], &["-b"]] {
            let mut command = Command::new(program);
            command.args(more).arg("--").current_dir(desk.path("f"));
            for name in NAMES {
                command.arg(OsStr::from_bytes(name));
            }
            let theirs = command.output().unwrap();
            let prefixed: Vec<u8> = theirs.stdout;
            desk.write("f/list", &prefixed);
            // Names in the list count from the current folder.
            let mut shell = Command::new(env!("CARGO_BIN_EXE_exhibit"));
            shell.args(["hash", "--check", "list"]).current_dir(desk.path("f")).env("HOME", desk.path("home"));
            let checked = shell.output().unwrap();
            assert_eq!(
                checked.status.code(),
                Some(0),
                "{program} {more:?}: {}",
                String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat())
            );
            std::fs::remove_file(desk.path("f/list")).unwrap();
        }
    }
}

#[test]
fn json_dfxml_and_hashdeep_can_be_read_by_programs() {
    let desk = Desk::new();
    odd_files(&desk);
    let out = desk.exhibit("hash f --recursive --format json --algorithms md5,sha256").ends(0).out();
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), NAMES.len() + 2);
    assert!(
        lines
            .iter()
            .any(|line| line["path"] == "f/new\nline"
                && line["digests"]["md5"] == digest("md5", &mixed(102, 1)).as_str())
    );
    assert!(lines.iter().any(|line| line["path"]["bytes"].is_string()), "what is no text travels as its bytes: {out}");

    desk.write("list.xml", &desk.exhibit("hash f --recursive --format dfxml").ends(0).stdout);
    let script = "import sys, xml.dom.minidom as m; d = m.parse(sys.argv[1]); print(len(d.getElementsByTagName('fileobject')), len(d.getElementsByTagName('hashdigest')))";
    if let Some(said) = run("python3", &["-c".as_ref(), script.as_ref(), &desk.path("list.xml")]) {
        assert_eq!(said.text.trim(), format!("{0} {0}", NAMES.len() + 2));
    }
    let out = desk.exhibit("hash f/plain --format hashdeep --algorithms md5,sha256").ends(0).out();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[..2], ["%%%% HASHDEEP-1.0", "%%%% size,md5,sha256,filename"]);
    let plain = mixed(100, 1);
    assert_eq!(lines[2], format!("100,{},{},f/plain", digest("md5", &plain), sha256(&plain)));
}

#[test]
fn what_cannot_be_hashed_is_an_error_and_the_rest_is_done() {
    let desk = Desk::new();
    odd_files(&desk);
    let ran = desk.exhibit("hash f/plain gone f f/empty").ends(1);
    assert!(ran.out().contains("f/plain") && ran.out().contains("f/empty"), "{}", ran.out());
    assert!(ran.stderr.contains("gone") && ran.stderr.contains("--recursive"), "{}", ran.stderr);
    let outcome = desk.exhibit("hash f/plain gone").outcome(1);
    assert_eq!((outcome["files"].as_array().unwrap().len(), outcome["errors"].as_array().unwrap().len()), (1, 1));
    std::os::unix::fs::symlink("plain", desk.path("f/link")).unwrap();
    std::os::unix::fs::symlink("nowhere", desk.path("f/dangling")).unwrap();
    let ran = desk.exhibit("hash f --recursive").ends_in(&[0, 1]);
    assert!(
        ran.stderr.contains("link") && ran.stderr.contains("dangling"),
        "what is left out is named: {}",
        ran.everything()
    );
}

#[test]
fn the_medium_or_the_file_as_asked() {
    let desk = Desk::new();
    let source = mixed(50_000, 1);
    desk.write("source", &source);
    desk.exhibit("acquire source --to x").ends(0);
    assert!(desk.exhibit("hash x.E01").ends(0).out().starts_with(&sha256(&source)));
    let file = sha256(&desk.read("x.E01"));
    assert!(desk.exhibit("hash x.E01 --as-file").ends(0).out().starts_with(&file));
    desk.write("folder/x.E01", &desk.read("x.E01"));
    assert!(desk.exhibit("hash folder --recursive").ends(0).out().starts_with(&file), "in folders files as they are");
    // A list that we print of an image must hold when it is checked.
    desk.write("list", &desk.exhibit("hash x.E01 --as-file").ends(0).stdout);
    desk.exhibit("hash --check list").ends(0);
}

#[test]
fn large_files_and_small_ones_get_the_same_digest() {
    let desk = Desk::new();
    let large = mixed((65 << 20) + 3, 1);
    desk.write("large", &large);
    desk.write("folder/large", &large);
    for words in
        ["hash large", "hash large --as-file --jobs 1", "hash folder --recursive --no-mmap", "hash large --no-mmap"]
    {
        assert!(desk.exhibit(words).ends(0).out().starts_with(&sha256(&large)), "{words}");
    }
}
