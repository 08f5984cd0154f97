//! [`within_two`](super::near::within_two) with AVX-512: one comparison finds all equal characters of a
//! diagonal, and a run of them is the ones from a bit on.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::near::decide;

/// Levenshtein where it is at most `most`, which is 2 or less; `None` where a text is longer than 64 bytes, or where
/// `ASCII` is asked for and a text is not. Only to be called where the processor was found to have AVX-512.
#[inline(always)]
pub(super) fn within_two<const ASCII: bool>(a: &[u8], b: &[u8], most: usize) -> Option<Option<usize>> {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() > 64 {
        return None;
    }
    // SAFETY: by the caller's promise.
    unsafe { within_512::<ASCII>(a, b, most) }
}

/// Texts of up to 64 bytes, the shorter one first.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1,bmi2")]
fn within_512<const ASCII: bool>(a: &[u8], b: &[u8], most: usize) -> Option<Option<usize>> {
    let load = |text: &[u8], from: usize| {
        let text = text.get(from..).unwrap_or(&[]);
        let bytes = _bzhi_u64(u64::MAX, text.len() as u32);
        // SAFETY: a masked load reads only the bytes whose bit is set, which are those of the slice.
        unsafe { _mm512_maskz_loadu_epi8(bytes, text.as_ptr().cast()) }
    };
    let (x, y) = (load(a, 0), load(b, 0));
    if ASCII && _mm512_movepi8_mask(_mm512_or_si512(x, y)) != 0 {
        return None;
    }
    let last = b.len() - a.len();
    if last > most {
        return Some(None);
    }
    // Bit i: whether a[i] is b[i - 1], b[i], b[i + 1], b[i + last].
    let below = _mm512_cmpeq_epi8_mask(load(a, 1), y) << 1;
    let same = _mm512_cmpeq_epi8_mask(x, y);
    let above = _mm512_cmpeq_epi8_mask(x, load(b, 1));
    let ends = _mm512_cmpeq_epi8_mask(x, load(b, last));
    Some(decide(a.len(), last, most, |i, j, end| follow([below, same, above, ends], i, j, end)))
}

/// From the places i and j to where the run of equal characters or the first text ends, by the diagonals below, on and
/// above the main one and the one on which both texts end.
#[inline(always)]
fn follow([below, same, above, ends]: [u64; 4], i: usize, j: usize, end: usize) -> usize {
    let diagonal = match j.wrapping_sub(i) {
        usize::MAX => below,
        0 => same,
        1 => above,
        _ => ends,
    };
    // From beyond the end on nothing is of account.
    end.min(i + (!diagonal.wrapping_shr(i as u32)).trailing_zeros() as usize)
}
