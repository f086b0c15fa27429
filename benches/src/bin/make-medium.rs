//! Writes the media of `peers.sh`: a disk in use or random bytes of any size, or practice disks in a row with the truth about each.
//!
//! ```text
//! make-medium mixed    FOLDER NAME BYTES SEED      FOLDER/NAME
//! make-medium random   FOLDER NAME BYTES SEED      FOLDER/NAME
//! make-medium practice FOLDER NAME DISKS SEED      FOLDER/NAME, FOLDER/NAME.1.truth.json, …
//! ```
//!
//! A practice disk has 64 MiB. Offsets in a truth file count from the start of its own disk. Nothing is overwritten.
#![expect(clippy::disallowed_macros, reason = "a program of its own, which talks to the person who runs it")]

use std::process::ExitCode;

use exhibit_evidence::{Segment, Source, Store as _, StoreError};
use exhibit_forge::{Mix, MixedMedium, Random, practice_disk};
use exhibit_store::Folder;

/// Bytes written at a time.
const PIECE_BYTES: usize = 4 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [kind @ ("mixed" | "random" | "practice"), folder, name, amount, seed] => {
            match (amount.parse(), seed.parse()) {
                (Ok(amount), Ok(seed)) if *kind == "mixed" => mixed(folder, name, amount, seed),
                (Ok(amount), Ok(seed)) if *kind == "random" => random(folder, name, amount, seed),
                (Ok(amount), Ok(seed)) => practice(folder, name, amount, seed),
                _ => return usage(),
            }
        }
        _ => return usage(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("make-medium: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: make-medium mixed|random FOLDER NAME BYTES SEED | make-medium practice FOLDER NAME DISKS SEED");
    ExitCode::from(2)
}

fn mixed(folder: &str, name: &str, size_bytes: u64, seed: u64) -> Result<(), StoreError> {
    let mut file = Folder::at(folder)?.create(name)?;
    copy(&MixedMedium::new(seed, size_bytes, Mix::USED), file.as_mut())?;
    file.seal()
}

fn random(folder: &str, name: &str, size_bytes: u64, seed: u64) -> Result<(), StoreError> {
    let mut file = Folder::at(folder)?.create(name)?;
    let mut random = Random::stream(seed, "random medium", 0);
    let mut left = usize::try_from(size_bytes).unwrap_or(0);
    while left > 0 {
        let length = left.min(PIECE_BYTES);
        file.append(&random.bytes(length))?;
        left -= length;
    }
    file.seal()
}

fn practice(folder: &str, name: &str, disks: u64, seed: u64) -> Result<(), StoreError> {
    let folder = Folder::at(folder)?;
    let mut file = folder.create(name)?;
    for number in 0..disks {
        let forged = practice_disk(seed.wrapping_add(number));
        copy(&forged.disk, file.as_mut())?;
        let truth = format!("{name}.{}.truth.json", number.saturating_add(1));
        folder.publish(&truth, forged.truth.to_json().as_bytes())?;
    }
    file.seal()
}

fn copy(source: &dyn Source, to: &mut dyn Segment) -> Result<(), StoreError> {
    let mut buffer = vec![0; PIECE_BYTES];
    let mut at = 0_u64;
    while at < source.size() {
        let length = usize::try_from(source.size().saturating_sub(at)).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        let piece = buffer.get_mut(..length).unwrap_or_default();
        // Forged media have no bad sectors; a fault would mean that this program is wrong.
        assert!(source.read_at(at, piece).is_ok(), "a forged medium reads everywhere");
        to.append(piece)?;
        at = at.saturating_add(length as u64);
    }
    Ok(())
}
