//! The metadata region: block size, disk size, sector sizes, and the names of the parent.

use exhibit_evidence::ReadFault;

use super::layout::{
    ITEM_DISK_ID, ITEM_DISK_SIZE, ITEM_FILE_PARAMETERS, ITEM_LOGICAL_SECTOR, ITEM_PARENT_LOCATOR, ITEM_PHYSICAL_SECTOR,
    LOCATOR_VHDX, METADATA_BYTES, METADATA_MAX, Region,
};
use crate::Part;
use crate::fields::{array, guid, le16, le32, le64, utf16};

/// Longest parent locator that is read, in bytes: the items of a region of 1 MiB have no more.
const LOCATOR_BYTES_MAX: u32 = 1 << 20;
/// Most names in a parent locator; the document knows six.
const LOCATOR_ENTRIES_MAX: u16 = 64;

/// What the items say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) block_bytes: Option<u32>,
    pub(super) leave_allocated: bool,
    pub(super) has_parent: bool,
    pub(super) disk_bytes: Option<u64>,
    pub(super) disk_id: Option<[u8; 16]>,
    pub(super) logical_sector: Option<u32>,
    pub(super) physical_sector: Option<u32>,
    /// Key and value, as in the file; the type of the locator under an empty key where it is an unknown one.
    pub(super) locator: Vec<(String, String)>,
    /// Required items that are not known.
    pub(super) unknown: Vec<String>,
}

impl Metadata {
    /// Reads the table and the items that matter.
    pub(super) fn read(part: &Part, region: &Region) -> Result<Option<Self>, ReadFault> {
        let mut table = vec![0; METADATA_BYTES];
        part.source.read_at(region.offset, &mut table)?;
        let count = le16(&table, 10);
        if !table.starts_with(b"metadata") || count > METADATA_MAX {
            return Ok(None);
        }
        let mut metadata = Self::default();
        for entry in table.get(32..).unwrap_or_default().chunks_exact(32).take(usize::from(count)) {
            metadata.item(part, region, entry)?;
        }
        Ok(Some(metadata))
    }

    fn item(&mut self, part: &Part, region: &Region, entry: &[u8]) -> Result<(), ReadFault> {
        let kind: [u8; 16] = array(entry, 0);
        let (offset, length, required) = (le32(entry, 16), le32(entry, 20), le32(entry, 24) & 4 != 0);
        let at = region.offset.saturating_add(u64::from(offset));
        if kind == ITEM_PARENT_LOCATOR {
            let mut bytes = vec![0; usize::try_from(length.min(LOCATOR_BYTES_MAX)).unwrap_or(0)];
            part.source.read_at(at, &mut bytes)?;
            self.locator = locator(&bytes);
            return Ok(());
        }
        let mut bytes = [0_u8; 16];
        let short = usize::try_from(length).unwrap_or(16).min(16);
        part.source.read_at(at, bytes.get_mut(..short).unwrap_or_default())?;
        match kind {
            ITEM_FILE_PARAMETERS => {
                self.block_bytes = Some(le32(&bytes, 0));
                (self.leave_allocated, self.has_parent) = (le32(&bytes, 4) & 1 != 0, le32(&bytes, 4) & 2 != 0);
            }
            ITEM_DISK_SIZE => self.disk_bytes = Some(le64(&bytes, 0)),
            ITEM_DISK_ID => self.disk_id = Some(bytes),
            ITEM_LOGICAL_SECTOR => self.logical_sector = Some(le32(&bytes, 0)),
            ITEM_PHYSICAL_SECTOR => self.physical_sector = Some(le32(&bytes, 0)),
            unknown if required => self.unknown.push(guid(&unknown)),
            _ => {}
        }
        Ok(())
    }

    /// The value under `key` of the parent locator.
    pub(super) fn located(&self, key: &str) -> Option<&str> {
        self.locator.iter().find(|(have, _)| have == key).map(|(_, value)| value.as_str())
    }

    /// The paths of the parent, relative before absolute.
    pub(super) fn parent_paths(&self) -> Vec<String> {
        let keys = ["relative_path", "absolute_win32_path", "volume_path"];
        keys.iter().filter_map(|key| self.located(key)).map(str::to_owned).collect()
    }
}

/// Key and value pairs of a parent locator.
fn locator(bytes: &[u8]) -> Vec<(String, String)> {
    let kind: [u8; 16] = array(bytes, 0);
    if kind != LOCATOR_VHDX {
        return vec![(String::new(), guid(&kind))];
    }
    let text = |offset: u32, length: u16| {
        let start = usize::try_from(offset).ok()?;
        let bytes = bytes.get(start..start.checked_add(usize::from(length))?)?;
        Some(utf16(bytes, u16::from_le_bytes))
    };
    let pair = |entry: &[u8]| Some((text(le32(entry, 0), le16(entry, 8))?, text(le32(entry, 4), le16(entry, 10))?));
    let count = le16(bytes, 18).min(LOCATOR_ENTRIES_MAX);
    bytes.get(20..).unwrap_or_default().chunks_exact(12).take(usize::from(count)).filter_map(pair).collect()
}
