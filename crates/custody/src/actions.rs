//! The events of a chain of custody, with a plain sentence for each, and what each has to say. One line adds one.

use crate::layout::{detail, object};

/// Something that an event can say besides who, when and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Which item.
    Item,
    /// Number of the seal.
    Seal,
    /// Where.
    Place,
    /// When it happened, as a person states it.
    At,
    /// Why.
    Reason,
    /// Under which authority: a reference such as `order 12/26`.
    Authority,
    /// In what condition the item is.
    Condition,
    /// From whom.
    From,
    /// To whom.
    To,
    /// Number of the record that is corrected.
    Corrects,
    /// Marks of handling: `TLP:AMBER`, `VS-NfD`.
    Handling,
    /// Something in words: a text, or a reason.
    Words,
}

impl Field {
    /// The name in the record, in `object`, in `details` or as a member of its own; of the option, too.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Item => object::ITEM,
            Self::Seal => object::SEAL,
            Self::Place => detail::PLACE,
            Self::At => detail::AT,
            Self::Reason => crate::layout::member::REASON,
            Self::Authority => detail::AUTHORITY,
            Self::Condition => detail::CONDITION,
            Self::From => detail::FROM,
            Self::To => detail::TO,
            Self::Corrects => detail::CORRECTS,
            Self::Handling => detail::HANDLING,
            Self::Words => detail::TEXT,
        }
    }
}

/// An action the program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// The word in the record.
    pub id: &'static str,
    /// What it means, for people.
    pub sentence: &'static str,
    /// Without these a person's event is refused: it would mean nothing.
    pub needs: &'static [Field],
    /// Without these it is recorded, and said to be missing.
    pub asks: &'static [Field],
}

const fn action(id: &'static str, sentence: &'static str) -> Action {
    Action { id, sentence, needs: &[], asks: &[] }
}

impl Action {
    const fn needs(mut self, fields: &'static [Field]) -> Self {
        self.needs = fields;
        self
    }

    const fn asks(mut self, fields: &'static [Field]) -> Self {
        self.asks = fields;
        self
    }
}

use Field::{Authority, Condition, Corrects, From, Handling, Item, Place, Reason, Seal, To, Words};

/// All known actions, in the order in which a case usually meets them.
pub static ACTIONS: &[Action] = &[
    action("case-opened", "Case opened"),
    action("seized", "Item seized").asks(&[Item, Place, Reason, Authority, Condition]),
    action("received", "Item received").asks(&[Item, Place, From, Condition]),
    action("sealed", "Item sealed").needs(&[Seal]).asks(&[Item, Place]),
    action("opened", "Seal opened").asks(&[Item, Seal, Place, Reason, Condition]),
    action("transported", "Item transported").asks(&[Item, Place, From, To]),
    action("stored", "Item put into storage").asks(&[Item, Place]),
    action("marked", "Marked for handling").needs(&[Handling]).asks(&[Reason]),
    action("acquisition-planned", "Acquisition planned"),
    action("acquired", "Image acquired"),
    action("acquisition-interrupted", "Acquisition interrupted"),
    action("acquisition-resumed", "Acquisition resumed"),
    action("acquisition-failed", "Acquisition failed"),
    action("imported", "Log of another program taken in as provenance"),
    action("hashed", "Digests computed"),
    action("verified", "Integrity checked"),
    action("examined", "Item examined").asks(&[Item]),
    action("derived", "Files recovered or derived"),
    action("exported", "Data exported"),
    action("packaging-planned", "Evidence package planned"),
    action("packaged", "Evidence package sealed"),
    action("disclosed", "Part of the evidence disclosed").asks(&[To, Authority]),
    action("timestamped", "Time stamp obtained"),
    action("key-changed", "Log passed on to another key"),
    action("key-lost", "Signing key lost; another one goes on"),
    action("key-revoked", "Signing key revoked"),
    action("handed-over", "Item handed over").asks(&[Item, To, Place, Condition]),
    action("accepted", "Item accepted").asks(&[Item, From, Place, Condition]),
    action("refused", "Item refused").needs(&[Reason]).asks(&[Item, From]),
    action("discrepancy", "Discrepancy found").needs(&[Words]).asks(&[Item]),
    action("acknowledged", "Receipt of the other side taken in"),
    action("returned", "Item returned").asks(&[Item, To, Place, Authority]),
    action("destroyed", "Item or copy destroyed").needs(&[Reason]).asks(&[Item, Place, Authority]),
    action("reported", "Report made"),
    action("note", "Note").needs(&[Words]),
    action("correction", "Correction of an earlier record").needs(&[Words]).asks(&[Corrects]),
];

/// The roles that the field knows, with a sentence for people. Any other word is allowed.
pub static ROLES: &[(&str, &str)] = &[
    ("first-responder", "First on the scene"),
    ("search-officer", "Searches and seizes"),
    ("examiner", "Examines the evidence"),
    ("custodian", "Keeps the evidence"),
    ("courier", "Carries the evidence"),
    ("investigator", "Leads the investigation"),
    ("prosecutor", "Prosecutes"),
    ("judge", "Decides"),
    ("defence", "Acts for the defence"),
    ("expert", "Independent expert"),
    ("witness", "Was present"),
    ("interpreter", "Interprets"),
    ("contact-point", "24/7 point of contact"),
    ("central-authority", "Central authority for mutual assistance"),
    ("foreign-authority", "Authority of another State"),
    ("provider", "Holds data for others"),
];

/// The entry of an id, if it is known.
#[must_use]
pub fn find(id: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_stands_once_in_kebab_case_and_has_a_sentence() {
        for (at, action) in ACTIONS.iter().enumerate() {
            assert!(action.id.bytes().all(|c| c.is_ascii_lowercase() || c == b'-'), "{}", action.id);
            assert!(!action.sentence.is_empty());
            assert_eq!(ACTIONS.iter().position(|other| other.id == action.id), Some(at));
            assert!(action.needs.iter().all(|field| !action.asks.contains(field)), "{}", action.id);
        }
        assert!(ROLES.iter().all(|(id, _)| id.bytes().all(|c| c.is_ascii_lowercase() || c == b'-')));
    }

    #[test]
    fn an_unknown_action_has_no_sentence() {
        assert_eq!(find("acquired").unwrap().sentence, "Image acquired");
        assert_eq!(find("Acquired"), None);
    }
}
