//! Byte equality of source and image, and what the acquisition record says.

use serde_json::{Value, json};

use crate::harness::Desk;
use crate::medium::{digest, mixed, noise, sha256};

/// Lengths at which counting in sectors (512), chunks (32 KiB) and tree nodes (1 MiB) goes wrong if it does.
const LENGTHS: [usize; 13] =
    [0, 1, 511, 512, 513, 4095, 32_767, 32_768, 32_769, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1];

/// Everything that must hold after an undisturbed acquisition of `source` to `out/<base>`.
fn is_equal(desk: &Desk, format: &str, base: &str, source: &[u8], outcome: &Value) {
    let first = format!("out/{base}.{}", if format == "e01" { "E01" } else { "raw" });
    let record = desk.json(format!("out/{base}.acquisition.json"));
    assert_eq!(outcome["acquisition"], record, "the outcome carries the record");
    assert_eq!(outcome["image"], first.as_str());
    for id in ["md5", "sha1", "sha256"] {
        assert_eq!(record["digests"][id], digest(id, source).as_str(), "{id} of {} bytes as {format}", source.len());
        assert_eq!(record["read_back"]["digests"][id], record["digests"][id]);
    }
    assert_eq!(record["size_bytes"], source.len());
    assert_eq!(record["size_sectors"], source.len().div_ceil(512));
    assert_eq!(record["gaps"], json!([]));
    for segment in record["segments"].as_array().unwrap() {
        let bytes = desk.read(format!("out/{}", segment["name"].as_str().unwrap()));
        assert_eq!(segment["sha256"], sha256(&bytes).as_str(), "{segment}");
        assert_eq!(segment["size_bytes"], bytes.len());
    }
    let tree = desk.read(format!("out/{}", record["tree"]["file"].as_str().unwrap()));
    assert!(!tree.is_empty());

    let raw = format!("{base}.back");
    let exported = desk.exhibit(&format!("export {first} --to {raw}")).outcome(0);
    assert_eq!(exported["sha256"], sha256(source).as_str());
    assert!(desk.read(&raw) == source, "{format}: {} bytes come back changed", source.len());

    let hashed = desk.exhibit(&format!("hash {first} --algorithms md5,sha256")).outcome(0);
    assert_eq!(hashed["files"][0]["digests"]["md5"], digest("md5", source).as_str(), "the medium is hashed");
    assert_eq!(hashed["files"][0]["size"], source.len());

    let verified = desk.exhibit(&format!("verify {first}")).outcome(0);
    assert_eq!(verified["verdict"]["outcome"], "holds", "{verified}");
    let left: Vec<String> = desk.list("out").into_iter().filter(|name| name.ends_with(".partial")).collect();
    assert!(left.is_empty(), "{left:?}");
}

fn at_every_length(format: &str) {
    let desk = Desk::new();
    for size in LENGTHS {
        let source = mixed(size, size as u64);
        desk.write("source", &source);
        let base = format!("of-{size}");
        let call = desk.exhibit("acquire source --hash md5,sha1,sha256 --format").arg(format);
        let outcome = call.arg("--to").arg(format!("out/{base}")).outcome(0);
        is_equal(&desk, format, &base, &source, &outcome);
    }
}

#[test]
fn an_e01_equals_its_source_at_every_length() {
    at_every_length("e01");
}

#[test]
fn a_raw_image_equals_its_source_at_every_length_and_is_the_very_bytes() {
    at_every_length("raw");
    let desk = Desk::new();
    let source = mixed(100_001, 3);
    desk.write("source", &source);
    desk.exhibit("acquire source --to copy --format raw").ends(0);
    assert!(desk.read("copy.raw") == source);
}

#[test]
fn many_segments_make_one_medium_whichever_of_them_is_named() {
    let desk = Desk::new();
    let source = noise((9 << 20) + 777, 5);
    desk.write("source", &source);
    let call = desk.exhibit("acquire source --to out/many --segment-size 1MiB --hash md5,sha1,sha256");
    let outcome = call.outcome(0);
    let segments = desk.list("out").into_iter().filter(|name| name.contains(".E")).collect::<Vec<_>>();
    assert!(segments.len() >= 10 && segments.contains(&"many.E10".to_owned()), "{segments:?}");
    for name in &segments {
        let length = desk.path("out").join(name).metadata().unwrap().len();
        assert!(length <= 1 << 20, "{name} has {length} bytes");
    }
    is_equal(&desk, "e01", "many", &source, &outcome);
    let fifth = desk.exhibit("hash out/many.E05").outcome(0);
    assert_eq!(fifth["files"][0]["digests"]["sha256"], sha256(&source).as_str());
    desk.exhibit("verify out/many.E07").ends(0);
    let info = desk.exhibit("info out/many.E03").outcome(0);
    assert_eq!(info["segments"].as_array().unwrap().len(), segments.len());
}

#[test]
fn a_missing_segment_is_named_and_never_a_shorter_medium() {
    let desk = Desk::new();
    let source = noise(3 << 20, 6);
    desk.write("source", &source);
    for missing in ["m.E01", "m.E02", "m.E04"] {
        desk.exhibit(&format!("acquire source --to {missing}-out/m --segment-size 1MiB")).ends(0);
        std::fs::remove_file(desk.path(format!("{missing}-out")).join(missing)).unwrap();
        for record in [true, false] {
            if !record {
                std::fs::remove_file(desk.path(format!("{missing}-out/m.acquisition.json"))).unwrap();
            }
            let ran = desk.exhibit(&format!("verify {missing}-out/m.E03 --json")).ends_in(&[1, 4, 7]);
            let number = &missing[missing.len() - 1..];
            assert!(
                ran.said().contains(missing) || ran.said().contains(&format!("segment {number}")),
                "{}",
                ran.said()
            );
            desk.exhibit(&format!("hash {missing}-out/m.E03")).ends_in(&[1, 4]);
            let size = desk.exhibit(&format!("info {missing}-out/m.E03 --json")).ends_in(&[0, 1, 7]).outcome();
            assert!(size["size_bytes"].is_null() || size["size_bytes"] == source.len(), "{size}");
        }
    }
}

#[test]
fn the_record_says_what_was_asked_what_was_read_and_where() {
    let desk = Desk::new();
    desk.write("source", &mixed(5000, 1));
    let call = desk.exhibit("acquire source --to x --hash sha512,md5 --compression best --retries 7");
    let call = call.arg("--description").arg("blue stick").arg("--notes").arg("found in a drawer");
    let call =
        call.arg("--evidence-number").arg("E 1").arg("--examiner").arg("Zoë Example").arg("--case-number").arg("C 9");
    call.ends(0);
    let record = desk.json("x.acquisition.json");
    for member in ["tool", "host", "source", "plan", "started", "finished", "tree", "segments", "gaps", "read_back"] {
        assert!(!record[member].is_null(), "{member}: {record}");
    }
    let time = record["started"].as_str().unwrap();
    assert!(time.len() == 20 && time.ends_with('Z') && time.contains('T'), "RFC 3339, UTC: {time}");
    assert_eq!(record["plan"]["notes"], "found in a drawer");
    assert_eq!(record["plan"]["retries"], 7);
    assert_eq!(record["plan"]["hashes"], json!(["sha512", "md5", "sha256"]), "SHA-256 always");
    assert_eq!(record["source"]["path"], "source");
    for unknown in ["vendor", "model", "serial", "read_only", "hidden_sectors"] {
        assert_eq!(record["source"].get(unknown), Some(&Value::Null), "what is unknown is written as such: {unknown}");
    }
    let info = desk.exhibit("info x.E01").outcome(0);
    for text in ["blue stick", "found in a drawer", "E 1", "Zoë Example", "C 9"] {
        assert!(info["metadata"].to_string().contains(text), "{text}: {info}");
    }
}

#[test]
fn times_that_people_read_are_dates() {
    let desk = Desk::new();
    desk.write("source", &mixed(5000, 1));
    desk.exhibit("acquire source --to x").ends(0);
    let out = desk.exhibit("info x.E01").ends(0).out();
    let line = out.lines().find(|line| line.starts_with("Acquisition date")).unwrap();
    assert!(line.contains('T') && line.ends_with('Z'), "RFC 3339, UTC: {line}");
}

#[test]
fn every_compression_and_thread_count_gives_the_same_medium() {
    let desk = Desk::new();
    let source = mixed(3_000_001, 9);
    desk.write("source", &source);
    let mut sizes = Vec::new();
    for compression in ["none", "fast", "best"] {
        for jobs in ["1", "2", "7"] {
            let base = format!("{compression}-{jobs}");
            let call = desk.exhibit(&format!("acquire source --to {base} --compression {compression} --jobs {jobs}"));
            let outcome = call.outcome(0);
            assert_eq!(outcome["acquisition"]["digests"]["sha256"], sha256(&source).as_str());
            let size = outcome["acquisition"]["segments"][0]["size_bytes"].as_u64().unwrap();
            sizes.push(size);
        }
    }
    assert!(sizes[0] > sizes[3] && sizes[3] >= sizes[6], "{sizes:?}");
    // The compressed header holds the time, so a few bytes may differ; chunks may not.
    let is_near = |same: &[u64]| same.iter().all(|size| size.abs_diff(same[0]) <= 16);
    assert!(sizes.chunks(3).all(is_near), "threads change nothing: {sizes:?}");
}

#[test]
fn without_read_back_the_record_says_so_and_the_image_is_right_all_the_same() {
    let desk = Desk::new();
    desk.write("source", &mixed(50_000, 2));
    let ran = desk.exhibit("acquire source --to x --no-read-back").ends(0);
    assert!(ran.out().contains("NOT read back"), "{}", ran.out());
    assert!(desk.json("x.acquisition.json")["read_back"].is_null());
    desk.exhibit("verify x.E01").ends(0);
}

#[test]
fn without_md5_the_container_alone_cannot_be_called_verified() {
    let desk = Desk::new();
    desk.write("source", &mixed(50_000, 2));
    desk.exhibit("acquire source --to x --hash sha256").ends(0);
    desk.exhibit("verify x.E01").ends(0);
    std::fs::remove_file(desk.path("x.acquisition.json")).unwrap();
    let ran = desk.exhibit("verify x.E01").ends_in(&[0, 7]);
    let stored = &desk.exhibit("info x.E01").outcome(0)["stored_digests"];
    assert_eq!(ran.code == Some(0), stored.get("md5").is_some() || stored.get("sha1").is_some(), "{stored}");
}

#[test]
fn an_extension_that_is_typed_is_not_doubled() {
    let desk = Desk::new();
    desk.write("source", &mixed(600, 2));
    desk.exhibit("acquire source --to x.E01").ends(0);
    desk.exhibit("acquire source --to y.raw --format raw").ends(0);
    desk.exhibit("acquire source --to disk.2026.v1 --format raw").ends(0);
    for name in ["x.E01", "x.acquisition.json", "y.raw", "y.acquisition.json", "disk.2026.v1.raw"] {
        assert!(desk.has(name), "{name}");
    }
    desk.exhibit("verify disk.2026.v1.raw").ends(0);
}

#[test]
fn nothing_asked_for_is_left_out_in_silence() {
    let desk = Desk::new();
    desk.write("source", &noise(3 << 20, 2));
    desk.exhibit("acquire source --to x --format raw --segment-size 1MiB").ends(0);
    assert!(desk.has("x.003") && !desk.has("x.raw") && !desk.has("x.004"), "{:?}", desk.list(""));
    for size in ["0", "1", "512"] {
        let ran = desk.exhibit(&format!("acquire source --to tiny-{size} --segment-size {size}")).ends_in(&[1, 2]);
        assert!(!desk.has(format!("tiny-{size}.E01")), "{}", ran.everything());
    }
}
