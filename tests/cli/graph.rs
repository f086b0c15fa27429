//! What a package says in the languages of others, judged by their programs.

use std::process::Command;

use exhibit_tests::foreign::{present, run};
use serde_json::Value;

use crate::harness::Desk;
use crate::medium::mixed;

/// A case whose every name is odd, sealed and unpacked; the bag's folder.
fn sealed(desk: &Desk) -> Option<String> {
    let call = desk.exhibit("new case --number 2026/117 --agency Lab-3").arg("--title").arg("Größe <\"&'> \u{202e}x");
    call.arg("--examiner").arg("Ž. Ejemplo").ends(0);
    desk.write("stick.img", &mixed(70_001, 1));
    desk.exhibit("acquire stick.img --case case --item 001 --hash md5,sha1,sha256").ends(0);
    desk.exhibit("custody add --case case --item 001 --action transported --seal 4711 --role courier --actor")
        .arg("B. & Söhne")
        .ends(0);
    for name in ["found/ü <&>.txt", "found/a\u{1b}b.txt", "found/日本.txt"] {
        desk.write(format!("case/items/001/{name}"), name.as_bytes());
    }
    desk.exhibit("package case --to p.zip").ends(0);
    desk.exhibit("verify p.zip").ends(0);
    let said = run("unzip", &["-q".as_ref(), &desk.path("p.zip"), "-d".as_ref(), &desk.path("u")])?;
    assert!(said.success, "{}", said.text);
    Some(format!("u/{}/exhibit", desk.list("u").remove(0)))
}

#[test]
fn the_graph_conforms_and_says_what_the_manifest_says() {
    let desk = Desk::new();
    let Some(folder) = sealed(&desk) else { return };
    let graph = desk.json(format!("{folder}/case.jsonld"));
    let nodes = graph["@graph"].as_array().unwrap();
    let of = |class: &str| -> Vec<&Value> { nodes.iter().filter(|node| node["@type"] == class).collect() };
    assert_eq!(of("case-investigation:ProvenanceRecord").len(), 1);
    assert_eq!(of("uco-observable:Image").len(), 1);
    let digest = desk.json("case/items/001/001.acquisition.json")["digests"]["sha1"].clone();
    assert!(graph.to_string().contains(digest.as_str().unwrap()));
    assert!(of("case-investigation:InvestigativeAction").len() >= 4);
    assert!(of("uco-observable:File").len() >= 6);
    if !present("case_validate") {
        return;
    }
    for version in ["case-1.5.0", "case-1.4.0"] {
        let mut validate = Command::new("case_validate");
        validate.args(["--allow-info", "--built-version", version]).arg(desk.path(format!("{folder}/case.jsonld")));
        let output = validate.output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{version}: {text}");
    }
}

#[test]
fn dfxml_and_premis_are_xml_and_name_every_file_and_record() {
    let desk = Desk::new();
    let Some(folder) = sealed(&desk) else { return };
    let manifest = desk.json(format!("{folder}/manifest.json"));
    let files = manifest["items"][0]["files"].as_array().unwrap();
    let dfxml = desk.text(format!("{folder}/files.dfxml"));
    for file in files {
        let (path, sha256) = (file["path"].as_str().unwrap(), file["sha256"].as_str().unwrap());
        assert!(dfxml.contains(path) && dfxml.contains(sha256), "{path}");
    }
    let premis = desk.text(format!("{folder}/premis.xml"));
    assert!(premis.contains("B. &amp; Söhne"), "{premis}");
    let records = manifest["custody"]["records"].as_u64().unwrap();
    assert_eq!(premis.matches("<premis:event>").count() as u64, records);
    for name in ["files.dfxml", "premis.xml"] {
        let Some(said) = run("xmllint", &["--noout".as_ref(), &desk.path(format!("{folder}/{name}"))]) else { return };
        assert!(said.success, "{name}: {}", said.text);
    }
}
