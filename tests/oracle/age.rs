//! The test kit of the age format (C2SP, CCTV): what must open, what must not, and why.

use std::io::Read as _;
use std::sync::Arc;

use exhibit_encryption::{Identity, OpenFault, open};
use exhibit_evidence::{MemorySource, Source as _, to_hex};
use exhibit_tests::places::data;

/// Name and content of every file of a tar archive.
fn unpacked(tar: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (mut files, mut at) = (Vec::new(), 0);
    while let Some(head) = tar.get(at..at + 512).filter(|head| head[0] != 0) {
        let text =
            |range: std::ops::Range<usize>| String::from_utf8_lossy(&head[range]).trim_matches(['\0', ' ']).to_owned();
        let size = usize::from_str_radix(&text(124..136), 8).unwrap();
        if matches!(head[156], 0 | b'0') {
            files.push((text(0..100), tar[at + 512..at + 512 + size].to_vec()));
        }
        at += 512 + size.next_multiple_of(512);
    }
    files
}

/// What comes out, in the words of the kit.
fn judged(bytes: Vec<u8>, identities: &[Identity]) -> (&'static str, Vec<u8>) {
    let opened = match open(Arc::new(MemorySource::new(bytes)), identities) {
        Ok(opened) => opened,
        Err(OpenFault::NotForThese(_)) => return ("no match", Vec::new()),
        Err(OpenFault::Header { .. }) => return ("header failure", Vec::new()),
        Err(OpenFault::Changed) => return ("HMAC failure", Vec::new()),
        Err(OpenFault::Payload(_)) => return ("payload failure", Vec::new()),
        Err(OpenFault::Read(fault)) => panic!("{fault}"),
    };
    let mut plain = vec![0; usize::try_from(opened.plain.size()).unwrap()];
    match opened.plain.read_at(0, &mut plain) {
        Ok(()) => ("success", plain),
        Err(_) => ("payload failure", Vec::new()),
    }
}

#[test]
fn the_public_test_kit_is_judged_as_its_authors_judge_it() {
    let Some(packed) = data("age/cctv-age-testkit.tar.gz") else { return };
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut tar).unwrap();
    let mut counted = 0;
    for (name, file) in unpacked(&tar) {
        let Some(end) = file.windows(2).position(|pair| pair == b"\n\n") else { continue };
        let head = String::from_utf8_lossy(&file[..end]).into_owned();
        let all =
            |field: &str| head.lines().filter_map(|line| line.strip_prefix(field).map(str::trim)).collect::<Vec<_>>();
        let expected = all("expect:");
        let name = name.rsplit('/').next().unwrap();
        // Passphrases, armour and post-quantum keys are not read here: such a file must not open, and is not called ours.
        let foreign = ["passphrase:", "armored:"].iter().any(|field| !all(field).is_empty()) || name.contains("hybrid");
        let mut body = file[end + 2..].to_vec();
        if all("compressed:") == ["zlib"] {
            body = Vec::new();
            flate2::read::ZlibDecoder::new(&file[end + 2..]).read_to_end(&mut body).unwrap();
        }
        let identities: Vec<Identity> = all("identity:").iter().filter_map(|text| Identity::parse(text).ok()).collect();
        let (outcome, plain) = judged(body, &identities);
        if foreign {
            assert_ne!(outcome, "success", "{name}");
            continue;
        }
        counted += 1;
        // A nonce that is cut belongs to the header for the kit, and to the content for us: both do not open.
        let same = outcome == expected[0] || name.ends_with("_nonce") && outcome == "payload failure";
        assert!(same, "{name}: {outcome}, not {}", expected[0]);
        if outcome == "success" {
            assert_eq!(all("payload:"), [to_hex(&sha256(&plain))], "{name}");
        }
    }
    assert!(counted >= 30, "{counted}");
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    let mut digester = exhibit_hash::algorithm("sha256").unwrap().start();
    digester.update(bytes);
    digester.digest().bytes().to_vec()
}
