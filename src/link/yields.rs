//! Rules that give so few links for their pairs that comparing these is not worth the time.

use crate::{
    block::Blocking,
    model::{Scorer, sample},
    weight::MatchWeight,
};

/// A rule of fewer pairs costs next to nothing.
const FEW: u64 = 50_000;
/// About so many pairs of a rule are looked at.
const LOOKED_AT: u64 = 30_000;
/// At least one pair in so many is a link where a rule is worth its pairs.
const ONE_IN: u64 = 1000;

/// For each rule, whether it is poor: of the pairs that no earlier rule gives, next to none are more likely one customer
/// than not. Looks at some blocks of each rule, chosen by the rows' places in the order of keys, so that the same data
/// gives the same answer.
pub(super) fn poor(blocking: &Blocking<'_>, scorer: &Scorer<'_>, threads: usize) -> Vec<bool> {
    let reports = blocking.reports();
    let share: Vec<u64> = reports.iter().map(|report| report.pairs.div_ceil(LOOKED_AT)).collect();
    let pieces = blocking.run_blocks(
        threads,
        |rule, first| reports[rule].pairs >= FEW && sample::among(rule, first, share[rule]),
        || scorer.batch(),
        |rule| (rule, 0u64, 0u64),
        |batch, (_, pairs, links), some| {
            *pairs += some.len() as u64;
            batch.at_least(some, MatchWeight::ZERO, |_, _, _| *links += 1);
        },
    );
    let mut found = vec![(0u64, 0u64); reports.len()];
    for (rule, pairs, links) in pieces {
        found[rule].0 += pairs;
        found[rule].1 += links;
    }
    found.into_iter().map(|(pairs, links)| pairs > 0 && links * ONE_IN < pairs).collect()
}
