//! Rules that give so few links for their pairs that comparing these is not worth the time.

use crate::{
    block::{Blocking, ordered},
    model::{Scorer, sample},
    weight::MatchWeight,
};

/// A rule of fewer pairs costs next to nothing.
const FEW: u64 = 50_000;
/// So many pairs are looked at for each rule on average, those that earlier rules give as well counted.
const LOOKED_AT: u64 = 20_000;
/// Of fewer pairs that no earlier rule gives, nothing can be told.
const TELLING: u64 = 2_000;
/// At least one pair in so many is a link where a rule is worth its pairs.
const ONE_IN: u64 = 1000;

/// Pairs that are scored together.
const CHUNK: usize = 2048;

/// For each rule, whether it is poor: of the pairs that no earlier rule gives, next to none are more likely one customer
/// than not. Looks at the pairs of some rows, chosen by their places in the table, so that the same data gives the same
/// answer.
pub(super) fn poor(blocking: &Blocking<'_>, scorer: &Scorer<'_>, threads: usize) -> Vec<bool> {
    let reports = blocking.reports();
    let looked_at = LOOKED_AT * reports.len() as u64;
    let share = blocking.pairs_at_most().div_ceil(looked_at.max(1));
    let pieces = blocking.run_rows::<_, _, true>(
        threads,
        |row| sample::among(row, share),
        || (),
        || vec![Vec::new(); reports.len()],
        |(), of_rules: &mut Vec<Vec<(u32, u32)>>, chunk| {
            chunk.all().for_each(|(pair, rule)| of_rules[rule].push(pair));
        },
    );
    (0..reports.len())
        .map(|rule| {
            let pairs: Vec<(u32, u32)> =
                pieces.iter().flat_map(|of_rules| &of_rules[rule]).copied().collect();
            if reports[rule].pairs < FEW || (pairs.len() as u64) < TELLING {
                return false;
            }
            let chunks: Vec<&[(u32, u32)]> = pairs.chunks(CHUNK).collect();
            let links = ordered(
                threads,
                chunks.len(),
                || scorer.batch(),
                |batch, at| {
                    let mut links = 0u64;
                    batch.at_least(chunks[at], MatchWeight::ZERO, |_, _, _| links += 1);
                    links
                },
            );
            links.into_iter().sum::<u64>() * ONE_IN < pairs.len() as u64
        })
        .collect()
}
