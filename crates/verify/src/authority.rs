//! Authority and scope as a case keeps them: their shape, looked at without the code that reads what people write.
//!
//! Whether anything in them is right, or enough, is not for a program to say; nothing that is left out is a finding.

use exhibit_evidence::{Finding, Instant, Severity};
use serde_json::{Map, Value};

use crate::case_file::CaseFile;
use crate::verdict::Check;

/// What a member holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Date,
    Flag,
    /// Names of one's own, with texts.
    Free,
    Object(&'static [(&'static str, Kind)]),
    Objects(&'static [(&'static str, Kind)]),
}

use Kind::{Date, Flag, Free, Object, Objects, Text, Texts};

const BODY: &[(&str, Kind)] = &[("name", Text), ("role", Text), ("contact", Text), ("country", Text)];

/// Members of `exhibit-authority/1`.
const AUTHORITY: &[(&str, Kind)] = &[
    ("format", Text),
    ("legal_basis", Text),
    ("instruments", Texts),
    ("reference", Text),
    ("case_reference", Text),
    ("language", Text),
    ("channel", Text),
    ("issuing_body", Object(BODY)),
    ("conducting_body", Object(BODY)),
    ("validating_body", Object(BODY)),
    ("requested_body", Object(BODY)),
    ("issued", Date),
    ("valid_from", Date),
    ("valid_until", Date),
    ("deadline", Date),
    ("offence", Object(&[("description", Text), ("provisions", Texts), ("penalty", Text)])),
    ("facts", Text),
    ("purpose", Text),
    ("necessity", Text),
    ("proportionality", Text),
    ("relevance", Text),
    ("use_limits", Texts),
    ("retention_until", Date),
    ("preservation", Object(&[("reference", Text), ("until", Date)])),
    ("confidentiality", Text),
    ("notification", Object(&[("delay_until", Date), ("reason", Text)])),
    ("handling", Texts),
    ("persons", Objects(&[("identity", Text), ("location", Text), ("nationality", Text)])),
    ("procedure", Texts),
    ("urgency", Text),
    ("emergency", Text),
    ("intent_mla", Text),
    ("consent", Text),
    ("agreement", Text),
    (
        "safeguards",
        Object(&[
            ("legal_basis", Text),
            ("judicial_authorisation", Text),
            ("data_protection", Text),
            ("onward_transfer", Text),
        ]),
    ),
    ("other", Free),
];

/// Members of `exhibit-scope/1`.
const SCOPE: &[(&str, Kind)] = &[
    ("format", Text),
    ("description", Text),
    ("places", Texts),
    ("devices", Texts),
    ("accounts", Texts),
    ("custodian", Text),
    ("time", Object(&[("from", Date), ("until", Date)])),
    ("categories", Texts),
    ("exclusions", Objects(&[("what", Text), ("reason", Text), ("decided_by", Text), ("privileged", Flag)])),
    ("other", Free),
];

/// Checks both documents; `None` if neither names a format of ours (a text, other JSON, nothing).
pub(crate) fn check(case: &CaseFile) -> Option<Check> {
    let mut findings = Vec::new();
    let mut documents = 0_u64;
    for (name, value) in [("authority", &case.authority), ("scope", &case.scope)] {
        let Some(format) = value.get("format").and_then(Value::as_str) else { continue };
        documents = documents.saturating_add(1);
        let members = match (name, format) {
            ("authority", "exhibit-authority/1") => AUTHORITY,
            ("scope", "exhibit-scope/1") => SCOPE,
            _ => {
                let text = format!("a format that is not known here: {format:?}");
                findings.push(Finding::new(Severity::Incomplete, "authority-format", place(name), text));
                continue;
            }
        };
        let wrong = value.as_object().map_or_else(|| Err("it is not an object".to_owned()), |map| object(map, members));
        if let Err(text) = wrong {
            findings.push(Finding::new(Severity::Mismatch, "authority", place(name), text));
        }
    }
    let passed = format!("{documents} documents have the shape of their format; nothing legal is judged");
    (documents > 0)
        .then(|| Check::from_findings("authority", "Authority and scope are whole documents", passed, findings))
}

fn place(name: &str) -> String {
    format!("case.json: {name}")
}

/// The depth is that of the tables above.
fn object(map: &Map<String, Value>, members: &[(&str, Kind)]) -> Result<(), String> {
    for (name, value) in map {
        let kind = members.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
        let kind = kind.ok_or_else(|| format!("the member {name:?} does not belong there"))?;
        one(value, kind).map_err(|text| format!("{name:?}: {text}"))?;
    }
    Ok(())
}

fn one(value: &Value, kind: Kind) -> Result<(), String> {
    match (kind, value) {
        (Text, Value::String(text)) if !text.trim().is_empty() => Ok(()),
        (Date, Value::String(text)) if is_date(text) => Ok(()),
        (Flag, Value::Bool(_)) => Ok(()),
        (Texts, Value::Array(values)) => values.iter().try_for_each(|value| one(value, Text)),
        (Free, Value::Object(map)) => map.values().try_for_each(|value| one(value, Text)),
        (Object(members), Value::Object(map)) => object(map, members),
        (Objects(members), Value::Array(values)) => values.iter().try_for_each(|value| match value {
            Value::Object(map) => object(map, members),
            _ => Err("an entry is not an object".to_owned()),
        }),
        _ => Err("not of the kind that belongs there".to_owned()),
    }
}

/// A day, or a moment with its zone.
fn is_date(text: &str) -> bool {
    match text.split_at_checked(19) {
        None => Instant::parse(&format!("{text}T00:00:00Z")).is_some(),
        Some((civil, "Z")) => Instant::parse(&format!("{civil}Z")).is_some(),
        Some((civil, zone)) => {
            let digits: Vec<u32> = zone.chars().filter_map(|c| c.to_digit(10)).collect();
            let shape = zone.len() == 6 && zone.starts_with(['+', '-']) && zone.get(3..4) == Some(":");
            let small = matches!(digits.as_slice(), [h, o, m, _] if h * 10 + o < 24 && *m < 6);
            shape && small && Instant::parse(&format!("{civil}Z")).is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::verdict::CheckResult;

    fn judged(authority: Value, scope: Value) -> Option<Check> {
        let text = |text: &str| text.to_owned();
        let (number, created) = (text("1"), text("2026-11-20T08:00:00Z"));
        check(&CaseFile {
            number,
            title: text("t"),
            examiner: text("e"),
            agency: text("a"),
            created,
            authority,
            scope,
            handling: Vec::new(),
        })
    }

    #[test]
    fn documents_of_our_formats_are_judged_and_others_are_nobodys() {
        for other in [Value::Null, json!("an order"), json!({"kind": "warrant"})] {
            assert!(judged(other.clone(), other).is_none());
        }
        let authority = |more: Value| {
            let mut map =
                json!({"format": "exhibit-authority/1", "issued": "2026-11-20", "issuing_body": {"name": "X"}});
            map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            judged(map, json!({"format": "exhibit-scope/1", "exclusions": [{"what": "x", "privileged": true}]}))
                .unwrap()
        };
        assert_eq!(authority(json!({})).result, CheckResult::Passed);
        assert_eq!(
            authority(json!({"deadline": "2026-11-20T08:00:00+01:00", "other": {"a": "b"}})).result,
            CheckResult::Passed
        );
        for bad in [
            json!({"referense": "x"}),
            json!({"reference": ""}),
            json!({"reference": 7}),
            json!({"issued": "soon"}),
            json!({"issued": "2026-11-20T08:00:00+99:00"}),
            json!({"instruments": "coe185"}),
            json!({"issuing_body": {"nam": "X"}}),
            json!({"persons": ["X"]}),
            json!({"other": {"a": 1}}),
        ] {
            let check = authority(bad.clone());
            assert_eq!(check.result, CheckResult::Failed, "{bad}");
            assert_eq!(check.findings[0].place, "case.json: authority");
        }
        let newer = judged(json!({"format": "exhibit-authority/2"}), Value::Null).unwrap();
        assert_eq!(newer.result, CheckResult::NotChecked);
    }
}
