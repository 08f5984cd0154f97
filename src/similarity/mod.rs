//! Comparators: how alike two strings or values are, or how far apart.
//!
//! What comes in is text (`&str`, or [`Prepared`] once and compared often), numbers, dates or places; what goes out
//! is a [`Similarity`] (0 to 1) or a [`Distance`] (in edits), which are two types. Nothing here normalises: case,
//! accents and white space count, and the caller folds them first where they should not. Missing values have no
//! score: leave them out before comparing.
//!
//! # Three ways to call, with the same answers
//!
//! | have | call | for |
//! | --- | --- | --- |
//! | two `&str` | a function, such as [`jaro_winkler()`] | now and then |
//! | a value met often | [`Prepared`], and its methods | a record kept in memory (32 bytes) |
//! | one text, many others | [`Block`] | every pair of a block of candidates |
//! | a list of pairs | [`PairBatch`] | candidate pairs from anywhere |
//!
//! ```
//! use stitchline::similarity::{Block, Prepared, Similarity, jaro_winkler};
//!
//! let score = jaro_winkler("Katherine", "Catherine");
//! assert_eq!(format!("{score:.3}"), "0.926");
//!
//! let block: Block = ["Catherine", "Kate"].map(Prepared::new).into_iter().collect();
//! let mut scores = [Similarity::ZERO; 2];
//! block.jaro_winkler(&Prepared::new("Katherine"), None, &mut scores);
//! assert_eq!(scores[0], score);
//! ```
//!
//! # The comparators
//!
//! n and m are lengths in code points, n the lesser; w is 64, the word size; k is a cut-off. Time is for both texts up
//! to w / beyond, memory for what is beyond. "Empty" is the answer for two empty texts / for one.
//!
//! | comparator | what it says | empty | time | memory | source |
//! | --- | --- | --- | --- | --- | --- |
//! | [`jaro()`] | mean of the shares of both that match within a window, and of matches in order; similarity | 1 / 0 | m / m log m | m | Jaro 1989 |
//! | [`jaro_winkler()`] | the same, raised above .7 by a tenth of the rest for each of up to four equal first characters | 1 / 0 | as `jaro` | m | Winkler 1990 |
//! | [`levenshtein()`] | least insertions, deletions, substitutions; distance | 0 / m | m / n m / w | m | Myers 1999, Hyyrö 2003 |
//! | [`levenshtein_within()`] | the same up to a cut-off, else none | 0 / m | k m at most | m | Ukkonen 1985, Landau and Vishkin 1989 |
//! | [`levenshtein_similarity()`] | 1 - distance / m | 1 / 0 | as `levenshtein` | m | |
//! | [`osa()`], [`osa_within()`] | swaps of neighbours too, no part edited twice; distance | 0 / m | m / n m; k m | m | Hyyrö 2003 |
//! | [`damerau_levenshtein()`], [`damerau_levenshtein_within()`] | swaps too, what was swapped may be edited; distance, a metric | 0 / m | m to n m / n m; k m | m | Zhao and Sahni 2019 |
//! | [`damerau_levenshtein_similarity()`] | 1 - distance / m | 1 / 0 | as the distance | m | |
//! | [`hamming()`] | places that differ; distance, none for unequal lengths | 0 / none | m | none | Hamming 1950 |
//! | [`lcs_length()`] | longest sequence that both have in order, gaps allowed; a length | 0 / 0 | m / n m / w | m | Hyyrö 2004 |
//! | [`indel()`], [`indel_within()`] | least insertions and deletions; distance | 0 / m | as `lcs_length`; k m | m | Myers 1986 |
//! | [`indel_ratio()`] | 1 - indel / (n + m) | 1 / 0 | as `lcs_length` | m | RapidFuzz's `ratio` |
//! | [`QGrams::jaccard`] | q-grams of both / of either, as sets | 1 / 0 | n + m, prepared | n + m | Jaccard 1901 |
//! | [`QGrams::dice`] | twice those of both / of each added up, as sets | 1 / 0 | n + m, prepared | n + m | Dice 1945 |
//! | [`QGrams::cosine`] | cosine of the counts of q-grams | 1 / 0 | n + m, prepared | n + m | Salton 1983 |
//! | [`AffineGap`] | best alignment where longer gaps cost less a character; score, similarity | 1 / 0 | n m | m | Gotoh 1982 |
//! | [`monge_elkan()`] | mean of each word's best match, by any comparator | 1 / 0 | words of both, times the inner one | m | Monge and Elkan 1996 |
//! | [`token_sort_ratio()`] | `indel_ratio` of the sorted words | 1 / 0 | as `indel_ratio` | m | RapidFuzz |
//! | [`token_set_ratio()`] | the best `indel_ratio` among common words and these with the rest of either | 1 / 0 | as `indel_ratio` | m | RapidFuzz |
//! | [`soundex()`], [`nysiis()`], [`metaphone()`] | code of how a name sounds in English | empty code | m | m | Russell 1918, Taft 1970, Philips 1990 |
//! | `double_metaphone`, `cologne`, `caverphone`, `match_rating` (feature `phonetic`) | the same, for other origins and accents | empty code | m | m | Philips 2000, Postel 1969, Hood 2004, Moore 1977 |
//! | [`numeric_similarity()`] | falls evenly to 0 at a tolerance; similarity | | 1 | none | |
//! | [`CalendarDate`] | same day, day and month swapped, typing error, days between; agreement, similarity | | 1 | none | |
//! | [`Place::kilometres_to`] | great circle on a sphere; kilometres | | 1 | none | haversine, Sinnott 1984 |
//!
//! # Edges
//!
//! - The unit is the code point: a combining mark or a zero width joiner counts by itself, and right-to-left text is
//!   compared in logical order.
//! - All similarities but [`monge_elkan()`] are symmetric.
//! - Jaro and Jaro-Winkler equal strsim to the last bit. The boost asks for a score above .7 in `f64`, as in strsim
//!   and RapidFuzz: `starr` and `storey` are .7 as a fraction, .7000000000000001 in `f64`, and boosted.
//! - [`damerau_levenshtein()`] is the unrestricted form (`CA` to `ABC` is 2), [`osa()`] the restricted one (3).
//! - A cut-off is a [`Similarity`] or a [`Distance`], so there is no invalid one. Weights and tolerances that make
//!   no sense are an error. No input panics or gives NaN; the batches panic where the slice for the answers has
//!   another length than asked for.
//! - Long text: memory is linear everywhere. Jaro takes ten million code points in seconds. A cut-off bounds the time
//!   of the distances on edits, in the functions that end in `_within` and in the batches; without one, and in
//!   `AffineGap` and the ratios, it grows with the product of the lengths, so that text of strangers wants a limit.
//!
//! # Speed
//!
//! Texts of up to 64 code points are compared with their positions as bits of a word, and 8 to 64 pairs at a time in
//! the batches, with AVX-512 or AVX2 where the processor has them ([`Level`]). `docs/benchmarks.md` has the figures.

mod affine;
mod block;
mod compiled;
mod deal;
mod edit;
mod fold;
#[cfg(target_arch = "x86_64")]
mod fold_x86;
mod jaro;
mod level;
mod long;
mod near;
#[cfg(target_arch = "x86_64")]
mod near_x86;
mod pair;
mod pair_x86;
mod pairs;
mod phonetic;
mod prepared;
mod qgram;
mod ratio;
mod score;
mod short;
mod simd;
#[cfg(feature = "phonetic")]
mod sound;
mod tokens;
mod values;
mod word;

pub use affine::{AffineGap, InvalidWeights};
pub use block::Block;
pub(crate) use compiled::{Work, compiled};
pub use edit::{
    damerau_levenshtein, damerau_levenshtein_at, damerau_levenshtein_similarity, damerau_levenshtein_within,
    hamming, indel, indel_ratio, indel_within, lcs_length, lcs_length_at, levenshtein, levenshtein_at,
    levenshtein_similarity, levenshtein_within, levenshtein_within_at, osa, osa_at, osa_within,
};
pub use jaro::{jaro, jaro_at, jaro_winkler, jaro_winkler_at};
pub use level::{Level, UnknownLevel};
pub use pairs::{PairBatch, Text};
pub use phonetic::{metaphone, nysiis, soundex};
pub use prepared::Prepared;
pub use qgram::{QGrams, UnsupportedQ, qgram_cosine, qgram_dice, qgram_jaccard};
pub use score::{Distance, Similarity};
#[cfg(feature = "phonetic")]
pub use sound::{DoubleMetaphone, caverphone, cologne, double_metaphone, match_rating};
pub use tokens::{monge_elkan, monge_elkan_both, token_set_ratio, token_sort_ratio};
pub use values::{CalendarDate, DateAgreement, InvalidValue, Place, numeric_similarity};
