//! A small case with one imaged disk, and the package made of it.

use std::sync::Arc;

use exhibit_custody::{Context, Log, SigningKey, sshsig};
use exhibit_evidence::acquisition::{Acquisition, FORMAT, Host, Plan, ReadBack, SegmentFile, Tree};
use exhibit_evidence::{
    Cancel, Digest, DigestSet, Fact, Finding, Identity, Instant, MemorySource, Name, Severity, Silent, Source,
    WriteBlock, to_hex,
};
use exhibit_package::manifest::{Case, Custody, Medium, Role};
use exhibit_package::write::{Item, Listing, PackagePlan, PayloadFile, Signer, seal};
use exhibit_testkit::MemoryStore;
use exhibit_verify::{
    Check, ImageFiles, Interrupted, Level, MediaChecker, Members as _, MemoryMembers, Request, Trust, Watch, zip,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const CASE_NUMBER: &str = "2026-0042";
pub(crate) const BAG: &str = "2026-0042-package";

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32], "examiner")
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

fn context(seconds: i64) -> Context {
    Context {
        case: CASE_NUMBER.into(),
        actor: "Jane Doe".into(),
        role: "examiner".into(),
        now: Instant::from_unix_seconds(1_795_428_672 + seconds),
        tool: "exhibit 0.1.0".into(),
    }
}

/// The medium that was "seized".
pub(crate) fn medium() -> Vec<u8> {
    (0..1500_u32).map(|n| (n % 251) as u8).collect()
}

pub(crate) fn case_json() -> Vec<u8> {
    let case = json!({
        "format": "exhibit-case/1", "number": CASE_NUMBER, "title": "Practice case", "examiner": "Jane Doe",
        "agency": "Example Agency", "created": "2026-11-20T08:00:00Z", "authority": {"kind": "warrant"}, "scope": null,
        "handling": ["TLP:AMBER"],
    });
    exhibit_custody::canonical::write(&case).unwrap()
}

fn tree() -> exhibit_hash::Tree {
    let nodes = medium().chunks(exhibit_hash::tree::NODE_BYTES).map(exhibit_hash::tree::node).collect();
    exhibit_hash::Tree::new(medium().len() as u64, nodes).unwrap()
}

pub(crate) fn record() -> Acquisition {
    let medium = medium();
    let digests: DigestSet = [Digest::new("sha256", Sha256::digest(&medium).to_vec())].into_iter().collect();
    let root = to_hex(&tree().root());
    Acquisition {
        format: FORMAT.to_owned(),
        tool: "exhibit 0.1.0".to_owned(),
        host: Host { name: None, system: "linux".to_owned(), kernel: None },
        source: Identity {
            path: "/dev/sdz".to_owned(),
            kind: "file".to_owned(),
            bus: None,
            vendor: None,
            model: None,
            serial: None,
            size_bytes: medium.len() as u64,
            logical_sector_bytes: None,
            physical_sector_bytes: None,
            read_only: Some(true),
            mounted_at: vec![],
            backing_file: None,
            hidden_sectors: None,
            drive: None,
            layout: None,
            write_block: WriteBlock::File,
        },
        plan: Plan {
            format: "raw".to_owned(),
            hashes: vec!["sha256".to_owned()],
            compression: "none".to_owned(),
            segment_size_bytes: Some(1000),
            sector_bytes: 512,
            errors: "retry".to_owned(),
            retries: 1,
            read_back: true,
            description: None,
            case_number: None,
            evidence_number: None,
            examiner: None,
            notes: None,
        },
        started: "2026-11-20T09:00:00Z".to_owned(),
        finished: "2026-11-20T09:00:01Z".to_owned(),
        size_bytes: medium.len() as u64,
        size_sectors: 3,
        digests: digests.clone(),
        stored_digests: None,
        tree: Tree { file: "disk.tree".to_owned(), root: root.clone(), leaf_bytes: 4096, node_bytes: 1 << 20 },
        gaps: vec![],
        segments: segments().iter().map(|(name, bytes)| segment_file(name, bytes)).collect(),
        read_back: Some(ReadBack {
            matches: true,
            finished: "2026-11-20T09:00:02Z".to_owned(),
            digests,
            tree_root: root,
        }),
        resumed: vec![],
        copy: None,
        source_again: None,
    }
}

fn segments() -> Vec<(String, Vec<u8>)> {
    let parts = medium();
    let (first, second) = parts.split_at(1000);
    vec![("disk.001".to_owned(), first.to_vec()), ("disk.002".to_owned(), second.to_vec())]
}

fn segment_file(name: &str, bytes: &[u8]) -> SegmentFile {
    SegmentFile { name: name.to_owned(), size_bytes: bytes.len() as u64, sha256: sha256(bytes) }
}

/// The files of the item, relative to its folder, with their roles.
pub(crate) fn item_files() -> Vec<(String, Role, Vec<u8>)> {
    let record = serde_json::to_vec_pretty(&record()).unwrap();
    let mut files: Vec<_> = segments().into_iter().map(|(name, bytes)| (name, Role::ImageSegment, bytes)).collect();
    files.push(("disk.acquisition.json".to_owned(), Role::AcquisitionRecord, record));
    files.push(("disk.tree".to_owned(), Role::HashTree, tree().encode()));
    files.push(("carve/jpeg/000000001000.jpg".to_owned(), Role::Derived, b"\xff\xd8\xff\xe0 picture".to_vec()));
    files
}

/// What is recorded, session by session.
pub(crate) fn sessions() -> Vec<Vec<Fact>> {
    let bytes_of = |wanted: &str| item_files().into_iter().find(|(name, ..)| name == wanted).unwrap().2;
    let case = json!([{"path": "case.json", "sha256": sha256(&case_json()), "size": case_json().len()}]);
    let carved = bytes_of("carve/jpeg/000000001000.jpg");
    let path = "items/HDD-1/carve/jpeg/000000001000.jpg";
    let carved = json!([{"path": path, "sha256": sha256(&carved), "size": carved.len()}]);
    vec![
        vec![Fact::new("case-opened").detail("files", case).detail("key", key(7).public_key().to_openssh())],
        vec![
            Fact::new("acquisition-planned").object("item", "HDD-1"),
            Fact::new("acquired")
                .object("item", "HDD-1")
                .object("record", "items/HDD-1/disk.acquisition.json")
                .object("record_sha256", sha256(&bytes_of("disk.acquisition.json"))),
        ],
        vec![Fact::new("derived").object("item", "HDD-1").detail("files", carved)],
    ]
}

/// The log and its files, by name without folder; each session's checkpoint is signed by the key given with it.
pub(crate) fn log_of<'a>(
    sessions: impl IntoIterator<Item = (Vec<Fact>, &'a SigningKey)>,
) -> (Log, Vec<(String, Vec<u8>)>) {
    let (mut log, mut files) = (Log::new(), Vec::new());
    for (seconds, (facts, key)) in (0..).zip(sessions) {
        let segment = log.append(facts, &context(seconds)).unwrap();
        let checkpoint = log.checkpoint(key).unwrap();
        files.push((segment.name, segment.bytes.to_vec()));
        files.push((checkpoint.name, checkpoint.bytes.to_vec()));
    }
    (log, files)
}

/// The log of [`sessions`], signed by one key.
pub(crate) fn log(key: &SigningKey) -> (Log, Vec<(String, Vec<u8>)>) {
    log_of(sessions().into_iter().map(|facts| (facts, key)))
}

/// The case folder.
pub(crate) fn case() -> MemoryMembers {
    case_of(log(&key(7)).1)
}

/// The case folder with another log.
pub(crate) fn case_of(log: Vec<(String, Vec<u8>)>) -> MemoryMembers {
    let mut members = MemoryMembers::new();
    members.insert("case.json", case_json());
    for (name, bytes) in log {
        members.insert(format!("custody/{name}"), bytes);
    }
    for (name, _, bytes) in item_files() {
        members.insert(format!("items/HDD-1/{name}"), bytes);
    }
    members
}

/// The package as the writer makes it.
pub(crate) fn package() -> Vec<u8> {
    package_of(log(&key(7)))
}

/// The package with another log.
pub(crate) fn package_of((log, files): (Log, Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let key = key(7);
    let mut tag_files = vec![
        ("exhibit/case.json".to_owned(), case_json()),
        (
            "exhibit/report.html".to_owned(),
            b"<!doctype html><title>Report</title><p>Report, report, report</p>".to_vec(),
        ),
    ];
    tag_files.extend(files.into_iter().map(|(name, bytes)| (format!("exhibit/custody/{name}"), bytes)));
    let file = |(name, role, bytes): (String, Role, Vec<u8>)| PayloadFile {
        role,
        name: Name::new(name),
        source: Arc::new(MemorySource::new(bytes)),
        expected_sha256: None,
    };
    let plan = PackagePlan {
        history: None,
        listing: Listing::Whole { seed: [5; 32], origin: format!("exhibit-list/{CASE_NUMBER}") },
        bag_name: BAG.to_owned(),
        archive: "package.zip".to_owned(),
        case: Case {
            number: CASE_NUMBER.to_owned(),
            title: "Practice case".to_owned(),
            examiner: "Jane Doe".to_owned(),
            agency: "Example Agency".to_owned(),
            created: "2026-11-20T08:00:00Z".to_owned(),
        },
        authority: json!({"kind": "warrant"}),
        scope: Value::Null,
        handling: vec!["TLP:AMBER".to_owned()],
        items: vec![Item {
            id: "HDD-1".to_owned(),
            medium: Some(Medium::from(&record())),
            files: item_files().into_iter().map(file).collect(),
        }],
        custody: Custody { records: log.size(), head_root: Some(to_hex(&log.root())) },
        tag_files,
        created: Instant::from_unix_seconds(1_795_500_000),
        tool: concat!("exhibit ", env!("CARGO_PKG_VERSION")).to_owned(),
        limits: vec!["The device itself is not in this package.".to_owned()],
    };
    let store = MemoryStore::new();
    let public = key.public_key();
    let signer = Signer {
        principal: "jane@example.org".to_owned(),
        fingerprint: public.fingerprint(),
        public_key: format!("{}\n", public.to_openssh()),
        allowed_signers: format!("{}\n", exhibit_custody::allowed_signers::line("jane@example.org", &public).unwrap()),
        sign: &|namespace, message| Ok(sshsig::sign(&key, namespace, message)),
        note: &|name, text| Ok(exhibit_custody::note::sign(std::str::from_utf8(text)?, name, &key)?),
    };
    seal(&plan, &signer, &store, &Silent, &Cancel::new()).unwrap();
    store.get("package.zip").unwrap()
}

/// The files of a package, unpacked by the reader under test after a reader of somebody else's would have done the same.
pub(crate) fn unpacked() -> MemoryMembers {
    let archive = zip::Archive::open(Arc::new(MemorySource::new(package())), &zip::Limits::default());
    let mut members = MemoryMembers::new();
    for entry in archive.list().unwrap() {
        let mut bytes = Vec::new();
        archive
            .stream(&entry.name, &mut |block| {
                bytes.extend_from_slice(block);
                true
            })
            .unwrap();
        members.insert(entry.name.strip_prefix(BAG).unwrap().trim_start_matches('/'), bytes);
    }
    members
}

/// Reads raw images, the slow and plain way.
pub(crate) struct RawMedia;

impl MediaChecker for RawMedia {
    fn check(&self, image: &ImageFiles<'_>, _watch: Watch<'_>) -> Result<Vec<Check>, Interrupted> {
        let read = |source: &Arc<dyn Source>| {
            let mut bytes = vec![0; usize::try_from(source.size()).unwrap()];
            source.read_at(0, &mut bytes).unwrap();
            bytes
        };
        let bytes: Vec<u8> = image.segments.iter().flat_map(|(_, source)| read(source)).collect();
        let mut findings = Vec::new();
        let mut wrong = |text: &str| findings.push(Finding::new(Severity::Mismatch, "medium", image.place, text));
        if image.level == Level::Full && Some(sha256(&bytes).as_str()) != image.record.digests.get("sha256") {
            wrong("SHA-256 of the medium differs");
        }
        let nodes = bytes.chunks(exhibit_hash::tree::NODE_BYTES).map(exhibit_hash::tree::node).collect();
        let computed = exhibit_hash::Tree::new(bytes.len() as u64, nodes);
        let stored = image.tree.as_ref().map(read).and_then(|bytes| exhibit_hash::Tree::decode(&bytes).ok());
        if stored != computed || stored.is_none_or(|tree| to_hex(&tree.root()) != image.record.tree.root) {
            wrong("the tree differs");
        }
        Ok(vec![Check::from_findings("medium", "The medium is the one that was read", "yes", findings)])
    }
}

/// A full check with a reader of images and the right key, unless told otherwise.
pub(crate) fn request<'a>(
    level: Level,
    trusted: &'a [exhibit_custody::PublicKey],
    media: Option<&'a dyn MediaChecker>,
    cancel: &'a Cancel,
) -> Request<'a> {
    Request {
        level,
        trusted,
        trust: Trust::default(),
        media,
        now: None,
        limits: zip::Limits::default(),
        watch: Watch { observer: &Silent, cancel },
    }
}
