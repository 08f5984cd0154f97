//! The errors of people and machines: a correct text in, a mistyped, misread, misheard or shortened one out.

use crate::lists::{LISTS, Place};
use crate::rng::Rng;

const KEYBOARD: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// The keys next to this one.
fn neighbours(key: char) -> Vec<char> {
    let mut out = Vec::new();
    for (r, row) in KEYBOARD.iter().enumerate() {
        let Some(i) = row.find(key) else { continue };
        // Digits slip to digits and letters to letters.
        let rows = if r == 0 { 0..=0 } else { (r - 1).max(1)..=(r + 1).min(3) };
        for near in rows {
            for (j, other) in KEYBOARD[near].chars().enumerate() {
                if j.abs_diff(i) <= 1 && other != key {
                    out.push(other);
                }
            }
        }
    }
    out
}

/// A slip of the fingers: a neighbouring key, a missing, a doubled or two swapped characters.
pub(crate) fn mistype(text: &str, rng: &mut Rng) -> String {
    let mut c: Vec<char> = text.chars().collect();
    if c.is_empty() {
        return String::new();
    }
    let i = rng.index(c.len());
    let (kind, near) = (rng.unit(), neighbours(c[i].to_ascii_lowercase()));
    if kind < 0.40 && !near.is_empty() {
        let key = *rng.pick(&near);
        c[i] = if c[i].is_ascii_uppercase() { key.to_ascii_uppercase() } else { key };
    } else if kind < 0.60 && c.len() > 2 {
        c.remove(i);
    } else if kind < 0.80 || c.len() == 1 {
        c.insert(i, c[i]);
    } else {
        let i = i.min(c.len() - 2);
        c.swap(i, i + 1);
    }
    c.into_iter().collect()
}

/// A scanner's error: one character taken for another that looks like it.
pub(crate) fn misread(text: &str, rng: &mut Rng) -> String {
    let fits: Vec<_> = LISTS.misread.iter().filter(|(a, b)| text.contains(a) || text.contains(b)).collect();
    if fits.is_empty() {
        return text.to_owned();
    }
    let (a, b) = **rng.pick(&fits);
    if text.contains(a) { text.replacen(a, b, 1) } else { text.replacen(b, a, 1) }
}

/// A listener's error: a spelling that sounds alike.
pub(crate) fn mishear(text: &str, rng: &mut Rng) -> String {
    let lower = text.to_lowercase();
    let fits: Vec<_> = LISTS
        .misheard
        .iter()
        .filter_map(|&(place, from, to)| {
            let at = match place {
                Place::Start => lower.starts_with(from).then_some(0),
                Place::End => lower.ends_with(from).then(|| lower.len() - from.len()),
                Place::Anywhere => lower.find(from),
            };
            at.map(|at| (at, from, to))
        })
        .collect();
    if fits.is_empty() {
        return text.to_owned();
    }
    let (at, from, to) = *rng.pick(&fits);
    let changed = format!("{}{to}{}", &lower[..at], &lower[at + from.len()..]);
    if changed.is_empty() { text.to_owned() } else { capitalised(&changed) }
}

/// A short form of the first name, or the name itself when it has none.
pub(crate) fn nickname(first_name: &str, rng: &mut Rng) -> String {
    match LISTS.nicknames(first_name) {
        [] => first_name.to_owned(),
        short => capitalised(short[rng.index(short.len())]),
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// The text as a system without accents keeps it: `Müller` becomes `Mueller`, `José` becomes `Jose`.
pub(crate) fn unaccented(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'Ä' => out.push_str("Ae"),
            'Ö' => out.push_str("Oe"),
            'Ü' => out.push_str("Ue"),
            'ß' => out.push_str("ss"),
            'á' | 'à' | 'â' | 'ã' => out.push('a'),
            'Á' | 'À' | 'Â' => out.push('A'),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'É' | 'È' | 'Ê' => out.push('E'),
            'í' | 'ì' | 'î' | 'ï' => out.push('i'),
            'Í' | 'Ì' | 'Î' => out.push('I'),
            'ó' | 'ò' | 'ô' | 'õ' => out.push('o'),
            'Ó' | 'Ò' | 'Ô' => out.push('O'),
            'ú' | 'ù' | 'û' => out.push('u'),
            'Ú' | 'Ù' | 'Û' => out.push('U'),
            'ñ' => out.push('n'),
            'Ñ' => out.push('N'),
            'ç' => out.push('c'),
            'Ç' => out.push('C'),
            c if c.is_ascii() => out.push(c),
            _ => {}
        }
    }
    out
}

/// The letters and digits of a name in lower case without accents, as they stand in addresses.
pub(crate) fn slug(text: &str) -> String {
    unaccented(text).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_change_little() {
        let mut rng = Rng::stream(1, 0, 0);
        for _ in 0..500 {
            for f in [mistype, misread, mishear] {
                let out = f("Margaret", &mut rng);
                assert!(out.chars().count().abs_diff(8) <= 2, "{out}");
            }
            assert!(!mistype("J", &mut rng).is_empty());
            assert!(mishear("Jürgen", &mut rng).contains("rg") || !mishear("Jürgen", &mut rng).is_empty());
        }
        assert_eq!(mistype("", &mut rng), "");
        assert_eq!(neighbours('5'), ['4', '6']);
    }

    #[test]
    fn accents_and_nicknames() {
        assert_eq!(unaccented("Müller-José Peña"), "Mueller-Jose Pena");
        assert_eq!(slug("San José"), "sanjose");
        assert_ne!(nickname("William", &mut Rng::stream(1, 0, 0)), "William");
        assert_eq!(nickname("Xqz", &mut Rng::stream(1, 0, 0)), "Xqz");
    }
}
