//! Converting images and cutting ranges out of them.

use crate::harness::Desk;
use crate::medium::{mixed, sha256};

#[test]
fn a_range_is_cut_exactly_to_a_file_and_to_a_pipe() {
    let desk = Desk::new();
    let source = mixed(200_000, 4);
    desk.write("source", &source);
    desk.exhibit("acquire source --to x").ends(0);
    for (offset, length) in
        [(0, 0), (0, 1), (511, 2), (32_767, 3), (65_536, 70_000), (199_999, 1), (200_000, 0), (0, 200_000)]
    {
        let wanted = &source[offset..offset + length];
        let name = format!("cut-{offset}-{length}");
        let ran = desk.exhibit(&format!("export x.E01 --to {name} --range {offset}:{length}")).outcome(0);
        assert!(desk.read(&name) == wanted, "{name}");
        assert_eq!(ran["sha256"], sha256(wanted).as_str());
        let piped = desk.exhibit(&format!("export x.E01 --to - --range 0x{offset:x}:{length}")).drawing().ends(0);
        assert!(piped.stdout == wanted, "{name} in a pipe: nothing but the bytes");
    }
    for bad in ["200001:0", "0:200001", "199999:2", "18446744073709551615:2", "5", "-1:2", "a:b", "0x:1"] {
        let call = desk.exhibit("export x.E01 --to never").arg(format!("--range={bad}"));
        call.ends(2);
        assert!(!desk.has("never") && !desk.has("never.partial"), "{bad}");
    }
}

#[test]
fn formats_convert_into_each_other_with_metadata_and_without_loss() {
    let desk = Desk::new();
    let source = mixed((1 << 20) + 5, 4);
    desk.write("source", &source);
    desk.exhibit("acquire source --to x --notes blue --evidence-number E-7 --hash md5,sha1,sha256").ends(0);
    desk.exhibit("export x.E01 --to y --format e01 --compression best --segment-size 1MiB").ends(0);
    let info = desk.exhibit("info y.E01").outcome(0);
    assert!(info["metadata"].to_string().contains("blue") && info["metadata"].to_string().contains("E-7"), "{info}");
    desk.exhibit("verify y.E01").ends(0);
    desk.exhibit("export y.E01 --to z.raw").ends(0);
    assert!(desk.read("z.raw") == source);
    desk.exhibit("export z.raw --to back --format e01").ends(0);
    let hashed = desk.exhibit("hash back.E01").outcome(0);
    assert_eq!(hashed["files"][0]["digests"]["sha256"], sha256(&source).as_str());
}

#[test]
fn damaged_places_become_named_gaps_and_not_quiet_zeros() {
    let desk = Desk::new();
    let source = crate::medium::noise(300_000, 8);
    desk.write("source", &source);
    desk.exhibit("acquire source --to x --compression none").ends(0);
    let mut image = desk.read("x.E01");
    let place = image.windows(64).position(|bytes| bytes == &source[100_000..100_064]).unwrap();
    image[place] ^= 1;
    desk.write("x.E01", &image);
    let ran = desk.exhibit("export x.E01 --to y.raw --json").ends(3);
    assert!(ran.stderr.contains("98304"), "the place of the damaged chunk (3 × 32768) is named: {}", ran.stderr);
    let gaps = ran.outcome()["gaps"].clone();
    assert_eq!((gaps[0]["offset"].as_u64(), gaps[0]["length"].as_u64()), (Some(98_304), Some(32_768)), "{gaps}");
    let out = desk.read("y.raw");
    assert!(out[..98_304] == source[..98_304] && out[131_072..] == source[131_072..], "nothing is shifted");
    assert!(out[98_304..131_072].iter().all(|byte| *byte == 0));
    desk.exhibit("export x.E01 --to z --format e01").ends(3);
    desk.exhibit("verify z.E01").ends(0);
    assert_eq!(desk.json("z.acquisition.json")["gaps"][0]["offset"], 98_304);
    assert!(!desk.exhibit("hash x.E01").ends_in(&[1, 4]).out().contains("  x.E01"), "no digest of less than all");
}

#[test]
fn a_reader_who_goes_away_does_not_make_a_panic() {
    let desk = Desk::new();
    desk.write("source", &mixed(5 << 20, 4));
    desk.exhibit("acquire source --to x").ends(0);
    let mut child = desk.exhibit("export x.E01 --to -").start();
    drop(child.stdout.take());
    let ran = crate::harness::finish(child, "export to a closed pipe".to_owned());
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}

#[test]
fn with_json_the_bytes_in_a_pipe_stay_clean() {
    let desk = Desk::new();
    let source = mixed(4096, 4);
    desk.write("source", &source);
    // Bytes and the outcome cannot share standard output: one of the two must be refused.
    let ran = desk.exhibit("export source --to - --json").drawing().run();
    assert!(ran.code == Some(2) || ran.stdout == source, "{} bytes for {}", ran.stdout.len(), source.len());
}
