//! Google's Wycheproof vectors for Ed25519, where the shared test data is present.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test opens files and says when it has to skip"
)]

use std::io::Read as _;
use std::path::PathBuf;

use exhibit_custody::PublicKey;
use exhibit_evidence::from_hex;
use serde_json::Value;

fn vectors() -> Option<Value> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata");
    let folder = std::env::var_os("EXHIBIT_TESTDATA").map_or(beside, PathBuf::from);
    let file = std::fs::File::open(folder.join("sig/wycheproof-ed25519_test.json.gz")).ok()?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[test]
fn every_vector_is_judged_as_its_authors_judge_it() {
    let Some(vectors) = vectors() else {
        eprintln!("skipped: the Wycheproof vectors are not here");
        return;
    };
    let bytes = |value: &Value| from_hex(value.as_str().unwrap()).unwrap();
    let mut judged = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        let key: [u8; 32] = bytes(&group["publicKey"]["pk"]).try_into().unwrap();
        let key = PublicKey::from_bytes(&key, "");
        for test in group["tests"].as_array().unwrap() {
            let good = key.as_ref().is_ok_and(|key| key.verify(&bytes(&test["msg"]), &bytes(&test["sig"])));
            assert_eq!(good, test["result"] == "valid", "test {}: {}", test["tcId"], test["comment"]);
            judged += 1;
        }
    }
    assert_eq!(judged, vectors["numberOfTests"].as_u64().unwrap());
    assert!(judged > 100, "{judged}");
}
