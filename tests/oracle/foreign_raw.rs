//! Raw images of the test data: size and digests as published, and as the programs of coreutils compute them.

use std::path::Path;

use exhibit_evidence::{DigestSet, Source as _};
use exhibit_tests::foreign;
use exhibit_tests::places::data;

use crate::medium::{clean, source, unpacked};

/// MD5 of the disks in the DFTT archives, as their authors publish it in the page inside each archive.
const PUBLISHED_BY_DFTT: [(&str, &str); 3] = [
    ("fs/ntfs/dftt-7-undel-ntfs.zip", "e7dbb96759d9cd62b729463ebfe61dab"),
    ("fs/fat/dftt-6-undel-fat.zip", "4aeb06ecd361777242ab78735d51ace6"),
    ("fs/fat/dftt-2-kwsrch-fat.zip", "bac12239bd466fa6c86ceb0b0426da0a"),
];

/// A packed raw image: name, and size, SHA-256 and MD5 of the unpacked bytes where they are published.
struct Packed {
    name: String,
    size_bytes: Option<u64>,
    sha256: Option<String>,
    md5: Option<String>,
}

/// Every raw image of the set, out of its manifest. The UDIF image and the corpus of many tiny images are not raw disks.
fn images() -> Option<Vec<Packed>> {
    let manifest = String::from_utf8(data("MANIFEST.tsv")?).unwrap();
    let kind = |name: &str| {
        let packed = [".gz", ".zst", ".xz", ".zip", ".tgz"].iter().any(|suffix| name.ends_with(suffix));
        let corpus = name.contains("blkid-corpus");
        packed && !corpus && ["fs/", "part/", "carve/dftt"].iter().any(|folder| name.starts_with(folder))
    };
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let some = |n: usize| fields.get(n).filter(|text| !text.is_empty()).map(|text| (*text).to_owned());
        // MD5 in the manifest is of the unpacked bytes only where the other unpacked columns are filled.
        let dftt = PUBLISHED_BY_DFTT.iter().find(|(name, _)| *name == fields[0]).map(|(_, md5)| (*md5).to_owned());
        Packed {
            name: fields[0].to_owned(),
            size_bytes: some(3).map(|size| size.parse().unwrap()),
            md5: some(3).and_then(|_| some(5)).or(dftt),
            sha256: some(4),
        }
    };
    Some(manifest.lines().filter(|line| !line.starts_with('#')).map(row).filter(|image| kind(&image.name)).collect())
}

/// Compares with `md5sum`, `sha1sum`, `sha256sum` and `sha512sum`.
fn agrees_with_coreutils(path: &Path, digests: &DigestSet) {
    for (algorithm, hex) in digests.iter() {
        let Some(said) = foreign::run(&format!("{algorithm}sum"), &[path]) else { continue };
        assert!(said.success && said.text.starts_with(hex), "{algorithm} of {}: {hex}, {said:?}", path.display());
    }
}

#[test]
fn every_raw_image_opens_and_its_medium_has_the_published_digests() {
    let Some(images) = images() else { return };
    assert!(images.len() >= 25, "{} raw images in the manifest", images.len());
    for image in images {
        let folder = tempfile::tempdir().unwrap();
        let Some(path) = unpacked(&image.name, folder.path()) else { continue };
        let (opened, digests) = clean(&path);
        assert_eq!(opened.description().format, "raw", "{}", image.name);
        assert_eq!(opened.size(), source(&path).size(), "{}", image.name);
        if let Some(size) = image.size_bytes {
            assert_eq!(opened.size(), size, "{}", image.name);
        }
        for (algorithm, published) in [("sha256", image.sha256), ("md5", image.md5)] {
            if let Some(published) = published {
                assert_eq!(digests.get(algorithm), Some(published.as_str()), "{algorithm} of {}", image.name);
            }
        }
        agrees_with_coreutils(&path, &digests);
    }
}
