//! Scoring: from the levels of a pair to its match weight.

use super::{FLOOR, Model, log2_odds};
use crate::{
    compare::{Batch, Comparisons, Level, Levels, Possible},
    error::{Error, Result},
    weight::MatchWeight,
};
use serde::Serialize;

/// A model tied to a table: scores pairs of its rows.
pub struct Scorer<'a> {
    comparisons: &'a Comparisons<'a>,
    model: &'a Model,
    prior: i32,
    relatives: Option<i32>,
    weights: Vec<Vec<Weight>>,
    greatest: Vec<Greatest>,
    /// For each comparison, those that it is made of, each with the number of its levels.
    made_of: Vec<Vec<(usize, u8)>>,
    /// For each column that adjusts: what each value's frequency says, in thousandths of a bit.
    rareness: Vec<Vec<i32>>,
    /// log2(1 + 2^x) for x from -12 to 12 bits in steps of 1/64 bit.
    softplus: Vec<i32>,
}

/// What a level says, in thousandths of a bit.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    same: i32,
    related: i32,
    /// What is taken off both where the comparison agrees with those that it is made of.
    beside: i32,
    frequency: Option<Frequency>,
}

/// How the frequency of a value adjusts a level.
#[derive(Debug, Clone, Copy)]
struct Frequency {
    column: usize,
    rareness: usize,
    /// What a value at random says.
    base: i32,
    /// 1024 for all of it.
    weight: i32,
    /// The most that a value can say.
    most: i32,
}

/// The greatest weights of one comparison, for sets of levels as bits.
struct Greatest {
    /// Levels that term frequencies adjust.
    adjusted: Vec<usize>,
    /// For each set, the greatest weight of a level that is not adjusted, and the greatest beside comparisons that it is
    /// made of; empty where there are too many sets.
    tables: [Vec<i32>; 2],
}

impl Greatest {
    /// The most levels for which there is a table of all sets.
    const MOST: usize = 12;

    fn new(weights: &[Weight]) -> Self {
        let adjusted = (0..weights.len()).filter(|&at| weights[at].frequency.is_some()).collect();
        let mut own = Greatest { adjusted, tables: [Vec::new(), Vec::new()] };
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
}

/// Whether a level is possible. Those beyond the bits are where all bits are set.
#[inline]
fn may(levels: u32, at: usize) -> bool {
    if at < 32 { levels >> at & 1 != 0 } else { levels == u32::MAX }
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
        let mut rareness: Vec<(usize, u32, f64, Vec<i32>)> = Vec::new();
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
                    let exact = weighed.comparison.levels.iter().position(|level| {
                        level.term_frequency.is_some()
                            && level.test.is_equality_of(adjusts, weighed.comparison.columns.first())
                    });
                    let base = &weighed.levels[exact.unwrap_or(at)];
                    let (own, least) = (level.term_frequency_own, level.term_frequency_minimum);
                    let known = |known: &(usize, u32, f64, Vec<i32>)| {
                        (known.0, known.1) == (column, own) && (own == 0 || known.2 == least)
                    };
                    let place = match rareness.iter().position(known) {
                        Some(place) => place,
                        None => {
                            rareness.push((column, own, least, rarenesses(comparisons, column, level)));
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
        Ok(Scorer {
            comparisons,
            model,
            prior: odds(model.prior),
            relatives: (model.relatives > 0.0).then(|| odds(model.relatives)),
            greatest: weights.iter().map(|weights| Greatest::new(weights)).collect(),
            weights,
            rareness: rareness.into_iter().map(|(.., values)| values).collect(),
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

    /// The model.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// What the frequency of the values adds at a level.
    #[inline]
    fn adjustment(&self, frequency: &Frequency, a: u32, b: u32) -> i32 {
        let table = self.comparisons.table();
        let (x, y) = (table.symbol(a, frequency.column), table.symbol(b, frequency.column));
        if x == 0 || y == 0 {
            return 0;
        }
        let values = &self.rareness[frequency.rareness];
        // The more frequent one of two values that are alike.
        let bits = if x == y { values[x as usize] } else { values[x as usize].min(values[y as usize]) };
        let full = bits.min(frequency.most) - frequency.base;
        if frequency.weight == 1024 { full } else { full * frequency.weight / 1024 }
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
        let mut sums = vec![(self.prior, 0i32); pairs.len()];
        for (at, weights) in self.weights.iter().enumerate() {
            for (pair, ((sum, &level), &(a, b))) in sums.iter_mut().zip(levels.of(at)).zip(pairs).enumerate()
            {
                let weight = &weights[level as usize];
                let more = self.more(at, weight, |other| levels.of(other)[pair], a, b);
                sum.0 += weight.same + more;
                sum.1 += weight.related + more;
            }
        }
        out.clear();
        out.extend(
            sums.iter().map(|&(same, related)| MatchWeight::of_thousandths(same - self.discount(related))),
        );
    }

    /// More than the weight of a pair can be, for pairs of which is known which levels they may have, to `out`.
    fn most(&self, pairs: &[(u32, u32)], possible: &Possible, out: &mut Vec<i32>) {
        out.clear();
        out.resize(pairs.len(), self.prior);
        for (at, (weights, greatest)) in self.weights.iter().zip(&self.greatest).enumerate() {
            let made_of = &self.made_of[at];
            let plain = |levels: u32, a: u32, b: u32| {
                let mut most = greatest.plain(weights, levels);
                for &at in greatest.adjusted.iter().filter(|at| may(levels, **at)) {
                    most = most.max(weights[at].same + self.frequency(&weights[at], a, b));
                }
                most
            };
            let all = out.iter_mut().zip(possible.of(at)).zip(pairs);
            if made_of.is_empty() {
                all.for_each(|((sum, &levels), &(a, b))| *sum += plain(levels, a, b));
                continue;
            }
            for (pair, ((sum, &levels), &(a, b))) in all.enumerate() {
                *sum += match agree_perhaps(made_of, |other| possible.of(other)[pair]) {
                    Some(true) => greatest.beside(weights, levels),
                    Some(false) => plain(levels, a, b),
                    None => greatest.beside(weights, levels).max(plain(levels, a, b)),
                };
            }
        }
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
        (weight, self.more(at, weight, |other| levels[other], a, b))
    }

    /// What is to be added to what a comparison's level says.
    #[inline]
    fn more(&self, at: usize, weight: &Weight, level: impl Fn(usize) -> u8, a: u32, b: u32) -> i32 {
        if self.is_explained(at, level) { -weight.beside } else { self.frequency(weight, a, b) }
    }

    /// Whether a comparison is made of others and those agree as well.
    #[inline]
    fn is_explained(&self, at: usize, level: impl Fn(usize) -> u8) -> bool {
        let made_of = &self.made_of[at];
        !made_of.is_empty() && agree(made_of, level)
    }

    /// What the frequency of the values adds to a level's weight, where it does.
    #[inline]
    fn frequency(&self, weight: &Weight, a: u32, b: u32) -> i32 {
        weight.frequency.as_ref().map_or(0, |frequency| self.adjustment(frequency, a, b))
    }

    /// The sum of what term frequencies add to a pair, in bits.
    pub(super) fn frequency_bits(&self, levels: &Levels, pair: usize, a: u32, b: u32) -> f64 {
        let sum: i32 = (0..self.weights.len())
            .map(|at| {
                if self.is_explained(at, |other| levels.of(other)[pair]) {
                    return 0;
                }
                self.frequency(&self.weights[at][levels.of(at)[pair] as usize], a, b)
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
            possible: Possible::default(),
            levels: Levels::default(),
            most: Vec::new(),
            left: Vec::new(),
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

/// [`agree`] of pairs of which is known which levels they may have, where that tells.
#[inline]
fn agree_perhaps(made_of: &[(usize, u8)], levels: impl Fn(usize) -> u32) -> Option<bool> {
    let mut all = Some(true);
    for &(at, count) in made_of {
        let agreeing = if count < 31 { (1u32 << (count + 1)) - 2 } else { return None };
        let levels = levels(at);
        if levels & agreeing == 0 {
            return Some(false);
        }
        if levels & !agreeing != 0 {
            all = None;
        }
    }
    all
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

/// -log2 of each value's share of the rows that have one, in thousandths.
fn rarenesses(comparisons: &Comparisons<'_>, column: usize, level: &Level) -> Vec<i32> {
    let column = &comparisons.table().columns()[column];
    let filled = column.filled().max(1) as f64;
    column.counts().iter().map(|&count| millibits(-frequency(level, count, filled).log2())).collect()
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
    possible: Possible,
    levels: Levels,
    most: Vec<i32>,
    /// The places of pairs that may have the weight asked for, and these pairs.
    left: Vec<u32>,
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
        self.batch.possible(pairs, &mut self.possible);
        self.scorer.most(pairs, &self.possible, &mut self.most);
        self.left.clear();
        self.left.extend(
            (0u32..).zip(&self.most).filter(|&(_, &most)| most >= least.thousandths()).map(|(at, _)| at),
        );
        self.pairs.clear();
        self.pairs.extend(self.left.iter().map(|&at| pairs[at as usize]));
        self.possible.keep(&self.left);
        self.batch.decide(&self.pairs, &self.possible, &mut self.levels);
        self.scorer.weights(&self.pairs, &self.levels, &mut self.weights);
        for (&weight, &(a, b)) in self.weights.iter().zip(&self.pairs).filter(|&(&weight, _)| weight >= least)
        {
            take(a, b, weight);
        }
    }

    /// The levels of the pairs scored last.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }
}
