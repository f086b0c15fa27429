//! The samples in `docs/spec` are what this crate writes, byte for byte, and the short checker printed there works.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test runs other programs, and says when they are not there"
)]

use std::process::{Command, Output};

use exhibit_custody::handover::{Answer, Discrepancy, Handover, Head, Item, Papers, Party, Receipt};
use exhibit_custody::sshsig::{self, NAMESPACE_PACKAGE};
use exhibit_custody::{Context, Log, NewFile, SigningKey, allowed_signers, layout, note};
use exhibit_evidence::{Fact, Instant};

const CUSTODY_LOG: &str = include_str!("../../../docs/spec/custody-log.md");
const HANDOVER: &str = include_str!("../../../docs/spec/handover.md");
const SIGNATURES: &str = include_str!("../../../docs/spec/signatures.md");

/// The message that is signed in the sample.
const MESSAGE: &[u8] = b"hello\n";

fn key() -> SigningKey {
    SigningKey::from_seed([7; 32], "practice key")
}

/// The log of the sample: two transactions, five files with the key.
fn sample() -> Vec<NewFile> {
    let [case, actor, role, tool] = ["2026-117", "A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
    let mut context = Context { case, actor, role, now: Instant::from_unix_seconds(1_795_428_672), tool };
    let mut log = Log::new();
    let opened = Fact::new("case-opened").because("order 12/26").detail("key", key().public_key().to_openssh());
    let acquired = Fact::new("acquired")
        .object("item", "A1")
        .object("path", "items/A1/disk.E01")
        .object("sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
        .object("size", 4096)
        .detail("gaps", 0);
    let mut files = Vec::new();
    for (seconds, facts) in [(0, vec![opened]), (3600, vec![acquired, Fact::new("note").because("seal 0815 unbroken")])]
    {
        context.now = Instant::from_unix_seconds(1_795_428_672 + seconds);
        files.push(log.append(facts, &context).unwrap());
        files.push(log.checkpoint(&key()).unwrap());
    }
    files
}

/// Asserts that the document shows this text in a block of its own.
fn shown(document: &str, text: &str) {
    let block = format!("\n```text\n{}\n```\n", text.trim_end_matches('\n'));
    assert!(document.contains(&block), "not in the document as a block:\n{block}");
}

#[test]
fn the_sample_of_the_custody_log_is_what_is_written() {
    for file in sample() {
        shown(CUSTODY_LOG, &String::from_utf8(file.bytes).unwrap());
    }
    assert!(CUSTODY_LOG.contains(&note::verifier_key(&layout::origin("2026-117"), &key().public_key())));
}

#[test]
fn the_samples_of_keys_and_signatures_are_what_is_written() {
    let public = key().public_key();
    shown(SIGNATURES, &public.to_openssh());
    shown(SIGNATURES, &sshsig::sign(&key(), NAMESPACE_PACKAGE, MESSAGE));
    shown(SIGNATURES, &allowed_signers::line("examiner@lab.example", &public).unwrap());
    assert!(SIGNATURES.contains(&public.fingerprint()));
}

/// The handover of the sample, and the receipt for it.
fn papers() -> (Vec<u8>, Vec<u8>) {
    let text = |text: &str| text.to_owned();
    let receiver = SigningKey::from_seed([8; 32], "receiver, practice key");
    let head = |case: &str, actor: &str, key: &SigningKey, facts: Vec<Fact>, seconds: i64| {
        let context = Context {
            case: text(case),
            actor: text(actor),
            role: text("examiner"),
            now: Instant::from_unix_seconds(1_795_428_672 + seconds),
            tool: text("exhibit 0.1.0"),
        };
        let mut log = Log::new();
        log.append(facts, &context).unwrap();
        let checkpoint = String::from_utf8(log.checkpoint(key).unwrap().bytes).unwrap();
        Head { record: log.size(), checkpoint }
    };
    let party = |name: &str, agency: &str, key: &SigningKey| Party {
        name: text(name),
        agency: Some(text(agency)),
        role: Some(text("examiner")),
        key: Some(key.public_key().to_openssh()),
    };
    let handover = Handover {
        format: text(layout::handover::FORMAT),
        id: text("5f0c2f6be8a94c1d9b4ad6f0e7a31c22"),
        case: text("2026-117"),
        created: text("2026-11-23T12:11:12Z"),
        from: party("A. Example", "Lab 3", &key()),
        to: Party { name: text("B. Receiver"), agency: Some(text("Court of X")), role: None, key: None },
        items: vec![Item {
            id: text("A1"),
            description: Some(text("USB stick, blue")),
            seals: vec![text("4711")],
            condition: Some(text("undamaged")),
            size: Some(text("4096")),
            digests: [(text("sha256"), text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))]
                .into(),
            tree_root: None,
        }],
        files: vec![],
        place: Some(text("Lab 3, room 12")),
        reason: Some(text("trial")),
        authority: Some(text("order 12/26")),
        handling: vec![text("TLP:AMBER")],
        log: head("2026-117", "A. Example", &key(), vec![Fact::new("case-opened"), Fact::new("handed-over")], 7200),
        tool: text("exhibit 0.1.0"),
    };
    let signed = handover.sign(&key()).unwrap().into_bytes();
    let receipt = Receipt {
        format: text(layout::handover::RECEIPT_FORMAT),
        id: handover.id,
        handover_sha256: Papers::parse(&signed).unwrap().sha256,
        case: text("R-9"),
        created: text("2026-11-23T13:11:12Z"),
        from: party("B. Receiver", "Court of X", &receiver),
        answer: Answer::AcceptedWithDiscrepancies,
        reason: Some(text("seal 4712 was applied at the gate, see protocol")),
        matches: vec![],
        not_checked: vec![],
        discrepancies: vec![Discrepancy {
            concerns: Some(text("A1")),
            text: text("item A1: stated seals 4711, seen 4712"),
        }],
        condition: Some(text("undamaged")),
        place: Some(text("Court of X, gate")),
        log: head("R-9", "B. Receiver", &receiver, vec![Fact::new("case-opened"), Fact::new("accepted")], 10_800),
        tool: text("exhibit 0.1.0"),
    };
    let answered = Papers::answered(&signed, &receipt, &receiver).unwrap();
    Papers::parse(&answered).unwrap();
    (signed, answered)
}

#[test]
fn the_sample_of_a_handover_is_what_is_written() {
    shown(HANDOVER, &String::from_utf8(papers().1).unwrap());
    for limit in [layout::handover::STATEMENT_BYTES_MAX as u64, layout::handover::FILE_BYTES_MAX] {
        assert!(HANDOVER.contains(&format!(" {limit} ")), "{limit}");
    }
    for word in [layout::handover::NAMESPACE, layout::handover::RECEIPT_NAMESPACE, layout::handover::FORMAT] {
        assert!(HANDOVER.contains(&format!("`{word}`")), "{word}");
    }
}

/// Runs the commands of the document over the sample, changed by `change`.
fn run_commands(change: impl Fn(&mut Vec<u8>)) -> Output {
    let (_, rest) = HANDOVER.split_once("```sh\n").expect("the document has commands");
    let (commands, _) = rest.split_once("```").unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let mut bytes = papers().1;
    change(&mut bytes);
    std::fs::write(folder.path().join("x.exhibit-receipt"), bytes).unwrap();
    let keys = [("sender", key()), ("receiver", SigningKey::from_seed([8; 32], ""))];
    for (name, key) in keys {
        std::fs::write(folder.path().join(format!("{name}.pub")), key.public_key().to_openssh()).unwrap();
    }
    Command::new("bash").args(["-euo", "pipefail", "-c", commands]).current_dir(folder.path()).output().unwrap()
}

#[test]
fn a_receipt_is_checked_with_ssh_keygen_alone() {
    if Command::new("ssh-keygen").arg("-?").output().is_err() {
        eprintln!("skipped: ssh-keygen is not installed");
        return;
    }
    let good = run_commands(|_| ());
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    assert_eq!(String::from_utf8_lossy(&good.stdout).matches("Good \"exhibit-").count(), 2, "{good:?}");
    let length = papers().1.len();
    for at in (2..length).step_by(97) {
        let changed = run_commands(|bytes| bytes[at] ^= 1);
        assert!(!changed.status.success(), "byte {at}: {}", String::from_utf8_lossy(&changed.stdout));
    }
}

#[test]
fn members_actions_and_limits_of_the_document_are_those_of_the_code() {
    for name in layout::member::ALL.into_iter().chain(layout::reserved_detail::ALL) {
        assert!(CUSTODY_LOG.contains(&format!("| `{name}` |")), "{name}");
    }
    for role in exhibit_custody::actions::ROLES {
        assert!(CUSTODY_LOG.contains(&format!("`{}`", role.0)), "{}", role.0);
    }
    for action in exhibit_custody::actions::ACTIONS {
        assert!(CUSTODY_LOG.contains(&format!("`{}`", action.id)), "{}", action.id);
    }
    for limit in [layout::LINE_BYTES_MAX as u64, layout::RECORDS_MAX, layout::CHECKPOINT_BYTES_MAX as u64] {
        assert!(CUSTODY_LOG.contains(&format!(" {limit} ")), "{limit}");
    }
}

/// Runs the checker printed in the document over a folder with these files.
fn run_checker(files: &[NewFile]) -> Output {
    let (_, rest) = CUSTODY_LOG.split_once("```python\n").expect("the document has a checker");
    let (script, _) = rest.split_once("```").unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    for file in files {
        std::fs::write(folder.path().join(&file.name), &file.bytes).unwrap();
    }
    let public = folder.path().join("key.pub");
    std::fs::write(&public, key().public_key().to_openssh()).unwrap();
    Command::new("python3").args(["-c", script]).arg(folder.path()).arg(public).output().unwrap()
}

#[test]
fn the_short_checker_of_the_document_accepts_the_sample_and_notices_changes() {
    for (program, argument) in [("python3", "--version"), ("openssl", "version")] {
        if !Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: {program} is not installed");
            return;
        }
    }
    let good = run_checker(&sample());
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    assert!(good.stdout.starts_with(b"3 records"), "{good:?}");
    for file in 0..sample().len() {
        let mut files = sample();
        let middle = files[file].bytes.len() / 2;
        files[file].bytes[middle] ^= 1;
        assert!(!run_checker(&files).status.success(), "{}", files[file].name);
        let mut files = sample();
        let removed = files.remove(file).name;
        // A checkpoint in the middle may be missing: the later one covers its records.
        assert_eq!(run_checker(&files).status.success(), removed == "000001.checkpoint", "without {removed}");
    }
}
