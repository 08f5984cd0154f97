//! Many independent pairs: what is done with the groups of 64 that [`deal`](super::deal) makes of them.
//!
//! The shorter text of a pair chooses the lane width (all metrics here are symmetric).

use super::deal::{Dealer, Task};
use super::fold;
use super::level::{Level, Supported};
use super::pair::{self, Edit};
use super::prepared::{Prepared, View};
use super::ratio::{self, WORD, jaro_short};
use super::score::{Distance, Similarity};
use super::short::Short;
use super::simd::{self, Count, GROUP, PairGroup};
use super::word;

/// Text that can stand in a pair: `str` or [`Prepared`].
pub trait Text: sealed::Sealed {}
impl Text for str {}
impl Text for Prepared {}

mod sealed {
    use super::{Edit, Short, Supported};

    /// Not for other crates: how a text is read.
    pub trait Sealed {
        /// One byte a code point and the page (0 for ASCII) of a text of at most 64; `None` where that is not so.
        fn folded<'a>(&'a self, level: Supported, buffer: &'a mut [u8; 64]) -> Option<(&'a [u8], u16)>;
        /// Bytes of text, or what is one byte each when it is folded.
        fn size(&self) -> usize;
        /// Whether [`short`](Self::short) gives folded text.
        const FOLDED: bool;
        /// The first 16 bytes, and the length; that of text that is not held whole in them is any from 17 to 255.
        fn short(&self, level: Supported) -> Short;
        /// The text in two words, where it is short, folded if need be.
        fn short_folded(&self, level: Supported) -> Option<Short>;
        fn one_jaro(level: Supported, winkler: bool, a: &Self, b: &Self) -> f64;
        /// The distance, where a cut-off is given only one up to it.
        fn one_edit(level: Supported, metric: Edit, a: &Self, b: &Self, most: Option<usize>)
        -> Option<usize>;
    }
}

impl sealed::Sealed for str {
    #[inline(always)]
    fn folded<'a>(&'a self, level: Supported, buffer: &'a mut [u8; 64]) -> Option<(&'a [u8], u16)> {
        let bytes = self.as_bytes();
        if bytes.len() <= WORD && word::is_ascii(bytes) {
            return Some((bytes, 0));
        }
        let (len, page) = fold::fold_into(level.level(), self, buffer)?;
        Some((&buffer[..len], page))
    }

    #[inline(always)]
    fn size(&self) -> usize {
        self.len()
    }

    const FOLDED: bool = false;

    #[inline(always)]
    fn short(&self, level: Supported) -> Short {
        Short::of(level.level(), self.as_bytes())
    }

    #[inline(always)]
    fn short_folded(&self, level: Supported) -> Option<Short> {
        Short::folded(level.level(), self.as_bytes())
    }

    fn one_jaro(level: Supported, winkler: bool, a: &Self, b: &Self) -> f64 {
        if winkler {
            pair::jaro::<true>(level.level(), a, b)
        } else {
            pair::jaro::<false>(level.level(), a, b)
        }
    }

    fn one_edit(level: Supported, metric: Edit, a: &Self, b: &Self, most: Option<usize>) -> Option<usize> {
        match most {
            Some(most) => pair::edit_within(level.level(), metric, a, b, most),
            None if metric == Edit::Lcs => {
                let lens = a.chars().count() + b.chars().count();
                Some(lens - 2 * pair::edit(level.level(), metric, a, b))
            }
            None => Some(pair::edit(level.level(), metric, a, b)),
        }
    }
}

impl sealed::Sealed for Prepared {
    #[inline(always)]
    fn folded<'a>(&'a self, _: Supported, _: &'a mut [u8; 64]) -> Option<(&'a [u8], u16)> {
        match self.view() {
            View::Folded { page, codes } if codes.len() <= WORD => Some((codes, page)),
            _ => None,
        }
    }

    #[inline(always)]
    fn size(&self) -> usize {
        self.len()
    }

    const FOLDED: bool = true;

    #[inline(always)]
    fn short(&self, _: Supported) -> Short {
        self.start()
    }

    fn short_folded(&self, _: Supported) -> Option<Short> {
        self.short()
    }

    fn one_jaro(level: Supported, winkler: bool, a: &Self, b: &Self) -> f64 {
        if winkler {
            pair::jaro_prepared::<true>(level.level(), a, b)
        } else {
            pair::jaro_prepared::<false>(level.level(), a, b)
        }
    }

    fn one_edit(level: Supported, metric: Edit, a: &Self, b: &Self, most: Option<usize>) -> Option<usize> {
        match most {
            Some(most) => pair::edit_within_prepared(level.level(), metric, a, b, most),
            None => Some(pair::distance_prepared(level.level(), metric, a, b)),
        }
    }
}

/// Compares lists of pairs; holds the room that this takes, so it is worth keeping.
///
/// About 50 kB. Answers stand in the order of the pairs and are those of the functions for two texts.
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
pub struct PairBatch(Dealer);

/// The longest shorter texts that are worth putting side by side.
fn together(level: Level) -> usize {
    match level {
        Level::Portable => 16,
        Level::Avx2 => 32,
        Level::Avx512 => WORD,
    }
}

impl Default for PairBatch {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for PairBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PairBatch").field("level", &self.0.level()).finish_non_exhaustive()
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
        Self(Dealer::new(level))
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
        let (level, cutoff) = (self.0.level(), cutoff.unwrap_or(Similarity::ZERO));
        self.0.deal(pairs, out, &Similarities { level, winkler, cutoff });
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
        self.0.deal(pairs, out, &Distances { level: self.0.level(), metric, alone, cutoff });
    }
}

/// Jaro or Jaro-Winkler. The level is one that the processor has.
struct Similarities {
    level: Level,
    winkler: bool,
    cutoff: Similarity,
}

impl Similarities {
    #[inline(always)]
    fn kept(&self, score: f64) -> Similarity {
        if score < self.cutoff.get() { Similarity::ZERO } else { Similarity::of(score) }
    }
}

impl<T: Text + ?Sized> Task<T, Similarity> for Similarities {
    // Longer texts are compared sooner one by one where few fit in a vector.
    fn together(&self) -> usize {
        together(self.level)
    }

    const HIDDEN: Similarity = Similarity::ZERO;

    fn cuts(&self) -> bool {
        self.cutoff > Similarity::ZERO
    }

    // The most there can be: all matches in order, and for Winkler four equal first characters.
    #[inline(always)]
    fn hides(&self, a_len: usize, b_len: usize) -> bool {
        if self.cutoff == Similarity::ZERO {
            return false;
        }
        let best = jaro_short(a_len, b_len, a_len.min(b_len), 0);
        (if self.winkler { ratio::winkler(best, 4) } else { best }) < self.cutoff.get()
    }

    fn one(&self, a: &T, b: &T) -> Similarity {
        self.kept(T::one_jaro(Supported::known(self.level), self.winkler, a, b))
    }

    fn group(&self, group: &PairGroup, out: &mut [Similarity]) {
        // A whole group is answered where it stands.
        let mut room = [Similarity::ZERO; GROUP];
        let (scores, rest) = match out.as_chunks_mut::<GROUP>() {
            ([scores], rest) => (scores, rest),
            (_, rest) => (&mut room, rest),
        };
        simd::pairs_jaro(self.level, self.winkler, group, simd::numbers(scores));
        if self.cutoff > Similarity::ZERO {
            scores.iter_mut().for_each(|score| *score = self.kept(score.get()));
        }
        rest.copy_from_slice(&room[..rest.len()]);
    }
}

/// A metric on edits; `alone` is the same as `metric`, and the level one that the processor has.
struct Distances {
    level: Level,
    metric: Count,
    alone: Edit,
    cutoff: Option<Distance>,
}

impl Distances {
    fn most(&self) -> Distance {
        self.cutoff.unwrap_or(Distance::BEYOND)
    }
}

impl<T: Text + ?Sized> Task<T, Distance> for Distances {
    fn together(&self) -> usize {
        match self.metric {
            // Worked in bytes, of which many fit.
            Count::Damerau => WORD,
            // A small cut-off is decided one by one before a vector is filled.
            Count::Levenshtein if self.most() <= Distance::new(2) => 16,
            _ => together(self.level),
        }
    }

    const HIDDEN: Distance = Distance::BEYOND;

    fn cuts(&self) -> bool {
        self.cutoff.is_some()
    }

    #[inline(always)]
    fn hides(&self, a_len: usize, b_len: usize) -> bool {
        a_len.abs_diff(b_len) > self.most().get() as usize
    }

    fn one(&self, a: &T, b: &T) -> Distance {
        let most = self.cutoff.map(|most| most.get() as usize);
        T::one_edit(Supported::known(self.level), self.alone, a, b, most)
            .map_or(Distance::BEYOND, Distance::of)
    }

    fn group(&self, group: &PairGroup, out: &mut [Distance]) {
        let (mut counts, most) = ([0; GROUP], self.most());
        simd::pairs_count(self.level, self.metric, group, &mut counts);
        for (lane, (out, count)) in out.iter_mut().zip(&counts).enumerate() {
            let lens = u32::from(group.a_lens.0[lane]) + u32::from(group.b_lens.0[lane]);
            let count = u32::from(*count);
            let count = Distance::new(if self.metric == Count::Lcs { lens - 2 * count } else { count });
            *out = if count > most { Distance::BEYOND } else { count };
        }
    }
}
