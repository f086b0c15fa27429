//! Linux swap, and what hibernation leaves in it.

use exhibit_evidence::layout::Contents;

use super::{plain, uuid};
use crate::Window;

/// The signature ends the first page; pages of all architectures.
const PAGES: [u64; 5] = [4096, 8192, 16_384, 32_768, 65_536];

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let (page, signature) = PAGES
        .iter()
        .find_map(|page| Some((*page, window.array::<10>(page - 10)?)).filter(|(_, s)| known(s).is_some()))?;
    let (kind, title) = known(&signature)?;
    let mut contents = plain(kind, title);
    if page >= 4096 && &signature != b"SWAP-SPACE" {
        contents.uuid = window.array(1024 + 12).and_then(uuid);
        contents.label = window.text(1024 + 28, 16);
    }
    Some(contents)
}

fn known(signature: &[u8; 10]) -> Option<(&'static str, &'static str)> {
    match signature {
        b"SWAPSPACE2" => Some(("swap", "Linux swap")),
        b"SWAP-SPACE" => Some(("swap", "Linux swap, version 0")),
        b"S1SUSPEND\0" | b"S2SUSPEND\0" | b"ULSUSPEND\0" | b"LINHIB0001" => {
            Some(("hibernation", "Linux swap with a hibernated system (memory contents)"))
        }
        _ => None,
    }
}
