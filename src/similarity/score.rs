//! The two result types: how alike two values are, and how far apart.
//!
//! They are kept apart because mixing them up is silent: a distance of 0 and a similarity of 0 mean opposite
//! things, and both are "just numbers" to a compiler that is not told.

use std::fmt;

/// How alike two values are: 0 is nothing in common, 1 is equal. Never NaN, never outside 0 to 1.
///
/// # Example
/// ```
/// use stitchline::similarity::{Similarity, jaro_winkler};
///
/// let score = jaro_winkler("martha", "marhta");
/// assert!(score > Similarity::new(0.96).unwrap());
/// assert_eq!(Similarity::new(1.2), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default)]
#[repr(transparent)]
pub struct Similarity(f64);

impl Similarity {
    /// Nothing in common; also what the batch forms write for a pair that misses the cut-off.
    pub const ZERO: Self = Self(0.0);
    /// Equal.
    pub const ONE: Self = Self(1.0);

    /// A similarity, or `None` where `value` is NaN or outside 0 to 1.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// For values that are in range by construction.
    pub(crate) const fn of(value: f64) -> Self {
        Self(value)
    }

    /// The number, 0 to 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Similarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far apart two strings are, in edits (the unit of text is the code point). 0 is equal.
///
/// # Example
/// ```
/// use stitchline::similarity::{Distance, levenshtein};
///
/// assert_eq!(levenshtein("kitten", "sitting"), Distance::new(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Distance(u32);

impl Distance {
    /// Equal.
    pub const ZERO: Self = Self(0);
    /// Further apart than the cut-off that was given: what the batch forms write for such a pair.
    pub const BEYOND: Self = Self(u32::MAX);

    /// A distance of so many edits.
    #[must_use]
    pub const fn new(edits: u32) -> Self {
        Self(edits)
    }

    /// Counts of a string's length fit, since no length beyond `u32::MAX` is compared.
    pub(crate) fn of(edits: usize) -> Self {
        Self(u32::try_from(edits).unwrap_or(u32::MAX))
    }

    /// The number of edits.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// `1 - distance / longest`, where `longest` is the greatest distance possible; 1 when both are empty.
    pub(crate) fn normalised(self, longest: usize) -> Similarity {
        if longest == 0 {
            return Similarity::ONE;
        }
        Similarity((1.0 - f64::from(self.0) / longest as f64).max(0.0))
    }
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
