//! How many numbers two sorted sets share.

#[cfg(target_arch = "x86_64")]
use super::super::fold_x86;
use super::super::level::Level;

/// Numbers of the smaller set up to which all are compared with all.
const FEW: usize = 64;

/// The number of elements that two sorted slices without repeats have in common.
#[inline]
pub(in super::super) fn shared(level: Level, a: &[u16], b: &[u16]) -> usize {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() > FEW {
        return merge(a, b);
    }
    match level {
        // SAFETY: the active level is one that the processor has.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { wide(a, b) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { middle(a, b) },
        _ => merge(a, b),
    }
}

fn merge(a: &[u16], b: &[u16]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i], b[j]);
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    shared
}

/// Each number of `a` is compared with 32 numbers of `b` at once; `b` has at most [`FEW`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,popcnt,bmi1,bmi2")]
fn wide(a: &[u16], b: &[u16]) -> usize {
    use std::arch::x86_64::*;
    let first = b.len().min(32);
    let mask = |len: usize| if len >= 32 { u32::MAX } else { (1u32 << len) - 1 };
    let (low_mask, high_mask) = (mask(first), mask(b.len() - first));
    // SAFETY: masked loads read only the elements whose bit is set, which are those of the slice.
    let low = unsafe { _mm512_maskz_loadu_epi16(low_mask, b.as_ptr().cast()) };
    let (mut found_low, mut found_high) = (0u32, 0u32);
    if high_mask == 0 {
        for &x in a {
            found_low |= _mm512_cmpeq_epi16_mask(low, _mm512_set1_epi16(x as i16));
        }
    } else {
        // SAFETY: as above; the slice has more than 32 elements.
        let high = unsafe { _mm512_maskz_loadu_epi16(high_mask, b.as_ptr().add(32).cast()) };
        for &x in a {
            let x = _mm512_set1_epi16(x as i16);
            found_low |= _mm512_cmpeq_epi16_mask(low, x);
            found_high |= _mm512_cmpeq_epi16_mask(high, x);
        }
    }
    ((found_low & low_mask).count_ones() + (found_high & high_mask).count_ones()) as usize
}

/// All numbers of `a` are compared with all of `b`; each has at most [`FEW`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt,bmi1,bmi2")]
fn middle(a: &[u16], b: &[u16]) -> usize {
    use std::arch::x86_64::*;
    let part = |from: usize| {
        // SAFETY: each caller leaves sixteen numbers from there on.
        unsafe { _mm256_loadu_si256(b[from..from + 16].as_ptr().cast()) }
    };
    match b.len() {
        0..=8 if a.len() > 8 => middle(b, a),
        0..=8 => few(a, b),
        9..=16 => {
            let rest = b.len() - 8;
            // SAFETY: eight numbers from the first one and up to the last one.
            let both = unsafe {
                _mm256_set_m128i(
                    _mm_loadu_si128(b.as_ptr().add(rest).cast()),
                    _mm_loadu_si128(b.as_ptr().cast()),
                )
            };
            let found = met(a, [both])[0];
            // What overlaps counts once.
            ((found & 0xFFFF).count_ones() + (found >> 16 >> (2 * (8 - rest))).count_ones()) as usize / 2
        }
        17..=32 => {
            let rest = b.len() - 16;
            let [low, high] = met(a, [part(0), part(rest)]);
            (low.count_ones() + (u64::from(high) >> (2 * (16 - rest))).count_ones()) as usize / 2
        }
        _ => {
            let [low, high] = met(a, [part(0), part(16)]);
            (low.count_ones() + high.count_ones()) as usize / 2 + middle(a, &b[32..])
        }
    }
}

/// Two bits for each place of the vectors that has a number of `a`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn met<const N: usize>(a: &[u16], parts: [std::arch::x86_64::__m256i; N]) -> [u32; N] {
    use std::arch::x86_64::*;
    let mut found = [_mm256_setzero_si256(); N];
    for &x in a {
        let x = _mm256_set1_epi16(x as i16);
        for (found, part) in found.iter_mut().zip(parts) {
            *found = _mm256_or_si256(*found, _mm256_cmpeq_epi16(part, x));
        }
    }
    found.map(|found| _mm256_movemask_epi8(found) as u32)
}

/// Up to eight numbers with up to eight, without a loop whose end cannot be foretold: `b` beside `a` turned by each
/// number of places.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt,bmi1,bmi2")]
fn few(a: &[u16], b: &[u16]) -> usize {
    use std::arch::x86_64::*;
    let (Some(first), 1..=8) = (a.first(), b.len()) else { return 0 };
    let load = |numbers: &[u16]| {
        // SAFETY: the bytes of the numbers.
        let bytes = unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), 2 * numbers.len()) };
        fold_x86::load16(bytes)
    };
    // What stands after the end of `a` is its first number once more.
    let place = _mm_set_epi16(7, 6, 5, 4, 3, 2, 1, 0);
    let held = _mm_cmpgt_epi16(_mm_set1_epi16(a.len() as i16), place);
    let (a, wanted) = (_mm_blendv_epi8(_mm_set1_epi16(*first as i16), load(a), held), load(b));
    let mut found = _mm_cmpeq_epi16(a, wanted);
    macro_rules! turn {
        ($($bytes:literal)*) => {
            $(found = _mm_or_si128(found, _mm_cmpeq_epi16(_mm_alignr_epi8::<$bytes>(a, a), wanted));)*
        };
    }
    turn!(2 4 6 8 10 12 14);
    (_mm_movemask_epi8(found) as u32 & ((1 << (2 * b.len())) - 1)).count_ones() as usize / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set(most: usize) -> impl Strategy<Value = BTreeSet<u16>> {
        prop_oneof![
            prop::collection::btree_set(0u16..12, 0..most.min(12)),
            prop::collection::btree_set(0u16..100, 0..most),
            prop::collection::btree_set(u16::MAX - 90..=u16::MAX, 0..most),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6_000, ..ProptestConfig::default() })]

        #[test]
        fn every_level_counts_alike(a in prop_oneof![set(12), set(80)], b in prop_oneof![set(12), set(80)]) {
            let (x, y): (Vec<u16>, Vec<u16>) = (a.iter().copied().collect(), b.iter().copied().collect());
            for level in Level::supported() {
                prop_assert_eq!(shared(level, &x, &y), a.intersection(&b).count());
            }
        }
    }
}
