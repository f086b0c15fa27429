//! What is mounted where, from `/proc/self/mountinfo` (proc(5)), and what is swap.

use std::collections::BTreeSet;

/// One mount of a block device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    /// `major:minor` of the device.
    pub(crate) device: String,
    /// Mount point, unescaped.
    pub(crate) point: String,
    /// Whether the file system, or this mount of it, can be written.
    pub(crate) writable: bool,
    /// What was mounted, for example `/dev/sda1`.
    pub(crate) source: String,
}

/// Parses mountinfo: `36 35 98:0 /root /mnt rw,noatime shared:1 - ext3 /dev/root rw,errors=continue`.
pub(crate) fn parse_mountinfo(text: &str) -> Vec<Mount> {
    let line = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let mut fields = left.split(' ');
        let device = fields.nth(2)?.to_owned();
        let point = unescape(fields.nth(1)?);
        let mut tail = right.split(' ');
        let source = unescape(tail.nth(1)?);
        let super_options = tail.next()?;
        // A read-only mount of a file system whose superblock is writable still lets the kernel write (journal, atime of
        // another mount): only the superblock's own flag counts.
        let writable = super_options.split(',').any(|option| option == "rw");
        Some(Mount { device, point, writable, source })
    };
    text.lines().filter_map(line).collect()
}

/// Octal escapes of mountinfo: `\040` is a space.
fn unescape(field: &str) -> String {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits =
            tail.first_chunk::<3>().filter(|digits| first == b'\\' && digits.iter().all(|d| (b'0'..=b'7').contains(d)));
        if let Some(digits) = digits {
            out.push(
                digits.iter().fold(0_u8, |value, digit| value.wrapping_mul(8).wrapping_add(digit.wrapping_sub(b'0'))),
            );
            rest = tail.get(3..).unwrap_or_default();
        } else {
            out.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Device paths in use as swap, from `/proc/swaps`.
pub(crate) fn parse_swaps(text: &str) -> BTreeSet<String> {
    text.lines().skip(1).filter_map(|line| line.split_whitespace().next()).map(unescape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_superblock_decides_whether_a_mount_is_writable_and_names_are_unescaped() {
        let text = "36 35 8:1 / /mnt/my\\040disk ro,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue\n\
                    40 35 8:17 / /media/x rw,relatime - vfat /dev/sdb1 ro\n\
                    garbage\n";
        let mounts = parse_mountinfo(text);
        assert_eq!(mounts.len(), 2);
        assert_eq!(
            (mounts[0].device.as_str(), mounts[0].point.as_str(), mounts[0].writable),
            ("8:1", "/mnt/my disk", true)
        );
        assert!(!mounts[1].writable);
    }

    #[test]
    fn swap_devices_are_named() {
        let text = "Filename Type Size Used Priority\n/dev/sda3 partition 1 0 -2\n";
        assert!(parse_swaps(text).contains("/dev/sda3"));
    }
}
