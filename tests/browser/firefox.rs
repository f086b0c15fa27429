//! The page in Firefox, driven through Marionette: JSON with its length before it, over TCP on the loopback.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use exhibit_tests::foreign::present;
use serde_json::{Value, json};

use crate::verdicts::{desk, natively, page, public_key};

/// Longest wait for something to happen in the page, on a slow and busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A Firefox with one page, without a window. Ends with the value.
struct Firefox {
    process: Child,
    stream: TcpStream,
    number: u64,
    _profile: tempfile::TempDir,
}

impl Firefox {
    /// Starts one; `None`, after saying so, where there is none.
    fn start() -> Option<Self> {
        if !["firefox-esr", "setpriv"].iter().all(|program| present(program)) {
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let preferences = [
            format!("user_pref(\"marionette.port\", {port});"),
            "user_pref(\"app.normandy.enabled\", false);".to_owned(),
            "user_pref(\"datareporting.policy.dataSubmissionEnabled\", false);".to_owned(),
            "user_pref(\"network.captive-portal-service.enabled\", false);".to_owned(),
            "user_pref(\"services.settings.server\", \"data:,\");".to_owned(),
        ];
        std::fs::write(profile.path().join("user.js"), preferences.join("\n")).unwrap();
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "firefox-esr", "--headless", "--no-remote", "--marionette", "--profile"])
            .arg(profile.path())
            .env("HOME", profile.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(error) => assert!(begun.elapsed() < PATIENCE, "Firefox does not listen: {error}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut firefox = Self { process, stream, number: 0, _profile: profile };
        let greeting = firefox.receive();
        assert_eq!(greeting["marionetteProtocol"], 3, "{greeting}");
        firefox.call("WebDriver:NewSession", &json!({"capabilities": {"alwaysMatch": {}}}));
        firefox.call("WebDriver:SetTimeouts", &json!({"script": 240_000}));
        Some(firefox)
    }

    /// One message: its length in decimal, a colon, JSON.
    fn receive(&mut self) -> Value {
        let mut length = 0_usize;
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            match byte[0] {
                b':' => break,
                digit => length = length * 10 + usize::from(digit - b'0'),
            }
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn call(&mut self, command: &str, values: &Value) -> Value {
        self.number += 1;
        let text = json!([0, self.number, command, values]).to_string();
        write!(self.stream, "{}:{text}", text.len()).unwrap();
        let answer = self.receive();
        assert_eq!(answer[1], self.number, "{answer}");
        assert!(answer[2].is_null(), "{command}: {answer:#}");
        answer[3].clone()
    }

    fn open(&mut self, page: &Path) {
        self.call("WebDriver:Navigate", &json!({"url": format!("file://{}", page.display())}));
    }

    /// Runs a script beside the page: it sees its elements, and not what its script has declared.
    fn run(&mut self, script: &str) -> Value {
        self.call("WebDriver:ExecuteScript", &json!({"script": script, "args": []}))["value"].clone()
    }

    fn give(&mut self, id: &str, path: &Path) {
        let query = json!({"using": "css selector", "value": format!("#{id}")});
        let element = self.call("WebDriver:FindElement", &query)["value"].clone();
        let (_, id) = element.as_object().unwrap().iter().next().unwrap();
        self.call("WebDriver:ElementSendKeys", &json!({"id": id, "text": path.display().to_string()}));
    }

    fn picture(&mut self, name: &str) {
        use base64::Engine as _;
        let picture = self.call("WebDriver:TakeScreenshot", &json!({"full": false}))["value"].clone();
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap()).unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
    }

    /// Checks a package; the verdict, as the page shows it to the expert, and the text of the page.
    fn check(&mut self, package: &Path, key: &str) -> (Value, String) {
        self.open(&page());
        self.run(&format!("document.getElementById('key').value = {};", Value::from(key)));
        self.give("file", package);
        let begun = Instant::now();
        while self.run("return document.getElementById('result').hidden && document.getElementById('trouble').hidden;")
            == true
        {
            assert!(begun.elapsed() < PATIENCE, "{}", self.run("return document.body.innerText;"));
            std::thread::sleep(Duration::from_millis(100));
        }
        let text = self.run("return document.body.innerText;").as_str().unwrap().to_owned();
        let data = self.run("const data = document.querySelector('#result pre'); return data && data.textContent;");
        let data = data.as_str().unwrap_or_else(|| panic!("no verdict: {text}"));
        (serde_json::from_str(data).unwrap(), text)
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn firefox_says_what_the_program_says() {
    let Some(mut firefox) = Firefox::start() else { return };
    let desk = desk();
    let key = public_key(&desk);
    desk.write("key.pub", key.as_bytes());
    let (verdict, text) = firefox.check(&desk.path("p.zip"), &key);
    assert_eq!(verdict, natively(&desk, "p.zip", 0));
    let words = crate::words::words("en");
    let said = |key: &str| words["words"][key].as_str().unwrap().to_owned();
    assert!(text.contains(&said("verdict-holds")), "{text}");
    firefox.picture("firefox-holds.png");
    let whole = desk.read("p.zip");
    for (number, at) in [5000, whole.len() / 2, whole.len() - 700].into_iter().enumerate() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let name = format!("changed-{number}.zip");
        desk.write(&name, &changed);
        let (verdict, text) = firefox.check(&desk.path(&name), &key);
        assert_eq!(verdict, natively(&desk, &name, 4), "byte {at}");
        assert!(text.contains(&said("verdict-does-not-match")), "{text}");
    }
    firefox.picture("firefox-does-not-match.png");
    let part = crate::disclosure::part();
    let key = crate::verdicts::key_in(&part, "part.zip");
    part.write("key.pub", key.as_bytes());
    let (verdict, text) = firefox.check(&part.path("part.zip"), &key);
    assert_eq!(verdict, natively(&part, "part.zip", 0));
    assert!(text.contains(&said("disclosure-proven")), "{text}");
    firefox.picture("firefox-disclosure.png");
}
