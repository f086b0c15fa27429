//! Sealing a package into nowhere. The signature is a stand-in: it is made twice, whatever the size.
#![allow(clippy::expect_used, reason = "a benchmark that cannot go on should stop there")]

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use exhibit_benches::{Discard, mixed_source};
use exhibit_evidence::{Cancel, Instant, Name, Silent};
use exhibit_package::manifest::{Case, Custody, Role};
use exhibit_package::write::{Item, Listing, PackagePlan, PayloadFile, SignError, Signer, seal};
use serde_json::Value;

const SIZE_BYTES: u64 = 128 << 20;

fn plan() -> PackagePlan {
    let image = PayloadFile {
        role: Role::ImageSegment,
        name: Name::new(*b"medium.raw"),
        source: Arc::new(mixed_source(SIZE_BYTES)),
        expected_sha256: None,
    };
    PackagePlan {
        history: None,
        listing: Listing::None,
        bag_name: "package".to_owned(),
        archive: "package.zip".to_owned(),
        case: Case {
            number: "1".to_owned(),
            title: "Benchmark".to_owned(),
            examiner: "Nobody".to_owned(),
            agency: "None".to_owned(),
            created: "2026-01-02T03:04:05Z".to_owned(),
        },
        authority: Value::Null,
        scope: Value::Null,
        handling: Vec::new(),
        items: vec![Item { id: "1".to_owned(), medium: None, files: vec![image] }],
        custody: Custody { records: 0, head_root: None },
        tag_files: Vec::new(),
        created: Instant::from_unix_seconds(1_767_323_045),
        tool: "benchmark".to_owned(),
        limits: Vec::new(),
    }
}

fn package(criterion: &mut Criterion) {
    let plan = plan();
    let sign = |_: &str, _: &[u8]| -> Result<String, SignError> {
        Ok("-----BEGIN SSH SIGNATURE-----\nbm90aGluZw==\n-----END SSH SIGNATURE-----\n".to_owned())
    };
    let signer = Signer {
        principal: "nobody@example.org".to_owned(),
        fingerprint: "SHA256:nothing".to_owned(),
        public_key: "ssh-ed25519 AAAA nobody@example.org\n".to_owned(),
        allowed_signers: "nobody@example.org ssh-ed25519 AAAA\n".to_owned(),
        sign: &sign,
        note: &sign,
    };
    let mut group = criterion.benchmark_group("package");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Bytes(SIZE_BYTES));
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    group.bench_function("seal", |bencher| {
        bencher.iter(|| {
            seal(&plan, &signer, &Discard::default(), &Silent, &Cancel::new()).expect("nothing can fail here")
        });
    });
    group.finish();
}

criterion_group!(benches, package);
criterion_main!(benches);
