//! The script of `docs/spec/`, which shares no line with the program, in the hands of somebody who only has Python,
//! `ssh-keygen` and `openssl`.

use std::path::{Path, PathBuf};
use std::process::Command;

use exhibit_tests::foreign::{present, run};
use exhibit_tests::places::{files_below, project};

use crate::harness::Desk;
use crate::medium::mixed;

/// A case with an E01 and a raw image, sealed, and its bag unpacked; `None`, after saying so, without the programs.
fn unpacked(desk: &Desk) -> Option<PathBuf> {
    if !["python3", "ssh-keygen", "openssl"].iter().all(|program| present(program)) {
        return None;
    }
    desk.case_with_item(&mixed(1_070_001, 1));
    desk.write("more.img", &mixed(5000, 2));
    desk.exhibit("acquire more.img --case case --item B-2 --format raw").ends(0);
    desk.exhibit("package case --to p.zip").ends(0);
    let said = run("unzip", &["-q".as_ref(), &desk.path("p.zip"), "-d".as_ref(), &desk.path("u")])?;
    assert!(said.success, "{}", said.text);
    Some(desk.path("u").join(&desk.list("u")[0]))
}

/// Exit status and words of the script.
pub(crate) fn script(package: &Path, key: Option<&Path>) -> (Option<i32>, String) {
    let mut command = Command::new("python3");
    command.arg(project().join("docs/spec/check-package.py")).arg(package).args(key);
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_independent_script_finds_a_sound_package_sound_and_says_what_it_did_not_check() {
    let desk = Desk::new();
    let Some(bag) = unpacked(&desk) else { return };
    let key = bag.join("signatures/signer.pub");
    for package in [desk.path("p.zip"), bag.clone(), desk.path("u")] {
        let (code, text) = script(&package, Some(&key));
        assert_eq!(code, Some(0), "{}: {text}", package.display());
        assert!(text.contains("item 001: 1070001 bytes") && text.contains("item B-2: 5000 bytes"), "{text}");
        let (code, text) = script(&package, None);
        assert!(code == Some(7) && text.contains("no key was given"), "{text}");
    }
    desk.exhibit("key new --out other-key").ends(0);
    let (code, text) = script(&bag, Some(&desk.path("other-key.pub")));
    assert!(code == Some(4) && text.contains("no good signature"), "{text}");
}

#[test]
fn the_independent_script_finds_a_changed_byte_in_every_file() {
    let desk = Desk::new();
    let Some(bag) = unpacked(&desk) else { return };
    let key = desk.write("key.pub", &std::fs::read(bag.join("signatures/signer.pub")).unwrap());
    let names = files_below(&bag, "");
    assert!(names.len() > 15, "{names:?}");
    for (number, name) in names.iter().enumerate() {
        let path = bag.join(name);
        let sound = std::fs::read(&path).unwrap();
        let mut changed = sound.clone();
        // Another place in each file; the last but one byte of armour and notes is text that counts.
        let at = (number * 7919 + 11) % sound.len();
        changed[at] ^= 1;
        std::fs::write(&path, changed).unwrap();
        let (code, text) = script(&bag, Some(&key));
        assert_eq!(code, Some(4), "{} at {at}: {text}", name.display());
        desk.exhibit("verify").arg(&bag).ends(4);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(script(&bag, Some(&key)).0, Some(4), "without {}", name.display());
        std::fs::write(&path, sound).unwrap();
    }
    std::fs::write(bag.join("data/items/001/planted"), b"x").unwrap();
    let (code, text) = script(&bag, Some(&key));
    assert!(code == Some(4) && text.contains("data/items/001/planted is in no manifest"), "{text}");
    std::fs::remove_file(bag.join("data/items/001/planted")).unwrap();
    assert_eq!(script(&bag, Some(&key)).0, Some(0));
}
