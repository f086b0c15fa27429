//! Every digest algorithm against the vectors of NIST and of its RFC.

use exhibit_hash::{ALGORITHMS, algorithm};
use exhibit_tests::foreign::unpack;
use exhibit_tests::places::data_file;

/// Digest of `message`, handed over in pieces of `piece` bytes.
fn digest(id: &str, message: &[u8], piece: usize) -> String {
    let mut digester = algorithm(id).unwrap().start();
    message.chunks(piece.max(1)).for_each(|piece| digester.update(piece));
    digester.digest().hex()
}

/// Length in bits, message and digest of each vector in a `.rsp` file of NIST's CAVP.
fn vectors(text: &str) -> Vec<(usize, Vec<u8>, String)> {
    let value = |line: &str, key: &str| {
        line.strip_prefix(key).map(|rest| rest.trim_start_matches([' ', '=']).trim().to_owned())
    };
    let (mut found, mut length, mut message) = (Vec::new(), 0, Vec::new());
    for line in text.lines() {
        if let Some(bits) = value(line, "Len") {
            length = bits.parse().unwrap();
        } else if let Some(hex) = value(line, "Msg") {
            message = exhibit_evidence::from_hex(&hex).unwrap();
        } else if let Some(hex) = value(line, "MD ") {
            // An empty message is written as one zero byte.
            let bytes = message[..length / 8].to_vec();
            found.push((length, bytes, hex));
        }
    }
    found
}

#[test]
fn every_algorithm_gives_the_published_digests_however_the_message_is_cut() {
    let Some(packed) = data_file("hash/nist-cavp-and-rfc.tar.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    if unpack(&packed, folder.path()).is_none() {
        return;
    }
    let files = [
        ("md5", "MD5/rfc-1321.txt"),
        ("sha1", "SHA1/SHA1ShortMsg.rsp"),
        ("sha256", "SHA2/SHA256ShortMsg.rsp"),
        ("sha256", "SHA2/SHA256LongMsg.rsp"),
        ("sha512", "SHA2/SHA512ShortMsg.rsp"),
    ];
    for algorithm in ALGORITHMS {
        assert!(files.iter().any(|(id, _)| *id == algorithm.id()), "no vectors for {}", algorithm.id());
    }
    for (id, name) in files {
        let vectors = vectors(&std::fs::read_to_string(folder.path().join(name)).unwrap());
        assert!(vectors.len() >= 7, "{name}: {} vectors", vectors.len());
        for (bits, message, published) in vectors {
            for piece in [message.len(), 1, 63, 64, 65] {
                assert_eq!(digest(id, &message, piece), published, "{id}, {bits} bits in pieces of {piece}");
            }
        }
    }
}

/// A digest may be looked at in the middle and goes on undisturbed.
#[test]
fn looking_at_a_digest_does_not_end_it() {
    for algorithm in ALGORITHMS {
        let mut digester = algorithm.start();
        assert_eq!(digester.digest(), algorithm.start().digest());
        digester.update(b"ab");
        let _ = digester.digest();
        digester.update(b"c");
        assert_eq!(digester.digest().hex(), digest(algorithm.id(), b"abc", 3));
        assert_eq!(digester.digest().algorithm(), algorithm.id());
    }
}
