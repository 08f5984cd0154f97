//! What a threshold is expected to come to by the pairs' own probabilities, without any truth.

use super::{Counts, Measures, Point, ScoredPair};
use crate::{
    MatchWeight,
    model::{calibrate, expected_true},
};
use serde::Serialize;

/// The threshold of the greatest expected F1. As good as the probabilities are calibrated.
///
/// ```
/// use stitchline::{MatchWeight, evaluate::{Expected, ScoredPair}};
///
/// let pair = |bits| ScoredPair::new(0, 1, MatchWeight::from_bits(bits));
/// let expected = Expected::best(&[pair(8.0), pair(7.0), pair(-0.1), pair(-6.0)], 0.0).unwrap();
/// // A pair that is a little less likely than not to be true still raises F1.
/// assert_eq!(expected.threshold.bits(), -0.1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Expected {
    /// The threshold.
    pub threshold: MatchWeight,
    /// Precision, recall and F1 as expected there.
    pub measures: Measures,
    /// Pairs that are linked at the threshold.
    pub links: u64,
    /// Pairs, of all that were scored, that are expected to be true.
    pub true_pairs: f64,
}

impl Expected {
    /// The threshold of the greatest F1 in which the sum of probabilities stands for the number of true pairs, of
    /// several the greatest threshold; none where there is no pair. `unseen` is the number of true pairs that blocking
    /// is believed to have lost; it lowers recall. O(p log p) time, O(p) memory.
    pub fn best(pairs: &[ScoredPair], unseen: f64) -> Option<Self> {
        let mut weights: Vec<MatchWeight> = pairs.iter().map(|pair| pair.weight).collect();
        weights.sort_unstable_by(|x, y| y.cmp(x));
        let groups: Vec<(MatchWeight, u64)> =
            weights.chunk_by(|x, y| x == y).map(|group| (group[0], group.len() as u64)).collect();
        let best = calibrate(&groups, unseen.max(0.0));
        (!pairs.is_empty()).then(|| Expected {
            threshold: best.threshold,
            measures: Measures::new(best.precision, best.recall),
            links: weights.partition_point(|&weight| weight >= best.threshold) as u64,
            true_pairs: expected_true(&groups),
        })
    }
    /// What each threshold is expected to come to, the greatest first, at most `most` of them evenly over the ranks of
    /// weights: for a chart. Counts are rounded. O(p log p) time, O(p) memory.
    pub fn curve(pairs: &[ScoredPair], unseen: f64, most: usize) -> Vec<Point> {
        let mut weights: Vec<MatchWeight> = pairs.iter().map(|pair| pair.weight).collect();
        weights.sort_unstable_by(|x, y| y.cmp(x));
        let groups: Vec<(MatchWeight, u64)> =
            weights.chunk_by(|x, y| x == y).map(|group| (group[0], group.len() as u64)).collect();
        let all = expected_true(&groups) + unseen.max(0.0);
        let (mut right, mut taken) = (0.0, 0.0);
        let point = |&(threshold, count): &(MatchWeight, u64)| {
            right += threshold.probability() * count as f64;
            taken += count as f64;
            let whole = |count: f64| count.max(0.0).round() as u64;
            Point {
                threshold,
                probability: threshold.probability(),
                pairs: Counts {
                    true_positives: whole(right),
                    false_positives: whole(taken - right),
                    false_negatives: whole(all - right),
                },
                measures: Measures::new(right / taken, if all > 0.0 { (right / all).min(1.0) } else { 1.0 }),
            }
        };
        let points: Vec<Point> = groups.iter().map(point).collect();
        super::sweep::thinned(&points, most)
    }
}
