//! A program of macOS: one segment of code, a table of symbols and their names.

use super::{Grown, Plant};
use crate::machine_code::machine_code;
use crate::{Random, prose};

pub(super) struct Macho;

impl Plant for Macho {
    fn id(&self) -> &'static str {
        "macho"
    }

    fn extension(&self) -> &'static str {
        "dylib"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let code = machine_code(random, size_bytes * 3 / 4);
        let symbols = (size_bytes / 100).max(1);
        let mut names = prose::source_code(random, (size_bytes / 8).max(16));
        names.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = 0);
        let code_end = (32 + 72 + 24 + code.len()).next_multiple_of(8);
        let names_at = code_end + symbols * 16;
        let words =
            |fields: &[usize]| -> Vec<u8> { fields.iter().flat_map(|field| (*field as u32).to_le_bytes()).collect() };
        let wide =
            |fields: &[usize]| -> Vec<u8> { fields.iter().flat_map(|field| (*field as u64).to_le_bytes()).collect() };
        // x86-64, a library, two commands.
        let mut out = words(&[0xfeed_facf, 0x0100_0007, 3, 6, 2, 72 + 24, 0, 0]);
        out.extend(words(&[0x19, 72]));
        out.extend(b"__TEXT\0\0\0\0\0\0\0\0\0\0");
        out.extend(wide(&[0, code_end.next_multiple_of(4096), 0, code_end]));
        out.extend(words(&[5, 5, 0, 0]));
        out.extend(words(&[2, 24, code_end, symbols, names_at, names.len()]));
        out.extend(code);
        out.resize(code_end, 0);
        for _ in 0..symbols {
            // Place of the name; a defined symbol of section 1; its address.
            out.extend((random.index(names.len()) as u32).to_le_bytes());
            out.extend([0x0f, 1, 0, 0]);
            out.extend(random.below(size_bytes as u64).to_le_bytes());
        }
        out.extend(names);
        Grown::plain(out)
    }
}
