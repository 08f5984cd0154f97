//! In which blocks rows are, of rules of which a row has one value at most: whether two rows share one is asked of every
//! pair.

use crate::ahead;
use std::iter::zip;

/// Rules whose blocks are compared at once.
const LANES: usize = 8;

/// The first so many rules: all bits of each.
#[derive(Debug, Default)]
pub(super) struct First(Vec<[u32; LANES]>);

impl First {
    pub(super) fn rules(count: usize) -> Self {
        let lanes = |from: usize| std::array::from_fn(|lane| if from + lane < count { u32::MAX } else { 0 });
        First((0..count).step_by(LANES).map(lanes).collect())
    }
}

/// For each row the numbers of its blocks side by side, 0 for none: a line of memory holds those of 16 rules.
#[derive(Debug)]
pub(super) struct Keys {
    words: Vec<u32>,
    /// Where a line of memory begins.
    first: usize,
    width: usize,
}

impl Keys {
    /// No row is in any block.
    pub(super) fn new(rows: usize, rules: usize) -> Self {
        let width = rules.next_multiple_of(LANES);
        let (words, first) = ahead::in_lines(rows * width);
        Keys { words, first, width }
    }

    /// Puts a row in a block of a rule; 0 for none.
    #[inline]
    pub(super) fn put(&mut self, row: u32, rule: usize, block: u32) {
        self.words[self.first + row as usize * self.width + rule] = block;
    }

    /// Takes all rows out of the blocks of a rule.
    pub(super) fn leave_out(&mut self, rule: usize) {
        let own = self.words[self.first..].iter_mut().skip(rule);
        own.step_by(self.width).for_each(|block| *block = 0);
    }

    /// A row's block of each rule.
    #[inline]
    pub(super) fn of(&self, row: u32) -> &[u32] {
        &self.words[self.first + row as usize * self.width..][..self.width]
    }

    /// The first rule whose block two rows share.
    pub(super) fn shared(&self, a: u32, b: u32) -> Option<usize> {
        zip(self.of(a), self.of(b)).position(|(a, b)| a == b && *a != 0)
    }

    /// Whether two rows share a block of these rules.
    #[inline(always)]
    pub(super) fn share(&self, rules: &First, a: u32, b: u32) -> bool {
        let mut shared = [0u32; LANES];
        let (mine, theirs) = (self.of(a).as_chunks::<LANES>().0, self.of(b).as_chunks::<LANES>().0);
        for (rules, (mine, theirs)) in zip(&rules.0, zip(mine, theirs)) {
            for lane in 0..LANES {
                let equal = u32::from(mine[lane] == theirs[lane]).wrapping_neg();
                shared[lane] |= equal & mine[lane] & rules[lane];
            }
        }
        shared.into_iter().fold(0, |any, lane| any | lane) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_shared_block_is_found(
            (rules, blocks) in (0usize..20).prop_flat_map(|rules| (
                Just(rules), prop::collection::vec(prop::collection::vec(0u32..3, rules), 2..6),
            )),
            out in 0usize..20, most in 0usize..20,
        ) {
            let mut keys = Keys::new(blocks.len(), rules);
            for (row, own) in (0u32..).zip(&blocks) {
                own.iter().enumerate().for_each(|(rule, &block)| keys.put(row, rule, block));
            }
            if out < rules {
                keys.leave_out(out);
            }
            let most = most.min(rules);
            for (a, b) in (0..blocks.len()).flat_map(|a| (0..blocks.len()).map(move |b| (a, b))) {
                let shares = |&rule: &usize| rule != out && blocks[a][rule] == blocks[b][rule] && blocks[a][rule] != 0;
                prop_assert_eq!(keys.shared(a as u32, b as u32), (0..rules).find(shares));
                let shared = keys.share(&First::rules(most), a as u32, b as u32);
                prop_assert_eq!(shared, (0..most).any(|rule| shares(&rule)));
            }
        }
    }
}
