//! A handover receipt for paper: what the log says about handovers, with room for two signatures.

use super::{Page, Sheet, SheetFacts, evidence};

pub(super) const SHEET: Sheet = Sheet { id: "handover", title: "Handover receipt", make };

fn make(facts: &SheetFacts) -> Page {
    Page {
        title: "Handover receipt",
        notice: "What the log says about handovers. The signed files (.exhibit-handover, .exhibit-receipt) say it for machines.",
        sections: vec![
            evidence::records(facts, "Handed over", &["handed-over"], "Handovers"),
            evidence::records(facts, "Answered", &["accepted", "refused", "discrepancy", "acknowledged"], "Answers"),
            evidence::records(facts, "Seals", &["sealed", "opened"], "Seals"),
            evidence::images(facts),
            facts.stated_section(
                "Limits of use",
                &[("authority.use_limits", "Limit of use"), ("authority.confidentiality", "Confidentiality")],
            ),
        ],
        to_sign: &[
            "Handed over by: name, function, signature",
            "Received by: name, function, signature",
            "Place, date and time",
            "Remarks (seals, condition)",
        ],
        code: String::new(),
        short: false,
    }
}
