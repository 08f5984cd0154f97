//! A finished run against the truth, all at once: clusters, blocking apart from scoring, every threshold, calibration
//! and the worst mistakes.

use super::{
    Blocking, Calibration, ClusterQuality, Errors, Point, ScoredPair, Sweep, Truth, clusters, linked_clusters,
};
use crate::{
    block::{self, Between},
    error::{Error, Result},
    link::Linked,
};
use serde::Serialize;

/// Ranges of probability in which calibration is looked at.
const BINS: usize = 10;

/// How good a run is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunQuality {
    /// Its clusters.
    pub clusters: ClusterQuality,
    /// What its blocking rules offered, and what they lost before any pair was scored.
    pub blocking: Blocking,
    /// Its scored pairs over every threshold.
    #[serde(skip)]
    pub sweep: Sweep,
    /// Its scored pairs at its own threshold, before clustering.
    pub at_threshold: Point,
    /// The threshold of the greatest F1. It is chosen by the truth, so it flatters.
    pub best_threshold: Option<Point>,
    /// The area under precision over recall.
    pub average_precision: f64,
    /// Whether the probabilities of the pairs that were kept mean what they say.
    pub calibration: Calibration,
    /// The worst mistakes of its clusters, by numbers of rows in [`Linked::table`].
    pub errors: Errors,
}

/// Measures a run. `truth` has a label for each row, in the order in which the rows came. Of mistakes, at most `worst`
/// of each kind are listed. Goes over all candidate pairs once more: O(p log p) for p candidates.
///
/// ```
/// use stitchline::{evaluate, link::Dedupe, table::RawTable};
///
/// let mut rows = RawTable::new(["name", "email"])?;
/// for (id, name, email) in [("1", "Ann Lee", "ann@example.com"), ("2", "Bob Stone", "bob@example.com"),
///     ("3", "Ann Lee", "ann@example.com")] {
///     rows.push("crm", id, &[name, email])?;
/// }
/// let quality = evaluate::linkage(&Dedupe::of(rows).run()?, &[1, 2, 1], 10)?;
/// assert_eq!((quality.blocking.recall, quality.blocking.true_pairs), (1.0, 1));
/// # Ok::<(), stitchline::Error>(())
/// ```
///
/// # Errors
/// Where there is not one label for each row.
pub fn linkage(linked: &Linked, truth: &[u32], worst: usize) -> Result<RunQuality> {
    let table = &linked.table;
    let rows = 0..table.len() as u32;
    if truth.len() != table.len() {
        return Err(Error::invalid(format!(
            "there must be a true label for each row: {} rows, {} given",
            table.len(),
            truth.len()
        )));
    }
    let truth: Vec<u32> = rows.clone().map(|row| truth[table.place(row) as usize]).collect();
    let sources: Vec<u32> = rows.map(|row| table.source_number(row)).collect();
    let found: Vec<u32> = linked.clusters().map(|(_, first)| first).collect();
    let (known, quality) = match linked.spec.between {
        Between::All => (Truth::new(&truth), clusters(&found, &truth)?),
        Between::Sources => (Truth::linking(&truth, &sources)?, linked_clusters(&found, &truth, &sources)?),
    };
    let spec = &linked.spec;
    let rules: Vec<_> = spec.blocking.iter().filter(|rule| !rule.unscored).cloned().collect();
    let plan = block::Blocking::plan(table, &rules, &spec.split_by, spec.largest_block, spec.between)?;
    let pairs = scored(linked);
    let sweep = Sweep::new(&pairs, known)?;
    let threshold = linked.calibration.threshold;
    Ok(RunQuality {
        clusters: quality,
        blocking: Blocking::of_plan(&plan, known, 1)?,
        at_threshold: sweep.at(threshold),
        best_threshold: sweep.best(),
        average_precision: sweep.average_precision(),
        sweep,
        calibration: Calibration::new(&pairs, known, BINS)?,
        errors: Errors::new(&pairs, &found, known, threshold, worst)?,
    })
}

/// The pairs that a run kept, by numbers of rows.
pub(crate) fn scored(linked: &Linked) -> Vec<ScoredPair> {
    linked.edges.iter().map(|edge| ScoredPair::new(edge.a, edge.b, edge.weight)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{link::Dedupe, table::RawTable};

    #[test]
    fn what_blocking_loses_is_told_from_what_scoring_loses() {
        let mut rows = RawTable::new(["first name", "surname", "email"]).unwrap();
        let people = [
            ("ann", "lee", "ann.lee@example.com"),
            ("ann", "lee", "ann.lee@example.com"),
            // One customer by the truth, with nothing in common.
            ("maria", "garcia", "mg@example.org"),
            ("bob", "stone", "bob@example.com"),
            ("bob", "stone", "bob@example.com"),
        ];
        for (id, (given, family, email)) in people.iter().enumerate() {
            rows.push("crm", &id.to_string(), &[given, family, email]).unwrap();
        }
        let linked = Dedupe::of(rows).run().unwrap();
        let quality = linkage(&linked, &[1, 1, 1, 2, 2], 10).unwrap();
        assert_eq!((quality.blocking.true_pairs, quality.blocking.found), (4, 2));
        assert_eq!(quality.blocking.candidates, linked.counts.candidates);
        assert_eq!(quality.errors.counts, [0, 0, 0, 2]);
        assert_eq!(quality.blocking.rules.len(), linked.spec.blocking.len());
        assert!(linkage(&linked, &[1], 10).is_err());
    }
}
