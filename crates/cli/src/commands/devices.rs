//! `exhibit devices`: the block devices an examiner can act on.

use clap::Args;
use exhibit_evidence::Name;
use serde_json::json;

use crate::outcome::{Done, Ending};
use crate::sizes;
use crate::world::{Tone, World};

/// List block devices: path, bus, vendor, model, serial, size, sector sizes, read-only or not, mounted or not.
#[derive(Debug, Args)]
pub(crate) struct Devices {}

impl Devices {
    pub(super) fn run(&self, world: &World) -> Ending {
        let devices = exhibit_device::list();
        if devices.is_empty() {
            world.tell("No block devices found.");
        }
        for device in &devices {
            let id = &device.identity;
            let known = |value: &Option<String>| value.as_deref().map_or_else(|| "unknown".to_owned(), escaped);
            world.tell(&world.painted(&id.path, Tone::Strong));
            world.tell(&format!("  size        {}", sizes::shown(id.size_bytes)));
            let identity = format!("{} · {} · {}", known(&id.bus), known(&id.vendor), known(&id.model));
            world.tell(&format!("  bus · vendor · model  {identity}"));
            world.tell(&format!("  serial      {}", known(&id.serial)));
            let sector = |bytes: Option<u32>| bytes.map_or("unknown".to_owned(), |bytes| bytes.to_string());
            let sectors =
                format!("{} logical, {} physical", sector(id.logical_sector_bytes), sector(id.physical_sector_bytes));
            world.tell(&format!("  sectors     {sectors} (bytes)"));
            let protection = match id.read_only {
                Some(true) => world.painted("read-only (set in the kernel; not a hardware write blocker)", Tone::Good),
                Some(false) => world
                    .painted("WRITABLE: acquire refuses it unless --no-write-block REASON is given", Tone::Doubtful),
                None => "unknown".to_owned(),
            };
            world.tell(&format!("  protection  {protection}"));
            if let Some(file) = &id.backing_file {
                world.tell(&format!("  backed by   {}", escaped(file)));
            }
            let mounted = if id.mounted_at.is_empty() {
                "no".to_owned()
            } else {
                format!("yes: {}", escaped(&id.mounted_at.join(", ")))
            };
            world.tell(&format!("  mounted     {mounted}"));
            for partition in &device.partitions {
                let offset =
                    partition.offset_bytes.map_or("unknown".to_owned(), |bytes| format!("{bytes} (0x{bytes:x})"));
                world.tell(&format!(
                    "  partition   {} at {offset}, {}",
                    partition.path,
                    sizes::shown(partition.size_bytes)
                ));
            }
        }
        let partition = |p: &exhibit_device::Partition| json!({"path": p.path, "offset_bytes": p.offset_bytes, "size_bytes": p.size_bytes});
        let device = |d: &exhibit_device::Listed| {
            let mut value = json!(d.identity);
            if let Some(object) = value.as_object_mut() {
                object.insert("partitions".to_owned(), d.partitions.iter().map(partition).collect());
                object.remove("write_block"); // a decision taken at acquisition, not a property of the list
            }
            value
        };
        Ok(Done::new(json!({"devices": devices.iter().map(device).collect::<Vec<_>>()})))
    }
}

/// What a device says of itself, or a path to it: whoever made the device or the path chose the characters.
fn escaped(text: &str) -> String {
    Name::from(text).to_string()
}
