//! Asking a drive about itself: what the kernel's files do not tell, above all sectors hidden from the operating system.
//!
//! Only questions are sent, none of which changes anything: IDENTIFY DEVICE, READ NATIVE MAX ADDRESS, GET NATIVE MAX ADDRESS,
//! DEVICE CONFIGURATION IDENTIFY, NVMe Identify. The commands that lift a hidden area (SET MAX, DCO RESTORE) are not in this
//! program. Each question has a time limit of [`TIMEOUT_MS`], and what was in the way of an answer is told.

mod ata_command;
mod ata_hidden;
mod ata_identify;
mod nvme_command;
mod nvme_identify;
mod sense;

use std::fs::File;

use exhibit_evidence::{Drive, HiddenArea, HiddenState};

use crate::sysfs::{SysDevice, bytes, entries, text};

/// How long a drive may take to answer: 5 s, in milliseconds. A healthy one takes a few.
const TIMEOUT_MS: u32 = 5_000;

/// Largest page taken from sysfs, in bytes.
const PAGE_BYTES_MAX: usize = 4096;

/// What the drive behind `device` answers.
pub(crate) fn ask(device: &SysDevice) -> Drive {
    let bus = device.bus().unwrap_or_default();
    let not_determinable = |why: &str| Drive::unasked(HiddenState::NotDeterminable, why);
    match bus.as_str() {
        "nvme" => nvme(device),
        "loop" | "ram" | "device-mapper" | "raid" => Drive::unasked(
            HiddenState::NotApplicable,
            "made by the kernel out of something else; hidden areas are a matter of the drives below it",
        ),
        "virtio" | "nbd" | "xen" => not_determinable("a virtual disk: only its host could tell"),
        "mmc" => memory_card(device),
        // Some bridges hang for good on pass-through commands they do not know; a disk lost that way is lost for everything.
        "usb" | "firewire" => unpowered(
            device,
            "not asked, since some bridges hang on pass-through commands; connect the drive to SATA or NVMe to know",
        ),
        _ if is_ata(device) => ata(device),
        "ata" | "scsi" => not_determinable(
            "a SCSI drive, or an ATA drive behind a controller that does not say so: HPA and DCO cannot be asked for here",
        ),
        _ => not_determinable("the kernel does not tell what kind of drive this is"),
    }
}

/// A disk (not an optical drive) that the kernel's SCSI layer translates for: it has the vendor `ATA`.
fn is_ata(device: &SysDevice) -> bool {
    let of = |name: &str| text(&device.whole.join("device").join(name));
    of("type").as_deref() == Some("0") && of("vendor").as_deref() == Some("ATA")
}

/// The identify page that the kernel keeps of an ATA drive, if it does: VPD page 89h has it at byte 60.
fn kept_identify(device: &SysDevice) -> Option<ata_identify::Identify> {
    let page = bytes(&device.whole.join("device/vpd_pg89"), PAGE_BYTES_MAX)?;
    ata_identify::Identify::parse(page.get(60..)?.first_chunk()?).ok()
}

/// A drive that is sent nothing: only what the kernel has kept of it is looked at.
fn unpowered(device: &SysDevice, why: &str) -> Drive {
    match kept_identify(device) {
        Some(identify) => {
            let refused = |_: ()| -> Result<u64, String> { Err(why.to_owned()) };
            let answers = ata_hidden::Answers { native: refused(()), dco: refused(()), ama: refused(()) };
            ata_hidden::drive(&identify, &answers, kernel_sectors(device))
        }
        None => Drive::unasked(HiddenState::NotDeterminable, why),
    }
}

fn ata(device: &SysDevice) -> Drive {
    let file = match open(device) {
        Ok(file) => file,
        Err(why) => return unpowered(device, &why),
    };
    let page = ata_command::identify(&file);
    let identify = page.and_then(|page| ata_identify::Identify::parse(&page));
    let identify = match (identify, kept_identify(device)) {
        (Ok(identify), _) => identify,
        (Err(_), Some(kept)) => kept,
        (Err(why), None) => return Drive::unasked(HiddenState::NotDeterminable, why),
    };
    let unneeded = || Err("not asked: the drive does not have the feature".to_owned());
    let answers = ata_hidden::Answers {
        native: if identify.hpa { ata_command::native_max(&file, identify.wide_addresses) } else { unneeded() },
        dco: if identify.dco {
            ata_command::configuration(&file).and_then(|page| ata_identify::configuration_sectors(&page))
        } else {
            unneeded()
        },
        ama: if identify.ama { ata_command::accessible_native_max(&file) } else { unneeded() },
    };
    ata_hidden::drive(&identify, &answers, kernel_sectors(device))
}

fn nvme(device: &SysDevice) -> Drive {
    let why = |why: String| Drive::unasked(HiddenState::NotDeterminable, why);
    let file = match open(device) {
        Ok(file) => file,
        Err(error) => return why(error),
    };
    let Some(namespace) = text(&device.whole.join("nsid")).and_then(|text| text.parse::<u32>().ok()) else {
        return why("the kernel does not tell which namespace of the drive this is".to_owned());
    };
    let controller = match nvme_command::identify(&file, nvme_command::CONTROLLER, 0) {
        Ok(page) => page,
        Err(error) => return why(error),
    };
    let own = nvme_command::identify(&file, nvme_command::NAMESPACE, namespace);
    let active = nvme_command::identify(&file, nvme_command::ACTIVE_NAMESPACES, 0);
    nvme_identify::drive(&controller, own.as_deref(), active.as_deref(), namespace)
}

/// Memory cards and eMMC: boot partitions are devices of their own, which an image of the main area does not contain.
fn memory_card(device: &SysDevice) -> Drive {
    let name = device.whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let prefix = format!("{name}boot");
    let all = entries(std::path::Path::new("/sys/block"));
    let names = all.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    let boot: Vec<String> = names.filter(|name| name.starts_with(&prefix)).collect();
    let mut drive = Drive::unasked(
        HiddenState::NotDeterminable,
        "the replay-protected area (RPMB) and general-purpose partitions of an eMMC are not asked for",
    );
    let (state, detail) = match boot.is_empty() {
        true => (HiddenState::Absent, "the kernel shows no boot partitions beside the device".to_owned()),
        false => (HiddenState::Present, format!("/dev/{}: not part of this device; image each", boot.join(", /dev/"))),
    };
    drive.hidden.push(HiddenArea { kind: "mmc-boot".to_owned(), state, sectors: None, detail });
    drive
}

/// The whole device, opened for reading; questions go to it and not to a partition.
fn open(device: &SysDevice) -> Result<File, String> {
    let name = device.whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The kernel writes `!` where a device name has a slash.
    let path = format!("/dev/{}", name.replace('!', "/"));
    File::open(&path).map_err(|error| format!("{path} cannot be opened to ask the drive: {error}"))
}

/// Size by the kernel, in its logical sectors.
fn kernel_sectors(device: &SysDevice) -> Option<u64> {
    let size = text(&device.whole.join("size"))?.parse::<u64>().ok()?.checked_mul(512)?;
    size.checked_div(u64::from(device.logical_sector_bytes()?))
}

/// A text field of identify data; unused bytes are blanks or zeros.
fn field(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned();
    Some(text).filter(|text| !text.is_empty())
}

/// What an error of the system means here.
fn refused(error: rustix::io::Errno) -> String {
    match error {
        rustix::io::Errno::PERM | rustix::io::Errno::ACCESS => {
            "not permitted: asking a drive needs root (CAP_SYS_RAWIO, for NVMe CAP_SYS_ADMIN)".to_owned()
        }
        rustix::io::Errno::NOTTY | rustix::io::Errno::INVAL | rustix::io::Errno::OPNOTSUPP => {
            format!("the driver of this device passes no commands through ({error})")
        }
        other => format!("the question could not be sent: {other}"),
    }
}
