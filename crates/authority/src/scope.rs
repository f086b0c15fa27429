//! The document of the scope: what may be taken, and what may not.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::value::{Date, Text};

/// From and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// Beginning; open if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// End; open if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// What must not be looked at or given away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// What: privileged correspondence, a folder, an account.
    pub what: Text,
    /// Why: legal privilege, journalists' sources, third persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Who decided it, or must be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Text>,
    /// Whether it is privileged material.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privileged: bool,
}

/// What the authority covers. Everything may be left out; what is left out is shown as missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// `exhibit-scope/1`; may be left out in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ScopeFormat>,
    /// In words, with the link of the data to the offence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Text>,
    /// Devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Text>,
    /// Accounts, addresses (with port and zone), numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Text>,
    /// Who holds the data, or where the system is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custodian: Option<Text>,
    /// From and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeRange>,
    /// Categories: subscriber, traffic, content, domain registration; documents, pictures, messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Text>,
    /// What is excluded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<Exclusion>,
    /// Whatever has no field of its own, by names of your own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, Text>,
}

/// The value of `format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ScopeFormat {
    /// The only one there is.
    #[serde(rename = "exhibit-scope/1")]
    One,
}

impl Document for Scope {
    const KIND: &'static str = "scope";
    const FORMAT: &'static str = "exhibit-scope/1";
    const TEMPLATE: &'static str = include_str!("../templates/scope.toml");

    fn contradiction(&self) -> Option<(&'static str, String)> {
        let time = self.time.as_ref()?;
        let (from, until) = (time.from.as_ref()?, time.until.as_ref()?);
        (until.seconds() < from.seconds()).then(|| ("until", format!("{} is before {}", until.as_str(), from.as_str())))
    }
}
