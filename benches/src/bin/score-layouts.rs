//! How well the carver copes with files in pieces, cut off, beside and inside one another: a table by layout and kind.
//!
//! ```text
//! score-layouts [SEEDS [FIRST]]
//! ```
//!
//! Media are made in memory, see `layouts`. Files that begin anywhere are looked for at every byte, all others at sectors.
//! Exit 1 if a file was called proven that is none.
#![expect(clippy::disallowed_macros, reason = "a program of its own, which talks to the person who runs it")]

use std::process::ExitCode;

use exhibit_benches::layouts::{Find, Grade, LIES, Lie, Medium, medium};
use exhibit_carve::{Align, Class, Object, Plan, find};
use exhibit_evidence::{Cancel, MemorySource, Silent};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<u64>().unwrap_or(1));
    let (seeds, first) = (arguments.next().unwrap_or(20), arguments.next().unwrap_or(1));
    println!("| layout | exact of planted | by kind | proven, wrong | consistent, wrong |");
    println!("| --- | ---: | --- | ---: | ---: |");
    let mut all_right = true;
    for lie in LIES {
        let mut grade = Grade::default();
        for seed in first..first.saturating_add(seeds) {
            let medium = medium(lie, seed);
            let objects = objects(&medium, lie);
            let finds: Vec<Find> = objects.iter().map(|object| content(&medium, object)).collect();
            grade.add(&medium, &finds, |index| format!("seed {seed}: {:?}", objects.get(index)));
        }
        print(lie, &grade);
        all_right &= grade.wrong_proven == 0;
    }
    if all_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn objects(medium: &Medium, lie: Lie) -> Vec<Object> {
    let align = if lie == Lie::Unaligned { Align::Byte } else { Align::Sector };
    let plan = Plan { align, ..Plan::default() };
    let found = find(&MemorySource::new(medium.bytes.clone()), &plan, &Silent, &Cancel::new());
    let objects = found.map(|found| found.objects).unwrap_or_default();
    objects.into_iter().filter(|object| object.class <= Class::Consistent).collect()
}

fn content(medium: &Medium, object: &Object) -> Find {
    let extents = object.extents.iter();
    let cut = extents.filter_map(|extent| medium.bytes.get(extent.offset as usize..extent.end() as usize));
    (object.class == Class::Proven, cut.flatten().copied().collect())
}

fn print(lie: Lie, grade: &Grade) {
    let (planted, exact) =
        grade.kinds.values().fold((0, 0), |(planted, exact), tally| (planted + tally.planted, exact + tally.exact));
    let kinds = grade.kinds.iter().filter(|(_, tally)| tally.exact < tally.planted);
    let kinds: Vec<String> = kinds.map(|(kind, tally)| format!("{kind} {}/{}", tally.exact, tally.planted)).collect();
    println!(
        "| {lie:?} | {exact}/{planted} | {} | {}, {} | {}, {} |",
        kinds.join(", "),
        grade.proven,
        grade.wrong_proven,
        grade.consistent,
        grade.wrong_consistent
    );
    for wrong in &grade.wrong {
        eprintln!("{lie:?} {wrong}");
    }
}
