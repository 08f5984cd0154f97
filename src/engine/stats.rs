//! Counts, and what memory is used for.

use super::{Engine, Receipt};
use crate::{error::Result, graph::RecordFlags};
use serde::Serialize;
use std::collections::BTreeMap;

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

impl Engine {
    /// Counts of what is held. Looks at every row.
    ///
    /// # Errors
    /// None at present; stores that are shared may fail.
    pub fn stats(&self) -> Result<Stats> {
        let state = self.snapshot().state;
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
}
