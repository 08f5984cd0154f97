//! Digests of texts: which measures two texts cannot pass, told by their lengths and by the characters they are made of.

use super::check::Measure;

/// The first characters that count more in Jaro-Winkler similarity.
pub(super) const PREFIX: usize = 4;
/// The part of [`Digest::letters`] that is of letters; the length stands above.
pub(super) const LETTERS: u32 = (1 << LENGTH) - 1;
const LENGTH: u32 = 26;
/// Texts of this length or longer are not told from each other.
const LONG: u32 = 63;

/// How often characters occur in a text: an edit changes two bits at most, an insertion one, and the order of characters
/// none. All 0 for the empty text alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Digest {
    /// Whether letters, and all else spread over them, are odd or even; above the length, at most [`LONG`].
    pub(super) letters: u32,
    /// Digits count to three.
    pub(super) digits: u32,
}

/// Bits in which occurrences of one digit are counted: enough for texts that are not [`LONG`].
const COUNT: u32 = 6;

/// What a character of ASCII changes: the letters, and how often each digit occurs.
const CHANGES: [(u32, u64); 128] = {
    let (mut changes, mut at) = ([(0, 0); 128], 0);
    while at < 128 {
        changes[at] = match at as u8 {
            digit @ b'0'..=b'9' => (0, 1 << (COUNT * (digit - b'0') as u32)),
            letter @ b'a'..=b'z' => (1 << (letter - b'a'), 0),
            _ => (1 << (at % 26), 0),
        };
        at += 1;
    }
    changes
};

/// As many bits of three as each digit occurs, of counts in [`COUNT`] bits each.
fn digits_of(counts: u64) -> u32 {
    const EACH: u64 = 0x0041_0410_4104_1041;
    let (one, two) = (counts & EACH, counts >> 1 & EACH);
    let four = (counts >> 2 | counts >> 3 | counts >> 4 | counts >> 5) & EACH;
    let bits = (one | two | four) | (two | four) << 1 | (one & two | four) << 2;
    // Put side by side: one digit by the next, two by the next two, and so on.
    let bits = (bits | bits >> 3) & 0x003f_03f0_3f03_f03f;
    let bits = (bits | bits >> 6) & 0x0fff_000f_ff00_0fff;
    let bits = (bits | bits >> 12) & 0xffff_0000_00ff_ffff;
    (bits | bits >> 24) as u32
}

impl Digest {
    /// Of a text. O(length).
    pub(super) fn of(text: &str) -> Self {
        let (mut letters, mut counts, mut bytes) = (0, 0u64, 0);
        for byte in text.bytes().take(LONG as usize) {
            let (letter, digit) = CHANGES[usize::from(byte & 127)];
            letters ^= letter;
            counts += digit;
            bytes |= byte;
        }
        if bytes.is_ascii() { Digest::made(letters, counts, text.len()) } else { Digest::of_chars(text) }
    }

    /// [`Digest::of`] a text of any characters.
    fn of_chars(text: &str) -> Self {
        let (mut letters, mut counts, mut length) = (0, 0u64, 0);
        for c in text.chars().take(LONG as usize) {
            length += 1;
            match CHANGES.get(c as usize) {
                Some((letter, digit)) => (letters, counts) = (letters ^ letter, counts + digit),
                None => letters ^= 1 << (u32::from(c) % 26),
            }
        }
        Digest::made(letters, counts, length)
    }

    fn made(letters: u32, counts: u64, length: usize) -> Self {
        let digits = if counts == 0 { 0 } else { digits_of(counts) };
        Digest { letters: letters | (length as u32).min(LONG) << LENGTH, digits }
    }

    /// How far the characters of two texts are apart, at least.
    #[inline(always)]
    fn apart(self, other: Self) -> u32 {
        ((self.letters ^ other.letters) & LETTERS).count_ones() + (self.digits ^ other.digits).count_ones()
    }
}

/// The length of a text with these [`Digest::letters`], at most 63.
#[inline(always)]
pub(super) fn length(letters: u32) -> u32 {
    letters >> LENGTH
}

/// The first [`PREFIX`] characters of a text, a byte each: equal characters have equal bytes. 0 beyond the end.
pub(super) fn prefix(text: &str) -> u32 {
    match text.as_bytes().first_chunk::<PREFIX>() {
        Some(bytes) if bytes.is_ascii() => u32::from_le_bytes(*bytes),
        _ => prefix_of_chars(text),
    }
}

/// [`prefix`] of any characters.
fn prefix_of_chars(text: &str) -> u32 {
    let bytes = text.chars().take(PREFIX).enumerate();
    bytes.fold(0, |all, (at, c)| all | u32::from(u32::from(c) as u8) << (8 * at))
}

/// How many of the first characters of two texts are equal, at most: ended texts may seem to have more in common.
#[inline(always)]
pub(super) fn common_prefix(a: u32, b: u32) -> u32 {
    let apart = a ^ b;
    u32::from(apart & 0xff == 0)
        + u32::from(apart & 0xffff == 0)
        + u32::from(apart & 0xff_ffff == 0)
        + u32::from(apart == 0)
}

/// What is told of two texts: their [`Digest::letters`], how far they are [apart](Digest::apart), and how many of their
/// first characters are equal at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Apart {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) apart: u32,
    pub(super) prefix: u32,
}

impl Apart {
    #[inline(always)]
    fn lengths(self) -> (u32, u32) {
        (length(self.a), length(self.b))
    }

    /// Texts of which something is told, and the answer that is given of these; nothing holds of a text that is empty.
    #[inline(always)]
    fn or_long(self, answer: bool) -> bool {
        let (a, b) = self.lengths();
        (a != 0) & (b != 0) & (answer | (a == LONG) | (b == LONG))
    }

    /// Whether so many edits may do.
    #[inline(always)]
    pub(super) fn edits(self, most: u32) -> bool {
        let (a, b) = self.lengths();
        let longer = a.abs_diff(b);
        self.or_long((longer <= most) & (self.apart + longer <= 2 * most))
    }

    /// Whether edits may do that are at most this share of the longer text.
    #[inline(always)]
    pub(super) fn edit_share(self, share: f32) -> bool {
        let (a, b) = self.lengths();
        let most = share * float(a.max(b)) + NEARLY;
        let longer = a.abs_diff(b);
        self.or_long((float(longer) <= most) & (float(self.apart + longer) <= 2.0 * most))
    }

    /// Whether they may be so similar by Jaro's measure, to which each equal character at the beginning adds a share of
    /// what lacks.
    #[inline(always)]
    pub(super) fn alike(self, least: f32, each: f32) -> bool {
        let (a, b) = self.lengths();
        let both = a + b;
        let common = float((both.max(self.apart) - self.apart) / 2).min(float(a)).min(float(b));
        // common / a + common / b, of which either may be 0.
        let jaro = (common * float(both) / float((a * b).max(1)) + 1.0) / 3.0;
        let prefix = each * float(self.prefix.min(a).min(b));
        self.or_long(jaro + prefix * (1.0 - jaro) >= least - NEARLY)
    }
}

/// More than figures are off by rounding.
const NEARLY: f32 = 1e-4;

/// Of a small number; signed, which processors convert at once.
#[inline(always)]
fn float(small: u32) -> f32 {
    small as i32 as f32
}

/// A measure's bound, as it is asked of what is told of two texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Limit {
    /// [`Apart::edits`]
    Edits(u32),
    /// [`Apart::edit_share`]
    EditShare(f32),
    /// [`Apart::alike`]
    Alike(f32, f32),
}

impl Limit {
    pub(super) fn of(measure: Measure) -> Self {
        match measure {
            Measure::Levenshtein(most) | Measure::Osa(most) | Measure::DamerauLevenshtein(most) => {
                // More edits than texts are long of which anything is told are as many as these.
                Limit::Edits(most.min(2 * LONG))
            }
            Measure::LevenshteinSimilarity(least) => Limit::EditShare((1.0 - least.get()) as f32),
            Measure::Jaro(least) => Limit::Alike(least.get() as f32, 0.0),
            // Each equal character at the beginning counts a tenth more.
            Measure::JaroWinkler(least) => Limit::Alike(least.get() as f32, 0.1),
        }
    }

    /// Whether two texts may pass of whose first characters nothing is known.
    pub(super) fn may(self, a: Digest, b: Digest) -> bool {
        let told = Apart { a: a.letters, b: b.letters, apart: a.apart(b), prefix: PREFIX as u32 };
        match self {
            Limit::Edits(most) => told.edits(most),
            Limit::EditShare(share) => told.edit_share(share),
            Limit::Alike(least, each) => told.alike(least, each),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::Similarity;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_that_passes_is_sorted_out(
            a in prop_oneof!["[a-c0-2é ]{1,9}", "[ -~]{1,12}", "[0-9a-c]{60,70}"],
            b in prop_oneof!["[a-c0-2é ]{1,9}", "[a-z]{1,12}", "[0-9a-c]{60,70}"],
            share in 0.0f64..=1.0,
        ) {
            let least = Similarity::new(share).unwrap();
            prop_assert_eq!(Digest::of(&a), Digest::of_chars(&a));
            for measure in [
                Measure::Levenshtein(1), Measure::Osa(2), Measure::DamerauLevenshtein(3), Measure::Jaro(least),
                Measure::JaroWinkler(least), Measure::LevenshteinSimilarity(least),
            ] {
                let may = Limit::of(measure).may(Digest::of(&a), Digest::of(&b));
                prop_assert!(may || !measure.holds(&a, &b), "{measure:?}");
            }
        }

        #[test]
        fn common_characters_at_the_beginning_are_counted(a in "[abé]{0,6}", b in "[abé]{0,6}") {
            let equal = a.chars().zip(b.chars()).take(PREFIX).take_while(|(x, y)| x == y).count();
            let ended = a.chars().count().min(b.chars().count()) <= equal;
            prop_assert_eq!(prefix(&a), prefix_of_chars(&a));
            let common = common_prefix(prefix(&a), prefix(&b)) as usize;
            prop_assert!(common == equal || ended && common > equal);
        }
    }

    proptest! {
        #[test]
        fn digits_count_to_three(counts in prop::array::uniform10(prop_oneof![0u64..5, 0u64..64])) {
            let packed = (0..).zip(counts).fold(0, |all, (digit, count)| all | count << (COUNT * digit));
            let bits = (0..).zip(counts).fold(0, |all, (digit, count)| all | ((1 << count.min(3)) - 1) << (3 * digit));
            prop_assert_eq!(digits_of(packed), bits);
        }
    }

    #[test]
    fn what_is_far_apart_is_sorted_out() {
        let may = |limit: Limit, a: &str, b: &str| limit.may(Digest::of(a), Digest::of(b));
        let edits = Limit::of(Measure::DamerauLevenshtein(2));
        assert!(!may(edits, "07495711850", "07593282894"));
        assert!(may(edits, "07495711850", "07495711805"));
        assert!(!may(edits, "a", ""));
        let alike = |least: f64| Limit::of(Measure::JaroWinkler(Similarity::new(least).unwrap()));
        assert!(!may(alike(0.9), "martha", "robert"));
        assert!(may(alike(0.9), "martha", "marhta"));
        assert!(may(alike(1.0), "martha", "martha"));
    }
}
