//! [`Lanes`] on AVX2: 32 to 4 strings a vector. Masks are vectors of all ones or none.
//!
//! Every `unsafe` block here rests on one of two facts. *Instructions*: the types are named only by the entry
//! functions of the parent module, which are reached after the processor was found to have AVX2, and every
//! method is inlined into them. *Memory*: loads and stores go to references whose size is checked or follows
//! from the type.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::lanes::{Lanes, Row, Search};
use super::pattern::Pattern;

/// 32 lanes of 8 bits.
#[derive(Clone, Copy)]
pub(super) struct Bytes(__m256i);
/// 16 lanes of 16 bits.
#[derive(Clone, Copy)]
pub(super) struct Words(__m256i);
/// 8 lanes of 32 bits.
#[derive(Clone, Copy)]
pub(super) struct Doubles(__m256i);
/// 4 lanes of 64 bits.
#[derive(Clone, Copy)]
pub(super) struct Quads(__m256i);

/// Ones in each byte.
#[inline(always)]
fn byte_ones(x: __m256i) -> __m256i {
    // SAFETY: instructions, see the module.
    unsafe {
        let nibble = _mm256_set1_epi8(0x0F);
        let ones = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
        let low = _mm256_shuffle_epi8(ones, _mm256_and_si256(x, nibble));
        let high = _mm256_shuffle_epi8(ones, _mm256_and_si256(_mm256_srli_epi16::<4>(x), nibble));
        _mm256_add_epi8(low, high)
    }
}

macro_rules! lanes {
    ($int:ty, $set1:ident, $add:ident, $sub:ident, $min:ident, $eq:ident, $gt:ident) => {
        type Mask = __m256i;

        #[inline(always)]
        fn splat(value: u64) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { $set1(value as $int) })
        }
        #[inline(always)]
        fn tile(bits: u64) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm256_set1_epi64x(bits as i64) })
        }
        #[inline(always)]
        fn and(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm256_and_si256(self.0, other.0) })
        }
        #[inline(always)]
        fn or(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm256_or_si256(self.0, other.0) })
        }
        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm256_xor_si256(self.0, other.0) })
        }
        #[inline(always)]
        fn and_not(self, other: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm256_andnot_si256(other.0, self.0) })
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
        fn equal(self, other: Self) -> __m256i {
            // SAFETY: instructions, see the module.
            unsafe { $eq(self.0, other.0) }
        }
        #[inline(always)]
        fn greater(self, other: Self) -> __m256i {
            // SAFETY: instructions, see the module.
            unsafe { $gt(self.0, other.0) }
        }
        #[inline(always)]
        fn keep(self, mask: __m256i) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm256_and_si256(self.0, mask) })
        }
        #[inline(always)]
        fn choose(mask: __m256i, yes: Self, no: Self) -> Self {
            // SAFETY: instructions, see the module.
            Self(unsafe { _mm256_blendv_epi8(no.0, yes.0, mask) })
        }
        #[inline(always)]
        fn any(mask: __m256i) -> bool {
            // SAFETY: instructions, see the module.
            unsafe { _mm256_testz_si256(mask, mask) == 0 }
        }
        #[inline(always)]
        fn transposition(found: Self, places: Self, rest: Self, missed: Self) -> (Self, Self) {
            let first = rest.and(Self::zero().sub(rest));
            let idle = found.equal(Self::zero());
            let miss = places.and(first).equal(Self::zero());
            // SAFETY: instructions, see the module.
            unsafe {
                let miss = Self(_mm256_andnot_si256(idle, miss));
                let gone = Self(_mm256_andnot_si256(idle, first.0));
                (rest.xor(gone), missed.sub(miss))
            }
        }
    };
}

/// For each byte of a lane, that byte of the places of each code below 64, in four tables for shuffles.
pub(super) struct BytePlanes([[[u8; 16]; 4]; 8]);

impl BytePlanes {
    #[inline(always)]
    fn new(pattern: &Pattern, bytes: usize) -> Option<Self> {
        if pattern.alphabet > 64 {
            return None;
        }
        let mut planes = [[[0; 16]; 4]; 8];
        for &code in &pattern.distinct[..pattern.distinct_len] {
            let (code, places) = (usize::from(code), pattern.places[usize::from(code)].to_le_bytes());
            for (plane, byte) in planes.iter_mut().zip(places).take(bytes) {
                plane[code / 16 % 4][code % 16] = byte;
            }
        }
        Some(Self(planes))
    }

    /// `out` gets as many planes as it has rows.
    #[inline(always)]
    fn look(&self, codes: &Row, out: &mut [Row]) {
        for at in [0, 32] {
            let codes = Bytes::load(codes, at);
            // SAFETY: instructions; memory: tables have 16 bytes. A shuffle gives 0 where bit 7 is set, which a
            // saturating addition sets for all codes but the 16 of the table.
            unsafe {
                let inside = |from: i8| {
                    _mm256_adds_epu8(_mm256_sub_epi8(codes.0, _mm256_set1_epi8(from)), _mm256_set1_epi8(0x70))
                };
                let indices = [inside(0), inside(16), inside(32), inside(48)];
                for (plane, out) in self.0.iter().zip(out.iter_mut()) {
                    let part = |table: usize| {
                        let table16 = _mm_loadu_si128(plane[table].as_ptr().cast());
                        _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table16), indices[table])
                    };
                    let (low, high) = (_mm256_or_si256(part(0), part(1)), _mm256_or_si256(part(2), part(3)));
                    Bytes(_mm256_or_si256(low, high)).store(out, at);
                }
            }
        }
    }
}

/// The methods of lanes of `$bytes` bytes that are woven from planes.
macro_rules! woven {
    ($bytes:tt) => {
        #[inline(always)]
        fn planes(pattern: &Pattern) -> Option<BytePlanes> {
            BytePlanes::new(pattern, $bytes)
        }
        #[inline(always)]
        fn look_planes(planes: &BytePlanes, codes: &Row, out: &mut [Row]) {
            planes.look(codes, out);
        }
        woven!(@weave $bytes);
    };
    (@weave 2) => {
        #[inline(always)]
        fn weave(planes: &[Row], at: usize) -> Self {
            let (low, high) = (&planes[0].0[at..at + 16], &planes[1].0[at..at + 16]);
            // SAFETY: instructions; memory: the slices were checked to hold the bytes read.
            unsafe {
                let (low, high) = (_mm_loadu_si128(low.as_ptr().cast()), _mm_loadu_si128(high.as_ptr().cast()));
                Self(_mm256_set_m128i(_mm_unpackhi_epi8(low, high), _mm_unpacklo_epi8(low, high)))
            }
        }
    };
    (@weave 4) => {
        #[inline(always)]
        fn weave(planes: &[Row], at: usize) -> Self {
            // SAFETY: instructions; memory: the slices were checked to hold the 8 bytes read.
            unsafe {
                let plane = |i: usize| _mm_loadl_epi64(planes[i].0[at..at + 8].as_ptr().cast());
                let low = _mm_unpacklo_epi8(plane(0), plane(1));
                let high = _mm_unpacklo_epi8(plane(2), plane(3));
                Self(_mm256_set_m128i(_mm_unpackhi_epi16(low, high), _mm_unpacklo_epi16(low, high)))
            }
        }
    };
}

/// Where the codes of a block stand in the pattern, for bytes.
#[derive(Clone, Copy)]
pub(super) enum ByteTable {
    /// All codes are below 32: two shuffles.
    Small(__m256i, __m256i),
    Search(Search<Bytes, 8>),
}

impl Lanes for Bytes {
    const N: usize = 32;
    const BITS: usize = 8;
    type Table<'a> = ByteTable;
    type Planes = ();

    lanes!(
        i8,
        _mm256_set1_epi8,
        _mm256_add_epi8,
        _mm256_sub_epi8,
        _mm256_min_epu8,
        _mm256_cmpeq_epi8,
        _mm256_cmpgt_epi8
    );

    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        // SAFETY: instructions; memory: the slice was checked to hold the bytes read.
        Self(unsafe { _mm256_loadu_si256(row.0[at..at + 32].as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        let part = &mut row.0[at..at + 32];
        // SAFETY: instructions; memory: the slice was checked to hold the bytes written.
        unsafe { _mm256_storeu_si256(part.as_mut_ptr().cast(), self.0) }
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
            ByteTable::Small(_mm256_broadcastsi128_si256(low), _mm256_broadcastsi128_si256(high))
        }
    }
    #[inline(always)]
    fn look(table: &ByteTable, codes: Self) -> Self {
        match table {
            // A shuffle gives 0 where bit 7 of the code is set: codes from 16 on in the first, below in the second.
            // SAFETY: instructions, see the module.
            ByteTable::Small(low, high) => unsafe {
                let below = _mm256_add_epi8(codes.0, _mm256_set1_epi8(0x70));
                let above = _mm256_sub_epi8(codes.0, _mm256_set1_epi8(0x10));
                Self(_mm256_or_si256(_mm256_shuffle_epi8(*low, below), _mm256_shuffle_epi8(*high, above)))
            },
            ByteTable::Search(search) => search.look(codes),
        }
    }
}

impl Lanes for Words {
    const N: usize = 16;
    const BITS: usize = 16;
    type Table<'a> = Search<Words, 16>;
    type Planes = BytePlanes;
    const WOVEN: bool = true;

    woven!(2);

    lanes!(
        i16,
        _mm256_set1_epi16,
        _mm256_add_epi16,
        _mm256_sub_epi16,
        _mm256_min_epu16,
        _mm256_cmpeq_epi16,
        _mm256_cmpgt_epi16
    );

    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        // SAFETY: instructions; memory: the slice was checked to hold the bytes read.
        Self(unsafe { _mm256_cvtepu8_epi16(_mm_loadu_si128(row.0[at..at + 16].as_ptr().cast())) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        let part = &mut row.0[at..at + 16];
        // SAFETY: instructions; memory: the slice was checked to hold the bytes written.
        unsafe {
            let low = _mm256_and_si256(self.0, _mm256_set1_epi16(0xFF));
            let packed = _mm_packus_epi16(_mm256_castsi256_si128(low), _mm256_extracti128_si256::<1>(low));
            _mm_storeu_si128(part.as_mut_ptr().cast(), packed);
        }
    }
    #[inline(always)]
    fn count_ones(self) -> Self {
        // SAFETY: instructions, see the module.
        Self(unsafe { _mm256_maddubs_epi16(byte_ones(self.0), _mm256_set1_epi8(1)) })
    }
    #[inline(always)]
    fn table(pattern: &Pattern) -> Search<Words, 16> {
        Search::new(pattern)
    }
    #[inline(always)]
    fn look(table: &Search<Words, 16>, codes: Self) -> Self {
        table.look(codes)
    }
}

impl Lanes for Doubles {
    const N: usize = 8;
    const BITS: usize = 32;
    type Table<'a> = &'a [u64; 256];
    type Planes = BytePlanes;
    const WOVEN: bool = true;

    woven!(4);

    lanes!(
        i32,
        _mm256_set1_epi32,
        _mm256_add_epi32,
        _mm256_sub_epi32,
        _mm256_min_epu32,
        _mm256_cmpeq_epi32,
        _mm256_cmpgt_epi32
    );

    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        // SAFETY: instructions; memory: the slice was checked to hold the 8 bytes read.
        Self(unsafe { _mm256_cvtepu8_epi32(_mm_loadl_epi64(row.0[at..at + 8].as_ptr().cast())) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        let mut lanes = [0u32; 8];
        // SAFETY: instructions; memory: eight lanes of four bytes.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), self.0) }
        row.0[at..at + 8].iter_mut().zip(lanes).for_each(|(to, from)| *to = from as u8);
    }
    #[inline(always)]
    fn count_ones(self) -> Self {
        // SAFETY: instructions, see the module.
        Self(unsafe {
            let pairs = _mm256_maddubs_epi16(byte_ones(self.0), _mm256_set1_epi8(1));
            _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
        })
    }
    #[inline(always)]
    fn table(pattern: &Pattern) -> &[u64; 256] {
        &pattern.places
    }
    #[inline(always)]
    fn look(table: &&[u64; 256], codes: Self) -> Self {
        // SAFETY: instructions; memory: a lane is a code below 256, the table has 256 entries, and the low half
        // of each, first in memory, is what is read.
        Self(unsafe { _mm256_i32gather_epi32::<8>(table.as_ptr().cast(), codes.0) })
    }
}

/// The lesser of 64-bit lanes below 2^63. To be called where AVX2 is there.
#[inline(always)]
unsafe fn min_quads(a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: instructions, see the module.
    unsafe { _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi64(a, b)) }
}

impl Lanes for Quads {
    const N: usize = 4;
    const BITS: usize = 64;
    type Table<'a> = &'a [u64; 256];
    type Planes = ();

    lanes!(
        i64,
        _mm256_set1_epi64x,
        _mm256_add_epi64,
        _mm256_sub_epi64,
        min_quads,
        _mm256_cmpeq_epi64,
        _mm256_cmpgt_epi64
    );

    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&row.0[at..at + 4]);
        // SAFETY: instructions, see the module.
        Self(unsafe { _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(i32::from_le_bytes(bytes))) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        let mut lanes = [0u64; 4];
        // SAFETY: instructions; memory: four lanes of eight bytes.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), self.0) }
        row.0[at..at + 4].iter_mut().zip(lanes).for_each(|(to, from)| *to = from as u8);
    }
    #[inline(always)]
    fn count_ones(self) -> Self {
        // SAFETY: instructions, see the module.
        Self(unsafe { _mm256_sad_epu8(byte_ones(self.0), _mm256_setzero_si256()) })
    }
    #[inline(always)]
    fn table(pattern: &Pattern) -> &[u64; 256] {
        &pattern.places
    }
    #[inline(always)]
    fn look(table: &&[u64; 256], codes: Self) -> Self {
        // SAFETY: instructions; memory: a lane is a code below 256, the table has 256 entries of 8 bytes.
        Self(unsafe { _mm256_i64gather_epi64::<8>(table.as_ptr().cast(), codes.0) })
    }
}
