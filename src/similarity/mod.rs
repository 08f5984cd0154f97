//! Similarity and distance of strings and values.

mod block;
mod edit;
mod jaro;
mod level;
mod long;
mod pair;
mod pair_x86;
mod pairs;
mod prepared;
mod ratio;
mod score;
mod simd;
mod word;

pub use block::Block;
pub use edit::{
    damerau_levenshtein, damerau_levenshtein_similarity, hamming, indel, indel_ratio, lcs_length,
    lcs_length_at, levenshtein, levenshtein_at, levenshtein_similarity, levenshtein_within, osa, osa_at,
};
pub use jaro::{jaro, jaro_at, jaro_winkler, jaro_winkler_at};
pub use level::{Level, UnknownLevel};
pub use pairs::{PairBatch, Text};
pub use prepared::Prepared;
pub use score::{Distance, Similarity};
