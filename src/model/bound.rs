//! Which pairs cannot have a weight, by what is known of them without comparing text: one comparison after the other,
//! the most telling first, until what the rest can add at most is too little.

use super::score::{Scorer, Weight};
use crate::compare::{Batch, NEAR, Possible};

/// After so many pairs it is considered anew which comparisons come first.
const LEARNT: usize = 1 << 13;

/// The greatest weights of one comparison, for sets of levels as bits.
pub(super) struct Greatest {
    /// Levels that term frequencies adjust, and these as bits.
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

/// Whether a level is possible. Those beyond the bits are where all bits are set.
#[inline]
fn may(levels: u32, at: usize) -> bool {
    if at < 32 { levels >> at & 1 != 0 } else { levels == u32::MAX }
}

/// Whether all comparisons of a list agree, neither null nor all else, of pairs of which is known which levels they may
/// have, where that tells.
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

/// How much a comparison has told so far.
#[derive(Debug, Default, Clone, Copy)]
struct Told {
    /// By how much it lowered what pairs may weigh, in thousandths of a bit.
    bits: u64,
    /// How many pairs were looked at.
    pairs: u64,
}

/// One thread's room for sorting pairs out.
#[derive(Debug)]
pub(super) struct Bounds {
    /// The comparisons, the most telling first.
    order: Vec<usize>,
    /// What those behind each in the order can add at most.
    rest: Vec<i32>,
    told: Vec<Told>,
    /// Pairs until the order is considered anew.
    left: usize,
    /// Of the pairs in work that may have the weight still: the places of their words, their numbers, what they may weigh by
    /// what was looked at, and their levels in one comparison.
    places: Vec<(usize, usize)>,
    at: Vec<u32>,
    sums: Vec<i32>,
    levels: Vec<u32>,
}

impl Bounds {
    pub(super) fn new(scorer: &Scorer<'_>) -> Self {
        let count = scorer.weights.len();
        let mut own = Bounds {
            order: (0..count).collect(),
            rest: Vec::new(),
            told: vec![Told::default(); count],
            left: LEARNT,
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
        self.rest.resize(self.order.len(), 0);
        for (to, &comparison) in self.rest.iter_mut().zip(&self.order).rev() {
            *to = rest;
            rest += scorer.ceilings[comparison];
        }
    }

    /// Puts first what told most for its work. What comes out of it does not depend on the order, only the time.
    fn consider(&mut self, scorer: &Scorer<'_>, batch: &Batch<'_, '_>) {
        let telling =
            |at: usize| self.told[at].bits / (self.told[at].pairs + 1) * 64 / (batch.effort(at) + 2) as u64;
        let mut order: Vec<usize> = (0..self.told.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(telling(at)));
        self.order = order;
        self.told.iter_mut().for_each(|told| {
            *told = Told { bits: told.bits / 2, pairs: told.pairs / 2 };
        });
        self.add_up(scorer);
    }

    /// The places of the pairs that may have a weight of `least`, to `left`, and which levels they may have in each
    /// comparison, to `possible`; those of other pairs mean nothing.
    pub(super) fn sift(
        &mut self,
        scorer: &Scorer<'_>,
        batch: &Batch<'_, '_>,
        pairs: &[(u32, u32)],
        least: i32,
        possible: &mut Possible,
        left: &mut Vec<u32>,
    ) {
        left.clear();
        possible.clear(self.order.len(), pairs.len());
        for (from, some) in (0u32..).step_by(NEAR).zip(pairs.chunks(NEAR)) {
            self.places.clear();
            self.places.extend(some.iter().map(|&pair| batch.places(pair)));
            self.at.clear();
            self.at.extend(from..from + some.len() as u32);
            self.sums.clear();
            self.sums.resize(some.len(), scorer.prior);
            for stage in 0..self.order.len() {
                self.look(scorer, batch, stage, possible);
                self.keep(least.saturating_sub(self.rest[stage]));
                if self.at.is_empty() {
                    break;
                }
            }
            left.extend_from_slice(&self.at);
            self.left = self.left.saturating_sub(some.len());
            if self.left == 0 {
                self.left = LEARNT;
                self.consider(scorer, batch);
            }
        }
    }

    /// Looks at one comparison.
    fn look(&mut self, scorer: &Scorer<'_>, batch: &Batch<'_, '_>, stage: usize, possible: &mut Possible) {
        let comparison = self.order[stage];
        let (weights, greatest) = (&scorer.weights[comparison], &scorer.greatest[comparison]);
        let (ceiling, made_of) = (scorer.ceilings[comparison], &scorer.made_of[comparison]);
        self.levels.clear();
        self.levels.resize(self.at.len(), 0);
        batch.possible_of(comparison, &self.places, &mut self.levels);
        let mut lowered = 0;
        for (((&levels, &at), &places), sum) in
            self.levels.iter().zip(&self.at).zip(&self.places).zip(&mut self.sums)
        {
            possible.set(comparison, at as usize, levels);
            let plain = || {
                greatest.adjusted(weights, levels, |weight| {
                    weight.frequency.as_ref().map_or(0, |frequency| {
                        let (x, y) = batch.symbols(frequency.column, places);
                        scorer.adjustment_of(frequency, x, y)
                    })
                })
            };
            let most = if made_of.is_empty() {
                plain()
            } else {
                match agree_perhaps(made_of, |other| possible.of(other)[at as usize]) {
                    Some(true) => greatest.beside(weights, levels),
                    Some(false) => plain(),
                    None => greatest.beside(weights, levels).max(plain()),
                }
            };
            *sum += most;
            lowered += i64::from(ceiling) - i64::from(most);
        }
        let told = &mut self.told[comparison];
        told.bits += lowered.max(0) as u64;
        told.pairs += self.at.len() as u64;
    }

    /// Keeps the pairs that may weigh so much by what was looked at.
    fn keep(&mut self, least: i32) {
        let mut kept = 0;
        for from in 0..self.at.len() {
            let sum = self.sums[from];
            self.at[kept] = self.at[from];
            self.places[kept] = self.places[from];
            self.sums[kept] = sum;
            kept += usize::from(sum >= least);
        }
        self.at.truncate(kept);
        self.places.truncate(kept);
        self.sums.truncate(kept);
    }
}
