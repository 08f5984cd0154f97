//! Distances in edits: Levenshtein, optimal string alignment, Damerau-Levenshtein, Hamming; and the longest
//! common subsequence with the Indel ratio that rests on it.

use super::level::Level;
use super::pair::{self, Edit};
use super::prepared::Prepared;
use super::score::{Distance, Similarity};

/// Least insertions, deletions and substitutions of code points that make `a` into `b`.
///
/// O(n) up to 64 code points in the shorter text, O(n m / 64) time and O(n + m) memory beyond; for long texts of
/// which only near ones matter use [`levenshtein_within`]. Sources: Levenshtein 1966, Myers 1999, Hyyrö 2003.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, levenshtein};
///
/// assert_eq!(levenshtein("ab", "ba"), Distance::new(2));
/// assert_eq!(levenshtein("", "ann"), Distance::new(3));
/// ```
#[must_use]
#[inline]
pub fn levenshtein(a: &str, b: &str) -> Distance {
    levenshtein_at(Level::active(), a, b)
}

/// [`levenshtein`] with the instructions of one level, or of the highest supported one below it.
#[must_use]
#[inline]
pub fn levenshtein_at(level: Level, a: &str, b: &str) -> Distance {
    Distance::of(pair::edit(level, Edit::Levenshtein, a, b))
}

/// [`levenshtein`] where it is at most `most`, else `None`.
///
/// O(`most` n) time and O(n) memory whatever the lengths, so that a cut-off bounds the work on hostile input; unlike
/// texts end after some `most`² steps. Sources: Ukkonen 1985, Landau and Vishkin 1989.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, levenshtein_within};
///
/// assert_eq!(levenshtein_within("jon", "john", Distance::new(1)), Some(Distance::new(1)));
/// assert_eq!(levenshtein_within("jon", "joanna", Distance::new(2)), None);
/// let (a, b) = ("a".repeat(1_000_000), "b".repeat(1_000_000));
/// assert_eq!(levenshtein_within(&a, &b, Distance::new(3)), None);
/// ```
#[must_use]
#[inline]
pub fn levenshtein_within(a: &str, b: &str, most: Distance) -> Option<Distance> {
    within(Level::active(), Edit::Levenshtein, a, b, most)
}

/// [`levenshtein_within`] with the instructions of one level, or of the highest supported one below it.
#[must_use]
#[inline]
pub fn levenshtein_within_at(level: Level, a: &str, b: &str, most: Distance) -> Option<Distance> {
    within(level.or_below(), Edit::Levenshtein, a, b, most)
}

/// [`osa`] where it is at most `most`, else `None`. Time and memory as [`levenshtein_within`].
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, osa_within};
///
/// assert_eq!(osa_within("jhon", "john", Distance::new(1)), Some(Distance::new(1)));
/// assert_eq!(osa_within("CA", "ABC", Distance::new(2)), None);
/// ```
#[must_use]
pub fn osa_within(a: &str, b: &str, most: Distance) -> Option<Distance> {
    within(Level::active(), Edit::Osa, a, b, most)
}

/// [`damerau_levenshtein`] where it is at most `most`, else `None`. O(`most` n) time, O(n) memory.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, damerau_levenshtein_within};
///
/// assert_eq!(damerau_levenshtein_within("CA", "ABC", Distance::new(2)), Some(Distance::new(2)));
/// assert_eq!(damerau_levenshtein_within("jon", "joanna", Distance::new(2)), None);
/// ```
#[must_use]
pub fn damerau_levenshtein_within(a: &str, b: &str, most: Distance) -> Option<Distance> {
    within(Level::active(), Edit::Damerau, a, b, most)
}

/// [`indel`] where it is at most `most`, else `None`. Time and memory as [`levenshtein_within`]. Source: Myers 1986.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, indel_within};
///
/// assert_eq!(indel_within("jon", "jan", Distance::new(2)), Some(Distance::new(2)));
/// assert_eq!(indel_within("jon", "jan", Distance::new(1)), None);
/// ```
#[must_use]
pub fn indel_within(a: &str, b: &str, most: Distance) -> Option<Distance> {
    within(Level::active(), Edit::Lcs, a, b, most)
}

#[inline]
fn within(level: Level, metric: Edit, a: &str, b: &str, most: Distance) -> Option<Distance> {
    pair::edit_within(level, metric, a, b, most.get() as usize).map(Distance::of)
}

/// `1 - levenshtein / longer length`; 1 for two empty texts. Complexity as [`levenshtein`].
///
/// # Example
/// ```
/// use stitchline::similarity::levenshtein_similarity;
///
/// assert_eq!(levenshtein_similarity("ann", "anne").get(), 0.75);
/// ```
#[must_use]
pub fn levenshtein_similarity(a: &str, b: &str) -> Similarity {
    levenshtein(a, b).normalised(longer(a, b))
}

/// Least insertions, deletions, substitutions and swaps of neighbours, where no part is edited twice.
///
/// The restricted form: `CA` to `ABC` is 3, and the triangle inequality does not hold. O(n) up to 64 code points
/// in the shorter text, O(n m) time and O(n) memory beyond. Source: Hyyrö 2003.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, osa};
///
/// assert_eq!(osa("ab", "ba"), Distance::new(1));
/// assert_eq!(osa("CA", "ABC"), Distance::new(3));
/// ```
#[must_use]
#[inline]
pub fn osa(a: &str, b: &str) -> Distance {
    osa_at(Level::active(), a, b)
}

/// [`osa`] with the instructions of one level, or of the highest supported one below it.
#[must_use]
#[inline]
pub fn osa_at(level: Level, a: &str, b: &str) -> Distance {
    Distance::of(pair::edit(level, Edit::Osa, a, b))
}

/// Least insertions, deletions, substitutions and swaps of neighbours, where what was swapped may be edited
/// again: the unrestricted form, a metric. `CA` to `ABC` is 2.
///
/// O(n) up to 64 code points where no swap can reach over others (see [`osa`]), else O(n m) time; O(n) memory.
/// Sources: Damerau 1964, Lowrance and Wagner 1975, Zhao and Sahni 2019.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, damerau_levenshtein};
///
/// assert_eq!(damerau_levenshtein("CA", "ABC"), Distance::new(2));
/// ```
#[must_use]
pub fn damerau_levenshtein(a: &str, b: &str) -> Distance {
    damerau_levenshtein_at(Level::active(), a, b)
}

/// [`damerau_levenshtein`] with the instructions of one level, or of the highest supported one below it.
#[must_use]
pub fn damerau_levenshtein_at(level: Level, a: &str, b: &str) -> Distance {
    Distance::of(pair::edit(level, Edit::Damerau, a, b))
}

/// `1 - damerau_levenshtein / longer length`; 1 for two empty texts. O(n m) time, O(n) memory.
///
/// # Example
/// ```
/// use stitchline::similarity::damerau_levenshtein_similarity;
///
/// assert_eq!(damerau_levenshtein_similarity("jhon", "john").get(), 0.75);
/// ```
#[must_use]
pub fn damerau_levenshtein_similarity(a: &str, b: &str) -> Similarity {
    damerau_levenshtein(a, b).normalised(longer(a, b))
}

/// Positions at which two texts of one length differ; `None` where the lengths differ. O(n).
/// Source: Hamming 1950.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, hamming};
///
/// assert_eq!(hamming("12345678", "12345687"), Some(Distance::new(2)));
/// assert_eq!(hamming("123", "1234"), None);
/// ```
#[must_use]
pub fn hamming(a: &str, b: &str) -> Option<Distance> {
    let (mut a, mut b) = (a.chars(), b.chars());
    let mut differing = 0;
    loop {
        match (a.next(), b.next()) {
            (Some(x), Some(y)) => differing += usize::from(x != y),
            (None, None) => return Some(Distance::of(differing)),
            _ => return None,
        }
    }
}

/// The length, in code points, of the longest sequence that both texts contain in order, gaps allowed.
///
/// O(n) up to 64 code points in the shorter text, O(n m / 64) time and O(n) memory beyond. Source: Hyyrö 2004.
///
/// # Example
/// ```
/// use stitchline::similarity::lcs_length;
///
/// assert_eq!(lcs_length("margaret", "maggie"), 4);
/// ```
#[must_use]
pub fn lcs_length(a: &str, b: &str) -> usize {
    lcs_length_at(Level::active(), a, b)
}

/// [`lcs_length`] with the instructions of one level, or of the highest supported one below it.
#[must_use]
pub fn lcs_length_at(level: Level, a: &str, b: &str) -> usize {
    pair::edit(level, Edit::Lcs, a, b)
}

/// Least insertions and deletions that make `a` into `b`: both lengths less twice [`lcs_length`].
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, indel};
///
/// assert_eq!(indel("ann", "anne"), Distance::new(1));
/// assert_eq!(indel("jon", "jan"), Distance::new(2));
/// ```
#[must_use]
pub fn indel(a: &str, b: &str) -> Distance {
    Distance::of(a.chars().count() + b.chars().count() - 2 * lcs_length(a, b))
}

/// `1 - indel / sum of lengths`, which RapidFuzz calls `ratio`; 1 for two empty texts.
///
/// # Example
/// ```
/// use stitchline::similarity::indel_ratio;
///
/// assert_eq!(indel_ratio("jon", "john").get(), 1.0 - 1.0 / 7.0);
/// ```
#[must_use]
pub fn indel_ratio(a: &str, b: &str) -> Similarity {
    indel(a, b).normalised(a.chars().count() + b.chars().count())
}

fn longer(a: &str, b: &str) -> usize {
    a.chars().count().max(b.chars().count())
}

impl Prepared {
    /// [`levenshtein`] of two prepared texts.
    #[must_use]
    pub fn levenshtein(&self, other: &Self) -> Distance {
        Distance::of(pair::edit_prepared(Level::active(), Edit::Levenshtein, self, other))
    }

    /// [`levenshtein_within`] of two prepared texts.
    #[must_use]
    pub fn levenshtein_within(&self, other: &Self, most: Distance) -> Option<Distance> {
        let most = most.get() as usize;
        pair::edit_within_prepared(Level::active(), Edit::Levenshtein, self, other, most).map(Distance::of)
    }

    /// [`osa`] of two prepared texts.
    #[must_use]
    pub fn osa(&self, other: &Self) -> Distance {
        Distance::of(pair::edit_prepared(Level::active(), Edit::Osa, self, other))
    }

    /// [`damerau_levenshtein`] of two prepared texts.
    #[must_use]
    pub fn damerau_levenshtein(&self, other: &Self) -> Distance {
        Distance::of(pair::edit_prepared(Level::active(), Edit::Damerau, self, other))
    }

    /// [`lcs_length`] of two prepared texts.
    #[must_use]
    pub fn lcs_length(&self, other: &Self) -> usize {
        pair::edit_prepared(Level::active(), Edit::Lcs, self, other)
    }

    /// [`indel_ratio`] of two prepared texts.
    #[must_use]
    pub fn indel_ratio(&self, other: &Self) -> Similarity {
        let longest = self.len() + other.len();
        Distance::of(longest - 2 * self.lcs_length(other)).normalised(longest)
    }
}
