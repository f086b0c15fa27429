//! The set of good and bad packages that `tests/vectors/README.md` describes, made from one sound package by a recipe: each has one
//! failure, or none, and says in its header which class it must be judged as.
//!
//! With `EXHIBIT_WRITE_VECTORS=FOLDER` the set is written there as well, for checkers by others.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use exhibit_custody::layout::key_detail;
use exhibit_custody::{SigningKey, sshsig};
use exhibit_evidence::{Cancel, Fact, MemorySource};
use exhibit_verify::{Level, Members as _, check_package, zip as archive};
use rayon::prelude::*;
use serde_json::json;
use sha2::{Digest as _, Sha256, Sha512};
use support::archive::{Part, Shape, zip};
use support::world::{BAG, RawMedia, key, log_of, package, package_of, request, sessions};

/// A package with its header.
struct Vector {
    /// What was done to it, in one word for each step.
    name: String,
    /// `holds`, `does-not-match` or `incomplete`, with the signer's key named as trusted.
    class: &'static str,
    bytes: Vec<u8>,
}

/// Names without the bag's folder, and bytes, in the order of the archive.
type Files = Vec<(String, Vec<u8>)>;

fn files() -> Files {
    let sound = archive::Archive::open(Arc::new(MemorySource::new(package())), &archive::Limits::default());
    let file = |entry: exhibit_verify::Entry| {
        let mut bytes = Vec::new();
        let keep = &mut |block: &[u8]| {
            bytes.extend_from_slice(block);
            true
        };
        sound.stream(&entry.name, keep).unwrap();
        (entry.name.split_once('/').unwrap().1.to_owned(), bytes)
    };
    sound.list().unwrap().into_iter().map(file).collect()
}

/// The member as the writer of packages stores it.
fn part(name: &str, bytes: &[u8]) -> Part {
    const TEXT: [&str; 8] = [".html", ".json", ".jsonl", ".sig", ".txt", ".jsonld", ".dfxml", ".xml"];
    let full = format!("{BAG}/{name}");
    let text = TEXT.iter().any(|ending| name.ends_with(ending)) && name != "bagit.txt";
    if text { Part::deflated(&full, bytes) } else { Part::new(&full, bytes) }
}

fn parts(files: &Files) -> Vec<Part> {
    files.iter().map(|(name, bytes)| part(name, bytes)).collect()
}

fn zipped(files: &Files) -> Vec<u8> {
    zip(&parts(files), &Shape::default())
}

/// Makes manifests over the tag files and signatures anew: what is left is what the change itself does wrong.
fn resigned(files: &Files) -> Vec<u8> {
    let (key, mut files) = (key(7), files.clone());
    let unlisted = ["tagmanifest-sha256.txt", "tagmanifest-sha512.txt"];
    let listed = |name: &str| !name.starts_with("data/") && !unlisted.iter().any(|tag| name.contains(tag));
    let mut tags: Vec<(String, Vec<u8>)> = files.iter().filter(|(name, _)| listed(name)).cloned().collect();
    tags.sort();
    for tag in unlisted {
        let mut text = String::new();
        for (name, bytes) in &tags {
            let digest = match tag {
                "tagmanifest-sha256.txt" => exhibit_evidence::to_hex(&Sha256::digest(bytes)),
                _ => exhibit_evidence::to_hex(&Sha512::digest(bytes)),
            };
            writeln!(text, "{digest}  {name}").unwrap();
        }
        let signature = sshsig::sign(&key, "exhibit-package", text.as_bytes());
        put(&mut files, tag, text.into_bytes());
        put(&mut files, &format!("signatures/{tag}.sig"), signature.into_bytes());
    }
    zipped(&files)
}

fn get<'a>(files: &'a Files, name: &str) -> &'a [u8] {
    &files.iter().find(|(other, _)| other == name).unwrap().1
}

fn put(files: &mut Files, name: &str, bytes: Vec<u8>) {
    match files.iter_mut().find(|(other, _)| other == name) {
        Some((_, old)) => *old = bytes,
        None => files.push((name.to_owned(), bytes)),
    }
}

/// One thing done to every member: changed, emptied, cut, made longer, removed, renamed, copied, swapped with the next.
fn each_member(files: &Files, set: &mut Vec<Vector>) {
    for (at, (name, bytes)) in files.iter().enumerate() {
        let mut add = |what: &str, changed: Files| {
            set.push(Vector { name: format!("{what} {name}"), class: "does-not-match", bytes: zipped(&changed) });
        };
        let with = |bytes: Vec<u8>| {
            let mut changed = files.clone();
            changed[at].1 = bytes;
            changed
        };
        let mut flipped = bytes.clone();
        if let Some(byte) = flipped.get_mut(bytes.len() / 2) {
            *byte ^= 1;
            add("changed", with(flipped));
            add("emptied", with(Vec::new()));
            add("cut", with(bytes[..bytes.len() - 1].to_vec()));
        }
        add("longer", with([bytes.as_slice(), b"\n"].concat()));
        let mut removed = files.clone();
        removed.remove(at);
        add("removed", removed);
        let mut renamed = files.clone();
        renamed[at].0 = format!("{name}x");
        add("renamed", renamed);
        let mut copied = files.clone();
        copied.insert(at + 1, (format!("{name}.copy"), bytes.clone()));
        add("copied", copied);
        if let Some((_, other)) = files.get(at + 1).filter(|(_, other)| other != bytes) {
            let mut swapped = with(other.clone());
            swapped[at + 1].1.clone_from(bytes);
            add("swapped-with-next", swapped);
        }
    }
}

/// Names that must not be followed, each of one more member.
fn hostile_names(files: &Files, set: &mut Vec<Vector>) {
    let names = [
        "../../etc/cron.d/x",
        "/etc/passwd",
        "C:/x",
        "c:x",
        "data\\x",
        "data/../x",
        "data/./x",
        "data//x",
        "~/x",
        "~root/x",
        "NUL",
        "con.txt",
        "data/aux",
        "data/x.",
        "data/x ",
        "data/\u{202e}gpj.exe",
        "data/x\u{0}y",
        "data/x\ny",
        "data/\u{1b}[2J",
        "data/é",
        "data/items/HDD-1",
        "DATA/x",
        "bagit.TXT",
        "data/items/hdd-1/x",
    ];
    for name in names {
        let mut parts = parts(files);
        parts.push(Part::new(
            &if name.starts_with('/') || name.contains(':') || name.starts_with("..") {
                name.to_owned()
            } else {
                format!("{BAG}/{name}")
            },
            b"planted",
        ));
        let bytes = zip(&parts, &Shape::default());
        set.push(Vector { name: format!("hostile-name {name:?}"), class: "does-not-match", bytes });
    }
}

/// Archives that lie about themselves.
fn hostile_archives(files: &Files, set: &mut Vec<Vector>) {
    let sound = parts(files);
    let mut add = |name: &str, bytes: Vec<u8>| {
        set.push(Vector { name: format!("archive {name}"), class: "does-not-match", bytes });
    };
    let shapes: [(&str, Shape); 4] = [
        ("bytes-before", Shape { before: b"#!/bin/sh\n".to_vec(), ..Shape::default() }),
        ("bytes-between", Shape { between: vec![0; 7], ..Shape::default() }),
        ("comment", Shape { comment: b"hello".to_vec(), ..Shape::default() }),
        ("second-end-in-comment", Shape { comment: zip(&[], &Shape::default()), ..Shape::default() }),
    ];
    for (name, shape) in shapes {
        add(name, zip(&sound, &shape));
    }
    type Change = fn(&mut Vec<Part>);
    let changes: [(&str, Change); 14] = [
        ("duplicate-member", |parts| parts.push(parts[3].clone())),
        ("duplicate-in-other-case", |parts| {
            let mut twin = parts[3].clone();
            twin.name = twin.name.to_uppercase().replacen(&BAG.to_uppercase(), BAG, 1);
            parts.push(twin);
        }),
        ("overlapping-members", |parts| parts[3].local_at = Some(0)),
        ("offset-beyond-the-end", |parts| parts[3].local_at = Some(0xfff_ffff)),
        ("local-name-differs", |parts| parts[3].local_name = Some(parts[3].name.replace("data", "dato"))),
        ("declares-less", |parts| parts[3].declared_size = Some(1)),
        ("declares-more", |parts| parts[3].declared_size = Some(1 << 31)),
        ("bomb", |parts| {
            let last = parts.len() - 6;
            parts[last] = Part { declared_size: Some(0xffff_fff0), ..Part::deflated(&parts[last].name, &[0; 1000]) };
        }),
        ("symbolic-link", |parts| parts[3].external = 0o120_777 << 16),
        ("device", |parts| parts[3].external = 0o060_644 << 16),
        ("set-user-id", |parts| parts[3].external = 0o104_755 << 16),
        ("descriptor", |parts| parts[3].descriptor = true),
        ("second-name-in-extra", |parts| parts[3].extra = vec![0x75, 0x70, 6, 0, 1, 0, 0, 0, 0, b'x']),
        ("other-time", |parts| parts[3].time = 1),
    ];
    for (name, change) in changes {
        let mut parts = sound.clone();
        change(&mut parts);
        add(name, zip(&parts, &Shape::default()));
    }
    let whole = zipped(files);
    for (name, length) in
        [("cut-at-end", whole.len() - 1), ("cut-in-directory", whole.len() - 300), ("cut-in-half", whole.len() / 2)]
    {
        add(name, whole[..length].to_vec());
    }
    add("bytes-behind", [whole.as_slice(), b"x"].concat());
}

/// Packages whose sender signs what he must not.
fn dishonest(files: &Files, set: &mut Vec<Vector>) {
    let text = |name: &str| String::from_utf8(get(files, name).to_vec()).unwrap();
    let mut add = |what: &str, name: &str, bytes: Vec<u8>| {
        let mut changed = files.clone();
        put(&mut changed, name, bytes);
        set.push(Vector { name: format!("signed {what}"), class: "does-not-match", bytes: resigned(&changed) });
    };
    let payload = text("manifest-sha256.txt");
    let first = payload.lines().next().unwrap().to_owned();
    let lines: [(&str, String); 12] = [
        ("manifest-line-missing", payload.replacen(&format!("{first}\n"), "", 1)),
        ("manifest-line-twice", format!("{payload}{first}\n")),
        ("manifest-digest-of-another-file", payload.replacen(&first[..64], &payload.lines().nth(1).unwrap()[..64], 1)),
        ("manifest-upper-case", payload.replacen(&first[..64], &first[..64].to_uppercase(), 1)),
        ("manifest-one-space", payload.replacen("  ", " ", 1)),
        ("manifest-three-spaces", payload.replacen("  ", "   ", 1)),
        ("manifest-carriage-return", payload.replacen('\n', "\r\n", 1)),
        ("manifest-no-last-line-end", payload.trim_end().to_owned()),
        ("manifest-byte-order-mark", format!("\u{feff}{payload}")),
        ("manifest-path-leads-out", format!("{payload}{}  data/../../x\n", "00".repeat(32))),
        ("manifest-file-not-there", format!("{payload}{}  data/items/none\n", "00".repeat(32))),
        ("manifest-lists-a-tag-file", format!("{payload}{}  bagit.txt\n", "00".repeat(32))),
    ];
    for (what, changed) in lines {
        add(what, "manifest-sha256.txt", changed.into_bytes());
    }
    add("fetch", "fetch.txt", b"https://example.org/x 1 data/x\n".to_vec());
    add("another-version-of-bagit", "bagit.txt", b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n".to_vec());
    let info = text("bag-info.txt");
    add("oxum-wrong", "bag-info.txt", info.replacen("Payload-Oxum: ", "Payload-Oxum: 1", 1).into_bytes());
    let without = info
        .lines()
        .filter(|line| !line.starts_with("Payload-Oxum"))
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    add("oxum-missing", "bag-info.txt", without.into_bytes());
    let manifest = text("exhibit/manifest.json");
    let changes = [
        ("unknown-member", "{\"authority\"", "{\"aaa\":1,\"authority\""),
        ("duplicate-key", "{\"authority\"", "{\"authority\":null,\"authority\""),
        ("other-format", "exhibit-manifest/1", "exhibit-manifest/2"),
        ("softer-mark-of-handling", "TLP:AMBER", "TLP:CLEAR"),
        ("no-mark-of-handling", "\"handling\":[\"TLP:AMBER\"],", ""),
        ("other-case", "\"number\":\"2026-0042\"", "\"number\":\"2026-0043\""),
        ("other-item", "\"id\":\"HDD-1\"", "\"id\":\"HDD-2\""),
        ("gaps-denied", "\"gaps\":{\"bytes\":", "\"gaps\":{\"bytes\":9"),
        ("other-role", "\"role\":\"image-segment\"", "\"role\":\"other\""),
        ("other-log", "\"head_root\":\"", "\"head_root\":\"0"),
        ("not-canonical", "{\"authority\"", "{ \"authority\""),
        ("time-without-zone", "Z\",\"custody\"", "\",\"custody\""),
    ];
    for (what, from, to) in changes {
        assert!(manifest.contains(from), "{what}");
        add(&format!("manifest.json {what}"), "exhibit/manifest.json", manifest.replacen(from, to, 1).into_bytes());
    }
    let disclosure = text("exhibit/disclosure.json");
    let changes = [
        ("list-without-its-salts", "\"seeds\":[{", "\"seeds\":[],\"x\":[{"),
        ("list-of-another-case", "exhibit-list/2026-0042", "exhibit-list/2026-0043"),
        ("list-cut", "\"files\":[0,", "\"files\":["),
        ("another-seed", "\"seed\":\"0505", "\"seed\":\"0506"),
        ("another-format", "exhibit-disclosure/1", "exhibit-disclosure/2"),
    ];
    for (what, from, to) in changes {
        let changed = disclosure.replacen(from, to, 1);
        if changed != disclosure {
            add(what, "exhibit/disclosure.json", changed.into_bytes());
        }
    }
    add("recipients-not-canonical", "exhibit/recipients.json", b"{ }".to_vec());
}

/// Logs that begin with key 7 and go on with key 8, in ways that hold and ways that do not.
fn keys_of_the_log(set: &mut Vec<Vector>) {
    let (old, new) = (key(7), key(8));
    let named = |action: &str| Fact::new(action).detail(key_detail::KEY, new.public_key().to_openssh());
    let changed = || named(key_detail::CHANGED).detail(key_detail::INSTEAD_OF, old.public_key().fingerprint());
    let lost = named(key_detail::LOST).detail(key_detail::LOST_KEY, old.public_key().fingerprint());
    let other = named(key_detail::CHANGED).detail(key_detail::INSTEAD_OF, key(9).public_key().fingerprint());
    let mut add = |name: &str, class: &'static str, record: Option<Fact>, signers: [&SigningKey; 3]| {
        let mut sessions = sessions();
        sessions[1].extend(record);
        let bytes = package_of(log_of(sessions.into_iter().zip(signers)));
        set.push(Vector { name: format!("log {name}"), class, bytes });
    };
    add("passed-on-by-the-old-key", "holds", Some(changed()), [&old, &old, &new]);
    add("key-names-itself-as-the-heir", "does-not-match", Some(changed()), [&old, &new, &new]);
    add("key-names-itself-in-a-note", "does-not-match", Some(named("note")), [&old, &new, &new]);
    add("key-named-by-the-old-key-and-not-as-the-heir", "does-not-match", Some(named("note")), [&old, &old, &new]);
    add("passed-on-in-place-of-a-third-key", "does-not-match", Some(other), [&old, &old, &new]);
    add("key-that-nobody-names", "does-not-match", None, [&old, &new, &new]);
    add("old-key-signs-after-its-end", "does-not-match", Some(changed()), [&old, &old, &old]);
    add("key-lost-and-another-goes-on", "incomplete", Some(lost), [&old, &new, &new]);
    add("signed-by-a-stranger-from-the-beginning", "incomplete", None, [&new, &new, &new]);
}

/// Packages with nothing wrong, in other shapes.
fn sound(files: &Files, set: &mut Vec<Vector>) {
    let mut add =
        |name: &str, bytes: Vec<u8>| set.push(Vector { name: format!("sound {name}"), class: "holds", bytes });
    add("as-written", package());
    add("made-again", zipped(files));
    add("signed-again", resigned(files));
    add("zip64-end", zip(&parts(files), &Shape { zip64_end: true, ..Shape::default() }));
    // Packed by another program: everything in it is the same, and how it is packed says nothing.
    let stored =
        |(name, bytes): &(String, Vec<u8>)| Part { time: 0x7000, ..Part::new(&format!("{BAG}/{name}"), bytes) };
    add("stored-by-another-program", zip(&files.iter().map(stored).collect::<Vec<Part>>(), &Shape::default()));
    let mut other_order: Vec<Part> = files.iter().map(stored).collect();
    other_order.reverse();
    add("another-order-by-another-program", zip(&other_order, &Shape::default()));
    let zip64 = |file: &(String, Vec<u8>)| Part { zip64: true, ..stored(file) };
    add("zip64-by-another-program", zip(&files.iter().map(zip64).collect::<Vec<Part>>(), &Shape::default()));
    let mut without = files.clone();
    without.retain(|(name, _)| name != "exhibit/report.html");
    add("without-a-report", resigned(&without));
    let mut recipients = files.clone();
    let open = br#"{"format":"exhibit-recipients/1","keys":["age1x"],"name":null}"#.to_vec();
    put(&mut recipients, "exhibit/recipients.json", open);
    add("decrypted", resigned(&recipients));
}

fn vectors() -> Vec<Vector> {
    let (files, mut set) = (files(), Vec::new());
    sound(&files, &mut set);
    each_member(&files, &mut set);
    hostile_names(&files, &mut set);
    hostile_archives(&files, &mut set);
    dishonest(&files, &mut set);
    keys_of_the_log(&mut set);
    let mut without_case = files.clone();
    without_case.retain(|(name, _)| name != "exhibit/case.json");
    set.push(Vector {
        name: "incomplete without-case".to_owned(),
        class: "incomplete",
        bytes: resigned(&without_case),
    });
    set
}

/// Judges a vector; what comes out must not depend on anything but its bytes.
fn judged(vector: &Vector) -> (String, Vec<String>) {
    let (keys, cancel) = ([key(7).public_key()], Cancel::new());
    let source = Arc::new(MemorySource::new(vector.bytes.clone()));
    let checked = check_package(source, &request(Level::Full, &keys, Some(&RawMedia), &cancel)).unwrap();
    let verdict = checked.verdict();
    let failed = verdict.checks.iter().filter(|check| check.result == exhibit_verify::CheckResult::Failed);
    let outcome = serde_json::to_value(verdict.outcome).unwrap();
    (outcome.as_str().unwrap().to_owned(), failed.map(|check| check.id.clone()).collect())
}

#[test]
fn every_package_of_the_set_is_judged_as_its_header_says() {
    let set = vectors();
    assert!(set.len() >= 200, "{} packages", set.len());
    let names: BTreeSet<&str> = set.iter().map(|vector| vector.name.as_str()).collect();
    assert_eq!(names.len(), set.len(), "every name stands for one package");
    let judged: Vec<(String, Vec<String>)> = set.par_iter().map(judged).collect();
    let wrong: Vec<String> = set
        .iter()
        .zip(&judged)
        .filter(|(vector, (outcome, _))| vector.class != outcome)
        .map(|(vector, (outcome, failed))| format!("{}: {outcome} {failed:?}, not {}", vector.name, vector.class))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), set.len(), wrong.join("\n"));
    if let Some(folder) = std::env::var_os("EXHIBIT_WRITE_VECTORS") {
        write(std::path::Path::new(&folder), &set, &judged);
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &set, &judged);
    judged_by_the_script(folder.path());
}

/// The script of `docs/spec/`, which shares no line with us, judges every package as its header says, but for those of which
/// it is known that it does not look so closely.
#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a program of others judges, where it is installed"
)]
fn judged_by_the_script(folder: &std::path::Path) {
    let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let known = project.join("tests/vectors/not-seen-by-check-package.txt");
    let mut judge = std::process::Command::new("python3");
    judge.arg(project.join("tests/vectors/judge.py")).args([folder, &known]);
    match judge.args(["--", "python3"]).arg(project.join("docs/spec/check-package.py")).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => {
            let required = std::env::var("EXHIBIT_REQUIRE_ORACLES").is_ok_and(|value| value == "1");
            assert!(!required, "python3: {error}");
            eprintln!("skipped: python3: {error}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the set is written where the person asks for it")]
fn write(folder: &std::path::Path, set: &[Vector], judged: &[(String, Vec<String>)]) {
    std::fs::create_dir_all(folder).unwrap();
    let mut index = String::new();
    for (number, (vector, (_, failed))) in (1..).zip(set.iter().zip(judged)) {
        let file = format!("{number:03}.zip");
        std::fs::write(folder.join(&file), &vector.bytes).unwrap();
        let line = json!({"file": file, "what": vector.name, "class": vector.class, "failing_checks": failed});
        writeln!(index, "{line}").unwrap();
    }
    std::fs::write(folder.join("index.jsonl"), index).unwrap();
    std::fs::write(folder.join("signer.pub"), format!("{}\n", key(7).public_key().to_openssh())).unwrap();
}
