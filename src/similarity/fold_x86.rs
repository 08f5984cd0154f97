//! Loads and folds a text of at most 16 bytes without a branch on what its characters are.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::fold::LATIN;

/// A text of 1 to 16 bytes, 0 after its end, without a branch on its length from 4 bytes on.
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
#[inline]
pub(super) fn load16(text: &[u8]) -> __m128i {
    /// Ones for whole groups of four bytes, and nothing after them.
    static GROUPS: [i32; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];
    /// The four bytes of a word, at 12 less than the place from which they are read.
    static LAST: [i8; 28] = {
        let mut places = [-1; 28];
        let mut i = 0;
        while i < 4 {
            places[12 + i] = i as i8;
            i += 1;
        }
        places
    };
    let len = text.len().min(16);
    let Some(last) = text[..len].last_chunk::<4>() else {
        let word = match text {
            [] => 0,
            // The first, the middle and the last byte are all of up to three.
            _ => {
                let byte = |at: usize| u32::from(text[at]) << (8 * at);
                byte(0) | byte(len / 2) | byte(len - 1)
            }
        };
        return _mm_cvtsi32_si128(word as i32);
    };
    // SAFETY: of the text only whole groups within it are read; the tables are read from within, 4 - len / 4 being 0
    // to 3 of 8 numbers, four of which are read, and 16 - len 0 to 12 of 28 bytes, sixteen of which are read.
    unsafe {
        let groups = _mm_loadu_si128(GROUPS.as_ptr().add(4 - len / 4).cast());
        let whole = _mm_maskload_epi32(text.as_ptr().cast(), groups);
        // The last four bytes overlap with the whole groups, and are the same there.
        let places = _mm_loadu_si128(LAST.as_ptr().add(16 - len).cast());
        let last = _mm_shuffle_epi8(_mm_cvtsi32_si128(i32::from_le_bytes(*last)), places);
        _mm_or_si128(whole, last)
    }
}

/// The two words of a vector.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn words(text: __m128i) -> [u64; 2] {
    [_mm_cvtsi128_si64(text) as u64, _mm_extract_epi64::<1>(text) as u64]
}

/// The other way.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn vector(words: [u64; 2]) -> __m128i {
    _mm_set_epi64x(words[1] as i64, words[0] as i64)
}

/// Folds a text of 1 to 16 bytes whose characters have one or two bytes each; gives its codes, how many there are and
/// the page. `None` for other text, and where [`page_of`](super::fold::page_of) gives none.
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
#[inline]
pub(super) fn fold16(text: &[u8]) -> Option<([u64; 2], usize, u16)> {
    let len = text.len();
    let text = load16(text);
    let all = |byte: u8| _mm_set1_epi8(byte as i8);
    let and = |a: __m128i, b: __m128i| _mm_and_si128(a, b);
    let less = |a: __m128i, b: __m128i| _mm_cmpgt_epi8(b, a);
    // As signed numbers the bytes from 0x80 on come first: second bytes, then first ones.
    let high = less(text, _mm_setzero_si128());
    let second = less(text, all(0xC0));
    let lead = _mm_andnot_si128(second, high);
    let longer = and(_mm_cmpgt_epi8(text, all(0xDF)), high);
    if _mm_movemask_epi8(_mm_or_si128(longer, _mm_cmpeq_epi8(text, all(0x7F)))) != 0 {
        return None;
    }
    let leads = _mm_movemask_epi8(lead) as u32;
    if leads == 0 {
        return Some((words(text), len, 0));
    }
    // What the second byte says, at the place of the first one.
    let low = and(_mm_srli_si128::<1>(text), all(0x3F));
    let page = and(_mm_srli_epi16::<1>(text), all(0x0F));
    let first = _mm_shuffle_epi8(page, all(leads.trailing_zeros() as u8));
    let number = (_mm_cvtsi128_si32(first) & 0xFF) as u16;
    let odd = |x: __m128i| _mm_cmpeq_epi8(and(x, all(1)), all(1));
    let (codes, fits, page) = if number <= 2 {
        // U+00C0 to U+00FF have the first byte 0xC3. Those from U+0100 on have 0xC4 and 0xC5; small letters are the
        // even ones from U+0138 to U+0148 and from U+0179 on, else the odd ones.
        let point = _mm_or_si128(_mm_slli_epi16::<6>(and(text, all(1))), low);
        let even = _mm_or_si128(
            and(_mm_cmpgt_epi8(point, all(0x37)), less(point, all(0x49))),
            _mm_cmpgt_epi8(point, all(0x78)),
        );
        let small = _mm_andnot_si128(_mm_cmpeq_epi8(point, all(0x49)), _mm_xor_si128(odd(point), even));
        let half = and(_mm_srli_epi16::<1>(point), all(0x3F));
        let after = _mm_add_epi8(_mm_or_si128(half, all(0x40)), _mm_cmpgt_epi8(point, all(0x79)));
        let one = _mm_cmpeq_epi8(text, all(0xC3));
        let extended = and(_mm_cmpgt_epi8(text, all(0xC3)), less(text, all(0xC6)));
        let codes = _mm_blendv_epi8(after, low, one);
        (codes, _mm_or_si128(one, and(extended, small)), LATIN)
    } else {
        let codes = _mm_or_si128(_mm_slli_epi16::<6>(and(text, all(1))), low);
        (codes, _mm_cmpeq_epi8(page, first), number)
    };
    if _mm_movemask_epi8(_mm_andnot_si128(fits, lead)) != 0 {
        return None;
    }
    let codes = _mm_blendv_epi8(text, _mm_or_si128(codes, all(0x80)), lead);
    // Second bytes are left out, and what follows moves up.
    let ([low, high], [low_out, high_out]) = (words(codes), words(second));
    let kept = 8 - low_out.count_ones() / 8;
    let closed = u128::from(_pext_u64(low, !low_out)) | u128::from(_pext_u64(high, !high_out)) << (8 * kept);
    Some(([closed as u64, (closed >> 64) as u64], len - leads.count_ones() as usize, page))
}
