//! Grades a folder of recovered files against truth files, by SHA-256.
//!
//! ```text
//! score-carving FOLDER TRUTH.json…
//! ```
//!
//! Prints one line of a Markdown table: files, of these exact, precision, files in one piece found, in
//! several pieces found, recall.
//! The lists and reports that the tools leave beside the files are not counted.
#![expect(clippy::disallowed_macros, reason = "a program of its own, which talks to the person who runs it")]

use std::path::Path;
use std::process::ExitCode;

use exhibit_benches::score::Score;
use exhibit_device::{read_small, walk};
use exhibit_forge::Truth;
use exhibit_hash::algorithm;

/// What foremost, photorec and exhibit write about their finds.
const REPORTS: [&str; 7] =
    ["audit.txt", "report.xml", "photorec.log", "photorec.ses", "carved.jsonl", "carved.dfxml", "summary.json"];
/// Truth files are some 50 KiB.
const TRUTH_BYTES_MAX: u64 = 64 << 20;
/// Larger files than the whole carving image are not read: a tool may leave them, and they are wrong in any case.
const FILE_BYTES_MAX: u64 = 1 << 30;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((folder, truths)) = arguments.split_first().filter(|(_, truths)| !truths.is_empty()) else {
        eprintln!("usage: score-carving FOLDER TRUTH.json…");
        return ExitCode::from(2);
    };
    match score(Path::new(folder), truths) {
        Ok(Score { files, exact, whole_found, whole, pieces_found, pieces }) => {
            let percent = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
            let (precision, recall) = (percent(exact, files), percent(whole_found + pieces_found, whole + pieces));
            println!(
                "{files} | {exact} | {precision:.1} % | {whole_found} of {whole} | {pieces_found} of {pieces} | {recall:.1} %"
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("score-carving: {error}");
            ExitCode::FAILURE
        }
    }
}

fn score(folder: &Path, truths: &[String]) -> std::io::Result<Score> {
    let read = |path: &String| -> std::io::Result<Truth> {
        Ok(serde_json::from_slice(&read_small(Path::new(path), TRUTH_BYTES_MAX)?)?)
    };
    let truths = truths.iter().map(read).collect::<std::io::Result<Vec<_>>>()?;
    let is_report = |path: &Path| path.file_name().is_some_and(|name| REPORTS.iter().any(|report| name == *report));
    let files = walk(folder)?.into_iter().filter(|entry| entry.special.is_none() && !is_report(&entry.path));
    let recovered = files.map(|entry| sha256(&entry.path)).collect::<std::io::Result<Vec<_>>>()?;
    Ok(Score::of(&recovered, &truths))
}

fn sha256(path: &Path) -> std::io::Result<String> {
    let mut digester = algorithm("sha256").ok_or(std::io::ErrorKind::Unsupported)?.start();
    match read_small(path, FILE_BYTES_MAX) {
        Ok(bytes) => digester.update(&bytes),
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => return Ok("too large".to_owned()),
        Err(error) => return Err(error),
    }
    Ok(digester.digest().hex())
}
