//! Inflating in small steps, bounded in output, counting what was consumed.

use flate2::{Decompress, FlushDecompress, Status};

use crate::budget::Budget;
use crate::stop::Stop;

/// Bytes of output per step.
const OUT_BYTES: usize = 32 * 1024;

/// What one feeding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fed {
    /// All input is consumed and the stream goes on.
    All,
    /// The stream ended after this many bytes of the input.
    Ended(usize),
    /// The stream is invalid, noticed at about this byte of the input; more output than allowed counts as invalid.
    Invalid(usize),
}

/// A deflate (or zlib) stream being decoded.
pub(crate) struct Inflater {
    state: Decompress,
    out: Vec<u8>,
    /// Bytes produced so far.
    pub(crate) produced: u64,
    /// More than this many bytes make the stream invalid.
    most: u64,
}

impl Inflater {
    /// A zlib stream (header and Adler-32) if `zlib`, else bare deflate; at most `most` bytes of output.
    pub(crate) fn new(zlib: bool, most: u64) -> Self {
        Self { state: Decompress::new(zlib), out: vec![0; OUT_BYTES], produced: 0, most }
    }

    /// Decodes `input` completely; `take` gets the output, piece by piece.
    pub(crate) fn feed(&mut self, input: &[u8], budget: &Budget<'_>, mut take: impl FnMut(&[u8])) -> Result<Fed, Stop> {
        let mut used = 0_usize;
        loop {
            let (in_before, out_before) = (self.state.total_in(), self.state.total_out());
            let rest = input.get(used..).unwrap_or_default();
            let status = self.state.decompress(rest, &mut self.out, FlushDecompress::None);
            let consumed = usize::try_from(self.state.total_in().saturating_sub(in_before)).unwrap_or(0);
            let made = usize::try_from(self.state.total_out().saturating_sub(out_before)).unwrap_or(0);
            used = used.saturating_add(consumed);
            self.produced = self.produced.saturating_add(made as u64);
            budget.pay(made as u64)?;
            take(self.out.get(..made).unwrap_or_default());
            if self.produced > self.most {
                return Ok(Fed::Invalid(used));
            }
            match status {
                Ok(Status::StreamEnd) => return Ok(Fed::Ended(used)),
                Ok(_) if consumed == 0 && made == 0 => return Ok(Fed::All),
                Ok(_) => {}
                Err(_) => return Ok(Fed::Invalid(used)),
            }
        }
    }
}
