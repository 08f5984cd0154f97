//! Keys as text.

use super::{Key, Part};
use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

const PLAIN: &[(&str, Part)] = &[
    ("first_word", Part::FirstWord),
    ("last_word", Part::LastWord),
    ("sorted_words", Part::SortedWords),
    ("words", Part::Words),
    ("values", Part::Values),
    ("formal_name", Part::FormalName),
    ("digits", Part::Digits),
    ("sorted_letters", Part::SortedLetters),
    ("sorted_letters_less_one", Part::SortedLettersLessOne),
    ("consonants", Part::Consonants),
    ("year", Part::Year),
    ("month_day", Part::MonthDay),
    ("any_order_date", Part::AnyOrderDate),
    ("local_part", Part::LocalPart),
    ("soundex", Part::Soundex),
    ("metaphone", Part::Metaphone),
    ("nysiis", Part::Nysiis),
];

type OfNumber = fn(u32) -> Part;

/// Parts with a number.
const COUNTED: &[(&str, OfNumber)] = &[
    ("prefix", Part::Prefix),
    ("suffix", Part::Suffix),
    ("grams", Part::Grams),
    ("min_hash", Part::MinHash),
];

/// Characters that no column's name has outside of quotes.
const MARKS: [char; 5] = ['(', ')', ',', '|', '"'];

impl Part {
    fn name(self) -> (&'static str, Option<u32>) {
        match self {
            Part::Prefix(count) => ("prefix", Some(count)),
            Part::Suffix(count) => ("suffix", Some(count)),
            Part::Grams(count) => ("grams", Some(count)),
            Part::MinHash(seed) => ("min_hash", Some(seed)),
            part => (PLAIN.iter().find(|(_, known)| *known == part).map_or("", |(name, _)| name), None),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, keys: &[Key], between: &str| {
            keys.iter().enumerate().try_for_each(|(at, key)| {
                f.write_str(if at == 0 { "" } else { between })?;
                key.fmt(f)
            })
        };
        match self {
            Key::Column(name) if name.trim() != name || name.is_empty() || name.contains(MARKS) => {
                write!(f, "\"{}\"", name.replace('"', "\"\""))
            }
            Key::Column(name) => f.write_str(name),
            Key::Made(part, keys) => {
                let (name, count) = part.name();
                write!(f, "{name}(")?;
                list(f, keys, ", ")?;
                count.map_or(Ok(()), |count| write!(f, ", {count}"))?;
                f.write_str(")")
            }
            Key::Any(keys) => list(f, keys, " | "),
        }
    }
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut reader = Reader { rest: text, depth: 0 };
        let read = reader.any().filter(|_| reader.rest.trim().is_empty());
        let names = || {
            let plain = PLAIN.iter().map(|(name, _)| *name);
            plain.collect::<Vec<_>>().join(", ")
        };
        let key = read.ok_or_else(|| {
            Error::invalid(format!(
                "`{text}` is no key: a column is expected, or prefix(column, 4), suffix(column, 4), \
                 grams(column, 3), min_hash(column, 1), or one of {} with a column, or several of these with | between",
                names()
            ))
        })?;
        key.check()?;
        Ok(key)
    }
}

/// Reads keys one in the other.
struct Reader<'t> {
    rest: &'t str,
    depth: u32,
}

/// Keys one in the other that are read.
const DEEPEST: u32 = 8;

impl<'t> Reader<'t> {
    fn any(&mut self) -> Option<Key> {
        let first = self.one()?;
        let mut keys = vec![first];
        while self.mark('|') {
            keys.push(self.one()?);
        }
        if keys.len() == 1 { keys.pop() } else { Some(Key::Any(keys)) }
    }

    fn mark(&mut self, mark: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands before the next mark.
    fn word(&mut self) -> &'t str {
        let (word, rest) = self.rest.split_at(self.rest.find(MARKS).unwrap_or(self.rest.len()));
        self.rest = rest;
        word.trim()
    }

    fn one(&mut self) -> Option<Key> {
        if self.mark('"') {
            let mut name = String::new();
            loop {
                let (before, rest) = self.rest.split_once('"')?;
                name.push_str(before);
                self.rest = rest;
                match rest.strip_prefix('"') {
                    Some(rest) => (name.push('"'), self.rest = rest).1,
                    None => return (!name.is_empty()).then_some(Key::Column(name)),
                }
            }
        }
        let name = self.word();
        if name.is_empty() {
            return None;
        }
        if !self.mark('(') {
            return Some(Key::whole(name));
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let counted = COUNTED.iter().find(|(known, _)| *known == name);
        let mut keys = vec![self.any()?];
        let mut count = None;
        while self.mark(',') {
            if counted.is_some() {
                count = Some(self.word().parse::<u32>().ok()?);
                break;
            }
            keys.push(self.any()?);
        }
        if !self.mark(')') {
            return None;
        }
        self.depth -= 1;
        let part = match counted {
            Some((name, part)) => part(count.filter(|&count| count > 0 || *name == "min_hash")?),
            None => PLAIN.iter().find(|(known, _)| *known == name)?.1,
        };
        Some(Key::Made(part, keys))
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
    fn keys_are_written_and_read() {
        let parts = PLAIN.iter().map(|(_, part)| *part);
        let counted = [Part::Prefix(3), Part::Suffix(2), Part::Grams(3), Part::MinHash(7)];
        for part in parts.chain(counted) {
            let key = Key::part("post code", part);
            assert_eq!(key.to_string().parse::<Key>().unwrap(), key);
        }
        for text in [
            "surname",
            "prefix(sorted_letters(surname), 3)",
            "sorted_letters(prefix(given, 1), family) | sorted_letters(local_part(email))",
            "grams(\"phone (home)\", 4)",
            "\"a \"\"b\"\", c|d\"",
        ] {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), text);
        }
        let deep = format!("{}a{}", "digits(".repeat(10_000), ")".repeat(10_000));
        for bad in [
            "",
            "|",
            "a |",
            "prefix(a)",
            "prefix(a, 0)",
            "soundex(a",
            "min_hash(a, x)",
            "soundex(a, b)",
            "\"a",
            "\"\"",
            "digits(min_hash(a, 1))",
            "sorted_letters(words(a), b)",
            "a)",
            "prefix(a, 1, 2)",
            "words(a | b)",
            &deep,
        ] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }
}
