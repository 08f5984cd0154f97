//! Ordered contraction: the strongest evidence first, and every join asks what speaks against it.

use super::{
    Edge,
    guard::{Guard, Objection, Refusal, Unsaid},
    known::Known,
    members::Members,
    sort,
    union::Union,
};
use crate::{ahead::touch, weight::MatchWeight};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Edges whose rows are read ahead together.
const AHEAD: usize = 64;

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
    /// For each row, the least row of its cluster.
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
/// weight of any pair that no edge has, `prior` is what it has without evidence. Only what is below the prior speaks against,
/// and what the edge's rows leave unsaid and others say ([`Guard::unsaid`]). Where
/// there are more pairs than [`ContractOptions::most_pairs`], the same number of rows at even distances is taken of
/// each. Whatever the weights, no cluster has two rows that `guard` parts. O(edges log edges), at most `most_pairs`
/// scores an edge and what is unsaid between as many, and the guarded values of two clusters against each other.
pub fn contract(
    rows: usize,
    edges: &mut [Edge],
    options: &ContractOptions,
    prior: MatchWeight,
    source: impl Fn(u32) -> u32,
    guard: &impl Guard,
    mut score: impl FnMut(u32, u32) -> MatchWeight,
) -> Contracted {
    sort(edges);
    let followed = edges.partition_point(|edge| edge.weight >= options.threshold);
    let known = Known::new(edges, prior);
    let mut union = Union::new(rows);
    let mut members = Members::new(rows);
    // Of each cluster, a row for each guarded value.
    let mut guarded: HashMap<u32, Vec<u32>, FixedState> =
        (0..rows as u32).filter(|&row| guard.has(row)).map(|row| (row, vec![row])).collect();
    let mut done = Contracted { clusters: Vec::new(), joined: 0, refused: Vec::new(), scored: 0, bounded: 0 };
    let side = ((options.most_pairs as f64).sqrt() as usize).max(1);
    let mut some: (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    for (at, edge) in edges[..followed].iter().enumerate() {
        if at % AHEAD == 0 {
            let next = || edges[at..followed].iter().take(AHEAD).flat_map(|edge| [edge.a, edge.b]);
            touch(next().map(|row| union.above(row) ^ members.next(row) ^ guard.ahead(row)));
            touch(next().map(|row| guard.ahead(members.next(row))));
        }
        let (a, b) = (union.root(edge.a), union.root(edge.b));
        if a == b {
            continue;
        }
        let sizes = [union.size(a), union.size(b)];
        let alone = sizes == [1, 1];
        let mut refuse = (options.one_per_source && alone && source(edge.a) == source(edge.b))
            .then_some(Objection::OnePerSource { a: edge.a, b: edge.b });
        if let (None, Some(own), Some(other)) = (refuse, guarded.get(&a), guarded.get(&b)) {
            let mut pairs = own.iter().flat_map(|&a| other.iter().map(move |&b| (a, b)));
            refuse = pairs
                .find_map(|(a, b)| guard.parts(a.min(b), a.max(b)).map(|by| Objection::Guard { by, a, b }));
        }
        if !alone && refuse.is_none() {
            let bounded = sizes[0] * sizes[1] > options.most_pairs;
            let lesser = sizes[0].min(sizes[1]).min(side);
            let most = if bounded { (options.most_pairs / lesser.max(1)).max(1) } else { usize::MAX };
            let limit = |size: usize| if bounded && size == sizes[0].min(sizes[1]) { lesser } else { most };
            members.spread(a, limit(sizes[0]), &mut some.0);
            members.spread(b, limit(sizes[1]), &mut some.1);
            done.bounded += u64::from(bounded);
            if options.one_per_source {
                let pairs = || some.0.iter().flat_map(|&a| some.1.iter().map(move |&b| (a, b)));
                let same = pairs().find(|&(a, b)| source(a) == source(b));
                refuse = same.map(|(a, b)| Objection::OnePerSource { a, b });
            }
            let needed = options.threshold + options.above;
            // What needs no pair to be scored is asked first.
            if refuse.is_none() && edge.weight >= needed {
                let unsaid = guard.unsaid((edge.a, edge.b), &some.0, &some.1, edge.weight - needed);
                refuse = unsaid.map(|Unsaid { weight, by, a, b }| Objection::Unsaid {
                    total: edge.weight + weight,
                    needed,
                    by,
                    a,
                    b,
                });
            }
            if refuse.is_none() {
                let mut against = 0i64;
                let mut most = (0, edge.a, edge.b);
                let pairs = some.0.iter().flat_map(|&x| some.1.iter().map(move |&y| (x.min(y), x.max(y))));
                for (x, y) in pairs {
                    let weight = if (x, y) == (edge.a, edge.b) {
                        edge.weight
                    } else if known.has(x, y) {
                        continue;
                    } else {
                        done.scored += 1;
                        score(x, y)
                    };
                    let own = (weight - prior).thousandths().min(0);
                    against += i64::from(own);
                    if own < 0 {
                        most = most.min((own, x, y));
                    }
                }
                let pairs = (some.0.len() * some.1.len()).max(1) as f64;
                let mean = against as f64 / pairs * options.against;
                let total = edge.weight + MatchWeight::of_thousandths(mean.round() as i32);
                let (own, a, b) = most;
                let against = MatchWeight::of_thousandths(own);
                refuse = (total < needed).then_some(Objection::Evidence { total, needed, a, b, against });
            }
        }
        if let Some(by) = refuse {
            done.refused.push(Refusal { edge: *edge, by });
            continue;
        }
        done.joined += 1;
        let kept = union.join(a, b);
        let given = if kept == a { b } else { a };
        members.join(a, b);
        if let Some(more) = guarded.remove(&given) {
            let own = guarded.entry(kept).or_default();
            let fresh: Vec<u32> =
                more.into_iter().filter(|&row| !own.iter().any(|&known| guard.same(known, row))).collect();
            own.extend(fresh);
        }
    }
    done.clusters = union.least();
    let clusters = &done.clusters;
    done.refused.retain(|Refusal { edge, .. }| clusters[edge.a as usize] != clusters[edge.b as usize]);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let done = contract(5, &mut edges, &ContractOptions::default(), bits(-20.0), |row| row, &(), weight);
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
        let again = contract(5, &mut edges, &ContractOptions::default(), bits(-20.0), |row| row, &(), weight);
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

    /// Of each row a day of birth, 0 where it has none; different ones speak against by four bits.
    struct Born(Vec<u32>);

    impl Born {
        /// The least that any of these pairs says against; none where one speaks for, or none has both days.
        fn least(&self, own: &[u32], others: &[u32]) -> Option<(i32, u32, u32)> {
            let born = |row: u32| self.0[row as usize];
            let pairs = own.iter().flat_map(|&x| others.iter().map(move |&y| (x.min(y), x.max(y))));
            let said: Vec<(u32, u32)> = pairs.filter(|&(x, y)| born(x) > 0 && born(y) > 0).collect();
            let equal = said.iter().any(|&(x, y)| born(x) == born(y));
            said.into_iter().max().filter(|_| !equal).map(|(x, y)| (-4000, x, y))
        }
    }

    impl Guard for Born {
        fn ahead(&self, row: u32) -> u32 {
            self.0[row as usize]
        }

        fn unsaid(
            &self,
            link: (u32, u32),
            own: &[u32],
            others: &[u32],
            spare: MatchWeight,
        ) -> Option<Unsaid> {
            if self.0[link.0 as usize] > 0 && self.0[link.1 as usize] > 0 {
                return None;
            }
            let (weight, a, b) = self.least(own, others).filter(|least| -least.0 > spare.thousandths())?;
            Some(Unsaid { weight: MatchWeight::of_thousandths(weight), by: 3, a, b })
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
            contract(4, &mut edges.clone(), options, bits(-8.0), |row| row, &born, |_, _| bits(-2.0))
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
        let mut edges = [edge(0, 1, 2.0), edge(1, 2, 1.5), edge(3, 4, 1.2)];
        let options =
            ContractOptions { threshold: bits(1.0), above: bits(1.0), ..ContractOptions::default() };
        let done = contract(5, &mut edges, &options, bits(-8.0), |row| row, &(), |_, _| bits(0.0));
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
        let mut edges = [edge(0, 1, 9.0), edge(1, 2, 8.0), edge(2, 3, 7.0), edge(3, 4, 6.0)];
        let weight = |_, _| bits(5.0);
        let done =
            contract(5, &mut edges, &ContractOptions::default(), bits(-20.0), |row| row, &Numbers, weight);
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
        let mut edges = [edge(0, 1, 9.0), edge(1, 2, 8.0), edge(2, 3, 7.0)];
        let options = ContractOptions { one_per_source: true, ..ContractOptions::default() };
        // 0 and 2 are of one source, and so are 2 and 3.
        let source = |row: u32| [0, 1, 0, 0][row as usize];
        let done = contract(4, &mut edges, &options, bits(-20.0), source, &(), |_, _| bits(5.0));
        let refused = |edge, a, b| Refusal { edge, by: Objection::OnePerSource { a, b } };
        assert_eq!(done.clusters, [0, 0, 2, 3]);
        assert_eq!(done.refused, [refused(edges[1], 0, 2), refused(edges[2], 2, 3)]);
        assert_eq!(done.refused[0].by.rows(), (0, 2));
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
        fn equals_a_plain_twin(seed: u64, most_pairs in 1usize..12, share in 0u64..4) {
            const ROWS: u32 = 14;
            let mixed = |a: u32, b: u32| {
                let mut hash = seed ^ (u64::from(a) << 32 | u64::from(b)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                hash ^ (hash >> 32)
            };
            // Above the prior, which is 0 here, as often as below.
            let weight = |a: u32, b: u32| (mixed(a, b) % 40) as i32 * 100 - 2000;
            let pairs = (0..ROWS).flat_map(|a| (a + 1..ROWS).map(move |b| (a, b)));
            let mut edges: Vec<Edge> = pairs
                .filter(|&(a, b)| mixed(b, a) % 4 <= share)
                .map(|(a, b)| Edge { weight: MatchWeight::of_thousandths(weight(a, b)), a, b })
                .collect();
            let threshold = MatchWeight::of_thousandths(-500);
            let above = MatchWeight::of_thousandths(200);
            let options = ContractOptions { threshold, above, against: 1.5, most_pairs, one_per_source: false };
            let born = Born((0..ROWS).map(|row| (mixed(row, 99) % 3) as u32).collect());
            let expected = plain(ROWS, &edges, &options, &born, weight);
            let score = |a, b| MatchWeight::of_thousandths(weight(a, b));
            let done =
                contract(ROWS as usize, &mut edges, &options, MatchWeight::ZERO, |row| row, &born, score);
            proptest::prop_assert_eq!((done.clusters, done.refused), expected);
        }
    }
}
