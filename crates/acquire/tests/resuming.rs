//! Machines that die at any moment: what comes out in the end is what an uninterrupted run makes, byte for byte.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop there")]

mod desk;

use std::sync::Arc;

use desk::{Desk, job, small_checkpoints};
use exhibit_acquire::{AcquireError, Checkpoints, Job};
use exhibit_evidence::{ByteRange, MemorySource, Source, Store as _};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, FORMATS};
use exhibit_testkit::{Death, Faulty, MemoryStore};

/// Medium of these tests: some MiB of noise and runs, not a multiple of anything.
const BYTES: usize = 4 * BLOCK_BYTES + 77_000;

fn medium() -> Vec<u8> {
    let mut state = 3_u64;
    let mut byte = move |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if n / 200_000 % 4 == 1 { 0 } else { (state >> 56) as u8 }
    };
    (0..BYTES).map(&mut byte).collect()
}

/// A disk with some bad sectors: at the beginning, across a MiB, near the end.
fn disk() -> Arc<dyn Source> {
    let mut disk = Faulty::new(MemorySource::new(medium()));
    for (sector, count) in [(3, 1), (2047, 3), (5000, 1), (8200, 2)] {
        disk = disk.bad(ByteRange::new(sector * 512, count * 512));
    }
    Arc::new(disk)
}

fn written() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.spec()).filter(|spec| spec.abilities.write).map(|spec| spec.id)
}

fn plan(format: &str, resume: bool) -> Job {
    let mut job = job(disk(), format);
    job.plan.segment_size_bytes = (format == "e01").then_some(2 << 20);
    job.care = small_checkpoints();
    job.care.resume = resume;
    job
}

/// The files of `desk`; the record without what must differ.
fn outcome(desk: &Desk) -> Vec<(String, Vec<u8>)> {
    let without = |name: &str, bytes: Vec<u8>| {
        if !name.ends_with(".json") {
            return bytes;
        }
        let mut record: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        record.as_object_mut().unwrap().remove("resumed");
        record.to_string().into_bytes()
    };
    desk.store.files().into_iter().map(|(name, bytes)| (name.clone(), without(&name, bytes))).collect()
}

/// Runs until it is done, each time with a machine that dies after so many more operations; the deaths.
fn run_through(format: &str, deaths: &[(u64, Death)]) -> (Desk, usize) {
    let mut desk = Desk::with(MemoryStore::dying_after(deaths.first().map_or(u64::MAX, |death| death.0)));
    for turn in 0..=deaths.len() {
        let begun = turn > 0 && desk.store.exists("disk.journal");
        match desk.run(&plan(format, begun)) {
            Ok(_) => return (desk, turn),
            Err(error) => assert!(turn < deaths.len(), "{format} {deaths:?}: {error}"),
        }
        let next = deaths.get(turn + 1).map_or(u64::MAX, |death| death.0);
        desk = Desk::with(desk.store.revived(deaths[turn].1, next));
    }
    unreachable!("the last machine does not die")
}

/// Whether the format has something to go on from in so small a medium; an AFF4 seals every 64 MiB.
fn seals_early(format: &str) -> bool {
    format != "aff4"
}

/// What a machine leaves that dies after two thirds of the work.
fn dead(format: &str) -> Desk {
    let (whole, _) = run_through(format, &[]);
    let mut desk = Desk::with(MemoryStore::dying_after(whole.store.operations() * 2 / 3));
    desk.run(&plan(format, false)).unwrap_err();
    desk
}

#[test]
fn killed_at_two_hundred_moments_the_same_files_come_out() {
    let mut killed = 0;
    let formats: Vec<&str> = written().collect();
    for format in &formats {
        let (whole, _) = run_through(format, &[]);
        let expected = outcome(&whole);
        let operations = whole.store.operations();
        assert!(expected.iter().all(|(name, _)| !name.contains("partial")), "{format}");
        // Every moment but for the beginning, where little happens, and then twice and three times in a row.
        let moments = 210_u64.div_ceil(formats.len() as u64);
        for moment in 0..moments {
            let at = 1 + operations * moment / moments;
            let death = match moment % 3 {
                0 => Death::Killed,
                1 => Death::PowerCut { kept_bytes: 0 },
                _ => Death::PowerCut { kept_bytes: 70_000 },
            };
            let again = 5 + moment * 37 % operations;
            let deaths = [(at, death), (again, Death::Killed), (again / 2, death)];
            let deaths = &deaths[..1 + (moment % 3) as usize];
            let (desk, died) = run_through(format, deaths);
            killed += died;
            let got = outcome(&desk);
            let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            assert_eq!(names(&got), names(&expected), "{format} {deaths:?}");
            for (got, expected) in got.iter().zip(&expected) {
                assert!(got.1 == expected.1, "{format} {deaths:?}: {} differs", got.0);
            }
        }
    }
    assert!(killed >= 200, "{killed} deaths over {formats:?}");
}

#[test]
fn what_was_sealed_is_used_and_the_record_says_from_where() {
    for format in written() {
        let (whole, _) = run_through(format, &[]);
        let late = whole.store.operations() * 2 / 3;
        let (desk, died) = run_through(format, &[(late, Death::PowerCut { kept_bytes: 0 })]);
        assert_eq!(died, 1);
        let record = desk.record();
        let at = record.resumed[0].at_bytes;
        let is_place = at >= BLOCK_BYTES as u64 && at.is_multiple_of(BLOCK_BYTES as u64);
        assert!(is_place || !seals_early(format), "{format}: gone on from {at}");
        assert_eq!(record.gaps.len(), 4, "{format}");
    }
}

#[test]
fn without_resume_an_unfinished_state_is_refused_and_stays_as_it_is() {
    for format in written() {
        let mut desk = Desk::with(dead(format).store.revived(Death::Killed, u64::MAX));
        let before = desk.store.files();
        assert!(matches!(desk.run(&plan(format, false)), Err(AcquireError::Unfinished { .. })), "{format}");
        assert_eq!(desk.store.files(), before);
        let nothing = Desk::with(MemoryStore::new()).run(&plan(format, true));
        assert!(matches!(nothing, Err(AcquireError::NothingToResume(_))), "{format}");
    }
}

#[test]
fn another_plan_another_disk_and_another_medium_are_refused() {
    for format in written() {
        let dead = dead(format);
        let again = || Desk::with(dead.store.revived(Death::Killed, u64::MAX));
        let refused = |change: &dyn Fn(&mut Job)| {
            let mut job = plan(format, true);
            change(&mut job);
            again().run(&job).unwrap_err()
        };
        let other = |error: AcquireError, word: &str| {
            assert!(matches!(&error, AcquireError::OtherJob(text) if text.contains(word)), "{format}: {error}");
        };
        other(refused(&|job| job.plan.compression = "best".to_owned()), "compression");
        other(refused(&|job| job.plan.hashes = vec!["sha256".to_owned()]), "hashes");
        other(refused(&|job| job.identity.serial = Some("0815".to_owned())), "serial");
        other(refused(&|job| job.identity.size_bytes += 1), "size");
        if !seals_early(format) {
            continue;
        }
        // The same words and sizes, other bytes.
        let mut bytes = medium();
        bytes[700] ^= 1;
        let error = refused(&move |job| job.source = Arc::new(MemorySource::new(bytes.clone())));
        assert!(matches!(error, AcquireError::OtherSource { offset: 700 }), "{format}: {error}");
    }
}

#[test]
fn damage_to_what_was_sealed_is_noticed_and_an_earlier_place_is_taken() {
    for format in written() {
        let (whole, _) = run_through(format, &[]);
        let expected = outcome(&whole);
        let dead = dead(format);
        let first = format!("disk.{}.partial", exhibit_image::format(format).unwrap().spec().extension);
        for place in [100_000, 1_200_000, 2_500_000] {
            let mut desk = Desk::with(dead.store.revived(Death::Killed, u64::MAX));
            let mut bytes = desk.store.get(&first).unwrap();
            if place >= bytes.len() {
                continue;
            }
            bytes[place] ^= 0x10;
            desk.store.tamper(&first, bytes);
            match desk.run(&plan(format, true)) {
                Ok(_) => {}
                // Nothing that was sealed holds: what is there stays, until somebody says that it may go.
                Err(AcquireError::Unbelievable { .. }) => {
                    // Raw goes on from every MiB; an E01 from the end of its segment files.
                    assert!(format != "raw" || place < BLOCK_BYTES, "{format}: damage at {place}");
                    assert!(desk.store.get(&first).unwrap().len() > place, "{format}");
                    let mut again = plan(format, true);
                    again.care.from_start = true;
                    desk.run(&again).unwrap();
                }
                Err(error) => panic!("{format}: damage at {place}: {error}"),
            }
            let at = desk.record().resumed[0].at_bytes;
            assert!(at <= place as u64 * 2, "{format}: damage at {place}, gone on from {at}");
            assert!(outcome(&desk) == expected, "{format}: damage at {place}");
        }
    }
}

#[test]
fn a_journal_that_is_no_journal_is_refused_and_never_a_panic() {
    let dead = dead("raw");
    let journal = dead.store.get("disk.journal.partial").unwrap();
    let tampered = |bytes: Vec<u8>| {
        let mut desk = Desk::with(dead.store.revived(Death::Killed, u64::MAX));
        desk.store.tamper("disk.journal.partial", bytes);
        desk.run(&plan("raw", true)).map(|_| desk)
    };
    for text in [&b""[..], b"\n", b"{}\n", b"{\"mark\":1}\n", b"\0\0\0"] {
        let Err(error) = tampered(text.to_vec()) else { panic!("{text:?} was taken for a journal") };
        assert!(matches!(error, AcquireError::Unbelievable { .. }), "{error}");
    }
    let expected = outcome(&run_through("raw", &[]).0);
    let mut desk = Desk::with(dead.store.revived(Death::Killed, u64::MAX));
    desk.store.tamper("disk.journal.partial", b"no journal\n");
    let mut again = plan("raw", true);
    again.care.from_start = true;
    desk.run(&again).unwrap();
    assert!(outcome(&desk) == expected, "begun again when it was allowed");
    let header = journal.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let step = ((journal.len() - header) / 12).max(1);
    for cut in (header..journal.len()).step_by(step) {
        let desk = tampered(journal[..cut].to_vec()).unwrap();
        assert!(outcome(&desk) == expected, "the journal cut to {cut} bytes");
        let mut flipped = journal.clone();
        flipped[cut] ^= 1;
        let desk = tampered(flipped).unwrap();
        assert!(outcome(&desk) == expected, "the journal with byte {cut} changed");
    }
}

#[test]
fn one_reading_finds_the_last_place_that_holds_however_many_follow_it() {
    let plan = |resume| {
        let mut job = job(Arc::new(MemorySource::new(vec![0x5a; 40 * BLOCK_BYTES])), "raw");
        job.care = small_checkpoints();
        job.care.resume = resume;
        job
    };
    let mut whole = Desk::with(MemoryStore::new());
    whole.run(&plan(false)).unwrap();
    let mut dead = Desk::with(MemoryStore::dying_after(whole.store.operations() * 9 / 10));
    dead.run(&plan(false)).unwrap_err();
    let mut desk = Desk::with(dead.store.revived(Death::Killed, u64::MAX));
    let mut bytes = desk.store.get("disk.raw.partial").unwrap();
    bytes[2 * BLOCK_BYTES + 5] ^= 1;
    desk.store.tamper("disk.raw.partial", bytes);
    desk.run(&plan(true)).unwrap();
    assert_eq!(desk.record().resumed[0].at_bytes, 2 * BLOCK_BYTES as u64);
    assert_eq!(desk.refused_places, 1, "more than one place was read again in vain");
    assert!(outcome(&desk) == outcome(&whole));
}

#[test]
fn the_journal_tells_of_time_as_well_as_of_bytes() {
    let mut job = plan("raw", false);
    job.care.checkpoints = Some(Checkpoints { every_bytes: u64::MAX, every_seconds: 1 });
    job.compression = Compression::None;
    let mut desk = Desk::with(MemoryStore::dying_after(25));
    desk.ticking = true;
    desk.run(&job).unwrap_err();
    let journal = String::from_utf8(desk.store.get("disk.journal.partial").unwrap()).unwrap();
    assert!(journal.lines().filter(|line| line.starts_with("{\"mark\"")).count() > 1, "{journal}");
}

#[test]
fn a_format_that_seals_rarely_goes_on_from_there_too() {
    for format in written().filter(|format| !seals_early(format)) {
        let mut bytes = medium();
        bytes.resize(66 * BLOCK_BYTES + 5000, 0x55);
        bytes[65 * BLOCK_BYTES..].iter_mut().enumerate().for_each(|(n, byte)| *byte = (n / 77) as u8);
        let source: Arc<dyn Source> = Arc::new(Faulty::new(MemorySource::new(bytes)).bad(ByteRange::new(512, 512)));
        let plan = |resume| {
            let mut job = job(source.clone(), format);
            job.care = small_checkpoints();
            job.care.resume = resume;
            job
        };
        let mut whole = Desk::with(MemoryStore::new());
        whole.run(&plan(false)).unwrap();
        let operations = whole.store.operations();
        for (at, death) in [(4, Death::PowerCut { kept_bytes: 9 }), (9, Death::Killed)] {
            let mut dead = Desk::with(MemoryStore::dying_after(operations - at));
            dead.run(&plan(false)).unwrap_err();
            let mut again = Desk::with(dead.store.revived(death, u64::MAX));
            again.run(&plan(true)).unwrap();
            assert!(outcome(&again) == outcome(&whole), "{format}: died {at} operations before the end");
        }
    }
}
