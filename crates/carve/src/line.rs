//! Work done out of order and settled in order.
//!
//! What a job may spend depends on what the jobs before it spent, so that hostile ones cannot use up everything. If each
//! job waited for the one before, nothing would run at the same time; if none did, results would depend on chance. So a job
//! may start when all but the last few before it are settled, and its allowance is fixed by the settled ones: the same on
//! any number of threads.

use std::collections::VecDeque;

/// Whether a job can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ready {
    Now,
    /// Something before it must be settled first, or it will turn out to be nothing.
    NotYet,
}

enum Slot<R> {
    Waiting,
    Running,
    Done(R),
}

/// Jobs in order, results in order.
pub(crate) struct Line<J, R> {
    jobs: VecDeque<J>,
    /// The state of the first jobs, at most the window's width.
    slots: VecDeque<Slot<R>>,
    /// What they may spend.
    allowed: VecDeque<u64>,
    /// Jobs settled so far.
    settled: u64,
}

impl<J, R> Line<J, R> {
    /// `jobs`, of which `window` may be under way at the same time; the first ones may spend `allowed` each.
    pub(crate) fn new(jobs: impl IntoIterator<Item = J>, window: usize, allowed: u64) -> Self {
        let jobs: VecDeque<J> = jobs.into_iter().collect();
        let slots = jobs.iter().take(window).map(|_| Slot::Waiting).collect();
        let allowed = std::iter::repeat_n(allowed, window).collect();
        Self { jobs, slots, allowed, settled: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Starts the first job that is ready: its number, itself, what it may spend.
    pub(crate) fn start(&mut self, mut ready: impl FnMut(&J) -> Ready) -> Option<(u64, &J, u64)> {
        let mut place = None;
        for (index, (slot, job)) in self.slots.iter().zip(&self.jobs).enumerate() {
            // Asked for running jobs too: it has to know what comes before.
            let now = ready(job);
            if matches!(slot, Slot::Waiting) && now == Ready::Now {
                place = Some(index);
                break;
            }
        }
        let index = place?;
        *self.slots.get_mut(index)? = Slot::Running;
        let number = self.settled.saturating_add(index as u64);
        Some((number, self.jobs.get(index)?, self.allowed.get(index).copied()?))
    }

    /// Hands in the result of job `number`.
    pub(crate) fn hand_in(&mut self, number: u64, result: R) {
        let index = number.checked_sub(self.settled).and_then(|index| usize::try_from(index).ok());
        if let Some(slot) = index.and_then(|index| self.slots.get_mut(index)) {
            *slot = Slot::Done(result);
        }
    }

    /// The job to be settled next with its result and allowance, if it has a result; it stays in line.
    pub(crate) fn first(&self) -> Option<(&J, Option<&R>, u64)> {
        let result = match self.slots.front()? {
            Slot::Done(result) => Some(result),
            Slot::Running => return None,
            Slot::Waiting => None,
        };
        Some((self.jobs.front()?, result, self.allowed.front().copied()?))
    }

    /// Puts the first job back to be done again with another allowance.
    pub(crate) fn again(&mut self, allowed: u64) {
        if let (Some(slot), Some(old)) = (self.slots.front_mut(), self.allowed.front_mut()) {
            (*slot, *old) = (Slot::Waiting, allowed);
        }
    }

    /// Takes the first job out. What the one that moves up may spend is said by [`Line::allow`].
    pub(crate) fn settle(&mut self) -> Option<(J, Option<R>)> {
        let window = self.slots.len();
        let slot = self.slots.pop_front()?;
        let job = self.jobs.pop_front()?;
        self.allowed.pop_front();
        if self.jobs.len() >= window {
            self.slots.push_back(Slot::Waiting);
        }
        self.settled = self.settled.saturating_add(1);
        let result = match slot {
            Slot::Done(result) => Some(result),
            Slot::Waiting | Slot::Running => None,
        };
        Some((job, result))
    }
}

impl<J, R> Line<J, R> {
    /// The job that moved up when one was settled may spend `work`.
    pub(crate) fn allow(&mut self, work: u64) {
        self.allowed.push_back(work);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowances_depend_on_what_was_settled_and_not_on_who_was_first() {
        let run = |order: &[usize]| {
            let mut line: Line<u64, u64> = Line::new(0..10, 3, 100);
            let (mut spent, mut seen) = (0, Vec::new());
            let mut under_way = Vec::new();
            for pick in order.iter().cycle() {
                while let Some((number, job, allowed)) = line.start(|_| Ready::Now) {
                    under_way.push((number, *job, allowed));
                }
                if under_way.is_empty() {
                    break;
                }
                let (number, job, allowed) = under_way.remove(pick % under_way.len());
                line.hand_in(number, job + allowed);
                while let Some((_, Some(_), _)) = line.first() {
                    spent += 1;
                    let (job, result) = line.settle().unwrap();
                    line.allow(100 - spent);
                    seen.push((job, result));
                }
            }
            assert!(line.is_empty());
            seen
        };
        let first = run(&[0]);
        assert_eq!(first.len(), 10);
        assert_eq!(first[3], (3, Some(3 + 99)), "allowed when the first one was settled");
        assert_eq!(first, run(&[2, 0, 1]));
        assert_eq!(first, run(&[7, 1]));
    }
}
