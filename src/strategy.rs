//! A bench of strategies: several ways of linking one data set, measured in the same way.
//!
//! What comes in are rows, the truth, and anything that makes clusters of rows: [`Dedupe`](crate::link::Dedupe) with
//! some spec, or anybody's own code. What goes out is a [`Standing`] for each. Time and memory are the caller's to
//! measure, since one process cannot tell the memory of two strategies apart.
//!
//! ```
//! use stitchline::{link::Dedupe, strategy::{Outcome, measure}, table::RawTable};
//!
//! let mut rows = RawTable::new(["name", "email"])?;
//! for (id, name, email) in [("1", "Ann Lee", "ann@example.com"), ("2", "Bob Stone", "bob@example.com"),
//!     ("3", "Ann Lee", "ann@example.com")] {
//!     rows.push("crm", id, &[name, email])?;
//! }
//! let truth = [1, 2, 1];
//! let ours = measure("no configuration", rows.clone(), &truth, |rows| Ok(Outcome::of(&Dedupe::of(rows).run()?)))?;
//! // One's own: all rows with one e-mail address.
//! let own = measure("same address", rows, &truth, |rows| {
//!     let column = rows.find("email").unwrap();
//!     Ok(Outcome::new(rows.columns()[column].cells.clone()))
//! })?;
//! assert_eq!(own.quality.pairwise.f1, 1.0);
//! assert_eq!(ours.quality.records, 3);
//! # Ok::<(), stitchline::Error>(())
//! ```

use crate::{
    error::Result,
    evaluate::{ClusterQuality, ScoredPair, Sweep, Truth, clusters},
    link::Linked,
    table::RawTable,
};
use serde::{Deserialize, Serialize};

/// What a strategy made of the rows.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// A label of a cluster for each row, in the order in which the rows came.
    pub clusters: Vec<u32>,
    /// Candidate pairs, where the strategy has such.
    pub candidates: Option<u64>,
    /// Pairs above its threshold, before clustering.
    pub links: Option<u64>,
    /// Scored pairs by places of rows, where the strategy gives them; it may leave out the least likely.
    pub scored: Vec<ScoredPair>,
}

impl Outcome {
    /// Clusters and nothing else.
    pub fn new(clusters: Vec<u32>) -> Self {
        Outcome { clusters, ..Outcome::default() }
    }

    /// What a run of [`Dedupe`](crate::link::Dedupe) made.
    pub fn of(linked: &Linked) -> Self {
        let table = &linked.table;
        let mut labels = vec![0; table.len()];
        for (row, first) in linked.clusters() {
            if let Some(label) = labels.get_mut(table.place(row) as usize) {
                *label = first;
            }
        }
        let scored = linked
            .edges
            .iter()
            .map(|edge| ScoredPair::new(table.place(edge.a), table.place(edge.b), edge.weight))
            .collect();
        Outcome {
            clusters: labels,
            candidates: Some(linked.counts.candidates),
            links: Some(linked.counts.links),
            scored,
        }
    }
}

/// How a strategy did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The strategy.
    pub name: String,
    /// Its clusters against the truth.
    pub quality: ClusterQuality,
    /// Candidate pairs.
    pub candidates: Option<u64>,
    /// Pairs above its threshold, before clustering.
    pub links: Option<u64>,
    /// Scored pairs against the truth, where the strategy gives them.
    pub pairs: Option<PairFigures>,
}

/// Figures of scored pairs, before clustering.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairFigures {
    /// The share of true pairs that are among the scored pairs it gave.
    pub recall: f64,
    /// The greatest F1 of any threshold. It is chosen by the truth, so it flatters.
    pub best_f1: f64,
    /// The area under precision over recall.
    pub average_precision: f64,
}

/// Runs a strategy and measures what it made. The truth is never shown to it.
///
/// # Errors
/// Those of the strategy, and where it gives another number of clusters than there are rows.
pub fn measure(
    name: impl Into<String>,
    rows: RawTable,
    truth: &[u32],
    link: impl FnOnce(RawTable) -> Result<Outcome>,
) -> Result<Standing> {
    let name = name.into();
    let about = |error: crate::Error| error.in_field(format!("strategy `{name}`"));
    let outcome = link(rows).map_err(about)?;
    let quality = clusters(&outcome.clusters, truth).map_err(about)?;
    let pairs = match outcome.scored.is_empty() {
        true => None,
        false => {
            let sweep = Sweep::new(&outcome.scored, Truth::new(truth)).map_err(about)?;
            Some(PairFigures {
                recall: sweep.scored_recall(),
                best_f1: sweep.best().map_or(0.0, |best| best.measures.f1),
                average_precision: sweep.average_precision(),
            })
        }
    };
    Ok(Standing { name, quality, candidates: outcome.candidates, links: outcome.links, pairs })
}
