//! From scored pairs to customers: the threshold, and clustering under its guard.

use super::{
    rivals::{self, Placed},
    spec::{Clustering, Spec},
};
use crate::{
    cluster::{self, ContractOptions, Edge, Guard, Refusal, Unsaid},
    model::{Calibration, Scorer, calibrate},
    table::Table,
    weight::MatchWeight,
};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// A link that joins more than two rows makes as many pairs of customers as it has rows on either side, so it must be this
/// much likelier than what is best for pairs alone.
const ABOVE: MatchWeight = MatchWeight::of_thousandths(250);
/// The same where nothing asks what speaks against: every link may join many rows, and must be twice as likely.
const ABOVE_UNASKED: MatchWeight = MatchWeight::of_thousandths(1000);
/// The share of the links that must be left by that: where they all weigh about the same, the best stands.
const KEPT: f64 = 0.9;

/// The threshold asked for, or one by expectation, and what a join of more than two rows must weigh above it.
pub(super) fn threshold(edges: &[Edge], spec: &Spec) -> (Calibration, MatchWeight) {
    // Tenths of a bit are fine enough, and few.
    let tenths = |edge: &Edge| edge.weight.thousandths().div_euclid(100);
    let mut counts: HashMap<i32, u64, FixedState> = HashMap::default();
    edges.iter().for_each(|edge| *counts.entry(tenths(edge)).or_insert(0) += 1);
    let weight = |(tenths, count)| (MatchWeight::of_thousandths(tenths * 100), count);
    let mut weights: Vec<(MatchWeight, u64)> = counts.into_iter().map(weight).collect();
    weights.sort_unstable();
    if let Some(p) = spec.threshold {
        let threshold = MatchWeight::from_bits((p / (1.0 - p).max(1e-300)).max(1e-300).log2());
        return (Calibration::at(threshold, &weights), MatchWeight::ZERO);
    }
    let mut best = calibrate(&weights, 0.0);
    if best.threshold < MatchWeight::ZERO {
        // Of few links the best expected F1 may take some that are likelier wrong than right; no customer is made of those.
        best = Calibration::at(MatchWeight::ZERO, &weights);
    }
    let asked = spec.clustering == Clustering::Contraction;
    let more = if asked { ABOVE } else { ABOVE_UNASKED };
    let above = Calibration::at(best.threshold + more, &weights);
    match above.recall < KEPT * best.recall {
        true => (best, MatchWeight::ZERO),
        false if asked => (best, more),
        // Here every link may join more than two rows.
        false => (above, MatchWeight::ZERO),
    }
}

/// For each row the first row of its customer, and the links that were refused, the strongest first. What parts rows for good
/// is told by the number of its comparison. Edges come in of rows as they stand in the table; all that goes out, and they, are
/// of rows in the order of keys.
pub(super) fn cluster(
    table: &Table,
    spec: &Spec,
    edges: &mut [Edge],
    (threshold, above): (MatchWeight, MatchWeight),
    scorer: &Scorer<'_>,
) -> (Vec<u32>, Vec<Refusal>) {
    let rank = |row: u32| table.rank(row);
    let by_rank = |edges: &mut [Edge]| {
        for edge in edges {
            let (a, b) = (rank(edge.a), rank(edge.b));
            (edge.a, edge.b) = (a.min(b), a.max(b));
        }
    };
    let source = |rank: u32| table.source_number(table.ranked(rank));
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
            // Rows that are near each other in the table are so in memory.
            let mut score = |a, b| scorer.score_with(a, b, &mut levels);
            let (prior, by_row) = (scorer.prior(), |row| table.source_number(row));
            let mut done = cluster::contract(table.len(), edges, &options, prior, by_row, &guard, &mut score);
            by_rank(edges);
            let mut clusters = vec![0; table.len()];
            for (row, first) in (0..).zip(done.clusters) {
                clusters[rank(row) as usize] = rank(first);
            }
            done.clusters = clusters;
            done.refused = done.refused.into_iter().map(|refusal| refusal.of_rows(rank)).collect();
            // A threshold of its own is at even odds or below, or where the next pair is.
            let gap =
                if spec.threshold.is_some() { MatchWeight::ZERO } else { threshold.max(MatchWeight::ZERO) };
            rivals::settle(
                done,
                edges,
                (threshold, gap),
                |comparison, rank| guard.says_of_one(comparison, table.ranked(rank)),
                |ranks, edges| {
                    let rows: Vec<u32> = ranks.iter().map(|&rank| table.ranked(rank)).collect();
                    let row = |place: u32| rows[place as usize];
                    let guard = Placed { guard: &guard, rows: &rows, ranks };
                    let score = |a, b| score(row(a), row(b));
                    cluster::contract(rows.len(), edges, &options, prior, |at| by_row(row(at)), &guard, score)
                },
            )
        }
        Clustering::Components => {
            by_rank(edges);
            (cluster::components(table.len(), edges, threshold), Vec::new())
        }
        Clustering::Centres => {
            by_rank(edges);
            (cluster::centres(table.len(), edges, threshold), Vec::new())
        }
        Clustering::BestLinks => {
            by_rank(edges);
            cluster::best_links(table.len(), edges, threshold, source)
        }
    }
}

/// What is known of rows beside the weights of pairs.
struct Known<'a> {
    table: &'a Table,
    scorer: &'a Scorer<'a>,
    /// Of what a customer has one of: comparisons, their columns, and the level of all else.
    exclusive: Vec<(usize, Vec<usize>, u8)>,
    /// Comparisons that can speak against, with how much at the most, in thousandths of a bit.
    against: Vec<(usize, i32)>,
    /// How much all of them can.
    most: i32,
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
        let against: Vec<(usize, i32)> = against.filter(|(_, least)| *least < 0).collect();
        let most = against.iter().map(|(_, least)| least).sum();
        Known { table, scorer, exclusive, against, most }
    }

    fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.exclusive.iter().flat_map(|(_, columns, _)| columns.iter().copied())
    }

    /// Whether a row has anything to compare in a comparison of what a customer has one of: a day of birth, and not an
    /// address.
    fn says_of_one(&self, at: usize, row: u32) -> bool {
        let comparison = &self.scorer.model().comparisons[at].comparison;
        (comparison.personal || comparison.exclusive) && !self.scorer.comparisons().is_null(at, row, row)
    }

    /// The pair of these rows that speaks least against in a comparison, with its weight; none where a pair speaks for, or
    /// none has anything to compare.
    fn least_against(&self, at: usize, own: &[u32], others: &[u32]) -> Option<(i32, u32, u32)> {
        let comparisons = self.scorer.comparisons();
        let ranks = |&(_, x, y): &(i32, u32, u32)| (self.rank(x), self.rank(y));
        let mut found: Option<(i32, u32, u32)> = None;
        for (x, y) in own.iter().flat_map(|&x| others.iter().map(move |&y| (x, y))) {
            let level = comparisons.sieved(at, x, y);
            if level == 0 {
                continue;
            }
            let weight = self.scorer.level_weight(at, level);
            if weight >= 0 {
                return None;
            }
            let (x, y) = if self.rank(x) < self.rank(y) { (x, y) } else { (y, x) };
            let said = (weight, x, y);
            let more = |found: &(i32, u32, u32)| (weight, ranks(&said)) > (found.0, ranks(found));
            if found.as_ref().is_none_or(more) {
                found = Some(said);
            }
        }
        found
    }
}

impl Guard for Known<'_> {
    fn rank(&self, row: u32) -> u32 {
        self.table.rank(row)
    }

    fn has(&self, row: u32) -> bool {
        self.columns().any(|column| self.table.symbol(row, column) != 0)
    }

    fn same(&self, a: u32, b: u32) -> bool {
        self.columns().all(|column| self.table.symbol(a, column) == self.table.symbol(b, column))
    }

    fn parts(&self, a: u32, b: u32) -> Option<usize> {
        let differ = |at, other| self.scorer.comparisons().level(at, a, b) == other;
        self.exclusive.iter().find(|(at, _, other)| differ(*at, *other)).map(|(at, ..)| *at)
    }

    fn unsaid(&self, link: (u32, u32), own: &[u32], others: &[u32], spare: MatchWeight) -> Option<Unsaid> {
        if self.most >= -spare.thousandths() {
            return None;
        }
        let (a, b) = link;
        let comparisons = self.scorer.comparisons();
        let silent = || self.against.iter().filter(|(at, _)| comparisons.is_null(*at, a, b));
        // How much may be said against at the most.
        let mut most: i32 = silent().map(|(_, least)| least).sum();
        let (mut weight, mut first) = (0, None);
        for &(by, least) in silent() {
            if most >= -spare.thousandths() {
                return None;
            }
            let found = self.least_against(by, own, others);
            let (against, a, b) = found.unwrap_or_default();
            weight += against;
            most += against - least;
            let said = (against, by, a, b);
            first = Some(first.map_or(said, |first: (i32, usize, u32, u32)| first.min(said)));
        }
        let (_, by, a, b) = first.filter(|_| weight < -spare.thousandths())?;
        Some(Unsaid { weight: MatchWeight::of_thousandths(weight), by, a, b })
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        cluster::Objection,
        link::{Dedupe, Linked},
        table::RawTable,
    };

    const ALIKE: [&str; 6] = ["john", "smith", "", "3212 32nd Street", "60527", ""];

    /// Sixty rows of thirty people, and three who are alike but for what is given here.
    fn with_namesakes(change: impl Fn(usize, &mut [&str; 6])) -> Linked {
        let mut rows =
            RawTable::new(["first name", "surname", "dob", "street", "postcode", "phone"]).unwrap();
        let mut push = |id: &str, row: [&str; 6]| rows.push("crm", id, &row).unwrap();
        for at in 0..60 {
            let (own, given) = (at / 2, ["ann", "robert", "carol", "david", "emma"][at / 2 % 5]);
            let (family, dob) = (format!("family{own}"), format!("19{}-03-1{}", 40 + own, own % 9));
            let (street, phone) = (format!("{own} Elm Street"), format!("702 919 {}", 1300 + 37 * own));
            push(&format!("r{at:02}"), [given, &family, &dob, &street, &format!("6{own:04}"), &phone]);
        }
        for (at, id) in ["x1", "x2", "x3"].into_iter().enumerate() {
            let mut row = ALIKE;
            change(at, &mut row);
            push(id, row);
        }
        Dedupe::of(rows).run().unwrap()
    }

    fn namesakes(linked: &Linked) -> [u32; 3] {
        ["x1", "x2", "x3"].map(|id| linked.find(id).unwrap())
    }

    #[test]
    fn a_row_without_a_day_of_birth_joins_no_namesakes() {
        // Two of one name at one address, born twenty years apart, and a third row that may be of either.
        let linked = with_namesakes(|at, row| row[2] = ["1970-10-10", "1990-03-15", ""][at]);
        let [x1, x2, x3] = namesakes(&linked);
        assert_ne!(linked.cluster(x1), linked.cluster(x2));
        let with = [x1, x2].iter().filter(|&&row| linked.cluster(row) == linked.cluster(x3)).count();
        assert_eq!(with, 1, "{:?}", linked.refused);
        let other = if linked.cluster(x1) == linked.cluster(x3) { x2 } else { x1 };
        let refusal = linked.refusal(other, x3).unwrap();
        assert!(matches!(refusal.by, Objection::Unsaid { .. }), "{refusal:?}");
        let told = linked.refused_since(refusal);
        assert!(told.ends_with("the two say nothing of date of birth, in which x1 and x2 differ"), "{told}");
    }

    #[test]
    fn a_row_goes_to_the_father_or_the_son_where_something_says_which() {
        let family = ["smith jr", "smith sr", "smith"];
        let linked = with_namesakes(|at, row| row[1] = family[at]);
        let [x1, x2, x3] = namesakes(&linked);
        assert_eq!([x1, x2, x3].map(|row| linked.cluster(row)), [x1, x2, x3]);
        let refusal = linked.refusal(x1, x3).unwrap();
        assert!(matches!(refusal.by, Objection::Rival { .. }), "{refusal:?}");
        let told = linked.refused_since(refusal);
        let end = "x2 and x3 are linked as well, and lead to another customer, who differs in generation";
        assert!(told.ends_with(end), "{told}");
        let linked = with_namesakes(|at, row| {
            row[1] = family[at];
            row[5] = ["702 555 0101", "702 444 0199", "702 444 0199"][at];
        });
        let [x1, x2, x3] = namesakes(&linked);
        assert_eq!([x1, x2, x3].map(|row| linked.cluster(row)), [x1, x2, x2]);
    }
}
