//! One function for each parser: any bytes in, nothing out; a panic is a bug.
//!
//! Besides not panicking, what comes out must make sense: an accepted input written again is the same input, a length
//! lies inside what was read. An assertion here that fails is a bug as well.

use std::sync::{Arc, LazyLock};

use exhibit_acquire::rescue::MapFile;
use exhibit_authority::{Authority, Document, Scope, Syntax, Vocabulary, parse};
use exhibit_carve::{KINDS, Plan, Types, Verdict, find, validate_bytes};
use exhibit_custody::handover::Papers;
use exhibit_custody::{
    Checkpoint, CheckpointBytes, Log, PublicKey, SegmentBytes, SigningKey, canonical, note::Note, provenance, sshsig,
    strict_json,
};
use exhibit_encryption::{Identity, open as open_encrypted};
use exhibit_evidence::acquisition::Acquisition;
use exhibit_evidence::{ByteRange, Cancel, MemorySource, Silent, Slice, Source};
use exhibit_image::{Beside, Image, Part, format, identify};
use exhibit_pki::cms::SignedData;
use exhibit_pki::timestamp::Request as Request3161;
use exhibit_pki::{Certificate, Hash, PrivateKey, RevocationList, pem};
use exhibit_testkit::virtual_disks;
use exhibit_verify::{
    CheckResult, ImageReader, Level, LoneImage, Members, MemoryMembers, Parts, Request, StampQuestion, Trust, Watch,
    bag, check_case, check_handover, check_image, check_package, check_parts, check_stamp, check_unpacked, parse_parts,
    zip,
};

use super::seeds::ewf_builder;

/// A target: its name, and what it does with the bytes.
pub type Target = (&'static str, fn(&[u8]));

/// What the two secret keys of the practice packages open.
pub fn identities() -> Vec<Identity> {
    let ssh = Identity::ssh_ed25519(&[7; 32], *key().public_key().as_bytes());
    std::iter::once(Identity::x25519([7; 32])).chain(ssh.ok()).collect()
}

/// Every target; each has a file of its name in `fuzz_targets/`.
pub const TARGETS: &[Target] = &[
    ("ewf_open", ewf_open),
    ("ewf2_open", ewf2_open),
    ("ltree", ltree),
    ("aff4_open", aff4_open),
    ("vmdk_open", vmdk_open),
    ("vhd_open", vhd_open),
    ("vhdx_open", vhdx_open),
    ("vhdx_log", vhdx_log),
    ("qcow2_open", qcow2_open),
    ("vdi_open", vdi_open),
    ("disk_family", disk_family),
    ("medium_layout", medium_layout),
    ("lone_image", lone_image),
    ("inflate", inflate),
    ("hash_tree", hash_tree),
    ("rescue_map", rescue_map),
    ("journal", journal),
    ("acquisition_json", acquisition_json),
    ("strict_json", strict_json_bytes),
    ("custody_log", custody_log),
    ("checkpoint_note", checkpoint_note),
    ("handover", handover),
    ("authority_scope", authority_scope),
    ("imported_logs", imported_logs),
    ("sshsig", ssh_signature),
    ("openssh_key", openssh_key),
    ("certificate", certificate),
    ("cms", cms),
    ("timestamp", timestamp),
    ("private_key", private_key),
    ("encrypted", encrypted),
    ("disclosure", disclosure),
    ("range_proof", range_proof),
    ("parts_list", parts_list),
    ("package_zip", package_zip),
    ("package", package),
    ("case_folder", case_folder),
    ("bag", bag_folder),
    ("carve_jpeg", carve_jpeg),
    ("carve_png", carve_png),
    ("carve_gif", carve_gif),
    ("carve_pdf", carve_pdf),
    ("carve_zip", carve_zip),
    ("carve_sqlite", carve_sqlite),
    ("carve_bz2", carve_bz2),
    ("carve_xz", carve_xz),
    ("carve_flac", carve_flac),
    ("carve_more", carve_more),
    ("carve_all", carve_all),
];

/// Most bytes of a medium that are read: enough for every chunk of an honest small image.
const MEDIUM_READ_MAX: u64 = 8 << 20;

/// The key of all seeds; a signature that a fuzzer keeps intact is a good one.
pub fn key() -> SigningKey {
    SigningKey::from_seed([7; 32], "practice key")
}

/// Cuts the input where a line says `== name`: files with names, in a form that a fuzzer can work with.
pub fn files(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if let Some(name) = line.strip_prefix(b"== ") {
            let name = String::from_utf8_lossy(name.strip_suffix(b"\n").unwrap_or(name)).into_owned();
            files.push((name, Vec::new()));
        } else if let Some((_, content)) = files.last_mut() {
            content.extend_from_slice(line);
        }
    }
    files
}

fn members(bytes: &[u8]) -> MemoryMembers {
    let mut members = MemoryMembers::new();
    for (name, content) in files(bytes) {
        members.insert(name, content);
    }
    members
}

/// Segment files of an E01 one after another.
fn segments(bytes: &[u8]) -> Vec<Part> {
    cut(bytes, &[b"EVF\x09\x0d\x0a\xff\x00"])
}

/// Files one after another: cut before each signature.
fn cut(bytes: &[u8], signatures: &[&[u8; 8]]) -> Vec<Part> {
    let begins = |window: &[u8]| signatures.iter().any(|signature| *signature == window);
    let starts = bytes.windows(8).enumerate().filter(|(_, window)| begins(window)).map(|(at, _)| at);
    let mut cuts: Vec<usize> = std::iter::once(0).chain(starts).take(64).collect();
    cuts.push(bytes.len());
    cuts.dedup();
    let piece = |(index, cut): (usize, &[usize])| {
        let &[from, to] = cut else { return None };
        let content = bytes.get(from..to)?.to_vec();
        Some(Part { name: format!("disk.E{:02}", index + 1), source: Arc::new(MemorySource::new(content)) })
    };
    cuts.windows(2).enumerate().filter_map(piece).collect()
}

/// Reads from the beginning, in steps that are no multiple of anything, and at the very end.
fn read_some(source: &dyn Source) {
    let mut step = vec![0; 50_001];
    let mut at = 0;
    while at < source.size().min(MEDIUM_READ_MAX) {
        let length = usize::try_from(source.size().saturating_sub(at)).unwrap_or(usize::MAX).min(step.len());
        let Some(out) = step.get_mut(..length) else { return };
        if let Err(fault) = source.read_at(at, out) {
            assert!(fault.good <= length, "more good bytes than were asked for");
        }
        at += length as u64;
    }
    let end = source.size().saturating_sub(1);
    let _ = source.read_at(end, &mut [0]);
    assert!(source.read_at(source.size(), &mut [0]).is_err(), "a byte behind the end");
}

/// One or more E01 segment files, opened as one image and read.
pub fn ewf_open(bytes: &[u8]) {
    let _ = identify(&MemorySource::new(bytes.to_vec()));
    let Some(format) = format("e01") else { return };
    let Ok(opened) = format.open(segments(bytes)) else { return };
    let image = opened.value;
    let mut findings = 0_usize;
    image.check_structure(&mut |_| findings += 1);
    let size = image.size();
    assert!(image.description().gaps.iter().all(|gap| gap.end() <= size), "a gap outside");
    read_some(&*image);
}

/// Ex01 or Lx01 segment files, opened as one image and read, with the files in it.
pub fn ewf2_open(bytes: &[u8]) {
    let parts = cut(bytes, &[b"EVF2\x0d\x0a\x81\x00", b"LEF2\x0d\x0a\x81\x00"]);
    for id in ["ex01", "lx01"] {
        let Some(Ok(opened)) = format(id).map(|format| format.open(parts.clone())) else { continue };
        opened.value.check_structure(&mut |_| ());
        let size = opened.value.size();
        assert!(opened.value.description().gaps.iter().all(|gap| gap.end() <= size), "a gap outside");
        read_some(&*opened.value);
        read_files(&*opened.value);
    }
}

/// An AFF4 volume, opened, checked and read, with the files in it.
pub fn aff4_open(bytes: &[u8]) {
    let part = Part { name: "disk.aff4".to_owned(), source: Arc::new(MemorySource::new(bytes.to_vec())) };
    let Some(Ok(opened)) = format("aff4").map(|format| format.open(vec![part])) else { return };
    opened.value.check_structure(&mut |_| ());
    let size = opened.value.size();
    assert!(opened.value.description().gaps.iter().all(|gap| gap.end() <= size), "a gap outside");
    read_some(&*opened.value);
    read_files(&*opened.value);
}

/// Partition tables, file systems and encryption of a medium.
pub fn medium_layout(bytes: &[u8]) {
    let medium = MemorySource::new(bytes.to_vec());
    for sector_bytes in [None, Some(512), Some(4096)] {
        let _ = exhibit_filesystem::layout(&medium, sector_bytes);
        let free = exhibit_filesystem::free_space(&medium, sector_bytes, &Cancel::new());
        assert!(free.is_some_and(|free| free.bytes() <= medium.size()), "more is free than there is");
    }
}

/// The list of files of a logical image, in an L01 with right checksums around it.
pub fn ltree(bytes: &[u8]) {
    let file = ewf_builder::l01(&ewf_builder::stream(), bytes);
    let part = Part { name: "files.L01".to_owned(), source: Arc::new(MemorySource::new(file)) };
    let Some(Ok(opened)) = format("l01").map(|format| format.open(vec![part])) else { return };
    assert_eq!(opened.value.size(), ewf_builder::stream().len() as u64, "the list changes the contents");
    read_files(&*opened.value);
}

/// The first files of a logical image, from their beginning and at their end.
fn read_files(image: &dyn Image) {
    let mut some = vec![0; 10_000];
    for (index, entry) in image.entries().iter().enumerate().take(200) {
        let _ = (entry.path.to_string(), &entry.attributes);
        let Ok(contents) = image.open_entry(index) else {
            assert!(entry.folder, "a file that cannot be opened");
            continue;
        };
        assert_eq!(contents.size(), entry.size_bytes);
        let length = some.len().min(usize::try_from(contents.size()).unwrap_or(usize::MAX));
        let Some(out) = some.get_mut(..length) else { return };
        let _ = contents.read_at(0, out);
        let _ = contents.read_at(contents.size().saturating_sub(length as u64), out);
        assert!(contents.read_at(contents.size(), &mut [0]).is_err(), "a byte behind the end");
    }
    assert!(image.open_entry(image.entries().len()).is_err());
}

/// A virtual disk of one file, opened as `id`.
fn virtual_disk(id: &str, bytes: &[u8]) {
    let part = Part { name: "disk".to_owned(), source: Arc::new(MemorySource::new(bytes.to_vec())) };
    let Some(Ok(opened)) = format(id).map(|format| format.open(vec![part])) else { return };
    walk(&*opened.value);
}

/// Checks, asks and reads an image that was opened.
fn walk(image: &dyn Image) {
    let mut findings = 0_usize;
    image.check_structure(&mut |_| findings += 1);
    assert!(findings < 1 << 20, "findings without end");
    let (size, mut at) = (image.size(), 0);
    for _ in 0..1000 {
        let (run, _) = image.known(ByteRange::between(at, size));
        assert!(
            run.offset == at && run.end() <= size && (run.length > 0 || at == size),
            "a run outside of what was asked"
        );
        at = run.end();
    }
    if size > 0 {
        read_some(image);
    }
}

/// A VMDK file.
pub fn vmdk_open(bytes: &[u8]) {
    virtual_disk("vmdk", bytes);
}

/// A VHD file.
pub fn vhd_open(bytes: &[u8]) {
    virtual_disk("vhd", bytes);
}

/// A VHDX file.
pub fn vhdx_open(bytes: &[u8]) {
    virtual_disk("vhdx", bytes);
}

/// The log of a VHDX that was not closed, in a file that is sound but for it.
pub fn vhdx_log(bytes: &[u8]) {
    static DISK: LazyLock<Vec<u8>> = LazyLock::new(super::seeds::disk_left_open);
    virtual_disk("vhdx", &virtual_disks::vhdx_with_log(&DISK, bytes));
}

/// A QCOW2 file.
pub fn qcow2_open(bytes: &[u8]) {
    virtual_disk("qcow2", bytes);
}

/// A VDI file.
pub fn vdi_open(bytes: &[u8]) {
    virtual_disk("vdi", bytes);
}

/// The files of a folder, for containers that name others.
struct Folder(Vec<Part>);

impl Beside for Folder {
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|part| part.name.clone()).collect()
    }
    fn open(&self, name: &str) -> Option<Arc<dyn Source>> {
        self.0.iter().find(|part| part.name == name).map(|part| part.source.clone())
    }
}

/// Disks with extents and parents; the first file is opened.
pub fn disk_family(bytes: &[u8]) {
    let part = |(name, bytes)| Part { name, source: Arc::new(MemorySource::new(bytes)) as Arc<dyn Source> };
    let folder = Folder(files(bytes).into_iter().map(part).collect());
    let Some(first) = folder.0.first().cloned() else { return };
    let format = identify(&*first.source);
    if let Ok(opened) = format.open(format.gather(first, &folder)) {
        walk(&*opened.value);
    }
}

/// The same, through the checker.
pub fn lone_image(bytes: &[u8]) {
    let cancel = Cancel::new();
    let files: Vec<(String, Arc<dyn Source>)> =
        segments(bytes).into_iter().map(|part| (part.name, part.source)).collect();
    // A claimed size is hashed to its end: bound it by what an honest image of so many bytes could hold.
    let claimed = format("e01").and_then(|format| format.open(segments(bytes)).ok()).map_or(0, |o| o.value.size());
    if files.is_empty() || claimed > MEDIUM_READ_MAX {
        return;
    }
    let image = LoneImage {
        name: "disk.E01",
        files,
        record: None,
        record_problem: None,
        tree: None,
        level: Level::Full,
        jobs: 1,
    };
    if let Ok(checked) = check_image(&image, Watch { observer: &Silent, cancel: &cancel }) {
        let _ = checked.verdict().sentence();
    }
}

/// A packed chunk of an image: two bytes say how long it is when unpacked, the rest is the stream. The decoder of our own
/// and the one of others say the same.
pub fn inflate(bytes: &[u8]) {
    let Some((length, stream)) = bytes.split_first_chunk() else { return };
    let length = usize::from(u16::from_le_bytes(*length));
    let (mut ours, mut theirs) = (vec![0; length], vec![0; length]);
    let said = exhibit_image::inflate_exact(stream, &mut ours);
    assert_eq!(said, exhibit_image::inflate_exact_by_flate2(stream, &mut theirs));
    assert!(said.is_err() || ours == theirs);
}

/// A map of a rescue: the runs cover the medium without holes, and what is written again is the same map.
pub fn rescue_map(bytes: &[u8]) {
    let Ok(file) = MapFile::parse(bytes) else { return };
    let mut at = 0;
    for (run, _) in file.map.runs() {
        assert!(run.offset == at && !run.is_empty());
        at = run.end();
    }
    assert_eq!(at, file.map.size());
    assert_eq!(MapFile::parse(file.to_text("fuzz").as_bytes()).as_ref(), Ok(&file));
}

/// The journal of an unfinished acquisition: places in order, none twice.
pub fn journal(bytes: &[u8]) {
    let Some(places) = exhibit_acquire::sealed_places(&MemorySource::new(bytes)) else { return };
    assert!(places.is_sorted_by(|a, b| a < b), "places out of order");
    // What follows the last whole line changes nothing.
    let cut = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let whole = exhibit_acquire::sealed_places(&MemorySource::new(bytes.get(..cut).unwrap_or_default()));
    assert_eq!(whole, Some(places), "a torn line was taken for one");
}

/// A stored hash tree. What is accepted is written again as it was.
pub fn hash_tree(bytes: &[u8]) {
    if let Ok(tree) = exhibit_hash::Tree::decode(bytes) {
        assert_eq!(tree.encode(), bytes);
    }
}

/// An acquisition record. What is accepted survives the way through text.
pub fn acquisition_json(bytes: &[u8]) {
    let Ok(record) = serde_json::from_slice::<Acquisition>(bytes) else { return };
    let again = serde_json::to_vec(&record).ok().and_then(|text| serde_json::from_slice::<Acquisition>(&text).ok());
    assert_eq!(again.as_ref(), Some(&record));
}

/// Strict JSON: never more lenient than the ordinary reader, and canonical bytes are the only canonical bytes.
pub fn strict_json_bytes(bytes: &[u8]) {
    let strict = strict_json::parse(bytes, 1 << 20);
    if let Ok(value) = &strict {
        let ordinary: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
        assert_eq!(ordinary.ok().as_ref(), Some(value));
    }
    if let Ok(value) = strict_json::parse_canonical(bytes, 1 << 20) {
        assert_eq!(strict.ok().as_ref(), Some(&value));
        assert_eq!(canonical::write(&value).ok().as_deref(), Some(bytes));
    }
}

/// The files of a custody log: read, checked, shown.
pub fn custody_log(bytes: &[u8]) {
    let files = files(bytes);
    let segments: Vec<SegmentBytes<'_>> =
        files.iter().map(|(name, content)| SegmentBytes::new(name, content)).collect();
    let mut log = Log::read(&segments);
    let checkpoints: Vec<CheckpointBytes<'_>> = files
        .iter()
        .filter(|(name, _)| name.contains("checkpoint"))
        .map(|(name, content)| CheckpointBytes { name, bytes: content })
        .collect();
    let keys = [key().public_key()];
    let checked = log.value.check(&checkpoints, &keys);
    assert!(checked.value.records <= log.value.size(), "more covered than there is");
    for (name, content) in &files {
        let _ = log.value.check_kept(name, content, &keys);
    }
    // A damaged line is a leaf of the tree and no row.
    assert!(log.value.rows().count() as u64 <= log.value.size());
    assert_eq!(log.value.root_at(log.value.size()), Some(log.value.root()));
}

/// A handover and its receipt: whoever writes them and whoever checks them say the same of any bytes.
pub fn handover(bytes: &[u8]) {
    let keys = [key().public_key()];
    let checked = check_handover("papers", bytes, &keys);
    let sound = checked.verdict().checks.first().is_some_and(|check| check.result == CheckResult::Passed);
    let papers = Papers::parse(bytes);
    assert_eq!(papers.is_ok(), sound, "{papers:?} {:?}", checked.verdict());
}

/// Authority, scope or vocabulary, in TOML or JSON: what is accepted is kept, and reads as the same again.
pub fn authority_scope(bytes: &[u8]) {
    fn one<D: Document>(text: &str, syntax: Syntax) {
        if let Ok(document) = parse::<D>(text, syntax) {
            let kept = document.to_value();
            let again = parse::<D>(&kept.to_string(), Syntax::Json).map(|again| again.to_value());
            assert_eq!(again, Ok(kept), "{}", D::KIND);
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for syntax in [Syntax::Toml, Syntax::Json] {
        one::<Authority>(text, syntax);
        one::<Scope>(text, syntax);
    }
    let _ = Vocabulary::default().add(text);
}

/// Logs of other programs: digests are digests, and what is kept has bounds.
pub fn imported_logs(bytes: &[u8]) {
    let Some(said) = provenance::read(bytes) else { return };
    assert!(said.errors.len() <= 200 && said.remarks.len() <= 300, "{said:?}");
    assert!(said.digests.values().all(|hex| hex.bytes().all(|c| c.is_ascii_hexdigit()) && hex.len() >= 32), "{said:?}");
}

/// A signed note and the checkpoint in it.
pub fn checkpoint_note(bytes: &[u8]) {
    let keys = [key().public_key()];
    let Ok(note) = Note::parse(bytes) else {
        assert!(Checkpoint::open(bytes, &keys).is_err(), "no note, but a checkpoint");
        return;
    };
    let _ = note.verify(&[("exhibit-custody/2026-117", &keys[0])]);
    let _ = Checkpoint::of_note(&note);
    let _ = Checkpoint::open(bytes, &keys);
}

/// An SSH signature: armour, structure, verification.
pub fn ssh_signature(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(signature) = sshsig::SshSignature::parse(text) else { return };
    let _ = signature.verify_digest(sshsig::NAMESPACE_PACKAGE, &[0; 64]);
    let _ = sshsig::verify(text, sshsig::NAMESPACE_PACKAGE, b"message");
}

/// OpenSSH private and public keys. What is accepted is written again as an equal key.
pub fn openssh_key(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(key) = SigningKey::parse_openssh(text) {
        let again = SigningKey::parse_openssh(&key.to_openssh()).map(|key| key.public_key());
        assert_eq!(again.ok(), Some(key.public_key()));
    }
    if let Ok(key) = PublicKey::parse(text) {
        assert_eq!(PublicKey::parse(&key.to_openssh()).ok().as_ref().map(PublicKey::as_bytes), Some(key.as_bytes()));
    }
    let _ = PublicKey::parse_all(text);
}

/// Certificates and revocation lists. What is accepted keeps its bytes.
pub fn certificate(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::parse(bytes) {
        assert_eq!(certificate.raw, bytes);
        let _ = (certificate.title(), certificate.signed_by(&certificate.key), certificate.key.kind());
    }
    if let Ok(list) = RevocationList::parse(bytes) {
        assert_eq!(list.raw, bytes);
        let _ = list.find(&[1]);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = pem::blocks(text);
    }
}

/// CMS signatures, and a time stamp added to one.
pub fn cms(bytes: &[u8]) {
    let Ok(data) = SignedData::parse(bytes) else { return };
    for signer in &data.signers {
        let _ = (signer.signing_time(), signer.message_digest());
        for certificate in data.certificates.iter().filter_map(|bytes| Certificate::parse(bytes).ok()) {
            let _ = (signer.names(&certificate), signer.signed_by(&certificate.key));
        }
    }
    if let Ok(stamped) = exhibit_pki::cms::write::with_time_stamp(bytes, &[0x30, 0]) {
        let again = SignedData::parse(&stamped).expect("what is written is read");
        assert_eq!(again.signers.len(), 1);
    }
}

/// Requests, answers and tokens, checked against an anchor that fits nothing.
pub fn timestamp(bytes: &[u8]) {
    if let Ok(request) = Request3161::parse(bytes) {
        assert_eq!(Request3161::parse(&request.to_der()).as_ref(), Ok(&request));
    }
    let digest = |hash: Hash| Some(hash.digest(b"what is stamped"));
    let question = StampQuestion { place: "t", what: "d", digest: &digest, nonce: None, policy: None };
    let (facts, verdict) = check_stamp(bytes, &question, &Trust::default());
    assert!(verdict.exit_code() != 0, "nobody is trusted");
    let _ = facts.map(|facts| facts.in_words());
}

/// Private keys in PKCS #8, plain and encrypted.
pub fn private_key(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let encrypted = exhibit_custody::is_encrypted(text);
    // A passphrase is only tried where the work that is asked for is small: the limits allow minutes.
    if let Ok(key) = PrivateKey::parse_pem(text, None) {
        let _ = (key.kind(), key.sign(b"message").map(|signature| signature.len()));
    }
    assert!(!encrypted || SigningKey::parse(text, None).is_err(), "an encrypted key without its passphrase");
}

fn limits() -> zip::Limits {
    zip::Limits { members_max: 10_000, directory_bytes_max: 1 << 20, inflated_bytes_max: 64 << 20 }
}

/// A ZIP archive, every member streamed and opened.
pub fn package_zip(bytes: &[u8]) {
    let archive = zip::Archive::open(Arc::new(MemorySource::new(bytes)), &limits());
    let Ok(entries) = archive.list() else { return };
    for entry in entries {
        let mut length = 0_u64;
        let streamed = archive.stream(&entry.name, &mut |block| {
            length += block.len() as u64;
            true
        });
        if streamed.is_ok_and(|findings| findings.is_empty()) {
            assert_eq!(length, entry.size, "{}", entry.name);
        }
        if let Ok(source) = archive.open(&entry.name) {
            assert_eq!(source.size(), entry.size);
            read_some(&*source);
        }
    }
}

/// A file in the format of age, opened with two keys and read. What came out once comes out again.
pub fn encrypted(bytes: &[u8]) {
    let source = Arc::new(MemorySource::new(bytes));
    let Ok(opened) = open_encrypted(source.clone(), &identities()) else { return };
    assert!(open_encrypted(source, &[]).is_err(), "it opens without a key");
    assert!(opened.plain.size() < bytes.len() as u64);
    read_some(&*opened.plain);
}

/// The list of a disclosure, in a package that is sound without it.
pub fn disclosure(bytes: &[u8]) {
    static SOUND: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(super::seeds::disclosed);
    let mut members = MemoryMembers::new();
    for (name, content) in SOUND.iter() {
        let content = if name.ends_with("/disclosure.json") { bytes } else { content };
        members.insert(name.clone(), content);
    }
    let (cancel, keys) = (Cancel::new(), [key().public_key()]);
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let limits = limits();
    let trust = Trust::default();
    let request = Request { level: Level::Full, trusted: &keys, trust, media: None, now: None, limits, watch };
    if let Ok(checked) = check_unpacked(&members, &request) {
        // The tag manifests are signed: no other list than the one that was sealed holds.
        let sealed = SOUND.iter().find(|(name, _)| name.ends_with("/disclosure.json"));
        let same = sealed.is_some_and(|(_, sealed)| sealed == bytes);
        let passed =
            checked.verdict().checks.iter().any(|check| check.id == "bag" && check.result == CheckResult::Passed);
        assert_eq!(passed, same);
    }
}

/// A range of a medium with its proof: offset in blocks, length in bytes, content, values. What leads to the root of a medium
/// is that medium's.
pub fn range_proof(bytes: &[u8]) {
    static MEDIUM: LazyLock<Arc<dyn Source>> = LazyLock::new(|| Arc::new(MemorySource::new(super::seeds::blocks())));
    let medium = &*MEDIUM;
    let Some((head, rest)) = bytes.split_first_chunk::<3>() else { return };
    let [block, low, high] = *head;
    let (content, proof) = rest.split_at(usize::from(u16::from_le_bytes([low, high])).min(rest.len()));
    let proof: Vec<[u8; 32]> = proof.as_chunks::<32>().0.to_vec();
    let offset = u64::from(block) * 4096;
    let shown = MemorySource::new(content);
    let root = |size: u64| exhibit_hash::range_proof::root(&shown, offset, size, &proof).ok().flatten();
    for size in [0, 1, u64::MAX, u64::from(block) << 40, offset] {
        let _ = root(size);
    }
    let right = exhibit_hash::range_proof::root(&**medium, 0, medium.size(), &[]).ok().flatten();
    if right.is_some() && root(medium.size()) == right {
        let range = ByteRange::new(offset, content.len() as u64);
        let slice = Slice::new(Arc::clone(medium), range);
        let mut there = vec![0; content.len()];
        assert!(slice.read_at(0, &mut there).is_ok() && there == content, "a forged range leads to the root");
    }
}

/// The list of the parts of a package, with two parts at hand.
pub fn parts_list(bytes: &[u8]) {
    static PARTS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(super::seeds::parts);
    if let Ok(list) = parse_parts(bytes) {
        let value = serde_json::to_value(&list).unwrap_or_default();
        assert_eq!(canonical::write(&value).ok().as_deref(), Some(bytes), "a list with two spellings");
    }
    let (cancel, keys) = (Cancel::new(), [key().public_key()]);
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let (limits, trust) = (limits(), Trust::default());
    let request = Request { level: Level::Full, trusted: &keys, trust, media: None, now: None, limits, watch };
    let find = |name: &str| {
        let here = PARTS.iter().filter(|(part, _)| part == name);
        here.map(|(name, bytes)| (name.clone(), Arc::new(MemorySource::new(bytes.clone())) as Arc<dyn Source>))
            .collect()
    };
    let open = |source: Arc<dyn Source>| Ok((source, Vec::new()));
    let parts = Parts { manifest: bytes, signature: None, find: &find, only: None, open: &open };
    if let Ok(checked) = check_parts(&parts, &request) {
        assert!(checked.verified().is_none(), "nobody signed the list");
    }
}

/// A package in its archive and a package unpacked into a folder, checked at every level.
pub fn package(bytes: &[u8]) {
    let (cancel, keys, reader) = (Cancel::new(), [key().public_key()], ImageReader { jobs: 1 });
    for level in [Level::Full, Level::Structure] {
        let watch = Watch { observer: &Silent, cancel: &cancel };
        let request = Request {
            level,
            trusted: &keys,
            trust: Trust::default(),
            media: Some(&reader),
            now: None,
            limits: limits(),
            watch,
        };
        let checked = match bytes.starts_with(b"== ") {
            true => check_unpacked(&members(bytes), &request),
            false => check_package(Arc::new(MemorySource::new(bytes)), &request),
        };
        if let Ok(checked) = checked {
            let _ = (checked.verdict().sentence(), checked.verified().is_some());
        }
    }
}

/// A case folder.
pub fn case_folder(bytes: &[u8]) {
    let (cancel, keys, reader) = (Cancel::new(), [key().public_key()], ImageReader { jobs: 1 });
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let request = Request {
        level: Level::Full,
        trusted: &keys,
        trust: Trust::default(),
        media: Some(&reader),
        now: None,
        limits: limits(),
        watch,
    };
    if let Ok(checked) = check_case(&members(bytes), &request) {
        let _ = checked.verdict().sentence();
    }
}

/// A BagIt bag of any version.
pub fn bag_folder(bytes: &[u8]) {
    let _ = bag::check(&members(bytes));
}

/// A judge of the carver. A whole file ends inside what was read, and is as whole without what follows it.
fn carve(kind: &str, bytes: &[u8]) {
    match validate_bytes(kind, bytes) {
        Some(Verdict::Whole(whole)) => {
            let file = usize::try_from(whole.length).ok().and_then(|length| bytes.get(..length));
            let file = file.expect("a whole file ends inside the medium");
            let alone = validate_bytes(kind, file);
            assert!(
                matches!(&alone, Some(Verdict::Whole(again)) if again.length == whole.length && again.class == whole.class),
                "{kind}: whole with what follows ({whole:?}), and alone {alone:?}"
            );
        }
        Some(Verdict::Broken(broken)) => {
            assert!(broken.sure <= broken.good && broken.good <= bytes.len() as u64, "{kind}: {broken:?}");
        }
        Some(Verdict::NotThis { .. }) | None => {}
    }
}

/// The judges that have no target of their own, each over the same bytes.
pub fn carve_more(bytes: &[u8]) {
    let own = |id: &str| TARGETS.iter().any(|(name, _)| name.strip_prefix("carve_") == Some(id));
    KINDS.iter().filter(|kind| !own(kind.id())).for_each(|kind| carve(kind.id(), bytes));
}

/// JPEG.
pub fn carve_jpeg(bytes: &[u8]) {
    carve("jpeg", bytes);
}

/// PNG.
pub fn carve_png(bytes: &[u8]) {
    carve("png", bytes);
}

/// GIF.
pub fn carve_gif(bytes: &[u8]) {
    carve("gif", bytes);
}

/// PDF.
pub fn carve_pdf(bytes: &[u8]) {
    carve("pdf", bytes);
}

/// ZIP and what is built on it.
pub fn carve_zip(bytes: &[u8]) {
    carve("zip", bytes);
}

/// SQLite.
pub fn carve_sqlite(bytes: &[u8]) {
    carve("sqlite", bytes);
}

/// bzip2.
pub fn carve_bz2(bytes: &[u8]) {
    carve("bz2", bytes);
}

/// xz.
pub fn carve_xz(bytes: &[u8]) {
    carve("xz", bytes);
}

/// FLAC.
pub fn carve_flac(bytes: &[u8]) {
    carve("flac", bytes);
}

/// The whole search, fragments included: every byte that is reported lies on the medium.
pub fn carve_all(bytes: &[u8]) {
    let source = MemorySource::new(bytes);
    let plan = Plan { types: Types::all(), jobs: 1, ..Plan::default() };
    let Ok(found) = find(&source, &plan, &Silent, &Cancel::new()) else { return };
    assert!(!KINDS.is_empty());
    for object in &found.objects {
        assert!(object.extents.iter().all(|extent| extent.end() <= bytes.len() as u64), "{object:?}");
    }
}
