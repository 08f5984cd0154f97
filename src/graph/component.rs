//! One connected part of the graph, copied out so that it can be decided by itself.

use super::{MatchWeight, Symbol, View, tables::NONE};
use crate::record::{PartyKind, Verdict};
use smallvec::SmallVec;
use std::collections::HashMap;

/// Values by row number. Few of them are searched one after the other, which beats hashing.
#[derive(Debug)]
struct RowMap<V> {
    few: SmallVec<[(u32, V); FEW]>,
    many: HashMap<u32, V, foldhash::fast::FixedState>,
}

const FEW: usize = 16;

impl<V: Copy> RowMap<V> {
    fn new() -> Self {
        RowMap { few: SmallVec::new(), many: HashMap::default() }
    }

    fn get(&self, row: u32) -> Option<V> {
        match self.few.iter().find(|&&(known, _)| known == row) {
            Some(&(_, value)) => Some(value),
            None if self.many.is_empty() => None,
            None => self.many.get(&row).copied(),
        }
    }

    /// Adds a value where there is none; true where it did.
    fn add(&mut self, row: u32, value: V) -> bool {
        if self.get(row).is_some() {
            return false;
        }
        if self.few.len() < FEW {
            self.few.push((row, value));
        } else {
            self.many.insert(row, value);
        }
        true
    }
}

/// Records that evidence connects, with all evidence among them. Records are in the order (observed, source, id);
/// everything else refers to them by their place in it.
#[derive(Debug, Default)]
pub(crate) struct Component {
    pub(crate) records: Vec<Member>,
    /// Identifiers that two or more records carry and that may join, strongest first.
    pub(crate) shared: Vec<Shared>,
    /// Identifiers that may join and that one record alone carries: the record, and the identifier. It is somebody of
    /// its own.
    pub(crate) own: Vec<(u32, u32)>,
    /// Pairs asserted to be the same, and to be different; the lesser place first, in order.
    pub(crate) same: Vec<(u32, u32)>,
    pub(crate) different: Vec<(u32, u32)>,
}

/// A record of a component.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) row: u32,
    pub(crate) observed: i64,
    pub(crate) last: i64,
    pub(crate) kind: PartyKind,
    pub(crate) implied: bool,
    /// Facts and values of exclusive namespaces: (namespace, identifier).
    pub(crate) shows: Vec<(Symbol, u32)>,
}

/// An identifier that several records of a component carry.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) identifier: u32,
    pub(crate) namespace: Symbol,
    pub(crate) weight: MatchWeight,
    /// The records that carry it, in order, and whether authenticated.
    pub(crate) carriers: Vec<(u32, bool)>,
}

/// One piece of evidence of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Evidence {
    /// A place in [`Component::same`].
    Same(u32),
    /// A place in [`Component::shared`].
    Shared(u32),
}

impl Component {
    /// The part that holds `seed`; none where that record is not there.
    pub(crate) fn around(view: &View<'_>, seed: u32) -> Option<Self> {
        let mut found = Vec::new();
        let mut known = RowMap::new();
        let mut looked_at = RowMap::new();
        view.record(seed)?;
        known.add(seed, ());
        found.push(seed);
        let mut next = 0;
        // The identifiers that join, in the order in which they were met, each with its weight.
        let mut joining: Vec<(u32, MatchWeight)> = Vec::new();
        while let Some(&record) = found.get(next) {
            next += 1;
            for cell in view.claims(record) {
                if !looked_at.add(cell.identifier, ()) {
                    continue;
                }
                let Some(weight) = view.weight(cell.identifier) else { continue };
                joining.push((cell.identifier, weight));
                for carrier in view.carriers(cell.identifier) {
                    if known.add(carrier.record, ()) {
                        found.push(carrier.record);
                    }
                }
            }
            for (other, verdict, _) in view.assertions(record) {
                if verdict == Verdict::Same && view.record(other).is_some() && known.add(other, ()) {
                    found.push(other);
                }
            }
        }
        Some(Self::build(view, found, &joining))
    }

    fn build(view: &View<'_>, found: Vec<u32>, joining: &[(u32, MatchWeight)]) -> Self {
        let identity = view.identity;
        let mut records: Vec<Member> = found
            .into_iter()
            .filter_map(|row| {
                let seen = view.record(row)?;
                Some(Member {
                    row,
                    observed: seen.observed,
                    last: seen.last,
                    kind: seen.kind,
                    implied: seen.implied,
                    shows: Vec::new(),
                })
            })
            .collect();
        records.sort_unstable_by(|a, b| {
            a.observed.cmp(&b.observed).then_with(|| identity.key_order(a.row, b.row))
        });
        let mut places = RowMap::new();
        for (place, record) in records.iter().enumerate() {
            places.add(record.row, place as u32);
        }
        let place = |row: u32| places.get(row).unwrap_or(NONE);
        let (mut shared, mut own) = (Vec::new(), Vec::new());
        for &(identifier, weight) in joining {
            let mut carriers: Vec<(u32, bool)> = view
                .carriers(identifier)
                .map(|cell| (place(cell.record), cell.flags.authenticated))
                .collect();
            if let [(only, _)] = carriers.as_slice() {
                own.push((*only, identifier));
                continue;
            }
            carriers.sort_unstable();
            let namespace = identity.identifiers[identifier].namespace;
            shared.push(Shared { identifier, namespace, weight, carriers });
        }
        shared.sort_unstable_by(|a, b| {
            let rank = |s: &Shared| {
                (std::cmp::Reverse(s.weight), std::cmp::Reverse(view.rules.of(s.namespace).priority))
            };
            let name = |s: &Shared| {
                (
                    identity.namespaces.name(s.namespace),
                    identity.texts.bytes_of(identity.identifiers[s.identifier].value),
                )
            };
            rank(a).cmp(&rank(b)).then_with(|| name(a).cmp(&name(b)))
        });
        let mut component = Component { records, shared, own, ..Component::default() };
        if component.records.len() > 1 {
            component.fill(view, place);
        }
        component
    }

    /// What only matters where there are two records or more.
    fn fill(&mut self, view: &View<'_>, place: impl Fn(u32) -> u32) {
        for record in &mut self.records {
            for cell in view.claims(record.row) {
                let namespace = view.identity.identifiers[cell.identifier].namespace;
                let rule = view.rules.of(namespace);
                if rule.fact || rule.exclusive.is_some() {
                    record.shows.push((namespace, cell.identifier));
                }
            }
            record.shows.sort_unstable();
            record.shows.dedup();
        }
        for here in 0..self.records.len() {
            for (other, verdict, _) in view.assertions(self.records[here].row) {
                let there = place(other);
                if there == NONE || (there as usize) < here {
                    continue;
                }
                match verdict {
                    Verdict::Same => self.same.push((here as u32, there)),
                    Verdict::Different => self.different.push((here as u32, there)),
                    Verdict::Retracted => {}
                }
            }
        }
        self.same.sort_unstable();
        self.different.sort_unstable();
    }
}
