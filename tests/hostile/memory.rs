//! How much memory this process has used at most.

/// What any work on an image may need at most (docs/LIMITS.md).
pub(crate) const CEILING_BYTES: u64 = 256 << 20;

/// The most memory this process has had so far, in bytes (`VmHWM` of the kernel); 0 where the system does not tell.
pub(crate) fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}
