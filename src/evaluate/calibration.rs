//! Whether probabilities mean what they say.

use super::{ScoredPair, Truth};
use crate::error::Result;
use serde::Serialize;

/// Pairs of a range of probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// From this probability on.
    pub from: f64,
    /// Up to this one; the last bin has it.
    pub to: f64,
    /// Pairs in it.
    pub pairs: u64,
    /// How many of them are true.
    pub true_pairs: u64,
    /// The mean of their probabilities; 0 where there are none.
    pub probability: f64,
    /// The share of them that are true; 0 where there are none.
    pub share: f64,
}

/// Probabilities against the truth.
///
/// ```
/// use stitchline::{MatchWeight, evaluate::{Calibration, ScoredPair, Truth}};
///
/// let pair = |a, b, bits| ScoredPair::new(a, b, MatchWeight::from_bits(bits));
/// let calibration = Calibration::new(&[pair(0, 1, 30.0), pair(0, 2, -30.0)], Truth::new(&[1, 1, 2]), 10)?;
/// assert!(calibration.brier < 1e-12);
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Pairs that count.
    pub pairs: u64,
    /// The mean square of probability less truth (Brier, 1950): 0 is perfect, 1 the worst. 0 of no pairs.
    pub brier: f64,
    /// The mean of the bits by which the truth surprises: log loss to base 2, probabilities held within a billionth of
    /// 0 and 1. 0 of no pairs.
    pub log_loss_bits: f64,
    /// The mean over pairs of the distance between the bin's probability and its share of true pairs.
    pub expected_error: f64,
    /// Ranges of equal width, for a reliability diagram.
    pub bins: Vec<Bin>,
}

impl Calibration {
    /// Compares the pairs' probabilities with the truth, in so many bins (1 to 1000). O(p log p) time, O(p) memory.
    ///
    /// # Errors
    /// Where a pair names a record that the truth does not have.
    pub fn new(pairs: &[ScoredPair], truth: Truth<'_>, bins: usize) -> Result<Self> {
        let mut ordered = Vec::with_capacity(pairs.len());
        for pair in pairs {
            if let Some(same) = truth.says(pair.a, pair.b)? {
                ordered.push((pair.weight, same));
            }
        }
        ordered.sort_unstable();
        let count = bins.clamp(1, 1000);
        let edge = |at: usize| at as f64 / count as f64;
        let mut bins: Vec<Bin> = (0..count)
            .map(|at| Bin {
                from: edge(at),
                to: edge(at + 1),
                pairs: 0,
                true_pairs: 0,
                probability: 0.0,
                share: 0.0,
            })
            .collect();
        let (mut brier, mut loss) = (0.0, 0.0);
        for group in ordered.chunk_by(|x, y| x == y) {
            let (p, n) = (group[0].0.probability(), group.len() as f64);
            let held = p.clamp(1e-9, 1.0 - 1e-9);
            let bin = &mut bins[((p * count as f64) as usize).min(count - 1)];
            bin.pairs += group.len() as u64;
            bin.probability += p * n;
            if group[0].1 {
                bin.true_pairs += group.len() as u64;
                brier += (1.0 - p) * (1.0 - p) * n;
                loss -= held.log2() * n;
            } else {
                brier += p * p * n;
                loss -= (1.0 - held).log2() * n;
            }
        }
        let all = ordered.len().max(1) as f64;
        let mut expected_error = 0.0;
        for bin in bins.iter_mut().filter(|bin| bin.pairs > 0) {
            bin.probability /= bin.pairs as f64;
            bin.share = bin.true_pairs as f64 / bin.pairs as f64;
            expected_error += (bin.probability - bin.share).abs() * bin.pairs as f64 / all;
        }
        let pairs = ordered.len() as u64;
        Ok(Calibration { pairs, brier: brier / all, log_loss_bits: loss / all, expected_error, bins })
    }
}
