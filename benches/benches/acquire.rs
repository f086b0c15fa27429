//! Whole acquisitions from memory into nowhere, on two threads and the digest lanes; and the encoder of an E01 alone.
#![allow(clippy::expect_used, reason = "a benchmark that cannot go on should stop there")]

use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use exhibit_benches::{Discard, Task, acquire, mixed, mixed_source};
use exhibit_evidence::{Instant, Source};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, Create, Metadata, format};

const SIZE_BYTES: u64 = 128 << 20;
/// For what runs on one thread or is slow.
const ENCODE_BYTES: u64 = 32 << 20;

const HASHES: &[&str] = &["md5", "sha256"];
const BEST: Task = Task { format: "e01", compression: Compression::Best, hashes: HASHES, jobs: 2 };
const TASKS: [(&str, Task); 4] = [
    ("raw", Task { format: "raw", compression: Compression::None, hashes: HASHES, jobs: 2 }),
    ("e01-none", Task { format: "e01", compression: Compression::None, hashes: HASHES, jobs: 2 }),
    ("e01-fast", Task { format: "e01", compression: Compression::Fast, hashes: HASHES, jobs: 2 }),
    ("e01-fast-md5-only", Task { format: "e01", compression: Compression::Fast, hashes: &["md5"], jobs: 2 }),
];

fn acquisitions(criterion: &mut Criterion) {
    let source: Arc<dyn Source> = Arc::new(mixed_source(SIZE_BYTES));
    let mut group = criterion.benchmark_group("acquire");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Bytes(SIZE_BYTES));
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    for (name, task) in TASKS {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| acquire(source.clone(), task).expect("nothing can fail here"));
        });
    }
    // An order of magnitude slower than the rest, so it gets less to do.
    let source: Arc<dyn Source> = Arc::new(mixed_source(ENCODE_BYTES));
    group.throughput(Throughput::Bytes(ENCODE_BYTES));
    group.bench_function("e01-best", |bencher| {
        bencher.iter(|| acquire(source.clone(), BEST).expect("nothing can fail here"));
    });
    group.finish();
}

fn encoders(criterion: &mut Criterion) {
    let medium = mixed(ENCODE_BYTES);
    let mut group = criterion.benchmark_group("encode-e01");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Bytes(ENCODE_BYTES));
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    for compression in [Compression::None, Compression::Fast, Compression::Best] {
        let how = Create {
            base: "medium".to_owned(),
            size_bytes: ENCODE_BYTES,
            sector_bytes: 512,
            compression,
            segment_size_bytes: None,
            physical: false,
            metadata: Metadata::default(),
            set_id: [1; 16],
            started: Instant::from_unix_seconds(0),
        };
        let writer = format("e01").expect("E01 is in the table").create(Arc::new(Discard::default()), &how);
        let encoder = writer.expect("nothing can fail here").encoder();
        group.bench_function(BenchmarkId::from_parameter(compression.id()), |bencher| {
            bencher.iter(|| medium.chunks(BLOCK_BYTES).map(|block| encoder.encode(block).bytes.len()).sum::<usize>());
        });
    }
    group.finish();
}

criterion_group!(benches, encoders, acquisitions);
criterion_main!(benches);
