//! A preservation sheet: what a request for expedited preservation abroad has to say (the contents of Budapest art. 29(2)).

use super::{Page, Sheet, SheetFacts, evidence};

pub(super) const SHEET: Sheet =
    Sheet { id: "preservation", title: "Preservation sheet (contents as in Budapest art. 29(2))", make };

fn make(facts: &SheetFacts) -> Page {
    Page {
        title: "Request for the preservation of stored data",
        notice: "Contents as a request under art. 29(2) of the Convention on Cybercrime has them. Whether an instrument applies is \
                 for the authorities to say.",
        sections: vec![
            facts.stated_section(
                "The authority seeking the preservation",
                &[
                    ("authority.issuing_body", "Authority"),
                    ("authority.reference", "Reference"),
                    ("authority.issued", "Date"),
                    ("authority.instruments", "Named instruments"),
                    ("authority.channel", "Channel"),
                ],
            ),
            facts.stated_section(
                "The offence and a brief summary of the facts",
                &[("authority.offence", "Offence"), ("authority.facts", "Facts")],
            ),
            facts.stated_section(
                "The data to be preserved and their relationship to the offence",
                &[
                    ("scope.description", "Data"),
                    ("scope.accounts", "Account or address"),
                    ("scope.devices", "Device"),
                    ("scope.time", "Time range"),
                    ("scope.categories", "Category"),
                    ("authority.relevance", "Relationship to the offence"),
                ],
            ),
            facts.stated_section(
                "The custodian of the data, or the location of the system",
                &[("scope.custodian", "Custodian"), ("scope.places", "Place")],
            ),
            facts.stated_section(
                "The necessity of the preservation",
                &[
                    ("authority.necessity", "Necessity"),
                    ("authority.urgency", "Urgency"),
                    ("authority.preservation.until", "To be preserved until"),
                ],
            ),
            facts.stated_section(
                "The intention to submit a request for mutual assistance",
                &[("authority.intent_mla", "Intention")],
            ),
            facts.stated_section("Confidentiality", &[("authority.confidentiality", "Confidentiality")]),
            facts.missing_section(),
            evidence::images(facts),
        ],
        to_sign: &["Name and function", "Place and date", "Signature"],
        code: String::new(),
        short: false,
    }
}
