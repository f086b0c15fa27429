//! `exhibit custody`: the log of a case, shown and extended. Each part of it has a file of its own beside this one's folder.

mod add;
mod import;
mod log;
mod receive;
mod template;
mod transfer;

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Args, Subcommand};

use exhibit_evidence::{Name, to_hex};

use crate::outcome::{Ending, Failure};
use crate::world::World;

/// Show or extend the custody log of a case.
#[derive(Debug, Args)]
pub(crate) struct Custody {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show who did what, when and why, and whether the log is whole
    Log(log::Show),
    /// Add an event: seized, sealed, transported, received, opened, returned, destroyed, note, correction, …
    Add(Box<add::Add>),
    /// Hand items over: record it and write a small signed file for the receiver
    Transfer(Box<transfer::Transfer>),
    /// Check a handover, answer it and go on in your own log; or take in the answer to your own
    Receive(Box<receive::Receive>),
    /// Take in the log of another program as provenance of an item
    Import(import::Import),
    /// Print an empty authority or scope document to fill in, or its JSON Schema
    Template(template::Template),
    /// Show the ids of legal instruments and articles
    Vocabulary(template::Words),
}

impl Custody {
    pub(super) fn run(&self, world: &World) -> Ending {
        match &self.action {
            Action::Log(command) => command.run(world),
            Action::Add(command) => command.run(world),
            Action::Transfer(command) => command.run(world),
            Action::Receive(command) => command.run(world),
            Action::Import(command) => command.run(world),
            Action::Template(command) => command.run(world),
            Action::Vocabulary(command) => command.run(world),
        }
    }
}

/// Seals as they are given on the command line, by item: `ITEM=NUMBER`, or `NUMBER` where there is one item only.
fn seals_by_item(given: &[String], items: &[String]) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut seals: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in given {
        let (item, number) = match (text.split_once('='), items) {
            (Some((item, number)), _) if items.iter().any(|id| id == item) => (item, number),
            (_, [only]) => (only.as_str(), text.as_str()),
            _ => {
                return Err(Failure::usage(format!("--seal {:?}: of which item?", Name::from(text.as_str())))
                    .hint(format!("write ITEM=NUMBER; the items are: {}", items.join(", "))));
            }
        };
        if number.trim().is_empty() || number.chars().any(char::is_control) {
            return Err(Failure::usage(format!("--seal {:?} is not a number of a seal", Name::from(text.as_str()))));
        }
        seals.entry(item.to_owned()).or_default().push(number.to_owned());
    }
    Ok(seals)
}

/// SHA-256 of bytes, lower-case hexadecimal.
fn sha256(bytes: &[u8]) -> Result<String, Failure> {
    let algorithm = exhibit_hash::algorithm("sha256").ok_or_else(|| Failure::new("SHA-256 is not in this build"))?;
    let mut digester = algorithm.start();
    digester.update(bytes);
    Ok(to_hex(digester.digest().bytes()))
}

/// Size and SHA-256 of a file of any size.
fn digest(world: &World, path: &Path) -> Result<(u64, String), Failure> {
    let algorithm = exhibit_hash::algorithm("sha256").ok_or_else(|| Failure::new("SHA-256 is not in this build"))?;
    let hashed = super::hash::small_file(world, path, &[algorithm])?;
    if world.cancel.is_cancelled() {
        return Err(Failure::of(exhibit_evidence::Class::Interrupted, "interrupted; nothing was recorded"));
    }
    let sha256 = hashed.digests.get("sha256").unwrap_or_default().to_owned();
    Ok((hashed.size, sha256))
}
