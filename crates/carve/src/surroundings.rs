//! What the files around tell about one that cannot tell for itself whether all its bytes are its own.
//!
//! Some formats say how long a file is and vouch for little of what lies there; text says not even that. Whether such a
//! file is believed depends on how the files lie that can tell: proven in one piece, joined from two, or broken off.

/// Files of one medium, as far as it has been searched.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    /// Proven, in one piece, not within others.
    whole: u64,
    /// Joined from two pieces.
    joined: u64,
    /// Good for a while, then broken.
    broken: u64,
}

/// A file good for fewer bytes is as likely the mere beginning of one, in bytes.
const BROKEN_LEAST: u64 = 1024;

impl Surroundings {
    pub(crate) const fn whole(&mut self) {
        self.whole = self.whole.saturating_add(1);
    }

    pub(crate) const fn joined(&mut self) {
        self.joined = self.joined.saturating_add(1);
    }

    /// Notes a file that is good for so many bytes.
    pub(crate) const fn broken(&mut self, good: u64) {
        if good >= BROKEN_LEAST {
            self.broken = self.broken.saturating_add(1);
        }
    }

    /// Why a file should not be believed of which nothing but a number tells where it ends: one of ten others is torn or cut
    /// off.
    pub(crate) fn doubt_numbers(&self) -> Option<String> {
        const LEAST: u64 = 2;
        const PART: u64 = 10;
        let torn = self.joined.saturating_add(self.broken);
        let all = torn.saturating_add(self.whole);
        (torn >= LEAST && torn.saturating_mul(PART) >= all)
            .then(|| format!("of {all} files that tell, {torn} are in pieces or broken off"))
    }

    /// Why a text should not be believed: one of three others lies in pieces, or hardly any is whole.
    pub(crate) fn doubt_text(&self) -> Option<String> {
        const LEAST: u64 = 4;
        const PART: u64 = 3;
        let all = self.joined.saturating_add(self.whole);
        if self.joined >= LEAST && self.joined.saturating_mul(PART) >= all {
            return Some(format!(
                "of {all} files that tell, {} lie in pieces, and nothing tells that this one does not",
                self.joined
            ));
        }
        let torn = self.joined.saturating_add(self.broken);
        let all = torn.saturating_add(self.whole);
        (torn >= LEAST && torn.saturating_mul(5) >= all.saturating_mul(4))
            .then(|| format!("of {all} files that tell, {torn} are in pieces or broken off"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_believed_until_others_are_seen_to_be_torn() {
        let mut around = Surroundings::default();
        assert!(around.doubt_numbers().is_none() && around.doubt_text().is_none());
        around.broken(100);
        (0..4).for_each(|_| around.joined());
        assert!(around.doubt_numbers().is_some() && around.doubt_text().is_some());
        (0..20).for_each(|_| around.whole());
        assert!(around.doubt_numbers().is_some() && around.doubt_text().is_none());
        let mut cut_off = Surroundings::default();
        (0..8).for_each(|_| cut_off.broken(BROKEN_LEAST));
        (0..2).for_each(|_| cut_off.whole());
        assert!(cut_off.doubt_text().is_some());
        cut_off.whole();
        assert!(cut_off.doubt_text().is_none());
        (0..20).for_each(|_| around.whole());
        assert!(around.doubt_numbers().is_none());
        around.broken(BROKEN_LEAST);
        assert!(around.doubt_numbers().is_some());
    }
}
