//! What the kernel counted for this process: processor time of a thread, memory. Linux only; elsewhere nothing is known.

use std::path::Path;

use exhibit_device::read_small;

/// Files of /proc are a few KiB.
const PROC_BYTES_MAX: u64 = 64 * 1024;

/// Processor time that the calling thread has used, in seconds. Unlike wall time it hardly depends on what else the machine
/// does.
#[must_use]
pub fn thread_seconds() -> Option<f64> {
    // The kernel brings the count up to date when the thread is scheduled.
    std::thread::yield_now();
    let text = read_small(Path::new("/proc/thread-self/schedstat"), PROC_BYTES_MAX).ok()?;
    let nanoseconds: u64 = String::from_utf8(text).ok()?.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

/// Memory of the process in MiB: resident now, and at most so far.
#[must_use]
pub fn memory_mib() -> Option<(u64, u64)> {
    Some((status_mib("VmRSS:")?, status_mib("VmHWM:")?))
}

/// Addresses the process has asked for at most so far, in MiB, used or not.
#[must_use]
pub fn address_space_mib() -> Option<u64> {
    status_mib("VmPeak:")
}

fn status_mib(field: &str) -> Option<u64> {
    let text = String::from_utf8(read_small(Path::new("/proc/self/status"), PROC_BYTES_MAX).ok()?).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes / 1024)
}
