//! Groups of independent pairs of texts.

use super::super::ratio::{SMALL_A, SMALL_B, WORD};
use super::super::short::Short;
use super::super::word::read8;
use super::Count;
use super::kernels::{
    self, Damerau, LCS, LEVENSHTEIN, OSA, Places, Steps, Window, Windows, Woven, ones_of, reach,
};
use super::lanes::{Counts, GROUP, Lanes, Row};

/// Characters of each text in a line.
const LINE: usize = 8;

/// Eight characters of 64 texts: the word of text `8 * k + r` stands at `[r][k]`.
type Line = [[u64; LINE]; LINE];

/// 64 texts as they are filled in: line h holds the characters from `8 * h` on, so laid out that turning a line
/// into rows is plain arithmetic on eight words at a time. What stands after a text's end is of no account.
#[derive(Clone)]
pub(in super::super) struct Lines {
    first: [Line; 2],
    more: Vec<Line>,
}

impl Lines {
    /// For texts of up to `most` characters (and for 16 at least).
    pub(in super::super) fn new(most: usize) -> Self {
        let empty = [[0; LINE]; LINE];
        Self { first: [empty; 2], more: vec![empty; most.div_ceil(LINE).saturating_sub(2)] }
    }

    /// Puts a text at a lane; what does not fit is left out.
    #[inline]
    pub(in super::super) fn put(&mut self, lane: usize, text: &[u8]) {
        for (line, part) in self.first.iter_mut().chain(&mut self.more).zip(text.chunks(LINE)) {
            line[lane % LINE][lane / LINE % LINE] = read8(part);
        }
    }

    /// Puts a text of up to 16 characters at a lane.
    #[inline(always)]
    pub(in super::super) fn put_short(&mut self, lane: usize, words: [u64; 2]) {
        self.first[0][lane % LINE][lane / LINE % LINE] = words[0];
        self.first[1][lane % LINE][lane / LINE % LINE] = words[1];
    }

    /// Row i holds every text's character i.
    #[inline(always)]
    fn rows<const MOST: usize>(&self, most: usize) -> [Row; MOST] {
        let mut rows = [Row::splat(0); MOST];
        for (line, rows) in
            self.first.iter().chain(&self.more).zip(rows.chunks_exact_mut(LINE)).take(most.div_ceil(LINE))
        {
            let mut words = *line;
            swap_halves(&mut words, 4, 32, 0x0000_0000_FFFF_FFFF);
            swap_halves(&mut words, 2, 16, 0x0000_FFFF_0000_FFFF);
            swap_halves(&mut words, 1, 8, 0x00FF_00FF_00FF_00FF);
            for (row, words) in rows.iter_mut().zip(&words) {
                for (bytes, word) in row.0.chunks_exact_mut(LINE).zip(words) {
                    bytes.copy_from_slice(&word.to_le_bytes());
                }
            }
        }
        rows
    }
}

/// One step of transposing 8 by 8 bytes, in eight words side by side: the upper part of each word changes places
/// with the lower part of the word `apart` below.
#[inline(always)]
fn swap_halves(words: &mut [[u64; LINE]; LINE], apart: usize, bits: u32, low: u64) {
    for i in (0..LINE).filter(|i| i & apart == 0) {
        for k in 0..LINE {
            let (upper, lower) = (words[i][k], words[i + apart][k]);
            words[i][k] = (upper & low) | ((lower << bits) & !low);
            words[i + apart][k] = ((upper >> bits) & low) | (lower & !low);
        }
    }
}

/// 64 pairs.
#[derive(Clone)]
pub(in super::super) struct PairGroup {
    pub(in super::super) a: Lines,
    pub(in super::super) b: Lines,
    pub(in super::super) a_lens: Row,
    pub(in super::super) b_lens: Row,
    /// What no first text is longer than, which chooses the lane width, and no second text.
    pub(in super::super) most: (usize, usize),
}

impl PairGroup {
    /// Whether the first 16 bytes of all texts are ASCII, those of a group before among them where this one is smaller.
    #[inline(always)]
    pub(in super::super) fn is_plain(&self) -> bool {
        let words = self.a.first.as_flattened().iter().chain(self.b.first.as_flattened());
        Short::is_plain(words.flatten().fold(0, |seen, word| seen | word))
    }

    /// Whether those of two texts are.
    #[inline(always)]
    pub(in super::super) fn is_plain_at(&self, lane: usize) -> bool {
        let lines = self.a.first.iter().chain(&self.b.first);
        Short::is_plain(lines.fold(0, |seen, line| seen | line[lane % LINE][lane / LINE % LINE]))
    }

    /// Puts the shorter text of each pair first; of texts of up to 16 characters.
    #[inline(always)]
    pub(in super::super) fn order(&mut self) {
        for lane in 0..GROUP {
            let (a_len, b_len) = (self.a_lens.0[lane], self.b_lens.0[lane]);
            let swap = u64::from(a_len > b_len).wrapping_neg();
            for (a, b) in self.a.first.iter_mut().zip(&mut self.b.first) {
                let (a, b) = (&mut a[lane % LINE][lane / LINE], &mut b[lane % LINE][lane / LINE]);
                let differ = (*a ^ *b) & swap;
                *a ^= differ;
                *b ^= differ;
            }
            self.a_lens.0[lane] = a_len.min(b_len);
            self.b_lens.0[lane] = a_len.max(b_len);
        }
    }
}

/// The characters of the second texts, compared with all rows of the first ones, which are widened once.
struct Sought<'a, V, const MOST: usize> {
    first: [V; MOST],
    used: usize,
    rows: &'a [Row],
    at: usize,
}

impl<'a, V: Lanes, const MOST: usize> Sought<'a, V, MOST> {
    #[inline(always)]
    fn new(a: &[Row; MOST], used: usize, rows: &'a [Row], at: usize) -> Self {
        let used = used.min(MOST);
        let mut first = [V::zero(); MOST];
        for (to, from) in first.iter_mut().zip(&a[..used]) {
            *to = V::load(from, at);
        }
        Self { first, used, rows, at }
    }
}

/// Where the characters of the second texts stand in the first ones, for [`Woven`]: worked out in bytes, of which most
/// fit in a vector.
#[inline(always)]
fn crossed<B: Lanes>(a: &[Row], b: &[Row], bytes: usize) -> Vec<Row> {
    let mut rows = vec![Row::splat(0); b.len() * bytes];
    for (row, out) in b.iter().zip(rows.chunks_exact_mut(bytes)) {
        for (first, out) in a.chunks(8).zip(out) {
            for at in (0..GROUP).step_by(B::N) {
                let codes = B::load(row, at);
                let mut places = B::zero();
                for (i, row) in first.iter().enumerate() {
                    places = places.add_where(codes.equal(B::load(row, at)), B::splat(1 << i));
                }
                places.store(out, at);
            }
        }
    }
    rows
}

impl<V: Lanes, const MOST: usize> Places<V> for Sought<'_, V, MOST> {
    #[inline(always)]
    fn at(&self, j: usize) -> V {
        let codes = V::load(&self.rows[j], self.at);
        let mut places = V::zero();
        for (i, row) in self.first[..self.used].iter().enumerate() {
            places = places.add_where(codes.equal(*row), V::splat(1 << i));
        }
        places
    }
}

/// Windows that are empty after the end of the second text.
struct Inside<V> {
    windows: Windows<V>,
    b_lens: V,
}

impl<V: Lanes> Window<V> for Inside<V> {
    #[inline(always)]
    fn step(&mut self, j: usize) -> V {
        self.windows.step(j).keep(self.b_lens.greater(V::splat(j as u64)))
    }
}

#[inline(always)]
pub(super) fn jaro<B: Lanes, W: Lanes, D: Lanes, Q: Lanes>(
    winkler: bool,
    group: &PairGroup,
    out: &mut [f64; GROUP],
) {
    match group.most {
        // The most common one has its numbers of steps compiled in, where the vectors are not many.
        (8, 8) if B::N == GROUP => jaro_group::<B, B, 8, 8>(winkler, group, (8, 8), out),
        most @ (0..=8, 0..=16) => jaro_group::<B, B, 8, 16>(winkler, group, most, out),
        most @ (0..=16, 0..=16) => jaro_group::<B, W, 16, 16>(winkler, group, most, out),
        most @ (0..=8, _) => jaro_group::<B, B, 8, WORD>(winkler, group, most, out),
        most @ (9..=16, _) => jaro_group::<B, W, 16, WORD>(winkler, group, most, out),
        most @ (17..=32, _) => jaro_group::<B, D, 32, WORD>(winkler, group, most, out),
        most => jaro_group::<B, Q, 64, WORD>(winkler, group, most, out),
    }
}

#[inline(always)]
fn jaro_group<B: Lanes, V: Lanes, const BITS: usize, const COLS: usize>(
    winkler: bool,
    group: &PairGroup,
    (a_most, b_most): (usize, usize),
    out: &mut [f64; GROUP],
) {
    let (a, b) = (group.a.rows::<BITS>(a_most), group.b.rows::<COLS>(b_most));
    let mut counts = Counts { a_len: group.a_lens, b_len: group.b_lens, ..Counts::EMPTY };
    let mut reaches = Row::splat(0);
    for lane in 0..GROUP {
        reaches.0[lane] = reach(group.a_lens.0[lane], group.b_lens.0[lane]);
    }
    let most = usize::from(reach(a_most as u8, b_most as u8));
    let mut steps = Steps::<V, COLS>::new();
    let woven = if V::WOVEN { crossed::<B>(&a[..a_most], &b[..b_most], V::BITS / 8) } else { Vec::new() };
    for at in (0..GROUP).step_by(V::N) {
        let windows = Windows::new(V::load(&reaches, at), most);
        let windows = Inside { windows, b_lens: V::load(&group.b_lens, at) };
        let full = ones_of(V::load(&group.a_lens, at), a_most);
        let (matches, missed) = if V::WOVEN {
            kernels::jaro(b_most, full, &mut steps, &Woven { rows: &woven, at }, windows, 0)
        } else {
            let places = Sought::<V, BITS>::new(&a, a_most, &b, at);
            kernels::jaro(b_most, full, &mut steps, &places, windows, 0)
        };
        matches.store(&mut counts.matches, at);
        missed.store(&mut counts.missed, at);
    }
    let small = a_most <= SMALL_A && b_most <= SMALL_B;
    if winkler {
        let mut run = [1u8; GROUP];
        for ((a, b), i) in a.iter().zip(&b).zip(0u8..4) {
            for lane in 0..GROUP {
                let within = group.a_lens.0[lane].min(group.b_lens.0[lane]) > i;
                run[lane] &= u8::from(a.0[lane] == b.0[lane]) & u8::from(within);
                counts.prefix.0[lane] += run[lane];
            }
        }
        V::score::<true>(&counts, small, out);
    } else {
        V::score::<false>(&counts, small, out);
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
            match group.most {
                (8, 8) if B::N == GROUP => edit_group::<B, B, 8, 8, $metric>(group, (8, 8), out),
                most @ (0..=8, 0..=16) => edit_group::<B, B, 8, 16, $metric>(group, most, out),
                most @ (0..=16, 0..=16) => edit_group::<B, W, 16, 16, $metric>(group, most, out),
                most @ (0..=16, _) => edit_group::<B, W, 16, WORD, $metric>(group, most, out),
                most @ (17..=32, _) => edit_group::<B, D, 32, WORD, $metric>(group, most, out),
                most => edit_group::<B, Q, 64, WORD, $metric>(group, most, out),
            }
        };
    }
    match metric {
        Count::Levenshtein => run!(LEVENSHTEIN),
        Count::Osa => run!(OSA),
        Count::Lcs => run!(LCS),
        Count::Damerau if group.most.1 <= 16 => damerau_group::<B, 16, 17>(group, out),
        Count::Damerau => damerau_group::<B, WORD, { WORD + 1 }>(group, out),
    }
}

#[inline(always)]
fn edit_group<B: Lanes, V: Lanes, const BITS: usize, const COLS: usize, const METRIC: u8>(
    group: &PairGroup,
    (a_most, b_most): (usize, usize),
    out: &mut [u8; GROUP],
) {
    let (a, b) = (group.a.rows::<BITS>(a_most), group.b.rows::<COLS>(b_most));
    let mut counts = Row::splat(0);
    let woven = if V::WOVEN { crossed::<B>(&a[..a_most], &b[..b_most], V::BITS / 8) } else { Vec::new() };
    for at in (0..GROUP).step_by(V::N) {
        let full = ones_of(V::load(&group.a_lens, at), a_most);
        let lens = V::load(&group.b_lens, at);
        let count = if V::WOVEN {
            kernels::edit::<V, METRIC>(b_most.min(COLS), 0, full, lens, &Woven { rows: &woven, at })
        } else {
            let places = Sought::<V, BITS>::new(&a, a_most, &b, at);
            kernels::edit::<V, METRIC>(b_most.min(COLS), 0, full, lens, &places)
        };
        count.store(&mut counts, at);
    }
    *out = counts.0;
}

#[inline(always)]
fn damerau_group<V: Lanes, const MOST: usize, const COLS: usize>(group: &PairGroup, out: &mut [u8; GROUP]) {
    let (a_most, b_most) = group.most;
    let (a, b) = (group.a.rows::<MOST>(a_most), group.b.rows::<MOST>(b_most));
    let mut counts = Row::splat(0);
    let cols = b_most.min(MOST);
    for at in (0..GROUP).step_by(V::N) {
        let (a_lens, b_lens) = (V::load(&group.a_lens, at), V::load(&group.b_lens, at));
        let mut state = Damerau::<V, COLS>::new();
        let mut distance = b_lens;
        for (i, row) in a[..a_most.min(MOST)].iter().enumerate() {
            let codes = V::load(row, at);
            state.fill(i + 1, codes, &b[..cols], at);
            let ends = a_lens.equal(V::splat(i as u64 + 1));
            if V::any(ends) {
                distance = V::choose(ends, state.at_ends(b_lens, 0..=cols, distance), distance);
            }
        }
        distance.store(&mut counts, at);
    }
    *out = counts.0;
}
