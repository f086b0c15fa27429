//! Every number that bounds the work of the carver.

use serde::Serialize;

/// One mebibyte.
const MIB: u64 = 1 << 20;

/// Bounds of time and memory. None depends on the number of threads, so results do not either.
///
/// A *unit of work* is one byte read, one byte decoded, or one step of a walk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Bytes one thread reads and searches at once. 1 MiB stays within the L2 cache of current processors.
    pub scan_block_bytes: u64,
    /// Bytes of medium whose candidates are judged before the search goes on; bounds the list of candidates.
    pub round_bytes: u64,
    /// Units of work one candidate may cost.
    pub candidate_work: u64,
    /// Units of work for candidates that turned out to be nothing, over the whole run: this much…
    pub wasted_work_base: u64,
    /// …and this much for each byte searched so far.
    pub wasted_work_per_byte: u64,
    /// Units of work every candidate may cost, even when the others have used up everything.
    pub least_work: u64,
    /// The same once candidates that led to nothing have cost four times what was set aside for them.
    pub last_work: u64,
    /// Units of work one search for a second fragment may cost.
    pub bridge_work: u64,
    /// Units of work for fragment searches over the whole run: this much…
    pub bridge_work_base: u64,
    /// …and this much for each byte searched so far.
    pub bridge_work_per_byte: u64,
    /// Longest gap between two fragments, in clusters (of 512, 1024, 2048, 4096 and 32768 bytes).
    pub gap_clusters: u64,
    /// Memory of all judges together, in bytes; who needs more than is free waits.
    pub judge_memory_bytes: u64,
    /// Memory one judge may ask for, in bytes; a file that needs more is judged by structure alone.
    pub candidate_memory_bytes: u64,
    /// Header-only finds that get a line of their own; further ones are only counted.
    pub header_only_listed: u64,
    /// Candidates of one round; further ones are counted as cut short.
    pub round_candidates: u64,
    /// Threads; more would not fit the memory promise (below 256 MiB).
    pub jobs: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            scan_block_bytes: MIB,
            round_bytes: 64 * MIB,
            candidate_work: 16 << 30,
            wasted_work_base: 4 << 30,
            wasted_work_per_byte: 8,
            least_work: MIB / 4,
            last_work: MIB / 16,
            bridge_work: 40 * MIB,
            bridge_work_base: 2 << 30,
            bridge_work_per_byte: 1,
            gap_clusters: 64,
            judge_memory_bytes: 96 * MIB,
            candidate_memory_bytes: 64 * MIB,
            header_only_listed: 100_000,
            round_candidates: 1 << 20,
            jobs: 64,
        }
    }
}
