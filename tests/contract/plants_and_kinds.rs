//! Every plant is a file that the judge of its kind calls whole, to the byte; and cut or changed it is not taken for more
//! than it is.

use exhibit_carve::{Align, Class, KINDS, Kind, Plan, Types, Verdict, find, validate_bytes};
use exhibit_evidence::{Cancel, MemorySource, Silent};
use exhibit_forge::{PLANTS, Random};

fn kind_of(plant_kind: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.types().iter().any(|file_type| file_type.id == plant_kind))
}

#[test]
fn every_plant_is_whole_to_the_byte_whatever_follows_it() {
    let mut judged = 0;
    for plant in PLANTS.iter().filter(|plant| plant.has_signature()) {
        let kind = kind_of(plant.kind()).unwrap();
        for (seed, size) in [(1, 3_000), (2, 40_000), (3, 200_000)] {
            let file = plant.grow(&mut Random::new(seed), size).bytes;
            for tail in [&b""[..], &[0; 1000], b"%PDF-1.4 PK\x03\x04 \xff\xd8\xff\xe0 \n\n noise", &[0xff; 4096]] {
                let verdict = validate_bytes(kind.id(), &[&file, tail].concat());
                let Some(Verdict::Whole(whole)) = &verdict else {
                    panic!("{} seed {seed}, {} bytes and {} more: {verdict:?}", plant.id(), file.len(), tail.len());
                };
                assert_eq!(whole.length, file.len() as u64, "{} seed {seed}", plant.id());
                assert_eq!(whole.file_type.id, plant.kind(), "{} seed {seed}", plant.id());
                assert!(whole.class <= Class::Consistent && !whole.reasons.is_empty());
                judged += 1;
            }
        }
    }
    assert!(judged > 100, "{judged}");
}

#[test]
fn a_plant_that_is_cut_is_never_whole() {
    for plant in PLANTS.iter().filter(|plant| plant.has_signature()) {
        let kind = kind_of(plant.kind()).unwrap();
        let file = plant.grow(&mut Random::new(9), 5_000).bytes;
        for length in (0..file.len()).step_by(37) {
            let verdict = validate_bytes(kind.id(), &file[..length]);
            if let Some(Verdict::Whole(whole)) = &verdict {
                // A file of files may begin with a whole smaller one (a PDF before its update), and so does one of records
                // that nobody counts. Text is as whole without its last line feed,
                // sound without the tag behind it.
                let begins = plant.id() == "pdf-updated"
                    || matches!(plant.id(), "sqlite-wal" | "sqlite-journal" | "pcap" | "pcapng")
                    || matches!(plant.id(), "xml" | "svg" | "html" | "eml") && length + 2 >= file.len()
                    || plant.id() == "mp3" && length + 128 >= file.len();
                assert!(whole.length <= length as u64 && begins, "{} cut to {length}: {verdict:?}", plant.id());
            }
        }
    }
}

#[test]
fn nothing_is_nothing_for_every_kind() {
    for kind in KINDS {
        for bytes in [vec![], vec![0; 10_000], vec![0xff; 10_000], b"plain text ".repeat(900)] {
            let verdict = validate_bytes(kind.id(), &bytes);
            assert!(matches!(verdict, Some(Verdict::NotThis { .. })), "{}: {verdict:?}", kind.id());
        }
        // A bare signature is at most a header.
        for signature in kind.signatures() {
            let verdict = validate_bytes(kind.id(), &[signature, &[0; 2000][..]].concat());
            assert!(!matches!(verdict, Some(Verdict::Whole(_))), "{}: {verdict:?}", kind.id());
        }
    }
}

/// A file behind 4096 bytes, torn after `split` bytes by `gap` bytes of zeros, text or another file of the kind.
fn torn(file: &[u8], other: &[u8], split: usize, gap: usize, filling: u64) -> Vec<u8> {
    let mut random = Random::new(filling);
    let foreign = match filling % 4 {
        0 => vec![0; gap],
        1 => b"not part of it, ".iter().copied().cycle().take(gap).collect(),
        2 => random.bytes(gap),
        _ => other.iter().copied().cycle().skip(4096).take(gap).collect(),
    };
    let mut disk = vec![0x11; 4096];
    for part in [&file[..split], &foreign, &file[split..]] {
        disk.extend_from_slice(part);
    }
    disk.resize(disk.len().next_multiple_of(512) + 4096, 0x22);
    disk
}

#[test]
fn packed_files_in_two_pieces_are_put_together_and_proven() {
    for (id, least) in [("flac", 75), ("xz", 75), ("bz2", 40)] {
        let plant = exhibit_forge::plants::plant(id).unwrap();
        let plan = Plan { align: Align::Sector, types: Types::parse(id).unwrap(), ..Plan::default() };
        let (mut right, mut all) = (0, 0);
        for seed in 0..8_u64 {
            let mut random = Random::new(seed + 100);
            let file = plant.grow(&mut random, 60_000).bytes;
            let other = plant.grow(&mut random, 30_000).bytes;
            let split = 4096 * random.between(1, (file.len() / 4096) as u64) as usize;
            let gap = 4096 * random.between(1, 16) as usize;
            if split >= file.len() {
                continue;
            }
            let disk = torn(&file, &other, split, gap, seed);
            let found = find(&MemorySource::new(disk.as_slice()), &plan, &Silent, &Cancel::new()).unwrap();
            all += 1;
            let whole = found.objects.iter().filter(|object| object.class <= Class::Consistent);
            for object in whole.filter(|object| object.offset() == 4096) {
                let pieces = object.extents.iter().map(|extent| &disk[extent.offset as usize..extent.end() as usize]);
                assert_eq!(pieces.collect::<Vec<_>>().concat(), file, "{id} seed {seed}: a wrong join");
                assert_eq!(object.class, Class::Proven);
                right += 1;
            }
        }
        assert!(right * 100 >= all * least, "{id}: {right} of {all}");
    }
}
