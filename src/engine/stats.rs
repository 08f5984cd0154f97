//! Counts, and what memory is used for.

use super::{Engine, Published, Receipt};
use crate::{
    customer::CustomerId,
    error::Result,
    graph::{RecordFlags, View},
    record::{Identifier, Namespace},
};
use serde::Serialize;
use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeMap,
};

/// Counts of what an engine holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Inputs in the log, later versions and deletions included.
    pub inputs: u64,
    /// Records that sources state.
    pub stated_records: u64,
    /// Records that interactions imply.
    pub implied_records: u64,
    /// Identifiers and facts, each once, carried by any record at any time.
    pub identifiers: u64,
    /// Of these, identifiers that so many share that they join nobody, or that belong to a function.
    pub generic_identifiers: u64,
    /// Interactions.
    pub interactions: u64,
    /// Customers.
    pub customers: u64,
    /// Implied records that identify nobody.
    pub unresolved_records: u64,
    /// The most records of one customer.
    pub largest_customer: u64,
    /// Records whose evidence met with a refusal.
    pub records_with_refusals: u64,
    /// Entries of the change feed.
    pub changes: u64,
    /// Customers by their number of records.
    pub customers_by_records: BTreeMap<u64, u64>,
    /// The receipts of all erasures.
    pub receipts: Vec<Receipt>,
    /// Bytes of memory for all derived state.
    pub memory_bytes: u64,
    /// Whether customer ids are derived under the public namespace, so that they can be guessed.
    pub public_project: bool,
}

/// What is largest, and so worth a look where a database joins too much. It holds identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Largest {
    /// The customers with the most records, at most 10 and none with one alone; ties in the order of their ids. One with
    /// far more than the rest may be many who share something that no guard tells apart.
    pub customers: Vec<SizedCustomer>,
    /// The identifiers that join and that the most records carry, at most 10; ties by namespace and value.
    pub most_carried: Vec<SharedIdentifier>,
    /// The identifiers that join and that two or more parties share, those first that the fewest may still come to
    /// before they join nobody, then by their records; at most 10.
    pub nearest_limit: Vec<SharedIdentifier>,
}

/// A customer and how large it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SizedCustomer {
    /// The customer.
    pub id: CustomerId,
    /// How many records it has.
    pub records: u64,
}

/// An identifier that several records carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedIdentifier {
    /// The identifier.
    pub identifier: Identifier,
    /// How many records carry it.
    pub records: u64,
    /// How many different parties they show.
    pub parties: u64,
    /// How many parties may share it before it joins nobody.
    pub limit: u64,
}

/// The most entries of each list.
const LISTED: usize = 10;

/// Adds one to the first ones of an order, where it is among them.
fn keep<T>(first: &mut Vec<T>, new: T, order: impl Fn(&T, &T) -> Ordering) {
    if first.len() < LISTED || first.last().is_some_and(|last| order(&new, last).is_lt()) {
        let at = first.partition_point(|one| order(one, &new).is_lt());
        first.insert(at, new);
        first.truncate(LISTED);
    }
}

impl Engine {
    /// Counts of what is held. Looks at every row. No identifier is in them; [`Engine::largest`] lists some.
    ///
    /// # Errors
    /// None at present; stores that are shared may fail.
    pub fn stats(&self) -> Result<Stats> {
        let snapshot = self.snapshot();
        let state = &*snapshot.state;
        let identity = &state.identity;
        let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
        let (mut unresolved, mut refused) = (0, 0);
        for record in 0..identity.records.len() as u32 {
            let flags = identity.records[record].flags;
            if let Some(founder) = state.customer_of(record) {
                *sizes.entry(founder).or_default() += 1;
            } else if identity.is_present(record) {
                unresolved += 1;
            }
            refused += u64::from(flags.has(RecordFlags::REFUSED) && identity.is_present(record));
        }
        let mut by_records = BTreeMap::new();
        sizes.values().for_each(|&size| *by_records.entry(size).or_default() += 1);
        Ok(Stats {
            inputs: u64::from(state.next_input),
            stated_records: state.stated as u64,
            implied_records: state.implied as u64,
            identifiers: identity.identifiers.len() as u64,
            generic_identifiers: identity.identifiers.iter().filter(|row| row.generic).count() as u64,
            interactions: state.timeline.live as u64,
            customers: state.customers as u64,
            unresolved_records: unresolved,
            largest_customer: sizes.values().copied().max().unwrap_or(0),
            records_with_refusals: refused,
            changes: state.next_change,
            customers_by_records: by_records,
            receipts: state.marks.receipts.clone(),
            memory_bytes: state.bytes() as u64,
            public_project: self.policy().has_public_project(),
        })
    }

    /// The largest customers, and the identifiers that most share. Looks at every row.
    ///
    /// ```
    /// use stitchline::{Engine, Identifier, Policy, Record, Timestamp};
    ///
    /// let engine = Engine::in_memory(Policy::default())?;
    /// let email = Identifier::email("ann@example.com")?;
    /// for id in ["1", "2"] {
    ///     engine.ingest(Record::new("crm", id, Timestamp::now()).identified_by(email.clone()))?;
    /// }
    /// let largest = engine.largest()?;
    /// assert_eq!(largest.customers[0].records, 2);
    /// assert_eq!(largest.most_carried[0].identifier, email);
    /// # Ok::<(), stitchline::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Engine::stats`].
    pub fn largest(&self) -> Result<Largest> {
        let snapshot = self.snapshot();
        let state = &*snapshot.state;
        let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
        for founder in (0..state.identity.records.len() as u32).filter_map(|row| state.customer_of(row)) {
            *sizes.entry(founder).or_default() += 1;
        }
        let id = |founder: u32| state.id_of(self.policy().project, founder);
        let mut largest: Vec<(u32, u64)> = Vec::new();
        for (founder, size) in sizes.into_iter().filter(|(_, size)| *size > 1) {
            keep(&mut largest, (founder, size), |a, b| b.1.cmp(&a.1).then_with(|| id(a.0).cmp(&id(b.0))));
        }
        let customers = largest.into_iter().map(|(row, records)| SizedCustomer { id: id(row), records });
        let customers = customers.collect();
        let (most_carried, nearest_limit) = shared(&snapshot);
        Ok(Largest { customers, most_carried, nearest_limit })
    }
}

/// The identifiers that most records carry, and those nearest to joining nobody.
fn shared(snapshot: &Published) -> (Vec<SharedIdentifier>, Vec<SharedIdentifier>) {
    let (identity, rules) = (&snapshot.state.identity, &*snapshot.rules);
    let view = View::now(identity, rules);
    let name = |row: u32| {
        let held = &identity.identifiers[row];
        (identity.namespaces.name(held.namespace), identity.texts.get(held.value))
    };
    let (mut carried, mut near): (Vec<(_, u32)>, Vec<(_, u32)>) = (Vec::new(), Vec::new());
    for (held, row) in identity.identifiers.iter().zip(0..) {
        if held.carriers < 2 || rules.of(held.namespace).fact || view.weight(row).is_none() {
            continue;
        }
        let records = Reverse(held.carriers);
        keep(&mut carried, (records, row), |a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(&name(b.1))));
        let parties = u32::from(held.parties);
        if parties > 1 {
            let rank = (rules.of(held.namespace).sharing_limit.saturating_sub(parties), records);
            keep(&mut near, (rank, row), |a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(&name(b.1))));
        }
    }
    let one = |row: u32| {
        let held = &identity.identifiers[row];
        let (namespace, value) = name(row);
        Some(SharedIdentifier {
            identifier: Identifier::canonical(Namespace::new(namespace)?, value.to_owned()),
            records: u64::from(held.carriers),
            parties: u64::from(held.parties.max(1)),
            limit: u64::from(rules.of(held.namespace).sharing_limit),
        })
    };
    let carried = carried.into_iter().filter_map(|(_, row)| one(row)).collect();
    (carried, near.into_iter().filter_map(|(_, row)| one(row)).collect())
}
