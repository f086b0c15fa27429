//! The whole job on the practice disk.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::Desk;
use crate::medium::sha256;

/// Types the command that the demo ends with into a shell, as somebody who has no key.
fn as_typed(desk: &Desk, outcome: &Value) {
    let mut shell = std::process::Command::new("bash");
    shell.arg("-c").arg(outcome["check"].as_str().unwrap()).current_dir(desk.path(""));
    let output = shell.env("HOME", desk.path("stranger")).env_remove("XDG_CONFIG_HOME").output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains("Verified"), "{}: {said}", outcome["check"]);
}

#[test]
fn the_demo_equals_its_ground_truth_and_what_it_names_is_there() {
    let desk = Desk::new();
    let outcome = desk.exhibit("demo --out d").outcome(0);
    let recovered = &outcome["recovered"];
    assert_eq!(recovered["contiguous"]["found"], recovered["contiguous"]["planted"], "{outcome}");
    assert!(recovered["contiguous"]["planted"].as_u64().unwrap() > 20, "{outcome}");
    assert_eq!(recovered["wrong_files_called_proven"], 0, "{outcome}");
    for member in ["image", "package", "report", "truth", "key", "folder"] {
        assert!(desk.has(outcome[member].as_str().unwrap()), "{member}: {outcome}");
    }
    let disk = desk.read("d/practice-disk.raw");
    let truth = desk.json("d/truth.json");
    assert_eq!(truth["sha256"], sha256(&disk).as_str());

    // The command that it prints is the command that checks the package, also for somebody without any key.
    as_typed(&desk, &outcome);
    desk.exhibit("verify d/case --key d/demo-key.pub").home("stranger").ends(0);
    assert!(desk.list("home/config").is_empty(), "the demo touches no key of the user's");

    // Each file it recovered whole is one that was planted, cut from where the list says.
    let planted: BTreeSet<&str> =
        truth["objects"].as_array().unwrap().iter().map(|object| object["sha256"].as_str().unwrap()).collect();
    let list = desk.text("d/case/items/001/carved/carved.jsonl");
    let lines: Vec<Value> = list.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    crate::carve::lists_are_true(&desk, "d/case/items/001/carved", &disk);
    let found: BTreeSet<&str> =
        lines.iter().filter(|line| !line["path"].is_null()).map(|line| line["sha256"].as_str().unwrap()).collect();
    for object in truth["objects"].as_array().unwrap().iter().filter(|object| object["recoverable_by_carving"] == true)
    {
        assert!(found.contains(object["sha256"].as_str().unwrap()), "{object}");
    }
    for line in lines.iter().filter(|line| line["class"] == "proven") {
        assert!(planted.contains(line["sha256"].as_str().unwrap()), "called proven, never planted: {line}");
    }
    for name in ["d", "d/case"] {
        desk.exhibit("demo --out").arg(name).ends(1);
    }

    // The same seed gives the same disk; another gives another.
    let same = desk.exhibit("demo --seed 1 --quiet --out").arg("it's the same").outcome(0);
    assert!(desk.read("it's the same/practice-disk.raw") == disk);
    assert_eq!(desk.read("it's the same/truth.json"), desk.read("d/truth.json"));
    as_typed(&desk, &same);
    let other = desk.exhibit("demo --out other --seed 20260117").outcome(0);
    assert_eq!(other["recovered"]["contiguous"]["found"], other["recovered"]["contiguous"]["planted"], "{other}");
    assert!(desk.read("other/practice-disk.raw") != disk);
    // Two demos do not share a key.
    desk.exhibit("verify other/demo-package.zip --key d/demo-key.pub").ends_in(&[4, 7]);
}
