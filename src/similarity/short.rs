//! Texts of up to 16 code points of one byte each, held in two words: what the batch of pairs is filled from.
#![allow(unsafe_code)]

use super::fold::{self, ABSENT};
#[cfg(target_arch = "x86_64")]
use super::fold_x86;
use super::level::Level;
use super::word::read8;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;

/// Folded text of 1 to 16 code points, 0 after its end; [`Short::of`] gives text as it stands, of which the length may be more
/// than the words hold.
#[derive(Clone, Copy)]
pub struct Short {
    pub(super) words: [u64; 2],
    pub(super) len: usize,
    pub(super) page: u16,
}

impl Short {
    /// The first 16 bytes of a text as it stands, and its length up to 255. `level` must be one that
    /// [`Level::or_below`] gave.
    #[inline(always)]
    pub(super) fn of(level: Level, text: &[u8]) -> Self {
        let len = text.len().min(255);
        let words = match level {
            // SAFETY: the level is one that the processor has, and the length is at most that of the text.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { load_512(text, len) },
            _ => [read8(text), read8(text.get(8..).unwrap_or(&[]))],
        };
        Self { words, len, page: 0 }
    }

    /// The bytes of two words.
    #[inline(always)]
    pub(super) fn bytes([low, high]: [u64; 2]) -> [u8; 16] {
        (u128::from(low) | u128::from(high) << 64).to_le_bytes()
    }

    /// Whether a word holds ASCII only.
    #[inline(always)]
    pub(super) fn is_plain(word: u64) -> bool {
        word & HIGH == 0
    }

    /// Text of up to 16 bytes that can be folded in one vector. `level` must be one that [`Level::or_below`] gave.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(super) fn folded(level: Level, text: &[u8]) -> Option<Self> {
        if level < Level::Avx2 || text.len().wrapping_sub(1) >= 16 {
            return None;
        }
        // SAFETY: the level is one that the processor has.
        let (words, len, page) = unsafe { fold_x86::fold16(text) }?;
        Some(Self { words, len, page })
    }

    /// Other processors have no vectors for it.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn folded(_: Level, _: &[u8]) -> Option<Self> {
        None
    }

    /// The shorter text first. Which is shorter cannot be foretold, so there is no branch on it.
    #[inline(always)]
    pub(super) fn in_order(a: Self, b: Self) -> (Self, Self) {
        let swap = u64::from(a.len > b.len).wrapping_neg();
        let differ = |x: u64, y: u64| (x ^ y) & swap;
        let words = [differ(a.words[0], b.words[0]), differ(a.words[1], b.words[1])];
        let len = differ(a.len as u64, b.len as u64);
        let page = differ(a.page.into(), b.page.into()) as u16;
        let turned = |x: Self| Self {
            words: [x.words[0] ^ words[0], x.words[1] ^ words[1]],
            len: x.len ^ len as usize,
            page: x.page ^ page,
        };
        (turned(a), turned(b))
    }

    /// The words as a second text's: characters that are not of the first text's page are replaced by a code that
    /// folded text does not have.
    #[inline(always)]
    pub(super) fn as_second(self, first: Self) -> [u64; 2] {
        if !fold::apart(self.page, first.page) {
            return self.words;
        }
        self.words.map(|word| {
            let hidden = ((word & HIGH) >> 7) * 0xFF;
            (word & !hidden) | (LOW * ABSENT as u64) & hidden
        })
    }
}

/// The first up to 16 of the first `len` bytes of a text, without a branch; the text must have so many.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1,bmi2,avx2")]
#[inline]
unsafe fn load_512(text: &[u8], len: usize) -> [u64; 2] {
    use std::arch::x86_64::{_bzhi_u32, _mm_maskz_loadu_epi8};
    // All are set where the number is above 31.
    let bytes = _bzhi_u32(0xFFFF, len as u32) as u16;
    // SAFETY: a masked load reads only the bytes whose bit is set, which are of the slice by the caller's promise.
    fold_x86::words(unsafe { _mm_maskz_loadu_epi8(bytes, text.as_ptr().cast()) })
}
