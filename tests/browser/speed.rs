//! How fast one worker of the page is, beside the two other ways a page can compute digests: WebCrypto, and the npm package
//! hash-wasm. Measured, not judged: run it by hand on a machine that does nothing else (`docs/PERFORMANCE.md` says how).

use std::io::Write as _;
use std::path::PathBuf;

use exhibit_tests::places::skipped;

use crate::harness::Desk;
use crate::verdicts::{noise, page};
use crate::webdriver::Browser;

/// Bytes of the file that is read and digested: as much as WebCrypto, which needs all of them at once, is given without harm.
const SIZE: u64 = 256 << 20;
/// Each way is tried so often, in turns; the best counts.
const TURNS: usize = 5;

/// A worker with the others' ways to compute digests. It reads as ours does: a MiB at a time, or all at once for WebCrypto.
const OTHERS: &str = "
    onmessage = async ({ data: { file, way, names } }) => {
        const reader = new FileReaderSync(), begun = performance.now();
        if (way === 'webcrypto') {
            const bytes = reader.readAsArrayBuffer(file);
            const of = { sha256: 'SHA-256', sha512: 'SHA-512' };
            for (const name of names) await crypto.subtle.digest(of[name], bytes);
        } else {
            const make = { sha256: hashwasm.createSHA256, sha512: hashwasm.createSHA512 };
            const hashers = await Promise.all(names.map((name) => make[name]()));
            for (const hasher of hashers) hasher.init();
            for (let at = 0; at < file.size; at += 1 << 20) {
                const bytes = new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + (1 << 20))));
                for (const hasher of hashers) hasher.update(bytes);
            }
            for (const hasher of hashers) hasher.digest();
        }
        postMessage(performance.now() - begun);
    };";

/// One turn of one way; milliseconds.
const TURN: &str = "return (async () => {
    const file = document.getElementById('many').files[0], [way, names] = ARGUMENTS;
    if (way === 'exhibit') {
        const declaration = new File(['BagIt-Version: 1.0'], 'bagit.txt');
        const hand = await hire(await module(), [{ name: 'bag/bagit.txt', file: declaration }, { name: 'bag/data/x', file }]);
        const begun = performance.now();
        const piece = { kind: 'file', name: 'data/x', size: file.size };
        const answer = await hand.ask({ question: { ask: 'work', piece } });
        const took = performance.now() - begun;
        dismiss();
        if (!answer.real || answer.real[1].length) throw new Error(JSON.stringify(answer));
        return took;
    }
    const worker = new Worker(URL.createObjectURL(new Blob([others], { type: 'text/javascript' })));
    const took = await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage({ file, way, names });
    });
    worker.terminate();
    return took;
})();";

#[test]
fn one_worker_beside_webcrypto_and_hash_wasm() {
    let Some(script) = std::env::var_os("EXHIBIT_HASH_WASM").map(PathBuf::from) else {
        return skipped("EXHIBIT_HASH_WASM does not name hash-wasm's dist/index.umd.min.js");
    };
    let Some(browser) = Browser::start() else { return };
    let desk = Desk::new();
    let mut file = std::fs::File::create(desk.path("bytes")).unwrap();
    let block = noise(1 << 20, 9);
    for _ in 0..SIZE >> 20 {
        file.write_all(&block).unwrap();
    }
    drop(file);
    browser.open(&page());
    let others = std::fs::read_to_string(script).unwrap() + OTHERS;
    browser.run(&format!(
        "window.others = {};
         const many = Object.assign(document.createElement('input'), {{ type: 'file', id: 'many' }});
         document.getElementById('start').append(many);",
        serde_json::Value::from(others)
    ));
    browser.give("many", &desk.path("bytes"));
    let ways = [
        ("exhibit", "sha256,sha512"),
        ("hash-wasm", "sha256,sha512"),
        ("webcrypto", "sha256,sha512"),
        ("hash-wasm", "sha256"),
        ("webcrypto", "sha256"),
        ("hash-wasm", "sha512"),
        ("webcrypto", "sha512"),
    ];
    let mut best = vec![f64::INFINITY; ways.len()];
    for _ in 0..TURNS {
        for ((way, names), best) in ways.iter().zip(&mut best) {
            let names: Vec<&str> = names.split(',').collect();
            let took = browser.run(&TURN.replace("ARGUMENTS", &serde_json::json!([way, names]).to_string()));
            *best = best.min(took.as_f64().unwrap());
        }
    }
    println!("| way | digests | rate | ratio of Exhibit to it |\n| --- | --- | ---: | ---: |");
    for ((way, names), time) in ways.iter().zip(&best) {
        let rate = f64::from(u32::try_from(SIZE >> 20).unwrap()) / (time / 1000.0);
        let ratio = if *names == "sha256,sha512" { format!("{:.2} ×", time / best[0]) } else { String::new() };
        println!("| {way} | {names} | {rate:.0} MiB/s | {ratio} |");
    }
}
