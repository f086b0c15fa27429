//! Logs of other programs, as provenance of an item: made by the programs themselves where they are installed.

use std::path::Path;
use std::process::Command;

use exhibit_tests::foreign::present;

use crate::harness::Desk;
use crate::medium::mixed;

/// A case with an image of `stick.img`, and that file.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.case_with_item(&mixed(100_000, 1));
    desk
}

fn run(folder: &Path, words: &str) -> Vec<u8> {
    let mut words = words.split_whitespace();
    let output = Command::new(words.next().unwrap()).args(words).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn logs_of_the_programs_at_hand_agree_with_our_image_of_the_same_file() {
    let desk = desk();
    let folder = desk.path("");
    let mut logs = Vec::new();
    if present("ewfacquire") {
        let printed = run(&folder, "ewfacquire -u -t foreign -l ewf.log -d sha256 -E 001 stick.img");
        desk.write("ewfacquire.txt", &printed);
        logs.extend([("ewf.log", "ewfacquire", 2), ("ewfacquire.txt", "ewfacquire", 3)]);
    }
    if present("dc3dd") {
        run(&folder, "dc3dd if=stick.img of=foreign.dd hash=md5 hash=sha256 log=dc3dd.log");
        logs.push(("dc3dd.log", "dc3dd", 3));
    }
    if present("ddrescue") {
        run(&folder, "ddrescue stick.img foreign.raw map.log");
        logs.push(("map.log", "ddrescue", 1));
    }
    for (log, program, matching) in logs {
        let taken = desk.exhibit(&format!("custody import --case case --item 001 {log}")).outcome(0);
        assert_eq!(taken["provenance"][0]["program"], program, "{taken}");
        let record = desk.exhibit("custody log --case case --action imported").outcome(0)["records"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        assert_eq!(record["details"]["matches"].as_array().unwrap().len(), matching, "{log}: {record}");
        assert_eq!(desk.read(format!("case/items/001/provenance/{log}")), desk.read(log));
    }
    desk.exhibit("verify case").ends(0);
}

#[test]
fn a_log_that_says_something_else_is_a_discrepancy_and_a_changed_one_does_not_match() {
    let desk = desk();
    let digest = "0".repeat(32);
    desk.write(
        "disk.info",
        format!(
            "GUYMAGER ACQUISITION INFO FILE\nVersion : 0.8.13\nDevice size : 100000 (0.1MB)\nMD5 hash : {digest}\n"
        )
        .as_bytes(),
    );
    let ran = desk.exhibit("custody import --case case --item 001 disk.info").ends(4);
    assert!(ran.out().contains("DIFFERS  md5") && ran.out().contains("as in the image  size: 100000"), "{}", ran.out());
    let log = desk.exhibit("custody log --case case --action discrepancy").outcome(0);
    assert_eq!(log["records"].as_array().unwrap().len(), 1);
    desk.exhibit("verify case").ends(0);
    desk.write("case/items/001/provenance/disk.info", b"another");
    desk.exhibit("verify case").ends(4);
}

#[test]
fn a_log_of_nobody_and_a_name_of_no_file_are_refused_and_an_item_without_image_is_taken() {
    let desk = Desk::new();
    desk.begin_case();
    desk.write("notes.txt", b"what I saw");
    assert!(desk.exhibit("custody import --case case --item 001 notes.txt").ends(2).stderr.contains("Guymager"));
    desk.exhibit("custody import --case case --item 001 gone.txt").ends(1);
    desk.exhibit("custody import --case case --item ../1 notes.txt").ends(2);
    desk.write("a b\u{202e}.map", b"0x0 + 1\n0x0 0x200 +\n");
    let ran = desk.exhibit("custody import --case case --item 002").arg("a b\u{202e}.map").ends(0);
    assert!(ran.said().contains("nothing in the item to compare"), "{}", ran.everything());
    assert_eq!(desk.list("case/items/002/provenance").len(), 1);
    desk.exhibit("verify case").ends(0);
}
