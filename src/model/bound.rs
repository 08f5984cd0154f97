//! Which pairs cannot have a weight, by what is known of them without comparing text: one comparison after the other,
//! the most telling first, until what the rest can add at most is too little. [`decide`](super::decide) compares what is
//! left.

use super::{
    order::{Order, Told},
    score::{Scorer, Weight},
};
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

    /// The greatest weight of one of these levels where the comparison is made of no others that agree, for the places of
    /// the words of two rows.
    #[inline]
    fn alone(
        &self,
        scorer: &Scorer<'_>,
        batch: &Batch<'_, '_>,
        weights: &[Weight],
        levels: u32,
        places: (usize, usize),
    ) -> i32 {
        self.adjusted(weights, levels, |weight| adjustment(scorer, batch, weight, places))
    }

    /// Adds to each sum the greatest weight of its levels that are not adjusted, and notes the places of those of which a
    /// level is adjusted. Gives how much that was in all, and how many were noted.
    #[inline]
    fn add_plain(
        &self,
        weights: &[Weight],
        levels: &[u32],
        sums: &mut [i32],
        noted: &mut [u8; NEAR],
    ) -> (i64, usize) {
        let (mut added, mut count) = (0, 0);
        for (at, (sum, &levels)) in (0u8..).zip(sums.iter_mut().zip(levels)) {
            let plain = self.plain(weights, levels).max(LEAST);
            *sum += plain;
            added += i64::from(plain);
            // Which pairs these are is as good as random: found without branches.
            noted[count % NEAR] = at;
            count += usize::from(levels & self.bits != 0);
        }
        (added, count)
    }

    /// Raises each sum to which [`Greatest::add_plain`] has added where a level that is adjusted weighs more; `frequency`
    /// says what the values' frequency adds, by the pair's place. Gives how much that was in all.
    #[inline]
    fn add_adjusted(
        &self,
        noted: &[u8],
        weights: &[Weight],
        levels: &[u32],
        sums: &mut [i32],
        frequency: impl Fn(usize, &Weight) -> i32,
    ) -> i64 {
        let mut added = 0;
        for at in noted.iter().map(|&at| usize::from(at)) {
            let plain = self.plain(weights, levels[at]).max(LEAST);
            let more = self.adjusted(weights, levels[at], |weight| frequency(at, weight)) - plain;
            sums[at] += more;
            added += i64::from(more);
        }
        added
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

/// What the frequency of the values adds to a level, for the places of the words of two rows.
#[inline]
fn adjustment(scorer: &Scorer<'_>, batch: &Batch<'_, '_>, weight: &Weight, places: (usize, usize)) -> i32 {
    weight.frequency.as_ref().map_or(0, |frequency| {
        let (x, y) = batch.symbols(frequency.column, places);
        scorer.adjustment_of(frequency, x, y)
    })
}

/// The most that a pair can get by a comparison, by the levels that it may have.
#[inline]
pub(super) fn most(
    scorer: &Scorer<'_>,
    batch: &Batch<'_, '_>,
    comparison: usize,
    possible: &Possible,
    at: usize,
    places: (usize, usize),
) -> i32 {
    let levels = possible.of(comparison)[at];
    let (weights, greatest) = (&scorer.weights[comparison], &scorer.greatest[comparison]);
    let made_of = &scorer.made_of[comparison];
    let alone = || greatest.alone(scorer, batch, weights, levels, places);
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

/// One thread's room for sorting pairs out.
#[derive(Debug)]
pub(super) struct Bounds {
    order: Order,
    /// What those behind each in the order can add at most.
    rest: Vec<i32>,
    /// Of the pairs in work that may have the weight still: the places of their words, their numbers, what they may weigh by
    /// what was looked at, and their levels in one comparison.
    places: Vec<(usize, usize)>,
    at: Vec<u32>,
    sums: Vec<i32>,
    levels: Vec<u32>,
}

impl Bounds {
    pub(super) fn new(scorer: &Scorer<'_>) -> Self {
        let mut own = Bounds {
            order: Order::new(scorer.weights.len()),
            rest: Vec::new(),
            places: Vec::new(),
            at: Vec::new(),
            sums: Vec::new(),
            levels: Vec::new(),
        };
        own.add_up(scorer);
        own
    }

    fn add_up(&mut self, scorer: &Scorer<'_>) {
        let mut rest = 0;
        self.rest.clear();
        self.rest.resize(self.order.comparisons().len(), 0);
        for (to, &comparison) in self.rest.iter_mut().zip(self.order.comparisons()).rev() {
            *to = rest;
            rest += scorer.ceilings[comparison];
        }
    }

    /// The pairs that may have a weight of `least`, to `left`.
    pub(super) fn sift(
        &mut self,
        scorer: &Scorer<'_>,
        batch: &Batch<'_, '_>,
        pairs: &[(u32, u32)],
        least: i32,
        left: &mut Left,
    ) {
        left.at.clear();
        left.sums.clear();
        let possible = &mut left.possible;
        possible.fill(self.rest.len(), pairs.len(), u32::MAX);
        for (from, some) in (0u32..).step_by(NEAR).zip(pairs.chunks(NEAR)) {
            self.places.clear();
            self.places.extend(some.iter().map(|&pair| batch.places(pair)));
            batch.touch(&self.places);
            self.at.clear();
            self.at.extend(from..from + some.len() as u32);
            self.sums.clear();
            self.sums.resize(some.len(), scorer.prior);
            for stage in 0..self.rest.len() {
                self.look(scorer, batch, stage, possible);
                self.keep(least.saturating_sub(self.rest[stage]));
                if self.at.is_empty() {
                    break;
                }
            }
            left.at.extend_from_slice(&self.at);
            left.sums.extend_from_slice(&self.sums);
            let telling =
                |at: usize, told: Told| told.bits / (told.work + 1) * 64 / (batch.effort(at) + 2) as u64;
            if self.order.count(some.len(), telling) {
                self.add_up(scorer);
            }
        }
    }

    /// Looks at one comparison.
    fn look(&mut self, scorer: &Scorer<'_>, batch: &Batch<'_, '_>, stage: usize, possible: &mut Possible) {
        let comparison = self.order.comparisons()[stage];
        self.levels.clear();
        self.levels.resize(self.at.len(), 0);
        batch.possible_of(comparison, &self.places, &mut self.levels);
        let own = possible.of_mut(comparison);
        self.levels.iter().zip(&self.at).for_each(|(&levels, &at)| own[at as usize] = levels);
        let added = if scorer.made_of[comparison].is_empty() {
            let (weights, greatest) = (&scorer.weights[comparison], &scorer.greatest[comparison]);
            let (levels, sums, mut noted) = (&self.levels, &mut self.sums, [0; NEAR]);
            let (added, count) = greatest.add_plain(weights, levels, sums, &mut noted);
            let frequency = |at: usize, weight: &Weight| adjustment(scorer, batch, weight, self.places[at]);
            added + greatest.add_adjusted(&noted[..count], weights, levels, sums, frequency)
        } else {
            let mut added = 0;
            for ((&places, &at), sum) in self.places.iter().zip(&self.at).zip(&mut self.sums) {
                let most = most(scorer, batch, comparison, possible, at as usize, places);
                *sum += most;
                added += i64::from(most);
            }
            added
        };
        let ceiling = scorer.ceilings[comparison];
        let lowered = i64::from(ceiling) * self.at.len() as i64 - added;
        let told = self.order.told(comparison);
        told.bits += lowered.max(0) as u64;
        told.work += self.at.len() as u64;
    }

    /// Keeps the pairs that may weigh so much by what was looked at.
    fn keep(&mut self, least: i32) {
        let count = self.at.len();
        // Of one length, so that one check of a place serves all.
        let (at, places, sums) = (&mut self.at[..count], &mut self.places[..count], &mut self.sums[..count]);
        let mut kept = 0;
        for from in 0..count {
            let sum = sums[from];
            at[kept] = at[from];
            places[kept] = places[from];
            sums[kept] = sum;
            kept += usize::from(sum >= least);
        }
        self.at.truncate(kept);
        self.places.truncate(kept);
        self.sums.truncate(kept);
    }
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
            let batch = Batch::new(&bound);
            let count = table.len() as u32;
            let pairs: Vec<(u32, u32)> = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect();
            let weights: Vec<MatchWeight> = pairs.iter().map(|&(a, b)| scorer.score(a, b)).collect();
            for &least in &weights {
                let mut found = Vec::new();
                scorer.batch().at_least(&pairs, least, |a, b, weight| found.push(((a, b), weight)));
                let all = pairs.iter().copied().zip(weights.iter().copied());
                prop_assert_eq!(found, all.filter(|(_, weight)| *weight >= least).collect::<Vec<_>>());
                let (mut bounds, mut left) = (Bounds::new(&scorer), Left::default());
                bounds.sift(&scorer, &batch, &pairs, least.thousandths(), &mut left);
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
