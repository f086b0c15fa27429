//! Small valid inputs for each target, made by the project itself: the fuzzer starts behind the first checksum.

use std::sync::Arc;

use exhibit_custody::{Context, Log, allowed_signers, canonical, sshsig};
use exhibit_evidence::acquisition::{Acquisition, FORMAT, Host, Plan, SegmentFile, Tree};
use exhibit_evidence::{
    ByteRange, Cancel, Digest, DigestSet, Fact, Gap, Identity, Instant, MemorySource, Name, Silent, WriteBlock, to_hex,
};
use exhibit_forge::{PLANTS, Random, plants::Plant};
use exhibit_hash::{ALGORITHMS, algorithm, tree};
use exhibit_image::{Compression, Create, Metadata, format};
use exhibit_package::manifest::{Case, Custody, Medium, Role};
use exhibit_package::write::{Item, Listing, PackagePlan, PayloadFile, Signer, seal};
use exhibit_testkit::MemoryStore;
use exhibit_testkit::virtual_disks::{self, Recipe};
use serde_json::{Value, json};

use super::parsers::key;

// L01, Ex01 and Lx01: nothing at hand writes them, so the tests of the crate build them.
#[path = "../../crates/image/tests/ewf_builder/mod.rs"]
pub mod ewf_builder;

const CASE_NUMBER: &str = "2026-117";
/// 2026-11-23T10:11:12Z.
const NOW: Instant = Instant::from_unix_seconds(1_795_428_672);

/// The seeds of a target, with a name each.
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let one = |bytes: Vec<u8>| vec![("small".to_owned(), bytes)];
    match target {
        "ewf_open" | "lone_image" => images(),
        "ewf2_open" => version_2(),
        "aff4_open" => volumes(),
        "medium_layout" => media(),
        "ltree" => one(ewf_builder::utf16(&ewf_builder::tree())),
        "vmdk_open" => disks(virtual_disks::vmdk),
        "vhd_open" => disks(virtual_disks::vhd),
        "vhdx_open" => disks(virtual_disks::vhdx),
        "qcow2_open" => disks(virtual_disks::qcow2),
        "vdi_open" => disks(virtual_disks::vdi),
        "disk_family" => families(),
        "hash_tree" => one(stored_tree().encode()),
        "rescue_map" => rescue_maps(),
        "acquisition_json" => one(record_bytes()),
        "strict_json" => {
            let values = [json!({"a": [1, "ß\u{1}", null, true], "b": {}}), json!([-1, 0, 9_007_199_254_740_991_u64])];
            let bytes = values.iter().filter_map(|value| canonical::write(value).ok());
            bytes.enumerate().map(|(n, bytes)| (format!("value-{n}"), bytes)).collect()
        }
        "custody_log" => one(listing(log().1)),
        "checkpoint_note" => log().1.into_iter().filter(|(name, _)| name.ends_with("checkpoint")).collect(),
        "sshsig" => one(sshsig::sign(&key(), sshsig::NAMESPACE_PACKAGE, b"message").into_bytes()),
        "openssh_key" => vec![
            ("private".to_owned(), key().to_openssh().as_bytes().to_vec()),
            ("public".to_owned(), key().public_key().to_openssh().into_bytes()),
        ],
        "package_zip" => one(archive()),
        "package" => vec![("archive".to_owned(), archive()), ("unpacked".to_owned(), listing(unpacked()))],
        "case_folder" => one(listing(case_files())),
        "bag" => vec![("new".to_owned(), bag()), ("package".to_owned(), listing(unpacked()))],
        "carve_all" => vec![("mixture".to_owned(), mixture())],
        "carve_more" => small_files(),
        _ => target.strip_prefix("carve_").map(plants).unwrap_or_default(),
    }
}

/// Files as one input: see `parsers::files`.
fn listing(files: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in files {
        bytes.extend_from_slice(format!("== {name}\n").as_bytes());
        bytes.extend_from_slice(&content);
    }
    bytes
}

/// A disk with a hole, and a child of it without its parent.
fn disks(make: fn(&Recipe<'_>) -> Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let (medium, here) = (vec![0x5a; 9000], |index| index != 1);
    let disk = |parent| make(&Recipe { medium: &medium, here, id: [7; 16], parent });
    vec![("disk".to_owned(), disk(None)), ("child".to_owned(), disk(Some(("base", [8; 16]))))]
}

/// Children over their parents, and a disk in extents.
fn families() -> Vec<(String, Vec<u8>)> {
    type Make = fn(&Recipe<'_>) -> Vec<u8>;
    const MAKERS: [(&str, Make); 4] = [
        ("vmdk", virtual_disks::vmdk),
        ("vhd", virtual_disks::vhd),
        ("qcow2", virtual_disks::qcow2),
        ("vdi", virtual_disks::vdi),
    ];
    let medium = vec![0x5a; 9000];
    let family = |(id, make): (&str, Make)| {
        let child =
            Recipe { medium: &medium, here: |index| index == 0, id: [7; 16], parent: Some(("base.vdi", [8; 16])) };
        let base = Recipe { here: |_| true, id: [8; 16], parent: None, ..child };
        // The files of a listing end with a line.
        let whole = |mut bytes: Vec<u8>| {
            bytes.push(b'\n');
            bytes
        };
        let files = vec![("child.vdi".to_owned(), whole(make(&child))), ("base.vdi".to_owned(), whole(make(&base)))];
        (id.to_owned(), listing(files))
    };
    let text = "# Disk DescriptorFile\nCID=1\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 4 FLAT \"f\" 0\nRW 2 ZERO\n";
    let extents = vec![("d".to_owned(), text.as_bytes().to_vec()), ("f".to_owned(), vec![b'x'; 2048])];
    MAKERS.into_iter().map(family).chain([("extents".to_owned(), listing(extents))]).collect()
}

fn medium() -> Vec<u8> {
    (0..5000_u32).map(|n| if n < 2000 { 0 } else { (n % 251) as u8 }).collect()
}

fn digests(bytes: &[u8], ids: &[&str]) -> DigestSet {
    let digest = |id: &&str| -> Option<Digest> {
        let mut digester = algorithm(id)?.start();
        digester.update(bytes);
        Some(digester.digest())
    };
    ids.iter().filter_map(digest).collect()
}

fn sha256(bytes: &[u8]) -> String {
    digests(bytes, &["sha256"]).get("sha256").unwrap_or_default().to_owned()
}

/// An E01 of `medium`, its files one after another.
fn image(compression: Compression, segment_size_bytes: Option<u64>, gaps: &[ByteRange], medium: &[u8]) -> Vec<u8> {
    let mut padded = medium.to_vec();
    padded.resize(medium.len().next_multiple_of(512), 0);
    image_as("e01", compression, segment_size_bytes, gaps, medium, &digests(&padded, &["md5", "sha1"]))
}

/// AFF4 volumes in each compression, with a gap and a range of one byte.
fn volumes() -> Vec<(String, Vec<u8>)> {
    let mut medium = medium();
    medium.resize(200_000, 0x61);
    let gap = [ByteRange::new(1024, 512)];
    let stored = digests(&medium, &["md5", "sha256"]);
    let volume = |compression: Compression| image_as("aff4", compression, None, &gap, &medium, &stored);
    [Compression::None, Compression::Fast, Compression::Best]
        .map(|compression| (compression.id().to_owned(), volume(compression)))
        .to_vec()
}

/// A partition table over a FAT and an encrypted volume.
fn media() -> Vec<(String, Vec<u8>)> {
    let mut medium = vec![0; 4096];
    for (at, kind, first, count) in [(446, 0x06, 1_u32, 2_u32), (462, 0x83, 3, 5)] {
        medium[at + 4] = kind;
        medium[at + 8..at + 12].copy_from_slice(&first.to_le_bytes());
        medium[at + 12..at + 16].copy_from_slice(&count.to_le_bytes());
    }
    medium[510..512].copy_from_slice(&[0x55, 0xaa]);
    medium[512..512 + 13].copy_from_slice(b"\xeb\x3c\x90MSDOS5.0\x00\x02");
    medium[512 + 13..512 + 24].copy_from_slice(&[1, 1, 0, 2, 0x10, 0, 2, 0, 0xf8, 1, 0]);
    medium[512 + 54..512 + 62].copy_from_slice(b"FAT16   ");
    medium[1022..1024].copy_from_slice(&[0x55, 0xaa]);
    medium[1536..1536 + 8].copy_from_slice(b"LUKS\xba\xbe\x00\x01");
    vec![("mbr".to_owned(), medium)]
}

/// An image of `medium`, its files one after another.
fn image_as(
    id: &str,
    compression: Compression,
    segment_size_bytes: Option<u64>,
    gaps: &[ByteRange],
    medium: &[u8],
    stored: &DigestSet,
) -> Vec<u8> {
    let how = Create {
        base: "disk".to_owned(),
        size_bytes: medium.len() as u64,
        sector_bytes: 512,
        compression,
        segment_size_bytes,
        physical: false,
        metadata: Metadata { notes: "seen".to_owned(), ..Metadata::default() },
        set_id: [7; 16],
        started: NOW,
    };
    let store = MemoryStore::new();
    let written = format(id).and_then(|format| {
        let mut writer = format.create(Arc::new(store.clone()), &how).ok()?;
        let encoder = writer.encoder();
        for block in medium.chunks(exhibit_hash::BLOCK_BYTES) {
            writer.write(block, encoder.encode(block)).ok()?;
        }
        writer.finish(stored, gaps).ok()
    });
    for segment in written.into_iter().flat_map(|written| written.segments) {
        let _ = segment.segment.seal();
    }
    store.files().into_values().flatten().collect()
}

/// An Ex01 of two segments, and an Lx01.
fn version_2() -> Vec<(String, Vec<u8>)> {
    use ewf_builder::{ex01, lx01, stream, tree, utf16};
    let medium: Vec<u8> =
        (0..20_480_u32).map(|n| if n < 9000 { 0 } else { (n.wrapping_mul(2_654_435_761) >> 24) as u8 }).collect();
    vec![("medium".to_owned(), ex01(&medium, 3).concat()), ("files".to_owned(), lx01(&stream(), &utf16(&tree())))]
}

fn images() -> Vec<(String, Vec<u8>)> {
    let gap = [ByteRange::new(1024, 512)];
    vec![
        ("deflated".to_owned(), image(Compression::Fast, None, &[], &medium())),
        ("stored".to_owned(), image(Compression::None, None, &[], &medium())),
        ("gaps".to_owned(), image(Compression::Best, None, &gap, &medium())),
        ("empty".to_owned(), image(Compression::Best, None, &[], &[])),
    ]
}

/// A map of our own, and one as GNU ddrescue writes it.
fn rescue_maps() -> Vec<(String, Vec<u8>)> {
    let ours = "# Mapfile in the form of GNU ddrescue. Created by exhibit\n# Working file holds: 0x00100000 0x00200000\n\
                0x00100200     *               1\n0x00000000  0x00100000  +\n0x00100000  0x00000200  -\n\
                0x00100200  0x00010000  *\n0x00110200  0x00000200  /\n0x00110400  0x001EFC00  ?\n";
    let theirs = "# Mapfile. Created by GNU ddrescue version 1.27\n# Finished\n0x00000000     +               1\n\
                  #      pos        size  status\n0  512  +\n0x200 01000 -\n";
    [("ours", ours), ("theirs", theirs)].map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec()
}

fn stored_tree() -> tree::Tree {
    let medium = medium();
    let nodes = medium.chunks(tree::NODE_BYTES).map(tree::node).collect();
    tree::Tree::new(medium.len() as u64, nodes).expect("as many nodes as the size asks for")
}

fn record() -> Acquisition {
    let (medium, root) = (medium(), to_hex(&stored_tree().root()));
    let ids: Vec<&str> = ALGORITHMS.iter().map(|algorithm| algorithm.id()).collect();
    Acquisition {
        format: FORMAT.to_owned(),
        tool: "exhibit 0.1.0".to_owned(),
        host: Host { name: None, system: "linux x86_64".to_owned(), kernel: None },
        source: Identity {
            path: "disk.raw".to_owned(),
            kind: "file".to_owned(),
            bus: None,
            vendor: None,
            model: None,
            serial: None,
            size_bytes: medium.len() as u64,
            logical_sector_bytes: None,
            physical_sector_bytes: None,
            read_only: Some(true),
            mounted_at: Vec::new(),
            backing_file: None,
            hidden_sectors: None,
            drive: None,
            layout: None,
            write_block: WriteBlock::File,
        },
        plan: Plan {
            format: "raw".to_owned(),
            hashes: ids.iter().map(|id| (*id).to_owned()).collect(),
            compression: "none".to_owned(),
            segment_size_bytes: None,
            sector_bytes: 512,
            errors: "linear".to_owned(),
            retries: 1,
            read_back: false,
            description: None,
            case_number: Some(CASE_NUMBER.to_owned()),
            evidence_number: None,
            examiner: None,
            notes: None,
        },
        started: NOW.to_string(),
        finished: NOW.to_string(),
        size_bytes: medium.len() as u64,
        size_sectors: 10,
        digests: digests(&medium, &ids),
        stored_digests: None,
        tree: Tree { file: "disk.tree".to_owned(), root, leaf_bytes: 4096, node_bytes: 1 << 20 },
        gaps: vec![Gap {
            offset: 512,
            length: 512,
            cause: "medium error".to_owned(),
            retries: 1,
            fill: "zero".to_owned(),
        }],
        segments: vec![SegmentFile {
            name: "disk.raw".to_owned(),
            size_bytes: medium.len() as u64,
            sha256: sha256(&medium),
        }],
        read_back: None,
        resumed: Vec::new(),
        copy: None,
        source_again: None,
    }
}

fn record_bytes() -> Vec<u8> {
    serde_json::to_vec_pretty(&record()).unwrap_or_default()
}

fn item_files() -> Vec<(String, Role, Vec<u8>)> {
    vec![
        ("disk.raw".to_owned(), Role::ImageSegment, medium()),
        ("disk.acquisition.json".to_owned(), Role::AcquisitionRecord, record_bytes()),
        ("disk.tree".to_owned(), Role::HashTree, stored_tree().encode()),
    ]
}

fn case_json() -> Vec<u8> {
    let case = json!({
        "format": "exhibit-case/1", "number": CASE_NUMBER, "title": "Practice", "examiner": "A. Example",
        "agency": "Agency", "created": NOW.to_string(), "authority": null, "scope": null,
    });
    canonical::write(&case).unwrap_or_default()
}

/// A log of two sessions, and its files.
fn log() -> (Log, Vec<(String, Vec<u8>)>) {
    let context = Context {
        case: CASE_NUMBER.to_owned(),
        actor: "A. Example".to_owned(),
        role: "examiner".to_owned(),
        now: NOW,
        tool: "exhibit 0.1.0".to_owned(),
    };
    let case = json!([{"path": "case.json", "sha256": sha256(&case_json()), "size": case_json().len()}]);
    let file = |(name, _, bytes): (String, Role, Vec<u8>)| json!({"path": format!("items/D1/{name}"), "sha256": sha256(&bytes), "size": bytes.len()});
    let files: Vec<Value> = item_files().into_iter().map(file).collect();
    let sessions = [
        vec![Fact::new("case-opened").detail("files", case).because("order 12/26")],
        vec![Fact::new("acquisition-planned").object("item", "D1"), Fact::new("acquired").detail("files", files)],
    ];
    let (mut log, mut out) = (Log::new(), Vec::new());
    for facts in sessions {
        if let Ok(segment) = log.append(facts, &context) {
            out.push((segment.name, segment.bytes.to_vec()));
        }
        if let Ok(checkpoint) = log.checkpoint(&key()) {
            out.push((checkpoint.name, checkpoint.bytes.to_vec()));
        }
    }
    (log, out)
}

fn case_files() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("case.json".to_owned(), case_json())];
    files.extend(log().1.into_iter().map(|(name, bytes)| (format!("custody/{name}"), bytes)));
    files.extend(item_files().into_iter().map(|(name, _, bytes)| (format!("items/D1/{name}"), bytes)));
    files
}

/// A sealed package.
fn archive() -> Vec<u8> {
    let (log, log_files) = log();
    let mut tag_files = vec![("exhibit/case.json".to_owned(), case_json())];
    tag_files.extend(log_files.into_iter().map(|(name, bytes)| (format!("exhibit/custody/{name}"), bytes)));
    let file = |(name, role, bytes): (String, Role, Vec<u8>)| PayloadFile {
        role,
        name: Name::new(name),
        source: Arc::new(MemorySource::new(bytes)),
        expected_sha256: None,
    };
    let plan = PackagePlan {
        history: None,
        listing: Listing::Whole { seed: [5; 32], origin: format!("exhibit-list/{CASE_NUMBER}") },
        bag_name: "2026-117".to_owned(),
        archive: "package.zip".to_owned(),
        case: Case {
            number: CASE_NUMBER.to_owned(),
            title: "Practice".to_owned(),
            examiner: "A. Example".to_owned(),
            agency: "Agency".to_owned(),
            created: NOW.to_string(),
        },
        authority: Value::Null,
        scope: Value::Null,
        items: vec![Item {
            id: "D1".to_owned(),
            medium: Some(Medium::from(&record())),
            files: item_files().into_iter().map(file).collect(),
        }],
        custody: Custody { records: log.size(), head_root: Some(to_hex(&log.root())) },
        tag_files,
        created: NOW,
        tool: "exhibit 0.1.0".to_owned(),
        limits: Vec::new(),
    };
    let (key, store) = (key(), MemoryStore::new());
    let public = key.public_key();
    let signer = Signer {
        principal: "a@example.org".to_owned(),
        fingerprint: public.fingerprint(),
        public_key: format!("{}\n", public.to_openssh()),
        allowed_signers: allowed_signers::line("a@example.org", &public).map(|line| line + "\n").unwrap_or_default(),
        sign: &|namespace, message| Ok(sshsig::sign(&key, namespace, message)),
        note: &|name, text| Ok(exhibit_custody::note::sign(std::str::from_utf8(text)?, name, &key)?),
    };
    let sealed = seal(&plan, &signer, &store, &Silent, &Cancel::new());
    debug_assert!(sealed.is_ok());
    store.get("package.zip").unwrap_or_default()
}

/// The members of [`archive`].
fn unpacked() -> Vec<(String, Vec<u8>)> {
    use exhibit_verify::{Members as _, zip};
    let archive = zip::Archive::open(Arc::new(MemorySource::new(archive())), &zip::Limits::default());
    let mut files = Vec::new();
    for entry in archive.list().unwrap_or_default() {
        let mut bytes = Vec::new();
        let streamed = archive.stream(&entry.name, &mut |block| {
            bytes.extend_from_slice(block);
            true
        });
        if streamed.is_ok() {
            files.push((entry.name, bytes));
        }
    }
    files
}

/// A bag by hand, with an oddity or two.
fn bag() -> Vec<u8> {
    let data = b"data\n".to_vec();
    let manifest = format!("{}  data/a%0Ab.txt\n", sha256(&data));
    listing(vec![
        ("bagit.txt".to_owned(), b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n".to_vec()),
        ("bag-info.txt".to_owned(), b"Payload-Oxum: 5.1\nContact-Name: A\n B\n".to_vec()),
        ("manifest-sha256.txt".to_owned(), manifest.into_bytes()),
        ("fetch.txt".to_owned(), b"http://example.org/x 5 data/x\n".to_vec()),
        ("data/a\u{fffd}b.txt".to_owned(), data),
    ])
}

/// One small file of each plant of a kind.
fn plants(kind: &str) -> Vec<(String, Vec<u8>)> {
    let families = [("docx", "zip"), ("odt", "zip")];
    let family = |plant: &&dyn Plant| families.iter().find(|(of, _)| *of == plant.kind()).map_or(plant.kind(), |f| f.1);
    let of_kind = PLANTS.iter().copied().filter(|plant| family(plant) == kind);
    of_kind.map(|plant| (plant.id().to_owned(), plant.grow(&mut Random::new(3), 4000).bytes)).collect()
}

/// Small files of kinds that no plant makes.
fn small_files() -> Vec<(String, Vec<u8>)> {
    let chunk = |id: &[u8], data: &[u8]| [id, &(data.len() as u32).to_le_bytes()[..], data].concat();
    let sound = [b"WAVE".to_vec(), chunk(b"fmt ", &[1; 16]), chunk(b"data", &[7; 40])].concat();
    let media_box = |name: &[u8], data: &[u8]| [&(data.len() as u32 + 8).to_be_bytes()[..], name, data].concat();
    let table = media_box(b"stco", &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 84]);
    let inner = [b"stbl", b"minf", b"mdia", b"trak", b"moov"];
    let film = inner.into_iter().fold(table, |inside, name| media_box(name, &inside));
    let film = [media_box(b"ftyp", b"isom\0\0\0\0"), film, media_box(b"mdat", &[9; 40])].concat();
    vec![
        ("rtf".to_owned(), b"{\\rtf1{\\b bold} \\bin2 }} \\} end}".to_vec()),
        ("wav".to_owned(), chunk(b"RIFF", &sound)),
        ("mp4".to_owned(), film),
    ]
}

/// Two plants in fragments between noise.
fn mixture() -> Vec<u8> {
    let mut bytes = vec![0; 512];
    for kind in ["png", "jpeg"] {
        for (_, file) in plants(kind).into_iter().take(1) {
            let middle = file.len() / 2 / 512 * 512;
            bytes.extend_from_slice(file.get(..middle).unwrap_or_default());
            bytes.resize(bytes.len() + 1024, 0xa5);
            bytes.extend_from_slice(file.get(middle..).unwrap_or_default());
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
    }
    bytes
}
