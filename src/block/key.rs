//! Key expressions: what of a value two rows must share to be compared.

use crate::{
    error::{Error, Result},
    normalize::nickname,
    similarity::{metaphone, nysiis, soundex},
    table::hash,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

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
    /// Something made of the value of a key. Of several keys only where the part can be, which is
    /// [`Part::SortedLetters`].
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
    /// Each so many characters side by side, of a value that has as many: several values.
    Grams(u32),
    /// The formal name of a given name that is a short form: `bob` and `robert` have it in common.
    FormalName,
    /// The digits.
    Digits,
    /// The letters, sorted: equal where letters are swapped, and of several columns whichever stands first.
    SortedLetters,
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

const PLAIN: &[(&str, Part)] = &[
    ("first_word", Part::FirstWord),
    ("last_word", Part::LastWord),
    ("sorted_words", Part::SortedWords),
    ("words", Part::Words),
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

/// Parts with a number.
const COUNTED: &[(&str, fn(u32) -> Part)] = &[
    ("prefix", Part::Prefix),
    ("suffix", Part::Suffix),
    ("grams", Part::Grams),
    ("min_hash", Part::MinHash),
];

/// Characters that no column's name has outside of quotes.
const MARKS: [char; 5] = ['(', ')', ',', '|', '"'];

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
            Key::Made(Part::Words | Part::Grams(_), _) | Key::Any(_) => true,
            Key::Made(_, keys) => keys.iter().any(Key::several),
        }
    }

    /// The keys of which any counts; itself alone where it is no such list.
    pub(super) fn alternatives(&self) -> &[Key] {
        match self {
            Key::Any(keys) => keys,
            own => std::slice::from_ref(own),
        }
    }

    /// Whether it can be made.
    pub(super) fn check(&self) -> Result<()> {
        let fault = |what: &str| Err(Error::invalid(format!("the key `{self}` {what}")));
        for key in self.alternatives() {
            match key {
                Key::Made(Part::SortedLetters, keys) if keys.len() > 1 => {
                    if keys.iter().any(|key| key.several() || !key.of_one()) {
                        return fault("puts together what gives several values or is put together itself");
                    }
                }
                key if !key.of_one() => {
                    return fault("makes one value of several columns, which only sorted_letters can");
                }
                _ => {}
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
            if matches!(own, Key::Made(Part::MinHash(_), _)) {
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
    let mixed = |c: char| {
        let c = (u64::from(c) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let c = (c ^ (c >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (c ^ (c >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    };
    text.chars().filter(|c| c.is_alphabetic()).map(mixed).fold(0, u64::wrapping_add)
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
        Part::Grams(count) => {
            let starts = value.char_indices().map(|(at, _)| at);
            let ends = value
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .skip((count as usize).saturating_sub(1));
            starts.zip(ends).for_each(|(from, to)| take(&value[from..to]));
        }
        what => {
            let mut made = String::new();
            part(value, what, &mut made);
            if !made.is_empty() {
                take(&made);
            }
        }
    }
}

fn part(value: &str, part: Part, out: &mut String) {
    match part {
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
        Part::LocalPart => {
            let local = value.rsplit_once('@').map_or("", |(local, _)| local);
            out.push_str(local.split('+').next().unwrap_or_default());
        }
        Part::Soundex => out.push_str(&soundex(value)),
        Part::Metaphone => out.push_str(&metaphone(value)),
        Part::Nysiis => out.push_str(&nysiis(value)),
        Part::Words | Part::Grams(_) | Part::MinHash(_) => {}
    }
}

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

    #[test]
    fn several_values() {
        let of = |value: &str, key: &str| {
            let (mut texts, key) = (Vec::new(), key.parse::<Key>().unwrap());
            key.texts(value, &mut |text| texts.push(text.to_owned()));
            texts
        };
        assert_eq!(of("ann.lee-80+shop@x.com", "words(local_part(a))"), ["ann", "lee"]);
        assert_eq!(of("jürg b", "words(a)"), ["jürg"]);
        assert_eq!(of("jürg", "grams(a, 3)"), ["jür", "ürg"]);
        assert_eq!(of("ab", "grams(a, 3)"), [""; 0]);
        assert_eq!(of("", "words(a)"), [""; 0]);
        assert_eq!(of("lee ann", "prefix(words(a), 1)"), ["l", "a"]);
        assert_eq!(letters("anna").wrapping_add(letters("lee")), letters("l.e.e1 anna"));
        assert_ne!(letters("anna"), letters("ana"));
    }
}
