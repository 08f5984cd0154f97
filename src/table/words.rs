//! Texts as words of eight bytes: most are short, and what is done to words needs no look at how long they are.

use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hasher};

/// The same on every run and machine of one word size.
pub(crate) fn hash(text: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(0x5711_7c11).build_hasher();
    hasher.write(text);
    hasher.finish()
}

/// The most words of a text that is hashed and compared as words, without a look at its length.
pub(super) const WORDS: usize = 8;

/// Any odd numbers; two for two words of a text.
const KEYS: [u64; WORDS] = [
    0x9e37_79b9_7f4a_7c15,
    0xbf58_476d_1ce4_e5b9,
    0x94d0_49bb_1331_11eb,
    0xd6e8_feb8_6659_fd93,
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x8ebc_6af0_9c88_c6e3,
    0x5899_65cc_7537_4cc3,
];

/// As many bytes to keep as to clear: what begins so far from the middle as a text is long keeps that text alone.
const KEPT: [u8; 16 * WORDS] = {
    let (mut kept, mut at) = ([0; 16 * WORDS], 0);
    while at < 8 * WORDS {
        kept[at] = 0xff;
        at += 1;
    }
    kept
};

/// The first words of what stands at `from`, with zeros behind `length` bytes; none where the text ends too early for
/// that. `length` may be as much as [`WORDS`] have.
#[inline(always)]
pub(super) fn words<const N: usize>(text: &[u8], from: usize, length: usize) -> Option<[u64; N]> {
    let own = text.get(from..)?.get(..8 * N)?;
    let kept = KEPT.get(8 * WORDS - length..)?.get(..8 * N)?;
    let word = |bytes: &[u8]| bytes.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
    Some(std::array::from_fn(|at| word(&own[8 * at..]) & word(&kept[8 * at..])))
}

/// The hash of a text out of its words; words that are 0 need not be given.
#[inline(always)]
pub(super) fn mixed<const N: usize>(words: [u64; N], length: usize) -> u64 {
    let mut sum = 0u128;
    for at in (0..WORDS).step_by(2) {
        let word = |at: usize| words.get(at).copied().unwrap_or(0);
        sum = sum.wrapping_add(u128::from(word(at) ^ KEYS[at]) * u128::from(word(at + 1) ^ KEYS[at + 1]));
    }
    (sum >> 64) as u64 ^ sum as u64 ^ length as u64
}

/// The hash by which a text stands in the index.
#[inline]
pub(super) fn placed(text: &[u8]) -> u64 {
    if text.len() > 8 * WORDS {
        return hash(text);
    }
    mixed(last::<WORDS>(text), text.len())
}

/// Whether two texts are equal; quicker than a call where they are short.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    let eight = |text: &[u8], at: usize| text[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
    let four = |text: &[u8], at: usize| text[at..].first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
    let length = a.len();
    if length != b.len() {
        return false;
    }
    // The last word overlaps the one before.
    match length {
        4..8 => four(a, 0) == four(b, 0) && four(a, length - 4) == four(b, length - 4),
        8..=32 => {
            let (mut at, mut differ) = (0, eight(a, length - 8) ^ eight(b, length - 8));
            while at + 8 < length {
                differ |= eight(a, at) ^ eight(b, at);
                at += 8;
            }
            differ == 0
        }
        _ => a == b,
    }
}

/// The words of a text of so many words at most that stands where nothing is behind it.
pub(super) fn last<const N: usize>(text: &[u8]) -> [u64; N] {
    let mut room = [0; 8 * WORDS];
    room[..text.len()].copy_from_slice(text);
    words(&room, 0, text.len()).unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_has_one_hash_however_many_words_are_read(text in "[ab]{0,64}", behind in "[a-z]{0,70}") {
            let (all, length) = (text.clone() + &behind, text.len());
            let mut found = Vec::new();
            if length <= 16 {
                found.extend(words::<2>(all.as_bytes(), 0, length).map(|words| mixed(words, length)));
            }
            if length <= 32 {
                found.extend(words::<4>(all.as_bytes(), 0, length).map(|words| mixed(words, length)));
            }
            found.extend(words::<WORDS>(all.as_bytes(), 0, length).map(|words| mixed(words, length)));
            prop_assert!(found.iter().all(|hash| *hash == placed(text.as_bytes())));
        }

        #[test]
        fn the_same_is_what_is_equal(a in "[ab]{0,40}", at in any::<prop::sample::Index>(), cut in any::<bool>()) {
            prop_assert!(same(a.as_bytes(), a.clone().as_bytes()));
            let mut b = a.clone().into_bytes();
            if cut {
                b.truncate(at.index(a.len() + 1));
            } else if !b.is_empty() {
                b[at.index(a.len())] = b'c';
            }
            prop_assert_eq!(same(a.as_bytes(), &b), a.as_bytes() == b);
        }
    }
}
