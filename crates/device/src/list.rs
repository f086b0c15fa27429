//! The block devices of this machine.

use std::path::Path;

use exhibit_evidence::{Identity, WriteBlock};

use crate::sysfs::{SysDevice, entries};

/// A whole block device with its partitions.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What it says it is.
    pub identity: Identity,
    /// Its partitions, as the kernel sees them.
    pub partitions: Vec<Partition>,
}

/// A partition the kernel found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Device path.
    pub path: String,
    /// Offset on the whole device in bytes.
    pub offset_bytes: Option<u64>,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// All block devices with a size, sorted by name. Empty loop devices and RAM disks are left out.
#[must_use]
pub fn list() -> Vec<Listed> {
    let devices = entries(Path::new("/sys/block")).into_iter().filter_map(|path| SysDevice::at(&path));
    devices.filter(|device| device.size_bytes().unwrap_or(0) > 0).map(|device| listed(&device)).collect()
}

fn listed(device: &SysDevice) -> Listed {
    let partition = |path: &std::path::PathBuf| {
        let partition = SysDevice::at(path).filter(|_| path.join("partition").exists())?;
        let start = crate::sysfs::text(&path.join("start")).and_then(|sectors| sectors.parse::<u64>().ok());
        Some(Partition {
            path: format!("/dev/{}", partition.name()),
            offset_bytes: start.and_then(|sectors| sectors.checked_mul(512)),
            size_bytes: partition.size_bytes().unwrap_or(0),
        })
    };
    let partitions = entries(&device.directory).iter().filter_map(partition).collect();
    let path = format!("/dev/{}", device.name());
    Listed { identity: identity(device, path, device.size_bytes().unwrap_or(0)), partitions }
}

/// Everything sysfs tells about `device`.
pub(crate) fn identity(device: &SysDevice, path: String, size_bytes: u64) -> Identity {
    let read_only = device.read_only();
    let drive = crate::drive::ask(device);
    Identity {
        path,
        kind: "block-device".to_owned(),
        bus: device.bus(),
        vendor: device.vendor(),
        model: device.model(),
        serial: device.serial(),
        size_bytes,
        logical_sector_bytes: device.logical_sector_bytes(),
        physical_sector_bytes: device.physical_sector_bytes(),
        read_only,
        mounted_at: device.mounts().into_iter().map(|mount| mount.point).collect(),
        backing_file: device.backing_file(),
        hidden_sectors: drive.hidden_sectors(),
        drive: Some(drive),
        layout: None,
        write_block: match read_only {
            Some(true) => WriteBlock::KernelReadOnly,
            // A device that can be written has no protection; the examiner's reason is added when it is opened.
            Some(false) => WriteBlock::None { reason: String::new() },
            None => WriteBlock::Unknown,
        },
    }
}
