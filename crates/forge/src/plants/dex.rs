//! A program of Android: header with its checksums, then data.

use sha1::{Digest, Sha1};

use super::{Grown, Plant};
use crate::Random;
use crate::encode::deflate::adler32;
use crate::machine_code::machine_code;

pub(super) struct Dex;

impl Plant for Dex {
    fn id(&self) -> &'static str {
        "dex"
    }

    fn extension(&self) -> &'static str {
        "dex"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        // Size, size of the header, byte order; the tables of an empty program.
        let size = size_bytes.max(112).next_multiple_of(4);
        let mut rest: Vec<u8> = [size as u32, 112, 0x1234_5678].iter().flat_map(|field| field.to_le_bytes()).collect();
        rest.resize(112 - 32, 0);
        rest.extend(machine_code(random, size - 112));
        let signed = [&Sha1::digest(&rest)[..], &rest].concat();
        Grown::plain([&b"dex\n035\0"[..], &adler32(&signed).to_le_bytes(), &signed].concat())
    }
}
