//! A handover between two cases with a key each: stated, answered, taken in, and everything that can go wrong on the way.

use serde_json::Value;

use crate::harness::{Desk, Ran};
use crate::medium::mixed;

/// The sender's case with an imaged and sealed item and a file to hand over; the receiver's case, in a home of its own.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.case_with_item(&mixed(100_000, 1));
    desk.exhibit("custody add --case case --action sealed --item 001 --seal 4711").ends(0);
    desk.write("report.pdf", b"a report");
    let theirs = desk.exhibit("new theirs --number R-9 --title Receiver --agency Court --examiner Receiver");
    theirs.home("other").ends(0);
    desk
}

const SENDER: &str = "home/config/exhibit/signing-key.pub";
const RECEIVER: &str = "other/config/exhibit/signing-key.pub";

fn transfer(desk: &Desk, more: &str) -> Value {
    let words = format!(
        "custody transfer --case case --item 001 --to Receiver --file report.pdf --out h.exhibit-handover {more}"
    );
    desk.exhibit(&words).outcome(0)
}

fn receive(desk: &Desk, more: &str, code: i32) -> Ran {
    let words = format!("custody receive h.exhibit-handover --case theirs {more}");
    desk.exhibit(&words).home("other").ends(code)
}

/// What the receiver says when everything is compared.
fn all() -> String {
    format!("--key {SENDER} --file report.pdf --seal 4711")
}

fn actions(desk: &Desk, case: &str, home: &str) -> Vec<String> {
    let log = desk.exhibit(&format!("custody log --case {case}")).home(home).outcome(0);
    let records = log["records"].as_array().unwrap().iter();
    records.map(|record| record["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn both_sides_sign_and_both_logs_go_on() {
    let desk = desk();
    let stated = transfer(&desk, "--condition undamaged --place Lab --reason trial");
    let item = &stated["statement"]["items"][0];
    assert_eq!((item["id"].as_str(), item["seals"][0].as_str()), (Some("001"), Some("4711")));
    let record = desk.json("case/items/001/001.acquisition.json");
    assert_eq!(item["digests"], record["digests"]);
    assert_eq!(item["tree_root"], record["tree"]["root"]);
    desk.exhibit(&format!("verify h.exhibit-handover --key {SENDER}")).ends(0);
    desk.exhibit(&format!("verify h.exhibit-handover --key {RECEIVER}")).ends(7);

    receive(&desk, &all(), 0);
    assert_eq!(actions(&desk, "theirs", "other"), ["case-opened", "accepted"]);
    desk.exhibit(&format!("verify h.exhibit-receipt --key {SENDER} --key {RECEIVER}")).ends(0);
    let again = receive(&desk, &format!("{} --out again", all()), 1);
    assert!(again.stderr.contains("answered already: record 2"), "{}", again.everything());

    let taken = format!("custody receive h.exhibit-receipt --case case --key {RECEIVER}");
    desk.exhibit(&taken).ends(0);
    assert_eq!(actions(&desk, "case", "home").last().map(String::as_str), Some("acknowledged"));
    desk.exhibit(&taken).ends(1);
    desk.exhibit("verify case").ends(0);
    desk.exhibit("verify theirs").home("other").ends(0);
}

#[test]
fn a_stranger_is_taken_with_a_word_and_never_called_known() {
    let desk = desk();
    transfer(&desk, "");
    let ran = receive(&desk, "--file report.pdf --seal 4711", 7);
    assert!(ran.stderr.contains("nobody vouches"), "{}", ran.everything());
    let verdict = desk.exhibit("verify theirs").home("other").ends(7);
    assert!(verdict.out().contains("nobody vouches"), "{}", verdict.out());
    let with_key = desk.exhibit(&format!("verify theirs --key {SENDER} --key {RECEIVER}"));
    with_key.home("other").ends(0);
    assert!(desk.exhibit("custody receive h.exhibit-receipt --case case").ends(7).out().contains("accepted"));
}

#[test]
fn another_key_than_the_one_expected_is_refused_on_both_sides() {
    let desk = desk();
    desk.exhibit("key new --out third").ends(0);
    transfer(&desk, "");
    let ran = receive(&desk, "--key third.pub --file report.pdf --seal 4711", 4);
    assert!(ran.said().contains("none of the keys given"), "{}", ran.everything());
    assert_eq!(actions(&desk, "theirs", "other"), ["case-opened"]);
    receive(&desk, &all(), 0);
    desk.exhibit("custody receive h.exhibit-receipt --case case --key third.pub").ends(4);

    let words = "custody transfer --case case --item 001 --to Third --to-key third.pub --out t.exhibit-handover";
    desk.exhibit(words).ends(0);
    let other = desk.exhibit(&format!("custody receive t.exhibit-handover --case theirs --key {SENDER}")).home("other");
    assert!(other.ends(4).out().contains("another key than yours"));
}

#[test]
fn what_is_not_as_stated_is_recorded_and_waits_for_a_decision() {
    let desk = desk();
    transfer(&desk, "");
    desk.write("away/report.pdf", b"A report");
    let given = format!("--key {SENDER} --file away/report.pdf --seal 4712 --discrepancy box-is-wet");
    let ran = receive(&desk, &given, 4);
    for text in ["stated 8 bytes", "stated seals 4711, seen 4712", "box-is-wet", "--refuse"] {
        assert!(ran.said().contains(text), "{text}: {}", ran.everything());
    }
    assert!(!desk.has("h.exhibit-receipt"));
    assert_eq!(actions(&desk, "theirs", "other"), ["case-opened", "discrepancy", "discrepancy", "discrepancy"]);
    receive(&desk, &format!("{given} --accept-discrepancies"), 2);
    receive(&desk, &format!("{given} --accept-discrepancies agreed-by-phone"), 4);
    assert_eq!(actions(&desk, "theirs", "other")[4..], ["accepted"], "what stands in the log is not repeated");
    desk.exhibit(&format!("verify h.exhibit-receipt --key {SENDER} --key {RECEIVER}")).ends(4);
    let taken = desk.exhibit(&format!("custody receive h.exhibit-receipt --case case --key {RECEIVER}")).ends(4);
    assert!(taken.out().contains("box-is-wet") && taken.out().contains("accepted-with-discrepancies"));
    desk.exhibit("verify case").ends(0);
    desk.exhibit("verify theirs").home("other").ends(0);
}

#[test]
fn a_refusal_is_an_event_of_both_logs() {
    let desk = desk();
    transfer(&desk, "");
    receive(&desk, &format!("--key {SENDER} --refuse seal-broken"), 7);
    assert_eq!(actions(&desk, "theirs", "other"), ["case-opened", "refused"]);
    let taken = desk.exhibit(&format!("custody receive h.exhibit-receipt --case case --key {RECEIVER}")).ends(4);
    assert!(taken.out().contains("refused"));
    let log = desk.exhibit("custody log --case case --action acknowledged").outcome(0);
    assert_eq!(log["records"][0]["reason"], "seal-broken");
}

#[test]
fn any_changed_byte_of_the_papers_is_found_wherever_they_are_read() {
    let desk = desk();
    transfer(&desk, "");
    receive(&desk, &all(), 0);
    let receipt = desk.read("h.exhibit-receipt");
    // What is no longer named as a handover is told as some file, and not as a handover that holds.
    let name = b"\"format\":\"exhibit-handover/1\"";
    let named = receipt.windows(name.len()).position(|window| window == name).unwrap();
    for at in (0..receipt.len()).step_by(173).filter(|at| !(named..named + name.len()).contains(at)) {
        let mut changed = receipt.clone();
        changed[at] ^= 2;
        desk.write("x", &changed);
        desk.exhibit("custody receive x --case case").ends(4);
        if at > 0 {
            desk.exhibit(&format!("verify x --key {SENDER} --key {RECEIVER}")).ends(4);
        }
    }
    let id = desk.list("theirs/handovers")[0].clone();
    let kept = format!("theirs/handovers/{id}");
    let sound = desk.read(&kept);
    for at in [0, sound.len() / 2, sound.len() - 1] {
        let mut changed = sound.clone();
        changed[at] ^= 2;
        desk.write(&kept, &changed);
        desk.exhibit("verify theirs").home("other").ends(4);
    }
    std::fs::remove_file(desk.path(&kept)).unwrap();
    desk.exhibit("verify theirs").home("other").ends(4);
}

#[test]
fn the_head_that_was_given_away_shows_a_log_that_was_rewritten_or_cut() {
    let desk = desk();
    transfer(&desk, "");
    receive(&desk, &all(), 0);
    desk.exhibit("custody add --case case later").ends(0);
    desk.exhibit("custody log --case case --kept h.exhibit-handover").ends(0);
    // Everything from the handover on is cut off, with its heads.
    for name in desk.list("case/custody").into_iter().filter(|name| name.as_str() >= "000005") {
        if name != "lock" {
            std::fs::remove_file(desk.path("case/custody").join(name)).unwrap();
        }
    }
    desk.exhibit("custody log --case case").ends(0);
    let ran = desk.exhibit("custody log --case case --kept h.exhibit-receipt").ends(4);
    assert!(ran.out().contains("custody-tail-missing"), "{}", ran.everything());
    desk.exhibit(&format!("custody receive h.exhibit-receipt --case case --key {RECEIVER}")).ends(4);
}

#[test]
fn wrong_places_and_words_are_told() {
    let desk = desk();
    for (words, code, says) in [
        ("custody transfer --case case --to Receiver --item 009", 2, "009"),
        ("custody transfer --case case --to x.exhibit-handover", 2, "--out"),
        ("custody transfer --case case --to R --seal 9=1 --item 001 --file none", 1, "none"),
        ("custody transfer --case theirs --to R", 2, "no item"),
        ("custody receive report.pdf --case case", 4, "does not hold"),
        ("custody receive none --case case", 1, "none"),
    ] {
        let ran = desk.exhibit(words).ends(code);
        assert!(ran.said().contains(says), "{says}: {}", ran.everything());
    }
    transfer(&desk, "");
    assert!(desk.exhibit("custody receive h.exhibit-handover --case case").ends(2).stderr.contains("own handover"));
    desk.exhibit("custody transfer --case case --item 001 --to R --out h.exhibit-handover").ends(1);
    receive(&desk, &all(), 0);
    let theirs = desk.exhibit("custody receive h.exhibit-receipt --case theirs").home("other").ends(2);
    assert!(theirs.stderr.contains("2026-117"), "{}", theirs.everything());
}
