//! Jaro and Jaro-Winkler of two texts.

use super::level::Level;
use super::pair;
use super::prepared::Prepared;
use super::score::Similarity;

/// Jaro's similarity: the mean of the shares of both texts that match, and of the matches that stand in order.
///
/// A character matches the lowest free equal one that is less than half the longer text away; half of the
/// matches out of order, floored, count as transpositions. Two empty texts give 1, one empty text 0.
/// O(n) steps up to 64 code points, O(n log n) beyond. Source: Jaro 1989.
///
/// # Example
/// ```
/// use stitchline::similarity::jaro;
///
/// assert_eq!(format!("{:.3}", jaro("SHACKLEFORD", "SHACKELFORD")), "0.970");
/// ```
#[must_use]
#[inline]
pub fn jaro(a: &str, b: &str) -> Similarity {
    jaro_at(Level::active(), a, b)
}

/// [`jaro`] with the instructions of one level, or of the highest supported one below it.
#[must_use]
#[inline]
pub fn jaro_at(level: Level, a: &str, b: &str) -> Similarity {
    Similarity::of(pair::jaro::<false>(level, a, b))
}

/// Jaro's similarity, raised above .7 for texts that begin alike: by a tenth of what is missing for each of up
/// to four equal first characters.
///
/// The .7 is strict and decided in `f64` as strsim and RapidFuzz do. Complexity as [`jaro`].
/// Source: Winkler 1990.
///
/// # Example
/// ```
/// use stitchline::similarity::jaro_winkler;
///
/// assert_eq!(format!("{:.3}", jaro_winkler("SHACKLEFORD", "SHACKELFORD")), "0.982");
/// assert_eq!(jaro_winkler("", "").get(), 1.0);
/// assert_eq!(jaro_winkler("李小龙", "李小隆"), jaro_winkler("abc", "abd"));
/// ```
#[must_use]
#[inline]
pub fn jaro_winkler(a: &str, b: &str) -> Similarity {
    jaro_winkler_at(Level::active(), a, b)
}

/// [`jaro_winkler`] with the instructions of one level, or of the highest supported one below it.
#[must_use]
#[inline]
pub fn jaro_winkler_at(level: Level, a: &str, b: &str) -> Similarity {
    Similarity::of(pair::jaro::<true>(level, a, b))
}

impl Prepared {
    /// [`jaro`] of two prepared texts.
    #[must_use]
    pub fn jaro(&self, other: &Self) -> Similarity {
        Similarity::of(pair::jaro_prepared::<false>(Level::active(), self, other))
    }

    /// [`jaro_winkler`] of two prepared texts.
    #[must_use]
    pub fn jaro_winkler(&self, other: &Self) -> Similarity {
        Similarity::of(pair::jaro_prepared::<true>(Level::active(), self, other))
    }
}
