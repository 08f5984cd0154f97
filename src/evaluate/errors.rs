//! The worst mistakes, to be looked at.

use super::{ScoredPair, Truth};
use crate::{MatchWeight, error::Result};
use serde::Serialize;

/// A pair that was decided wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PairError {
    /// The record with the lesser number.
    pub a: u32,
    /// The record with the greater number.
    pub b: u32,
    /// Its weight; none where it was no candidate.
    pub weight: Option<MatchWeight>,
}

/// The worst mistakes at a threshold.
///
/// ```
/// use stitchline::{MatchWeight, evaluate::{Errors, ScoredPair, Truth}};
///
/// let pair = |a, b, bits| ScoredPair::new(a, b, MatchWeight::from_bits(bits));
/// let truth = [1, 1, 2, 2];
/// let errors = Errors::new(&[pair(0, 1, -3.0), pair(1, 2, 7.0)], Truth::new(&truth), MatchWeight::ZERO, 10)?;
/// assert_eq!((errors.false_links[0].a, errors.false_links[0].b), (1, 2));
/// assert_eq!((errors.misses[0].a, errors.misses[0].b), (0, 1));
/// assert_eq!((errors.unseen[0].a, errors.unseen[0].b), (2, 3));
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Errors {
    /// Pairs of two customers at or above the threshold, the greatest weight first.
    pub false_links: Vec<PairError>,
    /// Pairs of one customer below the threshold, the least weight first.
    pub misses: Vec<PairError>,
    /// Pairs of one customer that were never candidates, in order of records.
    pub unseen: Vec<PairError>,
    /// How many there are of each, listed or not.
    pub counts: [u64; 3],
}

impl Errors {
    /// Lists at most so many of each kind; of equal weights, by records' numbers. O(p log p) time and O(p) memory, and
    /// for the pairs never seen as long as there are true pairs to look at.
    ///
    /// # Errors
    /// Where a pair names a record that the truth does not have.
    pub fn new(pairs: &[ScoredPair], truth: Truth<'_>, threshold: MatchWeight, most: usize) -> Result<Self> {
        let mut errors = Errors::default();
        let mut seen = Vec::new();
        for pair in pairs {
            let (a, b) = (pair.a.min(pair.b), pair.a.max(pair.b));
            let linked = pair.weight >= threshold;
            let error = PairError { a, b, weight: Some(pair.weight) };
            match truth.says(a, b)? {
                Some(true) => {
                    seen.push((a, b));
                    if !linked {
                        errors.misses.push(error);
                    }
                }
                Some(false) if linked => errors.false_links.push(error),
                _ => {}
            }
        }
        errors.false_links.sort_unstable_by_key(|error| (std::cmp::Reverse(error.weight), error.a, error.b));
        errors.misses.sort_unstable_by_key(|error| (error.weight, error.a, error.b));
        seen.sort_unstable();
        seen.dedup();
        errors.counts = [
            errors.false_links.len() as u64,
            errors.misses.len() as u64,
            truth.pairs().saturating_sub(seen.len() as u64),
        ];
        errors.false_links.truncate(most);
        errors.misses.truncate(most);
        errors.find_unseen(truth, &seen, most.min(usize::try_from(errors.counts[2]).unwrap_or(usize::MAX)));
        Ok(errors)
    }

    fn find_unseen(&mut self, truth: Truth<'_>, seen: &[(u32, u32)], most: usize) {
        if most == 0 {
            return;
        }
        let mut members: Vec<(u32, u32)> = truth.cluster.iter().copied().zip(0..).collect();
        members.sort_unstable();
        // For each record, in order, the later records of its cluster.
        let mut place = vec![0usize; members.len()];
        for (at, &(_, record)) in members.iter().enumerate() {
            place[record as usize] = at;
        }
        for (a, &at) in place.iter().enumerate() {
            let later = members[at + 1..].iter().take_while(|(label, _)| *label == members[at].0);
            for &(_, b) in later {
                let a = a as u32;
                let counts = truth.source.is_none_or(|source| source[a as usize] != source[b as usize]);
                if counts && seen.binary_search(&(a, b)).is_err() {
                    self.unseen.push(PairError { a, b, weight: None });
                    if self.unseen.len() == most {
                        return;
                    }
                }
            }
        }
    }
}
