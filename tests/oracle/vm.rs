//! Disks of virtual machines: those of others by their published digests, and every variant that `qemu-img` writes by what
//! `qemu-img` itself reads out of it.

use std::path::{Path, PathBuf};

use exhibit_evidence::{ByteRange, Finding, Known, Severity, Source};
use exhibit_tests::foreign;
use exhibit_tests::places::data;

use crate::medium::{digests, open, source, unpacked};

/// 8 MiB and three sectors: no unit of any format ends there.
const SIZE_BYTES: usize = (8 << 20) + 3 * 512;

/// Noise, text, zeros and a repeated byte in stretches that fit no unit.
fn medium(seed: u64) -> Vec<u8> {
    let noise = |n: usize| {
        (n as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    let byte = |n: usize| match n / 333_333 % 4 {
        0 => (noise(n) >> 56) as u8,
        1 => 0,
        2 => b"The quick brown fox jumps over the lazy dog. "[n % 45],
        _ => 0x5a,
    };
    (0..SIZE_BYTES).map(byte).collect()
}

/// Runs `qemu-img`; `false`, after saying so, if it is not installed. It must succeed.
fn qemu(program: &str, arguments: &[&str]) -> bool {
    let paths: Vec<&Path> = arguments.iter().map(Path::new).collect();
    let Some(said) = foreign::run(program, &paths) else { return false };
    assert!(said.success, "{program} {arguments:?}: {}", said.text);
    true
}

fn sha256(path: &Path) -> String {
    digests(&*source(path)).get("sha256").unwrap().to_owned()
}

/// Opens the disk at `path`, which must have nothing wrong with it but notes, and gives the SHA-256 of its medium.
fn our_sha256(path: &Path) -> String {
    let opened = open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut findings = opened.findings;
    opened.value.check_structure(&mut |finding| findings.push(finding));
    let heavy: Vec<&Finding> = findings.iter().filter(|finding| finding.severity > Severity::Note).collect();
    assert!(heavy.is_empty(), "{}: {heavy:#?}", path.display());
    digests(&*opened.value).get("sha256").unwrap().to_owned()
}

#[test]
fn every_foreign_disk_opens_and_its_medium_has_the_published_digest() {
    let Some(table) = data("expected/vm-containers.tsv") else { return };
    let (table, mut judged) = (String::from_utf8(table).unwrap(), 0);
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let folder = tempfile::tempdir().unwrap();
        let Some(path) = unpacked(fields[0], folder.path()) else { continue };
        let published = Some(fields[4]).filter(|hex| hex.len() == 64);
        match (fields[2].parse::<u64>(), published) {
            (Err(_), _) => {
                let error = open(&path).err().expect("a malformed disk is refused");
                assert_eq!(error.class(), exhibit_evidence::Class::Corrupt, "{error}");
            }
            // 127 GiB of holes: known without reading them.
            (Ok(size), None) => {
                let image = open(&path).unwrap().value;
                let all = ByteRange::new(0, size);
                assert_eq!((image.size(), image.known(all).1), (size, Known::Zero), "{}", fields[0]);
            }
            (Ok(size), Some(published)) => {
                assert_eq!(our_sha256(&path), published, "{}", fields[0]);
                assert_eq!(open(&path).unwrap().value.size(), size, "{}", fields[0]);
            }
        }
        judged += 1;
    }
    assert!(judged == 20 || !exhibit_tests::places::testdata().join("vm").is_dir(), "{judged} disks judged");
}

/// Every variant: format as `qemu-img` calls it, options, and further arguments.
const VARIANTS: &[(&str, &str, &[&str])] = &[
    ("qcow2", "compat=0.10", &[]),
    ("qcow2", "compat=1.1", &[]),
    ("qcow2", "cluster_size=512", &[]),
    ("qcow2", "cluster_size=2M", &[]),
    ("qcow2", "extended_l2=on,cluster_size=128k", &[]),
    ("qcow2", "extended_l2=on,cluster_size=16k", &[]),
    ("qcow2", "preallocation=metadata", &[]),
    ("qcow2", "lazy_refcounts=on,refcount_bits=1", &[]),
    ("qcow2", "compression_type=zlib", &["-c"]),
    ("qcow2", "compression_type=zlib,cluster_size=4096", &["-c"]),
    ("qcow2", "compression_type=zlib,cluster_size=2M", &["-c"]),
    ("qcow2", "compression_type=zstd", &["-c"]),
    ("qcow2", "compression_type=zstd,cluster_size=2M", &["-c"]),
    ("qcow2", "compression_type=zstd,extended_l2=on", &["-c"]),
    ("vmdk", "subformat=monolithicSparse", &[]),
    ("vmdk", "subformat=monolithicSparse,zeroed_grain=on", &[]),
    ("vmdk", "subformat=monolithicFlat", &[]),
    ("vmdk", "subformat=twoGbMaxExtentSparse", &[]),
    ("vmdk", "subformat=twoGbMaxExtentFlat", &[]),
    ("vmdk", "subformat=streamOptimized", &[]),
    ("vpc", "subformat=dynamic", &[]),
    ("vpc", "subformat=dynamic,force_size=on", &[]),
    ("vpc", "subformat=fixed", &[]),
    ("vpc", "subformat=fixed,force_size=on", &[]),
    ("vhdx", "subformat=dynamic", &[]),
    ("vhdx", "subformat=fixed", &[]),
    ("vhdx", "subformat=dynamic,block_size=1M", &[]),
    ("vhdx", "subformat=dynamic,block_size=32M,block_state_zero=off", &[]),
    ("vdi", "static=off", &[]),
    ("vdi", "static=on", &[]),
];

#[test]
fn every_variant_that_qemu_writes_is_read_as_qemu_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw.img");
    std::fs::write(&raw, medium(1)).unwrap();
    for (number, (format, options, more)) in VARIANTS.iter().enumerate() {
        let (disk, back) = (folder.path().join(format!("{number}.{format}")), folder.path().join("back.img"));
        let [raw, disk_text, back_text] =
            [&raw, &disk, &back].map(|path: &PathBuf| path.to_string_lossy().into_owned());
        let mut arguments = vec!["convert", "-f", "raw", "-O", format, "-o", options];
        arguments.extend_from_slice(more);
        arguments.extend([raw.as_str(), &disk_text]);
        if !qemu("qemu-img", &arguments) {
            return;
        }
        assert!(qemu("qemu-img", &["convert", "-f", format, "-O", "raw", &disk_text, &back_text]));
        assert_eq!(our_sha256(&disk), sha256(&back), "{format} {options}");
    }
}

#[test]
fn an_extent_named_instead_of_its_descriptor_opens_the_whole_disk() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw.img");
    std::fs::write(&raw, medium(2)).unwrap();
    let disk = folder.path().join("disk.vmdk");
    let [raw_text, disk_text] = [&raw, &disk].map(|path| path.to_string_lossy().into_owned());
    let options = "subformat=twoGbMaxExtentSparse";
    if !qemu("qemu-img", &["convert", "-f", "raw", "-O", "vmdk", "-o", options, &raw_text, &disk_text]) {
        return;
    }
    assert_eq!(our_sha256(&folder.path().join("disk-s001.vmdk")), sha256(&raw));
    std::fs::remove_file(folder.path().join("disk-s001.vmdk")).unwrap();
    let opened = open(&disk).unwrap();
    assert_eq!(opened.findings.first().map(|finding| finding.code.as_str()), Some("vmdk-extent-missing"));
    assert_eq!(opened.value.size(), SIZE_BYTES as u64);
    assert!(opened.value.read_at(0, &mut [0; 512]).is_err(), "a missing extent is not zero");
}

/// Chains: the base in each format, and how `qemu-img` is told to make a child.
#[test]
fn children_are_read_over_their_parents_as_qemu_reads_them() {
    for (base_format, child_format) in
        [("raw", "qcow2"), ("qcow2", "qcow2"), ("vmdk", "qcow2"), ("vpc", "qcow2"), ("vdi", "qcow2"), ("vmdk", "vmdk")]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        std::fs::write(path("raw.img"), medium(3)).unwrap();
        if !qemu("qemu-img", &["convert", "-f", "raw", "-O", base_format, &path("raw.img"), &path("base")]) {
            return;
        }
        for (parent, parent_format, child) in [("base", base_format, "middle"), ("middle", child_format, "child")] {
            assert!(qemu(
                "qemu-img",
                &["create", "-q", "-f", child_format, "-b", &path(parent), "-F", parent_format, &path(child)]
            ));
            let writes = if child == "middle" {
                ["write -P 0xab 1M 200k", "write -z 3M 64k"]
            } else {
                ["write -P 0xcd 1100k 4k", "write -P 0xef 7M 1M"]
            };
            for write in writes {
                assert!(qemu("qemu-io", &["-f", child_format, "-c", write, &path(child)]));
            }
        }
        assert!(qemu("qemu-img", &["convert", "-f", child_format, "-O", "raw", &path("child"), &path("back.img")]));
        assert_eq!(
            our_sha256(Path::new(&path("child"))),
            sha256(Path::new(&path("back.img"))),
            "{base_format} under {child_format}"
        );
        std::fs::remove_file(path("base")).unwrap();
        let opened = open(Path::new(&path("child"))).unwrap();
        assert!(opened.findings.iter().any(|finding| finding.code == "parent-missing"), "{:?}", opened.findings);
        assert_eq!(opened.value.known(ByteRange::new(0, 4096)).1, Known::Unreadable, "{base_format}");
    }
}

#[test]
fn snapshots_inside_are_named_and_the_active_state_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("raw.img"), medium(4)).unwrap();
    if !qemu("qemu-img", &["convert", "-f", "raw", "-O", "qcow2", &path("raw.img"), &path("disk")]) {
        return;
    }
    assert!(qemu("qemu-img", &["snapshot", "-c", "before", &path("disk")]));
    assert!(qemu("qemu-io", &["-f", "qcow2", "-c", "write -P 0xab 1M 200k", &path("disk")]));
    assert!(qemu("qemu-img", &["convert", "-f", "qcow2", "-O", "raw", &path("disk"), &path("back.img")]));
    let opened = open(Path::new(&path("disk"))).unwrap();
    assert_eq!(opened.findings.first().map(|finding| finding.code.as_str()), Some("qcow2-snapshots"));
    assert_eq!(digests(&*opened.value).get("sha256").unwrap(), sha256(Path::new(&path("back.img"))));
}

/// A VHDX that was not closed: `qemu-img` repairs a copy by carrying out its log, we read it as it lies.
#[test]
fn a_disk_that_was_not_closed_is_read_as_qemu_repairs_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let text = |name: &str| file(name).to_string_lossy().into_owned();
    std::fs::write(file("raw.img"), medium(3)).unwrap();
    for options in ["subformat=dynamic", "subformat=dynamic,block_size=1M,log_size=2M", "subformat=fixed"] {
        if !qemu(
            "qemu-img",
            &["convert", "-f", "raw", "-O", "vhdx", "-o", options, &text("raw.img"), &text("closed.vhdx")],
        ) {
            return;
        }
        let left_open = exhibit_testkit::virtual_disks::vhdx_left_open(&std::fs::read(file("closed.vhdx")).unwrap());
        std::fs::write(file("open.vhdx"), &left_open).unwrap();
        std::fs::write(file("repaired.vhdx"), &left_open).unwrap();
        let ours = our_sha256(&file("open.vhdx"));
        assert!(std::fs::read(file("open.vhdx")).unwrap() == left_open, "{options}: reading changes nothing");
        assert!(qemu("qemu-img", &["check", "-q", "-r", "all", &text("repaired.vhdx")]));
        assert!(qemu("qemu-img", &["convert", "-f", "vhdx", "-O", "raw", &text("repaired.vhdx"), &text("back.img")]));
        assert_eq!(ours, sha256(&file("back.img")), "{options}");
        assert_eq!(ours, sha256(&file("raw.img")), "{options}");
    }
}
