//! The custody log, extended by hand and by several at once.

use crate::harness::{Desk, finish};
use crate::medium::mixed;

#[test]
fn two_processes_that_add_records_at_the_same_time_lose_nothing() {
    let desk = Desk::new();
    desk.begin_case();
    for round in 0..10 {
        let children: Vec<_> = ["a", "b"]
            .iter()
            .map(|who| desk.exhibit(&format!("custody add --case case {who}-{round}")).start())
            .collect();
        for child in children {
            let ran = finish(child, "custody add".to_owned());
            assert_eq!(ran.code, Some(0), "{}", ran.everything());
        }
    }
    let log = desk.exhibit("custody log --case case").outcome(0);
    let records = log["records"].as_array().unwrap();
    assert_eq!(records.len(), 21);
    for (number, record) in records.iter().enumerate() {
        assert_eq!(record["seq"], number + 1);
    }
    for round in 0..10 {
        for who in ["a", "b"] {
            let text = format!("{who}-{round}");
            assert_eq!(records.iter().filter(|record| record["details"]["text"] == text.as_str()).count(), 1, "{text}");
        }
    }
    desk.exhibit("verify case").ends_in(&[0, 7]);
}

#[test]
fn an_acquisition_does_not_keep_others_from_writing_the_log() {
    let desk = Desk::new();
    desk.begin_case();
    desk.write("source", &mixed(24 << 20, 1));
    let at_work = desk.exhibit("acquire source --case case --item 001").start();
    for round in 0..5 {
        desk.exhibit(&format!("custody add --case case meanwhile-{round}")).ends(0);
    }
    assert_eq!(finish(at_work, "acquire".to_owned()).code, Some(0));
    let log = desk.exhibit("custody log --case case").outcome(0);
    assert_eq!(log["records"].as_array().unwrap().len(), 8);
    desk.exhibit("verify case").ends(0);
}

#[test]
fn two_acquisitions_of_one_item_do_not_mix() {
    let desk = Desk::new();
    desk.begin_case();
    desk.write("one", &mixed(9 << 20, 1));
    desk.write("two", &mixed(9 << 20, 2));
    let children: Vec<_> = ["one", "two"]
        .iter()
        .map(|who| desk.exhibit(&format!("acquire {who} --case case --item 001")).start())
        .collect();
    let codes: Vec<Option<i32>> = children.into_iter().map(|child| finish(child, "acquire".to_owned()).code).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), 1, "{codes:?}");
    desk.exhibit("verify case").ends(0);
}

#[test]
fn a_record_says_who_what_when_where_and_why() {
    let desk = Desk::new();
    desk.begin_case();
    let call = desk.exhibit("custody add --case case --item 001 --action transported --seal 4711 --role courier");
    let call = call.arg("--actor").arg("B. Carrier").arg("--place").arg("Vault 3").arg("--reason").arg("hearing");
    assert_eq!(call.arg("in a box").outcome(0)["record"], 2);
    let log = desk.exhibit("custody log --case case").outcome(0);
    let record = &log["records"][1];
    for (member, text) in
        [("actor", "B. Carrier"), ("role", "courier"), ("action", "transported"), ("reason", "hearing")]
    {
        assert_eq!(record[member], text, "{record}");
    }
    assert_eq!(
        (record["object"]["seal"].as_str(), record["details"]["place"].as_str()),
        (Some("4711"), Some("Vault 3"))
    );
    let time = record["time"].as_str().unwrap();
    assert!(time.ends_with('Z') && time.contains('T'), "{time}");
    let people = desk.exhibit("custody log --case case").ends(0).out();
    for text in ["B. Carrier", "courier", "4711", "Vault 3", "hearing", "in a box"] {
        assert!(people.contains(text), "{text}: {people}");
    }
}

#[test]
fn texts_of_any_kind_and_length_are_recorded_or_refused_but_never_break_the_log() {
    let desk = Desk::new();
    desk.begin_case();
    for text in ["", " ", "ß\u{202e}x", "a\nb\tc", "\\u0000", "\"}{", &"long ".repeat(20_000), "\u{1b}[2J"] {
        desk.exhibit("custody add --case case --reason because").arg("--").arg(text).ends_in(&[0, 1, 2]);
        desk.exhibit("custody log --case case").ends(0);
    }
    desk.exhibit("verify case").ends_in(&[0, 7]);
}

#[test]
fn an_event_says_where_when_by_which_clock_and_under_which_authority() {
    let desk = Desk::new();
    desk.begin_case();
    let seized =
        desk.exhibit("custody add --case case --action seized --item 001 --role first-responder --condition running");
    let seized = seized.arg("--at").arg("2026-11-23T09:58+01:00").arg("--clock-offset").arg("-00:02:13");
    let seized = seized.arg("--clock-reference").arg("radio clock").arg("--place").arg("Harbour, berth 4");
    assert_eq!(seized.outcome(0)["missing"], serde_json::json!(["reason", "authority"]));
    let log = desk.exhibit("custody log --case case --item 001").outcome(0);
    let record = &log["records"][0];
    for (member, value) in [
        ("at", serde_json::json!("2026-11-23T09:58:00+01:00")),
        ("at_utc", serde_json::json!("2026-11-23T08:58:00Z")),
        ("clock_offset_seconds", serde_json::json!(-133)),
        ("clock_reference", serde_json::json!("radio clock")),
        ("place", serde_json::json!("Harbour, berth 4")),
        ("condition", serde_json::json!("running")),
    ] {
        assert_eq!(record["details"][member], value, "{record}");
    }
    assert_eq!(log["records"].as_array().unwrap().len(), 1, "only what concerns the item");
    desk.exhibit("verify case").ends(0);
}

#[test]
fn an_event_that_would_mean_nothing_is_refused_and_leaves_no_record() {
    let desk = Desk::new();
    desk.begin_case();
    for (words, says) in [
        ("--action sealed --item 001", "seal"),
        ("--action refused --item 001", "reason"),
        ("--action destroyed --item 001", "reason"),
        ("--action correction", "text"),
        ("--action correction --corrects 2 x", "record 2"),
        ("--action correction --corrects 0 x", "record 0"),
        ("--action Sealed x", "Sealed"),
        ("--action marked", "handling"),
        ("--at 2999-01-01T00:00Z x", "impossible clock"),
        ("--at 2026-11-23T09:58 x", "--at"),
        ("--clock-offset soon x", "--clock-offset"),
        ("--item ../x x", "../x"),
    ] {
        let ran = desk.exhibit(&format!("custody add --case case {words}")).ends(2);
        assert!(ran.stderr.contains(says), "{says}: {}", ran.everything());
    }
    assert_eq!(desk.exhibit("custody log --case case").outcome(0)["size"], 1);
}

#[test]
fn the_whole_life_of_an_item_is_one_log_that_holds() {
    let desk = Desk::new();
    desk.begin_case();
    for words in [
        "seized --place Office --reason search --authority order-12 --condition off --role search-officer",
        "sealed --seal 4711",
        "transported --from Office --to Lab --place road --role courier",
        "received --from courier --place Lab --condition intact --role custodian",
        "opened --seal 4711 --place Lab --reason imaging --condition intact",
        "examined",
        "sealed --seal 4712",
        "stored --place Vault-3",
        "marked --handling TLP:RED --handling VS-NfD --reason order",
        "returned --to owner --place Office --authority order-13",
        "destroyed --reason retention-ended --authority order-14 --place Lab",
        "correction --corrects 3 the-seal-was-4710",
        "note done",
    ] {
        desk.exhibit(&format!("custody add --case case --item 001 --action {words}")).ends(0);
    }
    let people = desk.exhibit("custody log --case case").ends(0).out();
    for text in ["Item seized", "Seal opened", "Item or copy destroyed", "Correction", "VS-NfD", "all 14 records"] {
        assert!(people.contains(text), "{text}: {people}");
    }
    desk.exhibit("verify case").ends(0);
}

#[test]
fn custody_log_names_file_and_line_of_what_does_not_fit_and_says_which_key_is_missing() {
    let desk = Desk::new();
    desk.begin_case();
    for text in ["one", "two", "three"] {
        desk.exhibit(&format!("custody add --case case {text}")).ends(0);
    }
    std::fs::copy(desk.path("case/custody/000004.checkpoint"), desk.path("kept")).unwrap();
    desk.exhibit("custody log --case case --kept kept").ends(0);
    let stranger = desk.exhibit("custody log --case case").home("other");
    assert!(stranger.ends(7).out().contains("custody-checkpoint-unknown-key"));
    let key = desk.exhibit("custody log --case case --key home/config/exhibit/signing-key.pub").home("other");
    key.ends(0);

    let sound = desk.text("case/custody/000003.jsonl");
    desk.write("case/custody/000003.jsonl", sound.replace("two", "tow").as_bytes());
    let ran = desk.exhibit("custody log --case case").ends(4);
    for text in ["000003.checkpoint", "custody-checkpoint-root", "custody-chain", "000004.jsonl: line 1"] {
        assert!(ran.out().contains(text), "{text}: {}", ran.everything());
    }
    desk.exhibit("custody add --case case more").ends(1);
    desk.write("case/custody/000003.jsonl", sound.as_bytes());

    for name in ["000004.jsonl", "000004.checkpoint"] {
        std::fs::remove_file(desk.path("case/custody").join(name)).unwrap();
    }
    desk.exhibit("custody log --case case").ends(0);
    let cut = desk.exhibit("custody log --case case --kept kept").ends(4);
    assert!(cut.out().contains("custody-tail-missing"), "{}", cut.everything());
}

#[test]
fn a_torn_last_line_is_told_and_the_log_goes_on_behind_it() {
    let desk = Desk::new();
    desk.begin_case();
    desk.exhibit("custody add --case case one").ends(0);
    let folder = desk.path("case/custody");
    std::fs::remove_file(folder.join("000002.checkpoint")).unwrap();
    let bytes = desk.read("case/custody/000002.jsonl");
    std::fs::remove_file(folder.join("000002.jsonl")).unwrap();
    desk.write("case/custody/000002.jsonl.partial", &bytes[..bytes.len() / 2]);
    let ran = desk.exhibit("custody log --case case").ends(0);
    assert!(
        ran.out().contains("custody-torn-line") && ran.out().contains("000002.jsonl.partial: line 1"),
        "{}",
        ran.out()
    );
    desk.exhibit("custody add --case case two").ends(0);
    let log = desk.exhibit("custody log --case case").outcome(0);
    assert_eq!((log["size"].as_u64(), log["records"][1]["details"]["text"].as_str()), (Some(2), Some("two")));
    desk.exhibit("verify case").ends(0);
}
