//! One text against groups of texts.

use super::super::ratio::{SMALL_A, SMALL_B, WORD};
use super::kernels::{
    self, Damerau, LCS, LEVENSHTEIN, OSA, Places, Steps, Tiled, Windows, Woven, ones, reach, tiled,
};
use super::lanes::{Counts, GROUP, Lanes, Row};
use super::pattern::Pattern;
use super::{Count, Need};

/// Up to 64 texts, transposed: row j holds the codes of their characters at j, and 0 after their ends.
#[derive(Clone, Debug)]
pub(in super::super) struct Group {
    /// Where the group's rows begin among those of the block.
    pub(in super::super) first_row: usize,
    /// The longest text's length, which is the number of rows, at most [`WORD`].
    pub(in super::super) longest: usize,
    pub(in super::super) shortest: usize,
    /// How many texts there are.
    pub(in super::super) used: usize,
    pub(in super::super) lens: Row,
}

impl Group {
    fn rows<'a>(&self, rows: &'a [Row]) -> &'a [Row] {
        &rows[self.first_row..self.first_row + self.longest.min(WORD)]
    }

    fn is_even(&self) -> bool {
        self.shortest == self.longest
    }
}

/// Where the places of a group's characters come from.
trait Source<V: Lanes> {
    type Places<'a>: Places<V>
    where
        Self: 'a;

    /// Makes ready for the rows of the next group.
    fn enter(&mut self, rows: &[Row]);
    /// The places of the lanes from `at` on.
    fn places<'a>(&'a self, rows: &'a [Row], at: usize) -> Self::Places<'a>;
}

/// Characters are looked up when their lanes are compared.
struct Looked<'p, V: Lanes>(V::Table<'p>);

struct Found<'p, 'a, V: Lanes> {
    table: V::Table<'p>,
    rows: &'a [Row],
    at: usize,
}

impl<V: Lanes> Places<V> for Found<'_, '_, V> {
    #[inline(always)]
    fn at(&self, j: usize) -> V {
        V::look(&self.table, V::load(&self.rows[j], self.at))
    }
}

impl<'p, V: Lanes> Source<V> for Looked<'p, V> {
    type Places<'a>
        = Found<'p, 'a, V>
    where
        Self: 'a;

    #[inline(always)]
    fn enter(&mut self, _: &[Row]) {}
    #[inline(always)]
    fn places<'a>(&'a self, rows: &'a [Row], at: usize) -> Found<'p, 'a, V> {
        Found { table: self.0, rows, at }
    }
}

/// Characters of a group are looked up all at once, as planes of bytes.
struct Planes<V: Lanes> {
    planes: V::Planes,
    /// As many rows a character as a lane has bytes.
    rows: Vec<Row>,
}

impl<V: Lanes> Planes<V> {
    /// Where the lanes are woven, and the pattern allows it.
    #[inline(always)]
    fn new(pattern: &Pattern, groups: &[Group]) -> Option<Self> {
        let planes = V::planes(pattern)?;
        let longest = groups.last().map_or(0, |group| group.longest).min(WORD);
        Some(Self { planes, rows: vec![Row::splat(0); longest * V::BITS / 8] })
    }
}

impl<V: Lanes> Source<V> for Planes<V> {
    type Places<'a>
        = Woven<'a>
    where
        Self: 'a;

    #[inline(always)]
    fn enter(&mut self, rows: &[Row]) {
        for (row, out) in rows.iter().zip(self.rows.chunks_exact_mut(V::BITS / 8)) {
            V::look_planes(&self.planes, row, out);
        }
    }
    #[inline(always)]
    fn places<'a>(&'a self, _: &'a [Row], at: usize) -> Woven<'a> {
        Woven { rows: &self.rows, at }
    }
}

#[inline(always)]
pub(super) fn jaro<B: Lanes, W: Lanes, D: Lanes, Q: Lanes>(
    winkler: bool,
    pattern: &Pattern,
    rows: &[Row],
    groups: &[Group],
    need: Option<&Need>,
    sink: &mut dyn FnMut(usize, &[f64; GROUP]),
) {
    // Groups are sorted by length: those of up to 16 characters come first and need little room.
    let short = groups.partition_point(|group| group.longest <= 16);
    macro_rules! run {
        ($v:ident) => {{
            if short > 0 {
                jaro_groups::<$v, 16>(winkler, pattern, rows, &groups[..short], 0, need, sink);
            }
            if short < groups.len() {
                jaro_groups::<$v, WORD>(winkler, pattern, rows, &groups[short..], short, need, sink);
            }
        }};
    }
    match pattern.len {
        0..=8 => run!(B),
        9..=16 => run!(W),
        17..=32 => jaro_groups::<D, WORD>(winkler, pattern, rows, groups, 0, need, sink),
        _ => jaro_groups::<Q, WORD>(winkler, pattern, rows, groups, 0, need, sink),
    }
}

#[inline(always)]
fn jaro_groups<V: Lanes, const COLS: usize>(
    winkler: bool,
    pattern: &Pattern,
    rows: &[Row],
    groups: &[Group],
    first: usize,
    need: Option<&Need>,
    sink: &mut dyn FnMut(usize, &[f64; GROUP]),
) {
    if V::WOVEN
        && let Some(source) = Planes::<V>::new(pattern, groups)
    {
        return jaro_from::<V, COLS>(source, winkler, pattern, rows, groups, first, need, sink);
    }
    let source = Looked::<V>(V::table(pattern));
    jaro_from::<V, COLS>(source, winkler, pattern, rows, groups, first, need, sink);
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn jaro_from<V: Lanes, const COLS: usize>(
    mut source: impl Source<V>,
    winkler: bool,
    pattern: &Pattern,
    rows: &[Row],
    groups: &[Group],
    first: usize,
    need: Option<&Need>,
    sink: &mut dyn FnMut(usize, &[f64; GROUP]),
) {
    let a_len = pattern.len as u8;
    let full = V::splat(ones(pattern.len));
    let mut steps = Steps::<V, COLS>::new();
    let mut counts = Counts { a_len: Row::splat(a_len), ..Counts::EMPTY };
    let mut scores = [0.0; GROUP];
    let mut windows = [0u64; COLS];
    let mut windows_of = usize::MAX;
    for (index, group) in groups.iter().enumerate() {
        let cols = group.longest.min(COLS);
        let rows = group.rows(rows);
        let least = need.map_or(0, |need| {
            need[group.shortest.min(cols)..=cols].iter().fold(u8::MAX, |least, &n| least.min(n))
        });
        if usize::from(least) > pattern.len.min(cols) {
            sink(first + index, &[0.0; GROUP]);
            continue;
        }
        if group.is_even() && windows_of != cols {
            windows_of = cols;
            let reach = usize::from(reach(a_len, cols as u8));
            for (j, window) in windows.iter_mut().enumerate().take(cols) {
                *window = tiled(ones(j + reach + 1) & !ones(j.saturating_sub(reach)), V::BITS);
            }
        }
        source.enter(rows);
        let mut reached = false;
        for at in (0..group.used.min(GROUP)).step_by(V::N) {
            let places = source.places(rows, at);
            let (matches, missed) = if group.is_even() {
                kernels::jaro(cols, full, &mut steps, &places, Tiled(&windows), least)
            } else {
                let mut reaches = Row::splat(0);
                for (to, &len) in reaches.0.iter_mut().zip(&group.lens.0) {
                    *to = reach(a_len, len);
                }
                let most = usize::from(reach(a_len, cols as u8));
                let windows = Windows::new(V::load(&reaches, at), most);
                kernels::jaro(cols, full, &mut steps, &places, windows, least)
            };
            reached |= least == 0 || V::any(matches.greater(V::zero()));
            matches.store(&mut counts.matches, at);
            missed.store(&mut counts.missed, at);
        }
        if !reached {
            sink(first + index, &[0.0; GROUP]);
            continue;
        }
        counts.b_len = group.lens;
        let small = pattern.len <= SMALL_A && cols <= SMALL_B;
        if winkler {
            prefixes(pattern, rows, &mut counts.prefix);
            V::score::<true>(&counts, small, &mut scores);
        } else {
            V::score::<false>(&counts, small, &mut scores);
        }
        sink(first + index, &scores);
    }
}

/// Characters that the pattern and each text begin with alike, at most 4.
#[inline(always)]
fn prefixes(pattern: &Pattern, rows: &[Row], out: &mut Row) {
    let mut run = [1u8; GROUP];
    *out = Row::splat(0);
    for (row, &code) in rows.iter().zip(&pattern.codes[..pattern.len.min(4)]) {
        for lane in 0..GROUP {
            run[lane] &= u8::from(row.0[lane] == code);
            out.0[lane] += run[lane];
        }
    }
}

#[inline(always)]
pub(super) fn count<B: Lanes, W: Lanes, D: Lanes, Q: Lanes>(
    metric: Count,
    pattern: &Pattern,
    rows: &[Row],
    groups: &[Group],
    sink: &mut dyn FnMut(usize, &[u8; GROUP]),
) {
    macro_rules! run {
        ($metric:ident) => {
            match pattern.len {
                0..=8 => edit_groups::<B, $metric>(pattern, rows, groups, sink),
                9..=16 => edit_groups::<W, $metric>(pattern, rows, groups, sink),
                17..=32 => edit_groups::<D, $metric>(pattern, rows, groups, sink),
                _ => edit_groups::<Q, $metric>(pattern, rows, groups, sink),
            }
        };
    }
    match metric {
        Count::Levenshtein => run!(LEVENSHTEIN),
        Count::Osa => run!(OSA),
        Count::Lcs => run!(LCS),
        Count::Damerau => damerau_groups::<B>(pattern, rows, groups, sink),
    }
}

#[inline(always)]
fn edit_groups<V: Lanes, const METRIC: u8>(
    pattern: &Pattern,
    rows: &[Row],
    groups: &[Group],
    sink: &mut dyn FnMut(usize, &[u8; GROUP]),
) {
    if V::WOVEN
        && let Some(source) = Planes::<V>::new(pattern, groups)
    {
        return edit_from::<V, METRIC>(source, pattern, rows, groups, sink);
    }
    let source = Looked::<V>(V::table(pattern));
    edit_from::<V, METRIC>(source, pattern, rows, groups, sink);
}

#[inline(always)]
fn edit_from<V: Lanes, const METRIC: u8>(
    mut source: impl Source<V>,
    pattern: &Pattern,
    rows: &[Row],
    groups: &[Group],
    sink: &mut dyn FnMut(usize, &[u8; GROUP]),
) {
    let full = V::splat(ones(pattern.len));
    let mut out = Row::splat(0);
    for (index, group) in groups.iter().enumerate() {
        let rows = group.rows(rows);
        source.enter(rows);
        for at in (0..group.used.min(GROUP)).step_by(V::N) {
            let lens = V::load(&group.lens, at);
            let places = source.places(rows, at);
            let count = kernels::edit::<V, METRIC>(group.longest, group.shortest, full, lens, &places);
            count.store(&mut out, at);
        }
        sink(index, &out.0);
    }
}

#[inline(always)]
fn damerau_groups<V: Lanes>(
    pattern: &Pattern,
    rows: &[Row],
    groups: &[Group],
    sink: &mut dyn FnMut(usize, &[u8; GROUP]),
) {
    let mut out = Row::splat(0);
    for (index, group) in groups.iter().enumerate() {
        let rows = group.rows(rows);
        for at in (0..group.used.min(GROUP)).step_by(V::N) {
            let lens = V::load(&group.lens, at);
            let distance = if rows.len() <= 16 {
                damerau_lanes::<V, 17>(pattern, rows, group.shortest, at, lens)
            } else {
                damerau_lanes::<V, { WORD + 1 }>(pattern, rows, group.shortest, at, lens)
            };
            distance.store(&mut out, at);
        }
        sink(index, &out.0);
    }
}

#[inline(always)]
fn damerau_lanes<V: Lanes, const COLS: usize>(
    pattern: &Pattern,
    rows: &[Row],
    shortest: usize,
    at: usize,
    lens: V,
) -> V {
    let cols = rows.len();
    let mut state = Damerau::<V, COLS>::new();
    for (i, &code) in pattern.codes[..pattern.len].iter().enumerate() {
        let code = V::splat(u64::from(code));
        state.fill(i + 1, code, rows, at);
    }
    state.at_ends(lens, shortest..=cols, V::zero())
}
