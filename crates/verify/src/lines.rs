//! Text files line by line, in memory that does not grow with the file.

use exhibit_evidence::{Finding, Severity};

use crate::members::{Members, unreadable};

/// Longest line read, in bytes, line end not counted.
pub(crate) const LINE_BYTES_MAX: usize = 1 << 20;

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// LF only; a CR is part of the line.
    Lf,
    /// LF, CR or CR LF, as BagIt's tag files may have.
    Any,
}

/// One line without its end.
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: u64,
    /// Offset in the file in bytes.
    pub(crate) at: u64,
    pub(crate) bytes: &'a [u8],
    /// Whether an end followed; only the last line of a file can lack one.
    pub(crate) ended: bool,
}

/// Cuts blocks into lines.
struct Cutter<'s> {
    ends: Ends,
    line: Vec<u8>,
    number: u64,
    line_at: u64,
    position: u64,
    /// The last byte was a CR that ended a line: a LF now belongs to it.
    after_cr: bool,
    sink: &'s mut dyn FnMut(Line<'_>),
}

impl Cutter<'_> {
    fn feed(&mut self, block: &[u8]) -> Result<(), u64> {
        for &byte in block {
            self.position = self.position.saturating_add(1);
            match byte {
                b'\n' if self.after_cr => self.line_at = self.position,
                b'\n' => self.end(),
                b'\r' if self.ends == Ends::Any => self.end(),
                _ if self.line.len() >= LINE_BYTES_MAX => return Err(self.number.saturating_add(1)),
                _ => self.line.push(byte),
            }
            self.after_cr = byte == b'\r' && self.ends == Ends::Any;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.give(true);
        self.line_at = self.position;
    }

    fn give(&mut self, ended: bool) {
        self.number = self.number.saturating_add(1);
        (self.sink)(Line { number: self.number, at: self.line_at, bytes: &self.line, ended });
        self.line.clear();
    }
}

/// Gives every line of a file to `sink`.
///
/// # Errors
/// A finding, if the file is missing or cannot be read, or a line is too long.
pub(crate) fn each(
    members: &dyn Members,
    name: &str,
    ends: Ends,
    sink: &mut dyn FnMut(Line<'_>),
) -> Result<(), Finding> {
    let mut cutter = Cutter { ends, line: Vec::new(), number: 0, line_at: 0, position: 0, after_cr: false, sink };
    let mut too_long = None;
    let streamed = members.stream(name, &mut |block| match cutter.feed(block) {
        Ok(()) => true,
        Err(number) => {
            too_long = Some(number);
            false
        }
    });
    streamed.map_err(|fault| unreadable(name, &fault))?;
    if let Some(number) = too_long {
        let text = format!("line {number} is longer than {LINE_BYTES_MAX} bytes");
        return Err(Finding::new(Severity::Mismatch, "limit-line", name, text).at(cutter.line_at));
    }
    if !cutter.line.is_empty() {
        cutter.give(false);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::MemoryMembers;

    fn cut(text: &[u8], ends: Ends) -> Vec<(u64, Vec<u8>, bool)> {
        let mut members = MemoryMembers::new();
        members.insert("a", text);
        let mut lines = Vec::new();
        each(&members, "a", ends, &mut |line| lines.push((line.at, line.bytes.to_vec(), line.ended))).unwrap();
        lines
    }

    #[test]
    fn every_kind_of_line_end_is_one_end_and_offsets_are_right() {
        let line = |at, bytes: &[u8], ended| (at, bytes.to_vec(), ended);
        assert_eq!(
            cut(b"a\nb\r\nc\r\rd", Ends::Any),
            [line(0, b"a", true), line(2, b"b", true), line(5, b"c", true), line(7, b"", true), line(8, b"d", false)]
        );
        assert_eq!(cut(b"a\r\nb\n", Ends::Lf), [line(0, b"a\r", true), line(3, b"b", true)]);
        assert_eq!(cut(b"", Ends::Lf), []);
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut members = MemoryMembers::new();
        members.insert("a", vec![b'x'; LINE_BYTES_MAX + 1]);
        assert_eq!(each(&members, "a", Ends::Lf, &mut |_| ()).unwrap_err().code, "limit-line");
    }
}
