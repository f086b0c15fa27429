//! The pages of NVMe Identify (NVM Express base specification 2.0), and what they mean together.

use exhibit_evidence::{Drive, HiddenArea, HiddenState};

use super::field;

/// What a drive says by the pages of its controller, of the namespace that was opened, and of the list of its namespaces.
/// A page that was not to be had is the reason why.
pub(super) fn drive(
    controller: &[u8],
    own: Result<&[u8], &String>,
    active: Result<&[u8], &String>,
    namespace: u32,
) -> Drive {
    let text = |from: usize, to: usize| controller.get(from..to).and_then(field);
    // OACS: bit 0 security send and receive, bit 3 namespace management.
    let abilities = number::<2>(controller, 256).unwrap_or(0);
    let own_sectors = own.ok().and_then(|page| number::<8>(page, 0));
    let hidden = vec![other_namespaces(active, namespace), unallocated(controller, abilities, own)];
    let security = match abilities & 1 {
        1 => "has security commands (perhaps a self-encrypting drive, TCG Opal)",
        _ => "no security commands",
    };
    Drive {
        interface: Some("nvme".to_owned()),
        serial: text(4, 24),
        model: text(24, 64),
        firmware: text(64, 72),
        accessible_sectors: own_sectors,
        security: Some(security.to_owned()),
        hidden,
    }
}

/// Further namespaces are devices of their own.
fn other_namespaces(active: Result<&[u8], &String>, namespace: u32) -> HiddenArea {
    let (state, detail) = match active {
        Err(why) => (HiddenState::NotDeterminable, why.clone()),
        Ok(page) => {
            let all = page.chunks_exact(4).filter_map(|bytes| bytes.first_chunk().map(|b| u32::from_le_bytes(*b)));
            let others: Vec<String> =
                all.take_while(|id| *id != 0).filter(|id| *id != namespace).map(|id| id.to_string()).collect();
            match others.is_empty() {
                true => (HiddenState::Absent, format!("namespace {namespace} is the only active one")),
                false => (
                    HiddenState::Present,
                    format!("the drive has other active namespaces ({}): image each of them", others.join(", ")),
                ),
            }
        }
    };
    HiddenArea { kind: "nvme-namespaces".to_owned(), state, sectors: None, detail }
}

/// Capacity that belongs to no namespace: it may hold what a deleted namespace held, and no command reads it.
fn unallocated(controller: &[u8], abilities: u64, own: Result<&[u8], &String>) -> HiddenArea {
    let kind = "nvme-unallocated".to_owned();
    if abilities & 8 == 0 {
        let detail = "the drive has no namespace management: all capacity is in its namespaces".to_owned();
        return HiddenArea { kind, state: HiddenState::Absent, sectors: None, detail };
    }
    let Some(bytes) = number::<8>(controller, 296).filter(|_| number::<8>(controller, 304) == Some(0)) else {
        let detail = "the drive gives no sensible number for its unallocated capacity".to_owned();
        return HiddenArea { kind, state: HiddenState::NotDeterminable, sectors: None, detail };
    };
    let sectors = own.ok().and_then(sector_bytes).and_then(|sector| bytes.checked_div(sector)).filter(|_| bytes > 0);
    let state = if bytes == 0 { HiddenState::Absent } else { HiddenState::Present };
    HiddenArea { kind, state, sectors, detail: format!("{bytes} bytes of capacity are in no namespace") }
}

/// Size of a logical sector by the namespace's page: the format in use is a power of two.
fn sector_bytes(page: &[u8]) -> Option<u64> {
    let format = usize::from(*page.get(26)? & 0x0f);
    let shift = *page.get(128_usize.checked_add(format.checked_mul(4)?)?.checked_add(2)?)?;
    1_u64.checked_shl(u32::from(shift)).filter(|_| (9..=16).contains(&shift))
}

/// A little-endian number of `N` bytes (at most 8).
fn number<const N: usize>(page: &[u8], at: usize) -> Option<u64> {
    let bytes = page.get(at..)?.first_chunk::<N>()?;
    Some(bytes.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn controller(abilities: u8, unallocated: u64) -> Vec<u8> {
        let mut page = vec![0; 4096];
        page[4..24].copy_from_slice(b"S4EWNX0R123456      ");
        page[24..64].copy_from_slice(b"Samsung SSD 970 EVO Plus 1TB            ");
        page[64..72].copy_from_slice(b"2B2QEXM7");
        page[256] = abilities;
        page[296..304].copy_from_slice(&unallocated.to_le_bytes());
        page
    }

    fn namespace(sectors: u64, shift: u8) -> Vec<u8> {
        let mut page = vec![0; 4096];
        page[..8].copy_from_slice(&sectors.to_le_bytes());
        page[130] = shift;
        page
    }

    fn active(ids: &[u32]) -> Vec<u8> {
        let mut page: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        page.resize(4096, 0);
        page
    }

    #[test]
    fn an_ordinary_drive_hides_nothing_and_tells_who_it_is() {
        let drive = drive(&controller(0x17, 0), Ok(&namespace(1_953_525_168, 9)), Ok(&active(&[1])), 1);
        assert_eq!(drive.model.as_deref(), Some("Samsung SSD 970 EVO Plus 1TB"));
        assert_eq!((drive.serial.as_deref(), drive.firmware.as_deref()), (Some("S4EWNX0R123456"), Some("2B2QEXM7")));
        assert_eq!((drive.accessible_sectors, drive.hidden_sectors()), (Some(1_953_525_168), Some(0)));
    }

    #[test]
    fn other_namespaces_and_unallocated_capacity_are_present() {
        let found = drive(&controller(8, 4096 * 10), Ok(&namespace(100, 12)), Ok(&active(&[1, 2, 7])), 2);
        let states: Vec<_> = found.hidden.iter().map(|area| (area.state, area.sectors)).collect();
        assert_eq!(states, [(HiddenState::Present, None), (HiddenState::Present, Some(10))]);
        assert!(found.hidden[0].detail.contains("(1, 7)"), "{:?}", found.hidden[0]);
        assert_eq!(found.hidden_sectors(), None, "what other namespaces hold was not counted");
    }

    #[test]
    fn what_was_not_answered_is_not_none_and_short_pages_end() {
        let why = "not permitted".to_owned();
        let found = drive(&controller(8, 5), Err(&why), Err(&why), 1);
        assert_eq!(found.hidden[0].state, HiddenState::NotDeterminable);
        assert_eq!((found.hidden[1].state, found.hidden[1].sectors), (HiddenState::Present, None));
        for length in [0, 1, 255, 257, 300, 310] {
            let page = vec![0xff; length];
            let _ = drive(&page, Ok(&page), Ok(&page), 1);
        }
        let _ = drive(&[0xff; 4096], Ok(&[0xff; 4096]), Ok(&[0xff; 4096]), 1);
    }
}
