//! The document of the authority: what allows the work, and what it is allowed for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::handling::Mark;
use crate::value::{Date, Id, Text};

/// A court, a prosecutor, a central authority, a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Name.
    pub name: Text,
    /// In which role it acts: court, prosecutor, central authority, 24/7 contact, provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text>,
    /// How to reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Text>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Text>,
}

/// The offence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offence {
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Legal provisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provisions: Vec<Text>,
    /// Penalty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penalty: Option<Text>,
}

/// A person concerned, as far as known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Who.
    pub identity: Text,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Text>,
    /// Nationality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Text>,
}

/// An earlier preservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preservation {
    /// Its reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// Whether and when those concerned are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_until: Option<Date>,
    /// Why it is delayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// Conditions and safeguards, in the words of whoever confirms them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Safeguards {
    /// Legal basis of the safeguards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<Text>,
    /// Judicial authorisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judicial_authorisation: Option<Text>,
    /// Terms of data protection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_protection: Option<Text>,
    /// Whether and how it may be passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onward_transfer: Option<Text>,
}

/// Under which authority evidence was taken. Everything may be left out; what is left out is shown as missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// `exhibit-authority/1`; may be left out in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<AuthorityFormat>,
    /// What allows it, in words: search warrant, production order, consent, statute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<Text>,
    /// Ids of instruments or articles of the vocabulary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instruments: Vec<Id>,
    /// Reference number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text>,
    /// Reference of the domestic file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_reference: Option<Text>,
    /// Language of the order or request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Text>,
    /// Channel: central authority, 24/7 contact, direct to the provider, platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Text>,
    /// Who issued it, or asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuing_body: Option<Body>,
    /// Who conducts the investigation, if somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conducting_body: Option<Body>,
    /// Who validated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validating_body: Option<Body>,
    /// Who is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_body: Option<Body>,
    /// When it was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Date>,
    /// From when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Until when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// By when it must be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Date>,
    /// The offence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offence: Option<Offence>,
    /// Brief facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Text>,
    /// What the evidence is sought for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Text>,
    /// Why it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub necessity: Option<Text>,
    /// Why it is proportionate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proportionality: Option<Text>,
    /// How the data belong to the offence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevance: Option<Text>,
    /// What it may not be used for, or only under which conditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub use_limits: Vec<Text>,
    /// Until when it may be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_until: Option<Date>,
    /// Earlier preservation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preservation: Option<Preservation>,
    /// What must not be disclosed, and to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidentiality: Option<Text>,
    /// Notification of those concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<Notification>,
    /// Marks of handling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<Mark>,
    /// Persons concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<Person>,
    /// Special procedure: certification, algorithms, format, witnesses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub procedure: Vec<Text>,
    /// Why it is urgent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Text>,
    /// Facts of an emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Text>,
    /// Statement that a request for mutual assistance will follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_mla: Option<Text>,
    /// Who consented, with which right, when and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Text>,
    /// Agreement of a joint investigation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Text>,
    /// Conditions and safeguards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safeguards: Option<Safeguards>,
    /// Whatever has no field of its own, by names of your own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, Text>,
}

/// The value of `format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AuthorityFormat {
    /// The only one there is.
    #[serde(rename = "exhibit-authority/1")]
    One,
}

impl Document for Authority {
    const KIND: &'static str = "authority";
    const FORMAT: &'static str = "exhibit-authority/1";
    const TEMPLATE: &'static str = include_str!("../templates/authority.toml");

    fn contradiction(&self) -> Option<(&'static str, String)> {
        let later = |name, early: &Option<Date>, late: &Option<Date>| match (early, late) {
            (Some(early), Some(late)) if late.seconds() < early.seconds() => {
                Some((name, format!("{} is before {}", late.as_str(), early.as_str())))
            }
            _ => None,
        };
        later("valid_until", &self.valid_from, &self.valid_until)
            .or_else(|| later("valid_until", &self.issued, &self.valid_until))
            .or_else(|| later("deadline", &self.issued, &self.deadline))
            .or_else(|| later("retention_until", &self.issued, &self.retention_until))
    }
}
