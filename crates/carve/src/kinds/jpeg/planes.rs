//! What is remembered of each block: its upper and lower edge, and in progressive pictures which coefficients are not zero.

use super::frame::{Coding, Frame};

/// Sum, for one block, of what its vertical frequencies add at the upper and at the lower edge.
///
/// Averaged over its columns a block is a sum of cosines; half a sample above its first row each cosine is 1, half a sample
/// below its last row they are 1, -1, 1, … The eight coefficients of the first column thus give both edges exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Edges {
    /// Means along the edges, in quarter sample units around 0.
    pub(crate) top: i16,
    pub(crate) bottom: i16,
}

/// Zigzag places of the first column below the DC coefficient, from its lowest frequency to its highest.
const COLUMN: [u8; 7] = [2, 3, 9, 10, 20, 21, 35];

/// By zigzag place: one more than the index in [`COLUMN`]; 0 for the others.
const SLOTS: [u8; 64] = {
    let mut slots = [0; 64];
    let mut index = 0;
    while index < COLUMN.len() {
        #[expect(clippy::indexing_slicing, reason = "computed by the compiler")]
        {
            slots[COLUMN[index] as usize] = index as u8 + 1;
        }
        index += 1;
    }
    slots
};

/// The first column of a block in the making. Entering a coefficient costs no branch, wherever it belongs.
#[derive(Default)]
pub(crate) struct Column([i32; 8]);

impl Column {
    /// Enters the dequantised coefficient at zigzag place `place`, below 64 and above 0.
    #[inline(always)]
    pub(crate) fn enter(&mut self, place: u32, value: i32) {
        #[expect(
            clippy::indexing_slicing,
            reason = "both masked to the tables' sizes, in the hottest loop of the crate"
        )]
        {
            self.0[usize::from(SLOTS[place as usize & 63]) & 7] = value;
        }
    }

    /// The edges of the block with this dequantised DC coefficient.
    #[inline(always)]
    pub(crate) fn edges(&self, dc: i32) -> Edges {
        /// Far beyond what samples can make; with it no sum leaves 32 bits.
        const MOST: i32 = 1 << 20;
        let parts = self.0.map(|value| value.clamp(-MOST, MOST).wrapping_mul(724) / 1024);
        let [_, one, two, three, four, five, six, seven] = parts;
        let even = (dc.clamp(-MOST, MOST) / 2).wrapping_add(two).wrapping_add(four).wrapping_add(six);
        let odd = one.wrapping_add(three).wrapping_add(five).wrapping_add(seven);
        let edge = |sum: i32| sum.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
        Edges { top: edge(even.wrapping_add(odd)), bottom: edge(even.wrapping_sub(odd)) }
    }
}

impl Edges {
    /// Adds the dequantised coefficient at zigzag place `place`, if it belongs to the first column.
    pub(crate) fn add(&mut self, place: u8, value: i32) {
        // From frequency to frequency the sign at the lower edge changes.
        let odd = match place {
            0 | 3 | 10 | 21 => false,
            2 | 9 | 20 | 35 => true,
            _ => return,
        };
        // The DC coefficient counts 1/8, the others 1/(4 √2) = 724/4096 of their value.
        let part = if place == 0 { value / 2 } else { value.saturating_mul(724) / 1024 };
        let clamped = |edge: i16, part: i32| {
            i32::from(edge).saturating_add(part).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
        };
        self.top = clamped(self.top, part);
        self.bottom = clamped(self.bottom, if odd { part.saturating_neg() } else { part });
    }
}

/// Block grids of all components. They grow as the picture is decoded: a header alone costs nothing.
#[derive(Default)]
pub(crate) struct Planes {
    /// Row by row.
    pub(crate) edges: Vec<Vec<Edges>>,
    coded: Vec<Vec<u64>>,
    /// Blocks that each plane comes to.
    most: Vec<usize>,
    spare: u64,
    spare_edges: Edges,
}

impl Planes {
    /// Bytes of memory a frame's grids may come to.
    pub(crate) fn bytes(frame: &Frame) -> u64 {
        let each = if frame.coding == Coding::Progressive { 12 } else { 4 };
        // A growing vector may hold twice what it needs.
        frame.blocks().saturating_mul(each).saturating_mul(2)
    }

    pub(crate) fn new(frame: &Frame) -> Self {
        let count = frame.components.len();
        let most = frame.components.iter().map(|component| frame.blocks_of(component));
        let most = most.map(|blocks| usize::try_from(blocks).unwrap_or(usize::MAX)).collect();
        Self { edges: vec![Vec::new(); count], coded: vec![Vec::new(); count], most, ..Self::default() }
    }

    /// The edges of a block.
    pub(crate) fn edges(&mut self, component: usize, block: u64) -> &mut Edges {
        let most = self.most.get(component).copied().unwrap_or(0);
        match self.edges.get_mut(component).and_then(|plane| slot(plane, block, most)) {
            Some(slot) => slot,
            None => &mut self.spare_edges,
        }
    }

    /// Bit k says that coefficient k of the block is not zero.
    pub(crate) fn coded(&mut self, component: usize, block: u64) -> &mut u64 {
        let most = self.most.get(component).copied().unwrap_or(0);
        match self.coded.get_mut(component).and_then(|plane| slot(plane, block, most)) {
            Some(slot) => slot,
            None => &mut self.spare,
        }
    }
}

/// The place of `block`, growing the plane as far as needed, and some way on; blocks never lie outside the frame the memory
/// was held for.
#[inline(always)]
fn slot<T: Default + Clone>(plane: &mut Vec<T>, block: u64, most: usize) -> Option<&mut T> {
    let index = usize::try_from(block).ok()?;
    if index >= plane.len() {
        grow(plane, index, most);
    }
    plane.get_mut(index)
}

#[cold]
fn grow<T: Default + Clone>(plane: &mut Vec<T>, index: usize, most: usize) {
    /// Blocks added at a time.
    const STEP: usize = 1024;
    let wanted = index.saturating_add(1).next_multiple_of(STEP).min(most);
    if wanted > plane.len() {
        plane.resize(wanted, T::default());
    }
}
