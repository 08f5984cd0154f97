//! Overlap of q-grams: every run of `q` neighbouring code points of a text, as a set or with counts.
//!
//! Grams are exact, never hashed: one or two characters of one byte each fit in 16 bits, up to three code points in
//! 63. A text shorter than `q` has no grams; there is no padding, and white space counts like any character.

use std::collections::btree_map::{BTreeMap, Entry};

use super::level::Level;
use super::score::Similarity;
use super::simd;

/// The sorted distinct q-grams of a text, each with how often it occurs, made once and compared with many.
///
/// # Example
/// ```
/// use stitchline::similarity::QGrams;
///
/// let (night, nacht) = (QGrams::new("night", 2).unwrap(), QGrams::new("nacht", 2).unwrap());
/// assert_eq!(night.jaccard(&nacht).get(), 1.0 / 7.0);
/// assert_eq!(night.dice(&nacht).get(), 2.0 / 8.0);
/// assert_eq!(night.cosine(&nacht).get(), 1.0 / 4.0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QGrams {
    q: u8,
    grams: Grams,
    /// Counts in the order of the grams; empty where each occurs once.
    counts: Box<[u32]>,
    total: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Grams {
    /// Grams of one or two characters of one byte each.
    Narrow(Box<[u16]>),
    Wide(Box<[u64]>),
}

/// `q` must be 1, 2 or 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsupportedQ;

impl std::fmt::Display for UnsupportedQ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("q-grams are of 1, 2 or 3 code points")
    }
}

impl std::error::Error for UnsupportedQ {}

impl QGrams {
    /// The grams of `q` code points each. O(n log n).
    ///
    /// # Errors
    /// Where `q` is not 1, 2 or 3.
    pub fn new(text: &str, q: usize) -> Result<Self, UnsupportedQ> {
        if !(1..=3).contains(&q) {
            return Err(UnsupportedQ);
        }
        let chars: Vec<char> = text.chars().collect();
        let mut counted: BTreeMap<u64, u32> = BTreeMap::new();
        let narrow = q <= 2 && chars.iter().all(|c| u32::from(*c) < 0x100);
        let bits = if narrow { 8 } else { 21 };
        for gram in chars.windows(q) {
            let packed = gram.iter().fold(0, |packed, c| packed << bits | u64::from(u32::from(*c)));
            match counted.entry(packed) {
                Entry::Vacant(entry) => drop(entry.insert(1)),
                Entry::Occupied(mut entry) => *entry.get_mut() = entry.get().saturating_add(1),
            }
        }
        let repeated = counted.values().any(|count| *count > 1);
        let counts = if repeated { counted.values().copied().collect() } else { Box::default() };
        let total = counted.values().fold(0u32, |total, count| total.saturating_add(*count));
        let grams = if narrow {
            Grams::Narrow(counted.keys().map(|gram| *gram as u16).collect())
        } else {
            Grams::Wide(counted.keys().copied().collect())
        };
        Ok(Self { q: q as u8, grams, counts, total })
    }

    /// The number of distinct grams.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.grams {
            Grams::Narrow(grams) => grams.len(),
            Grams::Wide(grams) => grams.len(),
        }
    }

    /// Bytes held outside the value itself: 2 for each distinct gram of one or two characters of ASCII or Latin-1, else
    /// 8, and 4 more where a gram occurs twice.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let grams = match &self.grams {
            Grams::Narrow(grams) => size_of_val::<[u16]>(grams),
            Grams::Wide(grams) => size_of_val::<[u64]>(grams),
        };
        grams + size_of_val::<[u32]>(&self.counts)
    }

    /// Whether the text has no gram.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Grams that both have, over grams that either has, each counted once. Two texts without grams give 1.
    ///
    /// O(n + m); both up to 64 grams of ASCII or Latin-1 are compared all with all in vectors. Source: Jaccard 1901.
    #[must_use]
    #[inline]
    pub fn jaccard(&self, other: &Self) -> Similarity {
        let (a, b, shared) = (self.len(), other.len(), self.shared(other));
        if a + b == 0 {
            return Similarity::ONE;
        }
        Similarity::of(shared as f64 / (a + b - shared) as f64)
    }

    /// Twice the grams that both have, over the grams of both added up, each counted once a text. Two texts
    /// without grams give 1. Complexity as [`QGrams::jaccard`]. Sources: Dice 1945, Sørensen 1948.
    #[must_use]
    pub fn dice(&self, other: &Self) -> Similarity {
        let (a, b, shared) = (self.len(), other.len(), self.shared(other));
        if a + b == 0 {
            return Similarity::ONE;
        }
        Similarity::of(2.0 * shared as f64 / (a + b) as f64)
    }

    /// The cosine of the angle between the counts of the grams. Two texts without grams give 1, one gives 0.
    /// O(n + m).
    #[must_use]
    pub fn cosine(&self, other: &Self) -> Similarity {
        if self.is_empty() || other.is_empty() {
            return if self.is_empty() && other.is_empty() { Similarity::ONE } else { Similarity::ZERO };
        }
        if self == other {
            return Similarity::ONE;
        }
        let square =
            |counts: &Self| (0..counts.len()).map(|i| counts.count(i) * counts.count(i)).sum::<f64>();
        let (mut i, mut j, mut product) = (0, 0, 0.0);
        while i < self.len() && j < other.len() {
            match self.gram(i).cmp(&other.gram(j)) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    product += self.count(i) * other.count(j);
                    (i, j) = (i + 1, j + 1);
                }
            }
        }
        Similarity::of((product / (square(self) * square(other)).sqrt()).min(1.0))
    }

    fn count(&self, index: usize) -> f64 {
        self.counts.get(index).map_or(1.0, |count| f64::from(*count))
    }

    /// The gram with each code point in 21 bits, whatever the width it is kept in; of one `q` they compare alike.
    fn gram(&self, index: usize) -> u64 {
        match &self.grams {
            Grams::Narrow(grams) => widen(self.q, grams[index]),
            Grams::Wide(grams) => grams[index],
        }
    }

    /// Distinct grams that both have; none where the grams are of different sizes.
    #[inline]
    fn shared(&self, other: &Self) -> usize {
        match (&self.grams, &other.grams) {
            _ if self.q != other.q => 0,
            (Grams::Narrow(a), Grams::Narrow(b)) => simd::shared(Level::active(), a, b),
            _ => {
                let (mut i, mut j, mut shared) = (0, 0, 0);
                while i < self.len() && j < other.len() {
                    let (x, y) = (self.gram(i), other.gram(j));
                    shared += usize::from(x == y);
                    i += usize::from(x <= y);
                    j += usize::from(y <= x);
                }
                shared
            }
        }
    }
}

fn widen(q: u8, gram: u16) -> u64 {
    let gram = u64::from(gram);
    if q == 1 { gram } else { (gram >> 8) << 21 | (gram & 0xFF) }
}

/// [`QGrams::jaccard`] of two texts.
///
/// # Errors
/// Where `q` is not 1, 2 or 3.
///
/// # Example
/// ```
/// assert_eq!(stitchline::similarity::qgram_jaccard("night", "nacht", 2).unwrap().get(), 1.0 / 7.0);
/// ```
pub fn qgram_jaccard(a: &str, b: &str, q: usize) -> Result<Similarity, UnsupportedQ> {
    Ok(QGrams::new(a, q)?.jaccard(&QGrams::new(b, q)?))
}

/// [`QGrams::dice`] of two texts.
///
/// # Errors
/// Where `q` is not 1, 2 or 3.
///
/// # Example
/// ```
/// assert_eq!(stitchline::similarity::qgram_dice("night", "nacht", 2).unwrap().get(), 0.25);
/// ```
pub fn qgram_dice(a: &str, b: &str, q: usize) -> Result<Similarity, UnsupportedQ> {
    Ok(QGrams::new(a, q)?.dice(&QGrams::new(b, q)?))
}

/// [`QGrams::cosine`] of two texts.
///
/// # Errors
/// Where `q` is not 1, 2 or 3.
///
/// # Example
/// ```
/// assert_eq!(stitchline::similarity::qgram_cosine("night", "nacht", 2).unwrap().get(), 0.25);
/// ```
pub fn qgram_cosine(a: &str, b: &str, q: usize) -> Result<Similarity, UnsupportedQ> {
    Ok(QGrams::new(a, q)?.cosine(&QGrams::new(b, q)?))
}
