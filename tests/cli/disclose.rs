//! A part of a sealed package: what is shown is proven against the whole, what is withheld stays withheld.

use serde_json::Value;

use exhibit_tests::foreign::run;

use crate::harness::Desk;
use crate::independent::script;
use crate::medium::mixed;

/// A case with an image and three derived files, sealed as a whole.
fn sealed(desk: &Desk) {
    desk.case_with_item(&mixed(1_070_001, 1));
    for (name, text) in [("a.txt", "alpha"), ("secret.txt", "the one word"), ("c.txt", "gamma")] {
        desk.write(format!("case/items/001/found/{name}"), text.as_bytes());
    }
    desk.exhibit("package case --to whole.zip").ends(0);
    desk.exhibit("verify whole.zip").ends(0);
}

fn part<'a>(desk: &'a Desk, selection: &str) -> crate::harness::Call<'a> {
    let call = desk.exhibit("package case --to part.zip --withheld-by").arg("Order 12");
    call.arg("--withheld-because").arg("outside of request 7").arg("--disclose").arg(selection)
}

fn member(desk: &Desk, name: &str) -> Option<Vec<u8>> {
    let said = run("unzip", &["-q".as_ref(), "-o".as_ref(), &desk.path("part.zip"), "-d".as_ref(), &desk.path("u")])?;
    assert!(said.success, "{}", said.text);
    let bag = desk.list("u").remove(0);
    Some(desk.read(format!("u/{bag}/{name}")))
}

#[test]
fn files_and_a_range_are_shown_and_proven_and_the_rest_keeps_its_place() {
    let desk = Desk::new();
    sealed(&desk);
    let outcome = part(&desk, "001/found/*,!001/found/secret.txt,001@8192:4096,001@1069056:945").outcome(0);
    assert_eq!(outcome["payload_files"], 4);
    let verdict = desk.exhibit("verify part.zip").outcome(0)["verdict"].clone();
    assert_eq!(verdict["subject"], "what is disclosed of the package");
    let of = |id: &str| -> Value {
        verdict["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap_or(&Value::Null).clone()
    };
    for id in ["disclosure", "disclosure-signature", "disclosure-ranges", "log-part"] {
        assert_eq!(of(id)["result"], "passed", "{verdict:#}");
    }
    let text = of("disclosure").to_string();
    assert!(text.contains("outside of request 7") && text.contains("Order 12"), "{text}");
    // A stranger is told that nobody vouches for the key, and nothing else.
    desk.exhibit("verify part.zip").home("stranger").ends(7);
    let Some(disclosure) = member(&desk, "exhibit/disclosure.json") else { return };
    let text = String::from_utf8(disclosure).unwrap();
    let digest = desk.exhibit("hash case/items/001/found/secret.txt").ends(0).out();
    for secret in ["secret", "the one word", digest.split(' ').next().unwrap()] {
        assert!(!text.contains(secret), "{secret}");
    }
    let key = desk.write("key.pub", &member(&desk, "signatures/signer.pub").unwrap());
    assert_eq!(script(&desk.path("u"), Some(&key)).0, Some(0));
    let range = member(&desk, "data/items/001/ranges/000000002000-4096.raw").unwrap();
    assert!(range == mixed(1_070_001, 1)[8192..12_288]);
    desk.exhibit("verify case").ends_in(&[0, 7]);
}

#[test]
fn no_byte_of_a_disclosure_can_be_changed_and_no_member_taken_away() {
    let desk = Desk::new();
    sealed(&desk);
    part(&desk, "001/found/a.txt,001@0:4096").ends(0);
    let Some(_) = member(&desk, "exhibit/disclosure.json") else { return };
    let bag = format!("u/{}", desk.list("u").remove(0));
    let key = desk.path(format!("{bag}/signatures/signer.pub"));
    for name in ["exhibit/disclosure.json", "data/items/001/found/a.txt", "data/items/001/ranges/000000000000-4096.raw"]
    {
        let name = format!("{bag}/{name}");
        let sound = desk.read(&name);
        let mut changed = sound.clone();
        changed[sound.len() / 2] ^= 1;
        desk.write(&name, &changed);
        desk.exhibit("verify").arg(desk.path(&bag)).ends(4);
        assert_eq!(script(&desk.path("u"), Some(&key)).0, Some(4), "{name}");
        std::fs::remove_file(desk.path(&name)).unwrap();
        desk.exhibit("verify").arg(desk.path(&bag)).ends(4);
        desk.write(&name, &sound);
    }
    desk.exhibit("verify").arg(desk.path(&bag)).ends(0);
}

#[test]
fn slips_are_refused_with_what_to_do_instead() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(20_000, 1));
    let none = part(&desk, "001").ends(1);
    assert!(none.stderr.contains("seal the whole first"), "{}", none.stderr);
    desk.write("case/items/001/found/list.txt", b"found: found/x.txt and others");
    desk.write("case/items/001/found/x.txt", b"x");
    desk.exhibit("package case --to whole.zip").ends(0);
    for (selection, hint) in [
        ("002", "no item 002"),
        ("001/found/y.txt", "names no file"),
        ("001@100:50", "001@0:4096"),
        ("001@0:40960", "001@0:20000"),
        ("001/found/*,!001/found/x.txt", "tells of found/x.txt"),
        ("", "names nothing"),
    ] {
        let ran = part(&desk, selection).ends(2);
        assert!(ran.stderr.contains(hint), "{selection}: {}", ran.stderr);
        assert!(!desk.has("part.zip"));
    }
    part(&desk, "001/found/*,!001/found/x.txt").arg("--allow-mentions").ends(0);
    // What has changed since it was sealed is not what was sealed.
    desk.write("case/items/001/found/x.txt", b"y");
    let changed = desk.exhibit("package case --to other.zip --disclose 001/found/x.txt --withheld-because r").run();
    assert_eq!(changed.code, Some(4));
    assert!(changed.stderr.contains("has changed"), "{}", changed.stderr);
}

#[test]
fn a_selection_file_gives_each_its_own_reason() {
    let desk = Desk::new();
    sealed(&desk);
    let selection = r#"{"format": "exhibit-selection/1", "show": ["001"],
        "withhold": [{"what": ["001/found/secret.txt"], "reason": "privileged", "authority": "Court 3"}],
        "otherwise": {"reason": "not asked for", "authority": ""}}"#;
    desk.write("selection.json", selection.as_bytes());
    desk.exhibit("package case --to part.zip --disclose").arg(desk.path("selection.json")).ends(0);
    let verdict = desk.exhibit("verify part.zip").outcome(0).to_string();
    assert!(verdict.contains("privileged") && verdict.contains("1 entries are withheld"), "{verdict}");
    desk.write("bad.json", br#"{"format": "exhibit-selection/1", "show": [], "other": 1}"#);
    let bad = desk.exhibit("package case --to p2.zip --disclose").arg(desk.path("bad.json")).ends(2);
    assert!(bad.stderr.contains("bad.json"), "{}", bad.stderr);
}
