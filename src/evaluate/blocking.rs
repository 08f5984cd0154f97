//! What blocking offers and what it loses, apart from scoring.

use super::{Truth, measures::share};
use crate::error::Result;
use serde::Serialize;

/// What one blocking rule adds to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RuleYield {
    /// Pairs that no rule before it gave.
    pub pairs: u64,
    /// How many of them are true.
    pub true_pairs: u64,
    /// What they add to recall.
    pub marginal_recall: f64,
    /// Recall of this rule and all before it.
    pub recall: f64,
}

/// Candidate pairs against the truth.
///
/// ```
/// use stitchline::evaluate::{Blocking, Truth};
///
/// let truth = [1, 1, 1, 2];
/// let blocking = Blocking::new([(0, 1, 0), (2, 3, 1)], 2, Truth::new(&truth))?;
/// assert_eq!((blocking.candidates, blocking.true_pairs), (2, 3));
/// assert!((blocking.recall - 1.0 / 3.0).abs() < 1e-12);
/// assert_eq!(blocking.rules[1].true_pairs, 0);
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blocking {
    /// Candidate pairs that count.
    pub candidates: u64,
    /// How many of them are true.
    pub found: u64,
    /// True pairs, candidates or not.
    pub true_pairs: u64,
    /// The share of true pairs that are candidates (pairs completeness).
    pub recall: f64,
    /// The share of candidates that are true (pairs quality).
    pub precision: f64,
    /// The share of all pairs of records that need not be compared.
    pub reduction: f64,
    /// By rule, in the rules' order.
    pub rules: Vec<RuleYield>,
}

impl Blocking {
    /// Counts candidates, each pair once with the number of the first rule that gave it. They may come in any order and
    /// are not kept. O(p) time and O(rules) memory beside the true pairs' count.
    ///
    /// # Errors
    /// Where a pair names a record that the truth does not have.
    pub fn new(
        candidates: impl IntoIterator<Item = (u32, u32, u16)>,
        rules: usize,
        truth: Truth<'_>,
    ) -> Result<Self> {
        let mut counts = vec![(0u64, 0u64); rules];
        for (a, b, rule) in candidates {
            if let Some(same) = truth.says(a, b)? {
                let rule = usize::from(rule);
                if counts.len() <= rule {
                    counts.resize(rule + 1, (0, 0));
                }
                counts[rule].0 += 1;
                counts[rule].1 += u64::from(same);
            }
        }
        Ok(Self::from_counts(&counts, truth))
    }

    /// What the rules of a plan give and lose, by the truth of the plan's table, in the order of its rows.
    /// O(candidates) time, on so many threads, and no pair is kept.
    ///
    /// # Errors
    /// Where there is not one cluster for each row.
    pub fn of_plan(plan: &crate::block::Blocking<'_>, truth: Truth<'_>, threads: usize) -> Result<Self> {
        let rules = plan.reports().len();
        let cluster = truth.cluster;
        super::same_length("a cluster", plan.table().len(), cluster.len())?;
        let pieces = plan.run_rows::<_, _, true>(
            threads,
            |_| true,
            || (),
            || vec![(0u64, 0u64); rules],
            |(), counts, chunk| {
                for ((a, b), rule) in chunk.all() {
                    counts[rule].0 += 1;
                    counts[rule].1 += u64::from(cluster[a as usize] == cluster[b as usize]);
                }
            },
        );
        let mut counts = vec![(0, 0); rules];
        for piece in pieces {
            counts.iter_mut().zip(piece).for_each(|(sum, own)| *sum = (sum.0 + own.0, sum.1 + own.1));
        }
        Ok(Self::from_counts(&counts, truth))
    }

    /// From counts alone: pairs and true pairs of each rule that no rule before it gave.
    pub fn from_counts(counts: &[(u64, u64)], truth: Truth<'_>) -> Self {
        let true_pairs = truth.pairs();
        let mut so_far = 0;
        let rules: Vec<RuleYield> = counts
            .iter()
            .map(|&(pairs, hits)| {
                so_far += hits;
                RuleYield {
                    pairs,
                    true_pairs: hits,
                    marginal_recall: if true_pairs == 0 { 0.0 } else { share(hits, true_pairs) },
                    recall: share(so_far, true_pairs),
                }
            })
            .collect();
        let candidates = counts.iter().map(|(pairs, _)| pairs).sum();
        let records = truth.cluster.len() as f64;
        let all = records * (records - 1.0) / 2.0;
        Blocking {
            candidates,
            found: so_far,
            true_pairs,
            recall: share(so_far, true_pairs),
            precision: share(so_far, candidates),
            reduction: if all > 0.0 { 1.0 - candidates as f64 / all } else { 1.0 },
            rules,
        }
    }
}
