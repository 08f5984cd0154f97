//! Linking a data set in bulk: rows come in, customers go out, with or without a word of configuration.
//!
//! [`Dedupe`] takes a [`RawTable`](crate::table::RawTable), recognises its columns where no [`Spec`] is given, chooses
//! comparisons and blocking rules, trains a model where none is given, scores the candidates, chooses a threshold and
//! clusters. [`Linked`] holds the customers, and the spec and the model that were used.

mod auto;
mod choose;
mod customers;
mod headers;
mod recognise;
mod refused;
mod rivals;
mod run;
mod same;
mod score;
mod spec;
mod yields;

pub use recognise::{Recognised, Role, recognise};
pub use run::{Counts, Dedupe, Linked, Phase};
pub use spec::{Clustering, Spec};
