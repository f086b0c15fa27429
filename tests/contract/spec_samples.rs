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
    use exhibit_verify::{CheckResult, Level, MemoryMembers, Request, Trust, Watch, check_case, zip};
    let sample = blocks("docs/spec/case-folder.md", "json").first().cloned().unwrap_or_default();
    let mut members = MemoryMembers::new();
    members.insert("case.json", sample.trim().as_bytes());
    let cancel = Cancel::new();
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let request = Request {
        level: Level::Full,
        trusted: &[],
        trust: Trust::default(),
        media: None,
        now: None,
        limits: zip::Limits::default(),
        watch,
    };
    let checked = check_case(&members, &request).unwrap();
    let check = checked.verdict().checks.iter().find(|check| check.id == "case-file").unwrap();
    assert_eq!(check.result, CheckResult::Passed, "{}", check.reason);
    let listing = blocks("docs/spec/case-folder.md", "text").first().cloned().unwrap_or_default();
    assert!(listing.lines().count() > 10);
    assert!(listing.lines().all(|name| exhibit_verify::names::danger(name).is_none()), "{listing}");
}

/// The sample disclosure, made by another program after the document, is what the writer makes, to the byte; and the script beside
/// the document finds every proof in it.
#[test]
fn the_sample_disclosure_is_what_is_written_and_its_proofs_hold() {
    use exhibit_custody::{SigningKey, note, sshsig};
    use exhibit_evidence::{Cancel, Instant, MemorySource, Name, Silent, Slice};
    use exhibit_hash::{StoredTree, Tree, range_proof, tree};
    use exhibit_package::disclosure::{Entry, Ground};
    use exhibit_package::manifest::{Case, Custody, Gaps, Medium, Role};
    use exhibit_package::write::{Item, Listing, PackagePlan, Part, PartRange, PayloadFile, Signer, seal};
    use exhibit_verify::{Members as _, zip};
    use serde_json::{Value, json};

    let bytes: Vec<u8> = (0..10_000).map(|n| (n % 251) as u8).collect();
    let stored = Tree::new(10_000, vec![tree::node(&bytes)]).unwrap();
    let medium: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let key = SigningKey::from_seed([7; 32], "practice key");
    let file = |name: &str, text: &str| {
        let source = Arc::new(MemorySource::new(text.as_bytes().to_vec()));
        PayloadFile { role: Role::Other, name: Name::from(name), source, expected_sha256: None }
    };
    let plan = |medium: Option<Medium>, files: Vec<PayloadFile>, listing: Listing| PackagePlan {
        bag_name: "sample".to_owned(),
        archive: "sample.zip".to_owned(),
        case: Case {
            number: "2026-0042".to_owned(),
            title: "Practice case".to_owned(),
            examiner: "Jane Doe".to_owned(),
            agency: "Example Agency".to_owned(),
            created: "2026-11-20T08:00:00Z".to_owned(),
        },
        authority: Value::Null,
        scope: Value::Null,
        handling: Vec::new(),
        items: vec![Item { id: "HDD-1".to_owned(), medium, files }],
        custody: Custody { records: 0, head_root: None },
        tag_files: Vec::new(),
        history: None,
        listing,
        created: Instant::parse("2026-11-23T10:00:00Z").unwrap(),
        tool: "exhibit 0.1.0".to_owned(),
        limits: Vec::new(),
    };
    let made = |plan: &PackagePlan| {
        let store = exhibit_testkit::MemoryStore::new();
        let public = key.public_key();
        let signer = Signer {
            principal: "examiner@lab.example".to_owned(),
            fingerprint: public.fingerprint(),
            public_key: public.to_openssh(),
            allowed_signers: exhibit_custody::allowed_signers::line("examiner@lab.example", &public).unwrap(),
            sign: &|namespace, message| Ok(sshsig::sign(&key, namespace, message)),
            note: &|name, text| Ok(note::sign(std::str::from_utf8(text)?, name, &key)?),
        };
        let sealed = seal(plan, &signer, &store, &Silent, &Cancel::new()).unwrap();
        (store.get("sample.zip").unwrap(), sealed.list)
    };
    let described = Medium {
        size_bytes: 10_000,
        digests: serde_json::from_value(json!({"sha256": "00".repeat(32)})).unwrap(),
        tree_root: Some(to_hex(&stored.root())),
        gaps: Gaps::default(),
    };
    let origin = "exhibit-list/2026-0042".to_owned();
    let files = vec![file("a.txt", "alpha\n"), file("letter.txt", "dear\n")];
    let list = made(&plan(Some(described), files, Listing::Whole { seed: [5; 32], origin })).1.unwrap();
    let ground =
        Ground { reason: "letter to counsel".to_owned(), authority: "Order 12 of the court of Example".to_owned() };
    let hidden = |entry: &Entry| matches!(entry, Entry::File { name, .. } if *name == Name::from("letter.txt"));
    let withheld = (0_u64..).zip(&list.entries).filter(|(_, listed)| hidden(&listed.entry));
    let withheld = withheld.map(|(index, _)| (index, ground.clone())).collect();
    let tree_file = MemorySource::new(stored.encode());
    let range = ByteRange::new(4096, 4096);
    let proof = range_proof::prove(&*medium, &mut StoredTree::open(&tree_file).unwrap(), range).unwrap();
    let name = Name::from("ranges/000000001000-4096.raw");
    let cut = PayloadFile {
        role: Role::MediumRange,
        name: name.clone(),
        source: Arc::new(Slice::new(medium, range)),
        expected_sha256: None,
    };
    let ranges = vec![PartRange { item: "HDD-1".to_owned(), name, offset: 4096, length: 4096, proof }];
    let part = Listing::Part(Box::new(Part { list, withheld, ranges, log: None }));
    let package = made(&plan(None, vec![file("a.txt", "alpha\n"), cut], part)).0;
    let archive = zip::Archive::open(Arc::new(MemorySource::new(package.clone())), &zip::Limits::default());
    let mut written = Vec::new();
    let mut keep = |block: &[u8]| {
        written.extend_from_slice(block);
        true
    };
    archive.stream("sample/exhibit/disclosure.json", &mut keep).unwrap();
    let sample = blocks("docs/spec/disclosure.md", "json").first().cloned().unwrap_or_default();
    let sample: Value = serde_json::from_str(&sample).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), sample);

    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("sample.zip"), package).unwrap();
    std::fs::write(path("key.pub"), key.public_key().to_openssh()).unwrap();
    let script = project().join("docs/spec/check-package.py");
    let Some(said) = foreign::run("python3", &[&script, &path("sample.zip"), &path("key.pub")]) else { return };
    // The sample has no custody log, and that is all there is to find.
    let wrong: Vec<&str> = said.text.lines().filter(|line| line.starts_with("DOES NOT MATCH")).collect();
    assert!(wrong.len() == 2 && wrong.iter().all(|line| line.contains("custody log")), "{}", said.text);
    assert!(said.text.contains("because: letter to counsel"), "{}", said.text);
}

/// The sample list of parts is one, and its digests are those of the stand-in.
#[test]
fn the_sample_list_of_parts_is_one() {
    let sample = blocks("docs/spec/parts.md", "json").first().cloned().unwrap_or_default();
    let sample: serde_json::Value = serde_json::from_str(&sample).unwrap();
    let bytes: Vec<u8> = (0..200_000).map(|n| (n % 251) as u8).collect();
    let list = exhibit_verify::parse_parts(sample.to_string().as_bytes()).unwrap();
    let sha256 = |bytes: &[u8]| {
        let mut digester = exhibit_hash::sha256::Sha256::new();
        digester.update(bytes);
        to_hex(&digester.finish())
    };
    assert_eq!(list.archive.sha256, sha256(&bytes));
    let (first, second) = bytes.split_at(131_072);
    assert_eq!([&list.parts[0].sha256, &list.parts[1].sha256], [&sha256(first), &sha256(second)]);
}
