//! Small valid inputs for each target, made by the project itself: the fuzzer starts behind the first checksum.

use std::io::Write as _;
use std::sync::Arc;

use exhibit_authority::{Authority, Document as _, Scope, Syntax, parse, template};
use exhibit_custody::handover::{self as custody, Answer, Discrepancy, Handover, Head, Papers, Party, Receipt};
use exhibit_custody::{Context, Log, allowed_signers, canonical, layout, sshsig};
use exhibit_evidence::acquisition::{Acquisition, FORMAT, Host, Plan, SegmentFile, Tree};
use exhibit_evidence::{
    ByteRange, Cancel, Digest, DigestSet, Fact, Gap, Identity, Instant, MemorySource, Name, Silent, WriteBlock, to_hex,
};
use exhibit_forge::{PLANTS, Random, plants::Plant};
use exhibit_hash::{ALGORITHMS, StoredTree, algorithm, tree};
use exhibit_image::{Compression, Create, Metadata, format};
use exhibit_package::disclosure::{Entry, Ground, SealedList};
use exhibit_package::manifest::{Case, Custody, Medium, Role};
use exhibit_package::parts::{PartFile, PartsManifest};
use exhibit_package::write::{Item, Listing, PackagePlan, Part, PayloadFile, Signer, seal};
use exhibit_pki::der::{tag, write};
use exhibit_pki::{Certificate, Hash, PrivateKey, oid};
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
        "vhdx_log" => one(disk_left_open()[1 << 20..2 << 20].to_vec()),
        "qcow2_open" => disks(virtual_disks::qcow2),
        "vdi_open" => disks(virtual_disks::vdi),
        "disk_family" => families(),
        "hash_tree" => one(stored_tree().encode()),
        "inflate" => packed_chunks(),
        "rescue_map" => rescue_maps(),
        "journal" => one(journal()),
        "acquisition_json" => one(record_bytes()),
        "strict_json" => {
            let values = [json!({"a": [1, "ß\u{1}", null, true], "b": {}}), json!([-1, 0, 9_007_199_254_740_991_u64])];
            let bytes = values.iter().filter_map(|value| canonical::write(value).ok());
            bytes.enumerate().map(|(n, bytes)| (format!("value-{n}"), bytes)).collect()
        }
        "custody_log" => one(listing(log().1)),
        "checkpoint_note" => log().1.into_iter().filter(|(name, _)| name.ends_with("checkpoint")).collect(),
        "handover" => papers(),
        "authority_scope" => documents(),
        "imported_logs" => foreign_logs(),
        "sshsig" => one(sshsig::sign(&key(), sshsig::NAMESPACE_PACKAGE, b"message").into_bytes()),
        "openssh_key" => vec![
            ("private".to_owned(), key().to_openssh().as_bytes().to_vec()),
            ("public".to_owned(), key().public_key().to_openssh().into_bytes()),
        ],
        "certificate" => one(certificate()),
        "cms" => one(cms_signature()),
        "timestamp" => vec![
            ("request".to_owned(), exhibit_pki::timestamp::Request::new(Hash::Sha256, &[7; 32], [1; 16]).to_der()),
            ("token".to_owned(), token()),
        ],
        "private_key" => {
            let encrypted =
                key().to_pkcs8_encrypted(b"x", [5; 32]).map(|text| text.as_bytes().to_vec()).unwrap_or_default();
            let openssh =
                key().to_openssh_encrypted(b"x", [5; 16]).map(|text| text.as_bytes().to_vec()).unwrap_or_default();
            let plain = exhibit_pki::pem::block("PRIVATE KEY", &plain_key()).as_bytes().to_vec();
            vec![("plain".to_owned(), plain), ("pkcs8".to_owned(), encrypted), ("openssh".to_owned(), openssh)]
        }
        "encrypted" => vec![("two-keys".to_owned(), encrypted(&[5; 70_000])), ("empty".to_owned(), encrypted(&[]))],
        "disclosure" => disclosed().into_iter().filter(|(name, _)| name.ends_with("/disclosure.json")).collect(),
        "range_proof" => ranges(),
        "parts_list" => one(parts_list()),
        "package_zip" => one(archive()),
        "package" => vec![("archive".to_owned(), archive()), ("unpacked".to_owned(), listing(unpacked()))],
        "case_folder" => one(listing(case_files())),
        "bag" => vec![("new".to_owned(), bag()), ("package".to_owned(), listing(unpacked()))],
        "carve_all" => vec![("mixture".to_owned(), mixture())],
        "carve_more" => small_files(),
        _ => target.strip_prefix("carve_").map(plants).unwrap_or_default(),
    }
}

/// The practice key in PKCS #8.
fn plain_key() -> Vec<u8> {
    write::sequence(&[
        &write::unsigned(&[0]),
        &write::algorithm(oid::ED25519, false),
        &write::octets(&write::octets(&[7; 32])),
    ])
}

/// A certificate of the practice key, issued by itself, for time stamps.
fn certificate() -> Vec<u8> {
    let named = write::sequence(&[&write::oid(&[0x55, 4, 3]), &write::value(tag::UTF8_STRING, b"Practice")]);
    let name = write::sequence(&[&write::set_of(vec![named])]);
    let algorithm = write::algorithm(oid::ED25519, false);
    let bits = |bytes: &[u8]| write::value(tag::BIT_STRING, &[&[0], bytes].concat());
    let public = write::sequence(&[&algorithm, &bits(key().public_key().as_bytes())]);
    let extension =
        |id: &[u8], value: &[u8]| write::sequence(&[&write::oid(id), &[tag::BOOLEAN, 1, 0xff], &write::octets(value)]);
    let extensions = write::sequence(&[
        &extension(oid::EXTENDED_KEY_USAGE, &write::sequence(&[&write::oid(oid::TIME_STAMPING)])),
        &extension(oid::KEY_USAGE, &[tag::BIT_STRING, 2, 7, 0x80]),
        &extension(oid::BASIC_CONSTRAINTS, &write::sequence(&[])),
    ]);
    let signed = write::sequence(&[
        &write::value(tag::context(0), &write::unsigned(&[2])),
        &write::unsigned(&[1]),
        &algorithm,
        &name,
        &write::sequence(&[&write::time(NOW), &write::time(Instant::from_unix_seconds(4_000_000_000))]),
        &name,
        &public,
        &write::value(tag::context(3), &extensions),
    ]);
    write::sequence(&[&signed, &algorithm, &bits(&key().sign(&signed))])
}

/// A detached signature by that certificate.
fn cms_signature() -> Vec<u8> {
    let (bytes, key) = (certificate(), PrivateKey::parse_pkcs8(&plain_key()));
    let (Ok(certificate), Ok(key)) = (Certificate::parse(&bytes), key) else { return Vec::new() };
    let digest = Hash::Sha512.digest(b"message");
    exhibit_pki::cms::write::detached(&digest, &key, &certificate, &[], NOW).unwrap_or_default()
}

/// A time stamp in form, with the signature of something else: a fuzzer gets as far as the signature.
fn token() -> Vec<u8> {
    let imprint = write::sequence(&[
        &write::algorithm(oid::SHA256, true),
        &write::octets(&Hash::Sha256.digest(b"what is stamped")),
    ]);
    let info = write::sequence(&[
        &write::unsigned(&[1]),
        &write::oid(&[0x2a, 3, 4]),
        &imprint,
        &write::unsigned(&[5]),
        &write::value(tag::GENERALIZED_TIME, b"20261123101112.5Z"),
        &write::sequence(&[&write::unsigned(&[1]), &write::value(tag::context_primitive(0), &[100])]),
        &write::value(tag::INTEGER, &[0x41, 1]),
    ]);
    let content = write::sequence(&[&write::oid(oid::TST_INFO), &write::value(tag::context(0), &write::octets(&info))]);
    let signature = cms_signature();
    // The content of the signature above is two fields after version and algorithms.
    let detached = write::sequence(&[&write::oid(oid::DATA)]);
    let at = signature.windows(detached.len()).position(|window| window == detached).unwrap_or_default();
    let (before, after) = signature.split_at(at);
    let fields = [
        before.get(before.len().saturating_sub(18)..).unwrap_or_default(),
        &content,
        after.get(detached.len()..).unwrap_or_default(),
    ];
    let data = write::sequence(&[&fields.concat()]);
    write::sequence(&[&write::oid(oid::SIGNED_DATA), &write::value(tag::context(0), &data)])
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

/// The templates of authority and scope with every field in force, in both syntaxes, and the vocabulary.
fn documents() -> Vec<(String, Vec<u8>)> {
    let full = |template: &str| -> String {
        template.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n").collect()
    };
    let (authority, scope) = (full(template::<Authority>()), full(template::<Scope>()));
    let json = parse::<Scope>(&scope, Syntax::Toml).map(|scope| scope.to_value().to_string()).unwrap_or_default();
    let own = "[[instruments]]\nid = \"a\"\nname = \"A\"\n[[instruments.articles]]\nid = \"a/1\"\narticle = \"1\"\ntopic = \"x\"\nconfidence = \"M\"\n";
    let all = [("authority", authority), ("scope", scope), ("json", json), ("vocabulary", own.to_owned())];
    all.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

/// A log of each program.
fn foreign_logs() -> Vec<(String, Vec<u8>)> {
    let md5 = "c95c800f2a43be6047ca994bc8a44b7f";
    let texts = [
        (
            "ewfacquire",
            format!(
                "ewfacquire 20140813\nMedia size:\t200 KB (200000 bytes)\nMD5 hash calculated over data:\t\t{md5}\n"
            ),
        ),
        (
            "guymager",
            format!(
                "GUYMAGER ACQUISITION INFO FILE\nVersion : 0.8\nDevice size : 512\nMD5 hash : {md5}\n2 bad sectors\n"
            ),
        ),
        (
            "ftk-imager",
            format!(
                "Created By AccessData FTK Imager 4.5\nCase Number: 1\n Sector Count: 1,024\n MD5 checksum: {md5} : verified\n"
            ),
        ),
        (
            "dc3dd",
            format!(
                "dc3dd 7.2 started at 2026\ninput results for file `a':\n   {md5} (md5)\n  512 bytes ( 1 K ) copied\ndc3dd completed at 2026\n"
            ),
        ),
        (
            "ddrescue",
            "# Mapfile. Created by GNU ddrescue version 1.27\n0x0 + 1\n0x0 0x200 +\n0x200 0x200 -\n".to_owned(),
        ),
    ];
    texts.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

/// A handover and the receipt for it, by one key on both sides.
fn papers() -> Vec<(String, Vec<u8>)> {
    let text = |text: &str| text.to_owned();
    let (log, files) = log();
    let last = files.into_iter().rfind(|(name, _)| name.ends_with("checkpoint"));
    let checkpoint = last.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let head = Head { record: log.size(), checkpoint };
    let from = Party { name: text("A"), agency: None, role: None, key: Some(key().public_key().to_openssh()) };
    let stated = Handover {
        format: text(layout::handover::FORMAT),
        id: "5f".repeat(16),
        case: text(CASE_NUMBER),
        created: NOW.to_string(),
        from: from.clone(),
        to: Party { name: text("B"), ..Party::default() },
        items: vec![custody::Item { id: text("1"), seals: vec![text("4711")], ..custody::Item::default() }],
        files: vec![custody::File { name: text("a"), size: text("7"), sha256: sha256(b"a") }],
        handling: vec![text("TLP:RED")],
        log: head.clone(),
        tool: text("t"),
        ..Handover::default()
    };
    let handover = stated.sign(&key()).unwrap_or_default().into_bytes();
    let answer = Receipt {
        format: text(layout::handover::RECEIPT_FORMAT),
        id: stated.id,
        handover_sha256: sha256(&handover),
        case: text(CASE_NUMBER),
        created: NOW.to_string(),
        from,
        answer: Answer::AcceptedWithDiscrepancies,
        reason: Some(text("why")),
        discrepancies: vec![Discrepancy { concerns: None, text: text("wet") }],
        log: head,
        tool: text("t"),
        ..Receipt::default()
    };
    let receipt = Papers::answered(&handover, &answer, &key()).unwrap_or_default();
    vec![("handover".to_owned(), handover), ("receipt".to_owned(), receipt)]
}

/// A disk with a hole, and a child of it without its parent.
fn disks(make: fn(&Recipe<'_>) -> Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let (medium, here) = (vec![0x5a; 9000], |index| index != 1);
    let disk = |parent| make(&Recipe { medium: &medium, here, id: [7; 16], parent });
    vec![("disk".to_owned(), disk(None)), ("child".to_owned(), disk(Some(("base", [8; 16]))))]
}

/// A VHDX that was not closed; its log is its second MiB.
pub fn disk_left_open() -> Vec<u8> {
    let (medium, here) = (vec![0x5a; 9000], |_| true);
    virtual_disks::vhdx_left_open(&virtual_disks::vhdx(&Recipe { medium: &medium, here, id: [7; 16], parent: None }))
}

/// What an acquisition leaves whose machine dies.
fn journal() -> Vec<u8> {
    let Acquisition { source, plan, .. } = record();
    let keys =
        ["case_number", "evidence_number", "description", "examiner", "notes", "model", "serial", "tool_version"];
    let header: Value = keys.iter().chain(&["system"]).map(|key| ((*key).to_owned(), json!("x"))).collect();
    let begun = json!({
        "format": "exhibit-journal/1", "tool": "exhibit 0.1.0", "source": source, "plan": plan, "policy": "linear",
        "size_bytes": 5 << 20, "physical": false, "set_id": to_hex(&[7; 16]), "started": NOW.to_string(), "header": header,
    });
    let gap = Gap { offset: 512, length: 1024, cause: "bad".to_owned(), retries: 2, fill: "zero".to_owned() };
    let mark = |mib: u64, same: usize, gaps: &[Gap]| {
        let files = json!([["disk.raw", mib << 20]]);
        json!({"mark": {
            "medium_bytes": mib << 20, "same_files": same, "files": files, "state": "", "root": to_hex(&[0; 32]), "gaps": gaps
        }})
    };
    let resumed = json!({"resumed": {"at_bytes": 1 << 20, "time": NOW.to_string()}});
    let lines = [json!({"begun": begun}), mark(1, 0, &[gap]), resumed, mark(2, 0, &[]), mark(5, 1, &[])];
    let sealing = json!({"sealing": {"record": "{}", "tree_sha256": to_hex(&[1; 32]), "tree_bytes": 208}});
    lines
        .iter()
        .chain(&[sealing, json!({"recorded": true})])
        .flat_map(|line| format!("{line}\n").into_bytes())
        .collect()
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

/// Streams with codes of their own, with the fixed codes, and without any.
fn packed_chunks() -> Vec<(String, Vec<u8>)> {
    let text: Vec<u8> = (0..600_u32).flat_map(|n| format!("{} bottles; ", n * n % 71).into_bytes()).collect();
    let chunk = |name: &str, bytes: &[u8], level| {
        let mut seed = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes().to_vec();
        let mut stream = Vec::with_capacity(bytes.len() + 100);
        let mut deflater = flate2::Compress::new(flate2::Compression::new(level), true);
        deflater.compress_vec(bytes, &mut stream, flate2::FlushCompress::Finish).expect("any bytes can be packed");
        seed.extend(stream);
        (name.to_owned(), seed)
    };
    vec![
        chunk("text", &text, 6),
        chunk("fast", &text, 1),
        chunk("fixed", b"aaaaaaaaaaaa", 6),
        chunk("stored", b"as it is", 0),
        chunk("zeros", &[0; 4096], 9),
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
    sealed(Listing::Whole { seed: [5; 32], origin: format!("exhibit-list/{CASE_NUMBER}") }, "").0
}

/// The members of a part of [`archive`], without its last file.
pub fn disclosed() -> Vec<(String, Vec<u8>)> {
    let whole = Listing::Whole { seed: [5; 32], origin: format!("exhibit-list/{CASE_NUMBER}") };
    let (Some(list), Some((hidden, ..))) = (sealed(whole, "").1, item_files().pop()) else { return Vec::new() };
    let is_hidden = |entry: &Entry| match entry {
        Entry::File { name, .. } => name.to_string() == hidden,
        Entry::Medium { .. } => true,
    };
    let ground = Ground { reason: "letter to counsel".to_owned(), authority: "order 12".to_owned() };
    let withheld = (0_u64..).zip(&list.entries).filter(|(_, listed)| is_hidden(&listed.entry));
    let withheld = withheld.map(|(index, _)| (index, ground.clone())).collect();
    let part = Part { list, withheld, ranges: Vec::new(), log: None };
    members_of(sealed(Listing::Part(Box::new(part)), &hidden).0)
}

/// The package, without the file of that name, and the list that was sealed with it.
fn sealed(listing: Listing, hidden: &str) -> (Vec<u8>, Option<SealedList>) {
    let is_whole = matches!(listing, Listing::Whole { .. });
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
        listing,
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
        handling: Vec::new(),
        items: vec![Item {
            id: "D1".to_owned(),
            medium: is_whole.then(|| Medium::from(&record())),
            files: item_files().into_iter().filter(|(name, ..)| name != hidden).map(file).collect(),
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
    (store.get("package.zip").unwrap_or_default(), sealed.ok().and_then(|sealed| sealed.list))
}

/// Encrypted to both keys of `parsers::identities`.
fn encrypted(plain: &[u8]) -> Vec<u8> {
    let recipients: Vec<_> = super::parsers::identities().iter().map(exhibit_encryption::Identity::recipient).collect();
    let mut count = 0_u8;
    let mut random = |bytes: &mut [u8]| {
        count = count.wrapping_add(1);
        bytes.fill(count);
        Ok(())
    };
    let written = exhibit_encryption::encrypt(Vec::new(), &recipients, &mut random).and_then(|mut writer| {
        writer.write_all(plain)?;
        writer.finish()
    });
    written.unwrap_or_default()
}

/// A medium of ten leaves and a bit.
pub fn blocks() -> Vec<u8> {
    (0..41_000_u32).map(|at| (at % 251) as u8).collect()
}

/// Ranges of [`blocks`] with their proofs.
fn ranges() -> Vec<(String, Vec<u8>)> {
    let medium = MemorySource::new(blocks());
    let nodes = blocks().chunks(tree::NODE_BYTES).map(tree::node).collect();
    let Some(tree) = tree::Tree::new(blocks().len() as u64, nodes) else { return Vec::new() };
    let tree = MemorySource::new(tree.encode());
    let one = |(block, length): (u8, u16)| {
        let range = ByteRange::new(u64::from(block) * 4096, u64::from(length));
        let content = blocks().get(range.offset as usize..range.end() as usize)?.to_vec();
        let proof = exhibit_hash::range_proof::prove(&medium, &mut StoredTree::open(&tree).ok()?, range).ok()?;
        let bytes = [&[block][..], &length.to_le_bytes(), &content, &proof.concat()].concat();
        Some((format!("{length}-bytes-at-{block}"), bytes))
    };
    [(0, 4096), (3, 8192), (9, 4136)].into_iter().filter_map(one).collect()
}

/// [`archive`] in two parts, by name.
pub fn parts() -> Vec<(String, Vec<u8>)> {
    let archive = archive();
    let (first, second) = archive.split_at(archive.len() / 2);
    vec![("package.zip.001".to_owned(), first.to_vec()), ("package.zip.002".to_owned(), second.to_vec())]
}

/// The list of [`parts`].
fn parts_list() -> Vec<u8> {
    let file =
        |name: &str, bytes: &[u8]| PartFile { name: name.to_owned(), size: bytes.len() as u64, sha256: sha256(bytes) };
    let archive = archive();
    let tags = members_of(archive.clone()).into_iter().find(|(name, _)| name.ends_with("/tagmanifest-sha256.txt"));
    let manifest = PartsManifest {
        format: exhibit_package::parts::FORMAT.to_owned(),
        created: NOW.to_string(),
        tool: "exhibit 0.1.0".to_owned(),
        case: CASE_NUMBER.to_owned(),
        archive: file("package.zip", &archive),
        encrypted: false,
        recipients: Vec::new(),
        tagmanifest_sha256: tags.map(|(_, bytes)| sha256(&bytes)).unwrap_or_default(),
        parts: parts().iter().map(|(name, bytes)| file(name, bytes)).collect(),
    };
    serde_json::to_value(&manifest).ok().and_then(|value| canonical::write(&value).ok()).unwrap_or_default()
}

/// The members of [`archive`].
fn unpacked() -> Vec<(String, Vec<u8>)> {
    members_of(archive())
}

/// The members of a package.
fn members_of(package: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    use exhibit_verify::{Members as _, zip};
    let archive = zip::Archive::open(Arc::new(MemorySource::new(package)), &zip::Limits::default());
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

/// Small files for the judges that have no target of their own.
fn small_files() -> Vec<(String, Vec<u8>)> {
    let chunk = |id: &[u8], data: &[u8]| [id, &(data.len() as u32).to_le_bytes()[..], data].concat();
    let sound = [b"WAVE".to_vec(), chunk(b"fmt ", &[1; 16]), chunk(b"data", &[7; 40])].concat();
    let media_box = |name: &[u8], data: &[u8]| [&(data.len() as u32 + 8).to_be_bytes()[..], name, data].concat();
    let table = media_box(b"stco", &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 84]);
    let inner = [b"stbl", b"minf", b"mdia", b"trak", b"moov"];
    let film = inner.into_iter().fold(table, |inside, name| media_box(name, &inside));
    let film = [media_box(b"ftyp", b"isom\0\0\0\0"), film, media_box(b"mdat", &[9; 40])].concat();
    let mut files = vec![
        ("rtf".to_owned(), b"{\\rtf1{\\b bold} \\bin2 }} \\} end}".to_vec()),
        ("wav".to_owned(), chunk(b"RIFF", &sound)),
        ("mp4".to_owned(), film),
    ];
    // Plants whose judges have no target of their own.
    let more = [
        "sqlite-wal",
        "sqlite-journal",
        "bplist",
        "xml",
        "svg",
        "html",
        "eml",
        "pcap",
        "pcapng",
        "macho",
        "dex",
        "class",
        "mp3",
    ];
    files.extend(more.into_iter().flat_map(|kind| plants(kind).into_iter().take(1)));
    files.extend(made());
    files
}

/// Small files by other people's programs, which the carver's own tests have.
fn made() -> Vec<(String, Vec<u8>)> {
    macro_rules! made {
        ($($name:literal),*) => {
            [$(($name, &include_bytes!(concat!("../../crates/carve/tests/samples/made/", $name))[..])),*]
        };
    }
    let files = made!(
        "prose.zst",
        "prose.lz4",
        "files.cab",
        "pic.psd",
        "icon.ico",
        "sound.wma",
        "film.ts",
        "live.mkv",
        "disk.qcow2",
        "disk.E01"
    );
    files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect()
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
