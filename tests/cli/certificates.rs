//! Packages signed by certificate (CMS, CAdES) and time-stamped: in our hands, and in the hands of `openssl`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use exhibit_tests::foreign::{present, run};

use crate::authority::{Authority, ED25519, P256, P384, PERSON, RSA};
use crate::harness::Desk;
use crate::medium::mixed;

const AGES: (&str, &str) = ("20200101000000Z", "20500101000000Z");

/// A case with one small item, and an authority.
fn desk() -> Option<(Desk, Authority)> {
    let desk = Desk::new();
    let authority = Authority::new(&desk)?;
    desk.case_with_item(&mixed(5000, 3));
    Some((desk, authority))
}

fn unpacked(desk: &Desk, package: &str, folder: &str) -> Option<PathBuf> {
    let said = run("unzip", &["-q".as_ref(), &desk.path(package), "-d".as_ref(), &desk.path(folder)])?;
    assert!(said.success, "{}", said.text);
    Some(desk.path(folder).join(&desk.list(folder)[0]))
}

/// Runs one line of the instructions in a shell, as the receiver types it.
fn typed(line: &str, folder: &Path) -> (bool, String) {
    let output = Command::new("bash").arg("-c").arg(line).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn a_certificate_of_every_kind_signs_a_package_that_openssl_and_we_accept() {
    let Some((desk, authority)) = desk() else { return };
    for (name, kind) in [("rsa", RSA), ("p256", P256), ("p384", P384)] {
        authority.issue(name, "ca", kind, PERSON, AGES);
        let (certificate, key) = (format!("authority/{name}.crt"), format!("authority/{name}.key"));
        let package = format!("{name}.zip");
        desk.exhibit(&format!("package case --to {package} --certificate {certificate} --certificate-key {key}"))
            .ends(0);
        // A stranger who trusts the authority needs no key of ours.
        desk.exhibit(&format!("verify {package} --trust authority/ca.crt")).home("stranger").ends(0);
        let ran = desk.exhibit(&format!("verify {package}")).home("stranger").ends(7);
        assert!(ran.said().contains("nobody vouches for it"), "{}", ran.said());
        let Some(bag) = unpacked(&desk, &package, name) else { return };
        let (signature, content) =
            (bag.join("signatures/tagmanifest-sha512.txt.p7s"), bag.join("tagmanifest-sha512.txt"));
        let (ok, said) = authority.try_openssl(&format!(
            "cms -verify -binary -inform DER -in {} -content {} -CAfile ca.crt -purpose any -out /dev/null -cades",
            signature.display(),
            content.display()
        ));
        assert!(ok && said.contains("Verification successful"), "{name}: {said}");
    }
    // OpenSSL 3.0 does not check Ed25519 in CMS, and VERIFY.txt promises that openssl checks everything.
    authority.issue("ed25519", "ca", ED25519, PERSON, AGES);
    let call = "package case --to bad.zip --certificate authority/ed25519.crt --certificate-key authority/ed25519.key";
    let ran = desk.exhibit(call).ends(1);
    assert!(ran.stderr.contains("Ed25519") && ran.stderr.contains("P-256"), "{}", ran.stderr);
    desk.exhibit("package case --to bad.zip --certificate authority/rsa.crt --certificate-key authority/p256.key")
        .ends(1);
    assert!(!desk.path("bad.zip").exists());
}

#[test]
fn a_key_under_a_passphrase_signs_and_a_wrong_passphrase_does_not() {
    let Some((desk, authority)) = desk() else { return };
    authority.issue("person", "ca", P256, PERSON, AGES);
    authority.openssl("pkcs8 -topk8 -in person.key -out locked.key -passout pass:correct");
    desk.write("good", b"correct\nsecond line\n");
    desk.write("bad", b"wrong\n");
    let call = "package case --to p.zip --certificate authority/person.crt --certificate-key authority/locked.key";
    desk.exhibit(&format!("{call} --passphrase-file bad")).ends(1);
    desk.exhibit(call).ends(1);
    desk.exhibit(&format!("{call} --passphrase-file good")).ends(0);
    desk.exhibit("verify p.zip --trust authority/ca.crt").home("stranger").ends(0);
}

#[test]
fn with_time_stamps_every_line_of_the_instructions_works_and_every_change_is_found() {
    let Some((desk, authority)) = desk() else { return };
    authority.issue("person", "ca", RSA, PERSON, AGES);
    let (url, server) = authority.serve("tsa", 3, false);
    let call =
        "package case --to p.zip --certificate authority/person.crt --certificate-key authority/person.key --tsa";
    desk.exhibit(call).arg(url).arg("--trust").arg("authority/ca.crt").ends(0);
    server.join().unwrap();
    let ran = desk.exhibit("verify p.zip --verbose --trust authority/ca.crt").home("stranger").ends(0);
    assert!(ran.said().contains("A time stamp says when the package was signed"), "{}", ran.said());
    assert!(ran.said().contains("Time stamps say when the custody log existed"), "{}", ran.said());
    assert!(ran.said().contains("before 20"), "the certificate is judged at the time of its stamp: {}", ran.said());

    if !["unzip", "sha256sum", "ssh-keygen", "bash"].iter().all(|program| present(program)) {
        return;
    }
    let Some(bag) = unpacked(&desk, "p.zip", "u") else { return };
    std::fs::copy(authority.path("ca.crt"), desk.path("u/roots.pem")).unwrap();
    let instructions = std::fs::read_to_string(bag.join("exhibit/VERIFY.txt")).unwrap();
    let lines: Vec<&str> = instructions.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    assert!(lines.iter().filter(|line| line.starts_with("openssl ")).count() == 4, "{lines:?}");
    for line in lines.iter().filter(|line| !line.starts_with("unzip ") && !line.starts_with("cd ")) {
        let (success, text) = typed(line, &bag);
        assert!(success, "{line}: {text}");
        for (command, expected) in [
            ("diff ", "nothing added, nothing missing"),
            ("openssl cms -verify", "CMS Verification successful"),
            ("openssl ts -verify", "Verification: OK"),
            ("openssl ts -reply", "Time stamp:"),
        ] {
            assert!(!line.starts_with(command) || text.contains(expected), "{line}: {text}");
        }
    }
    // A changed, missing or exchanged signature is found.
    let trusting = |code: &[i32]| {
        let ran =
            desk.exhibit("verify").arg(&bag).arg("--trust").arg("authority/ca.crt").home("stranger").ends_in(code);
        ran.said()
    };
    trusting(&[0]);
    let names = ["tagmanifest-sha512.txt.p7s", "tagmanifest-sha512.txt.sig.tst", "validation-certificates.pem"];
    for name in names {
        let path = bag.join("signatures").join(name);
        let good = std::fs::read(&path).unwrap();
        // At the beginning is what is signed or the certificate that signed, at the end the signature. Between them may be
        // certificates that nothing needs: those may be changed without harm, since nobody relies on them.
        for (at, harmless) in [(64, false), (good.len() / 3, true), (good.len() / 2, true), (good.len() - 40, false)] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, bad).unwrap();
            trusting(if harmless || name.ends_with(".pem") { &[0, 4, 7] } else { &[4, 7] });
        }
        std::fs::remove_file(&path).unwrap();
        assert!(trusting(&[4]).contains("it was taken away"), "{name}");
        std::fs::write(&path, good).unwrap();
    }
    trusting(&[0]);
    // The script that knows nothing of us still agrees.
    if present("python3") {
        let script = exhibit_tests::places::project().join("docs/spec/check-package.py");
        let key = bag.join("signatures/signer.pub");
        let ask = |more: &[&Path]| {
            let output = Command::new("python3").arg(&script).arg(&bag).arg(&key).args(more).output().unwrap();
            (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
        };
        let roots = desk.path("u/roots.pem");
        let (code, said) = ask(&[&roots]);
        assert_eq!(code, Some(0), "{said}");
        let (code, said) = ask(&[]);
        assert!(code == Some(7) && said.contains("certificates"), "{said}");
        let token = bag.join("signatures/tagmanifest-sha512.txt.sig.tst");
        let mut bad = std::fs::read(&token).unwrap();
        let at = bad.len() - 3;
        bad[at] ^= 1;
        std::fs::write(&token, bad).unwrap();
        assert_eq!(ask(&[&roots]).0, Some(4));
    }
}

#[test]
fn a_stamp_that_came_after_sealing_lies_beside_the_package() {
    let Some((desk, authority)) = desk() else { return };
    desk.exhibit("package case --to p.zip").ends(0);
    let sealed = desk.read("p.zip");
    desk.exhibit("timestamp request p.zip --out q.tsq").ends(0);
    authority.reply("tsa", &desk.path("q.tsq"), &desk.path("a.tsr"));
    desk.exhibit("timestamp attach p.zip --token a.tsr --request q.tsq --trust authority/ca.crt").ends(0);
    assert!(desk.read("p.zip") == sealed, "a sealed package is not touched");
    let ran = desk.exhibit("verify p.zip --verbose --trust authority/ca.crt").ends(0);
    assert!(ran.said().contains("A time stamp says when the package was signed"), "{}", ran.said());
    let mut bad = desk.read("p.zip.tst");
    let at = bad.len() - 3;
    bad[at] ^= 1;
    std::fs::write(desk.path("p.zip.tst"), bad).unwrap();
    desk.exhibit("verify p.zip --trust authority/ca.crt").ends(4);
    // And in the folder of an unpacked one it takes the place it has in a package.
    let Some(bag) = unpacked(&desk, "p.zip", "u") else { return };
    desk.exhibit("timestamp attach")
        .arg(&bag)
        .arg("--token")
        .arg("a.tsr")
        .arg("--trust")
        .arg("authority/ca.crt")
        .ends(0);
    assert!(bag.join("signatures/tagmanifest-sha512.txt.sig.tst").is_file());
    desk.exhibit("verify").arg(&bag).arg("--trust").arg("authority/ca.crt").ends(0);
}

/// Who trusts an authority for time stamps does not trust its other customers; and a certificate of a web server signs nothing.
#[test]
fn an_authority_for_time_stamps_and_a_certificate_of_a_server_vouch_for_nobody() {
    let Some((desk, authority)) = desk() else { return };
    authority.issue("stranger", "ca", P256, PERSON, AGES);
    authority.issue("server", "ca", P256, &format!("{PERSON}\nextendedKeyUsage=serverAuth"), AGES);
    authority.issue("mail", "ca", P256, &format!("{PERSON}\nextendedKeyUsage=clientAuth,emailProtection"), AGES);
    for name in ["stranger", "server", "mail"] {
        desk.exhibit(&format!(
            "package case --to {name}.zip --certificate authority/{name}.crt --certificate-key authority/{name}.key"
        ))
        .ends(0);
    }
    let ran = desk.exhibit("verify stranger.zip --trust-tsa authority/ca.crt").home("stranger").ends(7);
    assert!(ran.said().contains("nobody vouches for it"), "{}", ran.said());
    let ran = desk.exhibit("verify server.zip --trust authority/ca.crt").home("stranger").ends(4);
    assert!(ran.said().contains("is not for signing documents"), "{}", ran.said());
    desk.exhibit("verify mail.zip --trust authority/ca.crt").home("stranger").ends(0);
    // For what it is trusted for, it is.
    desk.exhibit("timestamp request mail.zip --out q.tsq").ends(0);
    authority.reply("tsa", &desk.path("q.tsq"), &desk.path("a.tsr"));
    desk.exhibit("timestamp attach mail.zip --token a.tsr --request q.tsq --trust-tsa authority/ca.crt").ends(0);
    desk.exhibit("verify mail.zip --trust-tsa authority/ca.crt").ends(7);
    desk.exhibit("verify mail.zip --trust authority/ca.crt").home("stranger").ends(0);
}

#[test]
fn a_certificate_that_had_expired_when_it_signed_is_refused() {
    let Some((desk, authority)) = desk() else { return };
    authority.issue("gone", "ca", P256, PERSON, ("20200101000000Z", "20210101000000Z"));
    desk.exhibit("package case --to p.zip --certificate authority/gone.crt --certificate-key authority/gone.key")
        .ends(0);
    let ran = desk.exhibit("verify p.zip --trust authority/ca.crt").home("stranger").ends(4);
    assert!(ran.said().contains("had expired at the time that counts"), "{}", ran.said());
}
