//! What the issue of this page is for: a member gone, a log cut off, somebody else's key, an archive that attacks its reader.

use std::path::Path;

use exhibit_tests::foreign::run;
use serde_json::{Value, json};

use crate::harness::Desk;
use crate::verdicts::{check, desk, public_key};
use crate::webdriver::Browser;

/// The package of [`desk`] unpacked, and its folder; `None` where there is no `unzip`.
fn unpacked(desk: &Desk) -> Option<String> {
    let said = run("unzip", &["-q".as_ref(), &desk.path("p.zip"), "-d".as_ref(), &desk.path("u")])?;
    assert!(said.success, "{}", said.text);
    Some(format!("u/{}", desk.list("u").remove(0)))
}

/// What page and program say; they must say the same.
fn both(browser: &Browser, desk: &Desk, what: (&str, &Path), key: &str, exit: i32) -> Value {
    let (input, path) = what;
    desk.write("trusted.pub", key.as_bytes());
    let answer = check(browser, input, path, key);
    let native = desk.exhibit("verify --json").arg(path).arg("--key").arg("trusted.pub").ends(exit).outcome();
    assert_eq!(decided(&answer["verdict"]), decided(&native["verdict"]), "{}", path.display());
    answer
}

/// A verdict without its sentences: why a file that is not there cannot be read, systems say each in their own words.
fn decided(verdict: &Value) -> Value {
    let check = |check: &Value| {
        let finding =
            |finding: &Value| json!([finding["code"], finding["place"], finding["severity"], finding["offset"]]);
        let findings: Vec<Value> = check["findings"].as_array().unwrap().iter().map(finding).collect();
        json!([check["id"], check["result"], findings])
    };
    let checks: Vec<Value> = verdict["checks"].as_array().unwrap().iter().map(check).collect();
    json!([verdict["outcome"], verdict["subject"], checks])
}

fn failed(answer: &Value) -> Vec<&str> {
    let checks = answer["verdict"]["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["result"] == "failed").map(|check| check["id"].as_str().unwrap()).collect()
}

#[test]
fn a_missing_member_and_a_log_cut_off_are_named() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    let Some(bag) = unpacked(&desk) else { return };
    let (key, folder) = (public_key(&desk), desk.path(&bag));
    both(&browser, &desk, ("folder", &folder), &key, 0);

    let image = desk.list(format!("{bag}/data/items/001")).into_iter().find(|name| name.ends_with(".E01")).unwrap();
    let place = format!("data/items/001/{image}");
    let (from, aside) = (desk.path(format!("{bag}/{place}")), desk.path("aside"));
    std::fs::rename(&from, &aside).unwrap();
    let answer = both(&browser, &desk, ("folder", &folder), &key, 4);
    assert!(failed(&answer).contains(&"bag"), "{answer}");
    let said = browser.run("return document.getElementById('result').innerText;");
    assert!(said.as_str().unwrap().contains(&place), "the missing file is named");
    browser.picture("missing.png");
    std::fs::rename(&aside, &from).unwrap();

    // The last transaction of the log is taken away whole, and its lines are taken out of the manifests, as a forger would.
    let custody = format!("{bag}/exhibit/custody");
    let last = desk.list(&custody).into_iter().rfind(|name| name.ends_with(".jsonl")).unwrap();
    let stem = last.trim_end_matches(".jsonl");
    for name in desk.list(&custody).into_iter().filter(|name| name.starts_with(stem)) {
        std::fs::remove_file(desk.path(format!("{custody}/{name}"))).unwrap();
    }
    for manifest in ["tagmanifest-sha256.txt", "tagmanifest-sha512.txt"] {
        let name = format!("{bag}/{manifest}");
        let kept: Vec<String> = desk
            .text(&name)
            .lines()
            .filter(|line| !line.contains(&format!("custody/{stem}")))
            .map(|line| format!("{line}\n"))
            .collect();
        desk.write(&name, kept.concat().as_bytes());
    }
    let answer = both(&browser, &desk, ("folder", &folder), &key, 4);
    let failed = failed(&answer);
    assert!(failed.contains(&"package-signature") && failed.contains(&"manifest"), "{failed:?}");
    browser.picture("cut-log.png");
}

#[test]
fn a_key_of_somebody_else_is_not_the_one_that_sealed() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    desk.exhibit("new another --number 9 --title Other --agency Lab --examiner B").home("other").ends(0);
    let shown = desk.exhibit("key show --json").home("other").ends(0).outcome();
    let key = shown["keys"][0]["public_key"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("{shown}"));
    let answer = both(&browser, &desk, ("file", &desk.path("p.zip")), &key, 7);
    assert_eq!(answer["verified"], false);
    let open =
        answer["verdict"]["checks"].as_array().unwrap().iter().find(|check| check["id"] == "package-signer").unwrap();
    assert_eq!(open["result"], "not-checked", "{open}");
    browser.picture("foreign-key.png");
}

/// Makes `hostile.zip`: names that climb out of the folder, names twice, and 256 MiB of zeros packed small.
const HOSTILE: &str = "
import sys, warnings, zipfile
warnings.simplefilter('ignore')
kind, path = sys.argv[1:]
with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    z.writestr('bag/bagit.txt', 'BagIt-Version: 1.0\\nTag-File-Character-Encoding: UTF-8\\n')
    if kind == 'names':
        for name in ['../../etc/cron.d/x', '/etc/passwd', 'bag/../../x', 'bag/data/\\u202ecod.exe', 'bag/<img src=x onerror=alert(1)>']:
            z.writestr(name, 'x')
        z.writestr('bag/data/a', '1'); z.writestr('bag/data/a', '2')
    if kind == 'bomb':
        with z.open('bag/data/zeros', 'w') as f:
            for _ in range(256): f.write(bytes(1 << 20))
    if kind == 'many':
        for n in range(20000): z.writestr(f'bag/data/{n}', b'')
";

#[test]
fn an_archive_that_attacks_its_reader_is_judged_and_does_nothing() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    desk.write("hostile.py", HOSTILE.as_bytes());
    let key = public_key(&desk);
    for kind in ["names", "bomb", "many"] {
        let path = desk.path(format!("{kind}.zip"));
        let Some(said) = run("python3", &[&desk.path("hostile.py"), kind.as_ref(), &path]) else { return };
        assert!(said.success, "{}", said.text);
        let answer = both(&browser, &desk, ("file", &path), &key, 4);
        assert_eq!(answer["verified"], false);
        let (text, images) = (
            browser.run("return document.body.innerText;"),
            browser.run("return document.querySelectorAll('img').length;"),
        );
        assert_eq!(images, 0, "a name became an element");
        assert!(!text.as_str().unwrap().contains('\u{202e}'), "a name turns the line around");
        browser.picture(&format!("hostile-{kind}.png"));
    }
    assert_eq!(browser.requests(), Vec::<String>::new());
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
