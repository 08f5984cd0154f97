//! Row numbers by the hash of a key that stands in the row, shared by snapshots.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

const LEAST_SLOTS: usize = 64;
/// No row: rows end below `u32::MAX`.
const EMPTY: u64 = u64::MAX;

/// A multi-map from hashes to row numbers that only grows. The caller compares keys, and says how many rows its
/// snapshot has: what the index knows of later ones it does not see.
///
/// A clone shares the table, and one writer adds to it while others read. That serves all snapshots because a row's
/// key never changes; an entry that a writer left behind for a row it gave up matches no key of the row that took its
/// place. A table that grows is another one, and the earlier one stays with the snapshots that have it: nobody
/// ever waits, and no lock is taken. A snapshot is handed from thread to thread under a lock, which orders what was
/// written before.
///
/// Of a hash, 32 bits are kept beside the row, so that growing reads no rows, and a search mostly touches one cache
/// line.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowIndex(Arc<Slots>);

/// A table with linear probing, a power of two long and at most two thirds full.
///
/// The upper half of a slot is that of the hash, the lower half the row.
#[derive(Debug, Default)]
struct Slots {
    len: AtomicUsize,
    slots: Vec<AtomicU64>,
}

fn entry(hash: u64, row: u32) -> u64 {
    hash >> 32 << 32 | u64::from(row)
}

impl Slots {
    fn sized(count: usize) -> Self {
        Slots { len: AtomicUsize::new(0), slots: (0..count).map(|_| AtomicU64::new(EMPTY)).collect() }
    }

    fn home(&self, entry: u64) -> usize {
        (entry >> 32) as usize & self.slots.len().wrapping_sub(1)
    }

    fn place(&self, new: u64) {
        let mut at = self.home(new);
        while self.slots[at].load(Relaxed) != EMPTY {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at].store(new, Relaxed);
    }

    fn is_full(&self) -> bool {
        (self.len.load(Relaxed) + 1) * 3 > self.slots.len() * 2
    }

    fn larger(&self) -> Self {
        let larger = Slots::sized((self.slots.len() * 2).max(LEAST_SLOTS));
        for held in self.slots.iter().map(|slot| slot.load(Relaxed)).filter(|&held| held != EMPTY) {
            larger.place(held);
        }
        larger.len.store(self.len.load(Relaxed), Relaxed);
        larger
    }
}

impl RowIndex {
    /// With room for so many rows.
    pub(crate) fn with_capacity(rows: usize) -> Self {
        RowIndex(Arc::new(Slots::sized((rows + rows / 2 + 2).next_power_of_two().max(LEAST_SLOTS))))
    }

    /// The first row of that hash below `rows` for which `equal` holds.
    pub(crate) fn find(&self, hash: u64, rows: usize, mut equal: impl FnMut(u32) -> bool) -> Option<u32> {
        let table = &*self.0;
        let mut at = table.home(hash);
        loop {
            let held = table.slots.get(at)?.load(Relaxed);
            if held == EMPTY {
                return None;
            }
            let row = held as u32;
            if held >> 32 == hash >> 32 && (row as usize) < rows && equal(row) {
                return Some(row);
            }
            at = (at + 1) & (table.slots.len() - 1);
        }
    }

    /// Adds a row.
    pub(crate) fn insert(&mut self, hash: u64, row: u32) {
        if self.0.is_full() {
            self.0 = Arc::new(self.0.larger());
        }
        self.0.place(entry(hash, row));
        self.0.len.store(self.0.len.load(Relaxed) + 1, Relaxed);
    }

    /// The row where a search for that hash begins, if it is likely the one sought. To read where searches will
    /// begin, some at once, so that their cache misses overlap.
    pub(crate) fn peek(&self, hash: u64) -> Option<u32> {
        let held = self.0.slots.get(self.0.home(hash))?.load(Relaxed);
        (held >> 32 == hash >> 32 && held != EMPTY).then_some(held as u32)
    }

    /// Bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        self.0.slots.capacity() * 8 + 64
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
        fn equals_a_set(room in 0usize..300, rows in prop::collection::vec(0u32..600, 0..1000)) {
            let mut index = RowIndex::with_capacity(room);
            let mut plain = BTreeSet::new();
            for row in rows {
                if plain.insert(row) {
                    index.insert(hash(row), row);
                }
            }
            for row in 0..600 {
                prop_assert_eq!(index.find(hash(row), 600, |r| r == row).is_some(), plain.contains(&row));
                prop_assert_eq!(index.find(hash(row), row as usize, |r| r == row), None);
                prop_assert!(index.peek(hash(row)).is_none_or(|met| plain.contains(&met)));
            }
        }
    }

    #[test]
    fn a_snapshot_does_not_see_later_rows() {
        let mut index = RowIndex::default();
        for row in 0..10_000u32 {
            index.insert(u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15), row);
        }
        let kept = index.clone();
        index.insert(5 << 32, 10_000);
        assert!(kept.find(5 << 32, 10_000, |row| row == 10_000).is_none());
        assert_eq!(index.find(5 << 32, 10_001, |row| row == 10_000), Some(10_000));
    }
}
