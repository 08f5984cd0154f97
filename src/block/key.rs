//! Key expressions: what of a value two rows must share to be compared.

use crate::{
    error::{Error, Result},
    normalize::nickname,
    similarity::{metaphone, nysiis, soundex},
    table::{Column, hash},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A column, or something made of its value. Written as text: `surname`, `prefix(postcode, 4)`, `soundex(surname)`.
///
/// ```
/// use stitchline::block::Key;
///
/// let key: Key = "prefix(postcode, 4)".parse()?;
/// assert_eq!(key.column, "postcode");
/// assert_eq!(key.to_string(), "prefix(postcode, 4)");
/// assert!("nonsense(postcode)".parse::<Key>().is_err());
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The column.
    pub column: String,
    /// What is made of its value.
    pub part: Part,
}

/// What of a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// All of it.
    Whole,
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
    /// The formal name of a given name that is a short form: `bob` and `robert` have it in common.
    FormalName,
    /// The digits.
    Digits,
    /// The letters, sorted: equal where letters are swapped.
    SortedLetters,
    /// The consonants after the first letter.
    Consonants,
    /// The year of a date.
    Year,
    /// Month and day of a date.
    MonthDay,
    /// Year and the lesser and the greater of month and day: equal where these are swapped.
    AnyOrderDate,
    /// What stands before the `@`.
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

const PLAIN: &[(&str, Part)] = &[
    ("first_word", Part::FirstWord),
    ("last_word", Part::LastWord),
    ("sorted_words", Part::SortedWords),
    ("formal_name", Part::FormalName),
    ("digits", Part::Digits),
    ("sorted_letters", Part::SortedLetters),
    ("consonants", Part::Consonants),
    ("year", Part::Year),
    ("month_day", Part::MonthDay),
    ("any_order_date", Part::AnyOrderDate),
    ("local_part", Part::LocalPart),
    ("soundex", Part::Soundex),
    ("metaphone", Part::Metaphone),
    ("nysiis", Part::Nysiis),
];

impl Key {
    /// The whole value of a column.
    pub fn whole(column: impl Into<String>) -> Self {
        Key { column: column.into(), part: Part::Whole }
    }

    /// A part of the value of a column.
    pub fn part(column: impl Into<String>, part: Part) -> Self {
        Key { column: column.into(), part }
    }

    /// A hash for each distinct value; 0 where there is none.
    pub(super) fn hashes(&self, column: &Column) -> Vec<u64> {
        let mut text = String::new();
        column
            .values()
            .texts()
            .map(|value| {
                if let Part::MinHash(seed) = self.part {
                    return min_hash(value, seed);
                }
                text.clear();
                let whole = self.part == Part::Whole;
                if !whole {
                    part(value, self.part, &mut text);
                }
                let made = if whole { value } else { text.as_str() };
                if made.is_empty() { 0 } else { hash(made.as_bytes()).max(1) }
            })
            .collect()
    }
}

fn min_hash(value: &str, seed: u32) -> u64 {
    let mixed = |gram: &[u8]| {
        let hash = hash(gram) ^ u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    value.as_bytes().windows(2).map(mixed).min().map_or(0, |least| least.max(1))
}

fn part(value: &str, part: Part, out: &mut String) {
    match part {
        Part::Whole => out.push_str(value),
        Part::Prefix(count) => {
            let mut ends = value.char_indices().map(|(at, c)| at + c.len_utf8());
            if let Some(end) = (count > 0).then(|| ends.nth(count as usize - 1)).flatten() {
                out.push_str(&value[..end]);
            }
        }
        Part::Suffix(count) => {
            if let Some((at, _)) = value.char_indices().rev().nth((count as usize).saturating_sub(1)) {
                out.push_str(&value[at..]);
            }
        }
        Part::FirstWord => out.push_str(value.split(' ').next().unwrap_or_default()),
        Part::LastWord => out.push_str(value.rsplit(' ').next().unwrap_or_default()),
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
            let mut letters: Vec<char> = value.chars().filter(|c| *c != ' ').collect();
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
        Part::Year => {
            out.push_str(value.split('-').next().filter(|year| year.len() == 4).unwrap_or_default())
        }
        Part::MonthDay => out.push_str(value.split_once('-').map_or("", |(_, rest)| rest)),
        Part::AnyOrderDate => {
            let mut parts = value.splitn(3, '-');
            if let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) {
                out.push_str(year);
                out.push_str(month.min(day));
                out.push_str(month.max(day));
            }
        }
        Part::LocalPart => out.push_str(value.rsplit_once('@').map_or("", |(local, _)| local)),
        Part::Soundex => out.push_str(&soundex(value)),
        Part::Metaphone => out.push_str(&metaphone(value)),
        Part::Nysiis => out.push_str(&nysiis(value)),
        Part::MinHash(_) => {}
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Whole => f.write_str(&self.column),
            Part::Prefix(count) => write!(f, "prefix({}, {count})", self.column),
            Part::Suffix(count) => write!(f, "suffix({}, {count})", self.column),
            Part::MinHash(seed) => write!(f, "min_hash({}, {seed})", self.column),
            part => {
                let name = PLAIN.iter().find(|(_, known)| *known == part).map_or("", |(name, _)| name);
                write!(f, "{name}({})", self.column)
            }
        }
    }
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fault = || {
            let names: Vec<&str> = PLAIN.iter().map(|(name, _)| *name).collect();
            Error::invalid(format!(
                "`{text}` is no key: a column is expected, or prefix(column, 4), suffix(column, 4), \
                 min_hash(column, 1), or one of {} with a column",
                names.join(", ")
            ))
        };
        let Some((name, rest)) = text.trim().split_once('(') else {
            let column = text.trim();
            return if column.is_empty() { Err(fault()) } else { Ok(Key::whole(column)) };
        };
        let inner = rest.trim_end().strip_suffix(')').ok_or_else(fault)?;
        if let Some((_, part)) = PLAIN.iter().find(|(known, _)| *known == name.trim()) {
            return Ok(Key::part(inner.trim(), *part));
        }
        let (column, count) = inner.rsplit_once(',').ok_or_else(fault)?;
        let count: u32 = count.trim().parse().map_err(|_| fault())?;
        let part = match name.trim() {
            "prefix" if count > 0 => Part::Prefix(count),
            "suffix" if count > 0 => Part::Suffix(count),
            "min_hash" => Part::MinHash(count),
            _ => return Err(fault()),
        };
        Ok(Key::part(column.trim(), part))
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let of = |value: &str, what: Part| {
            let mut out = String::new();
            part(value, what, &mut out);
            out
        };
        assert_eq!(of("jürgen", Part::Prefix(2)), "jü");
        assert_eq!(of("a", Part::Prefix(2)), "");
        assert_eq!(of("+447700900123", Part::Suffix(7)), "0900123");
        assert_eq!(of("12", Part::Suffix(7)), "");
        assert_eq!(of("1980-12-03", Part::AnyOrderDate), of("1980-03-12", Part::AnyOrderDate));
        assert_eq!(of("1980-12-03", Part::Year), "1980");
        assert_eq!(of("1980-12-03", Part::MonthDay), "12-03");
        assert_eq!(of("hannah lee", Part::Consonants), "hnhl");
        assert_eq!(of("b a", Part::SortedWords), "ab");
    }

    #[test]
    fn keys_are_written_and_read() {
        let parts = PLAIN.iter().map(|(_, part)| *part);
        for part in parts.chain([Part::Whole, Part::Prefix(3), Part::Suffix(2), Part::MinHash(7)]) {
            let key = Key::part("post code", part);
            assert_eq!(key.to_string().parse::<Key>().unwrap(), key);
        }
        for bad in ["", "prefix(a)", "prefix(a, 0)", "soundex(a", "min_hash(a, x)"] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }
}
