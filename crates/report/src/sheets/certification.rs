//! The draft of a certification in the manner of FRE 902(13)/(14): data copied and identified by digest.

use super::{Page, Section, Sheet, SheetFacts, evidence};

pub(super) const SHEET: Sheet =
    Sheet { id: "certification", title: "Draft certification in the manner of FRE 902(13)/(14)", make };

fn make(facts: &SheetFacts) -> Page {
    Page {
        title: "Draft certification of copied data",
        notice: "In the manner of Rules 902(13) and 902(14) of the US Federal Rules of Evidence. A qualified person completes and \
                 signs it; it concerns authenticity only, and the other side gets notice.",
        sections: vec![
            process(facts),
            comparison(facts),
            evidence::images(facts),
            evidence::records(
                facts,
                "Custody and storage since",
                &[
                    "seized",
                    "received",
                    "sealed",
                    "opened",
                    "transported",
                    "stored",
                    "acquired",
                    "verified",
                    "packaged",
                    "handed-over",
                    "accepted",
                    "returned",
                ],
                "Events of custody",
            ),
            facts.stated_section("Special procedure asked for", &[("authority.procedure", "Procedure")]),
        ],
        to_sign: &[
            "Declarant: name, employer, title",
            "Qualifications (training, experience, how the accuracy of the process is known)",
            "I declare under penalty of perjury under the laws of the United States of America that the foregoing is true and \
             correct (28 U.S.C. § 1746). Executed on (date), at (place)",
            "Signature",
        ],
        code: String::new(),
        short: false,
    }
}

/// What was copied from what, and how.
fn process(facts: &SheetFacts) -> Section {
    let mut section = Section::new("The source and the process");
    for image in &facts.images {
        let (record, source) = (&image.acquisition, evidence::source(image));
        let known = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "not known".to_owned());
        section.say(
            format!(
                "Item {}: source {}, model {}, serial number {}, {} bytes.",
                image.item,
                record.source.path,
                known(&record.source.model),
                known(&record.source.serial),
                record.source.size_bytes
            ),
            source.clone(),
        );
        section.say(
            format!(
                "Item {}: copied with {} on {} as {}, digests {}, read errors: {}.",
                image.item,
                record.tool,
                record.host.system,
                record.plan.format,
                record.plan.hashes.join(", "),
                record.plan.errors
            ),
            source,
        );
    }
    if facts.images.is_empty() {
        section.missing("The process of copying", "items/".to_owned());
    }
    section
}

/// Whether copy and source have one digest, and who computed which.
fn comparison(facts: &SheetFacts) -> Section {
    let mut section = Section::new("The digital identification");
    for image in &facts.images {
        let (record, source) = (&image.acquisition, evidence::source(image));
        let text = match &record.read_back {
            None => "the copy was not read back after it was made; no digest of the copy was computed then".to_owned(),
            Some(read) if read.matches => {
                "the digests of what was read from the source and of the copy, read back afterwards, are equal"
                    .to_owned()
            }
            Some(_) => {
                "the copy, read back afterwards, does NOT have the digests of what was read from the source".to_owned()
            }
        };
        section.say(format!("Item {}: {text}.", image.item), source);
    }
    if facts.images.is_empty() {
        section.missing("Digests of source and copy", "items/".to_owned());
    }
    section
}
