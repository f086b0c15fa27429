//! Every read policy on every failing disk, in every format that is written.

use std::sync::Arc;

use exhibit_acquire::{AcquireError, POLICIES};
use exhibit_evidence::{ByteRange, Source as _};
use exhibit_image::{FORMATS, Fill};
use exhibit_testkit::{Faulty, pattern};

use crate::acquisition::{Case, acquire, medium};

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

/// The medium with the dead sectors as the fill that stands for them.
fn expected(disk: &Disk, fill: Fill) -> Vec<u8> {
    let mut bytes = vec![0; disk.size];
    pattern(disk.size).read_at(0, &mut bytes).unwrap();
    for range in &disk.bad {
        let range = range.intersect(ByteRange::new(0, disk.size as u64));
        let (start, end) = (usize::try_from(range.offset).unwrap(), usize::try_from(range.end()).unwrap());
        fill.put(range.offset, &mut bytes[start..end]);
    }
    bytes
}

/// What stands in an image of this format where nothing could be read.
fn fill(format: &str) -> Fill {
    if format == "aff4" { Fill::UnreadableData } else { Fill::Zero }
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
        for format in FORMATS.iter().filter(|format| format.spec().abilities.write) {
            for disk in disks() {
                let what = format!("{} {} {}", policy.id, format.spec().id, disk.what);
                // Two retries beyond the first reading of the sector by itself clear every weak sector above.
                let case =
                    Case { format: format.spec().id, policy: policy.id, sector_bytes: disk.sector_bytes, retries: 2 };
                let (store, notes, acquired) = acquire(Arc::new(faulty(&disk)), &case);
                let acquired = acquired.unwrap();
                assert!(medium(&store, &acquired) == expected(&disk, fill(case.format)), "{what}");
                let gaps = &acquired.record.gaps;
                assert_eq!(
                    sector_numbers(gaps.iter().map(exhibit_evidence::Gap::range), disk.sector_bytes, disk.size),
                    sector_numbers(disk.bad.iter().copied(), disk.sector_bytes, disk.size),
                    "{what}"
                );
                assert!(gaps.windows(2).all(|pair| pair[0].range().end() <= pair[1].offset), "{what}: out of order");
                let told = gaps.iter().all(|gap| {
                    gap.cause.contains("medium error") && gap.retries == 2 && gap.fill == fill(case.format).id()
                });
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
