//! The events of a chain of custody, with a plain sentence for each. One line adds one.

/// An action the program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// The word in the record.
    pub id: &'static str,
    /// What it means, for people.
    pub sentence: &'static str,
}

const fn action(id: &'static str, sentence: &'static str) -> Action {
    Action { id, sentence }
}

/// All known actions, in the order in which a case usually meets them.
pub static ACTIONS: &[Action] = &[
    action("case-opened", "Case opened"),
    action("seized", "Item seized"),
    action("received", "Item received"),
    action("sealed", "Item sealed"),
    action("opened", "Seal opened"),
    action("transported", "Item transported"),
    action("stored", "Item put into storage"),
    action("acquisition-planned", "Acquisition planned"),
    action("acquired", "Image acquired"),
    action("acquisition-interrupted", "Acquisition interrupted"),
    action("acquisition-resumed", "Acquisition resumed"),
    action("acquisition-failed", "Acquisition failed"),
    action("hashed", "Digests computed"),
    action("verified", "Integrity checked"),
    action("examined", "Item examined"),
    action("derived", "Files recovered or derived"),
    action("exported", "Data exported"),
    action("packaging-planned", "Evidence package planned"),
    action("packaged", "Evidence package sealed"),
    action("disclosed", "Part of the evidence disclosed"),
    action("timestamped", "Time stamp obtained"),
    action("handed-over", "Item handed over"),
    action("accepted", "Item accepted"),
    action("returned", "Item returned"),
    action("destroyed", "Item or copy destroyed"),
    action("reported", "Report made"),
    action("note", "Note"),
    action("correction", "Correction of an earlier record"),
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
        }
    }

    #[test]
    fn an_unknown_action_has_no_sentence() {
        assert_eq!(find("acquired").unwrap().sentence, "Image acquired");
        assert_eq!(find("Acquired"), None);
    }
}
