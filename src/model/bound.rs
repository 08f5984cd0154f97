//! Which pairs cannot have a weight, by what is known of them without comparing text.
//! [`decide`](super::decide) compares what is left.

use super::score::{Scorer, Weight};
use crate::compare::{Batch, NEAR, Possible};

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

    /// Adds to each sum the greatest weight of its levels; `frequency` says what the values' frequency adds to one, by the
    /// pair's place, and is told by `soon` of what it will be asked. At most [`NEAR`] pairs.
    #[inline]
    fn add(
        &self,
        weights: &[Weight],
        levels: &[u32],
        sums: &mut [i32],
        soon: impl Fn(usize, &Weight),
        frequency: impl Fn(usize, &Weight) -> i32,
    ) {
        let (mut noted, mut count) = ([0u8; NEAR], 0);
        for (at, (sum, &levels)) in (0u8..).zip(sums.iter_mut().zip(levels)) {
            *sum += self.plain(weights, levels).max(LEAST);
            // Which pairs have a level that is adjusted is as good as random: found without branches.
            noted[count % NEAR] = at;
            count += usize::from(levels & self.bits != 0);
        }
        if let Some(&first) = self.adjusted.first() {
            noted[..count].iter().for_each(|&at| soon(usize::from(at), &weights[first]));
        }
        for at in noted[..count].iter().map(|&at| usize::from(at)) {
            let plain = self.plain(weights, levels[at]).max(LEAST);
            sums[at] += self.adjusted(weights, levels[at], |weight| frequency(at, weight)) - plain;
        }
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

/// Less than any level weighs: so much is added where all levels are adjusted, until it is known how.
const LEAST: i32 = -2_000_000;

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
        let agreeing = if count < 31 { (1u32 << (count + 1)) - 2 } else { return None };
        if levels & agreeing == 0 {
            return Some(false);
        }
        if levels & !agreeing != 0 {
            all = None;
        }
    }
    all
}

/// Pairs that may have a weight: their places in a chunk, and the most that each can have.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) at: Vec<u32>,
    pub(super) sums: Vec<i32>,
    /// The levels that each pair of the chunk may have in each comparison; those of pairs that are not left mean nothing.
    pub(super) possible: Possible,
}

/// The pairs that may have a weight of `least`, to `left`. O(pairs × comparisons).
pub(super) fn sift(
    scorer: &Scorer<'_>,
    batch: &mut Batch<'_, '_>,
    pairs: &[(u32, u32)],
    least: i32,
    left: &mut Left,
) {
    let Left { at: left, sums: weights, possible } = left;
    left.clear();
    weights.clear();
    batch.possible(pairs, possible, |run, possible, symbols| {
        let mut sums = [scorer.prior; NEAR];
        for comparison in 0..scorer.weights.len() {
            if scorer.made_of[comparison].is_empty() {
                let levels = &possible.of(comparison)[run.clone()];
                let adds =
                    |at: usize, weight: &Weight| scorer.frequency(weight, |column| symbols.of(column, at));
                let soon = |at: usize, weight: &Weight| {
                    scorer.fetch(weight, |column| symbols.of(column, at));
                };
                scorer.greatest[comparison].add(&scorer.weights[comparison], levels, &mut sums, soon, adds);
            } else {
                for (at, (sum, pair)) in sums.iter_mut().zip(run.clone()).enumerate() {
                    *sum += most(scorer, comparison, possible, pair, |column| symbols.of(column, at));
                }
            }
        }
        for (&sum, at) in sums.iter().zip(run).filter(|(sum, _)| **sum >= least) {
            left.push(at as u32);
            weights.push(sum);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compare::{Comparison, Comparisons, Level, Test},
        model::{Model, Probabilities, VERSION, Weighed},
        table::{ColumnSpec, Kind, RawTable, Table},
        weight::MatchWeight,
    };
    use proptest::prelude::*;

    /// Weights of levels, null among them, some of them adjusted.
    fn weights() -> impl Strategy<Value = Vec<(i32, i32, bool, i32)>> {
        let one = (-9000i32..9000, -3000i32..3000, any::<bool>(), -4000i32..4000);
        prop::collection::vec(one, 2..Greatest::MOST + 4)
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![Just(String::new()), "[ab]{1,2}", "ann[ae]?", "lee[sk]?"]
    }

    fn probability() -> impl Strategy<Value = f64> {
        (0.0f64..12.0).prop_map(|bits| (-bits).exp2())
    }

    /// Two comparisons of names, and one that is made of them.
    fn comparisons() -> [Comparison; 3] {
        let adjusted = |column: &str| Level::new(Test::Exact).with_term_frequency(column);
        let near = || Level::new(Test::DamerauLevenshtein(1));
        let swapped = Level::new(Test::Swapped("surname".into())).with_term_frequency("given");
        [
            Comparison::new("given", ["given"]).level(adjusted("given")).level(swapped).level(near()),
            Comparison::new("surname", ["surname"]).level(adjusted("surname")).level(near()),
            Comparison::new("mail", ["mail"])
                .made_of(["given", "surname"])
                .level(adjusted("mail"))
                .level(Level::new(Test::JaroWinkler(0.8)).with_term_frequency("mail")),
        ]
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

        #[test]
        fn no_pair_is_sorted_out_that_has_the_weight(
            rows in prop::collection::vec((text(), text(), text()), 2..12),
            probabilities in prop::collection::vec((probability(), probability(), probability()), 10),
            prior in probability(),
        ) {
            let mut raw = RawTable::new(["given", "surname", "mail"]).unwrap();
            for (id, (given, surname, mail)) in rows.iter().enumerate() {
                raw.push("crm", &id.to_string(), &[given, surname, mail]).unwrap();
            }
            let columns = ["given", "surname", "mail"].map(|name| ColumnSpec::new(name, Kind::Exact));
            let table = Table::prepare(raw, &columns).unwrap();
            let mut probabilities = probabilities.iter();
            let weighed = comparisons().map(|comparison| {
                let made = !comparison.made_of.is_empty();
                let levels = (0..=comparison.levels.len()).map(|_| {
                    let &(m, u, beside) = probabilities.next().unwrap();
                    Probabilities { m, u, collision: None, beside: made.then_some(beside), relatives: None }
                });
                Weighed { levels: levels.collect(), comparison }
            });
            let model = Model { version: VERSION, prior, relatives: 0.0, comparisons: weighed.to_vec() };
            let bound = Comparisons::bind(&table, &comparisons()).unwrap();
            let scorer = Scorer::new(&model, &bound).unwrap();
            let mut batch = Batch::new(&bound);
            let count = table.len() as u32;
            let pairs: Vec<(u32, u32)> = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect();
            let weights: Vec<MatchWeight> = pairs.iter().map(|&(a, b)| scorer.score(a, b)).collect();
            for &least in &weights {
                let mut found = Vec::new();
                scorer.batch().at_least(&pairs, least, |a, b, weight| found.push(((a, b), weight)));
                let all = pairs.iter().copied().zip(weights.iter().copied());
                prop_assert_eq!(found, all.filter(|(_, weight)| *weight >= least).collect::<Vec<_>>());
                let mut left = Left::default();
                sift(&scorer, &mut batch, &pairs, least.thousandths(), &mut left);
                for (at, (&(a, b), &weight)) in pairs.iter().zip(&weights).enumerate() {
                    if left.at.contains(&(at as u32)) {
                        let levels = (0..3).map(|own| (own, bound.level(own, a, b)));
                        prop_assert!(levels.into_iter().all(|(own, level)| left.possible.of(own)[at] >> level & 1 != 0));
                    } else {
                        prop_assert!(weight < least);
                    }
                }
            }
        }
    }
}
