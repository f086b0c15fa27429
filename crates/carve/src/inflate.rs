//! Inflating in small steps, bounded in output, counting what was consumed.

use std::cell::RefCell;

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

/// A decoder and its output buffer.
struct Engine {
    state: Decompress,
    out: Vec<u8>,
}

thread_local! {
    /// The decoder of the last stream on this thread. A new one for each of a million hostile candidates costs 40 KiB of
    /// aligned memory between small long-lived results, which leaves gigabytes of holes.
    static SPARE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

/// A deflate (or zlib) stream being decoded.
pub(crate) struct Inflater {
    /// There from `new` to `drop`.
    engine: Option<Engine>,
    /// Bytes produced so far.
    pub(crate) produced: u64,
    /// More than this many bytes make the stream invalid.
    most: u64,
}

impl Inflater {
    /// A zlib stream (header and Adler-32) if `zlib`, else bare deflate; at most `most` bytes of output.
    pub(crate) fn new(zlib: bool, most: u64) -> Self {
        let spare = SPARE.with(RefCell::take).map(|mut engine| {
            engine.state.reset(zlib);
            engine
        });
        let fresh = || Engine { state: Decompress::new(zlib), out: vec![0; OUT_BYTES] };
        Self { engine: Some(spare.unwrap_or_else(fresh)), produced: 0, most }
    }

    /// Decodes `input` completely; `take` gets the output, piece by piece.
    pub(crate) fn feed(&mut self, input: &[u8], budget: &Budget<'_>, mut take: impl FnMut(&[u8])) -> Result<Fed, Stop> {
        let Some(Engine { state, out }) = self.engine.as_mut() else { return Ok(Fed::Invalid(0)) };
        let mut used = 0_usize;
        loop {
            let (in_before, out_before) = (state.total_in(), state.total_out());
            let rest = input.get(used..).unwrap_or_default();
            let status = state.decompress(rest, out, FlushDecompress::None);
            let consumed = usize::try_from(state.total_in().saturating_sub(in_before)).unwrap_or(0);
            let made = usize::try_from(state.total_out().saturating_sub(out_before)).unwrap_or(0);
            used = used.saturating_add(consumed);
            self.produced = self.produced.saturating_add(made as u64);
            budget.pay(made as u64)?;
            take(out.get(..made).unwrap_or_default());
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

impl Drop for Inflater {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.take() {
            SPARE.with(|spare| spare.replace(Some(engine)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn streams_end_where_they_end_and_not_a_byte_later() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&[7; 100_000]).unwrap();
        let stream = encoder.finish().unwrap();
        let budget = Budget::alone(1 << 20);
        for _ in 0..2 {
            let mut with_tail = stream.clone();
            with_tail.extend_from_slice(b"tail");
            let mut inflater = Inflater::new(true, 100_000);
            assert_eq!(inflater.feed(&with_tail, &budget, |_| ()).unwrap(), Fed::Ended(stream.len()));
            assert_eq!(inflater.produced, 100_000);
            assert!(matches!(Inflater::new(true, 99_999).feed(&stream, &budget, |_| ()).unwrap(), Fed::Invalid(_)));
        }
    }

    #[test]
    fn output_is_paid_for() {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&[0; 10_000_000]).unwrap();
        let bomb = encoder.finish().unwrap();
        let budget = Budget::alone(1 << 20);
        assert!(Inflater::new(false, u64::MAX).feed(&bomb, &budget, |_| ()).is_err());
    }
}
