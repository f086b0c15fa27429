//! `exhibit custody transfer`: what the sender of a handover states and signs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_custody::handover::{File, Handover, Head, Item, Party};
use exhibit_custody::layout::handover::{DETAIL, ENDING, FORMAT};
use exhibit_custody::{Event, Log};
use exhibit_evidence::{Fact, Name, Store as _, to_hex};
use exhibit_store::Folder;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::case::{Case, check_item_id};
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::recording::{CaseRecorder, LogFiles};
use crate::world::{TOOL, World};
use crate::{items, keys};

/// Hand items over: records it, and writes a small signed file for the receiver.
///
/// The file (ending .exhibit-handover) names the items with their digests, seals and condition, who hands over, who
/// receives, and the signed head of the log. It travels as you can: by e-mail, on a stick. The receiver checks and answers it
/// with `exhibit custody receive`, and you take the answer in with the same command.
///
/// Example: exhibit custody transfer --case C --item 001 --to "B. Receiver" --to-agency "Court of X" --condition undamaged
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// The case folder
    #[arg(long)]
    case: PathBuf,
    /// Who is to receive
    #[arg(long, value_name = "NAME")]
    to: String,
    /// The receiver's office
    #[arg(long, value_name = "AGENCY")]
    to_agency: Option<String>,
    /// The receiver's public key, if you have it: then nobody else can answer
    #[arg(long, value_name = "PUB")]
    to_key: Option<PathBuf>,
    /// An item that is handed over (may be given several times) [default: all that the case knows]
    #[arg(long, value_name = "ID")]
    item: Vec<String>,
    /// A file that is handed over with them: a package, a report (may be given several times)
    #[arg(long, value_name = "FILE")]
    file: Vec<PathBuf>,
    /// Seal that is in place: ITEM=NUMBER, or NUMBER if there is one item [default: those the log knows]
    #[arg(long, value_name = "SEAL")]
    seal: Vec<String>,
    /// In what condition the items are
    #[arg(long)]
    condition: Option<String>,
    /// Where
    #[arg(long)]
    place: Option<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// Under which authority: its reference
    #[arg(long, value_name = "REFERENCE")]
    authority: Option<String>,
    /// File to write [default: CASE-ID.exhibit-handover in the current folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    actor: Actor,
}

impl Transfer {
    pub(super) fn run(&self, world: &World) -> Ending {
        let case = Case::open(&self.case)?;
        let id = random_id()?;
        let out = self.out.clone().unwrap_or_else(|| default_name(&case, &id));
        let (folder, name) = crate::store_paths::split(&out)?;
        let folder = Folder::at(folder)?;
        if folder.exists(&name) {
            return Err(Failure::new(format!("{} exists already", shown(&out)))
                .hint("choose another name with --out; nothing was overwritten"));
        }
        let log = LogFiles::read(&case.path)?.log().value;
        let items = self.items(&case, &log)?;
        let files = self.file.iter().map(|path| file(world, path)).collect::<Result<Vec<_>, _>>()?;
        let recorder = CaseRecorder::new(world, &case, self.actor.clone())?;
        let (from_name, role) = recorder.actor();
        let key = recorder.key().public_key().to_openssh();
        let mut statement = Handover {
            format: FORMAT.to_owned(),
            id: id.clone(),
            case: case.file.number.clone(),
            created: world.clock.now().to_string(),
            from: Party { name: from_name, agency: Some(case.file.agency.clone()), role: Some(role), key: Some(key) },
            to: self.receiver()?,
            items,
            files,
            place: self.place.clone(),
            reason: self.reason.clone(),
            authority: self.authority.clone(),
            handling: log.handling().unwrap_or_else(|| case.file.handling.clone()),
            log: Head::default(),
            tool: TOOL.to_owned(),
        };
        let number = recorder.record_all(vec![self.fact(world, &log, &statement)?])?;
        statement.log = recorder.head_covering(number)?;
        let text = statement.sign(recorder.key().as_ref()).map_err(|fault| Failure::new(fault.to_string()))?;
        folder.publish(&name, text.as_bytes())?;
        world.say(&format!("Handover {} recorded as number {number}: {}", statement.id, shown(&out)));
        world.say(&format!(
            "Give it to {} with your public key, and ask for the receipt.",
            Name::from(self.to.as_str())
        ));
        world.say(&format!(
            "There: exhibit custody receive {} --case THEIR-CASE --key YOUR.pub",
            Name::from(name.as_str())
        ));
        Ok(Done::new(json!({"handover": shown(&out), "id": id, "record": number, "statement": statement})))
    }

    fn receiver(&self) -> Result<Party, Failure> {
        if self.to.trim().is_empty() || self.to.ends_with(ENDING) {
            return Err(Failure::usage("--to says who is to receive").hint("name the file to write with --out FILE"));
        }
        let key = match &self.to_key {
            None => None,
            Some(path) => match keys::load_public(path)?.as_slice() {
                [key] => Some(key.to_openssh()),
                _ => return Err(Failure::usage(format!("{} holds more than one key", shown(path)))),
            },
        };
        Ok(Party { name: self.to.clone(), agency: self.to_agency.clone(), role: None, key })
    }

    /// The items with what the case knows about them.
    fn items(&self, case: &Case, log: &Log) -> Result<Vec<Item>, Failure> {
        for id in &self.item {
            check_item_id(id)?;
        }
        let imaged = items::read(case, &[])?;
        let mut known: Vec<String> = imaged.iter().map(|item| item.id.clone()).collect();
        for entry in log.entries() {
            if let Some(Value::String(id)) = entry.record.object.get("item") {
                known.push(id.clone());
            }
        }
        known.sort_unstable();
        known.dedup();
        if let Some(unknown) = self.item.iter().find(|id| !known.contains(id)) {
            return Err(Failure::usage(format!("the case has no item {}", Name::from(unknown.as_str())))
                .hint("say first where it comes from: exhibit custody add --case CASE --action received --item ID …"));
        }
        let wanted = if self.item.is_empty() { known } else { self.item.clone() };
        if wanted.is_empty() && self.file.is_empty() {
            return Err(Failure::usage("the case has no item that could be handed over")
                .hint("name an item with --item ID, or a file with --file FILE"));
        }
        let seals = self.seals(&wanted)?;
        let one = |id: &String| {
            let record = imaged.iter().find(|item| item.id == *id).and_then(|item| item.records.first());
            let digests = record.map(|record| {
                record.digests.iter().map(|(algorithm, hex)| (algorithm.to_owned(), hex.to_owned())).collect()
            });
            Item {
                id: id.clone(),
                description: record.and_then(|record| record.plan.description.clone()),
                seals: seals.get(id).cloned().unwrap_or_else(|| log.seals(id)),
                condition: self.condition.clone(),
                size: record.map(|record| record.size_bytes.to_string()),
                digests: digests.unwrap_or_default(),
                tree_root: record.map(|record| record.tree.root.clone()),
            }
        };
        Ok(wanted.iter().map(one).collect())
    }

    /// Seals as given, by item.
    fn seals(&self, wanted: &[String]) -> Result<BTreeMap<String, Vec<String>>, Failure> {
        super::seals_by_item(&self.seal, wanted)
    }

    /// The fact for the log: everything that is stated but the head of the log itself.
    fn fact(&self, world: &World, log: &Log, statement: &Handover) -> Result<Fact, Failure> {
        let event = Event {
            action: "handed-over".to_owned(),
            item: match statement.items.as_slice() {
                [item] => Some(item.id.clone()),
                _ => None,
            },
            place: self.place.clone(),
            reason: self.reason.clone(),
            authority: self.authority.clone(),
            condition: self.condition.clone(),
            to: Some(self.to.clone()),
            ..Event::default()
        };
        let (fact, _) = event.fact(world.clock.now(), log.size()).map_err(|fault| Failure::usage(fault.to_string()))?;
        Ok(fact
            .detail(DETAIL, statement.id.clone())
            .detail("to_agency", json!(statement.to.agency))
            .detail("to_key", json!(statement.to.key))
            .detail("items", json!(statement.items))
            .detail("files", json!(statement.files)))
    }
}

/// 128 bits by lot, in hexadecimal.
fn random_id() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Failure::new(format!("the system gives no randomness: {error}")))?;
    Ok(to_hex(&bytes))
}

fn default_name(case: &Case, id: &str) -> PathBuf {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let number: String = case.file.number.chars().map(safe).take(60).collect();
    let number = number.trim_matches(['-', '.']).to_owned();
    let short = id.get(..8).unwrap_or(id);
    PathBuf::from(format!("{number}-{short}{ENDING}"))
}

/// Size and digest of a file.
pub(super) fn file(world: &World, path: &Path) -> Result<File, Failure> {
    let (_, name) = crate::store_paths::split(path)?;
    let (size, sha256) = super::digest(world, path)?;
    Ok(File { name, size: size.to_string(), sha256 })
}

/// The exit of a handover that was checked: what is not as stated outweighs what was not checked.
pub(super) const fn exit(wrong: bool, unchecked: bool) -> Exit {
    match (wrong, unchecked) {
        (true, _) => Exit::Mismatch,
        (false, true) => Exit::Incomplete,
        (false, false) => Exit::Done,
    }
}
