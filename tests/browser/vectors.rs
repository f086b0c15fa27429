//! Every package of `tests/vectors`: the page judges each as the program does, to the letter.
//!
//! Their recipe is `crates/verify/tests/vectors.rs`; `EXHIBIT_VECTORS` names the folder where it wrote them.

use std::path::PathBuf;
use std::sync::Arc;

use exhibit_custody::PublicKey;
use exhibit_evidence::{Cancel, Instant, MemorySource, Silent};
use exhibit_tests::places::skipped;
use exhibit_verify::{ImageReader, Level, Request, Trust, Watch, check_package, zip};
use serde_json::Value;

use crate::verdicts::page;
use crate::webdriver::Browser;

/// Checks files of the input `many` one after the other, from one number to another, as if each had been dropped on the page.
const CHECK_SOME: &str = "return (async () => {
    const [from, to] = ARGUMENTS, said = [];
    for (const file of [...document.getElementById('many').files].slice(from, to)) {
        await check([{ name: file.name, file }]);
        said.push({ file: file.name, verdict: shown && shown.verdict, trouble: document.getElementById('trouble-words').textContent });
    }
    return said;
})();";

/// The same checker, compiled for this machine.
fn natively(package: Vec<u8>, trusted: &[PublicKey]) -> Value {
    let cancel = Cancel::new();
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let now = Some(Instant::from_unix_seconds(i64::try_from(seconds).unwrap()));
    let request = Request {
        level: Level::Full,
        trusted,
        trust: Trust { now, ..Trust::default() },
        media: Some(&ImageReader { jobs: 2 }),
        now,
        limits: zip::Limits::default(),
        watch: Watch { observer: &Silent, cancel: &cancel },
    };
    let checked = check_package(Arc::new(MemorySource::new(package)), &request).unwrap();
    serde_json::to_value(checked.verdict()).unwrap()
}

#[test]
fn page_and_program_agree_on_every_vector() {
    let Some(folder) = std::env::var_os("EXHIBIT_VECTORS").map(PathBuf::from) else {
        return skipped("EXHIBIT_VECTORS names no folder of vectors");
    };
    let Some(browser) = Browser::start() else { return };
    let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let all: Vec<Value> = index.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(all.len() > 200, "{}", all.len());
    let paths: Vec<String> =
        all.iter().map(|vector| folder.join(vector["file"].as_str().unwrap()).display().to_string()).collect();
    let key = std::fs::read_to_string(folder.join("signer.pub")).unwrap();
    browser.open(&page());
    browser.run(&format!(
        "document.getElementById('key').value = {};
         const many = Object.assign(document.createElement('input'), {{ type: 'file', multiple: true, id: 'many' }});
         document.getElementById('start').append(many);",
        Value::from(key.as_str())
    ));
    browser.give("many", paths.join("\n").as_ref());
    let trusted = PublicKey::parse_all(&key).unwrap();
    let mut judged = 0;
    for from in (0..all.len()).step_by(20) {
        let to = all.len().min(from + 20);
        browser.run("document.getElementById('start').hidden = false;");
        let said = browser.run(&CHECK_SOME.replace("ARGUMENTS", &format!("[{from}, {to}]")));
        for (vector, said) in all[from..to].iter().zip(said.as_array().unwrap()) {
            assert_eq!(vector["file"], said["file"]);
            let file = folder.join(vector["file"].as_str().unwrap());
            let native = natively(std::fs::read(&file).unwrap(), &trusted);
            assert_eq!(said["verdict"], native, "{vector}: {}", said["trouble"]);
            assert_eq!(native["outcome"], vector["class"], "{vector}");
            judged += 1;
        }
    }
    assert_eq!(judged, all.len());
    println!("{judged} packages judged alike");
}
