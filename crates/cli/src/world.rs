//! What a command has around it: the person, the clock, the wish to stop, the number of threads.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use exhibit_evidence::acquisition::Host;
use exhibit_evidence::{Cancel, Clock, Instant, Observer};

use crate::arguments::{Color, Globals};
use crate::language::Languages;
use crate::progress::{EventLines, ProgressBar};

/// Tool and version, as it stands in records.
pub(crate) const TOOL: &str = concat!("exhibit ", env!("CARGO_PKG_VERSION"));

/// The surroundings of a command.
pub(crate) struct World {
    pub(crate) globals: Globals,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) cancel: Arc<Cancel>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jobs: usize,
    /// What the command speaks.
    pub(crate) languages: Languages,
    bar: Option<Arc<ProgressBar>>,
    /// Signing keys that were opened already: a passphrase is asked for once.
    pub(crate) opened: crate::keys::Opened,
}

/// The machine's clock.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::from_unix_nanoseconds(jiff::Timestamp::now().as_nanosecond())
    }
}

impl World {
    pub(crate) fn new(globals: &Globals) -> Self {
        let cancel = Arc::new(Cancel::new());
        let on_signal = cancel.clone();
        // The first Ctrl-C asks, the second insists. Without a handler Ctrl-C just ends the process: also safe.
        let _ = ctrlc::set_handler(move || {
            if on_signal.is_cancelled() {
                std::process::exit(130);
            }
            on_signal.cancel();
        });
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let jobs = globals.jobs.map_or(cores, usize::from);
        let wants_bar = !globals.events && !globals.quiet && std::io::stderr().is_terminal();
        let bar = wants_bar.then(|| Arc::new(ProgressBar::new()));
        let observer: Arc<dyn Observer> = match (&bar, globals.events) {
            (_, true) => Arc::new(EventLines::default()),
            (Some(bar), _) => bar.clone(),
            (None, _) => Arc::new(exhibit_evidence::Silent),
        };
        // One pool for everything that goes through rayon's global one. It can only be set once, which it is here.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
        let languages = globals.lang.clone().unwrap_or_else(Languages::of_environment);
        Self {
            globals: globals.clone(),
            observer,
            cancel,
            clock: Arc::new(SystemClock),
            jobs,
            languages,
            bar,
            opened: Default::default(),
        }
    }

    /// The same surroundings with another signing key, for a command within a command.
    pub(crate) fn signing_with(&self, key: &std::path::Path) -> Self {
        Self {
            globals: Globals { signing_key: Some(key.to_path_buf()), ..self.globals.clone() },
            observer: self.observer.clone(),
            cancel: self.cancel.clone(),
            clock: self.clock.clone(),
            jobs: self.jobs,
            languages: self.languages.clone(),
            bar: self.bar.clone(),
            opened: self.opened.clone(),
        }
    }

    /// A result for the person; not with --quiet.
    pub(crate) fn say(&self, line: &str) {
        if !self.globals.quiet {
            self.print_line(line);
        }
    }

    /// A line for programs: exact bytes, whatever they are. On a terminal a person reads it, so it is escaped there.
    pub(crate) fn print_exactly(&self, line: &[u8]) {
        if std::io::stdout().is_terminal() {
            return self.print_line(&exhibit_evidence::Name::new(line).to_string());
        }
        self.aside(|| {
            let mut out = std::io::stdout().lock();
            let _ = out.write_all(line).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
        });
    }

    /// A line of standard output. A reader who went away (`| head`) is not an error of ours.
    pub(crate) fn print_line(&self, line: &str) {
        let write = || {
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "{line}");
            let _ = out.flush();
        };
        self.aside(write);
    }

    /// A result that was asked for as such (a list, a table): also with --quiet, unless --json gives it already.
    pub(crate) fn tell(&self, line: &str) {
        if !(self.globals.quiet && self.globals.json) {
            self.print_line(line);
        }
    }

    /// A line of standard error, whatever --quiet says. With --events it is an event like the others, so that whoever
    /// reads them need not tell lines apart.
    pub(crate) fn complain(&self, line: &str) {
        if self.globals.events {
            return self.observer.on(&exhibit_evidence::Event::Message(line.to_owned()));
        }
        self.aside(|| {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        });
    }

    /// A remark on standard error; not with --quiet.
    pub(crate) fn remark(&self, line: &str) {
        if !self.globals.quiet {
            self.complain(line);
        }
    }

    /// Does something to the terminal without the progress bar in the way.
    fn aside(&self, write: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub(crate) fn finish_progress(&self) {
        if let Some(bar) = &self.bar {
            bar.clear();
        }
    }

    /// Whether standard output may have colours.
    pub(crate) fn colors(&self) -> bool {
        match self.globals.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }

    /// `text` in the colour for good (green), bad (red) or doubtful (yellow) news, where colours are wanted.
    pub(crate) fn painted(&self, text: &str, tone: Tone) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Good => 32,
            Tone::Bad => 31,
            Tone::Doubtful => 33,
            Tone::Strong => 1,
        };
        if self.colors() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// The machine, for records.
    pub(crate) fn host() -> Host {
        Host {
            name: exhibit_device::host_name(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            kernel: exhibit_device::kernel_release(),
        }
    }

    pub(crate) fn mapping(&self) -> exhibit_device::Mapping {
        if self.globals.no_mmap { exhibit_device::Mapping::Never } else { exhibit_device::Mapping::Finished }
    }
}

/// What a colour stands for; it is never the only sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Bad,
    Doubtful,
    Strong,
}
