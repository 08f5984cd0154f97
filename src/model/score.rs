//! Scoring: from the levels of a pair to its match weight.

use super::{
    FLOOR, Model,
    bound::{Greatest, Left},
    decide::Decider,
    log2_odds,
    rareness::{Rareness, is_of_lists},
    sift::Sifter,
};
use crate::{
    compare::{Batch, Comparisons, Level, Levels},
    error::{Error, Result},
    weight::MatchWeight,
};
use serde::Serialize;

/// A model tied to a table: scores pairs of its rows.
pub struct Scorer<'a> {
    comparisons: &'a Comparisons<'a>,
    model: &'a Model,
    pub(super) prior: i32,
    relatives: Option<i32>,
    pub(super) weights: Vec<Vec<Weight>>,
    pub(super) greatest: Vec<Greatest>,
    /// For each comparison, those that it is made of, each with the number of its levels.
    pub(super) made_of: Vec<Vec<(usize, u8)>>,
    /// For each column that adjusts: what each value's frequency says, in thousandths of a bit.
    rareness: Vec<Rareness>,
    /// log2(1 + 2^x) for x from -12 to 12 bits in steps of 1/64 bit.
    softplus: Vec<i32>,
}

/// What a level says, in thousandths of a bit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weight {
    pub(super) same: i32,
    related: i32,
    /// What is taken off both where the comparison agrees with those that it is made of.
    pub(super) beside: i32,
    pub(super) frequency: Option<Frequency>,
}

/// How the frequency of a value adjusts a level.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Frequency {
    pub(super) column: usize,
    rareness: usize,
    /// What a value at random says.
    base: i32,
    /// 1024 for all of it.
    weight: i32,
    /// The most that a value can say.
    most: i32,
}

impl Frequency {
    /// Whether another level is adjusted by the rareness of the same values.
    pub(super) fn is_of_same(&self, other: &Frequency) -> bool {
        (self.column, self.rareness) == (other.column, other.rareness)
    }

    /// What a value adds of which this is known.
    #[inline(always)]
    pub(super) fn of(&self, rareness: i32) -> i32 {
        let full = rareness.min(self.most) - self.base;
        if self.weight == 1024 { full } else { full * self.weight / 1024 }
    }
}

/// One contribution to a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// The comparison.
    pub comparison: String,
    /// The level's name.
    pub level: String,
    /// The level's weight.
    pub weight: MatchWeight,
    /// What the frequency of the value adds, or what is taken off since it is made of values that agree as well.
    pub term_frequency: MatchWeight,
}

/// A score with all that it is the sum of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairScore {
    /// The prior.
    pub prior: MatchWeight,
    /// One for each comparison that is not null.
    pub parts: Vec<Part>,
    /// What is taken off since relatives explain the same.
    pub relatives: MatchWeight,
    /// The sum.
    pub total: MatchWeight,
}

pub(super) fn millibits(bits: f64) -> i32 {
    (bits.clamp(-1000.0, 1000.0) * 1000.0).round() as i32
}

const STEPS: i32 = 64;
const REACH: i32 = 12;

impl<'a> Scorer<'a> {
    /// Ties a model to the comparisons bound from [`Model::comparisons`].
    ///
    /// # Errors
    /// Where the model does not hold together, or a level's term frequencies are of a column that is not there.
    pub fn new(model: &'a Model, comparisons: &'a Comparisons<'a>) -> Result<Self> {
        model.check()?;
        if model.comparisons.len() != comparisons.len() {
            return Err(Error::invalid(format!(
                "the model has {} comparisons and {} are bound; bind those of the model",
                model.comparisons.len(),
                comparisons.len()
            )));
        }
        let table = comparisons.table();
        let mut rareness: Vec<(usize, bool, u32, f64, Rareness)> = Vec::new();
        let mut weights = Vec::with_capacity(model.comparisons.len());
        for weighed in &model.comparisons {
            let name = &weighed.comparison.name;
            let mut own = vec![Weight::default()];
            for (at, probabilities) in weighed.levels.iter().enumerate() {
                let against = |p: f64| millibits((p.max(FLOOR) / probabilities.u.max(FLOOR)).log2());
                let mut weight = Weight {
                    same: against(probabilities.m),
                    related: against(probabilities.relatives.unwrap_or(probabilities.u)),
                    beside: probabilities.beside.map_or(0, against),
                    frequency: None,
                };
                let level = weighed.comparison.levels.get(at);
                if let Some((level, adjusts)) = level.and_then(|l| Some((l, l.term_frequency.as_ref()?))) {
                    let column = table.column_of(adjusts).map_err(|error| error.in_field(name))?;
                    // A value at random says as much as equality of values does.
                    let of_lists = is_of_lists(level);
                    let exact = weighed.comparison.levels.iter().position(|level| {
                        !of_lists
                            && level.term_frequency.is_some()
                            && level.test.is_equality_of(adjusts, weighed.comparison.columns.first())
                    });
                    let base = &weighed.levels[exact.unwrap_or(at)];
                    let (own, least) = (level.term_frequency_own, level.term_frequency_minimum);
                    let known = |known: &(usize, bool, u32, f64, Rareness)| {
                        (known.0, known.1, known.2) == (column, of_lists, own)
                            && (own == 0 || known.3 == least)
                    };
                    let place = match rareness.iter().position(known) {
                        Some(place) => place,
                        None => {
                            let made = Rareness::new(table, column, level, model.unseen_rows);
                            rareness.push((column, of_lists, own, least, made));
                            rareness.len() - 1
                        }
                    };
                    weight.frequency = Some(Frequency {
                        column,
                        rareness: place,
                        base: millibits(-base.collision.unwrap_or(base.u).max(FLOOR).log2()),
                        weight: (level.term_frequency_weight.clamp(0.0, 1.0) * 1024.0).round() as i32,
                        most: if least > 0.0 { millibits(-least.log2()) } else { i32::MAX },
                    });
                }
                own.push(weight);
            }
            weights.push(own);
        }
        let odds = |p: f64| millibits(log2_odds(p));
        let rareness: Vec<Rareness> = rareness.into_iter().map(|(.., values)| values).collect();
        Ok(Scorer {
            comparisons,
            model,
            prior: odds(model.prior),
            relatives: (model.relatives > 0.0).then(|| odds(model.relatives)),
            greatest: weights.iter().map(|weights| Greatest::new(weights)).collect(),
            weights,
            rareness,
            made_of: model.made_of(),
            softplus: (-REACH * STEPS..=REACH * STEPS)
                .map(|step| millibits((1.0 + (f64::from(step) / f64::from(STEPS)).exp2()).log2()))
                .collect(),
        })
    }

    /// The comparisons.
    pub fn comparisons(&self) -> &'a Comparisons<'a> {
        self.comparisons
    }

    /// The weight of a pair without evidence.
    pub fn prior(&self) -> MatchWeight {
        MatchWeight::of_thousandths(self.prior)
    }

    /// What a level of a comparison says, in thousandths of a bit, without the frequency of values.
    pub(crate) fn level_weight(&self, comparison: usize, level: u8) -> i32 {
        self.weights[comparison][level as usize].same
    }

    /// The model.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// What the frequency of two values, told by their numbers, adds at a level.
    #[inline]
    fn adjustment_of(&self, frequency: &Frequency, x: u32, y: u32) -> i32 {
        if x == 0 || y == 0 {
            return 0;
        }
        self.rareness[frequency.rareness].of(x, y).map_or(0, |rareness| frequency.of(rareness))
    }

    /// The numbers of two rows' values in a column.
    fn symbols(&self, a: u32, b: u32) -> impl Fn(usize) -> (u32, u32) {
        let table = self.comparisons.table();
        move |column| (table.symbol(a, column), table.symbol(b, column))
    }

    /// What relatives explain of a pair whose comparisons add up to `related`.
    #[inline]
    fn discount(&self, related: i32) -> i32 {
        let Some(odds) = self.relatives else { return 0 };
        let sum = related + odds;
        if sum >= REACH * 1000 {
            return sum;
        }
        if sum <= -REACH * 1000 {
            return 0;
        }
        let step = (sum * STEPS + 500).div_euclid(1000) + REACH * STEPS;
        self.softplus.get(step as usize).copied().unwrap_or(0)
    }

    /// The match weights of pairs whose levels are known, to `out`.
    pub fn weights(&self, pairs: &[(u32, u32)], levels: &Levels, out: &mut Vec<MatchWeight>) {
        let table = self.comparisons.table();
        self.weights_by(levels, out, |pair, column| {
            // Pairs that are not given have no values.
            let Some(&(a, b)) = pairs.get(pair) else { return (0, 0) };
            (table.symbol(a, column), table.symbol(b, column))
        });
    }

    /// [`Scorer::weights`] where `symbols` gives the numbers of a pair's values in a column.
    fn weights_by(
        &self,
        levels: &Levels,
        out: &mut Vec<MatchWeight>,
        symbols: impl Fn(usize, usize) -> (u32, u32),
    ) {
        let mut sums = vec![(self.prior, 0i32); levels.pairs()];
        for (at, weights) in self.weights.iter().enumerate() {
            for (pair, (sum, &level)) in sums.iter_mut().zip(levels.of(at)).enumerate() {
                let weight = &weights[level as usize];
                let more =
                    self.more(at, weight, |other| levels.of(other)[pair], |column| symbols(pair, column));
                sum.0 += weight.same + more;
                sum.1 += weight.related + more;
            }
        }
        out.clear();
        out.extend(
            sums.iter().map(|&(same, related)| MatchWeight::of_thousandths(same - self.discount(related))),
        );
    }

    /// The match weight of one pair. As [`Scorer::weights`], without the vector kernels.
    pub fn score(&self, a: u32, b: u32) -> MatchWeight {
        let mut levels = Vec::with_capacity(self.weights.len());
        self.score_with(a, b, &mut levels)
    }

    /// [`Scorer::score`] with room for the levels.
    pub(crate) fn score_with(&self, a: u32, b: u32, levels: &mut Vec<u8>) -> MatchWeight {
        let (mut same, mut related) = (self.prior, 0);
        self.comparisons.levels(a, b, levels);
        for (at, weights) in self.weights.iter().enumerate() {
            let (weight, more) = self.one(at, weights, levels, a, b);
            same += weight.same + more;
            related += weight.related + more;
        }
        MatchWeight::of_thousandths(same - self.discount(related))
    }

    /// What a comparison's level says, and what is to be added to it.
    fn one<'w>(&self, at: usize, weights: &'w [Weight], levels: &[u8], a: u32, b: u32) -> (&'w Weight, i32) {
        let weight = &weights[levels[at] as usize];
        (weight, self.more(at, weight, |other| levels[other], self.symbols(a, b)))
    }

    /// What is to be added to what a comparison's level says; `symbols` are the numbers of the values in a column.
    #[inline]
    fn more(
        &self,
        at: usize,
        weight: &Weight,
        level: impl Fn(usize) -> u8,
        symbols: impl Fn(usize) -> (u32, u32),
    ) -> i32 {
        if self.is_explained(at, level) { -weight.beside } else { self.frequency(weight, symbols) }
    }

    /// Whether a comparison is made of others and those agree as well.
    #[inline]
    fn is_explained(&self, at: usize, level: impl Fn(usize) -> u8) -> bool {
        let made_of = &self.made_of[at];
        !made_of.is_empty() && agree(made_of, level)
    }

    /// What the frequency of the values adds to a level's weight, where it does; `symbols` are their numbers in a column.
    #[inline]
    pub(super) fn frequency(&self, weight: &Weight, symbols: impl Fn(usize) -> (u32, u32)) -> i32 {
        weight.frequency.as_ref().map_or(0, |frequency| {
            let (x, y) = symbols(frequency.column);
            self.adjustment_of(frequency, x, y)
        })
    }

    /// The rareness of the values that adjust a level.
    pub(super) fn rareness(&self, frequency: &Frequency) -> &Rareness {
        &self.rareness[frequency.rareness]
    }

    /// The sum of what term frequencies add to a pair, in bits; `symbols` are the numbers of its values in a column.
    pub(super) fn frequency_bits(
        &self,
        levels: &Levels,
        pair: usize,
        symbols: impl Fn(usize) -> (u32, u32),
    ) -> f64 {
        let sum: i32 = (0..self.weights.len())
            .map(|at| {
                if self.is_explained(at, |other| levels.of(other)[pair]) {
                    return 0;
                }
                self.frequency(&self.weights[at][levels.of(at)[pair] as usize], &symbols)
            })
            .sum();
        f64::from(sum) / 1000.0
    }

    /// The score of one pair with all that it is the sum of.
    pub fn explain(&self, a: u32, b: u32) -> PairScore {
        let mut parts = Vec::new();
        let mut related = 0;
        let levels: Vec<u8> = (0..self.weights.len()).map(|at| self.comparisons.level(at, a, b)).collect();
        for (at, weights) in self.weights.iter().enumerate() {
            let level = levels[at];
            if level == 0 {
                continue;
            }
            let (weight, more) = self.one(at, weights, &levels, a, b);
            related += weight.related + more;
            let comparison = &self.model.comparisons[at].comparison;
            parts.push(Part {
                comparison: comparison.name.clone(),
                level: comparison.level_name(level),
                weight: MatchWeight::of_thousandths(weight.same),
                term_frequency: MatchWeight::of_thousandths(more),
            });
        }
        let prior = self.prior();
        let relatives = MatchWeight::ZERO - MatchWeight::of_thousandths(self.discount(related));
        let sum: MatchWeight = parts.iter().map(|part| part.weight + part.term_frequency).sum();
        PairScore { prior, parts, relatives, total: prior + sum + relatives }
    }

    /// Scores many pairs with the vector kernels.
    pub fn batch<'s>(&'s self) -> ScoreBatch<'s, 'a> {
        ScoreBatch {
            scorer: self,
            batch: Batch::new(self.comparisons),
            sifter: Sifter::new(self),
            decider: Decider::new(self),
            levels: Levels::default(),
            left: Left::default(),
            pairs: Vec::new(),
            weights: Vec::new(),
        }
    }
}

/// Whether all comparisons of a list agree: neither null nor all else.
#[inline]
pub(super) fn agree(made_of: &[(usize, u8)], level: impl Fn(usize) -> u8) -> bool {
    made_of.iter().all(|&(at, levels)| (1..=levels).contains(&level(at)))
}

/// The share of rows with a value that says how frequent it is, of a value that `count` of the `filled` rows have.
pub(super) fn frequency(level: &Level, count: u32, filled: f64) -> f64 {
    let own = level.term_frequency_own;
    if own == 0 {
        return f64::from(count.max(1)) / filled;
    }
    let least = if level.term_frequency_minimum > 0.0 { level.term_frequency_minimum } else { 0.5 / filled };
    (f64::from(count.saturating_sub(own)) / filled).max(least).min(1.0)
}

impl std::fmt::Debug for Scorer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scorer").field("prior", &self.prior).finish_non_exhaustive()
    }
}

/// One thread's room for scoring many pairs.
#[derive(Debug)]
pub struct ScoreBatch<'s, 'a> {
    scorer: &'s Scorer<'a>,
    batch: Batch<'s, 'a>,
    sifter: Sifter<'s>,
    decider: Decider,
    levels: Levels,
    /// The pairs that may have the weight asked for.
    left: Left,
    pairs: Vec<(u32, u32)>,
    weights: Vec<MatchWeight>,
}

impl ScoreBatch<'_, '_> {
    /// The match weight of each pair, to `out`.
    pub fn score(&mut self, pairs: &[(u32, u32)], out: &mut Vec<MatchWeight>) {
        self.batch.compare(pairs, &mut self.levels);
        self.scorer.weights(pairs, &self.levels, out);
    }

    /// Calls `take` with each pair of at least the weight `least`, and that weight. Text is compared only of pairs that
    /// may have so much by what is known of their other values.
    pub fn at_least(
        &mut self,
        pairs: &[(u32, u32)],
        least: MatchWeight,
        mut take: impl FnMut(u32, u32, MatchWeight),
    ) {
        let (left, least_sum) = (&mut self.left, least.thousandths());
        self.sifter.sift(&mut self.batch, pairs, least_sum, left);
        self.pairs.clear();
        self.pairs.extend(left.at.iter().map(|&at| pairs[at as usize]));
        left.possible.keep(&left.at);
        left.at.clear();
        left.at.extend(0..self.pairs.len() as u32);
        let (batch, levels) = (&mut self.batch, &mut self.levels);
        self.decider.decide(self.scorer, batch, &self.pairs, least_sum, left, levels);
        levels.keep(&left.at);
        for (to, &from) in left.at.iter().enumerate() {
            self.pairs[to] = self.pairs[from as usize];
        }
        self.pairs.truncate(left.at.len());
        let (batch, pairs) = (&self.batch, &self.pairs);
        let symbols = |pair: usize, column| batch.symbols(column, batch.places(pairs[pair]));
        self.scorer.weights_by(&self.levels, &mut self.weights, symbols);
        for (&weight, &(a, b)) in self.weights.iter().zip(&self.pairs).filter(|&(&weight, _)| weight >= least)
        {
            take(a, b, weight);
        }
    }

    /// The levels of the pairs that [`ScoreBatch::score`] took last.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }
}
