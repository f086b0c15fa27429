//! Files that are not what their name says: no panic, nothing invented.

use exhibit_device::{FileSource, Mapping};
use exhibit_evidence::{Severity, Source as _};
use exhibit_image::{Part, format};
use exhibit_tests::places::{data_file, testdata};

use crate::medium::{digests, open};

/// Every file of the test data, whatever it is, is opened by every format. An error or a finding, or bytes as they are:
/// but always an answer.
#[test]
fn every_file_of_the_test_data_gets_an_answer_from_every_format() {
    let root = testdata();
    for name in exhibit_tests::places::files_below(&root, "") {
        let path = root.join(&name);
        let opened = FileSource::open(&path, Mapping::Never).unwrap();
        if opened.size() > 8 << 20 {
            continue; // the small ones are odd enough
        }
        let source: std::sync::Arc<dyn exhibit_evidence::Source> = std::sync::Arc::new(opened);
        for id in ["e01", "raw"] {
            let part = Part { name: name.display().to_string(), source: source.clone() };
            match format(id).unwrap().open(vec![part]) {
                Ok(opened) => {
                    let is_e01 = name.extension().is_some_and(|extension| extension == "E01");
                    let worst = opened.findings.iter().map(|finding| finding.severity).max();
                    assert!(id == "raw" || is_e01 || worst >= Some(Severity::Incomplete), "{}", name.display());
                    opened.value.check_structure(&mut |_| ());
                }
                Err(error) => assert!(id == "e01" && error.to_string().len() > 20, "{}: {error}", name.display()),
            }
        }
    }
}

/// A truncated gzip file and random bytes called `.001`: neither is an image of a kind that we know, so they are raw.
#[test]
fn broken_gzip_and_a_bogus_split_image_are_bytes_and_nothing_more() {
    for name in ["odd/dfvfs-bogus.001.gz", "odd/dfvfs-corrupt1.gz.zst"] {
        let Some(path) = data_file(name) else { continue };
        let opened = open(&path).unwrap();
        assert_eq!(opened.value.description().format, "raw");
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(opened.value.size(), bytes.len() as u64);
        assert_eq!(digests(&*opened.value), digests(&exhibit_evidence::MemorySource::new(bytes)));
        assert!(opened.value.description().stored.is_empty(), "no digest is claimed");
    }
}
