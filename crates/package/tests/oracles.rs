//! Packages read by programs nobody here wrote: unzip, sha256sum, ssh-keygen, bagit.py and Python's zipfile.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod support;

use std::path::Path;
use std::process::Output;

use exhibit_evidence::{Cancel, Silent};
use exhibit_package::layout::SIGNATURE_NAMESPACE;
use exhibit_package::manifest::Role;
use exhibit_package::write::{SignError, Signer, seal};
use exhibit_testkit::MemoryStore;
use support::{ARCHIVE, BAG, plan, seal_in_memory};
use tempfile::TempDir;

#[expect(clippy::disallowed_methods, reason = "the oracles are other programs")]
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<Output> {
    match std::process::Command::new(program).args(arguments).current_dir(folder).output() {
        Ok(output) => Some(output),
        Err(error) => {
            announce(&format!("skipped: {program}: {error}"));
            None
        }
    }
}

#[expect(clippy::disallowed_macros, reason = "a test that was skipped must be seen")]
fn announce(line: &str) {
    eprintln!("{line}");
}

fn text(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

/// Runs and insists on success; `None` if the program is not there.
fn succeed(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = run(folder, program, arguments)?;
    assert!(output.status.success(), "{program} {arguments:?}: {}", text(&output));
    Some(text(&output))
}

#[expect(clippy::disallowed_methods, reason = "other programs need real files")]
fn save(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "other programs need real files")]
fn load(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// A folder with the archive of the sample plan in it.
fn archive() -> TempDir {
    let folder = TempDir::new().unwrap();
    let (store, sealed) = seal_in_memory(&plan());
    sealed.unwrap();
    save(folder.path(), ARCHIVE, &store.get(ARCHIVE).unwrap());
    folder
}

#[test]
fn unzip_finds_no_fault_and_no_folder_but_the_bag() {
    let folder = archive();
    let Some(report) = succeed(folder.path(), "unzip", &["-t", ARCHIVE]) else { return };
    assert!(report.contains("No errors detected"), "{report}");
    let Some(long) = succeed(folder.path(), "zipinfo", &[ARCHIVE]) else { return };
    let members: Vec<&str> = long.lines().filter(|line| line.starts_with('-')).collect();
    assert_eq!(members.len(), 12 + 15, "{long}");
    for line in members {
        assert!(line.starts_with("-rw-r--r--") && line.contains(" 80-Jan-01 00:00 ") && line.contains(BAG), "{line}");
    }
}

#[test]
fn python_reads_every_member_and_its_modes() {
    let folder = archive();
    let program = "import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None and z.comment == b''
for i in z.infolist():
    assert i.date_time == (1980, 1, 1, 0, 0, 0), i
    assert i.external_attr >> 16 == 0o100644 and i.create_system == 3, i
    assert not i.flag_bits & 0b1001 and not i.extra and not i.is_dir(), i
print(len(z.infolist()))";
    let Some(count) = succeed(folder.path(), "python3", &["-c", program, ARCHIVE]) else { return };
    assert_eq!(count.trim(), "27");
}

#[test]
fn bagit_py_calls_the_bag_valid_and_notices_a_changed_byte() {
    let folder = archive();
    if succeed(folder.path(), "unzip", &["-q", ARCHIVE]).is_none() {
        return;
    }
    let Some(report) = succeed(folder.path(), "bagit.py", &["--validate", BAG]) else { return };
    assert!(report.contains("is valid"), "{report}");
    save(&folder.path().join(BAG), "data/items/HDD-1/disk.tree", &[8; 96]);
    let Some(output) = run(folder.path(), "bagit.py", &["--validate", BAG]) else { return };
    assert!(!output.status.success());
}

#[test]
fn more_members_than_sixteen_bits_can_count_are_read_by_others() {
    let mut plan = plan();
    let file = |n: u32| support::file(Role::Derived, format!("carve/{n:06}.bin"), n.to_le_bytes());
    plan.items[0].files.extend((0..66_000).map(file));
    let (store, sealed) = seal_in_memory(&plan);
    let members = sealed.unwrap().payload_files + 15;
    let folder = TempDir::new().unwrap();
    save(folder.path(), ARCHIVE, &store.get(ARCHIVE).unwrap());
    let program = "import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).infolist()))";
    if let Some(count) = succeed(folder.path(), "python3", &["-c", program, ARCHIVE]) {
        assert_eq!(count.trim(), members.to_string());
    }
    succeed(folder.path(), "unzip", &["-tqq", ARCHIVE]);
}

/// A key of this test alone, and a package signed with it by `ssh-keygen` itself.
fn signed_package(folder: &Path) -> Option<()> {
    succeed(folder, "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "jane", "-f", "key"])?;
    let public_key = load(folder, "key.pub");
    let listed = succeed(folder, "ssh-keygen", &["-l", "-f", "key.pub"])?;
    let fingerprint = listed.split(' ').nth(1)?.to_owned();
    let sign = |namespace: &str, message: &[u8]| -> Result<String, SignError> {
        save(folder, "message", message);
        let arguments = ["-Y", "sign", "-q", "-f", "key", "-n", namespace, "message"];
        succeed(folder, "ssh-keygen", &arguments).ok_or("ssh-keygen is gone")?;
        let signature = load(folder, "message.sig");
        #[expect(clippy::disallowed_methods, reason = "ssh-keygen asks before it replaces a file")]
        std::fs::remove_file(folder.join("message.sig"))?;
        Ok(signature)
    };
    let key_words = public_key.rsplit_once(' ')?.0;
    let allowed_signers = format!("jane@example.org namespaces=\"{SIGNATURE_NAMESPACE}\" {key_words}\n");
    let principal = "jane@example.org".to_owned();
    let signer = Signer {
        principal,
        fingerprint,
        public_key: public_key.clone(),
        allowed_signers,
        sign: &sign,
        note: &support::note,
    };
    let store = MemoryStore::new();
    seal(&plan(), &signer, &store, &Silent, &Cancel::new()).unwrap();
    save(folder, ARCHIVE, &store.get(ARCHIVE).unwrap());
    Some(())
}

/// The commands of `VERIFY.txt` after the first two, which unpack.
fn commands(folder: &Path) -> Vec<String> {
    let text = load(&folder.join(BAG), "exhibit/VERIFY.txt");
    text.lines().filter_map(|line| line.strip_prefix("    $ ")).skip(2).map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_instructions_gives_what_they_promise() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    if signed_package(here).is_none() || succeed(here, "unzip", &["-q", ARCHIVE]).is_none() {
        return;
    }
    let bag = here.join(BAG);
    let instructions = load(&bag, "exhibit/VERIFY.txt");
    let left_open = instructions.lines().filter(|line| line.contains('{') && !line.contains("\\u{a}"));
    assert_eq!(left_open.count(), 0, "{instructions}");
    let commands = commands(here);
    assert_eq!(commands.len(), 13, "{commands:?}");
    let mut all = String::new();
    for command in &commands {
        all += &succeed(&bag, "bash", &["-c", command]).unwrap();
    }
    assert_eq!(all.lines().filter(|line| line.ends_with(": OK")).count(), 12 + 11, "{all}");
    assert!(instructions.contains("Lines expected: 12,") && instructions.contains("Lines expected: 11,"));
    assert!(all.contains("nothing added, nothing missing"), "{all}");
    let good =
        all.lines().filter(|line| line.starts_with("Good \"exhibit-package\" signature for jane@example.org")).count();
    assert_eq!(good, 2, "{all}");
    let digest = all.lines().rev().find(|line| line.ends_with("  -")).unwrap();
    assert!(instructions.contains(&format!("Expected: {digest}")), "{digest}");
}

#[test]
fn the_instructions_notice_a_change_an_addition_and_another_key() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    if signed_package(here).is_none() || succeed(here, "unzip", &["-q", ARCHIVE]).is_none() {
        return;
    }
    let bag = here.join(BAG);
    let fails = |command: &str| !run(&bag, "bash", &["-c", command]).unwrap().status.success();
    let commands = commands(here);
    let with = |word: &str| commands.iter().find(|command| command.contains(word)).unwrap();
    let compare = commands[2..8].join(" && ");
    assert!(compare.contains("diff ") && !fails(&compare));
    save(&bag, "data/added.txt", b"planted");
    assert!(fails(&compare));
    #[expect(clippy::disallowed_methods, reason = "takes the planted file away again")]
    std::fs::remove_file(bag.join("data/added.txt")).unwrap();
    assert!(!fails(&compare));
    succeed(&bag, "ln", &["-s", "/etc/hostname", "data/link"]);
    assert!(fails(&compare), "a link is an addition too");
    save(&bag, "exhibit/report.html", b"another report");
    assert!(fails(with("--strict tagmanifest-sha256.txt")));
    assert!(!fails(with("-s signatures/tagmanifest-sha256.txt.sig")));
    let listed = load(&bag, "tagmanifest-sha256.txt");
    save(&bag, "tagmanifest-sha256.txt", listed.replace('a', "b").as_bytes());
    assert!(fails(with("-s signatures/tagmanifest-sha256.txt.sig")));
}
