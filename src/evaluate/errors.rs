//! The worst mistakes of a clustering, to be looked at.

use super::{ScoredPair, Truth, measures::pairs_of_equal, same_length};
use crate::{MatchWeight, error::Result};
use foldhash::fast::FixedState;
use serde::Serialize;
use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
};

/// A pair that the clusters have wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PairError {
    /// The record with the lesser number.
    pub a: u32,
    /// The record with the greater number.
    pub b: u32,
    /// Its weight; none where it has none.
    pub weight: Option<MatchWeight>,
}

/// What is wrong after clustering: pairs of two customers in one cluster, and of one customer in two. A pair whose weight is
/// wrong and that the clusters have right is none of them.
///
/// Each cluster found that holds two customers is listed once, and each customer that is parted once, by the strongest of
/// the pairs in question: that is what joined them, or came nearest to it.
///
/// ```
/// use stitchline::{MatchWeight, evaluate::{Errors, ScoredPair, Truth}};
///
/// let pair = |a, b, bits| ScoredPair::new(a, b, MatchWeight::from_bits(bits));
/// let (found, truth) = ([1, 2, 2, 3, 4], [1, 1, 2, 3, 3]);
/// let scored = [pair(0, 1, -3.0), pair(1, 2, 7.0)];
/// let errors = Errors::new(&scored, &found, Truth::new(&truth), MatchWeight::ZERO, 10)?;
/// assert_eq!((errors.joined[0].a, errors.joined[0].b), (1, 2));
/// assert_eq!((errors.low[0].a, errors.low[0].b), (0, 1));
/// assert_eq!((errors.unseen[0].a, errors.unseen[0].b), (3, 4));
/// assert_eq!(errors.counts, [1, 0, 1, 1]);
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Errors {
    /// Pairs of two customers in one cluster, the greatest weight first; last those of clusters in which no such pair has a
    /// weight.
    pub joined: Vec<PairError>,
    /// Pairs of one customer in two clusters though at or above the threshold, so that clustering refused them: the
    /// greatest weight first.
    pub refused: Vec<PairError>,
    /// Pairs of one customer in two clusters that are below the threshold, the least weight first.
    pub low: Vec<PairError>,
    /// Pairs of one customer in two clusters that have no weight, in order of records: they were no candidates, or scored
    /// lower than is kept.
    pub unseen: Vec<PairError>,
    /// How many pairs of each of these kinds there are, listed or not. The first is the number of false positives of the
    /// clusters, the others are their false negatives.
    pub counts: [u64; 4],
}

/// The strongest pair of each label.
type Strongest = HashMap<u32, PairError, FixedState>;

impl Errors {
    /// The kinds of which there are pairs: what is wrong, how many pairs, and those that are listed, which are none where
    /// others of the same clusters stand for them.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, u64, &[PairError])> {
        let names = [
            "two customers joined",
            "one customer parted, the link refused",
            "one customer parted, scored too low",
            "one customer parted, not among the pairs",
        ];
        let lists = [&self.joined, &self.refused, &self.low, &self.unseen].map(Vec::as_slice);
        let all = names.into_iter().zip(self.counts).zip(lists);
        all.filter(|((_, count), _)| *count > 0).map(|((name, count), list)| (name, count, list))
    }

    /// Lists at most so many of each kind; of equal weights, by records' numbers. `found` has the cluster of each record, and
    /// each pair is given once. O(p + n log n) time for p pairs and n records.
    ///
    /// # Errors
    /// Where a pair names a record that the truth does not have, or the numbers of records differ.
    pub fn new(
        pairs: &[ScoredPair],
        found: &[u32],
        truth: Truth<'_>,
        threshold: MatchWeight,
        most: usize,
    ) -> Result<Self> {
        same_length("a cluster", truth.cluster.len(), found.len())?;
        let (mut joined, mut parted) = (Strongest::default(), Strongest::default());
        let (mut refused, mut low) = (0, 0);
        for pair in pairs {
            let Some(same) = truth.says(pair.a, pair.b)? else { continue };
            let error = PairError { a: pair.a.min(pair.b), b: pair.a.max(pair.b), weight: Some(pair.weight) };
            let cluster = found[error.a as usize];
            match (same, cluster == found[error.b as usize]) {
                (false, true) => stronger(&mut joined, cluster, error),
                (true, false) => {
                    *(if pair.weight >= threshold { &mut refused } else { &mut low }) += 1;
                    stronger(&mut parted, truth.cluster[error.a as usize], error);
                }
                _ => {}
            }
        }
        let [wrong, missed] = wrong(found, truth);
        let mut errors = Errors {
            counts: [wrong, refused, low, missed.saturating_sub(refused + low)],
            joined: unweighed(found, truth.cluster, truth.source, &joined),
            unseen: unweighed(truth.cluster, found, truth.source, &parted),
            ..Errors::default()
        };
        errors.joined.extend(joined.into_values());
        for error in parted.into_values() {
            let is_linked = error.weight.is_some_and(|weight| weight >= threshold);
            (if is_linked { &mut errors.refused } else { &mut errors.low }).push(error);
        }
        let rows = |error: &PairError| (error.a, error.b);
        let Errors { joined, refused, low, unseen, .. } = &mut errors;
        joined.sort_unstable_by_key(|error| (Reverse(error.weight), rows(error)));
        refused.sort_unstable_by_key(|error| (Reverse(error.weight), rows(error)));
        low.sort_unstable_by_key(|error| (error.weight, rows(error)));
        unseen.sort_unstable_by_key(rows);
        [joined, refused, low, unseen].into_iter().for_each(|list| list.truncate(most));
        Ok(errors)
    }
}

fn stronger(strongest: &mut Strongest, label: u32, error: PairError) {
    let rank = |error: &PairError| (Reverse(error.weight), error.a, error.b);
    match strongest.entry(label) {
        Entry::Vacant(none) => {
            none.insert(error);
        }
        Entry::Occupied(mut own) if rank(&error) < rank(own.get()) => {
            own.insert(error);
        }
        Entry::Occupied(_) => {}
    }
}

/// How many pairs are together and should not be, and the other way round.
fn wrong(found: &[u32], truth: Truth<'_>) -> [u64; 2] {
    let pairs_of = |labels: &dyn Fn(usize) -> (u32, u32)| pairs_of_equal((0..found.len()).map(labels));
    // Clusters that are the same in both, numbered, since pairs within a source are to be taken out of them as well.
    let mut numbers: HashMap<(u32, u32), u32, FixedState> = HashMap::default();
    let both: Vec<u32> = (0u32..)
        .zip(found.iter().zip(truth.cluster))
        .map(|(at, (&found, &cluster))| *numbers.entry((found, cluster)).or_insert(at))
        .collect();
    let [linked, real, hit] = [found, truth.cluster, &both].map(|labels| {
        let own = truth.source.map_or(0, |source| pairs_of(&|at| (labels[at], source[at])));
        pairs_of(&|at| (labels[at], 0)) - own
    });
    [linked - hit, real - hit]
}

/// Of each group that has two parts, a pair between them that counts, but for the groups that are known already.
fn unweighed(group: &[u32], part: &[u32], source: Option<&[u32]>, known: &Strongest) -> Vec<PairError> {
    let mut members: Vec<(u32, u32)> = group.iter().copied().zip(0..).collect();
    members.sort_unstable();
    let same_source = |a: u32, b: u32| source.is_some_and(|source| source[a as usize] == source[b as usize]);
    let same_part = |a: u32, b: u32| part[a as usize] == part[b as usize];
    let mut found = Vec::new();
    for own in members.chunk_by(|x, y| x.0 == y.0).filter(|own| !known.contains_key(&own[0].0)) {
        let first = own[0].1;
        let mut others = own[1..].iter().map(|(_, member)| *member);
        let counts = |other: &u32| !same_part(first, *other) && !same_source(first, *other);
        let pair = others.clone().find(counts).map(|other| (first, other)).or_else(|| {
            // All others are of its part or its source: one of either is a pair.
            let other = others.clone().find(|other| !same_part(first, *other))?;
            Some((others.find(|own| same_part(first, *own) && !same_source(first, *own))?, other))
        });
        found.extend(pair.map(|(a, b)| PairError { a: a.min(b), b: a.max(b), weight: None }));
    }
    found
}
