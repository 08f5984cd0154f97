//! The text that is compared with a whole block: where each of its characters stands.

use super::super::ratio::WORD;

/// The code of a character that no member of the block has.
pub(in super::super) const ABSENT: u8 = 255;

/// A text of up to [`WORD`] characters in a block's codes.
pub(in super::super) struct Pattern {
    pub(in super::super) len: usize,
    /// One code a character.
    pub(in super::super) codes: [u8; WORD],
    /// `places[code]` has bit i where the code stands at position i.
    pub(in super::super) places: [u64; 256],
    /// The codes that occur, each once, without [`ABSENT`].
    pub(in super::super) distinct: [u8; WORD],
    pub(in super::super) distinct_len: usize,
    /// One more than the greatest code of the block.
    pub(in super::super) alphabet: usize,
}

impl Pattern {
    /// At most [`WORD`] codes are taken.
    pub(in super::super) fn new(alphabet: usize, codes: impl Iterator<Item = u8>) -> Self {
        let mut pattern = Self {
            len: 0,
            codes: [ABSENT; WORD],
            places: [0; 256],
            distinct: [0; WORD],
            distinct_len: 0,
            alphabet,
        };
        for (i, code) in codes.take(WORD).enumerate() {
            pattern.codes[i] = code;
            pattern.len = i + 1;
            if code == ABSENT {
                continue;
            }
            if pattern.places[usize::from(code)] == 0 {
                pattern.distinct[pattern.distinct_len] = code;
                pattern.distinct_len += 1;
            }
            pattern.places[usize::from(code)] |= 1 << i;
        }
        pattern
    }
}
