//! An observer and a recorder that keep what they are told.

use std::sync::{Arc, Mutex, PoisonError};

use exhibit_evidence::{Event, Fact, Observer, RecordError, Recorder};

/// Keeps every event. Clones share what they keep, so one can be given away and the other asked.
#[derive(Debug, Clone, Default)]
pub struct Transcript(Arc<Mutex<Vec<Event>>>);

impl Transcript {
    /// Nothing heard yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything heard so far, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Transcript {
    fn on(&self, event: &Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}

/// Keeps every fact, or refuses from a certain one on. Clones share what they keep.
#[derive(Debug, Clone)]
pub struct Notes {
    facts: Arc<Mutex<Vec<Fact>>>,
    room: usize,
}

impl Default for Notes {
    fn default() -> Self {
        Self::new()
    }
}

impl Notes {
    /// Nothing recorded yet, and never full.
    #[must_use]
    pub fn new() -> Self {
        Self::failing_after(usize::MAX)
    }

    /// Records `room` facts and refuses every further one.
    #[must_use]
    pub fn failing_after(room: usize) -> Self {
        Self { facts: Arc::default(), room }
    }

    /// Every fact recorded so far, in order.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The actions of [`Notes::facts`] alone.
    #[must_use]
    pub fn actions(&self) -> Vec<String> {
        self.facts().into_iter().map(|fact| fact.action).collect()
    }
}

impl Recorder for Notes {
    /// The sequence number is the count of facts before this one: the first is 0.
    fn record(&mut self, fact: Fact) -> Result<u64, RecordError> {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if facts.len() >= self.room {
            return Err(RecordError(format!("refused after {} facts, as the test asked", self.room)));
        }
        facts.push(fact);
        Ok(facts.len().saturating_sub(1) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_that_was_given_away_tells_the_one_that_was_kept() {
        let transcript = Transcript::new();
        let given: Box<dyn Observer> = Box::new(transcript.clone());
        given.on(&Event::Message("hello".to_owned()));
        assert_eq!(transcript.events(), [Event::Message("hello".to_owned())]);
    }

    #[test]
    fn notes_refuse_when_told_to_and_keep_what_came_before() {
        let mut notes = Notes::failing_after(1);
        assert_eq!(notes.record(Fact::new("acquired")).unwrap(), 0);
        assert!(notes.record(Fact::new("verified")).is_err());
        assert_eq!(notes.actions(), ["acquired"]);
    }
}
