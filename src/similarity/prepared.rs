//! A string decoded once, in the form that every comparison of it starts from: one byte a code point where
//! [`fold`](super::fold) can, else code points.

use std::fmt;

use super::fold::{fold, is_plain, page_of, unfold};
use super::short::Short;
use super::word::read8;

const INLINE: usize = 24;

/// A string made ready for being compared with many.
///
/// 32 bytes, and nothing on the heap up to 24 code points of ASCII, or of ASCII and either accented Latin letters or
/// 128 neighbouring code points (a script, mostly), so that a million prepared names take 32 MB. Longer text takes a
/// byte for each code point besides, text of several scripts four ([`Prepared::heap_bytes`]).
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
        let folded = text.chars().map(|c| fold(page, c));
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
    #[inline]
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

    /// The first 16 characters of text that is kept inline; of other text the length is 255.
    #[inline(always)]
    pub(super) fn start(&self) -> Short {
        match &self.0 {
            Repr::Inline { len, page, codes } => {
                let words = [read8(&codes[..8]), read8(&codes[8..16])];
                Short { words, len: usize::from(*len), page: *page }
            }
            _ => Short { words: [0; 2], len: 255, page: 0 },
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
