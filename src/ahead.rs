//! Reading ahead: where work goes over rows that lie anywhere in memory, it waits for one after the other. Reading a word
//! of many of them first, with nothing that depends on it, makes the waits overlap.

/// Reads these words and forgets them.
#[inline]
pub(crate) fn touch(words: impl Iterator<Item = u32>) {
    std::hint::black_box(words.fold(0, |sum, word| sum ^ word));
}
