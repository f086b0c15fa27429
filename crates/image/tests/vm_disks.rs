//! Virtual disks made from nothing: holes, parents, missing and wrong parents, cut and changed files.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should stop there"
)]

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cause, Finding, Known, MemorySource, Outcome, Severity, Source};
use exhibit_image::{Beside, Image, ImageError, Part, identify};
use exhibit_testkit::virtual_disks::{Recipe, UNIT_BYTES, VHDX_BLOCK_BYTES, qcow2, vdi, vhd, vhdx, vmdk};

type Make = fn(&Recipe<'_>) -> Vec<u8>;

/// Id of the format, its maker, its unit.
const FORMATS: [(&str, Make, usize); 5] = [
    ("qcow2", qcow2, UNIT_BYTES),
    ("vhd", vhd, UNIT_BYTES),
    ("vdi", vdi, UNIT_BYTES),
    ("vmdk", vmdk, UNIT_BYTES),
    ("vhdx", vhdx, VHDX_BLOCK_BYTES),
];

/// Bytes that are different at every offset and never zero.
fn medium(size: usize, seed: u64) -> Vec<u8> {
    let byte = |n: usize| {
        (n as u64 + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    (0..size).map(|n| (byte(n) >> 56) as u8 | 1).collect()
}

/// The files of a folder.
struct Folder(Vec<(String, Vec<u8>)>);

impl Folder {
    fn part(&self, name: &str) -> Option<Part> {
        let (name, bytes) = self.0.iter().find(|(have, _)| have == name)?;
        Some(Part { name: name.clone(), source: Arc::new(MemorySource::new(bytes.clone())) })
    }

    fn open(&self, name: &str) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        let first = self.part(name).unwrap();
        let format = identify(&*first.source);
        format.open(format.gather(first, self))
    }
}

impl Beside for Folder {
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }
    fn open(&self, name: &str) -> Option<Arc<dyn Source>> {
        self.part(name).map(|part| part.source)
    }
}

fn all_findings(outcome: &Outcome<Arc<dyn Image>>) -> Vec<Finding> {
    let mut findings = outcome.findings.clone();
    outcome.value.check_structure(&mut |finding| findings.push(finding));
    findings
}

fn codes(findings: &[Finding]) -> Vec<(Severity, &str)> {
    findings.iter().map(|finding| (finding.severity, finding.code.as_str())).collect()
}

fn read_all(image: &dyn Source) -> Vec<u8> {
    let mut bytes = vec![0xee; image.size() as usize];
    image.read_at(0, &mut bytes).unwrap();
    bytes
}

/// An odd size: the last unit is not full.
fn odd_size(unit: usize) -> usize {
    3 * unit + 1536
}

#[test]
fn what_is_here_is_read_and_holes_are_zero() {
    for (id, make, unit) in FORMATS {
        let medium = medium(odd_size(unit), 1);
        let here = |index: usize| index != 1;
        let file = make(&Recipe { medium: &medium, here, id: [7; 16], parent: None });
        let outcome = Folder(vec![("disk".to_owned(), file)]).open("disk").unwrap();
        assert_eq!(codes(&all_findings(&outcome)), [], "{id}");
        let image = outcome.value;
        assert_eq!((image.description().format, image.size() as usize), (id, medium.len()), "{id}");
        let mut expected = medium;
        expected[unit..2 * unit].fill(0);
        assert!(read_all(&*image) == expected, "{id}");
        let known = |at: usize| image.known(ByteRange::new(at as u64, image.size() - at as u64));
        assert_eq!(known(0), (ByteRange::new(0, unit as u64), Known::Data), "{id}");
        assert_eq!(known(unit + 512), (ByteRange::new(unit as u64 + 512, unit as u64 - 512), Known::Zero), "{id}");
        assert!(image.read_at(image.size() - 1, &mut [0; 2]).is_err(), "{id}: beyond the end");
        for at in (0..expected.len() - 700).step_by(unit / 3 + 77) {
            let mut small = [0; 700];
            image.read_at(at as u64, &mut small).unwrap();
            assert!(small == expected[at..at + 700], "{id} at {at}");
        }
    }
}

#[test]
fn an_empty_disk_opens() {
    for (id, make, _) in FORMATS {
        let file = make(&Recipe { medium: &[], here: |_| true, id: [7; 16], parent: None });
        let outcome = Folder(vec![("disk".to_owned(), file)]).open("disk").unwrap();
        assert_eq!(outcome.value.size(), 0, "{id}");
        assert_eq!(codes(&all_findings(&outcome)), [], "{id}");
    }
}

/// A grandparent with everything, a parent with units 0 and 1, a child with unit 0.
fn family(id: &str, make: Make, unit: usize) -> (Folder, [Vec<u8>; 3]) {
    let size = odd_size(unit);
    let media = [medium(size, 1), medium(size, 2), medium(size, 3)];
    let made = |n: usize, here, parent| make(&Recipe { medium: &media[n], here, id: [n as u8 + 1; 16], parent });
    let files = vec![
        ("base.img".to_owned(), made(0, |_| true, None)),
        ("middle.img".to_owned(), made(1, |index| index < 2, Some(("C:\\vm\\base.img", [1; 16])))),
        ("child.img".to_owned(), made(2, |index| index == 0, Some(("MIDDLE.img", [2; 16])))),
    ];
    // VDI files are looked for by their extension, and know no names.
    let renamed =
        files.into_iter().map(|(name, bytes)| (if id == "vdi" { name.replace("img", "vdi") } else { name }, bytes));
    (Folder(renamed.collect()), media)
}

fn name(id: &str, stem: &str) -> String {
    format!("{stem}.{}", if id == "vdi" { "vdi" } else { "img" })
}

/// Which generation holds byte `at`: a VHDX of the maker shares its blocks with the parent sector by sector.
fn owner(id: &str, unit: usize, at: usize) -> usize {
    let shared = id == "vhdx" && (at / 512) % 2 == 1;
    let child = at / unit == 0 && !shared;
    let middle = at / unit < 2 && !shared;
    if child { 2 } else { usize::from(middle) }
}

#[test]
fn a_child_shows_its_own_units_and_those_of_its_parents() {
    for (id, make, unit) in FORMATS {
        let (folder, media) = family(id, make, unit);
        let outcome = folder.open(&name(id, "child")).unwrap();
        let heavy = all_findings(&outcome).into_iter().filter(|finding| finding.severity > Severity::Note);
        assert_eq!(heavy.map(|finding| finding.to_string()).collect::<Vec<_>>(), Vec::<String>::new(), "{id}");
        let got = read_all(&*outcome.value);
        // The maker of QCOW2, VHD, VDI and VMDK has whole units.
        let wrong = (0..got.len()).find(|&at| got[at] != media[owner(id, unit, at)][at]);
        assert_eq!(wrong, None, "{id}");
        assert_eq!(outcome.value.description().segments.len(), 3, "{id}");
    }
}

#[test]
fn without_its_parent_a_child_opens_and_what_it_does_not_hold_is_unreadable() {
    for (id, make, unit) in FORMATS {
        let (mut folder, media) = family(id, make, unit);
        folder.0.retain(|(have, _)| *have == name(id, "child"));
        let outcome = folder.open(&name(id, "child")).unwrap();
        assert_eq!(codes(&outcome.findings), [(Severity::Incomplete, "parent-missing")], "{id}");
        let image = outcome.value;
        assert_eq!(image.size() as usize, media[2].len(), "{id}");
        let mut first = [0; 512];
        image.read_at(0, &mut first).unwrap();
        assert!(first == media[2][..512], "{id}");
        let fault = image.read_at(unit as u64 - 512, &mut vec![0; unit]).unwrap_err();
        assert!(matches!(fault.cause, Cause::Unreadable(_)) && fault.good <= 512, "{id}: {fault}");
        let range = ByteRange::new(unit as u64, image.size() - unit as u64);
        assert_eq!(image.known(range), (range, Known::Unreadable), "{id}");
    }
}

#[test]
fn a_parent_that_is_another_disk_is_a_mismatch_and_never_read() {
    for (id, make, unit) in FORMATS.into_iter().filter(|(id, ..)| !["qcow2", "vdi"].contains(id)) {
        let (mut folder, media) = family(id, make, unit);
        let middle = make(&Recipe { medium: &media[0], here: |_| true, id: [9; 16], parent: None });
        folder
            .0
            .iter_mut()
            .filter(|(have, _)| have.starts_with("middle"))
            .for_each(|(_, bytes)| *bytes = middle.clone());
        let outcome = folder.open(&name(id, "child")).unwrap();
        assert_eq!(codes(&outcome.findings), [(Severity::Mismatch, "parent-mismatch")], "{id}");
        assert!(outcome.value.read_at(unit as u64, &mut [0; 512]).is_err(), "{id}");
    }
}

#[test]
fn parents_in_a_circle_and_endless_chains_end() {
    let medium = medium(UNIT_BYTES, 1);
    let made =
        |parent| qcow2(&Recipe { medium: &medium, here: |_| false, id: [1; 16], parent: Some((parent, [1; 16])) });
    let circle = Folder(vec![("a".to_owned(), made("b")), ("b".to_owned(), made("a"))]);
    let outcome = circle.open("a").unwrap();
    assert_eq!(
        codes(&outcome.findings),
        [(Severity::Note, "parent-unchecked"), (Severity::Incomplete, "parent-missing")]
    );
    assert!(outcome.value.read_at(0, &mut [0]).is_err());
    let itself = Folder(vec![("a".to_owned(), made("a"))]);
    assert!(itself.open("a").unwrap().value.read_at(0, &mut [0]).is_err());
    let chain = Folder(
        (0..200)
            .map(|n| (format!("{n}"), (n + 1).to_string()))
            .map(|(name, parent)| {
                let parent: &'static str = parent.leak();
                (name, made(parent))
            })
            .collect(),
    );
    let outcome = chain.open("0").unwrap();
    assert!(outcome.findings.iter().any(|finding| finding.code == "parent-limit"), "{:?}", codes(&outcome.findings));
    assert!(outcome.value.read_at(0, &mut [0]).is_err());
}

/// Reads what can be read, in pieces, and compares it with what must be there.
fn compare_what_can_be_read(image: &dyn Source, expected: &[u8], what: &str) {
    for (index, piece) in expected.chunks(1024).enumerate() {
        let at = index as u64 * 1024;
        if at + piece.len() as u64 > image.size() {
            break;
        }
        let mut buf = vec![0; piece.len()];
        if image.read_at(at, &mut buf).is_ok() {
            assert!(buf == piece, "{what}: other bytes at {at}");
        }
    }
}

#[test]
fn a_cut_file_never_shows_other_bytes_than_the_medium_had() {
    for (id, make, unit) in FORMATS.into_iter().filter(|(id, ..)| *id != "vhdx") {
        let medium = medium(odd_size(unit), 1);
        let file = make(&Recipe { medium: &medium, here: |_| true, id: [7; 16], parent: None });
        let mut opened = 0;
        // Every length near structures, some of the rest.
        let lengths = (0..file.len()).filter(|length| *length < 4000 || length % 397 == 0 || file.len() - length < 600);
        for length in lengths {
            let folder = Folder(vec![("disk".to_owned(), file[..length].to_vec())]);
            let Ok(outcome) = folder.open("disk") else { continue };
            if outcome.value.description().format != id {
                continue;
            }
            opened += 1;
            compare_what_can_be_read(&*outcome.value, &medium, &format!("{id} cut to {length}"));
            let whole = outcome.value.read_at(0, &mut vec![0; outcome.value.size() as usize]).is_ok();
            assert!(
                !whole || !all_findings(&outcome).is_empty() || length + unit >= file.len(),
                "{id} cut to {length}: nobody says so"
            );
        }
        assert!(opened > 0, "{id}");
    }
}

#[test]
fn one_changed_byte_in_a_structure_is_no_accident() {
    for (id, make, unit) in FORMATS {
        let medium = medium(2 * unit, 1);
        let file = make(&Recipe { medium: &medium, here: |_| true, id: [7; 16], parent: None });
        let step = if id == "vhdx" { 4099 } else { 1 };
        let places = (0..file.len().min(12_000)).chain((3 << 20..(3 << 20) + 32).filter(|at| *at < file.len()));
        for at in places.filter(|at| at % step == 0 || (id == "vhdx" && (at % 65536) < 80)) {
            for flip in [0x01, 0xff] {
                let mut bytes = file.clone();
                bytes[at] ^= flip;
                let Ok(outcome) = Folder(vec![("disk".to_owned(), bytes)]).open("disk") else { continue };
                let size = outcome.value.size().min(4 * unit as u64);
                let _ = outcome.value.read_at(0, &mut vec![0; size as usize]);
                let _ = outcome.value.known(ByteRange::new(0, outcome.value.size()));
                all_findings(&outcome);
            }
        }
    }
}

#[test]
fn damaged_checksums_are_findings_with_a_place() {
    let medium = medium(UNIT_BYTES, 1);
    let recipe = Recipe { medium: &medium, here: |_| true, id: [7; 16], parent: None };
    let with = |make: Make, at: usize| {
        let mut bytes = make(&recipe);
        let at = if at > bytes.len() { bytes.len() - (usize::MAX - at) } else { at };
        bytes[at] ^= 0x10;
        let outcome = Folder(vec![("disk".to_owned(), bytes)]).open("disk").unwrap();
        assert!(read_all(&*outcome.value) == medium);
        let finding = outcome.findings.first().map(|finding| (finding.severity, finding.code.clone(), finding.offset));
        assert_eq!(outcome.findings.len(), 1, "{:?}", outcome.findings);
        finding.unwrap()
    };
    let footer_at = vhd(&recipe).len() as u64 - 512;
    let mismatch = |code: &str, offset: u64| (Severity::Mismatch, code.to_owned(), Some(offset));
    assert_eq!(with(vhd, 100), mismatch("vhd-footer-copy", 0));
    assert_eq!(with(vhd, footer_at as usize + 100), mismatch("vhd-footer", footer_at));
    assert_eq!(with(vhd, 512 + 900), mismatch("vhd-header-checksum", 512));
    assert_eq!(with(vhdx, (64 << 10) + 200), mismatch("vhdx-header", 64 << 10));
    assert_eq!(with(vhdx, (256 << 10) + 200), mismatch("vhdx-regions", 256 << 10));
}

#[test]
fn what_is_not_handled_is_refused_by_name() {
    let medium = medium(UNIT_BYTES, 1);
    let recipe = Recipe { medium: &medium, here: |_| true, id: [7; 16], parent: None };
    let refused = |make: Make, at: usize, bytes: &[u8], word: &str| {
        let mut file = make(&recipe);
        file.splice(at..at + bytes.len(), bytes.iter().copied());
        let error = Folder(vec![("disk".to_owned(), file)]).open("disk").err().unwrap_or_else(|| panic!("{word}"));
        assert_eq!(error.class(), exhibit_evidence::Class::Unsupported, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    };
    refused(qcow2, 4, &[0, 0, 0, 1], "version 1");
    refused(qcow2, 32, &[0, 0, 0, 2], "LUKS");
    refused(qcow2, 79, &[4], "external file");
    refused(qcow2, 78, &[1], "features that are not known here (bits 0x100)");
    refused(vdi, 68, &[0], "version");
    refused(vmdk, 512 + 22, b"encryption.keySafe=", "encrypted");
    refused(vmdk, 0, b"COWD", "COWD");
    let error = Folder(vec![("disk".to_owned(), qcow2_with_snapshots())]).open("disk").unwrap();
    assert_eq!(codes(&error.findings), [(Severity::Incomplete, "qcow2-snapshots")]);
}

fn qcow2_with_snapshots() -> Vec<u8> {
    let mut file = qcow2(&Recipe { medium: &[1; 512], here: |_| true, id: [7; 16], parent: None });
    file[63] = 2;
    file
}

#[test]
fn huge_claims_of_small_files_cost_nothing() {
    let medium = medium(UNIT_BYTES, 1);
    let recipe = Recipe { medium: &medium, here: |_| true, id: [7; 16], parent: None };
    for (make, at, length) in [
        (qcow2 as Make, 24, 8),
        (qcow2, 36, 4),
        (vdi, 368, 8),
        (vdi, 384, 4),
        (vhd, 512 + 28, 4),
        (vmdk, 12, 8),
        (vmdk, 20, 8),
        (vmdk, 44, 4),
    ] {
        for byte in [0x7f, 0xff, 0x3f] {
            let mut file = make(&recipe);
            file[at..at + length].fill(byte);
            if let Ok(outcome) = Folder(vec![("disk".to_owned(), file)]).open("disk") {
                let image = &outcome.value;
                let _ = image.read_at(image.size() / 2, &mut [0; 512]);
                let _ = image.known(ByteRange::new(0, image.size()));
                assert!(all_findings(&outcome).len() < 3000);
            }
        }
    }
}

/// Numbers that matter in tables and headers.
const NUMBERS: [u64; 10] = [0, 1, 2, 3, 0x7f, 0xff, 512, 0xffff_ffff, 0x8000_0000, u64::MAX];

#[test]
fn random_changes_of_numbers_are_survived() {
    let mut state = 0x1234_5678_9abc_def1_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below.max(1)
    };
    for (id, make, unit) in FORMATS {
        let (folder, _) = family(id, make, unit);
        let rounds = if id == "vhdx" { 60 } else { 1500 };
        for _ in 0..rounds {
            let mut folder = Folder(folder.0.clone());
            for _ in 0..=random(4) {
                let bytes = &mut folder.0[2].1;
                // Structures of a VHDX that have no checksum: metadata and block table.
                let near = if id == "vhdx" { (2 << 20) + random(2) * (1 << 20) + random(2) * (64 << 10) } else { 0 };
                let at = (near + random(if id == "vhdx" { 300 } else { 9000 })).min(bytes.len() - 8);
                let value = NUMBERS[random(NUMBERS.len())];
                let value = if random(2) == 0 { value.to_be_bytes() } else { value.to_le_bytes() };
                let width = [1, 2, 4, 8][random(4)];
                let from = if value[0] == 0 && value[7] != 0 { 8 - width } else { 0 };
                bytes[at..at + width].copy_from_slice(&value[from..from + width]);
            }
            let Ok(outcome) = folder.open(&name(id, "child")) else { continue };
            let image = &outcome.value;
            let size = image.size();
            for at in [0, size / 3, size / 2, size.saturating_sub(4096)] {
                let mut buf = vec![0; size.saturating_sub(at).min(3 * UNIT_BYTES as u64) as usize];
                if let Err(fault) = image.read_at(at, &mut buf) {
                    assert!(fault.good <= buf.len(), "{id}");
                }
                let asked = ByteRange::between(at, size);
                let (run, _) = image.known(asked);
                assert!(
                    run.offset == asked.offset && run.length <= asked.length && (run.length > 0 || asked.is_empty()),
                    "{id}"
                );
            }
            all_findings(&outcome);
        }
    }
}
