//! Groups of independent pairs of texts.

use super::super::ratio::WORD;
use super::Count;
use super::kernels::{self, Damerau, LCS, LEVENSHTEIN, OSA, Steps, Windows, ones_of, reach};
use super::lanes::{Counts, GROUP, Lanes, Row};

/// 64 pairs, transposed: row i of `a` holds the codes of the first texts at i. After the ends of the texts stand
/// codes that equal nothing of the other text, in as many rows as the longest has characters.
pub(in super::super) struct PairGroup {
    pub(in super::super) a: [Row; WORD],
    pub(in super::super) b: [Row; WORD],
    pub(in super::super) a_lens: Row,
    pub(in super::super) b_lens: Row,
    /// The longest first text; it chooses the lane width.
    pub(in super::super) a_most: usize,
    pub(in super::super) b_most: usize,
}

impl PairGroup {
    pub(in super::super) fn new() -> Box<Self> {
        let none = Row::splat(0);
        Box::new(Self { a: [none; WORD], b: [none; WORD], a_lens: none, b_lens: none, a_most: 0, b_most: 0 })
    }
}

/// The first texts' rows, widened once, and where a code stands in them.
struct Rows<V, const MOST: usize> {
    rows: [V; MOST],
    used: usize,
}

impl<V: Lanes, const MOST: usize> Rows<V, MOST> {
    #[inline(always)]
    fn new(group: &PairGroup, at: usize) -> Self {
        let used = group.a_most.min(MOST);
        let mut rows = [V::zero(); MOST];
        for (to, from) in rows.iter_mut().zip(&group.a[..used]) {
            *to = V::load(from, at);
        }
        Self { rows, used }
    }

    #[inline(always)]
    fn places(&self, codes: V) -> V {
        let mut places = V::zero();
        for (i, row) in self.rows[..self.used].iter().enumerate() {
            places = places.or(V::splat(1 << i).keep(codes.equal(*row)));
        }
        places
    }
}

#[inline(always)]
pub(super) fn jaro<B: Lanes, W: Lanes, D: Lanes, Q: Lanes>(
    winkler: bool,
    group: &PairGroup,
    out: &mut [f64; GROUP],
) {
    match (group.a_most, group.b_most) {
        (0..=8, 0..=16) => jaro_group::<B, 8, 16>(winkler, group, out),
        (0..=16, 0..=16) => jaro_group::<W, 16, 16>(winkler, group, out),
        (0..=8, _) => jaro_group::<B, 8, WORD>(winkler, group, out),
        (9..=16, _) => jaro_group::<W, 16, WORD>(winkler, group, out),
        (17..=32, _) => jaro_group::<D, 32, WORD>(winkler, group, out),
        _ => jaro_group::<Q, 64, WORD>(winkler, group, out),
    }
}

#[inline(always)]
fn jaro_group<V: Lanes, const BITS: usize, const COLS: usize>(
    winkler: bool,
    group: &PairGroup,
    out: &mut [f64; GROUP],
) {
    let mut counts = Counts { a_len: group.a_lens, b_len: group.b_lens, ..Counts::EMPTY };
    let mut reaches = Row::splat(0);
    for lane in 0..GROUP {
        reaches.0[lane] = reach(group.a_lens.0[lane], group.b_lens.0[lane]);
    }
    let most = usize::from(reach(group.a_most as u8, group.b_most as u8));
    let mut steps = Steps::<V, COLS>::new();
    for at in (0..GROUP).step_by(V::N) {
        let rows = Rows::<V, BITS>::new(group, at);
        let mut windows = Windows::new(V::load(&reaches, at), most);
        let (matches, missed) = kernels::jaro(
            group.b_most,
            &mut steps,
            |j| rows.places(V::load(&group.b[j], at)),
            |j| windows.step(j),
            |_| false,
        );
        matches.store(&mut counts.matches, at);
        missed.store(&mut counts.missed, at);
    }
    if winkler {
        let mut run = [1u8; GROUP];
        for (a, b) in group.a.iter().zip(&group.b).take(4.min(group.a_most).min(group.b_most)) {
            for lane in 0..GROUP {
                run[lane] &= u8::from(a.0[lane] == b.0[lane]);
                counts.prefix.0[lane] += run[lane];
            }
        }
        V::score::<true>(&counts, out);
    } else {
        V::score::<false>(&counts, out);
    }
}

#[inline(always)]
pub(super) fn count<B: Lanes, W: Lanes, D: Lanes, Q: Lanes>(
    metric: Count,
    group: &PairGroup,
    out: &mut [u8; GROUP],
) {
    macro_rules! run {
        ($metric:ident) => {
            match group.a_most {
                0..=8 => edit_group::<B, 8, $metric>(group, out),
                9..=16 => edit_group::<W, 16, $metric>(group, out),
                17..=32 => edit_group::<D, 32, $metric>(group, out),
                _ => edit_group::<Q, 64, $metric>(group, out),
            }
        };
    }
    match metric {
        Count::Levenshtein => run!(LEVENSHTEIN),
        Count::Osa => run!(OSA),
        Count::Lcs => run!(LCS),
        Count::Damerau if group.b_most <= 16 => damerau_group::<B, 17>(group, out),
        Count::Damerau => damerau_group::<B, { WORD + 1 }>(group, out),
    }
}

#[inline(always)]
fn edit_group<V: Lanes, const BITS: usize, const METRIC: u8>(group: &PairGroup, out: &mut [u8; GROUP]) {
    let mut counts = Row::splat(0);
    for at in (0..GROUP).step_by(V::N) {
        let rows = Rows::<V, BITS>::new(group, at);
        let full = ones_of(V::load(&group.a_lens, at), group.a_most);
        let lens = V::load(&group.b_lens, at);
        let places = |j: usize| rows.places(V::load(&group.b[j], at));
        let alive = |j: usize, new, old| V::choose(lens.greater(V::splat(j as u64)), new, old);
        let count = kernels::edit::<V, METRIC>(group.b_most.min(WORD), full, lens, places, alive);
        count.store(&mut counts, at);
    }
    *out = counts.0;
}

#[inline(always)]
fn damerau_group<V: Lanes, const COLS: usize>(group: &PairGroup, out: &mut [u8; GROUP]) {
    let mut counts = Row::splat(0);
    let cols = group.b_most.min(WORD);
    for at in (0..GROUP).step_by(V::N) {
        let (a_lens, b_lens) = (V::load(&group.a_lens, at), V::load(&group.b_lens, at));
        let mut state = Damerau::<V, COLS>::new();
        let mut distance = b_lens;
        for (i, row) in group.a[..group.a_most].iter().enumerate() {
            let codes = V::load(row, at);
            state.fill(i + 1, cols, |j| V::load(&group.b[j - 1], at).equal(codes));
            let ends = a_lens.equal(V::splat(i as u64 + 1));
            if V::any(ends) {
                distance = V::choose(ends, state.at_ends(b_lens, 0..=cols, distance), distance);
            }
        }
        distance.store(&mut counts, at);
    }
    *out = counts.0;
}
