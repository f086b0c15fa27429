//! What comes out, compared with `exhibit verify` on the same package.

use std::path::{Path, PathBuf};

use exhibit_tests::places::project;
use serde_json::Value;

use crate::harness::Desk;
use crate::webdriver::Browser;

pub(crate) fn page() -> PathBuf {
    project().join("crates/verify-web/verify.html")
}

/// Bytes of which no block is like another.
pub(crate) fn noise(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// A desk with a sealed package `p.zip` of two images, its folder `u`, and the key `key.pub`.
pub(crate) fn desk() -> Desk {
    let desk = Desk::new();
    desk.case_with_item(&noise(3_400_001, 1));
    desk.write("more.img", &noise(5000, 2));
    desk.exhibit("acquire more.img --case case --item B-2 --format raw").ends(0);
    desk.exhibit("package case --to p.zip").ends(0);
    desk
}

/// Checks a file in the page with a key (none if empty); the answer of the checker.
pub(crate) fn check(browser: &Browser, input: &str, package: &Path, key: &str) -> Value {
    browser.open(&page());
    browser.run(&format!("document.getElementById('key').value = {};", Value::from(key)));
    browser.give(input, package);
    browser.wait_for("!document.getElementById('result').hidden || !document.getElementById('trouble').hidden");
    let answer = browser.run("return shown;");
    assert!(!answer.is_null(), "{}", browser.run("return document.getElementById('trouble').innerText;"));
    answer
}

/// The same by the program.
pub(crate) fn natively(desk: &Desk, package: &str, exit: i32) -> Value {
    let ran = desk.exhibit("verify --json").arg(package).arg("--key").arg("key.pub").ends(exit);
    ran.outcome()["verdict"].clone()
}

#[test]
fn page_and_program_agree_on_sound_and_spoilt_packages() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    desk.exhibit("key show --json").ends(0);
    let whole = desk.read("p.zip");
    let key = public_key(&desk);
    desk.write("key.pub", key.as_bytes());

    let answer = check(&browser, "file", &desk.path("p.zip"), &key);
    assert_eq!(answer["verdict"], natively(&desk, "p.zip", 0));
    assert_eq!(answer["verdict"]["outcome"], "holds");
    assert_eq!(answer["verified"], true);
    browser.picture("holds.png");
    assert_eq!(browser.requests(), Vec::<String>::new(), "nothing is asked of any network");
    assert_eq!(browser.complaints(), Vec::<String>::new());

    // Without a key from elsewhere it is not known who signed: not all could be checked, and it says so.
    let answer = check(&browser, "file", &desk.path("p.zip"), "");
    assert_eq!(answer["verdict"]["outcome"], "incomplete");
    assert_eq!(answer["verified"], false);
    browser.picture("incomplete.png");

    let places = [5000, whole.len() / 3, whole.len() / 2, whole.len() - 700, whole.len() - 3];
    for (number, at) in places.into_iter().enumerate() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let name = format!("changed-{number}.zip");
        desk.write(&name, &changed);
        let answer = check(&browser, "file", &desk.path(&name), &key);
        assert_eq!(answer["verdict"]["outcome"], "does-not-match", "byte {at}");
        assert_eq!(answer["verdict"], natively(&desk, &name, 4), "byte {at}");
    }
    browser.picture("does-not-match.png");

    for (name, bytes) in
        [("cut.zip", &whole[..whole.len() / 2]), ("noise.zip", &noise(70_000, 3)[..]), ("empty.zip", &[])]
    {
        desk.write(name, bytes);
        let answer = check(&browser, "file", &desk.path(name), &key);
        assert_eq!(answer["verdict"]["outcome"], "does-not-match", "{name}");
        assert_eq!(answer["verified"], false, "{name}");
    }
}

/// The public key that the package carries; a reader would have it from elsewhere.
pub(crate) fn public_key(desk: &Desk) -> String {
    key_in(desk, "p.zip")
}

/// The key that another package carries.
pub(crate) fn key_in(desk: &Desk, package: &str) -> String {
    let found =
        std::process::Command::new("unzip").arg("-p").arg(desk.path(package)).arg("*/signatures/signer.pub").output();
    String::from_utf8(found.unwrap().stdout).unwrap()
}
