//! Key expressions: what of a value two rows must share to be compared.

use crate::{
    error::{Error, Result},
    normalize::nickname,
    similarity::{metaphone, nysiis, soundex},
    table::hash,
};

/// A column, or something made of its value. Written as text: `surname`, `prefix(postcode, 4)`, `soundex(surname)`,
/// one in the other as in `sorted_letters(local_part(email))`, and with `|` between where any of several counts:
/// `words(surname) | words(local_part(email))`. A column whose name has one of `(),|"` stands in double quotes.
///
/// A key may give a row several values (any of several, words, parts of a text). Two rows then share the key where
/// they have one of its values in common, wherever each comes from. Of more than 32 values those with the smallest
/// hashes count.
///
/// ```
/// use stitchline::block::Key;
///
/// let key: Key = "prefix(postcode,4)".parse()?;
/// assert_eq!(key.to_string(), "prefix(postcode, 4)");
/// assert!(!key.several());
/// let key: Key = "sorted_letters(given, family) | sorted_letters(local_part(email))".parse()?;
/// assert_eq!(key.columns().collect::<Vec<_>>(), ["given", "family", "email"]);
/// assert!(key.several());
/// assert!("nonsense(postcode)".parse::<Key>().is_err());
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// All of a column's value.
    Column(String),
    /// Something made of the value of a key. Of several keys only where the part can be, which are
    /// [`Part::SortedLetters`] and [`Part::SortedLettersLessOne`].
    Made(Part, Vec<Key>),
    /// The values of each of several keys.
    Any(Vec<Key>),
}

/// What of a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The first so many characters, of a value that has as many.
    Prefix(u32),
    /// The last so many characters, of a value that has as many.
    Suffix(u32),
    /// The first word.
    FirstWord,
    /// The last word.
    LastWord,
    /// The words in alphabetical order.
    SortedWords,
    /// Each run of two letters and more: several values.
    Words,
    /// Each value of a list, as columns of several phone numbers or e-mail addresses hold: several values.
    Values,
    /// Each so many characters side by side, of a value that has as many: several values.
    Grams(u32),
    /// The formal name of a given name that is a short form: `bob` and `robert` have it in common.
    FormalName,
    /// The digits.
    Digits,
    /// The letters, sorted: equal where letters are swapped, and of several columns whichever stands first.
    SortedLetters,
    /// The letters, sorted, and these without one of them, for each: equal where one is wrong or left out.
    SortedLettersLessOne,
    /// The consonants after the first letter.
    Consonants,
    /// The year of a date.
    Year,
    /// Month and day of a date.
    MonthDay,
    /// Year and the lesser and the greater of month and day: equal where these are swapped.
    AnyOrderDate,
    /// What stands before the `@`, and before a `+` there.
    LocalPart,
    /// [`soundex`].
    Soundex,
    /// [`metaphone`].
    Metaphone,
    /// [`nysiis`].
    Nysiis,
    /// One of several smallest hashes of the value's pairs of characters (Broder 1997): two values have it in common
    /// with the probability of the share of pairs that they have in common.
    MinHash(u32),
}

impl Key {
    /// The whole value of a column.
    pub fn whole(column: impl Into<String>) -> Self {
        Key::Column(column.into())
    }

    /// A part of the value of a column.
    pub fn part(column: impl Into<String>, part: Part) -> Self {
        Key::Made(part, vec![Key::whole(column)])
    }

    /// The columns that it is made of, as often as they occur.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let mut rest = vec![self];
        std::iter::from_fn(move || {
            loop {
                match rest.pop()? {
                    Key::Column(name) => return Some(name.as_str()),
                    Key::Made(_, keys) | Key::Any(keys) => rest.extend(keys.iter().rev()),
                }
            }
        })
    }

    /// Whether it may give a row more than one value.
    pub fn several(&self) -> bool {
        match self {
            Key::Column(_) => false,
            Key::Made(Part::Words | Part::Values | Part::Grams(_) | Part::SortedLettersLessOne, _)
            | Key::Any(_) => true,
            Key::Made(_, keys) => keys.iter().any(Key::several),
        }
    }

    /// Whether rows can be sorted by it: it is one text made of one column.
    pub(super) fn sorts(&self) -> bool {
        !self.several() && self.of_one() && !matches!(self, Key::Made(Part::MinHash(_), _))
    }

    /// The keys of which any counts; itself alone where it is no such list.
    pub(super) fn alternatives(&self) -> &[Key] {
        match self {
            Key::Any(keys) => keys,
            own => std::slice::from_ref(own),
        }
    }

    /// Whether it is the same as another, in whatever order alternatives stand.
    pub(super) fn is(&self, other: &Key) -> bool {
        let (own, other) = (self.alternatives(), other.alternatives());
        own.iter().all(|key| other.contains(key)) && other.iter().all(|key| own.contains(key))
    }

    /// Whether it can be made.
    pub(super) fn check(&self) -> Result<()> {
        let fault = |what: &str| Err(Error::invalid(format!("the key `{self}` {what}")));
        for key in self.alternatives() {
            let together = match key {
                Key::Made(Part::SortedLetters | Part::SortedLettersLessOne, keys) if keys.len() > 1 => keys,
                key => std::slice::from_ref(key),
            };
            if together.len() > 1 && together.iter().any(Key::several) {
                return fault("puts together what gives several values");
            }
            if !together.iter().all(Key::of_one) {
                return fault(
                    "makes one value of several, which only sorted_letters and sorted_letters_less_one can, and those \
                     of columns or what is made of one",
                );
            }
        }
        Ok(())
    }

    /// Whether it is one value of a column or made of one, and made as a part can be.
    fn of_one(&self) -> bool {
        let mut own = self;
        loop {
            match own {
                Key::Column(_) => return true,
                Key::Made(_, keys) if keys.len() == 1 => own = &keys[0],
                _ => return false,
            }
            // What is a hash is no text of which parts can be made.
            if matches!(own, Key::Made(Part::MinHash(_) | Part::SortedLettersLessOne, _)) {
                return false;
            }
        }
    }

    /// The hashes, other than 0, of what it makes of a value of its one column.
    pub(super) fn hashes(&self, value: &str, mut take: impl FnMut(u64)) {
        match self {
            Key::Made(Part::MinHash(seed), keys) => {
                keys.iter().for_each(|key| key.texts(value, &mut |text| take(min_hash(text, *seed))));
            }
            Key::Made(Part::SortedLetters, keys) => {
                keys.iter().for_each(|key| key.texts(value, &mut |text| take(letters(text))));
            }
            Key::Made(Part::SortedLettersLessOne, keys) => keys.iter().for_each(|key| {
                key.texts(value, &mut |text| {
                    let all = letters(text);
                    take(all);
                    text.chars()
                        .filter(|c| c.is_alphabetic())
                        .for_each(|c| take(all.wrapping_sub(letter(c))));
                });
            }),
            Key::Column(_) if value.is_empty() => {}
            Key::Column(_) => take(hash(value.as_bytes()).max(1)),
            _ => self.texts(value, &mut |text| take(hash(text.as_bytes()).max(1))),
        }
    }

    /// What it makes of a value of its one column; nothing of an empty one.
    pub(super) fn texts(&self, value: &str, take: &mut dyn FnMut(&str)) {
        match self {
            Key::Column(_) if value.is_empty() => {}
            Key::Column(_) => take(value),
            Key::Made(part, keys) => keys.iter().for_each(|key| {
                key.texts(value, &mut |text| parts(text, *part, take));
            }),
            Key::Any(keys) => keys.iter().for_each(|key| key.texts(value, take)),
        }
    }
}

/// The letters whatever their order: sums of hashes, so that those of two texts put together are the sum of both.
fn letters(text: &str) -> u64 {
    if text.is_ascii() {
        return text.bytes().fold(0, |sum, byte| sum.wrapping_add(LETTERS[usize::from(byte & 0x7f)]));
    }
    text.chars().filter(|c| c.is_alphabetic()).map(letter).fold(0, u64::wrapping_add)
}

/// The hash of each letter of ASCII; 0 of what is none.
const LETTERS: [u64; 128] = {
    let (mut letters, mut at) = ([0; 128], 0u8);
    while at < 128 {
        if at.is_ascii_alphabetic() {
            letters[at as usize] = letter(at as char);
        }
        at += 1;
    }
    letters
};

const fn letter(c: char) -> u64 {
    let c = (c as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let c = (c ^ (c >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (c ^ (c >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn min_hash(value: &str, seed: u32) -> u64 {
    let mixed = |gram: &[u8]| {
        let hash = hash(gram) ^ u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    value.as_bytes().windows(2).map(mixed).min().map_or(0, |least| least.max(1))
}

/// Hands on what a part makes of a value, where that is anything.
fn parts(value: &str, what: Part, take: &mut dyn FnMut(&str)) {
    match what {
        Part::Words => {
            value
                .split(|c: char| !c.is_alphabetic())
                .filter(|word| word.chars().nth(1).is_some())
                .for_each(take);
        }
        Part::Values => value.split(' ').filter(|one| !one.is_empty()).for_each(take),
        Part::Grams(count) => {
            let starts = value.char_indices().map(|(at, _)| at);
            let ends = value
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .skip((count as usize).saturating_sub(1));
            starts.zip(ends).for_each(|(from, to)| take(&value[from..to]));
        }
        what => match piece(value, what) {
            Some("") => {}
            Some(piece) => take(piece),
            None => {
                let mut made = String::new();
                part(value, what, &mut made);
                if !made.is_empty() {
                    take(&made);
                }
            }
        },
    }
}

/// A part that stands in the value as it is; none for other parts.
fn piece(value: &str, part: Part) -> Option<&str> {
    // Bytes of ASCII are no part of another character.
    let before = |end: u8| value.bytes().position(|byte| byte == end);
    Some(match part {
        Part::Prefix(0) => "",
        Part::Prefix(count) => match value.as_bytes().get(..count as usize) {
            Some(head) if head.is_ascii() => &value[..head.len()],
            _ => {
                let mut ends = value.char_indices().map(|(at, c)| at + c.len_utf8());
                ends.nth(count as usize - 1).map_or("", |end| &value[..end])
            }
        },
        Part::Suffix(count) => match value.len().checked_sub((count as usize).max(1)) {
            Some(from) if value.as_bytes()[from..].is_ascii() => &value[from..],
            _ => {
                let at = value.char_indices().rev().nth((count as usize).saturating_sub(1));
                at.map_or("", |(at, _)| &value[at..])
            }
        },
        Part::FirstWord => before(b' ').map_or(value, |end| &value[..end]),
        Part::LastWord => value.rsplit(' ').next().unwrap_or_default(),
        Part::Year => match before(b'-').map_or(value, |end| &value[..end]) {
            year if year.len() == 4 => year,
            _ => "",
        },
        Part::MonthDay => before(b'-').map_or("", |end| &value[end + 1..]),
        Part::LocalPart => {
            let at = value.bytes().rposition(|byte| byte == b'@').unwrap_or(0);
            let end = value[..at].bytes().position(|byte| byte == b'+').unwrap_or(at);
            &value[..end]
        }
        _ => return None,
    })
}

fn part(value: &str, part: Part, out: &mut String) {
    match part {
        Part::SortedWords => {
            let mut words: Vec<&str> = value.split(' ').collect();
            words.sort_unstable();
            words.iter().for_each(|word| out.push_str(word));
        }
        Part::FormalName => {
            let first = value.split(' ').next().unwrap_or_default();
            out.push_str(nickname::formal(first).next().unwrap_or(first));
        }
        Part::Digits => out.extend(value.chars().filter(char::is_ascii_digit)),
        Part::SortedLetters => {
            let mut letters: Vec<char> = value.chars().filter(|c| c.is_alphabetic()).collect();
            letters.sort_unstable();
            out.extend(letters);
        }
        Part::Consonants => {
            let mut letters = value.chars().filter(|c| c.is_alphanumeric());
            out.extend(letters.next());
            for c in letters.filter(|c| !"aeiouy".contains(*c)) {
                if !out.ends_with(c) {
                    out.push(c);
                }
            }
        }
        Part::AnyOrderDate => {
            let mut parts = value.splitn(3, '-');
            if let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) {
                out.push_str(year);
                out.push_str(month.min(day));
                out.push_str(month.max(day));
            }
        }
        Part::Soundex => out.push_str(&soundex(value)),
        Part::Metaphone => out.push_str(&metaphone(value)),
        Part::Nysiis => out.push_str(&nysiis(value)),
        // Pieces of the value, and what is made of it in other ways.
        Part::Prefix(_)
        | Part::Suffix(_)
        | Part::FirstWord
        | Part::LastWord
        | Part::Year
        | Part::MonthDay
        | Part::LocalPart
        | Part::Words
        | Part::Values
        | Part::Grams(_)
        | Part::SortedLettersLessOne
        | Part::MinHash(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let of = |value: &str, what: Part| {
            let mut out = String::new();
            super::parts(value, what, &mut |text| out.push_str(text));
            out
        };
        assert_eq!(of("jürgen", Part::Prefix(2)), "jü");
        assert_eq!(of("a", Part::Prefix(2)), "");
        assert_eq!(of("jürgen", Part::Prefix(1)), "j");
        assert_eq!(of("né", Part::Suffix(1)), "é");
        assert_eq!(of("éne", Part::Suffix(2)), "ne");
        assert_eq!(of("é", Part::Suffix(2)), "");
        assert_eq!(of("+447700900123", Part::Suffix(7)), "0900123");
        assert_eq!(of("12", Part::Suffix(7)), "");
        assert_eq!(of("1980-12-03", Part::AnyOrderDate), of("1980-03-12", Part::AnyOrderDate));
        assert_eq!(of("1980-12-03", Part::Year), "1980");
        assert_eq!(of("1980-12-03", Part::MonthDay), "12-03");
        assert_eq!(of("hannah lee", Part::Consonants), "hnhl");
        assert_eq!(of("b a", Part::SortedWords), "ab");
    }

    #[test]
    fn several_values() {
        let of = |value: &str, key: &str| {
            let (mut texts, key) = (Vec::new(), key.parse::<Key>().unwrap());
            key.texts(value, &mut |text| texts.push(text.to_owned()));
            texts
        };
        assert_eq!(of("ann.lee-80+shop@x.com", "words(local_part(a))"), ["ann", "lee"]);
        assert_eq!(of("jürg b", "words(a)"), ["jürg"]);
        assert_eq!(of("+441 +4420", "suffix(values(a), 3)"), ["441", "420"]);
        assert_eq!(of("jürg", "grams(a, 3)"), ["jür", "ürg"]);
        assert_eq!(of("ab", "grams(a, 3)"), [""; 0]);
        assert_eq!(of("", "words(a)"), [""; 0]);
        assert_eq!(of("lee ann", "prefix(words(a), 1)"), ["l", "a"]);
        assert_eq!(letters("anna").wrapping_add(letters("lee")), letters("l.e.e1 anna"));
        assert_ne!(letters("anna"), letters("ana"));
        // Of ASCII from a table.
        assert_eq!(letters("a-Zz9"), letters("a-Zz9é").wrapping_sub(letter('é')));
    }
}
