//! Which pairs cannot have a weight, by what is known of them without comparing text.
//! [`decide`](super::decide) compares what is left.

use super::score::{Scorer, Weight};
use crate::{
    ahead::{self, Aligned},
    compare::{Batch, NEAR, Possible},
    similarity::{Work, compiled},
};
use std::iter::zip;

/// The greatest weights of one comparison, for sets of levels as bits.
pub(super) struct Greatest {
    /// Levels that term frequencies adjust, and these as bits; of more levels than there are bits nothing is told but all
    /// bits or one, so that all stand for those beyond.
    adjusted: Vec<usize>,
    bits: u32,
    /// The other levels as bits, and what each weighs.
    others: Vec<(u32, i32)>,
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
        let others = (0u32..).zip(weights).filter(|(_, weight)| weight.frequency.is_none());
        // Of more levels than there are bits all are possible or one below.
        let others = others.map(|(at, weight)| (1 << at.min(31), weight.same)).collect();
        let mut own = Greatest { adjusted, bits, others, tables: [Vec::new(), Vec::new()] };
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

/// The greatest weight of the levels that are possible, of many pairs.
struct Most<'a> {
    weights: &'a [(u32, i32)],
    levels: &'a [u32],
    most: &'a mut [i32; NEAR],
}

impl Work for Most<'_> {
    #[inline(always)]
    fn run(self) {
        let mut levels = Aligned([0; NEAR]);
        levels.0[..self.levels.len()].copy_from_slice(self.levels);
        self.most.fill(LEAST);
        for &(level, weight) in self.weights {
            for at in 0..NEAR {
                let own = if levels.0[at] & level != 0 { weight } else { LEAST };
                self.most[at] = self.most[at].max(own);
            }
        }
    }
}

/// How the greatest weights of a comparison are found.
enum Way<'a> {
    /// All together: no level is adjusted.
    Plain,
    /// All together, and those noted once more, since the rareness of values adjusts a level.
    Adjusted(Noted<'a>),
    /// One by one.
    Single,
}

impl<'a> Way<'a> {
    fn of(scorer: &'a Scorer<'_>, comparison: usize) -> Self {
        let weights = &scorer.weights[comparison];
        let mut frequencies = weights.iter().filter_map(|weight| weight.frequency.as_ref());
        let Some(first) = frequencies.next() else {
            return if scorer.made_of[comparison].is_empty() { Way::Plain } else { Way::Single };
        };
        let together = scorer.made_of[comparison].is_empty() && frequencies.all(|other| first.is_of_same(other));
        match scorer.rareness(first).of_values().filter(|_| together) {
            Some(values) => {
                Way::Adjusted(Noted { values, column: first.column, at: [0; NEAR], count: 0 })
            }
            None => Way::Single,
        }
    }
}

/// The pairs of a run that may have a level which the rareness of values adjusts.
struct Noted<'a> {
    /// The rareness of the column's values.
    values: &'a [i32],
    column: usize,
    at: [u8; NEAR],
    count: usize,
}

impl Noted<'_> {
    /// Notes the pairs that may have any of some levels, given as bits; their rareness is read ahead.
    fn note(&mut self, levels: &[u32], bits: u32, (x, y): (&[u32; NEAR], &[u32; NEAR])) {
        self.count = 0;
        for (at, levels) in (0u8..).zip(levels) {
            // Which these are is as good as random: found without branches.
            self.at[self.count % NEAR] = at;
            self.count += usize::from(levels & bits != 0);
        }
        for at in self.places() {
            ahead::fetch(self.values, x[at] as usize);
            ahead::fetch(self.values, y[at] as usize);
        }
    }

    /// The places of the pairs in the run.
    fn places(&self) -> impl Iterator<Item = usize> {
        self.at[..self.count].iter().map(|&at| usize::from(at) % NEAR)
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
    let mut ways: Vec<Way<'_>> = (0..scorer.weights.len()).map(|own| Way::of(scorer, own)).collect();
    batch.possible(pairs, possible, |run, possible, symbols| {
        // First, so that rareness is on its way while all else is added up.
        for (comparison, way) in ways.iter_mut().enumerate() {
            if let Way::Adjusted(noted) = way {
                let levels = &possible.of(comparison)[run.clone()];
                noted.note(levels, scorer.greatest[comparison].bits, symbols.all(noted.column));
            }
        }
        let (mut sums, mut more) = (Aligned([scorer.prior; NEAR]), Aligned([0; NEAR]));
        for (comparison, way) in ways.iter().enumerate() {
            let levels = &possible.of(comparison)[run.clone()];
            if matches!(way, Way::Single) {
                for (at, (more, pair)) in more.0.iter_mut().zip(run.clone()).enumerate() {
                    *more = most(scorer, comparison, possible, pair, |column| symbols.of(column, at));
                }
            } else {
                let greatest = &scorer.greatest[comparison];
                compiled(Most { weights: &greatest.others, levels, most: &mut more.0 });
            }
            if let Way::Adjusted(noted) = way {
                let (weights, greatest) = (&scorer.weights[comparison], &scorer.greatest[comparison]);
                let (x, y) = symbols.all(noted.column);
                for at in noted.places() {
                    let rareness = noted.values[x[at] as usize].min(noted.values[y[at] as usize]);
                    let known = x[at] != 0 && y[at] != 0;
                    for &own in &greatest.adjusted {
                        let Weight { same, frequency: Some(frequency), .. } = &weights[own] else { continue };
                        let add = if known { frequency.of(rareness) } else { 0 };
                        if may(levels[at], own) {
                            more.0[at] = more.0[at].max(same + add);
                        }
                    }
                }
            }
            zip(&mut sums.0, &more.0).for_each(|(sum, more)| *sum += more);
        }
        for (&sum, at) in sums.0.iter().zip(run).filter(|(sum, _)| **sum >= least) {
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
