//! The samples in `docs/spec/hash-tree.md` and `docs/spec/acquisition-record.md` are what the program writes.

use std::path::Path;
use std::sync::Arc;

use exhibit_evidence::acquisition::{Acquisition, Host};
use exhibit_evidence::{ByteRange, Cause, ReadFault, Source, WriteBlock, to_hex};
use exhibit_hash::merkle;
use exhibit_tests::foreign;
use exhibit_tests::places::{project, text};

use crate::acquisition::{Case, acquire_as};

/// Bytes of the sample medium: 1 MiB and a bit.
const SIZE: usize = (1 << 20) + 5000;
/// The sector of the sample medium that cannot be read.
const BAD: ByteRange = ByteRange::new(1024, 512);

/// The disk behind the samples: byte n is n mod 251, and one sector does not read.
struct SampleDisk;

impl Source for SampleDisk {
    fn size(&self) -> u64 {
        SIZE as u64
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        let range = ByteRange::new(at, buf.len() as u64);
        if range.overlaps(BAD) {
            let good = usize::try_from(BAD.offset.saturating_sub(at)).unwrap();
            buf[..good].copy_from_slice(&healthy()[usize::try_from(at).unwrap()..][..good]);
            return Err(ReadFault { at, good, cause: Cause::Medium(std::io::Error::from_raw_os_error(5)) });
        }
        buf.copy_from_slice(&healthy()[usize::try_from(at).unwrap()..][..buf.len()]);
        Ok(())
    }
}

fn healthy() -> Vec<u8> {
    (0..SIZE).map(|n| (n % 251) as u8).collect()
}

/// The medium as stored: with fill.
fn stored() -> Vec<u8> {
    let mut medium = healthy();
    medium[1024..1536].fill(0);
    medium
}

/// The acquisition of the sample disk, by the engine.
fn acquired() -> (exhibit_testkit::MemoryStore, Acquisition) {
    let case = Case { format: "raw", policy: "linear", sector_bytes: 512, retries: 2 };
    let (store, _, acquired) = acquire_as(Arc::new(SampleDisk), &case, |job| {
        job.tool = "exhibit 0.1.0".to_owned();
        job.host = Host {
            name: Some("lab3-imaging".to_owned()),
            system: "linux x86_64".to_owned(),
            kernel: Some("6.12.9".to_owned()),
        };
        let identity = &mut job.identity;
        identity.path = "/dev/sdb".to_owned();
        identity.bus = Some("usb".to_owned());
        identity.vendor = Some("Generic".to_owned());
        identity.model = Some("Flash Disk".to_owned());
        identity.serial = Some("0815-4711".to_owned());
        identity.physical_sector_bytes = Some(512);
        identity.write_block = WriteBlock::KernelReadOnly;
        job.plan.compression = "none".to_owned();
        job.plan.errors = (exhibit_acquire::policy("linear").unwrap().describe)(512, 2);
        job.plan.description = Some("USB stick, blue, from the desk drawer".to_owned());
        job.plan.case_number = Some("2026-117".to_owned());
        job.plan.evidence_number = Some("001".to_owned());
        job.plan.examiner = Some("A. Example".to_owned());
        job.base = "001".to_owned();
    });
    (store, acquired.unwrap().record)
}

fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let page = text(page);
    page.split(&fence).skip(1).filter_map(|rest| Some(rest.split_once("\n```")?.0.to_owned())).collect()
}

#[test]
fn the_sample_acquisition_record_is_what_the_program_writes() {
    let (store, record) = acquired();
    let written = String::from_utf8(store.get("001.acquisition.json").unwrap()).unwrap();
    let sample = blocks("docs/spec/acquisition-record.md", "json").first().cloned().unwrap_or_default();
    assert_eq!(sample.trim(), written.trim(), "the sample should be:\n{written}");
    assert_eq!(serde_json::from_str::<Acquisition>(&sample).unwrap(), record);
    assert!(store.get("001.raw").unwrap() == stored());
}

/// Every member of the sample is explained in a table row of the page.
#[test]
fn every_member_of_the_record_is_explained() {
    let (_, record) = acquired();
    let page = text("docs/spec/acquisition-record.md");
    let value = serde_json::to_value(&record).unwrap();
    let mut open = vec![(String::new(), value)];
    let mut members = 0;
    while let Some((prefix, value)) = open.pop() {
        match value {
            serde_json::Value::Object(object) => {
                for (name, value) in object {
                    let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    // The algorithm ids under `digests` are values of a table elsewhere.
                    if !prefix.ends_with("digests") {
                        assert!(page.contains(&format!("| `{path}`")), "{path} is not explained");
                        members += 1;
                    }
                    open.push((path, value));
                }
            }
            serde_json::Value::Array(array) => {
                open.extend(array.into_iter().map(|value| (format!("{prefix}[]"), value)))
            }
            _ => {}
        }
    }
    assert!(members > 60, "{members}");
}

/// Bytes as the page shows them: offset, 16 bytes in hexadecimal.
fn dump(bytes: &[u8]) -> String {
    let line = |(number, line): (usize, &[u8])| format!("{:04x}  {}", number * 16, to_hex(line));
    bytes.chunks(16).enumerate().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_tree_is_what_the_program_writes() {
    let (store, record) = acquired();
    let file = store.get("001.tree").unwrap();
    let sample = blocks("docs/spec/hash-tree.md", "text").first().cloned().unwrap_or_default();
    assert_eq!(sample.trim(), dump(&file), "the sample should be:\n{}", dump(&file));
    let leaves: Vec<merkle::Hash> = stored().chunks(4096).map(merkle::leaf).collect();
    assert_eq!(to_hex(&merkle::root(&leaves)), record.tree.root);
    let page = text("docs/spec/hash-tree.md");
    for value in [&record.tree.root, &to_hex(&leaves[0]), &to_hex(leaves.last().unwrap())] {
        assert!(page.contains(value.as_str()), "the page should show {value}");
    }
}

/// The script in the page checks the sample and notices a change: a reader of the page needs nothing of ours.
#[test]
fn the_script_in_the_page_checks_a_tree_without_us() {
    let (store, record) = acquired();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let script = blocks("docs/spec/hash-tree.md", "python").first().cloned().unwrap_or_default();
    std::fs::write(path("check.py"), script).unwrap();
    std::fs::write(path("001.raw"), store.get("001.raw").unwrap()).unwrap();
    std::fs::write(path("001.tree"), store.get("001.tree").unwrap()).unwrap();
    let run = |medium: &Path| foreign::run("python3", &[&path("check.py"), medium, &path("001.tree")]);
    let Some(said) = run(&path("001.raw")) else { return };
    assert!(said.success && said.text.contains(&record.tree.root), "{}", said.text);
    let mut changed = stored();
    changed[1 << 20] ^= 1;
    std::fs::write(path("changed.raw"), changed).unwrap();
    let said = run(&path("changed.raw")).unwrap();
    assert!(!said.success && said.text.contains("1048576"), "the second MiB is named: {}", said.text);
    assert!(project().join("docs/spec/hash-tree.md").is_file());
}

/// The checker accepts the sample of `case.json`, and every file of the sample listing has a safe name.
#[test]
fn the_sample_case_is_one() {
    use exhibit_evidence::{Cancel, Silent};
    use exhibit_verify::{CheckResult, Level, MemoryMembers, Request, Watch, check_case, zip};
    let sample = blocks("docs/spec/case-folder.md", "json").first().cloned().unwrap_or_default();
    let mut members = MemoryMembers::new();
    members.insert("case.json", sample.trim().as_bytes());
    let cancel = Cancel::new();
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let request = Request { level: Level::Full, trusted: &[], media: None, limits: zip::Limits::default(), watch };
    let checked = check_case(&members, &request).unwrap();
    let check = checked.verdict().checks.iter().find(|check| check.id == "case-file").unwrap();
    assert_eq!(check.result, CheckResult::Passed, "{}", check.reason);
    let listing = blocks("docs/spec/case-folder.md", "text").first().cloned().unwrap_or_default();
    assert!(listing.lines().count() > 10);
    assert!(listing.lines().all(|name| exhibit_verify::names::danger(name).is_none()), "{listing}");
}
