//! Ordered contraction under guards: which records of a component are one customer.
//!
//! A pure function of the component. Evidence is applied strongest first. A word "same" joins unless a word
//! "different" stands between the clusters. A shared identifier joins those clusters of its carriers that no guard
//! keeps apart; where guards keep some apart, a cluster that would fit several of them joins none.

use super::{Component, Content, Evidence, MatchWeight, Symbol, View};

/// Above this many clusters on one identifier, clusters are taken in their order without looking first for those
/// that conflict.
const LOOK_AHEAD: usize = 32;

/// Why evidence between two clusters was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Somebody said that they are different: a place in [`Component::different`].
    Different(u32),
    /// One is a person, the other an organisation.
    Kind,
    /// Together they would have so many values of a namespace that allows fewer.
    Exclusive(Symbol, u32),
    /// The total weight is below the link threshold; these facts speak against it, if any.
    Weight(MatchWeight, Vec<Symbol>),
    /// The clusters that carry the identifier show so many different parties.
    Generic(u32),
    /// The cluster would fit several that are kept apart.
    Ambiguous,
}

/// What was done with one piece of evidence between two clusters, each named by its founding record.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) evidence: Evidence,
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// The total weight between them where it was asked for; none for a person's word.
    pub(crate) total: Option<MatchWeight>,
    /// None where they were joined.
    pub(crate) refused: Option<Guard>,
    /// The other guards that object.
    pub(crate) also: Vec<Guard>,
}

impl Contraction {
    /// How surely each record belongs to its cluster: the probability of the weakest link between it and the founding
    /// record. Only where decisions were kept.
    pub(crate) fn confidence(&self) -> Vec<f64> {
        let mut members: Vec<Vec<usize>> = (0..self.cluster.len()).map(|record| vec![record]).collect();
        let mut confidence = vec![1.0f64; self.cluster.len()];
        for decision in self.decisions.iter().filter(|decision| decision.refused.is_none()) {
            let (elder, younger) =
                (decision.left.min(decision.right) as usize, decision.left.max(decision.right) as usize);
            let moved = std::mem::take(&mut members[younger]);
            let probability = decision.total.map_or(1.0, MatchWeight::probability);
            for &record in &moved {
                confidence[record] = confidence[record].min(probability);
            }
            members[elder].extend(moved);
        }
        confidence
    }
}

/// The clusters of a component.
#[derive(Debug, Default)]
pub(crate) struct Contraction {
    /// The founding record of each record's cluster.
    pub(crate) cluster: Vec<u32>,
    /// Whether the record's cluster identifies nobody.
    pub(crate) unresolved: Vec<bool>,
    /// Whether each shared identifier ended between several clusters.
    pub(crate) contested: Vec<bool>,
    /// Whether anything was refused.
    pub(crate) refusals: bool,
    /// What was done, in order; only where it was asked for.
    pub(crate) decisions: Vec<Decision>,
}

/// Decides a component. With `trace` the decisions are kept.
///
/// Time is O(e log e) in the number of carried identifiers where nothing is refused; where clusters are kept apart,
/// each identifier costs at most the square of its look-ahead, or its clusters times the groups kept apart.
pub(crate) fn contract(component: &Component, view: &View<'_>, trace: bool) -> Contraction {
    let count = component.records.len();
    let mut result = Contraction { contested: vec![false; component.shared.len()], ..Contraction::default() };
    if !trace && (count == 1 || joins_at_once(component, view)) {
        result.cluster = vec![0; count];
    } else {
        let mut work = Work::new(component, view, trace);
        work.run();
        result.cluster = (0..count as u32).map(|record| work.find(record)).collect();
        result.refusals = work.refusals;
        result.decisions = work.decisions;
    }
    let mut somebody = vec![false; count];
    for (place, record) in component.records.iter().enumerate() {
        if !record.implied {
            somebody[result.cluster[place] as usize] = true;
        }
    }
    for &(record, _) in &component.own {
        somebody[result.cluster[record as usize] as usize] = true;
    }
    for &(a, b) in &component.same {
        if result.cluster[a as usize] == result.cluster[b as usize] {
            somebody[result.cluster[a as usize] as usize] = true;
        }
    }
    for (place, shared) in component.shared.iter().enumerate() {
        let first = result.cluster[shared.carriers[0].0 as usize];
        let contested = shared.carriers.iter().any(|&(record, _)| result.cluster[record as usize] != first);
        result.contested[place] = contested;
        if !contested {
            somebody[first as usize] = true;
        }
    }
    result.unresolved = result.cluster.iter().map(|&cluster| !somebody[cluster as usize]).collect();
    result
}

/// Whether no guard could object to any part of the component joining any other, so that all is one cluster.
fn joins_at_once(component: &Component, view: &View<'_>) -> bool {
    if !component.different.is_empty() || !component.same.is_empty() {
        return false;
    }
    let mut all = Content::default();
    let mut limit = u32::MAX;
    // Where more evidence can lower a total, each total must be looked at.
    if view.rules.authenticated < MatchWeight::ZERO {
        return false;
    }
    for shared in &component.shared {
        if view.rules.prior + shared.weight < view.rules.link || shared.weight < MatchWeight::ZERO {
            return false;
        }
        limit = limit.min(view.rules.of(shared.namespace).sharing_limit);
    }
    for record in &component.records {
        let kind = record.kind;
        all.person |= kind == crate::record::PartyKind::Person;
        all.organisation |= kind == crate::record::PartyKind::Organisation;
    }
    if all.person && all.organisation {
        return false;
    }
    let mut values: Vec<(Symbol, u32)> =
        component.records.iter().flat_map(|record| record.shows.iter().copied()).collect();
    values.sort_unstable();
    values.dedup();
    for of_one in values.chunk_by(|a, b| a.0 == b.0) {
        let rule = view.rules.of(of_one[0].0);
        if rule.exclusive.is_some_and(|exclusive| of_one.len() as u32 > exclusive.most) {
            return false;
        }
        if rule.fact && of_one.len() > 1 {
            if Some(of_one[0].0) != view.rules.name || of_one.len() > 8 {
                return false;
            }
            let text =
                |value: &(Symbol, u32)| view.identity.texts.get(view.identity.identifiers[value.1].value);
            let conflict = of_one.iter().enumerate().any(|(at, a)| {
                of_one[at + 1..].iter().any(|b| crate::normalize::name::conflict(text(a), text(b)))
            });
            // Names that do not conflict may still show several initials (swapped sides), which the limit counts.
            if conflict || of_one.len() as u32 > limit {
                return false;
            }
        } else if rule.telling && of_one.len() as u32 > limit {
            return false;
        }
    }
    true
}

struct Work<'a> {
    component: &'a Component,
    view: &'a View<'a>,
    trace: bool,
    parent: Vec<u32>,
    content: Vec<Content>,
    /// The shared identifiers of each cluster in order, and whether carried while authenticated.
    carried: Vec<Vec<(u32, bool)>>,
    refusals: bool,
    decisions: Vec<Decision>,
}

impl<'a> Work<'a> {
    fn new(component: &'a Component, view: &'a View<'a>, trace: bool) -> Self {
        let count = component.records.len() as u32;
        let mut carried: Vec<Vec<(u32, bool)>> = vec![Vec::new(); count as usize];
        for (place, shared) in component.shared.iter().enumerate() {
            for &(record, authenticated) in &shared.carriers {
                carried[record as usize].push((place as u32, authenticated));
            }
        }
        Work {
            component,
            view,
            trace,
            parent: (0..count).collect(),
            content: (0..count).map(|record| Content::of(component, record)).collect(),
            carried,
            refusals: false,
            decisions: Vec::new(),
        }
    }

    fn find(&mut self, mut record: u32) -> u32 {
        while self.parent[record as usize] != record {
            let above = self.parent[self.parent[record as usize] as usize];
            self.parent[record as usize] = above;
            record = above;
        }
        record
    }

    fn run(&mut self) {
        for (place, &(a, b)) in self.component.same.iter().enumerate() {
            let (a, b) = (self.find(a), self.find(b));
            if a != b {
                let evidence = Evidence::Same(place as u32);
                match self.different(a, b) {
                    Some(guard) => self.refuse(evidence, a, b, guard),
                    None => self.join(evidence, a, b),
                }
            }
        }
        for place in 0..self.component.shared.len() {
            self.apply(place as u32);
        }
    }

    /// Joins what one shared identifier joins.
    fn apply(&mut self, place: u32) {
        let component = self.component;
        let shared = &component.shared[place as usize];
        let evidence = Evidence::Shared(place);
        let mut touched: Vec<u32> = shared.carriers.iter().map(|&(record, _)| self.find(record)).collect();
        touched.sort_unstable();
        touched.dedup();
        if touched.len() < 2 {
            return;
        }
        let (mut bearing, mut blank) = (Vec::new(), Vec::new());
        let mut all = Content::default();
        for &cluster in &touched {
            if self.content[cluster as usize].is_blank() && self.component.different.is_empty() {
                blank.push(cluster);
            } else {
                all.absorb(&self.content[cluster as usize]);
                bearing.push(cluster);
            }
        }
        let parties = all.parties(self.view, self.view.rules);
        if parties > self.view.rules.of(shared.namespace).sharing_limit {
            for &other in &touched[1..] {
                self.refuse(evidence, touched[0], other, Guard::Generic(parties));
            }
            return;
        }
        self.put_conflicting_first(&mut bearing);
        let mut groups: Vec<u32> = Vec::new();
        for cluster in bearing {
            let mut fits: Vec<usize> = Vec::new();
            for (at, &group) in groups.iter().enumerate() {
                match self.objection(group, cluster) {
                    None => fits.push(at),
                    Some(guard) => self.refuse(evidence, group, cluster, guard),
                }
            }
            match fits.as_slice() {
                [] => groups.push(cluster),
                &[at] => {
                    self.join(evidence, groups[at], cluster);
                    groups[at] = self.find(cluster);
                }
                several => several
                    .iter()
                    .for_each(|&at| self.refuse(evidence, groups[at], cluster, Guard::Ambiguous)),
            }
        }
        for cluster in blank {
            match groups.as_slice() {
                [] => groups.push(cluster),
                &[group] => match self.objection(group, cluster) {
                    None => {
                        self.join(evidence, group, cluster);
                        groups[0] = self.find(cluster);
                    }
                    Some(guard) => self.refuse(evidence, group, cluster, guard),
                },
                several => {
                    for &group in several.to_vec().iter() {
                        self.refuse(evidence, group, cluster, Guard::Ambiguous);
                    }
                }
            }
        }
    }

    /// Clusters that conflict with another one go before those that conflict with none.
    fn put_conflicting_first(&mut self, clusters: &mut Vec<u32>) {
        if clusters.len() > LOOK_AHEAD || clusters.len() < 3 {
            return;
        }
        let mut conflicting = vec![false; clusters.len()];
        for a in 0..clusters.len() {
            for b in a + 1..clusters.len() {
                if self.objection(clusters[a], clusters[b]).is_some() {
                    conflicting[a] = true;
                    conflicting[b] = true;
                }
            }
        }
        let pick = |wanted: bool| {
            clusters.iter().zip(&conflicting).filter(move |&(_, &c)| c == wanted).map(|(&k, _)| k)
        };
        *clusters = pick(true).chain(pick(false)).collect();
    }

    /// The guard that keeps two clusters apart, if one does: the first in order.
    fn objection(&mut self, a: u32, b: u32) -> Option<Guard> {
        self.different(a, b)
            .or_else(|| self.kind(a, b))
            .or_else(|| self.exclusive(a, b))
            .or_else(|| self.too_little(a, b))
    }

    /// All guards that keep two clusters apart, in their order.
    fn objections(&mut self, a: u32, b: u32) -> Vec<Guard> {
        let all = [self.different(a, b), self.kind(a, b), self.exclusive(a, b), self.too_little(a, b)];
        all.into_iter().flatten().collect()
    }

    fn kind(&self, a: u32, b: u32) -> Option<Guard> {
        let (left, right) = (&self.content[a as usize], &self.content[b as usize]);
        let conflict = left.person && right.organisation || left.organisation && right.person;
        conflict.then_some(Guard::Kind)
    }

    fn exclusive(&self, a: u32, b: u32) -> Option<Guard> {
        let (left, right) = (&self.content[a as usize], &self.content[b as usize]);
        left.exceeds(right, self.view).map(|(namespace, count)| Guard::Exclusive(namespace, count))
    }

    fn too_little(&self, a: u32, b: u32) -> Option<Guard> {
        let against = self.content[a as usize].contradictions(&self.content[b as usize], self.view);
        let total = self.total(a, b, &against);
        (total < self.view.rules.link).then_some(Guard::Weight(total, against))
    }

    fn total_between(&self, a: u32, b: u32) -> MatchWeight {
        let against = self.content[a as usize].contradictions(&self.content[b as usize], self.view);
        self.total(a, b, &against)
    }

    /// Prior, all identifiers that both carry, and what speaks against.
    fn total(&self, a: u32, b: u32, against: &[Symbol]) -> MatchWeight {
        let rules = self.view.rules;
        let (mut left, mut right) =
            (self.carried[a as usize].iter().peekable(), self.carried[b as usize].iter().peekable());
        let mut total = rules.prior;
        while let (Some(&&(l, lauth)), Some(&&(r, rauth))) = (left.peek(), right.peek()) {
            match l.cmp(&r) {
                std::cmp::Ordering::Less => _ = left.next(),
                std::cmp::Ordering::Greater => _ = right.next(),
                std::cmp::Ordering::Equal => {
                    total += self.component.shared[l as usize].weight;
                    if lauth && rauth {
                        total += rules.authenticated;
                    }
                    left.next();
                    right.next();
                }
            }
        }
        against.iter().fold(total, |total, &fact| total - rules.of(fact).contradiction)
    }

    fn different(&mut self, a: u32, b: u32) -> Option<Guard> {
        let component = self.component;
        component.different.iter().enumerate().find_map(|(place, &(x, y))| {
            let (x, y) = (self.find(x), self.find(y));
            ((x, y) == (a, b) || (x, y) == (b, a)).then_some(Guard::Different(place as u32))
        })
    }

    fn refuse(&mut self, evidence: Evidence, left: u32, right: u32, guard: Guard) {
        self.refusals = true;
        if self.trace {
            let total = match (&guard, evidence) {
                (Guard::Weight(total, _), _) => Some(*total),
                (_, Evidence::Same(_)) => None,
                _ => Some(self.total_between(left, right)),
            };
            let mut also = match evidence {
                Evidence::Same(_) => Vec::new(),
                Evidence::Shared(_) => self.objections(left, right),
            };
            also.retain(|other| *other != guard);
            self.decisions.push(Decision { evidence, left, right, total, refused: Some(guard), also });
        }
    }

    fn join(&mut self, evidence: Evidence, a: u32, b: u32) {
        if self.trace {
            let total = matches!(evidence, Evidence::Shared(_)).then(|| self.total_between(a, b));
            self.decisions.push(Decision {
                evidence,
                left: a,
                right: b,
                total,
                refused: None,
                also: Vec::new(),
            });
        }
        // The elder founds the cluster.
        let (elder, younger) = (a.min(b), a.max(b));
        self.parent[younger as usize] = elder;
        let content = std::mem::take(&mut self.content[younger as usize]);
        self.content[elder as usize].absorb(&content);
        let theirs = std::mem::take(&mut self.carried[younger as usize]);
        let mine = std::mem::take(&mut self.carried[elder as usize]);
        self.carried[elder as usize] = merge(mine, theirs);
    }
}

/// Two ordered lists as one; an identifier that both have was authenticated if either was.
fn merge(a: Vec<(u32, bool)>, b: Vec<(u32, bool)>) -> Vec<(u32, bool)> {
    let mut both = a;
    both.extend(b);
    both.sort_unstable();
    both.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 |= next.1;
        }
        same
    });
    both
}

#[cfg(test)]
mod tests;
