//! `exhibit new`: starts a case folder.

use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_evidence::{Fact, Recorder as _, Store as _, to_hex};
use exhibit_store::Folder;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::case::{CASE_FILE, Case, CaseFile, FORMAT};
use crate::outcome::{Done, Ending, Failure, shown};
use crate::recording::CaseRecorder;
use crate::world::World;

/// Largest authority or scope file: a scanned order does not belong here, its text does.
const DOCUMENT_BYTES_MAX: u64 = 1 << 20;

/// Start a case folder.
///
/// The folder gets `case.json` (who, what, under which authority), `custody/` (the signed log) and, with the first
/// acquisition, `items/`.
///
/// Example: exhibit new cases/2026-117 --number 2026-117 --title "Laptop of …" --examiner "A. Example" --agency "Lab 3"
#[derive(Debug, Args)]
pub(crate) struct New {
    /// Folder to make; it must not exist
    case: PathBuf,
    /// Case number
    #[arg(long)]
    number: String,
    /// Title in plain words
    #[arg(long)]
    title: String,
    /// Who is responsible for the examination
    #[arg(long)]
    examiner: String,
    /// The examiner's office
    #[arg(long)]
    agency: String,
    /// File with the legal authority (warrant, order, consent): JSON or text
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
    /// File with what the authority covers: JSON or text
    #[arg(long, value_name = "FILE")]
    scope: Option<PathBuf>,
}

impl New {
    pub(super) fn run(&self, world: &World) -> Ending {
        for (name, value) in
            [("number", &self.number), ("title", &self.title), ("examiner", &self.examiner), ("agency", &self.agency)]
        {
            if value.trim().is_empty() || value.chars().any(char::is_control) {
                return Err(Failure::usage(format!("--{name} must be one line of text")));
            }
        }
        let file = CaseFile {
            format: FORMAT.to_owned(),
            number: self.number.clone(),
            title: self.title.clone(),
            examiner: self.examiner.clone(),
            agency: self.agency.clone(),
            created: world.clock.now().to_string(),
            authority: self.authority.as_deref().map(document).transpose()?.unwrap_or(Value::Null),
            scope: self.scope.as_deref().map(document).transpose()?.unwrap_or(Value::Null),
        };
        let case = create(world, &self.case, file)?;
        world.say(&format!("Case {} begun in {}", case.file.number, shown(&self.case)));
        world.say(&format!("Next: exhibit acquire SOURCE --case {} --item 001", shown(&self.case)));
        Ok(Done::new(json!({"case": shown(&self.case), "number": case.file.number})))
    }
}

/// Makes the folder, its case file and the first record.
pub(super) fn create(world: &World, path: &Path, file: CaseFile) -> Result<Case, Failure> {
    let value = serde_json::to_value(&file).map_err(|error| Failure::new(error.to_string()))?;
    let bytes = exhibit_custody::canonical::write(&value).map_err(|fault| Failure::usage(fault.to_string()))?;
    let folder = Folder::new(path)?;
    let case = Case { path: path.to_path_buf(), file, file_bytes: bytes.clone() };
    let digest = exhibit_hash::algorithm("sha256").map(|algorithm| {
        let mut digester = algorithm.start();
        digester.update(&bytes);
        to_hex(digester.digest().bytes())
    });
    let fact = Fact::new("case-opened")
        .object("path", CASE_FILE)
        .object("sha256", digest.unwrap_or_default())
        .detail("title", case.file.title.clone())
        .detail("agency", case.file.agency.clone());
    CaseRecorder::new(world, &case, Actor::examiner())?
        .record(fact)
        .map_err(|error| Failure::new(error.to_string()))?;
    folder.publish(CASE_FILE, &bytes)?;
    Ok(case)
}

/// A document as JSON, if it is JSON, otherwise as text.
fn document(path: &Path) -> Result<Value, Failure> {
    let bytes = exhibit_device::read_small(path, DOCUMENT_BYTES_MAX).map_err(|e| Failure::io("read", path, &e))?;
    if let Ok(value) = exhibit_custody::strict_json::parse(&bytes, bytes.len()) {
        return exhibit_custody::canonical::sanitise(value)
            .map_err(|fault| Failure::usage(format!("{}: {fault}", shown(path))));
    }
    let text = String::from_utf8(bytes);
    text.map(Value::String).map_err(|_| Failure::usage(format!("{} is neither JSON nor UTF-8 text", shown(path))))
}
