//! From scored pairs to customers: the threshold, and clustering under its guard.

use super::spec::{Clustering, Spec};
use crate::{
    cluster::{self, ContractOptions, Edge, Guard, Refusal},
    model::{Calibration, Scorer, calibrate},
    table::Table,
    weight::MatchWeight,
};

/// A link joins all rows of two customers, so it must be this much likelier than what is best for pairs alone: twice.
const ABOVE: MatchWeight = MatchWeight::of_thousandths(1000);
/// The share of the links that must be left by that: where they all weigh about the same, the best stands.
const KEPT: f64 = 0.9;

/// The threshold asked for, or one by expectation. The edges are sorted by their weights.
pub(super) fn threshold(edges: &[Edge], asked: Option<f64>) -> Calibration {
    // Tenths of a bit are fine enough, and few.
    let tenths = |edge: &Edge| edge.weight.thousandths().div_euclid(100);
    let weights: Vec<(MatchWeight, u64)> = edges
        .chunk_by(|one, next| tenths(one) == tenths(next))
        .map(|same| (MatchWeight::of_thousandths(tenths(&same[0]) * 100), same.len() as u64))
        .rev()
        .collect();
    if let Some(p) = asked {
        let threshold = MatchWeight::from_bits((p / (1.0 - p).max(1e-300)).max(1e-300).log2());
        return Calibration::at(threshold, &weights);
    }
    let best = calibrate(&weights, 0.0);
    let above = Calibration::at(best.threshold + ABOVE, &weights);
    if above.recall < KEPT * best.recall { best } else { above }
}

/// For each row the first row of its customer, and the links that were refused, the strongest first. What parts rows for good
/// is told by the number of its comparison.
pub(super) fn cluster(
    table: &Table,
    spec: &Spec,
    edges: &mut [Edge],
    threshold: MatchWeight,
    scorer: &Scorer<'_>,
) -> (Vec<u32>, Vec<Refusal>) {
    // Edges and clusters are of rows in the order of keys, whatever their order in the table.
    let rows = |rank: u32| table.ranked(rank);
    let source = |rank: u32| table.source_number(rows(rank));
    match spec.clustering {
        Clustering::Contraction => {
            let options = ContractOptions {
                threshold,
                one_per_source: spec.one_per_source,
                against: spec.against,
                ..ContractOptions::default()
            };
            let guard = Exclusive::new(table, scorer);
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

/// Keeps rows apart that differ where a customer has one value. Rows are in the order of keys.
struct Exclusive<'a> {
    table: &'a Table,
    scorer: &'a Scorer<'a>,
    /// Comparisons, their columns, and the level of all else.
    comparisons: Vec<(usize, Vec<usize>, u8)>,
}

impl<'a> Exclusive<'a> {
    fn new(table: &'a Table, scorer: &'a Scorer<'a>) -> Self {
        let all = scorer.model().comparisons.iter().map(|weighed| &weighed.comparison).enumerate();
        let comparisons = all
            .filter(|(_, comparison)| comparison.exclusive)
            .map(|(at, comparison)| {
                let columns = comparison.columns.iter().filter_map(|name| table.find(name)).collect();
                (at, columns, comparison.levels.len() as u8 + 1)
            })
            .collect();
        Exclusive { table, scorer, comparisons }
    }

    fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.comparisons.iter().flat_map(|(_, columns, _)| columns.iter().copied())
    }
}

impl Guard for Exclusive<'_> {
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
        self.comparisons.iter().find(|(at, _, other)| differ(*at, *other)).map(|(at, ..)| *at)
    }
}
