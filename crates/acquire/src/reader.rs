//! What the read loop reads from: the source, block after block, as the read policy says.

use exhibit_evidence::{ByteRange, Cause, Gap, Source};
use exhibit_image::Fill;

use crate::gaps::join;
use crate::{AcquireError, ReadPolicy, Step};

/// Reads blocks in order and keeps the gaps.
pub(crate) struct Reader<'a> {
    source: &'a dyn Source,
    policy: Box<dyn ReadPolicy>,
    fill: Fill,
    gaps: Vec<Gap>,
}

impl<'a> Reader<'a> {
    /// A reader of `source` that has found no gap yet.
    pub(crate) fn new(source: &'a dyn Source, policy: Box<dyn ReadPolicy>, fill: Fill) -> Self {
        Self { source, policy, fill, gaps: Vec::new() }
    }

    /// The gaps found so far, in order.
    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Fills `block` with `range` of the source; what cannot be read is filled and a gap.
    pub(crate) fn read_block(
        &mut self,
        range: ByteRange,
        block: &mut [u8],
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), AcquireError> {
        self.policy.begin(range);
        let mut cause = String::new();
        loop {
            let within = |part: ByteRange| {
                let start = usize::try_from(part.offset.saturating_sub(range.offset)).unwrap_or(usize::MAX);
                start..start.saturating_add(usize::try_from(part.length).unwrap_or(usize::MAX))
            };
            match self.policy.next() {
                Step::Done => return Ok(()),
                Step::Read(part) => {
                    let Some(buf) = block.get_mut(within(part)) else {
                        return Err(AcquireError::Internal("the read policy left its block"));
                    };
                    match self.source.read_at(part.offset, buf) {
                        Ok(()) => self.policy.result(part, part.length, false),
                        Err(fault) => {
                            if let Cause::Io(error) | Cause::Medium(error) = &fault.cause
                                && (matches!(fault.cause, Cause::Io(_)) || is_gone(error))
                            {
                                let offset = part.offset.saturating_add(fault.good as u64);
                                return Err(AcquireError::Source { offset, cause: error.to_string() });
                            }
                            cause = fault.cause.to_string();
                            self.policy.result(part, fault.good as u64, true);
                            // A failing disk can take a minute for each sector: Ctrl-C must not wait for the whole block.
                            if stopped() {
                                return Err(AcquireError::Interrupted { done_bytes: range.offset });
                            }
                        }
                    }
                }
                Step::Gap { range: part, retries } => {
                    self.fill.put(part.offset, block.get_mut(within(part)).unwrap_or_default());
                    let (cause, fill) = (cause.clone(), self.fill.id().to_owned());
                    join(&mut self.gaps, Gap { offset: part.offset, length: part.length, cause, retries, fill });
                }
            }
        }
    }
}

/// Whether the error says that the device itself is gone. Linux: ENXIO 6, ENODEV 19, ENOMEDIUM 123.
fn is_gone(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(6 | 19 | 123))
}
