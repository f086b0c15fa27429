//! What a drive itself answered when it was asked, and what that means for sectors an ordinary read does not reach.

use serde::{Deserialize, Serialize};

/// The answers of a drive to read-only questions (ATA IDENTIFY DEVICE and its relatives, NVMe Identify), or why it was not
/// asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drive {
    /// How it was asked: `ata`, `nvme`; `None` if it was not, and then every hidden area says why.
    pub interface: Option<String>,
    /// Model, as the drive answered.
    pub model: Option<String>,
    /// Serial number, as the drive answered; a USB bridge shows its own elsewhere.
    pub serial: Option<String>,
    /// Firmware revision.
    pub firmware: Option<String>,
    /// Sectors an ordinary read can reach, by the drive's own word.
    pub accessible_sectors: Option<u64>,
    /// Password and encryption features of the drive itself, in words; `None` if it was not asked.
    pub security: Option<String>,
    /// Each way of hiding sectors that could matter here; never empty for a device.
    pub hidden: Vec<HiddenArea>,
}

/// One way of hiding sectors from the operating system, and what is known of it on this drive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenArea {
    /// `hpa` (host protected area), `dco` (device configuration overlay), `ama` (accessible max address),
    /// `nvme-namespaces`, `nvme-unallocated`, `mmc-boot`, or `any` where no drive can be asked.
    pub kind: String,
    /// What is known.
    pub state: HiddenState,
    /// Hidden sectors, in logical sectors of the drive, where the state is [`HiddenState::Present`] and they were counted.
    pub sectors: Option<u64>,
    /// Why this is the state: which answer says so, or what was in the way.
    pub detail: String,
}

/// Whether sectors are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HiddenState {
    /// The drive's answers say that there are none.
    Absent,
    /// There are some; an image of the device does not contain them.
    Present,
    /// It could not be found out. Not the same as none.
    NotDeterminable,
    /// The thing is no drive (a file, a loop device), or its kind has no such feature.
    NotApplicable,
}

impl HiddenState {
    /// Words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Absent => "none",
            Self::Present => "PRESENT",
            Self::NotDeterminable => "not determinable",
            Self::NotApplicable => "not applicable",
        }
    }
}

impl Drive {
    /// A drive that was not asked: one entry that says why.
    #[must_use]
    pub fn unasked(state: HiddenState, why: impl Into<String>) -> Self {
        let hidden = vec![HiddenArea { kind: "any".to_owned(), state, sectors: None, detail: why.into() }];
        Self {
            interface: None,
            model: None,
            serial: None,
            firmware: None,
            accessible_sectors: None,
            security: None,
            hidden,
        }
    }

    /// The number of hidden sectors if every way of hiding some was looked at; `None` as soon as one could not be.
    #[must_use]
    pub fn hidden_sectors(&self) -> Option<u64> {
        let counted = |area: &HiddenArea| match area.state {
            HiddenState::Absent | HiddenState::NotApplicable => Some(0),
            HiddenState::Present => area.sectors,
            HiddenState::NotDeterminable => None,
        };
        // A thing that is no drive was not asked: nothing was determined.
        self.interface.as_ref()?;
        self.hidden.iter().try_fold(0_u64, |sum, area| sum.checked_add(counted(area)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(state: HiddenState, sectors: Option<u64>) -> HiddenArea {
        HiddenArea { kind: "hpa".to_owned(), state, sectors, detail: String::new() }
    }

    #[test]
    fn one_unanswered_question_makes_the_number_unknown() {
        let mut drive = Drive::unasked(HiddenState::NotDeterminable, "no permission");
        assert_eq!(drive.hidden_sectors(), None);
        drive.interface = Some("ata".to_owned());
        drive.hidden = vec![area(HiddenState::Absent, None), area(HiddenState::Present, Some(7))];
        assert_eq!(drive.hidden_sectors(), Some(7));
        drive.hidden.push(area(HiddenState::NotDeterminable, None));
        assert_eq!(drive.hidden_sectors(), None, "not determined is not zero");
    }
}
