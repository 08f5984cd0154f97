//! Training without labels: u from pairs at random, m and the prior by expectation maximisation over candidates.

use super::{
    Convergence, FLOOR, Model, Probabilities, VERSION, Weighed, em,
    rareness::collision,
    sample,
    score::Scorer,
    vectors::{Counts, Vectors, widths},
};
use crate::{
    block::{Blocking, ordered},
    compare::{Batch, Comparison, Comparisons, Level, Levels, Test},
    error::{Error, Result},
    table::Table,
};
use serde::Serialize;
use std::fmt;

/// How training goes.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainOptions {
    /// Pairs at random that u is counted on.
    pub random_pairs: u64,
    /// Candidate pairs that m is estimated on; a share of them is taken where there are more.
    pub candidate_pairs: u64,
    /// The probability that two rows at random are one customer; estimated where none is given.
    pub prior: Option<f64>,
    /// How many pairs the probabilities that levels expect ([`Level::m`](crate::compare::Level::m)) count as: much where
    /// there is little to learn from, nothing where there is a lot.
    pub expected_pairs: f64,
    /// Whether relatives are told from customers and strangers, where comparisons allow it.
    pub relatives: bool,
    /// Threads. The result does not depend on it.
    pub threads: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        TrainOptions {
            random_pairs: 250_000,
            candidate_pairs: 500_000,
            prior: None,
            expected_pairs: 20.0,
            relatives: true,
            threads: 1,
        }
    }
}

/// A trained model and how it came about.
#[derive(Debug, Clone)]
pub struct Training {
    /// The model.
    pub model: Model,
    /// How the estimation went.
    pub convergence: Convergence,
    /// Pairs at random that were compared.
    pub random_pairs: u64,
    /// Candidate pairs that were compared.
    pub candidate_pairs: u64,
    /// What to look at.
    pub warnings: Vec<Warning>,
}

/// What is odd about a comparison of a trained model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// No candidate pair has values to compare.
    NeverCompared(String),
    /// The closest level speaks against.
    Perverse(String),
    /// Agreement says less than half a bit.
    Weak(String),
    /// The estimation did not come to rest: [`Convergence::converged`].
    NotConverged,
    /// Hardly any candidate pair seems to be one customer.
    NoMatches,
    /// There is no candidate pair.
    NoCandidates,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::NeverCompared(name) => {
                write!(
                    f,
                    "comparison `{name}`: no candidate pair has values that can be read on both sides; look at its column, or \
                     leave it out"
                )
            }
            Warning::Perverse(name) => {
                write!(f, "comparison `{name}`: its closest level speaks against a match; look at its column")
            }
            Warning::Weak(name) => write!(f, "comparison `{name}`: agreement says less than half a bit"),
            Warning::NotConverged => write!(
                f,
                "training did not come to rest: after {} rounds probabilities still changed by more than {}, so weights are \
                 rough; add columns or blocking rules, or train on more rows",
                em::ROUNDS,
                em::LIMIT
            ),
            Warning::NoCandidates => f.write_str(
                "no blocking rule gives a pair, so nothing was compared; look at columns and blocking rules",
            ),
            Warning::NoMatches => f.write_str(
                "hardly any candidate pair looks like one customer; look at columns and blocking rules",
            ),
        }
    }
}

/// Trains a model for `comparisons`, which must be those that `bound` was bound from.
///
/// u is counted on pairs at random and m estimated on candidates, each over distinct comparison vectors with counts;
/// O(pairs × comparisons + rounds × vectors × comparisons). Pairs at random, and the rows whose candidates are taken,
/// are chosen by the places of rows, so the same data gives the same model in any order and on any number of threads.
///
/// # Errors
/// Where there are fewer than two rows, no comparison, or too many levels for one vector.
pub fn train(
    comparisons: &[Comparison],
    bound: &Comparisons<'_>,
    blocking: &Blocking<'_>,
    options: &TrainOptions,
) -> Result<Training> {
    train_on(comparisons, bound, blocking, options, |_| true)
}

/// [`train`] on the candidates of the rules that `taken` takes by their number.
pub(crate) fn train_on(
    comparisons: &[Comparison],
    bound: &Comparisons<'_>,
    blocking: &Blocking<'_>,
    options: &TrainOptions,
    taken: impl Fn(usize) -> bool + Sync,
) -> Result<Training> {
    let table = bound.table();
    if table.len() < 2 {
        return Err(Error::invalid("there are fewer than two rows; nothing can be compared"));
    }
    let start = first_guess(comparisons, table, options)?;
    let widths = widths(comparisons.iter().map(Comparison::level_count))
        .ok_or_else(|| Error::invalid("all comparisons together have too many levels; merge some"))?;
    let (random, random_pairs) = at_random(&start, bound, &widths, options)?;
    let (candidates, candidate_pairs, scale) =
        of_candidates(&start, bound, blocking, &widths, options, taken)?;
    let given = em::Given {
        scale,
        pairs: pairs_of(table.len() as f64),
        prior: options.prior.is_none(),
        expected_pairs: options.expected_pairs.max(0.0),
    };
    let trained = |first: Own| {
        let mut model = start.clone();
        em::strangers(&mut model, &random);
        keep_exact(&mut model, table, first);
        em::estimate(&mut model, &candidates, &start, &given);
        em::strangers(&mut model, &random);
        keep_exact(&mut model, table, Own::Prior);
        let convergence = em::estimate(&mut model, &candidates, &start, &given);
        keep_exact(&mut model, table, Own::Prior);
        (model, convergence)
    };
    let (mut model, mut convergence) = trained(Own::Unknown);
    if convergence.matches < FEWEST_MATCHES {
        // Where values are equal next to never but in one customer's rows, strangers seem to share them as often.
        let (other, found) = trained(Own::MostOfAddresses);
        if found.matches >= FEWEST_MATCHES {
            (model, convergence) = (other, found);
        }
    }
    let warnings = warnings(&model, &candidates, &convergence);
    Ok(Training { model, convergence, random_pairs, candidate_pairs, warnings })
}

fn pairs_of(rows: f64) -> f64 {
    rows * (rows - 1.0) / 2.0
}

/// Fewer pairs of one customer are none; one is never quite sure.
const FEWEST_MATCHES: f64 = 0.9;

/// How much of what is equal is taken for what customers share with themselves.
#[derive(Clone, Copy, PartialEq)]
enum Own {
    /// Nothing, since nothing is known of customers.
    Unknown,
    /// What the prior says.
    Prior,
    /// Nearly all of what is given to one customer, as addresses of e-mail are, and nothing of the rest.
    MostOfAddresses,
}

/// The u of equality that term frequencies adjust is that of the frequencies themselves.
fn keep_exact(model: &mut Model, table: &Table, known: Own) {
    let unseen = model.unseen_rows;
    // Of the pairs that frequencies are of: those of rows that were not seen are strangers.
    let (seen, rows) = (table.len() as f64, table.len() as f64 + f64::from(unseen));
    let prior = model.prior * pairs_of(seen) / pairs_of(rows);
    for weighed in model.comparisons.iter_mut().filter(|weighed| !weighed.comparison.fixed) {
        let Comparison { exclusive, levels, columns, .. } = &weighed.comparison;
        for (level, p) in levels.iter().zip(&mut weighed.levels) {
            if level.test == Test::OtherName && unseen > 0 {
                // However many customers of few seem to have two names, that two are different never speaks for one customer.
                p.m = p.m.min(p.u);
            }
            let Some(all) = collision(table, level, unseen) else { continue };
            match level.test {
                // Strangers are swapped as often as customers are, and then agree as strangers do.
                Test::Swapped(_) | Test::SwappedJaroWinkler(..) => p.u = (p.m * all).clamp(FLOOR, 1.0),
                // What customers share with themselves is left out of these frequencies already.
                Test::Exact | Test::SharedWords(1) if level.term_frequency_own > 0 => {
                    (p.u, p.collision) = (all, Some(all));
                }
                // What customers share with themselves is no coincidence. Of what a party has one of, that is nearly
                // all, however few rows have it.
                Test::Exact | Test::SharedWords(1) => {
                    let own = match known {
                        _ if *exclusive => all,
                        Own::Unknown => 0.0,
                        Own::Prior => prior * p.m,
                        Own::MostOfAddresses if level.term_frequency_minimum == 0.0 => 0.0,
                        Own::MostOfAddresses => all,
                    };
                    p.u = (all - own).clamp((all / 8.0).max(FLOOR), 1.0);
                    p.collision = Some(all);
                }
                // The frequency of a value adjusts how often it is equal, not what must hold as well.
                Test::All(ref tests) => {
                    let main = columns.first();
                    let adjusts = level.term_frequency.as_deref().unwrap_or_default();
                    if tests.iter().any(|test| test.is_equality_of(adjusts, main)) {
                        p.collision = Some(all);
                    }
                }
                _ => {}
            }
        }
    }
}

pub(super) fn first_guess(
    comparisons: &[Comparison],
    table: &Table,
    options: &TrainOptions,
) -> Result<Model> {
    if comparisons.is_empty() {
        return Err(Error::invalid("there is no comparison; name columns that can be compared"));
    }
    let told_apart = comparisons.iter().any(|c| c.personal)
        && comparisons.iter().any(|c| !c.personal)
        && options.relatives;
    let once = 1.0 / table.len() as f64;
    let weighed = |comparison: &Comparison| {
        let count = comparison.levels.len();
        let share = |first: f64, between: f64, last: f64| -> Vec<f64> {
            match count {
                0 => vec![1.0],
                1 => vec![first + between, last],
                _ => {
                    let mut all = vec![between / (count - 1) as f64; count];
                    all[0] = first;
                    all.push(last);
                    all
                }
            }
        };
        let (mut m, mut u, relatives) =
            (share(0.75, 0.15, 0.1), share(0.05, 0.1, 0.85), share(0.5, 0.2, 0.3));
        let expected = |own: &mut Vec<f64>, expected: &dyn Fn(&Level) -> Option<f64>| {
            if comparison.levels.iter().any(|level| expected(level).is_some()) {
                for (own, level) in own.iter_mut().zip(&comparison.levels) {
                    *own = expected(level).unwrap_or(1.0 / (count + 1) as f64).clamp(FLOOR, 1.0);
                }
                let rest = 1.0 - own[..count].iter().sum::<f64>();
                own[count] = rest.clamp(0.001, 1.0);
            }
        };
        expected(&mut m, &|level| level.m);
        expected(&mut u, &|level| level.u);
        let made = comparison.made_of.iter().all(|name| comparisons.iter().any(|other| other.name == *name));
        let levels = (0..=count)
            .map(|at| Probabilities {
                collision: None,
                m: m[at],
                u: u[at],
                beside: (made && !comparison.made_of.is_empty()).then_some(u[at]),
                relatives: told_apart.then_some(relatives[at]),
            })
            .collect();
        Weighed { comparison: comparison.clone(), levels }
    };
    let mut model = Model {
        version: VERSION,
        prior: options.prior.unwrap_or(once).clamp(1e-12, 0.5),
        relatives: if told_apart { once } else { 0.0 },
        unseen_rows: MANY_ROWS.saturating_sub(table.len() as u32) / 5,
        comparisons: comparisons.iter().map(weighed).collect(),
    };
    keep_exact(&mut model, table, Own::Unknown);
    model.check()?;
    Ok(model)
}

/// So many rows tell by themselves how rare values are.
const MANY_ROWS: u32 = 100;

const PIECE: usize = 1 << 15;

pub(super) fn count(scorer: &Scorer<'_>, widths: &[u32], threads: usize, pairs: &[(u32, u32)]) -> Vectors {
    let bound = scorer.comparisons();
    let pieces = ordered(
        threads,
        pairs.len().div_ceil(PIECE),
        || (Batch::new(bound), Levels::default()),
        |(batch, levels), at| {
            let mut counts = Counts::default();
            for chunk in pairs[at * PIECE..pairs.len().min((at + 1) * PIECE)].chunks(2048) {
                counts.add(scorer, batch, levels, widths, chunk);
            }
            counts
        },
    );
    let mut all = Counts::default();
    pieces.into_iter().for_each(|piece| all.merge(piece));
    all.vectors(widths)
}

fn at_random(
    model: &Model,
    bound: &Comparisons<'_>,
    widths: &[u32],
    options: &TrainOptions,
) -> Result<(Vectors, u64)> {
    let scorer = Scorer::new(model, bound)?;
    let table = bound.table();
    let mut pairs = sample::pairs(table.len() as u32, options.random_pairs.max(1));
    pairs.iter_mut().for_each(|(a, b)| (*a, *b) = (table.ranked(*a), table.ranked(*b)));
    Ok((count(&scorer, widths, options.threads, &pairs), pairs.len() as u64))
}

fn of_candidates(
    model: &Model,
    bound: &Comparisons<'_>,
    blocking: &Blocking<'_>,
    widths: &[u32],
    options: &TrainOptions,
    taken: impl Fn(usize) -> bool + Sync,
) -> Result<(Vectors, u64, f64)> {
    let scorer = Scorer::new(model, bound)?;
    let reports = blocking.reports().iter().enumerate().filter(|(rule, _)| taken(*rule));
    let pairs: u64 = reports.map(|(_, report)| report.pairs).sum();
    let one_in = pairs.div_ceil(options.candidate_pairs.max(1)).max(1);
    let pieces = blocking.run_rows::<_, _, true>(
        options.threads,
        |row| sample::among(row, one_in),
        || (Batch::new(bound), Levels::default(), Vec::new()),
        || (Counts::default(), 0u64),
        |(batch, levels, pairs), (counts, compared), chunk| {
            pairs.clear();
            pairs.extend(chunk.all().filter(|&(_, rule)| taken(rule)).map(|(pair, _)| pair));
            *compared += pairs.len() as u64;
            counts.add(&scorer, batch, levels, widths, pairs);
        },
    );
    let mut all = Counts::default();
    let mut compared = 0;
    for (counts, own) in pieces {
        all.merge(counts);
        compared += own;
    }
    Ok((all.vectors(widths), compared, one_in as f64))
}

fn warnings(model: &Model, candidates: &Vectors, convergence: &Convergence) -> Vec<Warning> {
    if candidates.count.is_empty() {
        return vec![Warning::NoCandidates];
    }
    let mut found = Vec::new();
    for (weighed, levels) in model.comparisons.iter().zip(&candidates.levels) {
        let name = || weighed.comparison.name.clone();
        if levels.iter().all(|&level| level == 0) {
            found.push(Warning::NeverCompared(name()));
            continue;
        }
        let best = weighed.levels.iter().map(|p| (p.m / p.u).log2()).fold(f64::MIN, f64::max);
        if weighed.levels.first().is_some_and(|p| p.m < p.u) {
            found.push(Warning::Perverse(name()));
        } else if best < 0.5 {
            found.push(Warning::Weak(name()));
        }
    }
    if !convergence.converged {
        found.push(Warning::NotConverged);
    }
    if convergence.matches < FEWEST_MATCHES {
        found.push(Warning::NoMatches);
    }
    found
}
