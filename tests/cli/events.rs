//! The outcome on the last line of standard output, and events on standard error, for every verb.

use serde_json::Value;

use crate::harness::Desk;
use crate::medium::mixed;

const EVERY_VERB: [&str; 16] = [
    "acquire stick.img --to x",
    "acquire stick.img --case case --item 002",
    "info x.E01",
    "verify x.E01",
    "verify case",
    "export x.E01 --to y",
    "export x.E01 --to z --format e01",
    "hash stick.img",
    "carve x.E01 --to c",
    "custody add --case case words",
    "custody log --case case",
    "package case --to p.zip",
    "report case --to r.html",
    "key show",
    "devices",
    "verify p.zip",
];

#[test]
fn every_verb_ends_with_its_outcome() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    for words in EVERY_VERB {
        let outcome = desk.exhibit(words).outcome(0);
        assert_eq!((outcome["outcome"].as_str(), outcome["exit_code"].as_u64()), (Some("done"), Some(0)), "{words}");
    }
    let outcome = desk.exhibit("new other --number 1 --title t --examiner e --agency a").outcome(0);
    assert_eq!(outcome["number"], "1");
    for words in EVERY_VERB.iter().filter(|words| words.contains("--to") || words.contains("--item 002")) {
        let outcome = desk.exhibit(words).outcome(1);
        assert_eq!(outcome["outcome"], "failed", "{words}");
        assert!(outcome["error"].as_str().unwrap().len() > 10 && !outcome["hint"].is_null(), "{words}: {outcome}");
    }
}

#[test]
fn the_whole_of_standard_output_is_one_object_with_json_and_quiet() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    for words in EVERY_VERB.iter().filter(|words| !words.starts_with("hash") && !words.starts_with("verify")) {
        let ran = desk.exhibit(words).arg("--quiet").arg("--json").ends(0);
        assert_eq!(ran.out().lines().count(), 1, "{words}: {}", ran.out());
    }
}

#[test]
fn events_are_json_lines_and_nothing_else_is_on_standard_error() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3 << 20, 1));
    let mut kinds = std::collections::BTreeSet::new();
    for words in EVERY_VERB.iter().chain(&["acquire stick.img --to x", "info gone", "verify stick.img"]) {
        let ran = desk.exhibit(words).arg("--events").run();
        for line in ran.stderr.lines() {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{words}: {line:?} is no event"));
            kinds.insert(event["event"].as_str().unwrap_or_else(|| panic!("{words}: {line}")).to_owned());
        }
    }
    for kind in ["started", "progress", "finished", "message"] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}
