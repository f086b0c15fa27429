//! Files of logical images: listed, taken out, compared.

use crate::ewf_builder::{CHUNK, hex, l01, lx01, md5, stream, tree, utf16};
use crate::harness::Desk;
use crate::medium::{mixed, sha256};

/// The stream's first file, as the tree of the tests has it.
fn letter() -> Vec<u8> {
    stream()[..CHUNK + 900].to_vec()
}

#[test]
fn files_are_listed_for_people_and_for_programs() {
    let desk = Desk::new();
    let text = utf16(&tree());
    for (name, bytes) in [("x.L01", l01(&stream(), &text)), ("x.Lx01", lx01(&stream(), &text))] {
        desk.write(name, &bytes);
        let table = desk.exhibit(&format!("list {name}")).ends(0);
        assert!(table.out().contains("2019-12-30T07:10:16Z docs/letter.txt\n"), "{}", table.out());
        assert!(table.out().contains(" ..  (deleted)\n") || table.out().contains(" .. (deleted)\n"), "{}", table.out());
        let lines = desk.exhibit(&format!("list {name} --format json")).ends(0).out();
        let entries: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(entries.len(), 5);
        assert_eq!(
            (&entries[1]["path"], &entries[1]["size_bytes"]),
            (&"docs/letter.txt".into(), &(CHUNK + 900).into())
        );
        assert_eq!(entries[1]["stored_digests"]["md5"], hex(&md5(&letter())).as_str());
        assert_eq!(desk.exhibit(&format!("list {name}")).outcome(0)["entries"].as_array().unwrap().len(), 5);
        let info = desk.exhibit(&format!("info {name}")).ends(0);
        assert!(info.out().contains("files and folders"), "{}", info.out());
    }
}

#[test]
fn files_come_out_as_they_are_stay_in_the_folder_and_are_compared() {
    let desk = Desk::new();
    desk.write("x.L01", &l01(&stream(), &utf16(&tree())));
    let outcome = desk.exhibit("extract x.L01 / --to out").outcome(0);
    assert_eq!(desk.list("out"), ["%2E%2E", "docs", "empty"], "a name that leads out does not");
    assert!(desk.read("out/docs/letter.txt") == letter() && desk.read("out/docs/holes") == [0x5a; 3000]);
    assert!(desk.read("out/empty").is_empty() && desk.read("out/%2E%2E").len() == 2 * CHUNK);
    let files = outcome["files"].as_array().unwrap();
    let results: Vec<&str> = files.iter().map(|file| file["stored_digests"]["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["match", "match", "match", "no-stored-digest"]);
    assert_eq!(files[0]["sha256"], sha256(&letter()).as_str());
    // Nothing is overwritten, and nothing is written beside what exists.
    let again = desk.exhibit("extract x.L01 docs --to out").ends(1);
    assert!(again.stderr.contains("exists") && again.stderr.contains("hint: "), "{}", again.stderr);
    desk.exhibit("extract x.L01 docs/letter.txt --to one").ends(0);
    assert_eq!((desk.list("one"), desk.list("one/docs")), (vec!["docs".to_owned()], vec!["letter.txt".to_owned()]));
    desk.exhibit("extract x.L01 docs/nothing --to two").ends(1);
    desk.exhibit("extract x.L01 --to two").ends(2);
    assert!(!desk.has("two/docs"));
}

#[test]
fn damage_is_named_and_a_digest_that_differs_is_told() {
    let desk = Desk::new();
    let mut bytes = l01(&stream(), &utf16(&tree()));
    let noise = stream()[CHUNK + 2000..CHUNK + 2064].to_vec();
    let at = bytes.windows(64).position(|window| window == noise).unwrap();
    bytes[at] ^= 1;
    desk.write("damaged.L01", &bytes);
    let outcome = desk.exhibit("extract damaged.L01 / --to out").outcome(3);
    let files = outcome["files"].as_array().unwrap();
    // The second chunk is damaged: the end of the letter, the one byte of the holes, the beginning of the noise.
    assert_eq!(files[0]["unread_bytes"], 900, "{}", files[0]);
    assert_eq!(files[0]["stored_digests"]["result"], "not-compared");
    let letter_out = desk.read("out/docs/letter.txt");
    assert!(letter_out[..CHUNK] == letter()[..CHUNK] && letter_out[CHUNK..].iter().all(|byte| *byte == 0));
    let other = tree().replace(&hex(&md5(&letter())), &hex(&md5(b"another letter")));
    desk.write("other.L01", &l01(&stream(), &utf16(&other)));
    let ran = desk.exhibit("extract other.L01 / --to other").ends(4);
    assert!(ran.out().contains("DIFFERS"), "{}", ran.out());
    assert!(desk.read("other/docs/letter.txt") == letter(), "what is there is shown all the same");
}

#[test]
fn an_image_of_a_medium_is_no_list_of_files_and_that_is_said() {
    let desk = Desk::new();
    desk.write("disk.raw", &mixed(100_000, 1));
    for command in ["list disk.raw", "extract disk.raw / --to out"] {
        let ran = desk.exhibit(command).ends(1);
        assert!(ran.stderr.contains("image of a medium") && ran.stderr.contains("hint: "), "{}", ran.stderr);
    }
    assert!(!desk.has("out"));
}

#[test]
fn files_taken_out_in_a_case_are_bound_by_its_log() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(100_000, 1));
    desk.write("x.L01", &l01(&stream(), &utf16(&tree())));
    desk.exhibit("extract x.L01 docs --to case/derived/files").ends(0);
    let log = desk.exhibit("custody log --case case").ends(0).out();
    assert!(log.contains("derived"), "{log}");
    desk.exhibit("verify case").ends(0);
    desk.write("case/derived/files/docs/letter.txt", b"another letter");
    desk.exhibit("verify case").ends(4);
}

#[test]
fn the_files_of_a_logical_image_are_compared_with_their_digests_and_then_it_is_verified() {
    let desk = Desk::new();
    desk.write("x.L01", &l01(&stream(), &utf16(&tree())));
    desk.write("x.Lx01", &lx01(&stream(), &utf16(&tree())));
    for name in ["x.L01", "x.Lx01"] {
        let ran = desk.exhibit(&format!("verify {name} --verbose")).ends(0);
        assert!(ran.out().contains("every file in it has the digest stored with it"), "{}", ran.out());
        assert!(ran.out().contains("3 files compared, 1 without contents"), "{}", ran.out());
        // Less than all of it is not called so.
        assert!(!desk.exhibit(&format!("verify {name} --level structure")).run().out().contains("Verified"));
    }
    let stored = hex(&md5(&letter()));
    let other = tree().replace(&stored, &hex(&md5(b"another letter")));
    desk.write("other.L01", &l01(&stream(), &utf16(&other)));
    let ran = desk.exhibit("verify other.L01").ends(4);
    assert!(ran.out().contains("letter.txt") && ran.out().contains("md5"), "{}", ran.out());
    // A file without a digest cannot be compared: that is said, and is not verified.
    desk.write("none.L01", &l01(&stream(), &utf16(&tree().replace(&stored, &"0".repeat(32)))));
    let ran = desk.exhibit("verify none.L01").ends(7);
    assert!(ran.out().contains("stores no digest of it"), "{}", ran.out());
}
