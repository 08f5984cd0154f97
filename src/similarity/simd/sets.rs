//! How many numbers two sorted sets share.

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

/// Each number of `a` is compared with 16 numbers of `b` at once; `b` has at most [`FEW`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt,bmi1,bmi2")]
fn middle(a: &[u16], b: &[u16]) -> usize {
    let mut shared = 0;
    for part in b.chunks(16) {
        let mut few = [0u16; 16];
        few[..part.len()].copy_from_slice(part);
        let mut found = [0u16; 16];
        for &x in a {
            for (found, y) in found.iter_mut().zip(&few) {
                *found |= if x == *y { 1 } else { 0 };
            }
        }
        shared += found[..part.len()].iter().map(|found| usize::from(*found)).sum::<usize>();
    }
    shared
}
