//! Packages on their way, in parts, and received.

use crate::harness::Desk;
use crate::medium::mixed;

#[test]
fn parts_are_joined_from_several_places_and_missing_and_foreign_ones_are_named() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(400_001, 1));
    let outcome = desk.exhibit("package case --to out/p.zip --split 128KiB").outcome(0);
    let count = outcome["parts"].as_array().unwrap().len();
    assert!(count >= 3, "{outcome}");
    let list = desk.json("out/p.zip.parts.json");
    assert_eq!(list["parts"].as_array().unwrap().len(), count);
    let joined: Vec<u8> = (1..=count).flat_map(|number| desk.read(format!("out/p.zip.{number:03}"))).collect();
    desk.write("joined.zip", &joined);
    desk.exhibit("verify joined.zip").ends(0);
    desk.exhibit("verify out/p.zip.parts.json").ends(0);
    desk.exhibit("verify out/p.zip.parts.json").home("stranger").ends(7);
    let alone = desk.exhibit("verify out/p.zip.002").ends(7);
    assert!(alone.out().contains("only p.zip.002 was looked at"), "{}", alone.out());
    // The second part lies elsewhere, a damaged copy of it beside the list.
    let second = desk.read("out/p.zip.002");
    desk.write("disc/p.zip.002", &second);
    let mut damaged = second.clone();
    damaged[1000] ^= 1;
    std::fs::remove_file(desk.path("out/p.zip.002")).unwrap();
    let missing = desk.exhibit("verify out/p.zip.parts.json").ends(7);
    assert!(missing.out().contains("p.zip.002: it is missing"), "{}", missing.out());
    desk.exhibit("verify out/p.zip.parts.json --parts disc").ends(0);
    desk.write("out/p.zip.002", &damaged);
    let foreign = desk.exhibit("verify out/p.zip.parts.json").ends(4);
    assert!(foreign.out().contains("p.zip.002: SHA-256"), "{}", foreign.out());
    desk.exhibit("verify out/p.zip.002").ends(4);
    desk.exhibit("verify out/p.zip.parts.json --parts disc").ends(0);
    desk.write("out/p.zip.002", &second[..100]);
    desk.exhibit("verify out/p.zip.parts.json").ends(4);
    desk.write("out/p.zip.002", &second);
    // Every byte of the list counts, and so does its signature.
    let sound = desk.text("out/p.zip.parts.json");
    for (from, to) in [
        ("\"encrypted\":false", "\"encrypted\":true"),
        ("p.zip.002", "p.zip.003"),
        ("\"case\":\"2026-117\"", "\"case\":\"2026-118\""),
    ] {
        desk.write("out/p.zip.parts.json", sound.replacen(from, to, 1).as_bytes());
        desk.exhibit("verify out/p.zip.parts.json").ends(4);
    }
    desk.write("out/p.zip.parts.json", sound.as_bytes());
    std::fs::remove_file(desk.path("out/p.zip.parts.json.sig")).unwrap();
    desk.exhibit("verify out/p.zip.parts.json").ends(7);
}

#[test]
fn parts_of_a_disclosure_arrive_too_and_parts_that_are_too_small_are_refused() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(400_001, 1));
    desk.exhibit("package case --to whole.zip").ends(0);
    let call = desk.exhibit("package case --to p.zip --split 64KiB --disclose 001@0:204800 --withheld-because r");
    call.ends(0);
    let ran = desk.exhibit("verify p.zip.parts.json").ends(0);
    assert!(ran.out().contains("ranges that are shown"), "{}", ran.out());
    let small = desk.exhibit("package case --to r.zip --split 1KiB").ends(2);
    assert!(small.stderr.contains("64"), "{}", small.stderr);
}
