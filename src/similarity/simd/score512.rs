//! Jaro and Jaro-Winkler from what was counted, eight at a time on AVX-512.
//!
//! *Instructions* and *memory* in what makes a block safe are as in [`avx512`](super::avx512).
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::super::ratio::{BOOST, RATIO, SMALL, SMALL_B, SMALL_ROW, WORD};
use super::lanes::{Counts, GROUP, Row};

/// Eight bytes of a row, from `at` on.
#[inline(always)]
fn widen(at: usize, row: &Row) -> __m256i {
    // SAFETY: instructions; memory: the slice was checked to hold the 8 bytes read.
    unsafe { _mm256_cvtepu8_epi32(_mm_loadl_epi64(row.0[at..at + 8].as_ptr().cast())) }
}

/// `part / len`. Both must be at most [`WORD`].
#[inline(always)]
unsafe fn ratio(len: __m256i, part: __m256i) -> __m512d {
    // SAFETY: instructions; memory: by the caller's promise the index stays inside the table.
    unsafe {
        let row = _mm256_set1_epi32(WORD as i32 + 1);
        let index = _mm256_add_epi32(_mm256_mullo_epi32(len, row), part);
        _mm512_i32gather_pd::<8>(index, RATIO.as_ptr().cast())
    }
}

/// Jaro of eight texts of any lengths, in the same order of operations as the scalar form.
#[inline(always)]
fn jaro8(counts: &Counts, at: usize) -> __m512d {
    // SAFETY: instructions; memory: counts are at most `WORD` (clamped here, so that the gathers stay inside
    // `RATIO` whatever the rows hold).
    unsafe {
        let word = _mm256_set1_epi32(WORD as i32);
        let a_len = _mm256_min_epu32(widen(at, &counts.a_len), word);
        let b_len = _mm256_min_epu32(widen(at, &counts.b_len), word);
        let matches = _mm256_min_epu32(widen(at, &counts.matches), word);
        let kept = _mm256_sub_epi32(matches, _mm256_srli_epi32::<1>(widen(at, &counts.missed)));
        let kept = _mm256_min_epu32(kept, word);
        let sum = _mm512_add_pd(ratio(a_len, matches), ratio(b_len, matches));
        let sum = _mm512_add_pd(sum, ratio(matches, kept));
        // Division by 3, correctly rounded: a quotient within one unit, its exact remainder, one correction.
        let third = _mm512_set1_pd(1.0 / 3.0);
        let quotient = _mm512_mul_pd(sum, third);
        let remainder = _mm512_fnmadd_pd(quotient, _mm512_set1_pd(3.0), sum);
        _mm512_fmadd_pd(remainder, third, quotient)
    }
}

/// Jaro of eight short texts, looked up in [`SMALL`].
#[inline(always)]
fn jaro8_small(counts: &Counts, at: usize) -> __m512d {
    // SAFETY: instructions; memory: the index is clamped to the table's last entry.
    unsafe {
        let lens = _mm256_add_epi32(
            _mm256_mullo_epi32(widen(at, &counts.a_len), _mm256_set1_epi32(SMALL_B as i32 + 1)),
            widen(at, &counts.b_len),
        );
        let matches = widen(at, &counts.matches);
        let matches = _mm256_add_epi32(_mm256_slli_epi32::<2>(matches), matches);
        let counted = _mm256_add_epi32(matches, _mm256_srli_epi32::<1>(widen(at, &counts.missed)));
        let index = _mm256_add_epi32(_mm256_mullo_epi32(lens, _mm256_set1_epi32(SMALL_ROW as i32)), counted);
        let index = _mm256_min_epu32(index, _mm256_set1_epi32(SMALL.len() as i32 - 1));
        _mm512_i32gather_pd::<8>(index, SMALL.as_ptr().cast())
    }
}

/// Scores of a group, eight at a time.
#[inline(always)]
pub(super) fn score<const WINKLER: bool>(counts: &Counts, small: bool, out: &mut [f64; GROUP]) {
    for at in (0..GROUP).step_by(8) {
        let mut score = if small { jaro8_small(counts, at) } else { jaro8(counts, at) };
        // SAFETY: instructions; memory: the slice was checked to hold the eight scores written.
        unsafe {
            if WINKLER {
                // A prefix is at most 4; a permutation looks at the low three bits.
                let boosts = _mm512_setr_pd(BOOST[0], BOOST[1], BOOST[2], BOOST[3], BOOST[4], 0.0, 0.0, 0.0);
                let prefix = _mm512_cvtepi32_epi64(widen(at, &counts.prefix));
                let boost = _mm512_permutexvar_pd(prefix, boosts);
                let gain = _mm512_mul_pd(boost, _mm512_sub_pd(_mm512_set1_pd(1.0), score));
                let high = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(score, _mm512_set1_pd(0.7));
                score = _mm512_mask_add_pd(score, high, score, gain);
            }
            _mm512_storeu_pd(out[at..at + 8].as_mut_ptr(), score);
        }
    }
}
