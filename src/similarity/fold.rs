//! Text of one byte a code point, where that is exact.
//!
//! Most text of one person is ASCII, or ASCII and one other script. ASCII stays as it is; the other code points of
//! a text become 0x80 to 0xFF if they all stand on one *page*: 128 code points with the same upper bits
//! (`code point >> 7`), or the page [`LATIN`], which has the letters of Latin-1 and the small letters of Latin
//! Extended-A. A text that fits `LATIN` is always put there. Two folded texts of one page, or of which one is
//! ASCII, have equal bytes where they have equal code points.
#![allow(unsafe_code)]

use super::level::Level;
use super::word::read8;

/// A code that folded text never has: it takes the place of what cannot match.
pub(super) const ABSENT: u8 = 0x7F;

/// The page of accented Latin letters; no code point has these upper bits.
pub(super) const LATIN: u16 = u16::MAX;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;

/// `TO_LATIN[point - 0x80]` is the code of U+0080 to U+017F on the page [`LATIN`], 0 of one that is not there.
static TO_LATIN: [u8; 256] = {
    let mut codes = [0; 256];
    let (mut point, mut next) = (0xC0, 0x80u8);
    while point < 0x17F {
        // Small letters are the odd ones of most pairs, and the even ones from U+0139 to U+0148 and after U+0178.
        let even = point > 0x138 && point < 0x149 || point > 0x178;
        let small = point == 0x138 || point != 0x149 && point != 0x178 && (point & 1 == 0) == even;
        if point < 0x100 || small {
            codes[point - 0x80] = next;
            next += 1;
        }
        point += 1;
    }
    codes
};

/// The other way: the code point of each code on the page [`LATIN`].
static FROM_LATIN: [u16; 128] = {
    let mut points = [0; 128];
    let mut index = 0;
    while index < 256 {
        if TO_LATIN[index] != 0 {
            points[(TO_LATIN[index] & 0x7F) as usize] = index as u16 + 0x80;
        }
        index += 1;
    }
    points
};

/// The code of a code point on [`LATIN`].
fn latin(point: u32) -> Option<u8> {
    let index = point.checked_sub(0x80)? as usize;
    TO_LATIN.get(index).copied().filter(|code| *code != 0)
}

/// Whether two pages share code points without being one, so that folded texts of them cannot be compared.
#[inline(always)]
pub(super) fn overlap(p: u16, q: u16) -> bool {
    // The code points of `LATIN` are of the pages 1 and 2.
    let (less, more) = if p < q { (p, q) } else { (q, p) };
    more == LATIN && (less == 1 || less == 2)
}

/// Whether two pages are of different scripts: their codes from 0x80 on mean nothing to each other.
#[inline(always)]
pub(super) fn apart(p: u16, q: u16) -> bool {
    p != q && p != 0 && q != 0
}

/// Puts [`ABSENT`] in place of everything that is not ASCII.
pub(super) fn hide(codes: &mut [u8]) {
    codes.iter_mut().filter(|code| **code >= 0x80).for_each(|code| *code = ABSENT);
}

/// ASCII that is not the code kept for what cannot match.
pub(super) fn is_plain(byte: u8) -> bool {
    byte < ABSENT
}

/// The page of a text, 0 where all of it is ASCII; `None` where there are several, or the code kept for what cannot
/// match.
pub(super) fn page_of(text: &str) -> Option<u16> {
    let (mut page, mut several, mut all_latin) = (0, false, true);
    for c in text.chars() {
        let own = (u32::from(c) >> 7) as u16;
        if own == 0 {
            if !is_plain(c as u8) {
                return None;
            }
            continue;
        }
        all_latin &= latin(c.into()).is_some();
        several |= page != 0 && page != own;
        page = own;
        if several && !all_latin {
            return None;
        }
    }
    Some(if page != 0 && all_latin { LATIN } else { page })
}

/// The code of a character of a text that [`page_of`] gave `page` for.
pub(super) fn fold(page: u16, c: char) -> u8 {
    match u32::from(c) {
        point @ 0..0x80 => point as u8,
        point if page == LATIN => latin(point).unwrap_or(ABSENT),
        point => 0x80 | (point & 0x7F) as u8,
    }
}

/// The character that [`fold`] gave `code` for.
pub(super) fn unfold(page: u16, code: u8) -> char {
    let low = code & 0x7F;
    let point = match page {
        _ if code < 0x80 => low.into(),
        LATIN => FROM_LATIN[usize::from(low)].into(),
        page => (u32::from(page) << 7) | u32::from(low),
    };
    char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Folds a text of up to 64 code points into `codes`; gives its length and its page, or `None` where it is longer
/// or cannot be folded. What stands after the length is of no account.
#[inline]
pub(super) fn fold_into(level: Level, text: &str, codes: &mut [u8; 64]) -> Option<(usize, u16)> {
    let bytes = text.as_bytes();
    if bytes.len() <= codes.len() {
        let folded = match level {
            // SAFETY: a level above the portable one is only given where the processor has its instructions.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::Avx512 if bytes.len().wrapping_sub(1) < 16 => unsafe {
                super::fold_x86::fold16(bytes).map(|(words, len, page)| {
                    codes[..8].copy_from_slice(&words[0].to_le_bytes());
                    codes[8..16].copy_from_slice(&words[1].to_le_bytes());
                    (len, page)
                })
            },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::Avx512 => unsafe { two_bytes_bmi(bytes, codes) },
            _ => two_bytes(bytes, codes, close_up),
        };
        if folded.is_some() {
            return folded;
        }
    }
    by_chars(text, codes)
}

#[cold]
fn by_chars(text: &str, codes: &mut [u8; 64]) -> Option<(usize, u16)> {
    // A code point has up to four bytes.
    let page = if text.len() > 4 * codes.len() { None } else { page_of(text) }?;
    let mut len = 0;
    for c in text.chars() {
        *codes.get_mut(len)? = fold(page, c);
        len += 1;
    }
    Some((len, page))
}

/// The bytes of a word that `keep` has the top bit of, moved to its lower end.
#[inline(always)]
fn close_up(word: u64, keep: u64) -> u64 {
    let (mut closed, mut at) = (0, 0);
    for i in 0..8 {
        let kept = (keep >> (8 * i + 7)) & 1;
        closed |= ((word >> (8 * i)) & (kept * 0xFF)) << at;
        at += 8 * kept as u32;
    }
    closed
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn two_bytes_bmi(text: &[u8], codes: &mut [u8; 64]) -> Option<(usize, u16)> {
    two_bytes(text, codes, |word, keep| std::arch::x86_64::_pext_u64(word, (keep >> 7) * 0xFF))
}

/// Folds text whose characters have one or two bytes each, eight bytes at a time; `None` for other text and where
/// [`page_of`] gives none. Letters of Latin pages are looked up one by one, others worked out all at once.
#[inline(always)]
fn two_bytes(text: &[u8], codes: &mut [u8; 64], close_up: impl Fn(u64, u64) -> u64) -> Option<(usize, u16)> {
    let (mut len, mut page) = (0usize, 0u64);
    for start in (0..text.len()).step_by(8) {
        let word = read8(&text[start..]);
        let after = u64::from(text.get(start + 8).copied().unwrap_or(0));
        let high = word & HIGH;
        // First bytes of two have the upper bits 110, second ones 10.
        let (lead, second) = (high & (word << 1), high & !(word << 1));
        let unplain = ((word & !HIGH) + LOW) & !word & HIGH;
        if lead & (word << 2) | unplain != 0 {
            return None;
        }
        let mut folded = word;
        if lead != 0 {
            let next = word >> 8 | after << 56;
            let own = (word >> 1) & (LOW * 0x0F);
            let first = (own >> (lead.trailing_zeros() & 56)) & 0x0F;
            let whole = (lead >> 7) * 0xFF;
            if first <= 2 {
                if page != 0 && page != u64::from(LATIN) {
                    return None;
                }
                page = u64::from(LATIN);
                let mut rest = lead;
                while rest != 0 {
                    let at = rest.trailing_zeros() & 56;
                    let point = ((word >> at) as u32 & 0x1F) << 6 | (next >> at) as u32 & 0x3F;
                    let code = u64::from(latin(point)?);
                    folded = folded & !(0xFF << at) | code << at;
                    rest &= rest - 1;
                }
            } else {
                page = if page == 0 { first } else { page };
                if page > 0x0F || (own ^ (LOW * page)) & (LOW * 0x0F) & whole != 0 {
                    return None;
                }
                let code = (word & LOW) << 6 | next & (LOW * 0x3F) | HIGH;
                folded = word & !whole | code & whole;
            }
        }
        let closed = close_up(folded, !second & HIGH);
        codes.get_mut(len..len + 8)?.copy_from_slice(&closed.to_le_bytes());
        len += 8 - second.count_ones() as usize;
    }
    // The last word was filled up with bytes that counted as characters.
    Some((len - (text.len().wrapping_neg() & 7), page as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_letter_of_the_latin_page_comes_back() {
        let on_it: Vec<char> =
            (0x80..0x180).filter_map(char::from_u32).filter(|c| latin(*c as u32).is_some()).collect();
        assert_eq!(on_it.len(), 127);
        assert!("ÀéßÿłšžıĸþŁ".chars().filter(|c| on_it.contains(c)).count() == 10);
        for c in on_it {
            assert_eq!(unfold(LATIN, fold(LATIN, c)), c);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn words_and_characters_fold_alike(text in "([a-c\u{7E}-\u{81}À-ÿĀ-ƀ]{0,20}|[a-zА-я]{0,40}|[a-z¡-ǿ]{0,9}|[a-dא-ת߀]{0,33}|\\PC{0,70})") {
            for level in Level::supported() {
                let mut codes = [0; 64];
                let page = if text.chars().count() <= 64 && text.len() <= 256 { page_of(&text) } else { None };
                let got = fold_into(level, &text, &mut codes);
                prop_assert_eq!(got, page.map(|page| (text.chars().count(), page)));
                if let Some((len, page)) = got {
                    let back: String = codes[..len].iter().map(|code| unfold(page, *code)).collect();
                    prop_assert_eq!(&back, &text);
                }
            }
        }
    }
}
