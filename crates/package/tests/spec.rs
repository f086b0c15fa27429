//! The samples in `docs/spec/` are what the program writes, byte for byte.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod support;

use std::fmt::Write as _;
use std::io::{Cursor, Read as _};
use std::path::Path;

use exhibit_evidence::{Cancel, Instant, Silent, Source as _};
use exhibit_package::manifest::{Custody, FORMAT, Gaps, Manifest, Medium, Role};
use exhibit_package::write::{Item, PackagePlan, Signer, seal};
use exhibit_testkit::{MemoryStore, pattern};
use serde_json::{Value, json};
use support::{BAG, file, plan, sha256, stamp};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs practice key";

/// One item: a raw image of eight sectors, the last of which could not be read, and a file whose name is not safe.
fn sample() -> PackagePlan {
    let mut image = vec![0; 4096];
    pattern(4096).read_at(0, &mut image).unwrap();
    image[3584..].fill(0);
    let medium = Medium {
        size_bytes: 4096,
        digests: serde_json::from_value(json!({"sha256": sha256(&image)})).unwrap(),
        tree_root: Some(sha256(&[&[0], &image[..]].concat())),
        gaps: Gaps { count: 1, bytes: 512 },
    };
    let files = vec![
        file(Role::ImageSegment, "disk.raw", image),
        file(Role::AcquisitionRecord, "disk.acquisition.json", "{}"),
        file(Role::Derived, b"notes \xff.txt", "found"),
    ];
    let mut plan = plan();
    plan.case.title = "Practice case".to_owned();
    plan.case.agency = "Example Agency".to_owned();
    plan.created = Instant::parse("2026-11-23T10:00:00Z").unwrap();
    plan.custody = Custody { records: 5, head_root: Some(sha256(b"head")) };
    plan.items = vec![Item { id: "HDD-1".to_owned(), medium: Some(medium), files }];
    plan
}

/// The text files of the sample, each behind a line with its name, and a list of all members.
fn written() -> (String, Value) {
    let signer = Signer {
        principal: "examiner@lab.example".to_owned(),
        fingerprint: "SHA256:z/fSv0Z0RZS+Lccbc6ZoOWwt/fbj1VFJGSBKQbo4icE".to_owned(),
        public_key: format!("{KEY}\n"),
        allowed_signers: format!("examiner@lab.example namespaces=\"exhibit-package\" {KEY}\n"),
        sign: &stamp,
        note: &support::note,
    };
    let store = MemoryStore::new();
    seal(&sample(), &signer, &store, &Silent, &Cancel::new()).unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(store.get(support::ARCHIVE).unwrap())).unwrap();
    let (mut members, mut texts) = (String::new(), String::new());
    let mut manifest = Value::Null;
    for at in 0..zip.len() {
        let mut member = zip.by_index(at).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        let name = member.name().unwrap().to_string();
        writeln!(members, "{name}").unwrap();
        let path = name.strip_prefix(BAG).unwrap().strip_prefix('/').unwrap();
        if ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"].contains(&path) {
            write!(texts, "\n--- {path}\n{}", String::from_utf8(bytes.clone()).unwrap()).unwrap();
        }
        if path == "exhibit/manifest.json" {
            manifest = serde_json::from_slice(&bytes).unwrap();
        }
    }
    (members + &texts, manifest)
}

/// The first block of the kind in a document of `docs/spec/`.
#[expect(clippy::disallowed_methods, reason = "reads our own documentation")]
fn block(document: &str, kind: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec").join(document);
    let text = std::fs::read_to_string(path).unwrap();
    text.split_once(&format!("```{kind}\n")).unwrap().1.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_sample_package_is_what_the_program_writes() {
    let (written, _) = written();
    assert!(block("package.md", "text") == written, "docs/spec/package.md should have:\n{written}");
}

#[test]
fn the_sample_manifest_is_what_the_program_writes() {
    let (_, written) = written();
    let shown: Value = serde_json::from_str(&block("manifest.md", "json")).unwrap_or_default();
    let pretty = serde_json::to_string_pretty(&written).unwrap();
    assert!(shown == written, "docs/spec/manifest.md should have:\n{pretty}");
    let manifest: Manifest = serde_json::from_value(shown).unwrap();
    assert_eq!(manifest.format, FORMAT);
}
