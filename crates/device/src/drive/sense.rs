//! Registers of an ATA drive, as SCSI sense data carries them back (SAT, "ATA Status Return sense data descriptor").

/// Registers after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Registers {
    pub(super) status: u8,
    pub(super) error: u8,
    pub(super) device: u8,
    /// The 48 bits of the address registers.
    pub(super) address: u64,
}

/// The registers in descriptor-format sense data; `None` if there are none. The fixed format has only half of the address
/// and is not taken.
pub(super) fn registers(sense: &[u8]) -> Option<Registers> {
    if sense.first()? & 0x7f != 0x72 {
        return None;
    }
    let additional = usize::from(*sense.get(7)?);
    let mut rest = sense.get(8..)?;
    rest = rest.get(..additional.min(rest.len()))?;
    // Each descriptor: type, length of what follows, contents. At most 30 fit into the 64 bytes we ask for.
    while let [kind, length, tail @ ..] = rest {
        let content = tail.get(..usize::from(*length))?;
        if *kind == 0x09 {
            let [_, error, _, _, at24, at0, at32, at8, at40, at16, device, status] = *content.first_chunk()?;
            let address = u64::from_le_bytes([at0, at8, at16, at24, at32, at40, 0, 0]);
            return Some(Registers { status, error, device, address });
        }
        rest = tail.get(usize::from(*length)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What libata gives after READ NATIVE MAX ADDRESS EXT of a drive with 0x3a38_6030 sectors (500 GB).
    const SENSE: [u8; 22] =
        [0x72, 0x01, 0x00, 0x1d, 0, 0, 0, 14, 0x09, 0x0c, 0x01, 0, 0, 0, 0x3a, 0x2f, 0, 0x60, 0, 0x38, 0x40, 0x50];

    #[test]
    fn the_address_is_put_together_from_its_scattered_bytes() {
        let found = registers(&SENSE).unwrap();
        assert_eq!(found, Registers { status: 0x50, error: 0, device: 0x40, address: 0x3a38_602f });
    }

    #[test]
    fn every_truncation_and_every_hostile_length_ends_without_registers() {
        for length in 0..SENSE.len() {
            assert_eq!(registers(&SENSE[..length]), None, "{length}");
        }
        for value in 0..=255 {
            let mut sense = SENSE;
            sense[9] = value;
            let _ = registers(&sense);
            let mut sense = SENSE;
            sense[8] = 0x01;
            sense[9] = value;
            assert_eq!(registers(&sense), None);
        }
        let mut fixed = SENSE;
        fixed[0] = 0x70;
        assert_eq!(registers(&fixed), None);
    }
}
