//! `bag-info.txt`: only what can be checked, which is the Payload-Oxum.

use super::Rules;
use super::manifest::Context;
use crate::collect::Findings;
use crate::lines::{self, Ends};

/// The name since version 0.96, and the one before.
const NAMES: [&str; 2] = ["bag-info.txt", "package-info.txt"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let name = NAMES.into_iter().find(|name| context.ledger.contains(name));
    let Some(name) = name else {
        if context.rules == Rules::Package {
            findings.wrong("bag-missing", "bag-info.txt", "a package must have it");
        }
        return;
    };
    let strict = context.rules == Rules::Package;
    let ends = if strict { Ends::Lf } else { Ends::Any };
    let mut oxum: Vec<String> = Vec::new();
    let mut odd = None;
    let read = lines::each(context.members, name, ends, &mut |line| {
        let Some(text) = context.declaration.encoding.decode(line.bytes) else {
            odd.get_or_insert((line.number, line.at));
            return;
        };
        let continued = text.starts_with([' ', '\t']);
        match text.split_once(':') {
            _ if continued => {}
            Some((label, value)) if label.trim().eq_ignore_ascii_case("Payload-Oxum") => {
                oxum.push(value.trim().to_owned())
            }
            Some((_, value)) if !strict || (line.ended && value.starts_with(' ')) => {}
            None if !strict && text.trim().is_empty() => {}
            _ => {
                odd.get_or_insert((line.number, line.at));
            }
        }
    });
    if let Err(finding) = read {
        findings.push(finding);
    }
    if let Some((number, at)) = odd {
        let text = "not a label, a colon and a value";
        findings.wrong_at(at, "bag-info", format!("{name}: line {number}"), text);
    }
    payload_oxum(context, name, &oxum, findings);
}

/// Bytes and files of the payload, against what is there.
fn payload_oxum(context: &Context<'_>, name: &str, values: &[String], findings: &mut Findings) {
    let payload = context.ledger.files.iter().filter(|(file, _)| file.starts_with("data/"));
    let (bytes, count) = payload
        .fold((0_u64, 0_u64), |(bytes, count), (_, real)| (bytes.saturating_add(real.size), count.saturating_add(1)));
    let real = format!("{bytes}.{count}");
    match values {
        [] if context.rules == Rules::Package => findings.wrong("bag-oxum", name, "there is no Payload-Oxum"),
        [_, _, ..] => findings.wrong("bag-oxum", name, "Payload-Oxum stands there more than once"),
        [value] if *value != real => {
            let text = format!("Payload-Oxum says {value} (bytes.files), the payload has {real}");
            findings.wrong("bag-oxum", name, text);
        }
        _ => {}
    }
}
