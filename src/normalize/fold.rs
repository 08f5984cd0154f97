//! Text to comparable words: lower case, marks removed, letters and digits only.
//!
//! What all attributes begin with. A value is looked at up to a bound ([`MOST_BYTES`]), so that a field of megabytes
//! costs no more than a long one.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// As much of a value as is looked at, in bytes.
pub const MOST_BYTES: usize = 4096;

/// The value's beginning, at most [`MOST_BYTES`] long.
pub fn bounded(raw: &str) -> &str {
    cut(raw, MOST_BYTES)
}

/// At most so many bytes of a text, cut between characters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The words of a text, in lower case and without marks, joined by one space. Apostrophes join (`O'Neil` is `oneil`),
/// everything else that is neither letter nor digit separates. O(n).
///
/// ```
/// use stitchline::normalize::fold::words;
///
/// assert_eq!(words("  Łukasz O’Neil-Groß "), "lukasz oneil gross");
/// assert_eq!(words("Þór & Ægir"), "thor aegir");
/// assert_eq!(words("-"), "");
/// ```
pub fn words(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len().min(MOST_BYTES));
    words_into(&mut out, raw);
    out
}

/// As [`words`], put after what is in `out` without a space between.
pub fn words_into(out: &mut String, raw: &str) {
    let begin = out.len();
    let mut gap = false;
    for c in bounded(raw).chars() {
        if is_joiner(c) {
            continue;
        }
        let at = out.len();
        if gap && at > begin {
            out.push(' ');
        }
        let from = out.len();
        letter_into(out, c);
        if out.len() > from {
            gap = false;
        } else {
            out.truncate(at);
            gap |= !is_combining_mark(c);
        }
    }
}

/// Letters and digits of a text in lower case without marks, nothing between them: `SW1A 1AA` is `sw1a1aa`. O(n).
pub fn tight(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len().min(MOST_BYTES));
    bounded(raw).chars().for_each(|c| letter_into(&mut out, c));
    out
}

/// Whether a character stands inside of a word without being a part of it.
pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '`' | '´' | '\u{ad}' | '\u{200b}'..='\u{200d}')
}

/// Appends a letter or digit in its comparable form; nothing for any other character.
pub(crate) fn letter_into(out: &mut String, c: char) {
    if c.is_ascii() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        }
    } else if c.is_alphanumeric() {
        for part in std::iter::once(c).nfkd() {
            for lower in part.to_lowercase() {
                // Lower case of a few letters brings a mark of its own.
                for last in std::iter::once(lower).nfkd() {
                    if last.is_alphanumeric() && !is_combining_mark(last) && !is_joiner(last) {
                        simple_into(out, last);
                    }
                }
            }
        }
    }
}

/// Lower-case letters that decompose into nothing simpler but are commonly written otherwise.
pub(crate) fn simple_into(out: &mut String, c: char) {
    match c {
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        'ŋ' => out.push_str("ng"),
        'ø' => out.push('o'),
        'đ' | 'ð' | 'ɖ' => out.push('d'),
        'ł' => out.push('l'),
        'ħ' => out.push('h'),
        'ŧ' => out.push('t'),
        'ı' => out.push('i'),
        'ə' | 'ǝ' => out.push('e'),
        'ƒ' => out.push('f'),
        'ĸ' => out.push('k'),
        'ς' => out.push('σ'),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_folded() {
        for (raw, folded) in [
            ("", ""),
            (" \u{301}", ""),
            ("Çelik  İbrahim", "celik ibrahim"),
            ("Łódź, Đorđe", "lodz dorde"),
            ("D’Angelo", "dangelo"),
            ("a\u{301}b", "ab"),
            ("Ⓐ①", "a1"),
            ("ｆｕｌｌ", "full"),
            ("Иван Σίσυφος", "иван σισυφοσ"),
            ("a--b", "a b"),
        ] {
            assert_eq!(words(raw), folded, "{raw:?}");
        }
        assert_eq!(tight(" ab-12 É"), "ab12e");
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let long = "é".repeat(1 << 20);
        assert_eq!(words(&long).len(), MOST_BYTES / 2);
        assert_eq!(bounded(&format!("a{long}")).len(), MOST_BYTES - 1);
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing(raw in "\\PC{0,60}|[a-zA-ZÀ-ɏ '.-]{0,60}") {
            let once = words(&raw);
            prop_assert_eq!(words(&once), once.clone());
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
            prop_assert!(once.len() <= 12 * MOST_BYTES);
            prop_assert_eq!(tight(&tight(&raw)), tight(&raw));
        }
    }
}
