//! An event as a person states it, held to what its action has to say before it becomes a fact of the log.

use exhibit_evidence::{Fact, Instant, Name};

use crate::actions::{self, Field};
use crate::layout::{INTEGER_MAX, detail, object};
use crate::stated_time::StatedTime;

/// Longest field of one line, in characters; a reason or a text may be as long as a record.
pub(crate) const LINE_CHARS_MAX: usize = 1000;

/// Most marks of handling in one event.
pub(crate) const MARKS_MAX: usize = 16;

/// What a person states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// What happened: an id of [`actions::ACTIONS`], or another word in lower-case letters, digits and hyphens.
    pub action: String,
    /// The item.
    pub item: Option<String>,
    /// Number of the seal.
    pub seal: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// When it happened, if not just now.
    pub at: Option<StatedTime>,
    /// By how many seconds the clock that was looked at was ahead of the reference.
    pub clock_offset: Option<i64>,
    /// What the clock was compared with.
    pub clock_reference: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Under which authority.
    pub authority: Option<String>,
    /// In what condition the item is.
    pub condition: Option<String>,
    /// From whom.
    pub from: Option<String>,
    /// To whom.
    pub to: Option<String>,
    /// Which record is corrected.
    pub corrects: Option<u64>,
    /// Marks of handling.
    pub handling: Vec<String>,
    /// What else there is to say.
    pub text: Option<String>,
}

/// Why an event cannot be recorded as it was stated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventFault {
    /// The action is not a word.
    #[error("{0:?} is not an event: use lower-case words joined by hyphens")]
    Action(Name),
    /// Something that the action cannot do without is missing.
    #[error("an event \"{action}\" needs: {field}")]
    Missing {
        /// The action.
        action: String,
        /// The field.
        field: &'static str,
    },
    /// A field that should be one line of words is not.
    #[error("{field} is not one line of words of at most {LINE_CHARS_MAX} characters: {text:?}")]
    Line {
        /// The field.
        field: &'static str,
        /// What was given.
        text: Name,
    },
    /// The event lies in the future.
    #[error("impossible clock: it is said to have happened at {at}, and it is {now}")]
    Future {
        /// As stated.
        at: String,
        /// By the system clock.
        now: Instant,
    },
    /// A clock offset without a bound.
    #[error("a clock offset of {0} s cannot be written")]
    Offset(i64),
    /// The corrected record does not exist.
    #[error("record {number} cannot be corrected: the log has the records 1 to {records}")]
    Corrects {
        /// The number given.
        number: u64,
        /// Records in the log.
        records: u64,
    },
    /// Too many marks.
    #[error("more than {MARKS_MAX} marks of handling")]
    Marks,
}

impl Event {
    /// The fact, and what the action asks for and nobody said. `records` is the number of records in the log.
    ///
    /// # Errors
    /// See [`EventFault`].
    pub fn fact(&self, now: Instant, records: u64) -> Result<(Fact, Vec<Field>), EventFault> {
        self.check(now, records)?;
        let mut fact = Fact { reason: filled(self.reason.as_ref()), ..Fact::new(&self.action) };
        for (key, value) in [(object::ITEM, &self.item), (object::SEAL, &self.seal)] {
            fact = put(fact, true, key, value.as_ref());
        }
        let details = [
            (detail::PLACE, &self.place),
            (detail::CLOCK_REFERENCE, &self.clock_reference),
            (detail::AUTHORITY, &self.authority),
            (detail::CONDITION, &self.condition),
            (detail::FROM, &self.from),
            (detail::TO, &self.to),
            (detail::TEXT, &self.text),
        ];
        for (key, value) in details {
            fact = put(fact, false, key, value.as_ref());
        }
        if let Some(at) = self.at {
            fact = fact.detail(detail::AT, at.to_string()).detail(detail::AT_UTC, at.utc().to_string());
        }
        if let Some(offset) = self.clock_offset {
            fact = fact.detail(detail::CLOCK_OFFSET, offset);
        }
        if let Some(number) = self.corrects {
            fact = fact.detail(detail::CORRECTS, number);
        }
        if !self.handling.is_empty() {
            fact = fact.detail(detail::HANDLING, self.handling.clone());
        }
        let asked = actions::find(&self.action).map_or(&[][..], |action| action.asks);
        Ok((fact, asked.iter().copied().filter(|field| !self.says(*field)).collect()))
    }

    fn check(&self, now: Instant, records: u64) -> Result<(), EventFault> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.action.is_empty() || self.action.len() > 64 || !self.action.chars().all(plain) {
            return Err(EventFault::Action(Name::from(self.action.as_str())));
        }
        let needed = actions::find(&self.action).map_or(&[][..], |action| action.needs);
        if let Some(field) = needed.iter().find(|field| !self.says(**field)) {
            return Err(EventFault::Missing { action: self.action.clone(), field: field.id() });
        }
        for (field, text) in self.lines() {
            let long = text.chars().count() > LINE_CHARS_MAX;
            if long || text.trim().is_empty() || text.chars().any(char::is_control) {
                let start: String = text.chars().take(60).collect();
                return Err(EventFault::Line { field, text: Name::from(start.as_str()) });
            }
        }
        if self.handling.len() > MARKS_MAX {
            return Err(EventFault::Marks);
        }
        if let Some(offset) = self.clock_offset.filter(|offset| offset.unsigned_abs() > INTEGER_MAX) {
            return Err(EventFault::Offset(offset));
        }
        if let Some(at) = self.at {
            // A clock that runs ahead shows a time that is not there yet.
            let ahead = self.clock_offset.unwrap_or(0).max(0);
            if at.utc().unix_seconds().saturating_sub(ahead) > now.unix_seconds() {
                return Err(EventFault::Future { at: at.to_string(), now });
            }
        }
        match self.corrects {
            Some(number) if number == 0 || number > records => Err(EventFault::Corrects { number, records }),
            _ => Ok(()),
        }
    }

    /// The fields that are one line each.
    fn lines(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let fields = [
            (object::ITEM, &self.item),
            (object::SEAL, &self.seal),
            (detail::PLACE, &self.place),
            (detail::CLOCK_REFERENCE, &self.clock_reference),
            (detail::AUTHORITY, &self.authority),
            (detail::CONDITION, &self.condition),
            (detail::FROM, &self.from),
            (detail::TO, &self.to),
        ];
        let one = fields.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?)));
        one.chain(self.handling.iter().map(|mark| (detail::HANDLING, mark)))
    }

    /// Whether the event says something about a field.
    fn says(&self, field: Field) -> bool {
        let has = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        match field {
            Field::Item => has(&self.item),
            Field::Seal => has(&self.seal),
            Field::Place => has(&self.place),
            Field::At => self.at.is_some(),
            Field::Reason => has(&self.reason),
            Field::Authority => has(&self.authority),
            Field::Condition => has(&self.condition),
            Field::From => has(&self.from),
            Field::To => has(&self.to),
            Field::Corrects => self.corrects.is_some(),
            Field::Handling => !self.handling.is_empty(),
            Field::Words => has(&self.text) || has(&self.reason),
        }
    }
}

/// A text that says something.
fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).cloned()
}

fn put(fact: Fact, about_object: bool, key: &str, value: Option<&String>) -> Fact {
    match filled(value) {
        Some(value) if about_object => fact.object(key, value),
        Some(value) => fact.detail(key, value),
        None => fact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_unix_seconds(1_795_428_672); // 2026-11-23T10:11:12Z

    fn event(action: &str) -> Event {
        Event { action: action.to_owned(), ..Event::default() }
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn everything_said_stands_in_the_fact_and_what_was_asked_for_is_named() {
        let stated = Event {
            item: text("001"),
            place: text("Harbour, berth 4"),
            at: StatedTime::parse("2026-11-23T10:58:00+01:00"),
            clock_offset: Some(-133),
            clock_reference: text("DCF77"),
            reason: text("search"),
            ..event("seized")
        };
        let (fact, missing) = stated.fact(NOW, 5).unwrap();
        assert_eq!(fact.object["item"], "001");
        assert_eq!(fact.details["at"], "2026-11-23T10:58:00+01:00");
        assert_eq!(fact.details["at_utc"], "2026-11-23T09:58:00Z");
        assert_eq!(fact.details["clock_offset_seconds"], -133);
        assert_eq!(fact.reason.as_deref(), Some("search"));
        assert_eq!(missing, [Field::Authority, Field::Condition]);
    }

    #[test]
    fn an_action_is_held_to_what_it_needs() {
        for (action, field) in [("sealed", "seal"), ("note", "text"), ("correction", "text"), ("refused", "reason")] {
            let fault = event(action).fact(NOW, 5).unwrap_err();
            assert_eq!(fault, EventFault::Missing { action: action.to_owned(), field });
        }
        let blank = Event { seal: text("  "), ..event("sealed") };
        assert!(blank.fact(NOW, 5).is_err());
        assert!(event("something-of-their-own").fact(NOW, 5).is_ok());
        for action in ["", "Note", "a b", "ä", &"x".repeat(65)] {
            assert!(matches!(event(action).fact(NOW, 5), Err(EventFault::Action(_))), "{action}");
        }
    }

    #[test]
    fn the_future_other_records_and_odd_lines_are_refused() {
        let words = || Event { text: text("words"), ..event("correction") };
        for number in [0, 6, u64::MAX] {
            let fault = Event { corrects: Some(number), ..words() }.fact(NOW, 5).unwrap_err();
            assert_eq!(fault, EventFault::Corrects { number, records: 5 });
        }
        assert_eq!(Event { corrects: Some(5), ..words() }.fact(NOW, 5).unwrap().0.details["corrects"], 5);

        let at = StatedTime::parse("2026-11-23T10:11:13Z");
        assert!(matches!(Event { at, ..words() }.fact(NOW, 5), Err(EventFault::Future { .. })));
        assert!(Event { at, clock_offset: Some(1), ..words() }.fact(NOW, 5).is_ok());
        assert!(Event { at, clock_offset: Some(-1), ..words() }.fact(NOW, 5).is_err());

        for place in ["a\nb", "\u{1b}[2J", "", " ", &"x".repeat(LINE_CHARS_MAX + 1)] {
            let fault = Event { place: text(place), ..words() }.fact(NOW, 5).unwrap_err();
            assert!(matches!(fault, EventFault::Line { field: "place", .. }), "{fault}");
        }
    }
}
