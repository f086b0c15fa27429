//! The facts of cover sheets, out of a case.

use exhibit_authority::{Authority, Scope, review};
use exhibit_custody::Log;
use exhibit_evidence::{Name, to_hex};
use exhibit_report::{CaseFacts, SheetFacts, SheetHead, SheetImage, SheetRecord};

use crate::case::Case;
use crate::outcome::Failure;
use crate::recording::LogFiles;
use crate::world::{TOOL, World};
use crate::{authority, case_facts, items};

/// Everything a sheet of `case` can say.
pub(crate) fn facts(world: &World, case: &Case) -> Result<SheetFacts, Failure> {
    let files = LogFiles::read(&case.path)?;
    let log = files.log().value;
    let file = &case.file;
    let mut images = Vec::new();
    for item in items::read(case, &[])? {
        for acquisition in item.records {
            images.push(SheetImage {
                item: item.id.clone(),
                acquisition,
                record: case_facts::record_of(&log, "acquired", Some(&item.id)),
            });
        }
    }
    Ok(SheetFacts {
        tool: TOOL.to_owned(),
        created: Some(world.clock.now()),
        case: CaseFacts {
            number: Some(file.number.clone()),
            title: Some(file.title.clone()),
            examiner: Some(file.examiner.clone()),
            agency: Some(file.agency.clone()),
            created: Some(file.created.clone()),
            record: None,
        },
        stated: case_facts::stated(case),
        missing: missing(world, case)?,
        handling: case.handling(&log),
        records: records(&log)?,
        images,
        head: case_facts::head(world, &files, &log).map(|head| SheetHead {
            records: head.records,
            root: head.root,
            fingerprint: head.fingerprint,
        }),
    })
}

/// What the named articles ask for and nobody said, in sentences.
fn missing(world: &World, case: &Case) -> Result<Vec<String>, Failure> {
    let authority = authority::of_case::<Authority>(&case.file.authority).unwrap_or_default();
    let scope = authority::of_case::<Scope>(&case.file.scope).unwrap_or_default();
    let review = review(&authority, &scope, &authority::vocabulary(world)?);
    let mut sentences: Vec<String> = review
        .missing
        .iter()
        .map(|missing| format!("Not said: {}; asked for by {}.", missing.title, missing.asked_by.join(", ")))
        .collect();
    sentences.extend(review.unknown.iter().map(|id| format!("Not in the vocabulary: {id}.")));
    sentences.extend(review.unconfirmed.iter().map(|(id, why)| format!("What {id} asks for is {why}; check it.")));
    Ok(sentences)
}

fn records(log: &Log) -> Result<Vec<SheetRecord>, Failure> {
    let each = log.entries().iter().map(|entry| {
        let record = &entry.record;
        let line = record.to_line().map_err(|fault| Failure::new(fault.to_string()))?;
        let known = exhibit_custody::actions::find(&record.action).map(|action| action.sentence.to_owned());
        Ok(SheetRecord {
            seq: record.seq,
            time: record.time.to_string(),
            actor: record.actor.clone(),
            role: record.role.clone(),
            action: record.action.clone(),
            sentence: known.unwrap_or_else(|| Name::from(record.action.as_str()).to_string()),
            says: case_facts::says(record),
            reason: record.reason.clone(),
            sha256: to_hex(&exhibit_custody::line_hash(&line)),
        })
    });
    each.collect()
}
