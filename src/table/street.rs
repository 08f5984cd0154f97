//! Streets to comparable text.

use super::prepare::fold;
use crate::normalize::junk;

/// Words of streets that are written short.
const STREET_WORDS: &[(&str, &str)] = &[
    ("apartment", "apt"),
    ("avenida", "avda"),
    ("avenue", "ave"),
    ("boulevard", "blvd"),
    ("calle", "c"),
    ("circuit", "cct"),
    ("close", "cl"),
    ("court", "ct"),
    ("crescent", "cres"),
    ("drive", "dr"),
    ("gardens", "gdns"),
    ("highway", "hwy"),
    ("lane", "ln"),
    ("parade", "pde"),
    ("place", "pl"),
    ("plaza", "pza"),
    ("road", "rd"),
    ("square", "sq"),
    ("street", "st"),
    ("terrace", "tce"),
];

/// [`STREET_WORDS`] by their first bytes and lengths.
const STREET_SHAPES: [u32; 128] = {
    let (mut words, mut at) = ([""; STREET_WORDS.len()], 0);
    while at < words.len() {
        words[at] = STREET_WORDS[at].0;
        at += 1;
    }
    junk::shapes(&words)
};

/// Writes the comparable form of a street to `out`, which is empty: lower case without marks, what is no letter and no
/// digit parts words, some of which are written short. O(n).
pub(super) fn canonical(text: &str, out: &mut String) {
    if !text.is_ascii() {
        let mut folded = String::with_capacity(text.len());
        fold(text, &mut folded);
        out.reserve(folded.len());
        folded.split(' ').for_each(|word| close_street_word(out, |out| out.push_str(word)));
        return;
    }
    out.reserve(text.len());
    if plain(text, out) {
        return;
    }
    out.clear();
    in_ascii(text, out);
}

/// Any street of ASCII.
fn in_ascii(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while from < bytes.len() {
        let (mut to, mut plain) = (from, true);
        while let Some(&byte) = bytes.get(to)
            && STREET_BYTES[usize::from(byte & 0x7f)] != Use::Part
        {
            plain &= STREET_BYTES[usize::from(byte & 0x7f)] == Use::Plain;
            to += 1;
        }
        close_street_word(out, |out| {
            if plain {
                return out.push_str(&text[from..to]);
            }
            let letters = bytes[from..to].iter().filter(|byte| byte.is_ascii_alphanumeric());
            out.extend(letters.map(|byte| char::from(byte.to_ascii_lowercase())));
        });
        from = to + 1;
    }
}

/// Writes a street of words of lower case and digits with one space between, which but for its short forms is what it is
/// already. False where it is none.
fn plain(text: &str, out: &mut String) -> bool {
    let bytes = text.as_bytes();
    let (mut word, mut written) = (0, 0);
    loop {
        let rest = &bytes[word..];
        let is_plain = |byte: &u8| STREET_BYTES[usize::from(byte & 0x7f)] == Use::Plain;
        let end = word + rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
        if end == word || bytes.get(end).is_some_and(|byte| *byte != b' ') {
            return false;
        }
        match short(&text[word..end]) {
            Short::Not => {}
            Short::Is(short) => {
                out.push_str(&text[written..word]);
                out.push_str(short);
                written = end;
            }
            Short::Without(bytes) => {
                out.push_str(&text[written..end - bytes]);
                written = end;
            }
        }
        if end == bytes.len() {
            out.push_str(&text[written..]);
            return true;
        }
        word = end + 1;
    }
}

/// How a word of a street is written short.
enum Short {
    Not,
    Is(&'static str),
    /// So many bytes less.
    Without(usize),
}

#[inline]
fn short(word: &str) -> Short {
    let is_long = |(long, _): &&(&str, &str)| long.len() == word.len() && long.as_bytes() == word.as_bytes();
    if junk::is_shaped(word, &STREET_SHAPES, |byte| byte)
        && let Some((_, short)) = STREET_WORDS.iter().find(is_long)
    {
        Short::Is(short)
    } else if word.len() > "strasse".len() && word.ends_with("strasse") {
        Short::Without("asse".len())
    } else {
        Short::Not
    }
}

/// What becomes of a byte in a street.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    /// It parts words.
    Part,
    /// It stays as it is.
    Plain,
    /// It is written in another way or not at all.
    Changed,
}

const STREET_BYTES: [Use; 128] = {
    let (mut bytes, mut at) = ([Use::Part; 128], 0u8);
    while at < 128 {
        if at.is_ascii_lowercase() || at.is_ascii_digit() {
            bytes[at as usize] = Use::Plain;
        } else if at.is_ascii_uppercase() || matches!(at, b'\'' | b'.') {
            bytes[at as usize] = Use::Changed;
        }
        at += 1;
    }
    bytes
};

/// Adds a word that `write` writes, short where it has a short form.
fn close_street_word(out: &mut String, write: impl FnOnce(&mut String)) {
    let before = out.len();
    if before > 0 {
        out.push(' ');
    }
    let from = out.len();
    write(out);
    if out.len() == from {
        return out.truncate(before);
    }
    match short(&out[from..]) {
        Short::Not => {}
        Short::Is(short) => {
            out.truncate(from);
            out.push_str(short);
        }
        Short::Without(bytes) => out.truncate(out.len() - bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn plain_streets_are_written_as_others_are(
            words in prop::collection::vec("[a-c1]{0,3}|road|roads|lane|strasse|[ab]strasse|A|'|street", 0..5),
            double in any::<bool>(),
        ) {
            let text = words.join(if double { "  " } else { " " });
            let (mut own, mut expected) = (String::new(), String::new());
            in_ascii(&text, &mut expected);
            let usual = |word: &String| !word.is_empty() && !word.contains(['A', '\'']);
            let is_plain = plain(&text, &mut own);
            prop_assert!(!is_plain || own == expected, "{own} {expected}");
            prop_assert_eq!(is_plain, !words.is_empty() && words.iter().all(usual) && (!double || words.len() < 2));
            own.clear();
            canonical(&text, &mut own);
            prop_assert_eq!(own, expected);
        }
    }

    #[test]
    fn words_are_found() {
        assert!(STREET_WORDS.is_sorted());
    }
}
