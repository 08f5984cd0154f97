//! Ordered contraction: the strongest evidence first, and every join asks what speaks against it.

use super::{
    Edge,
    component::{Asked, Component},
    guard::{Guard, Refusal},
    sort_by,
    union::Union,
};
use crate::weight::MatchWeight;

/// How contraction goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContractOptions {
    /// Edges below this are not followed.
    pub threshold: MatchWeight,
    /// What a join must weigh above the threshold where it brings together more than two rows.
    pub above: MatchWeight,
    /// How much what speaks against counts: the mean over the pairs between two clusters, times this.
    pub against: f64,
    /// The most pairs between two clusters that are looked at.
    pub most_pairs: usize,
    /// Whether a cluster has at most one row of each source.
    pub one_per_source: bool,
}

impl Default for ContractOptions {
    fn default() -> Self {
        ContractOptions {
            threshold: MatchWeight::ZERO,
            above: MatchWeight::ZERO,
            against: 1.0,
            most_pairs: 32,
            one_per_source: false,
        }
    }
}

/// What contraction came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contracted {
    /// For each row, the first row of its cluster.
    pub clusters: Vec<u32>,
    /// Joins that were made.
    pub joined: u64,
    /// Edges above the threshold that were refused, for what speaks against or by the guard, the strongest first. What was
    /// joined later by another edge is not among them.
    pub refused: Vec<Refusal>,
    /// Pairs that no edge had and that were scored.
    pub scored: u64,
    /// Decisions for which not all pairs between two clusters were looked at.
    pub bounded: u64,
}

/// Joins rows along `edges`, the strongest first, where what speaks for it outweighs what speaks against.
///
/// A join of two clusters is weighed by its edge and by the evidence between their other rows: `score` gives the
/// weight of any pair, asked where no edge tells that it is at least `prior`, which a pair has without evidence. Only what
/// is below the prior speaks against, and what the edge's rows leave unsaid and others say ([`Guard::unsaid`]). Where
/// there are more pairs than [`ContractOptions::most_pairs`], the same number of rows at even distances is taken of
/// each. Whatever the weights, no cluster has two rows that `guard` parts. O(edges log edges), at most `most_pairs`
/// scores an edge and what is unsaid between as many, and the guarded values of two clusters against each other.
pub fn contract(
    rows: usize,
    edges: &[Edge],
    options: &ContractOptions,
    prior: MatchWeight,
    source: impl Fn(u32) -> u32,
    guard: &impl Guard,
    score: impl FnMut(u32, u32) -> MatchWeight,
) -> Contracted {
    // No join needs more than the edges of its own component, which are few and near each other in memory.
    let groups = Groups::new(rows, edges, options.threshold, prior);
    let mut asked = Asked { options, prior, source, guard, score };
    let mut done = Contracted {
        clusters: (0..rows as u32).collect(),
        joined: 0,
        refused: Vec::new(),
        scored: 0,
        bounded: 0,
    };
    let mut component = Component::new(rows);
    for edges in groups.iter() {
        component.take(edges, guard);
        component.contract(&mut asked, &mut done);
    }
    sort_by(&mut done.refused, |refusal| &refusal.edge, |row| guard.rank(row));
    done
}

/// Edges by the connected components of those that are followed.
struct Groups {
    edges: Vec<Edge>,
    /// For each row, where the edges end of the component that it stands for.
    ends: Vec<usize>,
}

impl Groups {
    /// Of edges of at least `threshold`, and those of at least `known` between rows of one component.
    fn new(rows: usize, edges: &[Edge], threshold: MatchWeight, known: MatchWeight) -> Self {
        let mut union = Union::new(rows);
        for edge in edges.iter().filter(|edge| edge.weight >= threshold) {
            let (a, b) = (union.root(edge.a), union.root(edge.b));
            if a != b {
                union.join(a, b);
            }
        }
        let root: Vec<u32> = (0..rows as u32).map(|row| union.root(row)).collect();
        drop(union);
        let least = threshold.min(known);
        let place = |edge: &Edge| root[edge.a as usize] as usize;
        let own = || {
            let same = |edge: &&Edge| place(edge) == root[edge.b as usize] as usize;
            edges.iter().filter(move |edge| edge.weight >= least).filter(same)
        };
        let mut ends = vec![0; rows];
        own().for_each(|edge| ends[place(edge)] += 1);
        let mut before = 0;
        for end in &mut ends {
            (*end, before) = (before, before + *end);
        }
        let none = Edge { weight: MatchWeight::ZERO, a: 0, b: 0 };
        let mut grouped = vec![none; before];
        for edge in own() {
            let end = &mut ends[place(edge)];
            grouped[*end] = *edge;
            *end += 1;
        }
        Groups { edges: grouped, ends }
    }

    /// The edges of each component.
    fn iter(&self) -> impl Iterator<Item = &[Edge]> {
        let mut from = 0;
        self.ends
            .iter()
            .map(move |&end| &self.edges[std::mem::replace(&mut from, end)..end])
            .filter(|own| !own.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sort, *};
    use crate::cluster::{Objection, Unsaid, guard::Born};

    #[test]
    fn what_speaks_against_keeps_two_people_apart() {
        let bits = MatchWeight::from_bits;
        // 0 and 1 are Ann, 3 and 4 Bob; 2 is a record without a given name that fits both.
        let weight = |a: u32, b: u32| match (a, b) {
            (0, 1) | (3, 4) => bits(20.0),
            (0..=1, 2) => bits(8.0),
            (2, 3..=4) => bits(6.0),
            _ => bits(-30.0),
        };
        let mut edges: Vec<Edge> =
            (0..5u32).flat_map(|a| (a + 1..5).map(move |b| Edge { weight: weight(a, b), a, b })).collect();
        let done = contract(5, &edges, &ContractOptions::default(), bits(-20.0), |row| row, &(), weight);
        assert_eq!(done.clusters, [0, 0, 0, 3, 3]);
        // 2 would bring together Ann and Bob, each pair of whom is 10 bits below what it is without evidence; a third of
        // the pairs speaks for it.
        let by = |total: f64| Objection::Evidence {
            total: bits(total),
            needed: MatchWeight::ZERO,
            a: 0,
            b: 3,
            against: bits(-10.0),
        };
        let refused = |b, total| Refusal { edge: Edge { weight: bits(6.0), a: 2, b }, by: by(total) };
        let total = 6.0 - 10.0 * 4.0 / 6.0;
        assert_eq!(done.refused, [refused(3, total), refused(4, total)]);
        assert_eq!(super::super::components(5, &edges, MatchWeight::ZERO), [0; 5]);
        edges.reverse();
        let again = contract(5, &edges, &ContractOptions::default(), bits(-20.0), |row| row, &(), weight);
        assert_eq!(again, done);
    }

    /// Rows 0 and 4 have values that no other has, and 1 the value of 0.
    struct Numbers;

    impl Guard for Numbers {
        fn has(&self, row: u32) -> bool {
            matches!(row, 0 | 1 | 4)
        }

        fn same(&self, a: u32, b: u32) -> bool {
            (a == 4) == (b == 4)
        }

        fn parts(&self, a: u32, b: u32) -> Option<usize> {
            (!self.same(a, b)).then_some(7)
        }
    }

    #[test]
    fn what_a_link_leaves_unsaid_is_asked_of_others() {
        let bits = MatchWeight::from_bits;
        let edge = |a, b, weight| Edge { weight: bits(weight), a, b };
        // Two namesakes of one address, 0 and 1, born on different days, and two rows without a day of birth.
        let edges = [edge(0, 2, 5.0), edge(1, 2, 4.5), edge(2, 3, 4.2), edge(0, 3, 3.0), edge(1, 3, 3.0)];
        let options = ContractOptions { threshold: bits(1.0), ..ContractOptions::default() };
        let run = |born: &[u32], options: &ContractOptions| {
            let born = Born(born.to_vec());
            contract(4, &edges, options, bits(-8.0), |row| row, &born, |_, _| bits(-2.0))
        };
        let done = run(&[1, 2, 0, 0], &options);
        let unsaid = |weight: f64, b| {
            let by = Objection::Unsaid { total: bits(weight - 4.0), needed: bits(1.0), by: 3, a: 0, b: 1 };
            Refusal { edge: edge(1, b, weight), by }
        };
        assert_eq!((done.clusters, done.refused), (vec![0, 1, 0, 0], vec![unsaid(4.5, 2), unsaid(3.0, 3)]));
        // A link that has so much to lose holds, and so do all where the days are the same.
        let least = ContractOptions { threshold: bits(0.5), ..options };
        assert_eq!(run(&[1, 2, 0, 0], &least).clusters, [0; 4]);
        assert_eq!(run(&[1, 1, 0, 0], &options).clusters, [0; 4]);
    }

    #[test]
    fn more_is_needed_of_a_join_of_more_than_two_rows() {
        let bits = MatchWeight::from_bits;
        let edge = |a, b, weight| Edge { weight: bits(weight), a, b };
        let edges = [edge(0, 1, 2.0), edge(1, 2, 1.5), edge(3, 4, 1.2)];
        let options =
            ContractOptions { threshold: bits(1.0), above: bits(1.0), ..ContractOptions::default() };
        let done = contract(5, &edges, &options, bits(-8.0), |row| row, &(), |_, _| bits(0.0));
        let by = Objection::Evidence {
            total: bits(1.5),
            needed: bits(2.0),
            a: 1,
            b: 2,
            against: MatchWeight::ZERO,
        };
        assert_eq!(
            (done.clusters, done.refused),
            (vec![0, 0, 2, 3, 3], vec![Refusal { edge: edges[1], by }])
        );
    }

    #[test]
    fn a_guard_keeps_apart_what_all_else_joins() {
        let bits = MatchWeight::from_bits;
        let edge = |a, b, weight| Edge { weight: bits(weight), a, b };
        let edges = [edge(0, 1, 9.0), edge(1, 2, 8.0), edge(2, 3, 7.0), edge(3, 4, 6.0)];
        let weight = |_, _| bits(5.0);
        let done = contract(5, &edges, &ContractOptions::default(), bits(-20.0), |row| row, &Numbers, weight);
        let by = Objection::Guard { by: 7, a: 0, b: 4 };
        assert_eq!(
            (done.clusters, done.refused),
            (vec![0, 0, 0, 0, 4], vec![Refusal { edge: edges[3], by }])
        );
    }

    #[test]
    fn one_row_of_each_source() {
        let bits = MatchWeight::from_bits;
        let edge = |a, b, weight| Edge { weight: bits(weight), a, b };
        let edges = [edge(0, 1, 9.0), edge(1, 2, 8.0), edge(2, 3, 7.0)];
        let options = ContractOptions { one_per_source: true, ..ContractOptions::default() };
        // 0 and 2 are of one source, and so are 2 and 3.
        let source = |row: u32| [0, 1, 0, 0][row as usize];
        let done = contract(4, &edges, &options, bits(-20.0), source, &(), |_, _| bits(5.0));
        let refused = |edge, a, b| Refusal { edge, by: Objection::OnePerSource { a, b } };
        assert_eq!(done.clusters, [0, 0, 2, 3]);
        assert_eq!(done.refused, [refused(edges[1], 0, 2), refused(edges[2], 2, 3)]);
        assert_eq!(done.refused[0].by.rows(), (0, 2));
    }

    /// Rows under other numbers: those of the guard are their ranks.
    struct Renamed<'a>(&'a Born);

    impl Renamed<'_> {
        const STEP: u32 = 5;

        fn name(&self, rank: u32) -> u32 {
            (0..self.0.0.len() as u32).find(|&row| self.rank(row) == rank).unwrap()
        }
    }

    impl Guard for Renamed<'_> {
        fn rank(&self, row: u32) -> u32 {
            (row * Self::STEP + 3) % self.0.0.len() as u32
        }

        fn unsaid(
            &self,
            (a, b): (u32, u32),
            own: &[u32],
            others: &[u32],
            spare: MatchWeight,
        ) -> Option<Unsaid> {
            let ranks = |rows: &[u32]| rows.iter().map(|&row| self.rank(row)).collect::<Vec<u32>>();
            let link = (self.rank(a), self.rank(b));
            let said = self.0.unsaid(link, &ranks(own), &ranks(others), spare)?;
            Some(Unsaid { a: self.name(said.a), b: self.name(said.b), ..said })
        }
    }

    /// As [`contract`], with lists of rows and every pair scored.
    fn plain(
        rows: u32,
        edges: &[Edge],
        options: &ContractOptions,
        born: &Born,
        weight: impl Fn(u32, u32) -> i32,
    ) -> (Vec<u32>, Vec<Refusal>) {
        let mut clusters: Vec<Vec<u32>> = (0..rows).map(|row| vec![row]).collect();
        let mut sorted = edges.to_vec();
        sort(&mut sorted);
        let mut refused = Vec::new();
        for edge in sorted.iter().filter(|edge| edge.weight >= options.threshold) {
            let place = |row: u32| clusters.iter().position(|own| own.contains(&row)).unwrap();
            let (x, y) = (place(edge.a), place(edge.b));
            if x == y {
                continue;
            }
            let (a, b) = (&clusters[x], &clusters[y]);
            if a.len() * b.len() > 1 {
                let most = options.most_pairs;
                let some = |own: &[u32], other: &[u32]| -> Vec<u32> {
                    let lesser = own.len().min(other.len()).min((most as f64).sqrt() as usize).max(1);
                    let count = if own.len() <= other.len() { lesser } else { (most / lesser).max(1) };
                    match own.len() * other.len() > most && own.len() > count {
                        true => (0..count).map(|at| own[at * own.len() / count]).collect(),
                        false => own.to_vec(),
                    }
                };
                let (a, b) = (some(a, b), some(b, a));
                let needed = options.threshold + options.above;
                let all = a.iter().flat_map(|&x| b.iter().map(move |&y| (x.min(y), x.max(y))));
                let silent = [edge.a, edge.b].iter().any(|&row| born.0[row as usize] == 0);
                let unsaid = born.least(&a, &b).filter(|_| silent && edge.weight >= needed);
                let unsaid = unsaid.map(|(own, a, b)| (edge.weight + MatchWeight::of_thousandths(own), a, b));
                if let Some((total, a, b)) = unsaid.filter(|(total, ..)| *total < needed) {
                    refused
                        .push(Refusal { edge: *edge, by: Objection::Unsaid { total, needed, by: 3, a, b } });
                    continue;
                }
                let against: i64 = all.clone().map(|(x, y)| i64::from(weight(x, y).min(0))).sum();
                let mean = against as f64 / (a.len() * b.len()) as f64 * options.against;
                let total = edge.weight + MatchWeight::of_thousandths(mean.round() as i32);
                if total < needed {
                    let (own, a, b) = all.map(|(x, y)| (weight(x, y).min(0), x, y)).min().unwrap();
                    let against = MatchWeight::of_thousandths(own);
                    // Where none speaks against, the link's rows are named.
                    let (a, b) = if own == 0 { (edge.a, edge.b) } else { (a, b) };
                    refused.push(Refusal {
                        edge: *edge,
                        by: Objection::Evidence { total, needed, a, b, against },
                    });
                    continue;
                }
            }
            let more = std::mem::take(&mut clusters[y]);
            clusters[x].extend(more);
            clusters[x].sort_unstable();
        }
        let least = |row: u32| clusters.iter().find(|own| own.contains(&row)).map_or(row, |own| own[0]);
        refused.retain(|refusal| least(refusal.edge.a) != least(refusal.edge.b));
        ((0..rows).map(least).collect(), refused)
    }

    proptest::proptest! {
        #[test]
        fn equals_a_plain_twin(seed: u64, most_pairs in 1usize..12, share in 1u64..60) {
            const ROWS: u32 = 14;
            let mixed = |a: u32, b: u32| {
                let mut hash = seed ^ (u64::from(a) << 32 | u64::from(b)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                hash ^ (hash >> 32)
            };
            // Above the prior, which is 0 here, as often as below.
            let weight = |a: u32, b: u32| (mixed(a, b) % 40) as i32 * 100 - 2000;
            let pairs = (0..ROWS).flat_map(|a| (a + 1..ROWS).map(move |b| (a, b)));
            let edges: Vec<Edge> = pairs
                .filter(|&(a, b)| mixed(b, a) % 60 <= share)
                .map(|(a, b)| Edge { weight: MatchWeight::of_thousandths(weight(a, b)), a, b })
                .collect();
            let threshold = MatchWeight::of_thousandths(-500);
            let above = MatchWeight::of_thousandths(200);
            let options = ContractOptions { threshold, above, against: 1.5, most_pairs, one_per_source: false };
            let born = Born((0..ROWS).map(|row| (mixed(row, 99) % 3) as u32).collect());
            let expected = plain(ROWS, &edges, &options, &born, weight);
            let score = |a, b| MatchWeight::of_thousandths(weight(a, b));
            let done = contract(ROWS as usize, &edges, &options, MatchWeight::ZERO, |row| row, &born, score);
            proptest::prop_assert_eq!((&done.clusters, &done.refused), (&expected.0, &expected.1));
            // The same rows under other numbers, and edges in another order.
            let renamed = Renamed(&born);
            let other = |edge: &Edge| {
                let (a, b) = (renamed.name(edge.a), renamed.name(edge.b));
                if mixed(a, b) % 2 == 0 { Edge { a, b, ..*edge } } else { Edge { a: b, b: a, ..*edge } }
            };
            let edges: Vec<Edge> = edges.iter().rev().map(other).collect();
            let score = |a, b| MatchWeight::of_thousandths(weight(renamed.rank(a), renamed.rank(b)));
            let again = contract(ROWS as usize, &edges, &options, MatchWeight::ZERO, |row| row, &renamed, score);
            let first = |row| renamed.rank(again.clusters[renamed.name(row) as usize]);
            proptest::prop_assert_eq!((0..ROWS).map(first).collect::<Vec<_>>(), done.clusters);
            let refused = again.refused.iter().map(|refusal| refusal.of_rows(|row| renamed.rank(row)));
            proptest::prop_assert_eq!(refused.collect::<Vec<_>>(), done.refused);
            proptest::prop_assert_eq!((again.joined, again.scored, again.bounded), (done.joined, done.scored, done.bounded));
        }
    }
}
