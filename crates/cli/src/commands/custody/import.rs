//! `exhibit custody import`: logs that other programs left, as provenance of an item.

use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_custody::provenance::{self, LOG_BYTES_MAX, PROGRAMS, Provenance};
use exhibit_evidence::{Fact, Name, Store as _};
use serde_json::json;

use crate::actor::Actor;
use crate::case::{Case, check_item_id};
use crate::items;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::recording::CaseRecorder;
use crate::world::{Tone, World};

/// Take in the log of another program as provenance: ewfacquire, Guymager .info, FTK Imager .txt, dc3dd, ddrescue map.
///
/// The file is kept byte for byte in the item and bound by its digest. What it says (times, program, digests, errors) goes into
/// the record, as what it says. Size and digests are compared with the image of the item, if there is one: what differs is a
/// discrepancy, and the exit code is 4.
///
/// Example: exhibit custody import --case C --item 001 disk.info
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The log (may be several)
    #[arg(required = true, value_name = "FILE")]
    logs: Vec<PathBuf>,
    /// The case folder
    #[arg(long)]
    case: PathBuf,
    /// The item it belongs to
    #[arg(long, value_name = "ID")]
    item: String,
    #[command(flatten)]
    actor: Actor,
}

/// A log that was read.
struct Taken {
    path: PathBuf,
    bytes: Vec<u8>,
    said: Provenance,
}

impl Import {
    pub(super) fn run(&self, world: &World) -> Ending {
        check_item_id(&self.item)?;
        let case = Case::open(&self.case)?;
        // All are read before any is taken in.
        let taken = self.logs.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
        let recorder = CaseRecorder::new(world, &case, self.actor.clone())?;
        let (mut numbers, mut differing) = (Vec::new(), Vec::new());
        for log in &taken {
            let (place, sha256) = self.keep(&case, log)?;
            let (matches, differs) = self.compare(&case, &log.said)?;
            let imported = Fact::new("imported")
                .object("item", self.item.clone())
                .object("path", place)
                .object("sha256", sha256)
                .object("size", log.bytes.len())
                .detail("name", shown(&log.path))
                .detail("provenance", json!(log.said))
                .detail("matches", json!(matches));
            let mut facts = vec![imported];
            for text in &differs {
                facts.push(Fact::new("discrepancy").object("item", self.item.clone()).detail("text", text.clone()));
            }
            numbers.push(recorder.record_all(facts)?);
            tell(world, log, &matches, &differs);
            differing.extend(differs);
        }
        let said: Vec<&Provenance> = taken.iter().map(|log| &log.said).collect();
        let exit = if differing.is_empty() { Exit::Done } else { Exit::Mismatch };
        Ok(Done::with(exit, json!({"records": numbers, "provenance": said, "discrepancies": differing})))
    }

    /// Puts the log into the item; the same bytes may be there already.
    fn keep(&self, case: &Case, log: &Taken) -> Result<(String, String), Failure> {
        let sha256 = super::sha256(&log.bytes)?;
        let name = log.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let usable = !name.is_empty()
            && name.len() <= 100
            && name.chars().all(plain)
            && !name.starts_with('.')
            && !name.ends_with('.');
        let name = if usable && !name.ends_with(".partial") && !name.ends_with(".acquisition.json") {
            name.to_owned()
        } else {
            format!("{}.txt", sha256.get(..16).unwrap_or(&sha256))
        };
        let place = format!("items/{}/provenance/{name}", self.item);
        let path = case.path.join(&place);
        if path.exists() {
            let there = exhibit_device::read_small(&path, LOG_BYTES_MAX).map_err(|e| Failure::io("read", &path, &e))?;
            if there != log.bytes {
                return Err(Failure::new(format!("{} exists already and is another one", shown(&path)))
                    .hint("rename the new log; nothing was overwritten"));
            }
        } else {
            case.folder()?.publish(&place, &log.bytes)?;
        }
        Ok((place, sha256))
    }

    /// What the log says, against the image of the item.
    fn compare(&self, case: &Case, said: &Provenance) -> Result<(Vec<String>, Vec<String>), Failure> {
        let (mut matches, mut differs) = (Vec::new(), Vec::new());
        let found = items::read(case, &[])?;
        let records = found.iter().filter(|item| item.id == self.item).flat_map(|item| &item.records);
        for record in records {
            for (algorithm, hex) in &said.digests {
                match record.digests.get(algorithm) {
                    Some(own) if own == hex => matches.push(format!("{algorithm} of the medium: {hex}")),
                    Some(own) => {
                        differs.push(format!("{algorithm} of the medium: the log says {hex}, the image has {own}"))
                    }
                    None => {}
                }
            }
            let own = record.size_bytes.to_string();
            match &said.size {
                Some(size) if *size == own => matches.push(format!("size: {own} bytes")),
                Some(size) => differs.push(format!("size: the log says {size} bytes, the image has {own}")),
                None => {}
            }
        }
        Ok((matches, differs))
    }
}

fn read(path: &Path) -> Result<Taken, Failure> {
    let bytes =
        exhibit_device::read_small(path, LOG_BYTES_MAX).map_err(|error| Failure::io("read the log", path, &error))?;
    let said = provenance::read(&bytes).ok_or_else(|| {
        let known: Vec<&str> = PROGRAMS.iter().map(|program| program.title).collect();
        Failure::usage(format!("{} is no log of a program that is known here", shown(path)))
            .hint(format!("known are: {}; others can be kept with a note that names their digest", known.join(", ")))
    })?;
    Ok(Taken { path: path.to_path_buf(), bytes, said })
}

fn tell(world: &World, log: &Taken, matches: &[String], differs: &[String]) {
    let said = &log.said;
    let name = |text: &str| Name::from(text).to_string();
    let version = said.version.as_deref().map(name).unwrap_or_default();
    world.say(&format!("{}: log of {} {version}", shown(&log.path), said.program));
    for (algorithm, hex) in &said.digests {
        world.say(&format!("  says  {algorithm} {hex}"));
    }
    for error in said.errors.iter().chain(&said.remarks) {
        world.say(&format!("  says  {}", name(error)));
    }
    for line in matches {
        world.say(&format!("  as in the image  {line}"));
    }
    for line in differs {
        world.say(&world.painted(&format!("  DIFFERS  {line}"), Tone::Bad));
    }
    if matches.is_empty() && differs.is_empty() {
        world.remark("note: there is nothing in the item to compare it with");
    }
}
