//! Carving a practice disk in memory, at sectors and at every byte; nothing is written.
#![allow(clippy::expect_used, reason = "a benchmark that cannot go on should stop there")]

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use exhibit_benches::{SEED, mixed_source};
use exhibit_carve::{Align, Plan, find};
use exhibit_evidence::{Cancel, Silent, Source};
use exhibit_forge::practice_disk;

/// A medium without any file: what the search alone costs.
const EMPTY_BYTES: u64 = 64 << 20;

fn carve(criterion: &mut Criterion) {
    let disk = practice_disk(SEED).disk;
    let empty = mixed_source(EMPTY_BYTES);
    let media: [(&str, &dyn Source); 2] = [("practice-disk", &disk), ("no-files", &empty)];
    let mut group = criterion.benchmark_group("carve");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(4));
    for (medium, source) in media {
        group.throughput(Throughput::Bytes(source.size()));
        for (name, align) in [("sector", Align::Sector), ("byte", Align::Byte)] {
            let plan = Plan { align, jobs: 2, ..Plan::default() };
            group.bench_function(BenchmarkId::new(medium, name), |bencher| {
                bencher.iter(|| find(source, &plan, &Silent, &Cancel::new()).expect("memory has no faults"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, carve);
criterion_main!(benches);
