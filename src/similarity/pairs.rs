//! Many independent pairs: texts are dealt into groups of like length, and 64 pairs are compared at once.
//!
//! The shorter text of a pair chooses the lane width (all metrics here are symmetric), so pairs are kept by the
//! length of both. A group is compared when it is full, and what is left at the end.

use super::fold;
use super::level::Level;
use super::pair::{self, Edit};
use super::prepared::{Prepared, View};
use super::ratio::{self, WORD, jaro_short};
use super::score::{Distance, Similarity};
use super::short::Short;
use super::simd::{self, Count, GROUP, Lines, PairGroup, Row};
use super::word;

/// Text that can stand in a pair: `str` or [`Prepared`].
pub trait Text: sealed::Sealed {}
impl Text for str {}
impl Text for Prepared {}

mod sealed {
    use super::{Edit, Level, Short};

    /// Not for other crates: how a text is read.
    pub trait Sealed {
        /// One byte a code point and the page (0 for ASCII) of a text of at most 64; `None` where that is not so.
        fn folded<'a>(&'a self, level: Level, buffer: &'a mut [u8; 64]) -> Option<(&'a [u8], u16)>;
        /// The text in two words, where it is short and that costs little.
        fn short(&self, level: Level) -> Option<Short>;
        /// The text in two words, where it is short, folded if need be.
        fn short_folded(&self, level: Level) -> Option<Short>;
        fn one_jaro(level: Level, winkler: bool, a: &Self, b: &Self) -> f64;
        /// The distance, where a cut-off is given only one up to it.
        fn one_edit(level: Level, metric: Edit, a: &Self, b: &Self, most: Option<usize>) -> Option<usize>;
    }
}

impl sealed::Sealed for str {
    #[inline(always)]
    fn folded<'a>(&'a self, level: Level, buffer: &'a mut [u8; 64]) -> Option<(&'a [u8], u16)> {
        let bytes = self.as_bytes();
        if bytes.len() <= WORD && word::is_ascii(bytes) {
            return Some((bytes, 0));
        }
        let (len, page) = fold::fold_into(level, self, buffer)?;
        Some((&buffer[..len], page))
    }

    #[inline(always)]
    fn short(&self, level: Level) -> Option<Short> {
        Short::of_ascii(level, self.as_bytes())
    }

    fn short_folded(&self, level: Level) -> Option<Short> {
        Short::folded(level, self.as_bytes())
    }

    fn one_jaro(level: Level, winkler: bool, a: &Self, b: &Self) -> f64 {
        if winkler { pair::jaro::<true>(level, a, b) } else { pair::jaro::<false>(level, a, b) }
    }

    fn one_edit(level: Level, metric: Edit, a: &Self, b: &Self, most: Option<usize>) -> Option<usize> {
        match most {
            Some(most) => pair::edit_within(level, metric, a, b, most),
            None if metric == Edit::Lcs => {
                let lens = a.chars().count() + b.chars().count();
                Some(lens - 2 * pair::edit(level, metric, a, b))
            }
            None => Some(pair::edit(level, metric, a, b)),
        }
    }
}

impl sealed::Sealed for Prepared {
    #[inline(always)]
    fn folded<'a>(&'a self, _: Level, _: &'a mut [u8; 64]) -> Option<(&'a [u8], u16)> {
        match self.view() {
            View::Folded { page, codes } if codes.len() <= WORD => Some((codes, page)),
            _ => None,
        }
    }

    #[inline(always)]
    fn short(&self, _: Level) -> Option<Short> {
        Prepared::short(self)
    }

    fn short_folded(&self, _: Level) -> Option<Short> {
        Prepared::short(self)
    }

    fn one_jaro(level: Level, winkler: bool, a: &Self, b: &Self) -> f64 {
        if winkler {
            pair::jaro_prepared::<true>(level, a, b)
        } else {
            pair::jaro_prepared::<false>(level, a, b)
        }
    }

    fn one_edit(level: Level, metric: Edit, a: &Self, b: &Self, most: Option<usize>) -> Option<usize> {
        match most {
            Some(most) => pair::edit_within_prepared(level, metric, a, b, most),
            None => Some(pair::distance_prepared(level, metric, a, b)),
        }
    }
}

/// Compares lists of pairs; holds the room that this takes, so it is worth keeping.
///
/// About 70 kB. Answers stand in the order of the pairs and are those of the functions for two texts.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, PairBatch, Prepared, Similarity, jaro_winkler};
///
/// let mut batch = PairBatch::new();
/// let mut scores = [Similarity::ZERO; 2];
/// batch.jaro_winkler(&[("dwayne", "duane"), ("dixon", "dicksonx")], None, &mut scores);
/// assert_eq!(scores[1], jaro_winkler("dixon", "dicksonx"));
///
/// let (ann, anne) = (Prepared::new("ann"), Prepared::new("anne"));
/// let mut distances = [Distance::ZERO];
/// batch.levenshtein(&[(&ann, &anne)], None, &mut distances);
/// assert_eq!(distances, [Distance::new(1)]);
/// ```
#[derive(Clone)]
pub struct PairBatch {
    level: Level,
    bins: Vec<Bin>,
}

/// Pairs that wait for their group to fill.
#[derive(Clone)]
struct Bin {
    group: PairGroup,
    indices: [u32; GROUP],
    used: usize,
}

/// Upper bounds of the lengths that share a bin.
const BOUNDS: [usize; 4] = [8, 16, 32, 64];

/// The longest shorter texts that are worth putting side by side.
fn together(level: Level) -> usize {
    match level {
        Level::Portable => 16,
        Level::Avx2 => 32,
        Level::Avx512 => WORD,
    }
}

fn bound(len: usize) -> usize {
    usize::from(len > 8) + usize::from(len > 16) + usize::from(len > 32)
}

impl Default for PairBatch {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for PairBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PairBatch").field("level", &self.level).finish_non_exhaustive()
    }
}

impl PairBatch {
    /// Room for comparing at the [active level](Level::active).
    #[must_use]
    pub fn new() -> Self {
        Self::at(Level::active())
    }

    /// Room for comparing with the instructions of one level, or of the highest supported one below it.
    #[must_use]
    pub fn at(level: Level) -> Self {
        let bin = |place: usize| Bin {
            group: PairGroup {
                a: Lines::new(BOUNDS[place / 4]),
                b: Lines::new(BOUNDS[place % 4]),
                a_lens: Row::splat(0),
                b_lens: Row::splat(0),
            },
            indices: [0; GROUP],
            used: 0,
        };
        Self { level: level.or_below(), bins: (0..16).map(bin).collect() }
    }

    /// [`jaro`](super::jaro()) of each pair, to `out`; [`Similarity::ZERO`] below `cutoff`.
    ///
    /// # Panics
    /// Where `out` has another length than `pairs`.
    pub fn jaro<T: Text + ?Sized>(
        &mut self,
        pairs: &[(&T, &T)],
        cutoff: Option<Similarity>,
        out: &mut [Similarity],
    ) {
        self.similarities(false, pairs, cutoff, out);
    }

    /// [`jaro_winkler`](super::jaro_winkler()) of each pair, to `out`; [`Similarity::ZERO`] below `cutoff`.
    ///
    /// # Panics
    /// Where `out` has another length than `pairs`.
    pub fn jaro_winkler<T: Text + ?Sized>(
        &mut self,
        pairs: &[(&T, &T)],
        cutoff: Option<Similarity>,
        out: &mut [Similarity],
    ) {
        self.similarities(true, pairs, cutoff, out);
    }

    /// [`levenshtein`](super::levenshtein()) of each pair, to `out`; [`Distance::BEYOND`] above `cutoff`.
    ///
    /// # Panics
    /// Where `out` has another length than `pairs`.
    pub fn levenshtein<T: Text + ?Sized>(
        &mut self,
        pairs: &[(&T, &T)],
        cutoff: Option<Distance>,
        out: &mut [Distance],
    ) {
        self.distances(Count::Levenshtein, Edit::Levenshtein, pairs, cutoff, out);
    }

    /// [`osa`](super::osa()) of each pair, to `out`; [`Distance::BEYOND`] above `cutoff`.
    ///
    /// # Panics
    /// Where `out` has another length than `pairs`.
    pub fn osa<T: Text + ?Sized>(
        &mut self,
        pairs: &[(&T, &T)],
        cutoff: Option<Distance>,
        out: &mut [Distance],
    ) {
        self.distances(Count::Osa, Edit::Osa, pairs, cutoff, out);
    }

    /// [`damerau_levenshtein`](super::damerau_levenshtein()) of each pair, to `out`; [`Distance::BEYOND`] above
    /// `cutoff`.
    ///
    /// # Panics
    /// Where `out` has another length than `pairs`.
    pub fn damerau_levenshtein<T: Text + ?Sized>(
        &mut self,
        pairs: &[(&T, &T)],
        cutoff: Option<Distance>,
        out: &mut [Distance],
    ) {
        self.distances(Count::Damerau, Edit::Damerau, pairs, cutoff, out);
    }

    /// [`indel`](super::indel()) of each pair, to `out`; [`Distance::BEYOND`] above `cutoff`.
    ///
    /// # Panics
    /// Where `out` has another length than `pairs`.
    pub fn indel<T: Text + ?Sized>(
        &mut self,
        pairs: &[(&T, &T)],
        cutoff: Option<Distance>,
        out: &mut [Distance],
    ) {
        self.distances(Count::Lcs, Edit::Lcs, pairs, cutoff, out);
    }

    fn similarities<T: Text + ?Sized>(
        &mut self,
        winkler: bool,
        pairs: &[(&T, &T)],
        cutoff: Option<Similarity>,
        out: &mut [Similarity],
    ) {
        assert_eq!(out.len(), pairs.len(), "the slice must be as long as the list of pairs");
        let (level, cutoff) = (self.level, cutoff.unwrap_or(Similarity::ZERO));
        let kept = |score: f64| if score < cutoff.get() { Similarity::ZERO } else { Similarity::of(score) };
        // Longer texts are compared sooner one by one where few fit in a vector.
        let together = together(level);
        // What two lengths rule out: all matches in order, and for Winkler four equal first characters.
        let hopeless = |a_len: usize, b_len: usize| {
            let best = jaro_short(a_len, b_len, a_len.min(b_len), 0);
            cutoff > Similarity::ZERO && (if winkler { ratio::winkler(best, 4) } else { best }) < cutoff.get()
        };
        self.deal(
            pairs,
            together,
            (hopeless, Similarity::ZERO),
            out,
            |a, b| kept(T::one_jaro(level, winkler, a, b)),
            |group, indices, out| {
                let mut scores = [0.0; GROUP];
                simd::pairs_jaro(level, winkler, group, &mut scores);
                for (index, score) in indices.iter().zip(scores) {
                    out[*index as usize] = kept(score);
                }
            },
        );
    }

    fn distances<T: Text + ?Sized>(
        &mut self,
        metric: Count,
        alone: Edit,
        pairs: &[(&T, &T)],
        cutoff: Option<Distance>,
        out: &mut [Distance],
    ) {
        assert_eq!(out.len(), pairs.len(), "the slice must be as long as the list of pairs");
        let (level, most) = (self.level, cutoff.unwrap_or(Distance::BEYOND));
        let kept = |distance: Distance| if distance > most { Distance::BEYOND } else { distance };
        // As above; Damerau-Levenshtein is worked in bytes, of which many fit.
        // A small cut-off is decided one by one before a vector is filled.
        let near = metric == Count::Levenshtein && most <= Distance::new(2);
        let together = match metric {
            Count::Damerau => WORD,
            _ if near => 16,
            _ => together(level),
        };
        let hopeless = |a_len: usize, b_len: usize| a_len.abs_diff(b_len) > most.get() as usize;
        self.deal(
            pairs,
            together,
            (hopeless, Distance::BEYOND),
            out,
            |a, b| {
                let most = cutoff.map(|most| most.get() as usize);
                T::one_edit(level, alone, a, b, most).map_or(Distance::BEYOND, Distance::of)
            },
            |group, indices, out| {
                let mut counts = [0; GROUP];
                simd::pairs_count(level, metric, group, &mut counts);
                for (lane, (index, count)) in indices.iter().zip(counts).enumerate() {
                    let lens = u32::from(group.a_lens.0[lane]) + u32::from(group.b_lens.0[lane]);
                    let count = u32::from(count);
                    let count = if metric == Count::Lcs { lens - 2 * count } else { count };
                    out[*index as usize] = kept(Distance::new(count));
                }
            },
        );
    }

    /// Deals the pairs into bins; a pair whose lengths are `hopeless` is answered with `hidden`, `one` answers what no bin takes and pairs of which both texts are longer than
    /// `together`, `flush` a group of pairs.
    fn deal<T: Text + ?Sized, O: Copy>(
        &mut self,
        pairs: &[(&T, &T)],
        together: usize,
        (hopeless, hidden): (impl Fn(usize, usize) -> bool, O),
        out: &mut [O],
        one: impl Fn(&T, &T) -> O,
        flush: impl Fn(&PairGroup, &[u32], &mut [O]),
    ) {
        let (mut a_buffer, mut b_buffer) = ([0; WORD], [0; WORD]);
        for (index, (a, b)) in pairs.iter().enumerate() {
            let put = |bins: &'_ mut [Bin], x: Short, y: Short| {
                let (x, y) = Short::in_order(x, y);
                let at = 4 * usize::from(x.len > 8) + usize::from(y.len > 8);
                let bin = &mut bins[at];
                bin.group.a.put_short(bin.used, x.words);
                bin.group.b.put_short(bin.used, y.as_second(x));
                bin.note(index, x.len, y.len);
                at
            };
            // Two ways for ASCII and for other text, so that the first one keeps all in registers.
            let at = if let (Some(x), Some(y)) = (a.short(self.level), b.short(self.level))
                && !fold::overlap(x.page, y.page)
            {
                if hopeless(x.len, y.len) {
                    out[index] = hidden;
                    continue;
                }
                put(&mut self.bins, x, y)
            } else if let (Some(x), Some(y)) = (a.short_folded(self.level), b.short_folded(self.level))
                && !fold::overlap(x.page, y.page)
            {
                if hopeless(x.len, y.len) {
                    out[index] = hidden;
                    continue;
                }
                put(&mut self.bins, x, y)
            } else {
                let folded = a.folded(self.level, &mut a_buffer).zip(b.folded(self.level, &mut b_buffer));
                let folded = folded.filter(|((x, p), (y, q))| {
                    (1..=together).contains(&x.len().min(y.len())) && !fold::overlap(*p, *q)
                });
                let Some(((x, p), (y, q))) = folded else {
                    out[index] = one(a, b);
                    continue;
                };
                if hopeless(x.len(), y.len()) {
                    out[index] = hidden;
                    continue;
                }
                let (x, y) = if x.len() <= y.len() { (x, y) } else { (y, x) };
                let at = 4 * bound(x.len()) + bound(y.len());
                let bin = &mut self.bins[at];
                bin.group.a.put(bin.used, x);
                if fold::apart(p, q) {
                    // Characters of differing pages never match.
                    let mut other = [0; WORD];
                    let other = &mut other[..y.len()];
                    other.copy_from_slice(y);
                    fold::hide(other);
                    bin.group.b.put(bin.used, other);
                } else {
                    bin.group.b.put(bin.used, y);
                }
                bin.note(index, x.len(), y.len());
                at
            };
            let bin = &mut self.bins[at];
            if bin.used >= GROUP {
                bin.flush(out, &flush);
            }
        }
        for bin in self.bins.iter_mut().filter(|bin| bin.used > 0) {
            bin.flush(out, &flush);
        }
    }
}

impl Bin {
    /// Writes down whose texts were put at the next lane, and how long they are.
    #[inline(always)]
    fn note(&mut self, index: usize, a_len: usize, b_len: usize) {
        let lane = self.used % GROUP;
        self.group.a_lens.0[lane] = a_len as u8;
        self.group.b_lens.0[lane] = b_len as u8;
        self.indices[lane] = index as u32;
        self.used = lane + 1;
    }

    fn flush<O>(&mut self, out: &mut [O], flush: &impl Fn(&PairGroup, &[u32], &mut [O])) {
        self.group.a_lens.0[self.used..].fill(0);
        self.group.b_lens.0[self.used..].fill(0);
        flush(&self.group, &self.indices[..self.used], out);
        self.used = 0;
    }
}
