//! Comparison vectors with how many pairs have each: what training works on instead of pairs.

use super::score::Scorer;
use crate::compare::{Batch, Levels};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// The greatest adjustment by term frequencies that is told apart, in bits.
const MOST: f64 = 40.0;

/// A vector: the levels of a pair, 4 bits each or more, and what term frequencies add to it in bits.
type Packed = (u128, i8);

/// How many pairs have each vector.
#[derive(Debug, Default)]
pub(super) struct Counts {
    counts: HashMap<Packed, u64, FixedState>,
}

/// Vectors unpacked, in an order of their own.
#[derive(Debug, Default)]
pub(super) struct Vectors {
    /// Levels of all vectors, one run for each comparison.
    pub(super) levels: Vec<Vec<u8>>,
    pub(super) frequency: Vec<f64>,
    pub(super) count: Vec<f64>,
}

/// How many bits each comparison's level takes, or none where all together do not fit.
pub(super) fn widths(level_counts: impl Iterator<Item = usize>) -> Option<Vec<u32>> {
    let widths: Vec<u32> = level_counts.map(|count| usize::BITS - (count - 1).leading_zeros()).collect();
    (widths.iter().sum::<u32>() <= 128).then_some(widths)
}

impl Counts {
    /// Counts the vectors of pairs.
    pub(super) fn add(
        &mut self,
        scorer: &Scorer<'_>,
        batch: &mut Batch<'_, '_>,
        levels: &mut Levels,
        widths: &[u32],
        pairs: &[(u32, u32)],
    ) {
        batch.compare(pairs, levels);
        let mut packed = vec![0u128; pairs.len()];
        for (at, width) in widths.iter().enumerate() {
            for (packed, &level) in packed.iter_mut().zip(levels.of(at)) {
                *packed = *packed << width | u128::from(level);
            }
        }
        for (at, (&packed, &pair)) in packed.iter().zip(pairs).enumerate() {
            // The words of these rows were read just now.
            let symbols = |column| batch.symbols(column, batch.places(pair));
            let bits = scorer.frequency_bits(levels, at, symbols).clamp(-MOST, MOST).round() as i8;
            *self.counts.entry((packed, bits)).or_insert(0) += 1;
        }
    }

    pub(super) fn merge(&mut self, other: Counts) {
        for (vector, count) in other.counts {
            *self.counts.entry(vector).or_insert(0) += count;
        }
    }

    pub(super) fn vectors(self, widths: &[u32]) -> Vectors {
        let mut all: Vec<(Packed, u64)> = self.counts.into_iter().collect();
        all.sort_unstable();
        let mut vectors =
            Vectors { levels: vec![Vec::with_capacity(all.len()); widths.len()], ..Vectors::default() };
        for ((mut packed, bits), count) in all {
            for (levels, width) in vectors.levels.iter_mut().zip(widths).rev() {
                levels.push((packed & ((1 << width) - 1)) as u8);
                packed >>= width;
            }
            vectors.frequency.push(f64::from(bits));
            vectors.count.push(count as f64);
        }
        vectors
    }
}
