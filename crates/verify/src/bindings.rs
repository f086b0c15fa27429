//! The files that the custody log binds by digest, against the files that are there.

use exhibit_evidence::{Finding, Severity};

use crate::collect::Findings;
use crate::custody::{Binding, Facts};
use crate::ledger::Ledger;
use crate::names;
use crate::verdict::Check;

/// What becomes of a file that the log names and that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A case must hold everything its log names.
    Wrong,
    /// A package may hold a part of the case.
    Note,
}

/// Compares. `place_of` finds the member for a path in the case; returns the places that are bound, too.
pub(crate) fn check(
    facts: &Facts,
    ledger: &Ledger,
    missing: Missing,
    place_of: &dyn Fn(&str) -> Option<String>,
) -> (Vec<String>, Check) {
    let mut findings = Findings::default();
    let mut bound = Vec::new();
    for (path, all) in &facts.bindings {
        let Some(newest) = all.last() else { continue };
        let log = format!("custody log, record {}", newest.seq);
        if names::danger(path).is_some() {
            findings.note(
                "binding-outside",
                log,
                format!("it names {path}, which is not a file of the case; not compared"),
            );
            continue;
        }
        let Some(place) = place_of(path).filter(|place| ledger.contains(place)) else {
            let text = format!("it names {path}, and there is no such file");
            match missing {
                Missing::Wrong => findings.wrong("binding-missing", log, text),
                Missing::Note => findings.note("binding-elsewhere", log, format!("{text} in this package")),
            }
            continue;
        };
        one(ledger, &place, newest, &mut findings);
        for earlier in all.iter().filter(|earlier| earlier.sha256 != newest.sha256) {
            let text = format!("record {} gives an earlier digest, {}", earlier.seq, earlier.sha256);
            findings.note("binding-replaced", place.as_str(), text);
        }
        bound.push(place);
    }
    let passed = format!("{} files have the digests that the log gives them", bound.len());
    let title = "The files are those that the custody log names";
    (bound, Check::from_findings("custody-files", title, passed, findings.into_list()))
}

fn one(ledger: &Ledger, place: &str, binding: &Binding, findings: &mut Findings) {
    let Some(real) = ledger.get(place) else { return };
    if let Some(size) = binding.size.filter(|size| *size != real.size) {
        let text = format!("size: record {} says {size} bytes, found {}", binding.seq, real.size);
        findings.wrong("binding-size", place, text);
    }
    match real.sha256() {
        Some(found) if found == binding.sha256 => {}
        Some(found) => {
            let text =
                format!("SHA-256: record {} of the custody log says {}, found {found}", binding.seq, binding.sha256);
            findings.wrong("binding-digest", place, text);
        }
        None => {
            let text = "it was not read to its end, so the digest in the custody log was not compared";
            findings.push(Finding::new(Severity::Incomplete, "binding-unread", place, text));
        }
    }
}
