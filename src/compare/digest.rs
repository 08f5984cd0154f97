//! Digests of texts: which measures two texts cannot pass, told by their lengths and by the characters they are made of.

use super::check::Measure;
use crate::similarity::Similarity;

/// Texts from this length on are of one length in the tables of limits.
const LENGTHS: usize = 48;
/// The first characters that count more in Jaro-Winkler similarity.
pub(super) const PREFIX: usize = 4;
/// The part of a digest that counts characters; the length stands above.
const COUNTS: u64 = (1 << 56) - 1;
/// A limit that no difference of digests reaches.
const ALWAYS: u8 = 127;
/// Bounds that are asked of two digests at once.
pub(super) const BOUNDS: usize = 8;

/// A text's length above, and below how often characters occur: an edit changes two bits at most, an insertion one,
/// and the order of characters none. Digits count to three; letters, and all else spread over them, are odd or even.
/// 0 for the empty text alone.
pub(super) fn digest(chars: impl Iterator<Item = char>) -> u64 {
    let (mut bits, mut length) = (0u64, 0u64);
    for c in chars {
        length += 1;
        let letter = match c {
            '0'..='9' => {
                let place = 3 * (u32::from(c) - u32::from('0'));
                let held = bits >> place & 7;
                bits |= (held << 1 | 1) << place & 7 << place;
                continue;
            }
            'a'..='z' => u32::from(c) - u32::from('a'),
            other => u32::from(other) % 26,
        };
        bits ^= 1 << (30 + letter);
    }
    bits | length.min(255) << 56
}

/// What a character of ASCII that is no digit changes.
const TOGGLES: [u64; 128] = {
    let (mut toggles, mut at) = ([0; 128], 0);
    while at < 128 {
        toggles[at] = match at as u8 {
            b'0'..=b'9' => 0,
            b'a'..=b'z' => 1 << (30 + at - b'a' as usize),
            _ => 1 << (30 + at % 26),
        };
        at += 1;
    }
    toggles
};

/// [`digest`] of a text.
pub(super) fn digest_of(text: &str) -> u64 {
    if !text.is_ascii() {
        return digest(text.chars());
    }
    let mut bits = 0u64;
    // Without branches: whether a digit follows is as good as random.
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        let (place, is) = (3 * (digit % 10), u64::from(digit < 10));
        let held = bits >> place & 7;
        bits |= ((held << 1 | 1) & 7 & is.wrapping_neg()) << place;
        bits ^= TOGGLES[usize::from(byte & 127)];
    }
    bits | (text.len() as u64).min(255) << 56
}

/// The length of a digest's text, at most 255.
#[inline(always)]
pub(super) fn length(digest: u64) -> u64 {
    digest >> 56
}

/// The first [`PREFIX`] characters of a text, a byte each: equal characters have equal bytes. 0 beyond the end.
pub(super) fn prefix(chars: impl Iterator<Item = char>) -> u32 {
    let bytes = chars.take(PREFIX).enumerate();
    bytes.fold(0, |all, (at, c)| all | u32::from(u32::from(c) as u8) << (8 * at))
}

/// How many of the first characters of two texts are equal, at least: all, where nothing is known of them.
#[inline(always)]
pub(super) fn common_prefix(a: u32, b: u32) -> usize {
    ((a ^ b).trailing_zeros() / 8) as usize
}

/// By the lengths of two texts and how many of their first characters are equal, for each of several bounds: one more than
/// the greatest difference of digests at which it may be passed, a byte each.
pub(super) struct Limits(Vec<u64>);

const SLOTS: usize = PREFIX + 1;

impl Limits {
    /// For at most [`BOUNDS`] bounds.
    pub(super) fn new(bounds: &[Measure]) -> Self {
        let mut table = vec![0; LENGTHS * LENGTHS * SLOTS];
        let place = |a: usize, b: usize, prefix: usize| (a * LENGTHS + b) * SLOTS + prefix;
        for (a, b) in (0..LENGTHS).flat_map(|a| (a..LENGTHS).map(move |b| (a, b))) {
            let mut limits = [0u64; SLOTS];
            for (at, &bound) in bounds.iter().enumerate().take(BOUNDS) {
                let counts = matches!(bound, Measure::JaroWinkler(_));
                let mut own = 0;
                for (prefix, limits) in limits.iter_mut().enumerate() {
                    if counts || prefix == 0 {
                        own = limit(bound, a, b, prefix);
                    }
                    *limits |= u64::from(own) << (8 * at);
                }
            }
            for (prefix, &limits) in limits.iter().enumerate() {
                table[place(a, b, prefix)] = limits;
                table[place(b, a, prefix)] = limits;
            }
        }
        Limits(table)
    }

    /// The bounds that texts with these digests and so many equal characters at their beginning may pass, as bits. None
    /// where a text is empty.
    #[inline(always)]
    pub(super) fn may(&self, a: u64, b: u64, prefix: usize) -> u32 {
        const EACH: u64 = 0x0101_0101_0101_0101;
        let (x, y) = (length(a) as usize, length(b) as usize);
        let limits = self.0[(x.min(LENGTHS - 1) * LENGTHS + y.min(LENGTHS - 1)) * SLOTS + prefix.min(PREFIX)];
        let apart = u64::from(((a ^ b) & COUNTS).count_ones());
        // Bytes of at most 127 are compared at once; the highest bit of each has the answer.
        let below = ((limits | EACH << 7) - (apart + 1) * EACH) >> 7 & EACH;
        (below.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    }
}

fn limit(bound: Measure, a: usize, b: usize, prefix: usize) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    // The longest stand for all that are longer.
    if a == LENGTHS - 1 || b == LENGTHS - 1 {
        return ALWAYS;
    }
    // The farther apart, the less may pass.
    let (mut passing, mut beyond) = (0, a + b + 1);
    while passing < beyond {
        let middle = (passing + beyond) / 2;
        if may(bound, a, b, prefix, middle) { passing = middle + 1 } else { beyond = middle }
    }
    (passing as u8).min(ALWAYS)
}

/// Whether texts of these lengths whose bags of characters are at least so far apart may pass.
fn may(bound: Measure, a: usize, b: usize, prefix: usize, apart: usize) -> bool {
    let (longest, longer) = (a.max(b), a.abs_diff(b));
    let edits = |most: usize| longer <= most && apart <= 2 * most - longer;
    let alike = |least: Similarity, prefix: f64| {
        let common = ((a + b).saturating_sub(apart) / 2).min(a).min(b) as f64;
        let jaro = (common / a as f64 + common / b as f64 + 1.0) / 3.0;
        common > 0.0 && jaro + prefix * (1.0 - jaro) >= least.get() - 1e-9 || least == Similarity::ZERO
    };
    match bound {
        Measure::Levenshtein(most) | Measure::Osa(most) | Measure::DamerauLevenshtein(most) => {
            edits(most as usize)
        }
        Measure::LevenshteinSimilarity(least) => (0..=longest)
            .rev()
            .find(|&most| 1.0 - most as f64 / longest as f64 >= least.get())
            .is_some_and(edits),
        Measure::Jaro(least) => alike(least, 0.0),
        // Each equal character at the beginning counts a tenth more.
        Measure::JaroWinkler(least) => alike(least, 0.1 * prefix.min(a).min(b) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::Prepared;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_that_passes_is_sorted_out(
            a in prop_oneof!["[a-c0-2é ]{1,9}", "[ -~]{1,12}", "[0-9a-c]{60,70}"],
            b in prop_oneof!["[a-c0-2é ]{1,9}", "[a-z]{1,12}", "[0-9a-c]{60,70}"],
            share in 0.0f64..=1.0,
        ) {
            let least = Similarity::new(share).unwrap();
            let (x, y) = (Prepared::new(&a), Prepared::new(&b));
            let bounds = [
                Measure::Levenshtein(1), Measure::Osa(2), Measure::DamerauLevenshtein(3), Measure::Jaro(least),
                Measure::JaroWinkler(least), Measure::LevenshteinSimilarity(least),
            ];
            prop_assert_eq!(digest_of(&a), digest(a.chars()));
            let equal = a.chars().zip(b.chars()).take(PREFIX).take_while(|(x, y)| x == y).count();
            let common = common_prefix(prefix(a.chars()), prefix(b.chars()));
            prop_assert!(common >= equal.min(PREFIX));
            let may = Limits::new(&bounds).may(digest(a.chars()), digest(b.chars()), common);
            for (place, bound) in bounds.iter().enumerate() {
                prop_assert!(may >> place & 1 != 0 || !bound.holds(&x, &y), "{bound:?}");
                let alone = Limits::new(&[*bound]).may(digest(a.chars()), digest(b.chars()), common);
                prop_assert_eq!(alone, may >> place & 1, "{:?}", bound);
            }
            prop_assert_eq!(may >> bounds.len(), 0);
        }
    }

    #[test]
    fn what_is_far_apart_is_sorted_out() {
        let limits = Limits::new(&[Measure::DamerauLevenshtein(2)]);
        assert_eq!(limits.may(digest("07495711850".chars()), digest("07593282894".chars()), PREFIX), 0);
        assert_eq!(limits.may(digest("07495711850".chars()), digest("07495711805".chars()), PREFIX), 1);
        assert_eq!(limits.may(digest("a".chars()), digest("".chars()), PREFIX), 0);
    }
}
