//! Progress for people (a bar on standard error) and for programs (JSON Lines).

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use exhibit_evidence::{Event, Observer, Phase};
use indicatif::{ProgressDrawTarget, ProgressStyle};
use serde_json::json;

/// How often the bar is drawn; more is flicker.
const DRAWS_PER_SECOND: u8 = 8;
/// How often a progress event is printed with --events.
const EVENT_STEP: Duration = Duration::from_millis(250);

/// One bar at a time: done / total, rate, time left, faults.
pub(crate) struct ProgressBar {
    bar: Mutex<Option<indicatif::ProgressBar>>,
}

impl ProgressBar {
    pub(crate) fn new() -> Self {
        Self { bar: Mutex::new(None) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<indicatif::ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `write` use the terminal.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        let bar = self.lock().clone();
        match bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }
}

/// What a phase is called while it runs.
fn title(phase: Phase) -> &'static str {
    match phase {
        Phase::Acquire => "Imaging",
        Phase::Rescue => "Rescuing",
        Phase::Verify => "Checking",
        Phase::Carve => "Carving",
        Phase::Hash => "Hashing",
        Phase::Package => "Packaging",
        Phase::Export => "Exporting",
        Phase::Forge => "Forging",
    }
}

impl Observer for ProgressBar {
    fn on(&self, event: &Event) {
        match event {
            Event::Started { phase, total_bytes } => {
                let target = ProgressDrawTarget::stderr_with_hz(DRAWS_PER_SECOND);
                let bar = indicatif::ProgressBar::with_draw_target(Some(*total_bytes), target);
                let template = "{prefix:>10} [{bar:28}] {binary_bytes} of {binary_total_bytes} · {binary_bytes_per_sec} · {eta} left{msg}";
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style.progress_chars("=> "));
                }
                bar.set_prefix(title(*phase));
                if let Some(old) = self.lock().replace(bar) {
                    old.finish_and_clear();
                }
            }
            Event::Progress { done_bytes, faults, .. } => {
                if let Some(bar) = self.lock().as_ref() {
                    bar.set_position(*done_bytes);
                    if *faults > 0 {
                        bar.set_message(format!(" · {faults} faults"));
                    }
                }
            }
            Event::Finished { .. } => self.clear(),
            Event::Message(text) => self.suspend(|| {
                let _ = writeln!(std::io::stderr().lock(), "{text}");
            }),
            _ => {}
        }
    }
}

/// Events as JSON Lines on standard error.
#[derive(Default)]
pub(crate) struct EventLines {
    last: Mutex<Option<Instant>>,
}

impl Observer for EventLines {
    fn on(&self, event: &Event) {
        let value = match event {
            Event::Started { phase, total_bytes } => {
                json!({"event": "started", "phase": phase.id(), "total_bytes": total_bytes})
            }
            Event::Progress { phase, done_bytes, faults } => {
                let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.is_some_and(|last| last.elapsed() < EVENT_STEP) {
                    return;
                }
                *last = Some(Instant::now());
                json!({"event": "progress", "phase": phase.id(), "done_bytes": done_bytes, "faults": faults})
            }
            Event::Finished { phase } => json!({"event": "finished", "phase": phase.id()}),
            Event::Message(text) => json!({"event": "message", "text": text}),
            _ => return,
        };
        let _ = writeln!(std::io::stderr().lock(), "{value}");
    }
}
