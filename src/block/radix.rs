//! Rows in the order of their keys, by counting.

/// Sorts rows that have a key (not 0) by it; equal keys stay in the order of rows. O(n), three passes of 11 bits.
pub(super) fn sorted(keys: impl ExactSizeIterator<Item = u32> + Clone) -> Vec<(u32, u32)> {
    const BITS: u32 = 11;
    const BUCKETS: usize = 1 << BITS;
    let mut counts = vec![[0u32; BUCKETS]; 3];
    let mut used = 0;
    for key in keys.clone().filter(|&key| key != 0) {
        for (pass, counts) in (0..).zip(counts.iter_mut()) {
            counts[(key >> (pass * BITS)) as usize % BUCKETS] += 1;
        }
        used += 1;
    }
    for counts in &mut counts {
        let mut sum = 0;
        for count in counts.iter_mut() {
            sum += std::mem::replace(count, sum);
        }
    }
    let mut from: Vec<(u32, u32)> = Vec::with_capacity(used);
    from.extend(keys.zip(0u32..).filter(|&(key, _)| key != 0));
    let mut to = vec![(0u32, 0u32); used];
    for (pass, counts) in (0..).zip(counts.iter_mut()) {
        for &entry in &from {
            let place = &mut counts[(entry.0 >> (pass * BITS)) as usize % BUCKETS];
            to[*place as usize] = entry;
            *place += 1;
        }
        std::mem::swap(&mut from, &mut to);
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_stable_sort(keys in prop::collection::vec(prop_oneof![0u32..6, any::<u32>()], 0..200)) {
            let mut expected: Vec<(u32, u32)> =
                keys.iter().copied().zip(0..).filter(|&(key, _)| key != 0).collect();
            expected.sort();
            prop_assert_eq!(sorted(keys.iter().copied()), expected);
        }
    }
}
