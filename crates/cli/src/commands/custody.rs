//! `exhibit custody`: the log of a case, shown and extended.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use exhibit_evidence::{Fact, Name, Recorder as _, Severity};
use serde_json::json;

use crate::actor::Actor;
use crate::case::Case;
use crate::outcome::{Done, Ending, Exit, Failure};
use crate::recording::{CaseRecorder, LogFiles};
use crate::world::{Tone, World};

/// Show or extend the custody log of a case.
#[derive(Debug, Args)]
pub(crate) struct Custody {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show who did what, when and why
    Log {
        /// The case folder
        #[arg(long)]
        case: PathBuf,
    },
    /// Add an event: seized, sealed, transported, received, opened, returned, note, correction, …
    Add {
        /// The case folder
        #[arg(long)]
        case: PathBuf,
        /// What happened
        #[arg(long, default_value = "note")]
        action: String,
        /// The item it concerns
        #[arg(long)]
        item: Option<String>,
        /// Where it happened
        #[arg(long)]
        place: Option<String>,
        /// Seal number
        #[arg(long)]
        seal: Option<String>,
        /// Why
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        actor: Actor,
        /// What there is to say about it
        #[arg(value_name = "TEXT")]
        text: Option<String>,
    },
}

impl Custody {
    pub(super) fn run(&self, world: &World) -> Ending {
        match &self.action {
            Action::Log { case } => show(world, &Case::open(case)?),
            Action::Add { case, action, item, place, seal, reason, actor, text } => {
                let known = action.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
                if action.is_empty() || !known {
                    return Err(Failure::usage(format!(
                        "{action:?} is not an event: use lower-case words joined by hyphens"
                    )));
                }
                if action == "note" && text.is_none() && reason.is_none() {
                    return Err(Failure::usage(
                        "a note needs words: exhibit custody add --case CASE \"what there is to say\"",
                    ));
                }
                let mut fact = Fact { reason: reason.clone(), ..Fact::new(action) };
                let object = [("item", item), ("seal", seal)];
                for (key, value) in object.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))) {
                    fact = fact.object(key, value);
                }
                let details = [("place", place), ("text", text)];
                for (key, value) in details.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))) {
                    fact = fact.detail(key, value);
                }
                let mut recorder = CaseRecorder::new(world, &Case::open(case)?, actor.clone())?;
                let number = recorder.record(fact).map_err(|error| Failure::new(error.to_string()))?;
                world.say(&format!("Recorded as number {number}."));
                Ok(Done::new(json!({"record": number})))
            }
        }
    }
}

/// Prints the log as a table.
fn show(world: &World, case: &Case) -> Ending {
    let read = LogFiles::read(&case.path)?.log();
    let heading = format!(
        "Custody log of case {} — {}",
        Name::from(case.file.number.as_str()),
        Name::from(case.file.title.as_str())
    );
    world.tell(&world.painted(&heading, Tone::Strong));
    for row in read.value.rows() {
        world.tell(&format!(
            "{:>4}  {}  {}  {}",
            row.number,
            row.time,
            row.actor,
            world.painted(&row.action, Tone::Strong)
        ));
        let lines = [("", &row.object), ("", &row.details)];
        for (label, text) in lines.into_iter().filter(|(_, text)| !text.is_empty()) {
            world.tell(&format!("      {label}{}", clipped(text)));
        }
        if let Some(reason) = &row.reason {
            world.tell(&format!("      reason: {reason}"));
        }
    }
    for finding in &read.findings {
        world.tell(&world.painted(&format!("! {finding}"), Tone::Bad));
    }
    world.say("This shows what the log says. Whether chain and signatures hold is checked with: exhibit verify CASE");
    let damaged = read.findings.iter().any(|finding| finding.severity == Severity::Mismatch);
    let records: Vec<_> = read
        .value
        .entries()
        .iter()
        .map(|entry| {
            let r = &entry.record;
            json!({"seq": r.seq, "time": r.time.to_string(), "actor": r.actor, "role": r.role, "action": r.action,
               "object": r.object, "reason": r.reason, "details": r.details})
        })
        .collect();
    let exit = if damaged { Exit::Mismatch } else { Exit::Done };
    Ok(Done::with(exit, json!({"records": records, "findings": read.findings})))
}

/// Details of an acquisition can fill pages: the table shows the beginning, --json all of it.
fn clipped(text: &str) -> String {
    const SHOWN_CHARS: usize = 300;
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(text)),
        None => text.to_owned(),
    }
}
