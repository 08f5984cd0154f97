//! Rows that fit two customers who differ.
//!
//! A row without a day of birth may be linked with two customers who were born on different days. It is of one of them at
//! most, so each of these links is as likely as the others leave it: where two weigh the same, neither is likelier than
//! not. Contraction takes the strongest and refuses the others, and what it refused tells which rows these are. Their links
//! are weighed again, and what hangs together with them is contracted again.

use crate::{
    cluster::{Contracted, Edge, Guard, Objection, Refusal, Unsaid},
    weight::MatchWeight,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// A row goes to one of two customers that it fits where that is this much likelier than all else together: twice. It is
/// left alone rather than given to the wrong one.
const CLEAR: MatchWeight = MatchWeight::of_thousandths(1000);

/// A link of which others leave less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Contested {
    /// Its weight less that.
    left: MatchWeight,
    /// The strongest of the others.
    rival: Edge,
    /// The comparison in which the customers differ.
    by: usize,
}

/// Links of a row that says nothing in a comparison with rows that do, of customers who differ there.
type Torn = BTreeMap<(u32, usize), Vec<Edge>>;

/// Weighs the links of rows that fit two customers again, and contracts what hangs together with them again: gives the
/// clusters and what was refused.
///
/// `edges` are those that were contracted, each of the lesser row first, and followed down to `threshold`. `says` tells whether a row
/// has anything to compare in a comparison of what a customer has one of, by the number that the guard gives. `contract`
/// contracts some rows, which are in order, by edges between their places among them. `gap` is how far above even odds the
/// threshold lies for want of pairs between, and not since more was asked for. O(refusals log refusals); where there is
/// such a row, O(rows + edges) and what contraction takes of what hangs together with it.
pub(super) fn settle(
    done: Contracted,
    edges: &[Edge],
    (threshold, gap): (MatchWeight, MatchWeight),
    says: impl Fn(usize, u32) -> bool,
    contract: impl FnOnce(&[u32], &mut [Edge]) -> Contracted,
) -> (Vec<u32>, Vec<Refusal>) {
    let Contracted { mut clusters, mut refused, .. } = done;
    let torn = torn(&refused, &clusters, &says);
    if torn.is_empty() {
        return (clusters, refused);
    }
    let is_followed = |edge: &&Edge| edge.weight >= threshold;
    let contested = contested(torn, edges.iter().filter(is_followed), gap, &clusters, &says);
    if contested.is_empty() {
        return (clusters, refused);
    }
    let customers = hanging_together(&refused, &clusters, contested.keys().map(|&(row, _)| row));
    let near: Vec<bool> = clusters.iter().map(|&customer| customers[customer as usize]).collect();
    let is_near = |row: u32| near[row as usize];
    let rows: Vec<u32> = (0..clusters.len() as u32).filter(|&row| is_near(row)).collect();
    let own: Vec<Edge> = edges.iter().filter(|edge| is_near(edge.a) && is_near(edge.b)).copied().collect();
    let followed = own.iter().filter(is_followed);
    refused.retain(|refusal| !is_near(refusal.edge.a));
    let place = |row: u32| rows.partition_point(|&other| other < row) as u32;
    let left = |edge: &Edge| contested.get(&(edge.a, edge.b)).map_or(edge.weight, |own| own.left);
    let mut again: Vec<Edge> =
        own.iter().map(|edge| Edge { weight: left(edge), a: place(edge.a), b: place(edge.b) }).collect();
    let Contracted { clusters: parts, refused: newly, .. } = contract(&rows, &mut again);
    for (&row, &first) in rows.iter().zip(&parts) {
        clusters[row as usize] = rows[first as usize];
    }
    let row = |place: u32| rows[place as usize];
    let mut newly: BTreeMap<(u32, u32), Objection> =
        newly.iter().map(|Refusal { edge, by }| ((row(edge.a), row(edge.b)), by.of_rows(row))).collect();
    // What others left too little of was not followed, and is refused as well.
    let apart = followed.filter(|edge| clusters[edge.a as usize] != clusters[edge.b as usize]);
    refused.extend(apart.filter_map(|edge| {
        let pair = (edge.a, edge.b);
        let by = match (contested.get(&pair), newly.remove(&pair)) {
            (Some(Contested { left, rival, by }), own) => {
                let (total, needed) = match own {
                    Some(
                        Objection::Evidence { total, needed, .. } | Objection::Unsaid { total, needed, .. },
                    ) => (total, needed),
                    Some(other) => return Some(Refusal { edge: *edge, by: other }),
                    None => (*left, threshold),
                };
                Objection::Rival { total, needed, by: *by, a: rival.a, b: rival.b }
            }
            (None, own) => own?,
        };
        Some(Refusal { edge: *edge, by })
    }));
    refused.sort_unstable_by_key(|Refusal { edge, .. }| (Reverse(edge.weight), edge.a, edge.b));
    (clusters, refused)
}

/// Of what was refused: rows that say nothing in what refused a link of theirs, whose other row does. Customers of whom
/// rows that do are linked with each other, although they differ, may well be one, and none is torn between them.
fn torn(refused: &[Refusal], clusters: &[u32], says: impl Fn(usize, u32) -> bool) -> Torn {
    let customers = |edge: &Edge| {
        let (a, b) = (clusters[edge.a as usize], clusters[edge.b as usize]);
        (a.min(b), a.max(b))
    };
    let (mut torn, mut linked) = (Torn::new(), BTreeSet::new());
    for Refusal { edge, by } in refused {
        match *by {
            Objection::Guard { by, .. } | Objection::Unsaid { by, .. }
                if says(by, edge.a) != says(by, edge.b) =>
            {
                let silent = if says(by, edge.a) { edge.b } else { edge.a };
                torn.entry((silent, by)).or_default().push(*edge);
            }
            Objection::Guard { .. } => {}
            _ => linked.extend([(customers(edge), edge.a, edge.b)]),
        }
    }
    torn.retain(|&(_, by), links| {
        links.retain(|edge| {
            let all = linked.range((customers(edge), 0, 0)..=(customers(edge), u32::MAX, u32::MAX));
            !all.into_iter().any(|&(_, a, b)| says(by, a) && says(by, b))
        });
        !links.is_empty()
    });
    torn
}

/// Which clusters hang together with those of some rows, by links that were refused: what else was followed is within
/// clusters.
fn hanging_together(refused: &[Refusal], clusters: &[u32], rows: impl Iterator<Item = u32>) -> Vec<bool> {
    let of = |row: u32| clusters[row as usize];
    let links: BTreeSet<(u32, u32)> = refused
        .iter()
        .map(|refusal| (of(refusal.edge.a), of(refusal.edge.b)))
        .flat_map(|(a, b)| [(a, b), (b, a)])
        .collect();
    let mut near = vec![false; clusters.len()];
    let mut left: Vec<u32> = rows.map(of).collect();
    while let Some(cluster) = left.pop() {
        if !std::mem::replace(&mut near[cluster as usize], true) {
            left.extend(links.range((cluster, 0)..=(cluster, u32::MAX)).map(|&(_, other)| other));
        }
    }
    near
}

/// What the links of such rows leave of each other, by their rows: those of one row with one customer are one way of
/// several, which exclude each other.
fn contested<'e>(
    mut torn: Torn,
    followed: impl Iterator<Item = &'e Edge>,
    gap: MatchWeight,
    clusters: &[u32],
    says: impl Fn(usize, u32) -> bool,
) -> BTreeMap<(u32, u32), Contested> {
    let of = |row: u32| clusters[row as usize];
    let mut is_torn = vec![false; clusters.len()];
    torn.keys().for_each(|&(row, _)| is_torn[row as usize] = true);
    let ends = |edge: &Edge| [(edge.a, edge.b), (edge.b, edge.a)].into_iter();
    let of_torn = |edge: &&Edge| is_torn[edge.a as usize] || is_torn[edge.b as usize];
    for edge in followed.filter(of_torn).filter(|edge| of(edge.a) == of(edge.b)) {
        for (row, other) in ends(edge).filter(|&(row, _)| is_torn[row as usize]) {
            let own = torn.range_mut((row, 0)..=(row, usize::MAX));
            own.filter(|((_, by), _)| says(*by, other)).for_each(|(_, links)| links.push(*edge));
        }
    }
    let mut contested: BTreeMap<(u32, u32), Contested> = BTreeMap::new();
    for ((row, by), links) in torn {
        let customer = |edge: &Edge| of(if edge.a == row { edge.b } else { edge.a });
        let stronger = |edge: &Edge| (edge.weight, Reverse((edge.a, edge.b)));
        let mut ways: BTreeMap<u32, Edge> = BTreeMap::new();
        for edge in &links {
            let strongest = ways.entry(customer(edge)).or_insert(*edge);
            if stronger(edge) > stronger(strongest) {
                *strongest = *edge;
            }
        }
        // Where it is not linked with its own customer but by rows that say no more, there is nothing to weigh.
        if !ways.contains_key(&of(row)) {
            continue;
        }
        for edge in &links {
            let others = || ways.iter().filter(|(other, _)| **other != customer(edge)).map(|(_, edge)| edge);
            let Some(rival) = others().max_by_key(|other| stronger(other)) else {
                continue;
            };
            let odds: f64 = others().map(|other| other.weight.bits().exp2()).sum();
            let less = MatchWeight::from_bits((1.0 + odds).log2()) + CLEAR - gap;
            let left = edge.weight - less.max(MatchWeight::ZERO);
            let own = Contested { left, rival: *rival, by };
            let known = contested.entry((edge.a, edge.b)).or_insert(own);
            if left < known.left {
                *known = own;
            }
        }
    }
    contested
}

/// A guard of some rows by their places, which are in the order of keys.
pub(super) struct Placed<'a, G> {
    pub(super) guard: &'a G,
    pub(super) rows: &'a [u32],
    /// The place of each in the order of keys among all.
    pub(super) ranks: &'a [u32],
}

impl<G: Guard> Placed<'_, G> {
    fn row(&self, place: u32) -> u32 {
        self.rows[place as usize]
    }

    fn place(&self, row: u32) -> u32 {
        let rank = self.guard.rank(row);
        self.ranks.partition_point(|&other| other < rank) as u32
    }
}

impl<G: Guard> Guard for Placed<'_, G> {
    fn has(&self, row: u32) -> bool {
        self.guard.has(self.row(row))
    }

    fn same(&self, a: u32, b: u32) -> bool {
        self.guard.same(self.row(a), self.row(b))
    }

    fn parts(&self, a: u32, b: u32) -> Option<usize> {
        self.guard.parts(self.row(a), self.row(b))
    }

    fn unsaid(&self, link: (u32, u32), own: &[u32], others: &[u32], spare: MatchWeight) -> Option<Unsaid> {
        let rows = |places: &[u32]| -> Vec<u32> { places.iter().map(|&place| self.row(place)).collect() };
        let link = (self.row(link.0), self.row(link.1));
        let unsaid = self.guard.unsaid(link, &rows(own), &rows(others), spare)?;
        Some(Unsaid { a: self.place(unsaid.a), b: self.place(unsaid.b), ..unsaid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Born, ContractOptions, contract};

    fn edges(of: &[(u32, u32, f64)]) -> Vec<Edge> {
        let mut edges: Vec<Edge> =
            of.iter().map(|&(a, b, bits)| Edge { weight: MatchWeight::from_bits(bits), a, b }).collect();
        edges.sort_by_key(|edge| (Reverse(edge.weight), edge.a, edge.b));
        edges
    }

    fn contracted(
        guard: &impl Guard,
        rows: usize,
        edges: &mut [Edge],
        options: &ContractOptions,
    ) -> Contracted {
        let prior = MatchWeight::from_bits(-8.0);
        contract(rows, edges, options, prior, |row| row, guard, |_, _| prior)
    }

    fn settled_by(
        born: &Born,
        edges: &[Edge],
        says: impl Fn(usize, u32) -> bool,
        options: &ContractOptions,
    ) -> (Vec<u32>, Vec<Refusal>) {
        let done = contracted(born, born.0.len(), &mut edges.to_vec(), options);
        settle(done, edges, (MatchWeight::ZERO, MatchWeight::ZERO), says, |rows, edges| {
            contracted(&Placed { guard: born, rows, ranks: rows }, rows.len(), edges, options)
        })
    }

    fn settled(born: &Born, edges: &[Edge], says: impl Fn(usize, u32) -> bool) -> (Vec<u32>, Vec<Refusal>) {
        settled_by(born, edges, says, &ContractOptions::default())
    }

    fn says(born: &Born) -> impl Fn(usize, u32) -> bool + '_ {
        |by, row| by == 3 && born.0[row as usize] > 0
    }

    #[test]
    fn a_row_that_fits_two_who_differ_is_of_the_one_that_is_clearly_likelier() {
        let bits = MatchWeight::from_bits;
        let born = Born(vec![1, 2, 0]);
        let run =
            |first: f64, second: f64| settled(&born, &edges(&[(0, 2, first), (1, 2, second)]), says(&born));
        let refused = |weight: f64, b: u32, other: f64| {
            let total = bits(weight) - bits((1.0 + other.exp2()).log2()) - CLEAR;
            let by = Objection::Rival { total, needed: MatchWeight::ZERO, by: 3, a: 1 - b, b: 2 };
            Refusal { edge: Edge { weight: bits(weight), a: b, b: 2 }, by }
        };
        assert_eq!(run(3.0, 3.0), (vec![0, 1, 2], vec![refused(3.0, 0, 3.0), refused(3.0, 1, 3.0)]));
        assert_eq!(run(3.5, 3.0), (vec![0, 1, 2], vec![refused(3.5, 0, 3.0), refused(3.0, 1, 3.5)]));
        assert_eq!(run(5.0, 3.0), (vec![0, 1, 0], vec![refused(3.0, 1, 5.0)]));
        let unsaid = |(clusters, refused): (Vec<u32>, Vec<Refusal>)| {
            assert_eq!(clusters, [0, 1, 0]);
            let unsaid = |own: &Refusal| matches!(own.by, Objection::Unsaid { .. });
            assert!(refused.iter().any(unsaid), "{refused:?}");
        };
        // Of what a customer may have several, either may be right.
        unsaid(settled(&born, &edges(&[(0, 2, 3.0), (1, 2, 3.0)]), |_, _| false));
        // Two that are linked with each other may be one.
        let all = edges(&[(0, 2, 3.0), (1, 2, 3.0), (0, 1, 1.0)]);
        let options = ContractOptions { above: MatchWeight::from_bits(1.5), ..ContractOptions::default() };
        unsaid(settled_by(&born, &all, says(&born), &options));
    }

    #[test]
    fn rows_that_fit_two_alike_stay_together() {
        // 2 and 3 are without a day; 4 and 5 have nothing to do with them.
        let born = Born(vec![1, 2, 0, 0, 0, 7]);
        let all = [(0, 2, 3.0), (1, 2, 2.8), (0, 3, 3.0), (1, 3, 3.0), (2, 3, 2.5), (4, 5, 6.0)];
        let (clusters, refused) = settled(&born, &edges(&all), says(&born));
        assert_eq!(clusters, [0, 1, 2, 2, 4, 4]);
        let pairs: Vec<(u32, u32)> = refused.iter().map(|own| (own.edge.a, own.edge.b)).collect();
        assert_eq!(pairs, [(0, 2), (0, 3), (1, 3), (1, 2)]);
    }

    proptest::proptest! {
        #[test]
        fn what_does_not_hang_together_need_not_be_contracted_again(
            born in proptest::collection::vec(0u32..4, 14),
            weights in proptest::collection::vec((0u32..14, 0u32..14, -20i32..60), 0..40),
        ) {
            let born = Born(born);
            let mut weights: Vec<(u32, u32, f64)> = weights
                .into_iter()
                .filter(|(a, b, _)| a != b)
                .map(|(a, b, tenths)| (a.min(b), a.max(b), f64::from(tenths) / 10.0))
                .collect();
            weights.sort_by_key(|&(a, b, _)| (a, b));
            weights.dedup_by_key(|&mut (a, b, _)| (a, b));
            let edges = edges(&weights);
            let done = contracted(&born, 14, &mut edges.clone(), &ContractOptions::default());
            let followed = || edges.iter().filter(|edge| edge.weight >= MatchWeight::ZERO);
            let own = contested(torn(&done.refused, &done.clusters, says(&born)), followed(), MatchWeight::ZERO, &done.clusters, says(&born));
            let left = |edge: &Edge| own.get(&(edge.a, edge.b)).map_or(edge.weight, |own| own.left);
            let mut all: Vec<Edge> = edges.iter().map(|edge| Edge { weight: left(edge), ..*edge }).collect();
            let expected = contracted(&born, 14, &mut all, &ContractOptions::default()).clusters;
            let (clusters, refused) = settled(&born, &edges, says(&born));
            proptest::prop_assert_eq!(&clusters, &expected);
            // Each link that did not join its rows is told of, once and in order.
            let told: Vec<Edge> = refused.iter().map(|own| own.edge).collect();
            let apart = |edge: &&Edge| clusters[edge.a as usize] != clusters[edge.b as usize];
            let missing: Vec<Edge> = followed().filter(apart).copied().collect();
            proptest::prop_assert_eq!(told, missing);
        }
    }
}
