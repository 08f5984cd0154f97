//! [`Lanes`] on AVX-512 (F, BW, VL, DQ): 64 to 8 strings a vector.
//!
//! Every `unsafe` block here rests on one of two facts. *Instructions*: the types are named only by the entry
//! functions of the parent module, which are reached after the processor was found to have these features, and
//! every method is inlined into them. *Memory*: loads and stores go to references whose size is checked or
//! follows from the type.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::lanes::{Counts, GROUP, Lanes, Row, Search};
use super::pattern::Pattern;
use super::score512::score;

/// 64 lanes of 8 bits.
#[derive(Clone, Copy)]
pub(super) struct Bytes(__m512i);
/// 32 lanes of 16 bits.
#[derive(Clone, Copy)]
pub(super) struct Words(__m512i);
/// 16 lanes of 32 bits.
#[derive(Clone, Copy)]
pub(super) struct Doubles(__m512i);
/// 8 lanes of 64 bits.
#[derive(Clone, Copy)]
pub(super) struct Quads(__m512i);

/// Ones in each byte.
#[inline(always)]
fn byte_ones(x: __m512i) -> __m512i {
    // SAFETY: instructions, see the module.
    unsafe {
        let nibble = _mm512_set1_epi8(0x0F);
        let ones = _mm512_set4_epi32(0x0403_0302, 0x0302_0201, 0x0302_0201, 0x0201_0100);
        let low = _mm512_shuffle_epi8(ones, _mm512_and_si512(x, nibble));
        let high = _mm512_shuffle_epi8(ones, _mm512_and_si512(_mm512_srli_epi16::<4>(x), nibble));
        _mm512_add_epi8(low, high)
    }
}

macro_rules! lanes {
    ($mask:ty, $int:ty, $set1:ident, $add:ident, $sub:ident, $min:ident, $eq:ident, $gt:ident, $testn:ident,
     $mask_add:ident, $mask_sub:ident, $maskz_mov:ident, $mask_mov:ident) => {
        type Mask = $mask;
        type Planes = ();

        #[inline(always)]
        fn splat(value: u64) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { $set1(value as $int) })
        }
        #[inline(always)]
        fn tile(bits: u64) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm512_set1_epi64(bits as i64) })
        }
        #[inline(always)]
        fn and(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm512_and_si512(self.0, other.0) })
        }
        #[inline(always)]
        fn or(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm512_or_si512(self.0, other.0) })
        }
        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm512_xor_si512(self.0, other.0) })
        }
        #[inline(always)]
        fn and_not(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm512_andnot_si512(other.0, self.0) })
        }
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { $add(self.0, other.0) })
        }
        #[inline(always)]
        fn sub(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { $sub(self.0, other.0) })
        }
        #[inline(always)]
        fn min(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { $min(self.0, other.0) })
        }
        #[inline(always)]
        fn equal(self, other: Self) -> $mask {
            // SAFETY: instructions, see the module.
            unsafe { $eq(self.0, other.0) }
        }
        #[inline(always)]
        fn greater(self, other: Self) -> $mask {
            // SAFETY: instructions, see the module.
            unsafe { $gt(self.0, other.0) }
        }
        #[inline(always)]
        fn keep(self, mask: $mask) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { $maskz_mov(mask, self.0) })
        }
        #[inline(always)]
        fn add_where(self, mask: $mask, bit: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { $mask_add(self.0, mask, self.0, bit.0) })
        }
        #[inline(always)]
        fn choose(mask: $mask, yes: Self, no: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { $mask_mov(no.0, mask, yes.0) })
        }
        #[inline(always)]
        fn any(mask: $mask) -> bool {
            mask != 0
        }
        #[inline(always)]
        fn transposition(found: Self, places: Self, rest: Self, missed: Self) -> (Self, Self) {
            let first = rest.and(Self::zero().sub(rest));
            // SAFETY: instructions, see the module.
            unsafe {
                let idle = $testn(found.0, found.0);
                let miss = $testn(places.0, first.0) & !idle;
                let missed = $mask_sub(missed.0, miss, missed.0, $set1(-1));
                (Self($mask_sub(rest.0, !idle, rest.0, first.0)), Self(missed))
            }
        }
        #[inline(always)]
        fn score<const WINKLER: bool>(counts: &Counts, small: bool, out: &mut [f64; GROUP]) {
            score::<WINKLER>(counts, small, out);
        }
    };
}

/// The methods of lanes that are woven from bytes.
macro_rules! woven {
    ($shift:ident) => {
        const WOVEN: bool = true;

        #[inline(always)]
        fn weave(planes: &[Row], at: usize) -> Self {
            let mut lanes = Self::zero();
            for plane in planes.iter().rev() {
                // SAFETY: instructions, see the module.
                lanes = Self(unsafe { $shift::<8>(lanes.0) }).or(Self::load(plane, at));
            }
            lanes
        }
    };
}

/// Where the codes of a block stand in the pattern, for bytes.
#[derive(Clone, Copy)]
pub(super) enum ByteTable {
    /// All codes are below 32: two shuffles.
    Small(__m512i, __m512i),
    Search(Search<Bytes, 8>),
}

impl Lanes for Bytes {
    const N: usize = 64;
    const BITS: usize = 8;
    type Table<'a> = ByteTable;

    lanes!(
        __mmask64,
        i8,
        _mm512_set1_epi8,
        _mm512_add_epi8,
        _mm512_sub_epi8,
        _mm512_min_epu8,
        _mm512_cmpeq_epi8_mask,
        _mm512_cmpgt_epu8_mask,
        _mm512_testn_epi8_mask,
        _mm512_mask_add_epi8,
        _mm512_mask_sub_epi8,
        _mm512_maskz_mov_epi8,
        _mm512_mask_mov_epi8
    );

    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        // SAFETY: instructions; memory: the slice was checked to hold the bytes read.
        Self(unsafe { _mm512_loadu_si512(row.0[at..at + 64].as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        let part = &mut row.0[at..at + 64];
        // SAFETY: instructions; memory: the slice was checked to hold the bytes written.
        unsafe { _mm512_storeu_si512(part.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn count_ones(self) -> Self {
        Self(byte_ones(self.0))
    }
    #[inline(always)]
    fn table(pattern: &Pattern) -> ByteTable {
        if pattern.alphabet > 32 {
            return ByteTable::Search(Search::new(pattern));
        }
        let mut places = [0u8; 32];
        places.iter_mut().zip(pattern.places).for_each(|(to, from)| *to = from as u8);
        // SAFETY: instructions; memory: both halves of 32 bytes.
        unsafe {
            let low = _mm_loadu_si128(places.as_ptr().cast());
            let high = _mm_loadu_si128(places[16..].as_ptr().cast());
            ByteTable::Small(_mm512_broadcast_i32x4(low), _mm512_broadcast_i32x4(high))
        }
    }
    #[inline(always)]
    fn look(table: &ByteTable, codes: Self) -> Self {
        match table {
            // A shuffle gives 0 where bit 7 of the code is set: codes from 16 on in the first, below in the second.
            // SAFETY: instructions, see the module.
            ByteTable::Small(low, high) => unsafe {
                let below = _mm512_add_epi8(codes.0, _mm512_set1_epi8(0x70));
                let above = _mm512_sub_epi8(codes.0, _mm512_set1_epi8(0x10));
                Self(_mm512_or_si512(_mm512_shuffle_epi8(*low, below), _mm512_shuffle_epi8(*high, above)))
            },
            ByteTable::Search(search) => search.look(codes),
        }
    }
}

/// Where the codes of a block stand in the pattern, for words.
#[derive(Clone, Copy)]
pub(super) enum WordTable {
    /// All codes are below 64: one permutation of two vectors.
    Small(__m512i, __m512i),
    Search(Search<Words, 16>),
}

impl Lanes for Words {
    const N: usize = 32;
    const BITS: usize = 16;
    type Table<'a> = WordTable;

    woven!(_mm512_slli_epi16);

    lanes!(
        __mmask32,
        i16,
        _mm512_set1_epi16,
        _mm512_add_epi16,
        _mm512_sub_epi16,
        _mm512_min_epu16,
        _mm512_cmpeq_epi16_mask,
        _mm512_cmpgt_epu16_mask,
        _mm512_testn_epi16_mask,
        _mm512_mask_add_epi16,
        _mm512_mask_sub_epi16,
        _mm512_maskz_mov_epi16,
        _mm512_mask_mov_epi16
    );

    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        // SAFETY: instructions; memory: the slice was checked to hold the bytes read.
        Self(unsafe { _mm512_cvtepu8_epi16(_mm256_loadu_si256(row.0[at..at + 32].as_ptr().cast())) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        let part = &mut row.0[at..at + 32];
        // SAFETY: instructions; memory: the slice was checked to hold the bytes written.
        unsafe { _mm256_storeu_si256(part.as_mut_ptr().cast(), _mm512_cvtepi16_epi8(self.0)) }
    }
    #[inline(always)]
    fn count_ones(self) -> Self {
        // SAFETY: instructions, see the module.
        Self(unsafe { _mm512_maddubs_epi16(byte_ones(self.0), _mm512_set1_epi8(1)) })
    }
    #[inline(always)]
    fn table(pattern: &Pattern) -> WordTable {
        if pattern.alphabet > 64 {
            return WordTable::Search(Search::new(pattern));
        }
        let mut places = [0u16; 64];
        places.iter_mut().zip(pattern.places).for_each(|(to, from)| *to = from as u16);
        // SAFETY: instructions; memory: both halves of 128 bytes.
        unsafe {
            WordTable::Small(
                _mm512_loadu_si512(places.as_ptr().cast()),
                _mm512_loadu_si512(places[32..].as_ptr().cast()),
            )
        }
    }
    #[inline(always)]
    fn look(table: &WordTable, codes: Self) -> Self {
        match table {
            // SAFETY: instructions, see the module.
            WordTable::Small(low, high) => Self(unsafe { _mm512_permutex2var_epi16(*low, codes.0, *high) }),
            WordTable::Search(search) => search.look(codes),
        }
    }
}

/// Where the codes of a block stand in the pattern, for double words.
#[derive(Clone, Copy)]
pub(super) enum DoubleTable<'a> {
    /// All codes are below 64: two permutations of two vectors.
    Small([__m512i; 4]),
    Dense(&'a [u64; 256]),
}

impl Lanes for Doubles {
    const N: usize = 16;
    const BITS: usize = 32;
    type Table<'a> = DoubleTable<'a>;

    woven!(_mm512_slli_epi32);

    lanes!(
        __mmask16,
        i32,
        _mm512_set1_epi32,
        _mm512_add_epi32,
        _mm512_sub_epi32,
        _mm512_min_epu32,
        _mm512_cmpeq_epi32_mask,
        _mm512_cmpgt_epu32_mask,
        _mm512_testn_epi32_mask,
        _mm512_mask_add_epi32,
        _mm512_mask_sub_epi32,
        _mm512_maskz_mov_epi32,
        _mm512_mask_mov_epi32
    );

    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        // SAFETY: instructions; memory: the slice was checked to hold the bytes read.
        Self(unsafe { _mm512_cvtepu8_epi32(_mm_loadu_si128(row.0[at..at + 16].as_ptr().cast())) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        let part = &mut row.0[at..at + 16];
        // SAFETY: instructions; memory: the slice was checked to hold the bytes written.
        unsafe { _mm_storeu_si128(part.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(self.0)) }
    }
    #[inline(always)]
    fn count_ones(self) -> Self {
        // SAFETY: instructions, see the module.
        Self(unsafe {
            let pairs = _mm512_maddubs_epi16(byte_ones(self.0), _mm512_set1_epi8(1));
            _mm512_madd_epi16(pairs, _mm512_set1_epi16(1))
        })
    }
    #[inline(always)]
    fn table(pattern: &Pattern) -> DoubleTable<'_> {
        if pattern.alphabet > 64 {
            return DoubleTable::Dense(&pattern.places);
        }
        let mut places = [0u32; 64];
        places.iter_mut().zip(pattern.places).for_each(|(to, from)| *to = from as u32);
        // SAFETY: instructions; memory: four quarters of 256 bytes.
        unsafe {
            DoubleTable::Small([
                _mm512_loadu_si512(places.as_ptr().cast()),
                _mm512_loadu_si512(places[16..].as_ptr().cast()),
                _mm512_loadu_si512(places[32..].as_ptr().cast()),
                _mm512_loadu_si512(places[48..].as_ptr().cast()),
            ])
        }
    }
    #[inline(always)]
    fn look(table: &DoubleTable<'_>, codes: Self) -> Self {
        match table {
            // SAFETY: instructions, see the module.
            DoubleTable::Small([a, b, c, d]) => unsafe {
                let upper = _mm512_test_epi32_mask(codes.0, _mm512_set1_epi32(32));
                let low = _mm512_permutex2var_epi32(*a, codes.0, *b);
                let high = _mm512_permutex2var_epi32(*c, codes.0, *d);
                Self(_mm512_mask_mov_epi32(low, upper, high))
            },
            // SAFETY: instructions; memory: a lane is a code below 256, the table has 256 entries, and the low
            // half of each, first in memory, is what is read.
            DoubleTable::Dense(places) => {
                Self(unsafe { _mm512_i32gather_epi32::<8>(codes.0, places.as_ptr().cast()) })
            }
        }
    }
}

impl Lanes for Quads {
    const N: usize = 8;
    const BITS: usize = 64;
    type Table<'a> = &'a [u64; 256];

    woven!(_mm512_slli_epi64);

    lanes!(
        __mmask8,
        i64,
        _mm512_set1_epi64,
        _mm512_add_epi64,
        _mm512_sub_epi64,
        _mm512_min_epu64,
        _mm512_cmpeq_epi64_mask,
        _mm512_cmpgt_epu64_mask,
        _mm512_testn_epi64_mask,
        _mm512_mask_add_epi64,
        _mm512_mask_sub_epi64,
        _mm512_maskz_mov_epi64,
        _mm512_mask_mov_epi64
    );

    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        // SAFETY: instructions; memory: the slice was checked to hold the 8 bytes read.
        Self(unsafe { _mm512_cvtepu8_epi64(_mm_loadl_epi64(row.0[at..at + 8].as_ptr().cast())) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        let part = &mut row.0[at..at + 8];
        // SAFETY: instructions; memory: the slice was checked to hold the 8 bytes written.
        unsafe { _mm_storel_epi64(part.as_mut_ptr().cast(), _mm512_cvtepi64_epi8(self.0)) }
    }
    #[inline(always)]
    fn count_ones(self) -> Self {
        // SAFETY: instructions, see the module.
        Self(unsafe { _mm512_sad_epu8(byte_ones(self.0), _mm512_setzero_si512()) })
    }
    #[inline(always)]
    fn table(pattern: &Pattern) -> &[u64; 256] {
        &pattern.places
    }
    #[inline(always)]
    fn look(table: &&[u64; 256], codes: Self) -> Self {
        // SAFETY: instructions; memory: a lane is a code below 256, the table has 256 entries of 8 bytes.
        Self(unsafe { _mm512_i64gather_epi64::<8>(codes.0, table.as_ptr().cast()) })
    }
}
