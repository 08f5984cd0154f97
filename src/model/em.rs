//! Expectation maximisation over comparison vectors with counts (Dempster, Laird, Rubin 1977; Winkler 1988).
//!
//! u probabilities stand fixed: they come from pairs at random, and estimating them among candidates, which agree
//! because they were chosen to, is the classic mistake. The prior is over *all* pairs, so a vector that strangers have
//! by chance is weighed against the number of strangers that there are, wherever the candidates came from.

use super::{FLOOR, Model, log2_odds, score::agree, vectors::Vectors};
use crate::compare::{Level, Test};
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

pub(super) const LIMIT: f64 = 5e-4;
pub(super) const ROUNDS: u32 = 100;
/// Pairs that every estimate begins with, so that a level that was never met is not impossible.
const PSEUDO: f64 = 2.0;

/// How often relatives agree in what tells them apart, at the least: twins and namesakes, and numbers given for another
/// of the household.
const NAMESAKES: f64 = 0.01;

/// How many pairs count for it that strangers who agree in what something is made of differ in it as others do. Of few pairs,
/// all that agree in both could else be such strangers as well as customers.
const MADE_APART: f64 = 100.0;

/// How many pairs of strangers a u that is expected counts as.
const EXPECTED_STRANGERS: f64 = 10_000.0;

/// How many pairs of strangers who wholly differ each row counts as that was not seen ([`Model::unseen_rows`]). Of few pairs,
/// halves of pairs would else make levels near the closest as likely among strangers as what most of them are.
const UNSEEN_STRANGERS: f64 = 5.0;

/// Days that strangers' days of birth are spread over.
const LIFE: f64 = 70.0 * 365.25;

/// What the pairs of a vector are: the odds of one customer and of relatives, against strangers.
struct Odds {
    same: Vec<f64>,
    related: Vec<f64>,
}

fn odds(model: &Model, vectors: &Vectors) -> Odds {
    let log = |p: f64| p.max(FLOOR).log2();
    let mut same: Vec<f64> = vectors.frequency.iter().map(|bits| bits + log2_odds(model.prior)).collect();
    let mut related: Vec<f64> = vectors
        .frequency
        .iter()
        .map(|bits| if model.relatives > 0.0 { bits + log2_odds(model.relatives) } else { -1000.0 })
        .collect();
    for ((weighed, levels), made_of) in model.comparisons.iter().zip(&vectors.levels).zip(model.made_of()) {
        let mut weights = vec![(0.0, 0.0, 0.0)];
        weights.extend(weighed.levels.iter().map(|p| {
            let u = log(p.u);
            (log(p.m) - u, log(p.relatives.unwrap_or(p.u)) - u, u - p.beside.map_or(u, log))
        }));
        for (at, ((same, related), &level)) in same.iter_mut().zip(&mut related).zip(levels).enumerate() {
            let (s, r, beside) = weights[level as usize];
            let off = if !made_of.is_empty() && agree(&made_of, |other| vectors.levels[other][at]) {
                beside
            } else {
                0.0
            };
            *same += s + off;
            *related += r + off;
        }
    }
    same.iter_mut().chain(&mut related).for_each(|bits| *bits = bits.exp2());
    Odds { same, related }
}

/// How often strangers who agree in what a comparison is made of agree in it: counted where that is at the closest
/// level, whose pairs are all among the candidates.
fn beside(model: &mut Model, vectors: &Vectors, strangers: impl Fn(usize) -> f64) {
    for (place, made_of) in model.made_of().into_iter().enumerate().filter(|(_, made_of)| !made_of.is_empty())
    {
        let weighed = &mut model.comparisons[place];
        let mut sums = vec![0.0; weighed.levels.len() + 1];
        for (at, &level) in vectors.levels[place].iter().enumerate() {
            if made_of.iter().all(|&(other, _)| vectors.levels[other][at] == 1) {
                sums[level as usize] += strangers(at);
            }
        }
        let total: f64 = sums[1..].iter().sum::<f64>() + MADE_APART;
        for (p, sum) in weighed.levels.iter_mut().zip(&sums[1..]) {
            p.beside = Some(((sum + MADE_APART * p.u) / total).clamp(FLOOR, 1.0));
        }
    }
}

/// What an estimation goes by beside the vectors.
pub(super) struct Given {
    /// How many candidate pairs one counted pair stands for.
    pub(super) scale: f64,
    /// The number of all pairs.
    pub(super) pairs: f64,
    /// Whether the prior is to be estimated.
    pub(super) prior: bool,
    /// How many pairs what levels expect counts as.
    pub(super) expected_pairs: f64,
}

/// Estimates m, the relatives' probabilities, the prior and theirs.
pub(super) fn estimate(model: &mut Model, vectors: &Vectors, start: &Model, given: &Given) -> Convergence {
    let Given { scale, pairs, prior, expected_pairs } = *given;
    let mut state =
        Convergence { iterations: 0, change: 1.0, converged: false, matches: 0.0, relatives: 0.0 };
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
        let before: Vec<f64> = every_m(model).collect();
        beside(model, vectors, |at| vectors.count[at] / (1.0 + odds.same[at] + odds.related[at]));
        for ((weighed, levels), first) in
            model.comparisons.iter_mut().zip(&vectors.levels).zip(&start.comparisons)
        {
            if weighed.comparison.fixed {
                continue;
            }
            let expected = weighed.comparison.levels.iter().any(|level| level.m.is_some());
            let own = if expected { expected_pairs.max(PSEUDO) } else { PSEUDO };
            let mut sums = vec![(0.0, 0.0); weighed.levels.len() + 1];
            for ((&level, s), r) in levels.iter().zip(&same).zip(&related) {
                let sum = &mut sums[level as usize];
                sum.0 += s;
                sum.1 += r;
            }
            let total = sums[1..].iter().fold((own, PSEUDO), |sum, own| (sum.0 + own.0, sum.1 + own.1));
            for (at, ((p, sum), first)) in
                weighed.levels.iter_mut().zip(&sums[1..]).zip(&first.levels).enumerate()
            {
                // What was never met could have been half a pair.
                p.m = ((sum.0 + own * first.m).max(0.5) / total.0).clamp(FLOOR, 1.0);
                if let (Some(related), Some(first)) = (&mut p.relatives, first.relatives) {
                    *related = if weighed.comparison.personal {
                        if at == 0 { p.u.max(NAMESAKES) } else { p.u }
                    } else {
                        ((sum.1 + PSEUDO * first).max(0.5) / total.1).clamp(FLOOR, 1.0)
                    };
                }
            }
        }
        for weighed in model.comparisons.iter_mut().filter(|weighed| !weighed.comparison.fixed) {
            let all: f64 = weighed.levels.iter().map(|p| p.m).sum();
            weighed.levels.iter_mut().for_each(|p| p.m /= all);
        }
        // Of what stands in the model. Where few pairs were met, halves of pairs make the sums greater than the total, and what
        // is not divided yet never comes to rest.
        state.change =
            every_m(model).zip(&before).map(|(now, before)| (now - before).abs()).fold(0.0, f64::max);
        if prior {
            // As of levels: what was never met could have been half a pair, and there is one of strangers more.
            model.prior = (state.matches.max(0.5) / (pairs + 1.0)).clamp(1e-12, 0.5);
        }
        if model.relatives > 0.0 {
            model.relatives = (state.relatives / pairs).clamp(1e-12, 0.5);
        }
        state.converged = state.change < LIMIT;
    }
    state
}

fn every_m(model: &Model) -> impl Iterator<Item = f64> + '_ {
    model.comparisons.iter().flat_map(|weighed| &weighed.levels).map(|p| p.m)
}

/// u probabilities from pairs at random, each counted by how surely it is of strangers.
pub(super) fn strangers(model: &mut Model, random: &Vectors) {
    let odds = odds(model, random);
    let weight = |at: usize| random.count[at] / (1.0 + odds.same[at] + odds.related[at]);
    let differing = (f64::from(model.unseen_rows) * UNSEEN_STRANGERS).max(0.5);
    for (weighed, levels) in model.comparisons.iter_mut().zip(&random.levels) {
        if weighed.comparison.fixed {
            continue;
        }
        let mut sums = vec![0.0; weighed.levels.len() + 1];
        levels.iter().enumerate().for_each(|(at, &level)| sums[level as usize] += weight(at));
        // Half a pair for what was never met, what is expected, or the strangers who were not seen.
        let rest = weighed.comparison.levels.iter().any(|level| level.u.is_some());
        let expected: Vec<f64> = (0..weighed.levels.len())
            .map(|at| match weighed.comparison.levels.get(at) {
                Some(Level { u: Some(u), .. }) => u * EXPECTED_STRANGERS,
                None if rest => EXPECTED_STRANGERS,
                Some(Level { test: Test::OtherName, .. }) | None => differing,
                // Wide as it is, strangers' days of birth are within it now and then.
                Some(Level { test: Test::Days(most), .. }) => {
                    (differing * (2.0 * f64::from(*most) / LIFE).min(1.0)).max(0.5)
                }
                Some(_) => 0.5,
            })
            .collect();
        let total: f64 = sums[1..].iter().zip(&expected).map(|(sum, own)| sum + own).sum();
        for ((p, sum), own) in weighed.levels.iter_mut().zip(&sums[1..]).zip(&expected) {
            p.u = ((sum + own) / total).clamp(FLOOR, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        block::{Between, Blocking, BlockingRule},
        compare::{Comparison, Comparisons, Level, Test},
        model::{TrainOptions, train},
        table::{ColumnSpec, Kind, RawTable, Table},
    };

    #[test]
    fn a_few_rows_come_to_rest() {
        let mut raw = RawTable::new(["name", "city"]).unwrap();
        for at in 0..30 {
            // Two pairs of one customer among thirty rows.
            let who = if at < 4 { at / 2 } else { at };
            let city = ["leeds", "york", "bath"][who % 3];
            raw.push("crm", &format!("r{at:02}"), &[&format!("name{who:02}"), city]).unwrap();
        }
        let columns = ["name", "city"].map(|name| ColumnSpec::new(name, Kind::Text));
        let table = Table::prepare(raw, &columns).unwrap();
        let level = |test: Test, m: f64| Level::new(test).expected(m, None);
        let name = Comparison::new("name", ["name"])
            .level(level(Test::Exact, 0.8))
            .level(level(Test::Levenshtein(1), 0.15))
            .level(level(Test::Soundex, 0.1));
        let comparisons = [name, Comparison::new("city", ["city"]).level(Level::new(Test::Exact))];
        let bound = Comparisons::bind(&table, &comparisons).unwrap();
        let rules = [BlockingRule::on(["name"]).unwrap()];
        let blocking = Blocking::plan(&table, &rules, &[], 100, Between::All).unwrap();
        let training = train(&comparisons, &bound, &blocking, &TrainOptions::default()).unwrap();
        let convergence = &training.convergence;
        assert!(convergence.converged && convergence.iterations < 20, "{convergence:?}");
        assert!(training.warnings.is_empty(), "{:?}", training.warnings);
    }
}
