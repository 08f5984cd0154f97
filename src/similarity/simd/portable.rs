//! [`Lanes`] on arrays of 16 bytes, in safe Rust that compilers turn into vectors on any processor.

use super::lanes::{Lanes, Row, Search};
use super::pattern::Pattern;

#[derive(Clone, Copy)]
pub(super) struct Wide<T, const N: usize>([T; N]);

macro_rules! portable {
    ($name:ident, $t:ty, $n:literal, $search:ident) => {
        pub(super) type $name = Wide<$t, $n>;

        impl Lanes for $name {
            const N: usize = $n;
            const BITS: usize = <$t>::BITS as usize;
            type Mask = Self;
            type Table<'a> = portable!(@table $search $name, 'a);
            type Planes = ();

            #[inline(always)]
            fn splat(value: u64) -> Self {
                Self([value as $t; $n])
            }
            #[inline(always)]
            fn tile(bits: u64) -> Self {
                portable!(@each i, $n, (bits >> (i * <$t>::BITS as usize % 64)) as $t)
            }
            #[inline(always)]
            fn load(row: &Row, at: usize) -> Self {
                portable!(@each i, $n, <$t>::from(row.0[at + i]))
            }
            #[inline(always)]
            fn store(self, row: &mut Row, at: usize) {
                row.0[at..at + $n].iter_mut().zip(self.0).for_each(|(to, from)| *to = from as u8);
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                portable!(@each i, $n, self.0[i] & other.0[i])
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                portable!(@each i, $n, self.0[i] | other.0[i])
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                portable!(@each i, $n, self.0[i] ^ other.0[i])
            }
            #[inline(always)]
            fn and_not(self, other: Self) -> Self {
                portable!(@each i, $n, self.0[i] & !other.0[i])
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                portable!(@each i, $n, self.0[i].wrapping_add(other.0[i]))
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                portable!(@each i, $n, self.0[i].wrapping_sub(other.0[i]))
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                portable!(@each i, $n, self.0[i].min(other.0[i]))
            }
            #[inline(always)]
            fn count_ones(self) -> Self {
                portable!(@each i, $n, self.0[i].count_ones() as $t)
            }
            #[inline(always)]
            fn equal(self, other: Self) -> Self {
                portable!(@each i, $n, if self.0[i] == other.0[i] { <$t>::MAX } else { 0 })
            }
            #[inline(always)]
            fn greater(self, other: Self) -> Self {
                portable!(@each i, $n, if self.0[i] > other.0[i] { <$t>::MAX } else { 0 })
            }
            #[inline(always)]
            fn keep(self, mask: Self) -> Self {
                self.and(mask)
            }
            #[inline(always)]
            fn any(mask: Self) -> bool {
                mask.0.iter().fold(0, |all, lane| all | lane) != 0
            }
            #[inline(always)]
            fn table(pattern: &Pattern) -> Self::Table<'_> {
                portable!(@new $search pattern)
            }
            #[inline(always)]
            fn look(table: &Self::Table<'_>, codes: Self) -> Self {
                portable!(@look $search table, codes, $t)
            }
        }
    };
    // A loop where it stands: whether a closure is compiled into it is left to chance.
    (@each $i:ident, $n:literal, $value:expr) => {{
        let mut lanes = [0; $n];
        let mut $i = 0;
        while $i < $n {
            lanes[$i] = $value;
            $i += 1;
        }
        Wide(lanes)
    }};
    (@table search $name:ident, $a:lifetime) => { Search<$name, { <$name as Lanes>::BITS }> };
    (@new search $pattern:ident) => { Search::new($pattern) };
    (@look search $table:ident, $codes:ident, $t:ty) => { $table.look($codes) };
    (@table dense $name:ident, $a:lifetime) => { &$a [u64; 256] };
    (@new dense $pattern:ident) => { &$pattern.places };
    (@look dense $table:ident, $codes:ident, $t:ty) => {
        Wide($codes.0.map(|code| $table[usize::from(code as u8)] as $t))
    };
}

portable!(Bytes, u8, 16, search);
portable!(Words, u16, 8, search);
portable!(Doubles, u32, 4, dense);
portable!(Quads, u64, 2, dense);
