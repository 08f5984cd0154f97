//! Groups of 64 strings at a time, at a chosen [`Level`]: what the batch forms run on.
//!
//! In: a [`Pattern`] and groups of transposed codes, or a group of transposed pairs. Out: a score or a count for
//! each string of a group, given to a closure group by group.
#![allow(unsafe_code)]
// Tables live on the stack for one call and would be slower behind a pointer; lanes are counted, as in the kernels.
#![allow(clippy::large_enum_variant, clippy::needless_range_loop)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod kernels;
mod lanes;
mod many;
mod pairs;
mod pattern;
mod portable;
#[cfg(target_arch = "x86_64")]
mod score512;
mod sets;
#[cfg(target_arch = "x86_64")]
mod twin;

use super::level::Level;
use super::score::Similarity;
pub(super) use lanes::{GROUP, Row};
pub(super) use many::Group;
pub(super) use pairs::{Lines, PairGroup};
pub(super) use pattern::{ABSENT, Pattern};
pub(super) use sets::shared;
#[cfg(target_arch = "x86_64")]
use twin::Twin;

/// Which of the metrics on edits a batch call wants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Levenshtein,
    Osa,
    Damerau,
    /// The length of the longest common subsequence.
    Lcs,
}

/// The least matches that can reach the cut-off, for each length of the second text.
pub(super) type Need = [u8; super::ratio::WORD + 1];

/// Scores as the numbers that they are, to be filled in by a kernel with numbers from 0 to 1.
pub(super) fn numbers(scores: &mut [Similarity; GROUP]) -> &mut [f64; GROUP] {
    // SAFETY: the type is a transparent one around its number.
    unsafe { &mut *std::ptr::from_mut(scores).cast() }
}

/// Compiles one generic function for each level and picks it at run time.
macro_rules! at_level {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $t:ty),*) = $module:ident::$generic:ident) => {
        $(#[$doc])*
        pub(super) fn $name(level: Level, $($arg: $t),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
            fn wide($($arg: $t),*) {
                use avx512::{Bytes, Doubles, Quads, Words};
                $module::$generic::<Bytes, Words, Doubles, Quads>($($arg),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
            fn middle($($arg: $t),*) {
                use avx2::{Bytes, Doubles, Quads, Words};
                $module::$generic::<Twin<Bytes>, Twin<Words>, Twin<Doubles>, Twin<Quads>>($($arg),*);
            }
            fn plain($($arg: $t),*) {
                use portable::{Bytes, Doubles, Quads, Words};
                $module::$generic::<Bytes, Words, Doubles, Quads>($($arg),*);
            }
            match level.or_below() {
                // SAFETY: `or_below` gives a level only where the processor has all its features.
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => unsafe { wide($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => unsafe { middle($($arg),*) },
                _ => plain($($arg),*),
            }
        }
    };
}

at_level! {
    /// Jaro or Jaro-Winkler of the pattern with every string of the groups.
    fn many_jaro(
        winkler: bool, pattern: &Pattern, rows: &[Row], groups: &[Group], need: Option<&Need>,
        sink: &mut dyn FnMut(usize, &[f64; GROUP])
    ) = many::jaro
}

at_level! {
    /// A count of the pattern with every string of the groups.
    fn many_count(
        metric: Count, pattern: &Pattern, rows: &[Row], groups: &[Group], sink: &mut dyn FnMut(usize, &[u8; GROUP])
    ) = many::count
}

at_level! {
    /// Jaro or Jaro-Winkler of each pair of a group.
    fn pairs_jaro(winkler: bool, group: &PairGroup, out: &mut [f64; GROUP]) = pairs::jaro
}

at_level! {
    /// A count of each pair of a group.
    fn pairs_count(metric: Count, group: &PairGroup, out: &mut [u8; GROUP]) = pairs::count
}
