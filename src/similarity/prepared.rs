//! A string decoded once, in the form that every comparison of it starts from.
//!
//! Most text of one person is ASCII, or ASCII and one other script. Such text is folded to one byte a code
//! point: ASCII as it is, and the 128 code points of one *page* (`code point >> 7`) as 0x80 to 0xFF. Folding is
//! exact: two folded texts of the same page, or of which one is ASCII, have equal bytes where they have equal
//! code points. Everything else is kept as code points.

use std::fmt;

use super::short::Short;
use super::word::read8;

/// A code that folded text never has: it takes the place of what cannot match.
pub(super) const ABSENT: u8 = 0x7F;

const INLINE: usize = 24;

/// A string made ready for being compared with many.
///
/// 32 bytes, and nothing on the heap up to 24 code points of ASCII or of ASCII and one page of 128 code points
/// (see [`Prepared::heap_bytes`]), so that a million prepared names take 32 MB.
///
/// # Example
/// ```
/// use stitchline::similarity::Prepared;
///
/// let ann = Prepared::new("Ann Lee");
/// assert_eq!(ann.len(), 7);
/// assert_eq!(ann.levenshtein(&Prepared::new("Anne Lee")).get(), 1);
/// assert_eq!(std::mem::size_of::<Prepared>(), 32);
/// assert_eq!(ann.heap_bytes(), 0);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Prepared(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Inline { len: u8, page: u16, codes: [u8; INLINE] },
    Folded { page: u16, codes: Box<[u8]> },
    Wide(Box<[char]>),
}

/// What a [`Prepared`] holds.
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    /// One byte a code point; `page` is 0 for ASCII.
    Folded { page: u16, codes: &'a [u8] },
    /// Code points of more than one page.
    Wide(&'a [char]),
}

impl Prepared {
    /// Decodes `text`. Linear in its length.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.len() <= INLINE && text.bytes().all(is_plain) {
            let mut codes = [0; INLINE];
            codes[..text.len()].copy_from_slice(text.as_bytes());
            return Self(Repr::Inline { len: text.len() as u8, page: 0, codes });
        }
        let Some(page) = page_of(text) else {
            return Self(Repr::Wide(text.chars().collect()));
        };
        let folded = text.chars().map(fold);
        let len = text.chars().count();
        if len <= INLINE {
            let mut codes = [0; INLINE];
            codes.iter_mut().zip(folded).for_each(|(slot, code)| *slot = code);
            return Self(Repr::Inline { len: len as u8, page, codes });
        }
        Self(Repr::Folded { page, codes: folded.collect() })
    }

    /// The number of code points.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.view() {
            View::Folded { codes, .. } => codes.len(),
            View::Wide(chars) => chars.len(),
        }
    }

    /// Whether there is no code point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held outside the value itself.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Repr::Inline { .. } => 0,
            Repr::Folded { codes, .. } => codes.len(),
            Repr::Wide(chars) => size_of_val::<[char]>(chars),
        }
    }

    /// The code points.
    pub fn chars(&self) -> impl Iterator<Item = char> + '_ {
        let (page, codes, chars) = match self.view() {
            View::Folded { page, codes } => (page, codes, &[][..]),
            View::Wide(chars) => (0, &[][..], chars),
        };
        codes.iter().map(move |code| unfold(page, *code)).chain(chars.iter().copied())
    }

    #[inline]
    pub(super) fn view(&self) -> View<'_> {
        match &self.0 {
            Repr::Inline { len, page, codes } => {
                View::Folded { page: *page, codes: &codes[..usize::from(*len).min(INLINE)] }
            }
            Repr::Folded { page, codes } => View::Folded { page: *page, codes },
            Repr::Wide(chars) => View::Wide(chars),
        }
    }
}

impl Prepared {
    /// The text in two words, where it has 1 to 16 code points and is kept inline.
    #[inline(always)]
    pub(super) fn short(&self) -> Option<Short> {
        match &self.0 {
            Repr::Inline { len, page, codes } if len.wrapping_sub(1) < 16 => {
                let words = [read8(&codes[..8]), read8(&codes[8..16])];
                Some(Short { words, len: usize::from(*len), page: *page })
            }
            _ => None,
        }
    }
}

impl From<&str> for Prepared {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.to_string()).finish()
    }
}

/// ASCII that is not the code kept for what cannot match.
fn is_plain(byte: u8) -> bool {
    byte < ABSENT
}

/// The one page that all code points beyond ASCII share, 0 where there is none beyond; `None` where there are
/// several, or the code kept for what cannot match.
fn page_of(text: &str) -> Option<u16> {
    let mut page = 0;
    for c in text.chars() {
        let own = (u32::from(c) >> 7) as u16;
        if own == 0 {
            if !is_plain(c as u8) {
                return None;
            }
        } else if page == 0 {
            page = own;
        } else if page != own {
            return None;
        }
    }
    Some(page)
}

/// Folds a short text into `codes`; gives its length and its page, or `None` where it is longer than `codes` or
/// cannot be folded.
pub(super) fn fold_into(text: &str, codes: &mut [u8; 64]) -> Option<(usize, u16)> {
    // A code point has up to four bytes.
    if text.len() > 4 * codes.len() {
        return None;
    }
    let (mut len, mut page) = (0, 0);
    for c in text.chars() {
        let own = (u32::from(c) >> 7) as u16;
        if own == 0 {
            if !is_plain(c as u8) {
                return None;
            }
        } else if page == 0 {
            page = own;
        } else if page != own {
            return None;
        }
        *codes.get_mut(len)? = fold(c);
        len += 1;
    }
    Some((len, page))
}

fn fold(c: char) -> u8 {
    let point = u32::from(c);
    if point < 0x80 { point as u8 } else { 0x80 | (point & 0x7F) as u8 }
}

fn unfold(page: u16, code: u8) -> char {
    if code < 0x80 {
        return char::from(code);
    }
    let point = (u32::from(page) << 7) | u32::from(code & 0x7F);
    char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_its_text_back() {
        let long = "a".repeat(100) + "é";
        let mixed = "ал".repeat(3) + "é漢";
        for text in ["", "ann", "Ærøskøbing", "салеем", "a\0b", "a\u{7F}", "👩‍💻x", &long, &mixed]
        {
            let prepared = Prepared::new(text);
            assert_eq!(prepared.to_string(), text);
            assert_eq!(prepared.len(), text.chars().count());
        }
    }

    #[test]
    fn a_million_names_take_less_than_40_megabytes() {
        assert!(size_of::<Prepared>() * 1_000_000 < 40_000_000);
        assert_eq!(Prepared::new("салеем ал-хасан").heap_bytes(), 0);
    }
}
