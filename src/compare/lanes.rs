//! The words of the rows of many pairs, turned into columns, and what is told of all these pairs at once.

use super::digest::{Apart, LETTERS, Limit, PREFIX, common_prefix, length};
use crate::ahead::Aligned;
use std::iter::zip;

/// Words that are turned together, and rows.
const FOUR: usize = 4;

/// Of each word, what it is in the first and in the second row of each of at most `N` pairs. Beyond the last pair there
/// is anything.
#[derive(Debug, Clone, Default)]
pub(super) struct Lanes<const N: usize>(Vec<Aligned<[[u32; N]; 2]>>);

impl<const N: usize> Lanes<N> {
    /// The words of these pairs of rows, which are at some places, `width` of them, a multiple of four.
    pub(super) fn deal<'w>(
        &mut self,
        words: impl Fn(usize) -> &'w [u32],
        width: usize,
        pairs: &[(usize, usize)],
    ) {
        self.0.resize(width, Aligned([[0; N]; 2]));
        let row = |at: usize| words(at).as_chunks::<FOUR>().0;
        for (from, some) in (0..N).step_by(FOUR).zip(pairs.chunks(FOUR)) {
            if let [p, q, r, s] = *some {
                self.turn(0, from, [row(p.0), row(q.0), row(r.0), row(s.0)]);
                self.turn(1, from, [row(p.1), row(q.1), row(r.1), row(s.1)]);
                continue;
            }
            for (at, &(a, b)) in (from..N).zip(some) {
                for (Aligned(lanes), (x, y)) in self.0.iter_mut().zip(zip(words(a), words(b))) {
                    (lanes[0][at], lanes[1][at]) = (*x, *y);
                }
            }
        }
    }

    #[inline]
    fn turn(&mut self, side: usize, from: usize, rows: [&[[u32; FOUR]]; FOUR]) {
        let [a, b, c, d] = rows;
        let rows = zip(zip(a, b), zip(c, d));
        for (lanes, ((a, b), (c, d))) in self.0.as_chunks_mut::<FOUR>().0.iter_mut().zip(rows) {
            for (Aligned(lanes), column) in zip(lanes, turned([a, b, c, d])) {
                if let Some(to) = lanes[side][from..].first_chunk_mut::<FOUR>() {
                    *to = column;
                }
            }
        }
    }
}

/// Rows as columns.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[allow(unsafe_code)]
fn turned(rows: [&[u32; FOUR]; FOUR]) -> [[u32; FOUR]; FOUR] {
    use std::{arch::x86_64::*, mem::transmute};
    // SAFETY: four words are a vector, of which all values mean something; all processors of this kind have SSE2.
    unsafe {
        let [a, b, c, d] = rows.map(|row| transmute::<[u32; FOUR], __m128i>(*row));
        let low = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
        let high = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
        let both = |(x, y)| [_mm_unpacklo_epi64(x, y), _mm_unpackhi_epi64(x, y)];
        let ([p, q], [r, s]) = (both(low), both(high));
        [p, q, r, s].map(|column| transmute::<__m128i, [u32; FOUR]>(column))
    }
}

#[cfg(not(target_arch = "x86_64"))]
use plainly_turned as turned;

/// [`turned`] without instructions of its own.
#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline(always)]
fn plainly_turned(rows: [&[u32; FOUR]; FOUR]) -> [[u32; FOUR]; FOUR] {
    std::array::from_fn(|word| rows.map(|row| row[word]))
}

/// The words of both rows of `N` pairs.
pub(super) trait Words<const N: usize> {
    /// A word of the first rows and of the second.
    fn of(&self, word: usize) -> (&[u32; N], &[u32; N]);
}

impl<const N: usize> Words<N> for Lanes<N> {
    #[inline(always)]
    fn of(&self, word: usize) -> (&[u32; N], &[u32; N]) {
        let Aligned([a, b]) = &self.0[word];
        (a, b)
    }
}

/// One pair, as the words of its rows stand.
impl Words<1> for (&[u32], &[u32]) {
    #[inline(always)]
    fn of(&self, word: usize) -> (&[u32; 1], &[u32; 1]) {
        (std::array::from_ref(&self.0[word]), std::array::from_ref(&self.1[word]))
    }
}

/// What is told of two rows. Each is false where a value is missing.
#[derive(Debug)]
pub(super) enum Fact {
    /// Equal words: values or codes.
    Equal(usize),
    /// The limits that two texts may pass: a bit each.
    Text(Text, Vec<Limit>),
    /// The same, of one text and the other row's other text, both ways.
    Crossed(Text, Text, Limit),
    /// A text of one character.
    Initial(Text),
    /// Sets, as bits, that meet.
    Meet(usize),
    /// Days, one more than their number, at most so far apart.
    Days(usize, u32),
    /// Each row's own word is the symbol of the other row's other column.
    Swapped(usize, usize),
}

/// The words of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    /// [`Digest::letters`](super::digest::Digest::letters)
    pub(super) letters: usize,
    /// [`Digest::digits`](super::digest::Digest::digits), where any text has such.
    pub(super) digits: Option<usize>,
    /// The first characters, where these are there.
    pub(super) prefix: Option<usize>,
}

impl Fact {
    /// Sets the bits of the fact, from a place on, of those pairs of which it is so. Loops over lanes without branches: answers
    /// are as good as random.
    #[inline(always)]
    pub(super) fn find<const N: usize>(&self, lanes: &impl Words<N>, place: u32, found: &mut [u32; N]) {
        match *self {
            Fact::Equal(word) => {
                let (x, y) = lanes.of(word);
                for at in 0..N {
                    found[at] |= u32::from((x[at] == y[at]) & (x[at] != 0)) << place;
                }
            }
            Fact::Text(text, ref limits) => {
                let told = Told::of(lanes, (text, 0), (text, 1));
                for (place, &limit) in (place..).zip(limits) {
                    told.may(limit, place, found);
                }
            }
            Fact::Crossed(mine, theirs, limit) => {
                let (mut here, mut there) = (Aligned([0; N]), Aligned([0; N]));
                Told::of(lanes, (mine, 0), (theirs, 1)).may(limit, place, &mut here.0);
                Told::of(lanes, (mine, 1), (theirs, 0)).may(limit, place, &mut there.0);
                for (found, (here, there)) in zip(found, zip(here.0, there.0)) {
                    *found |= here & there;
                }
            }
            Fact::Initial(text) => {
                let (x, y) = lanes.of(text.letters);
                for at in 0..N {
                    found[at] |= u32::from(length(x[at]).min(length(y[at])) == 1) << place;
                }
            }
            Fact::Meet(word) => {
                let (x, y) = lanes.of(word);
                for at in 0..N {
                    found[at] |= u32::from(x[at] & y[at] != 0) << place;
                }
            }
            Fact::Days(word, most) => {
                let (x, y) = lanes.of(word);
                for at in 0..N {
                    let near = x[at].abs_diff(y[at]) <= most;
                    found[at] |= u32::from((x[at] != 0) & (y[at] != 0) & near) << place;
                }
            }
            Fact::Swapped(mapped, other) => {
                let ((mine, theirs), (x, y)) = (lanes.of(mapped), lanes.of(other));
                for at in 0..N {
                    let both = (mine[at] == y[at]) & (theirs[at] == x[at]);
                    found[at] |= u32::from((x[at] != 0) & (y[at] != 0) & both) << place;
                }
            }
        }
    }
}

/// What is told of two texts of each pair, one of either row.
struct Told<'a, const N: usize> {
    a: &'a [u32; N],
    b: &'a [u32; N],
    apart: Aligned<[u32; N]>,
    prefix: Aligned<[u32; N]>,
}

impl<'a, const N: usize> Told<'a, N> {
    /// Of a text of one of the rows and one of the other.
    #[inline(always)]
    fn of(lanes: &'a impl Words<N>, mine: (Text, usize), theirs: (Text, usize)) -> Self {
        let side = |word: usize, side: usize| {
            let (a, b) = lanes.of(word);
            if side == 0 { a } else { b }
        };
        let (a, b) = (side(mine.0.letters, mine.1), side(theirs.0.letters, theirs.1));
        let (mut apart, mut prefix) = (Aligned([0; N]), Aligned([PREFIX as u32; N]));
        for at in 0..N {
            apart.0[at] = ((a[at] ^ b[at]) & LETTERS).count_ones();
        }
        let no_digits = &[0; N];
        if mine.0.digits.is_some() || theirs.0.digits.is_some() {
            let x = mine.0.digits.map_or(no_digits, |word| side(word, mine.1));
            let y = theirs.0.digits.map_or(no_digits, |word| side(word, theirs.1));
            for at in 0..N {
                apart.0[at] += (x[at] ^ y[at]).count_ones();
            }
        }
        if let (Some(x), Some(y)) = (mine.0.prefix, theirs.0.prefix) {
            let (x, y) = (side(x, mine.1), side(y, theirs.1));
            for at in 0..N {
                prefix.0[at] = common_prefix(x[at], y[at]);
            }
        }
        Told { a, b, apart, prefix }
    }

    #[inline(always)]
    fn at(&self, at: usize) -> Apart {
        Apart { a: self.a[at], b: self.b[at], apart: self.apart.0[at], prefix: self.prefix.0[at] }
    }

    /// Sets the bit of a limit of those pairs of which it may hold.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // All loops over lanes look alike.
    fn may(&self, limit: Limit, place: u32, found: &mut [u32; N]) {
        match limit {
            Limit::Edits(most) => {
                for at in 0..N {
                    found[at] |= u32::from(self.at(at).edits(most)) << place;
                }
            }
            Limit::EditShare(share) => {
                for at in 0..N {
                    found[at] |= u32::from(self.at(at).edit_share(share)) << place;
                }
            }
            Limit::Alike(least, each) => {
                for at in 0..N {
                    found[at] |= u32::from(self.at(at).alike(least, each)) << place;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_are_turned(rows: [[u32; FOUR]; FOUR]) {
            prop_assert_eq!(turned(rows.each_ref()), plainly_turned(rows.each_ref()));
        }

        #[test]
        fn words_are_those_of_the_rows(
            words in prop::collection::vec(any::<u32>(), 60),
            pairs in prop::collection::vec((0usize..52, 0usize..52), 0..9),
        ) {
            let mut lanes = Lanes::<8>::default();
            lanes.deal(|at| &words[at..][..8], 8, &pairs);
            for (at, &(a, b)) in pairs.iter().enumerate().take(8) {
                for word in 0..8 {
                    prop_assert_eq!((lanes.of(word).0[at], lanes.of(word).1[at]), (words[a + word], words[b + word]));
                }
            }
        }
    }
}
