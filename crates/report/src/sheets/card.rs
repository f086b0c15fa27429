//! The 24/7 card: one page that can be read out over a telephone or scanned, with the digests that everything hangs on.

use super::qr::CODE_BYTES_MAX;
use super::{Page, Section, Sheet, SheetFacts, evidence};

pub(super) const SHEET: Sheet = Sheet { id: "card", title: "24/7 card with root digests and QR code", make };

fn make(facts: &SheetFacts) -> Page {
    let mut roots = Section::new("What everything hangs on");
    match &facts.head {
        None => roots.missing("Signed head of the custody log", "custody log".to_owned()),
        Some(head) => {
            let source = format!("checkpoint over record 1 to {}", head.records);
            roots.say(format!("Custody log: {} records, root {}.", head.records, head.root), source.clone());
            roots.say(format!("Signed with key {}.", head.fingerprint), source);
        }
    }
    for image in &facts.images {
        let record = &image.acquisition;
        let sha256 = record.digests.get("sha256").unwrap_or("not computed");
        let text =
            format!("Item {}: {} bytes, sha256 {sha256}, tree {}.", image.item, record.size_bytes, record.tree.root);
        roots.say(text, evidence::source(image));
    }
    if facts.images.is_empty() {
        roots.missing("Copies of the evidence", "items/".to_owned());
    }
    Page {
        title: "24/7 card",
        notice: "For the point of contact: who asks, for what, and the digests by which anybody can tell the evidence. The code says \
                 the same digests.",
        sections: vec![
            facts.stated_section(
                "Request",
                &[
                    ("authority.reference", "Reference"),
                    ("authority.issuing_body", "Authority"),
                    ("authority.deadline", "Time limit"),
                    ("authority.preservation", "Preservation"),
                ],
            ),
            roots,
        ],
        to_sign: &[],
        code: code(facts),
        short: true,
    }
}

/// `EXHIBIT case`, `LOG records root`, `KEY fingerprint`, `ITEM id size sha256 tree`: as many items as fit.
fn code(facts: &SheetFacts) -> String {
    let Some(head) = &facts.head else { return String::new() };
    let number = facts.case.number.as_deref().unwrap_or_default();
    let mut text = format!("EXHIBIT {number}\nLOG {} {}\nKEY {}\n", head.records, head.root, head.fingerprint);
    let mut left = facts.images.len();
    for image in &facts.images {
        let record = &image.acquisition;
        let sha256 = record.digests.get("sha256").unwrap_or("-");
        let line = format!("ITEM {} {} {sha256} {}\n", image.item, record.size_bytes, record.tree.root);
        const MORE_BYTES: usize = 16;
        if text.len().saturating_add(line.len()).saturating_add(MORE_BYTES) > CODE_BYTES_MAX {
            break;
        }
        text.push_str(&line);
        left = left.saturating_sub(1);
    }
    if left > 0 {
        text.push_str(&format!("MORE {left}\n"));
    }
    text
}
