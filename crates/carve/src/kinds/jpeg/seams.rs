//! Rows where a picture becomes another one.
//!
//! A decoder can be led through foreign data without noticing (Huffman codes resynchronise), and by bad luck the MCU
//! count may still come out right. What then betrays the join is the picture: from one MCU on, for a whole row's length
//! in raster order, every block differs from the block above it. Natural pictures have such edges too; so a seam is only
//! a doubt, never a proof of damage.

use super::frame::Frame;
use super::planes::Planes;

/// A row's median step must be at least this many sample units to be called a seam…
const STEP_LEAST: i32 = 12;
/// …and this many times the usual step of the picture.
const STEP_FACTOR: i32 = 5;
/// Narrower pictures have too few blocks in a row for a median.
const WIDTH_LEAST: usize = 4;

/// The MCU row at which the largest seam begins, if there is one.
pub(crate) fn find(frame: &Frame, planes: &Planes) -> Option<u64> {
    frame
        .components
        .iter()
        .zip(&planes.means)
        .filter_map(|(component, means)| {
            let width = usize::try_from(component.grid_width).ok()?;
            let height = usize::try_from(component.v).ok()?;
            seam(means, width, height)
        })
        .min()
}

/// `means` row by row, `width` blocks each; MCU rows begin every `step` block rows.
fn seam(means: &[i16], width: usize, step: usize) -> Option<u64> {
    if width < WIDTH_LEAST || step == 0 {
        return None;
    }
    let row = |index: usize| {
        let from = index.checked_mul(width)?;
        means.get(from..from.checked_add(width)?)
    };
    // Steps from the last block row of each MCU row to the first of the next, in raster order.
    let mut steps: Vec<i32> = Vec::new();
    let mut index = step;
    while let (Some(above), Some(below)) = (row(index.saturating_sub(1)), row(index)) {
        steps.extend(above.iter().zip(below).map(|(a, b)| (i32::from(*b) - i32::from(*a)).abs()));
        index = index.saturating_add(step);
    }
    let usual = median(&mut steps.clone());
    let limit = usual.saturating_mul(STEP_FACTOR).max(STEP_LEAST);
    let stride = (width / 4).max(1);
    let mut from = 0_usize;
    while let Some(window) = steps.get(from..from.saturating_add(width)) {
        if median(&mut window.to_vec()) > limit {
            return Some((from / width) as u64 + 1);
        }
        from = from.saturating_add(stride);
    }
    None
}

fn median(values: &mut [i32]) -> i32 {
    let middle = values.len() / 2;
    if values.is_empty() { 0 } else { *values.select_nth_unstable(middle).1 }
}
