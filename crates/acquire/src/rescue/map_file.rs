//! The map as text, in the form of GNU ddrescue's mapfile: `ddrescuelog` and viewers read it, and so do we.
//!
//! ```text
//! # comment
//! 0x00120000     *               1          position, phase, pass
//! 0x00000000  0x00117000  +                 position, size, status; without holes
//! 0x00117000  0x00000200  -
//! ```
//!
//! A comment of ours says which part of the medium lies in the working file; other programs step over it.

use std::fmt::Write as _;

use exhibit_evidence::ByteRange;

use super::map::{Map, Status};
use super::plan::{Phase, Plan};

/// Number of the cause of what a map calls bad: a map does not say why.
pub const CAUSE_OF_EARLIER_RUN: u16 = 0;

/// Begins the comment that names the part of the medium in the working file.
const WORKING_FILE: &str = "# Working file holds:";

/// A map and where the work stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFile {
    /// What is known of the medium.
    pub map: Map,
    /// What was being done.
    pub phase: Phase,
    /// In which pass, from 1.
    pub pass: u32,
    /// Where, in bytes of the medium.
    pub position: u64,
    /// The part of the medium that lies in the working file, if there is one.
    pub window: Option<ByteRange>,
}

/// Why a text is not a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("map, line {line}: {what}")]
pub struct MapError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl MapFile {
    /// A map that is complete: nothing is left to do.
    #[must_use]
    pub const fn finished(map: Map) -> Self {
        Self { map, phase: Phase::Finished, pass: 1, position: 0, window: None }
    }

    /// The text. `tool` is named in its first line.
    #[must_use]
    pub fn to_text(&self, tool: &str) -> String {
        let state = (self.phase, self.pass, self.position);
        text(&self.map, state, self.window, tool)
    }

    /// The text for a plan that is being carried out; the window lies in the working file.
    #[must_use]
    pub fn text_of_plan(plan: &Plan, window: ByteRange, tool: &str) -> String {
        text(plan.map(), (plan.phase(), plan.pass(), plan.position()), Some(window), tool)
    }

    /// The text for a medium that is read in order and has been as far as `position`.
    #[must_use]
    pub fn text_in_order(map: &Map, position: u64, tool: &str) -> String {
        text(map, (Phase::Copying, 1, position), None, tool)
    }

    /// Reads a map, ours or that of GNU ddrescue. Takes time and memory in proportion to the text.
    ///
    /// # Errors
    /// With the first line that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, MapError> {
        let mut reading = Reading::default();
        for (line, bytes) in (1_usize..).zip(bytes.split(|&byte| byte == b'\n')) {
            let fail = |what| MapError { line, what };
            let text = std::str::from_utf8(bytes).map_err(|_| fail("not text"))?;
            reading.line(text).map_err(fail)?;
        }
        let (position, phase, pass) = reading.state.ok_or(MapError { line: 1, what: "no line of state" })?;
        let mut map = Map::new(reading.end);
        for (range, status) in reading.runs {
            map.set(range, status);
        }
        Ok(Self { map, phase, pass, position, window: reading.window })
    }
}

fn text(map: &Map, (phase, pass, position): (Phase, u32, u64), window: Option<ByteRange>, tool: &str) -> String {
    // Writing to a String cannot fail; the results say so only because other writers can.
    let mut text = String::new();
    let tool: String = tool.chars().filter(|c| !c.is_control()).collect();
    let _ = writeln!(text, "# Mapfile in the form of GNU ddrescue. Created by {tool}");
    if let Some(window) = window {
        let _ = writeln!(text, "{WORKING_FILE} 0x{:08X} 0x{:08X}", window.offset, window.length);
    }
    let _ = writeln!(text, "# current_pos  current_status  current_pass");
    let _ = writeln!(text, "0x{position:08X}     {}               {pass}", phase.letter());
    let _ = writeln!(text, "#      pos        size  status");
    let mut pending: Option<(ByteRange, char)> = None;
    for (run, status) in map.runs() {
        pending = match pending {
            // Neighbours that are bad for different reasons are one run here.
            Some((before, letter)) if letter == status.letter() => {
                Some((ByteRange::between(before.offset, run.end()), letter))
            }
            other => {
                write_run(&mut text, other);
                Some((run, status.letter()))
            }
        };
    }
    write_run(&mut text, pending);
    text
}

fn write_run(text: &mut String, run: Option<(ByteRange, char)>) {
    if let Some((run, letter)) = run {
        let _ = writeln!(text, "0x{:08X}  0x{:08X}  {letter}", run.offset, run.length);
    }
}

/// A map being read.
#[derive(Default)]
struct Reading {
    state: Option<(u64, Phase, u32)>,
    window: Option<ByteRange>,
    runs: Vec<(ByteRange, Status)>,
    end: u64,
}

impl Reading {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if let Some(window) = line.strip_prefix(WORKING_FILE) {
            let mut words = window.split_ascii_whitespace();
            let mut next = || number(words.next().ok_or("a number is missing")?);
            self.window = Some(ByteRange::new(next()?, next()?));
            return Ok(());
        }
        let content = line.split('#').next().unwrap_or_default();
        let mut words = content.split_ascii_whitespace();
        let Some(first) = words.next() else { return Ok(()) };
        if self.state.is_none() {
            let phase = phase(words.next().ok_or("the phase is missing")?)?;
            let pass = words.next().map_or(Ok(1), number)?;
            let pass = u32::try_from(pass).map_err(|_| "the number of the pass is too large")?;
            self.state = Some((number(first)?, phase, pass));
        } else {
            self.run(number(first)?, words.next(), words.next())?;
        }
        if words.next().is_some() { Err("more than belongs in a line") } else { Ok(()) }
    }

    fn run(&mut self, at: u64, size: Option<&str>, letter: Option<&str>) -> Result<(), &'static str> {
        let size = number(size.ok_or("the size is missing")?)?;
        let status = status(letter.ok_or("the status is missing")?)?;
        if size == 0 {
            return Err("a run of no bytes");
        }
        // The first run may begin anywhere: what lies before it was not tried.
        if !self.runs.is_empty() && at != self.end {
            return Err("a hole or an overlap before this run");
        }
        self.end = at.checked_add(size).filter(|end| i64::try_from(*end).is_ok()).ok_or("beyond 2^63 bytes")?;
        self.runs.push((ByteRange::new(at, size), status));
        Ok(())
    }
}

/// A C integer: hexadecimal with `0x`, octal with `0`, else decimal.
fn number(word: &str) -> Result<u64, &'static str> {
    let (digits, radix) = match word.as_bytes() {
        [b'0', b'x' | b'X', ..] => (word.get(2..), 16),
        [b'0', _, ..] => (word.get(1..), 8),
        _ => (Some(word), 10),
    };
    let digits = digits.filter(|digits| digits.chars().all(|c| c.is_digit(radix)));
    digits.and_then(|digits| u64::from_str_radix(digits, radix).ok()).ok_or("not a number")
}

fn status(word: &str) -> Result<Status, &'static str> {
    Ok(match word {
        "?" => Status::Untried,
        "*" => Status::Untrimmed,
        "/" => Status::Unscraped,
        "-" => Status::Bad(CAUSE_OF_EARLIER_RUN),
        "+" => Status::Good,
        _ => return Err("not a status"),
    })
}

fn phase(word: &str) -> Result<Phase, &'static str> {
    Ok(match word {
        // GNU ddrescue's own tasks of filling and generating know nothing of reading: what is open is copied first.
        "?" | "F" | "G" => Phase::Copying,
        "*" => Phase::Trimming,
        "/" => Phase::Scraping,
        "-" => Phase::Retrying,
        "+" => Phase::Finished,
        _ => return Err("not a phase"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> MapFile {
        let mut map = Map::new(10_000);
        map.set(ByteRange::new(0, 4096), Status::Good);
        map.set(ByteRange::new(4096, 512), Status::Bad(0));
        map.set(ByteRange::new(4608, 512), Status::Unscraped);
        map.set(ByteRange::new(5120, 1000), Status::Untrimmed);
        MapFile { map, phase: Phase::Trimming, pass: 2, position: 4608, window: Some(ByteRange::new(4096, 5904)) }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = sample().to_text("exhibit 1");
        assert_eq!(MapFile::parse(text.as_bytes()), Ok(sample()));
        let smallest = MapFile::parse(b"0 ?\n").unwrap();
        assert_eq!((smallest.map.size(), smallest.pass), (0, 1));
        assert_eq!(
            MapFile::parse(MapFile::finished(Map::new(7)).to_text("x\n0 0 +").as_bytes()).unwrap().map,
            Map::new(7)
        );
    }

    #[test]
    fn causes_are_not_told_apart_in_the_text() {
        let mut map = Map::new(2048);
        map.set(ByteRange::new(512, 512), Status::Bad(1));
        map.set(ByteRange::new(1024, 512), Status::Bad(2));
        let text = MapFile::finished(map).to_text("x");
        assert!(text.ends_with("0x00000200  0x00000400  -\n0x00000600  0x00000200  ?\n"), "{text}");
    }

    #[test]
    fn a_map_of_gnu_ddrescue_is_understood() {
        let text = "# Mapfile. Created by GNU ddrescue version 1.27\n# Finished\n0x00200000     F               1\n\
                    0x200 01000 - # octal\n1024  0x002DC2C0  +\n";
        let file = MapFile::parse(text.as_bytes()).unwrap();
        let runs: Vec<_> = file.map.runs().collect();
        assert_eq!(runs[0], (ByteRange::new(0, 512), Status::Untried));
        assert_eq!(runs[1], (ByteRange::new(512, 512), Status::Bad(CAUSE_OF_EARLIER_RUN)));
        assert_eq!(runs[2], (ByteRange::new(1024, 0x2d_c2c0), Status::Good));
        assert_eq!((file.phase, file.position), (Phase::Copying, 0x20_0000));
    }

    #[test]
    fn every_truncation_is_a_shorter_map_or_an_error_and_no_flip_is_harmful() {
        let text = sample().to_text("exhibit 1");
        for end in 0..text.len() {
            if let Ok(cut) = MapFile::parse(&text.as_bytes()[..end]) {
                assert!(cut.map.size() <= 10_000);
            }
        }
        for at in 0..text.len() {
            for flip in [1, 0x10, 0x80, 0xff] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= flip;
                if let Ok(read) = MapFile::parse(&bytes) {
                    assert_eq!(MapFile::parse(read.to_text("x").as_bytes()).as_ref(), Ok(&read));
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let cases: [(&str, usize, &str); 10] = [
            ("", 1, "no line of state"),
            ("0 x\n", 1, "not a phase"),
            ("0 ? 1\n0 512\n", 2, "the status is missing"),
            ("0 ? 1\n0 512 + +\n", 2, "more than belongs in a line"),
            ("0 ? 1\n0 512 +\n1024 512 +\n", 3, "a hole or an overlap before this run"),
            ("0 ? 1\n0 512 +\n0 512 +\n", 3, "a hole or an overlap before this run"),
            ("0 ? 1\n0 0 +\n", 2, "a run of no bytes"),
            ("0 ? 1\n1 0x7fffffffffffffff +\n", 2, "beyond 2^63 bytes"),
            ("0 ? 1\n0 +5 +\n", 2, "not a number"),
            ("0 ? 99999999999\n", 1, "the number of the pass is too large"),
        ];
        for (text, line, what) in cases {
            assert_eq!(MapFile::parse(text.as_bytes()).unwrap_err(), MapError { line, what }, "{text:?}");
        }
        assert_eq!(MapFile::parse(b"0 ?\n\xff\n").unwrap_err().what, "not text");
    }
}
