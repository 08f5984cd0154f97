//! A threshold without labels: where the expected F1 of the pairs is best, by the model's own probabilities.

use crate::weight::MatchWeight;
use serde::Serialize;

/// What the model expects of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Calibration {
    /// Pairs of at least this weight count as links.
    pub threshold: MatchWeight,
    /// The share of links expected to be right.
    pub precision: f64,
    /// The share of candidate pairs of one customer expected to be links.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Calibration {
    /// Of `taken` pairs, `right` are expected to be one customer, and of all that there are `all`.
    fn of(threshold: MatchWeight, right: f64, taken: f64, all: f64) -> Self {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Calibration {
            threshold,
            precision: share(right, taken),
            recall: share(right, all),
            f1: share(2.0 * right, taken + all),
        }
    }

    /// What is expected of a threshold over weights with counts.
    pub(crate) fn at(threshold: MatchWeight, weights: &[(MatchWeight, u64)]) -> Self {
        let above = weights.iter().copied().filter(|(weight, _)| *weight >= threshold);
        let above: Vec<(MatchWeight, u64)> = above.collect();
        let taken = above.iter().map(|(_, count)| *count as f64).sum();
        Calibration::of(threshold, expected_true(&above), taken, expected_true(weights))
    }
}

/// The number of pairs expected to be one customer, of weights with counts.
pub(crate) fn expected_true(weights: &[(MatchWeight, u64)]) -> f64 {
    // The sum of nothing is -0.
    weights.iter().fold(0.0, |sum, (weight, count)| sum + weight.probability() * *count as f64)
}

/// The threshold of the best expected F1 over weights with counts. Of pairs that are not listed, `missed` are
/// expected to be one customer.
///
/// With calibrated probabilities the best threshold is at half of the best F1 (Lipton, Elkan, Narayanaswamy 2014).
/// O(n log n).
pub fn calibrate(weights: &[(MatchWeight, u64)], missed: f64) -> Calibration {
    let mut sorted = weights.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let all = expected_true(&sorted) + missed;
    let mut best = Calibration::of(MatchWeight::ZERO, 0.0, 0.0, 0.0);
    let (mut right, mut taken) = (0.0, 0.0);
    for (weight, count) in sorted {
        right += weight.probability() * count as f64;
        taken += count as f64;
        let own = Calibration::of(weight, right, taken, all);
        if own.f1 > best.f1 {
            best = own;
        }
    }
    best
}
