//! Containers whose copies share pages: a snapshot costs a few pointers, and a writer copies only pages that a
//! snapshot still holds.
//!
//! [`PagedVec`] holds rows by number, [`Arena`] texts, [`HashIndex`] row numbers by the hash of a key that stands
//! elsewhere, [`OrdSet`] ordered keys. Iteration order never depends on a hash.

mod arena;
mod hash_index;
mod ord_set;
mod paged;

pub(crate) use arena::{Arena, Text};
pub(crate) use hash_index::HashIndex;
pub(crate) use ord_set::OrdSet;
pub(crate) use paged::PagedVec;
