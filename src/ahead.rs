//! Reading ahead: where work goes over rows that lie anywhere in memory, it waits for one after the other. Reading a word
//! of many of them first, with nothing that depends on it, makes the waits overlap: [`touch`], where what is read tells
//! what to read next. [`fetch`] does not wait at all, for what is asked for only later.

/// Words of a line of memory.
pub(crate) const LINE: usize = 16;

/// Room for so many words, all 0, and the place in it where a line of memory begins.
pub(crate) fn in_lines(words: usize) -> (Vec<u32>, usize) {
    let room = vec![0; words + LINE];
    let first = room.as_ptr().align_offset(LINE * size_of::<u32>()).min(LINE);
    (room, first)
}

/// Reads these words and forgets them.
#[inline]
pub(crate) fn touch(words: impl Iterator<Item = u32>) {
    std::hint::black_box(words.fold(0, |sum, word| sum ^ word));
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
