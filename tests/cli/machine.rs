//! What tests borrow from the machine: loop devices, mounts, broken disks, terminals. Everything is given back when it is
//! dropped, also when the test fails; what the machine does not give is skipped with a visible line and never required.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub(crate) use exhibit_tests::places::skipped;

use crate::harness::Desk;

/// Runs a program of the system; `None` if it cannot be started or fails.
pub(crate) fn tool(program: &str, arguments: &[&OsStr]) -> Option<String> {
    let output = output(program, arguments)?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn output(program: &str, arguments: &[&OsStr]) -> Option<Output> {
    Command::new(program).args(arguments).env("LC_ALL", "C").stdin(Stdio::null()).output().ok()
}

/// A named pipe at `path`, if the machine has `mkfifo`.
pub(crate) fn made_pipe(path: &Path) -> bool {
    let made = tool("mkfifo", &[path.as_os_str()]).is_some();
    if !made {
        skipped("mkfifo does not work here");
    }
    made
}

/// A loop device over a file.
pub(crate) struct Loop {
    pub(crate) path: String,
}

impl Loop {
    /// A loop device over `file`, read-only or not; `None`, after saying so, where that is not allowed.
    pub(crate) fn over(file: &Path, read_only: bool) -> Option<Self> {
        let mut arguments: Vec<&OsStr> = vec!["--find".as_ref(), "--show".as_ref()];
        if read_only {
            arguments.push("--read-only".as_ref());
        }
        arguments.push(file.as_os_str());
        // Between finding a free one and taking it somebody else may take it.
        let made = (0..5).find_map(|_| tool("losetup", &arguments));
        if made.is_none() {
            skipped("loop devices cannot be made here (they need root and a kernel that has them)");
        }
        made.map(|path| Self { path })
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = tool("losetup", &["-d".as_ref(), self.path.as_ref()]);
    }
}

/// A mounted file system.
pub(crate) struct Mounted {
    pub(crate) point: PathBuf,
}

impl Mounted {
    /// Mounts `what` on a new folder `point`; `None`, after saying so, where that is not allowed.
    pub(crate) fn new(kind: &str, options: &str, what: &str, point: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&point).unwrap();
        let words: [&OsStr; 6] =
            ["-t".as_ref(), kind.as_ref(), "-o".as_ref(), options.as_ref(), what.as_ref(), point.as_ref()];
        if tool("mount", &words).is_none() {
            skipped(&format!("a {kind} file system cannot be mounted here"));
            return None;
        }
        Some(Self { point })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if tool("umount", &[self.point.as_os_str()]).is_none() {
            let _ = tool("umount", &["-l".as_ref(), self.point.as_os_str()]);
        }
    }
}

/// A disk with sectors that cannot be read: nbdkit fails them, nbdfuse makes a file of it, a loop device a disk.
pub(crate) struct BrokenDisk {
    // In this order they are taken down.
    device: Option<Loop>,
    mount: PathBuf,
    served: Vec<Child>,
}

impl BrokenDisk {
    /// The bytes of `image`, of which the byte ranges `bad` (offset, length) fail; `None`, after saying so, where the
    /// machine cannot do it.
    pub(crate) fn new(desk: &Desk, image: &Path, bad: &[(u64, u64)]) -> Option<Self> {
        let size = image.metadata().unwrap().len();
        let map = desk.write("bad.map", map_of(size, bad).as_bytes());
        let socket = desk.path("nbd.socket");
        let folder = desk.path("nbd");
        std::fs::create_dir(&folder).unwrap();
        let mut disk = Self { device: None, mount: folder.clone(), served: Vec::new() };

        let mut server = Command::new("nbdkit");
        server.args(["-f", "-r", "--filter=ddrescue", "-U"]).arg(&socket).arg("file").arg(image);
        let mut option = std::ffi::OsString::from("ddrescue-mapfile=");
        option.push(&map);
        server.arg(option);
        if !disk.serve(server) || !until(|| socket.exists()) {
            skipped("nbdkit with its ddrescue filter does not work here");
            return None;
        }
        let file = folder.join("disk");
        let mut client = Command::new("nbdfuse");
        client.arg("-r").arg(&file).arg("--unix").arg(&socket);
        if !disk.serve(client) || !until(|| file.metadata().is_ok_and(|metadata| metadata.len() == size)) {
            skipped("nbdfuse does not work here");
            return None;
        }
        disk.device = Some(Loop::over(&file, true)?);
        Some(disk)
    }

    pub(crate) fn path(&self) -> &str {
        &self.device.as_ref().unwrap().path
    }

    fn serve(&mut self, mut command: Command) -> bool {
        let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        started.map(|child| self.served.push(child)).is_ok()
    }
}

impl Drop for BrokenDisk {
    fn drop(&mut self) {
        self.device = None;
        let unmounted = ["fusermount3", "fusermount"].iter().any(|program| {
            tool(program, &["-u".as_ref(), self.mount.as_os_str()]).is_some()
                || tool(program, &["-u".as_ref(), self.mount.join("disk").as_os_str()]).is_some()
        });
        if !unmounted {
            let _ = tool("umount", &["-l".as_ref(), self.mount.as_os_str()]);
        }
        for child in self.served.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits up to ten seconds for something to be so.
fn until(so: impl Fn() -> bool) -> bool {
    let started = Instant::now();
    while !so() {
        if started.elapsed() > Duration::from_secs(10) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// Runs the binary on a pseudo-terminal of 160 × 40 and gives everything that was drawn on it.
pub(crate) fn on_a_terminal(desk: &Desk, words: &[&str], variables: &[(&str, &str)]) -> Option<String> {
    const SCRIPT: &str = "
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    import time; time.sleep(0.2)
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 160, 0, 0))
while True:
    try: seen = os.read(terminal, 65536)
    except OSError: break
    if not seen: break
    os.write(1, seen)
";
    if !exhibit_tests::foreign::present("python3") {
        return None;
    }
    let mut command = Command::new("python3");
    command.arg("-c").arg(SCRIPT).arg(env!("CARGO_BIN_EXE_exhibit")).args(words);
    command.current_dir(desk.path("")).stdin(Stdio::null()).env("TERM", "xterm-256color").env_remove("NO_COLOR");
    command.env("HOME", desk.path("home")).env("XDG_CONFIG_HOME", desk.path("home/config"));
    command.envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs the binary and gives the most memory it held, in bytes; `None`, after saying so, without Python.
pub(crate) fn memory_of(desk: &Desk, words: &str) -> Option<u64> {
    const SCRIPT: &str = "
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
";
    if !exhibit_tests::foreign::present("python3") {
        return None;
    }
    let mut command = Command::new("python3");
    command.arg("-c").arg(SCRIPT).arg(env!("CARGO_BIN_EXE_exhibit")).args(words.split_whitespace());
    let output = command.current_dir(desk.path("")).env("HOME", desk.path("home")).output().unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).trim().parse().unwrap())
}

/// A map of GNU ddrescue: everything is there but `bad`.
pub(crate) fn map_of(size: u64, bad: &[(u64, u64)]) -> String {
    let mut map = String::from("# Mapfile\n0x0 + 1\n");
    let mut at = 0;
    for &(offset, length) in bad {
        if offset > at {
            map += &format!("{at:#x} {:#x} +\n", offset - at);
        }
        map += &format!("{offset:#x} {length:#x} -\n");
        at = offset + length;
    }
    if size > at {
        map += &format!("{at:#x} {:#x} +\n", size - at);
    }
    map
}
