//! A Java class: constants, and methods with code.

use super::{Grown, Plant};
use crate::{Random, prose};

/// Constants before those that are only text: two classes with their names, a method's name, its type, `Code`.
const FIRST: &[&[u8]] = &[
    b"\x07\0\x02",
    b"\x01\0\x07Planted",
    b"\x07\0\x04",
    b"\x01\0\x10java/lang/Object",
    b"\x01\0\x04work",
    b"\x01\0\x03()V",
    b"\x01\0\x04Code",
];

pub(super) struct Class;

impl Plant for Class {
    fn id(&self) -> &'static str {
        "class"
    }

    fn extension(&self) -> &'static str {
        "class"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut constants: Vec<Vec<u8>> = FIRST.iter().map(|constant| constant.to_vec()).collect();
        let mut total = 0;
        while total < size_bytes / 2 {
            let length = random.between(40, 400) as usize;
            let text = prose::english(random, length);
            constants.push([&[1][..], &(length as u16).to_be_bytes(), &text].concat());
            total += length + 3;
        }
        let mut methods: Vec<Vec<u8>> = Vec::new();
        while total < size_bytes || methods.is_empty() {
            let length = random.between(20, 3000) as usize;
            methods.push(method(random, length));
            total += length + 28;
        }
        let mut out = b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec();
        out.extend((constants.len() as u16 + 1).to_be_bytes());
        out.extend(constants.concat());
        // Public, this, its parent, no interfaces, no fields.
        out.extend([0, 0x21, 0, 1, 0, 3, 0, 0, 0, 0]);
        out.extend((methods.len() as u16).to_be_bytes());
        out.extend(methods.concat());
        out.extend([0, 0]);
        Grown::plain(out)
    }
}

/// A method whose code is `length` instructions of one byte that leave the stack as it was, and a return.
fn method(random: &mut Random, length: usize) -> Vec<u8> {
    let mut code: Vec<u8> =
        (0..length).map(|_| random.pick(&[0x00, 0x03, 0x57, 0x1a, 0x3b]).copied().unwrap_or(0)).collect();
    code.push(0xb1);
    let size = code.len() as u32;
    let mut out = vec![0, 1, 0, 5, 0, 6, 0, 1, 0, 7];
    out.extend((size + 12).to_be_bytes());
    out.extend([0, 4, 0, 1]);
    out.extend(size.to_be_bytes());
    out.extend(code);
    out.extend([0, 0, 0, 0]);
    out
}
