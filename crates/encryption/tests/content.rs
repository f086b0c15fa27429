//! Contents of every length around the borders of pieces, and everything that can be done to an encrypted file.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::io::Write as _;
use std::sync::Arc;

use exhibit_encryption::{Identity, OpenFault, PIECE_BYTES, Recipient, encrypt, is_encrypted, open};
use exhibit_evidence::{MemorySource, Source as _};

const SSH_SEED: [u8; 32] = [7; 32];
/// Its public half (docs/spec/custody-log.md).
const SSH_LINE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs practice key";

/// Bytes that only look random: enough for a test, in which they must be the same each time.
fn random() -> impl FnMut(&mut [u8]) -> std::io::Result<()> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |bytes: &mut [u8]| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        Ok(())
    }
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn sealed(plain: &[u8], recipients: &[Recipient]) -> Vec<u8> {
    let mut writer = encrypt(Vec::new(), recipients, &mut random()).unwrap();
    // In uneven portions: how it is written must not matter.
    for portion in plain.chunks(40_001) {
        writer.write_all(portion).unwrap();
    }
    writer.finish().unwrap()
}

fn opened(bytes: &[u8], identity: Identity) -> Result<Vec<u8>, OpenFault> {
    let opened = open(Arc::new(MemorySource::new(bytes)), &[identity])?;
    let mut plain = vec![0; opened.plain.size() as usize];
    opened.plain.read_at(0, &mut plain).map_err(OpenFault::Read)?;
    Ok(plain)
}

fn ssh() -> (Recipient, Identity) {
    let recipient = Recipient::parse(SSH_LINE).unwrap();
    let bytes = SSH_LINE.split(' ').nth(1).unwrap();
    let blob = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, bytes).unwrap();
    (recipient, Identity::ssh_ed25519(&SSH_SEED, blob[19..].try_into().unwrap()).unwrap())
}

#[test]
fn contents_of_every_length_come_back_for_every_recipient_and_nobody_else() {
    let lengths = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 200_001];
    for length in lengths {
        let plain = content(length);
        let (recipient, identity) = ssh();
        let bytes = sealed(&plain, &[Identity::x25519([1; 32]).recipient(), recipient]);
        assert!(is_encrypted(&MemorySource::new(bytes.clone())));
        assert_eq!(opened(&bytes, Identity::x25519([1; 32])).unwrap(), plain, "{length}");
        assert_eq!(opened(&bytes, identity).unwrap(), plain, "{length}");
        let fault = opened(&bytes, Identity::x25519([2; 32])).unwrap_err();
        assert!(matches!(&fault, OpenFault::NotForThese(kinds) if kinds == "X25519, ssh-ed25519"), "{fault}");
        assert!(!fault.is_damage());
    }
}

#[test]
fn any_part_is_read_from_any_place() {
    let plain = content(200_001);
    let bytes = sealed(&plain, &[Identity::x25519([1; 32]).recipient()]);
    let opened =
        open(Arc::new(MemorySource::new(bytes)), &[Identity::x25519([3; 32]), Identity::x25519([1; 32])]).unwrap();
    assert_eq!(opened.identity, 1);
    for (at, length) in [(0, 1), (65_535, 2), (65_536, 65_536), (1, 200_000), (199_999, 2), (200_001, 0)] {
        let mut part = vec![0; length];
        opened.plain.read_at(at as u64, &mut part).unwrap();
        assert_eq!(part, plain[at..at + length], "{length} bytes at {at}");
    }
    assert!(opened.plain.read_at(200_000, &mut [0; 2]).is_err());
}

#[test]
fn no_cut_and_no_changed_byte_is_taken_for_the_content() {
    let plain = content(2 * PIECE_BYTES + 100);
    let bytes = sealed(&plain, &[Identity::x25519([1; 32]).recipient()]);
    let identity = || Identity::x25519([1; 32]);
    let places = (0..400).chain((400..bytes.len()).step_by(997)).chain([bytes.len() - 1]);
    for at in places {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(opened(&changed, identity()).is_err(), "byte {at}");
        assert!(opened(&bytes[..at], identity()).is_err(), "cut at {at}");
    }
    assert!(opened(&[&bytes[..], b"x"].concat(), identity()).is_err());
    // Without its last piece; with two pieces in each other's place.
    let start = bytes.len() - (2 * PIECE_BYTES + 100 + 3 * 16);
    let piece = PIECE_BYTES + 16;
    assert!(opened(&bytes[..start + 2 * piece], identity()).unwrap_err().is_damage());
    let swapped = [
        &bytes[..start],
        &bytes[start + piece..start + 2 * piece],
        &bytes[start..start + piece],
        &bytes[start + 2 * piece..],
    ]
    .concat();
    assert!(opened(&swapped, identity()).is_err());
}

#[test]
fn keys_are_refused_by_name_and_named_in_one_way() {
    let (recipient, _) = ssh();
    assert_eq!(recipient.text(), SSH_LINE.rsplitn(3, ' ').last().unwrap());
    let age = Identity::x25519([1; 32]).recipient();
    assert_eq!(Recipient::parse(&format!(" {} \n", age.text())).unwrap(), age);
    for (bad, words) in [
        ("", "not a public key"),
        ("age1xyz", "mistyped"),
        ("ssh-rsa AAAA", "an RSA key"),
        ("ssh-ed25519 AAAA", "not an OpenSSH public key"),
        ("ssh-ed25519 !", "base64"),
        ("ssh-dss AAAA", "not a public key"),
    ] {
        let fault = Recipient::parse(bad).unwrap_err().to_string();
        assert!(fault.contains(words), "{bad}: {fault}");
    }
    // Points of small order hide nothing: the neutral one of the Edwards form, and zero of the Montgomery form.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert!(Recipient::ssh_ed25519(neutral).is_err());
    assert!(Identity::ssh_ed25519(&[8; 32], [7; 32]).is_err());
    assert!(Identity::parse("AGE-SECRET-KEY-1X").is_err());
    assert!(encrypt(Vec::new(), &[], &mut random()).is_err());
}
