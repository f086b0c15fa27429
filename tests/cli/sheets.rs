//! Cover sheets, authority and scope, and marks of handling, as a person meets them.

use std::process::Command;

use exhibit_tests::foreign::present;

use crate::harness::Desk;
use crate::medium::mixed;

const AUTHORITY: &str = r#"
legal_basis = "order of the District Court of X"
instruments = ["coe185/29", "own/1"]
reference = "order 12/26"
issued = 2026-11-20
handling = ["TLP:AMBER", "VS-NfD"]
use_limits = ["only in the proceedings named"]

[issuing_body]
name = "District Court of X"

[offence]
description = "illegal access"
"#;

const SCOPE: &str = r#"
places = ["Harbour 4"]
[time]
from = 2026-10-01
until = 2026-11-20
[[exclusions]]
what = "correspondence with counsel"
privileged = true
"#;

/// A case with authority, scope, an image and a seal.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("authority.toml", AUTHORITY.as_bytes());
    desk.write("scope.toml", SCOPE.as_bytes());
    let words = "new case --number 2026-117 --title Stick --agency Lab --examiner Ex --authority authority.toml --scope scope.toml";
    let begun = desk.exhibit(words).outcome(0);
    let missing: Vec<&str> =
        begun["review"]["missing"].as_array().unwrap().iter().map(|m| m["field"].as_str().unwrap()).collect();
    assert_eq!(missing, ["facts.summary", "data.description", "necessity", "intent.mla"], "{begun}");
    assert_eq!(begun["review"]["unknown"][0], "own/1");
    desk.write("stick.img", &mixed(100_000, 1));
    desk.exhibit("acquire stick.img --case case --item 001").ends(0);
    desk.exhibit("custody add --case case --action seized --item 001 --reason search")
        .arg("--place")
        .arg("Harbour 4")
        .ends(0);
    desk.exhibit("custody add --case case --action sealed --item 001 --seal 4711").ends(0);
    desk
}

#[test]
fn every_sheet_names_its_sources_and_what_is_missing() {
    let desk = desk();
    for (sheet, says) in [
        (
            "preservation",
            vec![
                "illegal access",
                "[case.json authority.offence.description]",
                "Necessity: not recorded",
                "asked for by coe185/29",
            ],
        ),
        ("mla", vec!["District Court of X", "only in the proceedings named", "correspondence with counsel"]),
        ("receipt", vec!["Item seized", "4711", "[record ", "Person searched"]),
        ("certification", vec!["28 U.S.C. § 1746", "are equal", "sha256 of the medium"]),
        ("handover", vec!["Handovers: not recorded", "Received by"]),
        ("card", vec!["root of", "order 12/26", "█"]),
    ] {
        let text = desk.exhibit(&format!("report case --sheet {sheet} --format text")).ends(0).out();
        let single = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in says {
            let part = if part == "root of" { "root" } else { part };
            assert!(single.contains(part), "{sheet}: {part}: {text}");
        }
        assert!(text.contains("TLP:AMBER, VS-NfD") && text.contains("DRAFT"), "{sheet}: {text}");
        let html = desk.exhibit(&format!("report case --sheet {sheet}")).ends(0).out();
        assert!(html.starts_with("<!doctype html>") && html.contains("VS-NfD") && !html.contains("http://"), "{sheet}");
    }
    let log = desk.exhibit("custody log --case case --action reported").outcome(0);
    assert_eq!(log["records"][0]["details"]["sheet"], "preservation");
    desk.exhibit("report case --sheet unknown").ends(2);
    desk.exhibit("report case --sheet card --format pdf").ends(2);
    desk.exhibit("verify case").ends(0);
}

/// The dark modules of the code in a page, as a picture of one bit in the form of PBM, each module of 6 by 6 dots.
fn picture_of_code(html: &str) -> Vec<u8> {
    const DOTS: usize = 6;
    let side: usize = html.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let path = html.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut dark = vec![vec![false; side]; side];
    for module in path.split("h1v1h-1z").filter(|module| !module.is_empty()) {
        let (x, y) = module.trim_start_matches('M').split_once(' ').unwrap();
        dark[y.parse::<usize>().unwrap()][x.parse::<usize>().unwrap()] = true;
    }
    let mut picture = format!("P1\n{0} {0}\n", side * DOTS);
    for y in 0..side * DOTS {
        picture.extend((0..side * DOTS).map(|x| if dark[y / DOTS][x / DOTS] { "1 " } else { "0 " }));
        picture.push('\n');
    }
    picture.into_bytes()
}

#[test]
fn the_code_of_the_card_is_read_by_another_program() {
    if !present("zbarimg") {
        return;
    }
    let desk = desk();
    let html = desk.exhibit("report case --sheet card").ends(0).out();
    let picture = desk.write("card.pbm", &picture_of_code(&html));
    let read = Command::new("zbarimg").args(["-q", "--raw"]).arg(&picture).output().unwrap();
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    let record = desk.json("case/items/001/001.acquisition.json");
    let sha256 = record["digests"]["sha256"].as_str().unwrap();
    assert!(text.starts_with("EXHIBIT 2026-117\nLOG ") && text.contains(sha256), "{text}");
}

#[test]
fn an_error_in_authority_or_scope_names_file_line_and_field_and_begins_nothing() {
    let desk = Desk::new();
    for (name, text, says) in [
        ("a.toml", "reference = \"x\"\nreferense = \"y\"\n", vec!["a.toml: line 2", "field referense"]),
        ("a.json", "{\"reference\": \"x\",\n \"issued\": \"soon\"}", vec!["a.json: line 2", "field issued"]),
        ("a", "handling = [\"TLP:WHITE\"]\n", vec!["line 1", "field handling[0]", "TLP:CLEAR"]),
        ("a.toml", "x = \n", vec!["line 1"]),
    ] {
        desk.write(name, text.as_bytes());
        let ran =
            desk.exhibit(&format!("new case --number 1 --title t --examiner e --agency a --authority {name}")).ends(2);
        for part in says {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.everything());
        }
        assert!(!desk.has("case"), "nothing is begun");
    }
    desk.exhibit("new case --number 1 --title t --examiner e --agency a --handling TLP:WHITE").ends(2);
}

#[test]
fn templates_schemas_and_vocabulary_are_in_the_program() {
    let desk = Desk::new();
    for kind in ["authority", "scope"] {
        let template = desk.exhibit(&format!("custody template {kind}")).ends(0).out();
        desk.write("empty.toml", template.as_bytes());
        let words = format!("new {kind} --number 1 --title t --examiner e --agency a --{kind} empty.toml");
        desk.exhibit(&words).ends(0);
        let schema: serde_json::Value =
            serde_json::from_str(&desk.exhibit(&format!("custody template {kind} --schema")).ends(0).out()).unwrap();
        assert_eq!(schema["additionalProperties"], false);
    }
    let all = desk.exhibit("custody vocabulary").ends(0).out();
    assert!(all.contains("coe185/29") && all.contains("C: confirmed by a text") && all.contains("M: from memory"));
    let own = "[[instruments]]\nid = \"stpo\"\nname = \"Code\"\n[[instruments.articles]]\nid = \"stpo/94\"\narticle = \"94\"\ntopic = \"seizure\"\nconfidence = \"Q\"\n";
    desk.write("home/config/exhibit/vocabulary/own.toml", own.as_bytes());
    assert!(desk.exhibit("custody vocabulary stpo/94").ends(0).out().contains("check before use"));
    desk.write("home/config/exhibit/vocabulary/own.toml", own.replace("stpo", "coe185").as_bytes());
    desk.exhibit("custody vocabulary").ends(2);
}

#[test]
fn marks_travel_from_the_authority_into_report_and_handover_and_are_replaced_by_an_event() {
    let desk = desk();
    let report = desk.exhibit("report case").ends(0).out();
    assert!(report.contains("TLP:AMBER") && report.contains("VS-NfD"));
    desk.exhibit("custody add --case case --action marked --handling TLP:RED --reason order").ends(0);
    let report = desk.exhibit("report case").ends(0).out();
    assert!(report.contains("TLP:RED"));
    let stated = desk.exhibit("custody transfer --case case --item 001 --to R --out h.exhibit-handover").outcome(0);
    assert_eq!(stated["statement"]["handling"], serde_json::json!(["TLP:RED"]));
    desk.exhibit("custody add --case case --action marked --handling tlp:red").ends(2);
}
