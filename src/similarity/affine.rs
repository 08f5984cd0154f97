//! Alignment with affine gaps: opening a gap costs more than making it longer, as fits words left out of a name.

use super::score::Similarity;

/// Weights of an alignment with affine gaps. Scores are in the unit of the weights.
///
/// # Example
/// ```
/// use stitchline::similarity::AffineGap;
///
/// let affine = AffineGap::default();
/// assert!(affine.similarity("john smith", "john t smith") > affine.similarity("john smith", "jahn smoth"));
/// assert!(AffineGap::new(0.0, -1.0, 1.0, 0.5).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AffineGap {
    equal: f64,
    unequal: f64,
    open: f64,
    extend: f64,
}

/// The weights given cannot be used; the message says which must be what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidWeights;

impl std::fmt::Display for InvalidWeights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "weights must be finite: equal above 0, unequal at most equal, open and extend at least 0",
        )
    }
}

impl std::error::Error for InvalidWeights {}

impl Default for AffineGap {
    /// 1 for equal, -1 for unequal characters; 1 for a gap's first character, .25 for each further one.
    fn default() -> Self {
        Self { equal: 1.0, unequal: -1.0, open: 1.0, extend: 0.25 }
    }
}

impl AffineGap {
    /// `equal` and `unequal` are gained for each aligned pair of code points; `open` is lost for the first code
    /// point of a gap, `extend` for each further one.
    ///
    /// # Errors
    /// Where a weight is not finite, `equal` is not above 0 or is below `unequal`, or a gap is gained from.
    pub fn new(equal: f64, unequal: f64, open: f64, extend: f64) -> Result<Self, InvalidWeights> {
        let finite = [equal, unequal, open, extend].iter().all(|weight| weight.is_finite());
        if finite && equal > 0.0 && unequal <= equal && open >= 0.0 && extend >= 0.0 {
            Ok(Self { equal, unequal, open, extend })
        } else {
            Err(InvalidWeights)
        }
    }

    /// The greatest score of an alignment of both whole texts. O(n m) time, O(n) memory. Source: Gotoh 1982.
    #[must_use]
    pub fn score(&self, a: &str, b: &str) -> f64 {
        const NONE: f64 = f64::NEG_INFINITY;
        let b: Vec<char> = b.chars().collect();
        let gap = |len: usize| if len == 0 { 0.0 } else { -self.open - self.extend * (len - 1) as f64 };
        // Best scores by column: that end in a pair, or in a gap of either text.
        let mut best: Vec<f64> = (0..=b.len()).map(gap).collect();
        let mut down = vec![NONE; b.len() + 1];
        for (i, x) in a.chars().enumerate() {
            let mut corner = best[0];
            best[0] = gap(i + 1);
            let mut across = NONE;
            for (j, y) in b.iter().enumerate() {
                across = (across - self.extend).max(best[j] - self.open);
                down[j + 1] = (down[j + 1] - self.extend).max(best[j + 1] - self.open);
                let pair = corner + if x == *y { self.equal } else { self.unequal };
                corner = best[j + 1];
                best[j + 1] = pair.max(across).max(down[j + 1]);
            }
        }
        best[b.len()]
    }

    /// The score over that of the shorter text with itself, at least 0 and at most 1: so a text is like its longer
    /// forms, less the gaps. Two empty texts give 1, one gives 0.
    #[must_use]
    pub fn similarity(&self, a: &str, b: &str) -> Similarity {
        let shorter = a.chars().count().min(b.chars().count());
        if shorter == 0 {
            return if a.is_empty() && b.is_empty() { Similarity::ONE } else { Similarity::ZERO };
        }
        let share = self.score(a, b) / (self.equal * shorter as f64);
        if share.is_nan() { Similarity::ZERO } else { Similarity::of(share.clamp(0.0, 1.0)) }
    }
}
