//! Made-up texts for the comparators' benches.

/// Unequal texts of `least` to `most` letters, from a fixed sequence of numbers.
pub(crate) fn texts(count: usize, least: u64, most: u64) -> Vec<String> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    (0..count)
        .map(|_| {
            let len = least + next(most - least + 1);
            (0..len)
                .map(|_| b"etaoinshrdlucmfwypvbgkjqxz"[(next(26) * next(26) / 26) as usize] as char)
                .collect()
        })
        .collect()
}
