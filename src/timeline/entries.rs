//! The order of each record's interactions.

use super::order;
use crate::cow::{OrdSet, PagedVec};

/// A place in the order of a record's interactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry(u128);

impl Entry {
    /// Record, start and row, from the highest bits down, so that one comparison orders them.
    pub(crate) fn new(record: u32, start: i64, row: u32) -> Self {
        let start = start.cast_unsigned() ^ 1 << 63;
        Entry(u128::from(record) << 96 | u128::from(start) << 32 | u128::from(row))
    }

    pub(crate) fn record(self) -> u32 {
        (self.0 >> 96) as u32
    }

    pub(crate) fn start(self) -> i64 {
        ((self.0 >> 32) as u64 ^ 1 << 63).cast_signed()
    }

    pub(crate) fn row(self) -> u32 {
        self.0 as u32
    }
}

/// Entries by record. Most records have one, which stands in the row of the record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    lists: PagedVec<List>,
}

#[derive(Debug, Clone, Default)]
enum List {
    #[default]
    None,
    One(Entry),
    Several(OrdSet<Entry>),
}

impl List {
    fn extend_sorted(&mut self, more: &[Entry]) {
        match self {
            List::None => {
                *self = match more {
                    &[only] => List::One(only),
                    several => List::Several(OrdSet::from_sorted(several)),
                }
            }
            &mut List::One(first) => {
                let mut set = OrdSet::from_sorted(&[first]);
                set.extend_sorted(more);
                *self = List::Several(set);
            }
            List::Several(set) => set.extend_sorted(more),
        }
    }

    fn iter(&self) -> impl Iterator<Item = Entry> {
        let (one, several) = match self {
            List::None => (None, None),
            &List::One(only) => (Some(only), None),
            List::Several(set) => (None, Some(set.iter())),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }
}

impl Entries {
    /// Adds entries in any order, each once.
    pub(super) fn extend(&mut self, mut entries: Vec<Entry>) {
        order::sort(&mut entries);
        for of_one in entries.chunk_by(|a, b| a.record() == b.record()) {
            let record = of_one[0].record();
            while self.lists.len() <= record as usize {
                self.lists.push(List::None);
            }
            if let Some(list) = self.lists.get_mut(record) {
                list.extend_sorted(of_one);
            }
        }
    }

    /// Entries of that record from `low` on that stand together, in order; empty only where there are none.
    pub(crate) fn from(&self, low: Entry) -> &[Entry] {
        match self.lists.get(low.record()) {
            Some(List::One(only)) if *only >= low => std::slice::from_ref(only),
            Some(List::Several(set)) => set.from(low),
            _ => &[],
        }
    }

    /// Entries of that record below `high` that stand together, in order; empty only where there are none.
    pub(crate) fn below(&self, high: Entry) -> &[Entry] {
        match self.lists.get(high.record()) {
            Some(List::One(only)) if *only < high => std::slice::from_ref(only),
            Some(List::Several(set)) => set.below(high),
            _ => &[],
        }
    }

    /// Reads where searches for entries of these records begin, so that their cache misses overlap.
    pub(super) fn look_ahead(&self, records: impl Iterator<Item = u32> + Clone) {
        let lists = records.filter_map(|record| self.lists.get(record));
        let several = lists.clone().filter(|list| matches!(list, List::Several(_))).count();
        let read = lists.fold(several, |read, list| match list {
            List::Several(set) => read ^ usize::from(set.is_flat()),
            _ => read,
        });
        std::hint::black_box(read);
    }

    /// The entries of a record, earliest first.
    pub(crate) fn of_record(&self, record: u32) -> impl Iterator<Item = Entry> {
        self.lists.get(record).into_iter().flat_map(List::iter)
    }

    /// All entries, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Entry> {
        self.lists.iter().flat_map(List::iter)
    }

    /// Bytes of memory held, shared or not.
    pub(super) fn bytes(&self) -> usize {
        let sets = self.lists.iter().map(|list| if let List::Several(set) = list { set.bytes() } else { 0 });
        self.lists.bytes() + sets.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn entry() -> impl Strategy<Value = Entry> {
        // One record has far more than the others.
        (prop_oneof![3 => Just(7u32), 1 => 0u32..90], -60i64..60, 0u32..99)
            .prop_map(|(record, start, row)| Entry::new(record, start, row))
    }

    proptest! {
        #[test]
        fn equals_a_tree_set(groups in prop::collection::vec(prop::collection::btree_set(entry(), 0..600), 0..6), probes in prop::collection::vec(entry(), 40)) {
            let (mut entries, mut plain) = (Entries::default(), BTreeSet::new());
            for group in groups {
                let (kept, kept_plain) = (entries.clone(), plain.clone());
                let new: Vec<Entry> = group.difference(&plain).copied().collect();
                entries.extend(new.iter().rev().copied().collect());
                plain.extend(new);
                prop_assert!(entries.iter().eq(plain.iter().copied()));
                prop_assert!(kept.iter().eq(kept_plain.iter().copied()));
            }
            entries.look_ahead(0..100);
            for probe in probes {
                let record = probe.record();
                let mut of_record = plain.iter().filter(|entry| entry.record() == record);
                prop_assert!(entries.of_record(record).eq(of_record.clone().copied()));
                prop_assert_eq!(entries.from(probe).first(), of_record.clone().find(|&&entry| entry >= probe));
                prop_assert_eq!(entries.below(probe).last(), of_record.rfind(|&&entry| entry < probe));
            }
        }
    }
}
