//! `exhibit`: the one binary. Arguments, messages, progress and exit codes live here; decisions live in the engines.
#![forbid(unsafe_code)]
mod actor;
mod arguments;
mod case;
mod commands;
mod evidence_input;
mod gaps;
mod items;
mod keys;
mod members;
mod outcome;
mod progress;
mod recording;
mod sizes;
mod store_paths;
mod world;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // clap itself ends with 2 for wrong usage and 0 for help, as CLI.md wants it.
    let arguments = arguments::Arguments::parse();
    let world = world::World::new(&arguments.globals);
    let result = arguments.verb.run(&world);
    ExitCode::from(outcome::conclude(&world, result))
}
