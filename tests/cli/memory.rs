//! Memory does not grow with the medium.

use crate::harness::Desk;
use crate::machine::memory_of;
use crate::medium::noise;

/// What the product promises, whatever the size of the medium.
const CEILING_BYTES: u64 = 256 << 20;

#[test]
fn every_verb_stays_below_256_mib_on_a_medium_that_is_larger() {
    let desk = Desk::new();
    let source = desk.write("source", &noise(48 << 20, 1));
    std::fs::OpenOptions::new().write(true).open(source).unwrap().set_len(384 << 20).unwrap();
    for words in [
        "acquire source --to x --hash md5,sha256",
        "acquire source --to y --format raw --no-read-back",
        "verify x.E01",
        "hash source",
        "hash x.E01",
        "export x.E01 --to z",
        "carve x.E01 --to c",
    ] {
        let Some(bytes) = memory_of(&desk, words) else { return };
        println!("{words}: {} MiB", bytes >> 20);
        assert!(bytes < CEILING_BYTES, "{words}: {} MiB", bytes >> 20);
    }
}
