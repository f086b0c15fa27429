//! PDF 1.4 (ISO 32000-1): objects, cross-reference table, trailer, and incremental updates.

use super::deflate::zlib;

/// A document being written. Object numbers are given by the caller and start at 1.
#[derive(Debug)]
pub(crate) struct Pdf {
    bytes: Vec<u8>,
    /// Objects written since the last cross-reference section: number and offset.
    fresh: Vec<(u32, usize)>,
    size: u32,
    previous_table: Option<usize>,
}

impl Pdf {
    /// The header, with the comment of four high bytes that tells transports "this is binary".
    pub(crate) fn new() -> Self {
        Self { bytes: b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec(), fresh: Vec::new(), size: 1, previous_table: None }
    }

    /// Adds an object that is not a stream.
    pub(crate) fn object(&mut self, number: u32, body: &str) {
        self.begin(number);
        self.bytes.extend(format!("{body}\nendobj\n").as_bytes());
    }

    /// Adds a stream with `entries` in its dictionary and gives the offset of its first byte.
    pub(crate) fn stream(&mut self, number: u32, entries: &str, data: &[u8]) -> usize {
        self.begin(number);
        self.bytes.extend(format!("<< {entries} /Length {} >>\nstream\n", data.len()).as_bytes());
        let at = self.bytes.len();
        self.bytes.extend(data);
        self.bytes.extend(b"\nendstream\nendobj\n");
        at
    }

    /// Adds a deflated stream.
    pub(crate) fn deflated(&mut self, number: u32, data: &[u8]) {
        self.stream(number, "/Filter /FlateDecode", &zlib(data));
    }

    fn begin(&mut self, number: u32) {
        self.fresh.push((number, self.bytes.len()));
        self.size = self.size.max(number + 1);
        self.bytes.extend(format!("{number} 0 obj\n").as_bytes());
    }

    /// Writes the cross-reference section and trailer of what was added since the last one. What is added afterwards
    /// is an incremental update.
    pub(crate) fn close(&mut self, root: u32) {
        let table_at = self.bytes.len();
        self.fresh.sort_unstable();
        let mut table = "xref\n".to_owned();
        if self.previous_table.is_none() {
            table.push_str("0 1\n0000000000 65535 f \n");
        }
        for run in self.fresh.chunk_by(|a, b| a.0 + 1 == b.0) {
            let first = run.first().map_or(0, |object| object.0);
            table.push_str(&format!("{first} {}\n", run.len()));
            run.iter().for_each(|(_, offset)| table.push_str(&format!("{offset:010} 00000 n \n")));
        }
        let previous = self.previous_table.map_or(String::new(), |at| format!(" /Prev {at}"));
        table.push_str(&format!("trailer\n<< /Size {} /Root {root} 0 R{previous} >>\n", self.size));
        table.push_str(&format!("startxref\n{table_at}\n%%EOF\n"));
        self.bytes.extend(table.as_bytes());
        self.fresh.clear();
        self.previous_table = Some(table_at);
    }

    /// The whole file.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// A content stream that sets `text`, one line under the other, in 10-point type on a page of A4.
pub(crate) fn page_of_text(text: &[u8]) -> Vec<u8> {
    let mut out = b"BT /F1 10 Tf 12 TL 50 800 Td\n".to_vec();
    for line in text.split(|&byte| byte == b'\n') {
        out.push(b'(');
        for &byte in line {
            if matches!(byte, b'(' | b')' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.extend(b") Tj T*\n");
    }
    out.extend(b"ET\n");
    out
}
