//! Precision, recall and F1, and sums that do not depend on order.

use serde::Serialize;
use std::collections::BTreeMap;

/// Precision, recall and their harmonic mean, each from 0 to 1. Of nothing, each is 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measures {
    /// The share of what was found that is true.
    pub precision: f64,
    /// The share of what is true that was found.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

impl Measures {
    /// From precision and recall.
    pub fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        Measures { precision, recall, f1: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 } }
    }
}

/// Counts of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Found and true.
    pub true_positives: u64,
    /// Found and not true.
    pub false_positives: u64,
    /// True and not found.
    pub false_negatives: u64,
}

impl Counts {
    /// The measures of these counts.
    pub fn measures(&self) -> Measures {
        let (hit, wrong, missed) = (self.true_positives, self.false_positives, self.false_negatives);
        Measures::new(share(hit, hit + wrong), share(hit, hit + missed))
    }
}

/// A part of a whole; 1 where the whole is nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Pairs among so many.
pub(super) fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

/// Pairs of equal items. O(n log n).
pub(super) fn pairs_of_equal(items: impl Iterator<Item = (u32, u32)>) -> u64 {
    runs(items.collect()).map(|(_, count)| pairs(u64::from(count))).sum()
}

/// Equal items and how many there are, in ascending order. O(n log n).
pub(super) fn runs<T: Ord + Copy>(mut items: Vec<T>) -> impl Iterator<Item = (T, u32)> {
    items.sort_unstable();
    let mut at = 0;
    std::iter::from_fn(move || {
        let first = *items.get(at)?;
        let begin = at;
        while items.get(at) == Some(&first) {
            at += 1;
        }
        Some((first, (at - begin) as u32))
    })
}

/// A sum of fractions whose value does not depend on the order: numerators are added up as integers for each
/// denominator, the fractions in order of their denominators.
#[derive(Debug, Default)]
pub(super) struct Fractions(BTreeMap<u64, u128>);

impl Fractions {
    pub(super) fn add(&mut self, numerator: u64, denominator: u64) {
        *self.0.entry(denominator).or_default() += u128::from(numerator);
    }

    pub(super) fn sum(&self) -> f64 {
        self.0.iter().map(|(&denominator, &numerator)| numerator as f64 / denominator as f64).sum()
    }

    /// The mean over so many; 1 where there are none.
    pub(super) fn mean(&self, count: u64) -> f64 {
        if count == 0 { 1.0 } else { self.sum() / count as f64 }
    }
}
