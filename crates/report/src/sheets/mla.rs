//! An annex to a request for mutual assistance, or to its execution: the contents that such requests have in common.

use super::{Page, Sheet, SheetFacts, evidence};

pub(super) const SHEET: Sheet = Sheet { id: "mla", title: "Annex to a request for mutual legal assistance", make };

fn make(facts: &SheetFacts) -> Page {
    Page {
        title: "Annex on electronic evidence to a request for mutual legal assistance",
        notice: "Contents as requests under UNTOC art. 18(15) and its like have them. Whether an instrument applies, and whether \
                 assistance is given, is for the authorities to say.",
        sections: vec![
            facts.stated_section(
                "The authorities",
                &[
                    ("authority.issuing_body", "Requesting authority"),
                    ("authority.conducting_body", "Authority conducting the investigation"),
                    ("authority.requested_body", "Requested authority"),
                    ("authority.reference", "Reference"),
                    ("authority.case_reference", "Domestic file"),
                    ("authority.instruments", "Named instruments"),
                ],
            ),
            facts.stated_section(
                "Subject matter, facts and purpose",
                &[
                    ("authority.offence", "Offence"),
                    ("authority.facts", "Facts"),
                    ("authority.purpose", "Purpose"),
                    ("authority.persons", "Person concerned"),
                ],
            ),
            facts.stated_section(
                "Assistance sought, and its procedure",
                &[
                    ("scope.description", "Evidence sought"),
                    ("scope.accounts", "Account or address"),
                    ("scope.devices", "Device"),
                    ("scope.time", "Time range"),
                    ("authority.procedure", "Procedure"),
                    ("authority.preservation", "Earlier preservation"),
                    ("authority.deadline", "Time limit"),
                ],
            ),
            facts.stated_section(
                "Limits",
                &[
                    ("authority.use_limits", "Limit of use"),
                    ("scope.exclusions", "Excluded"),
                    ("authority.confidentiality", "Confidentiality"),
                    ("authority.retention_until", "May be kept until"),
                    ("authority.safeguards", "Safeguard"),
                ],
            ),
            facts.missing_section(),
            evidence::images(facts),
            evidence::records(
                facts,
                "Custody",
                &[
                    "seized",
                    "received",
                    "sealed",
                    "opened",
                    "transported",
                    "stored",
                    "packaged",
                    "disclosed",
                    "handed-over",
                    "accepted",
                    "refused",
                    "discrepancy",
                    "acknowledged",
                    "returned",
                    "destroyed",
                ],
                "Events of custody",
            ),
        ],
        to_sign: &["Name and function", "Place and date", "Signature"],
        code: String::new(),
        short: false,
    }
}
