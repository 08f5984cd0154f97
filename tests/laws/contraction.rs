//! Which records are one customer, by brute force.

use crate::oracle::{Oracle, initial};
use std::collections::{BTreeMap, BTreeSet};
use stitchline::{Identifier, MatchWeight, Namespace, PartyKind, normalize::name};

/// Records by their places in [`Oracle::parties`]; the first one is the founder.
pub(crate) struct Cluster {
    pub(crate) places: BTreeSet<usize>,
    pub(crate) unresolved: bool,
}

/// An identifier that may join, and who carries it.
struct Shared {
    identifier: Identifier,
    weight: MatchWeight,
    carriers: BTreeMap<usize, bool>,
}

/// Decides all components.
pub(crate) fn decide(oracle: &Oracle, same: &[(usize, usize)], different: &[(usize, usize)]) -> Vec<Cluster> {
    let mut carriers: BTreeMap<&Identifier, BTreeMap<usize, bool>> = BTreeMap::new();
    for (place, party) in oracle.parties.iter().enumerate() {
        for (identifier, &sure) in &party.carries {
            carriers.entry(identifier).or_default().insert(place, sure);
        }
    }
    let mut shared: Vec<Shared> = carriers
        .into_iter()
        .filter_map(|(identifier, carriers)| {
            let weight = oracle.weight(identifier)?;
            Some(Shared { identifier: identifier.clone(), weight, carriers })
        })
        .collect();
    let rank = |s: &Shared| {
        let own = oracle.policy.namespace(s.identifier.namespace());
        (std::cmp::Reverse((s.weight, own.priority)), s.identifier.clone())
    };
    shared.sort_by_key(rank);
    components(oracle.parties.len(), &shared, same)
        .into_iter()
        .flat_map(|component| {
            let inside = |pairs: &[(usize, usize)]| -> Vec<(usize, usize)> {
                pairs
                    .iter()
                    .copied()
                    .filter(|(a, b)| component.contains(a) && component.contains(b))
                    .collect()
            };
            let shared = shared.iter().filter(|s| s.carriers.keys().any(|place| component.contains(place)));
            Work {
                oracle,
                shared: shared.collect(),
                same: inside(same),
                different: inside(different),
                clusters: component.iter().map(|&place| BTreeSet::from([place])).collect(),
            }
            .run()
        })
        .collect()
}

/// Records that joining identifiers and words connect.
fn components(count: usize, shared: &[Shared], same: &[(usize, usize)]) -> Vec<BTreeSet<usize>> {
    let mut found: Vec<BTreeSet<usize>> = Vec::new();
    for place in 0..count {
        if found.iter().any(|component| component.contains(&place)) {
            continue;
        }
        let mut component = BTreeSet::from([place]);
        loop {
            let before = component.len();
            for one in shared {
                if one.carriers.keys().any(|carrier| component.contains(carrier)) {
                    component.extend(one.carriers.keys());
                }
            }
            for &(a, b) in same {
                if component.contains(&a) || component.contains(&b) {
                    component.extend([a, b]);
                }
            }
            if component.len() == before {
                break;
            }
        }
        found.push(component);
    }
    found
}

struct Work<'a> {
    oracle: &'a Oracle,
    shared: Vec<&'a Shared>,
    same: Vec<(usize, usize)>,
    different: Vec<(usize, usize)>,
    clusters: Vec<BTreeSet<usize>>,
}

type Set = BTreeSet<usize>;

/// A group of values that are stated together, and when.
struct Group {
    values: BTreeSet<String>,
    first: i64,
    last: i64,
}

impl Work<'_> {
    fn run(mut self) -> Vec<Cluster> {
        for (a, b) in self.same.clone() {
            let (a, b) = (self.of(a), self.of(b));
            if a != b && !self.are_different(&a, &b) {
                self.join(&a, &b);
            }
        }
        for place in 0..self.shared.len() {
            self.apply(place);
        }
        let clusters = std::mem::take(&mut self.clusters);
        clusters
            .into_iter()
            .map(|places| Cluster { unresolved: self.is_unresolved(&places), places })
            .collect()
    }

    /// The cluster that holds a record.
    fn of(&self, place: usize) -> Set {
        self.clusters.iter().find(|cluster| cluster.contains(&place)).expect("all are in clusters").clone()
    }

    fn join(&mut self, a: &Set, b: &Set) -> Set {
        let joined: Set = a | b;
        self.clusters.retain(|cluster| cluster != a && cluster != b);
        self.clusters.push(joined.clone());
        joined
    }

    fn apply(&mut self, place: usize) {
        let shared = self.shared[place];
        // Sets compare by their least member first, so these are in the order of their founders.
        let touched: BTreeSet<Set> = shared.carriers.keys().map(|&carrier| self.of(carrier)).collect();
        if touched.len() < 2 {
            return;
        }
        let (bearing, blank): (Vec<Set>, Vec<Set>) =
            touched.into_iter().partition(|cluster| !self.different.is_empty() || !self.is_blank(cluster));
        let all: Set = bearing.iter().flatten().copied().collect();
        let limit = self.oracle.policy.namespace(shared.identifier.namespace()).sharing_limit;
        if self.parties(&all) > limit {
            return;
        }
        let mut ordered = bearing.clone();
        if (3..=32).contains(&bearing.len()) {
            let objects = |a: &Set| bearing.iter().any(|b| a != b && self.objects(a, b));
            ordered.sort_by_key(|cluster| !objects(cluster));
        }
        let mut groups: Vec<Set> = Vec::new();
        for cluster in ordered {
            let fits: Vec<usize> =
                (0..groups.len()).filter(|&at| !self.objects(&groups[at], &cluster)).collect();
            match fits.as_slice() {
                [] => groups.push(cluster),
                &[at] => groups[at] = self.join(&groups[at].clone(), &cluster),
                _ => {}
            }
        }
        for cluster in blank {
            match groups.as_slice() {
                [] => groups.push(cluster),
                [only] if !self.objects(only, &cluster) => {
                    groups[0] = self.join(&only.clone(), &cluster);
                }
                _ => {}
            }
        }
    }

    fn are_different(&self, a: &Set, b: &Set) -> bool {
        self.different.iter().any(|(x, y)| a.contains(x) && b.contains(y) || a.contains(y) && b.contains(x))
    }

    fn shows_kind(&self, cluster: &Set, kind: PartyKind) -> bool {
        cluster.iter().any(|&place| self.oracle.parties[place].kind == kind)
    }

    /// The values of a namespace that a cluster shows.
    fn values(&self, cluster: &Set, namespace: &Namespace) -> BTreeSet<&str> {
        let carried = cluster.iter().flat_map(|&place| self.oracle.parties[place].carries.keys());
        carried
            .filter(|identifier| identifier.namespace() == namespace)
            .map(|identifier| identifier.value())
            .collect()
    }

    /// The facts and exclusive namespaces of which a cluster shows values.
    fn shown(&self, cluster: &Set) -> BTreeSet<&Namespace> {
        let carried = cluster.iter().flat_map(|&place| self.oracle.parties[place].carries.keys());
        carried
            .map(Identifier::namespace)
            .filter(|namespace| {
                namespace.is_fact() || self.oracle.policy.namespace(namespace).exclusive.is_some()
            })
            .collect()
    }

    fn is_blank(&self, cluster: &Set) -> bool {
        self.shown(cluster).is_empty()
            && !self.shows_kind(cluster, PartyKind::Person)
            && !self.shows_kind(cluster, PartyKind::Organisation)
    }

    /// Values of a namespace, those together that some record states together.
    fn groups(&self, cluster: &Set, namespace: &Namespace) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for &place in cluster {
            let party = &self.oracle.parties[place];
            let values = self.values(&Set::from([place]), namespace);
            if values.is_empty() {
                continue;
            }
            let mut group = Group {
                values: values.into_iter().map(str::to_owned).collect(),
                first: party.observed,
                last: party.last,
            };
            let (meet, apart): (Vec<Group>, Vec<Group>) =
                groups.into_iter().partition(|known| !known.values.is_disjoint(&group.values));
            for known in meet {
                group.values.extend(known.values);
                group.first = group.first.min(known.first);
                group.last = group.last.max(known.last);
            }
            groups = apart;
            groups.push(group);
        }
        groups
    }

    /// How many different parties a set of records shows.
    fn parties(&self, records: &Set) -> u32 {
        let mut most = 1;
        for namespace in self.shown(records) {
            let count = if *namespace == Namespace::NAME {
                let initials: BTreeSet<char> =
                    self.values(records, namespace).into_iter().filter_map(initial).collect();
                initials.len()
            } else if *namespace == Namespace::BIRTH || self.oracle.is_telling(namespace) {
                self.groups(records, namespace).len()
            } else {
                0
            };
            most = most.max(count);
        }
        most as u32
    }

    fn objects(&self, a: &Set, b: &Set) -> bool {
        let (person, organisation) = (PartyKind::Person, PartyKind::Organisation);
        self.are_different(a, b)
            || self.shows_kind(a, person) && self.shows_kind(b, organisation)
            || self.shows_kind(a, organisation) && self.shows_kind(b, person)
            || self.exceeds(a, b)
            || self.total(a, b) < MatchWeight::from_bits(self.oracle.policy.link_bits)
    }

    fn exceeds(&self, a: &Set, b: &Set) -> bool {
        let (left, right) = (self.shown(a), self.shown(b));
        left.intersection(&right).any(|namespace| {
            let Some(exclusive) = self.oracle.policy.namespace(namespace).exclusive else { return false };
            let groups = self.groups(&(a | b), namespace);
            let most = match exclusive.within_days {
                None => groups.len(),
                Some(days) => {
                    let window = i64::from(days) * 86_400_000_000;
                    let begins = groups.iter().flat_map(|g| [g.last, g.first, g.first - window]);
                    begins
                        .map(|at| groups.iter().filter(|g| g.last >= at && g.first <= at + window).count())
                        .max()
                        .unwrap_or(0)
                }
            };
            most > exclusive.most as usize
        })
    }

    fn total(&self, a: &Set, b: &Set) -> MatchWeight {
        let policy = &self.oracle.policy;
        let mut total = MatchWeight::from_bits(policy.prior_bits);
        for shared in &self.shared {
            let by = |cluster: &Set| {
                shared.carriers.iter().filter(move |(place, _)| cluster.contains(place)).collect::<Vec<_>>()
            };
            let (left, right) = (by(a), by(b));
            if left.is_empty() || right.is_empty() {
                continue;
            }
            total += shared.weight;
            if left.iter().any(|(_, sure)| **sure) && right.iter().any(|(_, sure)| **sure) {
                total += MatchWeight::from_bits(policy.authenticated_bits);
            }
        }
        for namespace in [Namespace::NAME, Namespace::BIRTH] {
            let (left, right) = (self.values(a, &namespace), self.values(b, &namespace));
            let conflict = |x: &str, y: &str| {
                if namespace == Namespace::NAME { name::conflict(x, y) } else { x != y }
            };
            let conflicts = left.iter().all(|x| right.iter().all(|y| conflict(x, y)));
            if !left.is_empty() && !right.is_empty() && conflicts {
                total = total - MatchWeight::from_bits(policy.namespace(&namespace).contradiction_bits);
            }
        }
        total
    }

    fn is_unresolved(&self, cluster: &Set) -> bool {
        let parties = || cluster.iter().map(|&place| &self.oracle.parties[place]);
        let settled = self.shared.iter().any(|shared| {
            let inside = shared.carriers.keys().filter(|place| cluster.contains(place)).count();
            inside > 0 && inside == shared.carriers.len()
        });
        let same = self.same.iter().any(|(a, b)| cluster.contains(a) && cluster.contains(b));
        parties().all(|party| party.implied) && !settled && !same
    }
}
