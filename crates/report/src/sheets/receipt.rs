//! A receipt for the person searched: what was taken, sealed and copied, under which authority.

use super::{Page, Sheet, SheetFacts, evidence};

pub(super) const SHEET: Sheet = Sheet { id: "receipt", title: "Receipt for the person searched", make };

fn make(facts: &SheetFacts) -> Page {
    Page {
        title: "Receipt for what was taken and copied",
        notice: "For the person from whom it was taken. Digests let anybody show later that a copy is unchanged.",
        sections: vec![
            facts.stated_section(
                "Authority",
                &[
                    ("authority.legal_basis", "Legal basis"),
                    ("authority.issuing_body", "Issued by"),
                    ("authority.reference", "Reference"),
                    ("authority.issued", "Date"),
                    ("scope.places", "Place"),
                ],
            ),
            evidence::records(facts, "Taken", &["seized", "received"], "Items taken"),
            evidence::records(facts, "Seals", &["sealed", "opened"], "Seals"),
            evidence::images(facts),
            evidence::records(facts, "Given back", &["returned"], "Items given back"),
            facts.stated_section("Not to be looked at", &[("scope.exclusions", "Excluded")]),
        ],
        to_sign: &[
            "For the authority: name, function, signature",
            "Person searched: name, signature (or: refused to sign)",
            "Witness: name, signature",
            "Place, date and time",
        ],
        code: String::new(),
        short: false,
    }
}
