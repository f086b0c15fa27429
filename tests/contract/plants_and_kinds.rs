//! Every plant is a file that the judge of its kind calls whole, to the byte; and cut or changed it is not taken for more
//! than it is.

use exhibit_carve::{Class, KINDS, Kind, Verdict, validate_bytes};
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
                // that nobody counts. Text is as whole without its last line feed.
                let begins = plant.id() == "pdf-updated"
                    || matches!(plant.id(), "sqlite-wal" | "sqlite-journal" | "pcap" | "pcapng")
                        && whole.class == Class::Consistent
                    || matches!(plant.id(), "xml" | "svg" | "html" | "eml") && length + 2 >= file.len();
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
