//! Expectation maximisation over comparison vectors with counts (Dempster, Laird, Rubin 1977; Winkler 1988).
//!
//! u probabilities stand fixed: they come from pairs at random, and estimating them among candidates, which agree
//! because they were chosen to, is the classic mistake. The prior is over *all* pairs, so a vector that strangers have
//! by chance is weighed against the number of strangers that there are, wherever the candidates came from.

use super::{FLOOR, Model, vectors::Vectors};
use serde::Serialize;

/// How the estimation went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Convergence {
    /// Rounds.
    pub iterations: u32,
    /// The greatest change of a probability in the last round.
    pub change: f64,
    /// Whether that is below the limit (.0005).
    pub converged: bool,
    /// The number of candidate pairs expected to be one customer.
    pub matches: f64,
    /// The number of candidate pairs expected to be relatives.
    pub relatives: f64,
}

const LIMIT: f64 = 5e-4;
const ROUNDS: u32 = 100;
/// Pairs that every estimate begins with, so that a level that was never met is not impossible.
const PSEUDO: f64 = 2.0;

/// What the pairs of a vector are: the odds of one customer and of relatives, against strangers.
struct Odds {
    same: Vec<f64>,
    related: Vec<f64>,
}

fn odds(model: &Model, vectors: &Vectors) -> Odds {
    let log = |p: f64| p.max(FLOOR).log2();
    let mut same: Vec<f64> =
        vectors.frequency.iter().map(|bits| bits + log2_odds(model.prior)).collect();
    let mut related: Vec<f64> = vectors
        .frequency
        .iter()
        .map(|bits| if model.relatives > 0.0 { bits + log2_odds(model.relatives) } else { -1000.0 })
        .collect();
    for (weighed, levels) in model.comparisons.iter().zip(&vectors.levels) {
        let mut weights = vec![(0.0, 0.0)];
        weights.extend(weighed.levels.iter().map(|p| (log(p.m) - log(p.u), log(p.relatives.unwrap_or(p.u)) - log(p.u))));
        for ((same, related), &level) in same.iter_mut().zip(&mut related).zip(levels) {
            let (s, r) = weights[level as usize];
            *same += s;
            *related += r;
        }
    }
    same.iter_mut().chain(&mut related).for_each(|bits| *bits = bits.exp2());
    Odds { same, related }
}

fn log2_odds(p: f64) -> f64 {
    (p / (1.0 - p).max(FLOOR)).log2()
}

/// Estimates m, the relatives' probabilities, the prior and theirs. `scale` is how many candidate pairs one counted
/// pair stands for, `pairs` the number of all pairs.
pub(super) fn estimate(model: &mut Model, vectors: &Vectors, scale: f64, pairs: f64, prior: bool) -> Convergence {
    let mut state =
        Convergence { iterations: 0, change: 1.0, converged: false, matches: 0.0, relatives: 0.0 };
    let start = model.clone();
    while state.iterations < ROUNDS && !state.converged {
        state.iterations += 1;
        let odds = odds(model, vectors);
        let weigh = |own: &[f64]| -> Vec<f64> {
            (0..own.len())
                .map(|at| vectors.count[at] * own[at] / (1.0 + odds.same[at] + odds.related[at]))
                .collect()
        };
        let (same, related) = (weigh(&odds.same), weigh(&odds.related));
        state.matches = same.iter().sum::<f64>() * scale;
        state.relatives = related.iter().sum::<f64>() * scale;
        state.change = 0.0;
        for ((weighed, levels), first) in model.comparisons.iter_mut().zip(&vectors.levels).zip(&start.comparisons) {
            let mut sums = vec![(0.0, 0.0); weighed.levels.len() + 1];
            for ((&level, s), r) in levels.iter().zip(&same).zip(&related) {
                let sum = &mut sums[level as usize];
                sum.0 += s;
                sum.1 += r;
            }
            let total = sums[1..].iter().fold((PSEUDO, PSEUDO), |sum, own| (sum.0 + own.0, sum.1 + own.1));
            for ((p, sum), first) in weighed.levels.iter_mut().zip(&sums[1..]).zip(&first.levels) {
                let m = ((sum.0 + PSEUDO * first.m) / total.0).clamp(FLOOR, 1.0);
                state.change = state.change.max((m - p.m).abs());
                p.m = m;
                if let (Some(own), Some(first)) = (&mut p.relatives, first.relatives) {
                    *own = if weighed.comparison.personal {
                        p.u
                    } else {
                        ((sum.1 + PSEUDO * first) / total.1).clamp(FLOOR, 1.0)
                    };
                }
            }
        }
        if prior {
            model.prior = (state.matches / pairs).clamp(1e-12, 0.5);
        }
        if model.relatives > 0.0 {
            model.relatives = (state.relatives / pairs).clamp(1e-12, 0.5);
        }
        state.converged = state.change < LIMIT;
    }
    state
}

/// u probabilities from pairs at random, each counted by how surely it is of strangers.
pub(super) fn strangers(model: &mut Model, random: &Vectors) {
    let odds = odds(model, random);
    let weight = |at: usize| random.count[at] / (1.0 + odds.same[at] + odds.related[at]);
    for (weighed, levels) in model.comparisons.iter_mut().zip(&random.levels) {
        let mut sums = vec![0.0; weighed.levels.len() + 1];
        levels.iter().enumerate().for_each(|(at, &level)| sums[level as usize] += weight(at));
        // Half a pair for what was never met.
        let total: f64 = sums[1..].iter().map(|sum| sum + 0.5).sum();
        for (p, sum) in weighed.levels.iter_mut().zip(&sums[1..]) {
            p.u = ((sum + 0.5) / total).clamp(FLOOR, 1.0);
        }
    }
}
