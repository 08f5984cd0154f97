//! Clustering: from scored pairs to customers.
//!
//! Scored pairs come in as [`Edge`]s, in any order; for each row the least row of its cluster goes out. Equal weights
//! are taken in the order of their rows' ranks, which are those of their keys, so nothing depends on the order of the pairs.

mod component;
mod contract;
mod guard;
mod known;
mod members;
mod simple;
mod union;

pub use contract::{ContractOptions, Contracted, contract};
#[cfg(test)]
pub(crate) use guard::Born;
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
fn sort(edges: &mut [Edge]) {
    sort_by(edges, |edge| edge, |row| row);
}

/// [`sort`] of what has an edge each, by the ranks of rows.
fn sort_by<T>(all: &mut [T], edge: impl Fn(&T) -> &Edge, rank: impl Fn(u32) -> u32) {
    let rows = |edge: &Edge| {
        let (a, b) = (rank(edge.a), rank(edge.b));
        (a.min(b), a.max(b))
    };
    all.sort_unstable_by(|x, y| {
        let (x, y) = (edge(x), edge(y));
        y.weight.cmp(&x.weight).then_with(|| rows(x).cmp(&rows(y)))
    });
}
