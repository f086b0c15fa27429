//! `exhibit devices`: the block devices an examiner can act on.

use std::path::Path;

use clap::Args;
use exhibit_device::Listed;
use exhibit_evidence::layout::Layout;
use exhibit_evidence::{Identity, Name};
use serde_json::{Value, json};

use crate::layout_words::{hidden_lines, hidden_word, layout_lines, tell_folded};
use crate::outcome::{Done, Ending};
use crate::sizes;
use crate::world::{Tone, World};

/// List block devices: path, bus, vendor, model, serial, size, sector sizes, read-only or not, mounted or not, partitions,
/// encryption, hidden areas.
///
/// ATA and NVMe drives are asked about hidden areas where that is permitted (usually as root); only questions are sent. The
/// first structures of each device are read to name partitions and encryption, and a device is left alone after four reads
/// have failed.
#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// Do not read from the devices: no contents, no encryption (for disks that are dying)
    #[arg(long)]
    no_read: bool,
}

impl Devices {
    pub(super) fn run(&self, world: &World) -> Ending {
        let mut devices = exhibit_device::list();
        let mut problems = Vec::new();
        for device in &mut devices {
            let looked = if self.no_read { Err("not looked at: --no-read".to_owned()) } else { look(&device.identity) };
            match looked {
                Ok(layout) => {
                    device.identity.layout = Some(layout);
                    problems.push(None);
                }
                Err(why) => problems.push(Some(why)),
            }
        }
        if devices.is_empty() {
            world.tell("No block devices found.");
        } else {
            world.tell(&world.painted(&row(&HEADINGS), Tone::Strong));
        }
        for (device, problem) in devices.iter().zip(&problems) {
            tell(world, device, problem.as_deref());
        }
        let writable = devices.iter().any(|device| device.identity.read_only == Some(false));
        if writable {
            world.tell("");
            let hint = "WRITABLE: this machine could write to it. acquire refuses it unless --no-write-block REASON is given. \
                        read-only is set in the kernel and is not a hardware write blocker.";
            tell_folded(world, "", &[(hint.to_owned(), Tone::Plain)]);
        }
        let devices: Vec<Value> =
            devices.iter().zip(problems).map(|(device, problem)| listed(device, problem)).collect();
        Ok(Done::new(json!({"devices": devices})))
    }
}

/// What the device contains, or why that is not known.
fn look(identity: &Identity) -> Result<Layout, String> {
    let source = exhibit_device::look_at_device(Path::new(&identity.path));
    let source = source.map_err(|error| format!("not looked at: {error}"))?;
    Ok(exhibit_filesystem::layout(&source, identity.logical_sector_bytes))
}

const HEADINGS: [&str; 7] = ["DEVICE", "BUS", "SIZE", "SECTOR", "WRITING", "MOUNTED", "HIDDEN AREAS"];

/// The cells of a row in columns that fit 80 characters with usual contents; longer ones push the rest to the right.
fn row(cells: &[&str; 7]) -> String {
    let widths = [13, 8, 10, 9, 10, 8, 0];
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    padded.collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

fn tell(world: &World, device: &Listed, problem: Option<&str>) {
    let id = &device.identity;
    let known = |value: &Option<String>| value.as_deref().map_or_else(|| "unknown".to_owned(), escaped);
    let sector = |bytes: Option<u32>| bytes.map_or("?".to_owned(), |bytes| bytes.to_string());
    let sectors = format!("{}/{}", sector(id.logical_sector_bytes), sector(id.physical_sector_bytes));
    let (writing, writing_tone) = match id.read_only {
        Some(true) => ("read-only", Tone::Good),
        Some(false) => ("WRITABLE", Tone::Doubtful),
        None => ("unknown", Tone::Doubtful),
    };
    let mounted = if id.mounted_at.is_empty() { "no" } else { "YES" };
    let (hidden, hidden_tone) = hidden_word(id.drive.as_ref());
    let path = escaped(&id.path);
    let cells = [&path, &known(&id.bus), &sizes::short(id.size_bytes), &sectors, writing, mounted, hidden];
    // Colours only after the columns were measured.
    let line = row(&cells).replacen(writing, &world.painted(writing, writing_tone), 1);
    let line = match line.strip_suffix(hidden) {
        Some(start) => format!("{start}{}", world.painted(hidden, hidden_tone)),
        None => line,
    };
    world.tell(&line);
    let mut lines = vec![(
        format!("vendor {} · model {} · serial {}", known(&id.vendor), known(&id.model), known(&id.serial)),
        Tone::Plain,
    )];
    let count = id.logical_sector_bytes.and_then(|sector| id.size_bytes.checked_div(u64::from(sector)));
    let count = count.map(|count| format!(" = {count} sectors")).unwrap_or_default();
    lines.push((format!("{} bytes{count}", id.size_bytes), Tone::Plain));
    if let Some(file) = &id.backing_file {
        lines.push((format!("backed by {}", escaped(file)), Tone::Plain));
    }
    if !id.mounted_at.is_empty() {
        lines.push((format!("mounted at {}", escaped(&id.mounted_at.join(", "))), Tone::Doubtful));
    }
    match (&id.layout, problem) {
        (Some(layout), _) => lines.extend(layout_lines(layout)),
        (None, why) => {
            lines.push((format!("contents {}", escaped(why.unwrap_or("unknown"))), Tone::Doubtful));
            lines.extend(device.partitions.iter().map(|partition| {
                let at = partition.offset_bytes.map_or("unknown".to_owned(), |at| format!("{at} (0x{at:x})"));
                (
                    format!("{} by the kernel: {} at {at}", partition.path, sizes::short(partition.size_bytes)),
                    Tone::Plain,
                )
            }));
        }
    }
    if let Some(drive) = &id.drive {
        let more = [("firmware", &drive.firmware), ("drive security:", &drive.security)];
        let more =
            more.iter().filter_map(|(label, text)| text.as_deref().map(|text| format!("{label} {}", escaped(text))));
        lines.extend(more.map(|line| (line, Tone::Plain)));
        lines.extend(hidden_lines(drive));
    }
    tell_folded(world, "  ", &lines);
}

/// The device with everything that is known, for programs.
fn listed(device: &Listed, problem: Option<String>) -> Value {
    let partition = |p: &exhibit_device::Partition| json!({"path": p.path, "offset_bytes": p.offset_bytes, "size_bytes": p.size_bytes});
    let mut value = json!(device.identity);
    if let Some(object) = value.as_object_mut() {
        object.insert("partitions".to_owned(), device.partitions.iter().map(partition).collect());
        object.entry("layout").or_insert(Value::Null);
        object.entry("drive").or_insert(Value::Null);
        object.insert("layout_problem".to_owned(), problem.into());
        object.remove("write_block"); // a decision taken at acquisition, not a property of the list
    }
    value
}

/// What a device says of itself, or a path to it: whoever made the device or the path chose the characters.
fn escaped(text: &str) -> String {
    Name::from(text).to_string()
}
