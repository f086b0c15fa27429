//! Why a package could not be made.

use std::error::Error;

use exhibit_evidence::{Class, ReadFault, StoreError};
use zip::result::ZipError;

use super::plan::SignError;

/// Why a package could not be made. Nothing has a final name then.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct PackageError {
    class: Class,
    what: String,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl PackageError {
    /// Class for callers.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    pub(super) fn usage(what: impl Into<String>) -> Self {
        Self { class: Class::Usage, what: what.into(), cause: None }
    }

    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self { class: Class::Corrupt, what: what.into(), cause: None }
    }

    pub(super) fn limit(what: impl Into<String>) -> Self {
        Self { class: Class::Limit, what: what.into(), cause: None }
    }

    pub(super) fn interrupted() -> Self {
        let what = "stopped on request; the package is unfinished and has no final name".to_owned();
        Self { class: Class::Interrupted, what, cause: None }
    }

    /// A payload file that cannot be read to its end.
    pub(super) fn unreadable(name: &str, fault: ReadFault) -> Self {
        use exhibit_evidence::Cause;
        let class = match fault.cause {
            Cause::Medium(_) | Cause::Io(_) => Class::Io,
            Cause::PastEnd | Cause::Corrupt(_) | Cause::Unreadable(_) => Class::Corrupt,
        };
        // The cause chain repeats the fault; the message itself must name file and place even where chains are not shown.
        Self { class, what: format!("{name}: {fault}"), cause: Some(Box::new(fault)) }
    }

    /// The archive could not be written; `doing` says what was being written.
    pub(super) fn archive(doing: &str, error: ZipError) -> Self {
        let ZipError::Io(error) = error else {
            return Self {
                class: Class::Limit,
                what: format!("writing {doing}: {error}"),
                cause: Some(Box::new(error)),
            };
        };
        let store = error.get_ref().and_then(|inner| inner.downcast_ref::<StoreError>());
        let class = store.map_or(Class::Io, |error| error.class);
        Self { class, what: format!("writing {doing}: {error}"), cause: Some(Box::new(error)) }
    }

    pub(super) fn store(error: StoreError) -> Self {
        Self { class: error.class, what: error.to_string(), cause: Some(Box::new(error)) }
    }

    pub(super) fn signing(path: &str, error: SignError) -> Self {
        Self { class: Class::Io, what: format!("signing {path}: {error}"), cause: Some(error) }
    }

    pub(super) fn record(what: &str, error: serde_json::Error) -> Self {
        Self { class: Class::Usage, what: format!("{what}: {error}"), cause: Some(Box::new(error)) }
    }
}
