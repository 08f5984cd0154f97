//! Person names to comparable form, and when two names cannot be one person's.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words before or after a name that are no part of it.
const TITLES: &[&str] = &[
    "dr", "esq", "frau", "herr", "hr", "ii", "iii", "iv", "jr", "lady", "lord", "madam", "miss", "mr", "mrs",
    "ms", "mx", "phd", "prof", "rev", "senor", "senora", "sir", "sr", "sra",
];

/// A name as comparable text, `given|family`: marks removed, lower case, letters and digits only, words joined by one
/// space, titles left out. Either side may be empty; none where both are.
///
/// ```
/// use stitchline::normalize::name::canonical;
///
/// assert_eq!(canonical("Dr. José", "García-Márquez").as_deref(), Some("jose|garcia marquez"));
/// assert_eq!(canonical("", " - "), None);
/// ```
pub fn canonical(given: &str, family: &str) -> Option<String> {
    let mut text = String::with_capacity(given.len() + family.len() + 1);
    fold_into(&mut text, given);
    let split = text.len();
    text.push('|');
    fold_into(&mut text, family);
    (split > 0 || text.len() > 1).then_some(text)
}

/// A full name as [`canonical`] text: what follows a comma is given (`Lee, Ann`), else the last word is the family
/// name.
pub fn canonical_full(full: &str) -> Option<String> {
    if let Some((family, given)) = full.split_once(',') {
        return canonical(given, family);
    }
    let mut folded = String::with_capacity(full.len());
    fold_into(&mut folded, full);
    match folded.rsplit_once(' ') {
        Some((given, family)) => Some(format!("{given}|{family}")),
        None => (!folded.is_empty()).then(|| format!("|{folded}")),
    }
}

fn fold_into(out: &mut String, raw: &str) {
    let begin = out.len();
    let mut word = out.len();
    let close = |out: &mut String, word: usize| {
        if TITLES.binary_search(&&out[word..]).is_ok() {
            out.truncate(word);
        }
    };
    let mut push = |out: &mut String, c: char| {
        if c.is_alphanumeric() {
            if c.is_ascii() { out.push(c.to_ascii_lowercase()) } else { fold_letter(out, c) }
        } else if !matches!(c, '\'' | '’' | '.') && out.len() > word {
            close(out, word);
            if out.len() > begin && !out.ends_with(' ') {
                out.push(' ');
            }
            word = out.len();
        }
    };
    if raw.is_ascii() {
        raw.chars().for_each(|c| push(out, c));
    } else {
        raw.nfkd().filter(|&c| !is_combining_mark(c)).for_each(|c| push(out, c));
    }
    push(out, ' ');
    let end = out[begin..].trim_end().len();
    out.truncate(begin + end);
}

/// Letters that decompose into nothing simpler but are commonly written otherwise.
fn fold_letter(out: &mut String, c: char) {
    match c {
        'ß' => out.push_str("ss"),
        'æ' | 'Æ' => out.push_str("ae"),
        'œ' | 'Œ' => out.push_str("oe"),
        'ø' | 'Ø' => out.push('o'),
        'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
        'ł' | 'Ł' => out.push('l'),
        'þ' | 'Þ' => out.push_str("th"),
        'ı' => out.push('i'),
        other => out.extend(other.to_lowercase()),
    }
}

/// Whether two canonical names are plainly of two persons: both given names are known and their initials differ,
/// however the sides are arranged.
///
/// Deliberately blunt: a typing error, an initial, a nickname with the same first letter or swapped sides never part
/// a person from themselves.
pub fn conflict(a: &str, b: &str) -> bool {
    let (Some((given_a, family_a)), Some((given_b, family_b))) = (a.split_once('|'), b.split_once('|'))
    else {
        return false;
    };
    let (Some(initial_a), Some(initial_b)) = (given_a.chars().next(), given_b.chars().next()) else {
        return false;
    };
    initial_a != initial_b && !same_start(given_a, family_b) && !same_start(given_b, family_a)
}

fn same_start(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && a.chars().zip(b.chars()).take(3).all(|(x, y)| x == y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds() {
        assert!(TITLES.is_sorted());
        assert_eq!(canonical("ANN", "O'Neil").as_deref(), Some("ann|oneil"));
        assert_eq!(canonical("Jürgen", "Groß").as_deref(), Some("jurgen|gross"));
        assert_eq!(canonical("Mr", "").as_deref(), None);
        assert_eq!(canonical("", "Lee Jr.").as_deref(), Some("|lee"));
        assert_eq!(canonical_full("Lee, Ann").as_deref(), Some("ann|lee"));
        assert_eq!(canonical_full("Mrs Ann  Mary Lee").as_deref(), Some("ann mary|lee"));
        assert_eq!(canonical_full("李小龙").as_deref(), Some("|李小龙"));
        assert_eq!(canonical_full("\u{301}"), None);
    }

    #[test]
    fn conflicts() {
        assert!(conflict("ann|lee", "bob|lee"));
        assert!(!conflict("ann|lee", "anna|li"));
        assert!(!conflict("ann|lee", "a|lee"));
        assert!(!conflict("ann|lee", "lee|ann"));
        assert!(!conflict("|lee", "bob|lee"));
    }
}
