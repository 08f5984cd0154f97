//! Rows in the order of their keys, by counting.

/// Bits of the first pass, and of the second within what it parts.
const FIRST: u32 = 8;
const SECOND: u32 = 11;
/// What is not longer is sorted by insertion.
const SHORT: usize = 24;

/// Sorts numbers with their keys by these; equal keys stay in their order. Keys are parted by their upper 8 bits, so that
/// there are few places that are written to, and each part, which fits the caches, by the next 11; what shares all these
/// is little, and put in order by insertion. O(n) for keys that are hashes. `spare` is room that is used again.
pub(super) fn sort(entries: &mut [(u32, u32)], spare: &mut Vec<(u32, u32)>) {
    if entries.len() <= SHORT {
        return insert(entries);
    }
    if spare.len() < entries.len() {
        spare.resize(entries.len(), (0, 0));
    }
    let spare = &mut spare[..entries.len()];
    let mut ends = [0u32; 1 << FIRST];
    scatter(entries, spare, &mut ends, |key| key >> (32 - FIRST));
    let mut from = 0;
    for end in ends {
        let part = from..end as usize;
        from = end as usize;
        let (part, to) = (&mut spare[part.clone()], &mut entries[part]);
        if part.len() <= SHORT {
            to.copy_from_slice(part);
            insert(to);
            continue;
        }
        let mut ends = [0u32; 1 << SECOND];
        scatter(part, to, &mut ends, |key| key >> (32 - FIRST - SECOND) & ((1 << SECOND) - 1));
        let mut from = 0;
        for end in ends {
            let part = &mut to[from..end as usize];
            from = end as usize;
            if part.len() > SHORT && !part.is_sorted_by_key(|entry| entry.0) {
                part.sort_by_key(|entry| entry.0);
            }
        }
        // What is out of order is so among a few.
        insert(to);
    }
}

/// Copies entries to where they belong by a number made of their keys; where those of each number end, to `ends`.
#[inline]
fn scatter(from: &[(u32, u32)], to: &mut [(u32, u32)], ends: &mut [u32], number: impl Fn(u32) -> u32) {
    for &(key, _) in from {
        ends[number(key) as usize] += 1;
    }
    let mut sum = 0;
    for end in &mut *ends {
        sum += std::mem::replace(end, sum);
    }
    for &entry in from {
        let at = &mut ends[number(entry.0) as usize];
        to[*at as usize] = entry;
        *at += 1;
    }
}

#[inline]
fn insert(entries: &mut [(u32, u32)]) {
    for next in 1..entries.len() {
        let entry = entries[next];
        let mut at = next;
        while at > 0 && entries[at - 1].0 > entry.0 {
            entries[at] = entries[at - 1];
            at -= 1;
        }
        entries[at] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_stable_sort(keys in prop::collection::vec(
            prop_oneof![0u32..6, 1000u32..1100, any::<u32>(), (0u32..40).prop_map(|key| key << 13)], 0..400,
        )) {
            let mut expected: Vec<(u32, u32)> = keys.iter().copied().zip((0..).map(|at| at * 7 % 13)).collect();
            let (mut made, mut spare) = (expected.clone(), Vec::new());
            sort(&mut made, &mut spare);
            expected.sort_by_key(|entry| entry.0);
            prop_assert_eq!(made, expected);
        }
    }
}
