//! A fresh folder with a home of its own, and a strict way to run the binary in it.
//!
//! Every run is held to the rules for every command: it ends in time and by itself, with the expected exit code; it does
//! not panic; an error names itself on standard error; nothing draws on what is no terminal; with `--json` the last line
//! of standard output is the outcome and agrees with the exit code.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest run that is not a hang, on a slow and busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder for one test, with an empty home in it.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("exhibit-cli-").tempdir().unwrap();
        std::fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    pub(crate) fn json(&self, name: impl AsRef<Path>) -> Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub(crate) fn has(&self, name: impl AsRef<Path>) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// Names of the files in a folder of the desk, sorted; empty if there is no such folder.
    pub(crate) fn list(&self, name: impl AsRef<Path>) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(name)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Whether commands can be run as somebody who may not do everything.
    pub(crate) fn has_nobody(&self) -> bool {
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.folder.path(), open).unwrap();
        let ran = self.exhibit("--version").nobody().command().output();
        let can = ran.is_ok_and(|output| output.status.success());
        if !can {
            exhibit_tests::places::skipped("the tests run as root and cannot become somebody else (setpriv)");
        }
        can
    }

    /// A call of the binary; the words are split at spaces. Use [`Call::arg`] for what may hold a space.
    pub(crate) fn exhibit(&self, words: &str) -> Call<'_> {
        let words = words.split_whitespace().map(OsString::from).collect();
        Call {
            desk: self,
            words,
            home: "home".to_owned(),
            drawing: false,
            limit: None,
            nobody: false,
            variables: Vec::new(),
        }
    }

    /// Begins a case in the folder `case`.
    pub(crate) fn begin_case(&self) {
        self.exhibit("new case --number 2026-117 --title Stick --agency Lab-3")
            .arg("--examiner")
            .arg("A. Example")
            .ends(0);
    }

    /// The usual small case: one item imaged from `medium`.
    pub(crate) fn case_with_item(&self, medium: &[u8]) {
        self.begin_case();
        self.write("stick.img", medium);
        self.exhibit("acquire stick.img --case case --item 001 --hash md5,sha1,sha256").ends(0);
    }
}

/// A command line, not yet run.
pub(crate) struct Call<'a> {
    desk: &'a Desk,
    words: Vec<OsString>,
    home: String,
    drawing: bool,
    /// Shell's `ulimit -f`: largest file in units of 1024 bytes.
    limit: Option<u64>,
    /// As the user nobody, if the tests run as root.
    nobody: bool,
    /// Further environment variables.
    variables: Vec<(OsString, OsString)>,
}

/// What came out.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    what: String,
}

impl Call<'_> {
    pub(crate) fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.words.push(word.as_ref().to_owned());
        self
    }

    /// With an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Another home, and so another signing key.
    pub(crate) fn home(mut self, name: &str) -> Self {
        name.clone_into(&mut self.home);
        std::fs::create_dir_all(self.desk.path(name)).unwrap();
        self
    }

    /// Control characters are expected on standard output.
    pub(crate) fn drawing(mut self) -> Self {
        self.drawing = true;
        self
    }

    /// No file may become larger than so many KiB.
    pub(crate) fn file_limit_kib(mut self, kib: u64) -> Self {
        self.limit = Some(kib);
        self
    }

    /// As a user who may not do everything, also where the tests run as root. Only where [`Desk::has_nobody`].
    pub(crate) fn nobody(mut self) -> Self {
        self.nobody = true;
        self
    }

    fn command(&self) -> Command {
        let binary = env!("CARGO_BIN_EXE_exhibit");
        let mut command = match self.limit {
            None if self.nobody && is_root() => {
                let mut other = Command::new("setpriv");
                other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(binary);
                other
            }
            None => Command::new(binary),
            Some(kib) => {
                let mut shell = Command::new("bash");
                shell.arg("-c").arg(format!("ulimit -f {kib}; exec \"$0\" \"$@\"")).arg(binary);
                shell
            }
        };
        let home = self.desk.path(&self.home);
        command.args(&self.words).current_dir(self.desk.folder.path()).stdin(Stdio::null());
        command.env_clear().env("RUST_BACKTRACE", "0").env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", &home).env("XDG_CONFIG_HOME", home.join("config"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn shown(&self) -> String {
        let words: Vec<String> = self.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        format!("exhibit {}", words.join(" "))
    }

    /// Starts it and does not wait.
    pub(crate) fn start(&self) -> Child {
        self.command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.shown()))
    }

    /// Runs it, however it ends; only a hang, a panic or drawing fails here.
    pub(crate) fn run(&self) -> Ran {
        let ran = finish(self.start(), self.shown());
        ran.is_orderly(self.drawing);
        ran
    }

    /// Runs it and holds it to one of these exit codes.
    pub(crate) fn ends_in(&self, codes: &[i32]) -> Ran {
        let ran = self.run();
        let code = ran.code.unwrap_or_else(|| panic!("ended by signal {:?}\n{}", ran.signal, ran.everything()));
        assert!(codes.contains(&code), "expected exit code {codes:?}\n{}", ran.everything());
        let says_why = ran.stderr.contains("error: ") || (code == 2 && ran.stderr.contains("Usage: "));
        match code {
            1 | 2 | 5 | 6 => assert!(says_why, "an error without words\n{}", ran.everything()),
            // A list that is checked goes on after a file that cannot be read.
            4 if self.words.iter().any(|word| word == "--check") => (),
            _ => assert!(!says_why || code == 3 || code == 7, "an error that is none\n{}", ran.everything()),
        }
        if self.words.iter().any(|word| word == "--json") {
            assert_eq!(ran.outcome()["exit_code"], code, "{}", ran.everything());
        }
        ran
    }

    /// Runs it and holds it to this exit code.
    pub(crate) fn ends(&self, code: i32) -> Ran {
        self.ends_in(&[code])
    }

    /// Runs it with `--json`, and gives the outcome.
    pub(crate) fn outcome(self, code: i32) -> Value {
        self.arg("--json").ends(code).outcome()
    }
}

impl Ran {
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Both streams.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.out(), self.stderr)
    }

    /// The JSON object on the last line of standard output.
    pub(crate) fn outcome(&self) -> Value {
        assert!(self.stdout.ends_with(b"\n"), "the outcome is a line of its own\n{}", self.everything());
        let out = self.out();
        let last = out.lines().next_back().unwrap_or_default();
        let value: Value = serde_json::from_str(last)
            .unwrap_or_else(|error| panic!("the last line is no JSON ({error})\n{}", self.everything()));
        assert!(value.is_object(), "the outcome is an object\n{}", self.everything());
        value
    }

    pub(crate) fn everything(&self) -> String {
        let clip = |text: &str| text.chars().take(6000).collect::<String>();
        format!(
            "$ {}\nexit {:?} signal {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.what,
            self.code,
            self.signal,
            clip(&self.out()),
            clip(&self.stderr)
        )
    }

    fn is_orderly(&self, drawing: bool) {
        assert!(!self.stderr.contains("panicked at") && self.code != Some(101), "a panic\n{}", self.everything());
        assert!(!self.stderr.contains(['\x1b', '\r']), "drawing on what is no terminal\n{}", self.everything());
        assert!(drawing || !self.stdout.contains(&0x1b), "escape sequences in a pipe\n{}", self.everything());
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// Waits for a started command; kills it and fails if it does not end.
pub(crate) fn finish(mut child: Child, what: String) -> Ran {
    fn drain(pipe: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                let _ = pipe.read_to_end(&mut bytes);
            }
            bytes
        })
    }
    let (out, err) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let started = Instant::now();
    let status: ExitStatus = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("no end after {PATIENCE:?}: {what}");
        }
        std::thread::sleep(Duration::from_millis(4));
    };
    let stdout = out.join().unwrap();
    let stderr = String::from_utf8_lossy(&err.join().unwrap()).into_owned();
    Ran { code: status.code(), signal: status.signal(), stdout, stderr, what }
}
