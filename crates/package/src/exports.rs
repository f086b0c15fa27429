//! What a package says about itself in the languages of others: one file and one line each.

mod case_uco;
mod dfxml;
mod premis;

use exhibit_evidence::acquisition::Acquisition;

use crate::manifest::Manifest;

/// What an export is made of.
pub struct Whole<'a> {
    /// What is in the package.
    pub manifest: &'a Manifest,
    /// How it came about.
    pub history: &'a History,
}

/// How the items came about, as far as it is told.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Acquisition records, each with the item it belongs to.
    pub acquisitions: Vec<(String, Acquisition)>,
    /// The records of the custody log, in order.
    pub events: Vec<Event>,
}

/// A record of the custody log.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its number.
    pub seq: u64,
    /// RFC 3339, UTC.
    pub time: String,
    /// Who.
    pub actor: String,
    /// As what; may be empty.
    pub role: String,
    /// Id of what was done.
    pub action: String,
    /// The same in words.
    pub sentence: String,
    /// The item it concerns, if it names one.
    pub item: Option<String>,
    /// Why, if it was said.
    pub reason: Option<String>,
}

/// A language that others read.
pub trait Export: Sync {
    /// Stable id.
    fn id(&self) -> &'static str;

    /// Where it lies in the bag.
    fn path(&self) -> &'static str;

    /// The bytes; the same for the same package.
    ///
    /// # Errors
    /// If something cannot be said in this language; in words.
    fn write(&self, whole: &Whole<'_>) -> Result<Vec<u8>, String>;
}

/// All languages, in the order of their paths.
pub static EXPORTS: &[&dyn Export] = &[&case_uco::CaseUco, &dfxml::Dfxml, &premis::Premis];

/// Most files that an export names one by one; of more it says how many there are, and that the manifest lists them.
pub const FILES_NAMED_MAX: usize = 20_000;

/// Text for XML: what XML cannot hold is escaped by [`exhibit_evidence::Name`] already, the rest here.
fn xml(text: &str) -> String {
    quick_xml::escape::escape(exhibit_evidence::Name::from(text).to_string()).into_owned()
}
