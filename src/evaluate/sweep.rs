//! Precision and recall over every threshold.

use super::{Counts, Measures, ScoredPair, Truth, measures::share};
use crate::{MatchWeight, error::Result};
use serde::Serialize;

/// What linking all pairs of at least a weight comes to. These are figures of pairs, before any clustering.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// The threshold.
    pub threshold: MatchWeight,
    /// The probability at the threshold.
    pub probability: f64,
    /// Pairs of at least that weight, against the truth.
    pub pairs: Counts,
    /// Precision, recall and F1. True pairs that blocking never offered count as missed.
    pub measures: Measures,
}

/// Scored pairs against the truth, at each weight that occurs.
///
/// ```
/// use stitchline::{MatchWeight, evaluate::{ScoredPair, Sweep, Truth}};
///
/// let truth = [1, 1, 1, 2];
/// let pair = |a, b, bits| ScoredPair::new(a, b, MatchWeight::from_bits(bits));
/// let sweep = Sweep::new(&[pair(0, 1, 9.0), pair(0, 2, 3.0), pair(2, 3, 1.0)], Truth::new(&truth))?;
/// let best = sweep.best().unwrap();
/// assert_eq!(best.threshold.bits(), 3.0);
/// // The pair of records 1 and 2 was never scored.
/// assert_eq!((best.measures.precision, best.pairs.false_negatives), (1.0, 1));
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sweep {
    points: Vec<Point>,
    true_pairs: u64,
}

impl Sweep {
    /// Counts pairs at each weight. Each pair must stand once; pairs that do not count (of one source, or a record with
    /// itself) are left out. O(p log p) time, O(p) memory for p pairs.
    ///
    /// # Errors
    /// Where a pair names a record that the truth does not have.
    pub fn new(pairs: &[ScoredPair], truth: Truth<'_>) -> Result<Self> {
        let true_pairs = truth.pairs();
        let mut ordered = Vec::with_capacity(pairs.len());
        for pair in pairs {
            if let Some(same) = truth.says(pair.a, pair.b)? {
                ordered.push((pair.weight, same));
            }
        }
        ordered.sort_unstable_by(|x, y| y.cmp(x));
        let mut points: Vec<Point> = Vec::new();
        let (mut hit, mut wrong) = (0u64, 0u64);
        for group in ordered.chunk_by(|x, y| x.0 == y.0) {
            let same = group.iter().filter(|(_, same)| *same).count() as u64;
            hit += same;
            wrong += group.len() as u64 - same;
            let missed = true_pairs.saturating_sub(hit);
            let pairs = Counts { true_positives: hit, false_positives: wrong, false_negatives: missed };
            let threshold = group[0].0;
            points.push(Point {
                threshold,
                probability: threshold.probability(),
                pairs,
                measures: pairs.measures(),
            });
        }
        Ok(Sweep { points, true_pairs })
    }

    /// A point for each weight that occurs, the greatest first.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// At most so many points, evenly over the ranks of weights, the first and the last among them, and where there are three
    /// and more the best one: for a chart.
    pub fn thinned(&self, most: usize) -> Vec<Point> {
        let best = self.best().filter(|_| most > 2 && self.points.len() > most);
        let Some(best) = best else { return thinned(&self.points, most) };
        let mut some = thinned(&self.points, most - 1);
        let at = some.partition_point(|point| point.threshold > best.threshold);
        if some.get(at).is_none_or(|point| point.threshold != best.threshold) {
            some.insert(at, best);
        }
        some
    }

    /// What linking at a threshold comes to. O(log p).
    pub fn at(&self, threshold: MatchWeight) -> Point {
        let passed = self.points.partition_point(|point| point.threshold >= threshold);
        let pairs = match passed.checked_sub(1) {
            Some(last) => self.points[last].pairs,
            None => Counts { false_negatives: self.true_pairs, ..Counts::default() },
        };
        Point { threshold, probability: threshold.probability(), pairs, measures: pairs.measures() }
    }

    /// The point of the greatest F1, of several the one with the greatest threshold. A threshold that was chosen by the
    /// truth flatters: say so where it is shown.
    pub fn best(&self) -> Option<Point> {
        let better =
            |best: Point, point: &Point| if point.measures.f1 > best.measures.f1 { *point } else { best };
        self.points.first().map(|first| self.points.iter().fold(*first, better))
    }

    /// The area under the curve of precision over recall: the mean precision over true pairs, in order of weight.
    pub fn average_precision(&self) -> f64 {
        let mut before = 0.0;
        let mut area = 0.0;
        for point in &self.points {
            area += (point.measures.recall - before) * point.measures.precision;
            before = point.measures.recall;
        }
        area
    }

    /// True pairs, scored or not.
    pub fn true_pairs(&self) -> u64 {
        self.true_pairs
    }

    /// The share of true pairs that were scored at all: the most recall that any threshold can have.
    pub fn scored_recall(&self) -> f64 {
        share(self.points.last().map_or(0, |last| last.pairs.true_positives), self.true_pairs)
    }
}

/// At most so many of the points, evenly, the first and the last among them.
pub(super) fn thinned(points: &[Point], most: usize) -> Vec<Point> {
    let count = points.len();
    if count <= most || most < 2 {
        return points.iter().copied().take(most).collect();
    }
    (0..most).map(|at| points[at * (count - 1) / (most - 1)]).collect()
}
