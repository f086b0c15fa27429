//! What a bare search costs: the bound that the carver's scan is measured against in `peers.sh`.
//!
//! ```text
//! bare-search FILE search|read
//! ```
//!
//! `search` looks for the signatures of all kinds of the carver with `aho-corasick`, leftmost-longest, on all cores, and prints how
//! many it met; `read` only reads the file, one MiB after another.
#![expect(clippy::disallowed_macros, reason = "a program of its own, which talks to the person who runs it")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use aho_corasick::{AhoCorasick, MatchKind};
use exhibit_carve::KINDS;
use exhibit_device::{FileSource, Mapping};
use exhibit_evidence::Source;

/// Bytes read and searched at once, as the carver does.
const BLOCK_BYTES: u64 = 1 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, mode @ ("search" | "read")] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        eprintln!("usage: bare-search FILE search|read");
        return ExitCode::from(2);
    };
    match run(Path::new(file), mode == "search") {
        Ok(found) => {
            println!("{found}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bare-search: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(file: &Path, search: bool) -> Result<u64, Box<dyn std::error::Error>> {
    let source = FileSource::open(file, Mapping::Finished)?;
    let mut patterns: Vec<&[u8]> = KINDS.iter().flat_map(|kind| kind.signatures()).copied().collect();
    patterns.sort_unstable();
    patterns.dedup();
    let searcher = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns)?;
    let (next, found) = (AtomicU64::new(0), AtomicU64::new(0));
    // Plain reading is what one reader does.
    let threads = if search { std::thread::available_parallelism()?.get() } else { 1 };
    std::thread::scope(|scope| {
        let worker = || {
            let mut buffer = Vec::new();
            loop {
                let at = next.fetch_add(BLOCK_BYTES, Ordering::Relaxed);
                if at >= source.size() {
                    return;
                }
                buffer.resize(BLOCK_BYTES.min(source.size() - at) as usize, 0);
                if source.read_at(at, &mut buffer).is_err() {
                    return;
                }
                if search {
                    found.fetch_add(searcher.find_iter(&buffer).count() as u64, Ordering::Relaxed);
                }
                std::hint::black_box(&buffer);
            }
        };
        (0..threads).for_each(|_| drop(scope.spawn(worker)));
    });
    Ok(found.into_inner())
}
