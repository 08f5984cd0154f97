//! Deciding pairs that may have a weight: one comparison after the other, the most telling first, each only for the pairs
//! that may have the weight by those before it.

use super::{
    bound::{Left, most},
    order::Order,
    score::Scorer,
};
use crate::compare::{Batch, Levels, Possible};

/// How much comparing a pair's texts takes beside looking at it.
const TEXT: u64 = 8;

/// One thread's knowledge of which comparisons tell most.
#[derive(Debug)]
pub(super) struct Decider {
    order: Order,
    /// For each comparison those that are made of it.
    makes: Vec<Vec<usize>>,
}

impl Decider {
    pub(super) fn new(scorer: &Scorer<'_>) -> Self {
        let count = scorer.made_of.len();
        let made = |of: usize| {
            (0..count).filter(|&at| scorer.made_of[at].iter().any(|&(own, _)| own == of)).collect()
        };
        Decider { order: Order::new(count), makes: (0..count).map(made).collect() }
    }

    /// The levels of those pairs that may have a weight of `least` when all are known, to `levels`; the places of these
    /// pairs stay in `left`, which has all of `pairs` at first. What comes out does not depend on the order of
    /// comparisons, only the time.
    pub(super) fn decide(
        &mut self,
        scorer: &Scorer<'_>,
        batch: &mut Batch<'_, '_>,
        pairs: &[(u32, u32)],
        least: i32,
        left: &mut Left,
        levels: &mut Levels,
    ) {
        levels.fill(self.makes.len(), pairs.len(), 0);
        for stage in 0..self.makes.len() {
            if left.at.is_empty() {
                break;
            }
            let comparison = self.order.comparisons()[stage];
            let (own, known) = (levels.of_mut(comparison), left.possible.of(comparison));
            let asked = batch.one(comparison, pairs, &left.at, known, own);
            let told = self.order.told(comparison);
            told.work += left.at.len() as u64 + TEXT * asked as u64;
            if asked == 0 {
                continue;
            }
            let mut kept = 0;
            for from in 0..left.at.len() {
                let (place, mut sum) = (left.at[from], left.sums[from]);
                let at = place as usize;
                let (before, level) =
                    (left.possible.of(comparison)[at], u32::from(levels.of(comparison)[at]));
                if !before.is_power_of_two() && level < 32 {
                    let places = batch.places(pairs[at]);
                    let all = std::iter::once(comparison).chain(self.makes[comparison].iter().copied());
                    let adds = |possible: &Possible| -> i32 {
                        let symbols = |column: usize| batch.symbols(column, places);
                        all.clone().map(|own| most(scorer, own, possible, at, symbols)).sum()
                    };
                    let more = adds(&left.possible);
                    left.possible.of_mut(comparison)[at] = 1 << level;
                    let lower = more - adds(&left.possible);
                    told.bits += lower.max(0) as u64;
                    sum -= lower;
                }
                left.at[kept] = place;
                left.sums[kept] = sum;
                kept += usize::from(sum >= least);
            }
            left.at.truncate(kept);
            left.sums.truncate(kept);
        }
        self.order.count(pairs.len());
    }
}
