//! Thousands of damaged samples: no panic, and nothing whole that reaches beyond its bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, helpers included"
)]

mod samples;

use exhibit_carve::{Align, KINDS, Plan, Verdict, find, validate_bytes};
use exhibit_evidence::{Cancel, MemorySource, Silent};
use samples::Noise;

fn mutate(bytes: &mut Vec<u8>, other: &[u8], noise: &mut Noise) {
    for _ in 0..1 + noise.below(4) {
        let at = noise.below(bytes.len());
        let length = noise.below(40).min(bytes.len() - at);
        match noise.below(8) {
            0 => bytes[at] ^= 1 << noise.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][noise.below(5)],
            2 => bytes[at..at + length].fill(0xff),
            3 => bytes[at..at + length].fill(0),
            4 => bytes.truncate(at + 1),
            5 => drop(bytes.drain(at..(at + length).min(bytes.len() - 1))),
            6 => {
                let from = noise.below(other.len());
                let piece = &other[from..(from + length).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                let copy = bytes[at..at + length].to_vec();
                let to = noise.below(bytes.len());
                bytes.splice(to..to, copy);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
}

#[test]
fn damaged_samples_are_judged_without_panic() {
    let samples = samples::all();
    let mut noise = Noise(2026);
    for round in 0..6000 {
        let (_, _, sample) = &samples[round % samples.len()];
        let (_, _, other) = &samples[noise.below(samples.len())];
        let mut bytes = sample.clone();
        mutate(&mut bytes, other, &mut noise);
        for kind in KINDS {
            match validate_bytes(kind.id(), &bytes) {
                Some(Verdict::Whole(whole)) => assert!(whole.length <= bytes.len() as u64),
                Some(Verdict::Broken(broken)) => {
                    assert!(broken.good <= bytes.len() as u64, "{}: {broken:?}", kind.id())
                }
                Some(Verdict::NotThis { .. }) => {}
                None => panic!("no verdict in memory"),
            }
        }
    }
}

#[test]
fn disks_of_damaged_samples_are_carved_without_panic() {
    let samples = samples::all();
    let mut noise = Noise(7);
    for _ in 0..60 {
        let mut disk = Vec::new();
        for (_, _, sample) in &samples {
            let mut bytes = sample.clone();
            mutate(&mut bytes, sample, &mut noise);
            disk.extend_from_slice(&bytes);
            disk.resize(disk.len().next_multiple_of(512), 0);
        }
        let mut plan = Plan { align: Align::Byte, ..Plan::default() };
        plan.limits.bridge_work = 4 << 20;
        let size = disk.len() as u64;
        let found = find(&MemorySource::new(disk), &plan, &Silent, &Cancel::new()).unwrap();
        for object in &found.objects {
            assert!(object.extents.iter().all(|extent| extent.end() <= size));
        }
        // No byte is handed out twice as the same type.
        for (place, one) in found.objects.iter().enumerate() {
            for other in found.objects.iter().skip(place + 1).filter(|other| other.file_type == one.file_type) {
                let both_written = one.written && other.written;
                let overlap = one.extents.iter().any(|a| other.extents.iter().any(|b| a.overlaps(*b)));
                assert!(!(both_written && overlap), "{one:?} and {other:?}");
            }
        }
    }
}
