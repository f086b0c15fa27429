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
