//! Packages on their way: encrypted, in parts, and received.

use std::process::Command;

use exhibit_tests::foreign::present;

use crate::harness::Desk;
use crate::medium::mixed;

/// Makes an age key with the public program; `None`, after saying so, without it.
fn age_key(desk: &Desk, name: &str) -> Option<String> {
    if !present("age") || !present("age-keygen") {
        return None;
    }
    let made = Command::new("age-keygen").arg("-o").arg(desk.path(name)).output().unwrap();
    assert!(made.status.success());
    Some(desk.text(name).lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned())
}

/// Runs the public program in the folder of the desk; the words are split at spaces.
fn age(desk: &Desk, words: &str) {
    let output = Command::new("age").args(words.split(' ')).current_dir(desk.path(".")).output().unwrap();
    assert!(output.status.success(), "age {words}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn age_opens_what_we_encrypt_and_we_open_what_age_encrypts() {
    let desk = Desk::new();
    let Some(first) = age_key(&desk, "first.txt") else { return };
    let Some(second) = age_key(&desk, "second.txt") else { return };
    let Some(third) = age_key(&desk, "third.txt") else { return };
    desk.case_with_item(&mixed(300_001, 1));
    desk.write("list.txt", format!("# colleagues\n\n{second}\n{second}\n").as_bytes());
    let call = desk.exhibit("package case --to p.zip.age --for Prosecutor --encrypt-to list.txt --encrypt-to");
    call.arg(&first).ends(0);
    assert!(desk.list("case/outbox").is_empty(), "nothing plain is left: {:?}", desk.list("case/outbox"));
    for identity in ["first.txt", "second.txt"] {
        age(&desk, &format!("-d -i {identity} -o opened.zip p.zip.age"));
        desk.exhibit("verify opened.zip").ends(0);
        std::fs::remove_file(desk.path("opened.zip")).unwrap();
        let ran = desk.exhibit(&format!("verify p.zip.age --verbose --identity {identity}")).ends(0);
        assert!(ran.out().contains("one of 2"), "{}", ran.out());
    }
    // Without an identity, or with a wrong one, nothing was looked at.
    let closed = desk.exhibit("verify p.zip.age").ends(7);
    assert!(closed.out().contains("--identity"), "{}", closed.out());
    let closed = desk.exhibit("verify p.zip.age --identity third.txt").ends(7);
    assert!(closed.out().contains("X25519"), "{}", closed.out());
    desk.exhibit("verify p.zip.age --identity list.txt").ends(1);
    // What was sealed for the first two and is passed on to a third is found out.
    age(&desk, "-d -i first.txt -o q.zip p.zip.age");
    age(&desk, &format!("-r {third} -o q.zip.age q.zip"));
    let passed = desk.exhibit("verify q.zip.age --identity third.txt").ends(4);
    assert!(passed.out().contains("somebody else has encrypted it again"), "{}", passed.out());
    // A package that names nobody inside and was encrypted by age: it opens, and that question stays open.
    desk.exhibit("package case --to plain.zip").ends(0);
    age(&desk, &format!("-r {third} -o plain.zip.age plain.zip"));
    let ran = desk.exhibit("verify plain.zip.age --identity third.txt").ends(7);
    assert!(ran.out().contains("may have been passed on"), "{}", ran.out());
    // A changed or a cut file does not open.
    let sound = desk.read("p.zip.age");
    for length in [sound.len() - 1, sound.len() / 2, 100] {
        desk.write("cut.age", &sound[..length]);
        desk.exhibit("verify cut.age --identity first.txt").ends(4);
    }
    let mut changed = sound.clone();
    changed[sound.len() / 2] ^= 1;
    desk.write("changed.age", &changed);
    desk.exhibit("verify changed.age --identity first.txt").ends(4);
}

#[test]
fn an_openssh_key_opens_what_is_encrypted_to_it() {
    let desk = Desk::new();
    if !present("ssh-keygen") {
        return;
    }
    for (name, words) in [("ssh", ""), ("locked", "correct")] {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", words, "-C", "a b", "-f"]).arg(desk.path(name));
        assert!(keygen.status().unwrap().success());
    }
    desk.case_with_item(&mixed(20_001, 1));
    desk.exhibit("package case --to p.zip.age --encrypt-to ssh.pub --encrypt-to locked.pub").ends(0);
    desk.exhibit("verify p.zip.age --identity ssh").ends(0);
    desk.exhibit("verify p.zip.age --identity locked").env("EXHIBIT_PASSPHRASE", "correct").ends(0);
    desk.exhibit("verify p.zip.age --identity locked").env("EXHIBIT_PASSPHRASE", "wrong").ends(1);
    if present("age") {
        age(&desk, "-d -i ssh -o q.zip p.zip.age");
        desk.exhibit("verify q.zip").ends(0);
        age(&desk, "-R ssh.pub -o r.zip.age q.zip");
        desk.exhibit("verify r.zip.age --identity ssh").ends(0);
    }
    for (bad, words) in [
        ("age1nonsense", "not an X25519 public key"),
        ("stick.img", "stick.img"),
        ("ssh-dss AAAA", "not a public key"),
        ("ssh-rsa AAAA", "an RSA key"),
    ] {
        let ran = desk.exhibit("package case --to s.zip.age --encrypt-to").arg(bad).ends(2);
        assert!(ran.stderr.contains(words), "{bad}: {}", ran.stderr);
    }
}

#[test]
fn parts_are_joined_from_several_places_and_missing_and_foreign_ones_are_named() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(400_001, 1));
    let outcome = desk.exhibit("package case --to out/p.zip --split 128KiB").outcome(0);
    let count = outcome["parts"].as_array().unwrap().len();
    assert!(count >= 3, "{outcome}");
    let list = desk.json("out/p.zip.parts.json");
    assert_eq!(list["parts"].as_array().unwrap().len(), count);
    let joined: Vec<u8> = (1..=count).flat_map(|number| desk.read(format!("out/p.zip.{number:03}"))).collect();
    desk.write("joined.zip", &joined);
    desk.exhibit("verify joined.zip").ends(0);
    desk.exhibit("verify out/p.zip.parts.json").ends(0);
    desk.exhibit("verify out/p.zip.parts.json").home("stranger").ends(7);
    let alone = desk.exhibit("verify out/p.zip.002").ends(7);
    assert!(alone.out().contains("only p.zip.002 was looked at"), "{}", alone.out());
    // The second part lies elsewhere, a damaged copy of it beside the list.
    let second = desk.read("out/p.zip.002");
    desk.write("disc/p.zip.002", &second);
    let mut damaged = second.clone();
    damaged[1000] ^= 1;
    std::fs::remove_file(desk.path("out/p.zip.002")).unwrap();
    let missing = desk.exhibit("verify out/p.zip.parts.json").ends(7);
    assert!(missing.out().contains("p.zip.002: it is missing"), "{}", missing.out());
    desk.exhibit("verify out/p.zip.parts.json --parts disc").ends(0);
    desk.write("out/p.zip.002", &damaged);
    let foreign = desk.exhibit("verify out/p.zip.parts.json").ends(4);
    assert!(foreign.out().contains("p.zip.002: SHA-256"), "{}", foreign.out());
    desk.exhibit("verify out/p.zip.002").ends(4);
    desk.exhibit("verify out/p.zip.parts.json --parts disc").ends(0);
    desk.write("out/p.zip.002", &second[..100]);
    desk.exhibit("verify out/p.zip.parts.json").ends(4);
    desk.write("out/p.zip.002", &second);
    // Every byte of the list counts, and so does its signature.
    let sound = desk.text("out/p.zip.parts.json");
    for (from, to) in [
        ("\"encrypted\":false", "\"encrypted\":true"),
        ("p.zip.002", "p.zip.003"),
        ("\"case\":\"2026-117\"", "\"case\":\"2026-118\""),
    ] {
        desk.write("out/p.zip.parts.json", sound.replacen(from, to, 1).as_bytes());
        desk.exhibit("verify out/p.zip.parts.json").ends(4);
    }
    desk.write("out/p.zip.parts.json", sound.as_bytes());
    std::fs::remove_file(desk.path("out/p.zip.parts.json.sig")).unwrap();
    desk.exhibit("verify out/p.zip.parts.json").ends(7);
}

#[test]
fn parts_of_a_disclosure_arrive_too_and_parts_that_are_too_small_are_refused() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(400_001, 1));
    desk.exhibit("package case --to whole.zip").ends(0);
    let call = desk.exhibit("package case --to p.zip --split 64KiB --disclose 001@0:204800 --withheld-because r");
    call.ends(0);
    let ran = desk.exhibit("verify p.zip.parts.json").ends(0);
    assert!(ran.out().contains("ranges that are shown"), "{}", ran.out());
    let small = desk.exhibit("package case --to r.zip --split 1KiB").ends(2);
    assert!(small.stderr.contains("64"), "{}", small.stderr);
}

#[test]
fn encrypted_parts_of_a_disclosure_arrive_too() {
    let desk = Desk::new();
    let Some(key) = age_key(&desk, "key.txt") else { return };
    desk.case_with_item(&mixed(400_001, 1));
    desk.exhibit("package case --to whole.zip").ends(0);
    let call = desk
        .exhibit("package case --to p.zip.age --split 64KiB --disclose 001@0:204800 --withheld-because r --encrypt-to");
    call.arg(&key).ends(0);
    desk.exhibit("verify p.zip.age.parts.json").ends(7);
    let ran = desk.exhibit("verify p.zip.age.parts.json --identity key.txt").ends(0);
    assert!(ran.out().contains("ranges that are shown"), "{}", ran.out());
}
