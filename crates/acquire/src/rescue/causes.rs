//! Why sectors are bad, each reason once.

use crate::attempt::CAUSE_OF_THE_END;

/// Different reasons that are kept; devices give a handful. Further ones count as the last.
const CAUSES_MAX: usize = 1000;
/// Stands for what an interrupted run found, of which only the map is left.
const CAUSE_OF_EARLIER_RUN: &str = "medium error, as an earlier run found that was interrupted";

/// Reasons by number, as [`Status::Bad`](super::Status::Bad) has them; number 0 is [`super::CAUSE_OF_EARLIER_RUN`].
#[derive(Debug)]
pub(crate) struct Causes(Vec<String>);

impl Causes {
    /// Number of the reason where the source ended early.
    pub(crate) const OF_THE_END: u16 = 1;

    pub(crate) fn new() -> Self {
        Self(vec![CAUSE_OF_EARLIER_RUN.to_owned(), CAUSE_OF_THE_END.to_owned()])
    }

    /// The number of a reason.
    pub(crate) fn number(&mut self, cause: &str) -> u16 {
        let known = self.0.iter().position(|known| known == cause);
        let index = known.unwrap_or_else(|| {
            if self.0.len() < CAUSES_MAX {
                self.0.push(cause.to_owned());
            }
            self.0.len().saturating_sub(1)
        });
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    /// The reason with a number.
    pub(crate) fn text(&self, number: u16) -> &str {
        self.0.get(usize::from(number)).map_or("", String::as_str)
    }
}
