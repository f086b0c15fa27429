//! `exhibit custody add`: an event, in the words of a person.

use std::path::PathBuf;

use clap::Args;
use exhibit_custody::actions::{ACTIONS, Field, ROLES};
use exhibit_custody::{Event, StatedTime};
use exhibit_evidence::{Name, Recorder as _};
use serde_json::json;

use crate::actor::Actor;
use crate::case::{Case, check_item_id};
use crate::outcome::{Done, Ending, Failure};
use crate::recording::{CaseRecorder, LogFiles};
use crate::world::World;

/// Add an event: seized, sealed, transported, received, opened, returned, destroyed, note, correction, …
///
/// What an event usually says and nobody said is named, and the event is recorded all the same. A record is never
/// changed: a correction is another record, and names the one it corrects.
///
/// Examples:
///   exhibit custody add --case C --action seized --item 001 --place "Harbour 4" --at 2026-11-23T09:58+01:00 \
///       --authority "order 12/26" --reason search --role first-responder --actor "B. Officer"
///   exhibit custody add --case C --action sealed --item 001 --seal 4711 --place "Harbour 4"
///   exhibit custody add --case C --action correction --corrects 3 "the seal is 4712, not 4711"
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The case folder
    #[arg(long)]
    case: PathBuf,
    #[arg(long, default_value = "note", help = format!("What happened: {}; or another word", known_actions()))]
    action: String,
    /// The item it concerns
    #[arg(long)]
    item: Option<String>,
    /// Number of the seal
    #[arg(long, value_name = "NUMBER")]
    seal: Option<String>,
    /// Where it happened
    #[arg(long)]
    place: Option<String>,
    /// When it happened, by the clock that was looked at: 2026-11-23T09:58+01:00 [default: not said; the record has its own time]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// By how much that clock was ahead of the right time: 133, -90, +00:02:13
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    clock_offset: Option<String>,
    /// What the clock was compared with: radio clock, NTP, GPS, …
    #[arg(long, value_name = "WHAT")]
    clock_reference: Option<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// Under which authority: its reference, as "order 12/26"
    #[arg(long, value_name = "REFERENCE")]
    authority: Option<String>,
    /// In what condition the item is
    #[arg(long)]
    condition: Option<String>,
    /// From whom it came
    #[arg(long, value_name = "WHO")]
    from: Option<String>,
    /// To whom it went
    #[arg(long, value_name = "WHO")]
    to: Option<String>,
    /// Number of the record that this one corrects
    #[arg(long, value_name = "NUMBER")]
    corrects: Option<u64>,
    /// Mark of handling (TLP:AMBER, a national one); may be given several times, and replaces earlier ones
    #[arg(long, value_name = "MARK")]
    handling: Vec<String>,
    #[command(flatten)]
    actor: Actor,
    /// What there is to say about it
    #[arg(value_name = "TEXT")]
    text: Option<String>,
}

impl Add {
    pub(super) fn run(&self, world: &World) -> Ending {
        let event = self.event()?;
        let case = Case::open(&self.case)?;
        let records = LogFiles::read(&case.path)?.log().value.size();
        let (fact, missing) = event.fact(world.clock.now(), records).map_err(|fault| {
            let failure = Failure::usage(fault.to_string());
            match fault {
                exhibit_custody::EventFault::Missing { field: "text", .. } => {
                    failure.hint("say it at the end: exhibit custody add --case CASE \"what there is to say\"")
                }
                exhibit_custody::EventFault::Missing { field, .. } => failure.hint(format!("add --{field}")),
                exhibit_custody::EventFault::Action(_) => failure.hint(format!("known are: {}", known_actions())),
                exhibit_custody::EventFault::Future { .. } => failure
                    .hint("check the date and the zone; if that clock ran ahead, say by how much with --clock-offset"),
                _ => failure,
            }
        })?;
        let mut recorder = CaseRecorder::new(world, &case, self.actor.clone())?;
        let number = recorder.record(fact).map_err(|error| Failure::new(error.to_string()))?;
        world.say(&format!("Recorded as number {number}."));
        let missing: Vec<&str> = missing.into_iter().map(Field::id).collect();
        if !missing.is_empty() {
            world.remark(&format!("note: an event of this kind usually also says: {}", missing.join(", ")));
        }
        Ok(Done::new(json!({"record": number, "missing": missing})))
    }

    fn event(&self) -> Result<Event, Failure> {
        if let Some(item) = &self.item {
            check_item_id(item)?;
        }
        for mark in &self.handling {
            exhibit_authority::Mark::try_from(mark.clone())
                .map_err(|why| Failure::usage(format!("--handling {:?}: {why}", Name::from(mark.as_str()))))?;
        }
        for (name, text) in [("actor", self.actor.actor.as_deref()), ("role", Some(self.actor.role.as_str()))] {
            if text.is_some_and(|text| text.chars().any(char::is_control)) {
                let roles: Vec<&str> = ROLES.iter().map(|(id, _)| *id).collect();
                return Err(Failure::usage(format!("--{name} must be one line of text"))
                    .hint(format!("usual roles are: {}", roles.join(", "))));
            }
        }
        Ok(Event {
            action: self.action.clone(),
            item: self.item.clone(),
            seal: self.seal.clone(),
            place: self.place.clone(),
            at: self.at.as_deref().map(stated).transpose()?,
            clock_offset: self.clock_offset.as_deref().map(offset).transpose()?,
            clock_reference: self.clock_reference.clone(),
            reason: self.reason.clone(),
            authority: self.authority.clone(),
            condition: self.condition.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            corrects: self.corrects,
            handling: self.handling.clone(),
            text: self.text.clone(),
        })
    }
}

fn known_actions() -> String {
    ACTIONS.iter().map(|action| action.id).collect::<Vec<_>>().join(", ")
}

/// A time with its zone.
fn stated(text: &str) -> Result<StatedTime, Failure> {
    StatedTime::parse(text).ok_or_else(|| {
        Failure::usage(format!("--at {:?} is not a time with its zone", Name::from(text)))
            .hint("write it as 2026-11-23T09:58+01:00, or with Z at the end if it is UTC")
    })
}

/// Seconds, or hours, minutes and seconds with colons.
fn offset(text: &str) -> Result<i64, Failure> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.strip_suffix('s').unwrap_or(digits);
    let parts: Option<Vec<i64>> = digits
        .split(':')
        .map(|part| part.parse().ok().filter(|_| part.len() <= 10 && part.bytes().all(|c| c.is_ascii_digit())))
        .collect();
    let seconds = match parts.as_deref() {
        Some([seconds]) => Some(*seconds),
        Some([minutes, seconds]) if *seconds < 60 => Some(minutes * 60 + seconds),
        Some([hours, minutes, seconds]) if *minutes < 60 && *seconds < 60 => {
            Some(hours * 3600 + minutes * 60 + seconds)
        }
        _ => None,
    };
    seconds.map(|seconds| sign * seconds).ok_or_else(|| {
        Failure::usage(format!("--clock-offset {:?} is not a number of seconds", Name::from(text)))
            .hint("write 133, -90 or +00:02:13; positive means that the clock was ahead of the right time")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_in_their_usual_spellings() {
        for (text, seconds) in
            [("133", 133), ("+133s", 133), ("-90", -90), ("+00:02:13", 133), ("-1:30", -90), ("0", 0)]
        {
            assert_eq!(offset(text).unwrap(), seconds, "{text}");
        }
        for text in ["", "+", "1:60", "1:2:3:4", "1.5", "--1", "99999999999", "é"] {
            assert!(offset(text).is_err(), "{text}");
        }
    }
}
