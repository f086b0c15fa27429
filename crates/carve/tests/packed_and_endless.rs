//! Compressed streams whose every byte is vouched for, and formats that do not say where they end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, helpers included"
)]

mod samples;

use exhibit_carve::{Class, Level, Verdict, validate_bytes};
use samples::{Noise, archives, made};

fn whole(kind: &str, bytes: &[u8]) -> Option<(usize, Class)> {
    match validate_bytes(kind, bytes).expect("a known kind") {
        Verdict::Whole(whole) => Some((whole.length as usize, whole.class)),
        _ => None,
    }
}

fn made(kind: &str) -> Vec<u8> {
    made::all().into_iter().find(|(of, ..)| *of == kind).unwrap().2
}

#[test]
fn no_bit_of_a_stream_under_a_checksum_changes_unnoticed() {
    for (kind, _, bytes) in made::all().into_iter().filter(|(kind, ..)| matches!(*kind, "xz" | "bz2" | "zstd" | "lz4"))
    {
        let mut unnoticed = Vec::new();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                if whole(kind, &flipped).is_some_and(|(_, class)| class == Class::Proven) {
                    unnoticed.push((at, bit));
                }
            }
        }
        // What decodes to the same content is the same to its checksum: the level of a bzip2 stream is the size of its
        // largest block, and any that is not smaller will do; Zstandard's tables have some bits that mean nothing, and LZ4
        // may refer to another place with the same bytes.
        unnoticed.retain(|(at, _)| (kind, *at) != ("bz2", 3));
        let most = if matches!(kind, "zstd" | "lz4") { bytes.len() * 8 / 200 } else { 0 };
        assert!(unnoticed.len() <= most, "{kind}: {unnoticed:?}");
    }
}

#[test]
fn no_bit_of_a_flac_frame_changes_unnoticed() {
    let bytes = made("flac");
    let frames = bytes.windows(2).position(|two| two == [0xff, 0xf8]).unwrap();
    for at in (8..18).chain(21..42).chain(frames..bytes.len()) {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            // Sizes of blocks and frames in the stream's information are hints; its MD5 is not.
            let hint = (8..18).contains(&at);
            let verdict = whole("flac", &flipped);
            assert!(
                hint || verdict.is_none_or(|(_, class)| class != Class::Proven),
                "bit {bit} of byte {at}: {verdict:?}"
            );
        }
    }
}

#[test]
fn streams_behind_one_another_are_one_file_and_a_broken_one_is_not_part_of_it() {
    for kind in ["bz2", "xz", "zstd", "lz4"] {
        let one = made(kind);
        let both = [one.clone(), one.clone()].concat();
        assert_eq!(whole(kind, &both), Some((both.len(), Class::Proven)), "{kind}");
        assert_eq!(whole(kind, &both[..both.len() - 1]), Some((one.len(), Class::Proven)), "{kind}");
    }
    let padded = [made("xz"), vec![0; 8], made("xz")].concat();
    assert_eq!(whole("xz", &padded), Some((padded.len(), Class::Proven)));
}

#[test]
fn a_format_without_end_mark_is_whole_only_where_its_end_shows() {
    for (kind, file_type, bytes) in made::endless() {
        let expected = Some((bytes.len(), Class::Consistent));
        assert_eq!(whole(kind, &bytes), expected, "{kind}: the medium ends");
        let mut filled = bytes.clone();
        filled.resize(bytes.len().next_multiple_of(512), 0);
        filled.extend(Noise(4).bytes(2000));
        assert_eq!(whole(kind, &filled), expected, "{kind}: the filling of its sector");
        for tail in [Noise(3).bytes(3000), vec![0xff; 3000]] {
            let Some(Verdict::Broken(broken)) = validate_bytes(kind, &[bytes.as_slice(), &tail].concat()) else {
                panic!("{kind}: whole, though nothing shows its end");
            };
            assert_eq!((broken.file_type.id, broken.level, broken.good), (file_type, Level::Body, bytes.len() as u64));
        }
        // Cut at a sector, with something else behind: what is left must not be called whole.
        for sectors in 1..bytes.len() / 512 {
            for tail in [vec![0; 4096], Noise(9).bytes(4096), samples::prose(4096, 5)] {
                let cut = [&bytes[..sectors * 512], &tail].concat();
                assert_eq!(whole(kind, &cut), None, "{kind} cut after {sectors} sectors");
            }
        }
    }
}

#[test]
fn sound_without_a_beginning_is_not_a_file() {
    let bytes = made("mp3");
    let frame = (200..bytes.len()).find(|at| bytes[*at..].starts_with(&[0xff, 0xf3])).unwrap();
    assert_eq!(whole("mp3", &bytes[frame..]), None);
}

#[test]
fn mp3_sound_is_compared_with_the_lame_tag() {
    let bytes = made("mp3");
    let middle = bytes.len() / 2;
    let frame = (middle..bytes.len()).find(|at| bytes[*at..].starts_with(&[0xff, 0xf3])).unwrap();
    let mut flipped = bytes.clone();
    flipped[frame + 40] ^= 1;
    assert_eq!(whole("mp3", &flipped), None);
}

#[test]
fn a_raw_picture_ends_with_its_data_and_holds_a_whole_jpeg() {
    let jpeg = samples::pictures::jpeg(48, 32, 0, 19);
    let bytes = archives::raf(&jpeg, 19);
    let followed = [bytes.as_slice(), &[0xff; 900]].concat();
    assert_eq!(whole("raf", &followed), Some((bytes.len(), Class::Consistent)));
    assert!((0..bytes.len()).all(|length| whole("raf", &bytes[..length]).is_none()));
    let broken = archives::raf(&jpeg[..jpeg.len() - 40], 19);
    assert_eq!(whole("raf", &broken), None);
}

#[test]
fn encrypted_volumes_are_reported_and_never_whole() {
    for (kind, bytes, good, says) in [
        ("luks", archives::luks1(), 592, "from byte 2097152"),
        ("luks", archives::luks2(), 16_384, "from byte 32768 of the volume for 1048576 bytes"),
        ("bitlocker", archives::bitlocker(), 512, "67108864 bytes"),
    ] {
        let Some(Verdict::Broken(broken)) = validate_bytes(kind, &bytes) else { panic!("{kind} is not reported") };
        assert_eq!((broken.class(), broken.good), (Class::HeaderOnly, good), "{kind}");
        assert!(broken.reasons.iter().any(|reason| reason.contains(says)), "{kind}: {:?}", broken.reasons);
    }
    let mut changed = archives::luks2();
    changed[5000] ^= 1;
    assert!(matches!(validate_bytes("luks", &changed), Some(Verdict::NotThis { .. })));
}

#[test]
fn bombs_cost_what_their_budget_allows() {
    // Headers that promise much: dictionaries and windows of gigabytes, blocks without number.
    let zstd = [b"\x28\xb5\x2f\xfd\x00\xff".to_vec(), vec![0xff; 4000]].concat();
    let qcow2 = [b"QFI\xfb\0\0\0\x03".to_vec(), vec![0xff; 600]].concat();
    let flac = [b"fLaC\0\0\0\x22".to_vec(), vec![0xff; 4000]].concat();
    for (kind, bytes) in [("zstd", zstd), ("qcow2", qcow2), ("flac", flac)] {
        assert_eq!(whole(kind, &bytes), None, "{kind}");
    }
}
