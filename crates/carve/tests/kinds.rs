//! Each judge against samples made here: whole, cut at every length, flipped, followed by anything.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test reads the sources itself and fails loudly, helpers included"
)]

mod samples;

use exhibit_carve::{Class, Verdict, validate_bytes};
use samples::documents::{self, Member, Style};
use samples::{Noise, pictures};

fn judge(kind: &str, bytes: &[u8]) -> Verdict {
    validate_bytes(kind, bytes).expect("a known kind")
}

/// Length and class, if the bytes begin with a whole file.
fn whole(kind: &str, bytes: &[u8]) -> Option<(usize, Class)> {
    match judge(kind, bytes) {
        Verdict::Whole(whole) => Some((whole.length as usize, whole.class)),
        _ => None,
    }
}

/// The best class a kind can reach.
fn best(kind: &str) -> Class {
    let proven = ["jpeg", "png", "gif", "zip", "gz", "ogg", "dex", "sqlite-wal", "bz2", "xz", "zstd", "lz4", "flac"];
    if proven.contains(&kind) { Class::Proven } else { Class::Consistent }
}

#[test]
fn whole_files_are_recognised_with_type_and_exact_length() {
    for (kind, file_type, bytes) in samples::all() {
        let Verdict::Whole(whole) = judge(kind, &bytes) else { panic!("{kind}: {:?}", judge(kind, &bytes)) };
        assert_eq!((whole.file_type.id, whole.length as usize), (file_type, bytes.len()));
        assert_eq!(whole.class, best(kind), "{kind}: {:?}", whole.reasons);
        assert!(!whole.reasons.is_empty());
    }
}

#[test]
fn what_follows_does_not_change_the_length() {
    let tails = [vec![0; 5000], vec![0xff; 5000], Noise(3).bytes(5000), b"Q ".repeat(2000)];
    for (kind, file_type, bytes) in samples::all() {
        // A compressed file may have several members, a folder of mail several messages: what follows at once is one.
        let itself = !matches!(file_type, "gz" | "bz2" | "xz" | "zstd" | "lz4" | "mbox");
        let itself = itself.then(|| bytes.clone());
        for tail in tails.iter().cloned().chain(itself) {
            let followed = [bytes.as_slice(), &tail].concat();
            assert_eq!(whole(kind, &followed), Some((bytes.len(), best(kind))), "{kind} before {:02x?}", &tail[..8]);
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_not_whole() {
    for (kind, _, bytes) in samples::all() {
        for length in 0..bytes.len() {
            // A PDF without the last line feed is a whole PDF, one byte shorter.
            let line_end = if matches!(bytes[0], 0xfe | 0xff) || kind == "eml" { 2 } else { 1 };
            let allowed = matches!(kind, "pdf" | "xml" | "html" | "eml")
                && length + line_end >= bytes.len()
                && whole(kind, &bytes[..length]).is_none_or(|(found, _)| found + line_end >= length);
            // The first revision of a PDF is a whole PDF.
            let revision = kind == "pdf" && whole(kind, &bytes[..length]).is_some_and(|(found, _)| found < length + 1);
            // The first records of a file that does not count them are a file.
            let records = whole(kind, &bytes[..length]).is_some_and(|(found, class)| {
                matches!(kind, "pcap" | "pcapng" | "sqlite-wal" | "sqlite-journal")
                    && found <= length
                    && class == Class::Consistent
            });
            // So is sound without the tag behind it.
            let untagged = kind == "mp3" && length + 128 >= bytes.len();
            assert!(
                allowed || revision || records || untagged || whole(kind, &bytes[..length]).is_none(),
                "{kind} cut to {length} of {} bytes: {:?}",
                bytes.len(),
                judge(kind, &bytes[..length])
            );
        }
    }
}

#[test]
fn a_broken_file_never_claims_more_good_bytes_than_there_are() {
    for (kind, _, bytes) in samples::all() {
        for length in (0..bytes.len()).step_by(97) {
            if let Verdict::Broken(broken) = judge(kind, &bytes[..length]) {
                assert!(broken.sure <= broken.good && broken.good <= length as u64, "{kind} {length}: {broken:?}");
                assert!(!broken.reasons.is_empty());
            }
        }
    }
}

#[test]
fn an_event_log_is_followed_chunk_by_chunk() {
    let bytes = samples::more::evtx(5);
    assert_eq!(whole("evtx", &bytes), Some((bytes.len(), Class::Consistent)));
    assert_eq!(whole("evtx", &[bytes.as_slice(), &[7; 900]].concat()), Some((bytes.len(), Class::Consistent)));
    for at in [10, 42, 4096, 4150, 4700, 6000] {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        assert_eq!(whole("evtx", &flipped), None, "byte {at}");
        assert_eq!(whole("evtx", &bytes[..at]), None, "cut to {at}");
    }
}

#[test]
fn several_members_are_one_gzip_file_and_a_broken_one_is_not_part_of_it() {
    let (one, two) = (samples::more::gzip(1), samples::more::gzip(2));
    let both = [one.clone(), two.clone()].concat();
    assert_eq!(whole("gz", &both), Some((both.len(), Class::Proven)));
    assert_eq!(whole("gz", &both[..both.len() - 1]), Some((one.len(), Class::Proven)));
}

#[test]
fn no_byte_under_a_checksum_can_change_unnoticed() {
    // The header of a gzip file (time, name) and the last bits of its stream are under none.
    for (kind, bytes, free) in [("ogg", samples::more::ogg(3), 0), ("gz", samples::more::gzip(3), 20)] {
        for at in free..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x40;
            let padding = kind == "gz" && at + 9 == bytes.len();
            assert!(padding || whole(kind, &flipped).is_none(), "{kind}: byte {at}");
        }
    }
}

#[test]
fn no_byte_of_a_png_can_change_unnoticed() {
    let bytes = pictures::png(40, 30, 11);
    for at in 0..bytes.len() {
        for mask in [1, 0x20, 0x80, 0xff] {
            let mut flipped = bytes.clone();
            flipped[at] ^= mask;
            assert_eq!(whole("png", &flipped), None, "byte {at} changed by {mask:02x}");
        }
    }
}

#[test]
fn no_byte_of_a_members_content_can_change_unnoticed() {
    for style in [Style::Plain, Style::Described, Style::Wide] {
        let bytes = documents::zip(&documents::members(4, 5), style);
        let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        for at in 0..directory {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            // Version, flags and time of a local header are under no checksum; the times are compared with their twins.
            let in_header = bytes[..at + 1]
                .windows(4)
                .rposition(|four| four == b"PK\x03\x04")
                .is_some_and(|header| (4..8).contains(&(at - header)));
            // The last byte of a deflate stream may have bits that mean nothing.
            let padding = bytes[at + 1..].starts_with(b"PK");
            let verdict = whole("zip", &flipped);
            assert!(
                in_header || padding || verdict.is_none_or(|(_, class)| class != Class::Proven),
                "byte {at} of {directory}: {verdict:?}"
            );
        }
    }
}

#[test]
fn flipped_pictures_and_documents_are_judged_without_panic() {
    for (kind, _, bytes) in samples::all() {
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let _ = judge(kind, &flipped);
        }
    }
}

#[test]
fn a_thumbnail_does_not_end_a_jpeg() {
    let thumbnail = pictures::jpeg(16, 16, 0, 3);
    let bytes = pictures::jpeg_with(96, 64, 0, 7, &thumbnail);
    assert_eq!(whole("jpeg", &bytes).map(|(length, _)| length), Some(bytes.len()));
}

#[test]
fn metadata_that_could_hide_a_sector_keeps_a_jpeg_from_being_proven() {
    let bytes = pictures::jpeg_with(96, 64, 0, 7, &[b'x'; 3000]);
    assert_eq!(whole("jpeg", &bytes), Some((bytes.len(), Class::Consistent)));
}

#[test]
fn restart_markers_must_come_in_order() {
    let bytes = pictures::jpeg(96, 64, 4, 7);
    let at = bytes.windows(2).position(|two| two == [0xff, 0xd1]).unwrap();
    let mut wrong = bytes.clone();
    wrong[at + 1] = 0xd2;
    assert_eq!(whole("jpeg", &wrong), None);
}

#[test]
fn a_jpeg_overwritten_in_the_middle_is_not_proven() {
    let mut noise = Noise(99);
    for seed in 0..40 {
        let bytes = pictures::jpeg(160, 160, 0, seed);
        let other = pictures::jpeg(160, 160, 0, seed + 1000);
        for (name, foreign) in
            [("zeros", vec![0; 512]), ("text", samples::prose(512, seed)), ("jpeg", other[700..1212].to_vec())]
        {
            let mut damaged = bytes.clone();
            let at = 512 * (1 + noise.below(bytes.len() / 512 - 2));
            damaged[at..at + 512].copy_from_slice(&foreign);
            let verdict = whole("jpeg", &damaged);
            assert!(
                verdict.is_none_or(|(_, class)| class != Class::Proven),
                "{name} at {at}, seed {seed}: {verdict:?}"
            );
        }
    }
}

#[test]
fn a_gif_overwritten_in_the_middle_is_not_proven() {
    for seed in 0..40 {
        let bytes = pictures::gif(120, 90, 1, seed);
        for foreign in [vec![0; 512], samples::prose(512, seed), Noise(seed + 5).bytes(512)] {
            let mut damaged = bytes.clone();
            let at = 1024 + 512 * (seed as usize % (bytes.len() / 512 - 3));
            damaged[at..at + 512].copy_from_slice(&foreign);
            assert!(whole("gif", &damaged).is_none_or(|(_, class)| class != Class::Proven), "seed {seed} at {at}");
        }
    }
}

#[test]
fn a_pdf_ends_at_its_last_revision_and_not_behind_another_document() {
    let first = documents::pdf(&[2]);
    assert_eq!(whole("pdf", &documents::pdf(&[2, 1, 3])).unwrap().0, documents::pdf(&[2, 1, 3]).len());
    for other in [documents::pdf(&[2]), documents::pdf(&[3, 1]), documents::pdf(&[9])] {
        assert_eq!(whole("pdf", &[first.as_slice(), &other].concat()).unwrap().0, first.len());
    }
    // The same without the other's header, as if it began in the middle.
    let other = documents::pdf(&[4]);
    assert_eq!(whole("pdf", &[first.as_slice(), &other[15..]].concat()).unwrap().0, first.len());
}

#[test]
fn a_pdf_with_a_damaged_stream_is_not_whole() {
    let bytes = documents::pdf(&[3]);
    let at = bytes.windows(6).position(|word| word == b"stream").unwrap() + 100;
    let mut damaged = bytes.clone();
    damaged[at..at + 64].fill(0);
    assert_eq!(whole("pdf", &damaged), None);
}

#[test]
fn a_zip_without_end_does_not_swallow_its_neighbour() {
    let torso = {
        let bytes = documents::zip(&documents::members(3, 1), Style::Plain);
        let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        bytes[..directory].to_vec()
    };
    let neighbour = documents::docx();
    let Verdict::Broken(broken) = judge("zip", &[torso.as_slice(), &neighbour].concat()) else { panic!("not whole") };
    assert_eq!(broken.good, torso.len() as u64);
    assert!(broken.parts.iter().all(|part| *part < torso.len() as u64));
}

#[test]
fn stored_archives_and_pictures_do_not_end_an_archive() {
    let inner = documents::docx();
    let outer = documents::zip(
        &[Member("inner.docx", inner, false), Member("p.jpg", pictures::jpeg(64, 64, 0, 1), false)],
        Style::Plain,
    );
    assert_eq!(whole("zip", &outer), Some((outer.len(), Class::Proven)));
}

#[test]
fn a_comment_belongs_to_the_archive() {
    let mut bytes = documents::docx();
    let at = bytes.len() - 2;
    bytes[at..].copy_from_slice(&5_u16.to_le_bytes());
    bytes.extend_from_slice(b"hello");
    assert_eq!(whole("zip", &[bytes.as_slice(), b"more"].concat()), Some((bytes.len(), Class::Proven)));
}

#[test]
fn an_archive_that_hides_something_between_directory_and_end_is_not_whole() {
    let bytes = documents::docx();
    let end = bytes.len() - 22;
    let padded = [&bytes[..end], b"secret", &bytes[end..]].concat();
    assert_eq!(whole("zip", &padded), None);
}

#[test]
fn a_database_page_used_twice_or_never_is_noticed() {
    let bytes = documents::sqlite(5);
    // The interior page's first child becomes its second one.
    let mut twice = bytes.clone();
    let at = twice[512..1024].windows(4).position(|four| four == [0, 0, 0, 3]).unwrap() + 512;
    twice[at + 3] = 4;
    assert_eq!(whole("sqlite", &twice), None);
    let mut unused = bytes.clone();
    unused[31] += 1;
    unused.extend_from_slice(&[0; 512]);
    assert_eq!(whole("sqlite", &unused), None);
}

#[test]
fn a_stale_page_count_is_replaced_by_the_pages_met() {
    let mut bytes = documents::sqlite(5);
    bytes[95] = 3;
    let followed = [bytes.as_slice(), &[0; 2000]].concat();
    assert_eq!(whole("sqlite", &followed), Some((bytes.len(), Class::Consistent)));
}

#[test]
fn every_file_in_the_folder_of_kinds_is_in_the_table() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kinds");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: Vec<String> = files.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect();
    let text = std::fs::read_to_string(folder.with_extension("rs")).unwrap();
    let (_, table) = text.split_once("KINDS").unwrap();
    // Several kinds may share a file: films and pictures in boxes, the forms of RIFF.
    for file in &files {
        assert!(table.contains(&format!("&{file}::")), "{file} is not in the table");
    }
    assert!(exhibit_carve::KINDS.len() >= files.len() && files.len() > 20);
}
