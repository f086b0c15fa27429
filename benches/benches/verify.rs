//! Checking an E01 in memory: all of it, by its tree alone, and without a record as other tools leave it.
#![allow(clippy::expect_used, reason = "a benchmark that cannot go on should stop there")]

use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use exhibit_benches::{Task, acquire_to_memory, mixed_source};
use exhibit_evidence::{Cancel, MemorySource, Silent, Source};
use exhibit_image::Compression;
use exhibit_testkit::MemoryStore;
use exhibit_verify::{Level, LoneImage, Watch, check_image};

const SIZE_BYTES: u64 = 128 << 20;

fn verify(criterion: &mut Criterion) {
    let store = MemoryStore::new();
    let task = Task { format: "e01", compression: Compression::Fast, hashes: &["md5", "sha256"], jobs: 2 };
    let acquired = acquire_to_memory(Arc::new(mixed_source(SIZE_BYTES)), &store, task).expect("memory is enough");
    let source = |name: &str| -> Arc<dyn Source> { Arc::new(MemorySource::new(store.get(name).unwrap_or_default())) };
    let record = &acquired.record;
    let files: Vec<_> = record.segments.iter().map(|segment| (segment.name.clone(), source(&segment.name))).collect();
    let tree = source(&record.tree.file);

    let mut group = criterion.benchmark_group("verify-e01");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Bytes(SIZE_BYTES));
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    // A tree check leaves the linear digests out, so it ends as "incomplete" on purpose.
    for (name, level, with_record, exit) in
        [("full", Level::Full, true, 0), ("tree", Level::Tree, true, 7), ("full-without-record", Level::Full, false, 0)]
    {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| {
                let image = LoneImage {
                    name: "medium.E01",
                    files: files.clone(),
                    record: with_record.then_some(record),
                    record_problem: None,
                    tree: with_record.then(|| tree.clone()),
                    level,
                    jobs: 2,
                };
                let cancel = Cancel::new();
                let checked = check_image(&image, Watch { observer: &Silent, cancel: &cancel });
                assert_eq!(checked.expect("nobody interrupts").verdict().exit_code(), exit);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, verify);
criterion_main!(benches);
