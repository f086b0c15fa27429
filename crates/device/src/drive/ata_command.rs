//! Questions to an ATA drive, wrapped in SCSI ATA PASS-THROUGH (16) and sent with the `SG_IO` ioctl of Linux.

use std::ffi::c_void;
use std::fs::File;

use rustix::ioctl::{Opcode, Updater, ioctl};

use super::sense::{Registers, registers};
use super::{TIMEOUT_MS, refused};

/// `SG_IO` of `<scsi/sg.h>`.
const SG_IO: Opcode = 0x2285;

const ATA_PASS_THROUGH_16: u8 = 0x85;

/// The commands. None of them changes anything; there is no other here.
const IDENTIFY_DEVICE: u8 = 0xec;
const READ_NATIVE_MAX: u8 = 0xf8;
const READ_NATIVE_MAX_EXT: u8 = 0x27;
const GET_NATIVE_MAX_EXT: u8 = 0x78;
const DEVICE_CONFIGURATION: u8 = 0xb1;
const DEVICE_CONFIGURATION_IDENTIFY: u8 = 0xc2;

/// `struct sg_io_hdr` of `<scsi/sg.h>`, version 3.
#[repr(C)]
struct SgIoHeader {
    interface_id: i32,
    direction: i32,
    command_length: u8,
    sense_length_max: u8,
    scatter_count: u16,
    data_length: u32,
    data: *mut c_void,
    command: *mut u8,
    sense: *mut u8,
    timeout_ms: u32,
    flags: u32,
    pack_id: i32,
    user: *mut c_void,
    status: u8,
    masked_status: u8,
    message_status: u8,
    sense_length: u8,
    host_status: u16,
    driver_status: u16,
    residual: i32,
    duration_ms: u32,
    info: u32,
}

/// The 512 bytes of IDENTIFY DEVICE.
pub(super) fn identify(file: &File) -> Result<[u8; 512], String> {
    page(file, IDENTIFY_DEVICE, 0, "IDENTIFY DEVICE")
}

/// The 512 bytes of DEVICE CONFIGURATION IDENTIFY.
pub(super) fn configuration(file: &File) -> Result<[u8; 512], String> {
    let page = page(file, DEVICE_CONFIGURATION, DEVICE_CONFIGURATION_IDENTIFY, "DEVICE CONFIGURATION IDENTIFY");
    page.map_err(|why| format!("{why}; many machines lock this question at power-on"))
}

/// Sectors by READ NATIVE MAX ADDRESS, in the form that the width of the drive's addresses asks for.
pub(super) fn native_max(file: &File, wide: bool) -> Result<u64, String> {
    match wide {
        true => address(file, READ_NATIVE_MAX_EXT, true, "READ NATIVE MAX ADDRESS EXT"),
        false => address(file, READ_NATIVE_MAX, false, "READ NATIVE MAX ADDRESS"),
    }
}

/// Sectors by GET NATIVE MAX ADDRESS EXT of the accessible max address feature set.
pub(super) fn accessible_native_max(file: &File) -> Result<u64, String> {
    address(file, GET_NATIVE_MAX_EXT, true, "GET NATIVE MAX ADDRESS EXT")
}

/// A question that is answered by a page of 512 bytes.
fn page(file: &File, command: u8, feature: u8, name: &str) -> Result<[u8; 512], String> {
    // Byte 1: protocol 4, PIO data-in. Byte 2: from the device, in blocks, as many as the count field says.
    let block = [ATA_PASS_THROUGH_16, 4 << 1, 0x0e, 0, feature, 0, 1, 0, 0, 0, 0, 0, 0, 0, command, 0];
    let mut data = [0_u8; 512];
    let answer = send(file, block, &mut data)?;
    match answer.ok {
        true => Ok(data),
        false => Err(format!("the drive did not answer {name}")),
    }
}

/// A question that is answered in the drive's address registers, by the last address.
fn address(file: &File, command: u8, wide: bool, name: &str) -> Result<u64, String> {
    // Byte 1: protocol 3, no data; the lowest bit for 48-bit commands. Byte 2: give the registers back. Byte 13: LBA mode.
    let protocol = (3 << 1) | u8::from(wide);
    let block = [ATA_PASS_THROUGH_16, protocol, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, command, 0];
    let answer = send(file, block, &mut [])?;
    let registers = registers(&answer.sense).ok_or_else(|| format!("no registers came back from {name}"))?;
    sectors(&registers, wide).ok_or_else(|| format!("the drive refused {name}"))
}

/// The number of sectors by the registers: one more than the last address; `None` if the drive reported an error.
fn sectors(registers: &Registers, wide: bool) -> Option<u64> {
    /// `ERR` and `DF` of the status register.
    const FAILED: u8 = 0x21;
    if registers.status & FAILED != 0 {
        return None;
    }
    let last = match wide {
        true => registers.address,
        // 28-bit commands keep bits 24 to 27 in the device register.
        false => (registers.address & 0x00ff_ffff) | (u64::from(registers.device & 0x0f) << 24),
    };
    last.checked_add(1)
}

struct Answer {
    /// Whether the command was carried out without any complaint.
    ok: bool,
    sense: [u8; 64],
}

#[expect(unsafe_code, reason = "the kernel reads and writes through the pointers of the header; see the comment")]
fn send(file: &File, mut command: [u8; 16], data: &mut [u8]) -> Result<Answer, String> {
    /// `SG_DXFER_NONE` and `SG_DXFER_FROM_DEV`.
    const NO_DATA: i32 = -1;
    const FROM_DEVICE: i32 = -3;
    let mut sense = [0_u8; 64];
    let mut header = SgIoHeader {
        interface_id: i32::from(b'S'),
        direction: if data.is_empty() { NO_DATA } else { FROM_DEVICE },
        command_length: 16,
        sense_length_max: 64,
        scatter_count: 0,
        data_length: u32::try_from(data.len()).unwrap_or(0),
        data: data.as_mut_ptr().cast(),
        command: command.as_mut_ptr(),
        sense: sense.as_mut_ptr(),
        timeout_ms: TIMEOUT_MS,
        flags: 0,
        pack_id: 0,
        user: std::ptr::null_mut(),
        status: 0,
        masked_status: 0,
        message_status: 0,
        sense_length: 0,
        host_status: 0,
        driver_status: 0,
        residual: 0,
        duration_ms: 0,
        info: 0,
    };
    // SAFETY: `SgIoHeader` has the layout of `struct sg_io_hdr`, which is what SG_IO takes. Its three pointers point to
    // `data`, `command` and `sense`, which live until the call returns, and its lengths are theirs; the kernel writes no
    // more than that, and is done with them when the call returns.
    let sent = unsafe { ioctl(file, Updater::<SG_IO, SgIoHeader>::new(&mut header)) };
    sent.map_err(refused)?;
    // The driver status has a flag for "there is sense data" (8), which is no failure.
    if header.host_status != 0 || header.driver_status & !0x08 != 0 {
        let (host, driver) = (header.host_status, header.driver_status);
        return Err(format!(
            "the controller failed or the drive did not answer in time (host {host}, driver {driver})"
        ));
    }
    Ok(Answer { ok: header.status == 0 && header.residual == 0, sense })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_size_the_kernel_expects() {
        assert_eq!(std::mem::size_of::<SgIoHeader>(), if cfg!(target_pointer_width = "64") { 88 } else { 64 });
    }

    #[test]
    fn an_error_of_the_drive_is_no_address() {
        let good = Registers { status: 0x50, error: 0, device: 0x4f, address: 0x1234_5678 };
        assert_eq!(sectors(&good, true), Some(0x1234_5679));
        assert_eq!(sectors(&good, false), Some(0x0f34_5679));
        assert_eq!(sectors(&Registers { status: 0x51, ..good }, true), None);
    }

    #[test]
    fn a_thing_that_is_no_drive_says_why_it_does_not_answer() {
        let file = tempfile::tempfile().unwrap();
        let why = identify(&file).unwrap_err();
        assert!(why.contains("passes no commands") || why.contains("not permitted"), "{why}");
    }
}
