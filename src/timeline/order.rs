//! Many entries put in their order at once.

use super::Entry;

/// Fewer entries are sorted by comparing them.
const FEW: usize = 1024;
const BITS: u32 = 11;
const BUCKETS: usize = 1 << BITS;

/// Sorts entries. Those of one record mostly come in order, so records are sorted by counting, and then each record's
/// own entries where they are out of order. O(n) but for the latter.
pub(super) fn sort(entries: &mut Vec<Entry>) {
    if entries.len() < FEW {
        return entries.sort_unstable();
    }
    let greatest = entries.iter().map(|entry| entry.record()).max().unwrap_or(0);
    let mut other = entries.clone();
    let mut shift = 0;
    while shift < u32::BITS && greatest >> shift > 0 {
        let bucket = |entry: &Entry| (entry.record() >> shift) as usize % BUCKETS;
        let mut places = [0usize; BUCKETS];
        entries.iter().for_each(|entry| places[bucket(entry)] += 1);
        let mut sum = 0;
        for place in &mut places {
            sum += std::mem::replace(place, sum);
        }
        for entry in entries.iter() {
            let place = &mut places[bucket(entry)];
            other[*place] = *entry;
            *place += 1;
        }
        std::mem::swap(entries, &mut other);
        shift += BITS;
    }
    for of_one in entries.chunk_by_mut(|a, b| a.record() == b.record()) {
        if !of_one.is_sorted() {
            of_one.sort_unstable();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_sort_by_comparing(
            few in prop::collection::vec((0u32..400, -9i64..9, any::<u32>()), 0..3000),
            far in prop::collection::vec((any::<u32>(), any::<i64>(), any::<u32>()), 0..100),
        ) {
            let mut entries: Vec<Entry> =
                few.into_iter().chain(far).map(|(record, start, row)| Entry::new(record, start, row)).collect();
            let mut plain = entries.clone();
            plain.sort_unstable();
            sort(&mut entries);
            prop_assert_eq!(entries, plain);
        }
    }
}
