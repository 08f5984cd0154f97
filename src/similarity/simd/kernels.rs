//! The bit-parallel comparators on vectors of strings, written once for every instruction set.
//!
//! A lane holds the positions of its first text as bits, and the characters of its second text are met one a
//! step. Sources: the Jaro step follows from its definition (the lowest free equal position inside the window);
//! Levenshtein is Hyyrö's 2003 form of Myers' 1999 algorithm; optimal string alignment is Hyyrö's extension of
//! it; the longest common subsequence is Hyyrö's 2004 form of Allison and Dix; Damerau-Levenshtein is Zhao and
//! Sahni's 2019 linear-space recurrence, with one lane a pair.

use super::lanes::{Lanes, Row};

// The sources below are traits with methods, where closures would read better, because only a method can be told
// to be inlined always, and instructions are only generated inside the function that enables them.

/// Where the characters of the second texts stand in the first ones.
pub(super) trait Places<V> {
    /// The positions of the character at j.
    fn at(&self, j: usize) -> V;
}

/// Places that were worked out for whole rows: for each character as many rows as a lane has bytes.
pub(super) struct Woven<'a> {
    pub(super) rows: &'a [Row],
    pub(super) at: usize,
}

impl<V: Lanes> Places<V> for Woven<'_> {
    #[inline(always)]
    fn at(&self, j: usize) -> V {
        let bytes = V::BITS / 8;
        V::weave(&self.rows[j * bytes..(j + 1) * bytes], self.at)
    }
}

/// Which positions of the first texts a character of the second may match.
pub(super) trait Window<V> {
    /// The positions for step j, to be asked for each step in turn.
    fn step(&mut self, j: usize) -> V;
}

/// Windows of lanes that all have the same lengths: a word for each step.
pub(super) struct Tiled<'a>(pub(super) &'a [u64]);

impl<V: Lanes> Window<V> for Tiled<'_> {
    #[inline(always)]
    fn step(&mut self, j: usize) -> V {
        V::tile(self.0[j])
    }
}

/// Room for one value a step, `COLS` being at least the longest second text.
pub(super) struct Steps<V, const COLS: usize> {
    places: [V; COLS],
    found: [V; COLS],
}

impl<V: Lanes, const COLS: usize> Steps<V, COLS> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self { places: [V::zero(); COLS], found: [V::zero(); COLS] }
    }
}

/// `(1 << count) - 1` in a word.
#[inline(always)]
pub(super) fn ones(count: usize) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

/// The low `width` bits of a word, over and over.
#[inline(always)]
pub(super) fn tiled(bits: u64, width: usize) -> u64 {
    match width {
        8 => (bits & 0xFF) * 0x0101_0101_0101_0101,
        16 => (bits & 0xFFFF) * 0x0001_0001_0001_0001,
        32 => (bits & 0xFFFF_FFFF) * 0x0000_0001_0000_0001,
        _ => bits,
    }
}

/// How far apart two equal characters may stand for Jaro.
#[inline(always)]
pub(super) fn reach(a_len: u8, b_len: u8) -> u8 {
    (a_len.max(b_len) / 2).saturating_sub(1)
}

/// In each lane as many low ones as the lane of `counts` says, of which none is above `most`.
#[inline(always)]
pub(super) fn ones_of<V: Lanes>(counts: V, most: usize) -> V {
    let mut bits = V::zero();
    for i in 0..most.min(V::BITS) {
        bits = bits.add_where(counts.greater(V::splat(i as u64)), V::splat(1 << i));
    }
    bits
}

/// Matches and characters out of order, not halved; 0 and 0 where no lane has `least` matches. `full` are the
/// positions of the first texts.
#[inline(always)]
pub(super) fn jaro<V: Lanes, const COLS: usize>(
    cols: usize,
    full: V,
    steps: &mut Steps<V, COLS>,
    places: &impl Places<V>,
    mut window: impl Window<V>,
    least: u8,
) -> (V, V) {
    let cols = cols.min(COLS);
    let past = V::tile(u64::MAX).and_not(full);
    let mut taken = past;
    for j in 0..cols {
        let at = places.at(j);
        let free = at.and(window.step(j)).and_not(taken);
        let lowest = free.and(V::zero().sub(free));
        taken = taken.or(lowest);
        steps.places[j] = at;
        steps.found[j] = lowest;
    }
    let taken = taken.and_not(past);
    let matches = taken.count_ones();
    if least > 0 && !V::any(matches.greater(V::splat(u64::from(least) - 1))) {
        return (V::zero(), V::zero());
    }
    let (mut rest, mut missed) = (taken, V::zero());
    for j in 0..cols {
        (rest, missed) = V::transposition(steps.found[j], steps.places[j], rest, missed);
    }
    (matches, missed)
}

/// Windows of lanes whose reach differs: starts with positions 0 to reach, and moves up by one each step, its
/// lower end staying until it has left the start.
#[derive(Clone, Copy)]
pub(super) struct Windows<V> {
    now: V,
    reach: V,
}

impl<V: Lanes> Windows<V> {
    #[inline(always)]
    pub(super) fn new(reach: V, most: usize) -> Self {
        let now = ones_of(reach.add(V::splat(1)), most + 1);
        Self { now, reach }
    }
}

impl<V: Lanes> Window<V> for Windows<V> {
    #[inline(always)]
    fn step(&mut self, j: usize) -> V {
        let now = self.now;
        let grows = self.reach.greater(V::splat(j as u64));
        self.now = now.double().add_where(grows, V::splat(1));
        now
    }
}

/// The metrics of [`edit`].
pub(super) const LEVENSHTEIN: u8 = 0;
pub(super) const OSA: u8 = 1;
pub(super) const LCS: u8 = 2;

/// The distance, or for [`LCS`] the length of the common subsequence. `full` are the positions of the first
/// texts; no second text is shorter than `shortest` or longer than `cols`.
#[inline(always)]
pub(super) fn edit<V: Lanes, const METRIC: u8>(
    cols: usize,
    shortest: usize,
    full: V,
    b_lens: V,
    places: &impl Places<V>,
) -> V {
    let all = V::tile(u64::MAX);
    if METRIC == LCS {
        let mut open = all;
        for j in 0..cols {
            let mut hit = open.and(places.at(j));
            if j >= shortest {
                hit = hit.keep(b_lens.greater(V::splat(j as u64)));
            }
            open = open.add(hit).or(open.sub(hit));
        }
        return full.and_not(open).count_ones();
    }
    let one = V::splat(1);
    let (mut plus, mut minus) = (all, V::zero());
    let (mut diagonal, mut before) = (all, V::zero());
    for j in 0..cols {
        let at = places.at(j);
        let x = at.or(minus);
        let mut zero = x.and(plus).add(plus).xor(plus).or(x);
        if METRIC == OSA {
            zero = zero.or(at.and_not(diagonal).double().and(before));
            diagonal = zero;
            before = at;
        }
        let up = minus.or(all.and_not(zero.or(plus)));
        let down = plus.and(zero).double();
        let up = up.double().or(one);
        let next_plus = down.or(all.and_not(zero.or(up)));
        let next_minus = up.and(zero);
        if j < shortest {
            (plus, minus) = (next_plus, next_minus);
        } else {
            let alive = b_lens.greater(V::splat(j as u64));
            (plus, minus) = (V::choose(alive, next_plus, plus), V::choose(alive, next_minus, minus));
        }
    }
    b_lens.add(full.and(plus).count_ones()).sub(full.and(minus).count_ones())
}

/// Greater than every distance of texts of up to 64, and small enough that sums with lengths stay below 256.
const FAR: u64 = 100;

/// The rows of the Damerau-Levenshtein recurrence, one byte a pair.
pub(super) struct Damerau<V, const COLS: usize> {
    /// Row i (first text) as it is filled, on top of row i - 2; index 0 is column 0.
    row: [V; COLS],
    above: [V; COLS],
    /// Where the column's character was last met: the distance before it.
    before: [V; COLS],
    /// The last row that has the column's character.
    last: [V; COLS],
}

impl<V: Lanes, const COLS: usize> Damerau<V, COLS> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        let (far, none) = (V::splat(FAR), V::splat(u64::MAX));
        Self {
            row: std::array::from_fn(|j| V::splat(j as u64)),
            above: [far; COLS],
            before: [far; COLS],
            last: [none; COLS],
        }
    }

    /// Fills row i (from 1) for the first texts' characters `code` and the second texts' `rows` from `at` on.
    #[inline(always)]
    pub(super) fn fill(&mut self, i: usize, code: V, rows: &[Row], at: usize) {
        let (one, far, this_row) = (V::splat(1), V::splat(FAR), V::splat(i as u64));
        std::mem::swap(&mut self.row, &mut self.above);
        let mut column = V::splat(u64::MAX);
        let mut corner = self.row[0];
        let mut open = far;
        let mut left = this_row;
        self.row[0] = this_row;
        for (j, row) in (1..COLS).zip(rows) {
            let here = V::splat(j as u64);
            let same = V::load(row, at).equal(code);
            let diagonal = self.above[j - 1].add(one.sub(one.keep(same)));
            let mut least = diagonal.min(left.add(one)).min(self.above[j].add(one));
            // A transposition whose characters are adjacent in one of the two texts; of equal ones `open` and
            // `before` make it no better than the diagonal, so they need no test.
            let in_first = self.before[j].add(this_row.sub(self.last[j]));
            let adjacent = column.add(one).equal(here);
            let in_second = open.add(here.sub(column));
            let near = self.last[j].add(one).equal(this_row);
            let swapped = V::choose(adjacent, in_first, V::choose(near, in_second, far));
            least = least.min(V::choose(same, far, swapped));
            let earlier = if j >= 2 { self.above[j - 2] } else { far };
            self.before[j] = V::choose(same, earlier, self.before[j]);
            self.last[j] = V::choose(same, this_row, self.last[j]);
            open = V::choose(same, corner, open);
            column = V::choose(same, here, column);
            corner = self.row[j];
            self.row[j] = least;
            left = least;
        }
    }

    /// The row filled last, at the column that each lane's second text ends in, where `taken` is set.
    #[inline(always)]
    pub(super) fn at_ends(&self, b_lens: V, columns: std::ops::RangeInclusive<usize>, old: V) -> V {
        let mut value = old;
        for j in columns {
            value = V::choose(b_lens.equal(V::splat(j as u64)), self.row[j.min(COLS - 1)], value);
        }
        value
    }
}
