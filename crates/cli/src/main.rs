//! `exhibit`: the one binary. Arguments, messages, progress and exit codes live here; decisions live in the engines.
//!
//! One file for each verb is in `commands/`; everything around a command (the person, the clock, the wish to stop, the
//! number of threads) is in `world`, how it ends in `outcome`, and what it needs of the doors in `evidence_input`, `members`
//! and `store_paths`.
#![forbid(unsafe_code)]

mod actor;
mod arguments;
mod authorities;
mod authority;
mod case;
mod case_facts;
mod commands;
mod encryption;
mod evidence_input;
mod fonts;
mod further_signatures;
mod gaps;
mod items;
mod keys;
mod language;
mod layout_words;
mod members;
mod outcome;
mod output_names;
mod passphrase;
mod progress;
mod recording;
mod said;
mod sealed_lists;
mod selection;
mod sheets;
mod sizes;
mod store_paths;
mod token;
mod transport;
mod world;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = match arguments::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(outcome::not_understood(&error)),
    };
    exhibit_store::allow_many_files();
    let world = world::World::new(&arguments.globals);
    let result = arguments.verb.run(&world);
    ExitCode::from(outcome::conclude(&world, result))
}
