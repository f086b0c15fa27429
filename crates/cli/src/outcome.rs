//! How a command ends: exit code, JSON object, and an error that says what, where, why and what to try next.

use exhibit_evidence::{Class, Name};
use exhibit_report::Language;
use serde_json::{Value, json};

use crate::said::{self, Said};
use crate::world::World;

/// The frozen exit codes of CLI.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; or: everything checked holds.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// Done, with gaps.
    Gaps = 3,
    /// Does not match.
    Mismatch = 4,
    /// Refused: not write-protected, or mounted.
    Refused = 5,
    /// Interrupted.
    Interrupted = 6,
    /// Something could not be checked.
    Incomplete = 7,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// The word in the JSON outcome.
    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Gaps => "done-with-gaps",
            Self::Mismatch => "does-not-match",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
            Self::Incomplete => "incomplete",
        }
    }
}

/// A command that did its work.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) exit: Exit,
    /// Members of the JSON outcome.
    pub(crate) json: Value,
}

impl Done {
    pub(crate) fn new(json: Value) -> Self {
        Self { exit: Exit::Done, json }
    }

    pub(crate) fn with(exit: Exit, json: Value) -> Self {
        Self { exit, json }
    }
}

/// A command that did not.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What failed, where and why, in English.
    pub(crate) problem: String,
    /// What to try next, in English.
    pub(crate) hint: Option<String>,
    /// The problem as a message of every language, where there is one.
    said: Option<Box<Said>>,
    /// The same of the hint.
    advised: Option<Box<Said>>,
}

/// How commands end.
pub(crate) type Ending = Result<Done, Failure>;

impl Failure {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, problem: problem.into(), hint: None, said: None, advised: None }
    }

    pub(crate) fn usage(problem: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(problem) }
    }

    /// A problem that every language has a message for, `err-…`; values are escaped for terminals already.
    pub(crate) fn said(exit: Exit, key: &'static str, values: &[(&'static str, &str)]) -> Self {
        let said = Said::new(key, values);
        Self { exit, said: Some(Box::new(said.clone())), ..Self::new(said.in_english()) }
    }

    /// Wrong usage that every language has a message for.
    pub(crate) fn misused(key: &'static str, values: &[(&'static str, &str)]) -> Self {
        Self::said(Exit::Usage, key, values)
    }

    /// The same failure, with something told first.
    pub(crate) fn after(self, what: &str) -> Self {
        Self { problem: format!("{what}{}", self.problem), said: None, ..self }
    }

    /// What to try next, as a message of every language, `hint-…`.
    pub(crate) fn advise(mut self, key: &'static str, values: &[(&'static str, &str)]) -> Self {
        let advice = Said::new(key, values);
        self.hint = Some(advice.in_english());
        self.advised = Some(Box::new(advice));
        self
    }

    /// Problem and hint for the user's eyes.
    fn spoken(&self, language: &'static Language) -> (String, Option<String>) {
        let problem = self.said.as_ref().map_or_else(|| self.problem.clone(), |said| said.in_language(language));
        let hint = self.advised.as_ref().map(|advice| advice.in_language(language)).or_else(|| self.hint.clone());
        let hint = hint.map(|advice| said::line(language, "hint", "advice", &advice));
        (said::line(language, "error", "problem", &problem), hint)
    }

    /// An error of a library, with the exit code of its class.
    pub(crate) fn of(class: Class, problem: impl Into<String>) -> Self {
        let exit = match class {
            Class::Interrupted => Exit::Interrupted,
            Class::Usage => Exit::Usage,
            Class::Io | Class::Corrupt | Class::Unsupported | Class::Limit => Exit::Failed,
        };
        Self { exit, ..Self::new(problem) }
    }

    /// An I/O error on a path.
    pub(crate) fn io(action: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let values = [("action", action), ("path", &shown(path)), ("error", &error.to_string())];
        let failure = Self::said(Exit::Failed, "err-io", &values);
        match error.kind() {
            std::io::ErrorKind::NotFound => failure.advise("hint-spelling", &[]),
            std::io::ErrorKind::PermissionDenied => failure.advise("hint-permission", &[]),
            _ => failure,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self.advised = None;
        self
    }

    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}

impl From<exhibit_evidence::StoreError> for Failure {
    fn from(error: exhibit_evidence::StoreError) -> Self {
        let kind = error.cause.kind();
        let failure = Self::of(error.class, format!("cannot {error}"));
        match kind {
            std::io::ErrorKind::AlreadyExists => failure.advise("hint-exists", &[]),
            std::io::ErrorKind::PermissionDenied => failure.advise("hint-folder-permission", &[]),
            std::io::ErrorKind::StorageFull => failure.advise("hint-no-space", &[]),
            _ => failure,
        }
    }
}

/// A path for people.
pub(crate) fn shown(path: &std::path::Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    Name::new(path.as_os_str().as_bytes()).to_string()
}

/// A word from the command line, in quotes and escaped.
pub(crate) fn quoted(word: &str) -> String {
    format!("{word:?}")
}

/// Prints what clap has to say and gives the exit code: 2 for wrong usage, 0 for help and version.
pub(crate) fn not_understood(error: &clap::Error) -> u8 {
    // A reader who went away is not an error of ours.
    let _ = error.print();
    if !error.use_stderr() {
        return Exit::Done.code();
    }
    // The arguments were not understood, so the wish for JSON is looked up by hand; after `--` it would be a path.
    let wants_json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if wants_json {
        let said = error.to_string();
        let problem = said.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let outcome = json!({
            "error": problem,
            "hint": "see --help",
            "exit_code": Exit::Usage.code(),
            "outcome": Exit::Usage.word(),
        });
        let _ = std::io::Write::write_all(&mut std::io::stdout().lock(), format!("{outcome}\n").as_bytes());
    }
    Exit::Usage.code()
}

/// Prints how it ended and gives the exit code.
pub(crate) fn conclude(world: &World, ending: Ending) -> u8 {
    world.finish_progress();
    let (exit, mut json) = match ending {
        Ok(done) => (done.exit, done.json),
        Err(failure) => {
            let (problem, hint) = failure.spoken(world.languages.first());
            world.complain(&problem);
            if let Some(hint) = &hint {
                world.complain(hint);
            }
            // For programs in English, with the keys of the messages: those stay when words change.
            let mut json = json!({"error": failure.problem, "hint": failure.hint});
            for (name, said) in [("error_key", &failure.said), ("hint_key", &failure.advised)] {
                if let (Some(said), Some(object)) = (said, json.as_object_mut()) {
                    object.insert(name.to_owned(), said.key.into());
                }
            }
            (failure.exit, json)
        }
    };
    if world.globals.json {
        if let Some(object) = json.as_object_mut() {
            object.insert("exit_code".to_owned(), exit.code().into());
            object.insert("outcome".to_owned(), exit.word().into());
        }
        world.print_line(&json.to_string());
    }
    exit.code()
}
