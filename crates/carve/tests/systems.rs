//! What sets the files of systems, programs and text apart: ends that nothing marks, and what is no file at all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, helpers included"
)]

mod samples;

use exhibit_carve::{Class, Verdict, validate_bytes};
use samples::{Noise, systems};

/// Length and class, if the bytes begin with a whole file.
fn whole(kind: &str, bytes: &[u8]) -> Option<(usize, Class)> {
    match validate_bytes(kind, bytes).expect("a known kind") {
        Verdict::Whole(whole) => Some((whole.length as usize, whole.class)),
        _ => None,
    }
}

fn grown(kind: &str, seed: u64) -> Vec<u8> {
    let some = 2 + (seed % 9) as u32;
    match kind {
        "sqlite-wal" => systems::wal(some, seed),
        "sqlite-journal" => systems::journal(seed),
        "bplist" => systems::bplist(seed),
        "dex" => systems::dex(seed),
        "macho" if seed.is_multiple_of(2) => systems::fat_macho(seed),
        "macho" => systems::signed_macho(seed),
        "pcap" => systems::pcap(some, seed),
        "pcapng" => systems::pcapng(some, seed),
        "xml" => systems::xml(seed),
        "html" => systems::html(seed),
        "prefetch-mam" => systems::prefetch_mam(seed),
        "pst" => systems::pst(seed.is_multiple_of(2), seed),
        "eml" if seed.is_multiple_of(2) => systems::mbox(seed),
        "eml" => systems::eml(seed),
        _ => systems::class(),
    }
}

const KINDS: [&str; 13] = [
    "sqlite-wal",
    "sqlite-journal",
    "bplist",
    "dex",
    "macho",
    "pcap",
    "pcapng",
    "xml",
    "html",
    "eml",
    "pst",
    "prefetch-mam",
    "class",
];

#[test]
fn every_file_is_found_with_its_exact_length_whatever_follows() {
    let mut noise = Noise(77);
    for seed in 1..60 {
        for kind in KINDS {
            let file = grown(kind, seed);
            let mut tail = noise.bytes(1 + noise.0 as usize % 3000);
            // Text goes on with the line feed behind its last mark, and with white space if nothing follows it.
            if tail[0].is_ascii_whitespace() || tail[0] == 0 {
                tail[0] = b'x';
            }
            let found = whole(kind, &[file.as_slice(), &tail].concat());
            assert_eq!(found.map(|(length, _)| length), Some(file.len()), "{kind} of seed {seed}");
        }
    }
}

#[test]
fn a_changed_byte_is_never_proven() {
    for (kind, file) in [("dex", systems::dex(5)), ("sqlite-wal", systems::wal(4, 5))] {
        assert_eq!(whole(kind, &file), Some((file.len(), Class::Proven)));
        for at in 0..file.len() {
            for mask in [1, 0x80, 0xff] {
                let mut changed = file.clone();
                changed[at] ^= mask;
                let verdict = whole(kind, &changed);
                assert!(verdict.is_none_or(|(_, class)| class != Class::Proven), "{kind}: byte {at}, {verdict:?}");
            }
        }
    }
}

#[test]
fn the_pages_of_a_signed_program_are_under_its_digests() {
    let file = systems::signed_macho(9);
    // Without the command that names the signature nobody knows of it.
    for at in (0..1000).filter(|at| !(104..120).contains(at)) {
        let mut changed = file.clone();
        changed[at] ^= 0x10;
        assert_eq!(whole("macho", &changed), None, "byte {at}");
    }
}

#[test]
fn a_log_cut_at_a_sector_is_never_proven() {
    // Every frame commits, so that each could be the last one.
    let whole_file = systems::wal_of(200, 3, |_| true);
    for cut in (512..whole_file.len()).step_by(512) {
        for tail in [vec![0; 3000], Noise(cut as u64).bytes(3000), Vec::new()] {
            let found = whole("sqlite-wal", &[&whole_file[..cut], &tail].concat());
            assert!(found.is_none_or(|(_, class)| class == Class::Consistent), "cut at {cut}: {found:?}");
        }
    }
}

#[test]
fn a_log_that_is_used_again_keeps_its_earlier_frames() {
    let (mut old, new) = (systems::wal(6, 5), systems::wal(2, 9));
    // The earlier round: its first salt is one less, and all checksums follow from that only within the round.
    let frames = 24 + 512;
    let earlier: Vec<u8> = old.split_off(32 + 2 * frames);
    let mut earlier = earlier;
    for head in (0..earlier.len()).step_by(frames) {
        earlier[head + 8..head + 12].copy_from_slice(&76_u32.to_be_bytes());
    }
    let file = [new.as_slice(), &earlier].concat();
    assert_eq!(whole("sqlite-wal", &file), Some((file.len(), Class::Consistent)));
    let mut damaged = file.clone();
    let last = damaged.len() - 100;
    damaged[last] ^= 1;
    assert_eq!(whole("sqlite-wal", &damaged), None);
}

#[test]
fn a_capture_cut_at_a_sector_is_not_whole_beyond_the_cut() {
    let file = systems::pcap(60, 3);
    let mut noise = Noise(3);
    for cut in (512..file.len()).step_by(512) {
        for tail in [noise.bytes(4000), vec![0; 4000], samples::prose(4000, cut as u64)] {
            let found = whole("pcap", &[&file[..cut], &tail].concat());
            assert_eq!(found, None, "cut at {cut}");
        }
    }
}

#[test]
fn the_journal_of_an_unsafe_write_has_a_header_without_magic() {
    let mut file = systems::journal(3);
    let second = file.windows(8).rposition(|eight| eight == b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7").unwrap();
    file[second..second + 12].fill(0);
    assert_eq!(whole("sqlite-journal", &file), Some((file.len(), Class::Consistent)));
    assert_eq!(whole("sqlite-journal", &file[..second + 512]), Some((second + 512, Class::Consistent)));
}

#[test]
fn markup_that_breaks_its_own_rules_is_not_whole() {
    let head = "<?xml version=\"1.0\"?>\n";
    for body in [
        "<a><b></a></b>",
        "<a b=1></a>",
        "<a b='<'></a>",
        "<a>&nothing;</a>",
        "<a>&#;</a>",
        "<a><!-- x -- y --></a>",
        "<a>\u{1}</a>",
        "<a>%s</a",
        "<a><?xml version=\"1.0\"?></a>",
        "text <a/>",
    ] {
        assert_eq!(whole("xml", [head, body].concat().as_bytes()), None, "{body}");
    }
    let whole_one = [head, "<a><b/></a>"].concat();
    assert_eq!(whole("xml", whole_one.as_bytes()), Some((whole_one.len(), Class::Consistent)));
    for page in [
        "<html><p>no head</p></html>",
        "<html><head></head>no body</html>",
        "<html><head></head><body><html></body></html>",
        "<!DOCTYPE html><html><head></head><body>\u{2}</body></html>",
        "<!DOCTYPE html><html><head></head><body>never closed",
    ] {
        assert_eq!(whole("html", page.as_bytes()), None, "{page}");
    }
}

#[test]
fn text_ends_with_its_line_or_with_all_white_space_before_nothing() {
    let file = b"<?xml version='1.0'?><a><b/></a>".to_vec();
    for (tail, more) in [
        (&b"\r\nabc"[..], 2),
        (b"\n\n\nabc", 1),
        (b"\n\n\n\0\0\0", 3),
        (b"\n \n", 3),
        (b"abc", 0),
        (b"\n<!-- late -->\nabc", 15),
        (b"\n<!-- never", 1),
    ] {
        let found = whole("xml", &[file.as_slice(), tail].concat()).map(|(length, _)| length);
        assert_eq!(found, Some(file.len() + more), "{:?}", String::from_utf8_lossy(tail));
    }
}

#[test]
fn quoted_signatures_are_no_files() {
    for text in [
        "The page began with <!DOCTYPE html and ended early. <html",
        "<html>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n%s\n",
        "<?xml version=\"1.0\"?>\n<plist version=\"1.0\">\n",
        "<svg width='1'><path d='M0 0'/></svg>",
        "bplist00 is how it begins",
    ] {
        for kind in ["html", "xml", "bplist"] {
            let text = [text.as_bytes(), &[b' '; 600]].concat();
            let verdict = validate_bytes(kind, &text).unwrap();
            assert!(matches!(verdict, Verdict::NotThis { .. }), "{kind}: {verdict:?}");
        }
    }
}

#[test]
fn mail_that_nothing_ends_is_partial() {
    let plain = "From: a@example.org\nDate: Mon, 1 Sep 2025 12:00:00 +0000\nSubject: x\n\nsome text\nand more\n";
    for tail in [&b""[..], &[0; 500], b"other text\n\0"] {
        let bytes = [plain.as_bytes(), tail].concat();
        let Verdict::Broken(broken) = validate_bytes("eml", &bytes).unwrap() else { panic!("whole or nothing") };
        assert!(broken.good >= plain.len() as u64);
    }
    // A boundary of the outer parts within the inner ones, and a character that packed content does not have.
    let mail = String::from_utf8(systems::eml(3)).unwrap();
    for (from, to) in [("--inner--", "inner"), ("QUJD", "Q{JD"), ("Date", "Datum")] {
        let broken = mail.replace(from, to).replace("Received", "X-Other");
        assert_eq!(whole("eml", broken.as_bytes()), None, "{from}");
    }
}

#[test]
fn no_byte_of_a_mailbox_that_is_in_use_can_change_unnoticed() {
    for wide in [false, true] {
        let file = systems::pst(wide, 5);
        // Header, block with its trailer, both pages with theirs; the numbers in trailers are under no checksum.
        for at in (0..479).chain(1024..1324).chain(1536..2036).chain(2048..2540) {
            let mut changed = file.clone();
            changed[at] ^= 0x21;
            let (page, is_page) = (at % 512, at >= 1536);
            let number = is_page && (if wide { page >= 498 } else { (502..508).contains(&page) });
            assert!(number || whole("pst", &changed).is_none(), "wide {wide}, byte {at}");
        }
    }
}

#[test]
fn a_chunk_without_its_log_is_found_by_itself() {
    let chunk = systems::evtx_chunk(3);
    assert_eq!(whole("evtx", &[chunk.as_slice(), &[7; 900]].concat()), Some((65_536, Class::Consistent)));
    for at in [60, 124, 600, 1990] {
        let mut changed = chunk.clone();
        changed[at] ^= 1;
        assert_eq!(whole("evtx", &changed), None, "byte {at}");
    }
    assert_eq!(whole("evtx", &chunk[..65_535]), None);
}

#[test]
fn a_foreign_text_within_a_text_stands_out() {
    let record = |number: usize| format!("<note id=\"{number}\">some words of the note {number}</note>\n");
    let records = |from: usize| (from..from + 60).map(record).collect::<String>();
    for (kind, head, tail) in [
        ("xml", "<?xml version='1.0'?><notes>\n", "</notes>\n"),
        ("html", "<html><head></head><body>\n", "</body></html>\n"),
    ] {
        let file = [head, &records(0), &records(60), tail].concat().into_bytes();
        assert_eq!(whole(kind, &file), Some((file.len(), Class::Consistent)));
        for split in [1024, 1536, 2048, 2560] {
            let joined = [&file[..split], &samples::prose(4096, 3), &file[split..]].concat();
            assert_eq!(whole(kind, &joined), None, "{kind} split at {split}");
        }
        // Within a tag, within a value: lines of text.
        let lines = "some words in a line\n".repeat(200);
        for mark in ["note id=\"3", "<not"] {
            let text = String::from_utf8(file.clone()).unwrap();
            let (first, second) = text.split_at(text.find(mark).unwrap() + mark.len());
            assert_eq!(whole(kind, [first, &lines, second].concat().as_bytes()), None, "{kind} within {mark}");
        }
    }
    let drawing = String::from_utf8(systems::svg(3)).unwrap();
    assert_eq!(whole("xml", drawing.replace("/>\n<circle", "/>\nwords<circle").as_bytes()), None);
    assert!(whole("xml", drawing.replace(" cx=\"", " d=\"M").as_bytes()).is_some());
    assert_eq!(whole("xml", drawing.replace(" cx=\"", " d=\"word ").as_bytes()), None);
}

#[test]
fn compound_files_are_named_by_their_streams() {
    let type_of = |bytes: &[u8]| match validate_bytes("ole2", bytes).unwrap() {
        Verdict::Whole(whole) => whole.file_type.id,
        other => panic!("{other:?}"),
    };
    let renamed = |name: &str| {
        let mut file = samples::more::ole2(3);
        let units: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        file[1152..1152 + units.len()].copy_from_slice(&units);
        file
    };
    for (name, file_type) in
        [("EncryptedPackage", "ooxml-encrypted"), ("Catalog", "thumbs-db"), ("Workbook", "xls"), ("Contents", "ole2")]
    {
        assert_eq!(type_of(&renamed(name)), file_type);
    }
    let mut installer = renamed("x");
    installer[1024 + 80..1024 + 96].copy_from_slice(b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46");
    assert_eq!(type_of(&installer), "msi");
}

#[test]
fn a_program_must_match_the_checksum_it_states() {
    let mut file = samples::more::pe(3);
    let words = file.chunks(2).map(|two| u32::from(u16::from_le_bytes([two[0], two[1]])));
    let sum = words.fold(0, |sum, word| (sum + word) % 0xffff);
    let place = 64 + 24 + 64;
    let stated = sum + file.len() as u32;
    file[place..place + 4].copy_from_slice(&stated.to_le_bytes());
    assert_eq!(whole("pe", &file), Some((file.len(), Class::Consistent)));
    for at in [600, 800, 1000] {
        let mut changed = file.clone();
        changed[at] ^= 4;
        assert_eq!(whole("pe", &changed), None, "byte {at}");
    }
}
