//! The door in: the only crate that opens anything, and it opens only for reading.
//!
//! Devices and files become [`exhibit_evidence::Source`]s here. What the machine knows about a device (bus, vendor,
//! model, serial number, sector sizes, read-only flag, mounts) is read from the kernel's own files; what it does not
//! tell stays `None` and is shown as unknown. Drives are asked about hidden areas where that is permitted and safe; only
//! questions are sent.
#![expect(clippy::disallowed_methods, reason = "this crate is the door in: here, and only here, files are opened")]

mod aligned;
mod block;
mod direct;
mod drive;
mod file;
mod folder;
mod later;
mod list;
mod machine;
mod mounts;
mod open;
mod sysfs;

pub use file::{FileSource, Mapping};
pub use folder::{FolderEntry, read_small, siblings, walk};
pub use later::LaterFile;
pub use list::{Listed, Partition, list};
pub use machine::{host_name, kernel_release};
pub use open::{OpenError, Opened, look_at_device, open_source};
