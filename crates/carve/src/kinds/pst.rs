//! Mailboxes of Outlook (MS-PST): PST and OST, of 32 and of 64 bits.
//!
//! ```text
//! 0    '!BDN', CRC of 471 bytes from 8 @4, 'SM' or 'SO' @8, version @10 (14, 15: 32 bits; 23: 64 bits; 36: pages of 4 KiB)
//! 168  u32LE size of the file (32 bits), or u64LE @184; roots of the trees of nodes and of blocks behind it
//! trees   pages of 512 bytes with a CRC each; the tree of blocks names every block, each with a CRC behind it
//! ```
//!
//! The header states the length; header, pages of both trees and all blocks are under CRC-32. Room that is not in use is
//! under nothing: *consistent*. Files with pages of 4 KiB are not followed.

mod trees;

use exhibit_evidence::{ByteRange, ReadFault, Source};
use trees::{Layout, Trees};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};

const PST: FileType = FileType { id: "pst", extension: "pst" };
const OST: FileType = FileType { id: "ost", extension: "ost" };

/// Mailboxes.
pub(crate) struct Pst;

impl Kind for Pst {
    fn id(&self) -> &'static str {
        "pst"
    }

    fn types(&self) -> &'static [FileType] {
        &[PST, OST]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"!BDN"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(8..12).is_none_or(|kind| matches!(kind, [b'S', b'M' | b'O', 14 | 15 | 23 | 36, 0]))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(PST, candidate, budget, |window, progress| {
            let head = window.array::<512>(0)?;
            let checked = head.get(8..479).unwrap_or_default();
            if !head.starts_with(b"!BDN") || !self.plausible(&head) || window.u32_le(4)? != trees::crc(checked) {
                return Err(Stop::bad(4, "CRC-32 of the header does not match"));
            }
            progress.file_type = if head.get(9) == Some(&b'O') { OST } else { PST };
            progress.level = Level::Header;
            progress.sure(479);
            let layout = match head.get(10) {
                Some(14 | 15) => Layout { wide: false },
                Some(23) => Layout { wide: true },
                _ => return Err(Stop::bad(10, "pages of 4 KiB, which are not followed")),
            };
            let (size, nodes, blocks) = if layout.wide {
                (window.u64_le(184)?, window.u64_le(224)?, window.u64_le(240)?)
            } else {
                let at = |window: &mut crate::window::Window<'_>, at: u64| window.u32_le(at).map(u64::from);
                (at(window, 168)?, at(window, 188)?, at(window, 196)?)
            };
            if size > window.size() {
                return Err(Stop::End(window.size()));
            }
            let mut trees = Trees { window, layout, size, pages: 0, memory: None };
            trees.nodes(nodes)?;
            progress.level = Level::Body;
            let found = trees.blocks(blocks)?;
            let pages = trees.pages;
            window.readable(ByteRange::new(0, size))?;
            let reasons = [
                format!("CRC-32 of the header, of {pages} pages of its trees and of all {found} blocks match"),
                "the header states the length; room that is not in use is under no checksum".to_owned(),
            ];
            Ok(consistent(progress.file_type, size, reasons))
        })
    }
}
