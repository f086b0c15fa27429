//! A real browser, without a window: Chromium driven through chromedriver (W3C WebDriver, JSON over HTTP on the loopback).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use exhibit_tests::foreign::present;
use serde_json::{Value, json};

/// Longest wait for something to happen in the page, on a slow and busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A browser with one page. Ends with the value.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// What the driver prints; it must have somewhere to go.
    _said: BufReader<ChildStdout>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one; `None`, after saying so, where there is none.
    pub(crate) fn start() -> Option<Self> {
        if !["chromium", "chromedriver", "setpriv"].iter().all(|program| present(program)) {
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        // Both end with the tests, even if these are killed: the driver by its parent's death, the browser by the pipe's end.
        let mut driver = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "chromedriver", "--port=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It takes a free port itself and says which: one that is looked for here may be another test's a moment later.
        let mut said = BufReader::new(driver.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "chromedriver does not say on which port it listens");
            let after = line.trim().rsplit_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.'));
            if let Some(port) = after.and_then(|port| port.parse().ok()) {
                break port;
            }
        };
        let mut browser = Self { driver, port, session: String::new(), _said: said, _profile: profile };
        let options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
            "--window-size=1000,1400",
        ];
        let mut options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        options.push(format!("--user-data-dir={}", browser._profile.path().display()));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": options, "binary": "/usr/bin/chromium"},
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"}, "timeouts": {"script": 240_000}}}});
        let answer = browser.call("POST", "/session", &wanted);
        answer["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}")).clone_into(&mut browser.session);
        Some(browser)
    }

    /// One request; the value of the answer.
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut size = None;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                size = value.trim().parse::<usize>().ok();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut bytes = vec![0; size.expect("an answer of known length")];
        reader.read_exact(&mut bytes).unwrap();
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        answer["value"].clone()
    }

    fn session(&self, method: &str, path: &str, body: &Value) -> Value {
        let value = self.call(method, &format!("/session/{}{path}", self.session), body);
        assert!(value.get("error").is_none(), "{path}: {value:#}");
        value
    }

    /// Opens a file in the page.
    pub(crate) fn open(&self, page: &Path) {
        self.session("POST", "/url", &json!({"url": format!("file://{}", page.display())}));
    }

    /// Runs a script in the page and returns what it returns.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.session("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// A command of the Chrome DevTools Protocol, and what it answers.
    pub(crate) fn devtools(&self, command: &str, values: &Value) -> Value {
        self.session("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": values}))
    }

    /// Shows the page as somebody sees it who prefers `light` or `dark`.
    pub(crate) fn scheme(&self, name: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": name});
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [feature]}));
    }

    /// Gives a file, or the files of a folder, to the input of that id.
    pub(crate) fn give(&self, id: &str, path: &Path) {
        let element = self.session("POST", "/element", &json!({"using": "css selector", "value": format!("#{id}")}));
        let (_, element) = element.as_object().unwrap().iter().next().unwrap();
        let path_of = format!("/element/{}/value", element.as_str().unwrap());
        self.session("POST", &path_of, &json!({"text": path.display().to_string()}));
    }

    /// Waits until an expression is true.
    pub(crate) fn wait_for(&self, expression: &str) {
        let begun = Instant::now();
        while self.run(&format!("return Boolean({expression});")) != Value::Bool(true) {
            assert!(begun.elapsed() < PATIENCE, "{expression}: {}", self.run("return document.body.innerText;"));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// A picture of the page, for people to look at.
    pub(crate) fn picture(&self, name: &str) {
        use base64::Engine as _;
        let picture = self.session("GET", "/screenshot", &Value::Null);
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap()).unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
    }

    /// The page as it is printed, on A4; the file.
    pub(crate) fn print(&self, name: &str) -> std::path::PathBuf {
        use base64::Engine as _;
        let sheet = json!({"page": {"width": 21.0, "height": 29.7}});
        let pdf = self.session("POST", "/print", &sheet);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(
            folder.join(name),
            base64::engine::general_purpose::STANDARD.decode(pdf.as_str().unwrap()).unwrap(),
        )
        .unwrap();
        folder.join(name)
    }

    /// Every address that was asked for over a network since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = self.session("POST", "/se/log", &json!({"type": "performance"}));
        let message = |entry: &Value| serde_json::from_str::<Value>(entry["message"].as_str()?).ok();
        let url = |message: Value| {
            let message = &message["message"];
            let asked = message["method"] == "Network.requestWillBeSent";
            asked.then(|| message["params"]["request"]["url"].as_str().unwrap_or_default().to_owned())
        };
        let all = log.as_array().unwrap().iter().filter_map(message).filter_map(url);
        all.filter(|url| !["file:", "data:", "blob:", "about:", "chrome:"].iter().any(|own| url.starts_with(own)))
            .collect()
    }

    /// What the page complained about: errors of scripts, breaches of its own policy.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.session("POST", "/se/log", &json!({"type": "browser"}));
        log.as_array().unwrap().iter().map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.call("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
