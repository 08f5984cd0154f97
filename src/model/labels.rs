//! Training from pairs that people have judged.

use super::{
    Convergence, FLOOR, TrainOptions, Training, em, sample,
    score::Scorer,
    train::{count, first_guess},
    vectors::widths,
};
use crate::{
    compare::{Comparison, Comparisons},
    error::{Error, Result},
};

/// Trains a model from labelled pairs: m is counted on those that are one customer, u on pairs at random; the prior is
/// the one given, or that each row has one match.
///
/// # Errors
/// Where no label says that a pair is one customer, and as [`train`](super::train()).
pub fn train_on_labels(
    comparisons: &[Comparison],
    bound: &Comparisons<'_>,
    labels: &[(u32, u32, bool)],
    options: &TrainOptions,
) -> Result<Training> {
    let same: Vec<(u32, u32)> = labels.iter().filter(|(.., same)| *same).map(|&(a, b, _)| (a, b)).collect();
    if same.is_empty() {
        return Err(Error::invalid("no label says that two rows are one customer"));
    }
    let widths = widths(comparisons.iter().map(Comparison::level_count))
        .ok_or_else(|| Error::invalid("all comparisons together have too many levels; merge some"))?;
    let without = TrainOptions { relatives: false, ..options.clone() };
    let mut model = first_guess(comparisons, bound.table(), &without)?;
    let random_pairs = sample::pairs(bound.table().len() as u32, options.random_pairs.max(1));
    let (random, judged) = {
        let scorer = Scorer::new(&model, bound)?;
        (
            count(&scorer, &widths, options.threads, &random_pairs),
            count(&scorer, &widths, options.threads, &same),
        )
    };
    em::strangers(&mut model, &random);
    for (weighed, levels) in model.comparisons.iter_mut().zip(&judged.levels) {
        let mut sums = vec![0.0; weighed.levels.len() + 1];
        levels.iter().zip(&judged.count).for_each(|(&level, count)| sums[level as usize] += count);
        let total: f64 = sums[1..].iter().map(|sum| sum + 0.5).sum();
        for (p, sum) in weighed.levels.iter_mut().zip(&sums[1..]) {
            p.m = ((sum + 0.5) / total).clamp(FLOOR, 1.0);
        }
    }
    let convergence = Convergence {
        iterations: 0,
        change: 0.0,
        converged: true,
        matches: same.len() as f64,
        relatives: 0.0,
    };
    Ok(Training {
        model,
        convergence,
        random_pairs: random_pairs.len() as u64,
        candidate_pairs: same.len() as u64,
        warnings: Vec::new(),
    })
}
