//! Which pairs cannot have a weight, by what is known of them without comparing text: the most that each can weigh, added
//! up for a run of pairs together. [`decide`](super::decide) compares what is left.

use super::{
    bound::{Left, agreeing, most},
    score::{Frequency, Scorer, Weight},
};
use crate::{
    ahead::{self, Aligned},
    compare::{Batch, NEAR, Possible, Symbols},
    similarity::{Work, compiled},
};
use std::{iter::zip, ops::Range};

/// One number for each pair of a run.
type PerLane = Aligned<[i32; NEAR]>;

/// Less than any level weighs: so much is added where no level is possible.
const LEAST: i32 = -2_000_000;

/// One thread's room for telling which pairs cannot have a weight.
pub(super) struct Sifter<'a> {
    scorer: &'a Scorer<'a>,
    ways: Vec<Way<'a>>,
}

impl std::fmt::Debug for Sifter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sifter").field("ways", &self.ways.len()).finish_non_exhaustive()
    }
}

impl<'a> Sifter<'a> {
    pub(super) fn new(scorer: &'a Scorer<'a>) -> Self {
        Sifter { scorer, ways: (0..scorer.weights.len()).map(|own| Way::new(scorer, own)).collect() }
    }

    /// The pairs that may have a weight of `least`, to `left`. O(pairs × comparisons).
    pub(super) fn sift(
        &mut self,
        batch: &mut Batch<'_, '_>,
        pairs: &[(u32, u32)],
        least: i32,
        left: &mut Left,
    ) {
        let Sifter { scorer, ways } = self;
        let Left { at: left, sums: weights, possible } = left;
        left.clear();
        weights.clear();
        batch.possible(pairs, possible, |run, possible, symbols| {
            // First, so that rareness is on its way while all else is added up.
            ways.iter_mut().for_each(|way| way.note(&run, possible, symbols));
            let mut sums = Aligned([scorer.prior; NEAR]);
            for way in &*ways {
                way.add(scorer, &run, possible, symbols, &mut sums);
            }
            for (&sum, at) in sums.0.iter().zip(run).filter(|(sum, _)| **sum >= least) {
                left.push(at as u32);
                weights.push(sum);
            }
        });
    }
}

/// How the most that a comparison can add is found for a run of pairs.
struct Way<'a> {
    comparison: usize,
    /// Levels that are not adjusted.
    plain: Levels,
    adjusted: Adjusted<'a>,
    /// What the comparison is made of, with the levels that agree, and what its own levels weigh beside these.
    made_of: Vec<(usize, u32)>,
    beside: Levels,
}

/// Levels as bits, and what each weighs. Of more levels than there are bits all may be possible, and stand for those
/// beyond.
type Levels = Vec<(u32, i32)>;

/// What is known of levels that the rareness of values adjusts.
enum Adjusted<'a> {
    None,
    /// By the rareness of the values of one column.
    One(Noted<'a>),
    /// By that of several columns, or of what lists have in common.
    Several,
}

/// Levels adjusted by the rareness of the values of one column, and the pairs of a run that may have one of these.
struct Noted<'a> {
    levels: Vec<(u32, i32, Frequency)>,
    bits: u32,
    column: usize,
    rareness: &'a [i32],
    at: [u8; NEAR],
    count: usize,
}

impl<'a> Way<'a> {
    fn new(scorer: &'a Scorer<'_>, comparison: usize) -> Self {
        let bit = |at: usize| 1u32 << at.min(31);
        let weights = || scorer.weights[comparison].iter().enumerate();
        let plain = weights().filter(|(_, weight)| weight.frequency.is_none());
        let beside = weights().map(|(at, weight)| (bit(at), weight.same - weight.beside));
        let adjusted = |(at, weight): (usize, &Weight)| Some((bit(at), weight.same, weight.frequency?));
        let levels: Vec<(u32, i32, Frequency)> = weights().filter_map(adjusted).collect();
        let made_of = scorer.made_of[comparison].iter().map(|&(other, count)| (other, agreeing(count)));
        Way {
            comparison,
            plain: plain.map(|(at, weight)| (bit(at), weight.same)).collect(),
            adjusted: Adjusted::new(scorer, levels),
            beside: beside.collect(),
            made_of: made_of.collect(),
        }
    }

    /// Notes the pairs that may have a level which is adjusted; the rareness of their values is read ahead.
    fn note(&mut self, run: &Range<usize>, possible: &Possible, symbols: &Symbols<'_>) {
        if let Adjusted::One(noted) = &mut self.adjusted {
            noted.note(&possible.of(self.comparison)[run.clone()], symbols.all(noted.column));
        }
    }

    /// Adds to each sum the most that the pair can get, as [`most`] gives it.
    fn add(
        &self,
        scorer: &Scorer<'_>,
        run: &Range<usize>,
        possible: &Possible,
        symbols: &Symbols<'_>,
        sums: &mut PerLane,
    ) {
        if matches!(self.adjusted, Adjusted::Several) {
            for (at, (sum, pair)) in zip(&mut sums.0, run.clone()).enumerate() {
                *sum += most(scorer, self.comparison, possible, pair, |column| symbols.of(column, at));
            }
            return;
        }
        let levels_of = |comparison: usize| {
            let mut levels = Aligned([0; NEAR]);
            levels.0[..run.len()].copy_from_slice(&possible.of(comparison)[run.clone()]);
            levels
        };
        let levels = levels_of(self.comparison);
        let mut alone = Aligned([LEAST; NEAR]);
        compiled(Most { weights: &self.plain, levels: &levels, most: &mut alone });
        if let Adjusted::One(noted) = &self.adjusted {
            noted.raise(&levels, symbols.all(noted.column), &mut alone);
        }
        if !self.made_of.is_empty() {
            let mut beside = Aligned([LEAST; NEAR]);
            compiled(Most { weights: &self.beside, levels: &levels, most: &mut beside });
            let (mut can, mut must) = ([true; NEAR], [true; NEAR]);
            for &(other, agreeing) in &self.made_of {
                let levels = levels_of(other).0;
                for at in 0..NEAR {
                    can[at] &= levels[at] & agreeing != 0;
                    must[at] &= levels[at] & !agreeing == 0;
                }
            }
            for at in 0..NEAR {
                let (alone, beside) = (&mut alone.0[at], beside.0[at]);
                *alone = if !can[at] {
                    *alone
                } else if must[at] {
                    beside
                } else {
                    beside.max(*alone)
                };
            }
        }
        zip(&mut sums.0[..run.len()], &alone.0).for_each(|(sum, more)| *sum += more);
    }
}

impl<'a> Adjusted<'a> {
    fn new(scorer: &'a Scorer<'_>, levels: Vec<(u32, i32, Frequency)>) -> Self {
        let Some((_, _, first)) = levels.first().copied() else { return Adjusted::None };
        let together = levels.iter().all(|(_, _, other)| first.is_of_same(other));
        match scorer.rareness(&first).of_values().filter(|_| together) {
            Some(rareness) => Adjusted::One(Noted {
                bits: levels.iter().fold(0, |bits, (bit, ..)| bits | bit),
                levels,
                column: first.column,
                rareness,
                at: [0; NEAR],
                count: 0,
            }),
            None => Adjusted::Several,
        }
    }
}

impl Noted<'_> {
    fn note(&mut self, levels: &[u32], (x, y): (&[u32; NEAR], &[u32; NEAR])) {
        self.count = 0;
        for (at, levels) in (0u8..).zip(levels) {
            // Which these are is as good as random: found without branches.
            self.at[self.count % NEAR] = at;
            self.count += usize::from(levels & self.bits != 0);
        }
        for at in self.places() {
            ahead::fetch(self.rareness, x[at] as usize);
            ahead::fetch(self.rareness, y[at] as usize);
        }
    }

    /// The places of the pairs in the run.
    fn places(&self) -> impl Iterator<Item = usize> {
        self.at[..self.count].iter().map(|&at| usize::from(at) % NEAR)
    }

    /// Raises what the pairs can get to what the adjusted levels give; `x` and `y` are the numbers of their values.
    fn raise(&self, levels: &Aligned<[u32; NEAR]>, (x, y): (&[u32; NEAR], &[u32; NEAR]), most: &mut PerLane) {
        let (mut rareness, mut known) = (Aligned([0; NEAR]), Aligned([0; NEAR]));
        for at in self.places() {
            let (x, y) = (x[at], y[at]);
            rareness.0[at] = self.rareness[x as usize].min(self.rareness[y as usize]);
            known.0[at] = -i32::from((x != 0) & (y != 0));
        }
        compiled(MostAdjusted { weights: &self.levels, rareness: &rareness, known: &known, levels, most });
    }
}

/// Raises the weight of each pair to the greatest of the levels that are possible.
struct Most<'a> {
    weights: &'a [(u32, i32)],
    levels: &'a Aligned<[u32; NEAR]>,
    most: &'a mut PerLane,
}

impl Work for Most<'_> {
    #[inline(always)]
    fn run(self) {
        let (levels, most) = (&self.levels.0, &mut self.most.0);
        for &(level, weight) in self.weights {
            for at in 0..NEAR {
                let own = if levels[at] & level != 0 { weight } else { LEAST };
                most[at] = most[at].max(own);
            }
        }
    }
}

/// The same of levels that are adjusted by rareness, where that is known.
struct MostAdjusted<'a> {
    weights: &'a [(u32, i32, Frequency)],
    rareness: &'a PerLane,
    /// All bits where it is.
    known: &'a PerLane,
    levels: &'a Aligned<[u32; NEAR]>,
    most: &'a mut PerLane,
}

impl Work for MostAdjusted<'_> {
    #[inline(always)]
    fn run(self) {
        let (levels, most) = (&self.levels.0, &mut self.most.0);
        let (rareness, known) = (&self.rareness.0, &self.known.0);
        for &(level, weight, frequency) in self.weights {
            for at in 0..NEAR {
                let adds = frequency.of(rareness[at]) & known[at];
                let own = if levels[at] & level != 0 { weight + adds } else { LEAST };
                most[at] = most[at].max(own);
            }
        }
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
            let model = Model { version: VERSION, prior, relatives: 0.0, unseen_rows: 0, comparisons: weighed.to_vec() };
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
                Sifter::new(&scorer).sift(&mut batch, &pairs, least.thousandths(), &mut left);
                for (&at, &sum) in left.at.iter().zip(&left.sums) {
                    let (a, b) = pairs[at as usize];
                    let symbols = |column| (table.symbol(a, column), table.symbol(b, column));
                    let most = (0..3).map(|own| most(&scorer, own, &left.possible, at as usize, symbols));
                    prop_assert_eq!(sum, scorer.prior + most.sum::<i32>());
                }
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
