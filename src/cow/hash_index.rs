//! Row numbers by the hash of a key that stands in the row.

use std::sync::Arc;

/// Buckets split, one at a time, when they hold more than this on average (linear hashing, W. Litwin, 1980), so that
/// no insertion ever rehashes the whole index.
const LOAD: usize = 12;
const FAN: usize = 128;

/// A multi-map from 64-bit hashes to row numbers. The caller compares keys. A clone shares all buckets.
#[derive(Debug, Clone, Default)]
pub(crate) struct HashIndex {
    len: usize,
    buckets: usize,
    chunks: Vec<Arc<Vec<Bucket>>>,
}

/// The upper half of an entry is the upper half of its hash, the lower half the row.
type Bucket = Arc<[u64]>;

impl HashIndex {
    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bucket of a hash: the low bits as far as the directory has split.
    fn bucket_of(&self, low: u32) -> usize {
        let half = (self.buckets / 2 + 1).next_power_of_two();
        let full = (low as usize) & (2 * half - 1);
        if full < self.buckets { full } else { full & (half - 1) }
    }

    /// The first row of that hash for which `equal` holds.
    pub(crate) fn find(&self, hash: u64, mut equal: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.buckets == 0 {
            return None;
        }
        let at = self.bucket_of(hash as u32);
        let tag = hash >> 32;
        let bucket = &self.chunks[at / FAN][at % FAN];
        bucket.iter().filter(|&&entry| entry >> 32 == tag).map(|&entry| entry as u32).find(|&row| equal(row))
    }

    /// Adds a row. `hash_of` tells the hash of a row that is there already.
    pub(crate) fn insert(&mut self, hash: u64, row: u32, hash_of: impl Fn(u32) -> u64) {
        if self.len >= self.buckets * LOAD {
            self.split(hash_of);
        }
        let at = self.bucket_of(hash as u32);
        let bucket = &mut Arc::make_mut(&mut self.chunks[at / FAN])[at % FAN];
        *bucket = bucket.iter().copied().chain([(hash >> 32) << 32 | u64::from(row)]).collect();
        self.len += 1;
    }

    /// Takes a row out; false where it was not there.
    pub(crate) fn remove(&mut self, hash: u64, row: u32) -> bool {
        if self.buckets == 0 {
            return false;
        }
        let at = self.bucket_of(hash as u32);
        let entry = (hash >> 32) << 32 | u64::from(row);
        if !self.chunks[at / FAN][at % FAN].contains(&entry) {
            return false;
        }
        let bucket = &mut Arc::make_mut(&mut self.chunks[at / FAN])[at % FAN];
        *bucket = bucket.iter().copied().filter(|&other| other != entry).collect();
        self.len -= 1;
        true
    }

    /// Adds one bucket and moves to it what belongs there.
    fn split(&mut self, hash_of: impl Fn(u32) -> u64) {
        let new = self.buckets;
        if new % FAN == 0 {
            self.chunks.push(Arc::new(Vec::with_capacity(FAN)));
        }
        let mut moved: Vec<u64> = Vec::new();
        self.buckets += 1;
        if new > 0 {
            let highest = 1usize << (usize::BITS - 1 - new.leading_zeros());
            let old = new - highest;
            let from = &mut Arc::make_mut(&mut self.chunks[old / FAN])[old % FAN];
            let (leave, stay): (Vec<u64>, Vec<u64>) = from
                .iter()
                .partition(|&&entry| (hash_of(entry as u32) as u32 as usize) & (2 * highest - 1) == new);
            *from = stay.into();
            moved = leave;
        }
        Arc::make_mut(&mut self.chunks[new / FAN]).push(moved.into());
    }

    /// Bytes of memory held, shared or not.
    pub(crate) fn bytes(&self) -> usize {
        self.len * 8 + self.buckets * 48 + self.chunks.len() * 48
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
                        index.insert(hash(row), row, hash);
                    }
                } else {
                    prop_assert_eq!(index.remove(hash(row), row), plain.remove(&row));
                }
            }
            prop_assert_eq!(index.len(), plain.len());
            for row in 0..600 {
                prop_assert_eq!(index.find(hash(row), |r| r == row).is_some(), plain.contains(&row));
            }
        }
    }

    #[test]
    fn a_clone_stays_as_it_was() {
        let mut index = HashIndex::default();
        for row in 0..10_000u32 {
            index.insert(u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15), row, |r| {
                u64::from(r).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            });
        }
        let kept = index.clone();
        index.insert(5, 77_777, |r| u64::from(r).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        assert!(kept.find(5, |_| true).is_none());
        assert_eq!(index.find(5, |_| true), Some(77_777));
        for row in 0..10_000u32 {
            assert_eq!(
                kept.find(u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15), |r| r == row),
                Some(row)
            );
        }
    }
}
