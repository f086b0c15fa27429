//! A sealed package in the hands of somebody who has only general tools.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use exhibit_tests::foreign::{present, run};

use crate::harness::Desk;
use crate::medium::mixed;

fn sealed(desk: &Desk) {
    desk.case_with_item(&mixed(70_001, 1));
    desk.write("more.img", &mixed(5000, 2));
    desk.exhibit("acquire more.img --case case --item B-2 --format raw").ends(0);
    desk.exhibit("package case --to p.zip").ends(0);
}

/// Unpacks `p.zip` into `u` and gives the bag's folder.
fn unpacked(desk: &Desk) -> Option<PathBuf> {
    let said = run("unzip", &["-q".as_ref(), &desk.path("p.zip"), "-d".as_ref(), &desk.path("u")])?;
    assert!(said.success, "{}", said.text);
    Some(desk.path("u").join(&desk.list("u")[0]))
}

#[test]
fn unzip_bagit_and_sha256sum_accept_it_and_we_accept_the_unpacked_folder() {
    let desk = Desk::new();
    sealed(&desk);
    let Some(said) = run("unzip", &["-t".as_ref(), &desk.path("p.zip")]) else { return };
    assert!(said.success && said.text.contains("No errors detected"), "{}", said.text);
    let Some(bag) = unpacked(&desk) else { return };
    desk.exhibit("verify").arg(&bag).ends(0);
    desk.exhibit("verify u").ends(0);
    desk.exhibit("verify").arg(&bag).home("stranger").ends(7);
    for list in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        assert!(present("sha256sum"));
        let checked = Command::new("sha256sum").args(["-c", "--strict", list]).current_dir(&bag).output().unwrap();
        assert!(checked.status.success(), "{list}: {}", String::from_utf8_lossy(&checked.stderr));
    }
    let Some(said) = run("bagit.py", &["--validate".as_ref(), &bag]) else { return };
    assert!(said.success, "{}", said.text);
    let payload = bag.join("data/items/001/001.E01");
    assert!(std::fs::read(payload).unwrap() == desk.read("case/items/001/001.E01"), "payload as in the case");
    for name in ["exhibit/manifest.json", "exhibit/report.html", "exhibit/VERIFY.txt", "bag-info.txt"] {
        assert!(bag.join(name).is_file(), "{name}");
    }
}

/// Runs one line of the instructions in a shell, as the receiver types it.
fn typed(line: &str, folder: &Path) -> (bool, String) {
    let output = Command::new("bash").arg("-c").arg(line).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn every_line_of_its_instructions_works_as_it_stands() {
    let desk = Desk::new();
    sealed(&desk);
    if !["unzip", "sha256sum", "sha512sum", "ssh-keygen", "bash"].iter().all(|program| present(program)) {
        return;
    }
    let Some(bag) = unpacked(&desk) else { return };
    let instructions = std::fs::read_to_string(bag.join("exhibit/VERIFY.txt")).unwrap();
    let lines: Vec<&str> = instructions.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    assert!(lines.len() > 8, "{lines:?}");
    for line in lines.iter().filter(|line| !line.starts_with("unzip ") && !line.starts_with("cd ")) {
        let (success, text) = typed(line, &bag);
        assert!(success, "{line}: {text}");
        if line.starts_with("diff ") {
            assert!(text.contains("nothing added, nothing missing"), "{text}");
        }
        if line.contains("-Y verify") {
            assert!(text.contains("Good \"exhibit-package\" signature"), "{text}");
        }
    }
    assert!(instructions.contains(&format!(
        "Lines expected: {},",
        std::fs::read_to_string(bag.join("manifest-sha256.txt")).unwrap().lines().count()
    )));

    // And they fail where they must: a changed evidence file, a changed record, a forged list, a file too many.
    let flip = |name: &str| {
        let mut bytes = std::fs::read(bag.join(name)).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        std::fs::write(bag.join(name), bytes).unwrap();
    };
    for (name, command) in [
        ("data/items/001/001.E01", "sha256sum --check --strict manifest-sha256.txt"),
        ("exhibit/report.html", "sha256sum --check --strict tagmanifest-sha256.txt"),
        ("tagmanifest-sha256.txt", lines.iter().find(|line| line.contains("-Y verify")).unwrap()),
    ] {
        flip(name);
        assert!(!typed(command, &bag).0, "{command} does not find a changed {name}");
        desk.exhibit("verify").arg(&bag).ends_in(&[4, 7]);
        flip(name);
    }
    std::fs::write(bag.join("data/planted"), b"x").unwrap();
    desk.exhibit("verify").arg(&bag).ends(4);
    std::fs::remove_file(bag.join("data/planted")).unwrap();
    std::fs::remove_file(bag.join("exhibit/report.html")).unwrap();
    desk.exhibit("verify").arg(&bag).ends_in(&[4, 7]);
}

#[test]
fn links_in_an_unpacked_package_lead_nowhere() {
    let desk = Desk::new();
    sealed(&desk);
    let Some(bag) = unpacked(&desk) else { return };
    let payload = bag.join("data/items/001/001.E01");
    std::fs::rename(&payload, desk.path("outside")).unwrap();
    std::os::unix::fs::symlink(desk.path("outside"), &payload).unwrap();
    desk.exhibit("verify").arg(&bag).ends_in(&[4, 7]);
}

#[test]
fn two_packages_of_one_case_hold_the_same_payload() {
    let desk = Desk::new();
    sealed(&desk);
    desk.exhibit("package case --to q.zip").ends(0);
    let manifest = |name: &str| run("unzip", &["-p".as_ref(), &desk.path(name), "*/manifest-sha256.txt".as_ref()]);
    let (Some(one), Some(two)) = (manifest("p.zip"), manifest("q.zip")) else { return };
    assert!(one.success && one.text == two.text && one.text.contains("data/items/B-2/"), "{}", one.text);
    desk.exhibit("verify q.zip").ends(0);
}

#[test]
fn a_package_that_is_renamed_cut_together_or_wrapped_is_still_judged() {
    let desk = Desk::new();
    sealed(&desk);
    let bytes = desk.read("p.zip");
    desk.write("renamed.raw", &bytes);
    desk.exhibit("verify renamed.raw").ends(0);
    for (name, wrapped) in [
        ("before", [b"junk".as_slice(), &bytes].concat()),
        ("after", [bytes.as_slice(), b"junk"].concat()),
        ("twice", [bytes.as_slice(), &bytes].concat()),
    ] {
        desk.write(name, &wrapped);
        desk.exhibit("verify").arg(name).ends_in(&[4, 7]);
    }
    // Without the file by which a package is known first it is a package that is not whole, and no medium.
    let Some(said) = run("zip", &["-q".as_ref(), "-d".as_ref(), &desk.path("p.zip"), "*/bagit.txt".as_ref()]) else {
        return;
    };
    assert!(said.success, "{}", said.text);
    desk.exhibit("verify p.zip").ends(4);
}
