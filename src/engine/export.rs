//! All records or all interactions with their customers.

use super::Engine;
use crate::{
    customer::CustomerId,
    error::Result,
    graph::RecordFlags,
    record::{InteractionKey, RecordKey},
};
use serde::Serialize;

/// A record and its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedRecord {
    /// The record.
    pub key: RecordKey,
    /// Whether interactions imply it, no source states it.
    pub implied: bool,
    /// Its customer; none while it identifies nobody.
    pub customer: Option<CustomerId>,
}

/// An interaction and its customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedInteraction {
    /// The interaction.
    pub key: InteractionKey,
    /// Its customers: none while unresolved, several where several took part.
    pub customers: Vec<CustomerId>,
}

impl Engine {
    /// Calls `take` with every record that is there, ordered by source and id.
    ///
    /// # Errors
    /// What `take` returned.
    pub fn export_records(&self, mut take: impl FnMut(ExportedRecord) -> Result<()>) -> Result<()> {
        let state = self.snapshot().state;
        let identity = &state.identity;
        let project = self.policy().project;
        let mut rows: Vec<u32> =
            (0..identity.records.len() as u32).filter(|&row| identity.is_present(row)).collect();
        rows.sort_unstable_by(|&a, &b| identity.key_order(a, b));
        rows.into_iter().try_for_each(|row| {
            take(ExportedRecord {
                key: identity.key(row),
                implied: identity.records[row].flags.has(RecordFlags::IMPLIED),
                customer: state.customer_of(row).map(|founder| state.id_of(project, founder)),
            })
        })
    }

    /// Calls `take` with every interaction that is there, ordered by source and id.
    ///
    /// # Errors
    /// Where the store cannot be read, or what `take` returned.
    pub fn export_interactions(&self, mut take: impl FnMut(ExportedInteraction) -> Result<()>) -> Result<()> {
        let state = self.snapshot().state;
        let timeline = &state.timeline;
        let project = self.policy().project;
        let mut rows: Vec<u32> =
            (0..timeline.rows.len() as u32).filter(|&row| timeline.holds(row, None)).collect();
        let key = |row: u32| {
            let held = &timeline.rows[row];
            (state.identity.sources.name(held.source), timeline.ids.bytes_of(held.key))
        };
        rows.sort_unstable_by(|&a, &b| key(a).cmp(&key(b)));
        rows.into_iter().try_for_each(|row| {
            let founders = self.customers_of(&state, row)?;
            let mut customers: Vec<_> =
                founders.into_iter().map(|founder| state.id_of(project, founder)).collect();
            customers.sort_unstable();
            take(ExportedInteraction { key: timeline.key(&state.identity, row), customers })
        })
    }
}
