//! Which instructions the kernels may use: found once at run time, lowered by hand for tests and benches.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU8, Ordering};

/// A set of instructions that the string kernels are written for. All levels give the same answers.
///
/// The highest level that the processor has is used. The environment variable `STITCHLINE_SIMD` (`portable`,
/// `avx2` or `avx512`), read once, lowers it; the `*_at` functions and [`Block::at`](super::Block::at) take one
/// explicitly.
///
/// # Example
/// ```
/// use stitchline::similarity::{Level, jaro_winkler, jaro_winkler_at};
///
/// for level in Level::supported() {
///     assert_eq!(jaro_winkler_at(level, "dwayne", "duane"), jaro_winkler("dwayne", "duane"));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Safe Rust without any processor-specific instruction.
    Portable = 1,
    /// AVX2 with BMI2 and FMA (Intel from 2013, AMD from 2015).
    Avx2 = 2,
    /// AVX-512 F, BW, VL, DQ and CD (Intel servers from 2017, AMD from 2022).
    Avx512 = 3,
}

static ACTIVE: AtomicU8 = AtomicU8::new(0);

impl Level {
    const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The level in use where none is given.
    #[must_use]
    #[inline]
    pub fn active() -> Self {
        match ACTIVE.load(Ordering::Relaxed) {
            1 => Self::Portable,
            2 => Self::Avx2,
            3 => Self::Avx512,
            _ => Self::detect(),
        }
    }

    /// Every level this processor can run, lowest first.
    pub fn supported() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|level| level.is_supported())
    }

    /// Whether this processor can run the level.
    #[must_use]
    pub fn is_supported(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("bmi1")
                    && is_x86_feature_detected!("bmi2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("lzcnt")
                    && is_x86_feature_detected!("popcnt")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.is_supported()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512cd")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// This level, or the highest one below it that the processor has. Every kernel call passes through here
    /// or through [`Level::active`], so that no instruction is met that the processor lacks.
    #[must_use]
    pub fn or_below(self) -> Self {
        if self <= Self::active() || self.is_supported() {
            return self;
        }
        Self::supported().filter(|level| *level < self).last().unwrap_or(Self::Portable)
    }

    #[cold]
    fn detect() -> Self {
        let best = Self::supported().last().unwrap_or(Self::Portable);
        let asked = std::env::var("STITCHLINE_SIMD").ok().and_then(|name| name.parse::<Self>().ok());
        let level = asked.map_or(best, |asked| asked.min(best));
        ACTIVE.store(level as u8, Ordering::Relaxed);
        level
    }
}

/// A level that the processor has, as far as its maker knows; not for other crates, which cannot make one.
#[derive(Clone, Copy)]
pub struct Supported(Level);

impl Supported {
    /// For a level that [`Level::or_below`] gave, or whose instructions the caller is compiled for.
    pub(super) fn known(level: Level) -> Self {
        Self(level)
    }

    pub(super) fn level(self) -> Level {
        self.0
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        })
    }
}

/// The name given is not that of a level; the names are `portable`, `avx2` and `avx512`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLevel;

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown instruction level: write portable, avx2 or avx512")
    }
}

impl std::error::Error for UnknownLevel {}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Self, UnknownLevel> {
        Self::ALL.into_iter().find(|level| level.to_string() == name).ok_or(UnknownLevel)
    }
}
