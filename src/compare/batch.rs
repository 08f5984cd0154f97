//! The levels of many pairs at once: one comparison after the other over a chunk of pairs; what values' numbers and
//! digests tell first, and the measures of text by the vector kernels. The same answers as [`Comparisons::level`].

use super::{
    bind::{Bound, Comparisons},
    check::{Check, Measure, TextOf, similar_enough},
    lanes::Lanes,
    sieve::Sieve,
};
use crate::{
    ahead::Aligned,
    similarity::{Distance, PairBatch, Similarity},
};
use std::ops::Range;

/// What is known of each pair of a chunk in each comparison, one run for each comparison.
#[derive(Debug, Default, Clone)]
pub struct PerPair<T> {
    pairs: usize,
    levels: Vec<T>,
}

/// The levels of a chunk of pairs.
pub type Levels = PerPair<u8>;

/// The levels that each pair of a chunk may have, as bits; where it is one bit, it has that level. All bits where nothing
/// is known.
pub type Possible = PerPair<u32>;

impl<T: Copy> PerPair<T> {
    /// What is known of all pairs in one comparison.
    #[inline]
    pub fn of(&self, comparison: usize) -> &[T] {
        &self.levels[comparison * self.pairs..(comparison + 1) * self.pairs]
    }

    /// How many pairs.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// The same of so many pairs.
    pub(crate) fn fill(&mut self, comparisons: usize, pairs: usize, levels: T) {
        self.pairs = pairs;
        self.levels.clear();
        self.levels.resize(comparisons * pairs, levels);
    }

    /// [`PerPair::of`] to be written.
    #[inline]
    pub(crate) fn of_mut(&mut self, comparison: usize) -> &mut [T] {
        &mut self.levels[comparison * self.pairs..(comparison + 1) * self.pairs]
    }

    /// Keeps some of the pairs, given by their places in order.
    pub(crate) fn keep(&mut self, places: &[u32]) {
        let mut to = 0;
        for run in (0..self.levels.len()).step_by(self.pairs.max(1)) {
            for &place in places {
                self.levels[to] = self.levels[run + place as usize];
                to += 1;
            }
        }
        self.levels.truncate(to);
        self.pairs = places.len();
    }
}

/// A pair that is not decided: its place in the chunk, its values, and the levels that it may have.
#[derive(Debug, Clone, Copy)]
struct Open {
    at: u32,
    a: u32,
    b: u32,
    levels: u32,
}

impl Open {
    #[inline]
    fn may(&self, level: usize) -> bool {
        self.levels >> level & 1 != 0
    }
}

/// Pairs that are looked at together: their words fit the processor's first cache.
pub(crate) const NEAR: usize = 64;

/// The numbers of the values of a run of pairs.
pub(crate) struct Symbols<'a> {
    sieve: &'a Sieve,
    lanes: &'a Lanes<NEAR>,
}

impl Symbols<'_> {
    /// Those of a pair in a column, by its place in the run.
    #[inline]
    pub(crate) fn of(&self, column: usize, at: usize) -> (u32, u32) {
        let (x, y) = self.all(column);
        (x[at], y[at])
    }

    /// Those of the first and of the second row of all pairs in a column.
    #[inline]
    pub(crate) fn all(&self, column: usize) -> (&[u32; NEAR], &[u32; NEAR]) {
        self.sieve.symbols_of(column, self.lanes)
    }
}

/// Answers kept of pairs of values met before.
const CACHE: usize = 1 << 13;

/// One thread's room for comparing many pairs.
pub struct Batch<'a, 'b> {
    comparisons: &'a Comparisons<'b>,
    sieve: &'a Sieve,
    possible: Possible,
    places: Vec<(usize, usize)>,
    lanes: Lanes<NEAR>,
    kernel: PairBatch,
    open: Vec<Open>,
    texts: Vec<(&'a str, &'a str)>,
    asked: Vec<u32>,
    similar: Vec<Similarity>,
    distant: Vec<Distance>,
    caches: Vec<Vec<(u64, u8)>>,
    fresh: Vec<Open>,
    all: Vec<u32>,
}

impl std::fmt::Debug for Batch<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").finish_non_exhaustive()
    }
}

impl<'a, 'b> Batch<'a, 'b> {
    /// Room for these comparisons.
    pub fn new(comparisons: &'a Comparisons<'b>) -> Self {
        let cached = |bound: &Bound| {
            let columns = comparisons.table.columns();
            let few = bound.columns.first().is_some_and(|&c| columns[c].values().len() < 1 << 17);
            bound.single && few && bound.checks.len() > 1
        };
        Batch {
            comparisons,
            sieve: comparisons.sieve(),
            possible: Possible::default(),
            places: Vec::new(),
            lanes: Lanes::default(),
            kernel: PairBatch::new(),
            open: Vec::new(),
            texts: Vec::new(),
            asked: Vec::new(),
            similar: Vec::new(),
            distant: Vec::new(),
            caches: comparisons
                .bound
                .iter()
                .map(|bound| if cached(bound) { vec![(0, 0); CACHE] } else { Vec::new() })
                .collect(),
            fresh: Vec::new(),
            all: Vec::new(),
        }
    }

    /// The levels of each pair in each comparison, to `out`.
    pub fn compare(&mut self, pairs: &[(u32, u32)], out: &mut Levels) {
        let mut possible = std::mem::take(&mut self.possible);
        self.possible(pairs, &mut possible, |_, _, _| ());
        self.decide(pairs, &possible, out);
        self.possible = possible;
    }

    /// The levels that each pair may have in each comparison by what is known without comparing text, to `out`. Some pairs
    /// after the other; `seen` is called with each of these runs when all is known of it.
    pub(crate) fn possible(
        &mut self,
        pairs: &[(u32, u32)],
        out: &mut Possible,
        mut seen: impl FnMut(Range<usize>, &Possible, &Symbols<'_>),
    ) {
        let comparisons = self.comparisons.bound.len();
        out.fill(comparisons, pairs.len(), u32::MAX);
        self.places.clear();
        self.places.extend(pairs.iter().map(|&pair| self.sieve.places(pair)));
        let mut levels = Aligned([0; NEAR]);
        let mut next = self.places.chunks(NEAR);
        next.next().into_iter().for_each(|first| self.sieve.fetch(first));
        for (from, some) in (0..).step_by(NEAR).zip(self.places.chunks(NEAR)) {
            // A few at a time, since only some lines of memory can be on their way at once.
            let mut next = next.next().unwrap_or_default().chunks(NEAR.div_ceil(comparisons + 1));
            let mut fetch = || next.next().into_iter().for_each(|next| self.sieve.fetch(next));
            fetch();
            self.sieve.deal(some, &mut self.lanes);
            let run = from..from + some.len();
            for comparison in 0..comparisons {
                fetch();
                self.sieve.possible(comparison, &self.lanes, &mut levels.0);
                out.of_mut(comparison)[run.clone()].copy_from_slice(&levels.0[..some.len()]);
            }
            seen(run, out, &Symbols { sieve: self.sieve, lanes: &self.lanes });
        }
    }

    /// Where the words of two rows begin.
    #[inline]
    pub(crate) fn places(&self, pair: (u32, u32)) -> (usize, usize) {
        self.sieve.places(pair)
    }

    /// The numbers of two rows' values in a column, told by the places of their words.
    #[inline]
    pub(crate) fn symbols(&self, column: usize, places: (usize, usize)) -> (u32, u32) {
        self.sieve.symbols(column, places)
    }

    /// The levels of pairs of which is known which they may have, to `out`.
    fn decide(&mut self, pairs: &[(u32, u32)], possible: &Possible, out: &mut Levels) {
        let count = self.comparisons.bound.len();
        out.fill(count, pairs.len(), 0);
        let mut all = std::mem::take(&mut self.all);
        all.clear();
        all.extend(0..pairs.len() as u32);
        for comparison in 0..count {
            self.one(comparison, pairs, &all, possible.of(comparison), out.of_mut(comparison));
        }
        self.all = all;
    }

    /// The levels in one comparison of the pairs at some places. Gives of how many text was asked.
    pub(crate) fn one(
        &mut self,
        comparison: usize,
        pairs: &[(u32, u32)],
        places: &[u32],
        possible: &[u32],
        levels: &mut [u8],
    ) -> usize {
        let comparisons = self.comparisons;
        let bound = &comparisons.bound[comparison];
        if !self.sieve.knows(comparison) {
            for &at in places {
                let (a, b) = pairs[at as usize];
                levels[at as usize] = comparisons.level(comparison, a, b);
            }
            return places.len();
        }
        let column = bound.columns.first().copied().unwrap_or_default();
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        for &at in places {
            let left = possible[at as usize];
            levels[at as usize] = left.trailing_zeros() as u8;
            if !left.is_power_of_two() {
                let (a, b) = self.sieve.symbols(column, self.sieve.places(pairs[at as usize]));
                open.push(Open { at, a, b, levels: left });
            }
        }
        let asked = open.len();
        let cached = !self.caches[comparison].is_empty();
        let mut fresh = std::mem::take(&mut self.fresh);
        fresh.clear();
        if cached {
            let cache = &self.caches[comparison];
            open.retain(|pair| {
                let (key, slot) = cache_slot(pair);
                let (known, level) = cache[slot];
                if known == key {
                    levels[pair.at as usize] = level;
                }
                known != key
            });
            fresh.extend_from_slice(&open);
        }
        self.rest(bound, pairs, levels, &mut open);
        if cached {
            let cache = &mut self.caches[comparison];
            for pair in &fresh {
                let (key, slot) = cache_slot(pair);
                cache[slot] = (key, levels[pair.at as usize]);
            }
        }
        self.open = open;
        self.fresh = fresh;
        asked
    }

    /// Level after level for the pairs that are open still; neighbouring levels of one measure together.
    fn rest(&mut self, bound: &'a Bound, pairs: &[(u32, u32)], levels: &mut [u8], open: &mut Vec<Open>) {
        let ask = self.comparisons.ask();
        let column = bound.columns.first().copied().unwrap_or_default();
        let all_else = bound.checks.len() + 1;
        let mut next = 0;
        while next < bound.checks.len() && !open.is_empty() {
            let first = &bound.checks[next];
            let together = match first {
                Check::Text(measure, text) if bound.columns.len() == 1 && text.column == column => {
                    bound.checks[next..].iter().take_while(|check| alike(check, *measure, *text)).count()
                }
                _ => 0,
            };
            if together == 0 {
                first.each_text(&mut |column| {
                    let may = open.iter().filter(|pair| pair.may(next + 1));
                    let places = may.map(|pair| self.sieve.places(pairs[pair.at as usize]));
                    let symbols = || {
                        places.clone().flat_map(|places| <[u32; 2]>::from(self.sieve.symbols(column, places)))
                    };
                    ask.fetch_texts(column, symbols);
                });
                open.retain(|pair| {
                    let (a, b) = pairs[pair.at as usize];
                    let holds = pair.may(next + 1) && first.holds(&ask, a, b);
                    if holds {
                        levels[pair.at as usize] = next as u8 + 1;
                    }
                    !holds
                });
                next += 1;
            } else {
                self.measured(&bound.checks[next..next + together], next, levels, open);
                next += together;
            }
        }
        // A test that certainly holds stands last among what is possible.
        open.iter().for_each(|pair| {
            levels[pair.at as usize] = (31 - pair.levels.leading_zeros()).min(all_else as u32) as u8;
        });
    }

    fn measured(&mut self, checks: &'a [Check], base: usize, levels: &mut [u8], open: &mut Vec<Open>) {
        let ask = self.comparisons.ask();
        let Some(Check::Text(first, text)) = checks.first() else { return };
        self.texts.clear();
        self.asked.clear();
        let group = ((1u32 << checks.len()) - 1) << (base + 1);
        let asked = (0u32..).zip(open.iter()).filter(|(_, pair)| pair.levels & group != 0);
        self.asked.extend(asked.map(|(at, _)| at));
        let symbols = || self.asked.iter().map(|&at| &open[at as usize]).flat_map(|pair| [pair.a, pair.b]);
        ask.fetch_texts(text.column, symbols);
        self.asked.retain(|&at| {
            let pair = &open[at as usize];
            let texts = ask.texts(*text, pair.a as usize, pair.b as usize);
            self.texts.extend(texts);
            texts.is_some()
        });
        let bounds: Vec<Measure> = checks
            .iter()
            .filter_map(|check| match check {
                Check::Text(measure, _) => Some(*measure),
                _ => None,
            })
            .collect();
        let mut decided = vec![false; open.len()];
        let mut decide = |at: usize, level: Option<usize>| {
            if let Some(level) = level {
                let pair = open[at];
                levels[pair.at as usize] = (base + level + 1) as u8;
                decided[at] = true;
            }
        };
        match first {
            Measure::JaroWinkler(_) | Measure::Jaro(_) => {
                self.similar.clear();
                self.similar.resize(self.texts.len(), Similarity::ZERO);
                if matches!(first, Measure::JaroWinkler(_)) {
                    self.kernel.jaro_winkler(&self.texts, None, &mut self.similar);
                } else {
                    self.kernel.jaro(&self.texts, None, &mut self.similar);
                }
                for (&at, score) in self.asked.iter().zip(&self.similar) {
                    let level = bounds.iter().position(|bound| match bound {
                        Measure::JaroWinkler(least) | Measure::Jaro(least) => score >= least,
                        _ => false,
                    });
                    decide(at as usize, level);
                }
            }
            _ => {
                self.distant.clear();
                self.distant.resize(self.texts.len(), Distance::ZERO);
                match first {
                    Measure::Osa(_) => self.kernel.osa(&self.texts, None, &mut self.distant),
                    Measure::DamerauLevenshtein(_) => {
                        self.kernel.damerau_levenshtein(&self.texts, None, &mut self.distant);
                    }
                    _ => self.kernel.levenshtein(&self.texts, None, &mut self.distant),
                }
                for ((&at, distance), (x, y)) in self.asked.iter().zip(&self.distant).zip(&self.texts) {
                    let level = bounds.iter().position(|bound| match bound {
                        Measure::Levenshtein(most)
                        | Measure::Osa(most)
                        | Measure::DamerauLevenshtein(most) => distance.get() <= *most,
                        Measure::LevenshteinSimilarity(least) => similar_enough(x, y, distance.get(), *least),
                        _ => false,
                    });
                    decide(at as usize, level);
                }
            }
        }
        let mut place = 0;
        open.retain(|_| {
            place += 1;
            !decided[place - 1]
        });
    }
}

#[inline]
fn cache_slot(pair: &Open) -> (u64, usize) {
    let (low, high) = (pair.a.min(pair.b), pair.a.max(pair.b));
    let key = u64::from(low) << 32 | u64::from(high);
    (key, (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % CACHE)
}

/// Whether a check is of the same measure of the same text.
fn alike(check: &Check, measure: Measure, of: TextOf) -> bool {
    let Check::Text(other, text) = check else { return false };
    let same = std::mem::discriminant(other) == std::mem::discriminant(&measure);
    let of_distance = |m: &Measure| matches!(m, Measure::Levenshtein(_) | Measure::LevenshteinSimilarity(_));
    *text == of && (same || of_distance(other) && of_distance(&measure))
}
