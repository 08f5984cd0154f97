//! The operations that the batch kernels are written in: one lane holds one pair of strings.

use super::super::ratio::{jaro_short, jaro_small, winkler};
use super::pattern::Pattern;

/// Strings side by side in one group.
pub(in super::super) const GROUP: usize = 64;

/// One byte for each string of a group: a code, a length or a count.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(in super::super) struct Row(pub(in super::super) [u8; GROUP]);

impl Row {
    pub(in super::super) const fn splat(byte: u8) -> Self {
        Self([byte; GROUP])
    }
}

/// A vector of equal unsigned lanes. All arithmetic wraps within a lane.
///
/// Masks are opaque: what a comparison gives and [`Lanes::keep`] takes.
pub(super) trait Lanes: Copy {
    /// Lanes in the vector; a divisor of [`GROUP`].
    const N: usize;
    /// Bits in a lane.
    const BITS: usize;
    type Mask: Copy;
    /// A pattern laid out for [`Lanes::look`].
    type Table<'a>: Copy;
    /// Whether places are worked out for whole rows, a byte of each lane at a time, and then woven into lanes.
    const WOVEN: bool = false;
    /// A pattern laid out for [`Lanes::look_planes`].
    type Planes;

    fn splat(value: u64) -> Self;
    /// The same 64 bits over and over, whatever the lane width.
    fn tile(bits: u64) -> Self;
    /// The bytes `at..at + N` of the row, each widened to a lane.
    fn load(row: &Row, at: usize) -> Self;
    /// The low byte of each lane, to `at..at + N` of the row.
    fn store(self, row: &mut Row, at: usize);

    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// `self & !other`.
    fn and_not(self, other: Self) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    /// The lesser of each lane; only for values below 128.
    fn min(self, other: Self) -> Self;
    fn count_ones(self) -> Self;

    fn equal(self, other: Self) -> Self::Mask;
    /// Whether the lane is greater than the other's; only for values below 128.
    fn greater(self, other: Self) -> Self::Mask;
    /// The lanes named by the mask; the others 0.
    fn keep(self, mask: Self::Mask) -> Self;
    fn any(mask: Self::Mask) -> bool;
    /// `bit` added to the lanes named by the mask.
    #[inline(always)]
    fn add_where(self, mask: Self::Mask, bit: Self) -> Self {
        self.add(bit.keep(mask))
    }

    fn table(pattern: &Pattern) -> Self::Table<'_>;
    /// For each lane, where its code stands in the pattern (bit i for position i).
    fn look(table: &Self::Table<'_>, codes: Self) -> Self;

    /// The pattern for [`Lanes::look_planes`], where that is faster.
    #[inline(always)]
    fn planes(_: &Pattern) -> Option<Self::Planes> {
        None
    }
    /// For each code of a row where it stands in the pattern: bits 0 to 7 to the first row of `out`, and so on for as
    /// many as a lane has bytes.
    #[inline(always)]
    fn look_planes(_: &Self::Planes, _: &Row, _: &mut [Row]) {}
    /// Lanes of which each row gives a byte, the lowest first; the other way of [`Lanes::look_planes`].
    #[inline(always)]
    fn weave(planes: &[Row], at: usize) -> Self {
        let mut lanes = Self::zero();
        for plane in planes.iter().rev() {
            for _ in 0..8 {
                lanes = lanes.double();
            }
            lanes = lanes.or(Self::load(plane, at));
        }
        lanes
    }

    #[inline(always)]
    fn zero() -> Self {
        Self::splat(0)
    }

    #[inline(always)]
    fn double(self) -> Self {
        self.add(self)
    }

    /// `yes` where the mask is set, `no` elsewhere.
    #[inline(always)]
    fn choose(mask: Self::Mask, yes: Self, no: Self) -> Self {
        no.xor(yes.xor(no).keep(mask))
    }

    /// One step of counting characters out of order. Where `found` is not 0 a character of the second text was
    /// matched: `rest` loses its lowest bit, and `missed` gains 1 unless `places` has that bit.
    #[inline(always)]
    fn transposition(found: Self, places: Self, rest: Self, missed: Self) -> (Self, Self) {
        let first = rest.and(Self::zero().sub(rest));
        let idle = found.equal(Self::zero());
        let miss = places.and(first).equal(Self::zero());
        let one = Self::splat(1);
        let missed = missed.add(one.keep(miss)).sub(one.keep(idle).keep(miss));
        (rest.xor(first.sub(first.keep(idle))), missed)
    }

    /// Jaro or Jaro-Winkler from the counts of a group. With `small` no first text is longer than
    /// [`SMALL_A`](super::super::ratio::SMALL_A), and no second one than `SMALL_B`.
    #[inline(always)]
    fn score<const WINKLER: bool>(counts: &Counts, small: bool, out: &mut [f64; GROUP]) {
        for (lane, slot) in out.iter_mut().enumerate() {
            let a_len = usize::from(counts.a_len.0[lane]);
            let b_len = usize::from(counts.b_len.0[lane]);
            let matches = usize::from(counts.matches.0[lane]);
            let transposed = usize::from(counts.missed.0[lane] / 2);
            let jaro = if small {
                jaro_small(a_len, b_len, matches, transposed)
            } else {
                jaro_short(a_len, b_len, matches, transposed)
            };
            *slot = if WINKLER { winkler(jaro, usize::from(counts.prefix.0[lane])) } else { jaro };
        }
    }
}

/// A pattern's codes and places, each spread over a vector, to be found by comparing with every one.
#[derive(Clone, Copy)]
pub(super) struct Search<V, const MOST: usize> {
    pairs: [(V, V); MOST],
    used: usize,
}

impl<V: Lanes, const MOST: usize> Search<V, MOST> {
    /// Patterns of up to `MOST` distinct codes; a lane of `MOST` bits cannot hold more.
    #[inline(always)]
    pub(super) fn new(pattern: &Pattern) -> Self {
        let mut pairs = [(V::zero(), V::zero()); MOST];
        let used = pattern.distinct_len.min(MOST);
        for (slot, &code) in pairs.iter_mut().zip(&pattern.distinct[..used]) {
            *slot = (V::splat(u64::from(code)), V::splat(pattern.places[usize::from(code)]));
        }
        Self { pairs, used }
    }

    #[inline(always)]
    pub(super) fn look(&self, codes: V) -> V {
        let mut found = V::zero();
        for &(code, places) in &self.pairs[..self.used] {
            found = found.or(places.keep(codes.equal(code)));
        }
        found
    }
}

/// What Jaro counts, for each string of a group.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) a_len: Row,
    pub(super) b_len: Row,
    pub(super) matches: Row,
    /// Matched characters out of order, not yet halved.
    pub(super) missed: Row,
    pub(super) prefix: Row,
}

impl Counts {
    pub(super) const EMPTY: Self = Self {
        a_len: Row::splat(0),
        b_len: Row::splat(0),
        matches: Row::splat(0),
        missed: Row::splat(0),
        prefix: Row::splat(0),
    };
}
