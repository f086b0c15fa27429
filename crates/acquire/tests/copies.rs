//! Two places at once, the room that is left, and the source read a second time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop there")]

mod desk;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use desk::{Desk, job, small_checkpoints};
use exhibit_acquire::{AcquireError, Job};
use exhibit_evidence::{ByteRange, MemorySource, ReadFault, Severity, Source, Store as _};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, FORMATS};
use exhibit_testkit::{Death, Faulty, MemoryStore, pattern};

const BYTES: usize = 3 * BLOCK_BYTES + 4321;

fn written() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.spec()).filter(|spec| spec.abilities.write).map(|spec| spec.id)
}

fn plan(format: &str) -> Job {
    let mut job = job(Arc::new(pattern(BYTES)), format);
    (job.care, job.compression) = (small_checkpoints(), Compression::None);
    job
}

fn two(first: MemoryStore, second: MemoryStore) -> Desk {
    Desk { copy: Some(second), ..Desk::with(first) }
}

#[test]
fn both_places_hold_the_same_files_and_the_record_names_the_second() {
    for format in written() {
        let mut desk = two(MemoryStore::new(), MemoryStore::new());
        let acquired = desk.run(&plan(format)).unwrap();
        assert!(acquired.findings.is_empty(), "{:?}", acquired.findings);
        assert_eq!(desk.copy.as_ref().unwrap().files(), desk.store.files(), "{format}");
        assert!(desk.store.names().iter().all(|name| !name.contains("partial")));
        let copy = desk.record().copy.unwrap();
        assert!(copy.complete && copy.place == "second" && copy.problem.is_none());
    }
}

#[test]
fn a_second_place_that_fails_at_any_moment_does_not_spoil_the_first() {
    for format in written() {
        let mut alone = Desk::with(MemoryStore::new());
        alone.run(&plan(format)).unwrap();
        let mut healthy = two(MemoryStore::new(), MemoryStore::new());
        healthy.run(&plan(format)).unwrap();
        let operations = healthy.copy.unwrap().operations();
        for dies_after in 0..operations {
            let mut desk = two(MemoryStore::new(), MemoryStore::dying_after(dies_after));
            let acquired = desk.run(&plan(format)).unwrap();
            let what = format!("{format}, the copy dies after {dies_after} of {operations}");
            let Some(finding) = acquired.findings.first() else {
                // Only its journal could not be removed any more: the copy is whole.
                assert_eq!(dies_after, operations - 1, "{what}");
                let unfinished: Vec<String> =
                    desk.copy.unwrap().names().into_iter().filter(|n| n.contains("partial")).collect();
                assert_eq!(unfinished, ["disk.journal.partial"], "{what}");
                continue;
            };
            assert_eq!((finding.code.as_str(), finding.severity), ("copy-failed", Severity::Incomplete), "{what}");
            for (name, bytes) in alone.store.files() {
                assert!(name.ends_with(".json") || desk.store.get(&name).as_ref() == Some(&bytes), "{what}: {name}");
            }
            // Nothing of the copy looks complete: its first segment is named last.
            let first = format!("disk.{}", exhibit_image::format(format).unwrap().spec().extension);
            assert!(desk.copy.unwrap().get(&first).is_none(), "{what}");
        }
    }
}

#[test]
fn a_copy_that_does_not_give_back_what_was_written_is_found_out() {
    for format in written() {
        let mut desk = two(MemoryStore::new(), MemoryStore::new());
        desk.bad_copy = true;
        let acquired = desk.run(&plan(format)).unwrap();
        assert_eq!(acquired.findings[0].code, "copy-failed", "{format}");
        assert!(!desk.record().copy.unwrap().complete);
        let copy = desk.copy.unwrap();
        assert!(desk.store.names().iter().all(|name| !name.contains("partial")), "{format}");
        assert!(copy.names().iter().all(|name| name.ends_with(".partial")), "{format}: {:?}", copy.names());
    }
}

#[test]
fn both_places_are_gone_on_with_and_one_that_lags_behind_is_given_up() {
    for format in written() {
        let mut whole = two(MemoryStore::new(), MemoryStore::new());
        whole.run(&plan(format)).unwrap();
        let mut dead = two(MemoryStore::dying_after(whole.store.operations() * 2 / 3), MemoryStore::new());
        dead.run(&plan(format)).unwrap_err();
        let revived = |store: &MemoryStore| store.revived(Death::Killed, u64::MAX);
        let mut resume = plan(format);
        resume.care.resume = true;

        let mut both = two(revived(&dead.store), revived(dead.copy.as_ref().unwrap()));
        both.run(&resume).unwrap();
        assert!(both.record().copy.unwrap().complete, "{format}");
        assert_eq!(both.copy.as_ref().unwrap().files(), both.store.files(), "{format}");

        let behind = revived(dead.copy.as_ref().unwrap());
        for (name, bytes) in behind.files() {
            behind.tamper(&name, &bytes[..bytes.len() / 3]);
        }
        let mut behind = two(revived(&dead.store), behind);
        let acquired = behind.run(&resume).unwrap();
        let complete = behind.record().copy.unwrap().complete;
        // Where nothing was sealed yet, both begin anew and the copy is whole as well.
        let from = acquired.record.resumed[0].at_bytes;
        assert!(complete == (from == 0), "{format} from {from}: {:?}", acquired.findings);
    }
}

#[test]
fn the_copy_alone_is_gone_on_with_when_the_first_disk_has_died() {
    for format in written() {
        let mut whole = two(MemoryStore::new(), MemoryStore::new());
        whole.run(&plan(format)).unwrap();
        let operations = whole.store.operations();
        for at in (2..operations).step_by(3) {
            let mut dead = two(MemoryStore::dying_after(at), MemoryStore::new());
            dead.run(&plan(format)).unwrap_err();
            let copy = dead.copy.unwrap();
            if copy.get("disk.journal.partial").is_none() {
                continue; // nothing but names was missing, or nothing had been begun
            }
            let mut alone = Desk::with(copy.revived(Death::PowerCut { kept_bytes: 100 }, u64::MAX));
            let mut resume = plan(format);
            resume.care.resume = true;
            alone.run(&resume).unwrap();
            for (name, bytes) in whole.store.files() {
                assert!(name.ends_with(".json") || alone.store.get(&name) == Some(bytes), "{format} {at}: {name}");
            }
            assert!(alone.store.names().iter().all(|name| !name.contains("partial")), "{format} {at}");
        }
    }
}

#[test]
fn what_cannot_fit_is_refused_before_anything_is_written_in_either_place() {
    let size = BYTES as u64;
    for (first, second) in [(size / 2, u64::MAX), (u64::MAX, size / 2)] {
        let mut desk = two(MemoryStore::failing_after(first), MemoryStore::failing_after(second));
        let error = desk.run(&plan("raw")).unwrap_err();
        assert!(matches!(error, AcquireError::NoSpace { free_bytes, .. } if free_bytes == size / 2), "{error}");
        assert!(desk.store.names().is_empty() && desk.copy.unwrap().names().is_empty() && desk.actions.is_empty());
    }
}

#[test]
fn stopped_before_the_disk_is_full_it_is_gone_on_with_when_there_is_room() {
    for format in written() {
        let mut whole = Desk::with(MemoryStore::new());
        let mut job = self::plan(format);
        (job.source, job.compression) = (Arc::new(pattern(40 * BLOCK_BYTES)), Compression::Fast);
        job.plan.segment_size_bytes = (format == "e01").then_some(2 << 20);
        job.policy = "linear".to_owned();
        if format == "raw" {
            continue; // refused at once
        }
        whole.run(&job).unwrap();
        let needed: u64 = whole.store.files().values().map(|bytes| bytes.len() as u64).sum();
        let mut desk = Desk::with(MemoryStore::failing_after(needed / 2));
        let error = desk.run(&job).unwrap_err();
        assert!(matches!(error, AcquireError::SpaceEnds { .. } | AcquireError::Image(_)), "{format}: {error}");
        let mut desk = Desk::with(desk.store.revived(Death::Killed, u64::MAX));
        job.care.resume = true;
        desk.run(&job).unwrap();
        for (name, bytes) in whole.store.files() {
            assert!(name.ends_with(".json") || desk.store.get(&name).as_ref() == Some(&bytes), "{format}: {name}");
        }
    }
}

#[test]
fn the_source_is_read_again_and_what_changed_is_named() {
    /// A disk that says something else from its second reading on.
    struct Fickle(MemorySource, AtomicU64);
    impl Source for Fickle {
        fn size(&self) -> u64 {
            self.0.size()
        }
        fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
            self.0.read_at(at, buf)?;
            if at == BLOCK_BYTES as u64 && self.1.fetch_add(1, Ordering::Relaxed) > 0 {
                buf[5] ^= 1;
            }
            Ok(())
        }
    }
    for format in written() {
        let mut job = plan(format);
        job.care.rehash_source = true;
        job.source = Arc::new(Faulty::new(pattern(BYTES)).bad(ByteRange::new(1024, 512)));
        let mut desk = Desk::with(MemoryStore::new());
        let acquired = desk.run(&job).unwrap();
        let again = desk.record().source_again.unwrap();
        assert!(again.matches && acquired.findings.is_empty(), "{format}: {:?}", acquired.findings);
        assert_eq!(again.digests, Some(desk.record().digests), "{format}");

        job.source = Arc::new(Fickle(pattern(BYTES), AtomicU64::new(0)));
        let mut desk = Desk::with(MemoryStore::new());
        let acquired = desk.run(&job).unwrap();
        let finding = &acquired.findings[0];
        assert_eq!((finding.code.as_str(), finding.severity), ("source-changed", Severity::Mismatch), "{format}");
        let again = desk.record().source_again.unwrap();
        assert!(!again.matches && again.problem.unwrap().contains("offset 1048576"), "{format}");
        assert!(!desk.store.exists("disk.journal"), "the image itself is complete");
    }
}
