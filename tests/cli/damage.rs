//! One changed bit, one cut tail: of an image, of what lies beside it, of a package, of a custody log in a case.
//!
//! Most of it runs in this process, through the same calls as `exhibit verify`; a sample runs through the binary. The
//! mutations are a fixed function of a number, so a failure names its case and is there again at the next run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use exhibit_custody::PublicKey;
use exhibit_evidence::acquisition::Acquisition;
use exhibit_evidence::{Cancel, MemorySource, Silent, Source};
use exhibit_image::{Part, identify};
use exhibit_verify::{
    ImageReader, Level, LoneImage, MemoryMembers, Outcome, Request, Trust, Verdict, Watch, check_case, check_image,
    check_package, zip,
};

use crate::harness::Desk;
use crate::medium::{Random, mixed};

fn source(bytes: &[u8]) -> Arc<dyn Source> {
    Arc::new(MemorySource::new(bytes.to_vec()))
}

/// An image with what lies beside it.
struct Image {
    e01: Vec<u8>,
    record: Acquisition,
    record_bytes: Vec<u8>,
    tree: Vec<u8>,
    medium: Vec<u8>,
}

impl Image {
    fn new(desk: &Desk) -> Self {
        let medium = mixed(70_001, 7);
        desk.write("source", &medium);
        desk.exhibit("acquire source --to x --hash md5,sha1,sha256 --notes seen --evidence-number 1").ends(0);
        let record_bytes = desk.read("x.acquisition.json");
        let record = serde_json::from_slice(&record_bytes).unwrap();
        Self { e01: desk.read("x.E01"), record, record_bytes, tree: desk.read("x.tree"), medium }
    }

    fn verdict(&self, e01: &[u8], record: Option<&Acquisition>, tree: &[u8]) -> Verdict {
        let cancel = Cancel::new();
        let image = LoneImage {
            name: "x.E01",
            files: vec![("x.E01".to_owned(), source(e01))],
            record,
            record_problem: None,
            tree: record.is_some().then(|| source(tree)),
            level: Level::Full,
            jobs: 1,
        };
        check_image(&image, Watch { observer: &Silent, cancel: &cancel }).unwrap().verdict().clone()
    }

    /// What somebody reads out of a changed copy that passes: medium and metadata.
    fn read(&self, e01: &[u8]) -> (Vec<u8>, String) {
        let parts = vec![Part { name: "x.E01".to_owned(), source: source(e01) }];
        let opened = identify(&*source(e01)).open(parts).unwrap().value;
        let mut medium = vec![0; usize::try_from(opened.size()).unwrap()];
        opened.read_at(0, &mut medium).unwrap();
        (medium, format!("{:?}", opened.description().metadata))
    }
}

/// A failed verdict names at least one place, and in an image also a position in it.
fn names_a_place(verdict: &Verdict, what: &str) {
    assert!(!verdict.findings.is_empty(), "{what}: no finding: {}", verdict.sentence());
    assert!(verdict.findings.iter().any(|finding| !finding.place.is_empty()), "{what}: {:?}", verdict.findings);
}

/// Judges every case on two threads; the judge returns what goes by unnoticed.
fn all<T: Send>(cases: usize, judge: impl Fn(usize) -> Option<T> + Sync) -> Vec<(usize, T)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut seen = Vec::new();
        loop {
            let case = next.fetch_add(1, Ordering::Relaxed);
            if case >= cases {
                return seen;
            }
            if let Some(value) = judge(case) {
                seen.push((case, value));
            }
        }
    };
    let mut seen: Vec<(usize, T)> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().expect("no change may panic")).collect()
    });
    seen.sort_by_key(|(case, _)| *case);
    seen
}

/// `bytes` with one bit of byte `at` changed; which bit depends on the place.
fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] ^= 1 << (at.wrapping_mul(2_654_435_761) >> 7 & 7);
    changed
}

#[test]
fn every_changed_byte_of_an_image_is_found_and_placed_by_its_record() {
    let desk = Desk::new();
    let image = Image::new(&desk);
    assert_eq!(image.verdict(&image.e01, Some(&image.record), &image.tree).outcome, Outcome::Holds);
    let step = image.e01.len().div_ceil(3000);
    let unnoticed = all(image.e01.len().div_ceil(step), |case| {
        let verdict = image.verdict(&flipped(&image.e01, case * step), Some(&image.record), &image.tree);
        if verdict.outcome == Outcome::DoesNotMatch {
            names_a_place(&verdict, &format!("byte {}", case * step));
            return None;
        }
        Some(verdict.sentence())
    });
    assert!(unnoticed.is_empty(), "{} of {}: {:?}", unnoticed.len(), image.e01.len().div_ceil(step), &unnoticed[0]);
    let cut = all(image.e01.len().div_ceil(61), |case| {
        let verdict = image.verdict(&image.e01[..case * 61], Some(&image.record), &image.tree);
        (verdict.outcome != Outcome::DoesNotMatch).then(|| verdict.sentence())
    });
    assert!(cut.is_empty(), "cut to {} × 61 bytes: {:?}", cut[0].0, cut[0].1);
}

#[test]
fn every_changed_byte_of_an_image_by_itself_is_found_or_changes_nothing_that_is_read() {
    let desk = Desk::new();
    let image = Image::new(&desk);
    let intact = image.read(&image.e01);
    assert!(intact.0 == image.medium);
    let step = image.e01.len().div_ceil(3000);
    let passed = all(image.e01.len().div_ceil(step), |case| {
        let changed = flipped(&image.e01, case * step);
        let verdict = image.verdict(&changed, None, &[]);
        match verdict.outcome {
            Outcome::Holds => {
                let (medium, metadata) = image.read(&changed);
                assert!(medium == intact.0, "byte {} changes the medium and passes", case * step);
                assert_eq!(metadata, intact.1, "byte {} changes the metadata and passes", case * step);
                Some(())
            }
            // Without its signature a file is raw, and nothing lies beside it to say otherwise.
            Outcome::Incomplete if case * step < 8 => None,
            _ => {
                names_a_place(&verdict, &format!("byte {}", case * step));
                None
            }
        }
    });
    let places: Vec<usize> = passed.iter().map(|(case, ())| case * step).collect();
    println!("of {} flips, {} change nothing that is read: {places:?}", image.e01.len().div_ceil(step), places.len());
    let cut = all(image.e01.len().div_ceil(61), |case| {
        let verdict = image.verdict(&image.e01[..case * 61], None, &[]);
        (verdict.outcome == Outcome::Holds).then(|| verdict.sentence())
    });
    assert!(cut.is_empty(), "cut to {} × 61 bytes: {:?}", cut[0].0, cut[0].1);
}

#[test]
fn a_changed_tree_is_found_at_every_byte_and_a_changed_record_wherever_it_speaks_of_the_medium() {
    let desk = Desk::new();
    let image = Image::new(&desk);
    let unnoticed = all(image.tree.len(), |at| {
        let verdict = image.verdict(&image.e01, Some(&image.record), &flipped(&image.tree, at));
        (verdict.outcome == Outcome::Holds).then_some(())
    });
    assert!(unnoticed.is_empty(), "bytes of the tree: {unnoticed:?}");
    // The record outside a case is not signed: what it says of people and times can be rewritten. What it says of the
    // medium cannot, without being found.
    let passed = all(image.record_bytes.len(), |at| {
        let changed: Acquisition = serde_json::from_slice(&flipped(&image.record_bytes, at)).ok()?;
        let verdict = image.verdict(&image.e01, Some(&changed), &image.tree);
        if verdict.outcome != Outcome::Holds {
            return None;
        }
        let hex = |record: &Acquisition| format!("{:?} {}", record.digests, record.tree.root).to_lowercase();
        let same = hex(&changed) == hex(&image.record)
            && (changed.size_bytes, &changed.gaps) == (image.record.size_bytes, &image.record.gaps)
            && changed.segments == image.record.segments;
        (!same).then(|| String::from_utf8_lossy(&image.record_bytes[at.saturating_sub(20)..at + 1]).into_owned())
    });
    assert!(passed.is_empty(), "{passed:?}");
}

#[test]
fn through_the_binary_a_changed_record_or_tree_never_passes_as_verified() {
    let desk = Desk::new();
    let image = Image::new(&desk);
    let mut passed = Vec::new();
    let step = image.record_bytes.len() / 40;
    for at in (0..image.record_bytes.len()).step_by(step.max(1)) {
        let changed = flipped(&image.record_bytes, at);
        if serde_json::from_slice::<Acquisition>(&changed).is_ok() {
            continue; // judged above
        }
        desk.write("x.acquisition.json", &changed);
        let ran = desk.exhibit("verify x.E01").ends_in(&[0, 1, 4, 7]);
        if ran.code == Some(0) {
            passed.push(at);
        }
    }
    assert!(passed.is_empty(), "a record that is no record any more, and verify says: verified; bytes {passed:?}");
    std::fs::remove_file(desk.path("x.tree")).unwrap();
    desk.write("x.acquisition.json", &image.record_bytes);
    desk.exhibit("verify x.E01").ends_in(&[4, 7]);
}

#[test]
fn through_the_binary_every_sampled_change_of_an_image_ends_with_4() {
    let desk = Desk::new();
    let image = Image::new(&desk);
    let mut random = Random::new(11);
    for at in [0, 8, 9, 12, 13, 89, 100, image.e01.len() - 1]
        .into_iter()
        .chain((0..24).map(|_| random.below(image.e01.len())))
    {
        desk.write("x.E01", &flipped(&image.e01, at));
        let ran = desk.exhibit("verify x.E01 --json").ends_in(&[1, 4]);
        assert!(ran.said().contains("x.E01"), "byte {at}: the file is named: {}", ran.said());
    }
    for length in [0, 1, 12, 13, 1000, image.e01.len() / 2, image.e01.len() - 77, image.e01.len() - 1] {
        desk.write("x.E01", &image.e01[..length]);
        desk.exhibit("verify x.E01").ends_in(&[1, 4]);
    }
    desk.write("x.E01", &image.e01);
    desk.exhibit("verify x.E01").ends(0);
}

#[test]
fn a_changed_raw_image_is_found_and_placed() {
    let desk = Desk::new();
    let source = mixed((3 << 20) + 100, 7);
    desk.write("source", &source);
    desk.exhibit("acquire source --to x --format raw").ends(0);
    for at in [0, 511, 1 << 20, (2 << 20) + 4097, source.len() - 1] {
        desk.write("x.raw", &flipped(&source, at));
        let outcome = desk.exhibit("verify x.raw").outcome(4);
        let node = at >> 20 << 20;
        let placed = outcome["verdict"]["findings"].as_array().unwrap().iter().any(|f| f["medium"]["offset"] == node);
        assert!(placed, "byte {at} is placed in its MiB: {outcome}");
    }
    for length in [0, 1, source.len() - 1] {
        desk.write("x.raw", &source[..length]);
        desk.exhibit("verify x.raw").ends(4);
    }
    let mut longer = source.clone();
    longer.push(0);
    desk.write("x.raw", &longer);
    desk.exhibit("verify x.raw").ends(4);
}

#[test]
fn a_change_is_placed_in_its_chunk_and_sector_range() {
    let desk = Desk::new();
    let source = crate::medium::noise(300_000, 8);
    desk.write("source", &source);
    desk.exhibit("acquire source --to x --compression none").ends(0);
    let mut image = desk.read("x.E01");
    let place = image.windows(64).position(|bytes| bytes == &source[100_000..100_064]).unwrap();
    image[place] ^= 1;
    desk.write("x.E01", &image);
    let outcome = desk.exhibit("verify x.E01").outcome(4);
    let findings = outcome["verdict"]["findings"].as_array().unwrap().clone();
    let chunk = findings.iter().any(|f| f["medium"]["offset"] == 98_304 && f["medium"]["length"] == 32_768);
    assert!(chunk, "chunk 3 is named by its range: {outcome}");
}

/// A small package, and the key it is checked with.
fn package(desk: &Desk) -> (Vec<u8>, PublicKey) {
    desk.case_with_item(&mixed(3000, 1));
    desk.exhibit("package case --to p.zip").ends(0);
    (desk.read("p.zip"), PublicKey::parse(desk.text("home/config/exhibit/signing-key.pub").trim()).unwrap())
}

fn judge_package(bytes: Vec<u8>, key: &PublicKey) -> Verdict {
    let cancel = Cancel::new();
    let reader = ImageReader { jobs: 1 };
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let trusted = std::slice::from_ref(key);
    let request = Request {
        level: Level::Full,
        trusted,
        trust: Trust::default(),
        media: Some(&reader),
        now: None,
        limits: zip::Limits::default(),
        watch,
    };
    check_package(Arc::new(MemorySource::new(bytes)), &request).unwrap().verdict().clone()
}

#[test]
fn every_changed_byte_and_every_cut_of_a_package_is_found_and_named() {
    let desk = Desk::new();
    let (bytes, key) = package(&desk);
    assert_eq!(judge_package(bytes.clone(), &key).outcome, Outcome::Holds);
    let step = bytes.len().div_ceil(2500);
    let unnoticed = all(bytes.len().div_ceil(step), |case| {
        let verdict = judge_package(flipped(&bytes, case * step), &key);
        if verdict.outcome == Outcome::Holds {
            return Some(case * step);
        }
        names_a_place(&verdict, &format!("byte {}", case * step));
        None
    });
    assert!(unnoticed.is_empty(), "{unnoticed:?}");
    let step = bytes.len().div_ceil(300);
    let cut = all(bytes.len().div_ceil(step), |case| {
        let verdict = judge_package(bytes[..case * step].to_vec(), &key);
        (verdict.outcome == Outcome::Holds).then_some(case * step)
    });
    assert!(cut.is_empty(), "{cut:?}");
}

#[test]
fn through_the_binary_every_sampled_change_of_a_package_ends_with_4() {
    let desk = Desk::new();
    let (bytes, _) = package(&desk);
    let mut random = Random::new(3);
    for at in [0, 30, bytes.len() - 1, bytes.len() - 22].into_iter().chain((0..16).map(|_| random.below(bytes.len()))) {
        desk.write("q.zip", &flipped(&bytes, at));
        desk.exhibit("verify q.zip").ends_in(&[1, 4]);
    }
    for length in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
        desk.write("q.zip", &bytes[..length]);
        desk.exhibit("verify q.zip").ends_in(&[1, 4, 7]);
    }
}

/// The files of a case folder in memory, without the lock.
fn members(desk: &Desk) -> MemoryMembers {
    let mut members = MemoryMembers::new();
    for name in exhibit_tests::places::files_below(&desk.path("case"), "") {
        if name.to_str() != Some("custody/lock") {
            members.insert(name.to_str().unwrap(), desk.read(std::path::Path::new("case").join(&name)));
        }
    }
    members
}

fn judge_case(members: &MemoryMembers, key: &PublicKey) -> Verdict {
    let cancel = Cancel::new();
    let reader = ImageReader { jobs: 1 };
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let trusted = std::slice::from_ref(key);
    let request = Request {
        level: Level::Full,
        trusted,
        trust: Trust::default(),
        media: Some(&reader),
        now: None,
        limits: zip::Limits::default(),
        watch,
    };
    check_case(members, &request).unwrap().verdict().clone()
}

#[test]
fn every_changed_byte_cut_or_lost_file_of_a_case_and_its_log_is_found() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    desk.exhibit("custody add --case case --item 001 --action sealed --seal 4711").ends(0);
    let key = PublicKey::parse(desk.text("home/config/exhibit/signing-key.pub").trim()).unwrap();
    let whole = members(&desk);
    assert_eq!(judge_case(&whole, &key).outcome, Outcome::Holds);
    let files: Vec<(String, Vec<u8>)> = whole.iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
    assert!(files.len() > 8, "{:?}", files.iter().map(|(name, _)| name).collect::<Vec<_>>());
    for (name, bytes) in &files {
        // The log byte by byte, what it binds by digest in samples.
        let step = if name.starts_with("custody/") { bytes.len().div_ceil(400) } else { bytes.len().div_ceil(60) };
        let unnoticed = all(bytes.len().div_ceil(step), |case| {
            let mut changed = whole.clone();
            changed.insert(name.as_str(), flipped(bytes, case * step));
            let verdict = judge_case(&changed, &key);
            if verdict.outcome == Outcome::Holds {
                return Some(case * step);
            }
            names_a_place(&verdict, name);
            None
        });
        assert!(unnoticed.is_empty(), "{name}: {unnoticed:?}");
        let step = bytes.len().div_ceil(40);
        let cut = all(bytes.len().div_ceil(step), |case| {
            let mut changed = whole.clone();
            changed.insert(name.as_str(), bytes[..case * step].to_vec());
            (judge_case(&changed, &key).outcome == Outcome::Holds).then_some(case * step)
        });
        assert!(cut.is_empty(), "{name} cut to {cut:?}");
        let mut lost = whole.clone();
        lost.remove(name);
        // The signed heads follow each other: the last one covers all records, so an earlier one may be lost.
        let last = format!(
            "custody/{}",
            desk.list("case/custody").iter().rfind(|name| name.ends_with(".checkpoint")).unwrap()
        );
        if name.ends_with(".checkpoint") && *name != last {
            continue;
        }
        assert_ne!(judge_case(&lost, &key).outcome, Outcome::Holds, "{name} lost");
    }
    let mut more = whole.clone();
    more.insert("items/001/002.E01", b"planted".to_vec());
    let verdict = judge_case(&more, &key);
    let is_named = verdict.findings.iter().any(|finding| finding.place == "items/001/002.E01");
    assert!(is_named, "a file that nobody recorded: {}", verdict.sentence());
}

#[test]
fn a_log_that_is_cut_back_does_not_cover_its_image_any_more() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    let key = PublicKey::parse(desk.text("home/config/exhibit/signing-key.pub").trim()).unwrap();
    let mut cut = members(&desk);
    let last = desk.list("case/custody").into_iter().rfind(|name| name.ends_with(".jsonl")).unwrap();
    let stem = last.trim_end_matches(".jsonl");
    cut.remove(&format!("custody/{last}")).unwrap();
    cut.remove(&format!("custody/{stem}.checkpoint")).unwrap();
    assert_ne!(judge_case(&cut, &key).outcome, Outcome::Holds);
}

#[test]
fn through_the_binary_a_changed_log_ends_with_4_and_is_not_extended() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    desk.exhibit("verify case").ends(0);
    let name = "case/custody/000002.jsonl";
    let text = desk.text(name);
    let changed = text.replacen("A. Example", "B. Example", 1);
    assert_ne!(text, changed);
    desk.write(name, changed.as_bytes());
    let before = desk.list("case/custody");
    let ran = desk.exhibit("verify case").ends(4);
    assert!(ran.said().contains("custody/00000"), "the place is named: {}", ran.said());
    desk.exhibit("custody log --case case").ends_in(&[0, 4]);
    let ran = desk.exhibit("custody add --case case later").ends_in(&[1, 4]);
    assert!(ran.stderr.contains("damaged"), "{}", ran.stderr);
    desk.exhibit("package case --to p.zip").ends_in(&[1, 4]);
    assert!(!desk.has("p.zip"));
    assert_eq!(before, desk.list("case/custody"));
}
