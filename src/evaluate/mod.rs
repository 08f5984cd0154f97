//! How good a result is: clusterings and scored pairs against the truth.
//!
//! What comes in is plain: a label of a cluster per record (`&[u32]`), pairs of records with their total weight in bits
//! ([`ScoredPair`]). What goes out is numbers. Nothing here knows how clusters or weights came to be, so that anybody's
//! strategy can be measured in the same way.
//!
//! | question | answer |
//! | --- | --- |
//! | how close are the clusters to the true ones? | [`clusters`], [`linked_clusters`] |
//! | how well do weights part true pairs from false ones? | [`Sweep`] |
//! | which threshold, without the truth? | [`Expected`] |
//! | do probabilities mean what they say? | [`Calibration`] |
//! | what did blocking lose before any pair was scored? | [`Blocking`] |
//! | which mistakes are the worst? | [`Errors`] |
//! | all of it, of a run of [`Dedupe`](crate::link::Dedupe)? | [`linkage`] |
//!
//! ```
//! use stitchline::evaluate;
//!
//! // Five records; two were joined to the wrong one.
//! let found = [1, 1, 1, 2, 2];
//! let truth = [1, 1, 2, 2, 2];
//! let quality = evaluate::clusters(&found, &truth)?;
//! assert_eq!((quality.pairwise.precision, quality.pairwise.recall), (0.5, 0.5));
//! assert_eq!(quality.clusters, 2);
//! # Ok::<(), stitchline::Error>(())
//! ```
//!
//! Every figure is a function of the sets, to the last bit: neither the order of records or pairs nor the values of
//! labels change it.

mod align;
mod blocking;
mod calibration;
mod clusters;
mod errors;
mod expected;
mod linkage;
mod measures;
mod sweep;

pub use align::{Aligned, align};
pub use blocking::{Blocking, RuleYield};
pub use calibration::{Bin, Calibration};
pub use clusters::{ClusterQuality, clusters, linked_clusters};
pub use errors::{Errors, PairError};
pub use expected::Expected;
pub(crate) use linkage::scored;
pub use linkage::{RunQuality, linkage};
pub use measures::{Counts, Measures};
pub use sweep::{Point, Sweep};

use crate::{
    MatchWeight,
    error::{Error, Result},
};

/// A pair of records, by their numbers, with its total weight: the prior and all evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScoredPair {
    /// One record.
    pub a: u32,
    /// The other record.
    pub b: u32,
    /// The total weight.
    pub weight: MatchWeight,
}

impl ScoredPair {
    /// A pair.
    pub fn new(a: u32, b: u32, weight: MatchWeight) -> Self {
        ScoredPair { a, b, weight }
    }
}

/// Which true pairs count.
#[derive(Debug, Clone, Copy, Default)]
pub struct Truth<'a> {
    /// The true cluster of each record.
    pub cluster: &'a [u32],
    /// The source of each record where only pairs of two sources count.
    pub source: Option<&'a [u32]>,
}

impl<'a> Truth<'a> {
    /// All pairs count.
    pub fn new(cluster: &'a [u32]) -> Self {
        Truth { cluster, source: None }
    }

    /// Only pairs of two sources count.
    ///
    /// # Errors
    /// Where there is not one source for each record.
    pub fn linking(cluster: &'a [u32], source: &'a [u32]) -> Result<Self> {
        same_length("a source", cluster.len(), source.len())?;
        Ok(Truth { cluster, source: Some(source) })
    }

    /// Whether a pair is true; none where it does not count.
    fn says(&self, a: u32, b: u32) -> Result<Option<bool>> {
        let (a, b) = (a as usize, b as usize);
        let (Some(first), Some(second)) = (self.cluster.get(a), self.cluster.get(b)) else {
            let message = format!("a pair names record {}, and there are {}", a.max(b), self.cluster.len());
            return Err(Error::invalid(message));
        };
        let counts = a != b && self.source.is_none_or(|source| source[a] != source[b]);
        Ok(counts.then_some(first == second))
    }

    /// How many true pairs there are. O(n log n).
    pub fn pairs(&self) -> u64 {
        let within = measures::pairs_of_equal(self.cluster.iter().map(|&label| (label, 0)));
        let own = self.source.map_or(0, |source| {
            measures::pairs_of_equal(self.cluster.iter().copied().zip(source.iter().copied()))
        });
        within - own
    }
}

fn same_length(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::invalid(format!("there must be {what} for each record: {expected} records, {found} given")))
}

#[cfg(test)]
mod tests;
