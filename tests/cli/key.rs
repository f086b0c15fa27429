//! Signing keys, and whether OpenSSH takes them.

use std::os::unix::fs::PermissionsExt as _;

use exhibit_tests::foreign;

use crate::harness::Desk;

#[test]
fn a_key_is_for_its_owner_alone_and_openssh_reads_both_halves() {
    let desk = Desk::new();
    let made = desk.exhibit("key new --out k --comment").arg("A. Example").outcome(0);
    assert_eq!(desk.path("k").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let shown = desk.exhibit("key show k").outcome(0);
    let public = desk.exhibit("key show k.pub").outcome(0);
    assert_eq!(shown["keys"][0]["fingerprint"], made["fingerprint"]);
    assert_eq!(public["keys"], shown["keys"]);
    for half in ["k", "k.pub"] {
        let Some(said) = foreign::run("ssh-keygen", &["-l".as_ref(), "-f".as_ref(), &desk.path(half)]) else { return };
        assert!(said.success && said.text.contains(made["fingerprint"].as_str().unwrap()), "{}", said.text);
    }
    let Some(said) = foreign::run("ssh-keygen", &["-y".as_ref(), "-f".as_ref(), &desk.path("k")]) else { return };
    assert!(desk.text("k.pub").starts_with(said.text.trim().rsplit_once(' ').unwrap().0), "{}", said.text);
}

#[test]
fn the_own_key_is_made_once_and_kept() {
    let desk = Desk::new();
    desk.exhibit("key show").ends(1);
    desk.exhibit("key new").ends(0);
    let first = desk.exhibit("key show").outcome(0);
    desk.exhibit("key new").ends(1);
    assert_eq!(desk.exhibit("key show").outcome(0)["keys"], first["keys"]);
    desk.begin_case();
    assert_eq!(desk.exhibit("key show").outcome(0)["keys"], first["keys"]);
}

#[test]
fn files_that_are_no_keys_are_refused() {
    let desk = Desk::new();
    desk.begin_case();
    desk.exhibit("key new --out k").ends(0);
    let private = desk.text("k");
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("words", b"not a key\n".to_vec()),
        ("binary", vec![0xff; 3000]),
        ("cut", private.as_bytes()[..private.len() / 2].to_vec()),
        ("changed", private.replacen("AAAA", "AAAB", 1).into_bytes()),
        ("huge", vec![b'a'; 1 << 20]),
    ] {
        desk.write(name, &bytes);
        desk.exhibit("key show").arg(name).ends(1);
        desk.exhibit("verify case --key").arg(name).ends(1);
        desk.exhibit("custody add --case case words --signing-key").arg(name).ends(1);
    }
}
