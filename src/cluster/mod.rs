//! Clustering: from scored pairs to customers.
//!
//! Scored pairs come in as [`Edge`]s, in any order; for each row the least row of its cluster goes out. Equal weights
//! are taken in the order of their rows, and rows are in the order of their keys, so nothing depends on the order of
//! the pairs.

mod contract;
mod guard;
mod known;
mod members;
mod simple;
mod union;

pub use contract::{ContractOptions, Contracted, contract};
pub use guard::{Guard, Objection, Refusal, Unsaid};
pub use simple::{best_links, centres, components, spanning};

use crate::weight::MatchWeight;

/// Two rows, the lesser first, and what speaks for their being one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The match weight, prior included.
    pub weight: MatchWeight,
    /// The lesser row.
    pub a: u32,
    /// The greater row.
    pub b: u32,
}

/// Strongest first; equal ones by their rows.
pub(crate) fn sort(edges: &mut [Edge]) {
    edges.sort_unstable_by(|x, y| y.weight.cmp(&x.weight).then((x.a, x.b).cmp(&(y.a, y.b))));
}
