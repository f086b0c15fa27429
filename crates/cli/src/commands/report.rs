//! `exhibit report`: the facts of a case, for a person.

use std::path::PathBuf;

use clap::Args;
use exhibit_evidence::{Fact, Store as _};
use exhibit_report::RenderError;
use exhibit_store::Folder;
use exhibit_verify::Level;
use serde_json::json;

use crate::case::Case;
use crate::fonts;
use crate::items;
use crate::keys;
use crate::outcome::{Done, Ending, Exit, Failure, quoted, shown};
use crate::recording;
use crate::said;
use crate::world::World;

/// The facts of a case, for a person: one file that needs nothing else.
///
/// For an examiner it is the full technical annex, for a court a statement of two pages, for the person searched a receipt.
/// With --lang fr,ar it is in two languages beside each other.
///
/// With --check the case is verified first and the report says what came out; without it, it says that nothing was checked.
///
/// With --sheet it is a cover sheet for a purpose instead, a draft of which each sentence names the record it comes from:
/// preservation, mla, receipt (for the person searched), certification, handover, card (24/7, with a QR code).
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Case folder
    target: PathBuf,
    /// Form of the document: html, text, or pdf in builds that have it
    #[arg(long, default_value = "html")]
    format: String,
    /// For whom: examiner, court or person-searched
    #[arg(long = "for", value_name = "READER", default_value = "examiner", conflicts_with = "sheet")]
    reader: String,
    /// A cover sheet instead of the report: preservation, mla, receipt, certification, handover, card
    #[arg(long, value_name = "KIND")]
    sheet: Option<String>,
    /// Folder with the fonts for a PDF [default: those of the system]
    #[arg(long, value_name = "DIR")]
    font_dir: Option<PathBuf>,
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
            let values = [("form", &*quoted(&self.format)), ("known", &known.join(", "))];
            let failure = Failure::misused("err-report-form", &values);
            return Err(if self.format == "pdf" { failure.advise("hint-build-pdf", &[]) } else { failure });
        };
        if output.needs_fonts && self.to.is_none() {
            return Err(Failure::misused("err-pdf-needs-file", &[]).advise("hint-name-a-file", &[]));
        }
        let Some(reader) = exhibit_report::find_reader(&self.reader) else {
            let known: Vec<&str> = exhibit_report::READERS.iter().map(|reader| reader.id).collect();
            let values = [("reader", &*quoted(&self.reader)), ("known", &known.join(", "))];
            return Err(Failure::misused("err-report-reader", &values));
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
        let document = exhibit_report::document(&facts, reader, world.languages.all());
        let fonts = if output.needs_fonts { fonts::read(self.font_dir.as_deref())? } else { Vec::new() };
        let bytes = (output.render)(&document, &fonts).map_err(|error| not_rendered(&error))?;
        let languages: Vec<&str> = document.languages.iter().map(|language| language.tag).collect();
        let fact = Fact::new("reported")
            .detail("format", self.format.clone())
            .detail("for", reader.id)
            .detail("languages", languages.join(","));
        recording::record_reading(world, &case.path, fact);
        self.write(world, &bytes, json!({"format": self.format, "for": reader.id, "languages": languages}))
    }

    fn case(&self) -> Result<Case, Failure> {
        if !self.target.join(crate::case::CASE_FILE).exists() {
            return Err(Failure::misused("err-not-a-case", &[("path", &shown(&self.target))])
                .advise("hint-package-has-report", &[]));
        }
        Case::open(&self.target)
    }

    fn make_sheet(&self, world: &World, kind: &str) -> Ending {
        let Some(sheet) = exhibit_report::find_sheet(kind) else {
            let known: Vec<&str> = exhibit_report::SHEETS.iter().map(|sheet| sheet.id).collect();
            let values = [("kind", &*quoted(kind)), ("known", &known.join(", "))];
            return Err(Failure::misused("err-sheet-kind", &values));
        };
        let case = self.case()?;
        let facts = crate::sheets::facts(world, &case)?;
        let page = (sheet.make)(&facts);
        let bytes = match self.format.as_str() {
            "html" => page.html(&facts),
            "text" => page.text(&facts),
            other => return Err(Failure::misused("err-sheet-form", &[("form", &quoted(other))])),
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
                world.say(&said::line(world.languages.first(), "report-written", "path", &shown(to)));
                if let Some(outcome) = outcome.as_object_mut() {
                    outcome.insert("report".to_owned(), shown(to).into());
                }
            }
        }
        Ok(Done::new(outcome))
    }
}

/// The full document as a page, in the languages of the command: packages carry it.
pub(super) fn page(world: &World, facts: &exhibit_report::Facts) -> String {
    exhibit_report::html(&exhibit_report::document(facts, &exhibit_report::EXAMINER, world.languages.all()))
}

/// Why there is no document, and what to install.
fn not_rendered(error: &RenderError) -> Failure {
    match error {
        RenderError::NoFont { letter, script, package } => {
            let letter = format!("{letter} (U+{:04X})", u32::from(*letter));
            Failure::said(Exit::Failed, "err-no-font", &[("letter", &letter), ("script", script)])
                .advise("hint-install-font", &[("package", package)])
        }
        RenderError::Refused(why) => Failure::said(Exit::Failed, "err-not-rendered", &[("why", why)]),
    }
}
