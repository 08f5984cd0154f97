//! Interactions in time order.
//!
//! An interaction hangs on the records that its participants name, never on customers, so a merge moves nothing.

mod entries;
mod order;
mod query;
mod tables;

pub(crate) use entries::{Entries, Entry};
pub(crate) use query::Merge;
pub use query::{Cursor, Query};
pub(crate) use tables::{InteractionRow, Timeline};
