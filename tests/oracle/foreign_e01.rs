//! E01 images by ewfacquire and FTK Imager: size, geometry, stored and computed digests as others found them.

use exhibit_tests::foreign::unpack;
use exhibit_tests::places::{data, data_file, skipped};

use crate::medium::{clean, digests, open};

/// What `expected/ewf.tsv` says about one image.
struct Expected {
    file: String,
    size_bytes: u64,
    sector_bytes: u32,
    stored: [Option<String>; 2],
    computed: [String; 3],
}

fn expected() -> Option<Vec<Expected>> {
    let table = String::from_utf8(data("expected/ewf.tsv")?).unwrap();
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let some = |n: usize| fields.get(n).filter(|text| !text.is_empty()).map(|text| (*text).to_owned());
        let own = |n: usize| fields[n].to_owned();
        Expected {
            file: own(0),
            size_bytes: fields[1].parse().unwrap(),
            sector_bytes: fields[3].parse().unwrap_or(0),
            stored: [some(8), some(9)],
            computed: [own(10), own(11), own(12)],
        }
    };
    Some(table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(row).collect())
}

#[test]
fn every_e01_opens_cleanly_and_its_medium_has_the_published_digests() {
    let Some(images) = expected() else { return };
    let mut judged = 0;
    for image in images.iter().filter(|image| !image.file.ends_with(".Ex01")) {
        let folder = tempfile::tempdir().unwrap();
        let Some(path) = data_file(&image.file) else { continue };
        let Some(files) = unpack(&path, folder.path()) else { continue };
        let first = files.iter().find(|file| file.to_string_lossy().ends_with("E01")).unwrap();
        let (opened, digests) = clean(first);
        let description = opened.description();
        assert_eq!(description.format, "e01", "{}", image.file);
        assert_eq!(opened.size(), image.size_bytes, "{}", image.file);
        assert_eq!(description.sector_bytes, image.sector_bytes, "{}", image.file);
        let stored = ["md5", "sha1"].map(|id| description.stored.get(id).map(str::to_owned));
        assert_eq!(stored, image.stored, "stored digests of {}", image.file);
        let computed = ["md5", "sha1", "sha256"].map(|id| digests.get(id).unwrap().to_owned());
        assert_eq!(computed, image.computed, "computed digests of {}", image.file);
        judged += 1;
    }
    assert!(judged == 6 || exhibit_tests::places::testdata().join("ewf").is_dir().eq(&false), "{judged} images judged");
}

/// Metadata as `ewfinfo` prints it, from the same table's last column.
#[test]
fn case_metadata_is_what_ewfinfo_reads() {
    let Some(path) = data_file("ewf/dfvfs-ext2.E01") else { return };
    let (image, _) = clean(&path);
    let metadata = &image.description().metadata;
    let get = |key: &str| metadata.iter().find(|(k, _)| *k == key).map(|(_, value)| value.as_str());
    assert_eq!(
        ["case_number", "description", "examiner", "evidence_number", "notes"].map(get),
        [Some("case"), Some("description"), Some("examiner"), Some("evidence"), Some("notes")]
    );
    // 2021-07-22 15:33:18 UTC, as ewfinfo prints the seconds in header2.
    assert_eq!((get("acquisition_date"), get("operating_system")), (Some("1626967998"), Some("Linux")));
}

#[test]
fn the_same_disk_in_one_file_and_in_two_segments_is_the_same_medium() {
    let folder = tempfile::tempdir().unwrap();
    let (Some(whole), Some(packed)) =
        (data_file("ewf/dfvfs-ext2.E01"), data_file("ewf/dfvfs-ext2.split.E01-E02.tar.gz"))
    else {
        return;
    };
    let Some(files) = unpack(&packed, folder.path()) else { return };
    let second = files.iter().find(|file| file.to_string_lossy().ends_with("E02")).unwrap();
    let first = files.iter().find(|file| file.to_string_lossy().ends_with("E01")).unwrap();
    // Whichever segment is named, all of the image is found.
    assert_eq!(clean(first).1, clean(&whole).1);
    assert_eq!(clean(second).1, clean(&whole).1);
    std::fs::remove_file(second).unwrap();
    let opened = open(first).unwrap();
    assert_eq!(opened.value.size(), 4_194_304, "a missing segment never shrinks the medium");
    assert!(opened.findings.iter().any(|finding| finding.code == "ewf-segment-missing"), "{:?}", opened.findings);
    let mut last = [0; 512];
    opened.value.read_at(4_194_304 - 512, &mut last).unwrap_err();
}

/// AD1 is not a medium image. This version does not know it; what matters is that nothing is invented.
#[test]
fn an_unknown_container_is_raw_bytes_and_nothing_else() {
    let Some(path) = data_file("ewf/ad1_test.ad1") else { return };
    let bytes = std::fs::read(&path).unwrap();
    let opened = open(&path).unwrap();
    assert_eq!((opened.value.description().format, opened.value.size()), ("raw", bytes.len() as u64));
    assert_eq!(digests(&*opened.value), digests(&exhibit_evidence::MemorySource::new(bytes)));
    skipped("AD1 (AccessData logical images): not read by this version; opened as raw bytes");
}
