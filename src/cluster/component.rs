//! Contraction within one connected component of the edges that are followed. Its rows have numbers of their own, in the
//! order of their ranks, so that all that is kept of them is small.

use super::{
    Edge,
    contract::{ContractOptions, Contracted},
    guard::{Guard, Objection, Refusal, Unsaid},
    known::Known,
    members::Members,
    sort,
    union::Union,
};
use crate::weight::MatchWeight;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// What contraction goes by, and whom it asks.
pub(super) struct Asked<'a, S, G, W> {
    pub(super) options: &'a ContractOptions,
    pub(super) prior: MatchWeight,
    pub(super) source: S,
    pub(super) guard: &'a G,
    pub(super) score: W,
}

/// Room for one component after the other.
pub(super) struct Component {
    /// For each row, its number in its component; [`FREE`] before that is taken.
    numbers: Vec<u32>,
    /// Its rows.
    rows: Vec<u32>,
    /// Its edges by numbers of rows, the strongest first.
    edges: Vec<Edge>,
    union: Union,
    members: Members,
    /// Pairs with an edge, where these are filled in.
    known: Known,
    knows: bool,
    /// Of each cluster, a row for each guarded value.
    guarded: HashMap<u32, Vec<u32>, FixedState>,
    refused: Vec<Refusal>,
    /// Rows of two clusters, and those that they are in the table.
    some: [Vec<u32>; 2],
    named: [Vec<u32>; 2],
    least: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl Component {
    /// Room for components of so many rows together.
    pub(super) fn new(rows: usize) -> Self {
        Component {
            numbers: vec![FREE; rows],
            rows: Vec::new(),
            edges: Vec::new(),
            union: Union::new(0),
            members: Members::new(0),
            known: Known::default(),
            knows: false,
            guarded: HashMap::default(),
            refused: Vec::new(),
            some: [Vec::new(), Vec::new()],
            named: [Vec::new(), Vec::new()],
            least: Vec::new(),
        }
    }

    /// Takes the edges of a component, of whose rows none was taken before.
    pub(super) fn take(&mut self, edges: &[Edge], guard: &impl Guard) {
        self.rows.clear();
        for row in edges.iter().flat_map(|edge| [edge.a, edge.b]) {
            let number = &mut self.numbers[row as usize];
            if *number == FREE {
                *number = 0;
                self.rows.push(row);
            }
        }
        self.rows.sort_unstable_by_key(|&row| guard.rank(row));
        (0..).zip(&self.rows).for_each(|(number, &row)| self.numbers[row as usize] = number);
        let number = |row: u32| self.numbers[row as usize];
        self.edges.clear();
        self.edges.extend(edges.iter().map(|edge| {
            let (a, b) = (number(edge.a), number(edge.b));
            Edge { weight: edge.weight, a: a.min(b), b: a.max(b) }
        }));
        sort(&mut self.edges);
        self.union.reset(self.rows.len());
        self.members.reset(self.rows.len());
        self.knows = false;
        let guarded = |&(_, &row): &(u32, &u32)| guard.has(row);
        self.guarded.clear();
        self.guarded.extend((0..).zip(&self.rows).filter(guarded).map(|(number, _)| (number, vec![number])));
    }

    /// Joins what is to be joined, and tells `done`.
    pub(super) fn contract<S, G, W>(&mut self, asked: &mut Asked<'_, S, G, W>, done: &mut Contracted)
    where
        S: Fn(u32) -> u32,
        G: Guard,
        W: FnMut(u32, u32) -> MatchWeight,
    {
        let followed = self.edges.partition_point(|edge| edge.weight >= asked.options.threshold);
        for at in 0..followed {
            let edge = self.edges[at];
            let (a, b) = (self.union.root(edge.a), self.union.root(edge.b));
            if a == b {
                continue;
            }
            if let Some(by) = self.objection(&edge, (a, b), asked, done) {
                self.refused.push(Refusal { edge, by });
                continue;
            }
            done.joined += 1;
            let kept = self.union.join(a, b);
            let given = if kept == a { b } else { a };
            self.members.join(a, b);
            if let Some(more) = self.guarded.remove(&given) {
                let (rows, own) = (&self.rows, self.guarded.entry(kept).or_default());
                let same = |a: u32, b: u32| asked.guard.same(rows[a as usize], rows[b as usize]);
                let fresh: Vec<u32> =
                    more.into_iter().filter(|&row| !own.iter().any(|&known| same(known, row))).collect();
                own.extend(fresh);
            }
        }
        let rows = &self.rows;
        self.union.each_least(&mut self.least, |row, first| {
            done.clusters[rows[row as usize] as usize] = rows[first as usize];
        });
        // What was joined later by another edge is not refused.
        for refusal in self.refused.drain(..) {
            if self.union.root(refusal.edge.a) != self.union.root(refusal.edge.b) {
                done.refused.push(refusal.of_rows(|row| rows[row as usize]));
            }
        }
    }

    /// What speaks against joining two clusters, told by their roots, along an edge between them.
    #[inline]
    fn objection<S, G, W>(
        &mut self,
        edge: &Edge,
        (a, b): (u32, u32),
        asked: &mut Asked<'_, S, G, W>,
        done: &mut Contracted,
    ) -> Option<Objection>
    where
        S: Fn(u32) -> u32,
        G: Guard,
        W: FnMut(u32, u32) -> MatchWeight,
    {
        let Asked { options, prior, source, guard, score } = asked;
        let row = |number: u32| self.rows[number as usize];
        let sizes = [self.union.size(a), self.union.size(b)];
        let alone = sizes == [1, 1];
        if options.one_per_source && alone && source(row(edge.a)) == source(row(edge.b)) {
            return Some(Objection::OnePerSource { a: edge.a, b: edge.b });
        }
        if let (Some(own), Some(other)) = (self.guarded.get(&a), self.guarded.get(&b)) {
            let mut pairs = own.iter().flat_map(|&a| other.iter().map(move |&b| (a, b)));
            let parted = pairs.find_map(|(a, b)| {
                let by = guard.parts(row(a.min(b)), row(a.max(b)))?;
                Some(Objection::Guard { by, a, b })
            });
            if parted.is_some() {
                return parted;
            }
        }
        if alone {
            return None;
        }
        let [own, others] = &mut self.some;
        let bounded = sizes[0] * sizes[1] > options.most_pairs;
        let side = ((options.most_pairs as f64).sqrt() as usize).max(1);
        let lesser = sizes[0].min(sizes[1]).min(side);
        let most = if bounded { (options.most_pairs / lesser.max(1)).max(1) } else { usize::MAX };
        let limit = |size: usize| if bounded && size == sizes[0].min(sizes[1]) { lesser } else { most };
        self.members.spread(a, limit(sizes[0]), own);
        self.members.spread(b, limit(sizes[1]), others);
        done.bounded += u64::from(bounded);
        if options.one_per_source {
            let mut pairs = own.iter().flat_map(|&a| others.iter().map(move |&b| (a, b)));
            if let Some((a, b)) = pairs.find(|&(a, b)| source(row(a)) == source(row(b))) {
                return Some(Objection::OnePerSource { a, b });
            }
        }
        let needed = options.threshold + options.above;
        // What needs no pair to be scored is asked first.
        if edge.weight >= needed {
            for (named, some) in self.named.iter_mut().zip([&own, &others]) {
                named.clear();
                named.extend(some.iter().map(|&number| row(number)));
            }
            let [mine, theirs] = &self.named;
            let unsaid = guard.unsaid((row(edge.a), row(edge.b)), mine, theirs, edge.weight - needed);
            if let Some(Unsaid { weight, by, a, b }) = unsaid {
                let (a, b) = (self.numbers[a as usize], self.numbers[b as usize]);
                return Some(Objection::Unsaid { total: edge.weight + weight, needed, by, a, b });
            }
        }
        if !std::mem::replace(&mut self.knows, true) {
            self.known.fill(&self.edges, *prior);
        }
        let mut against = 0i64;
        let mut worst = (0, edge.a, edge.b);
        let pairs = own.iter().flat_map(|&x| others.iter().map(move |&y| (x.min(y), x.max(y))));
        for (x, y) in pairs {
            let weight = if (x, y) == (edge.a, edge.b) {
                edge.weight
            } else if self.known.has(x, y) {
                continue;
            } else {
                done.scored += 1;
                score(row(x), row(y))
            };
            let own = (weight - *prior).thousandths().min(0);
            against += i64::from(own);
            if own < 0 {
                worst = worst.min((own, x, y));
            }
        }
        let pairs = (own.len() * others.len()).max(1) as f64;
        let mean = against as f64 / pairs * options.against;
        let total = edge.weight + MatchWeight::of_thousandths(mean.round() as i32);
        let (own, a, b) = worst;
        let against = MatchWeight::of_thousandths(own);
        (total < needed).then_some(Objection::Evidence { total, needed, a, b, against })
    }
}
