//! Match weights: evidence in bits.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, iter::Sum, ops};

/// The strength of evidence in bits: log2 of a Bayes factor (I. P. Fellegi, A. B. Sunter, 1969). Positive speaks for
/// one customer, negative against.
///
/// Held in thousandths of a bit, so that sums do not depend on their order.
///
/// ```
/// use stitchline::MatchWeight;
///
/// let total = MatchWeight::from_bits(-20.0) + MatchWeight::from_bits(24.0);
/// assert_eq!(total.bits(), 4.0);
/// assert!((total.probability() - 16.0 / 17.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MatchWeight(i32);

impl MatchWeight {
    /// No evidence at all.
    pub const ZERO: MatchWeight = MatchWeight(0);

    /// From bits, rounded to thousandths and held within ±1000.
    pub fn from_bits(bits: f64) -> Self {
        MatchWeight((bits.clamp(-1000.0, 1000.0) * 1000.0).round() as i32)
    }

    /// From thousandths of a bit.
    #[inline]
    pub(crate) const fn of_thousandths(thousandths: i32) -> Self {
        MatchWeight(thousandths)
    }

    /// In thousandths of a bit.
    #[inline]
    pub(crate) const fn thousandths(self) -> i32 {
        self.0
    }

    /// In bits.
    pub fn bits(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// The probability of one customer, where this is a total weight with the prior included.
    pub fn probability(self) -> f64 {
        1.0 / (1.0 + (-self.bits()).exp2())
    }

    /// log2 of a count.
    pub(crate) fn log2(count: u32) -> Self {
        // That of one is asked for most, and of each look-up.
        if count <= 1 { MatchWeight::ZERO } else { MatchWeight::from_bits(f64::from(count).log2()) }
    }
}

impl ops::Add for MatchWeight {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        MatchWeight(self.0.saturating_add(other.0))
    }
}

impl ops::Sub for MatchWeight {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        MatchWeight(self.0.saturating_sub(other.0))
    }
}

impl ops::AddAssign for MatchWeight {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for MatchWeight {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(MatchWeight::ZERO, |sum, item| sum + item)
    }
}

/// `+24.0 bits`.
impl fmt::Display for MatchWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.1} bits", self.bits())
    }
}

impl Serialize for MatchWeight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.bits())
    }
}

impl<'de> Deserialize<'de> for MatchWeight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(MatchWeight::from_bits(f64::deserialize(deserializer)?))
    }
}
