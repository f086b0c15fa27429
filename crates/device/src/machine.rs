//! What this machine is called.

use std::path::Path;

use crate::sysfs::text;

/// The host name, if the platform tells.
#[must_use]
pub fn host_name() -> Option<String> {
    text(Path::new("/proc/sys/kernel/hostname"))
}

/// The kernel release, if the platform tells.
#[must_use]
pub fn kernel_release() -> Option<String> {
    text(Path::new("/proc/sys/kernel/osrelease"))
}
