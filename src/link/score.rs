//! Scoring all candidates: the pairs worth keeping, and what the model expects of them.

use crate::{block::Blocking, cluster::Edge, model::Scorer, weight::MatchWeight};

/// Scored candidates.
pub(super) struct Scored {
    /// Pairs of at least the weight asked for.
    pub(super) edges: Vec<Edge>,
    /// All candidate pairs.
    pub(super) candidates: u64,
}

/// Scores every candidate pair and keeps those of at least `keep`, of rows as they stand in the table, in any order.
pub(super) fn candidates(
    blocking: &Blocking<'_>,
    scorer: &Scorer<'_>,
    keep: MatchWeight,
    threads: usize,
) -> Scored {
    let pieces = blocking.run(
        threads,
        || scorer.batch(),
        || Scored { edges: Vec::new(), candidates: 0 },
        |batch, made, pairs| {
            made.candidates += pairs.len() as u64;
            batch.at_least(pairs, keep, |a, b, weight| made.edges.push(Edge { weight, a, b }));
        },
    );
    let mut all = Scored {
        edges: Vec::with_capacity(pieces.iter().map(|piece| piece.edges.len()).sum()),
        candidates: 0,
    };
    for piece in pieces {
        all.edges.extend(piece.edges);
        all.candidates += piece.candidates;
    }
    all
}
