//! What a run goes by: the spec given or one chosen, the rows prepared by it, and looser blocking rules as far as the
//! budget of candidates goes.

use super::{
    Recognised, auto, recognise,
    spec::{Clustering, Spec},
};
use crate::{
    block::{Between, Blocking},
    compare::Comparison,
    error::{Error, Result},
    table::{RawTable, Table},
};

/// Candidates by looser rules that any data set may have.
const LEAST_CANDIDATES: u64 = 400_000;

/// What the caller has asked for.
pub(super) struct Asked {
    pub(super) spec: Option<Spec>,
    /// The comparisons of a model that is there, which take the place of the spec's.
    pub(super) comparisons: Option<Vec<Comparison>>,
    pub(super) between: Option<Between>,
    pub(super) clustering: Option<Clustering>,
    pub(super) threshold: Option<f64>,
    pub(super) candidates_per_row: u64,
}

/// What a run goes by.
pub(super) struct Chosen {
    pub(super) table: Table,
    pub(super) spec: Spec,
    pub(super) recognised: Vec<Recognised>,
}

/// Chooses; calls `prepared` once the rows are prepared.
pub(super) fn choose(raw: RawTable, asked: Asked, prepared: impl FnOnce()) -> Result<Chosen> {
    if raw.len() < 2 {
        return Err(Error::invalid("there are fewer than two rows; nothing can be compared"));
    }
    let chosen = asked.spec.is_none();
    let (mut spec, recognised) = match asked.spec {
        Some(spec) => (spec, Vec::new()),
        None => {
            let recognised = recognise(&raw);
            (auto::spec(&recognised)?, recognised)
        }
    };
    if let Some(comparisons) = asked.comparisons {
        spec.comparisons = comparisons;
    }
    spec.between = asked.between.unwrap_or(spec.between);
    spec.clustering = asked.clustering.unwrap_or(spec.clustering);
    spec.threshold = asked.threshold.or(spec.threshold);
    let table = Table::prepare_near(raw, &spec.columns)?;
    prepared();
    if chosen {
        // Few rows afford many candidates each.
        let rows = table.len() as u64;
        let mut budget = rows.saturating_mul(asked.candidates_per_row).max(LEAST_CANDIDATES);
        let most = budget / 4;
        let looser = auto::looser(&spec);
        let counts = Blocking::count_pairs(&table, &looser, most)?;
        for (rule, pairs) in looser.into_iter().zip(counts) {
            if pairs > 0 && pairs <= most.min(budget) {
                budget -= pairs;
                spec.blocking.push(rule);
            }
        }
    }
    Ok(Chosen { table, spec, recognised })
}
