//! Large packages: as many members as a case has, and a member larger than any memory that a page may have.

use exhibit_tests::places::skipped;
use serde_json::Value;

use crate::harness::Desk;
use crate::verdicts::{natively, page, public_key};
use crate::webdriver::Browser;

/// Files of the package with many, beside those that every package has.
const MANY: usize = 20_000;
/// Size of the large member in bytes: 2 GiB and a bit, beyond what 32 bits with a sign can count.
const LARGE: u64 = (2 << 30) + 5000;

/// Checks a package while it is noted how long the page did not answer; the verdict, and the longest time in milliseconds.
fn watched(browser: &Browser, desk: &Desk, package: &str) -> (Value, f64, f64) {
    browser.open(&page());
    browser.run(&format!(
        "document.getElementById('key').value = {};
         window.longest = 0;
         new PerformanceObserver((list) => list.getEntries().forEach((task) => {{ longest = Math.max(longest, task.duration); }})).observe({{ type: 'longtask' }});",
        Value::from(public_key(desk))
    ));
    browser.give("file", &desk.path(package));
    browser.wait_for("!document.getElementById('result').hidden || !document.getElementById('trouble').hidden");
    let seen = browser.run("return {verdict: shown && shown.verdict, longest, seconds: shown && shown.seconds, text: document.getElementById('trouble').innerText};");
    assert!(!seen["verdict"].is_null(), "{seen}");
    (seen["verdict"].clone(), seen["longest"].as_f64().unwrap(), seen["seconds"].as_f64().unwrap())
}

#[test]
fn twenty_thousand_members_are_judged_alike() {
    let Some(browser) = Browser::start() else { return };
    let desk = Desk::new();
    desk.case_with_item(b"a medium of a few bytes");
    for number in 0..MANY {
        desk.write(
            format!("case/items/001/found/{:02}/{number}.txt", number % 100),
            format!("file {number}").as_bytes(),
        );
    }
    desk.exhibit("package case --to p.zip").ends(0);
    desk.write("key.pub", public_key(&desk).as_bytes());
    let (verdict, longest, seconds) = watched(&browser, &desk, "p.zip");
    println!("{MANY} members: {seconds:.1} s, longest task of the page {longest:.0} ms");
    assert_eq!(verdict["outcome"], "holds");
    assert_eq!(verdict, natively(&desk, "p.zip", 0));
    browser.picture("many.png");
}

#[test]
fn one_changed_byte_in_a_member_of_two_gib_is_found_and_named() {
    if std::env::var_os("EXHIBIT_LARGE").is_none() {
        return skipped("EXHIBIT_LARGE is not set: 5 GiB of disk and minutes");
    }
    let Some(browser) = Browser::start() else { return };
    let desk = Desk::new();
    desk.begin_case();
    let medium = std::fs::File::create(desk.path("stick.img")).unwrap();
    medium.set_len(LARGE).unwrap();
    drop(medium);
    desk.exhibit("acquire stick.img --case case --item 001 --format raw --hash sha256").ends(0);
    desk.exhibit("package case --to p.zip").ends(0);
    std::fs::remove_dir_all(desk.path("case/items")).unwrap();
    desk.write("key.pub", public_key(&desk).as_bytes());

    let (verdict, longest, seconds) = watched(&browser, &desk, "p.zip");
    println!("2 GiB: {seconds:.1} s, longest task of the page {longest:.0} ms");
    assert_eq!(verdict["outcome"], "holds", "{verdict:#}");

    // Near its end, beyond 2^31: the one bit of a byte in an ocean of zeros.
    let at = std::fs::metadata(desk.path("p.zip")).unwrap().len();
    let mut place = None;
    {
        use std::os::unix::fs::FileExt as _;
        let archive = std::fs::OpenOptions::new().read(true).write(true).open(desk.path("p.zip")).unwrap();
        let mut block = vec![1_u8; 1 << 16];
        let mut from = (1_u64 << 31) + 1_000_000;
        while place.is_none() && from < at {
            let read = archive.read_at(&mut block, from).unwrap();
            place = (block[..read].iter().all(|byte| *byte == 0) && read > 0).then_some(from);
            from -= 1 << 16;
        }
        archive.write_all_at(&[1], place.unwrap()).unwrap();
    }
    let (verdict, longest, seconds) = watched(&browser, &desk, "p.zip");
    println!("2 GiB, a byte changed: {seconds:.1} s, longest task of the page {longest:.0} ms");
    assert_eq!(verdict["outcome"], "does-not-match");
    let text = browser.run("return document.getElementById('result').innerText;");
    assert!(text.as_str().unwrap().contains("data/items/001/"), "{text}");
    assert_eq!(verdict, natively(&desk, "p.zip", 4));
    browser.picture("large-changed.png");
}
