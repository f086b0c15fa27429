//! NVMe Identify, sent with the administration ioctl of Linux.

use std::fs::File;

use rustix::ioctl::{Opcode, Updater, ioctl};

use super::{TIMEOUT_MS, refused};

/// `NVME_IOCTL_ADMIN_CMD` of `<linux/nvme_ioctl.h>`: `_IOWR('N', 0x41, struct nvme_passthru_cmd)`.
const ADMIN_COMMAND: Opcode = 0xc048_4e41;

/// The one command sent.
const IDENTIFY: u8 = 0x06;

/// What Identify is asked for (CNS).
pub(super) const NAMESPACE: u32 = 0;
pub(super) const CONTROLLER: u32 = 1;
pub(super) const ACTIVE_NAMESPACES: u32 = 2;

/// `struct nvme_passthru_cmd`.
#[repr(C)]
#[derive(Default)]
struct Command {
    opcode: u8,
    flags: u8,
    reserved: u16,
    namespace: u32,
    dword_2: u32,
    dword_3: u32,
    metadata: u64,
    address: u64,
    metadata_length: u32,
    data_length: u32,
    dwords_10_to_15: [u32; 6],
    timeout_ms: u32,
    result: u32,
}

/// The page of 4096 bytes that Identify gives.
#[expect(unsafe_code, reason = "the kernel writes through the address in the command; see the comment")]
pub(super) fn identify(file: &File, what: u32, namespace: u32) -> Result<Vec<u8>, String> {
    let mut page = vec![0_u8; 4096];
    let mut command = Command {
        opcode: IDENTIFY,
        namespace,
        // The kernel takes the address of a buffer of this process as a number.
        address: page.as_mut_ptr().expose_provenance() as u64,
        data_length: 4096,
        dwords_10_to_15: [what, 0, 0, 0, 0, 0],
        timeout_ms: TIMEOUT_MS,
        ..Command::default()
    };
    // SAFETY: `Command` has the layout of `struct nvme_passthru_cmd`, which is what this ioctl takes. Its address points to
    // `page`, which lives until the call returns and is as long as the command says; the kernel writes no more than that.
    let sent = unsafe { ioctl(file, Updater::<ADMIN_COMMAND, Command>::new(&mut command)) };
    sent.map_err(refused)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_has_the_size_the_ioctl_number_names() {
        assert_eq!(std::mem::size_of::<Command>() as u64, (u64::from(ADMIN_COMMAND) >> 16) & 0x3fff);
    }

    #[test]
    fn a_thing_that_is_no_drive_says_why_it_does_not_answer() {
        let file = tempfile::tempfile().unwrap();
        let why = identify(&file, CONTROLLER, 0).unwrap_err();
        assert!(why.contains("passes no commands") || why.contains("not permitted"), "{why}");
    }
}
