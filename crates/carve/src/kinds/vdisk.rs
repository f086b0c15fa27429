//! Virtual disks: VMDK, VHDX, QCOW2 and VDI. Each has tables of where its pieces lie; the file ends with the last of them.

mod qcow2;
mod vdi;
mod vhdx;
mod vmdk;

use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Verdict, Whole};
use crate::walk::follow;
use crate::window::Window;

/// Entries of the tables of one disk.
const ENTRIES_MOST: u64 = 1 << 26;

/// How one format is followed.
type Walk = fn(&mut Window<'_>, &mut Progress) -> Result<Whole, Stop>;

/// A format of virtual disks.
pub(crate) struct VirtualDisk {
    types: &'static [FileType],
    signatures: &'static [&'static [u8]],
    signature_at: usize,
    walk: Walk,
}

/// VMware disks in one file.
pub(crate) static VMDK: VirtualDisk = VirtualDisk {
    types: &[FileType { id: "vmdk", extension: "vmdk" }],
    signatures: &[b"KDMV\x01\0\0\0", b"KDMV\x02\0\0\0", b"KDMV\x03\0\0\0"],
    signature_at: 0,
    walk: vmdk::walk,
};
/// Disks of Hyper-V.
pub(crate) static VHDX: VirtualDisk = VirtualDisk {
    types: &[FileType { id: "vhdx", extension: "vhdx" }],
    signatures: &[b"vhdxfile"],
    signature_at: 0,
    walk: vhdx::walk,
};
/// Disks of QEMU.
pub(crate) static QCOW2: VirtualDisk = VirtualDisk {
    types: &[FileType { id: "qcow2", extension: "qcow2" }],
    signatures: &[b"QFI\xfb\0\0\0\x02", b"QFI\xfb\0\0\0\x03"],
    signature_at: 0,
    walk: qcow2::walk,
};
/// Disks of VirtualBox.
pub(crate) static VDI: VirtualDisk = VirtualDisk {
    types: &[FileType { id: "vdi", extension: "vdi" }],
    signatures: &[b"\x7f\x10\xda\xbe\x01\0\x01\0"],
    signature_at: 64,
    walk: vdi::walk,
};

impl Kind for VirtualDisk {
    fn id(&self) -> &'static str {
        self.types.first().map_or("vmdk", |file_type| file_type.id)
    }

    fn types(&self) -> &'static [FileType] {
        self.types
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        self.signatures
    }

    fn signature_at(&self) -> usize {
        self.signature_at
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let file_type = self.types.first().copied().unwrap_or(FileType { id: "vmdk", extension: "vmdk" });
        follow(file_type, candidate, budget, self.walk)
    }
}
