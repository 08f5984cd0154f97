//! More codes of how names sound, by the crate rphonetic (the feature `phonetic`).
//!
//! As in [`soundex`](super::soundex()) accents are taken off first; what is no letter from A to Z or white space is left
//! out then. Only the first 256 letters are read, so that the time is bounded.

use rphonetic::Encoder;
use unicode_normalization::UnicodeNormalization;

const MOST: usize = 256;

/// Letters from A to Z, words parted by one space.
fn letters(text: &str) -> String {
    let mut letters = String::new();
    // A letter may decompose into several code points; what is far behind cannot count.
    for c in text.chars().take(8 * MOST).nfkd().flat_map(char::to_uppercase) {
        if letters.len() == MOST {
            break;
        }
        match c {
            'A'..='Z' => letters.push(c),
            c if c.is_whitespace() && !letters.is_empty() && !letters.ends_with(' ') => letters.push(' '),
            _ => {}
        }
    }
    letters.truncate(letters.trim_end().len());
    letters
}

/// The two codes that [`double_metaphone`] gives: a name that English and other readers say differently has two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DoubleMetaphone {
    /// How it is said in English.
    pub primary: String,
    /// How it is said where it comes from; equal to `primary` where that is the same.
    pub alternate: String,
}

impl DoubleMetaphone {
    /// Whether one of the codes of one name is one of the other's. Names without letters sound like nothing.
    ///
    /// # Example
    /// ```
    /// use stitchline::similarity::double_metaphone;
    ///
    /// assert!(double_metaphone("Smith").sounds_like(&double_metaphone("Schmidt")));
    /// assert!(!double_metaphone("Smith").sounds_like(&double_metaphone("Jones")));
    /// ```
    #[must_use]
    pub fn sounds_like(&self, other: &Self) -> bool {
        let theirs = [&other.primary, &other.alternate];
        [&self.primary, &self.alternate].iter().any(|code| !code.is_empty() && theirs.contains(code))
    }
}

/// Both codes of Double Metaphone, of up to four characters each. O(n). Source: Philips 2000, as Apache
/// commons-codec has it.
///
/// # Example
/// ```
/// use stitchline::similarity::double_metaphone;
///
/// let code = double_metaphone("Schmidt");
/// assert_eq!((code.primary.as_str(), code.alternate.as_str()), ("XMT", "SMT"));
/// ```
#[must_use]
pub fn double_metaphone(text: &str) -> DoubleMetaphone {
    let code = rphonetic::DoubleMetaphone::default().double_metaphone(&letters(text));
    DoubleMetaphone { primary: code.primary(), alternate: code.alternate() }
}

/// The code of Kölner Phonetik, for German names; without letters it is empty. O(n). Source: Postel 1969.
///
/// # Example
/// ```
/// use stitchline::similarity::cologne;
///
/// assert_eq!(cologne("Müller"), "657");
/// assert_eq!(cologne("Meyer"), cologne("Maier"));
/// ```
#[must_use]
pub fn cologne(text: &str) -> String {
    rphonetic::Cologne.encode(&letters(text))
}

/// The code of Caverphone 2, for names as New Zealand says them: ten characters, filled up with `1`; empty without
/// letters. O(n). Source: Hood 2004.
///
/// # Example
/// ```
/// use stitchline::similarity::caverphone;
///
/// assert_eq!(caverphone("Thompson"), "TMPSN11111");
/// ```
#[must_use]
pub fn caverphone(text: &str) -> String {
    let letters = letters(text);
    if letters.is_empty() { letters } else { rphonetic::Caverphone2.encode(&letters) }
}

/// The codex of the Match Rating Approach: up to six letters, vowels but the first left out; empty without letters.
/// O(n). Source: Moore 1977.
///
/// # Example
/// ```
/// use stitchline::similarity::match_rating;
///
/// assert_eq!(match_rating("Catherine"), "CTHRN");
/// ```
#[must_use]
pub fn match_rating(text: &str) -> String {
    rphonetic::MatchRatingApproach.encode(&letters(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_text_ends() {
        let long = "schwarz ".repeat(100_000);
        assert_eq!(double_metaphone(&long), double_metaphone(&long[..800]));
        assert!(caverphone(&long).len() == 10 && match_rating(&long).len() <= 6);
        assert_eq!(cologne("\u{301} 李 ١٢"), "");
        assert!(!double_metaphone("").sounds_like(&double_metaphone("")));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn nothing_panics_and_case_does_not_count(text in "(\\PC{0,20}|[a-zA-Z ]{0,12}|[a-zé' -]{0,300})") {
            let upper = text.to_uppercase();
            prop_assert_eq!(double_metaphone(&text), double_metaphone(&upper));
            prop_assert_eq!(cologne(&text), cologne(&upper));
            prop_assert_eq!(caverphone(&text), caverphone(&upper));
            prop_assert_eq!(match_rating(&text), match_rating(&upper));
        }
    }
}
