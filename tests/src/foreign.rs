//! Other people's programs: used as judges where they are installed, demanded where `EXHIBIT_REQUIRE_ORACLES=1`.
#![expect(clippy::disallowed_methods, reason = "tests start the programs that judge our output")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::places::skipped;

/// Whether a missing program is a failure and not a skipped test.
#[must_use]
pub fn required() -> bool {
    std::env::var("EXHIBIT_REQUIRE_ORACLES").is_ok_and(|value| value == "1")
}

/// Whether `program` can be started.
///
/// # Panics
/// If it cannot and oracles are required.
#[must_use]
pub fn present(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&paths).any(|folder| folder.join(program).is_file());
    assert!(there || !required(), "{program} is not installed, and EXHIBIT_REQUIRE_ORACLES=1");
    if !there {
        skipped(&format!("{program} is not installed"));
    }
    there
}

/// What a program said and how it ended.
#[derive(Debug)]
pub struct Said {
    /// Whether its exit code was 0.
    pub success: bool,
    /// What it printed, both streams.
    pub text: String,
}

/// Runs `program`; `None`, after saying so, if it is not installed.
///
/// # Panics
/// If it is required and missing, or cannot be started.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot go on should stop there")]
pub fn run(program: &str, arguments: &[&Path]) -> Option<Said> {
    if !present(program) {
        return None;
    }
    let output = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .expect("an installed program starts");
    let text = [output.stdout, output.stderr].concat();
    Some(Said { success: output.status.success(), text: String::from_utf8_lossy(&text).into_owned() })
}

/// Unpacks `packed` (`.gz`, `.zst`, `.xz`, `.bz2`, `.zip`, `.tar.gz`, `.tgz`) into `folder` with the system's own programs, and
/// gives the files that came out, largest first. A file that is not packed comes out as itself.
///
/// `None`, after saying so, if the program is not installed.
///
/// # Panics
/// If unpacking fails.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot go on should stop there")]
pub fn unpack(packed: &Path, folder: &Path) -> Option<Vec<PathBuf>> {
    let name = packed.file_name().expect("a file has a name").to_string_lossy().into_owned();
    let quoted = |path: &Path| path.as_os_str().to_owned();
    let mut command = match name.as_str() {
        n if n.ends_with(".tar.gz") || n.ends_with(".tgz") => {
            let mut command = tool("tar")?;
            command.arg("-C").arg(quoted(folder)).arg("-xf").arg(quoted(packed));
            command
        }
        n if n.ends_with(".zip") => {
            let mut command = tool("unzip")?;
            command.arg("-q").arg(quoted(packed)).arg("-d").arg(quoted(folder));
            command
        }
        n if [".gz", ".zst", ".xz", ".bz2"].iter().any(|suffix| n.ends_with(suffix)) => {
            let (stem, kind) = n.rsplit_once('.').unwrap_or((n, ""));
            let mut command = tool(match kind {
                "gz" => "gzip",
                "xz" => "xz",
                "bz2" => "bzip2",
                _ => "zstd",
            })?;
            let out = std::fs::File::create(folder.join(stem)).expect("a temporary file");
            command.arg("-dc").arg(quoted(packed)).stdout(out);
            command
        }
        _ => return Some(vec![packed.to_path_buf()]),
    };
    assert!(command.status().expect("an installed program starts").success(), "{name} could not be unpacked");
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let mut files: Vec<PathBuf> =
        crate::places::files_below(folder, "").into_iter().map(|path| folder.join(path)).collect();
    files.sort_by_key(|path| std::cmp::Reverse(size(path)));
    Some(files)
}

fn tool(program: &str) -> Option<Command> {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    present(program).then_some(command)
}
