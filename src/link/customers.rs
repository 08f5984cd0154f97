//! From scored pairs to customers: the threshold, and clustering under its guard.

use super::spec::{Clustering, Spec};
use crate::{
    cluster::{self, ContractOptions, Edge, Guard, Refusal, Unsaid},
    model::{Calibration, Scorer, calibrate},
    table::Table,
    weight::MatchWeight,
};

/// A link that joins more than two rows makes as many pairs of customers as it has rows on either side, so it must be this
/// much likelier than what is best for pairs alone: twice.
const ABOVE: MatchWeight = MatchWeight::of_thousandths(1000);
/// The share of the links that must be left by that: where they all weigh about the same, the best stands.
const KEPT: f64 = 0.9;

/// The threshold asked for, or one by expectation, and what a join of more than two rows must weigh above it. The edges are
/// sorted by their weights.
pub(super) fn threshold(edges: &[Edge], spec: &Spec) -> (Calibration, MatchWeight) {
    // Tenths of a bit are fine enough, and few.
    let tenths = |edge: &Edge| edge.weight.thousandths().div_euclid(100);
    let weights: Vec<(MatchWeight, u64)> = edges
        .chunk_by(|one, next| tenths(one) == tenths(next))
        .map(|same| (MatchWeight::of_thousandths(tenths(&same[0]) * 100), same.len() as u64))
        .rev()
        .collect();
    if let Some(p) = spec.threshold {
        let threshold = MatchWeight::from_bits((p / (1.0 - p).max(1e-300)).max(1e-300).log2());
        return (Calibration::at(threshold, &weights), MatchWeight::ZERO);
    }
    let best = calibrate(&weights, 0.0);
    let above = Calibration::at(best.threshold + ABOVE, &weights);
    if above.recall < KEPT * best.recall {
        return (best, MatchWeight::ZERO);
    }
    match spec.clustering {
        Clustering::Contraction => (best, ABOVE),
        // Here every link may join more than two rows.
        _ => (above, MatchWeight::ZERO),
    }
}

/// For each row the first row of its customer, and the links that were refused, the strongest first. What parts rows for good
/// is told by the number of its comparison.
pub(super) fn cluster(
    table: &Table,
    spec: &Spec,
    edges: &mut [Edge],
    (threshold, above): (MatchWeight, MatchWeight),
    scorer: &Scorer<'_>,
) -> (Vec<u32>, Vec<Refusal>) {
    // Edges and clusters are of rows in the order of keys, whatever their order in the table.
    let rows = |rank: u32| table.ranked(rank);
    let source = |rank: u32| table.source_number(rows(rank));
    match spec.clustering {
        Clustering::Contraction => {
            let options = ContractOptions {
                threshold,
                above,
                one_per_source: spec.one_per_source,
                against: spec.against,
                ..ContractOptions::default()
            };
            let guard = Known::new(table, scorer);
            let mut levels = Vec::new();
            let done =
                cluster::contract(table.len(), edges, &options, scorer.prior(), source, &guard, |a, b| {
                    scorer.score_with(rows(a), rows(b), &mut levels)
                });
            (done.clusters, done.refused)
        }
        Clustering::Components => (cluster::components(table.len(), edges, threshold), Vec::new()),
        Clustering::Centres => (cluster::centres(table.len(), edges, threshold), Vec::new()),
        Clustering::BestLinks => cluster::best_links(table.len(), edges, threshold, source),
    }
}

/// What is known of rows beside the weights of pairs. Rows are in the order of keys.
struct Known<'a> {
    table: &'a Table,
    scorer: &'a Scorer<'a>,
    /// Of what a customer has one of: comparisons, their columns, and the level of all else.
    exclusive: Vec<(usize, Vec<usize>, u8)>,
    /// Comparisons that can speak against, with how much at the most, in thousandths of a bit.
    against: Vec<(usize, i32)>,
}

impl<'a> Known<'a> {
    fn new(table: &'a Table, scorer: &'a Scorer<'a>) -> Self {
        let all = || scorer.model().comparisons.iter().map(|weighed| &weighed.comparison).enumerate();
        let exclusive = all()
            .filter(|(_, comparison)| comparison.exclusive)
            .map(|(at, comparison)| {
                let columns = comparison.columns.iter().filter_map(|name| table.find(name)).collect();
                (at, columns, comparison.levels.len() as u8 + 1)
            })
            .collect();
        let least = |at: usize, levels: usize| -> i32 {
            (1..=levels as u8 + 1).map(|level| scorer.level_weight(at, level)).min().unwrap_or(0)
        };
        let against = all().map(|(at, comparison)| (at, least(at, comparison.levels.len())));
        Known { table, scorer, exclusive, against: against.filter(|(_, least)| *least < 0).collect() }
    }

    fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.exclusive.iter().flat_map(|(_, columns, _)| columns.iter().copied())
    }

    /// The pair of these rows that speaks least against in a comparison, with its weight; none where a pair speaks for, or
    /// none has anything to compare.
    fn least_against(&self, at: usize, own: &[u32], others: &[u32]) -> Option<(i32, u32, u32)> {
        let comparisons = self.scorer.comparisons();
        let mut found: Option<(i32, u32, u32)> = None;
        for (x, y) in own.iter().flat_map(|&x| others.iter().map(move |&y| (x.min(y), x.max(y)))) {
            let rows = (self.table.ranked(x), self.table.ranked(y));
            let level = comparisons.level(at, rows.0, rows.1);
            if level == 0 {
                continue;
            }
            let weight = self.scorer.level_weight(at, level);
            if weight >= 0 {
                return None;
            }
            found = found.max(Some((weight, x, y)));
        }
        found
    }
}

impl Guard for Known<'_> {
    fn has(&self, row: u32) -> bool {
        self.columns().any(|column| self.table.symbol(self.table.ranked(row), column) != 0)
    }

    fn same(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.table.ranked(a), self.table.ranked(b));
        self.columns().all(|column| self.table.symbol(a, column) == self.table.symbol(b, column))
    }

    fn parts(&self, a: u32, b: u32) -> Option<usize> {
        let (a, b) = (self.table.ranked(a), self.table.ranked(b));
        let differ = |at, other| self.scorer.comparisons().level(at, a, b) == other;
        self.exclusive.iter().find(|(at, _, other)| differ(*at, *other)).map(|(at, ..)| *at)
    }

    fn unsaid(&self, link: (u32, u32), own: &[u32], others: &[u32], spare: MatchWeight) -> Option<Unsaid> {
        let (a, b) = (self.table.ranked(link.0), self.table.ranked(link.1));
        let silent = || self.against.iter().filter(|(at, _)| self.scorer.comparisons().is_null(*at, a, b));
        let most: i32 = silent().map(|(_, least)| least).sum();
        if most >= -spare.thousandths() {
            return None;
        }
        let found = silent().filter_map(|&(at, _)| Some((self.least_against(at, own, others)?, at)));
        let (mut weight, mut first) = (0, None);
        for ((against, a, b), by) in found {
            weight += against;
            let own = (against, by, a, b);
            first = Some(first.map_or(own, |first: (i32, usize, u32, u32)| first.min(own)));
        }
        let (_, by, a, b) = first?;
        Some(Unsaid { weight: MatchWeight::of_thousandths(weight), by, a, b })
    }
}
