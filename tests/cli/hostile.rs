//! Files that nobody here made, given to every verb that reads: an answer in bounded time, and no panic.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use exhibit_tests::{foreign, places};

use crate::harness::Desk;

/// Longest answer for a file of these sizes, on a slow and busy machine.
const LONGEST: Duration = Duration::from_secs(60);

/// Largest file given to every verb.
const BYTES_MAX: u64 = 3 << 20;

fn every_verb(desk: &Desk, path: &PathBuf, number: usize) {
    for words in ["info", "verify", "hash", "hash --check", "custody log --case", "key show", "verify home --key"] {
        let started = Instant::now();
        desk.exhibit(words).arg(path).run();
        assert!(started.elapsed() < LONGEST, "{words} {} took {:?}", path.display(), started.elapsed());
    }
    let to = format!("{number}");
    for words in
        [format!("export --to {to}.raw"), format!("carve --to {to}.carved"), format!("export --format e01 --to {to}")]
    {
        let started = Instant::now();
        let ran = desk.exhibit(&words).arg(path).run();
        assert!(matches!(ran.code, Some(0 | 1 | 3)), "{}", ran.everything());
        assert!(started.elapsed() < LONGEST, "{words} {} took {:?}", path.display(), started.elapsed());
    }
    // What was exported is an image that holds.
    if desk.has(format!("{to}.E01")) {
        desk.exhibit(&format!("verify {to}.E01")).ends(0);
    }
    for left in [format!("{to}.raw"), format!("{to}.E01")] {
        let _ = std::fs::remove_file(desk.path(left));
    }
    let _ = std::fs::remove_dir_all(desk.path(format!("{to}.carved")));
}

#[test]
fn images_of_other_formats_get_an_answer_from_every_verb() {
    let desk = Desk::new();
    let mut number = 0;
    for folder in ["odd", "vm", "ewf", "bagit"] {
        for name in places::files_below(&places::testdata().join(folder), "") {
            let path = places::testdata().join(folder).join(&name);
            let unpacked = desk.path(format!("u{number}"));
            std::fs::create_dir(&unpacked).unwrap();
            let packed = name.extension().is_some_and(|extension| extension == "gz" || extension == "zst");
            let is_corrupt = name.to_string_lossy().contains("corrupt");
            let mut files = vec![path.clone()];
            if packed && !is_corrupt && !name.to_string_lossy().ends_with(".tar.gz") {
                files.extend(foreign::unpack(&path, &unpacked).unwrap_or_default());
            }
            for file in files.iter().filter(|file| file.metadata().is_ok_and(|metadata| metadata.len() <= BYTES_MAX)) {
                every_verb(&desk, file, number);
                number += 1;
            }
            number += 1;
        }
    }
    if number == 0 {
        places::skipped("no test data (EXHIBIT_TESTDATA)");
    }
}

#[test]
fn formats_that_are_not_read_are_refused_by_name_and_not_taken_for_raw() {
    let desk = Desk::new();
    for (name, word) in [("ewf/ad1_test.ad1", "AD1")] {
        let Some(path) = places::data_file(name) else { continue };
        for (number, words) in ["info", "verify", "export --to x", "carve --to c"].into_iter().enumerate() {
            let ran = desk
                .exhibit(&format!("{words}{number}").replace("info0", "info").replace("verify1", "verify"))
                .arg(&path)
                .run();
            assert!(
                ran.said().to_lowercase().contains(&word.to_lowercase()),
                "{words}: {word} is named: {}",
                ran.everything()
            );
            assert!(words != "verify" || ran.code != Some(0), "{}", ran.everything());
            println!("{name}: {words}: exit {:?}", ran.code);
        }
    }
    // A logical EWF image (L01) differs from E01 in its first bytes only.
    desk.write("logical.L01", &[&b"LVF\x09\x0d\x0a\xff\x00\x01\x01\x00\x00\x00"[..], &[0; 600]].concat());
    let ran = desk.exhibit("info logical.L01").ends(1);
    assert!(ran.stderr.contains("L01"), "{}", ran.stderr);
}

#[test]
fn virtual_disks_are_not_called_media_without_a_word() {
    let desk = Desk::new();
    for name in [
        "vm/dfvfs-ext2.qcow2.gz",
        "vm/dfvfs-ext2.vmdk.gz",
        "vm/dissect-dynamic.vhdx.gz",
        "vm/qemumade-ext2-dynamic.vdi.gz",
        "vm/dissect-dynamic.vhd.gz",
    ] {
        let Some(path) = places::data_file(name) else { continue };
        let Some(files) = foreign::unpack(&path, &desk.path("home")) else { return };
        let ran = desk.exhibit("hash").arg(&files[0]).run();
        let kind = name.trim_end_matches(".gz").rsplit('.').next().unwrap();
        // A person who hashes "the medium inside" must not get the digest of the container without being told.
        println!("{kind}: exit {:?}, stderr {:?}", ran.code, ran.stderr.trim());
        std::fs::remove_file(&files[0]).unwrap();
    }
}

#[test]
fn a_header_that_promises_too_much_is_answered_quickly_and_with_little_memory() {
    let desk = Desk::new();
    desk.write("source", &crate::medium::mixed(5000, 1));
    desk.exhibit("acquire source --to x").ends(0);
    let image = desk.read("x.E01");
    let mut random = crate::medium::Random::new(9);
    for case in 0..40 {
        let mut changed = image.clone();
        for _ in 0..3 {
            let at = random.below(changed.len().saturating_sub(8));
            changed[at..at + 8].fill(if case % 2 == 0 { 0xff } else { 0x7f });
        }
        desk.write("y.E01", &changed);
        for words in ["info y.E01", "verify y.E01", "hash y.E01"] {
            let started = Instant::now();
            desk.exhibit(words).run();
            assert!(started.elapsed() < Duration::from_secs(20), "{words} case {case} took {:?}", started.elapsed());
        }
    }
}
