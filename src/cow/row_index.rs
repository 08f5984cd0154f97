//! Row numbers by the hash of a key that stands in the row, shared by all snapshots.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Parts with a lock each: readers and the writer seldom meet, and a part that grows stops only its own readers.
const SHARDS: usize = 64;
const LEAST_SLOTS: usize = 8;
/// No row: rows end below `u32::MAX`.
const EMPTY: u64 = u64::MAX;

/// A multi-map from hashes to row numbers. The caller compares keys, and says how many rows its snapshot has: what
/// the index knows of later ones it does not see.
///
/// A clone is the same index. That serves all snapshots because a row's key never changes; an entry that a writer
/// left behind for a row it gave up matches no key of the row that took its place.
///
/// Of a hash, 32 bits are kept beside the row, so that growing reads no rows. A search locks one part for reading and
/// mostly touches one cache line of it.
#[derive(Debug, Clone)]
pub(crate) struct RowIndex(Arc<[RwLock<Shard>]>);

impl Default for RowIndex {
    fn default() -> Self {
        RowIndex((0..SHARDS).map(|_| RwLock::default()).collect())
    }
}

/// A table with linear probing, a power of two long and at most three quarters full.
///
/// The upper half of a slot is the hash, the lower half the row. The part follows from the high bits of the hash, the
/// slot from the low ones of its kept half.
#[derive(Debug, Default)]
struct Shard {
    len: usize,
    slots: Vec<u64>,
}

fn entry(hash: u64, row: u32) -> u64 {
    hash >> 32 << 32 | u64::from(row)
}

impl Shard {
    fn home(&self, entry: u64) -> usize {
        (entry >> 32) as usize & self.slots.len().wrapping_sub(1)
    }

    fn find(&self, hash: u64, mut equal: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.home(hash);
        loop {
            let held = *self.slots.get(at)?;
            if held == EMPTY {
                return None;
            }
            if held >> 32 == hash >> 32 && equal(held as u32) {
                return Some(held as u32);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn insert(&mut self, new: u64) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let larger = vec![EMPTY; (self.slots.len() * 2).max(LEAST_SLOTS)];
            for held in std::mem::replace(&mut self.slots, larger) {
                if held != EMPTY {
                    self.place(held);
                }
            }
        }
        self.place(new);
        self.len += 1;
    }

    fn place(&mut self, new: u64) {
        let mut at = self.home(new);
        while self.slots[at] != EMPTY {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = new;
    }

    fn remove(&mut self, gone: u64) -> bool {
        let count = self.slots.len();
        let mut hole = self.home(gone);
        loop {
            match self.slots.get(hole) {
                None | Some(&EMPTY) => return false,
                Some(&held) if held == gone => break,
                Some(_) => hole = (hole + 1) % count,
            }
        }
        // What follows moves up as far as its own place allows.
        let mut at = hole;
        loop {
            at = (at + 1) % count;
            if self.slots[at] == EMPTY {
                break;
            }
            let own = self.home(self.slots[at]);
            if (at + count - own) % count >= (at + count - hole) % count {
                self.slots[hole] = self.slots[at];
                hole = at;
            }
        }
        self.slots[hole] = EMPTY;
        self.len -= 1;
        true
    }
}

impl RowIndex {
    fn read(&self, hash: u64) -> RwLockReadGuard<'_, Shard> {
        self.0[(hash >> 58) as usize % SHARDS].read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, hash: u64) -> RwLockWriteGuard<'_, Shard> {
        self.0[(hash >> 58) as usize % SHARDS].write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first row of that hash below `rows` for which `equal` holds.
    pub(crate) fn find(&self, hash: u64, rows: usize, mut equal: impl FnMut(u32) -> bool) -> Option<u32> {
        self.read(hash).find(hash, |row| (row as usize) < rows && equal(row))
    }

    /// Adds a row.
    pub(crate) fn insert(&self, hash: u64, row: u32) {
        self.write(hash).insert(entry(hash, row));
    }

    /// Takes a row out; false where it was not there.
    pub(crate) fn remove(&self, hash: u64, row: u32) -> bool {
        self.write(hash).remove(entry(hash, row))
    }

    /// All parts locked for reading, to look at many hashes at once.
    pub(crate) fn peek(&self) -> Peek<'_> {
        Peek(self.0.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner)).collect())
    }

    /// Bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        let shards = self.0.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner));
        shards.map(|shard| shard.slots.capacity() * 8 + 64).sum()
    }
}

/// Reads where searches will begin, some at once, so that their cache misses overlap.
#[derive(Debug)]
pub(crate) struct Peek<'a>(Vec<RwLockReadGuard<'a, Shard>>);

impl Peek<'_> {
    /// The row where a search for that hash begins, if it is likely the one sought.
    pub(crate) fn row(&self, hash: u64) -> Option<u32> {
        let shard = &self.0[(hash >> 58) as usize % SHARDS];
        let held = *shard.slots.get(shard.home(hash))?;
        (held >> 32 == hash >> 32 && held != EMPTY).then_some(held as u32)
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
            let index = RowIndex::default();
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
            for row in 0..600 {
                prop_assert_eq!(index.find(hash(row), 600, |r| r == row).is_some(), plain.contains(&row));
                prop_assert_eq!(index.find(hash(row), row as usize, |r| r == row), None);
                let met = index.peek().row(hash(row));
                prop_assert!(met.is_none_or(|met| plain.contains(&met)));
            }
        }
    }

    #[test]
    fn a_snapshot_does_not_see_later_rows() {
        let index = RowIndex::default();
        for row in 0..10_000u32 {
            index.insert(u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15), row);
        }
        let kept = index.clone();
        index.insert(5 << 32, 10_000);
        assert!(kept.find(5 << 32, 10_000, |row| row == 10_000).is_none());
        assert_eq!(kept.find(5 << 32, 10_001, |row| row == 10_000), Some(10_000));
    }
}
