//! How well the carver copes with files in pieces, cut off, beside and inside one another: a table by layout and kind.
//!
//! ```text
//! score-layouts [SEEDS [FIRST [FOLDER]]]
//! ```
//!
//! Media are made in memory, see `layouts`; of the files of a folder, if one is named. Files that begin anywhere are looked for at every byte, all others at sectors.
//! Exit 1 if a file was called proven that is none.
#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a program of its own, which reads the files to plant and talks to the person who runs it"
)]

use std::process::ExitCode;

use exhibit_benches::layouts::{Find, Grade, LIES, Lie, Medium, Sample, medium};
use exhibit_carve::{Align, Class, Object, Plan, find};
use exhibit_evidence::{Cancel, MemorySource, Silent};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise: u64| arguments.next().map_or(otherwise, |word| word.parse().unwrap_or(1));
    let (seeds, first) = (number(20), number(1));
    let samples = arguments.next().map_or_else(Vec::new, |folder| samples(&folder));
    println!("| layout | exact of planted | by kind | proven, wrong | consistent, wrong |");
    println!("| --- | ---: | --- | ---: | ---: |");
    let mut all_right = true;
    for lie in LIES {
        let mut grade = Grade::default();
        for seed in first..first.saturating_add(seeds) {
            let medium = medium(lie, seed, &samples);
            let objects = objects(&medium, lie);
            let finds: Vec<Find> = objects.iter().map(|object| content(&medium, object)).collect();
            grade.add(&medium, &finds, |index| format!("seed {seed}: {:?}", objects.get(index)));
        }
        print(lie, &grade);
        all_right &= grade.wrong_proven == 0;
    }
    if all_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The files of a folder, each with its extension for its kind.
fn samples(folder: &str) -> Vec<Sample> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let sample = |path: std::path::PathBuf| -> Option<Sample> {
        let kind = path.extension()?.to_str()?.to_owned().leak();
        Some((kind, std::fs::read(&path).ok()?))
    };
    paths.into_iter().filter_map(sample).collect()
}

fn objects(medium: &Medium, lie: Lie) -> Vec<Object> {
    let align = if matches!(lie, Lie::Unaligned | Lie::Embedded) { Align::Byte } else { Align::Sector };
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
