//! Reading ahead: where work goes over rows that lie anywhere in memory, it waits for one after the other. The processor is
//! asked early for what will be read, which does not wait, so that the waits overlap.

/// Words of a line of memory.
pub(crate) const LINE: usize = 16;

/// What begins where a line of memory does, so that no vector of it lies across two: what was just put into such cannot be
/// read again soon.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Aligned<T>(pub(crate) T);

/// Room for so many words, all 0, and the place in it where a line of memory begins.
pub(crate) fn in_lines(words: usize) -> (Vec<u32>, usize) {
    let room = vec![0; words + LINE];
    let first = room.as_ptr().align_offset(LINE * size_of::<u32>()).min(LINE);
    (room, first)
}

/// Asks the processor to read a word soon, without waiting for it.
#[inline(always)]
#[allow(unsafe_code)]
pub(crate) fn fetch<T>(words: &[T], at: usize) {
    if let Some(word) = words.get(at) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: all processors of this kind have the instruction, and it changes no state that a program sees.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(word).cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        std::hint::black_box(std::ptr::from_ref(word));
    }
}
