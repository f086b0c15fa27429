//! Who does something, for the custody log.

use clap::Args;

/// Who is at work.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Actor {
    /// Who does this [default: the examiner of the case]
    #[arg(long, value_name = "NAME", env = "EXHIBIT_ACTOR")]
    pub(crate) actor: Option<String>,
    /// In which role
    #[arg(long, value_name = "ROLE", default_value = "examiner")]
    pub(crate) role: String,
}

impl Actor {
    /// The examiner of the case, in that role.
    pub(crate) fn examiner() -> Self {
        Self { actor: None, role: "examiner".to_owned() }
    }
}
