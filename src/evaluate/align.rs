//! Two lists of (record, cluster) by ids to labels by record number.

use crate::error::{Error, Result};
use std::collections::HashMap;

/// Labels of the records of the truth, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aligned {
    /// Labels of clusters found. A record that was not clustered has a label of its own.
    pub found: Vec<u32>,
    /// Labels of true clusters.
    pub truth: Vec<u32>,
    /// Records of the truth that are in no cluster found.
    pub missing: u64,
    /// Records of clusters found that the truth does not know; they do not count.
    pub unknown: u64,
}

/// Brings clusters found and true ones, as (record id, cluster id), into one numbering. O(n).
///
/// # Errors
/// Where a record stands twice in one of the lists, or the truth is empty or too long.
///
/// ```
/// use stitchline::evaluate::{align, clusters};
///
/// let aligned = align([("a", "x"), ("b", "x")], [("a", "1"), ("b", "1"), ("c", "2")])?;
/// assert_eq!((aligned.missing, aligned.unknown), (1, 0));
/// assert_eq!(clusters(&aligned.found, &aligned.truth)?.pairwise.f1, 1.0);
/// # Ok::<(), stitchline::Error>(())
/// ```
pub fn align<'a>(
    found: impl IntoIterator<Item = (&'a str, &'a str)>,
    truth: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Aligned> {
    let mut clusters: HashMap<&str, &str, foldhash::fast::FixedState> = HashMap::default();
    for (at, (id, cluster)) in found.into_iter().enumerate() {
        if clusters.insert(id, cluster).is_some() {
            return Err(twice("clusters found", at));
        }
    }
    let (mut found_labels, mut true_labels) = (Labels::default(), Labels::default());
    let mut aligned = Aligned { found: Vec::new(), truth: Vec::new(), missing: 0, unknown: 0 };
    let mut ids: std::collections::HashSet<&str, foldhash::fast::FixedState> = Default::default();
    for (at, (id, cluster)) in truth.into_iter().enumerate() {
        if !ids.insert(id) {
            return Err(twice("truth", at));
        }
        // Half of all numbers are for records that stand alone.
        if at >= (u32::MAX / 2) as usize {
            return Err(Error::invalid("the truth has more records than can be numbered"));
        }
        aligned.truth.push(true_labels.of(cluster));
        aligned.found.push(match clusters.get(id) {
            Some(cluster) => found_labels.of(cluster),
            None => {
                aligned.missing += 1;
                u32::MAX - at as u32
            }
        });
    }
    if aligned.truth.is_empty() {
        return Err(Error::invalid("the truth has no records"));
    }
    aligned.unknown = clusters.keys().filter(|id| !ids.contains(*id)).count() as u64;
    Ok(aligned)
}

fn twice(what: &str, at: usize) -> Error {
    Error::invalid(format!(
        "the record in row {} of the {what} stood there before; ids must be unique",
        at + 1
    ))
}

/// Numbers for cluster ids, in order of appearance.
#[derive(Default)]
struct Labels<'a>(HashMap<&'a str, u32, foldhash::fast::FixedState>);

impl<'a> Labels<'a> {
    fn of(&mut self, id: &'a str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(id).or_insert(next)
    }
}
