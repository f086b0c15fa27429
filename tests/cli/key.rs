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

#[test]
fn a_key_under_a_passphrase_opens_with_it_alone_in_our_hands_and_in_others() {
    let desk = Desk::new();
    desk.write("good", b"correct horse\n");
    desk.write("bad", b"wrong\n");
    for (form, name) in [("openssh", "ssh-key"), ("pkcs8", "ssl-key")] {
        let made = desk.exhibit(&format!("key new --format {form} --out {name} --passphrase-file good")).outcome(0);
        assert_eq!(made["encrypted"], true);
        assert_eq!(desk.path(name).metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let call = format!("new case-{form} --number 1 --title T --agency L --examiner E --signing-key {name}");
        let ran = desk.exhibit(&call).ends(1);
        assert!(ran.stderr.contains("EXHIBIT_PASSPHRASE"), "{}", ran.stderr);
        let ran = desk.exhibit(&call).arg("--passphrase-file").arg("bad").ends(1);
        assert!(ran.stderr.contains("does not open"), "{}", ran.stderr);
        desk.exhibit(&call).env("EXHIBIT_PASSPHRASE", "correct horse").ends(0);
        // Checking needs no passphrase: the public half lies beside the key.
        desk.exhibit(&format!("verify case-{form} --signing-key {name}")).ends(0);
    }
    desk.exhibit("key new --format pkcs8 --out plain --no-passphrase").ends(2);
    let opened = |password: &str| {
        let argument = format!("pass:{password}");
        foreign::run(
            "openssl",
            &["pkey", "-noout", "-text", "-passin", &argument, "-in"]
                .map(std::path::Path::new)
                .iter()
                .copied()
                .chain([desk.path("ssl-key").as_path()])
                .collect::<Vec<_>>(),
        )
    };
    let Some(said) = opened("correct horse") else { return };
    assert!(said.success && said.text.contains("ED25519 Private-Key"), "{}", said.text);
    assert!(!opened("wrong").unwrap().success);
    let ssh_key = desk.path("ssh-key");
    let derived = |password: &str| {
        foreign::run("ssh-keygen", &["-y".as_ref(), "-P".as_ref(), password.as_ref(), "-f".as_ref(), &ssh_key])
    };
    let Some(said) = derived("correct horse") else { return };
    assert!(desk.text("ssh-key.pub").starts_with(said.text.trim().rsplit_once(' ').unwrap().0), "{}", said.text);
    assert!(!derived("wrong").unwrap().success);
}

#[test]
fn keys_made_by_ssh_keygen_sign_as_they_are() {
    let desk = Desk::new();
    for (name, password) in [("plain", ""), ("locked", "correct horse")] {
        let path = desk.path(name);
        let words = ["-q", "-t", "ed25519", "-N", password, "-C", "A. Example", "-f"].map(std::path::Path::new);
        let words: Vec<&std::path::Path> = words.into_iter().chain([path.as_path()]).collect();
        let Some(said) = foreign::run("ssh-keygen", &words) else { return };
        assert!(said.success, "{}", said.text);
        let call = format!("new case-{name} --number 1 --title T --agency L --examiner E --signing-key {name}");
        desk.exhibit(&call).env("EXHIBIT_PASSPHRASE", password).ends(0);
        desk.exhibit(&format!("verify case-{name} --key {name}.pub")).home("stranger").ends(0);
    }
}

/// A log that is passed on from key to key: who knows the first one needs no other.
#[test]
fn a_log_changes_its_key_by_a_record_signed_with_the_old_one() {
    let desk = Desk::new();
    desk.case_with_item(b"evidence");
    let old = desk.path("home/config/exhibit/signing-key.pub");
    desk.exhibit("key new --out new").ends(0);
    // The new key is a stranger until the old one says otherwise.
    desk.exhibit("custody add --case case words --signing-key new").ends(1);
    desk.exhibit("key change --case case --to new.pub --reason retired").ends(0);
    desk.exhibit("custody add --case case more --signing-key new").ends(0);
    desk.exhibit("package case --to p.zip --signing-key new").ends(0);
    for target in ["case", "p.zip"] {
        desk.exhibit("verify").arg(target).arg("--key").arg(&old).home("stranger").ends(0);
        desk.exhibit(&format!("verify {target} --key new.pub")).home("stranger").ends(7);
        let ran = desk.exhibit("verify -v").arg(target).arg("--key").arg(&old).home("stranger").ends(0);
        assert!(ran.said().contains("passed on to it by"), "{}", ran.said());
    }
    // The old key is done.
    let ran = desk.exhibit("custody add --case case again").ends(1);
    assert!(ran.stderr.contains("gave up the key"), "{}", ran.stderr);
}

#[test]
fn a_lost_key_is_told_and_both_keys_must_be_known() {
    let desk = Desk::new();
    desk.case_with_item(b"evidence");
    let old = desk.path("home/config/exhibit/signing-key.pub");
    desk.exhibit("key new --out new").ends(0);
    desk.exhibit("key lost --case case --reason stolen --signing-key new --old").arg(&old).ends(0);
    desk.exhibit("custody add --case case more --signing-key new").ends(0);
    let ran = desk.exhibit("verify case --key").arg(&old).home("stranger").ends(7);
    assert!(ran.said().contains("was lost, so only who goes on says so"), "{}", ran.said());
    desk.exhibit("verify case --key new.pub --key").arg(&old).home("stranger").ends(0);
}

#[test]
fn a_revoked_key_counts_up_to_the_record_that_revokes_it_and_not_after() {
    let desk = Desk::new();
    desk.case_with_item(b"evidence");
    let old = desk.path("home/config/exhibit/signing-key.pub");
    desk.exhibit("key new --out new").ends(0);
    desk.exhibit("key change --case case --to new.pub").ends(0);
    let call = "key revoke --case case --since 2026-11-29T12:00:00Z --reason stolen --signing-key new --key";
    desk.exhibit(call).arg(&old).ends(0);
    desk.exhibit("key revoke --case case --since yesterday --reason stolen --signing-key new --key").arg(&old).ends(2);
    let ran = desk.exhibit("verify case -v --key").arg(&old).home("stranger").ends(0);
    assert!(ran.said().contains("revokes the key SHA256:"), "{}", ran.said());
    let ran = desk.exhibit("custody add --case case again").ends(1);
    assert!(ran.stderr.contains("gave up the key"), "{}", ran.stderr);
}

/// A person at a terminal: asked twice for a new key, once to open it, and what is typed is not shown.
#[test]
fn what_is_typed_is_not_shown() {
    let desk = Desk::new();
    if !foreign::present("python3") {
        return;
    }
    let script = desk.write("type.py", TYPIST.as_bytes());
    let binary = env!("CARGO_BIN_EXE_exhibit");
    let typing = |answers: &str, words: &str| {
        let mut command = std::process::Command::new("python3");
        command.arg(&script).arg(answers).arg(binary).args(words.split(' ')).current_dir(desk.path("."));
        let home = desk.path("home");
        let output = command.env("HOME", &home).env("XDG_CONFIG_HOME", home.join("config")).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = typing("s3cret,other", "key new --out k");
    assert!(code == Some(1) && said.contains("differ"), "{said}");
    let (code, said) = typing("s3cret,s3cret", "key new --out k");
    assert!(code == Some(0) && said.contains("The same again"), "{said}");
    assert!(!said.contains("s3cret"), "shown: {said}");
    let (code, said) = typing("s3cret", "new c --number 1 --title T --agency L --examiner E --signing-key k");
    assert!(code == Some(0) && said.contains("Passphrase of k") && !said.contains("s3cret"), "{said}");
    desk.exhibit("verify c --key k.pub").home("stranger").ends(0);
}

/// Runs a program on a terminal of its own and types a line at each question.
const TYPIST: &str = r#"
import os, pty, sys
answers = sys.argv[1].split(",")
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
said = b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    said += piece
    if answers and said.endswith(b": "):
        os.write(terminal, answers.pop(0).encode() + b"\n")
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;
