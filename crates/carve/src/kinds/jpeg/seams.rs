//! Rows and stripes where a picture becomes another one.
//!
//! A decoder can be led through foreign data without noticing (Huffman codes resynchronise), and by bad luck the MCU
//! count may still come out right: a few of a hundred overwritten sectors do. What then betrays them is the picture. Along
//! the border of two blocks a picture hardly ever jumps, because its own edges run anywhere; where foreign data begins,
//! everything jumps exactly there. From the foreign data on all means are off, so for a whole row's length in raster
//! order blocks do not continue what lies above (a seam); and the foreign MCUs themselves continue neither what lies
//! above nor what lies below (a stripe). Pictures with grids, frames or fine texture may look like that too; so this is
//! only a doubt, never a proof of damage. A stretch of plain white in plain white shows nothing.

use super::frame::Frame;
use super::planes::{Edges, Planes};

/// A row's median step must be at least this many quarter sample units to be called a seam…
const SEAM_LEAST: i32 = 24;
/// …and this many times the usual step of the picture.
const SEAM_FACTOR: i32 = 4;
/// The same for a stripe: MCUs in a row that fit neither above nor below.
const STRIPE_LEAST: i32 = 40;
const STRIPE_FACTOR: i32 = 8;
/// MCUs of a stripe: fewer than the shortest sector of coded data holds in any but the finest pictures.
const STRIPE_MCUS: usize = 6;
/// Narrower pictures have too few blocks in a row for a median.
const WIDTH_LEAST: usize = 4;

/// The first MCU row, from row `from` on, at which a seam or stripe lies, if there is one.
pub(crate) fn find(frame: &Frame, planes: &Planes, from: u64) -> Option<u64> {
    let of_component = |(component, blocks): (&super::frame::Component, &Vec<Edges>)| {
        let grid = Grid {
            blocks,
            width: usize::try_from(component.grid_width).ok()?,
            h: usize::try_from(component.h).ok()?,
            v: usize::try_from(component.v).ok()?,
        };
        let steps = grid.steps()?;
        let width = grid.width / grid.h;
        // The first row has no steps.
        let from = usize::try_from(from).ok()?.saturating_sub(1).saturating_mul(width);
        [seam(&steps, width, from), stripe(&steps, width, from)].into_iter().flatten().min()
    };
    frame.components.iter().zip(&planes.edges).filter_map(of_component).min()
}

/// The block means of one component.
struct Grid<'a> {
    blocks: &'a [Edges],
    /// Blocks in a row.
    width: usize,
    /// Blocks of an MCU.
    h: usize,
    v: usize,
}

impl Grid<'_> {
    /// For each MCU from the second row on, in raster order: how far its upper left block differs from the block above.
    fn steps(&self) -> Option<Vec<i32>> {
        if self.width / self.h < WIDTH_LEAST {
            return None;
        }
        let row = |index: usize| {
            let from = index.checked_mul(self.width)?;
            self.blocks.get(from..from.checked_add(self.width)?)
        };
        let mut steps = Vec::new();
        let mut index = self.v;
        while let (Some(above), Some(below)) = (row(index.saturating_sub(1)), row(index)) {
            let pairs = above.iter().zip(below).step_by(self.h);
            steps.extend(pairs.map(|(above, below)| (i32::from(below.top) - i32::from(above.bottom)).abs()));
            index = index.saturating_add(self.v);
        }
        Some(steps)
    }
}

/// A stretch of one row's length whose median step is large.
fn seam(steps: &[i32], width: usize, from: usize) -> Option<u64> {
    let limit = median(&mut steps.to_vec()).saturating_mul(SEAM_FACTOR).max(SEAM_LEAST);
    let stride = (width / 4).max(1);
    let starts = (from..steps.len()).step_by(stride);
    for from in starts {
        let window = steps.get(from..from.saturating_add(width).min(steps.len()))?;
        if window.len() > width / 2 && is_median_above(window, limit) {
            return Some((from / width) as u64 + 1);
        }
    }
    None
}

/// Some MCUs in a row that all differ from the row above and from the row below.
fn stripe(steps: &[i32], width: usize, from: usize) -> Option<u64> {
    // The step of the MCU below is the step from this one down to it; the last row has none.
    let below = steps.iter().skip(width).chain(std::iter::repeat(&i32::MAX));
    let misfits: Vec<i32> = steps.iter().zip(below).map(|(up, down)| *up.min(down)).collect();
    let limit = median(&mut misfits.clone()).saturating_mul(STRIPE_FACTOR).max(STRIPE_LEAST);
    let at = misfits.get(from..)?.windows(STRIPE_MCUS).position(|window| {
        let misfitting = window.iter().filter(|misfit| **misfit > limit).count();
        misfitting + 1 >= STRIPE_MCUS
    })?;
    Some((at.saturating_add(from) / width) as u64 + 1)
}

/// Whether the median is above `limit`, which is not negative: told by counting, without looking for it.
pub(crate) fn is_median_above(values: &[i32], limit: i32) -> bool {
    let within = values.iter().filter(|value| **value <= limit).count();
    !values.is_empty() && within <= values.len() / 2
}

pub(crate) fn median(values: &mut [i32]) -> i32 {
    let middle = values.len() / 2;
    if values.is_empty() { 0 } else { *values.select_nth_unstable(middle).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_above_a_limit_by_count_as_by_rank() {
        let mut state = 7_u32;
        for length in 0..40 {
            let values: Vec<i32> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 28) as i32
                })
                .collect();
            for limit in 0..17 {
                assert_eq!(is_median_above(&values, limit), median(&mut values.clone()) > limit, "{values:?}, {limit}");
            }
        }
    }
}
