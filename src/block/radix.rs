//! Rows in the order of their keys, by counting.

const BITS: u32 = 11;
const BUCKETS: usize = 1 << BITS;
/// What two passes leave to be sorted.
const REST: u32 = 32 - 2 * BITS;

/// Sorts numbers with their keys by these; equal keys stay in their order, but where several that differ share the upper
/// 22 bits those are in the order of numbers. Two passes over the upper 22 bits; what shares them and is not equal is
/// little and lies side by side. O(n) for keys that are hashes. `spare` is room that is used again.
pub(super) fn sort(entries: &mut [(u32, u32)], spare: &mut Vec<(u32, u32)>) {
    let place = |key: u32, pass: u32| (key >> (REST + pass * BITS)) as usize % BUCKETS;
    let mut counts = [vec![0u32; BUCKETS], vec![0u32; BUCKETS]];
    for &(key, _) in &*entries {
        counts[0][place(key, 0)] += 1;
        counts[1][place(key, 1)] += 1;
    }
    if spare.len() < entries.len() {
        spare.resize(entries.len(), (0, 0));
    }
    let (mut from, mut to) = (&mut *entries, &mut spare[..]);
    for (pass, counts) in (0..).zip(&mut counts) {
        let mut sum = 0;
        for count in counts.iter_mut() {
            sum += std::mem::replace(count, sum);
        }
        for &entry in &*from {
            let at = &mut counts[place(entry.0, pass)];
            to[*at as usize] = entry;
            *at += 1;
        }
        // The number of passes is even, so that what is sorted ends where it began.
        let count = from.len();
        (from, to) = (&mut to[..count], from);
    }
    let mut rest = entries;
    while let Some(&(first, _)) = rest.first() {
        let run = rest.iter().position(|(key, _)| key >> REST != first >> REST).unwrap_or(rest.len());
        let (own, more) = rest.split_at_mut(run);
        if own.iter().any(|(key, _)| *key != first) {
            own.sort_unstable();
        }
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_stable_sort(keys in prop::collection::vec(prop_oneof![0u32..6, 1000u32..1100, any::<u32>()], 0..200)) {
            let mut expected: Vec<(u32, u32)> =
                keys.iter().copied().zip(0..).collect();
            let (mut made, mut spare) = (expected.clone(), Vec::new());
            sort(&mut made, &mut spare);
            expected.sort();
            prop_assert_eq!(made, expected);
        }
    }
}
