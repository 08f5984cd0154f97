//! Row numbers by the hash of a key that stands in the row.

use std::sync::Arc;

/// Buckets split, one at a time, when they hold more than this on average (linear hashing, W. Litwin, 1980), so that
/// no insertion ever moves more than one bucket.
const LOAD: usize = 160;
const FAN: usize = 64;
const LEAST_SLOTS: usize = 8;
/// No row: rows end below `u32::MAX`.
const EMPTY: u64 = u64::MAX;

/// A multi-map from hashes to row numbers. The caller compares keys. A clone shares all buckets.
///
/// Of a hash, 32 bits count. They are kept beside the row, so that splitting a bucket reads no rows. A search takes
/// one cache line beyond the directory, which stays cached.
#[derive(Debug, Clone, Default)]
pub(crate) struct HashIndex {
    len: usize,
    buckets: usize,
    chunks: Vec<Arc<Vec<Bucket>>>,
}

/// A table with linear probing, a power of two long and at most three quarters full.
///
/// The upper half of a slot is the hash, the lower half the row. The bucket follows from the low bits of the hash,
/// the slot from the high ones.
#[derive(Debug, Clone, Default)]
struct Bucket {
    len: usize,
    slots: Arc<[u64]>,
}

fn entry(hash: u64, row: u32) -> u64 {
    hash >> 32 << 32 | u64::from(row)
}

fn home(entry: u64, slots: usize) -> usize {
    ((entry >> 32) * slots as u64 >> 32) as usize
}

impl Bucket {
    /// A bucket with room for so many.
    fn for_entries(count: usize) -> Self {
        let slots = (count * 4 / 3 + 1).next_power_of_two().max(LEAST_SLOTS);
        Bucket { len: 0, slots: std::iter::repeat_n(EMPTY, slots).collect() }
    }

    fn entries(&self) -> impl Iterator<Item = u64> {
        self.slots.iter().copied().filter(|&held| held != EMPTY)
    }

    fn insert(&mut self, new: u64) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let mut larger = Bucket::for_entries(self.len * 2 + 1);
            self.entries().for_each(|held| larger.insert(held));
            *self = larger;
        }
        let slots = Arc::make_mut(&mut self.slots);
        let mut at = home(new, slots.len());
        while slots[at] != EMPTY {
            at = (at + 1) % slots.len();
        }
        slots[at] = new;
        self.len += 1;
    }

    fn remove(&mut self, gone: u64) -> bool {
        let count = self.slots.len();
        if count == 0 {
            return false;
        }
        let mut hole = home(gone, count);
        loop {
            match self.slots[hole] {
                EMPTY => return false,
                held if held == gone => break,
                _ => hole = (hole + 1) % count,
            }
        }
        let slots = Arc::make_mut(&mut self.slots);
        // What follows moves up as far as its own place allows.
        let mut at = hole;
        loop {
            at = (at + 1) % count;
            if slots[at] == EMPTY {
                break;
            }
            let own = home(slots[at], count);
            if (at + count - own) % count >= (at + count - hole) % count {
                slots[hole] = slots[at];
                hole = at;
            }
        }
        slots[hole] = EMPTY;
        self.len -= 1;
        true
    }
}

impl HashIndex {
    /// The bucket of a hash: its low bits as far as the directory has split.
    fn bucket_of(&self, hash: u64) -> usize {
        let bits = (hash >> 32) as usize;
        let half = (self.buckets / 2 + 1).next_power_of_two();
        let full = bits & (2 * half - 1);
        if full < self.buckets { full } else { full & (half - 1) }
    }

    /// The slot where a search for that hash begins. Reading some at once, before they are needed, overlaps their
    /// cache misses.
    pub(crate) fn peek(&self, hash: u64) -> u64 {
        if self.buckets == 0 {
            return EMPTY;
        }
        let at = self.bucket_of(hash);
        let slots = &self.chunks[at / FAN][at % FAN].slots;
        slots.get(home(hash, slots.len())).copied().unwrap_or(EMPTY)
    }

    /// The first row of that hash for which `equal` holds.
    pub(crate) fn find(&self, hash: u64, mut equal: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.buckets == 0 {
            return None;
        }
        let at = self.bucket_of(hash);
        let slots = &*self.chunks[at / FAN][at % FAN].slots;
        let mut at = home(hash, slots.len());
        loop {
            let held = *slots.get(at)?;
            if held == EMPTY {
                return None;
            }
            if held >> 32 == hash >> 32 && equal(held as u32) {
                return Some(held as u32);
            }
            at = (at + 1) & (slots.len() - 1);
        }
    }

    /// Adds a row.
    pub(crate) fn insert(&mut self, hash: u64, row: u32) {
        if self.len >= self.buckets * LOAD {
            self.split();
        }
        let at = self.bucket_of(hash);
        self.bucket_mut(at).insert(entry(hash, row));
        self.len += 1;
    }

    /// Takes a row out; false where it was not there.
    pub(crate) fn remove(&mut self, hash: u64, row: u32) -> bool {
        if self.buckets == 0 {
            return false;
        }
        let at = self.bucket_of(hash);
        let removed = self.bucket_mut(at).remove(entry(hash, row));
        self.len -= usize::from(removed);
        removed
    }

    fn bucket_mut(&mut self, at: usize) -> &mut Bucket {
        &mut Arc::make_mut(&mut self.chunks[at / FAN])[at % FAN]
    }

    /// Adds one bucket and moves to it what belongs there.
    fn split(&mut self) {
        let new = self.buckets;
        if new.is_multiple_of(FAN) {
            self.chunks.push(Arc::new(Vec::with_capacity(FAN)));
        }
        self.buckets += 1;
        let mut moved = Bucket::for_entries(LOAD);
        if new > 0 {
            let highest = 1usize << (usize::BITS - 1 - new.leading_zeros());
            let old = std::mem::take(self.bucket_mut(new - highest));
            let mut kept = Bucket::for_entries(LOAD);
            for held in old.entries() {
                let moves = (held >> 32) as usize & (2 * highest - 1) == new;
                if moves { moved.insert(held) } else { kept.insert(held) }
            }
            *self.bucket_mut(new - highest) = kept;
        }
        Arc::make_mut(&mut self.chunks[new / FAN]).push(moved);
    }

    /// Bytes of memory held, shared or not.
    pub(crate) fn bytes(&self) -> usize {
        let buckets = self.chunks.iter().flat_map(|chunk| chunk.iter());
        buckets.map(|bucket| bucket.slots.len() * 8 + size_of::<Bucket>() + 16).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn hash(row: u32) -> u64 {
        // Few distinct bits on purpose, so that slots collide.
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
