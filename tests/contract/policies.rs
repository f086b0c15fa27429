//! Every read policy on every failing disk, in every format that is written.

use std::sync::Arc;

use exhibit_acquire::{AcquireError, POLICIES};
use exhibit_evidence::{ByteRange, Source as _};
use exhibit_image::{FORMATS, Fill};
use exhibit_testkit::{Faulty, pattern};

use crate::acquisition::{Case, acquire, acquire_as, medium};

/// A disk that fails somehow: what fails for ever, and how often the rest fails before it reads.
struct Disk {
    what: &'static str,
    size: usize,
    sector_bytes: u32,
    bad: Vec<ByteRange>,
    weak: Vec<(ByteRange, u32)>,
}

const MIB: u64 = 1 << 20;

fn disks() -> Vec<Disk> {
    let disk = |what, size, sector_bytes, bad, weak| Disk { what, size, sector_bytes, bad, weak };
    let sectors = |first: u64, count: u64| ByteRange::new(first * 512, count * 512);
    vec![
        disk("healthy", 3 * 1024 * 1024 + 5, 512, vec![], vec![]),
        disk("first sector", 100_000, 512, vec![sectors(0, 1)], vec![]),
        disk("last whole sector", 100_352, 512, vec![sectors(195, 1)], vec![]),
        disk("last sector, cut short", 100_000, 512, vec![sectors(195, 1)], vec![]),
        disk("around a block border", 3 << 20, 512, vec![sectors(2047, 2)], vec![]),
        disk("every other sector", 300_000, 512, (0..200).step_by(2).map(|n| sectors(n, 1)).collect(), vec![]),
        disk("a whole block", 3 << 20, 512, vec![ByteRange::new(MIB, MIB)], vec![]),
        disk("all of it", 70_000, 512, vec![ByteRange::new(0, 70_000)], vec![]),
        disk("second, eighth and ninth sector", 100_000, 512, vec![sectors(1, 1), sectors(7, 2)], vec![]),
        disk("around sector 4096", 3 << 20, 512, vec![sectors(4095, 2)], vec![]),
        disk("first and last of three blocks", 3 << 20, 512, vec![sectors(0, 1), sectors(6143, 1)], vec![]),
        disk("a run from block to block", 3 << 20, 512, vec![sectors(1000, 2000)], vec![]),
        disk("scattered", 2_500_000, 512, (3..4800).step_by(411).map(|n| sectors(n, 1)).collect(), vec![]),
        disk("4096-byte sectors around a block border", 3 << 20, 4096, vec![ByteRange::new(MIB - 4096, 8192)], vec![]),
        disk("4096-byte sectors", 1 << 20, 4096, vec![ByteRange::new(40_960, 4096)], vec![]),
        disk("weak sectors that read in the end", 300_000, 512, vec![], vec![(sectors(7, 1), 2), (sectors(100, 3), 1)]),
        disk("weak and dead side by side", 300_000, 512, vec![sectors(8, 1)], vec![(sectors(7, 1), 2)]),
    ]
}

fn faulty(disk: &Disk) -> Faulty<exhibit_evidence::MemorySource> {
    let healthy = Faulty::new(pattern(disk.size)).sector(disk.sector_bytes);
    let dead = disk.bad.iter().fold(healthy, |faulty, range| faulty.bad(*range));
    disk.weak.iter().fold(dead, |faulty, (range, attempts)| faulty.clears_after(*range, *attempts))
}

/// A medium of `size` bytes with the fill that the format puts where `bad` is.
fn filled(size: usize, bad: impl IntoIterator<Item = ByteRange>, fill: Fill) -> Vec<u8> {
    let mut bytes = vec![0; size];
    pattern(size).read_at(0, &mut bytes).unwrap();
    for range in bad {
        let range = range.intersect(ByteRange::new(0, size as u64));
        let (start, end) = (usize::try_from(range.offset).unwrap(), usize::try_from(range.end()).unwrap());
        fill.put(range.offset, &mut bytes[start..end]);
    }
    bytes
}

/// What the format puts where nothing could be read: AFF4 has a text for it.
fn fill_of(format: &str) -> Fill {
    if format == "aff4" { Fill::UnreadableData } else { Fill::Zero }
}

fn written_formats() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.spec()).filter(|spec| spec.abilities.write).map(|spec| spec.id)
}

/// Numbers of the sectors in ranges.
fn sector_numbers(ranges: impl Iterator<Item = ByteRange>, sector_bytes: u32, size: usize) -> Vec<u64> {
    let sector = u64::from(sector_bytes);
    let whole = ByteRange::new(0, size as u64);
    ranges.map(|range| range.intersect(whole)).flat_map(|r| r.offset / sector..r.end().div_ceil(sector)).collect()
}

#[test]
fn exactly_what_cannot_be_read_is_a_gap_and_everything_else_is_in_its_place() {
    for policy in POLICIES {
        for format in written_formats() {
            let fill = fill_of(format);
            for disk in disks() {
                let what = format!("{} {format} {}", policy.id, disk.what);
                // Two retries beyond the first reading of the sector by itself clear every weak sector above.
                let case = Case { format, policy: policy.id, sector_bytes: disk.sector_bytes, retries: 2 };
                let (store, notes, acquired) = acquire(Arc::new(faulty(&disk)), &case);
                let acquired = acquired.unwrap();
                assert!(medium(&store, &acquired) == filled(disk.size, disk.bad.iter().copied(), fill), "{what}");
                let gaps = &acquired.record.gaps;
                assert_eq!(
                    sector_numbers(gaps.iter().map(exhibit_evidence::Gap::range), disk.sector_bytes, disk.size),
                    sector_numbers(disk.bad.iter().copied(), disk.sector_bytes, disk.size),
                    "{what}"
                );
                assert!(gaps.windows(2).all(|pair| pair[0].range().end() <= pair[1].offset), "{what}: out of order");
                let told = gaps
                    .iter()
                    .all(|gap| gap.cause.contains("medium error") && gap.retries == 2 && gap.fill == fill.id());
                assert!(told, "{what}: {gaps:?}");
                assert_eq!(notes.actions(), ["acquisition-planned", "acquired"], "{what}");
            }
        }
    }
}

/// CFTT's assertion on log information (DA-AO-23): every number in the record is recomputed from the outputs.
#[test]
fn every_number_in_the_record_is_right() {
    let disk = &disks()[4];
    let case = Case { format: "e01", policy: POLICIES[0].id, sector_bytes: 512, retries: 2 };
    let (store, notes, acquired) = acquire(Arc::new(faulty(disk)), &case);
    let acquired = acquired.unwrap();
    let (record, medium) = (&acquired.record, medium(&store, &acquired));
    let digest = |id: &str, bytes: &[u8]| {
        let mut digester = exhibit_hash::algorithm(id).unwrap().start();
        digester.update(bytes);
        digester.digest().hex()
    };
    assert_eq!((record.size_bytes, record.size_sectors), (medium.len() as u64, medium.len() as u64 / 512));
    assert_eq!(record.digests.iter().count(), 3);
    for (id, hex) in record.digests.iter() {
        assert_eq!(hex, digest(id, &medium), "{id}");
    }
    for segment in &record.segments {
        let bytes = store.get(&segment.name).unwrap();
        assert_eq!((segment.size_bytes, segment.sha256.clone()), (bytes.len() as u64, digest("sha256", &bytes)));
    }
    let tree = exhibit_hash::Tree::decode(&store.get(&record.tree.file).unwrap()).unwrap();
    assert_eq!(exhibit_evidence::to_hex(&tree.root()), record.tree.root);
    assert_eq!(tree.size(), record.size_bytes);
    let nodes: Vec<_> = medium.chunks(exhibit_hash::tree::NODE_BYTES).map(exhibit_hash::tree::node).collect();
    assert_eq!(tree.nodes(), nodes);
    let back = record.read_back.as_ref().unwrap();
    assert!(back.matches && back.digests == record.digests && back.tree_root == record.tree.root);
    let written = store.get(&acquired.record_name).unwrap();
    assert_eq!(serde_json::from_slice::<exhibit_evidence::acquisition::Acquisition>(&written).unwrap(), *record);
    let fact = &notes.facts()[1];
    assert_eq!(fact.details["gaps"], record.gaps.len());
    assert_eq!(fact.details["unread_bytes"], record.gaps.iter().map(|gap| gap.length).sum::<u64>());
}

#[test]
fn a_vanishing_device_is_an_error_under_every_policy() {
    for policy in POLICIES {
        for after in [0, 1, 512, 1 << 20, (2 << 20) + 7] {
            let disk = Faulty::new(pattern(3 << 20)).vanishes_after(after);
            let case = Case { format: "raw", policy: policy.id, sector_bytes: 512, retries: 2 };
            let (store, notes, result) = acquire(Arc::new(disk), &case);
            assert!(matches!(result, Err(AcquireError::Source { .. })), "{} after {after}: {result:?}", policy.id);
            assert!(store.names().iter().all(|name| name.ends_with(".partial")), "{:?}", store.names());
            assert_eq!(notes.actions(), ["acquisition-planned", "acquisition-failed"]);
        }
    }
}

/// A device with a transfer limit, and one that ends sooner than it says: nothing is lost, nothing is made up.
#[test]
fn short_reads_lose_nothing_and_a_shorter_source_has_one_gap_at_its_end() {
    let size = (2 << 20) + 100;
    for policy in POLICIES {
        for format in written_formats() {
            let case = Case { format, policy: policy.id, sector_bytes: 512, retries: 2 };
            let disk = Faulty::new(pattern(size)).delivers_at_most(4096);
            let (store, _, acquired) = acquire(Arc::new(disk), &case);
            let acquired = acquired.unwrap();
            assert!(acquired.record.gaps.is_empty(), "{} {format}: {:?}", policy.id, acquired.record.gaps);
            assert!(medium(&store, &acquired) == filled(size, [], fill_of(format)), "{} {format}", policy.id);

            let disk = Faulty::new(pattern(size)).shrinks_to(1_500_001, 0);
            let (store, _, acquired) = acquire(Arc::new(disk), &case);
            let acquired = acquired.unwrap();
            let lost = ByteRange::between(1_500_001, size as u64);
            assert!(medium(&store, &acquired) == filled(size, [lost], fill_of(format)), "{} {format}", policy.id);
            let gaps = &acquired.record.gaps;
            assert_eq!(gaps.iter().map(exhibit_evidence::Gap::range).collect::<Vec<_>>(), [lost]);
            assert!(gaps[0].cause.contains("past the end of the source as it is now"), "{gaps:?}");
        }
    }
}

/// A read that does not come back in time is given up, and an answer that comes too late is not taken for another's.
#[test]
fn a_sector_that_takes_too_long_is_a_gap_under_every_policy() {
    let (size, slow) = (3_usize << 20, ByteRange::new(1_500_160, 512));
    for policy in POLICIES {
        for format in written_formats() {
            let disk = Faulty::new(pattern(size)).slow(slow, std::time::Duration::from_millis(300));
            let case = Case { format, policy: policy.id, sector_bytes: 512, retries: 0 };
            let (store, _, acquired) = acquire_as(Arc::new(disk), &case, |job| {
                job.care.read_timeout = Some(std::time::Duration::from_millis(100));
            });
            let acquired = acquired.unwrap();
            let gaps: Vec<ByteRange> = acquired.record.gaps.iter().map(exhibit_evidence::Gap::range).collect();
            assert_eq!(gaps, [slow], "{} {format}", policy.id);
            assert!(medium(&store, &acquired) == filled(size, [slow], fill_of(format)), "{} {format}", policy.id);
        }
    }
}
