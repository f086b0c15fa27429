//! Each linear digest on one core, and a node of the hash tree.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exhibit_benches::mixed;
use exhibit_hash::{ALGORITHMS, BLOCK_BYTES, tree};

/// Enough to leave the caches.
const SIZE_BYTES: u64 = 64 << 20;

fn digests(criterion: &mut Criterion) {
    let medium = mixed(SIZE_BYTES);
    let mut group = criterion.benchmark_group("digest");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group.throughput(Throughput::Bytes(SIZE_BYTES));
    for algorithm in ALGORITHMS {
        group.bench_function(BenchmarkId::from_parameter(algorithm.id()), |bencher| {
            bencher.iter(|| {
                let mut digester = algorithm.start();
                medium.chunks(BLOCK_BYTES).for_each(|block| digester.update(block));
                digester.digest()
            });
        });
    }
    group.bench_function("tree", |bencher| {
        bencher.iter(|| medium.chunks(tree::NODE_BYTES).map(tree::node).collect::<Vec<_>>());
    });
    group.finish();
}

criterion_group!(benches, digests);
criterion_main!(benches);
