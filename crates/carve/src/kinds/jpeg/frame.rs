//! The frame header (SOFn) and the scan header (SOS).

/// How the coefficients are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Baseline or extended sequential, Huffman: decoded here.
    Sequential,
    /// Progressive, Huffman: decoded here.
    Progressive,
    /// Arithmetic, lossless, hierarchical: judged by structure alone.
    Other,
}

/// One colour component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) id: u8,
    /// Sampling factors, 1 to 4.
    pub(crate) h: u32,
    pub(crate) v: u32,
    /// Quantisation table.
    pub(crate) table: u8,
    /// Blocks in a row and a column when the component has a scan of its own.
    pub(crate) own_width: u32,
    pub(crate) own_height: u32,
    /// Blocks in a row of interleaved MCUs: the width of its grid.
    pub(crate) grid_width: u32,
}

/// The picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) coding: Coding,
    pub(crate) precision: u8,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) components: Vec<Component>,
    /// Interleaved MCUs in a row and a column.
    pub(crate) mcus_wide: u32,
    pub(crate) mcus_high: u32,
}

impl Frame {
    /// The frame of marker `code` with the segment's `data` (without its length); `None` if it describes no picture.
    pub(crate) fn parse(code: u8, data: &[u8]) -> Option<Self> {
        let (&[precision, h0, h1, w0, w1, count], specs) = data.split_first_chunk::<6>()?;
        let (width, height) = (u32::from(u16::from_be_bytes([w0, w1])), u32::from(u16::from_be_bytes([h0, h1])));
        let coding = match code {
            // A height of 0 comes later, in a DNL segment: rare enough to be left to structure.
            0xc0..=0xc2 if height == 0 => Coding::Other,
            0xc0 | 0xc1 => Coding::Sequential,
            0xc2 => Coding::Progressive,
            _ => Coding::Other,
        };
        let precision_fits = match code {
            0xc0 => precision == 8,
            0xc3 => (2..=16).contains(&precision),
            _ => matches!(precision, 8 | 12),
        };
        let (specs, rest) = specs.as_chunks::<3>();
        if !precision_fits
            || width == 0
            || !(1..=4).contains(&count)
            || specs.len() != usize::from(count)
            || !rest.is_empty()
        {
            return None;
        }
        let factors = |spec: &[u8; 3]| (u32::from(spec[1] >> 4), u32::from(spec[1] & 15));
        if specs.iter().any(|spec| !matches!(factors(spec), (1..=4, 1..=4)) || spec[2] > 3) {
            return None;
        }
        let h_most = specs.iter().map(|spec| factors(spec).0).max()?;
        let v_most = specs.iter().map(|spec| factors(spec).1).max()?;
        let (mcus_wide, mcus_high) = (width.div_ceil(8 * h_most), height.div_ceil(8 * v_most));
        let components = specs
            .iter()
            .map(|spec| {
                let (h, v) = factors(spec);
                let own_width = (width * h).div_ceil(h_most).div_ceil(8);
                let own_height = (height * v).div_ceil(v_most).div_ceil(8);
                Component { id: spec[0], h, v, table: spec[2], own_width, own_height, grid_width: mcus_wide * h }
            })
            .collect();
        Some(Self { coding, precision, width, height, components, mcus_wide, mcus_high })
    }

    /// Blocks of one of its components.
    pub(crate) fn blocks_of(&self, component: &Component) -> u64 {
        let high = u64::from(self.mcus_high).saturating_mul(u64::from(component.v));
        u64::from(component.grid_width).saturating_mul(high)
    }

    /// Blocks of all components together.
    pub(crate) fn blocks(&self) -> u64 {
        let mcus = u64::from(self.mcus_wide).saturating_mul(u64::from(self.mcus_high));
        let per_mcu: u64 = self.components.iter().map(|c| u64::from(c.h * c.v)).sum();
        mcus.saturating_mul(per_mcu)
    }
}

/// What one scan holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScanHeader {
    /// Index of each component in the frame, its DC and its AC table.
    pub(crate) components: Vec<(usize, u8, u8)>,
    /// First and last coefficient.
    pub(crate) first: u8,
    pub(crate) last: u8,
    /// Successive approximation: previous and present bit position.
    pub(crate) high: u8,
    pub(crate) low: u8,
}

impl ScanHeader {
    /// The scan header in `data` (without its length); `None` if it does not fit the frame.
    pub(crate) fn parse(data: &[u8], frame: &Frame) -> Option<Self> {
        let (&count, rest) = data.split_first()?;
        let specs_length = usize::from(count).checked_mul(2)?;
        let (specs, tail) = (rest.get(..specs_length)?, rest.get(specs_length..)?);
        let &[first, last, approximation] = tail else { return None };
        if !(1..=4).contains(&count) {
            return None;
        }
        let mut components = Vec::new();
        for spec in specs.as_chunks::<2>().0 {
            let index = frame.components.iter().position(|component| component.id == spec[0])?;
            if components.iter().any(|&(known, _, _)| known == index) || spec[1] >> 4 > 3 || spec[1] & 15 > 3 {
                return None;
            }
            components.push((index, spec[1] >> 4, spec[1] & 15));
        }
        let scan = Self { components, first, last, high: approximation >> 4, low: approximation & 15 };
        scan.fits(frame.coding).then_some(scan)
    }

    fn fits(&self, coding: Coding) -> bool {
        match coding {
            // Some writers leave 0, 0 here; decoders have never minded, because a sequential scan has no choice.
            Coding::Sequential => self.first == 0 && self.high == 0 && self.low == 0,
            Coding::Progressive => {
                let band = match (self.first, self.last) {
                    (0, 0) => true,
                    (1.., last @ ..=63) => self.first <= last && self.components.len() == 1,
                    _ => false,
                };
                band && self.low <= 13 && (self.high == 0 || self.high == self.low.saturating_add(1))
            }
            Coding::Other => true,
        }
    }
}
