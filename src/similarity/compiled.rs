//! Plain code compiled once more for the instructions that the processor has, such as counting bits.
#![allow(unsafe_code)]

use super::level::Level;

/// Work that does not ask which instructions there are. [`Work::run`] and what it calls should be inlined.
pub(crate) trait Work {
    /// Does it.
    fn run(self);
}

/// Does work with the instructions of the [`Level`] in use; the outcome is the same at each.
#[inline]
pub(crate) fn compiled(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn middle(work: impl Work) {
        work.run();
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(
        enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx512vpopcntdq,avx2,bmi1,bmi2,lzcnt,popcnt"
    )]
    fn wide(work: impl Work) {
        work.run();
    }
    match Level::active().or_below() {
        // SAFETY: `or_below` gives a level only where the processor has all its features, and the one beside it is asked for.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 if is_x86_feature_detected!("avx512vpopcntdq") => unsafe { wide(work) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 | Level::Avx512 => unsafe { middle(work) },
        _ => work.run(),
    }
}
