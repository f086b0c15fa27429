//! Killed, or asked to stop, at random moments: what is left is named as unfinished and never taken for an image.

use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Desk, finish};
use crate::machine::tool;
use crate::medium::{Random, mixed};

/// Medium of these tests: long enough to be hit in the middle of everything.
const BYTES: usize = 48 << 20;

fn send(signal: &str, child: &Child) {
    tool("kill", &[format!("-{signal}").as_ref(), child.id().to_string().as_ref()]);
}

/// What must hold of the outputs in `out`, whatever happened to the process that made them.
fn is_honest(desk: &Desk, extension: &str, what: &str) -> bool {
    let names = desk.list("out");
    let first = format!("x.{extension}");
    if names.contains(&first) {
        // It has its final name, so it must be whole, with or without the record that comes last.
        let ran = desk.exhibit(&format!("verify out/{first}")).ends_in(&[0, 7]);
        assert!(ran.code == Some(0) || extension == "raw", "{what}: {names:?}\n{}", ran.everything());
        let has_record = names.contains(&"x.acquisition.json".to_owned());
        if !has_record {
            println!("{what}: the image has its final name and its record has not yet: {names:?}");
        }
        return has_record;
    }
    // The image is named last of all: between the record's name and its own, both are there, and it is still unfinished.
    assert!(
        !names.contains(&"x.acquisition.json".to_owned()) || names.contains(&format!("{first}.partial")),
        "{what}: a record without an image: {names:?}"
    );
    for name in &names {
        let ran = desk.exhibit(&format!("verify out/{name}")).ends_in(&[1, 2, 4, 7]);
        assert!(!ran.out().contains("Verified"), "{what}: {name}: {}", ran.out());
    }
    // And the next try does not mistake it for its own work.
    if !names.is_empty() {
        let ran = desk.exhibit("acquire tiny --to out/x --format").arg(if extension == "raw" { "raw" } else { "e01" });
        let ran = ran.ends_in(&[1]);
        assert!(ran.stderr.contains("exist"), "{what}: {names:?}: {}", ran.stderr);
    }
    false
}

/// Runs `words` and ends it with `signal` at `count` moments, half of them near the end; returns the exit codes.
fn at_random_moments(
    desk: &Desk,
    words: &str,
    extension: &str,
    signal: &str,
    count: usize,
    seed: u64,
) -> Vec<Option<i32>> {
    let started = Instant::now();
    desk.exhibit(words).ends(0);
    let mut whole = started.elapsed();
    std::fs::remove_dir_all(desk.path("out")).unwrap();
    let mut random = Random::new(seed);
    let mut codes = Vec::new();
    for case in 0..count {
        let thousandth = if case % 2 == 0 { random.below(850) } else { 850 + random.below(200) };
        let child = desk.exhibit(words).start();
        let started = Instant::now();
        std::thread::sleep(Duration::from_micros(u64::try_from(whole.as_micros()).unwrap() / 1000 * thousandth as u64));
        send(signal, &child);
        let ran = finish(child, words.to_owned());
        if ran.code == Some(0) {
            whole = whole.min(started.elapsed()); // it was quicker than thought: the machine is less busy now
        }
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        let is_done = is_honest(desk, extension, &format!("{signal} at {thousandth}‰ of {words}"));
        assert!(ran.code != Some(0) || is_done, "exit 0 and no image: {}", ran.everything());
        if ran.code == Some(6) {
            assert!(!is_done, "exit 6 and an image: {}", ran.everything());
            assert!(ran.stderr.contains("hint: ") && ran.stderr.contains(".partial"), "{}", ran.stderr);
        }
        codes.push(ran.code);
        let _ = std::fs::remove_dir_all(desk.path("out"));
    }
    codes
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("source", &mixed(BYTES, 1));
    desk.write("tiny", b"tiny");
    desk
}

#[test]
fn killed_at_random_moments_an_e01_is_whole_or_named_unfinished() {
    let desk = desk();
    let words = "acquire source --to out/x --segment-size 4MiB --hash md5,sha256";
    let codes = at_random_moments(&desk, words, "E01", "KILL", 16, 1);
    assert!(codes.iter().filter(|code| code.is_none()).count() >= 4, "most were hit: {codes:?}");
}

#[test]
fn killed_at_random_moments_a_raw_image_is_whole_or_named_unfinished() {
    let desk = desk();
    let codes = at_random_moments(&desk, "acquire source --to out/x --format raw", "raw", "KILL", 10, 2);
    assert!(codes.iter().filter(|code| code.is_none()).count() >= 3, "most were hit: {codes:?}");
}

#[test]
fn asked_to_stop_it_ends_with_6_and_says_what_is_left() {
    let desk = desk();
    let codes = at_random_moments(&desk, "acquire source --to out/x --hash md5,sha256", "E01", "INT", 8, 3);
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 6)) || code.is_none()), "{codes:?}");
    assert!(codes.iter().filter(|code| **code == Some(6)).count() >= 2, "{codes:?}");
    let codes = at_random_moments(&desk, "acquire source --to out/x --format raw", "raw", "TERM", 4, 4);
    assert!(codes.contains(&Some(6)), "{codes:?}");
}

#[test]
fn an_unfinished_image_is_no_image_even_if_it_is_complete() {
    let desk = Desk::new();
    desk.write("source", &mixed(90_000, 1));
    for format in ["e01", "raw"] {
        desk.exhibit(&format!("acquire source --to {format}/x --format {format}")).ends(0);
    }
    for name in ["e01/x.E01", "raw/x.raw", "raw/x.tree"] {
        let partial = format!("left/{name}.partial");
        desk.write(&partial, &desk.read(name));
        let ran = desk.exhibit(&format!("verify {partial}")).ends_in(&[1, 4, 7]);
        assert!(!ran.out().contains("Verified"), "{}", ran.everything());
        let said = desk.exhibit(&format!("info {partial}")).run().said();
        assert!(said.contains("finished"), "info says that it was never finished: {said}");
    }
}

#[test]
fn an_interrupted_acquisition_in_a_case_is_in_the_log_and_not_in_the_package() {
    let desk = Desk::new();
    desk.begin_case();
    desk.write("source", &mixed(BYTES, 1));
    desk.write("tiny", &mixed(3000, 1));
    let child = desk.exhibit("acquire source --case case --item 001 --json").start();
    // The plan is in the log before the first byte is read: then it is at work.
    let started = Instant::now();
    while desk.list("case/items/001").is_empty() && started.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    send("INT", &child);
    let ran = finish(child, "acquire".to_owned());
    assert_eq!(ran.code, Some(6), "{}", ran.everything());
    assert_eq!(ran.outcome()["outcome"], "interrupted");
    let log = desk.exhibit("custody log --case case").outcome(0);
    let actions: Vec<&Value> = log["records"].as_array().unwrap().iter().map(|record| &record["action"]).collect();
    assert_eq!(actions, ["case-opened", "acquisition-planned", "acquisition-interrupted"], "{log}");
    desk.exhibit("verify case").ends_in(&[0, 7]);
    desk.exhibit("acquire tiny --case case --item 002").ends(0);
    desk.exhibit("package case --to p.zip").ends(0);
    desk.exhibit("verify p.zip").ends(0);
    let listed = exhibit_tests::foreign::run("unzip", &["-l".as_ref(), &desk.path("p.zip")]);
    assert!(listed.is_none_or(|said| !said.text.contains(".partial")), "unfinished files are left out");
}

#[test]
fn verify_hash_carve_export_and_package_can_be_stopped() {
    let desk = Desk::new();
    desk.begin_case();
    desk.write("source", &mixed(BYTES, 1));
    desk.exhibit("acquire source --case case --item 001 --compression none").ends(0);
    for words in [
        "verify case/items/001/001.E01",
        "hash case/items/001/001.E01 --algorithms md5,sha1,sha256",
        "export case/items/001/001.E01 --to out/x",
        "carve case/items/001/001.E01 --to out/carved --align byte",
        "package case --to out/p.zip",
    ] {
        let child = desk.exhibit(words).arg("--json").start();
        std::thread::sleep(Duration::from_millis(60));
        send("INT", &child);
        let ran = finish(child, words.to_owned());
        assert!(matches!(ran.code, Some(6 | 0)) || ran.signal.is_some(), "{}", ran.everything());
        if ran.code == Some(6) {
            assert_eq!(ran.outcome()["outcome"], "interrupted", "{}", ran.everything());
            assert!(!desk.has("out/p.zip") && !desk.has("out/x") && !desk.has("out/carved/summary.json"), "{words}");
        } else {
            println!("{words} was not caught at work: {:?} {:?}", ran.code, ran.signal);
        }
        let _ = std::fs::remove_dir_all(desk.path("out"));
    }
    desk.exhibit("verify case").ends(0);
}

/// Kills `acquire`, and whatever goes on with it, at `count` random moments, until it is done; how often it was killed.
fn killed_and_gone_on_with(desk: &Desk, words: &str, whole: Duration, random: &mut Random, signal: &str) -> usize {
    for killed in 0..40 {
        let has_journal = desk.has("out/x.journal.partial");
        let go_on = if has_journal { format!("{words} --resume") } else { words.to_owned() };
        let child = desk.exhibit(&go_on).start();
        if killed < 3 {
            let thousandth = u32::try_from(100 + random.below(850)).unwrap();
            std::thread::sleep(whole * thousandth / 1000);
            send(signal, &child);
        }
        let ran = finish(child, go_on);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.everything());
        if ran.code == Some(0) {
            return killed;
        }
        assert!(killed < 3, "nobody stopped it: {}", ran.everything());
        if !desk.has("out/x.journal.partial") {
            let _ = std::fs::remove_dir_all(desk.path("out")); // it died before it had begun
        }
    }
    unreachable!("it is not stopped for ever")
}

#[test]
fn killed_again_and_again_it_is_gone_on_with_and_gives_the_same_files() {
    let desk = desk();
    for (format, options, signal) in [
        ("e01", "--segment-size 4MiB --compression none", "KILL"),
        ("raw", "", "KILL"),
        ("aff4", "", "KILL"),
        ("e01", "--segment-size 4MiB", "INT"),
    ] {
        let words = format!("acquire source --to out/x --format {format} --checkpoint-every 1MiB {options}");
        let started = Instant::now();
        let whole = desk.exhibit(&words).outcome(0);
        let time = started.elapsed();
        let mut random = Random::new(7);
        let mut killed = 0;
        for _ in 0..4 {
            std::fs::remove_dir_all(desk.path("out")).unwrap();
            killed += killed_and_gone_on_with(&desk, &words, time, &mut random, signal);
            let record = desk.json("out/x.acquisition.json");
            for member in ["digests", "tree", "size_bytes"] {
                assert_eq!(record[member], whole["acquisition"][member], "{words}: {member}");
            }
            desk.exhibit(&format!("verify out/{}", record["segments"][0]["name"].as_str().unwrap())).ends(0);
            assert!(desk.list("out").iter().all(|name| !name.contains("partial")), "{:?}", desk.list("out"));
        }
        println!("{words}: stopped {killed} times");
        std::fs::remove_dir_all(desk.path("out")).unwrap();
    }
}

#[test]
fn gone_on_with_in_a_case_it_is_in_the_log_and_in_the_package() {
    let desk = Desk::new();
    desk.begin_case();
    desk.write("source", &mixed(BYTES, 1));
    let words = "acquire source --case case --item 001 --compression none --segment-size 4MiB --checkpoint-every 1MiB";
    let child = desk.exhibit(words).start();
    let started = Instant::now();
    while !desk.has("case/items/001/001.E02.partial") && started.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(2));
    }
    send("INT", &child);
    assert_eq!(finish(child, words.to_owned()).code, Some(6));
    let refused = desk.exhibit(words).ends(1);
    assert!(refused.stderr.contains("--resume"), "{}", refused.stderr);
    let other = desk.exhibit(&format!("{words} --resume --hash sha512")).ends(2);
    assert!(other.stderr.contains("hashes"), "{}", other.stderr);
    let outcome = desk.exhibit(&format!("{words} --resume")).outcome(0);
    assert!(outcome["acquisition"]["resumed"][0]["at_bytes"].as_u64().unwrap() > 0, "{outcome}");
    let log = desk.exhibit("custody log --case case").outcome(0);
    let actions: Vec<&str> =
        log["records"].as_array().unwrap().iter().filter_map(|record| record["action"].as_str()).collect();
    let expected = ["case-opened", "acquisition-planned", "acquisition-interrupted", "acquisition-resumed", "acquired"];
    assert_eq!(actions, expected, "{log}");
    desk.exhibit("package case --to p.zip").ends(0);
    desk.exhibit("verify p.zip").ends(0);
    desk.exhibit("acquire source --to y --resume").ends(2);
}

#[test]
fn another_disk_is_not_gone_on_with() {
    let desk = Desk::new();
    let mut medium = mixed(BYTES, 1);
    desk.write("source", &medium);
    let words = "acquire source --to out/x --format raw --checkpoint-every 1MiB";
    let child = desk.exhibit(words).start();
    let started = Instant::now();
    let far = || desk.path("out/x.raw.partial").metadata().is_ok_and(|file| file.len() > 8 << 20);
    while !far() && started.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(1));
    }
    send("KILL", &child);
    assert_eq!(finish(child, words.to_owned()).code, None);
    medium[100] ^= 1;
    desk.write("source", &medium);
    let ran = desk.exhibit(&format!("{words} --resume")).ends(2);
    assert!(ran.stderr.contains("not the source") && ran.stderr.contains("offset 100"), "{}", ran.stderr);
}

#[test]
fn a_second_place_and_a_second_reading_are_checked_and_told() {
    let desk = Desk::new();
    desk.write("source", &mixed(5 << 20, 1));
    let ran = desk.exhibit("acquire source --to a/x --copy-to b --rehash-source").ends(0);
    assert!(ran.out().contains("Copy ") && ran.out().contains("second time and the same"), "{}", ran.out());
    assert_eq!(desk.list("a"), desk.list("b"));
    for name in desk.list("a") {
        assert!(desk.read(format!("a/{name}")) == desk.read(format!("b/{name}")), "{name}");
    }
    desk.exhibit("verify b/x.E01").ends(0);
    // What is in the way in either place is an error before anything is written.
    desk.exhibit("acquire source --to c/x --copy-to b").ends(1);
    assert!(desk.list("c").is_empty());
}
