//! What can be typed.

use clap::{Args, Parser, ValueEnum};

use crate::commands::Verb;
use crate::language::Languages;

/// Digital-forensics evidence collection: image, verify, carve, log, package, report.
#[derive(Debug, Parser)]
#[command(name = "exhibit", version, about, max_term_width = 110, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 done, or everything checked holds · 1 failed · 2 usage · 3 done, with gaps · 4 does not match\n\
    5 refused: source not write-protected · 6 interrupted · 7 incomplete check: nothing is wrong, something was not checked"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Options that every command understands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Globals {
    /// Put one JSON object, the outcome, on the last line of standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Stream events as JSON Lines to standard error instead of a progress bar
    #[arg(long, global = true)]
    pub(crate) events: bool,
    /// Threads to use [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Print results only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Print more about what is done
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Language: ar, en, es, fr, ru or zh; of reports also two [default: the environment's]
    ///
    /// Two for one report are written fr,ar.
    #[arg(long, global = true, value_name = "TAG", value_parser = crate::language::parse)]
    pub(crate) lang: Option<Languages>,
    /// Never map files into memory (for images on unreliable disks)
    #[arg(long, global = true)]
    pub(crate) no_mmap: bool,
    /// Private key that signs: a file, or pkcs11:… [default: the user's own, see `exhibit key`]
    #[arg(long, global = true, value_name = "FILE", env = "EXHIBIT_KEY")]
    pub(crate) signing_key: Option<std::path::PathBuf>,
    /// File whose first line opens encrypted keys, or is the PIN of a token
    ///
    /// Without it EXHIBIT_PASSPHRASE is taken, and else it is asked for.
    #[arg(long, global = true, value_name = "FILE", env = "EXHIBIT_PASSPHRASE_FILE")]
    pub(crate) passphrase_file: Option<std::path::PathBuf>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
