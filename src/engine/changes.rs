//! The change feed: what became of customers, so that a system that stores their ids can follow.

use super::{resolve::MAX_CARRIERS, state::State};
use crate::{
    customer::CustomerId,
    error::{Error, ErrorKind, Result},
    record::Timestamp,
    store::codec::{Reader, Writer},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One entry of the change feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its number; numbers grow by one without gaps.
    pub sequence: u64,
    /// When the inputs that caused it arrived.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub kind: ChangeKind,
}

/// What became of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// A customer who was not there.
    Created {
        /// The customer.
        id: CustomerId,
        /// The number of records.
        records: u64,
    },
    /// A customer has more records, none of which were another customer's.
    Grown {
        /// The customer.
        id: CustomerId,
        /// The number of records now.
        records: u64,
    },
    /// A customer has fewer records, and they are no other customer's.
    Shrunk {
        /// The customer.
        id: CustomerId,
        /// The number of records now.
        records: u64,
    },
    /// Records of several customers are one customer's now.
    Merged {
        /// The customer now.
        id: CustomerId,
        /// Those whose records it has, itself among them if it was one.
        from: Vec<CustomerId>,
    },
    /// A customer's records are several customers' now.
    Split {
        /// The customer before.
        id: CustomerId,
        /// Those who have its records, itself among them if it still is one.
        into: Vec<CustomerId>,
    },
    /// A customer has another founding record and so another id; the earlier id still leads to it.
    Renamed {
        /// The id before.
        from: CustomerId,
        /// The id now.
        to: CustomerId,
    },
    /// A customer is there no more.
    Removed {
        /// The customer.
        id: CustomerId,
    },
}

/// Compares the customers of the records that were decided anew, updates the count of customers and keeps where the
/// ids of records that went lead to.
pub(crate) fn compare(project: Uuid, before: &State, after: &mut State, touched: &[u32]) -> Vec<ChangeKind> {
    let was = |record: u32| {
        ((record as usize) < before.identity.records.len()).then(|| before.customer_of(record)).flatten()
    };
    let (mut old, mut new): (Vec<u32>, Vec<u32>) = Default::default();
    let mut gone: Vec<(u32, Vec<u32>)> = Vec::new();
    for &record in touched {
        let (earlier, now) = (was(record), after.customer_of(record));
        if earlier != now {
            old.extend(earlier);
            new.extend(now);
        }
        if after.identity.is_present(record) {
            continue;
        }
        match earlier {
            Some(earlier) => gone.push((record, vec![earlier])),
            None if (record as usize) < before.identity.records.len()
                && before.identity.is_present(record) =>
            {
                gone.push((record, candidates(before, record)));
            }
            None => {}
        }
    }
    // A customer who only gained records keeps its founder: it was there before all the same.
    old.extend(new.iter().copied().filter(|&founder| was(founder) == Some(founder)));
    old.sort_unstable();
    old.dedup();
    // A founder that changes without a change of members shows as a change of every member's founder.
    let id = |state: &State, founder: u32| state.id_of(project, founder);
    // Which customer each record of the old ones has come to: by the old one, and by the new one.
    let mut moved: Vec<(u32, u32)> = Vec::new();
    for &founder in &old {
        moved.extend(
            before.identity.members(founder).filter_map(|record| Some((founder, after.customer_of(record)?))),
        );
    }
    new.extend(moved.iter().map(|&(_, now)| now));
    new.sort_unstable();
    new.dedup();
    new.iter().for_each(|&founder| after.keep_id(project, founder));
    let mut arrived: Vec<(u32, u32)> = moved.iter().map(|&(old, now)| (now, old)).collect();
    moved.sort_unstable();
    moved.dedup();
    arrived.sort_unstable();
    let parts = |founder: u32| -> &[(u32, u32)] { of_first(&moved, founder) };
    let mut changes = Vec::with_capacity(new.len());
    for &founder in &old {
        match parts(founder) {
            [] => changes.push(ChangeKind::Removed { id: id(before, founder) }),
            [_] => {}
            into => {
                let mut into: Vec<_> = into.iter().map(|&(_, part)| id(after, part)).collect();
                into.sort_unstable();
                changes.push(ChangeKind::Split { id: id(before, founder), into });
            }
        }
    }
    for &founder in &new {
        let from = of_first(&arrived, founder);
        let records = after.identity.members(founder).count();
        let (Some(&(_, first)), Some(&(_, last))) = (from.first(), from.last()) else {
            changes.push(ChangeKind::Created { id: id(after, founder), records: records as u64 });
            continue;
        };
        if first == last {
            if parts(first).len() > 1 {
                continue;
            }
            let (earlier, now) = (id(before, first), id(after, founder));
            if earlier != now {
                changes.push(ChangeKind::Renamed { from: earlier, to: now });
            }
            if records > from.len() {
                changes.push(ChangeKind::Grown { id: now, records: records as u64 });
            } else if before.identity.members(first).count() > from.len() {
                changes.push(ChangeKind::Shrunk { id: now, records: records as u64 });
            }
        } else {
            let mut from: Vec<u32> = from.iter().map(|&(_, old)| old).collect();
            from.dedup();
            let mut from: Vec<_> = from.into_iter().map(|old| id(before, old)).collect();
            from.sort_unstable();
            changes.push(ChangeKind::Merged { id: id(after, founder), from });
        }
    }
    after.customers = after.customers + new.len() - old.len();
    for (record, founders) in gone {
        let members = founders.into_iter().flat_map(|founder| before.identity.members(founder));
        let others: Vec<u32> = members.filter(|&other| other != record).collect();
        let went = after.next_input.saturating_sub(1);
        std::sync::Arc::make_mut(&mut after.redirects).entry(record).or_default().push((went, others));
    }
    changes.sort_by_key(order);
    changes
}

/// The customers who share the identifiers of a record that identified nobody: its id, should it have founded a
/// customer earlier, led to them.
fn candidates(state: &State, record: u32) -> Vec<u32> {
    let cells = state.identity.claims(record).filter(|(_, cell)| !cell.flags.fact);
    let carriers = cells.flat_map(|(_, cell)| state.identity.carriers(cell.identifier).take(MAX_CARRIERS));
    let mut founders: Vec<u32> = carriers.filter_map(|carrier| state.customer_of(carrier)).collect();
    founders.sort_unstable();
    founders.dedup();
    founders
}

/// The pairs of an ordered list whose first part is `first`.
fn of_first(pairs: &[(u32, u32)], first: u32) -> &[(u32, u32)] {
    let start = pairs.partition_point(|pair| pair.0 < first);
    let len = pairs[start..].partition_point(|pair| pair.0 == first);
    &pairs[start..start + len]
}

/// The order of changes that came at once: by customer, so that it does not depend on how they came about.
///
/// Merges go before splits: a customer of whom one part joined another customer is named in both, and is there
/// afterwards, as the split says.
fn order(change: &ChangeKind) -> (u8, CustomerId) {
    match change {
        ChangeKind::Removed { id } => (0, *id),
        ChangeKind::Merged { id, .. } => (1, *id),
        ChangeKind::Split { id, .. } => (2, *id),
        ChangeKind::Created { id, .. } => (3, *id),
        ChangeKind::Renamed { from, .. } => (4, *from),
        ChangeKind::Grown { id, .. } => (5, *id),
        ChangeKind::Shrunk { id, .. } => (6, *id),
    }
}

/// The number of a kind of change in its stored form.
fn tag(change: &ChangeKind) -> u8 {
    match change {
        ChangeKind::Removed { .. } => 0,
        ChangeKind::Split { .. } => 1,
        ChangeKind::Created { .. } => 2,
        ChangeKind::Merged { .. } => 3,
        ChangeKind::Renamed { .. } => 4,
        ChangeKind::Grown { .. } => 5,
        ChangeKind::Shrunk { .. } => 6,
    }
}

/// The stored form of an entry: version 1.
pub(crate) fn encode(at: i64, kind: &ChangeKind) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(40);
    let mut w = Writer(&mut bytes);
    w.byte(1);
    w.signed(at);
    let id = |w: &mut Writer<'_>, id: &CustomerId| w.0.extend_from_slice(id.uuid().as_bytes());
    let ids = |w: &mut Writer<'_>, all: &[CustomerId]| {
        w.number(all.len() as u64);
        all.iter().for_each(|one| id(w, one));
    };
    w.byte(tag(kind));
    match kind {
        ChangeKind::Removed { id: one } => id(&mut w, one),
        ChangeKind::Split { id: one, into: all } | ChangeKind::Merged { id: one, from: all } => {
            id(&mut w, one);
            ids(&mut w, all);
        }
        ChangeKind::Created { id: one, records }
        | ChangeKind::Grown { id: one, records }
        | ChangeKind::Shrunk { id: one, records } => {
            id(&mut w, one);
            w.number(*records);
        }
        ChangeKind::Renamed { from, to } => {
            id(&mut w, from);
            id(&mut w, to);
        }
    }
    bytes
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode(sequence: u64, bytes: &[u8]) -> Result<Change> {
    let corrupt = || Error::new(ErrorKind::Corrupt, format!("change {sequence} is damaged"));
    let mut r = Reader(bytes);
    match r.byte()? {
        1 => {}
        version => {
            let text = format!(
                "change {sequence} has stored form {version}; this library reads 1: take a newer one"
            );
            return Err(Error::new(ErrorKind::NewerFormat, text));
        }
    }
    let at = r.time()?;
    fn id(r: &mut Reader<'_>) -> Result<CustomerId> {
        let bytes = Uuid::from_slice(r.bytes(16)?);
        bytes.map(CustomerId::from).map_err(|_| Error::new(ErrorKind::Corrupt, "a customer id is damaged"))
    }
    fn ids(r: &mut Reader<'_>) -> Result<Vec<CustomerId>> {
        let count = r.number()?;
        if count > r.0.len() as u64 / 16 {
            return Err(Error::new(ErrorKind::Corrupt, "a list of customer ids is damaged"));
        }
        (0..count).map(|_| id(r)).collect()
    }
    let kind = match r.byte()? {
        0 => ChangeKind::Removed { id: id(&mut r)? },
        1 => ChangeKind::Split { id: id(&mut r)?, into: ids(&mut r)? },
        2 => ChangeKind::Created { id: id(&mut r)?, records: r.number()? },
        3 => ChangeKind::Merged { id: id(&mut r)?, from: ids(&mut r)? },
        4 => ChangeKind::Renamed { from: id(&mut r)?, to: id(&mut r)? },
        5 => ChangeKind::Grown { id: id(&mut r)?, records: r.number()? },
        6 => ChangeKind::Shrunk { id: id(&mut r)?, records: r.number()? },
        _ => return Err(corrupt()),
    };
    if r.0.is_empty() { Ok(Change { sequence, at, kind }) } else { Err(corrupt()) }
}
