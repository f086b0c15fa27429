//! A small case to package, and a stand-in for a signing key.

#![allow(dead_code, reason = "each test file uses a part of this")]

use std::sync::Arc;

use exhibit_evidence::{Cancel, Instant, MemorySource, Name, Silent, Source};
use exhibit_package::manifest::{Case, Custody, Gaps, Medium, Role};
use exhibit_package::write::{Item, Listing, PackageError, PackagePlan, PayloadFile, Sealed, SignError, Signer, seal};
use exhibit_testkit::{MemoryStore, pattern};
use serde_json::{Value, json};

/// Bag folder and archive of [`plan`].
pub(crate) const BAG: &str = "2026-0042-package";
pub(crate) const ARCHIVE: &str = "2026-0042-package.zip";

/// A payload file over bytes in memory.
pub(crate) fn file(role: Role, name: impl Into<Vec<u8>>, bytes: impl Into<Vec<u8>>) -> PayloadFile {
    from_source(role, name, Arc::new(MemorySource::new(bytes.into())))
}

pub(crate) fn from_source(role: Role, name: impl Into<Vec<u8>>, source: Arc<dyn Source>) -> PayloadFile {
    PayloadFile { role, name: Name::new(name), source, expected_sha256: None }
}

/// The bytes of the raw image in [`plan`]: more than one block, and not a whole number of them.
pub(crate) fn image() -> Vec<u8> {
    let mut bytes = vec![0; 3_000_001];
    pattern(3_000_001).read_at(0, &mut bytes).unwrap();
    bytes
}

/// Two items: a raw image in two segments with everything around it, and files with odd names.
pub(crate) fn plan() -> PackagePlan {
    let image = image();
    let digests = serde_json::from_value(json!({"sha256": sha256(&image)})).unwrap();
    let medium = Medium {
        size_bytes: image.len() as u64,
        digests,
        tree_root: Some("ab".repeat(32)),
        gaps: Gaps { count: 1, bytes: 512 },
    };
    let (first, second) = image.split_at(2_000_000);
    let disk = Item {
        id: "HDD-1".to_owned(),
        medium: Some(medium),
        files: vec![
            file(Role::ImageSegment, "disk.001", first),
            file(Role::ImageSegment, "disk.002", second),
            file(Role::AcquisitionRecord, "disk.acquisition.json", "{\"format\":\"exhibit-acquisition/1\"}\n"),
            file(Role::HashTree, "disk.tree", [7; 96]),
            file(Role::Derived, "carve/jpeg/000000001000.jpg", b"\xff\xd8\xff\xe0"),
            file(Role::Derived, "carve/carved.jsonl", "{}\n".repeat(500)),
        ],
    };
    let odd: [&[u8]; 6] = [b"a.txt", b"A.txt", b"../up", b"\xff\x00", "Übersicht 1.pdf".as_bytes(), b"empty"];
    let odd = odd.map(|name| file(Role::Other, name, if name == b"empty" { &b""[..] } else { name }));
    let found = Item { id: "Box 7 / left".to_owned(), medium: None, files: odd.into() };
    PackagePlan {
        bag_name: BAG.to_owned(),
        archive: ARCHIVE.to_owned(),
        case: Case {
            number: "2026-0042".to_owned(),
            title: "Practice case\nsecond line".to_owned(),
            examiner: "Jane Doe".to_owned(),
            agency: "Example Agency: Digital".to_owned(),
            created: "2026-11-20T08:00:00Z".to_owned(),
        },
        authority: json!({"kind": "warrant", "number": "W-17"}),
        scope: Value::Null,
        handling: vec!["TLP:AMBER".to_owned()],
        items: vec![disk, found],
        custody: Custody { records: 12, head_root: Some("cd".repeat(32)) },
        tag_files: vec![
            ("exhibit/custody/000001.jsonl".to_owned(), b"{\"seq\":0}\n".to_vec()),
            ("exhibit/case.json".to_owned(), b"{\"number\":\"2026-0042\"}".to_vec()),
            ("exhibit/report.html".to_owned(), b"<!doctype html><title>Report</title>".to_vec()),
        ],
        history: None,
        listing: Listing::None,
        created: Instant::from_unix_seconds(1_795_500_000),
        tool: "exhibit 0.1.0".to_owned(),
        limits: vec!["The device itself is not in this package; it is kept in the evidence room.".to_owned()],
    }
}

/// An armour around nothing, so that the bytes of a package depend on the plan alone.
pub(crate) fn stamp(namespace: &str, message: &[u8]) -> Result<String, SignError> {
    let body = format!("{namespace} {} {}", message.len(), sha256(message));
    Ok(format!("-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n"))
}

/// A note with a line that stands for a signature.
pub(crate) fn note(name: &str, text: &[u8]) -> Result<String, SignError> {
    Ok(format!("{}\n\u{2014} {name} AAAAAAA=\n", String::from_utf8_lossy(text)))
}

pub(crate) fn signer() -> Signer<'static> {
    Signer {
        principal: "jane@example.org".to_owned(),
        fingerprint: "SHA256:abcdefgh".to_owned(),
        public_key: "ssh-ed25519 AAAA jane@example.org\n".to_owned(),
        allowed_signers: "jane@example.org ssh-ed25519 AAAA\n".to_owned(),
        sign: &stamp,
        note: &note,
    }
}

/// Seals with the stand-in key into a fresh store.
pub(crate) fn seal_in_memory(plan: &PackagePlan) -> (MemoryStore, Result<Sealed, PackageError>) {
    let store = MemoryStore::new();
    let sealed = seal(plan, &signer(), &store, &Silent, &Cancel::new());
    (store, sealed)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    exhibit_evidence::to_hex(&sha2::Sha256::digest(bytes))
}
