//! Passphrases and PINs: from a file, from the environment, or asked for on the terminal without showing them.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::outcome::{Exit, Failure, shown};
use crate::world::World;

/// The variable for scripts.
const VARIABLE: &str = "EXHIBIT_PASSPHRASE";
/// Longest passphrase, in bytes.
const BYTES_MAX: usize = 1024;
/// What Ctrl-C sends.
const CTRL_C: u8 = 3;

/// A passphrase; cleared from memory on drop.
pub(crate) type Passphrase = Zeroizing<Vec<u8>>;

/// The passphrase that opens something; `question` is what a person is asked.
pub(crate) fn for_opening(world: &World, question: &str) -> Result<Passphrase, Failure> {
    if let Some(given) = given(world)? {
        return Ok(given);
    }
    ask(question)
}

/// The passphrase of a new key, asked for twice; `None` if there shall be none, or nobody can be asked.
pub(crate) fn for_new(world: &World) -> Result<Option<Passphrase>, Failure> {
    if let Some(given) = given(world)? {
        return if given.is_empty() { Err(Failure::usage("the passphrase given is empty")) } else { Ok(Some(given)) };
    }
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let first = ask("Passphrase for the new key (empty for none)")?;
    if first.is_empty() {
        return Ok(None);
    }
    match ask("The same again")? == first {
        true => Ok(Some(first)),
        false => Err(Failure::new("the two passphrases differ; no key was made")),
    }
}

/// From --passphrase-file or the environment.
fn given(world: &World) -> Result<Option<Passphrase>, Failure> {
    if let Some(path) = &world.globals.passphrase_file {
        return from_file(path).map(Some);
    }
    let text = std::env::var_os(VARIABLE);
    Ok(text.map(|text| Zeroizing::new(std::os::unix::ffi::OsStringExt::into_vec(text))))
}

/// The first line of a file.
fn from_file(path: &Path) -> Result<Passphrase, Failure> {
    let read =
        exhibit_device::read_small(path, BYTES_MAX as u64).map_err(|e| Failure::io("read the passphrase", path, &e))?;
    let bytes = Zeroizing::new(read);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(Failure::new(format!("the first line of {} is empty", shown(path))));
    }
    Ok(Zeroizing::new(line.to_vec()))
}

/// Asks on the terminal, without showing what is typed.
fn ask(question: &str) -> Result<Passphrase, Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::new("a passphrase is needed, and there is nobody to ask")
            .hint("give it with --passphrase-file FILE, or in the variable EXHIBIT_PASSPHRASE"));
    }
    let failed = |error: rustix::io::Errno| Failure::new(format!("the terminal cannot be made silent: {error}"));
    let quiet = Quiet::begin().map_err(failed)?;
    let mut out = std::io::stderr().lock();
    // Who closed standard error sees no question and can answer all the same.
    let _ = write!(out, "{question}: ").and_then(|()| out.flush());
    let typed = read_line();
    drop(quiet);
    let _ = writeln!(out);
    typed
}

/// One line, byte by byte: a buffer would keep a copy.
fn read_line() -> Result<Passphrase, Failure> {
    let mut line = Zeroizing::new(Vec::with_capacity(BYTES_MAX));
    let mut byte = [0_u8; 1];
    loop {
        match rustix::io::read(rustix::stdio::stdin(), &mut byte) {
            Ok(0) => return Ok(line),
            Ok(_) if byte == [b'\n'] => return Ok(line),
            Ok(_) if byte == [CTRL_C] => return Err(Failure::new("interrupted").exit(Exit::Interrupted)),
            Ok(_) if line.len() >= BYTES_MAX => {
                return Err(Failure::new(format!("a passphrase of more than {BYTES_MAX} bytes")));
            }
            Ok(_) => line.extend_from_slice(&byte),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Failure::new(format!("the passphrase could not be read: {error}"))),
        }
    }
}

/// A terminal that does not show what is typed, until this is dropped.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> Result<Self, rustix::io::Errno> {
        let before = tcgetattr(rustix::stdio::stdin())?;
        let mut quiet = before.clone();
        // Without signals, since one that ends the process would leave the terminal silent; Ctrl-C ends the line instead.
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.0);
    }
}
