//! Everything derived from inputs, as one value whose clones are snapshots.

use super::marks::Marks;
use crate::{
    cow::{OrdSet, PagedVec, RowIndex},
    customer::CustomerId,
    graph::{Identity, NONE, RecordFlags, Symbol, Symbols},
    timeline::Timeline,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};
use uuid::Uuid;

/// A stated tie between two records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RelationRow {
    pub(crate) member: u32,
    pub(crate) of: u32,
    pub(crate) kind: Symbol,
    pub(crate) holds: bool,
    pub(crate) observed: i64,
    pub(crate) from: u32,
    pub(crate) until: u32,
}

impl Default for RelationRow {
    fn default() -> Self {
        RelationRow { member: NONE, of: NONE, kind: 0, holds: false, observed: 0, from: NONE, until: NONE }
    }
}

/// Relations by either end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relations {
    pub(crate) kinds: Symbols,
    pub(crate) rows: PagedVec<RelationRow>,
    /// (record, row) for both ends.
    pub(crate) by_record: OrdSet<(u32, u32)>,
}

impl Relations {
    /// The rows that a record takes part in, as of now.
    pub(crate) fn of(&self, record: u32) -> impl Iterator<Item = (u32, &RelationRow)> {
        self.as_of(record, None)
    }

    /// The rows that a record takes part in, as of now or after an input.
    pub(crate) fn as_of(&self, record: u32, at: Option<u32>) -> impl Iterator<Item = (u32, &RelationRow)> {
        self.by_record
            .iter_from((record, 0))
            .take_while(move |&(of, _)| of == record)
            .map(|(_, row)| (row, &self.rows[row]))
            .filter(move |(_, row)| match at {
                None => row.until == NONE,
                Some(at) => row.from <= at && (row.until == NONE || at < row.until),
            })
    }
}

/// For records that went: each time, the last input of the group with which it went, and the other members of its
/// customer then.
pub(crate) type Redirects = BTreeMap<u32, Vec<(u32, Vec<u32>)>>;

/// Records by the customer id that each would found.
///
/// All snapshots share it: a record's id never changes. It is brought up to date when somebody asks for an id that was
/// no customer's so far, which is seldom.
#[derive(Debug, Default)]
pub(crate) struct FounderIndex(RwLock<Founders>);

#[derive(Debug, Default)]
struct Founders {
    index: RowIndex,
    /// The rows that it knows.
    covered: u32,
}

impl FounderIndex {
    /// The record among the first `records` that has that id.
    fn find(&self, records: u32, id_of: impl Fn(u32) -> CustomerId, id: CustomerId) -> Option<u32> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let index = if known.covered >= records {
            known.index.clone()
        } else {
            drop(known);
            let mut founders = self.0.write().unwrap_or_else(PoisonError::into_inner);
            while founders.covered < records {
                let next = founders.covered;
                founders.index.insert(id_of(next).hash(), next);
                founders.covered += 1;
            }
            founders.index.clone()
        };
        index.find(id.hash(), records as usize, |record| id_of(record) == id)
    }

    fn bytes(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).index.bytes()
    }
}

/// All derived state.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) identity: Identity,
    pub(crate) timeline: Timeline,
    pub(crate) relations: Relations,
    ids: Arc<FounderIndex>,
    /// The ids of customers by their founding record, of those that are or were one.
    kept_ids: PagedVec<Option<CustomerId>>,
    /// Founding records by the ids that are kept.
    kept: RowIndex,
    pub(crate) redirects: Arc<Redirects>,
    pub(crate) marks: Arc<Marks>,
    /// What had ended by this time may be missing from the log.
    pub(crate) horizon: Option<i64>,
    pub(crate) next_input: u32,
    pub(crate) next_change: u64,
    /// When the last group of inputs arrived.
    pub(crate) arrived: i64,
    /// Records that are there now: stated ones, and implied ones.
    pub(crate) stated: usize,
    pub(crate) implied: usize,
    /// Customers there are now.
    pub(crate) customers: usize,
}

impl State {
    /// The id of the customer whom a record founds.
    pub(crate) fn id_of(&self, project: Uuid, record: u32) -> CustomerId {
        match self.kept_ids.get(record) {
            Some(&Some(kept)) => kept,
            _ => self.derive_id(project, record),
        }
    }

    fn derive_id(&self, project: Uuid, record: u32) -> CustomerId {
        let source = self.identity.sources.name(self.identity.records[record].source);
        CustomerId::of_parts(project, source, self.identity.id_of(record).as_bytes())
    }

    /// Keeps the id of a customer, so that it is not derived each time that it is asked for.
    pub(crate) fn keep_id(&mut self, project: Uuid, founder: u32) {
        while self.kept_ids.len() <= founder as usize {
            self.kept_ids.push(None);
        }
        if self.kept_ids[founder].is_none() {
            let id = self.derive_id(project, founder);
            if let Some(place) = self.kept_ids.get_mut(founder) {
                *place = Some(id);
            }
            self.kept.insert(id.hash(), founder);
        }
    }

    /// Keeps the ids of all customers there are.
    pub(crate) fn keep_ids(&mut self, project: Uuid) {
        for record in 0..self.identity.records.len() as u32 {
            if self.customer_of(record) == Some(record) {
                self.keep_id(project, record);
            }
        }
    }

    /// The record that founds or founded the customer of that id, or would.
    pub(crate) fn founder(&self, project: Uuid, id: CustomerId) -> Option<u32> {
        let kept = |record| self.kept_ids.get(record) == Some(&Some(id));
        if let Some(known) = self.kept.find(id.hash(), self.kept_ids.len(), kept) {
            return Some(known);
        }
        let records = self.identity.records.len() as u32;
        self.ids.find(records, |record| self.id_of(project, record), id)
    }

    /// The founding record of a record's customer; none where it is not there or identifies nobody.
    pub(crate) fn customer_of(&self, record: u32) -> Option<u32> {
        let row = &self.identity.records[record];
        (row.cluster != NONE && !row.flags.has(RecordFlags::UNRESOLVED)).then_some(row.cluster)
    }

    /// Builds all indexes anew from the tables.
    pub(crate) fn reindex(&mut self) {
        self.identity.reindex();
        let mut timeline = std::mem::take(&mut self.timeline);
        timeline.reindex(&self.identity);
        self.timeline = timeline;
        self.ids = Arc::default();
    }

    /// Bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        self.identity.bytes()
            + self.timeline.bytes()
            + self.ids.bytes()
            + self.kept_ids.bytes()
            + self.kept.bytes()
            + self.relations.rows.bytes()
            + self.relations.by_record.bytes()
            + self.redirects.values().flatten().map(|(_, to)| 64 + to.len() * 4).sum::<usize>()
    }
}
