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
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Case folder
    target: PathBuf,
    /// Kind of document: html
    #[arg(long, default_value = "html")]
    format: String,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Verify the case first, at full level
    #[arg(long)]
    check: bool,
}

impl Report {
    pub(super) fn run(&self, world: &World) -> Ending {
        let Some(output) = exhibit_report::find_output(&self.format) else {
            let known: Vec<&str> = exhibit_report::OUTPUTS.iter().map(|output| output.id).collect();
            return Err(Failure::usage(format!(
                "{:?} is not a kind of report; known: {}",
                self.format,
                known.join(", ")
            )));
        };
        if !self.target.join(crate::case::CASE_FILE).exists() {
            return Err(Failure::usage(format!("{} is not a case folder", shown(&self.target)))
                .hint("a package already holds its report: unzip it and open exhibit/report.html"));
        }
        let case = Case::open(&self.target)?;
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
        match &self.to {
            None => {
                world.print_line(&String::from_utf8_lossy(&bytes));
                Ok(Done::new(json!({"format": self.format})))
            }
            Some(to) => {
                let (folder, name) = crate::store_paths::split(to)?;
                Folder::at(folder)?.publish(&name, &bytes)?;
                world.say(&format!("Report: {}", shown(to)));
                Ok(Done::new(json!({"format": self.format, "report": shown(to)})))
            }
        }
    }
}
