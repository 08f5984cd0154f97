//! The most that a pair may weigh, by the levels that it may have.

use super::score::{Scorer, Weight};
use crate::compare::Possible;

/// The greatest weights of one comparison, for sets of levels as bits.
pub(super) struct Greatest {
    /// Levels that term frequencies adjust, and these as bits; of more levels than there are bits nothing is told but all
    /// bits or one, so that all stand for those beyond.
    adjusted: Vec<usize>,
    bits: u32,
    /// For each set, the greatest weight of a level that is not adjusted, and the greatest beside comparisons that it is
    /// made of; empty where there are too many sets.
    tables: [Vec<i32>; 2],
}

impl Greatest {
    /// The most levels for which there is a table of all sets.
    const MOST: usize = 12;

    pub(super) fn new(weights: &[Weight]) -> Self {
        let adjusted: Vec<usize> = (0..weights.len()).filter(|&at| weights[at].frequency.is_some()).collect();
        let bits = adjusted.iter().fold(0, |bits, &at| bits | if at < 32 { 1 << at } else { u32::MAX });
        let mut own = Greatest { adjusted, bits, tables: [Vec::new(), Vec::new()] };
        if weights.len() <= Self::MOST {
            let sets = 0..1u32 << weights.len();
            own.tables = [
                sets.clone().map(|levels| own.plain(weights, levels)).collect(),
                sets.map(|levels| own.beside(weights, levels)).collect(),
            ];
        }
        own
    }

    #[inline]
    fn plain(&self, weights: &[Weight], levels: u32) -> i32 {
        self.of(0, weights, levels, |weight| if weight.frequency.is_some() { i32::MIN } else { weight.same })
    }

    #[inline]
    fn beside(&self, weights: &[Weight], levels: u32) -> i32 {
        self.of(1, weights, levels, |weight| weight.same - weight.beside)
    }

    #[inline]
    fn of(&self, table: usize, weights: &[Weight], levels: u32, of: impl Fn(&Weight) -> i32) -> i32 {
        let table = &self.tables[table];
        if !table.is_empty() {
            return table[levels as usize & (table.len() - 1)];
        }
        let all = weights.iter().enumerate().filter(|(at, _)| may(levels, *at));
        all.map(|(_, weight)| of(weight)).max().unwrap_or(i32::MIN)
    }

    /// The greatest weight of one of these levels; `frequency` says what the values' frequency adds to one.
    #[inline]
    fn adjusted(&self, weights: &[Weight], levels: u32, frequency: impl Fn(&Weight) -> i32) -> i32 {
        let mut most = self.plain(weights, levels);
        if levels & self.bits != 0 {
            for &at in self.adjusted.iter().filter(|at| may(levels, **at)) {
                most = most.max(weights[at].same + frequency(&weights[at]));
            }
        }
        most
    }
}

/// The most that a pair can get by a comparison, by the levels that it may have; `symbols` are the numbers of its values
/// in a column.
#[inline]
pub(super) fn most(
    scorer: &Scorer<'_>,
    comparison: usize,
    possible: &Possible,
    at: usize,
    symbols: impl Fn(usize) -> (u32, u32),
) -> i32 {
    let levels = possible.of(comparison)[at];
    let (weights, greatest) = (&scorer.weights[comparison], &scorer.greatest[comparison]);
    let made_of = &scorer.made_of[comparison];
    let alone = || greatest.adjusted(weights, levels, |weight| scorer.frequency(weight, &symbols));
    if made_of.is_empty() {
        return alone();
    }
    match agree_perhaps(made_of.iter().map(|&(other, count)| (count, possible.of(other)[at]))) {
        Some(true) => greatest.beside(weights, levels),
        Some(false) => alone(),
        None => greatest.beside(weights, levels).max(alone()),
    }
}

/// Whether a level is possible. Those beyond the bits are where all bits are set.
#[inline]
fn may(levels: u32, at: usize) -> bool {
    if at < 32 { levels >> at & 1 != 0 } else { levels == u32::MAX }
}

/// Whether all comparisons of a list agree, neither null nor all else, by how many levels each has and which of these a
/// pair may have in it, where that tells.
#[inline]
fn agree_perhaps(made_of: impl Iterator<Item = (u8, u32)>) -> Option<bool> {
    let mut all = Some(true);
    for (count, levels) in made_of {
        let agreeing = agreeing(count);
        if levels & agreeing == 0 {
            return Some(false);
        }
        if levels & !agreeing != 0 {
            all = None;
        }
    }
    all
}

/// Of a comparison with so many levels those that agree, as bits; where these do not tell all, all of which nothing is
/// told.
pub(super) fn agreeing(count: u8) -> u32 {
    if count < 31 { (1 << (count + 1)) - 2 } else { u32::MAX - 1 }
}

/// Pairs that may have a weight: their places in a chunk, and the most that each can have.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) at: Vec<u32>,
    pub(super) sums: Vec<i32>,
    /// The levels that each pair of the chunk may have in each comparison; those of pairs that are not left mean nothing.
    pub(super) possible: Possible,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Weights of levels, null among them, some of them adjusted.
    fn weights() -> impl Strategy<Value = Vec<(i32, i32, bool, i32)>> {
        let one = (-9000i32..9000, -3000i32..3000, any::<bool>(), -4000i32..4000);
        prop::collection::vec(one, 2..Greatest::MOST + 4)
    }

    proptest! {
        #[test]
        fn no_level_weighs_more_than_the_greatest_of_its_set(own in weights(), sets in any::<u32>()) {
            let adds: Vec<i32> = own.iter().map(|one| one.3).collect();
            let weights: Vec<Weight> = own
                .iter()
                .map(|&(same, beside, adjusted, _)| {
                    let mut weight = Weight::default();
                    (weight.same, weight.beside) = (same, beside);
                    weight.frequency = adjusted.then(Default::default);
                    weight
                })
                .collect();
            let greatest = Greatest::new(&weights);
            let set = sets & ((1 << weights.len()) - 1);
            // Told by its place, since what adjusts is the same of all.
            let add = |weight: &Weight| adds[weights.iter().position(|own| std::ptr::eq(own, weight)).unwrap()];
            let of = |at: usize| weights[at].same + weights[at].frequency.map_or(0, |_| adds[at]);
            let all = || (0..weights.len()).filter(|at| set >> at & 1 != 0);
            prop_assert_eq!(greatest.adjusted(&weights, set, add), all().map(of).max().unwrap_or(i32::MIN));
            let beside = all().map(|at| weights[at].same - weights[at].beside).max();
            prop_assert_eq!(greatest.beside(&weights, set), beside.unwrap_or(i32::MIN));
        }

        #[test]
        fn agreement_is_told_where_each_choice_of_levels_agrees(sets in prop::collection::vec(1u32..32, 1..4)) {
            // Of three levels 0 is null and 4 all else.
            let of = |set: u32| (0..5u32).filter(move |at| set >> at & 1 != 0);
            let can = sets.iter().all(|&set| of(set).any(|level| (1..=3).contains(&level)));
            let must = sets.iter().all(|&set| of(set).all(|level| (1..=3).contains(&level)));
            let told = agree_perhaps(sets.iter().map(|&set| (3, set)));
            prop_assert_eq!(told, if must { Some(true) } else if can { None } else { Some(false) });
        }
    }
}
