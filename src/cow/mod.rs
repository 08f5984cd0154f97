//! Containers whose copies share pages: a snapshot costs a few pointers, and a writer copies only pages that a
//! snapshot still holds.
//!
//! [`PagedVec`] holds rows by number, [`Arena`] texts, [`OrdSet`] ordered keys. [`RowIndex`], row numbers by the hash of a
//! key that stands in the row, is shared by snapshots. Iteration order never depends on a hash.

mod arena;
mod ord_set;
mod paged;
mod row_index;

pub(crate) use arena::{Arena, Text};
pub(crate) use ord_set::OrdSet;
pub(crate) use paged::PagedVec;
pub(crate) use row_index::RowIndex;
