//! A clock that tests can predict.

use std::sync::atomic::{AtomicU32, Ordering};

use exhibit_evidence::{Clock, Instant};

/// Shows the same moment for ever, or goes a fixed number of seconds further each time it is looked at.
#[derive(Debug)]
pub struct FixedClock {
    start: Instant,
    step_seconds: u32,
    looks: AtomicU32,
}

impl FixedClock {
    /// Always `start`.
    #[must_use]
    pub const fn new(start: Instant) -> Self {
        Self { start, step_seconds: 0, looks: AtomicU32::new(0) }
    }

    /// First `start`, then `step_seconds` later at each look, so that two records never carry the same time.
    #[must_use]
    pub const fn stepping(start: Instant, step_seconds: u32) -> Self {
        Self { start, step_seconds, looks: AtomicU32::new(0) }
    }
}

impl Default for FixedClock {
    /// 2026-01-02T03:04:05Z: every field differs from every other, so that swapped fields show.
    fn default() -> Self {
        Self::new(Instant::from_unix_seconds(1_767_323_045))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        let passed = i64::from(looks).saturating_mul(i64::from(self.step_seconds));
        Instant::from_unix_seconds(self.start.unix_seconds().saturating_add(passed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_moment_is_the_documented_one_and_stands_still() {
        let clock = FixedClock::default();
        assert_eq!((clock.now().to_string(), clock.now()), ("2026-01-02T03:04:05Z".to_owned(), clock.now()));
    }

    #[test]
    fn a_stepping_clock_goes_on_at_each_look() {
        let clock = FixedClock::stepping(Instant::from_unix_seconds(100), 7);
        assert_eq!([clock.now(), clock.now(), clock.now()].map(Instant::unix_seconds), [100, 107, 114]);
    }
}
