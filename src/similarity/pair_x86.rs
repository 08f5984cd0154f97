//! Two short byte texts at a time with AVX2 or AVX-512: a character is found in the first text by one
//! comparison with all of it, so that no table is filled.
#![allow(unsafe_code)]

use super::level::Level;
#[cfg(not(target_arch = "x86_64"))]
use super::pair::Counted;
use super::pair::Edit;

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn jaro<const WINKLER: bool>(_: Level, a: &[u8], b: &[u8]) -> f64 {
    super::pair::jaro_by::<WINKLER>(a, b, |j| places_of(a, b[j]))
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn edit(_: Level, metric: Edit, a: &[u8], b: &[u8]) -> Counted {
    super::pair::edit_by(metric, a.len(), b.len(), |j| places_of(a, b[j]))
}

/// As [`jaro`].
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn jaro_tiny<const WINKLER: bool>(_: &[u8], _: &[u8]) -> Option<f64> {
    None
}

/// Other processors have one level, so that this is never reached; it is right all the same.
#[cfg(not(target_arch = "x86_64"))]
fn places_of(text: &[u8], byte: u8) -> u64 {
    text.iter().take(64).enumerate().fold(0, |bits, (i, b)| bits | u64::from(*b == byte) << i)
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{edit, jaro, jaro_tiny};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::super::pair::{Counted, edit_by, jaro_by, prefix};
    use super::super::ratio::{jaro_short, winkler};
    use super::super::short::Short;
    use super::super::word::{self, ones, read8};
    use super::super::{fold, fold_x86};
    use super::{Edit, Level};

    /// Jaro of two texts of 1 to 64 bytes. `level` must be one that [`Level::or_below`] gave.
    #[inline]
    pub(in super::super) fn jaro<const WINKLER: bool>(level: Level, a: &[u8], b: &[u8]) -> f64 {
        assert!(a.len() <= 64 && b.len() <= 64);
        // SAFETY: the caller's level came from `or_below`, which gives none that the processor lacks.
        unsafe {
            match level {
                Level::Avx512 => jaro_512::<WINKLER>(a, b),
                _ => jaro_256::<WINKLER>(a, b),
            }
        }
    }

    /// A count of two texts of 1 to 64 bytes. `level` must be one that [`Level::or_below`] gave.
    #[inline]
    pub(in super::super) fn edit(level: Level, metric: Edit, a: &[u8], b: &[u8]) -> Counted {
        assert!(a.len() <= 64 && b.len() <= 64);
        // SAFETY: as in `jaro`.
        unsafe {
            match level {
                Level::Avx512 => edit_512(metric, a, b),
                _ => edit_256(metric, a, b),
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
    fn jaro_512<const WINKLER: bool>(a: &[u8], b: &[u8]) -> f64 {
        // SAFETY: a masked load reads only the bytes whose bit is set, which are those of the slice.
        let text = unsafe { _mm512_maskz_loadu_epi8(ones(a.len()), a.as_ptr().cast()) };
        let full = ones(a.len());
        let places = |j: usize| _mm512_mask_cmpeq_epi8_mask(full, text, _mm512_set1_epi8(b[j] as i8));
        jaro_by::<WINKLER>(a, b, places)
    }

    /// Jaro of two texts of 1 to 16 bytes that can be folded in a vector, with few branches; `None` of other text.
    #[inline]
    pub(in super::super) fn jaro_tiny<const WINKLER: bool>(a: &[u8], b: &[u8]) -> Option<f64> {
        if a.len().wrapping_sub(1) >= 16 || b.len().wrapping_sub(1) >= 16 {
            return None;
        }
        // SAFETY: only called at this level, which was found on the processor.
        unsafe { jaro_tiny_512::<WINKLER>(a, b) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
    fn jaro_tiny_512<const WINKLER: bool>(a: &[u8], b: &[u8]) -> Option<f64> {
        // The shorter text is walked through.
        let (a, b) = if b.len() <= a.len() { (a, b) } else { (b, a) };
        let (a_full, b_full) = (ones(a.len()) as u16, ones(b.len()) as u16);
        // SAFETY: a masked load reads only the bytes whose bit is set, which are those of the slices.
        let (x, y) = unsafe {
            (
                _mm_maskz_loadu_epi8(a_full, a.as_ptr().cast()),
                _mm_mask_loadu_epi8(_mm_set1_epi8(0x7F), b_full, b.as_ptr().cast()),
            )
        };
        if _mm_movepi8_mask(_mm_or_si128(x, y)) != 0 {
            return jaro_folded_512::<WINKLER>(a, b);
        }
        let reach = (a.len() / 2).saturating_sub(1) as u32;
        let mut window = ones(reach as usize + 1) as u32;
        let (mut a_taken, mut b_taken) = (0u32, 0u32);
        macro_rules! step {
            ($($j:literal)*) => {
                $({
                    // Where the second text has ended the mask is empty.
                    let alive = 0u16.wrapping_sub((b_full >> $j) & 1) & a_full;
                    let byte = _mm_shuffle_epi8(y, _mm_set1_epi8($j));
                    let free = u32::from(_mm_mask_cmpeq_epi8_mask(alive, x, byte)) & window & !a_taken;
                    a_taken |= free & free.wrapping_neg();
                    b_taken |= u32::from(free != 0) << $j;
                    window = (window << 1) | u32::from($j < reach);
                })*
            };
        }
        step!(0 1 2 3 4 5 6 7);
        if b.len() > 8 {
            step!(8 9 10 11 12 13 14 15);
        }
        let _ = window;
        // The matched characters of both texts, closed up and compared place by place.
        let a_chars = _mm512_maskz_compress_epi32(a_taken as u16, _mm512_cvtepu8_epi32(x));
        let b_chars = _mm512_maskz_compress_epi32(b_taken as u16, _mm512_cvtepu8_epi32(y));
        let missed = _mm512_cmpneq_epi32_mask(a_chars, b_chars).count_ones() as usize;
        let jaro = jaro_short(a.len(), b.len(), a_taken.count_ones() as usize, missed / 2);
        if !WINKLER {
            return Some(jaro);
        }
        let differ = _mm_cmpneq_epi8_mask(x, y) | !(b_full & 0xF);
        Some(winkler(jaro, differ.trailing_zeros() as usize))
    }

    /// [`jaro_tiny_512`] of texts that are not both ASCII; apart, so that the other has few registers to save.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
    #[inline(never)]
    fn jaro_folded_512<const WINKLER: bool>(a: &[u8], b: &[u8]) -> Option<f64> {
        let (x, y) = (Short::folded(Level::Avx512, a)?, Short::folded(Level::Avx512, b)?);
        if fold::overlap(x.page, y.page) {
            return None;
        }
        let (text, full) = (fold_x86::vector(x.words), ones(x.len) as u16);
        let (a, b) = (Short::bytes(x.words), Short::bytes(y.as_second(x)));
        Some(jaro_by::<WINKLER>(&a[..x.len], &b[..y.len], |j| {
            u64::from(_mm_mask_cmpeq_epi8_mask(full, text, _mm_set1_epi8(b[j] as i8)))
        }))
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
    fn edit_512(metric: Edit, a: &[u8], b: &[u8]) -> Counted {
        // SAFETY: a masked load reads only the bytes whose bit is set, which are those of the slice.
        let text = unsafe { _mm512_maskz_loadu_epi8(ones(a.len()), a.as_ptr().cast()) };
        let full = ones(a.len());
        edit_by(metric, a.len(), b.len(), |j| {
            _mm512_mask_cmpeq_epi8_mask(full, text, _mm512_set1_epi8(b[j] as i8))
        })
    }

    /// The first 16 bytes, and 0 after them.
    #[inline(always)]
    fn first16(text: &[u8]) -> [u64; 2] {
        [read8(text), read8(text.get(8..).unwrap_or(&[]))]
    }

    /// Where a byte stands in a text of up to 16.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn places16(text: [u64; 2], len: usize) -> impl Fn(u8) -> u64 {
        let (text, full) = (fold_x86::vector(text), ones(len));
        move |byte| {
            let equal = _mm_cmpeq_epi8(text, _mm_set1_epi8(byte as i8));
            u64::from(_mm_movemask_epi8(equal) as u32) & full
        }
    }

    /// Where a byte stands in a text of 17 to 32: both ends of it, which overlap, are looked at.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn places32(text: &[u8]) -> impl Fn(u8) -> u64 {
        assert!((17..=32).contains(&text.len()));
        let rest = text.len() - 16;
        // SAFETY: sixteen bytes from the first one and up to the last one.
        let both = unsafe {
            _mm256_set_m128i(
                _mm_loadu_si128(text.as_ptr().add(rest).cast()),
                _mm_loadu_si128(text.as_ptr().cast()),
            )
        };
        move |byte| {
            let equal = _mm256_movemask_epi8(_mm256_cmpeq_epi8(both, _mm256_set1_epi8(byte as i8))) as u32;
            u64::from(equal & 0xFFFF) | u64::from(equal >> 16) << rest
        }
    }

    /// As [`places32`], in a text of 33 to 64.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn places64(text: &[u8]) -> impl Fn(u8) -> u64 {
        assert!((33..=64).contains(&text.len()));
        let rest = text.len() - 32;
        // SAFETY: 32 bytes from the first one and up to the last one.
        let (low, high) = unsafe {
            (_mm256_loadu_si256(text.as_ptr().cast()), _mm256_loadu_si256(text.as_ptr().add(rest).cast()))
        };
        move |byte| {
            let byte = _mm256_set1_epi8(byte as i8);
            let equal = |part| u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(part, byte)) as u32);
            equal(low) | equal(high) << rest
        }
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
    fn jaro_256<const WINKLER: bool>(a: &[u8], b: &[u8]) -> f64 {
        let (a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
        match a.len() {
            0..=8 => {
                let text = first16(a);
                let places = places16(text, a.len());
                let (a_taken, b_taken) = word::jaro_matches(a.len(), b.len(), |j| places(b[j]));
                // The matched characters of both texts, closed up and compared place by place.
                let spread = |taken: u64| _pdep_u64(taken, LOW).wrapping_mul(0xFF);
                let differ = _pext_u64(text[0], spread(a_taken)) ^ _pext_u64(read8(b), spread(b_taken));
                let differ = (((differ & !HIGH) + !HIGH) | differ) & HIGH;
                let matches = a_taken.count_ones() as usize;
                let jaro = jaro_short(a.len(), b.len(), matches, differ.count_ones() as usize / 2);
                if WINKLER { winkler(jaro, prefix(a, b)) } else { jaro }
            }
            9..=16 => {
                let places = places16(first16(a), a.len());
                jaro_by::<WINKLER>(a, b, |j| places(b[j]))
            }
            17..=32 => {
                let places = places32(a);
                jaro_by::<WINKLER>(a, b, |j| places(b[j]))
            }
            _ => {
                let places = places64(a);
                jaro_by::<WINKLER>(a, b, |j| places(b[j]))
            }
        }
    }

    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = LOW << 7;

    #[target_feature(enable = "avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
    fn edit_256(metric: Edit, a: &[u8], b: &[u8]) -> Counted {
        match a.len() {
            0..=16 => {
                let places = places16(first16(a), a.len());
                edit_by(metric, a.len(), b.len(), |j| places(b[j]))
            }
            17..=32 => {
                let places = places32(a);
                edit_by(metric, a.len(), b.len(), |j| places(b[j]))
            }
            _ => {
                let places = places64(a);
                edit_by(metric, a.len(), b.len(), |j| places(b[j]))
            }
        }
    }
}
