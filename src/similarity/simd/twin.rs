//! Two vectors as one: a step of a kernel waits for the step before it, so that two chains of steps side by side take
//! little longer than one.

use super::lanes::{Lanes, Row};
use super::pattern::Pattern;

/// The lanes of two vectors, those of the first before those of the second.
#[derive(Clone, Copy)]
pub(super) struct Twin<V>(V, V);

macro_rules! both {
    ($($name:ident($($other:ident: $t:ty),*);)*) => {
        $(
            #[inline(always)]
            fn $name(self, $($other: $t),*) -> Self {
                Self(self.0.$name($($other.0),*), self.1.$name($($other.1),*))
            }
        )*
    };
}

impl<V: Lanes> Lanes for Twin<V> {
    const N: usize = 2 * V::N;
    const BITS: usize = V::BITS;
    const WOVEN: bool = V::WOVEN;
    type Mask = (V::Mask, V::Mask);
    type Table<'a> = V::Table<'a>;
    type Planes = V::Planes;

    both! {
        and(other: Self);
        or(other: Self);
        xor(other: Self);
        and_not(other: Self);
        add(other: Self);
        sub(other: Self);
        min(other: Self);
        count_ones();
    }

    #[inline(always)]
    fn splat(value: u64) -> Self {
        Self(V::splat(value), V::splat(value))
    }
    #[inline(always)]
    fn tile(bits: u64) -> Self {
        Self(V::tile(bits), V::tile(bits))
    }
    #[inline(always)]
    fn load(row: &Row, at: usize) -> Self {
        Self(V::load(row, at), V::load(row, at + V::N))
    }
    #[inline(always)]
    fn store(self, row: &mut Row, at: usize) {
        self.0.store(row, at);
        self.1.store(row, at + V::N);
    }
    #[inline(always)]
    fn equal(self, other: Self) -> Self::Mask {
        (self.0.equal(other.0), self.1.equal(other.1))
    }
    #[inline(always)]
    fn greater(self, other: Self) -> Self::Mask {
        (self.0.greater(other.0), self.1.greater(other.1))
    }
    #[inline(always)]
    fn keep(self, mask: Self::Mask) -> Self {
        Self(self.0.keep(mask.0), self.1.keep(mask.1))
    }
    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        V::any(mask.0) || V::any(mask.1)
    }
    #[inline(always)]
    fn add_where(self, mask: Self::Mask, bit: Self) -> Self {
        Self(self.0.add_where(mask.0, bit.0), self.1.add_where(mask.1, bit.1))
    }
    #[inline(always)]
    fn choose(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(V::choose(mask.0, yes.0, no.0), V::choose(mask.1, yes.1, no.1))
    }
    #[inline(always)]
    fn transposition(found: Self, places: Self, rest: Self, missed: Self) -> (Self, Self) {
        let (rest_0, missed_0) = V::transposition(found.0, places.0, rest.0, missed.0);
        let (rest_1, missed_1) = V::transposition(found.1, places.1, rest.1, missed.1);
        (Self(rest_0, rest_1), Self(missed_0, missed_1))
    }
    #[inline(always)]
    fn table(pattern: &Pattern) -> Self::Table<'_> {
        V::table(pattern)
    }
    #[inline(always)]
    fn look(table: &Self::Table<'_>, codes: Self) -> Self {
        Self(V::look(table, codes.0), V::look(table, codes.1))
    }
    #[inline(always)]
    fn planes(pattern: &Pattern) -> Option<Self::Planes> {
        V::planes(pattern)
    }
    #[inline(always)]
    fn look_planes(planes: &Self::Planes, codes: &Row, out: &mut [Row]) {
        V::look_planes(planes, codes, out);
    }
    #[inline(always)]
    fn weave(planes: &[Row], at: usize) -> Self {
        Self(V::weave(planes, at), V::weave(planes, at + V::N))
    }
}
