//! A drawing in SVG.

use super::{Grown, Plant};
use crate::Random;

pub(super) struct Svg;

impl Plant for Svg {
    fn id(&self) -> &'static str {
        "svg"
    }

    fn extension(&self) -> &'static str {
        "svg"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut out = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 480\">\n");
        while out.len() < size_bytes {
            let mut at = |most: u64| random.below(most);
            let (x, y, color) = (at(640), at(480), at(0x0100_0000));
            out.push_str(&format!("<path fill=\"#{color:06x}\" d=\"M{x} {y}"));
            for _ in 0..at(20) {
                out.push_str(&format!(" L{} {}", at(640), at(480)));
            }
            out.push_str("Z\"/>\n");
        }
        out.push_str("</svg>\n");
        Grown::plain(out.into_bytes())
    }
}
