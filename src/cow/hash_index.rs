//! Row numbers by the hash of a key that stands in the row.

use smallvec::SmallVec;
use std::sync::Arc;

/// Buckets split, one at a time, when they hold more than this on average (linear hashing, W. Litwin, 1980), so that
/// no insertion ever moves more than one bucket.
const LOAD: usize = 8;
const FAN: usize = 256;

/// A multi-map from hashes to row numbers. The caller compares keys. A clone shares all buckets.
///
/// Of a hash, 32 bits count. They are kept beside the row, so that splitting a bucket reads no rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct HashIndex {
    len: usize,
    buckets: usize,
    chunks: Vec<Arc<Vec<Arc<Bucket>>>>,
}

/// The upper half of an entry is its hash, the lower half its row.
type Bucket = SmallVec<[u64; 14]>;

fn entry(hash: u64, row: u32) -> u64 {
    hash >> 32 << 32 | u64::from(row)
}

impl HashIndex {
    /// The bucket of a hash: its low bits as far as the directory has split.
    fn bucket_of(&self, hash: u64) -> usize {
        let bits = (hash >> 32) as usize;
        let half = (self.buckets / 2 + 1).next_power_of_two();
        let full = bits & (2 * half - 1);
        if full < self.buckets { full } else { full & (half - 1) }
    }

    /// The first row of that hash for which `equal` holds.
    pub(crate) fn find(&self, hash: u64, mut equal: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.buckets == 0 {
            return None;
        }
        let at = self.bucket_of(hash);
        let bucket = &self.chunks[at / FAN][at % FAN];
        let same = bucket.iter().filter(|&&held| held >> 32 == hash >> 32);
        same.map(|&held| held as u32).find(|&row| equal(row))
    }

    /// Adds a row.
    pub(crate) fn insert(&mut self, hash: u64, row: u32) {
        if self.len >= self.buckets * LOAD {
            self.split();
        }
        let at = self.bucket_of(hash);
        self.bucket_mut(at).push(entry(hash, row));
        self.len += 1;
    }

    /// Takes a row out; false where it was not there.
    pub(crate) fn remove(&mut self, hash: u64, row: u32) -> bool {
        if self.buckets == 0 {
            return false;
        }
        let at = self.bucket_of(hash);
        let held = self.chunks[at / FAN][at % FAN].iter().position(|&held| held == entry(hash, row));
        if let Some(place) = held {
            self.bucket_mut(at).swap_remove(place);
            self.len -= 1;
        }
        held.is_some()
    }

    fn bucket_mut(&mut self, at: usize) -> &mut Bucket {
        Arc::make_mut(&mut Arc::make_mut(&mut self.chunks[at / FAN])[at % FAN])
    }

    /// Adds one bucket and moves to it what belongs there.
    fn split(&mut self) {
        let new = self.buckets;
        if new.is_multiple_of(FAN) {
            self.chunks.push(Arc::new(Vec::with_capacity(FAN)));
        }
        let mut moved = Bucket::new();
        self.buckets += 1;
        if new > 0 {
            let highest = 1usize << (usize::BITS - 1 - new.leading_zeros());
            self.bucket_mut(new - highest).retain(|&mut held| {
                let moves = (held >> 32) as usize & (2 * highest - 1) == new;
                if moves {
                    moved.push(held);
                }
                !moves
            });
        }
        Arc::make_mut(&mut self.chunks[new / FAN]).push(Arc::new(moved));
    }

    /// Bytes of memory held, shared or not.
    pub(crate) fn bytes(&self) -> usize {
        self.buckets * (size_of::<Bucket>() + 32) + self.chunks.len() * 48
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn hash(row: u32) -> u64 {
        // Few distinct low bits on purpose, so that buckets collide.
        (u64::from(row) % 97).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    proptest! {
        #[test]
        fn equals_a_set(steps in prop::collection::vec((any::<bool>(), 0u32..600), 0..3000)) {
            let mut index = HashIndex::default();
            let mut plain = BTreeSet::new();
            for (add, row) in steps {
                if add {
                    if plain.insert(row) {
                        index.insert(hash(row), row);
                    }
                } else {
                    prop_assert_eq!(index.remove(hash(row), row), plain.remove(&row));
                }
            }
            prop_assert_eq!(index.len, plain.len());
            for row in 0..600 {
                prop_assert_eq!(index.find(hash(row), |r| r == row).is_some(), plain.contains(&row));
            }
        }
    }

    #[test]
    fn a_clone_stays_as_it_was() {
        let mut index = HashIndex::default();
        for row in 0..10_000u32 {
            index.insert(u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15), row);
        }
        let kept = index.clone();
        index.insert(5 << 32, 77_777);
        assert!(kept.find(5 << 32, |row| row == 77_777).is_none());
        assert_eq!(index.find(5 << 32, |row| row == 77_777), Some(77_777));
        for row in 0..10_000u32 {
            assert_eq!(
                kept.find(u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15), |r| r == row),
                Some(row)
            );
        }
    }
}
