//! Identifiers from counters: unique, and in no order that gives the truth away.

/// A counter of 32 bits as eight hexadecimal digits. Each `kind` and seed shuffles in its own way, so that
/// equal counters of different kinds share nothing; no two counters of a kind give the same text.
pub(crate) fn scrambled(counter: u64, kind: u32, seed: u64) -> String {
    let salt = crate::rng::mix(seed ^ u64::from(kind)) as u32;
    let mut x = (counter as u32).wrapping_mul(0x9E37_79B1).wrapping_add(salt);
    x = (x ^ (x >> 16)).wrapping_mul(0x045D_9F3B);
    x = (x ^ (x >> 15)).wrapping_mul(0x2C1B_3C6D) ^ salt.rotate_left(16);
    format!("{:08x}", x ^ (x >> 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_unique_and_differ_by_kind() {
        let all: std::collections::BTreeSet<_> = (0..100_000).map(|n| scrambled(n, 1, 9)).collect();
        assert_eq!(all.len(), 100_000);
        assert_ne!(scrambled(5, 1, 9), scrambled(5, 2, 9));
        assert_ne!(scrambled(5, 1, 9), scrambled(5, 1, 10));
    }
}
