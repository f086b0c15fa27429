//! `exhibit new`: starts a case folder.

use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_authority::{Authority, Mark, Scope};
use exhibit_evidence::{Fact, Recorder as _, Store as _, to_hex};
use exhibit_store::Folder;
use serde_json::json;

use crate::actor::Actor;
use crate::authority;
use crate::case::{CASE_FILE, Case, CaseFile, FORMAT};
use crate::outcome::{Done, Ending, Failure, shown};
use crate::recording::CaseRecorder;
use crate::world::World;

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
    /// File with the legal authority (warrant, order, consent): TOML or JSON, see `exhibit custody template authority`; a
    /// .txt file is kept as a text
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
    /// File with what the authority covers: TOML or JSON, see `exhibit custody template scope`; a .txt file is kept as a text
    #[arg(long, value_name = "FILE")]
    scope: Option<PathBuf>,
    /// Mark of handling: TLP:RED, TLP:AMBER+STRICT, TLP:AMBER, TLP:GREEN, TLP:CLEAR, or a national one (may be given several times)
    #[arg(long, value_name = "MARK")]
    handling: Vec<String>,
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
        let authority = authority::read::<Authority>(self.authority.as_deref())?;
        let scope = authority::read::<Scope>(self.scope.as_deref())?;
        let file = CaseFile {
            format: FORMAT.to_owned(),
            number: self.number.clone(),
            title: self.title.clone(),
            examiner: self.examiner.clone(),
            agency: self.agency.clone(),
            created: world.clock.now().to_string(),
            authority: authority.value,
            scope: scope.value,
            handling: self.marks(authority.document.as_ref())?,
        };
        let review = exhibit_authority::review(
            &authority.document.unwrap_or_default(),
            &scope.document.unwrap_or_default(),
            &authority::vocabulary(world)?,
        );
        let case = create(world, &self.case, file)?;
        world.say(&format!("Case {} begun in {}", case.file.number, shown(&self.case)));
        world.say(&format!("Next: exhibit acquire SOURCE --case {} --item 001", shown(&self.case)));
        authority::tell(world, &review);
        Ok(Done::new(json!({"case": shown(&self.case), "number": case.file.number, "review": review})))
    }

    /// Marks of handling: those given, otherwise those of the authority.
    fn marks(&self, authority: Option<&Authority>) -> Result<Vec<String>, Failure> {
        for mark in &self.handling {
            Mark::try_from(mark.clone()).map_err(|why| Failure::usage(format!("--handling {mark:?}: {why}")))?;
        }
        if self.handling.is_empty() {
            let marks = authority.map(|authority| authority.handling.as_slice()).unwrap_or_default();
            return Ok(marks.iter().map(|mark| mark.as_str().to_owned()).collect());
        }
        Ok(self.handling.clone())
    }
}

/// Makes the folder, its case file and the first record.
pub(super) fn create(world: &World, path: &Path, file: CaseFile) -> Result<Case, Failure> {
    let value = serde_json::to_value(&file).map_err(|error| Failure::new(error.to_string()))?;
    let bytes = exhibit_custody::canonical::write(&value).map_err(|fault| Failure::usage(fault.to_string()))?;
    // Before anything is made: a key that does not open leaves nothing behind.
    let key = crate::keys::load_or_create(world, &file.examiner)?.public_key();
    let folder = Folder::new(path)?;
    let case = Case { path: path.to_path_buf(), file, file_bytes: bytes.clone() };
    let digest = exhibit_hash::algorithm("sha256").map(|algorithm| {
        let mut digester = algorithm.start();
        digester.update(&bytes);
        to_hex(digester.digest().bytes())
    });
    let fact = Fact::new("case-opened")
        .detail(exhibit_custody::layout::key_detail::KEY, key.to_openssh())
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
