//! `exhibit report`: the facts of a case, for a person.

use std::path::PathBuf;

use clap::Args;
use exhibit_evidence::{Fact, Store as _};
use exhibit_store::Folder;
use exhibit_verify::Level;
use serde_json::json;

use crate::case::Case;
use crate::items;
use crate::keys;
use crate::outcome::{Done, Ending, Failure, shown};
use crate::recording;
use crate::world::World;

/// The facts of a case, for a person: one HTML file that needs nothing else.
///
/// With --check the case is verified first and the report says what came out; without it, it says that nothing was checked.
///
/// With --sheet it is a cover sheet for a purpose instead, a draft of which each sentence names the record it comes from:
/// preservation, mla, receipt (for the person searched), certification, handover, card (24/7, with a QR code).
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Case folder
    target: PathBuf,
    /// Kind of document: html; for sheets also text
    #[arg(long, default_value = "html")]
    format: String,
    /// A cover sheet instead of the report: preservation, mla, receipt, certification, handover, card
    #[arg(long, value_name = "KIND")]
    sheet: Option<String>,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Verify the case first, at full level
    #[arg(long)]
    check: bool,
}

impl Report {
    pub(super) fn run(&self, world: &World) -> Ending {
        if let Some(kind) = &self.sheet {
            return self.make_sheet(world, kind);
        }
        let Some(output) = exhibit_report::find_output(&self.format) else {
            let known: Vec<&str> = exhibit_report::OUTPUTS.iter().map(|output| output.id).collect();
            return Err(Failure::usage(format!(
                "{:?} is not a kind of report; known: {}",
                self.format,
                known.join(", ")
            )));
        };
        let case = self.case()?;
        let found = items::read(&case, &[])?;
        let verdict = if self.check {
            let keys: Vec<_> = keys::own_public(world).into_iter().collect();
            Some(super::verify::check(world, &case.path, Level::Full, &keys)?.for_report)
        } else {
            None
        };
        let facts = items::facts(world, &case, &found, verdict)?;
        let bytes = (output.render)(&facts);
        recording::record_reading(world, &case.path, Fact::new("reported").detail("format", self.format.clone()));
        self.write(world, &bytes, json!({"format": self.format}))
    }

    fn case(&self) -> Result<Case, Failure> {
        if !self.target.join(crate::case::CASE_FILE).exists() {
            return Err(Failure::usage(format!("{} is not a case folder", shown(&self.target)))
                .hint("a package already holds its report: unzip it and open exhibit/report.html"));
        }
        Case::open(&self.target)
    }

    fn make_sheet(&self, world: &World, kind: &str) -> Ending {
        let Some(sheet) = exhibit_report::find_sheet(kind) else {
            let known: Vec<&str> = exhibit_report::SHEETS.iter().map(|sheet| sheet.id).collect();
            return Err(Failure::usage(format!("{kind:?} is not a kind of sheet; known: {}", known.join(", "))));
        };
        let case = self.case()?;
        let facts = crate::sheets::facts(world, &case)?;
        let page = (sheet.make)(&facts);
        let bytes = match self.format.as_str() {
            "html" => page.html(&facts),
            "text" => page.text(&facts),
            other => return Err(Failure::usage(format!("a sheet is html or text, not {other:?}"))),
        };
        let fact = Fact::new("reported").detail("sheet", kind).detail("format", self.format.clone());
        recording::record_reading(world, &case.path, fact);
        self.write(
            world,
            bytes.trim_end().as_bytes(),
            json!({"format": self.format, "sheet": kind, "missing": facts.missing}),
        )
    }

    /// Puts the document where it was asked for.
    fn write(&self, world: &World, bytes: &[u8], mut outcome: serde_json::Value) -> Ending {
        match &self.to {
            None => world.print_line(&String::from_utf8_lossy(bytes)),
            Some(to) => {
                let (folder, name) = crate::store_paths::split(to)?;
                Folder::at(folder)?.publish(&name, bytes)?;
                world.say(&format!("Report: {}", shown(to)));
                if let Some(outcome) = outcome.as_object_mut() {
                    outcome.insert("report".to_owned(), shown(to).into());
                }
            }
        }
        Ok(Done::new(outcome))
    }
}
