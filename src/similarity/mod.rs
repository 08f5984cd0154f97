//! Similarity and distance of strings and values.

mod affine;
mod block;
mod edit;
mod jaro;
mod level;
mod long;
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
mod tokens;
mod values;
mod word;

pub use affine::{AffineGap, InvalidWeights};
pub use block::Block;
pub use edit::{
    damerau_levenshtein, damerau_levenshtein_similarity, hamming, indel, indel_ratio, lcs_length,
    lcs_length_at, levenshtein, levenshtein_at, levenshtein_similarity, levenshtein_within, osa, osa_at,
};
pub use jaro::{jaro, jaro_at, jaro_winkler, jaro_winkler_at};
pub use level::{Level, UnknownLevel};
pub use pairs::{PairBatch, Text};
pub use phonetic::{metaphone, nysiis, soundex};
pub use prepared::Prepared;
pub use qgram::{QGrams, UnsupportedQ, qgram_cosine, qgram_dice, qgram_jaccard};
pub use score::{Distance, Similarity};
pub use tokens::{monge_elkan, monge_elkan_both, token_set_ratio, token_sort_ratio};
pub use values::{CalendarDate, DateAgreement, InvalidValue, Place, numeric_similarity};
