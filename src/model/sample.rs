//! Pairs and rows at random, by the numbers of rows alone, so that the same data gives the same ones.

/// SplitMix64 (Steele, Lea, Flood 2014): well mixed numbers out of a counter.
pub(super) fn mixed(counter: u64) -> u64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `count` pairs of different rows at random; all pairs where there are no more than that.
pub(super) fn pairs(rows: u32, count: u64) -> Vec<(u32, u32)> {
    let all = u64::from(rows) * u64::from(rows.saturating_sub(1)) / 2;
    if all <= count {
        return (0..rows).flat_map(|a| (a + 1..rows).map(move |b| (a, b))).collect();
    }
    let below = |number: u64, bound: u32| ((u128::from(number) * u128::from(bound)) >> 64) as u32;
    (0..count)
        .map(|at| {
            let a = below(mixed(2 * at), rows);
            let b = below(mixed(2 * at + 1), rows - 1);
            let b = if b >= a { b + 1 } else { b };
            (a.min(b), a.max(b))
        })
        .collect()
}

/// Whether a row is among a share of 1 in `one_in` of all rows.
#[inline]
pub(crate) fn among(row: u32, one_in: u64) -> bool {
    one_in <= 1 || mixed(u64::from(row)).is_multiple_of(one_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_of_different_rows_and_spread() {
        assert_eq!(pairs(3, 10), [(0, 1), (0, 2), (1, 2)]);
        assert!(pairs(1, 10).is_empty() && pairs(0, 10).is_empty());
        let some = pairs(1000, 20_000);
        assert!(some.iter().all(|&(a, b)| a < b && b < 1000));
        let low = some.iter().filter(|&&(a, _)| a < 100).count();
        assert!((3_500..4_100).contains(&low), "{low}");
    }
}
