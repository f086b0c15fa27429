//! Data in XML: many small records.

use super::{Grown, Plant};
use crate::{Random, prose};

pub(super) struct Xml;

impl Plant for Xml {
    fn id(&self) -> &'static str {
        "xml"
    }

    fn extension(&self) -> &'static str {
        "xml"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<messages>\n");
        while out.len() < size_bytes {
            let length = random.between(20, 200) as usize;
            let text = String::from_utf8_lossy(&prose::english(random, length)).trim().to_owned();
            let (id, sent) = (random.below(100_000), random.between(1_700_000_000, 1_760_000_000));
            out.push_str(&format!("  <message id=\"{id}\" sent=\"{sent}\">\n    <from>Анна &amp; Ben</from>\n"));
            out.push_str(&format!("    <body>{text}</body>\n  </message>\n"));
        }
        out.push_str("</messages>\n");
        Grown::plain(out.into_bytes())
    }
}
