//! Processor time that each lane needs for a medium of `peers.sh` by itself, on one thread: what cannot be split is a lower
//! bound for everything that contains it.
//!
//! ```text
//! lane-times BYTES SEED
//! ```
//!
//! Prints a line for each: name and seconds. Where the kernel does not count the time of a thread, wall time is taken.
#![expect(clippy::disallowed_macros, reason = "a program of its own, which talks to the person who runs it")]

use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

use exhibit_benches::process::thread_seconds;
use exhibit_evidence::Source;
use exhibit_forge::{Mix, MixedMedium};
use exhibit_hash::{ALGORITHMS, BLOCK_BYTES, tree};

/// Bytes in memory at a time.
const PIECE_BYTES: u64 = 64 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Option<Vec<u64>> = arguments.iter().map(|argument| argument.parse().ok()).collect();
    let Some(&[size_bytes, seed]) = numbers.as_deref() else {
        eprintln!("usage: lane-times BYTES SEED");
        return ExitCode::from(2);
    };
    let medium = MixedMedium::new(seed, size_bytes, Mix::USED);
    let mut lanes: Vec<_> = ALGORITHMS.iter().map(|algorithm| (algorithm.id(), algorithm.start(), 0.0)).collect();
    let mut tree_seconds = 0.0;
    let mut piece = Vec::new();
    let mut at = 0;
    while at < size_bytes {
        let length = PIECE_BYTES.min(size_bytes.saturating_sub(at));
        piece.resize(usize::try_from(length).unwrap_or(0), 0);
        if medium.read_at(at, &mut piece).is_err() {
            eprintln!("lane-times: a forged medium reads everywhere, but not at {at}");
            return ExitCode::FAILURE;
        }
        for (_, digester, seconds) in &mut lanes {
            *seconds += timed(|| piece.chunks(BLOCK_BYTES).for_each(|block| digester.update(block)));
        }
        tree_seconds += timed(|| {
            for block in piece.chunks(tree::NODE_BYTES) {
                std::hint::black_box(tree::node(block));
            }
        });
        at = at.saturating_add(length);
    }
    for (id, digester, seconds) in lanes {
        std::hint::black_box(digester.digest());
        println!("{id} {seconds:.3}");
    }
    println!("tree {tree_seconds:.3}");
    ExitCode::SUCCESS
}

fn timed(work: impl FnOnce()) -> f64 {
    let before = now();
    work();
    now() - before
}

fn now() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    thread_seconds().unwrap_or_else(|| START.get_or_init(Instant::now).elapsed().as_secs_f64())
}
