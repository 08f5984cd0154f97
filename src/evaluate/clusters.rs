//! A clustering against the true one.

use super::{
    Truth,
    measures::{Counts, Fractions, Measures, pairs, pairs_of_equal, runs},
    same_length,
};
use crate::error::Result;
use serde::Serialize;
use std::collections::BTreeMap;

/// How close a clustering is to the true one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterQuality {
    /// Records in both.
    pub records: u64,
    /// Clusters found.
    pub clusters: u64,
    /// True clusters.
    pub true_clusters: u64,
    /// Clusters found that hold just the records of a true one.
    pub exact_clusters: u64,
    /// Over pairs of records in one cluster. Large clusters weigh by the square of their size.
    pub pairwise: Measures,
    /// The counts behind `pairwise`.
    pub pairs: Counts,
    /// Over records: the share of a record's cluster that is truly with it, and of those truly with it that are in its
    /// cluster (Bagga and Baldwin, 1998). The record itself counts.
    pub b_cubed: Measures,
    /// Over clusters: the Jaccard index of each cluster found with the true one that is closest to it (precision), and
    /// the other way round (recall) (Benjelloun and others, 2009). Every cluster weighs the same.
    pub closest_cluster: Measures,
    /// The distance of both clusterings in bits, 0 where they are the same (Meilă, 2003): the sum of the next two.
    pub variation_of_information: f64,
    /// Bits lost by splitting true clusters: the entropy of the clusters found, given the true ones.
    pub split_bits: f64,
    /// Bits lost by joining true clusters: the entropy of the true clusters, given those found.
    pub merged_bits: f64,
    /// Agreement on pairs beyond chance: 1 where both are the same, about 0 by chance (Hubert and Arabie, 1985).
    pub adjusted_rand: f64,
    /// How many clusters found have so many records.
    pub sizes: BTreeMap<u32, u64>,
    /// How many true clusters have so many records.
    pub true_sizes: BTreeMap<u32, u64>,
}

impl ClusterQuality {
    /// Sizes of the largest clusters found, the greatest first.
    pub fn largest(&self, most: usize) -> Vec<u32> {
        let each = self.sizes.iter().rev();
        each.flat_map(|(&size, &count)| std::iter::repeat_n(size, count as usize)).take(most).collect()
    }
}

/// Compares clusters found with the true ones; both give each record's label. A record that was not clustered has a
/// label of its own. O(n log n) time, O(n) memory.
///
/// # Errors
/// Where the numbers of records differ.
pub fn clusters(found: &[u32], truth: &[u32]) -> Result<ClusterQuality> {
    compare(found, Truth::new(truth))
}

/// As [`clusters`], for linking sources: only pairs of records of two sources count, in the pairwise measures; in
/// B-cubed a record is compared with itself and the records of other sources. What is measured over clusters is the
/// same as in [`clusters`].
///
/// # Errors
/// Where the numbers of records differ.
pub fn linked_clusters(found: &[u32], truth: &[u32], source: &[u32]) -> Result<ClusterQuality> {
    compare(found, Truth::linking(truth, source)?)
}

fn compare(found: &[u32], truth: Truth<'_>) -> Result<ClusterQuality> {
    same_length("a cluster", truth.cluster.len(), found.len())?;
    let records = found.len() as u64;
    let found_sizes: Vec<(u32, u32)> = runs(found.to_vec()).collect();
    let true_sizes: Vec<(u32, u32)> = runs(truth.cluster.to_vec()).collect();
    let size = |sizes: &[(u32, u32)], label: u32| {
        sizes.binary_search_by_key(&label, |&(known, _)| known).map_or(0, |at| u64::from(sizes[at].1))
    };
    let both = found.iter().copied().zip(truth.cluster.iter().copied());
    let cells: Vec<Cell> = runs(both.clone().collect())
        .map(|((f, t), n)| Cell {
            found: f,
            truth: t,
            both: u64::from(n),
            found_size: size(&found_sizes, f),
            true_size: size(&true_sizes, t),
        })
        .collect();
    let counts = pair_counts(found, truth, &cells, &found_sizes, &true_sizes);
    let (split_bits, merged_bits) = (
        entropy(cells.iter().map(|cell| (cell.both, cell.true_size)), records),
        entropy(cells.iter().map(|cell| (cell.both, cell.found_size)), records),
    );
    Ok(ClusterQuality {
        records,
        clusters: found_sizes.len() as u64,
        true_clusters: true_sizes.len() as u64,
        exact_clusters: cells.iter().filter(|c| c.both == c.found_size && c.both == c.true_size).count()
            as u64,
        pairwise: counts.measures(),
        pairs: counts,
        b_cubed: match truth.source {
            None => b_cubed(&cells, records),
            Some(source) => b_cubed_linked(found, truth.cluster, source),
        },
        closest_cluster: closest(&cells, found_sizes.len(), true_sizes.len()),
        variation_of_information: split_bits + merged_bits,
        split_bits,
        merged_bits,
        adjusted_rand: adjusted_rand(
            counts,
            match truth.source {
                None => pairs(records),
                Some(source) => pairs(records) - pairs_of_equal(source.iter().map(|&source| (source, 0))),
            },
        ),
        sizes: distribution(&found_sizes),
        true_sizes: distribution(&true_sizes),
    })
}

/// Records in one cluster found and one true cluster.
struct Cell {
    found: u32,
    truth: u32,
    both: u64,
    found_size: u64,
    true_size: u64,
}

fn distribution(sizes: &[(u32, u32)]) -> BTreeMap<u32, u64> {
    let mut counts = BTreeMap::new();
    for (_, size) in sizes {
        *counts.entry(*size).or_default() += 1;
    }
    counts
}

fn pair_counts(
    found: &[u32],
    truth: Truth<'_>,
    cells: &[Cell],
    found_sizes: &[(u32, u32)],
    true_sizes: &[(u32, u32)],
) -> Counts {
    let sum = |sizes: &[(u32, u32)]| sizes.iter().map(|(_, size)| pairs(u64::from(*size))).sum::<u64>();
    let mut hit: u64 = cells.iter().map(|cell| pairs(cell.both)).sum();
    let (mut linked, mut real) = (sum(found_sizes), sum(true_sizes));
    if let Some(source) = truth.source {
        // Pairs within a source are taken out of each.
        let cell = found.iter().zip(truth.cluster).zip(source);
        hit -= runs(cell.map(|((&f, &t), &s)| (f, t, s)).collect())
            .map(|(_, n)| pairs(u64::from(n)))
            .sum::<u64>();
        linked -= pairs_of_equal(found.iter().copied().zip(source.iter().copied()));
        real -= pairs_of_equal(truth.cluster.iter().copied().zip(source.iter().copied()));
    }
    Counts { true_positives: hit, false_positives: linked - hit, false_negatives: real - hit }
}

fn b_cubed(cells: &[Cell], records: u64) -> Measures {
    let (mut precision, mut recall) = (Fractions::default(), Fractions::default());
    for cell in cells {
        precision.add(cell.both * cell.both, cell.found_size);
        recall.add(cell.both * cell.both, cell.true_size);
    }
    Measures::new(precision.mean(records), recall.mean(records))
}

fn b_cubed_linked(found: &[u32], truth: &[u32], source: &[u32]) -> Measures {
    let counted = |items: Vec<(u32, u32, u32)>| runs(items).collect::<Vec<_>>();
    let look = |table: &[((u32, u32, u32), u32)], key| {
        table.binary_search_by_key(&key, |&(known, _)| known).map_or(0, |at| u64::from(table[at].1))
    };
    let n = 0..found.len();
    let table = |key: &dyn Fn(usize) -> (u32, u32, u32)| counted(n.clone().map(key).collect());
    let (by_found, by_truth) = (table(&|i| (found[i], 0, 0)), table(&|i| (truth[i], 0, 0)));
    let by_both = table(&|i| (found[i], truth[i], 0));
    let (own_found, own_truth) = (table(&|i| (found[i], source[i], 0)), table(&|i| (truth[i], source[i], 0)));
    let own_both = table(&|i| (found[i], truth[i], source[i]));
    let (mut precision, mut recall) = (Fractions::default(), Fractions::default());
    for i in n.clone() {
        let (f, t, s) = (found[i], truth[i], source[i]);
        let both = look(&by_both, (f, t, 0)) - look(&own_both, (f, t, s)) + 1;
        precision.add(both, look(&by_found, (f, 0, 0)) - look(&own_found, (f, s, 0)) + 1);
        recall.add(both, look(&by_truth, (t, 0, 0)) - look(&own_truth, (t, s, 0)) + 1);
    }
    Measures::new(precision.mean(found.len() as u64), recall.mean(found.len() as u64))
}

fn closest(cells: &[Cell], found: usize, real: usize) -> Measures {
    // A cell's Jaccard index as a fraction; the greatest of each cluster.
    let mut best_found: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    let mut best_true: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for cell in cells {
        let index = (cell.both, cell.found_size + cell.true_size - cell.both);
        for (best, label) in [(&mut best_found, cell.found), (&mut best_true, cell.truth)] {
            let known = best.entry(label).or_insert((0, 1));
            if u128::from(index.0) * u128::from(known.1) > u128::from(known.0) * u128::from(index.1) {
                *known = index;
            }
        }
    }
    let mean = |best: BTreeMap<u32, (u64, u64)>, count: usize| {
        let mut sum = Fractions::default();
        best.values().for_each(|&(part, whole)| sum.add(part, whole));
        sum.mean(count as u64)
    };
    Measures::new(mean(best_found, found), mean(best_true, real))
}

/// The entropy in bits of cells given wholes: the sum of n/N log2(whole/n), each (n, whole) counted and added in order.
fn entropy(cells: impl Iterator<Item = (u64, u64)>, records: u64) -> f64 {
    let mut alike: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for cell in cells.filter(|(part, whole)| part != whole) {
        *alike.entry(cell).or_default() += 1;
    }
    let bits = |(&(part, whole), &count): (&(u64, u64), &u64)| {
        (part * count) as f64 / records as f64 * (whole as f64 / part as f64).log2()
    };
    // The sum of no numbers is minus nothing.
    alike.iter().map(bits).fold(0.0, |sum, bits| sum + bits)
}

fn adjusted_rand(counts: Counts, all: u64) -> f64 {
    let hit = counts.true_positives as f64;
    let linked = (counts.true_positives + counts.false_positives) as f64;
    let real = (counts.true_positives + counts.false_negatives) as f64;
    let chance = if all == 0 { 0.0 } else { linked * real / all as f64 };
    let most = f64::midpoint(linked, real);
    if most == chance { 1.0 } else { (hit - chance) / (most - chance) }
}
