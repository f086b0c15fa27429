//! LZMA2: chunks that reset, continue or by-pass an LZMA decoder.
//!
//! ```text
//! 00 the end | 01, 02: u16BE size-1, bytes as they are | 80 and above: u16BE size-1 (and 5 bits of the first byte), u16BE packed
//! size-1, [properties], LZMA
//! ```

use super::lzma::{Lzma, Properties, Room};
use crate::stop::Stop;
use crate::window::Window;

/// Chunks of one block.
const CHUNKS_MOST: u64 = 1 << 24;

/// What the chunks of a block come to by their headers.
pub(super) struct Survey {
    /// The offset behind the end mark, if it was reached.
    pub(super) end: Option<u64>,
    /// How far the headers were followed.
    pub(super) reached: u64,
    /// Size of the content so far.
    pub(super) content: u64,
}

/// Follows the headers of the chunks from `at`, without their bytes.
pub(super) fn survey(window: &mut Window<'_>, mut at: u64) -> Result<Survey, Stop> {
    let mut content = 0_u64;
    for _ in 0..CHUNKS_MOST {
        match Chunk::read(window, at) {
            Ok(Some(chunk)) => {
                content = content.saturating_add(chunk.content as u64);
                at = chunk.end();
            }
            Ok(None) => return Ok(Survey { end: Some(at.saturating_add(1)), reached: at, content }),
            Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => break,
            Err(stop) => return Err(stop),
        }
    }
    Ok(Survey { end: None, reached: at, content })
}

/// A chunk's header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    control: u8,
    pub(super) data_at: u64,
    /// Bytes in the file, behind the header.
    pub(super) packed: usize,
    /// Bytes of content.
    pub(super) content: usize,
    properties: Option<Properties>,
}

impl Chunk {
    /// The chunk at `at`; `None` for the end mark.
    pub(super) fn read(window: &mut Window<'_>, at: u64) -> Result<Option<Self>, Stop> {
        window.budget.pay(8)?;
        let control = window.u8(at)?;
        if control == 0 {
            return Ok(None);
        }
        if (3..0x80).contains(&control) {
            return Err(Stop::bad(at, "no LZMA2 chunk"));
        }
        let low = usize::from(window.u16_be(at.saturating_add(1))?);
        if control < 0x80 {
            let (size, data_at) = (low.saturating_add(1), at.saturating_add(3));
            return Ok(Some(Self { control, data_at, packed: size, content: size, properties: None }));
        }
        let content = (usize::from(control & 0x1f) << 16 | low).saturating_add(1);
        let packed = usize::from(window.u16_be(at.saturating_add(3))?).saturating_add(1);
        let mut data_at = at.saturating_add(5);
        let mut properties = None;
        if control >= 0xc0 {
            let byte = window.u8(data_at)?;
            properties =
                Some(Properties::new(byte).ok_or_else(|| Stop::bad(at, "properties that LZMA2 does not allow"))?);
            data_at = data_at.saturating_add(1);
        }
        Ok(Some(Self { control, data_at, packed, content, properties }))
    }

    pub(super) const fn end(&self) -> u64 {
        self.data_at.saturating_add(self.packed as u64)
    }

    /// Whether its bytes are LZMA, which has to end well, and not stored as they are.
    pub(super) const fn is_coded(&self) -> bool {
        self.control >= 0x80
    }

    const fn resets_dictionary(&self) -> bool {
        self.control == 1 || self.control >= 0xe0
    }
}

/// The content so far, as far as later chunks may refer to it, and the decoder.
pub(super) struct Dictionary {
    bytes: Vec<u8>,
    size: usize,
    since_reset: usize,
    lzma: Option<Lzma>,
    /// Nothing was reset yet: the first chunk must do that.
    fresh: bool,
}

impl Dictionary {
    /// For a dictionary of `size` bytes and a content of about `content`.
    pub(super) fn new(size: u64, content: u64) -> Self {
        // What is kept beyond the dictionary: until it is forgotten, and the last chunk.
        let kept = content.min(size.saturating_add(4 << 20));
        let (size, kept) = (usize::try_from(size).unwrap_or(usize::MAX), usize::try_from(kept).unwrap_or(0));
        Self { bytes: Vec::with_capacity(kept), size, since_reset: 0, lzma: None, fresh: true }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what no later chunk can refer to, now and then.
    pub(super) fn forget(&mut self) {
        let surplus = self.bytes.len().saturating_sub(self.size);
        if surplus >= 1 << 21 {
            self.bytes.drain(..surplus);
        }
    }

    /// Decodes a chunk behind what is there.
    pub(super) fn take(&mut self, chunk: &Chunk, window: &mut Window<'_>) -> Result<(), Stop> {
        window.budget.pay(chunk.content as u64)?;
        self.prepare(chunk)?;
        let packed = window.exact(chunk.data_at, chunk.packed)?;
        let Self { bytes, size, since_reset, lzma, .. } = self;
        if !chunk.is_coded() {
            bytes.extend_from_slice(packed);
            *since_reset = since_reset.saturating_add(packed.len());
            return Ok(());
        }
        let Some(lzma) = lzma.as_mut() else { return Err(no_decoder(chunk)) };
        let mut room = Room { bytes, since_reset: *since_reset, size: *size };
        let left = lzma.run(packed, usize::MAX, &mut room, chunk.content);
        *since_reset = room.since_reset;
        if left == Some(0) && lzma.is_finished(packed.len()) {
            return Ok(());
        }
        Err(Stop::bad(chunk.end(), "a chunk that does not decode"))
    }

    /// Resets what the chunk resets, and makes the decoder ready for its bytes.
    pub(super) fn prepare(&mut self, chunk: &Chunk) -> Result<(), Stop> {
        if self.fresh && !chunk.resets_dictionary() {
            return Err(Stop::bad(chunk.data_at, "the first chunk does not begin anew"));
        }
        self.fresh = false;
        if chunk.resets_dictionary() {
            self.since_reset = 0;
        }
        if !chunk.is_coded() {
            return Ok(());
        }
        match (chunk.properties, chunk.control) {
            (Some(properties), _) => self.lzma = Some(Lzma::new(properties)),
            (None, 0xa0..) => self.lzma.as_mut().ok_or_else(|| no_decoder(chunk))?.reset(),
            (None, _) => {}
        }
        self.lzma.as_mut().ok_or_else(|| no_decoder(chunk))?.begin();
        Ok(())
    }

    /// The parts that a trial works on: the decoder as it is, and room behind the bytes, which the trial takes back.
    pub(super) fn parts(&mut self) -> (Option<&Lzma>, Room<'_>) {
        let Self { bytes, size, since_reset, lzma, .. } = self;
        (lzma.as_ref(), Room { bytes, since_reset: *since_reset, size: *size })
    }
}

fn no_decoder(chunk: &Chunk) -> Stop {
    Stop::bad(chunk.data_at, "a chunk that goes on with what was never begun")
}
