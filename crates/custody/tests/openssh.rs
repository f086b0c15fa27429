//! OpenSSH as the judge of our keys and signatures, and we of its. Skipped, visibly, where `ssh-keygen` is missing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test runs its judge and says when it is not there"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use exhibit_custody::sshsig::{self, MessageHash, NAMESPACE_PACKAGE, SigFault, SshSignature};
use exhibit_custody::{PublicKey, SigningKey, allowed_signers};
use exhibit_evidence::Class;
use tempfile::TempDir;

const MESSAGE: &[u8] = b"9f86d081884c7d65  data/items/A1/disk.E01\n";

fn here() -> bool {
    let found = Command::new("ssh-keygen").arg("-?").output().is_ok();
    if !found {
        eprintln!("skipped: ssh-keygen is not installed");
    }
    found
}

fn ssh_keygen(arguments: &[&str], input: Option<&Path>) -> Output {
    let input = input.map_or_else(Stdio::null, |path| fs::File::open(path).unwrap().into());
    Command::new("ssh-keygen").args(arguments).stdin(input).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap().trim_end().to_owned()
}

/// A folder with `name` in it, readable by its owner only, as ssh-keygen demands of keys.
fn put(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn ours() -> SigningKey {
    SigningKey::from_seed(*b"a seed of thirty-two bytes, 1234", "practice key")
}

#[test]
fn it_reads_our_private_key_and_prints_our_public_key_and_fingerprint() {
    if !here() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let key = put(&folder, "key", ours().to_openssh().as_bytes());
    let public = put(&folder, "key2.pub", ours().public_key().to_openssh().as_bytes());
    assert_eq!(text(&ssh_keygen(&["-y", "-f", key.to_str().unwrap()], None)), ours().public_key().to_openssh());
    let listed = text(&ssh_keygen(&["-l", "-f", public.to_str().unwrap()], None));
    assert_eq!(listed, format!("256 {} practice key (ED25519)", ours().public_key().fingerprint()));
}

#[test]
fn it_accepts_our_signature_with_our_allowed_signers_line_and_nothing_else() {
    if !here() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let line = allowed_signers::line("examiner@lab.example", &ours().public_key()).unwrap();
    let allowed = put(&folder, "allowed", format!("{line}\n").as_bytes());
    let signature = put(&folder, "sig", sshsig::sign(&ours(), NAMESPACE_PACKAGE, MESSAGE).as_bytes());
    let other = put(&folder, "other", sshsig::sign(&ours(), "git", MESSAGE).as_bytes());
    let message = put(&folder, "message", MESSAGE);
    let wrong = put(&folder, "wrong", b"something else");
    let verify = |signature: &Path, namespace: &str, message: &Path| {
        let (allowed, signature) = (allowed.to_str().unwrap(), signature.to_str().unwrap());
        let who = "examiner@lab.example";
        ssh_keygen(&["-Y", "verify", "-f", allowed, "-I", who, "-n", namespace, "-s", signature], Some(message))
    };
    assert!(text(&verify(&signature, NAMESPACE_PACKAGE, &message)).starts_with("Good \"exhibit-package\" signature"));
    assert!(!verify(&signature, NAMESPACE_PACKAGE, &wrong).status.success());
    assert!(!verify(&other, "git", &message).status.success(), "the line allows packages only");
}

#[test]
fn we_accept_its_signatures_with_both_hashes_and_with_either_sides_key() {
    if !here() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let theirs = folder.path().join("theirs");
    text(&ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-C", "made by them", "-f", theirs.to_str().unwrap()], None));
    put(&folder, "ours", ours().to_openssh().as_bytes());
    fs::write(folder.path().join("ours.pub"), ours().public_key().to_openssh()).unwrap();
    for (key, hash) in [("theirs", "sha512"), ("theirs", "sha256"), ("ours", "sha512")] {
        let message = put(&folder, "message", MESSAGE);
        let signature = folder.path().join("message.sig");
        let _ = fs::remove_file(&signature);
        let (key_file, hash_option) = (folder.path().join(key), format!("hashalg={hash}"));
        let (key_file, message) = (key_file.to_str().unwrap(), message.to_str().unwrap());
        text(&ssh_keygen(&["-Y", "sign", "-f", key_file, "-n", NAMESPACE_PACKAGE, "-O", &hash_option, message], None));
        let armoured = fs::read_to_string(&signature).unwrap();
        let public = fs::read_to_string(folder.path().join(format!("{key}.pub"))).unwrap();
        let public = PublicKey::parse(&public).unwrap();
        assert_eq!(sshsig::verify(&armoured, NAMESPACE_PACKAGE, MESSAGE).unwrap(), public);
        assert_eq!(sshsig::verify(&armoured, NAMESPACE_PACKAGE, b"other").unwrap_err(), SigFault::Mismatch);
        assert_eq!(SshSignature::parse(&armoured).unwrap().hash().id(), hash);
        if key == "ours" {
            assert_eq!(armoured, sshsig::sign(&ours(), NAMESPACE_PACKAGE, MESSAGE), "byte for byte");
        }
    }
}

#[test]
fn we_read_its_private_keys_plain_and_under_a_passphrase_and_refuse_other_ones_by_name() {
    if !here() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let make = |name: &str, arguments: &[&str]| {
        let path = folder.path().join(name);
        text(&ssh_keygen(&[&["-q", "-C", "größe", "-f", path.to_str().unwrap()], arguments].concat(), None));
        fs::read_to_string(path).unwrap()
    };
    let plain = make("plain", &["-t", "ed25519", "-N", ""]);
    let public = fs::read_to_string(folder.path().join("plain.pub")).unwrap();
    let key = SigningKey::parse_openssh(&plain).unwrap();
    assert_eq!(key.public_key().to_openssh(), public.trim_end());
    let encrypted = make("encrypted", &["-t", "ed25519", "-N", "secret"]);
    let public = fs::read_to_string(folder.path().join("encrypted.pub")).unwrap();
    assert_eq!(SigningKey::parse(&encrypted, Some(b"secret")).unwrap().public_key().to_openssh(), public.trim_end());
    for wrong in [None, Some(&b"secreT"[..])] {
        assert_eq!(SigningKey::parse(&encrypted, wrong).unwrap_err().class(), Class::Usage);
    }
    let ecdsa = SigningKey::parse_openssh(&make("ecdsa", &["-t", "ecdsa", "-N", ""])).unwrap_err();
    assert_eq!(ecdsa.class(), Class::Unsupported);
    assert!(ecdsa.to_string().contains("ecdsa-sha2-nistp256"), "{ecdsa}");
}

#[test]
fn it_opens_our_encrypted_keys_with_the_passphrase_alone() {
    if !here() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ours");
    fs::write(&path, ours().to_openssh_encrypted(b"correct horse", [9; 16]).unwrap().as_bytes()).unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let opened = ssh_keygen(&["-y", "-P", "correct horse", "-f", path.to_str().unwrap()], None);
    assert_eq!(text(&opened).trim_end(), ours().public_key().to_openssh());
    assert!(!ssh_keygen(&["-y", "-P", "wrong", "-f", path.to_str().unwrap()], None).status.success());
}

#[test]
fn a_streamed_digest_gives_the_same_signature_as_the_whole_message() {
    let digest = MessageHash::Sha512.digest(MESSAGE);
    let streamed = sshsig::sign_digest(&ours(), NAMESPACE_PACKAGE, digest.as_slice().try_into().unwrap());
    assert_eq!(streamed, sshsig::sign(&ours(), NAMESPACE_PACKAGE, MESSAGE));
}
