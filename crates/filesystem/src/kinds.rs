//! What is recognised in a volume. To add one: a file here with its `recognise`, and a line in [`KINDS`].

mod apfs;
mod bitlocker;
mod btrfs;
mod core_storage;
mod exfat;
mod ext;
mod fat;
mod geli;
mod hfs;
mod iso9660;
mod luks;
mod lvm;
mod magic;
mod md_raid;
mod ntfs;
mod swap;
mod udf;
mod xfs;
mod zfs;

use exhibit_evidence::layout::Contents;

use crate::Window;

/// A family of volumes recognised by the same structures.
pub struct Kind {
    /// Lower-case name of the family.
    pub id: &'static str,
    /// Whether its first sector is a boot sector that ends like a partition table and is none.
    pub boot_sector: bool,
    /// What the volume is; `None` if it is not of this family.
    pub recognise: fn(&Window<'_>) -> Option<Contents>,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kind").field("id", &self.id).finish_non_exhaustive()
    }
}

const fn kind(id: &'static str, recognise: fn(&Window<'_>) -> Option<Contents>) -> Kind {
    Kind { id, boot_sector: false, recognise }
}

const fn booting(id: &'static str, recognise: fn(&Window<'_>) -> Option<Contents>) -> Kind {
    Kind { id, boot_sector: true, recognise }
}

/// Everything that is recognised: encryption and volume managers before file systems, and the mere signatures last.
pub static KINDS: &[Kind] = &[
    kind("luks", luks::recognise),
    booting("bitlocker", bitlocker::recognise),
    kind("core-storage", core_storage::recognise),
    kind("geli", geli::recognise),
    kind("apfs", apfs::recognise),
    kind("lvm", lvm::recognise),
    kind("md-raid", md_raid::recognise),
    booting("ntfs", ntfs::recognise),
    booting("exfat", exfat::recognise),
    booting("fat", fat::recognise),
    kind("ext", ext::recognise),
    kind("xfs", xfs::recognise),
    kind("btrfs", btrfs::recognise),
    kind("zfs", zfs::recognise),
    kind("hfs", hfs::recognise),
    kind("iso9660", iso9660::recognise),
    kind("udf", udf::recognise),
    kind("swap", swap::recognise),
    kind("magic", magic::recognise),
];

/// Contents without label, identifier or encryption.
pub(crate) fn plain(kind: &str, title: &str) -> Contents {
    Contents { kind: kind.to_owned(), title: title.to_owned(), label: None, uuid: None, encryption: None }
}

/// Sixteen bytes as `aa87cdc6-8430-343d-a2a3-4cf46521e8f8`; all zeros are no identifier.
pub(crate) fn uuid(bytes: [u8; 16]) -> Option<String> {
    if bytes == [0; 16] {
        return None;
    }
    let hex = exhibit_evidence::to_hex(&bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    Some([part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"))
}

/// The identifier as Microsoft writes it: the first three groups are little-endian numbers.
pub(crate) fn guid(bytes: [u8; 16]) -> Option<String> {
    let [a, b, c, d, e, f, g, h, tail @ ..] = bytes;
    let [i, j, k, l, m, n, o, p] = tail;
    uuid([d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p])
}
