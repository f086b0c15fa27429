//! The strict ZIP reader against archives that lie.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use exhibit_evidence::{Finding, MemorySource, Severity};
use exhibit_verify::Members as _;
use exhibit_verify::zip::{Archive, Limits};
use support::archive::{Part, Shape, zip};

/// Everything that opening the archive and reading all its members says.
fn judge(bytes: &[u8]) -> Vec<Finding> {
    let archive = Archive::open(Arc::new(MemorySource::new(bytes)), &Limits::default());
    let mut findings = archive.findings().to_vec();
    for entry in archive.list().unwrap() {
        match archive.stream(&entry.name, &mut |_| true) {
            Ok(more) => findings.extend(more),
            Err(fault) => findings.push(exhibit_verify::unreadable(&entry.name, &fault)),
        }
    }
    findings.extend(archive.repacking_findings(true));
    findings
}

fn is_wrong(bytes: &[u8]) -> bool {
    judge(bytes).iter().any(|finding| finding.severity == Severity::Mismatch && !finding.place.is_empty())
}

fn codes(bytes: &[u8]) -> Vec<String> {
    let wrong = judge(bytes).into_iter().filter(|finding| finding.severity == Severity::Mismatch);
    wrong.map(|finding| finding.code).collect()
}

fn parts() -> Vec<Part> {
    let text = b"the same words again and again, the same words again and again, and the same words".repeat(3);
    vec![
        Part::new("bag/bagit.txt", b"BagIt"),
        Part::new("bag/data/empty", b""),
        Part::deflated("bag/data/text", &text),
        Part { zip64: true, ..Part::new("bag/data/large", b"said to be large") },
        Part { zip64: true, ..Part::deflated("bag/data/large text", &text) },
        Part::deflated("bag/data/empty text", b""),
        Part::deflated("bag/größe", b"abcabcabc"),
    ]
}

#[test]
fn a_sound_archive_has_nothing_wrong_with_it() {
    assert_eq!(judge(&zip(&parts(), &Shape::default())), []);
    assert_eq!(judge(&zip(&parts(), &Shape { zip64_end: true, ..Shape::default() })), []);
    assert_eq!(judge(&zip(&[], &Shape::default())), []);
}

#[test]
fn members_read_back_in_both_ways() {
    let archive = Archive::open(Arc::new(MemorySource::new(zip(&parts(), &Shape::default()))), &Limits::default());
    assert_eq!(archive.list().unwrap().len(), parts().len());
    for part in parts() {
        let mut streamed = Vec::new();
        let found = archive.stream(&part.name, &mut |block| {
            streamed.extend_from_slice(block);
            true
        });
        assert_eq!((streamed, found.unwrap()), (part.data.clone(), vec![]));
        let source = archive.open(&part.name).unwrap();
        let mut bytes = vec![0; part.data.len()];
        source.read_at(0, &mut bytes).unwrap();
        assert_eq!((source.size(), bytes), (part.data.len() as u64, part.data));
    }
    assert!(archive.open("bag/none").is_err());
}

#[test]
fn a_large_deflated_member_can_be_read_anywhere_but_not_for_ever() {
    let data: Vec<u8> = (0..6_u32 << 20).map(|n| (n / 7) as u8).collect();
    let archive = zip(&[Part::deflated("a", &data)], &Shape::default());
    let archive = Archive::open(Arc::new(MemorySource::new(archive)), &Limits::default());
    let source = archive.open("a").unwrap();
    let mut buf = [0; 1000];
    for at in [0, 5_000_000, 1, 3_000_000, 6_291_456 - 1000] {
        source.read_at(at as u64, &mut buf).unwrap();
        assert_eq!(buf, data[at..at + 1000]);
    }
    assert!(source.read_at(6_291_456 - 999, &mut buf).is_err());
    let back_and_forth =
        (0..200).any(|_| source.read_at(6_000_000, &mut buf).is_err() || source.read_at(0, &mut buf).is_err());
    assert!(back_and_forth, "a reader that always goes back is stopped");
}

#[test]
fn every_truncation_is_wrong() {
    for shape in [Shape::default(), Shape { zip64_end: true, ..Shape::default() }] {
        let bytes = zip(&parts(), &shape);
        for length in 0..bytes.len() {
            assert!(is_wrong(&bytes[..length]), "cut to {length} of {}", bytes.len());
        }
    }
}

#[test]
fn every_changed_byte_is_found() {
    for shape in [Shape::default(), Shape { zip64_end: true, ..Shape::default() }] {
        let bytes = zip(&parts(), &shape);
        for at in 0..bytes.len() {
            for change in [0x01, 0x80, 0x10, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= change;
                assert!(is_wrong(&changed), "byte {at} of {} changed by {change:#x}", bytes.len());
            }
        }
    }
}

#[test]
fn archives_changed_in_many_places_at_once_are_found_and_nothing_panics() {
    let bytes = zip(&parts(), &Shape { zip64_end: true, ..Shape::default() });
    let mut state = 42_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for round in 0..5_000 {
        let mut changed = bytes.clone();
        for _ in 0..=random(8) {
            let at = random(changed.len());
            match random(4) {
                0 => changed[at] = 0xff,
                1 => changed[at] = 0,
                2 => changed[at] ^= u8::try_from(1 + random(255)).unwrap(),
                _ => (at..(at + 8).min(bytes.len())).for_each(|at| changed[at] = 0xff),
            }
        }
        assert!(changed == bytes || is_wrong(&changed), "round {round}");
    }
}

#[test]
fn every_added_and_every_removed_byte_is_found() {
    let bytes = zip(&parts(), &Shape::default());
    for at in 0..=bytes.len() {
        for value in [0, b'P'] {
            let mut longer = bytes.clone();
            longer.insert(at, value);
            assert!(is_wrong(&longer), "byte added at {at}");
        }
        if at < bytes.len() {
            let mut shorter = bytes.clone();
            shorter.remove(at);
            assert!(is_wrong(&shorter), "byte removed at {at}");
        }
    }
}

#[test]
fn the_compressed_form_does_not_depend_on_how_the_data_came_in_pieces() {
    let words = ["disk", "image", "sector", "and", "the", "evidence", "was", "read", "twice", "\n"];
    let text: String = (0..600_000_usize).map(|n| format!("{} ", words[n * n / 7 % 10])).collect();
    let part = Part::deflated("bag/long.txt", text.as_bytes());
    assert_eq!(judge(&zip(&[part], &Shape::default())), [], "packed in one piece, compared block by block");
}

#[test]
fn of_another_version_a_different_compressed_form_is_only_a_note() {
    let mut bytes = zip(&parts(), &Shape::default());
    // The last byte of a deflate stream usually has unused bits; a flip there changes no content.
    let at = (0..bytes.len()).find(|&at| {
        let mut changed = bytes.clone();
        changed[at] ^= 0x80;
        codes(&changed) == ["zip-deflate-form"]
    });
    bytes[at.unwrap()] ^= 0x80;
    let archive = Archive::open(Arc::new(MemorySource::new(bytes)), &Limits::default());
    archive.list().unwrap().iter().for_each(|entry| drop(archive.stream(&entry.name, &mut |_| true)));
    let severities = |same| archive.repacking_findings(same).iter().map(|f| f.severity).collect::<Vec<_>>();
    assert_eq!((severities(true), severities(false)), (vec![Severity::Mismatch], vec![Severity::Note]));
}

#[test]
fn bytes_that_belong_to_nothing_are_found_wherever_they_are() {
    let junk = b"junk".to_vec();
    let shapes =
        [Shape { before: junk.clone(), ..Shape::default() }, Shape { between: junk.clone(), ..Shape::default() }];
    for shape in shapes {
        assert!(codes(&zip(&parts(), &shape)).contains(&"zip-unaccounted".to_owned()));
    }
    let mut behind = zip(&parts(), &Shape::default());
    behind.extend(junk);
    assert!(is_wrong(&behind));
}

#[test]
fn a_comment_with_a_second_end_is_ambiguous_and_a_plain_comment_is_a_deviation() {
    let comment = b"hello".to_vec();
    assert_eq!(codes(&zip(&parts(), &Shape { comment, ..Shape::default() })), ["zip-profile"]);
    let empty = zip(&[], &Shape::default());
    assert_eq!(codes(&zip(&parts(), &Shape { comment: empty, ..Shape::default() })), ["zip-two-ends"]);
}

#[test]
fn names_that_escape_collide_or_are_special_are_refused() {
    let bad = ["../x", "/etc/passwd", "a\\b", "C:/x", "a/../../b", "a\0b", "NUL", "~/x"];
    for name in bad {
        let bytes = zip(&[Part::new("a", b"1"), Part::new(name, b"2")], &Shape::default());
        assert!(codes(&bytes).contains(&"zip-name".to_owned()), "{name:?}");
    }
    for (one, two) in [("a", "a"), ("a", "A"), ("ä", "Ä"), ("a", "a/b"), ("a/b/c", "A/B")] {
        let bytes = zip(&[Part::new(one, b"1"), Part::new(two, b"2")], &Shape::default());
        assert!(codes(&bytes).contains(&"zip-duplicate".to_owned()), "{one} {two}");
    }
    let link = Part { external: 0o120_777 << 16, ..Part::new("link", b"target") };
    assert!(
        codes(&zip(&[Part::new("a", b"1"), Part::new("b", b"1"), link], &Shape::default()))
            .contains(&"zip-special".to_owned())
    );
}

#[test]
fn headers_that_contradict_each_other_are_found() {
    let other = Part { local_name: Some("bag/b".to_owned()), ..Part::new("bag/a", b"1") };
    assert_eq!(codes(&zip(&[other, Part::new("c", b"2")], &Shape::default()))[0], "zip-local");
    let overlapping = Part { local_at: Some(0), ..Part::new("a", b"1") };
    assert!(codes(&zip(&[Part::new("a", b"1"), overlapping], &Shape::default())).contains(&"zip-overlap".to_owned()));
    let unicode_path = [0x75, 0x70, 5, 0, 1, 0, 0, 0, 0];
    let second_name = Part { extra: unicode_path.to_vec(), ..Part::new("a", b"1") };
    assert!(codes(&zip(&[second_name], &Shape::default())).contains(&"zip-name".to_owned()));
}

#[test]
fn bombs_are_refused_by_their_declared_and_by_their_real_size() {
    let zeros = vec![0; 1 << 20];
    for declared in [10, (1 << 20) - 1, (1 << 20) + 1] {
        let part = Part { declared_size: Some(declared), ..Part::deflated("a", &zeros) };
        assert!(is_wrong(&zip(&[part], &Shape::default())), "declared {declared}");
    }
    let absurd = Part { zip64: true, declared_size: Some(1 << 50), ..Part::deflated("a", &zeros) };
    assert!(codes(&zip(&[absurd], &Shape::default())).contains(&"zip-ratio".to_owned()));
    let limits = Limits { inflated_bytes_max: 1 << 19, ..Limits::default() };
    let bytes = zip(&[Part::deflated("a", &zeros)], &Shape::default());
    let archive = Archive::open(Arc::new(MemorySource::new(bytes)), &limits);
    assert_eq!(archive.findings()[0].code, "limit-inflated");
    assert!(archive.open("a").is_err());
}

#[test]
fn more_than_65535_members_are_read_and_more_than_the_limit_are_not() {
    let parts: Vec<Part> = (0..66_000).map(|n| Part::new(&format!("m/{n}"), b"x")).collect();
    let bytes = zip(&parts, &Shape::default());
    let archive = Archive::open(Arc::new(MemorySource::new(bytes.clone())), &Limits::default());
    assert_eq!((archive.findings(), archive.list().unwrap().len()), (&[][..], 66_000));
    let few = Limits { members_max: 65_999, ..Limits::default() };
    let archive = Archive::open(Arc::new(MemorySource::new(bytes)), &few);
    assert_eq!(
        (archive.findings()[0].code.as_str(), archive.findings()[0].severity),
        ("limit-members", Severity::Incomplete)
    );
}

#[test]
fn descriptors_are_compared_and_are_not_what_a_package_has() {
    let streamed = |name: &str| Part { descriptor: true, ..Part::deflated(name, b"abcabcabcabc") };
    let bytes = zip(&[streamed("a"), streamed("b")], &Shape::default());
    assert_eq!(judge(&bytes).iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["zip-repacked"]);
    let at = bytes.windows(4).position(|four| four == b"PK\x07\x08").unwrap();
    for at in at..at + 16 {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(codes(&changed), ["zip-descriptor"], "byte {at}");
    }
    let one = [Part::new("a", b"1"), Part::new("b", b"2"), Part::new("c", b"3"), streamed("d")];
    assert!(codes(&zip(&one, &Shape::default())).iter().all(|code| code == "zip-profile"));
    assert!(is_wrong(&zip(&one, &Shape::default())));
}

#[test]
fn an_archive_of_another_tool_is_read_and_said_to_be_one() {
    let other = |name: &str| Part { time: 0x6c32, external: 0, ..Part::deflated(name, b"abcabcabcabc") };
    let streamed = Part { descriptor: true, ..other("streamed") };
    let bytes = zip(&[other("a"), streamed, other("c/d")], &Shape::default());
    let findings = judge(&bytes);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0].severity, findings[0].code.as_str()), (Severity::Note, "zip-repacked"));
}
