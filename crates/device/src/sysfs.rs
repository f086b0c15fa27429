//! What Linux tells about a block device under `/sys` and `/run/udev`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::mounts::{Mount, parse_mountinfo, parse_swaps};

/// A block device (whole or partition) in sysfs.
#[derive(Debug, Clone)]
pub(crate) struct SysDevice {
    /// Its directory, resolved: `/sys/devices/…/block/sda` or `…/sda/sda1`.
    pub(crate) directory: PathBuf,
    /// The directory of the whole device.
    pub(crate) whole: PathBuf,
}

impl SysDevice {
    /// The device with this `major:minor`, if sysfs knows it.
    pub(crate) fn by_number(number: &str) -> Option<Self> {
        Self::at(&Path::new("/sys/dev/block").join(number))
    }

    /// The device whose sysfs entry (perhaps a link) is at `path`.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        let directory = fs::canonicalize(path).ok()?;
        let is_partition = directory.join("partition").exists();
        let whole = if is_partition { directory.parent()?.to_path_buf() } else { directory.clone() };
        Some(Self { directory, whole })
    }

    /// Kernel name: `sda1`.
    pub(crate) fn name(&self) -> String {
        self.directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Whether the kernel refuses writes; `None` if it does not tell.
    pub(crate) fn read_only(&self) -> Option<bool> {
        match text(&self.directory.join("ro"))?.as_str() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    }

    /// Size in bytes; sysfs counts in units of 512 whatever the sector size.
    pub(crate) fn size_bytes(&self) -> Option<u64> {
        text(&self.directory.join("size"))?.parse::<u64>().ok()?.checked_mul(512)
    }

    pub(crate) fn logical_sector_bytes(&self) -> Option<u32> {
        text(&self.whole.join("queue/logical_block_size"))?.parse().ok()
    }

    pub(crate) fn physical_sector_bytes(&self) -> Option<u32> {
        text(&self.whole.join("queue/physical_block_size"))?.parse().ok()
    }

    /// The bus, told from the path of the device in the kernel's tree; the outermost adapter a person would name wins.
    pub(crate) fn bus(&self) -> Option<String> {
        let path = self.whole.to_string_lossy().into_owned();
        let known = [
            ("/usb", "usb"),
            ("/nvme", "nvme"),
            ("/mmc", "mmc"),
            ("/virtio", "virtio"),
            ("/ata", "ata"),
            ("/fw", "firewire"),
            ("/virtual/block/loop", "loop"),
            ("/virtual/block/dm-", "device-mapper"),
            ("/virtual/block/md", "raid"),
            ("/virtual/block/nbd", "nbd"),
            ("/virtual/block/ram", "ram"),
            ("/vbd-", "xen"),
            ("/host", "scsi"),
        ];
        known.iter().find(|(part, _)| path.contains(part)).map(|(_, bus)| (*bus).to_owned())
    }

    pub(crate) fn vendor(&self) -> Option<String> {
        text(&self.whole.join("device/vendor"))
            .filter(|vendor| !vendor.starts_with("0x"))
            .or_else(|| self.udev("ID_VENDOR"))
    }

    pub(crate) fn model(&self) -> Option<String> {
        text(&self.whole.join("device/model"))
            .or_else(|| text(&self.whole.join("device/name")))
            .or_else(|| self.udev("ID_MODEL"))
    }

    pub(crate) fn serial(&self) -> Option<String> {
        let direct = ["device/serial", "serial"].iter().find_map(|file| text(&self.whole.join(file)));
        direct.or_else(|| self.udev("ID_SERIAL_SHORT")).or_else(|| self.udev("ID_SERIAL"))
    }

    /// For a loop device, the file behind it.
    pub(crate) fn backing_file(&self) -> Option<String> {
        text(&self.whole.join("loop/backing_file"))
    }

    /// A property from udev's database, where udev runs.
    fn udev(&self, key: &str) -> Option<String> {
        let number = text(&self.whole.join("dev"))?;
        let database = fs::read_to_string(format!("/run/udev/data/b{number}")).ok()?;
        let prefix = format!("E:{key}=");
        let value = database.lines().find_map(|line| line.strip_prefix(prefix.as_str()))?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The device, its partitions, and whatever is built on them (device mapper, RAID), as `major:minor` and name.
    /// Bounded: sysfs has no cycles, but the depth is limited all the same.
    pub(crate) fn family(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![(self.directory.clone(), 0_u8)];
        while let Some((directory, depth)) = open.pop() {
            let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if let Some(number) = text(&directory.join("dev")) {
                found.push((number, name));
            }
            if depth >= 8 || found.len() > 4096 {
                continue;
            }
            let children = entries(&directory).into_iter().filter(|child| child.join("partition").exists());
            let holders =
                entries(&directory.join("holders")).into_iter().filter_map(|link| fs::canonicalize(link).ok());
            open.extend(children.chain(holders).map(|path| (path, depth.saturating_add(1))));
        }
        found
    }

    /// Mounts of the device or of anything in its family, swap included (shown as `[swap]`, writable).
    pub(crate) fn mounts(&self) -> Vec<Mount> {
        // The whole disk is in use if a partition is, and a partition shares its fate with a mounted whole disk.
        let mut family = self.family();
        if self.whole != self.directory {
            family.extend(text(&self.whole.join("dev")).map(|number| (number, String::new())));
        }
        let mounted = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let mut mounts = parse_mountinfo(&mounted);
        mounts.retain(|mount| {
            family.iter().any(|(number, name)| {
                // Some file systems (btrfs) show an anonymous device number: compare the name as well.
                mount.device == *number || (!name.is_empty() && mount.source == format!("/dev/{name}"))
            })
        });
        let swaps = parse_swaps(&fs::read_to_string("/proc/swaps").unwrap_or_default());
        for (number, name) in &family {
            let source = format!("/dev/{name}");
            if swaps.contains(&source) {
                mounts.push(Mount { device: number.clone(), point: "[swap]".to_owned(), writable: true, source });
            }
        }
        mounts
    }
}

/// A small text file, trimmed; `None` if absent or empty.
pub(crate) fn text(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    Some(text).filter(|text| !text.is_empty())
}

/// A small binary file; `None` if absent, empty or longer than `limit`.
pub(crate) fn bytes(path: &Path, limit: usize) -> Option<Vec<u8>> {
    fs::read(path).ok().filter(|bytes| !bytes.is_empty() && bytes.len() <= limit)
}

/// The paths in a directory, sorted; empty if it cannot be read.
pub(crate) fn entries(directory: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(directory).map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = read.map(Iterator::collect).unwrap_or_default();
    paths.sort();
    paths
}
