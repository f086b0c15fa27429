//! Decoding the coefficients of a scan, to count MCUs and to notice what no encoder writes.

use std::rc::Rc;

use super::bits::{Bits, Ended};
use super::frame::{Coding, Frame, ScanHeader};
use super::huffman::{PAIR_BITS, Table};
use super::planes::{Column, Edges, Planes};
use crate::stop::Stop;
use crate::window::Window;

/// Surplus bytes between the last MCU and the next marker that are tolerated (with a doubt).
const SURPLUS_MOST: u64 = 64;
/// A sample differs from mid-grey by at most 128 (at 8 bits); encoders that soften ringing go some way beyond.
const AMPLITUDE: u64 = 176;

/// Tables in force when a scan begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    pub(crate) dc: [Option<Rc<Table>>; 4],
    pub(crate) ac: [Option<Rc<Table>>; 4],
    /// Quantisation, in zigzag order.
    pub(crate) quant: [Option<Rc<[u16; 64]>>; 4],
    /// MCUs between restart markers; 0 for none.
    pub(crate) restart: u32,
}

/// One scan being decoded. Cloned, it can be continued later over other bytes.
#[derive(Clone)]
pub(crate) struct Scan {
    header: ScanHeader,
    coding: Coding,
    precision: u8,
    parts: Vec<Part>,
    bits: Bits,
    mcu: u64,
    mcus: u64,
    mcus_wide: u64,
    /// Whether all components are in this scan.
    is_interleaved: bool,
    restart: u64,
    end_of_bands: u32,
    /// Blocks brighter, darker or busier than samples can make them.
    pub(crate) implausible: u64,
    /// Doubts about the end of the scan.
    pub(crate) doubts: Vec<&'static str>,
    /// Restart markers met in order.
    pub(crate) restarts: u64,
}

/// A component within a scan.
#[derive(Clone)]
struct Part {
    component: usize,
    h: u64,
    v: u64,
    grid_width: u64,
    dc: Option<Rc<Table>>,
    ac: Option<Rc<Table>>,
    quant: Rc<[u16; 64]>,
    prediction: i32,
}

impl Scan {
    /// The scan whose coded data begins at `at`.
    pub(crate) fn new(at: u64, header: ScanHeader, frame: &Frame, tables: &Tables) -> Result<Self, Stop> {
        let missing = |what: &str| Stop::bad(at, format!("a scan uses a {what} table that was not defined"));
        let interleaved = header.components.len() > 1;
        let header_parts = header.components.len();
        let mut parts = Vec::new();
        let (mut wide, mut high) = (u64::from(frame.mcus_wide), u64::from(frame.mcus_high));
        for &(index, dc, ac) in &header.components {
            let component = frame.components.get(index).ok_or_else(|| missing("component"))?;
            let quant = tables.quant.get(usize::from(component.table)).cloned().flatten();
            let (h, v) = if interleaved { (component.h, component.v) } else { (1, 1) };
            if !interleaved {
                (wide, high) = (u64::from(component.own_width), u64::from(component.own_height));
            }
            parts.push(Part {
                component: index,
                h: u64::from(h),
                v: u64::from(v),
                grid_width: u64::from(component.grid_width),
                dc: tables.dc.get(usize::from(dc)).cloned().flatten(),
                ac: tables.ac.get(usize::from(ac)).cloned().flatten(),
                quant: quant.ok_or_else(|| missing("quantisation"))?,
                prediction: 0,
            });
        }
        let (needs_dc, needs_ac) = match frame.coding {
            Coding::Sequential => (true, true),
            _ => (header.first == 0 && header.high == 0, header.first > 0),
        };
        if parts.iter().any(|part| (needs_dc && part.dc.is_none()) || (needs_ac && part.ac.is_none())) {
            return Err(missing("Huffman"));
        }
        Ok(Self {
            header,
            coding: frame.coding,
            precision: frame.precision,
            parts,
            bits: Bits::new(at),
            mcu: 0,
            mcus: wide.saturating_mul(high),
            mcus_wide: wide.max(1),
            is_interleaved: header_parts == frame.components.len(),
            restart: u64::from(tables.restart),
            end_of_bands: 0,
            implausible: 0,
            doubts: Vec::new(),
            restarts: 0,
        })
    }

    /// Decodes to the end of the scan and returns the offset of the marker after it. `seen` is called before each MCU.
    pub(crate) fn run(
        &mut self,
        window: &mut Window<'_>,
        planes: &mut Planes,
        mut seen: impl FnMut(&Self),
    ) -> Result<u64, Stop> {
        while self.mcu < self.mcus {
            seen(self);
            self.step(window, planes)?;
        }
        self.finish(window)
    }

    /// Decodes one more MCU, if there is one.
    pub(crate) fn step(&mut self, window: &mut Window<'_>, planes: &mut Planes) -> Result<(), Stop> {
        if self.mcu >= self.mcus {
            return Ok(());
        }
        if self.restart > 0 && self.mcu > 0 && self.mcu.is_multiple_of(self.restart) {
            self.restart_marker(window)?;
        }
        self.one_mcu(window, planes)?;
        self.mcu = self.mcu.saturating_add(1);
        Ok(())
    }

    /// After the last MCU: the offset of the marker that ends the scan.
    fn finish(&mut self, window: &mut Window<'_>) -> Result<u64, Stop> {
        if self.end_of_bands > 0 {
            return Err(Stop::bad(self.bits.at(), "a run of empty blocks reaches beyond the end of the scan"));
        }
        let (surplus, ones, ended) = self.bits.finish(SURPLUS_MOST, window)?;
        if surplus > 0 {
            self.doubts.push("surplus bytes between the last MCU of a scan and the next marker");
        } else if !ones {
            self.doubts.push("the bits that fill the last byte of a scan are not ones");
        }
        match ended {
            Ended::Marker(0xd0..=0xd7, next) => Err(Stop::bad(next, "a restart marker after the last MCU")),
            Ended::Marker(_, next) => Ok(next.saturating_sub(2)),
            Ended::End(at) => Err(Stop::End(at)),
            Ended::Unreadable(at) => Err(Stop::Unreadable(at)),
        }
    }

    /// How far the upper left block of the first component of MCU `mcu` is from continuing the block above it, in quarter
    /// sample units; `None` in the first row.
    pub(crate) fn misfit(&self, mcu: u64, planes: &Planes) -> Option<i32> {
        let part = self.parts.first()?;
        let (row, column) = (mcu / self.mcus_wide, mcu % self.mcus_wide);
        let block = row.checked_mul(part.v)?.checked_mul(part.grid_width)?.checked_add(column.checked_mul(part.h)?)?;
        let edges = planes.edges.get(part.component)?;
        let here = edges.get(usize::try_from(block).ok()?)?;
        let above = edges.get(usize::try_from(block.checked_sub(part.grid_width)?).ok()?)?;
        Some((i32::from(here.top) - i32::from(above.bottom)).abs())
    }

    /// Bits are taken from before this offset.
    pub(crate) const fn raw_at(&self) -> u64 {
        self.bits.raw_at()
    }

    /// About where decoding stands.
    pub(crate) fn at(&self) -> u64 {
        self.bits.at()
    }

    /// Whether there are MCUs left to decode.
    pub(crate) const fn has_more(&self) -> bool {
        self.mcu < self.mcus
    }

    /// MCUs decoded.
    pub(crate) const fn mcu(&self) -> u64 {
        self.mcu
    }

    /// The row of MCUs of the whole picture that decoding stands in; 0 in a scan that holds only some components.
    pub(crate) fn row(&self) -> u64 {
        if self.is_interleaved { self.mcu / self.mcus_wide } else { 0 }
    }

    /// The longest row of equal coded bytes.
    pub(crate) const fn longest_run(&self) -> u64 {
        self.bits.longest_run
    }

    /// A copy to continue from, perhaps over other bytes.
    pub(crate) fn saved(&self) -> Self {
        Self {
            header: self.header.clone(),
            parts: self.parts.clone(),
            bits: self.bits.saved(),
            doubts: self.doubts.clone(),
            ..*self
        }
    }

    fn restart_marker(&mut self, window: &mut Window<'_>) -> Result<(), Stop> {
        if self.end_of_bands > 0 {
            return Err(Stop::bad(self.bits.at(), "a run of empty blocks reaches across a restart"));
        }
        let (surplus, ones, ended) = self.bits.finish(SURPLUS_MOST, window)?;
        if surplus > 0 || !ones {
            self.doubts.push("surplus data before a restart marker");
        }
        let expected = 0xd0 | (self.restarts % 8) as u8;
        match ended {
            Ended::Marker(code, next) if code == expected => self.bits.restart(next),
            Ended::Marker(code, next) => {
                let at = next.saturating_sub(2);
                return Err(Stop::bad(at, format!("marker FF{code:02X} where restart marker FF{expected:02X} is due")));
            }
            Ended::End(at) => return Err(Stop::End(at)),
            Ended::Unreadable(at) => return Err(Stop::Unreadable(at)),
        }
        self.restarts = self.restarts.saturating_add(1);
        self.parts.iter_mut().for_each(|part| part.prediction = 0);
        Ok(())
    }

    fn one_mcu(&mut self, window: &mut Window<'_>, planes: &mut Planes) -> Result<(), Stop> {
        let (row, column) = (self.mcu / self.mcus_wide, self.mcu % self.mcus_wide);
        window.budget.pay(
            self.parts.iter().fold(0, |work, part| part.h.wrapping_mul(part.v).wrapping_mul(64).wrapping_add(work)),
        )?;
        for index in 0..self.parts.len() {
            let Some(part) = self.parts.get(index) else { break };
            let (h, v, width, component) = (part.h, part.v, part.grid_width, part.component);
            for y in 0..v {
                for x in 0..h {
                    let block = row
                        .wrapping_mul(v)
                        .wrapping_add(y)
                        .wrapping_mul(width)
                        .wrapping_add(column.wrapping_mul(h).wrapping_add(x));
                    self.block(index, component, block, window, planes)?;
                }
            }
        }
        Ok(())
    }

    fn block(
        &mut self,
        part: usize,
        component: usize,
        block: u64,
        window: &mut Window<'_>,
        planes: &mut Planes,
    ) -> Result<(), Stop> {
        match (self.coding, self.header.first, self.header.high) {
            (Coding::Sequential, ..) => *planes.edges(component, block) = self.sequential(part, window)?,
            (_, 0, 0) => {
                let value = self.dc_difference(part, window)? << self.header.low;
                let edges = planes.edges(component, block);
                edges.add(0, self.judge_mean(part, value)?);
            }
            (_, 0, _) => {
                self.bits.take(1, window)?;
            }
            (_, _, 0) => {
                let mut edges = *planes.edges(component, block);
                self.band_first(part, planes.coded(component, block), &mut edges, window)?;
                *planes.edges(component, block) = edges;
            }
            _ => self.band_again(part, planes.coded(component, block), window)?,
        }
        Ok(())
    }

    fn dc_difference(&mut self, part: usize, window: &mut Window<'_>) -> Result<i32, Stop> {
        let Some(part) = self.parts.get_mut(part) else { return Ok(0) };
        let Some(table) = part.dc.as_deref() else { return Ok(0) };
        let (size, difference) = match self.bits.coefficient(table, window)? {
            // All of the symbol is a size here, but one that does not fit four bits is refused below.
            Some(both) => both,
            None => {
                let size = symbol(&mut self.bits, Some(table), window)?;
                (size, value(&mut self.bits, size & 15, window)?)
            }
        };
        if size > if self.precision == 8 { 11 } else { 15 } {
            return Err(Stop::bad(self.bits.at(), "a DC difference larger than samples allow"));
        }
        part.prediction = part.prediction.saturating_add(difference).clamp(-(1 << 20), 1 << 20);
        Ok(part.prediction)
    }

    /// Dequantises a DC coefficient and judges the block's mean: samples bound it.
    fn judge_mean(&mut self, part: usize, dc: i32) -> Result<i32, Stop> {
        let step = self.parts.get(part).map_or(1, |part| part.quant.first().map_or(1, |step| i32::from(*step)));
        let value = dc.saturating_mul(step);
        let mean = value / 8;
        let scale = 1 << (self.precision.saturating_sub(8));
        let most = (AMPLITUDE as i32).saturating_mul(scale);
        if mean.abs() > most.saturating_add(step / 8) {
            self.implausible = self.implausible.saturating_add(1);
            if mean.abs() > most.saturating_mul(4).saturating_add(step) {
                return Err(Stop::bad(self.bits.at(), "a block far brighter or darker than samples can be"));
            }
        }
        Ok(value)
    }

    /// One block of a sequential scan.
    #[inline(always)]
    fn sequential(&mut self, index: usize, window: &mut Window<'_>) -> Result<Edges, Stop> {
        let dc = self.dc_difference(index, window)?;
        let dc = self.judge_mean(index, dc)?;
        let Self { parts, bits, precision, .. } = self;
        let Some(part) = parts.get(index) else { return Ok(Edges::default()) };
        let Some((table, pairs)) = part.ac.as_deref().and_then(|table| Some((table, table.pairs()?))) else {
            return Ok(Edges::default());
        };
        let (mut column, mut sums, mut place) = (Column::default(), Sums::default(), 1_u32);
        // In registers: nearly every code and its coefficient are found with one look at few bits.
        let (mut held, mut count) = bits.take_out();
        while place < 64 {
            if count < PAIR_BITS {
                (held, count) = bits.refill((held, count), window)?;
            }
            let pair = pairs.first(held);
            let length = u32::from(pair.length);
            if length == 0 || length > count {
                bits.put_back((held, count));
                let Some((next, value)) = coefficient(bits, table, place, *precision, window)? else { break };
                (held, count) = bits.take_out();
                place = next;
                if value != 0 {
                    sums.add(part, &mut column, place, value);
                    place = place.wrapping_add(1);
                }
                continue;
            }
            held = held.wrapping_shl(length);
            count = count.wrapping_sub(length);
            if pair.value == 0 {
                bits.put_back((held, count));
                break;
            }
            place = place.wrapping_add(u32::from(pair.zeros));
            if place > 63 {
                bits.put_back((held, count));
                return Err(Stop::bad(bits.at(), "more than 64 coefficients in a block"));
            }
            sums.add(part, &mut column, place, i32::from(pair.value));
            place = place.wrapping_add(1);
        }
        if place == 64 {
            bits.put_back((held, count));
        }
        self.judge_energy(index, &sums)?;
        Ok(column.edges(dc))
    }

    /// The DCT keeps energy (Parseval): 64 samples within ±amplitude cannot make more than 64 · amplitude². Rounding to
    /// the quantisation step adds at most a step per coefficient.
    #[inline(always)]
    fn judge_energy(&mut self, index: usize, sums: &Sums) -> Result<(), Stop> {
        let scale = 1_u64 << (self.precision.saturating_sub(8));
        let amplitude = AMPLITUDE.saturating_mul(8).saturating_mul(scale);
        if sums.energy <= amplitude.saturating_mul(amplitude) {
            return Ok(());
        }
        self.judge_excess(index, sums, amplitude)
    }

    #[cold]
    fn judge_excess(&mut self, index: usize, sums: &Sums, amplitude: u64) -> Result<(), Stop> {
        let Some(part) = self.parts.get(index) else { return Ok(()) };
        let steps = (0_u32..).zip(part.quant.iter()).filter(|(place, _)| sums.places >> place & 1 == 1);
        let steps =
            steps.fold(0, |sum: u64, (_, step)| sum.saturating_add(u64::from(*step).saturating_mul(u64::from(*step))));
        let energy = sums.energy;
        let most = amplitude.saturating_add(steps.isqrt());
        if energy > most.saturating_mul(most) {
            self.implausible = self.implausible.saturating_add(1);
        }
        if energy > most.saturating_mul(most).saturating_mul(16) {
            return Err(Stop::bad(self.bits.at(), "a block with far more contrast than samples can have"));
        }
        Ok(())
    }

    /// One block of the first scan of a band (T.81, G.1.2.2).
    fn band_first(
        &mut self,
        index: usize,
        coded: &mut u64,
        edges: &mut Edges,
        window: &mut Window<'_>,
    ) -> Result<(), Stop> {
        if self.end_of_bands > 0 {
            self.end_of_bands = self.end_of_bands.saturating_sub(1);
            return Ok(());
        }
        let table = self.parts.get(index).and_then(|part| part.ac.as_deref());
        let (mut place, last) = (self.header.first, self.header.last);
        while place <= last {
            let symbol = symbol(&mut self.bits, table, window)?;
            let (zeros, size) = (symbol >> 4, symbol & 15);
            if size == 0 && zeros < 15 {
                let more = self.bits.take(u32::from(zeros), window)?;
                self.end_of_bands = (1_u32 << zeros).saturating_add(more).saturating_sub(1);
                return Ok(());
            }
            place = place.saturating_add(zeros);
            if place > last || size > 14 {
                return Err(Stop::bad(
                    self.bits.at(),
                    "more coefficients in a block than the band has, or one too large",
                ));
            }
            if size > 0 {
                let value = value(&mut self.bits, size, window)? << self.header.low;
                let step =
                    self.parts.get(index).and_then(|part| part.quant.get(usize::from(place))).copied().unwrap_or(1);
                edges.add(place, value.saturating_mul(i32::from(step)));
                *coded |= 1 << place;
            }
            place = place.saturating_add(1);
        }
        Ok(())
    }

    /// One block of a refinement scan of a band (T.81, G.1.2.3).
    fn band_again(&mut self, index: usize, coded: &mut u64, window: &mut Window<'_>) -> Result<(), Stop> {
        let table = self.parts.get(index).and_then(|part| part.ac.as_deref());
        let (mut place, last) = (self.header.first, self.header.last);
        while self.end_of_bands == 0 && place <= last {
            let symbol = symbol(&mut self.bits, table, window)?;
            let (mut zeros, size) = (symbol >> 4, symbol & 15);
            if size > 1 {
                return Err(Stop::bad(self.bits.at(), "a refinement by more than one bit"));
            }
            if size == 0 && zeros < 15 {
                let more = self.bits.take(u32::from(zeros), window)?;
                self.end_of_bands = (1_u32 << zeros).saturating_add(more);
                break;
            }
            self.bits.take(u32::from(size), window)?;
            while place <= last {
                if *coded >> place & 1 == 1 {
                    self.bits.take(1, window)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros = zeros.saturating_sub(1);
                }
                place = place.saturating_add(1);
            }
            if size == 1 {
                if place > last {
                    return Err(Stop::bad(self.bits.at(), "more coefficients in a block than the band has"));
                }
                *coded |= 1 << place;
            }
            place = place.saturating_add(1);
        }
        if self.end_of_bands > 0 {
            self.end_of_bands = self.end_of_bands.saturating_sub(1);
            for place in place..=last {
                if *coded >> place & 1 == 1 {
                    self.bits.take(1, window)?;
                }
            }
        }
        Ok(())
    }
}

/// What the coefficients of a block add up to.
#[derive(Default)]
struct Sums {
    energy: u64,
    /// Bit k says that coefficient k is not 0.
    places: u64,
}

impl Sums {
    /// Adds the coefficient at `place`, below 64.
    #[inline(always)]
    fn add(&mut self, part: &Part, column: &mut Column, place: u32, value: i32) {
        // Below 2^15 times below 2^16: the product does not leave 32 bits, nor its square 64.
        #[expect(clippy::indexing_slicing, reason = "masked to the table's size, in the hottest loop of the crate")]
        let step = i32::from(part.quant[place as usize & 63]);
        let size = value.wrapping_mul(step);
        column.enter(place, size);
        let wide = i64::from(size);
        self.energy = self.energy.saturating_add(wide.wrapping_mul(wide).cast_unsigned());
        self.places |= 1_u64.wrapping_shl(place);
    }
}

/// The next coefficient, where it needs a closer look: its place, and its value; a value of 0 where zeros lead to the place.
/// `None` at the end of the block.
#[cold]
fn coefficient(
    bits: &mut Bits,
    table: &Table,
    place: u32,
    precision: u8,
    window: &mut Window<'_>,
) -> Result<Option<(u32, i32)>, Stop> {
    let largest = if precision == 8 { 10 } else { 14 };
    let (symbol, value) = match bits.coefficient(table, window)? {
        Some(both) => both,
        None => {
            let symbol = symbol(bits, Some(table), window)?;
            (symbol, value(bits, symbol & 15, window)?)
        }
    };
    let (zeros, size) = (u32::from(symbol >> 4), symbol & 15);
    let place = match (zeros, size) {
        (0, 0) => return Ok(None),
        (15, 0) => place.saturating_add(16),
        (_, 0) => return Err(Stop::bad(bits.at(), "a code that baseline pictures do not use")),
        _ => place.saturating_add(zeros),
    };
    if place > 63 || size > largest {
        return Err(Stop::bad(bits.at(), "more than 64 coefficients in a block, or one too large"));
    }
    Ok(Some((place, value)))
}

/// The next Huffman symbol.
#[inline]
fn symbol(bits: &mut Bits, table: Option<&Table>, window: &mut Window<'_>) -> Result<u8, Stop> {
    let ahead = bits.peek16(window)?;
    match table.and_then(|table| table.decode(ahead)) {
        Some((length, symbol)) => {
            bits.drop_bits(length)?;
            Ok(symbol)
        }
        None => {
            // Where the data ends early the padding is no code either: say that it ends, not that a code is wrong.
            bits.drop_bits(16)?;
            Err(Stop::bad(bits.at(), "bits that are no Huffman code of this picture"))
        }
    }
}

/// A coefficient of `size` bits.
#[inline]
fn value(bits: &mut Bits, size: u8, window: &mut Window<'_>) -> Result<i32, Stop> {
    let number = bits.take(u32::from(size), window)?.cast_signed();
    if size == 0 {
        return Ok(0);
    }
    let half = 1_i32 << (size - 1);
    Ok(if number < half { number - 2 * half + 1 } else { number })
}
