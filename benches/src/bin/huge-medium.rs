//! Images the beginning of a sparse medium of 20 TB, which exists only while it is read, into nowhere, and tells how much
//! memory that took and how long all of it would take.
//!
//! ```text
//! huge-medium FORMAT SECONDS
//! ```
//!
//! Prints one line of a Markdown table: format, bytes read, rate, resident memory after a quarter of the time and at the
//! end, largest resident memory, and the projection.
#![expect(clippy::disallowed_macros, reason = "a program of its own, which talks to the person who runs it")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use exhibit_acquire::AcquireError;
use exhibit_benches::huge::{HugeMedium, Until};
use exhibit_benches::process::memory_mib;
use exhibit_benches::{Task, acquire};
use exhibit_image::{Compression, FORMATS};

/// 20 TB as disks are sold.
const SIZE_BYTES: u64 = 20_000_000_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [id, seconds] = arguments.as_slice() else { return usage() };
    let spec = FORMATS.iter().map(|format| format.spec()).find(|spec| spec.id == id && spec.abilities.write);
    let (Some(spec), Ok(seconds)) = (spec, seconds.parse()) else { return usage() };
    let medium = Arc::new(HugeMedium::new(SIZE_BYTES, Until::After(Duration::from_secs(seconds))));
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let task = Task { format: spec.id, compression: Compression::Fast, hashes: &["md5", "sha256"], jobs };
    match acquire(medium.clone(), task) {
        Err(AcquireError::Source { .. }) => {}
        Err(error) => {
            eprintln!("huge-medium: {error}");
            return ExitCode::FAILURE;
        }
        Ok(_) => {
            eprintln!("huge-medium: 20 TB were read in {seconds} seconds, which cannot be");
            return ExitCode::FAILURE;
        }
    }
    let seen = medium.seen();
    let rate = seen.read_bytes as f64 / seen.seconds;
    let (now, most) = memory_mib().unwrap_or_default();
    println!(
        "| {} | {:.1} GB | {:.0} MB/s | {} MiB | {now} MiB | {most} MiB | {:.1} h |",
        spec.id,
        seen.read_bytes as f64 / 1e9,
        rate / 1e6,
        seen.quarter_mib.unwrap_or_default().0,
        SIZE_BYTES as f64 / rate / 3600.0,
    );
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    let writable: Vec<&str> =
        FORMATS.iter().map(|format| format.spec()).filter(|spec| spec.abilities.write).map(|spec| spec.id).collect();
    eprintln!("usage: huge-medium FORMAT SECONDS, with FORMAT one of {}", writable.join(", "));
    ExitCode::from(2)
}
