//! The pages of IDENTIFY DEVICE and DEVICE CONFIGURATION IDENTIFY (ACS-3; HPA and DCO last in ACS-2).

use super::field;

/// What matters of IDENTIFY DEVICE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identify {
    pub(super) serial: Option<String>,
    pub(super) firmware: Option<String>,
    pub(super) model: Option<String>,
    /// Sectors that ordinary commands reach.
    pub(super) sectors: u64,
    /// 48-bit addresses.
    pub(super) wide_addresses: bool,
    /// Host protected area feature set.
    pub(super) hpa: bool,
    /// Device configuration overlay feature set.
    pub(super) dco: bool,
    /// Accessible max address configuration feature set.
    pub(super) ama: bool,
    /// Password and encryption features, in words.
    pub(super) security: String,
}

impl Identify {
    /// Parses the page.
    ///
    /// # Errors
    /// If it is not of a hard disk, or its checksum, where it has one, is wrong.
    pub(super) fn parse(page: &[u8; 512]) -> Result<Self, String> {
        let word = |number: usize| {
            let bytes = page.chunks_exact(2).nth(number).and_then(|bytes| bytes.first_chunk());
            bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
        };
        let bit = |number: usize, bit: u32| (word(number) >> bit) & 1 == 1;
        if page.iter().all(|byte| *byte == 0) || bit(0, 15) {
            return Err("the answer to IDENTIFY DEVICE is not that of a disk".to_owned());
        }
        // Word 255: the signature A5 says that the bytes of the page add up to zero.
        let sum = page.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        if word(255) & 0xff == 0xa5 && sum != 0 {
            return Err("the answer to IDENTIFY DEVICE does not match its checksum".to_owned());
        }
        // Words 82 to 84 and 119 are valid if their companions begin with the bits 01.
        let valid = |number: usize| word(number) >> 14 == 1;
        let wide_addresses = valid(83) && bit(83, 10);
        let number = |first: usize, words: usize| {
            (0..words).fold(0_u64, |sum, index| sum | (u64::from(word(first.saturating_add(index))) << (16 * index)))
        };
        let sectors = match (wide_addresses, wide_addresses && bit(69, 3)) {
            (_, true) => number(230, 4),
            (true, _) => number(100, 4),
            _ => number(60, 2),
        };
        Ok(Self {
            serial: swapped(page, 10, 20),
            firmware: swapped(page, 23, 27),
            model: swapped(page, 27, 47),
            sectors,
            wide_addresses,
            hpa: valid(83) && bit(82, 10),
            dco: valid(83) && bit(83, 11),
            ama: valid(119) && bit(119, 8),
            security: security(word(128), bit(69, 4), word(48) >> 14 == 1 && bit(48, 0)),
        })
    }
}

/// Words `from..to` as text: ATA stores the two characters of a word the wrong way round.
fn swapped(page: &[u8; 512], from: usize, to: usize) -> Option<String> {
    let words = page.chunks_exact(2).skip(from).take(to.saturating_sub(from));
    let bytes: Vec<u8> = words.flat_map(|word| word.iter().rev().copied()).collect();
    field(&bytes)
}

/// Word 128 and its neighbours in matter.
fn security(word: u16, encrypts_all: bool, trusted: bool) -> String {
    let bit = |bit: u32| (word >> bit) & 1 == 1;
    let password = match (bit(0), bit(1), bit(2)) {
        (false, ..) => "no ATA password feature",
        (_, false, _) => "no ATA password set",
        (_, true, true) => "ATA password set and LOCKED: nothing can be read without it",
        (_, true, false) => "ATA password set, unlocked at the moment: it locks when power is lost",
    };
    let mut words = vec![password];
    let more = [
        (bit(0) && bit(4), "password attempts used up"),
        (encrypts_all, "the drive encrypts all user data by itself"),
        (trusted, "has trusted computing commands (perhaps a self-encrypting drive, TCG Opal)"),
    ];
    words.extend(more.iter().filter(|(is, _)| *is).map(|(_, text)| *text));
    words.join("; ")
}

/// Sectors of the drive without its configuration overlay: one more than words 3 to 6 of DEVICE CONFIGURATION IDENTIFY.
///
/// # Errors
/// If the page is not one, or its checksum is wrong.
pub(super) fn configuration_sectors(page: &[u8; 512]) -> Result<u64, String> {
    let sum = page.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let signature = page.get(510) == Some(&0xa5);
    let last = page.get(6..14).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes));
    if last == 0 || (signature && sum != 0) {
        return Err("the answer to DEVICE CONFIGURATION IDENTIFY does not match its checksum or is empty".to_owned());
    }
    last.checked_add(1).ok_or_else(|| "the answer to DEVICE CONFIGURATION IDENTIFY is nonsense".to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The page of a 500 GB drive with HPA and DCO, as drives of 2008 give it, its checksum in place.
    pub(in crate::drive) fn page(change: impl FnOnce(&mut [u16; 256])) -> [u8; 512] {
        let mut words = [0_u16; 256];
        let mut put = |from: usize, text: &str| {
            for (index, pair) in text.as_bytes().chunks(2).enumerate() {
                words[from + index] = u16::from_be_bytes([pair[0], pair[1]]);
            }
        };
        put(10, "      WD-WCASY123456");
        put(23, "01.03B01");
        put(27, "WDC WD5000AAKS-00V1A0                   ");
        words[60] = 0xffff;
        words[61] = 0x0fff;
        words[82] = 1 << 10;
        words[83] = (1 << 14) | (1 << 10) | (1 << 11);
        words[100] = 0x6030;
        words[101] = 0x3a38;
        words[128] = 1;
        change(&mut words);
        let mut page = [0_u8; 512];
        for (bytes, word) in page.chunks_exact_mut(2).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        page[510] = 0xa5;
        let sum = page.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        page[511] = 0_u8.wrapping_sub(sum);
        page
    }

    #[test]
    fn a_drive_tells_who_it_is_and_what_it_can_hide() {
        let identify = Identify::parse(&page(|_| ())).unwrap();
        assert_eq!(identify.model.as_deref(), Some("WDC WD5000AAKS-00V1A0"));
        assert_eq!(identify.serial.as_deref(), Some("WD-WCASY123456"));
        assert_eq!(identify.firmware.as_deref(), Some("01.03B01"));
        assert_eq!((identify.sectors, identify.wide_addresses), (0x3a38_6030, true));
        assert_eq!((identify.hpa, identify.dco, identify.ama), (true, true, false));
        assert_eq!(identify.security, "no ATA password set");
        let small = Identify::parse(&page(|words| words[83] = 1 << 14)).unwrap();
        assert_eq!((small.sectors, small.dco), (0x0fff_ffff, false));
    }

    #[test]
    fn passwords_are_told() {
        let locked = Identify::parse(&page(|words| words[128] = 0b111)).unwrap();
        assert!(locked.security.contains("LOCKED"), "{}", locked.security);
        let own = Identify::parse(&page(|words| words[69] = 1 << 4)).unwrap();
        assert!(own.security.contains("encrypts all"), "{}", own.security);
    }

    #[test]
    fn every_flipped_bit_is_noticed_by_the_checksum() {
        let good = page(|_| ());
        for at in 0..510 {
            let mut bad = good;
            bad[at] ^= 0x10;
            assert!(Identify::parse(&bad).is_err(), "byte {at}");
        }
        assert!(Identify::parse(&[0; 512]).is_err());
        let _ = Identify::parse(&[0xff; 512]);
    }

    #[test]
    fn the_overlay_page_gives_its_last_address() {
        let mut page = [0_u8; 512];
        page[6..10].copy_from_slice(&0x3a38_602f_u32.to_le_bytes());
        assert_eq!(configuration_sectors(&page), Ok(0x3a38_6030));
        assert!(configuration_sectors(&[0; 512]).is_err());
        page[510] = 0xa5;
        assert!(configuration_sectors(&page).is_err(), "a checksum that does not match");
        assert!(configuration_sectors(&[0xff; 512]).is_err());
    }
}
