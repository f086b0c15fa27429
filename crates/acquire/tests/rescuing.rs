//! Whole acquisitions of failing disks with the policy `quick`: what is saved, what becomes a gap, how it ends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop there"
)]

mod desk;

use std::sync::Arc;
use std::time::{Duration, Instant};

use desk::{Desk, job};
use exhibit_acquire::rescue::{MapFile, Status};
use exhibit_acquire::{AcquireError, Acquired, Care, Checkpoints, Job, POLICIES};
use exhibit_evidence::{ByteRange, MemorySource, Source, Store as _};
use exhibit_testkit::{Death, Faulty, MemoryStore, pattern};

const MIB: u64 = 1 << 20;

type Disk = Faulty<MemorySource>;

fn disk(size: u64) -> Disk {
    Faulty::new(pattern(size as usize))
}

fn sector(number: u64) -> ByteRange {
    ByteRange::new(number * 512, 512)
}

fn with_bad(size: u64, bad: impl IntoIterator<Item = u64>) -> Disk {
    bad.into_iter().fold(disk(size), |disk, number| disk.bad(sector(number)))
}

fn job_of(disk: &Arc<Disk>, policy: &str) -> Job {
    let mut job = job(disk.clone(), "raw");
    job.policy = policy.to_owned();
    job.plan.errors = (exhibit_acquire::policy(policy).unwrap().describe)(512, job.plan.retries);
    job
}

/// The image holds the medium with zeros in the gaps, and the gaps are exactly `expected`.
fn check(desk: &Desk, acquired: &Acquired, disk: &Disk, expected: &[ByteRange]) {
    let gaps: Vec<ByteRange> = acquired.record.gaps.iter().map(exhibit_evidence::Gap::range).collect();
    assert_eq!(gaps, expected);
    let mut medium = vec![0; disk.size() as usize];
    disk.inner().read_at(0, &mut medium).unwrap();
    for gap in expected {
        medium[gap.offset as usize..gap.end() as usize].fill(0);
    }
    assert!(desk.store.get("disk.raw").unwrap() == medium, "the image is another medium");
    if expected.is_empty() {
        assert!(!desk.store.exists("disk.map"), "a map of nothing");
    } else {
        let map = MapFile::parse(&desk.store.get("disk.map").unwrap()).unwrap().map;
        let bad = map.runs().filter(|(_, status)| *status != Status::Good).map(|(run, _)| run);
        assert_eq!((map.size(), bad.collect::<Vec<_>>()), (disk.size(), expected.to_vec()));
    }
    let left: Vec<String> = desk.store.names().into_iter().filter(|name| name.contains("partial")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_healthy_disk_costs_nothing_extra() {
    let disk = Arc::new(disk(5 * MIB + 100));
    let mut desk = Desk::with(MemoryStore::new());
    let acquired = desk.run(&job_of(&disk, "quick")).unwrap();
    check(&desk, &acquired, &disk, &[]);
    assert_eq!(disk.reads(), 6);
    assert_eq!(desk.store.names(), ["disk.acquisition.json", "disk.raw", "disk.tree"]);
}

#[test]
fn good_places_are_read_before_bad_ones_are_tried_again() {
    let disk = Arc::new(with_bad(40 * MIB, 4096..6144));
    let mut desk = Desk::with(MemoryStore::new());
    let acquired = desk.run(&job_of(&disk, "quick")).unwrap();
    check(&desk, &acquired, &disk, &[ByteRange::new(2 * MIB, MIB)]);
    let requests = disk.requests();
    let first_small = requests.iter().position(|range| range.length == 512).unwrap();
    let good_before: u64 =
        requests[..first_small].iter().filter(|range| range.offset >= 3 * MIB).map(|range| range.length).sum();
    assert_eq!(good_before, 37 * MIB);
}

#[test]
fn a_rescue_that_dies_anywhere_is_gone_on_with_and_gives_the_same_image() {
    let bad: Vec<u64> = [2048, 2049, 5000].into_iter().chain(8000..8100).collect();
    let expected = [ByteRange::new(2048 * 512, 1024), sector(5000), ByteRange::new(8000 * 512, 100 * 512)];
    let care = Care { checkpoints: Some(Checkpoints { every_bytes: MIB, every_seconds: u64::MAX }), ..Care::default() };
    let whole = {
        let mut desk = Desk::with(MemoryStore::new());
        let source = Arc::new(with_bad(6 * MIB, bad.iter().copied()));
        desk.run(&Job { care, ..job_of(&source, "quick") }).unwrap();
        (desk.store.operations(), source.reads())
    };
    let mut saved_reads = 0;
    for step in 1..30_u64 {
        let death = if step.is_multiple_of(2) { Death::Killed } else { Death::PowerCut { kept_bytes: 0 } };
        let mut desk = Desk::with(MemoryStore::dying_after(whole.0 * step / 30));
        desk.ticking = true;
        let first = Arc::new(with_bad(6 * MIB, bad.iter().copied()));
        assert!(desk.run(&Job { care, ..job_of(&first, "quick") }).is_err(), "step {step}");
        desk.store = desk.store.revived(death, u64::MAX);
        let second = Arc::new(with_bad(6 * MIB, bad.iter().copied()));
        let resumed = Job { care: Care { resume: true, ..care }, ..job_of(&second, "quick") };
        let acquired = match desk.run(&resumed) {
            Err(AcquireError::NothingToResume(_)) => {
                desk.store = MemoryStore::new();
                desk.run(&job_of(&second, "quick")).unwrap()
            }
            other => other.unwrap(),
        };
        check(&desk, &acquired, &second, &expected);
        saved_reads += whole.1.saturating_sub(second.reads());
    }
    assert!(saved_reads > 0, "nothing of what was rescued before was used");
}

#[test]
fn a_working_file_that_does_not_hold_what_the_source_holds_is_not_believed() {
    let care = Care { checkpoints: Some(Checkpoints { every_bytes: MIB, every_seconds: u64::MAX }), ..Care::default() };
    let mut desk = Desk::with(MemoryStore::new());
    // The device goes when the rescue is under way.
    let first = Arc::new(with_bad(6 * MIB, [3000]).vanishes_after_reads(5));
    assert!(matches!(desk.run(&Job { care, ..job_of(&first, "quick") }), Err(AcquireError::Source { .. })));
    let mut work = desk.store.get("disk.rescue.partial").unwrap();
    let map = MapFile::parse(&desk.store.get("disk.map.partial").unwrap()).unwrap();
    let window = map.window.unwrap();
    let (good, _) = map.map.runs_in(window).find(|(_, status)| *status == Status::Good).unwrap();
    work[(good.offset - window.offset) as usize] ^= 1;
    desk.store.tamper("disk.rescue.partial", work);
    let second = Arc::new(with_bad(6 * MIB, [3000]));
    let acquired = desk.run(&Job { care: Care { resume: true, ..care }, ..job_of(&second, "quick") }).unwrap();
    check(&desk, &acquired, &second, &[sector(3000)]);
}

#[test]
fn a_destination_without_room_for_the_whole_rest_is_rescued_in_parts() {
    let disk = Arc::new(with_bad(40 * MIB, [10, 50_000, 81_919]));
    // Image and tree fit, and a working file of the least size.
    let mut desk = Desk::with(MemoryStore::failing_after(60 * MIB));
    let acquired = desk.run(&job_of(&disk, "quick")).unwrap();
    check(&desk, &acquired, &disk, &[sector(10), sector(50_000), sector(81_919)]);
}

#[test]
fn a_device_that_is_gone_ends_the_work_under_every_policy_and_is_gone_on_with() {
    let care = Care { checkpoints: Some(Checkpoints { every_bytes: MIB, every_seconds: u64::MAX }), ..Care::default() };
    for policy in POLICIES {
        for at in [0, 700, 2 * MIB, 3 * MIB + 4096] {
            let first = Arc::new(with_bad(4 * MIB, [100, 7000]).vanishes_at(at));
            let mut desk = Desk::with(MemoryStore::new());
            let error = desk.run(&Job { care, ..job_of(&first, policy.id) }).unwrap_err();
            assert!(matches!(error, AcquireError::Source { .. }), "{} {at}: {error}", policy.id);
            let second = Arc::new(with_bad(4 * MIB, [100, 7000]));
            let resumed = Job { care: Care { resume: true, ..care }, ..job_of(&second, policy.id) };
            let acquired = desk.run(&resumed).unwrap();
            check(&desk, &acquired, &second, &[sector(100), sector(7000)]);
        }
    }
}

#[test]
fn what_a_shorter_source_no_longer_has_is_a_gap_and_says_so() {
    for policy in POLICIES {
        for (left, bad) in [(3 * MIB + 700, vec![]), (3 * MIB + 700, vec![100]), (600, vec![]), (MIB, vec![2040])] {
            let disk = Arc::new(with_bad(6 * MIB, bad.iter().copied()).shrinks_to(left, 0));
            let mut desk = Desk::with(MemoryStore::new());
            let acquired = desk.run(&job_of(&disk, policy.id)).unwrap();
            let lost = ByteRange::between(left, 6 * MIB);
            let expected: Vec<_> = bad.iter().map(|number| sector(*number)).chain([lost]).collect();
            check(&desk, &acquired, &disk, &expected);
            let last = acquired.record.gaps.last().unwrap();
            assert!(last.cause.contains("past the end of the source") && last.retries == 0, "{last:?}");
        }
    }
}

#[test]
fn a_source_that_became_empty_is_a_lost_device_and_no_image_full_of_zeros() {
    for policy in POLICIES {
        let disk = Arc::new(disk(4 * MIB).shrinks_to(0, 2));
        let mut desk = Desk::with(MemoryStore::new());
        let error = desk.run(&job_of(&disk, policy.id)).unwrap_err();
        assert!(matches!(error, AcquireError::Source { offset, .. } if offset == 2 * MIB), "{error}");
    }
}

#[test]
fn short_reads_lose_nothing() {
    for policy in POLICIES {
        for most in [512, 4096, 70_000] {
            let disk = Arc::new(disk(3 * MIB + 100).delivers_at_most(most));
            let mut desk = Desk::with(MemoryStore::new());
            let acquired = desk.run(&job_of(&disk, policy.id)).unwrap();
            check(&desk, &acquired, &disk, &[]);
        }
    }
}

#[test]
fn a_read_that_hangs_is_left_alone_and_its_sector_is_a_gap() {
    for policy in POLICIES {
        // Two sectors that take longer than anybody waits, and come back: never more than four reads hang at once.
        let slow = [sector(100), sector(3000)];
        let disk = slow.iter().fold(disk(4 * MIB), |disk, place| disk.slow(*place, Duration::from_millis(400)));
        let disk = Arc::new(disk);
        let mut desk = Desk::with(MemoryStore::new());
        let care = Care { read_timeout: Some(Duration::from_millis(150)), ..Care::default() };
        let acquired = desk.run(&Job { care, ..job_of(&disk, policy.id) }).unwrap();
        check(&desk, &acquired, &disk, &slow);
        assert!(acquired.record.gaps[0].cause.contains("no answer within 0.15 s"), "{:?}", acquired.record.gaps);
    }
}

#[test]
fn a_device_that_never_answers_ends_the_work_in_time_with_the_place() {
    for policy in POLICIES {
        let disk = Arc::new(disk(4 * MIB).hangs(ByteRange::new(2 * MIB + 512, 2 * MIB)));
        let mut desk = Desk::with(MemoryStore::new());
        let care = Care { read_timeout: Some(Duration::from_millis(50)), ..Care::default() };
        let began = Instant::now();
        let error = desk.run(&Job { care, ..job_of(&disk, policy.id) }).unwrap_err();
        let AcquireError::Source { offset, cause } = &error else { panic!("{error}") };
        assert!(*offset >= 2 * MIB && cause.contains("does not answer"), "{error}");
        // Four reads that hang, and as long again.
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        disk.release();
    }
}
